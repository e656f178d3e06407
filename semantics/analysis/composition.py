"""Two mappings, one after the other, as one: A to B and B to C give A to C.

Every derivation of the second mapping is written again over the records of the first: slots that it copies, expressions
whose slots are replaced by what makes them, objects for objects, elements for elements. For a record that the first
mapping maps, the composed one gives what both give one after the other. What it leaves out are the checks of the middle
model; what it cannot do exactly it refuses by name.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from semantics.analysis.known import beyond
from semantics.analysis.output import as_yaml
from semantics.analysis.substitution import Made, Refused, Scope, Substitution, conjunction
from semantics.errors import Diagnostic, Location, MappingError, Severity
from semantics.expressions.tree import Expr, Literal, Path, walk
from semantics.expressions.types import Kind
from semantics.expressions.unparse import Unwritable, unparse
from semantics.expressions.values import text_of
from semantics.mapping.load import read_mapping
from semantics.plan.build import build_plan
from semantics.plan.model import Build, ClassRule, Codes, Compute, Constant, Plan, Read, SlotRule, Template
from semantics.plan.scope import slot_type
from semantics.schema.model import SchemaModel, SlotModel

__all__ = ["Composition", "compose"]

_DEEPEST: Final = 24


@dataclass(frozen=True, slots=True)
class Composition:
    """The composed mapping (data that :func:`semantics.load_mapping` takes), and what was found on the way."""

    mapping: dict[str, Any]
    findings: tuple[Diagnostic, ...]

    def to_yaml(self) -> str:
        """The mapping as a file."""
        return as_yaml(self.mapping)


def compose(
    first: Plan, second: Plan, source: SchemaModel, middle: SchemaModel, target: SchemaModel,
    schemas: tuple[Any, Any] = (None, None),
) -> Composition:  # fmt: skip
    """The composition of two plans over ``source``, ``middle`` and ``target``.

    ``schemas`` are the names of source and target as the mappings have them. Raises :class:`MappingError` with
    everything that cannot be composed.
    """
    composer = _Composer(first, second, source, middle, target)
    derivations = list(composer.derivations())
    composer.compare_schemas()
    composer.unread()
    if composer.errors:
        raise MappingError([*composer.errors, *composer.warnings])
    mapping = {
        "name": f"{first.name}-{second.name}",
        "source_schema": schemas[0] or first.source_schema,
        "target_schema": schemas[1] or second.target_schema,
        "class_derivations": derivations,
    }
    if first.source != type(first.source)():
        mapping = {**{key: mapping[key] for key in list(mapping)[:3]}, "source": _layout(first), **mapping}
    try:
        _, warnings = build_plan(read_mapping(mapping), source, target)
    except MappingError as fault:
        place = Location(second.file, 1)
        raise MappingError(
            [Diagnostic("CHK020", f"the composition is refused: {one.message}", place) for one in fault.diagnostics]
        ) from None
    return Composition(mapping, (*composer.warnings, *warnings))


def _layout(plan: Plan) -> dict[str, Any]:
    """Where the records are: as the first mapping says."""
    layout = plan.source
    found: dict[str, Any] = {"format": layout.format, "unknown": layout.unknown}
    if layout.selectors:
        found["records"] = [
            {key: value for key, value in {
                "path": selector.path, "has": list(selector.has), "unless": list(selector.unless),
                "class": {"by": selector.class_by} if selector.class_by else selector.class_name,
            }.items() if value}
            for selector in layout.selectors
        ]  # fmt: skip
    if layout.wrap_single_values:
        found["wrap_single_values"] = True
    return {key: value for key, value in found.items() if value}


@dataclass(frozen=True)
class _Place:
    """Where a derivation of the second mapping stands: what its variables are, and the element classes around it."""

    scope: Scope
    around: tuple[str | None, ...] = ()
    depth: int = 0


class _Composer:
    def __init__(
        self, first: Plan, second: Plan, source: SchemaModel, middle: SchemaModel, target: SchemaModel
    ) -> None:
        self.first, self.second = first, second
        self.source, self.middle, self.target = source, middle, target
        self.substitution = Substitution(first, source, middle)
        self.errors: list[Diagnostic] = []
        self.warnings: list[Diagnostic] = []

    # -- findings -------------------------------------------------------------------------------

    def refuse(self, fault: Refused | Unwritable, rule: SlotRule | ClassRule) -> None:
        """Something that cannot be composed, at its line of the second mapping, with the line of the first."""
        other = getattr(fault, "rule", None)
        hint = f"made at {other.origin}" if other is not None and other.origin != rule.origin else None
        self.errors.append(Diagnostic("CHK020", f"this cannot be composed: {fault}", rule.origin, hint))

    def _warn(self, code: str, message: str, place: Location, hint: str | None = None) -> None:
        found = Diagnostic(code, message, place, hint, severity=Severity.WARNING)
        if found not in self.warnings:
            self.warnings.append(found)

    def compare_schemas(self) -> None:
        """Both mappings must mean the same middle model."""
        ours, theirs = self.first.digests.get("target_schema"), self.second.digests.get("source_schema")
        place = Location(self.second.file, 1)
        if self.first.target_schema != self.second.source_schema:
            message = f"the first mapping makes '{self.first.target_schema}' and the second reads"
            self._warn("CHK021", f"{message} '{self.second.source_schema}'", place)
        elif ours != theirs:
            self._warn("CHK021", f"the mappings were made for different states of '{self.first.target_schema}'", place)

    def unread(self) -> None:
        """What the first mapping makes and the second has no use for."""
        read = self.substitution.read
        for name in dict.fromkeys(name for names in self.first.roots.values() for name in names):
            rule = self.first.rules[name]
            if rule.target_class not in self.second.roots:
                message = f"instances of '{rule.target_class}' are made, and the second mapping derives nothing of them"
                self._warn("CHK022", message, rule.origin)
                continue
            for slot in rule.slots:
                if (rule.target_class, slot.slot) not in read and slot.slot != rule.designator:
                    self._warn("CHK023", f"'{rule.target_class}.{slot.slot}' is made and never read", slot.origin)

    # -- classes --------------------------------------------------------------------------------

    def derivations(self) -> Iterator[dict[str, Any]]:
        """A derivation for every pair: a root of the first, and a root of the second for what that makes."""
        for name in dict.fromkeys(name for names in self.first.roots.values() for name in names):
            rule = self.first.rules[name]
            made = Made(rule, {rule.scopes[0]: Path(variable="record")})
            for other in self.second.roots.get(rule.target_class, ()):
                found = self._class(self.second.rules[other], made, _Place({}))
                if found is not None:
                    yield found
        if self.first.groups or self.second.groups or self.first.lookups or self.second.lookups:
            place = Location(self.second.file, 1)
            self.errors.append(Diagnostic("CHK020", "this cannot be composed: groups and joins", place))
        if (self.first.dialect, self.second.dialect) != ("strict", "strict"):
            place = Location(self.second.file, 1)
            self.errors.append(Diagnostic("CHK020", "this cannot be composed: mappings of another tool", place))

    def _class(self, rule: ClassRule, made: Made, place: _Place, *, root: bool = True) -> dict[str, Any] | None:
        """One class derivation of the second mapping, over the record that makes its instance."""
        scope = {**place.scope, rule.scopes[-1]: made} if root else place.scope
        here = replace(place, scope=scope)
        if (unknown := beyond(rule)) or rule.arranged is not None:
            self.refuse(Refused(f"a derivation with {(*unknown, 'hidden slots')[0].replace('_', ' ')}"), rule)
            return None
        body: dict[str, Any] = {}
        try:
            where = self._where(rule, made, here, root=root)
            if where is not None:
                body["where"] = where
        except (Refused, Unwritable) as fault:
            self.refuse(fault, rule)
        slots: dict[str, Any] = {}
        for slot in rule.slots:
            if slot.slot == rule.designator:
                continue
            try:
                found = self._slot(rule, slot, here)
            except (Refused, Unwritable) as fault:
                self.refuse(fault, slot)
                continue
            if found is not None:
                slots[slot.slot] = found
        if root:
            body = {"populated_from": made.rule.source_class, **body}
        elif (telling := {slot.slot for slot in rule.slots if _counts(slot)} - {rule.designator}) and not telling & {
            *slots
        }:
            return None  # nothing is left but constants, which alone do not make the object
        return {rule.target_class: {**body, "slot_derivations": slots}}

    def _where(self, rule: ClassRule, made: Made, place: _Place, *, root: bool) -> str | None:
        tests: list[Expr] = []
        if root and made.rule.where is not None:
            tests.append(self.substitution.renamed(made.rule.where, made.names))
        if rule.where is not None:
            tests.append(self.substitution.expression(rule.where, place.scope))
        test = conjunction(tuple(tests))
        return None if test is None else self._text(test, place)

    def _text(self, node: Expr, place: _Place) -> str:
        """An expression of the composed mapping; a name that an element around it would hide is refused."""
        for part in walk(node):
            if isinstance(part, Path) and part.variable == "record" and part.steps:
                self._visible(part.steps[0], place)
        return unparse(node)

    def _visible(self, name: str, place: _Place) -> None:
        for cls in place.around:
            if cls in self.source.classes and any(
                name in self.source.classes[one].slots for one in (cls, *self.source.classes[cls].descendants)
            ):
                raise Refused(f"'{name}' of the record is hidden by the slot of the same name of '{cls}'")

    # -- slots ----------------------------------------------------------------------------------

    def _slot(self, rule: ClassRule, slot: SlotRule, place: _Place) -> dict[str, Any] | None:
        """One slot derivation; None where it would always be null."""
        if unknown := beyond(slot):
            raise Refused(f"a slot with {unknown[0].replace('_', ' ')}")
        model = self.target.classes[rule.target_class].slots[slot.slot]
        before = set(self.substitution.unwritten)
        found = self._value(slot, model, place)
        for cls, name in [key for key in self.substitution.unwritten if key not in before]:
            self._warn("CHK024", f"'{cls}.{name}' is read here, and the first mapping never writes it", slot.origin)
        if found is None:
            return None
        if slot.where is not None:
            found["where"] = self._text(self.substitution.expression(slot.where, place.scope), place)
        return found

    def _value(self, slot: SlotRule, model: SlotModel, place: _Place) -> dict[str, Any] | None:
        match slot.value:
            case Constant() as constant:
                return {"value": _plain(constant, many=slot.many)}
            case Build() as build:
                return self._objects(slot, build, place)
            case Template() as template:
                found: dict[str, Any] = {"iri": self._template(template, place)}
            case Read(path=path):
                return self._copied(slot, model, path, place)
            case Compute(expression=expression):
                found = {"expr": self._text(self.substitution.expression(expression, place.scope), place)}
            case other:
                raise Refused(f"a {type(other).__name__.lower()}")
        return {**found, **self._rest(slot)}

    def _rest(self, slot: SlotRule) -> dict[str, Any]:
        """Codes and default of the second mapping, as they are."""
        found: dict[str, Any] = {}
        if slot.codes is not None:
            if any(code != entry.value for code, entry in slot.codes.table.items()):
                found["value_mappings"] = {code: _one(entry) for code, entry in slot.codes.table.items()}
            if slot.codes.unmapped != "error":
                found["unmapped"] = slot.codes.unmapped
        if slot.default is not None:
            found["default"] = _plain(slot.default, many=slot.many)
        return found

    def _template(self, template: Template, place: _Place) -> str:
        parts = []
        for part in template.parts:
            if part.value is None:
                parts.append(part.text or "")
                continue
            inner = self._text(self.substitution.expression(part.value, place.scope), place)
            if "{" in inner or "}" in inner:
                raise Refused("braces in a template")
            parts.append(f"{{{'+' if part.keep_reserved else ''}{inner}}}")
        return "".join(parts)

    def _copied(self, slot: SlotRule, model: SlotModel, path: Path, place: _Place) -> dict[str, Any] | None:
        """A slot that is copied: from where the middle slot was copied, with both tables of codes as one."""
        made = place.scope.get(path.variable)
        if made is None or len(path.steps) != 1 or made.conditions:
            return {"expr": self._text(self.substitution.path(path, place.scope), place), **self._rest(slot)}
        rule = next((found for found in made.rule.slots if found.slot == path.steps[0]), None)
        if rule is None or isinstance(rule.value, Build) or rule.where is not None or beyond(rule):
            value = self.substitution.path(path, place.scope)
            if isinstance(value, Literal) and value.value is None:
                return {"value": _plain(slot.default, many=slot.many)} if slot.default is not None else None
            return {"expr": self._text(value, place), **self._rest(slot)}
        self.substitution.read.add((made.rule.target_class, rule.slot))
        if rule.codes is None:
            return self._one_after_the_other(slot, model, rule, made, path, place)
        return {**self._base(rule, made, place), **self._tables(slot, rule, rule.codes)}

    def _base(self, rule: SlotRule, made: Made, place: _Place) -> dict[str, Any]:
        """What the first mapping reads, before its codes: copied where it copies."""
        if isinstance(rule.value, Template):
            parts = []
            for part in rule.value.parts:
                if part.value is None:
                    parts.append(part.text or "")
                else:
                    inner = self._text(self.substitution.renamed(part.value, made.names), place)
                    parts.append(f"{{{'+' if part.keep_reserved else ''}{inner}}}")
            return {"iri": "".join(parts)}
        value = self.substitution.plain(made, rule)
        if isinstance(value, Path):
            if value.variable == "record" and value.steps:
                self._visible(value.steps[0], place)
            names_of = value.steps if value.variable == "record" else (value.variable, *value.steps)
            return {"populated_from": ".".join(names_of)}
        return {"expr": self._text(value, place)}

    def _one_after_the_other(
        self, slot: SlotRule, model: SlotModel, rule: SlotRule, made: Made, path: Path, place: _Place
    ) -> dict[str, Any]:
        """No codes in the first: its value, its default, and what the second makes of it."""
        held, rest = path.type, self._rest(slot)
        if isinstance(rule.value, Constant):
            value = self.substitution.path(path, place.scope)
            return {"expr": self._text(value, place), **rest}
        if isinstance(rule.value, Template):
            if held.kind is not Kind.STRING:
                raise Refused(f"an IRI in '{rule.slot}', which holds {held}", rule)
            if rule.default is None and slot.codes is None:
                return {**self._base(rule, made, place), **rest}
            return {"expr": self._text(self.substitution.path(path, place.scope), place), **rest}
        plain = self.substitution.plain(made, rule)
        same = plain.type.kind is held.kind and plain.type.as_text == held.as_text
        kept = held.kind is Kind.STRING and plain.type.kind in (Kind.DATE, Kind.DATETIME, Kind.TIME)
        fits = slot_type(self.target, model).kind in (Kind.STRING, plain.type.kind)
        copied = isinstance(plain, Path) and (plain.type.kind is held.kind or (kept and fits))
        if copied and rule.default is None:
            return {**self._base(rule, made, place), **rest}
        if copied and slot.codes is None and slot.default is None and rule.default is not None:
            return {**self._base(rule, made, place), "default": _plain(rule.default, many=slot.many)}
        if isinstance(plain, Path) or not plain.type.many:
            value = self.substitution.path(path, place.scope)
        elif rule.default is None and same:
            value = plain
        else:
            raise Refused(f"a computed list in '{rule.slot}'", rule)
        return {"expr": self._text(value, place), **rest}

    def _tables(self, slot: SlotRule, rule: SlotRule, first: Codes) -> dict[str, Any]:
        """Two tables of codes as one; a code that either of them refuses has no entry."""
        if first.unmapped == "pass":
            raise Refused(f"codes in '{rule.slot}' that pass without an entry", rule)
        second = slot.codes
        table: dict[str, Any] = {}
        refused = False
        for code, entry in first.table.items():
            value = _through(second, entry)
            refused = refused or value is _REFUSED
            if value is not _REFUSED:
                table[code] = value
        found: dict[str, Any] = {"value_mappings": table}
        default = slot.default
        if rule.default is not None:
            other = _through(second, rule.default.items[0])
            if other is _REFUSED or other is None or len(rule.default.items) != 1 or None in table.values():
                raise Refused(f"the default of '{rule.slot}' is a code of its own", rule)
            found["default"] = other
        elif default is not None:
            found["default"] = _plain(default, many=slot.many)
        if first.unmapped != "error":
            if refused:
                raise Refused(f"codes in '{rule.slot}' that become null, and others that are refused", rule)
            found["unmapped"] = "default" if "default" in found else "null"
        return found

    # -- objects --------------------------------------------------------------------------------

    def _objects(self, slot: SlotRule, build: Build, place: _Place) -> dict[str, Any] | None:
        if place.depth > _DEEPEST:
            raise Refused("objects nested in objects of their own class")
        if slot.keyed is not None or build.index is not None:
            raise Refused("objects by key, or one element of a list")
        if any(self.second.rules[name].over is not None for name in build.rules):
            raise Refused("elements of several lists")
        if build.over is None:
            made = place.scope[next(reversed(list(place.scope)))]
            assert made is not None
            below = replace(place, depth=place.depth + 1)
            entries = [self._class(self.second.rules[name], made, below, root=False) for name in build.rules]
            kept = [entry for entry in entries if entry is not None]
            return {"class_derivations": kept} if kept else None
        targets = self.substitution.target(build.over, place.scope)
        if build.identifier is not None:
            return self._reference(build, targets, place)
        if not targets:
            return None
        if len(targets) > 1 and any(one.over is not None for one in targets):
            raise Refused("elements of lists that several derivations make")
        return self._of_targets(build, targets, place)

    def _of_targets(self, build: Build, targets: tuple[Made, ...], place: _Place) -> dict[str, Any] | None:
        if len({made.over for made in targets}) > 1:
            raise Refused("elements of several lists")
        entries: list[dict[str, Any]] = []
        around = place.around
        over = targets[0].over
        if over is not None:
            if over.variable == "record":
                self._visible(over.steps[0], place)
            around = (*around, over.type.of)
        for made in targets:
            for name in build.rules:
                rule = self.second.rules[name]
                bare = replace(made, conditions=())
                inner = {**place.scope, build.variable: bare} if build.variable else {rule.scopes[0]: bare}
                below = _Place(inner, around, place.depth + 1)
                entry = self._class(rule, made, below, root=False)
                if entry is not None:
                    entries.append(self._conditioned(entry, rule, made, below))
        if not entries:
            return None
        found: dict[str, Any] = {"class_derivations": entries}
        if over is not None:
            names = over.steps if over.variable == "record" else (over.variable, *over.steps)
            found = {"for_each": ".".join(names), "as": targets[0].variable, **found}
        return found

    def _conditioned(self, entry: dict[str, Any], rule: ClassRule, made: Made, place: _Place) -> dict[str, Any]:
        """The conditions under which the middle object is there; that it is not empty, where that would show."""
        tests = list(made.conditions)
        if any(isinstance(slot.value, Constant) or slot.default is not None for slot in rule.slots
               if slot.slot != rule.designator) or rule.where is not None or _chooses(rule):  # fmt: skip
            tests += self.substitution.filled(made)
        if not tests:
            return entry
        if rule.where is not None:
            tests.append(self.substitution.expression(rule.where, place.scope))
        test = conjunction(tuple(tests))
        assert test is not None
        ((name, body),) = entry.items()
        rest = {key: value for key, value in body.items() if key != "where"}
        return {name: {"where": self._text(test, place), **rest}}

    def _reference(self, build: Build, targets: tuple[Made, ...], place: _Place) -> dict[str, Any] | None:
        """A reference: the identifier that the derivation for references gives the object."""
        if not targets:
            return None
        rule = self.second.rules[build.rules[0]]
        slot = next((slot for slot in rule.slots if slot.slot == build.identifier), None)
        one = targets[0]
        several = len(targets) > 1 or len(build.rules) > 1 or one.over is not None or one.listed
        if several or one.conditions or slot is None:
            raise Refused("references to several objects")
        if rule.where is not None:
            raise Refused("references under a condition")
        inner: Mapping[str, Made | None] = {rule.scopes[0]: one}
        model = self.target.classes[rule.target_class].slots[slot.slot]
        return self._value(slot, model, _Place(inner, place.around, place.depth + 1))


def _chooses(rule: ClassRule) -> bool:
    """Whether an expression of a rule can give something where everything it reads is null."""
    return any(isinstance(slot.value, (Compute, Build)) for slot in rule.slots)


_REFUSED: Final = object()


def _through(codes: Codes | None, entry: Literal) -> Any:
    """What a second table makes of the value that a first gave."""
    value = _one(entry)
    if codes is None or value is None:
        return value
    found = codes.table.get(text_of(value))
    if found is not None:
        return _one(found)
    return {"error": _REFUSED, "pass": value}.get(codes.unmapped)


def _one(item: Literal) -> Any:
    """A constant as a mapping file has it; decimals as their text."""
    return item.value


def _counts(slot: SlotRule) -> bool:
    """Whether a value of a slot makes an object worth keeping: a constant says nothing of the record."""
    return not isinstance(slot.value, Constant) or slot.where is not None


def _plain(constant: Constant, *, many: bool) -> Any:
    items = [_one(item) for item in constant.items]
    return items if many or len(items) > 1 else items[0]
