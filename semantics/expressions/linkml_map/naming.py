"""Names made of texts, as linkml-map makes them: identifiers of words, snake, camel and Pascal case."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from html.entities import name2codepoint
from typing import Final

from semantics.expressions import bounds
from semantics.expressions.bounds import EvaluationError

__all__ = ["slugify", "to_camel", "to_pascal", "to_snake"]

_LETTERS: Final = str.maketrans({
    "ß": "ss", "ẞ": "ss", "æ": "ae", "Æ": "ae", "œ": "oe", "Œ": "oe", "ø": "o", "Ø": "o", "đ": "d", "Đ": "d",
    "ð": "d", "Ð": "d", "þ": "th", "Þ": "th", "ł": "l", "Ł": "l", "ħ": "h", "Ħ": "h", "ı": "i", "ŋ": "ng",
    "Ŋ": "ng", "ŧ": "t", "Ŧ": "t", "ĸ": "k", "μ": "m", "ʼ": "'", "ʻ": "`", "‘": "'", "’": "'", "‛": "'", "′": "",
    "″": "", "€": "eur", "£": "ps", "¥": "y=", "¢": "c/", "₤": "l", "₩": "w", "₪": "ns", "₫": "d", "₦": "n",
    "฿": "bh.", "°": "deg", "×": "x", "§": "ss", "¶": "p", "©": "(c)", "®": "(r)", "‰": "%0", "¦": "|",
})  # fmt: skip
"""Letters that have no decomposition, and the common signs that a slug spells out."""
_APART: Final = frozenset("\u200b\u2060\u2061\u2062\u2063\u2064")
_ENTITIES: Final[tuple[tuple[re.Pattern[str], Callable[[str], int | None]], ...]] = (
    (re.compile(r"&([A-Za-z][A-Za-z0-9]*);"), name2codepoint.get),
    (re.compile(r"&#([0-9]{1,7});"), int),
    (re.compile(r"&#x([0-9A-Fa-f]{1,6});"), lambda digits: int(digits, 16)),
)


def _folded(char: str) -> str:
    """A character that is not ASCII: dropped, or a break between words; a letter has no folding here."""
    category = unicodedata.category(char)
    if category == "Mn" and unicodedata.combining(char):
        return ""
    if category == "So" and ord(char) > 0xFFFF:
        return ""
    if category[0] in "LNM" or category == "So":
        raise EvaluationError("slugify() has no folding for a letter or sign that is not Latin")
    return "" if category[0] == "C" and char not in _APART else " "


def _ascii(text: str) -> str:
    found = unicodedata.normalize("NFKD", text).translate(_LETTERS)
    return "".join(char if char.isascii() else _folded(char) for char in found)


def _resolved(text: str) -> str:
    """HTML's character references, each kind once; a letter outside ASCII that comes of one is not folded."""
    for pattern, number in _ENTITIES:
        text = pattern.sub(_character(number), text)
    return unicodedata.normalize("NFKD", text)


def _character(number: Callable[[str], int | None]) -> Callable[[re.Match[str]], str]:
    def written(found: re.Match[str]) -> str:
        point = number(found[1])
        return chr(point) if point is not None and point < 0x110000 else found[0]

    return written


def slugify(text: str, separator: str = "_") -> str | None:
    """The words of a text in small letters with a separator between; null if there are none."""
    if not isinstance(text, str) or not isinstance(separator, str):
        raise TypeError
    plain = _resolved(_ascii(re.sub("'+", "-", text))).lower().replace("'", "")
    words = re.sub(r"[^a-z0-9]+", "-", re.sub(r"(?<=\d),(?=\d)", "", plain)).strip("-")
    if not words:
        return None
    bounds.text_characters(len(words) + words.count("-") * len(separator))
    return (separator if words[0].isdigit() else "") + words.replace("-", separator)


def to_snake(text: str) -> str:
    """Words by their capitals, small and joined with underscores."""
    words = re.sub(r"(?<=[A-Z])(?=[A-Z][a-z])|(?<=[a-z\d])(?=[A-Z])", "_", text)
    return words.replace("-", "_").lower()


def to_pascal(text: str) -> str:
    """Each word after an underscore with a capital, without the underscores."""
    return re.sub(r"(?:^|_)(.)", lambda found: found[1].upper(), text)


def to_camel(text: str) -> str:
    """Like Pascal case with a small first letter."""
    return text[0].lower() + to_pascal(text)[1:]
