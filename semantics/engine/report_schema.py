"""The JSON Schema of a report (draft 2020-12), made from the type that reports are."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from semantics.engine.report import RunReport

__all__ = ["report_schema"]

_COUNT: Final = {"type": "integer", "minimum": 0}
_COLUMNS: Final[dict[str, tuple[tuple[str, ...], bool]]] = {
    "records": (("read", "mapped", "rejected", "filtered", "emitted"), True),
    "source_slots": (("present", "read", "carried", "dropped"), True),
    "target_slots": (("written", "null", "defaulted"), True),
    "dropped": (("unread", "asked", "rejected", "filtered"), False),
}
"""Counts with names of their own: which, and whether all of them are always there."""

_SOMETIMES: Final = ("partners", "groups", "shapes", "warnings", "references", "contradictions", "findings")
"""Parts that only some runs have."""


def report_schema() -> dict[str, Any]:
    """What ``RunReport.to_json`` writes. ``not_carried`` is worked out, so it is in the JSON and not in the type."""
    parts = msgspec.json.schema(RunReport)["$defs"]
    properties: dict[str, Any] = {**parts.pop("RunReport")["properties"], "not_carried": _counts(None, required=False)}
    for name, found in properties.items():
        found.pop("default", None)
        if name in _COLUMNS:
            columns, required = _COLUMNS[name]
            counts = _counts(columns, required=required)
            properties[name] = counts if name == "records" else {"type": "object", "additionalProperties": counts}
        elif found.get("additionalProperties") == {"type": "integer"}:
            properties[name] = _counts(None, required=False)
    properties["unmapped"]["additionalProperties"] = _counts(None, required=False)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Report of a run of semantics",
        "type": "object",
        "required": [name for name in properties if name not in _SOMETIMES],
        "additionalProperties": False,
        "properties": {name: properties[name] for name in sorted(properties)},
        "$defs": dict(sorted(parts.items())),
    }


def _counts(names: tuple[str, ...] | None, *, required: bool) -> dict[str, Any]:
    """Counts by name: any names, or these."""
    if names is None:
        return {"type": "object", "additionalProperties": _COUNT}
    found: dict[str, Any] = {"type": "object", "properties": dict.fromkeys(names, _COUNT)}
    return {**found, **({"required": list(names)} if required else {}), "additionalProperties": False}
