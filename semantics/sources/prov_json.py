"""Source ``prov-json``: a document of PROV-JSON, read as the graph of PROV-O that it stands for.

A relation that has an identifier, or says more than its two ends, is a node of its own (``prov:qualifiedUsage``); any
other is one triple (``prov:used``). What stands in a bundle counts like all else.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, Final

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from semantics.errors import Location, SourceError, shape
from semantics.records import Record
from semantics.sources.options import ReadOptions
from semantics.sources.rdf import records_of
from semantics.sources.stream import Input, utf8_blocks
from semantics.sources.values import Unreadable, pointer_part, value_reader

__all__ = ["read", "triples_of"]

_PROV: Final = "http://www.w3.org/ns/prov#"
_KNOWN: Final = {
    "prov": _PROV,
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
}
_TYPE: Final = f"{_KNOWN['rdf']}type"
_ELEMENTS: Final = {"entity": "Entity", "activity": "Activity", "agent": "Agent"}
_NAMES: Final = {
    "type": _TYPE,
    "label": "http://www.w3.org/2000/01/rdf-schema#label",
    "location": f"{_PROV}atLocation",
    "role": f"{_PROV}hadRole",
    "startTime": f"{_PROV}startedAtTime",
    "endTime": f"{_PROV}endedAtTime",
    "time": f"{_PROV}atTime",
}
_RELATIONS: Final[dict[str, tuple[str, str, dict[str, str]]]] = {
    "wasGeneratedBy": ("entity", "Generation", {"activity": "activity"}),
    "used": ("activity", "Usage", {"entity": "entity"}),
    "wasInformedBy": ("informed", "Communication", {"informant": "activity"}),
    "wasStartedBy": ("activity", "Start", {"trigger": "entity", "starter": "hadActivity"}),
    "wasEndedBy": ("activity", "End", {"trigger": "entity", "ender": "hadActivity"}),
    "wasInvalidatedBy": ("entity", "Invalidation", {"activity": "activity"}),
    "wasDerivedFrom": (
        "generatedEntity",
        "Derivation",
        {"usedEntity": "entity", "activity": "hadActivity", "generation": "hadGeneration", "usage": "hadUsage"},
    ),
    "wasAttributedTo": ("entity", "Attribution", {"agent": "agent"}),
    "wasAssociatedWith": ("activity", "Association", {"agent": "agent", "plan": "hadPlan"}),
    "actedOnBehalfOf": ("delegate", "Delegation", {"responsible": "agent", "activity": "hadActivity"}),
    "wasInfluencedBy": ("influencee", "Influence", {"influencer": "influencer"}),
}
"""By relation: what it is said of, the class of its node, and the properties of its other ends, the main one first."""
_RELATIONS["wasEndedby"] = _RELATIONS["wasEndedBy"]  # as its JSON Schema spells it
_PLAIN: Final = {
    "specializationOf": ("specificEntity", "generalEntity"),
    "alternateOf": ("alternate1", "alternate2"),
    "hadMember": ("collection", "entity"),
    "mentionOf": ("specificEntity", "generalEntity"),
}
_PARTS: Final = frozenset({"prefix", "bundle", *_ELEMENTS, *_RELATIONS, *_PLAIN})
_DERIVED: Final = ("Revision", "Quotation", "PrimarySource")
_SPELLED: Final = {"wasEndedby": "wasEndedBy"}
_TEXT: Final = "prov:InternationalizedString"


def read(source: Input, options: ReadOptions) -> Iterator[Record]:
    """The instances in a document. Raises :class:`SourceError` where it is no PROV-JSON, or holds none."""
    _, rest = utf8_blocks(source.blocks(options.limits), source.name)
    try:
        data = value_reader(options.limits)(b"".join(rest))
        triples = list(triples_of(data))
    except Unreadable as fault:
        raise SourceError(fault.diagnostic(Location(source.name, None, None, fault.pointer or None))) from None
    yield from records_of(triples, source.name, options)


def triples_of(data: Any) -> Iterator[Triple]:
    """The graph that a document stands for. Raises :class:`Unreadable`, with the pointer to what is not PROV-JSON."""
    return _Document(_KNOWN, "").statements(data)


class _Document:
    """The statements of a document or a bundle, by the prefixes that it declares; ``way`` is the pointer to it."""

    def __init__(self, prefixes: Mapping[str, str], way: str) -> None:
        self._prefixes = dict(prefixes)
        self._way = way
        self._blank: dict[str, BlankNode] = {}

    def statements(self, data: Any) -> Iterator[Triple]:
        """What is said. Raises :class:`Unreadable`, with the pointer to what is not PROV-JSON."""
        for name in _object(data, self._way, "a document or a bundle"):
            if name not in _PARTS:
                raise _unfit("PROV-JSON has no part of this name", self._way + pointer_part(name))
        for prefix, iri, way in self._entries(data, "prefix"):
            if not isinstance(iri, str):
                raise _unfit(f"the IRI of a prefix is a text, found {shape(iri)}", way)
            self._prefixes[prefix] = iri
        for name, kind in _ELEMENTS.items():
            for key, said, way in self._each(data, name):
                node = self._node(key, way)
                yield Triple(node, NamedNode(_TYPE), NamedNode(_PROV + kind))
                yield from self._attributes(node, said, set(), way)
        for name, relation in _RELATIONS.items():
            for key, said, way in self._each(data, name):
                yield from self._relation(name, relation, key, said, way)
        for name, ends in _PLAIN.items():
            for _, said, way in self._each(data, name):
                yield from self._plain(name, ends, said, way)
        for key, inside, way in self._entries(data, "bundle"):
            yield Triple(self._node(key, way), NamedNode(_TYPE), NamedNode(f"{_PROV}Bundle"))
            yield from _Document(self._prefixes, way).statements(inside)

    def _entries(self, data: Mapping[str, Any], name: str) -> Iterator[tuple[str, Any, str]]:
        """What a part holds, by its keys, with where it stands."""
        way = self._way + pointer_part(name)
        for key, value in _object(data.get(name, {}), way, "a part").items():
            yield key, value, way + pointer_part(key)

    def _each(self, data: Mapping[str, Any], name: str) -> Iterator[tuple[str, Mapping[str, Any], str]]:
        """The statements of a part by their identifiers, of which one may have several."""
        for key, said, way in self._entries(data, name):
            for number, one in enumerate(said) if isinstance(said, list) else [(None, said)]:
                at = way if number is None else way + pointer_part(number)
                yield key, _object(one, at, "a statement"), at

    def _plain(self, name: str, ends: tuple[str, str], said: Mapping[str, Any], way: str) -> Iterator[Triple]:
        """A relation that is never more than its two ends; the second may be several."""
        subject = self._end(said, ends[0], way)
        targets = said.get(f"prov:{ends[1]}")
        named = [
            self._end({f"prov:{ends[1]}": target}, ends[1], way)
            for target in (targets if isinstance(targets, list) else [targets])
        ]
        if subject is None or None in named:
            raise _unfit("the relation lacks one of its ends", way)
        for target in named:
            yield Triple(subject, NamedNode(_PROV + name), target)
        if (bundle := self._end(said, "bundle", way)) is not None:
            yield Triple(subject, NamedNode(f"{_PROV}asInBundle"), bundle)

    def _relation(
        self, name: str, relation: tuple[str, str, dict[str, str]], key: str, said: Mapping[str, Any], way: str
    ) -> Iterator[Triple]:
        of, kind, ends = relation
        main = next(iter(ends))
        subject, target = self._end(said, of, way), self._end(said, main, way)
        if subject is not None and target is not None and key.startswith("_:") and len(said) == 2:
            yield Triple(subject, NamedNode(_PROV + _SPELLED.get(name, name)), target)
            return
        texts = [item.get("$") if isinstance(item, dict) else item for item in _listed(said.get("prov:type"))]
        kinds = [derived for derived in _DERIVED if kind == "Derivation" and f"prov:{derived}" in texts]
        node = self._node(key, way)
        for each in kinds or [kind]:
            yield Triple(node, NamedNode(_TYPE), NamedNode(_PROV + each))
            if subject is not None:
                yield Triple(subject, NamedNode(f"{_PROV}qualified{each}"), node)
        for end, found in ends.items():
            if (term := self._end(said, end, way)) is not None:
                yield Triple(node, NamedNode(_PROV + found), term)
        yield from self._attributes(node, said, {f"prov:{end}" for end in (of, *ends)}, way)

    def _attributes(self, node: Any, said: Mapping[str, Any], without: set[str], way: str) -> Iterator[Triple]:
        for key, values in said.items():
            if key in without:
                continue
            at = way + pointer_part(key)
            prefix, _, local = key.partition(":")
            known = prefix == "prov" and local in _NAMES
            predicate = NamedNode(_NAMES[local]) if known else self._iri(key, at)
            for value in _listed(values):
                yield Triple(node, predicate, self._term(value, at, moment=local.lower().endswith("time")))

    def _term(self, value: Any, way: str, *, moment: bool) -> Any:
        """A value: a plain one, or an object with its text, datatype and language."""
        if not isinstance(value, dict):
            kind = "xsd:dateTime" if moment and isinstance(value, str) else None
            return self._literal(value, kind, way)
        kind = value.get("type", "xsd:string")
        if not isinstance(kind, str):
            raise _unfit(f"the datatype of a value is a name, found {shape(kind)}", way)
        if "lang" in value:
            return _in_language(_lexical(value.get("$"), way)[0], value["lang"], way)
        if kind in ("prov:QUALIFIED_NAME", "xsd:QName"):
            return self._iri(_lexical(value.get("$"), way)[0], way)
        return self._literal(value.get("$"), "xsd:string" if kind == _TEXT else kind, way)

    def _literal(self, value: Any, kind: str | None, way: str) -> Literal:
        text, told = _lexical(value, way)
        return Literal(text, datatype=self._iri(kind or told, way))

    def _end(self, said: Mapping[str, Any], end: str, way: str) -> Any:
        """What stands at an end of a relation: a name, or an object that holds it; None where there is nothing."""
        value = said.get(f"prov:{end}")
        value = value.get("$") if isinstance(value, dict) else value
        if value is None:
            return None
        if not isinstance(value, str):
            raise _unfit(f"an end of a relation is a name, found {shape(value)}", way + pointer_part(f"prov:{end}"))
        return self._node(value, way + pointer_part(f"prov:{end}"))

    def _node(self, key: str, way: str) -> Any:
        return self._blank.setdefault(key, BlankNode()) if key.startswith("_:") else self._iri(key, way)

    def _iri(self, name: str, way: str) -> NamedNode:
        """The IRI of a qualified name; without a prefix it is in the default namespace."""
        prefix, colon, local = name.partition(":")
        if not colon:
            prefix, local = "default", name
        if not colon and prefix not in self._prefixes:
            raise _unfit("a name without a prefix, and no default namespace", way)
        try:
            return NamedNode(self._prefixes[prefix] + local if prefix in self._prefixes else name)
        except ValueError:
            raise _unfit("the name gives no IRI", way) from None


def _unfit(message: str, way: str) -> Unreadable:
    return Unreadable("SRC070", f"the text is not PROV-JSON: {message}", pointer=way)


def _object(value: Any, way: str, what: str) -> Mapping[str, Any]:
    if isinstance(value, dict):
        return value
    raise _unfit(f"{what} is an object, found {shape(value)}", way)


def _listed(values: Any) -> list[Any]:
    return values if isinstance(values, list) else [] if values is None else [values]


def _lexical(value: Any, way: str) -> tuple[str, str]:
    """A single value as text, with the datatype that it has by itself."""
    if isinstance(value, bool):
        return str(value).lower(), "xsd:boolean"
    if isinstance(value, str):
        return value, "xsd:string"
    if isinstance(value, (int, float, Decimal)):
        return str(value), "xsd:integer" if isinstance(value, int) else "xsd:double"
    raise _unfit(f"a value is a text, a number, a truth value or an object with '$', found {shape(value)}", way)


def _in_language(text: str, language: Any, way: str) -> Literal:
    try:
        return Literal(text, language=language)
    except (TypeError, ValueError):
        raise _unfit("the language of a text is none", way) from None
