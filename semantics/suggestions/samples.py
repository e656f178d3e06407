"""What sample records tell of the slots of a source: which kind of values they hold, and which codes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from semantics.importers.observed import Observed
from semantics.suggestions.correspondences import Term
from semantics.suggestions.terms import Described

__all__ = ["Seen", "informed", "seen_in"]

_KINDS = {
    "integer": "number", "decimal": "number", "boolean": "boolean", "uri": "iri",
    "date": "time", "datetime": "time", "date_or_datetime": "time", "time": "time",
}  # fmt: skip
_FEW = 12


@dataclass(frozen=True, slots=True)
class Seen:
    """What stands under a key, wherever in the records: the kind of all of its values, and, where few, the codes."""

    kind: str | None
    codes: tuple[str, ...] = ()


def seen_in(records: Iterable[Mapping[str, Any]]) -> dict[str, Seen]:
    """What stands under each key of some records.

    >>> seen_in([{"on": "2024-01-01", "of": {"on": "2025-01-01", "n": 3}}])["on"]
    Seen(kind='time', codes=())
    """
    whole = Observed()
    for record in records:
        whole.see(record)
    found: dict[str, list[Observed]] = {}
    pending = [whole]
    while pending:
        at = pending.pop()
        if at.items is not None:
            pending.append(at.items)
        for key, inner in at.keys.items():
            found.setdefault(key, []).append(inner.items or inner)
            pending.append(inner)
    return {key: _seen(places) for key, places in sorted(found.items())}


def _seen(places: list[Observed]) -> Seen:
    kinds = {_KINDS.get(name, "text") for place in places for name in place.ranges}
    codes = {code: count for place in places for code, count in place.codes.items()}
    total = sum(count for place in places for count in place.codes.values())
    few = kinds == {"text"} and len(codes) <= _FEW and total >= 3 * len(codes)
    return Seen(kinds.pop() if len(kinds) == 1 else None, tuple(sorted(codes)) if few else ())


def informed(terms: Mapping[Term, Described], seen: Mapping[str, Seen]) -> dict[Term, Described]:
    """The slots of the source, those that are plain text by their schema with the kind that their values have."""
    return {term: _informed(each, seen.get(term.slot)) for term, each in terms.items()}


def _informed(each: Described, seen: Seen | None) -> Described:
    if seen is None or each.kind != "text":
        return each
    return replace(each, kind=seen.kind or each.kind, codes=each.codes or seen.codes)
