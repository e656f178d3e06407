"""The common codes of UN/ECE Recommendation 20, with the UCUM codes that mean the same."""

from __future__ import annotations

from typing import Final

__all__ = ["REC20"]

_CODES: Final = """
MTR m ; KGM kg ; KWH kW.h ; LTR L
"""
REC20: Final[dict[str, str]] = {
    code: unit for line in _CODES.split("\n") for code, unit in (entry.split() for entry in line.split(" ; ") if entry)
}
"""Common code to UCUM code."""
