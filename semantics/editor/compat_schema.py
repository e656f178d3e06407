"""The parts of a mapping that means what linkml-map makes of it (``compat: linkml-map``): its keys, level by level."""

from __future__ import annotations

from typing import Any, Final

from pydantic import BaseModel

from semantics.mapping.linkml_map import Classes, Enums, Slots, Specification, Values

__all__ = ["compat_parts"]

_NAMES: Final[dict[str, tuple[type[BaseModel], tuple[str, ...]]]] = {
    "Specification": (Specification, ("compat", "name")),
    "CompatClass": (Classes, ()),
    "CompatSlot": (Slots, ("object_derivations",)),
    "CompatEnum": (Enums, ()),
    "CompatValue": (Values, ("sources",)),
}
"""By part: its model, and keys that the tool reads besides."""

_BELOW: Final = {
    "class_derivations": "CompatClass", "slot_derivations": "CompatSlot", "enum_derivations": "CompatEnum",
    "permissible_value_derivations": "CompatValue",
}  # fmt: skip


def compat_parts() -> dict[str, Any]:
    """Every part by its name; what a key may hold is left to the tool's own model.

    >>> "joins" in compat_parts()["CompatClass"]["properties"]
    True
    """
    return {
        name: {
            "type": "object",
            "properties": {key: _held(key) for key in (*model.model_fields, *more) if key != "at"},
            "additionalProperties": False,
        }
        for name, (model, more) in _NAMES.items()
    }


def _held(key: str) -> dict[str, Any]:
    part = {"$ref": f"#/$defs/{_BELOW[key]}"} if key in _BELOW else None
    if part is None:
        return {}
    entry = {"anyOf": [part, {"type": "null"}]}
    one = {"type": "object", "minProperties": 1, "maxProperties": 1, "additionalProperties": entry}
    named = {"allOf": [part], "required": ["name"]}
    return {
        "anyOf": [
            {"type": "object", "additionalProperties": entry},
            {"type": "array", "items": {"anyOf": [named, one]}},
            {"type": "null"},
        ]
    }
