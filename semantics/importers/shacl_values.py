"""SHACL property shapes as what LinkML says of values: datatypes, code lists, patterns, bounds."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from semantics.errors import Diagnostic, Location, Severity, SourceError
from semantics.importers.description import ImportedEnum, ImportedType, Values, number_of
from semantics.importers.documents import decoded
from semantics.importers.naming import Names
from semantics.importers.xsd_values import BUILTIN
from semantics.patterns import PatternError, compile_pattern

__all__ = ["ANY", "RDF", "RDFS", "SH", "ShaclValues", "both", "local_name", "whole"]

SH: Final = "http://www.w3.org/ns/shacl#"
RDF: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
RDFS: Final = "http://www.w3.org/2000/01/rdf-schema#"
ANY: Final = Values(range="Any")
_XSD: Final = "http://www.w3.org/2001/XMLSchema#"
_PLAIN: Final = frozenset({
    "string", "integer", "decimal", "float", "double", "boolean", "date", "time", "dateTime",
})  # fmt: skip
"""Datatypes of the types of LinkML; any other is a type with the IRI of its own, so that its literals fit."""
_TEXTS: Final = {
    "name": (f"{RDFS}label", "http://www.w3.org/2004/02/skos/core#prefLabel", "http://purl.org/dc/terms/title"),
    "description": (f"{RDFS}comment", "http://www.w3.org/2004/02/skos/core#definition",
                    "http://purl.org/dc/terms/description"),
}  # fmt: skip
"""What says the same as a word of SHACL, where that is not there."""


class ShaclValues:
    """The triples of a file, and what is made of the parts that speak of values."""

    def __init__(self, raw: bytes, file: str) -> None:
        import pyoxigraph

        self.file = file
        self.ox = pyoxigraph
        form = pyoxigraph.RdfFormat.N_TRIPLES if file.endswith(".nt") else pyoxigraph.RdfFormat.TURTLE
        self.about: dict[Any, dict[str, list[Any]]] = {}
        try:
            parser = pyoxigraph.parse(decoded(raw, file).encode(), format=form, base_iri="https://example.org/")
            for quad in parser:
                self.about.setdefault(quad.subject, {}).setdefault(quad.predicate.value, []).append(quad.object)
            self.prefixes: dict[str, str] = dict(parser.prefixes)
        except SyntaxError as fault:
            where = Location(file, getattr(fault, "lineno", None))
            raise SourceError(Diagnostic("IMP001", "the file is not Turtle", where)) from None
        self.names = Names()
        self.findings: list[Diagnostic] = []
        self.enums: dict[str, ImportedEnum] = {}
        self.types: dict[str, ImportedType] = {}
        self.of_class: dict[str, str] = {}
        self.of_shape: dict[Any, str] = {}
        self.waiting: list[tuple[str, Any]] = []

    def all(self, node: Any, name: str) -> list[Any]:
        """The values of a property of SHACL."""
        return self.about.get(node, {}).get(f"{SH}{name}", [])

    def one(self, node: Any, name: str) -> Any:
        """The first value of a property of SHACL."""
        return next(iter(self.all(node, name)), None)

    def text(self, node: Any, name: str) -> str | None:
        """A text, in English where there are several."""
        given = [self.all(node, name), *(self.about.get(node, {}).get(key, []) for key in _TEXTS.get(name, ()))]
        found = next((each for each in given if each), [])
        best = sorted(found, key=lambda each: getattr(each, "language", None) not in (None, "en"))
        return str(best[0].value) if best else None

    def tell(self, message: str, shape: Any, *, note: bool = False) -> None:
        """Note what LinkML does not say, with the shape it stands in."""
        place = shape.value if isinstance(shape, self.ox.NamedNode) else None
        severity = Severity.NOTE if note else Severity.WARNING
        self.findings.append(Diagnostic("IMP010", message, Location(self.file, pointer=place), severity=severity))

    def values(self, place: str, part: Any, shape: Any) -> Values:
        """What a property shape says of one value."""
        values = Values(range=self._range(part, place))
        if (codes := self.one(part, "in")) is not None:
            return self._codes(place, list(self.listed(codes)), values)
        if (choice := self.one(part, "or")) is not None:
            members = list(dict.fromkeys(Values(range=self._range(each, place)) for each in self.listed(choice)))
            if any(each == ANY for each in members):
                return ANY
            if all(each.range for each in members):
                return members[0] if len(members) == 1 else Values(any_of=tuple(members))
            self.tell("'sh:or' of more than ranges is not carried", shape)
        if (given := self.one(part, "hasValue")) is not None:
            if whole(self.one(part, "maxCount")) == 1:
                kind = "uriorcurie" if isinstance(given, self.ox.NamedNode) else "string"
                return replace(values, range=values.range or kind, equals_string=given.value)
            self.tell("'sh:hasValue' is not carried: other values may stand beside it", shape)
        patterns = [Values(pattern=text) for text in self._patterns(part, shape)]
        values = self._bounds(values, part)
        if len(patterns) == 1:
            return replace(values, range=values.range or "string", pattern=patterns[0].pattern)
        return replace(values, all_of=tuple(patterns))

    def _range(self, part: Any, place: str) -> str | None:
        if (datatype := self.one(part, "datatype")) is not None:
            return self._datatype(datatype.value, part)
        if (target := self.one(part, "class")) is not None:
            if target.value not in self.of_class:
                self.tell(f"the class '{local_name(target.value)}' is not described: any IRI is taken", part)
            return self.of_class.get(target.value, "uriorcurie")
        if (target := self.one(part, "node")) is not None:
            return self._nested(target, place)
        kind = self.one(part, "nodeKind")
        if kind is not None and local_name(kind.value) in ("IRI", "BlankNodeOrIRI"):
            return "uriorcurie"
        if kind is not None:
            self.tell(f"'sh:nodeKind sh:{local_name(kind.value)}' is not carried: any value is taken", part)
        return None

    def _nested(self, shape: Any, place: str) -> str:
        """The class of a shape; one that stands in place is made when it is its turn."""
        if shape not in self.of_shape:
            if not self.all(shape, "property"):
                self.tell("'sh:node' of a shape without properties is not carried: any IRI is taken", shape)
                return "uriorcurie"
            self.of_shape[shape] = self.names.give(place)
            self.waiting.append((self.of_shape[shape], shape))
        return self.of_shape[shape]

    def _datatype(self, iri: str, part: Any) -> str:
        """LinkML's type of a datatype, or one that is made for it."""
        local = iri.removeprefix(_XSD)
        known = BUILTIN.get(local, Values(range="string"))
        if local in _PLAIN:
            return str(known.range)
        if iri == f"{RDF}langString":
            self.tell("'sh:datatype rdf:langString' is not carried: any value is taken", part)
            return "Any"
        name = next((each.name for each in self.types.values() if each.uri == iri), None)
        if name is None:
            name = self.names.give(local_name(iri))
            self.types[name] = ImportedType(name, known, uri=iri)
        return name

    def _codes(self, place: str, members: list[Any], values: Values) -> Values:
        """``sh:in``: an enum; an IRI is the meaning of the code that is its local name."""
        if values.range in ("integer", "decimal"):
            numbers = tuple(Values(equals_number=_number(each.value)) for each in members)
            return replace(values, any_of=numbers)
        name = self.names.give(place)
        meanings = [(each.value, each.value) for each in members if isinstance(each, self.ox.NamedNode)]
        self.enums[name] = ImportedEnum(
            name,
            tuple((text, None) for text in dict.fromkeys(str(each.value) for each in members)),
            meanings=tuple(meanings),
        )
        return Values(range=name)

    def listed(self, node: Any) -> Iterator[Any]:
        """The members of a list."""
        seen = set()
        while node not in seen and (first := self.about.get(node, {}).get(f"{RDF}first")):
            seen.add(node)
            yield first[0]
            node = self.about[node].get(f"{RDF}rest", [None])[0]

    def _patterns(self, part: Any, shape: Any) -> Iterator[str]:
        low, high = whole(self.one(part, "minLength")), whole(self.one(part, "maxLength"))
        found = [self.text(part, "pattern") or ""]
        flags = self.text(part, "flags")
        if flags and found[0] and set(flags) - set("imsx"):
            self.tell("'sh:flags' has letters that patterns do not know", shape)
        if flags and found[0]:
            found[0] = f"(?{re.sub('[^imsx]', '', flags)}){found[0]}"
        if low or high:
            found.append(f"^[\\s\\S]{{{low},{high or ''}}}$")
        for text in filter(None, found):
            try:
                compile_pattern(text)
            except PatternError as fault:
                self.tell(f"a pattern is not one of the linear-time engine: {fault}", shape)
            else:
                yield text

    def _bounds(self, values: Values, part: Any) -> Values:
        low, high = (_number(each.value) if (each := self.one(part, name)) is not None else None
                     for name in ("minInclusive", "maxInclusive"))  # fmt: skip
        beyond = []
        for name in ("minExclusive", "maxExclusive"):
            if (bound := self.one(part, name)) is not None and (number := _number(bound.value)) is not None:
                beyond.append(Values(equals_number=number))
                if name == "minExclusive":
                    low = number if low is None else max(low, number)
                else:
                    high = number if high is None else min(high, number)
        return replace(values, minimum_value=low, maximum_value=high, none_of=tuple(beyond))


def both(known: Values, more: Values) -> Values:
    """What two shapes of one predicate say: both hold."""
    given = {name: value for name in Values.__dataclass_fields__ if (value := getattr(more, name)) not in (None, ())}
    if {known.range, more.range} > {"uriorcurie"} and None not in (known.range, more.range):
        given["range"] = more.range if known.range == "uriorcurie" else known.range
        known = replace(known, range=given["range"])
    if any(getattr(known, name) not in (None, (), value) for name, value in given.items()):
        return replace(known, all_of=(*known.all_of, more))
    return replace(known, **given)


def local_name(iri: str) -> str:
    """What stands at the end of an IRI."""
    return re.split(r"[/#:]", iri.rstrip("/#"))[-1]


def whole(node: Any) -> int:
    """A whole number that a literal holds; 0 for anything else."""
    text = str(node.value) if node is not None else ""
    return int(text) if text.isdecimal() and len(text) < 10 else 0


def _number(text: str) -> int | Decimal | None:
    try:
        return number_of(Decimal(text))
    except InvalidOperation:
        return None
