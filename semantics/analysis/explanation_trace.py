"""A record carried out by the oracle, every step kept: the stream of what it tells becomes a tree."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, time
from typing import Any, Final

from semantics.analysis.explanation import (
    InstanceExplanation,
    JoinExplanation,
    RecordPlace,
    SlotExplanation,
    SourceValue,
    Step,
)
from semantics.backends import RecordFault
from semantics.backends.evaluate import Evaluator
from semantics.backends.lookup import Related
from semantics.errors import Diagnostic, Location
from semantics.expressions.tree import Data, Expr, Literal, Path
from semantics.expressions.unparse import Unwritable, read_of, unparse
from semantics.expressions.values import text_of
from semantics.plan.model import (
    JOINED,
    Build,
    ClassRule,
    Codes,
    Compute,
    Constant,
    Derive,
    Join,
    Plan,
    Read,
    Several,
    SlotRule,
    Template,
)
from semantics.records import Record
from semantics.schema.model import SchemaModel
from semantics.validation.report import Finding

__all__ = ["Explained", "Places", "explain_record"]

_MANNERS: Final[dict[type[Any], str]] = {
    Constant: "constant", Read: "copied", Compute: "computed", Template: "template", Build: "built",
    Derive: "derived", Several: "built",
}  # fmt: skip

Places = Callable[[dict[str, Any]], Record | None]
"""Tells the record that a partner's data are of."""


@dataclass(frozen=True, slots=True)
class Explained:
    """Every use of a root derivation, and what the record gives: nothing where something failed."""

    instances: tuple[InstanceExplanation, ...]
    given: tuple[dict[str, Any], ...] = ()


def explain_record(
    plan: Plan,
    target: SchemaModel,
    record: Record,
    source_class: str,
    *,
    members: tuple[Record, ...] = (),
    related: Related | None = None,
    places: Places | None = None,
) -> Explained:
    """What every root derivation of a source class does with a record, whose data are plain as for a run.

    Joins look into ``related``; ``members`` are the records of a group, which ``record`` stands for.
    """
    recorder = _Recorder(places)
    given: tuple[dict[str, Any], ...] = ()
    try:
        made = Evaluator(plan, recorder.tell, related).map(record.data, source_class, [])
        given = tuple(data for _, data in made)
    except RecordFault:
        pass  # the faults stand at their slots
    writer = _Writer(target, record)
    origins = tuple(map(RecordPlace.of, members or (record,)))
    return Explained(tuple(writer.instance(found, "", "", None, origins) for found in recorder.found), given)


# -- what was told ---------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Told:
    """What both slots and instances have."""

    pointers: dict[str, str]
    sources: dict[tuple[str, str | None], SourceValue] = field(default_factory=dict)
    steps: list[Step] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    findings: list[Diagnostic] = field(default_factory=list)


@dataclass(slots=True)
class _Slot(_Told):
    rule: SlotRule = field(kw_only=True)
    value: Any = None
    wanted: bool = True
    instances: list[_Instance] = field(default_factory=list)


@dataclass(slots=True)
class _Instance(_Told):
    rule: ClassRule = field(kw_only=True)
    value: dict[str, Any] | None = None
    wanted: bool = True
    empty: bool = False
    joins: list[JoinExplanation] = field(default_factory=list)
    slots: list[_Slot] = field(default_factory=list)

    @property
    def made(self) -> bool:
        return self.wanted and self.value is not None and not self.empty


class _Recorder:
    """Makes a tree of the stream of events that the oracle tells."""

    def __init__(self, places: Places | None) -> None:
        self.found: list[_Instance] = []
        self.open: list[_Slot | _Instance] = []
        self._place_of = places or (lambda data: None)

    def tell(self, kind: str, node: Any, value: Any) -> None:
        """One event; see :data:`semantics.backends.evaluate.Trace`."""
        match kind:
            case "enter":
                self.open.append(_Instance(dict(value), rule=node))
            case "slot":
                self.open.append(_Slot(dict(value), rule=node))
            case "join":
                self._join(node, *value)
            case "where":
                self._instance().wanted = value
            case "leave":
                self._leave(value)
            case "node":
                self._node(node, value)
            case "finding":
                if self.open:  # what is wrong with a list that instances are made of is in no instance
                    self.open[-1].findings.append(value)
            case "value":
                slot = self._slot()
                slot.value = _plain(value)
                self.open.pop()
                self._instance().slots.append(slot)
            case _:
                self._step(kind, node, value)

    def _instance(self) -> _Instance:
        found = self.open[-1]
        assert isinstance(found, _Instance)
        return found

    def _slot(self) -> _Slot:
        found = self.open[-1]
        assert isinstance(found, _Slot)
        return found

    def _join(self, join: Join, key: Any, rows: Any) -> None:
        partners = [] if rows is None else rows if type(rows) is list else [rows]
        records = tuple(RecordPlace.of(found) for row in partners if (found := self._place_of(row)) is not None)
        done = JoinExplanation(join.alias, join.source_class, _at(join.origin), _plain(key), len(partners), records)
        self._instance().joins.append(done)

    def _node(self, node: Expr, value: Any) -> None:
        asked = read_of(node)
        if asked is not None:
            self._read(asked, value)
        elif isinstance(node, Path):
            if node.variable[:1] != "=" or node.steps:
                self._read(node, value)
        elif not isinstance(node, (Literal, Data)):
            self.open[-1].steps.append(Step("expression", _text(node), _plain(value)))

    def _read(self, path: Path, value: Any) -> None:
        top = self.open[-1]
        base = None if path.variable.startswith(JOINED) else top.pointers.get(path.variable)
        pointer = None if base is None else base + "".join(f"/{step}" for step in path.steps)
        text = _partner_text(path) if path.variable.startswith(JOINED) else _text(path)
        found = SourceValue(text, pointer, _plain(value))
        top.sources.setdefault((found.path, pointer), found)

    def _step(self, kind: str, node: Any, value: Any) -> None:
        slot = self._slot()
        match kind, node:
            case "unwanted", _:
                slot.wanted = False
            case "raw", SlotRule(value=Read(path=path)):
                self._read(path, value)
            case "code", SlotRule(codes=Codes() as codes):
                code, found = value
                slot.steps.append(
                    Step("code", f"code {_shown(_plain(code))}", _plain(code if found is True else found))
                )
                if found is None or found is True:
                    slot.notes.append(_uncoded(codes, text_of(code), _shown(_plain(code))))
            case "convert", (step, before) if _plain(before) != _plain(value) or type(before) is not type(value):
                slot.steps.append(Step("conversion", f"as {step.replace('_', ' ')}", _plain(value)))
            case "default", _:
                slot.steps.append(Step("default", "default", _plain(value)))
                slot.notes.append("the value is null, so the default stands")
            case "fault", _:
                slot.notes.append(f"refused: {value}")

    def _leave(self, value: dict[str, Any] | None) -> None:
        instance = self._instance()
        self.open.pop()
        instance.value = value
        instance.empty = bool(self.open) and value is not None and len(value) <= len(instance.rule.fixed)
        if self.open:
            self._slot().instances.append(instance)
        else:
            self.found.append(instance)


# -- what is shown ---------------------------------------------------------------------------------------


class _Writer:
    """Gives everything its path in the root instance, and its place in the model."""

    def __init__(self, target: SchemaModel, record: Record) -> None:
        self._target, self._record = target, record

    def instance(
        self, told: _Instance, path: str, pointer: str, key: str | None, records: tuple[RecordPlace, ...] = ()
    ) -> InstanceExplanation:
        """An instance with everything in it."""
        rule = told.rule
        cls = self._target.classes.get(rule.target_class)
        notes = list(told.notes)
        if not told.wanted:
            notes.append("left out: the condition is not true")
        elif told.value is None:
            notes.append("left out: it could not be made")
        elif told.empty:
            notes.append("left out: it would be empty")
        if rule.whole is None:
            slots = tuple(self._slot(rule, slot, path, pointer) for slot in told.slots or _unmade(told))
        else:
            slots = tuple(self._whole(told, name, value, path, pointer) for name, value in (told.value or {}).items())
        known = {*(slot.slot for slot in slots), rule.designator}
        return InstanceExplanation(
            path=path,
            pointer=pointer,
            class_name=rule.target_class,
            rule=rule.rule,
            column=rule.origin.column,
            element=None if cls is None else _element(cls.location),
            source_pointer=told.pointers[next(reversed(told.pointers))],
            made=told.made,
            wanted=told.wanted,
            where=None if rule.where is None else _text(rule.where),
            key=key,
            records=records,
            joins=tuple(told.joins),
            sources=tuple(told.sources.values()),
            steps=tuple(told.steps) if rule.whole is None else (),
            notes=tuple(notes),
            findings=self._findings(told),
            slots=slots,
            unfilled=() if cls is None or rule.whole is not None else tuple(n for n in cls.slots if n not in known),
        )

    def _slot(self, rule: ClassRule, told: _Slot, above: str, pointer: str) -> SlotExplanation:
        slot = told.rule
        path, place = f"{above}.{slot.slot}" if above else slot.slot, f"{pointer}/{_token(slot.slot)}"
        hidden = rule.arranged is not None and slot.slot not in rule.arranged
        return SlotExplanation(
            path=path,
            pointer=place,
            class_name=rule.target_class,
            slot=slot.slot,
            value=told.value,
            rule=slot.rule,
            column=slot.origin.column,
            element=self._element(rule.target_class, slot.slot),
            manner=_MANNERS.get(type(slot.value), type(slot.value).__name__.lower()),
            hidden=hidden,
            where=None if slot.where is None else _text(slot.where),
            sources=tuple(told.sources.values()),
            steps=tuple(told.steps),
            notes=(*_reasons(told), *(("hidden: other slots see it, the instance has it not",) if hidden else ())),
            findings=self._findings(told),
            instances=tuple(self._inner(told, path, place)),
        )

    def _inner(self, told: _Slot, path: str, pointer: str) -> list[InstanceExplanation]:
        """The objects made for a slot, each with its index or key in the value."""
        found, made = [], 0
        for instance in told.instances:
            key = _key(told, instance, made)
            inner = path if key is None else f"{path}[{key}]"
            place = pointer if key is None else f"{pointer}/{_token(key)}"
            found.append(self.instance(instance, inner, place, key))
            made += instance.made
        return found

    def _whole(self, told: _Instance, name: str, value: Any, path: str, pointer: str) -> SlotExplanation:
        """A slot of an instance that one expression gives."""
        rule = told.rule
        return SlotExplanation(
            path=f"{path}.{name}" if path else name,
            pointer=f"{pointer}/{_token(name)}",
            class_name=rule.target_class,
            slot=name,
            value=_plain(value),
            rule=rule.rule,
            column=rule.origin.column,
            element=self._element(rule.target_class, name),
            manner="computed",
            sources=tuple(told.sources.values()),
            steps=tuple(told.steps),
            notes=("the expression is null",) if value is None else (),
        )

    def _element(self, class_name: str, slot: str) -> str | None:
        cls = self._target.classes.get(class_name)
        found = cls.slots.get(slot) if cls is not None else None
        return None if found is None else _element(found.location)

    def _findings(self, told: _Told) -> tuple[Finding, ...]:
        return tuple(Finding.of(found, record=self._record, rule=found.rule) for found in told.findings)


def _unmade(told: _Instance) -> list[_Slot]:
    """The slots of an instance that was not made: null, every one."""
    why = "the object is left out: its condition is not true" if not told.wanted else "the object could not be made"
    return [_Slot(told.pointers, rule=slot, notes=[why]) for slot in told.rule.slots]


def _key(slot: _Slot, instance: _Instance, made: int) -> str | None:
    """Under which index or key of its slot an object stands, or would stand."""
    rule = slot.rule
    if rule.keyed is not None and instance.value is not None and rule.keyed in instance.value:
        return text_of(instance.value[rule.keyed])
    if isinstance(rule.value, Derive) and rule.value.many:
        own = instance.pointers[instance.rule.scopes[0]].rpartition("/")[2]
        return own if isinstance(slot.value, dict) else _index(slot.value, own, instance, made)
    if isinstance(rule.value, Derive):
        return None
    return str(made) if rule.many or rule.keyed is not None else None


def _index(value: Any, own: str, instance: _Instance, made: int) -> str:
    """The index of an object in a list that may have lost elements since it was made."""
    same = isinstance(value, list) and own.isdecimal() and int(own) < len(value)
    return own if same and value[int(own)] == _plain(instance.value) else str(made)


def _reasons(slot: _Slot) -> list[str]:
    """The notes of a slot; of one that is null at least one says why."""
    if not slot.wanted:
        return [*slot.notes, "left out: the condition of the slot is not true"]
    return slot.notes or ([_absence(slot)] if slot.value is None else [])


def _uncoded(codes: Codes, code: str, shown: str) -> str:
    if code in codes.table:
        return f"code {shown} is mapped to null"
    word = {"error": "the record is rejected", "pass": "it passes as it is"}.get(codes.unmapped, "null")
    return f"code {shown} has no entry: {word} (unmapped: {codes.unmapped})"


def _absence(slot: _Slot) -> str:
    """Why a slot has no value although nothing failed."""
    rule = slot.rule
    empty = [found.path for found in slot.sources.values() if found.value in (None, [])]
    named = " and ".join(f"'{name}'" for name in empty)
    match rule.value:
        case Read(path=path):
            return f"source slot '{_text(path)}' is null"
        case Template():
            return f"a value of the template is null: {named or 'an expression'}"
        case Compute():
            return f"the expression is null{f' ({named} is null)' if named else ''}"
        case Build(over=Path() as over) if not slot.instances:
            return f"source slot '{_text(over)}' is null or an empty list"
        case Build():
            return "no derivation made an object"
        case Derive():
            return f"what it is derived from is null{f': {named}' if named else ''}"
        case _:
            return "null"


def _at(origin: Location) -> str:
    return f"{origin.file or '<mapping>'}:{origin.line or 1}"


def _element(location: Location | None) -> str | None:
    return f"{location.file}:{location.line}" if location is not None and location.file and location.line else None


def _token(name: str) -> str:
    """A name as a part of a JSON Pointer (RFC 6901, section 3)."""
    return name.replace("~", "~0").replace("/", "~1")


def _text(node: Expr) -> str:
    """An expression as it is shown; a name that no expression can say stands as it is."""
    try:
        return unparse(node)
    except Unwritable:
        return unparse(node, lambda path: ".".join(path.steps or (path.variable,)))


def _partner_text(path: Path) -> str:
    """What is read of a partner, by the alias of its join."""
    return ".".join((path.variable.removeprefix(JOINED), *path.steps))


def _plain(value: Any) -> Any:
    """A value as it is shown: moments as their text, everything else as it is."""
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return text_of(value) if isinstance(value, (date, time)) else value


def _shown(value: Any) -> str:
    return f"'{value}'" if isinstance(value, str) else text_of(value)
