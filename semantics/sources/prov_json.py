"""Source ``prov-json``: a document of PROV-JSON, read as the graph of PROV-O that it stands for.

A relation that has an identifier, or says more than its two ends, is a node of its own (``prov:qualifiedUsage``); any
other is one triple (``prov:used``). What stands in a bundle counts like all else.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from semantics.errors import Diagnostic, Location, SourceError
from semantics.records import Record
from semantics.sources.options import ReadOptions
from semantics.sources.rdf import records_of
from semantics.sources.stream import Input, utf8_blocks
from semantics.sources.values import Unreadable, value_reader

__all__ = ["read"]

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
_PLAIN: Final = {
    "specializationOf": ("specificEntity", "generalEntity"),
    "alternateOf": ("alternate1", "alternate2"),
    "hadMember": ("collection", "entity"),
    "mentionOf": ("specificEntity", "generalEntity"),
}
_DERIVED: Final = ("Revision", "Quotation", "PrimarySource")


def read(source: Input, options: ReadOptions) -> Iterator[Record]:
    """The instances in a document. Raises :class:`SourceError` where it is no PROV-JSON, or holds none."""
    _, rest = utf8_blocks(source.blocks(options.limits), source.name)
    try:
        data = value_reader(options.limits)(b"".join(rest))
    except Unreadable as fault:
        raise SourceError(fault.diagnostic(Location(source.name, None, None, fault.pointer or None))) from None
    if not isinstance(data, dict) or not all(isinstance(part, dict) for part in data.values()):
        message = "a document of PROV-JSON is an object of objects"
        raise SourceError(Diagnostic("SRC070", message, Location(source.name)))
    try:
        triples = list(_Document(_KNOWN).statements(data))
    except ValueError as error:
        raise SourceError(Diagnostic("SRC070", f"the text is not PROV-JSON: {error}", Location(source.name))) from None
    yield from records_of(triples, source.name, options)


class _Document:
    """The statements of a document or a bundle, by the prefixes that it declares."""

    def __init__(self, prefixes: Mapping[str, str]) -> None:
        self._prefixes = dict(prefixes)
        self._blank: dict[str, BlankNode] = {}

    def statements(self, data: Mapping[str, Any]) -> Iterator[Triple]:
        self._prefixes |= {str(name): str(iri) for name, iri in data.get("prefix", {}).items()}
        for name, kind in _ELEMENTS.items():
            for key, said in self._each(data.get(name, {})):
                node = self._node(key)
                yield Triple(node, NamedNode(_TYPE), NamedNode(_PROV + kind))
                yield from self._attributes(node, said, set())
        for name, relation in _RELATIONS.items():
            for key, said in self._each(data.get(name, {})):
                yield from self._relation(name, relation, key, said)
        for name, (one, other) in _PLAIN.items():
            for _, said in self._each(data.get(name, {})):
                first, second = (self._named(said.get(f"prov:{end}")) for end in (one, other))
                for inner in second if isinstance(second, list) else [second]:
                    if first is not None and inner is not None:
                        yield Triple(first, NamedNode(_PROV + name), inner)
                if (bundle := self._named(said.get("prov:bundle"))) is not None and first is not None:
                    yield Triple(first, NamedNode(f"{_PROV}asInBundle"), bundle)
        for key, inside in data.get("bundle", {}).items():
            node = self._node(key)
            yield Triple(node, NamedNode(_TYPE), NamedNode(f"{_PROV}Bundle"))
            yield from _Document(self._prefixes).statements(inside)

    @staticmethod
    def _each(part: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """The statements by their identifiers, of which one may have several."""
        for key, said in part.items():
            for one in said if isinstance(said, list) else [said]:
                yield key, one

    def _relation(
        self, name: str, relation: tuple[str, str, dict[str, str]], key: str, said: Mapping[str, Any]
    ) -> Iterator[Triple]:
        of, kind, ends = relation
        main = next(iter(ends))
        subject, target = self._named(said.get(f"prov:{of}")), self._named(said.get(f"prov:{main}"))
        if key.startswith("_:") and set(said) <= {f"prov:{of}", f"prov:{main}"}:
            if subject is not None and target is not None:
                yield Triple(subject, NamedNode(_PROV + name), target)
            return
        types = said.get("prov:type")
        texts = [item.get("$") if isinstance(item, dict) else item for item in _listed(types)]
        kinds = [derived for derived in _DERIVED if kind == "Derivation" and f"prov:{derived}" in texts]
        node = self._node(key)
        for each in kinds or [kind]:
            yield Triple(node, NamedNode(_TYPE), NamedNode(_PROV + each))
            if subject is not None:
                yield Triple(subject, NamedNode(f"{_PROV}qualified{each}"), node)
        for end, found in ends.items():
            if (term := self._named(said.get(f"prov:{end}"))) is not None:
                yield Triple(node, NamedNode(_PROV + found), term)
        yield from self._attributes(node, said, {f"prov:{end}" for end in (of, *ends)})

    def _attributes(self, node: Any, said: Mapping[str, Any], without: set[str]) -> Iterator[Triple]:
        for key, values in said.items():
            if key in without:
                continue
            prefix, _, local = key.partition(":")
            predicate = NamedNode(_NAMES[local]) if prefix == "prov" and local in _NAMES else self._iri(key)
            for value in _listed(values):
                yield Triple(node, predicate, self._term(value, moment=local.lower().endswith("time")))

    def _term(self, value: Any, *, moment: bool) -> Any:
        """A value: a plain one, or an object with its text, datatype and language."""
        if not isinstance(value, dict):
            if isinstance(value, bool):
                return Literal(value)
            datatype = NamedNode(f"{_KNOWN['xsd']}{'dateTime' if moment else 'string'}")
            number = None if isinstance(value, str) else "integer" if isinstance(value, int) else "double"
            return Literal(str(value), datatype=NamedNode(_KNOWN["xsd"] + number) if number else datatype)
        text, kind = str(value.get("$")), str(value.get("type", "xsd:string"))
        if "lang" in value:
            return Literal(text, language=str(value["lang"]))
        if kind in ("prov:QUALIFIED_NAME", "xsd:QName"):
            return self._iri(text)
        return Literal(text, datatype=NamedNode(_KNOWN["xsd"] + "string") if kind == _TEXT else self._iri(kind))

    def _named(self, value: Any) -> Any:
        if isinstance(value, list):
            return [self._named(item) for item in value]
        if isinstance(value, dict):
            value = value.get("$")
        return None if value is None else self._node(str(value))

    def _node(self, key: str) -> Any:
        return self._blank.setdefault(key, BlankNode()) if key.startswith("_:") else self._iri(key)

    def _iri(self, name: str) -> NamedNode:
        """The IRI of a qualified name; without a prefix it is in the default namespace."""
        prefix, colon, local = name.partition(":")
        if not colon:
            prefix, local = "default", name
        if prefix in self._prefixes:
            return NamedNode(self._prefixes[prefix] + local)
        if colon:
            return NamedNode(name)
        raise ValueError("a name without a prefix, and no default namespace")


_TEXT: Final = "prov:InternationalizedString"


def _listed(values: Any) -> list[Any]:
    return values if isinstance(values, list) else [] if values is None else [values]
