"""SHACL property paths (SHACL 1.0, section 2.3.1): read from a shapes graph, written as SPARQL does, and followed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from semantics.validation.shacl.faults import ill_formed
from semantics.validation.shacl.graph import Graph
from semantics.validation.shacl.terms import RDF_FIRST, RDF_NIL, RDF_REST, sh

__all__ = [
    "Alternative", "Follow", "Inverse", "Path", "Predicate", "Repeated", "Steps", "first_of", "follow", "read_list",
    "read_path",
]  # fmt: skip

Follow = Callable[[Graph, str], Sequence[str]]
"""The value nodes of a path from a node, each once."""


@dataclass(frozen=True, slots=True)
class Predicate:
    """One property, as a term."""

    term: str

    def __str__(self) -> str:
        return self.term


@dataclass(frozen=True, slots=True)
class Inverse:
    """A path walked from its end to its beginning."""

    path: Path

    def __str__(self) -> str:
        return f"^{_in_brackets(self.path)}"


@dataclass(frozen=True, slots=True)
class Steps:
    """Paths one after the other."""

    paths: tuple[Path, ...]

    def __str__(self) -> str:
        return "/".join(map(_in_brackets, self.paths))


@dataclass(frozen=True, slots=True)
class Alternative:
    """Any one of some paths."""

    paths: tuple[Path, ...]

    def __str__(self) -> str:
        return "|".join(map(_in_brackets, self.paths))


@dataclass(frozen=True, slots=True)
class Repeated:
    """A path walked several times: ``sign`` is that of SPARQL, ``*``, ``+`` or ``?``."""

    path: Path
    sign: str

    def __str__(self) -> str:
        return f"{_in_brackets(self.path)}{self.sign}"


Path = Predicate | Inverse | Steps | Alternative | Repeated

MAX_PARTS: Final = 200
"""Parts of one path."""

_SIGNS: Final = {"zeroOrMorePath": "*", "oneOrMorePath": "+", "zeroOrOnePath": "?"}


def _in_brackets(path: Path) -> str:
    return str(path) if isinstance(path, Predicate) else f"({path})"


# -- reading -------------------------------------------------------------------------------------


def read_path(graph: Graph, node: str) -> Path:
    """The path that a node of a shapes graph stands for.

    Raises :class:`~semantics.errors.DefinitionError`: VAL042 for a path that leads back to itself, else VAL041.
    """
    return _Reader(graph).path(node, ())


class _Reader:
    """Reads one path; ``left`` is how many parts it may still have, so that shared parts cannot multiply."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.left = MAX_PARTS

    def path(self, node: str, inside: tuple[str, ...]) -> Path:
        """The path at a node, ``inside`` those of which it is a part."""
        self.left -= 1
        if node in inside:
            raise ill_formed("a path refers to itself", code="VAL042", about="path")
        if node[0] == '"':
            raise ill_formed("a path is a literal", about="path")
        if self.left < 0:
            raise ill_formed(f"a path has more than {MAX_PARTS} parts", about="path")
        inside = (*inside, node)
        if self.graph.objects(node, RDF_FIRST):
            return Steps(self._members(node, "sh:path", inside))
        if alternatives := self.graph.objects(node, sh("alternativePath")):
            return Alternative(self._members(alternatives[0], "sh:alternativePath", inside))
        if inverse := self.graph.objects(node, sh("inversePath")):
            return Inverse(self.path(inverse[0], inside))
        for name, sign in _SIGNS.items():
            if repeated := self.graph.objects(node, sh(name)):
                return Repeated(self.path(repeated[0], inside), sign)
        if node[0] == "<":
            return Predicate(node)
        raise ill_formed("a blank node is no path", about="path")

    def _members(self, node: str, what: str, inside: tuple[str, ...]) -> tuple[Path, ...]:
        members = read_list(self.graph, node, what)
        if len(members) < 2:
            raise ill_formed(f"a list of paths ({what}) has fewer than two", about=what.removeprefix("sh:"))
        return tuple(self.path(each, inside) for each in members)


def read_list(graph: Graph, node: str, what: str) -> tuple[str, ...]:
    """The members of an RDF list. Raises :class:`~semantics.errors.DefinitionError` for what is none."""
    members: list[str] = []
    seen: set[str] = set()
    while node != RDF_NIL:
        first, rest = graph.objects(node, RDF_FIRST), graph.objects(node, RDF_REST)
        if node in seen or len(first) != 1 or len(rest) != 1:
            raise ill_formed(f"the value of {what} is not a list", about=what.removeprefix("sh:"))
        seen.add(node)
        members.append(first[0])
        node = rest[0]
    return tuple(members)


def first_of(path: Path | None) -> str | None:
    """The property that a path begins with, as an IRI, where it begins with one.

    >>> first_of(Steps((Predicate("<urn:p>"), Predicate("<urn:q>"))))
    'urn:p'
    """
    match path:
        case Predicate(term):
            return term[1:-1]
        case Steps(paths):
            return first_of(paths[0])
        case _:
            return None


# -- following -----------------------------------------------------------------------------------


def follow(path: Path) -> Follow:
    """What gives the value nodes of a path, each once and in the order in which they are reached."""
    match path:
        case Predicate(term):
            return lambda graph, node: graph.objects(node, term)
        case Inverse(inner):
            return _against(inner)
        case Steps(paths):
            return _steps([follow(each) for each in paths])
        case Alternative(paths):
            return _any([follow(each) for each in paths])
        case Repeated(inner, sign):
            return _repeated(follow(inner), sign)


def _against(path: Path) -> Follow:
    match path:
        case Predicate(term):
            return lambda graph, node: graph.subjects(term, node)
        case Inverse(inner):
            return follow(inner)
        case Steps(paths):
            return _steps([_against(each) for each in reversed(paths)])
        case Alternative(paths):
            return _any([_against(each) for each in paths])
        case Repeated(inner, sign):
            return _repeated(_against(inner), sign)


def _steps(steps: list[Follow]) -> Follow:
    def values(graph: Graph, node: str) -> Sequence[str]:
        reached: Sequence[str] = (node,)
        for step in steps:
            reached = list(dict.fromkeys(value for each in reached for value in step(graph, each)))
        return reached

    return values


def _any(paths: list[Follow]) -> Follow:
    return lambda graph, node: list(dict.fromkeys(value for each in paths for value in each(graph, node)))


def _repeated(step: Follow, sign: str) -> Follow:
    if sign == "?":
        return lambda graph, node: list(dict.fromkeys([node, *step(graph, node)]))

    def values(graph: Graph, node: str) -> Sequence[str]:
        reached = dict.fromkeys([node] if sign == "*" else step(graph, node))
        todo = list(reached)
        while todo:
            new = [value for value in step(graph, todo.pop()) if value not in reached]
            reached |= dict.fromkeys(new)
            todo += new
        return list(reached)

    return values
