"""N-Quads (RDF 1.1): the lines of N-Triples, in the default graph or in one that the operator names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from semantics.errors import Diagnostic, UsageError
from semantics.lexical import LexicalError
from semantics.sinks.ntriples import NTriples
from semantics.sinks.rdf_terms import checked_iri

if TYPE_CHECKING:
    from semantics.records import Instance
    from semantics.schema.model import SchemaModel

__all__ = ["NQuads"]

_END = b" .\n"


class NQuads(NTriples):
    """The encoder of N-Quads: every triple in the graph of that IRI, without one in the default graph."""

    def __init__(self, schema: SchemaModel, classes: tuple[str, ...] = (), *, graph: str | None = None) -> None:
        """Raises :class:`~semantics.errors.UsageError` (``SNK022``) where the name of the graph is no IRI."""
        super().__init__(schema, classes)
        try:
            self._end = _END if graph is None else b" <" + checked_iri(graph).encode() + b"> .\n"
        except LexicalError as fault:
            message = f"the name of a graph is an absolute IRI: {fault}"
            raise UsageError(Diagnostic("SNK022", message)) from None

    def encode(self, instance: Instance, key: str) -> bytes:
        """The quads of one instance. Raises :class:`~semantics.sinks.rdf_terms.RdfFault`."""
        # A newline inside a term is escaped, so that this stands at the end of lines alone.
        return super().encode(instance, key).replace(_END, self._end)
