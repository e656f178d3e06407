"""LinkML as YAML of what an importer has understood: one order of keys, readable as if written by hand."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal
from typing import Any, Final

import yaml

from semantics.importers.description import (
    ANYTHING,
    Condition,
    Description,
    ImportedClass,
    ImportedEnum,
    ImportedSlot,
    ImportedType,
    Values,
)

__all__ = ["linkml", "linkml_yaml"]

_WIDTH: Final = 116
_SECTIONS: Final = ("prefixes", "imports", "types", "enums", "classes")
_ANY: Final = {"class_uri": "linkml:Any", "description": "Any value at all."}


def linkml(description: Description) -> dict[str, Any]:
    """The schema as plain data, keys in the order in which they are written.

    >>> list(linkml(Description("meter", "https://example.org/meter")))
    ['id', 'name', 'prefixes', 'default_prefix', 'default_range', 'imports']
    """
    classes = {each.name: _class(each) for each in description.classes}
    slots = [slot for each in description.classes for slot in (*each.slots, *([each.extra] if each.extra else []))]
    if any(_names_any(slot.values) for slot in slots if slot != ANYTHING):
        classes["Any"] = dict(_ANY)
    prefixes = {"linkml": "https://w3id.org/linkml/", **dict(description.prefixes)}
    return _present(
        {
            "id": description.id,
            "name": description.name,
            "title": description.title,
            "description": _prose(description.description),
            "version": description.version,
            "prefixes": {description.name: f"{description.id.rstrip('/#')}/", **prefixes},
            "default_prefix": description.name,
            "default_range": "string",
            "imports": ["linkml:types"],
            "types": {each.name: _type(each) for each in description.types},
            "enums": {each.name: _enum(each) for each in description.enums},
            "classes": classes,
        }
    )


def linkml_yaml(description: Description) -> str:
    """The schema as a file: block YAML, an empty line before each part and each class, enum or type."""
    data = linkml(description)
    lines: list[str] = []
    section = ""
    for line in _dumped(data).splitlines():
        top = not line.startswith((" ", "-"))
        if top:
            section = line.partition(":")[0]
        nested = line.startswith("  ") and line[2:3] not in (" ", "-", "")
        first = nested and section in ("types", "enums", "classes")
        if (top and section in _SECTIONS) or first or (top and section == "default_prefix"):
            lines.append("")
        lines.append(line)
    return "\n".join(lines) + "\n"


class _Dumper(yaml.SafeDumper):
    """Lists are indented below their key, long texts are folded."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> Any:
        return super().increase_indent(flow, False)

    def ignore_aliases(self, data: Any) -> bool:
        return True


class _Folded(str):
    """A description, written as a folded block where it is long."""

    __slots__ = ()


def _folded(dumper: yaml.SafeDumper, text: _Folded) -> yaml.ScalarNode:
    style = ">" if len(text) > 90 and text.isprintable() else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", str(text), style=style)


def _decimal(dumper: yaml.SafeDumper, number: Decimal) -> yaml.ScalarNode:
    text = format(number, "f")
    whole = "." not in text
    return dumper.represent_scalar(f"tag:yaml.org,2002:{'int' if whole else 'float'}", text)


_Dumper.add_representer(_Folded, _folded)
_Dumper.add_multi_representer(Decimal, _decimal)


def _dumped(data: dict[str, Any]) -> str:
    return str(yaml.dump(data, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=_WIDTH))


def _prose(text: str | None) -> str | None:
    """A text in one paragraph; what cannot be shown is left out."""
    if text is None:
        return None
    joined = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    return _Folded(joined) if joined else None


def _present(data: dict[str, Any]) -> dict[str, Any]:
    """Without what says nothing."""
    return {
        key: value for key, value in data.items() if value is not None and value is not False and value not in ((), {})
    }


def _class(each: ImportedClass) -> dict[str, Any]:
    own = {slot.name: _slot(slot) for slot in each.slots if not slot.inherited}
    usage = {slot.name: _slot(slot) for slot in each.slots if slot.inherited}
    data = _present(
        {
            "class_uri": each.uri,
            "is_a": each.is_a,
            "abstract": each.abstract,
            "tree_root": each.tree_root,
            "title": _prose(each.title),
            "description": _prose(each.description),
            "deprecated": "Deprecated in the source." if each.deprecated else None,
            "extra_slots": _extra(each.extra),
            "attributes": own,
            "slot_usage": usage,
        }
    )
    groups = [_condition(condition) for condition in each.conditions]
    if len(groups) == 1:
        data["any_of"] = groups[0]
    elif groups:
        data["all_of"] = [{"any_of": group} for group in groups]
    return data


def _extra(slot: ImportedSlot | None) -> dict[str, Any] | None:
    if slot is None:
        return None
    if slot == ANYTHING:
        return {"allowed": True}
    said = _slot(replace(slot, required=True))  # an undeclared key that is there has all of its values
    return {"range_expression": {key: value for key, value in said.items() if key != "required"}}


def _condition(condition: Condition) -> list[dict[str, Any]]:
    return [
        {"slot_conditions": {name: {"required": True} for name in alternative}}
        for alternative in condition.alternatives
    ]


def _slot(slot: ImportedSlot) -> dict[str, Any]:
    values = _values(slot.values)
    if slot.values.any_of and slot.values.range is None:
        values = {"range": "Any", **values}
    few = (slot.minimum_cardinality or 0) > 1 and not slot.required
    least = None if not slot.required or (slot.minimum_cardinality or 0) <= 1 else slot.minimum_cardinality
    if few:  # an absent slot is no list that is too short
        between = {"minimum_cardinality": 1, "maximum_cardinality": (slot.minimum_cardinality or 0) - 1}
        values["none_of"] = [*values.get("none_of", ()), between]
    return _present(
        {
            "slot_uri": slot.uri,
            "title": _prose(slot.title),
            "description": _prose(slot.description),
            "identifier": slot.identifier,
            "designates_type": slot.designates_type,
            "range": values.pop("range", None),
            "required": slot.required and not slot.identifier,
            "recommended": slot.recommended,
            "multivalued": slot.multivalued,
            "inlined": slot.inlined or slot.keyed,
            "inlined_as_list": slot.inlined and slot.multivalued and not slot.keyed,
            "minimum_cardinality": least,
            "maximum_cardinality": slot.maximum_cardinality,
            "value_presence": "ABSENT" if slot.absent else None,
            "list_elements_unique": slot.unique,
            "deprecated": "Deprecated in the source." if slot.deprecated else None,
            **values,
            "annotations": dict(slot.annotations),
        }
    )


def _values(values: Values) -> dict[str, Any]:
    return _present(
        {
            "range": values.range,
            "pattern": values.pattern,
            "minimum_value": values.minimum_value,
            "maximum_value": values.maximum_value,
            "equals_string": values.equals_string,
            "equals_number": values.equals_number,
            "any_of": _each(values.any_of),
            "all_of": _each(values.all_of),
            "none_of": _each(values.none_of),
        }
    )


def _each(parts: Iterable[Values]) -> list[dict[str, Any]] | None:
    return [_values(part) for part in parts] or None


def _names_any(values: Values) -> bool:
    if values.range == "Any" or (values.any_of and values.range is None):
        return True
    return any(_names_any(part) for part in (*values.any_of, *values.all_of))


def _enum(each: ImportedEnum) -> dict[str, Any]:
    meanings = dict(each.meanings)
    values = {
        text: _present({"description": _prose(description), "meaning": meanings.get(text)})
        for text, description in each.values
    }
    return _present({"description": _prose(each.description), "permissible_values": values})


def _type(each: ImportedType) -> dict[str, Any]:
    values = _values(each.values)
    typeof = values.pop("range", "string")
    return _present({"typeof": typeof, "uri": each.uri, "description": _prose(each.description), **values})
