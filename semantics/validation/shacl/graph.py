"""A graph of terms, indexed by subject, and how it is read: a record's own N-Triples, or RDF from elsewhere.

A record that a sink wrote is canonical already, and is cut at its blanks. Everything else goes through a strict
parser that fetches nothing and writes it canonically first, so that both kinds hold the same terms.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final, Literal

from semantics.errors import Diagnostic, Location, SourceError
from semantics.validation.shacl.terms import RDF_TYPE, SUBCLASS_OF

__all__ = ["MAX_LITERAL", "MAX_NESTING", "Format", "Graph", "Verdict", "lines_of", "read_rdf", "read_record"]

Format = Literal["nt", "turtle"]
Verdict = bool | None
"""Of a shape and a node: whether it conforms; None while that is being found out."""

MAX_NESTING: Final = 256
"""Brackets inside one another in Turtle."""
MAX_LITERAL: Final = 16 << 20
"""Longest term, in characters."""

_NO_VALUES: Final[dict[str, list[str]]] = {}
# Comments, IRIs and strings are passed over; what is left to see are the brackets.
_BRACKETS: Final = re.compile(
    r"#[^\n]*+|<[^<>\s]*+>|\"\"\"(?:[^\"\\]|\\.|\"(?!\"\"))*+\"\"\"|'''(?:[^'\\]|\\.|'(?!''))*+'''"
    r"|\"(?:[^\"\\\n]|\\.)*+\"|'(?:[^'\\\n]|\\.)*+'|([\[(])|([\])])",
    re.DOTALL,
)


class Graph:
    """Triples by subject and predicate; what else is asked of them is worked out once, when it is asked.

    ``forward[subject][predicate]`` are the objects, each once, in the order in which they came. ``verdicts`` is
    the memory of one validation: which shape a node has been found to conform to.
    """

    __slots__ = ("_backward", "_superclasses", "assumed", "forward", "verdicts")

    def __init__(self, forward: dict[str, dict[str, list[str]]]) -> None:
        self.forward = forward
        self.verdicts: dict[tuple[int, str], Verdict] = {}
        self.assumed: set[tuple[int, str]] = set()
        self._backward: dict[str, dict[str, list[str]]] | None = None
        self._superclasses: dict[str, tuple[str, ...]] | None = None

    @classmethod
    def of(cls, triples: Iterable[tuple[str, str, str]]) -> Graph:
        """The graph of some triples; one that comes twice is one."""
        forward: dict[str, dict[str, list[str]]] = {}
        for subject, predicate, value in dict.fromkeys(triples):
            forward.setdefault(subject, {}).setdefault(predicate, []).append(value)
        return cls(forward)

    def triples(self) -> Iterator[tuple[str, str, str]]:
        """Every triple, by subject."""
        for subject, properties in self.forward.items():
            for predicate, values in properties.items():
                for value in values:
                    yield subject, predicate, value

    def objects(self, subject: str, predicate: str) -> list[str]:
        """The values of a property of a node."""
        return self.forward.get(subject, _NO_VALUES).get(predicate) or []

    def subjects(self, predicate: str, value: str) -> list[str]:
        """The nodes that have a value of a property."""
        return self.backward.get(value, _NO_VALUES).get(predicate) or []

    @property
    def backward(self) -> dict[str, dict[str, list[str]]]:
        """``backward[object][predicate]`` are the subjects."""
        if self._backward is None:
            self._backward = {}
            for subject, predicate, value in self.triples():
                self._backward.setdefault(value, {}).setdefault(predicate, []).append(subject)
        return self._backward

    @property
    def superclasses(self) -> dict[str, tuple[str, ...]]:
        """Every class that the graph says is below others, and those: ``rdfs:subClassOf*``, itself first."""
        if self._superclasses is None:
            parents = {node: found[SUBCLASS_OF] for node, found in self.forward.items() if SUBCLASS_OF in found}
            self._superclasses = {}
            for start in parents:
                reached = dict.fromkeys([start])
                todo = [start]
                while todo:
                    new = [each for each in parents.get(todo.pop(), ()) if each not in reached]
                    reached |= dict.fromkeys(new)
                    todo += new
                self._superclasses[start] = tuple(reached)
        return self._superclasses

    def is_instance(self, node: str, class_: str) -> bool:
        """Whether a node is a SHACL instance of a class: ``rdf:type/rdfs:subClassOf*`` (SHACL 1.0, section 1.1)."""
        types = self.forward.get(node, _NO_VALUES).get(RDF_TYPE, ())
        if class_ in types:
            return True
        above = self.superclasses
        return bool(above) and any(class_ in above.get(type_, ()) for type_ in types)


# -- reading -------------------------------------------------------------------------------------


def read_record(data: bytes) -> Graph:
    r"""The graph of canonical N-Triples, a triple a line, as the sink writes them.

    Raises ``ValueError`` for a line that is cut.

    >>> read_record(b'<urn:a> <urn:b> "c d" .\n').forward
    {'<urn:a>': {'<urn:b>': ['"c d"']}}
    """
    forward: dict[str, dict[str, list[str]]] = {}
    repeated: dict[int, list[str]] = {}
    properties: dict[str, list[str]] = {}
    before = None
    text = data.decode()
    lines = text.split(" .\n")
    if lines.pop():
        raise ValueError("not canonical N-Triples: the last line is no whole triple")
    for line in lines:
        subject, predicate, value = line.split(" ", 2)
        if subject != before:
            before = subject
            found = forward.get(subject)
            if found is None:
                found = forward[subject] = {}
            properties = found
        if predicate in properties:
            values = properties[predicate]
            values.append(value)
            repeated[id(values)] = values
        else:
            properties[predicate] = [value]
    for values in repeated.values():  # a triple that comes twice is one
        values[:] = dict.fromkeys(values)
    if '"@' in text:
        _fold_languages(forward)
    return Graph(forward)


def _fold_languages(forward: dict[str, dict[str, list[str]]]) -> None:
    """Write language tags in small letters, as the parser does: they are equal whatever their letters (RDF 1.1)."""
    for properties in forward.values():
        for values in properties.values():
            for position, value in enumerate(values):
                if value[0] == '"' and value[-1] not in '">':
                    text, tag = value.rsplit('"@', 1)
                    values[position] = f'{text}"@{tag.lower()}'


def read_rdf(data: str | bytes, format_: str, *, file: str | None = None, labels: str = "_:b") -> Graph:
    """The graph of Turtle or N-Triples from elsewhere. Nothing is fetched.

    ``labels`` begins the labels of blank nodes in Turtle, which are numbered in the order of the text. Raises
    :class:`~semantics.errors.SourceError` (VAL040), with the line, for what is not the format or too much.
    """
    from pyoxigraph import RdfFormat, parse, serialize

    formats = {"nt": RdfFormat.N_TRIPLES, "turtle": RdfFormat.TURTLE}
    if format_ not in formats:
        raise SourceError(Diagnostic("VAL040", f"the RDF cannot be read: '{format_}' is not one of nt, turtle"))
    if format_ == "turtle":
        _check_nesting(data, file)
    try:
        lines = serialize(parse(data, format=formats[format_]), format=RdfFormat.N_TRIPLES)
    except SyntaxError as fault:
        # The parser's own words may quote the data.
        column = f", column {fault.offset}" if fault.offset else ""
        reason = f"the RDF cannot be read: it is not valid {format_}{column}"
        raise SourceError(Diagnostic("VAL040", reason, Location(file, fault.lineno))) from None
    return Graph.of(_named(_split(lines or b"", file), labels if format_ == "turtle" else None))


def lines_of(data: bytes) -> dict[str, int]:
    """The line of N-Triples on which each subject comes first, for subjects that are written canonically."""
    found: dict[str, int] = {}
    for number, line in enumerate(data.decode("utf-8", "replace").split("\n"), start=1):
        subject = line.lstrip(" \t").split(" ", 1)[0]
        if subject:
            found.setdefault(subject, number)
    return found


def _split(lines: bytes, file: str | None) -> Iterator[tuple[str, str, str]]:
    for line in lines.decode().split("\n")[:-1]:
        subject, predicate, value = line.split(" ", 2)
        if len(line) > MAX_LITERAL:
            raise _refused(f"a term is longer than {MAX_LITERAL >> 20} MB", file)
        if value.startswith("<<"):
            raise _refused("it holds a triple about a triple (RDF 1.2), which SHACL 1.0 knows nothing of", file)
        yield subject, predicate, value[:-2]


def _named(triples: Iterable[tuple[str, str, str]], start: str | None) -> Iterator[tuple[str, str, str]]:
    """The triples with blank nodes numbered: those that Turtle leaves without a name get another one every time."""
    names: dict[str, str] = {}
    for subject, predicate, value in triples:
        if start is not None and (subject[0] == "_" or value[0] == "_"):
            known = (
                names.setdefault(term, f"{start}{len(names)}") if term[0] == "_" else term for term in (subject, value)
            )
            subject, value = known
        yield subject, predicate, value


def _check_nesting(data: str | bytes, file: str | None) -> None:
    """Refuse brackets inside one another beyond :data:`MAX_NESTING`; strings, IRIs and comments do not count."""
    few = (data.count(b"[") + data.count(b"(")) if isinstance(data, bytes) else (data.count("[") + data.count("("))
    if few <= MAX_NESTING:
        return
    depth = 0
    text = data.decode("utf-8", "replace") if isinstance(data, bytes) else data
    for found in _BRACKETS.finditer(text):
        if found[1]:
            depth += 1
            if depth > MAX_NESTING:
                line = text.count("\n", 0, found.start()) + 1
                raise _refused(f"nested deeper than {MAX_NESTING} levels", file, line)
        elif found[2]:
            depth -= 1


def _refused(reason: str, file: str | None, line: int | None = None) -> SourceError:
    return SourceError(Diagnostic("VAL040", f"the RDF cannot be read: {reason}", Location(file, line)))
