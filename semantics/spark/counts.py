"""The counts of a part of a run as plain data, and parts added up: each partition counts for itself.

Everything that a :class:`~semantics.engine.ledger.Ledger` holds is a sum over records, so that the sum of the parts is
the ledger of the whole. The accounts (paths told apart, compared with what the plan reads) are made of that sum.
"""

from __future__ import annotations

from collections import Counter
from typing import Any, Final

import msgspec

from semantics.engine.ledger import Ledger
from semantics.engine.tally import LARGEST, OTHERS, Tally
from semantics.records import Filtered, Mapped, Outcome, Rejected

__all__ = ["Counts", "add_counts", "counts_of"]

_FATES: Final[dict[str, type[Outcome]]] = {"mapped": Mapped, "rejected": Rejected, "filtered": Filtered}


class _Tally(msgspec.Struct):
    """A :class:`~semantics.engine.tally.Tally`: how many objects, what their keys held, and what is below."""

    total: int
    present: dict[str, int]
    inner: dict[str, _Tally]


class Counts(msgspec.Struct):
    """What one partition counted. ``sources``: (fate, source class, rules) with their tally; ``made``: by rule."""

    read: int
    emitted: int
    fates: dict[str, int]
    defaulted: dict[str, int]
    unmapped: dict[str, dict[str, int]]
    reasons: list[tuple[str, str, int]]
    filters: dict[str, int]
    sources: list[tuple[str, str | None, tuple[str, ...], _Tally]]
    made: dict[str, _Tally]
    warnings: dict[str, int] = {}


def counts_of(ledger: Ledger, warnings: dict[str, int] | None = None) -> Counts:
    """What a ledger has counted so far."""
    return Counts(
        read=ledger.read,
        emitted=ledger.emitted,
        fates={name: ledger._fates[kind] for name, kind in _FATES.items()},
        defaulted=dict(ledger._defaulted),
        unmapped={slot: dict(codes) for slot, codes in ledger._unmapped.items()},
        reasons=[(code, rule, count) for (code, rule), count in ledger._reasons.items()],
        filters=dict(ledger._filters),
        sources=[(*key, _told(tally)) for key, tally in ledger._sources.items()],
        made={rule: _told(tally) for rule, tally in ledger._instances.items()},
        warnings=warnings or {},
    )


def add_counts(ledger: Ledger, counts: Counts) -> None:
    """Add what a part counted to a ledger."""
    ledger.read += counts.read
    ledger.emitted += counts.emitted
    ledger._fates.update({_FATES[name]: count for name, count in counts.fates.items()})
    ledger._defaulted.update(counts.defaulted)
    ledger._filters.update(counts.filters)
    for code, rule, count in counts.reasons:
        ledger._reasons[code, rule] += count
    for slot, codes in counts.unmapped.items():
        _add(ledger._unmapped.setdefault(slot, Counter()), codes)
    for fate, name, rules, told in counts.sources:
        _into(ledger._source(fate, name, rules), told)
    for rule, told in counts.made.items():
        _into(ledger._tally(rule), told)


def _told(tally: Tally) -> _Tally:
    present = {key: count for key, count in tally.present.items() if count}
    return _Tally(tally.total, present, {key: _told(below) for key, below in tally.inner.items()})


def _into(tally: Tally, told: _Tally) -> None:
    tally.total += told.total
    _add(tally._named, told.present)
    for key, below in told.inner.items():
        if key not in tally.inner and len(tally.inner) >= LARGEST:
            key = OTHERS
        _into(tally.inner.setdefault(key, Tally()), below)


def _add(counter: Counter[str], counts: dict[str, Any]) -> None:
    for key, count in counts.items():
        counter[key if key in counter or len(counter) < LARGEST else OTHERS] += count
