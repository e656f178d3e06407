"""Which kinds of values can become which: a number is easily text, an object hardly a date."""

from __future__ import annotations

from typing import Final

__all__ = ["fits"]

_FITS: Final[dict[tuple[str, str], float]] = {
    ("text", "number"): 0.6, ("text", "time"): 0.7, ("text", "code"): 0.7, ("text", "boolean"): 0.5,
    ("text", "iri"): 0.7, ("text", "reference"): 0.8, ("text", "object"): 0.5,
    ("number", "object"): 0.5, ("code", "object"): 0.5, ("time", "object"): 0.3,
    ("iri", "text"): 0.7, ("iri", "reference"): 1.0, ("iri", "object"): 0.4, ("boolean", "object"): 0.2,
    ("number", "text"): 0.6, ("number", "time"): 0.3, ("number", "code"): 0.4,
    ("code", "text"): 0.8, ("code", "boolean"): 0.4, ("boolean", "code"): 0.4, ("boolean", "text"): 0.3,
    ("time", "text"): 0.5, ("object", "reference"): 0.9, ("object", "text"): 0.1,
    ("reference", "object"): 0.8, ("reference", "text"): 0.5, ("reference", "iri"): 0.8,
}  # fmt: skip


def fits(source: str, target: str) -> float:
    """How well values of one kind stand for those of another, from 0 to 1.

    >>> fits("text", "time"), fits("object", "time"), fits("any", "code")
    (0.7, 0.0, 0.6)
    """
    if source == target:
        return 1.0
    return 0.6 if "any" in (source, target) else _FITS.get((source, target), 0.0)
