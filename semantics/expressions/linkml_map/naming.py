"""Names made of texts, as linkml-map makes them: identifiers of words, snake, camel and Pascal case."""

from __future__ import annotations

import html
import re
import unicodedata
from typing import Final

from semantics.expressions.bounds import EvaluationError

__all__ = ["slugify", "to_camel", "to_pascal", "to_snake"]

_LETTERS: Final = str.maketrans({
    "ß": "ss", "ẞ": "Ss", "æ": "ae", "Æ": "AE", "œ": "oe", "Œ": "OE", "ø": "o", "Ø": "O", "đ": "d", "Đ": "D",
    "ð": "d", "Ð": "D", "þ": "th", "Þ": "Th", "ł": "l", "Ł": "L", "ħ": "h", "Ħ": "H", "ı": "i", "ŋ": "ng",
    "Ŋ": "NG", "ŧ": "t", "Ŧ": "T", "ĸ": "k", "ſ": "s",
    "‘": "'", "’": "'", "‚": ",", "‛": "'", "“": '"', "”": '"', "„": ",,", "–": "-", "—": "--", "−": "-",
    "‐": "-", "‑": "-", "‒": "-", "―": "--", "…": "...", "•": "*", "·": "*", "€": "EUR", "£": "PS", "¥": "Y=",
    "¢": "C/", "°": "deg", "µ": "u", "×": "x", "÷": "/", "±": "+-", "§": "SS", "¶": "P", "©": "(c)", "®": "(r)",
    "™": "(tm)", "«": "<<", "»": ">>", "¿": "?", "¡": "!", "¬": "!", "¦": "|", "¤": "$?", "\u00a0": " ",
    "\u00ad": "", "\u200b": " ", "\u2009": " ", "\u202f": " ",
})  # fmt: skip
"""Latin letters that have no decomposition, and common signs, as ASCII."""


def _ascii(text: str) -> str:
    """Latin letters without their marks; a letter of another script has no folding here."""
    found = unicodedata.normalize("NFKD", text).translate(_LETTERS)
    kept = "".join(char for char in found if not unicodedata.combining(char))
    if any(char.isalnum() and not char.isascii() for char in kept):
        raise EvaluationError("slugify() knows Latin letters only")
    return "".join(char if char.isascii() else " " for char in kept)


def slugify(text: str, separator: str = "_") -> str | None:
    """The words of a text in small letters with a separator between; null if there are none."""
    if not isinstance(text, str) or not isinstance(separator, str):
        raise TypeError
    plain = _ascii(html.unescape(text).replace("'", "-")).lower()
    plain = re.sub(r"(?<=[0-9]),(?=[0-9])", "", plain.replace("'", ""))
    words = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")
    if not words:
        return None
    return (separator if words[0].isdigit() else "") + words.replace("-", separator)


def to_snake(text: str) -> str:
    """Words by their capitals, small and joined with underscores."""
    words = re.sub(r"([A-Z]+)([A-Z][a-z])", r"\1_\2", text)
    return re.sub(r"([a-z\d])([A-Z])", r"\1_\2", words).replace("-", "_").lower()


def to_pascal(text: str) -> str:
    """Each word after an underscore with a capital, without the underscores."""
    return re.sub(r"(?:^|_)(.)", lambda found: found[1].upper(), text)


def to_camel(text: str) -> str:
    """Like Pascal case with a small first letter."""
    return text[0].lower() + to_pascal(text)[1:]
