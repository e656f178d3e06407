"""N-Triples (RDF 1.1): a triple a line, in the canonical form of each term.

Labels of blank nodes are made of the instance's key and the path to the object, so that they do not depend
on what was written before. Text, the most frequent value, is written without a call of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from semantics.lexical import LexicalError
from semantics.sinks.base import Encoder
from semantics.sinks.rdf_shape import NodeShape, Property, Shapes
from semantics.sinks.rdf_terms import RDF_TYPE, RdfFault, blank_label, escape_literal

if TYPE_CHECKING:
    from semantics.records import Instance
    from semantics.schema.model import SchemaModel

__all__ = ["NTriples"]

_Append = Callable[[str], None]
_Writer = Callable[[dict[str, Any], str, str, _Append], None]
_Emit = Callable[[Any, str, str, _Append], None]
_Entry = tuple[str, str, _Emit | None]
"""Of a slot: its predicate between blanks, what ends a text and its triple, or what writes other values."""


class _Terms:
    """Terms as N-Triples writes them."""

    def iri(self, iri: str) -> str:
        return f"<{iri}>"

    def text(self, datatype: str | None) -> Callable[[str], str]:
        tail = f'"^^<{datatype}>' if datatype else '"'
        return lambda text: f'"{escape_literal(text)}{tail}'

    def number(self, datatype: str) -> Callable[[str], str]:
        return lambda text: f'"{text}"^^<{datatype}>'

    def integer(self, datatype: str) -> Callable[[int], str]:
        return lambda number: f'"{number}"^^<{datatype}>'

    def boolean(self, datatype: str) -> Callable[[bool], str]:
        true, false = f'"true"^^<{datatype}>', f'"false"^^<{datatype}>'
        return lambda value: true if value else false


_TERMS: Final = _Terms()


class NTriples(Encoder):
    """The encoder of N-Triples: for every class a writer, made when first needed."""

    head = between = tail = empty = b""

    def __init__(self, schema: SchemaModel, classes: tuple[str, ...] = ()) -> None:
        """``classes`` makes no difference: there is nothing at the head."""
        self._shapes = Shapes(schema, lambda slot: _TERMS)
        self._writers: dict[str, _Writer] = {}

    def encode(self, instance: Instance, key: str) -> bytes:
        """The triples of one instance. Raises :class:`~semantics.sinks.rdf_terms.RdfFault`."""
        lines: list[str] = []
        label = blank_label(key)
        data = instance.data
        try:
            node = self._shapes.of_instance(instance.class_name, data)
            iri = node.subject(data)
            self._writer(node)(data, f"<{iri}>" if iri else label, label, lines.append)
            return "".join(lines).encode()
        except RecursionError:
            raise RdfFault("nested too deeply to be written") from None

    def _writer(self, node: NodeShape[str]) -> _Writer:
        return self._writers.get(node.name) or self._compiled(node)

    def _compiled(self, node: NodeShape[str]) -> _Writer:
        """What writes the triples of an object of one class, given its subject and its label."""
        table = {name: self._entry(prop) for name, prop in node.properties.items()}
        head = f" <{RDF_TYPE}> <{node.iri}> .\n"

        def write(data: dict[str, Any], subject: str, label: str, append: _Append) -> None:
            append(subject + head)
            name = None
            try:
                for name, value in data.items():
                    predicate, tail, emit = table[name]
                    if emit is not None:
                        if value is not None:
                            emit(value, subject, label, append)
                    elif type(value) is str and value.isprintable() and '"' not in value and "\\" not in value:
                        append(f'{subject}{predicate}"{value}{tail}')
                    elif value is not None:
                        append(f'{subject}{predicate}"{escape_literal(value)}{tail}')
            except KeyError:
                if name in table:
                    raise
                raise node.unknown() from None
            except LexicalError as fault:
                raise RdfFault.within(fault, name) from None

        self._writers[node.name] = write
        return write

    def _entry(self, prop: Property[str] | None) -> _Entry:
        if prop is None:
            return "", "", _nothing
        predicate = f" <{prop.iri}> "
        if prop.text:
            datatype = prop.text[0]
            return predicate, f'"^^<{datatype}> .\n' if datatype else '" .\n', None
        if prop.fixed and not self._shapes.shape(prop.fixed).identity:
            return predicate, "", self._values(prop, predicate, prop.fixed)
        if prop.node:
            return predicate, "", self._objects(prop, predicate)
        return predicate, "", (_literals if prop.many else _literal)(prop, predicate)

    def _values(self, prop: Property[str], predicate: str, name: str) -> _Emit:
        """Writes a slot that holds value objects, all of one class and without identifiers."""
        step, writers = prop.step, self._writers

        def emit(value: Any, subject: str, label: str, append: _Append) -> None:
            write = writers.get(name) or self._compiled(self._shapes.shape(name))
            label = label + step
            if type(value) is dict and not prop.many:
                append(f"{subject}{predicate}{label} .\n")
                write(value, label, label, append)
                return
            for index, item in enumerate(prop.listed(value)):
                try:
                    if type(item) is not dict:
                        prop.term(item)
                    inner = f"{label}.{index}"
                    append(f"{subject}{predicate}{inner} .\n")
                    write(item, inner, inner, append)
                except LexicalError as fault:
                    raise RdfFault.within(fault, index) from None

        return emit

    def _objects(self, prop: Property[str], predicate: str) -> _Emit:
        """Writes a slot whose values may be objects: a triple that leads to each, then its own."""
        writer, step, literal = self._writer, prop.step, _literal(prop, predicate)

        def emit(value: Any, subject: str, label: str, append: _Append) -> None:
            for index, key, item in prop.items(value):
                try:
                    child = prop.child(item)
                    if child is None:
                        literal(item, subject, label, append)
                        continue
                    target = inner = label + step if index is None else f"{label}{step}.{index}"
                    if child.identity and (iri := child.subject(item, key)):
                        target = f"<{iri}>"
                    append(f"{subject}{predicate}{target} .\n")
                    writer(child)(item, target, inner, append)
                except LexicalError as fault:
                    raise RdfFault.within(fault, index) from None

        return emit


def _nothing(value: Any, subject: str, label: str, append: _Append) -> None:
    """Writes nothing: the identifier is the subject, the designator the class."""


def _literal(prop: Property[str], predicate: str) -> _Emit:
    """Writes a slot with one value that is no object of its own."""
    term = prop.value or prop.term

    def emit(value: Any, subject: str, label: str, append: _Append) -> None:
        append(f"{subject}{predicate}{term(value)} .\n")

    return emit


def _literals(prop: Property[str], predicate: str) -> _Emit:
    """Writes a slot with a list of such values."""
    term = prop.value or prop.term

    def emit(value: Any, subject: str, label: str, append: _Append) -> None:
        for index, item in enumerate(prop.listed(value)):
            try:
                append(f"{subject}{predicate}{term(item)} .\n")
            except LexicalError as fault:
                raise RdfFault.within(fault, index) from None

    return emit
