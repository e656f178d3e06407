"""The inverse of a specification that is run with ``compat: linkml-map``: source and target of its derivations swapped.

That tool's slots are turned around one by one: names, enums, units, lists and mappings by key, lists and their text.
The inverse is a specification of the same kind, with the schema that it reads beside it: what the specification makes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from semantics.analysis.inverse import SlotInverse
from semantics.analysis.inverse_values import LOSSLESS, LOSSY, ONE_WAY
from semantics.schema.model import Form, SchemaModel, SlotModel

__all__ = ["CompatInverse", "invert_specification"]

Data = Mapping[str, Any]
_KNOWN: Final = frozenset({
    "name", "populated_from", "expr", "range", "unit_conversion", "stringification", "cast_collection_as",
    "dictionary_key", "description", "hide",
})  # fmt: skip


@dataclass
class CompatInverse:
    """The specification back, the schema of what it reads (LinkML data), and the verdict on every slot."""

    mapping: dict[str, Any]
    schema: dict[str, Any]
    slots: list[SlotInverse] = field(default_factory=list)


def invert_specification(spec: Data, source: SchemaModel) -> CompatInverse:
    """The inverse of a specification as data; ``source`` is the schema that it reads."""
    return _Inverter(spec, source).inverse()


class _OneWay(ValueError):
    pass


class _Inverter:
    def __init__(self, spec: Data, source: SchemaModel) -> None:
        self.spec, self.source = spec, source
        self.derivations = list(_named(spec.get("class_derivations")))
        self.enums = dict(_named(spec.get("enum_derivations")))
        self.becomes = {(body.get("populated_from") or name): name for name, body in self.derivations}
        self.slots: list[SlotInverse] = []

    def inverse(self) -> CompatInverse:
        derivations: list[dict[str, Any]] = []
        classes: dict[str, Any] = {}
        for name, body in self.derivations:
            cls = self.source.classes.get(body.get("populated_from") or name)
            if cls is None:
                continue
            slots: dict[str, Any] = {}
            attributes: dict[str, Any] = {}
            for slot, derivation in _named(body.get("slot_derivations")):
                model = cls.slots.get(_from(slot, derivation) or "")
                self._slot(name, slot, derivation, model, slots, attributes)
            derivations.append({"name": cls.name, "populated_from": name, "slot_derivations": slots})
            root = {"tree_root": True} if cls.tree_root else {}
            classes[name] = {**root, "attributes": {**classes.get(name, {}).get("attributes", {}), **attributes}}
        for name, cls in self.source.classes.items():
            if name not in classes and name not in self.becomes:
                classes[name] = {"attributes": {s.name: self._attribute({}, s) for s in cls.slots.values()}}
        mapping: dict[str, Any] = {"compat": "linkml-map", "class_derivations": derivations}
        enums: dict[str, Any] = {}
        if self.enums:
            mapping["enum_derivations"] = {}
            for name, body in self.enums.items():
                origin = body.get("populated_from") or name
                mapping["enum_derivations"][origin] = self._enum(name, body)
                values = [value for value, _ in _named(body.get("permissible_value_derivations"))]
                known = self.source.enums.get(origin)
                mirrored = list(known.values) if body.get("mirror_source") and known is not None else []
                enums[name] = {"permissible_values": {value: {} for value in [*values, *mirrored]}}
        for name, enum in self.source.enums.items():
            if name not in {body.get("populated_from") or key for key, body in self.enums.items()}:
                enums.setdefault(name, {"permissible_values": {value: {} for value in enum.values}})
        schema: dict[str, Any] = {
            "id": f"{self.source.id}-derived", "name": f"{self.source.name}-derived", "imports": ["linkml:types"],
            "prefixes": {**self.source.namespaces, "linkml": "https://w3id.org/linkml/"},
            "default_prefix": f"{self.source.id}-derived/", "classes": classes, "enums": enums,
        }  # fmt: skip
        return CompatInverse(mapping, schema, self.slots)

    def _slot(
        self, cls: str, name: str, derivation: Data, model: SlotModel | None, slots: dict[str, Any],
        attributes: dict[str, Any],
    ) -> None:  # fmt: skip
        if not derivation.get("hide"):
            attributes[name] = self._attribute(derivation, model)
        try:
            if model is None:
                raise _OneWay("it is computed")
            back, losses = self._back(name, derivation, model)
        except _OneWay as fault:
            self.slots.append(SlotInverse(cls, name, (), ONE_WAY, str(fault), "<mapping>"))
            return
        slots[model.name] = {"name": model.name, "populated_from": name, **back}
        verdict = LOSSY if losses else LOSSLESS
        self.slots.append(SlotInverse(cls, name, (model.name,), verdict, "; ".join(losses) or None, "<mapping>"))

    def _back(self, name: str, derivation: Data, model: SlotModel) -> tuple[dict[str, Any], list[str]]:
        """The derivation back, and what is lost."""
        unknown = [key for key in derivation if key not in _KNOWN and derivation[key] not in (None, [], {}, False)]
        if unknown:
            raise _OneWay(f"its derivation has '{unknown[0]}'")
        back: dict[str, Any] = {}
        losses: list[str] = []
        if derivation.get("range") is not None:
            losses.append("values are converted")
        if model.range in self.source.types:
            back["range"] = model.range
        conversion = derivation.get("unit_conversion")
        if conversion:
            back |= self._unit(conversion, model)
            losses.append("numbers are converted as floats")
        text = derivation.get("stringification")
        if text:
            back["stringification"] = {**text, "reversed": not text.get("reversed")}
            losses.append("the delimiter may stand in a value")
            back.pop("range", None)
        if derivation.get("cast_collection_as") is not None:
            back |= self._collection(derivation, model)
        return back, losses

    def _unit(self, conversion: Data, model: SlotModel) -> dict[str, Any]:
        if conversion.get("source_magnitude_slot") or conversion.get("source_unit_slot"):
            turned = {"target_magnitude_slot": conversion.get("source_magnitude_slot"),
                      "target_unit_slot": conversion.get("source_unit_slot")}  # fmt: skip
            unit = {"source_unit": conversion.get("target_unit"), "target_unit": conversion.get("target_unit")}
            return {"range": model.range, "unit_conversion": {k: v for k, v in {**unit, **turned}.items() if v}}
        given = conversion.get("source_unit") or model.unit
        unit = {"source_unit": conversion.get("target_unit"), "target_unit": given}
        for side, other in (("source", "target"), ("target", "source")):
            scheme = conversion.get(f"{other}_unit_scheme")
            if scheme:
                unit[f"{side}_unit_scheme"] = scheme
        return {"unit_conversion": {key: value for key, value in unit.items() if value}}

    def _collection(self, derivation: Data, model: SlotModel) -> dict[str, Any]:
        kind = "SingleValued"
        if model.many:
            kind = "MultiValuedDict" if model.form is Form.KEYED else "MultiValuedList"
        found = {"cast_collection_as": kind}
        return {**found, "dictionary_key": key} if (key := derivation.get("dictionary_key")) else found

    def _enum(self, name: str, body: Data) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for target, value in _named(body.get("permissible_value_derivations")):
            given = value.get("populated_from") or value.get("sources") or []
            for code in [given] if isinstance(given, str) else given:
                values.setdefault(str(code), {"name": str(code), "populated_from": [target]})
        origin = body.get("populated_from") or name
        return {"name": origin, "populated_from": name, "mirror_source": bool(body.get("mirror_source")),
                "permissible_value_derivations": values}  # fmt: skip

    # -- the schema of what is made ---------------------------------------------------------------

    def _attribute(self, derivation: Data, model: SlotModel | None) -> dict[str, Any]:
        """A slot of the schema that the inverse reads."""
        if model is None:
            return {"range": derivation.get("range") or "string"}
        enums = {body.get("populated_from") or name: name for name, body in self.enums.items()}
        ranged = model.range or "string"
        found: dict[str, Any] = {
            "range": derivation.get("range") or self.becomes.get(ranged, enums.get(ranged, ranged))
        }
        text = derivation.get("stringification")
        kind = derivation.get("cast_collection_as")
        many = model.many if not text else bool(text.get("reversed"))
        if kind is not None:
            many = kind != "SingleValued"
        if many:
            found["multivalued"] = True
        if model.form in (Form.OBJECT, Form.KEYED):
            keyed = kind == "MultiValuedDict" if kind is not None else model.form is Form.KEYED
            found["inlined_as_list" if many and not keyed else "inlined"] = True
        if model.identifier:
            found["identifier"] = True
        conversion = derivation.get("unit_conversion") or {}
        unit = conversion.get("target_unit") or model.unit
        if conversion.get("source_magnitude_slot"):
            found = {"range": "float"}
        return {**found, "unit": {"ucum_code": unit}} if unit else found


def _from(name: str, derivation: Data) -> str | None:
    """The one source slot of a derivation; None where it is computed."""
    expr = derivation.get("expr")
    if expr is not None:
        bare = str(expr).strip().strip("{}").strip()
        return bare if re.fullmatch(r"[A-Za-z_]\w*", bare) else None
    if derivation.get("value") is not None:
        return None
    return derivation.get("populated_from") or name


def _named(data: Any) -> Iterator[tuple[str, Data]]:
    """Derivations in any spelling: a mapping, a list with names, a list of one-key mappings."""
    if isinstance(data, Mapping):
        yield from ((str(name), body or {}) for name, body in data.items())
        return
    for item in data or ():
        if "name" in item:
            yield str(item["name"]), item
        else:
            yield from ((str(name), body or {}) for name, body in item.items())
