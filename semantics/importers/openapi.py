"""Importer ``openapi``: the schemas of an OpenAPI 3 document, those with names and those of bodies, as JSON or YAML."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from semantics.errors import Diagnostic, Location, UsageError
from semantics.importers.description import Description
from semantics.importers.documents import Documents, Node, plain_data
from semantics.importers.gathering import reference_of
from semantics.importers.json_shapes import Shapes
from semantics.importers.naming import capitalised, schema_name

__all__ = ["describe"]


def describe(raw: bytes, path: Path, folders: tuple[Path, ...] = ()) -> Description:
    """The classes of an OpenAPI document; references are followed within the folder of ``path`` and ``folders``.

    >>> text = b'{"openapi": "3.1.0", "components": {"schemas": {"Meter": {"properties": {"id": {}}}}}}'
    >>> [each.name for each in describe(text, Path("meters.json")).classes]
    ['Meter']
    """
    data = plain_data(raw, path.name)
    documents = Documents((path.parent, *folders))
    document = documents.add(data, path.name, path if path.is_file() else None)
    root = Node(data, document, (), document.address)
    shapes = Shapes(documents)
    schemas = _below(root, "components", "schemas")
    shapes.names.reserve(schemas)
    for name, schema in schemas.items():
        shapes.referred(schema, name)
    for name, schema in _in_place(root, shapes):
        shapes.referred(schema, name)
    shapes.finish()
    if not (shapes.classes or shapes.enums or shapes.types):
        text = "the document describes no object, by name or in a body"
        raise UsageError(Diagnostic("IMP003", text, Location(path.name), "this reads OpenAPI 3"))
    info = data.get("info") if isinstance(data.get("info"), Mapping) else {}
    assert isinstance(info, Mapping)
    called = schema_name(path.name.split(".")[0])
    found = shapes.description(called, f"https://example.org/{called}", root)
    texts = {key: str(info[key]) for key in ("title", "description", "version") if info.get(key)}
    return replace(found, **texts)  # type: ignore[arg-type]


def _below(node: Node, *steps: str) -> dict[str, Node]:
    """The objects in the object that a path leads to, by their keys."""
    for step in steps:
        if not node.mapping(step):
            return {}
        node = node.below(step)
    data = node.data if isinstance(node.data, Mapping) else {}
    return {str(key): node.below(key) for key, value in data.items() if isinstance(value, Mapping)}


def _in_place(root: Node, shapes: Shapes) -> Iterator[tuple[str, Node]]:
    """The objects that bodies describe where they stand, each once, with the names of their operations."""
    seen = set[str]()
    for name, body in _bodies(root):
        schema = _schema(shapes.documents.resolve(body, reference) if (reference := reference_of(body.data)) else body)
        if schema is None or reference_of(schema.data) is not None:
            continue
        known = repr(schema.data)
        own = shapes.gatherer.is_object(schema) and shapes.gatherer.gather(schema).properties
        if known not in seen and (own or schema.data.keys() & {"oneOf", "anyOf"}):
            seen.add(known)
            yield name, schema


def _bodies(root: Node) -> Iterator[tuple[str, Node]]:
    """What is asked and answered, by name; an answer that is no success has its status in its name."""
    for kind, suffix in (("requestBodies", "Request"), ("responses", "Response")):
        for name, body in _below(root, "components", kind).items():
            yield f"{name}{'' if capitalised(name).endswith(suffix) else suffix}", body
    for address, item in [*_below(root, "paths").items(), *_below(root, "webhooks").items()]:
        for method, operation in _below(item).items():
            given = operation.data.get("operationId")
            name = capitalised(given if isinstance(given, str) else f"{method} {address}")
            if operation.mapping("requestBody"):
                yield f"{name}Request", operation.below("requestBody")
            for status, answer in _below(operation, "responses").items():
                yield f"{name}Response{'' if status.startswith('2') else capitalised(status)}", answer


def _schema(body: Node | None) -> Node | None:
    """The schema of a body, or of the values of its list: as JSON where that is one of its forms."""
    forms = _below(body, "content") if body is not None else {}
    form = next((node for name, node in forms.items() if "json" in name), next(iter(forms.values()), None))
    if form is None or not form.mapping("schema"):
        return None
    schema = form.below("schema")
    return schema.below("items") if schema.data.get("type") == "array" and schema.mapping("items") else schema
