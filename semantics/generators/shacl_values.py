"""What SHACL says of single values: the constraints of a value as properties of a shape.

``exact`` asks for all or nothing: below a negation, or in a precondition, a constraint that says less
than the schema would refuse valid data. :class:`Inexact` is then raised, and the caller leaves out the whole.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Final

from semantics.generators.constraints import (
    IRI_PRIMITIVES,
    NUMBERS,
    Kind,
    Value,
    alternatives,
)
from semantics.generators.lexical_patterns import PATTERNS, is_portable
from semantics.generators.turtle import RDF, SH, XSD, Iri, Items, Literal, Node, Term
from semantics.lexical import Primitive, decimal_text, is_iri
from semantics.patterns import compile_pattern
from semantics.schema.model import EnumModel, SchemaModel, TypeModel

__all__ = ["NEVER", "Inexact", "Pairs", "Values", "node", "whole"]

Pairs = tuple[tuple[str, Term], ...]

NEVER: Final[Pairs] = ((f"{SH}in", Items(())),)
"""What no value fulfils."""
_PLAIN_STRINGS: Final = (f"{XSD}string", f"{RDF}langString")
_ONCE: Final = frozenset(
    f"{SH}{name}" for name in ("datatype", "nodeKind", "in", "minInclusive", "maxInclusive", "pattern")
)
"""Parameters that a shape may have once; a second one goes into a shape of its own."""
_DATED: Final = frozenset({Primitive.DATE, Primitive.DATETIME, Primitive.DATE_OR_DATETIME, Primitive.TIME})
"""Primitives whose lexical form is closer than that of their datatype, or whose datatype nobody knows."""
_GROUPS: Final = {"any_of": "or", "all_of": "and"}


class Inexact(Exception):
    """The constraint cannot be said in SHACL as the schema means it."""


def whole(count: int) -> Literal:
    """A count."""
    return Literal(str(count), f"{XSD}integer")


def number(value: Decimal, type_: TypeModel | None) -> Literal:
    """A bound: whole numbers as integers, others as decimals, and those of binary numbers as they are."""
    if type_ is not None and type_.primitive is Primitive.FLOAT:
        return Literal(decimal_text(value), type_.uri)
    if value == value.to_integral_value():
        return Literal(str(int(value)), f"{XSD}integer")
    return Literal(decimal_text(value), f"{XSD}decimal")


def node(parts: Iterable[Pairs]) -> Node:
    """A shape without a name that has all of these constraints."""
    found: list[tuple[str, Term]] = []
    seen: set[str] = set()
    rest: list[Term] = []
    for pairs in parts:
        for predicate, term in pairs:
            if predicate in _ONCE and predicate in seen:
                rest.append(Node(((predicate, term),)))
            else:
                seen.add(predicate)
                found.append((predicate, term))
    if rest:
        found.append((f"{SH}and", Items(tuple(rest))))
    return Node(tuple(found))


class Values:
    """Says what values may be; ``shapes`` gives the IRI of the shape of a class."""

    def __init__(self, schema: SchemaModel, shapes: dict[str, str]) -> None:
        self.schema = schema
        self.shapes = shapes

    def value(self, value: Value, *, exact: bool = False, home: Value | None = None) -> Pairs:
        """The constraints on one value. Raises :class:`Inexact` where ``exact`` asks for too much.

        ``home`` is the value whose range decides how the text of this one is written, where this one (a part
        of a boolean constraint, a condition) has no range of its own.
        """
        if value.kind is not Kind.ANY:
            home = value
        elif home is None or home.kind is Kind.ANY:
            home = _home(value) or home
        parts: list[Pairs] = [self._range(value, exact=exact)]
        parts += self._facets(value, home, exact=exact)
        for name, members in value.groups:
            try:
                parts.append(self._group(name, members, home, exact=exact))
            except Inexact:
                if exact:
                    raise
        return node(parts).pairs

    def _group(self, name: str, members: tuple[Value, ...], home: Value | None, *, exact: bool) -> Pairs:
        if name == "none_of":
            return tuple((f"{SH}not", Node(self.value(part, exact=True, home=home))) for part in members)
        if name == "exactly_one_of":
            try:
                ones = tuple(Node(self.value(part, exact=True, home=home)) for part in members)
                return ((f"{SH}xone", Items(ones)),)
            except Inexact:
                if exact:
                    raise
                name = "any_of"
        nodes = tuple(Node(self.value(part, exact=exact, home=home)) for part in members)
        return ((f"{SH}{_GROUPS[name]}", Items(nodes)),)

    # -- ranges ------------------------------------------------------------------------------

    def _range(self, value: Value, *, exact: bool) -> Pairs:
        match value.kind:
            case Kind.ANY:
                return ()
            case Kind.OBJECT if exact:
                raise Inexact
            case Kind.OBJECT:
                return self._object(value.name or "")
            case Kind.ENUM:
                return self._enum(self.schema.enums[value.name or ""], value, exact=exact)
            case Kind.REFERENCE:
                if exact and value.type_ is not None and _faceted(value.type_):
                    raise Inexact
                return ((f"{SH}nodeKind", Iri(f"{SH}IRI")),)
            case _:
                assert value.type_ is not None
                return self._type(value.type_, exact=exact)

    def _type(self, type_: TypeModel, *, exact: bool) -> Pairs:
        parts: list[Pairs] = [self._datatype(type_)]
        if exact and type_.primitive is Primitive.NCNAME:
            raise Inexact
        if type_.primitive in _DATED:
            parts.append(((f"{SH}pattern", Literal(PATTERNS[type_.primitive])),))
        parts += [_pattern(pattern, type_.primitive, exact=exact) for pattern in type_.patterns]
        parts.append(_bounds(type_.minimum_value, type_.maximum_value, type_))
        if type_.equals_string_in:
            parts.append(self._texts(type_.equals_string_in, type_, type_.primitive, exact=exact))
        return node(parts).pairs

    def _datatype(self, type_: TypeModel) -> Pairs:
        if type_.primitive in IRI_PRIMITIVES:
            return ((f"{SH}nodeKind", Iri(f"{SH}IRI")),)
        return ((f"{SH}datatype", Iri(_literal_type(type_))),)

    def _enum(self, enum: EnumModel, value: Value, *, exact: bool) -> Pairs:
        """Permissible values as RDF; pattern and equality are about their text, and are judged here."""
        if value.minimum is not None or value.maximum is not None or value.number is not None:
            return NEVER
        matches = compile_pattern(value.pattern) if value.pattern is not None else None
        kept = [
            text
            for text in enum.values
            if (matches is None or matches(text)) and all(text in texts for texts in value.texts)
        ]
        terms = {text: self._meaning(enum, text) for text in kept}
        if exact and len({self._meaning(enum, text) for text in enum.values}) < len(enum.values):
            raise Inexact
        return ((f"{SH}in", Items(tuple(dict.fromkeys(terms.values())))),)

    def _meaning(self, enum: EnumModel, text: str) -> Term:
        meaning = enum.values[text].meaning
        return Iri(meaning) if meaning else Literal(text)

    def _object(self, name: str) -> Pairs:
        """An object: of the declared class, or of a class below it, told by ``rdf:type``."""
        choices = alternatives(self.schema, name)
        kind = ((f"{SH}nodeKind", Iri(f"{SH}BlankNodeOrIRI")),)
        if not choices:
            return NEVER
        if choices == (name,):
            return (*kind, (f"{SH}node", Iri(self.shapes[name])))
        return (*kind, (f"{SH}or", Items(tuple(self._choice(name, each) for each in choices))))

    def _choice(self, declared: str, name: str) -> Node:
        """One class of several. Without a type a node is of the declared class."""
        uri = Iri(self.schema.classes[name].uri)
        told: list[tuple[str, Term]] = [(f"{SH}path", Iri(f"{RDF}type"))]
        if name == declared:
            told.append((f"{SH}in", Items((uri,))))
        else:
            told.append((f"{SH}hasValue", uri))
        return Node(((f"{SH}property", Node(tuple(told))), (f"{SH}node", Iri(self.shapes[name]))))

    # -- facets ------------------------------------------------------------------------------

    def _facets(self, value: Value, home: Value | None, *, exact: bool) -> list[Pairs]:
        """The facets of a value, said of the terms that values of ``home`` are written as."""
        if not value.faceted or value.kind is Kind.ENUM:
            return []
        kind = home.kind if home else Kind.ANY
        if home is _SEVERAL:
            if exact and (value.pattern is not None or value.texts):
                raise Inexact
            return [_bounds(value.minimum, value.maximum, None), _bounds(value.number, value.number, None)]
        if kind is Kind.OBJECT:
            return [NEVER]
        if kind is Kind.ENUM and home is not None:
            return [self._enum(self.schema.enums[home.name or ""], value, exact=exact)]
        type_ = home.type_ if home else None
        parts = [_bounds(value.minimum, value.maximum, type_), _bounds(value.number, value.number, type_)]
        spelled = Primitive.CURIE if kind is Kind.REFERENCE else type_.primitive if type_ else None
        if value.pattern is not None:
            parts.append(_pattern(value.pattern, spelled, exact=exact))
        parts += [self._texts(texts, type_, spelled, exact=exact) for texts in value.texts]
        return parts

    def _texts(
        self, texts: tuple[str, ...], type_: TypeModel | None, spelled: Primitive | None, *, exact: bool
    ) -> Pairs:
        """Equality with one of some texts, in the way that values of the type are written."""
        if spelled in (*NUMBERS, Primitive.BOOLEAN):
            return NEVER
        terms: list[Term]
        if spelled in IRI_PRIMITIVES:
            # Two spellings can be one IRI, and a reference need not be an IRI before it is written.
            if exact and spelled is not Primitive.URI:
                raise Inexact
            if type_ is None or type_.primitive is not spelled:
                return ()
            expand = str if spelled is Primitive.URI else self.schema.expand
            # A text that is no IRI is never a value of the type.
            terms = [Iri(expand(text)) for text in texts if is_iri(expand(text))]
        else:
            datatype = _literal_type(type_) if type_ else f"{XSD}string"
            terms = [Literal(text, datatype) for text in texts]
        return ((f"{SH}in", Items(tuple(dict.fromkeys(terms)))),)


_SEVERAL: Final = Value(Kind.ANY, name="several")
"""The home of values whose range is one of several."""


def _home(value: Value) -> Value | None:
    """The only range that the parts of a value's constraints give; None where they give none."""
    if value.kind is not Kind.ANY:
        return value
    found: dict[tuple[Kind, str | None], Value] = {}
    for name, parts in value.groups:
        for part in parts if name != "none_of" else ():
            inner = _home(part)
            if inner is not None:
                found[inner.kind, inner.name] = inner
    if not found:
        return None
    return next(iter(found.values())) if len(found) == 1 else _SEVERAL


def _literal_type(type_: TypeModel) -> str:
    return f"{XSD}string" if type_.uri in _PLAIN_STRINGS else type_.uri


def _faceted(type_: TypeModel) -> bool:
    return bool(type_.patterns or type_.equals_string_in)


def _pattern(pattern: str, primitive: Primitive | None, *, exact: bool) -> Pairs:
    """A search in the text of a literal or IRI; a CURIE is no longer what it was, so nothing is said of it."""
    if primitive in (Primitive.URIORCURIE, Primitive.CURIE) or not is_portable(pattern):
        if exact:
            raise Inexact
        return ()
    return ((f"{SH}pattern", Literal(pattern)),)


def _bounds(low: Decimal | None, high: Decimal | None, type_: TypeModel | None) -> Pairs:
    """Bounds, both included. Text has no order among numbers, so it is always out of them."""
    pairs = (("minInclusive", low), ("maxInclusive", high))
    return tuple((f"{SH}{name}", number(bound, type_)) for name, bound in pairs if bound is not None)
