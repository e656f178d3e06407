"""The values of slots as RDF terms: identifiers, references, literals, codes, and ``range: Any``.

A :class:`Terms` writes the terms of one syntax; what is written, and with which datatype, is decided here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any, Final, Protocol, TypeVar

import msgspec

from semantics.errors import shape
from semantics.lexical import (
    FROM_DATA,
    MAX_EXPONENT,
    LexicalError,
    Primitive,
    decimal_text,
    percent_encoded,
)
from semantics.patterns import compile_pattern
from semantics.schema.model import XSD, SchemaModel, SlotExpression, SlotModel, TypeModel
from semantics.sinks.json import sorted_json_text
from semantics.sinks.rdf_terms import (
    RDF_JSON,
    RDF_LANG_STRING,
    RdfFault,
    checked_iri,
    checked_text,
    is_strict_iri,
    is_web_iri,
)

__all__ = [
    "Identity",
    "Terms",
    "Value",
    "datatype_of",
    "either",
    "holds_iris",
    "identity_of",
    "ranges_of",
    "text_datatype",
    "value_of",
]

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)
Identity = Callable[[Any], str]
"""The IRI that an identifier stands for. Raises :class:`RdfFault`."""
Value = Callable[[Any], T]
"""The term of a value. Raises :class:`~semantics.lexical.LexicalError`."""

_IRI_PRIMITIVES: Final = {Primitive.URI, Primitive.URIORCURIE, Primitive.CURIE}
_NO_TEXT: Final = {
    *_IRI_PRIMITIVES, Primitive.INTEGER, Primitive.DECIMAL, Primitive.FLOAT, Primitive.BOOLEAN,
}  # fmt: skip
_BARE_SCHEMES: Final = {"urn", "did", "tag", "info"}


class Terms(Protocol[T_co]):
    """Writes RDF terms in one syntax. A datatype of None is ``xsd:string``."""

    def iri(self, iri: str) -> T_co:
        """An IRI, already checked."""
        ...

    def text(self, datatype: str | None) -> Callable[[str], T_co]:
        """Literals with any text in them."""
        ...

    def number(self, datatype: str) -> Callable[[str], T_co]:
        """Literals of numbers, given their lexical form."""
        ...

    def integer(self, datatype: str) -> Callable[[int], T_co]:
        """Literals of whole numbers."""
        ...

    def boolean(self, datatype: str) -> Callable[[bool], T_co]:
        """Literals of truth values."""
        ...


# -- what a slot holds -------------------------------------------------------------------------


def ranges_of(schema: SchemaModel, slot: SlotExpression) -> tuple[SlotExpression, ...]:
    """The alternatives that decide what a value of the slot is: its own range, or those of ``any_of``.

    The ranges of the parts count where the slot's own is only the default (``string``) or any value; a part
    without a range has the slot's own.
    """
    parts = (*slot.any_of, *slot.exactly_one_of)
    given = slot.range not in (None, "string") and not schema.takes_any(slot.range)
    if given or not any(_has_range(part) for part in parts):
        return (slot,)
    own = slot.range or "string"
    whole = [part if part.range else msgspec.structs.replace(part, range=own) for part in parts]
    return tuple(found for part in whole for found in ranges_of(schema, part))


def _has_range(part: SlotExpression) -> bool:
    return part.range is not None or any(map(_has_range, (*part.any_of, *part.exactly_one_of)))


def datatype_of(found: TypeModel) -> str | None:
    """The datatype IRI of literals of a type; None for plain strings, and for text without its language."""
    return None if found.uri in (f"{XSD}string", RDF_LANG_STRING) else found.uri


def holds_iris(found: TypeModel) -> bool:
    """Whether the values of a type are IRIs rather than literals."""
    return found.primitive in _IRI_PRIMITIVES


def identity_of(schema: SchemaModel, slot: SlotModel) -> Identity:
    """How values of an identifier slot become IRIs.

    A CURIE of a declared prefix expands (but ``uri`` knows no CURIEs). Where the slot holds IRIs anything
    else with a colon must be one; other values are put, percent-encoded, behind the default namespace, unless
    they are plainly IRIs themselves.
    """
    primitive = schema.primitive(slot)
    namespaces = {} if primitive is Primitive.URI else schema.namespaces
    base = schema.default_namespace if is_strict_iri(f"{schema.default_namespace}x") else None

    def bare(text: str) -> str:
        if base is None or not text:
            raise RdfFault("the identifier is empty" if base else "the default namespace is not an IRI")
        return base + percent_encoded(checked_text(text))

    def iri(value: Any) -> str:
        if type(value) is str and is_web_iri(value):
            return value
        prefix, colon, local = _key_text(value, primitive).partition(":")
        if not colon:
            return bare(prefix)
        absolute = local.startswith("//")
        namespace = None if absolute else namespaces.get(prefix)
        text = f"{prefix}:{local}" if namespace is None else namespace + local
        if primitive in _IRI_PRIMITIVES:
            return checked_iri(text)
        if (absolute or namespace is not None or prefix in _BARE_SCHEMES) and is_strict_iri(text):
            return text
        return bare(f"{prefix}:{local}")

    return iri


def _key_text(value: Any, primitive: Primitive | None) -> str:
    """The text of an identifier: numbers may be identifiers too."""
    if type(value) is str:
        return value
    if primitive in (Primitive.INTEGER, Primitive.DECIMAL) and not isinstance(value, bool):
        return decimal_text(FROM_DATA[primitive](value))
    raise RdfFault(f"expected an identifier, found {shape(value)}")


def _expanded(schema: SchemaModel, primitive: Primitive) -> Identity:
    """Values of ``uri``, ``uriorcurie`` and ``curie`` slots as IRIs; a ``uri`` stands as it is."""
    expand = str if primitive is Primitive.URI else schema.expand

    def iri(value: Any) -> str:
        if type(value) is not str:
            raise RdfFault(f"expected an IRI, found {shape(value)}")
        return checked_iri(expand(value))

    return iri


# -- scalars -----------------------------------------------------------------------------------


def text_datatype(schema: SchemaModel, slot: SlotModel) -> tuple[str | None] | None:
    """The datatype of a slot with one value that is a text and nothing else; None for other slots."""
    parts = ranges_of(schema, slot)
    found = schema.types.get(parts[0].range or "string")
    if len(parts) > 1 or slot.many or found is None or found.primitive in _NO_TEXT:
        return None
    return (datatype_of(found),)


def value_of(schema: SchemaModel, name: str, terms: Terms[T]) -> Value[T]:
    """How the values of a range are written that are no objects of their own."""
    if schema.takes_any(name):
        return _anything(terms)
    if name in schema.enums:
        return _enumerated(schema, name, terms)
    if name in schema.classes:
        return _referring(schema, name, terms)
    return _typed(schema.types[name], schema, terms)


def _referring(schema: SchemaModel, name: str, terms: Terms[T]) -> Value[T]:
    """References by the identifier of the class."""
    target = schema.classes[name]
    identity, iri = identity_of(schema, target.slots[target.identifier or ""]), terms.iri

    def refer(value: Any) -> T:
        return iri(value if type(value) is str and is_web_iri(value) else identity(value))

    return refer


def _typed(found: TypeModel, schema: SchemaModel, terms: Terms[T]) -> Value[T]:
    """How values of a scalar type are written."""
    primitive, datatype = found.primitive, datatype_of(found)
    read = FROM_DATA[primitive]
    if primitive in _IRI_PRIMITIVES:
        expand, iri = _expanded(schema, primitive), terms.iri

        def link(value: Any) -> T:
            return iri(value if type(value) is str and is_web_iri(value) else expand(value))

        return link
    if primitive is Primitive.INTEGER:
        whole = terms.integer(datatype or f"{XSD}integer")
        return lambda value: whole(read(value))
    if primitive is Primitive.BOOLEAN:
        truth = terms.boolean(datatype or f"{XSD}boolean")
        return lambda value: truth(read(value))
    if primitive is Primitive.DECIMAL:
        exact = terms.number(datatype or f"{XSD}decimal")
        return lambda value: exact(_plain_decimal(value))
    if primitive is Primitive.FLOAT:
        # The shortest decimal form that reads back as the same number is in the lexical space of xsd:double.
        binary = terms.number(datatype or f"{XSD}double")
        return lambda value: binary(repr(read(value)))
    text = terms.text(datatype)

    def write(value: Any) -> T:
        if type(value) is str:
            return text(value)
        raise RdfFault(f"expected a string, found {shape(value)}")

    return write


def _plain_decimal(value: Any) -> str:
    """The plain form of a number; most have it already, and are not looked at more closely."""
    if type(value) is Decimal and value.is_finite():
        text = str(value)
        if "E" not in text and len(text) < MAX_EXPONENT:
            return text
    return decimal_text(FROM_DATA[Primitive.DECIMAL](value))


def _anything(terms: Terms[T]) -> Value[T]:
    """Values of ``range: Any`` by their type; objects and lists as JSON text (``rdf:JSON``)."""
    plain, json = terms.text(None), terms.text(RDF_JSON)
    truth, whole = terms.boolean(f"{XSD}boolean"), terms.integer(f"{XSD}integer")
    exact, binary = terms.number(f"{XSD}decimal"), terms.number(f"{XSD}double")
    floating = FROM_DATA[Primitive.FLOAT]

    def write(value: Any) -> T:
        match value:
            case bool():
                return truth(value)
            case int():
                return whole(FROM_DATA[Primitive.INTEGER](value))
            case str():
                return plain(value)
            case Decimal():
                return exact(_plain_decimal(value))
            case float():
                return binary(repr(floating(value)))
            case dict() | list():
                return json(sorted_json_text(value))
        raise RdfFault(f"expected a value, found {shape(value)}")

    return write


def _enumerated(schema: SchemaModel, name: str, terms: Terms[T]) -> Value[T]:
    """Permissible values as the IRI of their meaning, or as plain text; an empty enum is open."""
    values = schema.enums[name].values
    text = terms.text(None)
    table = {value.text: terms.iri(value.meaning) if value.meaning else text(value.text) for value in values.values()}

    def write(value: Any) -> T:
        found = table.get(value) if type(value) is str else None
        if found is not None:
            return found
        if not table and type(value) is str:
            return text(value)
        raise RdfFault(f"expected a permissible value of enum '{name}', found {shape(value)}")

    return write


def _fits(schema: SchemaModel, part: SlotExpression, *, bounded: bool) -> Callable[[Any], bool]:
    """A test that tells the alternatives of one slot apart by their value spaces and facets, also their bounds."""
    found = schema.types.get(part.range or "")
    patterns = (*(found.patterns if found else ()), *((part.pattern,) if part.pattern else ()))
    tests = [compile_pattern(pattern) for pattern in patterns]
    allowed = part.equals_string_in or ((part.equals_string,) if part.equals_string else ())
    values = schema.enums[part.range].values if part.range in schema.enums else None
    within = _within(part, found) if bounded else None

    def test(value: Any) -> bool:
        if found:
            try:
                FROM_DATA[found.primitive](value)
            except LexicalError:
                return False
        elif not schema.takes_any(part.range) and type(value) is not str:
            return False
        if values and value not in values:
            return False
        if type(value) is str:
            return all(matches(value) for matches in tests) and (not allowed or value in allowed) and within is None
        return within is None or within(value)

    return test


def _within(part: SlotExpression, found: TypeModel | None) -> Callable[[Any], bool] | None:
    """The test of a number against the bounds of an alternative and its type; None where there are none."""
    own = (part.equals_number,)
    lows = [each for each in (part.minimum_value, found.minimum_value if found else None, *own) if each is not None]
    highs = [each for each in (part.maximum_value, found.maximum_value if found else None, *own) if each is not None]
    if not lows and not highs:
        return None
    binary = found is not None and found.primitive is Primitive.FLOAT

    def test(value: Any) -> bool:
        if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
            return False
        # A float counts as its shortest decimal form, as in the checker.
        number = Decimal(repr(float(value))) if binary or isinstance(value, float) else value
        return all(number >= low for low in lows) and all(number <= high for high in highs)

    return test


def either(schema: SchemaModel, alternatives: Sequence[tuple[SlotExpression, Value[T]]]) -> Value[T] | None:
    """Writes a value as the first alternative that it fits; None where there is none.

    One that is out of all bounds is written as the first alternative of its kind: to refuse it is for validation.
    """
    if len(alternatives) < 2:
        return alternatives[0][1] if alternatives else None
    tested = [(_fits(schema, part, bounded=True), term) for part, term in alternatives]
    tested += [(_fits(schema, part, bounded=False), term) for part, term in alternatives]

    def write(value: Any) -> T:
        for fits, term in tested:
            if fits(value):
                return term(value)
        raise RdfFault(f"expected a value of one of the slot's ranges, found {shape(value)}")

    return write
