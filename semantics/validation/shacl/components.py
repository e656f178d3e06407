"""The constraint components of SHACL Core (SHACL 1.0, section 4), each compiled to a test: three visible tables.

Most components look at one value node at a time, at its term alone or at the graph too; the others look at all value
nodes, and tell what offends. A test never looks at more, so one serves to say yes or no and to list what is wrong.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any, Final, Protocol

from semantics.patterns import PatternError, compile_pattern
from semantics.validation.findings import shortened
from semantics.validation.shacl.faults import ill_formed
from semantics.validation.shacl.graph import Graph
from semantics.validation.shacl.literals import Ordered, below, not_above, of_datatype, ordered
from semantics.validation.shacl.shapes import Qualified
from semantics.validation.shacl.terms import iri_of, language_of, sh, text_of

__all__ = [
    "ON_SETS",
    "ON_TERMS",
    "ON_VALUES",
    "Build",
    "Offence",
    "SetTest",
    "TermTest",
    "Tested",
    "ValueTest",
    "search",
]

TermTest = Callable[[str], object]
"""Whether a value node conforms, which its term alone tells."""
ValueTest = Callable[[Graph, str], object]
"""Whether a value node conforms, which the graph tells."""
Offence = tuple[str | None, str | None]
"""What offends, and the property it stands in: the value if there is one, the property if it is not the shape's."""
SetTest = Callable[[Graph, str, Sequence[str]], Sequence[Offence]]
"""What offends among the value nodes of a focus node; nothing where the constraint holds."""


class Tested(Protocol):
    """A compiled shape, as constraints that refer to it see it."""

    @property
    def holds(self) -> Callable[[Graph, str], bool]:
        """Whether a node conforms to the shape."""


Build = Callable[[str], Tested]
"""Gives the compiled shape of a name. It may not be finished yet: ``holds`` is to be asked when it is needed."""

_NONE: Final[Sequence[Offence]] = ()
_ONE: Final[Sequence[Offence]] = ((None, None),)
_KINDS: Final = {
    "IRI": "<", "BlankNode": "_", "Literal": '"',
    "BlankNodeOrIRI": "<_", "BlankNodeOrLiteral": '_"', "IRIOrLiteral": '<"',
}  # fmt: skip
"""The kinds of nodes, with the characters that their terms begin with."""


# -- the term of a value --------------------------------------------------------------------------


def _datatype(argument: str) -> TermTest:
    return of_datatype(iri_of(argument) or "")


def _node_kind(argument: str) -> TermTest:
    begins = next((first for name, first in _KINDS.items() if sh(name) == argument), None)
    if begins is None:
        raise ill_formed("a value of sh:nodeKind is not one of the six kinds", about="nodeKind")
    return lambda value: value[0] in begins


def _bound(holds: Callable[[Ordered | None, Ordered | None], bool], *, low: bool) -> Callable[[str], TermTest]:
    def compiled(argument: str) -> TermTest:
        limit = ordered(argument)
        if low:
            return lambda value: holds(limit, ordered(value))
        return lambda value: holds(ordered(value), limit)

    return compiled


def _min_length(argument: int) -> TermTest:
    return lambda value: value[0] != "_" and len(text_of(value)) >= argument


def _max_length(argument: int) -> TermTest:
    return lambda value: value[0] != "_" and len(text_of(value)) <= argument


def _pattern(argument: tuple[str, str]) -> TermTest:
    matches = search(*argument)

    def test(value: str) -> bool:
        if value[-1] == '"' and "\\" not in value:  # a string as it stands, the most frequent of values
            return matches(value[1:-1])
        return value[0] != "_" and matches(text_of(value))

    return test


def search(pattern: str, flags: str) -> Callable[[str], bool]:
    """A test whether a text holds a match: SPARQL's REGEX, in linear time."""
    kept = "".join(sorted(set(flags)))
    if set(kept) - set("imsx"):
        raise ill_formed(f"sh:flags '{shortened(flags, 20)}' are not known", about="flags")
    try:
        return compile_pattern(f"(?{kept}){pattern}" if kept else pattern)
    except PatternError as reason:
        raise ill_formed(f"the pattern {shortened(pattern)} is refused: {reason}", about="pattern") from None


def _language_in(argument: tuple[str, ...]) -> TermTest:
    def test(value: str) -> bool:
        tag = language_of(value)
        return bool(tag) and any(each in ("*", tag) or tag.startswith(f"{each}-") for each in argument)

    return test


def _in(argument: tuple[str, ...]) -> TermTest:
    return frozenset(argument).__contains__


ON_TERMS: Final[dict[str, Callable[[Any], TermTest]]] = {
    "Datatype": _datatype,
    "NodeKind": _node_kind,
    "MinExclusive": _bound(below, low=True),
    "MinInclusive": _bound(not_above, low=True),
    "MaxExclusive": _bound(below, low=False),
    "MaxInclusive": _bound(not_above, low=False),
    "MinLength": _min_length,
    "MaxLength": _max_length,
    "Pattern": _pattern,
    "LanguageIn": _language_in,
    "In": _in,
}
"""The components that look at the term of a value node: argument to test."""


# -- a value in the graph ------------------------------------------------------------------------


def _class(argument: str, _build: Build) -> ValueTest:
    return lambda graph, value: graph.is_instance(value, argument)


def _not(argument: str, build: Build) -> ValueTest:
    inner = build(argument)
    return lambda graph, value: not inner.holds(graph, value)


def _node(argument: str, build: Build) -> ValueTest:
    inner = build(argument)
    return lambda graph, value: inner.holds(graph, value)  # noqa: PLW0108 - the shape may not be compiled yet


def _and(argument: tuple[str, ...], build: Build) -> ValueTest:
    members = [build(each) for each in argument]

    def test(graph: Graph, value: str) -> bool:
        for member in members:  # noqa: SIM110 - without a generator
            if not member.holds(graph, value):
                return False
        return True

    return test


def _or(argument: tuple[str, ...], build: Build) -> ValueTest:
    members = [build(each) for each in argument]

    def test(graph: Graph, value: str) -> bool:
        for member in members:  # noqa: SIM110 - without a generator
            if member.holds(graph, value):
                return True
        return False

    return test


def _xone(argument: tuple[str, ...], build: Build) -> ValueTest:
    members = [build(each) for each in argument]
    return lambda graph, value: sum(1 for member in members if member.holds(graph, value)) == 1


ON_VALUES: Final[dict[str, Callable[[Any, Build], ValueTest]]] = {
    "Class": _class,
    "Not": _not,
    "And": _and,
    "Or": _or,
    "Xone": _xone,
    "Node": _node,
}
"""The components that look at a value node in the graph: argument and shapes to test."""


# -- all values at once --------------------------------------------------------------------------


def _min_count(argument: int, _build: Build) -> SetTest:
    return lambda _graph, _focus, values: _ONE if len(values) < argument else _NONE


def _max_count(argument: int, _build: Build) -> SetTest:
    return lambda _graph, _focus, values: _ONE if len(values) > argument else _NONE


def _unique_lang(_argument: None, _build: Build) -> SetTest:
    def offences(_graph: Graph, _focus: str, values: Sequence[str]) -> Sequence[Offence]:
        tags = Counter(filter(None, map(language_of, values)))
        return [(None, None) for count in tags.values() if count > 1]

    return offences


def _equals(argument: str, _build: Build) -> SetTest:
    def offences(graph: Graph, focus: str, values: Sequence[str]) -> Sequence[Offence]:
        here, there = dict.fromkeys(values), dict.fromkeys(graph.objects(focus, argument))
        missing = [value for value in here if value not in there]
        return [(value, None) for value in (*missing, *(other for other in there if other not in here))]

    return offences


def _disjoint(argument: str, _build: Build) -> SetTest:
    def offences(graph: Graph, focus: str, values: Sequence[str]) -> Sequence[Offence]:
        others = set(graph.objects(focus, argument))
        return [(value, None) for value in values if value in others]

    return offences


def _less(holds: Callable[[Ordered | None, Ordered | None], bool]) -> Callable[[str, Build], SetTest]:
    def compiled(argument: str, _build: Build) -> SetTest:
        def offences(graph: Graph, focus: str, values: Sequence[str]) -> Sequence[Offence]:
            others = [ordered(other) for other in graph.objects(focus, argument)]
            return [(value, None) for value in values for other in others if not holds(ordered(value), other)]

        return offences

    return compiled


def _has_value(argument: str, _build: Build) -> SetTest:
    return lambda _graph, _focus, values: _NONE if argument in values else _ONE


def _closed(argument: frozenset[str], _build: Build) -> SetTest:
    def offences(graph: Graph, _focus: str, values: Sequence[str]) -> Sequence[Offence]:
        return [
            (found, predicate)
            for value in values
            for predicate, objects in graph.forward.get(value, {}).items()
            if predicate not in argument
            for found in objects
        ]

    return offences


def _qualified(*, least: bool) -> Callable[[Qualified, Build], SetTest]:
    def compiled(argument: Qualified, build: Build) -> SetTest:
        inner, siblings = build(argument.shape), [build(each) for each in argument.siblings]

        def offences(graph: Graph, _focus: str, values: Sequence[str]) -> Sequence[Offence]:
            count = sum(
                1 for value in values
                if inner.holds(graph, value) and not any(other.holds(graph, value) for other in siblings)
            )  # fmt: skip
            return _ONE if (count < argument.count if least else count > argument.count) else _NONE

        return offences

    return compiled


ON_SETS: Final[dict[str, Callable[[Any, Build], SetTest]]] = {
    "MinCount": _min_count,
    "MaxCount": _max_count,
    "UniqueLang": _unique_lang,
    "Equals": _equals,
    "Disjoint": _disjoint,
    "LessThan": _less(below),
    "LessThanOrEquals": _less(not_above),
    "HasValue": _has_value,
    "Closed": _closed,
    "QualifiedMinCount": _qualified(least=True),
    "QualifiedMaxCount": _qualified(least=False),
}
"""The components that look at all value nodes: argument and shapes to what offends."""
