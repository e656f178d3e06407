"""The target schema that a mapping implies, from its derivations and the source schema alone.

Classes and slots are those that the mapping derives. A slot that is copied keeps the range, cardinality and constraints
of its source; what is computed has the type of its expression; codes make an enum of the values that they become;
nested derivations make objects. ``target_definition`` adds what nothing else gives, ``overrides`` replaces.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import PurePath
from typing import Any, Final

from semantics.analysis.output import as_yaml
from semantics.errors import Diagnostic, ExpressionError, MappingError
from semantics.expressions.check import check
from semantics.expressions.tree import Expr, Path
from semantics.expressions.types import ANY, Kind, Type
from semantics.mapping.loaded import LoadedMapping
from semantics.mapping.spec import OF_RANGE, ClassDerivation, EnumDerivation, SlotDerivation
from semantics.plan.copies import with_copies
from semantics.plan.findings import Findings
from semantics.plan.names import parsed
from semantics.plan.scope import Frame, SchemaScope
from semantics.schema.model import EnumModel, Form, SchemaModel, SlotModel
from semantics.yaml_source import Plain

__all__ = ["DerivedSchema", "derive_schema"]

_RANGES: Final = {
    Kind.STRING: "string", Kind.INTEGER: "integer", Kind.DECIMAL: "decimal", Kind.FLOAT: "float",
    Kind.BOOLEAN: "boolean", Kind.DATE: "date", Kind.DATETIME: "datetime", Kind.TIME: "time", Kind.ANY: "string",
}  # fmt: skip
_FACETS: Final = ("pattern", "minimum_value", "maximum_value", "description", "unit")
_OTHERWISE: Final = ("aggregation_operation", "pivot_operation", "dictionary_key", "inverse_of", "offset")

Path_ = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class DerivedSchema:
    """A LinkML schema as plain data, and what could only be guessed."""

    schema: dict[str, Any]
    findings: tuple[Diagnostic, ...]

    def to_yaml(self) -> str:
        """The schema as a file."""
        return as_yaml(self.schema)


def derive_schema(loaded: LoadedMapping, source: SchemaModel) -> DerivedSchema:
    """The schema that a mapping of ``source`` implies. Raises :class:`MappingError` for names it cannot resolve."""
    deriver = _Deriver(loaded, source)
    classes = deriver.classes()
    if deriver.findings.errors:
        raise MappingError(deriver.findings.errors)
    name = _name(loaded, source)
    identifier = f"{source.id.rstrip('/')}/{name}" if source.id else f"https://example.org/{name}"
    schema: dict[str, Any] = {
        "id": identifier,
        "name": name,
        "imports": ["linkml:types"],
        "prefixes": {**source.namespaces, **loaded.spec.prefixes, "linkml": "https://w3id.org/linkml/"},
        "default_prefix": f"{identifier}/",
        "default_range": "string",
        "classes": classes,
    }
    if deriver.enums:
        schema["enums"] = deriver.enums
    return DerivedSchema(schema, tuple(deriver.findings.found))


def _name(loaded: LoadedMapping, source: SchemaModel) -> str:
    """The name that the mapping gives its target, else one made of the source's."""
    given = loaded.spec.target_schema
    return PurePath(given).stem if given else f"{source.name}-derived"


@dataclass
class _Deriver:
    loaded: LoadedMapping
    source: SchemaModel
    enums: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.findings = Findings(self.loaded)
        self.made: dict[str, dict[str, Any]] = {}
        self.targets = self._targets()

    def _targets(self) -> dict[str, tuple[str, bool]]:
        """Which class each source class becomes, by the derivations at the top; and whether only referred to."""
        own: dict[str, tuple[str, bool]] = {}
        for only in (False, True):
            for derivation in self.loaded.spec.class_derivations:
                if (derivation.emit == "reference") is only:
                    own.setdefault(derivation.populated_from or derivation.name, (derivation.name, only))
        found: dict[str, tuple[str, bool]] = {}
        for name, cls in self.source.classes.items():
            nearest = next((ancestor for ancestor in cls.ancestors if ancestor in own), None)
            if nearest is not None:
                found[name] = own[nearest]
        return found

    def classes(self) -> dict[str, Any]:
        """Every class, those at the top first."""
        for index, derivation in enumerate(self.loaded.spec.class_derivations):
            name = derivation.populated_from or derivation.name
            if name not in self.source.classes:
                self.findings.error("MAP010", f"class '{name}' is not in schema '{self.source.name}'",
                                    ("class_derivations", index))  # fmt: skip
                continue
            wrap = self.loaded.spec.source.wrap_single_values
            scope = SchemaScope(self.source, (Frame("record", Type(Kind.OBJECT, of=name)),), wrap)
            self._class(derivation, name, scope, ("class_derivations", index))
        return self.made

    def _class(self, derivation: ClassDerivation, source_class: str | None, scope: SchemaScope, path: Path_) -> None:
        """One class; several derivations of one make it together."""
        cls = self.source.classes.get(source_class or "")
        derivation = with_copies(derivation, cls, path, self.findings)
        made = self.made.setdefault(derivation.name, {})
        if cls is not None and cls.description and cls.name == derivation.name:
            made.setdefault("description", cls.description)
        known = {other.name for other in self.loaded.spec.class_derivations}
        if derivation.is_a in known:
            made["is_a"] = derivation.is_a
        over = self._path(derivation.for_each, scope, (*path, "for_each")) if derivation.for_each else None
        if over is not None:
            named = derivation.as_ is not None
            scope = scope.inner(derivation.as_ or "element", over.type.one, named=named)
        scope = replace(scope, made=dict.fromkeys(derivation.slot_derivations, ANY))
        attributes = made.setdefault("attributes", {})
        for name, slot in derivation.slot_derivations.items():
            here = (*path, "slot_derivations", name)
            if slot.hide:
                continue
            found = self._slot(derivation, slot, scope, here)
            if found is not None:
                attributes[name] = _settled(found, slot)
        self.made[derivation.name] = _settled(made, derivation)

    # -- slots ----------------------------------------------------------------------------------

    def _slot(
        self, owner: ClassDerivation, slot: SlotDerivation, scope: SchemaScope, path: Path_
    ) -> dict[str, Any] | None:
        found = self._value(owner, slot, scope, path)
        if found is None:
            return None
        if slot.description:
            found["description"] = slot.description
        codes = self._codes(owner, slot)
        if codes is not None:
            found = {"range": codes, **{key: found[key] for key in ("required", "multivalued") if key in found}}
            if slot.unmapped in ("null", "default") and slot.default is None:
                found.pop("required", None)
        if slot.range is not None:
            found["range"] = slot.range
        if slot.where is not None or slot.missing_values is not None:
            found.pop("required", None)
        if slot.cast_collection_as == "SingleValued":
            found.pop("multivalued", None)
        elif slot.cast_collection_as is not None:
            found["multivalued"] = True
        return found

    def _value(
        self, owner: ClassDerivation, slot: SlotDerivation, scope: SchemaScope, path: Path_
    ) -> dict[str, Any] | None:
        """Range and cardinality, by what gives the slot its value."""
        if slot.value is not None:
            return _of_constant(slot.value)
        if slot.type_designator:
            return {"range": "string", "designates_type": True}
        if slot.iri is not None:
            identifies = slot.name == "id" or slot.name == self._identifier(owner)
            return {"range": "uriorcurie", **({"identifier": True} if identifies else {})}
        if slot.stringification is not None:
            return {"range": "string", **({"multivalued": True} if slot.stringification.reversed else {})}
        if slot.unit_conversion is not None and slot.unit_conversion.target_magnitude_slot is None:
            return {"range": "decimal"}
        if any(getattr(slot, name) for name in _OTHERWISE):
            self.findings.warn("CHK030", f"the range of '{slot.name}' is not told by its derivation", path,
                               "say it: range: …")  # fmt: skip
            return {"range": "string"}
        if slot.expr is not None:
            tree = self._parsed(slot.expr, scope, (*path, "expr"))
            return None if tree is None else self._typed(tree.type)
        if slot.class_derivations or slot.for_each is not None:
            return self._objects(slot, scope, path)
        return self._copied(slot, scope, path)

    def _identifier(self, owner: ClassDerivation) -> str | None:
        cls = self.source.classes.get(owner.populated_from or owner.name)
        return cls.identifier if cls is not None else None

    def _typed(self, found: Type) -> dict[str, Any]:
        many = {"multivalued": True} if found.many else {}
        if found.kind is Kind.OBJECT:
            name, only = self.targets.get(found.of or "", (found.of, False))
            return {"range": name, **({} if only else {"inlined_as_list" if found.many else "inlined": True}), **many}
        return {"range": _RANGES.get(found.kind, "string"), **many}

    def _parsed(self, text: str, scope: SchemaScope, path: Path_) -> Expr | None:
        return parsed(text, scope, self.loaded, path, self.findings)

    def _path(self, text: str, scope: SchemaScope, path: Path_) -> Expr | None:
        if re.search(r"\[-?[0-9]+\]$", text) or text.split(".", maxsplit=1)[0] in self.loaded.definitions:
            return self._parsed(text, scope, path)
        names = (text,) if scope.resolve(text) else tuple(text.split("."))
        try:
            return check(Path(steps=names), scope, text=text)
        except ExpressionError as fault:
            self.findings.expression(fault, path, text)
            return None

    # -- copies ---------------------------------------------------------------------------------

    def _copied(self, slot: SlotDerivation, scope: SchemaScope, path: Path_) -> dict[str, Any] | None:
        text = slot.populated_from or (slot.sources[0] if slot.sources else slot.name)
        found = self._path(text, scope, path)
        if found is None:
            return None
        if found.type.kind is Kind.OBJECT and found.type.of not in self.targets:
            self.findings.error("MAP020", f"no class derivation makes anything of '{found.type.of}'", path,
                                "add one at the top, or class_derivations here")  # fmt: skip
            return None
        model = self._model(found, scope)
        if model is None:
            return self._typed(found.type)
        sure = isinstance(found, Path) and len(found.steps) == 1
        own = sure and isinstance(found, Path) and found.variable == scope.frames[-1].variable
        return self._of_slot(model, many=found.type.many, sure=sure, own=own)

    def _model(self, node: Expr, scope: SchemaScope) -> SlotModel | None:
        """The source slot that a path ends in."""
        if not isinstance(node, Path) or not node.steps:
            return None
        at = next((frame.type.of for frame in scope.frames if frame.variable == node.variable), None)
        slot: SlotModel | None = None
        for step in node.steps:
            if at not in self.source.classes:
                return None
            kinds = (at, *self.source.classes[at].descendants)
            slot = next(
                (self.source.classes[k].slots[step] for k in kinds if step in self.source.classes[k].slots), None
            )
            at = slot.range if slot is not None else None
        return slot

    def _of_slot(self, model: SlotModel, *, many: bool, sure: bool, own: bool) -> dict[str, Any]:
        """A slot of the source as one of the target; ``sure``: of an object that is there, ``own``: of this one."""
        found: dict[str, Any] = {"range": self._range(model)}
        if many:
            found["multivalued"] = True
        _, referred = self.targets.get(model.range or "", ("", False))
        if model.form in (Form.OBJECT, Form.KEYED) and not referred:
            found["inlined_as_list" if many else "inlined"] = True
        if own and model.identifier:
            found["identifier"] = True
        elif sure and model.required:
            found["required"] = True
        for name in _FACETS:
            value = getattr(model, name)
            if value is not None and name != "unit":
                found[name] = value if isinstance(value, str) else _number(value)
        return found

    def _range(self, model: SlotModel) -> str:
        name = model.range or "string"
        if name in self.source.classes:
            return self.targets.get(name, (name, False))[0]
        if name in self.source.enums:
            return self._enum(self.source.enums[name])
        found = self.source.types.get(name)
        return str(found.primitive) if found is not None and not found.builtin else name

    # -- objects --------------------------------------------------------------------------------

    def _objects(self, slot: SlotDerivation, scope: SchemaScope, path: Path_) -> dict[str, Any] | None:
        text = slot.for_each or slot.populated_from
        over = self._path(text, scope, path) if text else None
        if text and over is None:
            return None
        own = any(derivation.for_each is not None for derivation in slot.class_derivations)
        many = own or (over is not None and over.type.many)
        inner = scope
        if over is not None:
            variable = slot.as_ or f"{slot.name}_{len(scope.frames)}"
            inner = scope.inner(variable, over.type.one, named=slot.as_ is not None)
        element = over.type.of if over is not None else scope.frames[0].type.of
        if not slot.class_derivations:
            return self._typed(over.type) if over is not None else None
        named = _named(slot)
        for index, derivation in enumerate(named):
            self._class(derivation, element, inner, (*path, "class_derivations", index))
        names = list(dict.fromkeys(derivation.name for derivation in named))
        ranges: dict[str, Any] = {"range": names[0]}
        if len(names) > 1:
            ranges = {"range": "Any", "any_of": [{"range": name} for name in names]}
            self.made.setdefault("Any", {"class_uri": "linkml:Any"})
        single = not many and len(slot.class_derivations) == 1
        return {**ranges, **({"inlined": True} if single else {"multivalued": True, "inlined_as_list": True})}

    # -- codes ----------------------------------------------------------------------------------

    def _codes(self, owner: ClassDerivation, slot: SlotDerivation) -> str | None:
        """The enum of a slot whose codes are looked up; None where there is none."""
        if slot.value_mappings is None or slot.range is not None or slot.unmapped == "pass":
            return None
        values = [value for value in slot.value_mappings.values() if value is not None]
        values += [slot.default] if slot.default is not None else []
        texts = [str(value) for value in values if isinstance(value, str)]
        if not texts or len(texts) != len(values):
            return str(_of_constant(values)["range"]) if values else None
        name = f"{owner.name}{''.join(part.capitalize() for part in re.split(r'[^A-Za-z0-9]+', slot.name))}Enum"
        known = self.enums.setdefault(name, {"permissible_values": {}})["permissible_values"]
        known.update((text, {}) for text in texts)
        return name

    def _enum(self, source: EnumModel) -> str:
        """The target enum of a source enum: the one that is derived from it, else a copy."""
        derivations = self.loaded.spec.enum_derivations
        derived = next((d for d in derivations.values() if (d.populated_from or d.name) == source.name), None)
        name = derived.name if derived is not None else source.name
        if name not in self.enums:
            values = _values(source) if derived is None else dict(_derived(derived, source))
            enum: dict[str, Any] = {"permissible_values": values}
            if source.description and derived is None:
                enum["description"] = source.description
            self.enums[name] = enum if derived is None else _settled(enum, derived)
        return name


def _values(source: EnumModel) -> dict[str, Any]:
    return {
        text: {key: item for key in ("description", "meaning") if (item := getattr(value, key)) is not None}
        for text, value in source.values.items()
    }


def _derived(derivation: EnumDerivation, source: EnumModel) -> Iterator[tuple[str, Any]]:
    for name, value in derivation.permissible_value_derivations.items():
        yield name, {"description": value.description} if value.description else {}
    if derivation.mirror_source:
        for text, found in _values(source).items():
            if text not in derivation.permissible_value_derivations:
                yield text, found


def _named(slot: SlotDerivation) -> list[ClassDerivation]:
    """The derivations of the objects in a slot; a class that ``object`` leaves to the slot is named after it.

    >>> unnamed = ClassDerivation(name=OF_RANGE)
    >>> [found.name for found in _named(SlotDerivation(name="valid_during", class_derivations=[unnamed]))]
    ['ValidDuring']
    """
    name = "".join(part.title() for part in slot.name.split("_"))
    return [
        found if found.name != OF_RANGE else found.model_copy(update={"name": name}) for found in slot.class_derivations
    ]


def _of_constant(value: Any) -> dict[str, Any]:
    """Range and cardinality of a constant."""
    items: Sequence[Any] = value if isinstance(value, list) else [value]
    kinds = {type(item) for item in items}
    many = {"multivalued": True} if isinstance(value, list) else {}
    if kinds == {bool}:
        return {"range": "boolean", **many}
    if kinds == {int}:
        return {"range": "integer", **many}
    return {"range": "decimal" if kinds and kinds <= {int, Plain} else "string", **many}


def _number(value: Any) -> int | float:
    return int(value) if value == int(value) else float(value)


def _settled(found: dict[str, Any], derivation: ClassDerivation | SlotDerivation | EnumDerivation) -> dict[str, Any]:
    """With what the mapping says of the target element itself."""
    added = {key: value for key, value in derivation.target_definition.items() if not found.get(key)}
    return {**found, **added, **derivation.overrides}
