"""What joins look up: the partners of a record, by a key that is the same for equal values and for no others."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any, Final, Protocol

from semantics.errors import shape
from semantics.expressions import bounds, operators
from semantics.expressions.bounds import EvaluationError
from semantics.plan.model import Join

__all__ = [
    "NoPartner",
    "NoTables",
    "Related",
    "SeveralPartners",
    "found",
    "key_texts",
    "looked_up",
    "partner",
    "partners",
]


_FETCHED: Final = {None: 2, "first": 1, "last": -1}


class NoPartner(ValueError):
    """A record without the partner that its join requires."""


class SeveralPartners(ValueError):
    """A record with several partners where its join is to one."""


class Related(Protocol):
    """Records by their keys, as the indices of a plan name them."""

    def find(self, lookup: str, key: str, most: int) -> Sequence[dict[str, Any]]:
        """The records that an index holds under a key (see :func:`key_texts`), in the order of the input.

        The first ``most`` of them; with -1 the last one.
        """


class NoTables:
    """No records at all: a record that has a key cannot be carried out."""

    def find(self, lookup: str, key: str, most: int) -> Sequence[dict[str, Any]]:
        """Nothing is found. Raises :class:`EvaluationError`."""
        raise EvaluationError("there are no records to look up")


def key_texts(value: Any) -> list[str]:
    """The keys of a value: none of null, one of a value, and those of the elements of a list.

    Equal values have equal keys, and values of different kinds never do: ``"007"`` is not ``7``.

    >>> key_texts("007"), key_texts(7), key_texts(Decimal("7.0")), key_texts(None)
    (['s007'], ['n7'], ['n7'], [])
    """
    if value is None:
        return []
    if value.__class__ is str:
        return ["s" + value]
    if value.__class__ is list:
        return list(dict.fromkeys(text for item in value for text in key_texts(item)))
    return [_key_text(value)]


def _key_text(value: Any) -> str:
    if isinstance(value, bool):
        return "b1" if value else "b0"
    if isinstance(value, int):
        return f"n{value}"
    if isinstance(value, float):
        value = Decimal(repr(value))
    if isinstance(value, Decimal):
        whole = value.to_integral_value() if abs(value.adjusted()) < 4_000 else value
        return f"n{int(whole)}" if whole == value else f"n{value.normalize(operators.CONTEXT)}"
    if isinstance(value, datetime):
        return f"t{(value.astimezone(UTC) if value.tzinfo else value).isoformat()}"
    if isinstance(value, (date, time)):
        return f"d{value.isoformat()}"
    raise EvaluationError(f"a key is a single value, found {shape(value)}")


def partners(related: Related, lookup: str, value: Any) -> list[dict[str, Any]]:
    """All partners by the value of a key; none of null. Raises :class:`BoundError` where a list cannot hold them."""
    rows: list[dict[str, Any]] = []
    for text in key_texts(value):
        rows += related.find(lookup, text, bounds.LIST_ITEMS + 1)
        bounds.list_items(len(rows))
    return rows


def partner(related: Related, lookup: str, value: Any, pick: str | None = None) -> dict[str, Any] | None:
    """The one partner; null where there is none. Raises :class:`SeveralPartners` unless ``pick`` decides."""
    for text in key_texts(value):
        rows = related.find(lookup, text, _FETCHED[pick])
        if len(rows) > 1:
            raise SeveralPartners("several records are partners, and the join is to one")
        if rows:
            return rows[0]
    return None


def found(value: Any) -> Any:
    """A partner, or partners, that must be there. Raises :class:`NoPartner`."""
    if not value:
        raise NoPartner("no record is a partner, and one is required")
    return value


def looked_up(join: Join, related: Related, value: Any) -> Any:
    """What a join finds by the value of its key."""
    if join.many:
        rows: Any = partners(related, join.lookup, value)
    else:
        rows = partner(related, join.lookup, value, join.pick)
    return found(rows) if join.required else rows
