"""Texts of values as databases write them, in the one form that records have (ISO 8601, XSD 1.1 Part 2)."""

from __future__ import annotations

import re
from typing import Final

__all__ = ["clock", "moment"]

_OFFSET: Final = re.compile(r"([+-]\d\d)(?::?(\d\d))?(?::00)?\Z")


def moment(text: str) -> str:
    """A timestamp: ``T`` between day and time, the offset with minutes, UTC as ``Z``.

    What is no moment of the calendar (``infinity``, a year before Christ) stays as it is.

    >>> moment("2024-05-29 10:00:00.5"), moment("2024-05-29 10:00:00+00"), moment("infinity")
    ('2024-05-29T10:00:00.5', '2024-05-29T10:00:00Z', 'infinity')
    """
    if len(text) < 19 or text[10] != " " or text.endswith("BC"):
        return text
    return f"{text[:10]}T{clock(text[11:])}"


def clock(text: str) -> str:
    """A time of the day, its offset likewise.

    >>> clock("10:00:00"), clock("10:00:00+05:30"), clock("10:00:00-03"), clock("10:00:00+00")
    ('10:00:00', '10:00:00+05:30', '10:00:00-03:00', '10:00:00Z')
    """
    found = _OFFSET.search(text)
    if found is None:
        return text
    hours, minutes = found[1], found[2] or "00"
    offset = "Z" if hours[1:] == minutes == "00" else f"{hours}:{minutes}"
    return text[: found.start()] + offset
