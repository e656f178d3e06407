"""Importer ``shacl``: node shapes become classes, property shapes of one predicate become slots."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, Final

from semantics.errors import Diagnostic, Location, Severity, SourceError, UsageError
from semantics.importers.description import (
    ANYTHING,
    Description,
    ImportedClass,
    ImportedEnum,
    ImportedSlot,
    Values,
    number_of,
)
from semantics.importers.documents import decoded
from semantics.importers.naming import Names, is_slot_name, schema_name
from semantics.patterns import PatternError, compile_pattern

__all__ = ["describe"]

_SH: Final = "http://www.w3.org/ns/shacl#"
_RDF: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_XSD: Final = "http://www.w3.org/2001/XMLSchema#"
_RANGES: Final = {
    **dict.fromkeys(("integer", "int", "long", "short", "nonNegativeInteger", "positiveInteger"), "integer"),
    "decimal": "decimal", "float": "float", "double": "double", "boolean": "boolean", "date": "date", "time": "time",
    "dateTime": "datetime", "anyURI": "uri",
}  # fmt: skip
_CARRIED: Final = frozenset({
    "path", "datatype", "class", "node", "minCount", "maxCount", "in", "pattern", "minLength", "maxLength",
    "minInclusive", "maxInclusive", "minExclusive", "maxExclusive", "hasValue", "nodeKind", "name",
    "description", "severity", "or", "order", "group", "message", "flags", "deactivated", "defaultValue",
})  # fmt: skip
ANY: Final = Values(range="Any")
_OF_CLASS: Final = frozenset({
    "property", "targetClass", "closed", "name", "ignoredProperties", "description", "nodeKind", "severity", "message",
})  # fmt: skip


def describe(raw: bytes, path: Path, folders: tuple[Path, ...] = ()) -> Description:
    """The classes of SHACL shapes in Turtle or N-Triples; ``folders`` are not looked at.

    >>> text = b'''@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix e: <https://example.org/> .
    ... e:MeterShape a sh:NodeShape ; sh:targetClass e:Meter ; sh:property [ sh:path e:serial ; sh:minCount 1 ] .'''
    >>> [(each.name, each.uri, each.slots[1].name) for each in describe(text, Path("m.ttl")).classes]
    [('Meter', 'https://example.org/Meter', 'serial')]
    """
    shapes = _Shapes(raw, path.name)
    shapes.make()
    if not shapes.classes:
        raise UsageError(Diagnostic("IMP003", "there is no node shape with a class", Location(path.name)))
    called = schema_name(path.name.split(".")[0])
    prefixes = tuple(sorted(each for each in shapes.prefixes.items() if each[0] not in ("", called, "linkml")))
    return Description(
        called, f"https://example.org/{called}", prefixes=prefixes, classes=tuple(shapes.classes.values()),
        enums=tuple(shapes.enums.values()), findings=tuple(dict.fromkeys(shapes.findings)),
    )  # fmt: skip


class _Shapes:
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
        self.classes: dict[str, ImportedClass] = {}
        self.enums: dict[str, ImportedEnum] = {}
        self.of_class: dict[str, str] = {}
        self.of_shape: dict[Any, str] = {}

    def all(self, node: Any, name: str) -> list[Any]:
        """The values of a property of SHACL."""
        return self.about.get(node, {}).get(f"{_SH}{name}", [])

    def one(self, node: Any, name: str) -> Any:
        """The first value of a property of SHACL."""
        return next(iter(self.all(node, name)), None)

    def text(self, node: Any, name: str) -> str | None:
        """A text, in English where there are several."""
        found = sorted(self.all(node, name), key=lambda each: getattr(each, "language", None) not in (None, "en"))
        return str(found[0].value) if found else None

    def tell(self, message: str, shape: Any, *, note: bool = False) -> None:
        """Note what LinkML does not say, with the shape it stands in."""
        place = shape.value if isinstance(shape, self.ox.NamedNode) else None
        severity = Severity.NOTE if note else Severity.WARNING
        self.findings.append(Diagnostic("IMP010", message, Location(self.file, pointer=place), severity=severity))

    # -- classes ---------------------------------------------------------------------------------

    def make(self) -> None:
        """A class for every target class; shapes of one class make it together."""
        targets: dict[str, list[Any]] = {}
        for node, about in self.about.items():
            kinds = {kind.value for kind in about.get(f"{_RDF}type", ())}
            if f"{_SH}NodeShape" not in kinds and not (self.all(node, "property") and self.all(node, "targetClass")):
                continue
            found = [each.value for each in self.all(node, "targetClass") if isinstance(each, self.ox.NamedNode)]
            if not found and isinstance(node, self.ox.NamedNode):
                found = [node.value]
            for iri in found:
                targets.setdefault(iri, []).append(node)
        for iri, shapes in targets.items():
            name = self.of_class[iri] = self.names.give(_local(iri).removesuffix("Shape"))
            self.of_shape |= dict.fromkeys(shapes, name)
        for iri, shapes in targets.items():
            self._class(iri, shapes)

    def _class(self, iri: str, shapes: list[Any]) -> None:
        name = self.of_class[iri]
        slots: dict[str, ImportedSlot] = {
            "id": ImportedSlot("id", Values(range="uriorcurie"), description="The IRI of the thing.", identifier=True)
        }
        for shape in shapes:
            for key in sorted(self.about[shape]):
                if key.startswith(_SH) and key[len(_SH) :] not in _OF_CLASS:
                    self.tell(f"'sh:{key[len(_SH) :]}' of a node shape is not carried", shape)
            for part in self.all(shape, "property"):
                self._slot(name, shape, part, slots)
        uri = iri if not any(iri == shape.value for shape in shapes) or "Shape" not in iri else None
        described = next((text for shape in shapes if (text := self.text(shape, "description"))), None)
        closed = any(getattr(self.one(shape, "closed"), "value", None) in ("true", "1") for shape in shapes)
        given = tuple(replace(slot, values=ANY) if slot.values == Values() else slot for slot in slots.values())
        extra = None if closed else ANYTHING
        self.classes[name] = ImportedClass(name, given, description=described, uri=uri, extra=extra)

    # -- slots -----------------------------------------------------------------------------------

    def _slot(self, owner: str, shape: Any, part: Any, slots: dict[str, ImportedSlot]) -> None:
        path = self.one(part, "path")
        if not isinstance(path, self.ox.NamedNode):
            self.tell("a path of several steps is not carried", shape)
            return
        if (flag := self.one(part, "deactivated")) is not None and flag.value in ("true", "1"):
            return
        local = _local(path.value)
        key = local if local != "id" else "identifier_id"
        if not is_slot_name(key):
            self.tell("the local name of a predicate cannot be the name of a slot", shape)
            return
        while key in slots and slots[key].uri != path.value:
            key += "_"
        for name in sorted(each[len(_SH) :] for each in self.about.get(part, ()) if each.startswith(_SH)):
            if name not in _CARRIED:
                self.tell(f"'sh:{name}' of '{key}' is not carried", shape)
        severity = self.one(part, "severity")
        binding = severity is None or severity.value == f"{_SH}Violation"
        low, high = _whole(self.one(part, "minCount")), _whole(self.one(part, "maxCount"))
        known = slots.get(key) or ImportedSlot(key, Values(), uri=path.value, multivalued=True)
        values = self._values(self.names.place(owner, key), part, shape) if binding else Values()
        inlined = values.range in self.of_class.values()
        slots[key] = replace(
            known, values=_both(known.values, values), title=known.title or self.text(part, "name"),
            description=known.description or self.text(part, "description"),
            required=known.required or (binding and low > 0),
            recommended=known.recommended or (not binding and low > 0), inlined=known.inlined and inlined,
            multivalued=known.multivalued and not (binding and high == 1),
            minimum_cardinality=low if binding and low > 1 else known.minimum_cardinality,
            maximum_cardinality=high if binding and high > 1 else known.maximum_cardinality,
        )  # fmt: skip

    def _values(self, place: str, part: Any, shape: Any) -> Values:
        values = Values(range=self._range(part))
        if (codes := self.one(part, "in")) is not None:
            return self._codes(place, list(self._list(codes)), values)
        if (choice := self.one(part, "or")) is not None:
            members = list(dict.fromkeys(Values(range=self._range(each)) for each in self._list(choice)))
            if all(each.range for each in members):
                return members[0] if len(members) == 1 else Values(any_of=tuple(members))
            self.tell("'sh:or' of more than ranges is not carried", shape)
        if (given := self.one(part, "hasValue")) is not None:
            self.tell("'sh:hasValue' is carried as the only value there may be", shape, note=True)
            return replace(values, range=values.range or "string", equals_string=given.value)
        patterns = [Values(pattern=text) for text in self._patterns(part, shape)]
        values = self._bounds(values, part)
        if len(patterns) == 1:
            return replace(values, range=values.range or "string", pattern=patterns[0].pattern)
        return replace(values, all_of=tuple(patterns))

    def _range(self, part: Any) -> str | None:
        if (datatype := self.one(part, "datatype")) is not None:
            return _RANGES.get(datatype.value.removeprefix(_XSD), "string")
        for name, table in (("class", self.of_class), ("node", self.of_shape)):
            if (target := self.one(part, name)) is not None:
                return table.get(target.value if name == "class" else target, "uriorcurie")
        kind = self.one(part, "nodeKind")
        if kind is not None and _local(kind.value) in ("IRI", "BlankNodeOrIRI"):
            return "uriorcurie"
        if kind is not None:
            self.tell(f"'sh:nodeKind sh:{_local(kind.value)}' is not carried: any value is taken", part)
        return None

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

    def _list(self, node: Any) -> Iterator[Any]:
        seen = set()
        while node not in seen and (first := self.about.get(node, {}).get(f"{_RDF}first")):
            seen.add(node)
            yield first[0]
            node = self.about[node].get(f"{_RDF}rest", [None])[0]

    def _patterns(self, part: Any, shape: Any) -> Iterator[str]:
        low, high = _whole(self.one(part, "minLength")), _whole(self.one(part, "maxLength"))
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


def _both(known: Values, more: Values) -> Values:
    """What two shapes of one predicate say: the second where the first says nothing."""
    given = {name: value for name in Values.__dataclass_fields__ if (value := getattr(more, name)) not in (None, ())}
    return replace(known, **given)


def _local(iri: str) -> str:
    return re.split(r"[/#:]", iri.rstrip("/#"))[-1]


def _whole(node: Any) -> int:
    text = str(node.value) if node is not None else ""
    return int(text) if text.isdecimal() and len(text) < 10 else 0


def _number(text: str) -> int | Decimal | None:
    try:
        return number_of(Decimal(text))
    except InvalidOperation:
        return None
