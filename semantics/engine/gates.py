"""Conditions on the numbers of a report, as ``--require`` takes them: ``unmapped=0,dropped<=0.1%``.

A condition is a name, or a name with a path, slot, code or reason in brackets; one of ``= != < <= > >=``; and a number,
with ``%`` where a share is meant. :data:`NAMES` says what each name counts and what its share is of.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from operator import eq, ge, gt, le, lt, ne
from typing import TYPE_CHECKING, Final, NoReturn

from semantics.codes import CODES
from semantics.errors import Diagnostic, Severity, UsageError, closest, escaped

if TYPE_CHECKING:
    from semantics.engine.report import RunReport

__all__ = ["NAMES", "Broken", "Condition", "Conditions", "read_conditions"]


@dataclass(frozen=True, slots=True)
class _Name:
    """What a name counts: ``table`` is the part of the report, ``column`` the count in it where there are several."""

    table: str
    column: str | None
    of: tuple[str, ...]
    meaning: str
    share: str


def _records(name: str, meaning: str) -> _Name:
    return _Name("records", name, ("read",), meaning, "records read")


NAMES: Final[dict[str, _Name]] = {
    "read": _records("read", "records read"),
    "mapped": _records("mapped", "records that gave instances"),
    "rejected": _records("rejected", "records rejected; rejected[CODE]: with this code first"),
    "filtered": _records("filtered", "records left out on purpose; filtered[REASON]: for this reason"),
    "emitted": _records("emitted", "instances written"),
    "present": _Name("source_slots", "present", ("present",), "values in the source", "values present"),
    "carried": _Name("source_slots", "carried", ("present",), "values carried into the target", "values present"),
    "dropped": _Name("source_slots", "dropped", ("present",), "values not carried, for whatever reason",
                     "values present"),
    "not_carried": _Name("not_carried", None, ("present",), "values not carried from records that were mapped",
                         "values present"),
    "written": _Name("target_slots", "written", ("written", "null"), "slots written", "slots of the objects made"),
    "null": _Name("target_slots", "null", ("written", "null"), "slots without a value", "slots of the objects made"),
    "defaulted": _Name("target_slots", "defaulted", ("written", "null"), "slots that a default filled",
                       "slots of the objects made"),
    "unmapped": _Name("unmapped", None, ("read",), "codes that a table does not have", "records read"),
    "contradictions": _Name("contradictions", None, ("emitted",),
                            "values that tables leave out: an earlier record says otherwise", "instances written"),
}  # fmt: skip
"""Every name that a condition can be about."""

OPERATORS: Final[dict[str, Callable[[Fraction, Fraction], bool]]] = {
    "=": eq, "!=": ne, "<": lt, "<=": le, ">": gt, ">=": ge,
}  # fmt: skip
_CONDITION: Final = re.compile(
    r"\s*(?P<name>[A-Za-z_]+)\s*(?:\[(?P<key>[^\]]+)\])?\s*(?P<operator>!=|<=|>=|=|<|>)\s*"
    r"(?P<number>[0-9]{1,18}(?:\.[0-9]{1,18})?)\s*(?P<percent>%?)\s*(?:,|$)"
)


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition: ``name[key] operator limit``, a share in percent where ``percent``."""

    name: str
    key: str | None
    operator: str
    limit: Decimal
    percent: bool

    def __str__(self) -> str:
        key = f"[{self.key}]" if self.key is not None else ""
        return f"{self.name}{key}{self.operator}{self.limit}{'%' if self.percent else ''}"

    def broken(self, report: RunReport) -> Broken | None:
        """What the report says, where the condition does not hold. Raises :class:`UsageError` for an unknown key."""
        found, of = _measured(report, self)
        figure = Fraction(found * 100, of) if self.percent and of else Fraction(0 if self.percent else found)
        holds = OPERATORS[self.operator](figure, Fraction(self.limit))
        return None if holds else Broken(self, found, of)


@dataclass(frozen=True, slots=True)
class Broken:
    """A condition that does not hold: what was ``found``, ``of`` how many."""

    condition: Condition
    found: int
    of: int

    def __str__(self) -> str:
        share = (
            f" of {self.of} {NAMES[self.condition.name].share} ({self._percent()})" if self.condition.percent else ""
        )
        return f"{escaped(str(self.condition))} does not hold: found {self.found}{share}"

    def _percent(self) -> str:
        """The share with as many digits as it takes to tell it from zero."""
        return f"{float(Fraction(self.found * 100, self.of)) if self.of else 0.0:.4g} %"

    @property
    def diagnostic(self) -> Diagnostic:
        """The finding as the command line says it."""
        return Diagnostic("RUN067", str(self))


@dataclass(frozen=True, slots=True)
class Conditions:
    """Conditions that all must hold."""

    parts: tuple[Condition, ...]

    def broken(self, report: RunReport) -> tuple[Broken, ...]:
        """Those that do not hold of a report."""
        return tuple(broken for part in self.parts if (broken := part.broken(report)) is not None)

    def doubts(self, report: RunReport) -> tuple[Diagnostic, ...]:
        """Warnings about paths that no record held, and that are spelt like one that some did: they count as 0."""
        found = []
        for part in self.parts:
            if NAMES[part.name].table in ("source_slots", "not_carried") and part.key not in (
                None,
                *report.source_slots,
            ):
                hint = closest(part.key or "", report.source_slots)
                message = f"no record held '{escaped(part.key or '')}', so it counts 0"
                found += [Diagnostic("RUN068", message, hint=hint, severity=Severity.WARNING)] if hint else []
        return tuple(found)


def read_conditions(text: str) -> Conditions:
    """Conditions from their text. Raises :class:`~semantics.errors.UsageError` for what is none.

    >>> [str(condition) for condition in read_conditions("unmapped = 0, dropped[a.b] <= 0.1%").parts]
    ['unmapped=0', 'dropped[a.b]<=0.1%']
    """
    parts, at = [], 0
    while at < len(text):
        match = _CONDITION.match(text, at)
        if match is None:
            told = escaped(text[at : at + 40].strip())
            raise UsageError(
                Diagnostic("RUN066", f"'{told}' is no condition", hint='write "unmapped=0,dropped[a.b]<=0.1%"')
            )
        name = match["name"]
        if name not in NAMES:
            hint = closest(name, NAMES) or f"there are {', '.join(NAMES)}"
            raise UsageError(Diagnostic("RUN066", f"a report has no number '{name}'", hint=hint))
        if match["key"] is not None and name in ("read", "mapped", "emitted"):
            raise UsageError(Diagnostic("RUN066", f"'{name}' is one number: it takes no brackets"))
        parts.append(
            Condition(name, match["key"], match["operator"], Decimal(match["number"]), match["percent"] == "%")
        )
        at = match.end()
    if not parts:
        raise UsageError(Diagnostic("RUN066", "there is no condition", hint='write "unmapped=0,dropped<=0.1%"'))
    return Conditions(tuple(parts))


def _measured(report: RunReport, condition: Condition) -> tuple[int, int]:
    """What a condition is about: a count, and what its share is of."""
    name, key = NAMES[condition.name], condition.key
    if name.table == "records":
        counts: Mapping[str, int] = report.records
        if key is not None:
            counts = report.rejects if condition.name == "rejected" else report.filtered
            if condition.name == "rejected" and key not in CODES:
                _unknown(condition, CODES)
        return counts.get(condition.name if key is None else key, 0), report.records["read"]
    if name.table == "unmapped":
        slots = {slot: sum(codes.values()) for slot, codes in report.unmapped.items()}
        known = {*report.target_slots, *report.flows, *slots}
        if key is not None and known and key not in known and not key.startswith("code_maps."):
            _unknown(condition, known)
        return (sum(slots.values()) if key is None else slots.get(key, 0)), report.records["read"]
    if name.table == "contradictions":
        counts = report.contradictions
        if key is not None and report.target_slots and key not in report.target_slots:
            _unknown(condition, report.target_slots)
        return (sum(counts.values()) if key is None else counts.get(key, 0)), report.records["emitted"]
    figures = _figures(report, name)
    if key is None:
        return sum(found for found, _ in figures.values()), sum(of for _, of in figures.values())
    if key not in figures and figures and name.table == "target_slots":
        _unknown(condition, figures)
    return figures.get(key, (0, 0))


def _figures(report: RunReport, name: _Name) -> dict[str, tuple[int, int]]:
    """A number of every path or slot, with what its share is of."""
    table: Mapping[str, Mapping[str, int]] = (
        report.target_slots if name.table == "target_slots" else report.source_slots
    )
    lost = report.not_carried
    return {
        at: (lost.get(at, 0) if name.column is None else counts[name.column], sum(counts[part] for part in name.of))
        for at, counts in table.items()
    }


def _unknown(condition: Condition, known: Iterable[str]) -> NoReturn:
    """A code or a slot that cannot be in the report: a gate that would never close."""
    told = f"{condition.name}[{escaped(condition.key or '')}]"
    raise UsageError(Diagnostic("RUN066", f"the report knows no {told}", hint=closest(condition.key or "", known)))
