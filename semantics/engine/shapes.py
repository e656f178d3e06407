"""An instance validated as RDF: written as N-Triples, checked against the generated shapes by pySHACL."""

from __future__ import annotations

from collections.abc import Callable

from semantics.errors import Diagnostic
from semantics.records import Instance
from semantics.schema.model import SchemaModel

__all__ = ["shape_check", "shapes_of"]


def shapes_of(schema: SchemaModel) -> str:
    """The generated SHACL shapes of a schema, as Turtle."""
    from semantics.generators import generate

    files = generate(schema, only=["shacl"])
    return next(iter(files.values()))


def shape_check(schema: SchemaModel) -> Callable[[Instance, str], tuple[Diagnostic, ...]]:
    """A check of one instance: the violations of its shapes, empty when it conforms."""
    from semantics.sinks import open_encoder
    from semantics.validation import validate_graph

    shapes = shapes_of(schema)
    encoder = open_encoder("ntriples", schema)

    def check(instance: Instance, key: str) -> tuple[Diagnostic, ...]:
        report = validate_graph(encoder.encode(instance, key), shapes)
        return tuple(Diagnostic(found.code, found.message, hint=found.hint) for found in report.findings)

    return check
