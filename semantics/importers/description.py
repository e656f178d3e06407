"""What an importer has understood of a published schema: classes, slots, enums and types, frozen.

Every importer makes this from bytes; :mod:`semantics.importers.writing` alone makes LinkML of it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final

from semantics.errors import Diagnostic

__all__ = [
    "ANYTHING",
    "Condition",
    "Description",
    "ImportedClass",
    "ImportedEnum",
    "ImportedSlot",
    "ImportedType",
    "Values",
    "number_of",
]

Number = int | Decimal


_LARGEST: Final = 400
"""Digits before or after the point beyond which a number is no bound."""


def number_of(value: Any) -> Number | None:
    """A number as a bound or code; None for what is none, or too large or small for one.

    >>> number_of(Decimal("7.00")), number_of(Decimal("1E+999999")), number_of(True)
    (7, None, None)
    """
    if isinstance(value, bool) or not isinstance(value, (int, Decimal)):
        return None
    if isinstance(value, int):
        return value
    if not value.is_finite() or abs(value.adjusted()) > _LARGEST:
        return None
    return int(value) if value == int(value) else value


@dataclass(frozen=True, slots=True)
class Values:
    """What a single value may be: its range, and what is said of it besides."""

    range: str | None = None
    pattern: str | None = None
    minimum_value: Number | None = None
    maximum_value: Number | None = None
    equals_string: str | None = None
    equals_number: Number | None = None
    any_of: tuple[Values, ...] = ()
    all_of: tuple[Values, ...] = ()
    none_of: tuple[Values, ...] = ()


@dataclass(frozen=True, slots=True)
class ImportedSlot:
    """A slot of a class. ``inherited``: a parent has it, and the class only says more of it."""

    name: str
    values: Values = Values()
    title: str | None = None
    description: str | None = None
    uri: str | None = None
    required: bool = False
    recommended: bool = False
    multivalued: bool = False
    keyed: bool = False
    inlined: bool = False
    identifier: bool = False
    designates_type: bool = False
    minimum_cardinality: int | None = None
    maximum_cardinality: int | None = None
    absent: bool = False
    unique: bool = False
    deprecated: bool = False
    inherited: bool = False
    annotations: tuple[tuple[str, str], ...] = ()


ANYTHING: Final = ImportedSlot("", Values(range="Any"))
"""What an open class takes under keys that are none of its slots, where nothing more is said."""


@dataclass(frozen=True, slots=True)
class Condition:
    """Alternatives of which one (``any_of``) has to hold: in each, these slots are there."""

    alternatives: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class ImportedClass:
    """A class with the slots that it says something of.

    ``extra`` is what it takes under other keys: a slot without a name. Where there is none the class is closed.
    """

    name: str
    slots: tuple[ImportedSlot, ...] = ()
    title: str | None = None
    description: str | None = None
    uri: str | None = None
    is_a: str | None = None
    abstract: bool = False
    tree_root: bool = False
    conditions: tuple[Condition, ...] = ()
    extra: ImportedSlot | None = None
    deprecated: bool = False


@dataclass(frozen=True, slots=True)
class ImportedEnum:
    """A code list: each text with its description, and its meaning (an IRI or CURIE) where it has one."""

    name: str
    values: tuple[tuple[str, str | None], ...]
    description: str | None = None
    meanings: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class ImportedType:
    """A scalar type with a name of its own."""

    name: str
    values: Values
    description: str | None = None
    uri: str | None = None


@dataclass(frozen=True, slots=True)
class Description:
    """A whole schema, and what of the published one LinkML does not say."""

    name: str
    id: str
    title: str | None = None
    description: str | None = None
    version: str | None = None
    prefixes: tuple[tuple[str, str], ...] = ()
    classes: tuple[ImportedClass, ...] = ()
    enums: tuple[ImportedEnum, ...] = ()
    types: tuple[ImportedType, ...] = ()
    findings: tuple[Diagnostic, ...] = field(default=())
