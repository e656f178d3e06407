"""The compiled classes of a schema: which class an object is of, and the check of its slots.

A class is compiled when it is first asked for, together with what can stand inside its instances.
Compiling goes by a work list and objects find their class in a table, so recursive and deep models need no
recursion here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, Final

from msgspec import structs

from semantics.errors import shape
from semantics.lexical import Primitive
from semantics.schema.model import ClassModel, SchemaModel, SlotExpression
from semantics.validation.conditions import Condition, class_conditions, expressions_of
from semantics.validation.distinct import told_apart
from semantics.validation.expressions import class_ranges
from semantics.validation.findings import Place, known_names, pointer_to, shortened
from semantics.validation.scalars import ValueCheck, any_check
from semantics.validation.slots import Entry, SlotCheck, least, slot_check

__all__ = ["Accept", "ClassTable", "CompiledClass"]

Accept = Callable[[Any], bool]
_IRIS: Final = frozenset({Primitive.URI, Primitive.URIORCURIE, Primitive.CURIE})


class _OpenEntries(dict[str, Entry]):
    """The entries of an open class: that of a key which is no slot is what the class takes there."""

    def __init__(self, compiled: CompiledClass) -> None:
        super().__init__()
        self.compiled = compiled

    def __missing__(self, key: Any) -> Entry:
        if not isinstance(key, str) or self.compiled.extra is None:
            raise KeyError(key)
        return self.compiled.extra.entry


class CompiledClass:
    """One concrete class: the tables of its slots and conditions, which are filled after it is made."""

    def __init__(self, cls: ClassModel) -> None:
        self.cls = cls
        self.slots: dict[str, SlotCheck] = {}
        self.extra: SlotCheck | None = None
        self.entries: dict[str, Entry] = {} if cls.extra is None else _OpenEntries(self)
        self.conditions: list[Condition] = []
        required = [slot.name for slot in cls.slots.values() if least(slot) >= 1]
        self.accept = self._acceptor(tuple(required))
        self.accept_keyed = self._acceptor(tuple(name for name in required if name != cls.identifier))

    def _acceptor(self, required: tuple[str, ...]) -> Accept:
        """The fast test of an object: nothing is allocated, and no finding is made."""
        entries, conditions = self.entries, self.conditions

        def accept(data: Any) -> bool:
            if type(data) is not dict and not isinstance(data, dict):
                return False
            try:
                for name in required:
                    if data[name] is None:
                        return False
                for key, value in data.items():
                    only, quick, rest = entries[key]
                    if type(value) is only or quick(value) or rest(value):
                        continue
                    return False
            except (KeyError, TypeError):
                return False
            return not conditions or all(condition.holds(data) for condition in conditions)

        return accept

    def explain(self, data: dict[Any, Any], place: Place, *, keyed: bool) -> None:
        """Note everything that is wrong with an object of this class."""
        here = place.of_class(self.cls)
        for key, value in data.items():
            if not isinstance(key, str):
                here.note("VAL017", "closed", f"expected keys that are text, found {shape(key)}")
            elif (check := self.slots.get(key)) is None:
                self._undeclared(key, value, here)
            elif value is not None or not (keyed and key == self.cls.identifier):
                check.explain(value, here.of_slot(check.slot))
        for name, check in self.slots.items():
            if name not in data and not (keyed and name == self.cls.identifier):
                check.explain_absence(here.of_slot(check.slot, present=False))
        for condition in self.conditions:
            if not condition.holds(data):
                condition.explain(data, here)

    def _undeclared(self, key: str, value: Any, here: Place) -> None:
        if self.extra is not None:
            if value is not None:
                self.extra.explain(value, here.of_slot(structs.replace(self.extra.slot, name=key)))
            return
        member = replace(here, pointer=pointer_to(here.pointer, key))
        text = f"has no slot '{shortened(key)}'"
        member.note("VAL002", "closed", text, hint=known_names(key, list(self.slots)))


class ClassTable:
    """The classes of a schema, compiled as they are asked for; checks objects of a declared range.

    ``memo`` holds verdicts on nested objects while one instance is checked. It is used only where a
    schema has class ranges inside boolean constraints or conditions: there the same object is judged more
    than once, and without it the work could double at every level of nesting.
    """

    def __init__(self, schema: SchemaModel) -> None:
        self.schema = schema
        self.memo: dict[tuple[int, str, bool], bool] | None = {} if _ambiguous(schema) else None
        self._compiled: dict[str, CompiledClass] = {}
        self._waiting: list[CompiledClass] = []
        self._members: dict[str, dict[str | None, CompiledClass]] = {}
        self._checks: dict[tuple[str, bool], ValueCheck] = {}

    def root(self, name: str) -> ValueCheck:
        """The check of an instance that stands by itself, compiled with everything below it."""
        if self.schema.takes_any(name):
            return any_check()
        check = self.object_check(name, keyed=False)
        while self._waiting:
            self._fill(self._waiting.pop())
        return check

    def compiled(self, name: str) -> CompiledClass | None:
        """A concrete class that :meth:`root` has compiled."""
        return self._compiled.get(name)

    def object_check(self, range_: str, *, keyed: bool) -> ValueCheck:
        """The check of an object whose declared class is ``range_``; not ready before :meth:`root` ends."""
        known = self._checks.get((range_, keyed))
        if known is not None:
            return known
        accept = self._acceptor(range_, keyed=keyed)

        def explain(value: Any, place: Place) -> None:
            if not isinstance(value, dict):
                place.note("VAL015", "range", f"expected an object of '{range_}', found {shape(value)}")
            elif (compiled := self._meant(range_, value)) is not None:
                compiled.explain(value, place, keyed=keyed)
            else:
                self._explain_class(range_, value, place)

        check = self._checks[range_, keyed] = ValueCheck(accept, explain, accept)
        return check

    def admits(self, range_: str, value: Any) -> bool:
        """Whether a value is an object that is meant as an instance of ``range_``, valid or not."""
        return isinstance(value, dict) and self._meant(range_, value) is not None

    def class_of(self, range_: str, value: Any) -> ClassModel | None:
        """The class that an object is meant as where ``range_`` is declared; None where that is none."""
        meant = self._meant(range_, value) if isinstance(value, dict) else None
        return meant.cls if meant else None

    # -- compiling ---------------------------------------------------------------------------

    def _acceptor(self, range_: str, *, keyed: bool) -> Accept:
        members = {
            name: compiled.accept_keyed if keyed else compiled.accept for name, compiled in self.members(range_).items()
        }
        designator = self._designator(range_)
        plain = members.get(None, _nothing) if designator is None else _by_designator(members, designator)
        memo = self.memo
        if memo is None:
            return plain

        def remembered(data: Any) -> bool:
            key = (id(data), range_, keyed)
            verdict = memo.get(key)
            if verdict is None:
                verdict = memo[key] = plain(data)
            return verdict

        return remembered

    def members(self, range_: str) -> dict[str | None, CompiledClass]:
        """The classes that may stand where ``range_`` is declared, by designator; None is without one."""
        known = self._members.get(range_)
        if known is not None:
            return known
        members = self._members[range_] = {}
        designator = self._designator(range_)
        for name in self.schema.concrete(range_):
            if name == range_:
                members[None] = self._class(name)
            if designator is not None:
                for text in self._designations(range_, designator, name):
                    members.setdefault(text, self._class(name))
        return members

    def _designator(self, range_: str) -> str | None:
        """The slot by which an object tells its class."""
        cls = self.schema.classes[range_]
        name = cls.designator
        return None if name is None or cls.slots[name].many else name

    def _designations(self, range_: str, designator: str, name: str) -> Iterator[str]:
        """The texts that name a class: its name, or its URI where the slot holds IRIs (LinkML)."""
        slot = self.schema.classes[range_].slots[designator]
        if self.schema.primitive(slot) not in _IRIS:
            yield name
            return
        uri = self.schema.classes[name].uri
        yield uri
        if (curie := self.schema.compact(uri)) is not None:
            yield curie

    def _class(self, name: str) -> CompiledClass:
        compiled = self._compiled.get(name)
        if compiled is None:
            compiled = self._compiled[name] = CompiledClass(self.schema.classes[name])
            self._waiting.append(compiled)
        return compiled

    def _fill(self, compiled: CompiledClass) -> None:
        for name, slot in compiled.cls.slots.items():
            check = compiled.slots[name] = told_apart(self, slot, slot_check(self, slot))
            compiled.entries[name] = check.entry
        if (extra := compiled.cls.extra) is not None:
            compiled.extra = told_apart(self, extra, slot_check(self, extra))
        compiled.conditions.extend(class_conditions(self, compiled.cls))

    # -- explaining --------------------------------------------------------------------------

    def _meant(self, range_: str, data: dict[Any, Any]) -> CompiledClass | None:
        designator = self._designator(range_)
        given = data.get(designator) if designator is not None else None
        if given is not None and not isinstance(given, str):
            return None
        return self.members(range_).get(given)

    def _explain_class(self, range_: str, data: dict[Any, Any], place: Place) -> None:
        """Why an object is of no class that may stand here."""
        here = place.of_class(self.schema.classes[range_])
        designator = self._designator(range_)
        given = data.get(designator) if designator is not None else None
        names = [name for name in self.members(range_) if name is not None]
        if designator is None or given is None:
            hint = f"'{designator}' must name one of its classes" if designator else None
            text = f"'{range_}' is abstract: it has no instances of its own"
            here.note("VAL013", "abstract", text, hint=hint if hint is None else _listed(hint, names))
            return
        at = here.of_slot(self.schema.classes[range_].slots[designator])
        if not isinstance(given, str):
            at.note("VAL012", "designates_type", f"expected the name of a class, found {shape(given)}")
            return
        named = self.schema.classes.get(given)
        if named is not None and range_ in named.ancestors:
            at.note("VAL013", "abstract", f"names '{named.name}', which has no instances of its own",
                    hint=_listed("concrete classes", names))  # fmt: skip
        else:
            what = f"names a class that is no '{range_}'" if named else "names no class of the schema"
            at.note("VAL012", "designates_type", what, hint=known_names(given, names))


def _listed(words: str, names: list[str]) -> str:
    return f"{words}: {', '.join(names[:12])}{' ...' if len(names) > 12 else ''}"


def _nothing(data: Any) -> bool:
    return False


def _by_designator(members: dict[str | None, Accept], designator: str) -> Accept:
    """The test of an object that tells its class itself."""

    def accept(data: Any) -> bool:
        try:
            member = members[data.get(designator)]
        except (KeyError, TypeError, AttributeError):
            return False
        return member(data)

    return accept


def _ambiguous(schema: SchemaModel) -> bool:
    """Whether an object may be judged more than once: class ranges in boolean constraints or conditions."""
    for cls in schema.classes.values():
        parts: list[SlotExpression] = expressions_of(cls)
        for slot in (*cls.slots.values(), *((cls.extra,) if cls.extra else ())):
            parts += [part for _, members in slot.boolean for part in members]
        if any(True for part in parts for _ in class_ranges(schema, part)):
            return True
    return False
