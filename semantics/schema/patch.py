"""A partial schema laid over one that has been read: what a mapping adds to its source schema.

Definitions are merged key by key, as deep as they go; a list of the patch is put behind the schema's own. Every
key must be one of the metamodel, like those of a schema, and is reported where the patch stands.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from semantics.errors import SchemaError, Severity, closest, escaped
from semantics.schema.load import Element, SchemaFiles, elements, sorted_data
from semantics.yaml_source import MarkedDocument

__all__ = ["SchemaPatch", "apply_patch"]

_REGISTRIES: Final = {"classes": "class", "slots": "slot", "enums": "enum", "types": "type"}
_KEYS: Final = frozenset({*_REGISTRIES, "prefixes"})


@dataclass(frozen=True, slots=True)
class SchemaPatch:
    """A partial schema, and where it stands."""

    data: Mapping[str, Any]
    document: MarkedDocument
    path: tuple[str | int, ...]


def apply_patch(files: SchemaFiles, patch: SchemaPatch) -> None:
    """Lay a patch over the files of a schema. Raises :class:`SchemaError` with everything that is wrong with it."""
    before = len(files.findings)
    root = Element("patch", patch.data, patch.document, patch.path, files.root.schema)
    for key in patch.data:
        if key not in _KEYS:
            files.error("MAP060", f"'{escaped(str(key))}' is not a part of a schema that a mapping can add to",
                        root.location(key), closest(str(key), _KEYS))  # fmt: skip
    for prefix, given in _entries(files, root, "prefixes"):
        files.prefixes[prefix] = str(given.get("prefix_reference") if isinstance(given, Mapping) else given)
    for key, kind in _REGISTRIES.items():
        registry: dict[str, Element] = getattr(files, key)
        for name, element in elements(files, root, key, kind):
            for inner in ("attributes", "slot_usage") if kind == "class" else ():
                list(elements(files, element, inner, "slot"))  # for its findings, at their place in the patch
            known = registry.get(name)
            if known is None:
                registry[name] = element
            else:
                data = _merged(known.data, element.data)
                registry[name] = Element(name, data, known.document, known.path, known.schema)
    if errors := [found for found in files.findings[before:] if found.severity is Severity.ERROR]:
        raise SchemaError(errors)
    text = repr(sorted_data(patch.data))
    files.digests["source_schema_patches"] = hashlib.sha256(text.encode()).hexdigest()


def _entries(files: SchemaFiles, root: Element, key: str) -> list[tuple[str, Any]]:
    given = root.data.get(key) or {}
    if not isinstance(given, Mapping):
        files.error("MAP060", f"'{key}' must be a mapping", root.location(key))
        return []
    return [(str(name), value) for name, value in given.items()]


def _merged(own: Any, given: Any) -> Any:
    """What a patch makes of a part: mappings together, lists one behind the other, anything else replaced."""
    if isinstance(own, Mapping) and isinstance(given, Mapping):
        return {**own, **{key: _merged(own.get(key), value) for key, value in given.items()}}
    if isinstance(own, list) and isinstance(given, list):
        return [*own, *(item for item in given if item not in own)]
    return own if given is None and isinstance(own, Mapping) else given
