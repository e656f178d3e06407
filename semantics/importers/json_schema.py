"""Importer ``json-schema``: JSON Schema of draft-04, draft-07 and 2020-12, as one file or a folder of them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlparse

from semantics.errors import Diagnostic, Location, UsageError
from semantics.importers.description import Description
from semantics.importers.documents import Documents, Node, plain_data
from semantics.importers.gathering import definition_name
from semantics.importers.json_shapes import Shapes
from semantics.importers.naming import capitalised, schema_name

__all__ = ["describe"]


def describe(raw: bytes, path: Path, folders: tuple[Path, ...] = ()) -> Description:
    """The classes of a JSON Schema; references are followed within the folder of ``path`` and ``folders``.

    >>> from semantics.importers.writing import linkml
    >>> found = describe(b'{"properties": {"id": {"type": "integer"}}, "required": ["id"]}', Path("meter.json"))
    >>> linkml(found)["classes"]["Meter"]["attributes"]
    {'id': {'range': 'integer', 'required': True}}
    """
    data = plain_data(raw, path.name)
    if not isinstance(data, Mapping):
        raise UsageError(Diagnostic("IMP003", "the root of a JSON Schema is an object", Location(path.name)))
    documents = Documents((path.parent, *folders))
    document = documents.add(data, path.name, path if path.is_file() else None)
    shapes = Shapes(documents)
    root = Node(data, document, (), document.address)
    stem = path.name.split(".")[0].removesuffix("-schema").removesuffix("_schema")
    title = data.get("title")
    name = str(title) if isinstance(title, str) and len(title) <= 60 else capitalised(stem)
    shapes.names.reserve([name, *map(definition_name, [*root.mapping("$defs"), *root.mapping("definitions")])])
    records = root
    if data.get("type") == "array" and isinstance(data.get("items"), Mapping):
        records = root.below("items")
    if shapes.gatherer.is_object(records) or data.keys() & {"$ref", "oneOf", "anyOf", "allOf", "type"}:
        shapes.root(records, name)
    for key in ("$defs", "definitions"):
        for each, definition in root.mapping(key).items():
            if isinstance(definition, Mapping) and "$ref" not in definition:
                shapes.referred(root.below(key, each), definition_name(str(each)))
    shapes.finish()
    if not (shapes.classes or shapes.enums or shapes.types):
        raise UsageError(Diagnostic("IMP003", "the schema describes no object", Location(path.name)))
    called = schema_name(stem if stem.lower() not in ("schema", "index") else name)
    given = data.get("$id") or data.get("id")
    own = str(given).split("#")[0] if isinstance(given, str) and urlparse(given).scheme in ("http", "https") else None
    return shapes.description(called, own or f"https://example.org/{called}", root)
