"""Turtle (RDF 1.1), laid out for people: prefixes first, a block per subject, blank nodes inside.

Prefixed names, numbers and truth values are written short only where that is exactly the same term.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from semantics.schema.model import XSD
from semantics.sinks.base import Encoder
from semantics.sinks.rdf_prefixes import Prefixes
from semantics.sinks.rdf_shape import NodeShape, Shapes
from semantics.sinks.rdf_terms import RdfFault, escape_literal

if TYPE_CHECKING:
    from semantics.records import Instance
    from semantics.schema.model import SchemaModel

__all__ = ["Turtle"]

_INDENT: Final = "    "
_NAMES: Final = re.compile(rb"(?<![\w-])[A-Za-z][\w-]*:")
"""What could be the prefix of a name; a text that looks like one costs a line, nothing more."""


class _Terms:
    """Terms as Turtle writes them."""

    def __init__(self, prefixes: Prefixes) -> None:
        self._compact = prefixes.compact

    def iri(self, iri: str) -> str:
        return self._compact(iri) or f"<{iri}>"

    def text(self, datatype: str | None) -> Callable[[str], str]:
        tail = f'"^^{self.iri(datatype)}' if datatype else '"'
        return lambda text: f'"{escape_literal(text)}{tail}'

    def number(self, datatype: str) -> Callable[[str], str]:
        tail = f'"^^{self.iri(datatype)}'
        short = datatype == f"{XSD}decimal"
        return lambda text: text if short and "." in text else f'"{text}{tail}'

    def integer(self, datatype: str) -> Callable[[int], str]:
        return str if datatype == f"{XSD}integer" else lambda value: f'"{value}"^^{self.iri(datatype)}'

    def boolean(self, datatype: str) -> Callable[[bool], str]:
        tail = "" if datatype == f"{XSD}boolean" else f'"^^{self.iri(datatype)}'
        words = [f'"{word}{tail}' if tail else word for word in ("false", "true")]
        return lambda value: words[value]


class Turtle(Encoder):
    """The encoder of Turtle."""

    between = b"\n"
    tail = b""

    def __init__(self, schema: SchemaModel, classes: tuple[str, ...] = ()) -> None:
        """The header holds the prefixes that instances of ``classes`` (of none: of all) need."""
        prefixes = Prefixes.of(schema, classes)
        terms = _Terms(prefixes)
        self._iri = terms.iri
        self._name = cache(terms.iri)
        self._shapes = Shapes(schema, lambda slot: terms)
        lines = [f"@prefix {prefix}: <{iri}> .\n" for prefix, iri in prefixes.namespaces.items()]
        self.empty = "".join(lines).encode()
        self.head = self.empty + b"\n" if lines else b""
        names = (f"{prefix}:".encode() for prefix in prefixes.namespaces)
        self._lines = dict(zip(names, map(str.encode, lines), strict=True))

    def head_of(self, pieces: Sequence[bytes]) -> bytes:
        """The header for an output that holds these pieces and no others: only the prefixes that they use."""
        used = {found for piece in pieces for found in _NAMES.findall(piece)}
        lines = b"".join(line for prefix, line in self._lines.items() if prefix in used)
        return lines + b"\n" if lines else b""

    def encode(self, instance: Instance, key: str) -> bytes:
        """The blocks of one instance. Raises :class:`~semantics.sinks.rdf_terms.RdfFault`."""
        blocks: list[str] = []
        try:
            node = self._shapes.of_instance(instance.class_name, instance.data)
            self._block(node.subject(instance.data), node, instance.data, blocks)
            return "\n".join(blocks).encode()
        except RecursionError:
            raise RdfFault("nested too deeply to be written") from None

    def _block(self, subject: str | None, node: NodeShape[str], data: dict[str, Any], blocks: list[str]) -> None:
        """Adds the block of one subject, then those of the objects inside that have an IRI."""
        place = len(blocks)
        blocks.append("")
        lines = f" ;\n{_INDENT}".join(self._statements(node, data, _INDENT, blocks))
        blocks[place] = f"{self._iri(subject) if subject else '[]'} {lines} .\n"

    def _statements(self, node: NodeShape[str], data: dict[str, Any], indent: str, blocks: list[str]) -> list[str]:
        """Predicates with their objects; the class comes first."""

        def visit(child: NodeShape[str], item: dict[str, Any], key: str | None) -> str:
            return self._object(child, child.subject(item, key), item, indent, blocks)

        # _name remembers what it wrote, and is asked for the schema's IRIs only.
        found = node.statements(data, visit)
        return [f"a {self._name(node.iri)}", *(f"{self._name(p.iri)} {' , '.join(terms)}" for p, terms in found)]

    def _object(
        self, node: NodeShape[str], subject: str | None, data: dict[str, Any], indent: str, blocks: list[str]
    ) -> str:
        """An object by its IRI, with a block of its own, or as a blank node in place."""
        if subject:
            self._block(subject, node, data, blocks)
            return self._iri(subject)
        inner = indent + _INDENT
        lines = f" ;\n{inner}".join(self._statements(node, data, inner, blocks))
        return f"[\n{inner}{lines}\n{indent}]"
