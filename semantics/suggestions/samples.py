"""What sample records tell of the slots of a source: which kind of values they hold, and which codes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations
from typing import Any, Final

from semantics.importers.observed import Observed
from semantics.suggestions.correspondences import Term
from semantics.suggestions.terms import Described

__all__ = ["NO_SAMPLES", "Samples", "Seen", "informed", "samples_of", "seen_in"]

_KINDS: Final = {
    "integer": "number", "decimal": "number", "boolean": "boolean", "uri": "iri",
    "date": "time", "datetime": "time", "date_or_datetime": "time", "time": "time",
}  # fmt: skip
_FEW: Final = 12
_LONG: Final = 64
"""Characters of a value that may be part of an identifier."""
_COLUMNS: Final = 12
"""Keys that are tried in pairs."""
_DECIMAL: Final = re.compile(r"-?[0-9]*[.,][0-9]+")


@dataclass(frozen=True, slots=True)
class Seen:
    """What stands under a key, wherever in the records: the kind of all of its values, and the texts, where few.

    ``codes`` are these texts if they come again so often that they are likely to be codes.
    """

    kind: str | None
    codes: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Samples:
    """What sample records tell: what stands under each key, and the keys that tell records apart.

    Each of ``keys`` does so alone, or two together where no one does.
    """

    seen: Mapping[str, Seen] = field(default_factory=dict)
    keys: tuple[tuple[str, ...], ...] = ()


NO_SAMPLES: Final = Samples()


def samples_of(records: Sequence[Mapping[str, Any]]) -> Samples:
    """What some records tell."""
    return Samples(seen_in(records), _keys(records))


def seen_in(records: Iterable[Mapping[str, Any]]) -> dict[str, Seen]:
    """What stands under each key of some records.

    >>> seen_in([{"on": "2024-01-01", "of": {"on": "2025-01-01", "n": 3}}])["on"]
    Seen(kind='time', codes=(), texts=('2024-01-01', '2025-01-01'))
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
    texts = tuple(sorted(codes)) if len(codes) <= _FEW else ()
    again = kinds == {"text"} and total >= 3 * len(codes)
    return Seen(kinds.pop() if len(kinds) == 1 else None, texts if again else (), texts)


def _keys(records: Sequence[Mapping[str, Any]]) -> tuple[tuple[str, ...], ...]:
    """What tells records apart: the keys whose short values are all different, or pairs of them where no key alone is.

    >>> _keys([{"meter": "M1", "hour": 1}, {"meter": "M1", "hour": 2}, {"meter": "M2", "hour": 1}])
    (('meter', 'hour'),)
    >>> _keys([{"code": "A", "name": "High Street"}, {"code": "B", "name": "Mill Lane"}])
    (('code',),)
    """
    if len(records) < 2:
        return ()
    short = [key for key in records[0] if all(_short(record.get(key)) for record in records)]
    alone = tuple((key,) for key in short if _differ(records, (key,)))
    return alone or tuple(pair for pair in combinations(short[:_COLUMNS], 2) if _differ(records, pair))


def _short(value: object) -> bool:
    """Whether a value could be part of an identifier: a word or a whole number."""
    text = str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
    return 0 < len(text) <= _LONG and not _DECIMAL.fullmatch(text) and not any(each.isspace() for each in text)


def _differ(records: Sequence[Mapping[str, Any]], keys: tuple[str, ...]) -> bool:
    return len({tuple(record[key] for key in keys) for record in records}) == len(records)


def informed(terms: Mapping[Term, Described], seen: Mapping[str, Seen]) -> dict[Term, Described]:
    """The slots of the source, those that are plain text by their schema with the kind that their values have."""
    return {term: _informed(each, seen.get(term.slot)) for term, each in terms.items()}


def _informed(each: Described, seen: Seen | None) -> Described:
    if seen is None or each.kind != "text":
        return each
    return replace(each, kind=seen.kind or each.kind, codes=each.codes or seen.codes)
