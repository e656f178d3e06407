"""What a run says of instances with one identifier that contradict each other in a table, which has room for one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

from semantics.errors import Diagnostic, Location, Severity

if TYPE_CHECKING:
    from semantics.sinks.base import Contradiction

__all__ = ["contradictions_told"]

_HINT: Final = "if they are two things, give them identifiers of their own"


def contradictions_told(found: Mapping[str, Contradiction], paths: Sequence[str]) -> tuple[Diagnostic, ...]:
    """A warning for each slot, at the first record that contradicts an earlier one; ``paths`` are the inputs.

    >>> from semantics.sinks.base import Contradiction
    >>> (told,) = contradictions_told({"Place.name": Contradiction(2, "1-17-0")}, ["ports.json"])
    >>> str(told.location), told.message[:62]
    ('ports.json', "2 instances contradict one of the same identifier in 'Place.na")
    """
    told = []
    for slot, (count, key) in sorted(found.items()):
        message = (f"{_counted(count)} of the same identifier in '{slot}'; the first value is in the table "
                   f"(first contradicted by {_record(key)})")  # fmt: skip
        told.append(Diagnostic("SNK046", message, _place(key, paths), _HINT, severity=Severity.WARNING))
    return tuple(told)


def _counted(count: int) -> str:
    return "1 instance contradicts one" if count == 1 else f"{count} instances contradict one"


def _record(key: str) -> str:
    """The record of a key of the run: ``input-record-instance``, or ``input-line-record-instance``."""
    parts = key.removeprefix("g").split("-")
    return f"line {parts[-3]}" if len(parts) == 4 and not key.startswith("g") else f"record {parts[-2]}"


def _place(key: str, paths: Sequence[str]) -> Location | None:
    parts = key.split("-")
    ordinal = int(parts[1 if key.startswith("g") else 0])
    return Location(paths[ordinal - 1]) if 0 < ordinal <= len(paths) else None
