"""Types of expressions: what a name or a result is, as far as the schemas tell."""

from __future__ import annotations

from collections.abc import Collection
from enum import StrEnum
from typing import Any, Final, Protocol

import msgspec

from semantics.lexical import Primitive

__all__ = ["ANY", "BOOLEAN", "KIND_OF", "NULL", "NUMBERS", "STRING", "Kind", "Scope", "Type", "joined"]


class Kind(StrEnum):
    """The kinds of values that expressions know."""

    NULL = "null"
    STRING = "string"
    INTEGER = "integer"
    DECIMAL = "decimal"
    FLOAT = "float"
    BOOLEAN = "boolean"
    DATE = "date"
    DATETIME = "datetime"
    TIME = "time"
    OBJECT = "object"
    ANY = "any"


class Type(msgspec.Struct, frozen=True, omit_defaults=True):
    """A kind, whether there are many of it, the class of an object, and whether JSON carries it as text.

    ``key`` names the slot by which many objects are keyed, where they stand in a mapping and not in a list.
    """

    kind: Kind
    many: bool = False
    of: str | None = None
    as_text: bool = False
    key: str | None = None

    @property
    def one(self) -> Type:
        """The type of a single element."""
        return msgspec.structs.replace(self, many=False, key=None) if self.many else self

    @property
    def collection(self) -> bool | str:
        """How a slot holds it: one value, a list, or objects in a mapping by the slot that this names."""
        return self.key or self.many

    @property
    def list(self) -> Type:
        """The type of a list of these."""
        return self if self.many else msgspec.structs.replace(self, many=True)

    def __str__(self) -> str:
        name = self.of if self.kind is Kind.OBJECT and self.of else str(self.kind)
        return f"list of {name}" if self.many else name


ANY: Final = Type(Kind.ANY)
NULL: Final = Type(Kind.NULL)
STRING: Final = Type(Kind.STRING)
BOOLEAN: Final = Type(Kind.BOOLEAN)
NUMBERS: Final = frozenset({Kind.INTEGER, Kind.DECIMAL, Kind.FLOAT})

KIND_OF: Final[dict[Primitive, Kind]] = {
    Primitive.STRING: Kind.STRING,
    Primitive.INTEGER: Kind.INTEGER,
    Primitive.DECIMAL: Kind.DECIMAL,
    Primitive.FLOAT: Kind.FLOAT,
    Primitive.BOOLEAN: Kind.BOOLEAN,
    Primitive.DATE: Kind.DATE,
    Primitive.DATETIME: Kind.DATETIME,
    Primitive.DATE_OR_DATETIME: Kind.STRING,
    Primitive.TIME: Kind.TIME,
    Primitive.URI: Kind.STRING,
    Primitive.URIORCURIE: Kind.STRING,
    Primitive.CURIE: Kind.STRING,
    Primitive.NCNAME: Kind.STRING,
}


class Scope(Protocol):
    """What names mean where an expression stands."""

    @property
    def wrap(self) -> bool:
        """Whether a single value may stand where a list is declared."""

    @property
    def prefixes(self) -> str:
        """The declared prefixes, as :func:`semantics.expressions.context.prefix_text` writes them."""

    @property
    def code_maps(self) -> Collection[str]:
        """The code maps that ``lookup()`` can name."""

    def resolve(self, name: str) -> tuple[str, tuple[str, ...], Type] | None:
        """The variable, the steps from it and the type that a name stands for; None if unknown."""

    def step(self, base: Type, name: str) -> Type | None:
        """The type of slot ``name`` of an object; None if the object has no such slot."""

    def reading(self, path: Any) -> Any:
        """The expression that reads a resolved path where more than its type says so (a time zone); else None."""

    def names(self, base: Type | None = None) -> tuple[str, ...]:
        """What could have been meant: the names in scope, or the slots of an object."""


def joined(types: list[Type]) -> Type | None:
    """The one type that all of ``types`` fit in; None where they clash. Null fits anywhere.

    >>> str(joined([Type(Kind.INTEGER), Type(Kind.DECIMAL), NULL]))
    'decimal'
    """
    known = [found for found in types if found.kind is not Kind.NULL]
    if not known:
        return NULL
    if any(found.kind is Kind.ANY for found in known):
        return Type(Kind.ANY, many=all(found.many for found in known))
    if len({found.many for found in known}) > 1:
        return None
    kinds = {found.kind for found in known}
    if len(kinds) == 1:
        same = all(found.of == known[0].of for found in known)
        return Type(known[0].kind, known[0].many, known[0].of if same else None)
    if kinds <= NUMBERS:
        kind = Kind.FLOAT if Kind.FLOAT in kinds else Kind.DECIMAL
        return Type(kind, known[0].many)
    return None
