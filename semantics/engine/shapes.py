"""Instances validated as RDF: written as N-Triples, checked against the generated shapes by pySHACL.

pySHACL reads its shapes anew for every graph, so records go to it by the batch. A batch holds no
subject twice, so that no record is completed by another, and one that does not conform is halved until
the records to blame stand alone: the verdict on each is that on it alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from semantics.errors import Diagnostic
from semantics.lexical import LexicalError
from semantics.records import Instance
from semantics.schema.model import SchemaModel

if TYPE_CHECKING:
    from semantics.sinks.base import Encoder

__all__ = ["BATCH", "ShapeCheck", "shapes_of"]

BATCH: Final = 200
"""Records that are validated together at most."""


def shapes_of(schema: SchemaModel) -> str:
    """The generated SHACL shapes of a schema, as Turtle."""
    from semantics.generators import generate

    return next(iter(generate(schema, only=["shacl"]).values()))


@dataclass
class ShapeCheck:
    """Checks records against the shapes of a schema; made once a run."""

    schema: SchemaModel
    shapes: str = field(init=False)
    encoder: Encoder = field(init=False)

    def __post_init__(self) -> None:
        from semantics.sinks import open_encoder

        self.shapes = shapes_of(self.schema)
        self.encoder = open_encoder("ntriples", self.schema)

    def triples(self, instances: Sequence[Instance], key: str) -> bytes | None:
        """The instances of one record as N-Triples; None where they cannot be RDF (the sink will say so)."""
        try:
            return b"".join(self.encoder.encode(i, f"{key}-{n}") for n, i in enumerate(instances))
        except LexicalError:
            return None

    def violations(self, records: Sequence[bytes]) -> dict[int, tuple[Diagnostic, ...]]:
        """What is wrong with each record of a batch, by its position; conforming records are not there."""
        from semantics.validation import validate_graph

        if not records:
            return {}
        report = validate_graph(b"".join(records), self.shapes)
        if report.conforms:
            return {}
        if len(records) == 1:
            return {0: tuple(f.violation for f in report.findings)}
        middle = len(records) // 2
        found = self.violations(records[:middle])
        return found | {middle + n: why for n, why in self.violations(records[middle:]).items()}


def subjects(triples: bytes) -> set[bytes]:
    """The subjects of N-Triples."""
    return {line.split(b" ", 1)[0] for line in triples.splitlines()}
