"""Importers: what a sector publishes becomes a LinkML schema. One table lists them and loads them lazily.

Each makes a frozen :class:`~semantics.importers.description.Description` of bytes; one writer makes YAML of it.
Nothing is fetched: what a reference names is looked for in the folder of the file and in those that are given.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from semantics.errors import Diagnostic
    from semantics.importers.description import Description

__all__ = ["IMPORTERS", "ImportedSchema", "ImporterSpec", "import_schema", "told_by_content"]


@dataclass(frozen=True, slots=True)
class ImporterSpec:
    """One kind of source: where its code is (``module:function``), what it reads, since when."""

    target: str
    purpose: str
    since: str

    def load(self) -> Callable[[bytes, Path, tuple[Path, ...]], Description]:
        """The function, imported now."""
        module, _, name = self.target.partition(":")
        found: Callable[[bytes, Path, tuple[Path, ...]], Description] = getattr(import_module(module), name)
        return found


_OF_SCHEMAS: Final = ("$schema", "$ref", "$defs", "$id", "properties", "definitions", "allOf", "anyOf", "oneOf")
_LONE_TYPE: Final = re.compile(r'\{\s*"type"\s*:\s*"(object|array|string|integer|number|boolean)"')
_YAML_SCHEMA: Final = re.compile(r"""^["']?\$(schema|defs|id)["']?:""", re.MULTILINE)
IMPORTERS: Final[dict[str, ImporterSpec]] = {
    "json-schema": ImporterSpec(
        "semantics.importers.json_schema:describe", "JSON Schema (draft-04, draft-07, 2020-12)", "0.1.0"
    ),
    "openapi": ImporterSpec(
        "semantics.importers.openapi:describe", "the schemas of an OpenAPI 3 document, JSON or YAML", "0.1.0"
    ),
    "xsd": ImporterSpec(
        "semantics.importers.xsd:describe", "XML Schema 1.0, with the files that it includes and imports", "0.1.0"
    ),
    "shacl": ImporterSpec("semantics.importers.shacl:describe", "SHACL shapes in Turtle or N-Triples", "0.1.0"),
    "csv": ImporterSpec("semantics.importers.tables:describe", "a table with a header and sample rows", "0.1.0"),
    "samples": ImporterSpec(
        "semantics.importers.samples:describe", "example records alone, as JSON or lines of JSON", "0.1.0"
    ),
}
"""Every importer by the name that ``--from`` takes."""


@dataclass(frozen=True, slots=True)
class ImportedSchema:
    """A LinkML schema as plain data and as a file, and what of the source it does not say."""

    schema: dict[str, Any]
    text: str
    findings: tuple[Diagnostic, ...]


def import_schema(path: Path, kind: str | None = None, refs: Sequence[Path] = ()) -> ImportedSchema:
    """The LinkML schema of a file; ``kind`` is told by its content where it is not given.

    ``refs`` are further folders in which references are looked for. Raises
    :class:`~semantics.errors.SourceError` for what cannot be read and :class:`~semantics.errors.UsageError` for what
    is no schema.
    """
    from semantics.errors import Diagnostic, Location, UsageError, closest, escaped
    from semantics.importers.documents import read_bytes
    from semantics.importers.writing import linkml, linkml_yaml

    raw = read_bytes(path)
    kind = kind or told_by_content(raw, path.name)
    if kind not in IMPORTERS:
        known = f"name it with --from: {', '.join(IMPORTERS)}"
        unclear = "what this file is cannot be told" if raw.strip() else "the file is empty"
        text = f"there is no importer '{escaped(kind)}'" if kind else unclear
        hint = closest(kind, IMPORTERS) if kind else None
        raise UsageError(Diagnostic("IMP003", text, Location(path.name), hint or known))
    description = IMPORTERS[kind].load()(raw, path, tuple(refs))
    return ImportedSchema(linkml(description), linkml_yaml(description), description.findings)


def told_by_content(raw: bytes, name: str) -> str | None:
    r"""What a file is, by its first bytes and its name; None where that is not plain.

    >>> told_by_content(b'{"$schema": "http://json-schema.org/draft-07/schema#"}', "a.json")
    'json-schema'
    >>> told_by_content(b"title: Meter\n$schema: https://json-schema.org/draft/2020-12/schema\n", "a.yaml")
    'json-schema'
    >>> told_by_content(b"id,name\n1,a\n", "a.csv")
    'csv'
    """
    utf16 = raw[:2] in (b"\xff\xfe", b"\xfe\xff")
    head = raw[:200_000].decode("utf-16" if utf16 else "utf-8-sig", "replace").lstrip()
    suffix = name.lower().rpartition(".")[2]
    if head.startswith("<"):
        return "xsd" if "http://www.w3.org/2001/XMLSchema" in head and suffix != "xml" else None
    if suffix in ("ttl", "nt"):
        return "shacl"
    if suffix in ("csv", "tsv"):
        return "csv"
    if suffix in ("ndjson", "jsonl"):
        return "samples"
    if '"openapi"' in head or head.startswith("openapi:") or "\nopenapi:" in head:
        return "openapi"
    if _YAML_SCHEMA.search(head):
        return "json-schema"
    if head.startswith("{"):
        return "json-schema" if any(f'"{key}"' in head for key in _OF_SCHEMAS) or _LONE_TYPE.match(head) else "samples"
    return "samples" if head.startswith("[") else None
