"""Importer ``openapi``: the schemas of an OpenAPI 3 document (``components.schemas``), as JSON or YAML."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from semantics.errors import Diagnostic, Location, UsageError
from semantics.importers.description import Description
from semantics.importers.documents import Documents, Node, plain_data
from semantics.importers.json_shapes import Shapes
from semantics.importers.naming import schema_name

__all__ = ["describe"]


def describe(raw: bytes, path: Path, folders: tuple[Path, ...] = ()) -> Description:
    """The classes of an OpenAPI document; references are followed within the folder of ``path`` and ``folders``.

    >>> text = b'{"openapi": "3.1.0", "components": {"schemas": {"Meter": {"properties": {"id": {}}}}}}'
    >>> [each.name for each in describe(text, Path("meters.json")).classes]
    ['Meter']
    """
    data = plain_data(raw, path.name)
    components = data.get("components") if isinstance(data, Mapping) else None
    schemas = components.get("schemas") if isinstance(components, Mapping) else None
    if not isinstance(schemas, Mapping) or not schemas:
        text = "the document has no components.schemas"
        raise UsageError(Diagnostic("IMP003", text, Location(path.name), "this reads OpenAPI 3"))
    documents = Documents((path.parent, *folders))
    document = documents.add(data, path.name, path if path.is_file() else None)
    root = Node(data, document, (), document.address)
    shapes = Shapes(documents)
    shapes.names.reserve(schemas)
    for name in schemas:
        shapes.referred(root.below("components", "schemas", name), str(name))
    shapes.finish()
    info = data.get("info") if isinstance(data.get("info"), Mapping) else {}
    assert isinstance(info, Mapping)
    called = schema_name(path.name.split(".")[0])
    found = shapes.description(called, f"https://example.org/{called}", root)
    texts = {key: str(info[key]) for key in ("title", "description", "version") if info.get(key)}
    return replace(found, **texts)  # type: ignore[arg-type]
