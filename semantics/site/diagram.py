"""Pictures of classes as data: boxes with their places, and lines between them. The template draws them as SVG 1.1."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from semantics.site.names import Ref

__all__ = ["Box", "Diagram", "Line", "boxed", "clipped", "height_of", "width_of"]

LETTER: Final = 9.4
WIDTHS: Final = {
    **dict.fromkeys("ijlI|.,:;'", 5.2), **dict.fromkeys("frt-_() ", 6.6), **dict.fromkeys("mMW@%…", 14.4), "w": 12.1,
}  # fmt: skip
"""Widths of letters in the pictures: those of the widest font that systems draw them with (DejaVu Sans, bold)."""
CAPITAL: Final = 11.1
LINE: Final = 18.0
HEAD: Final = 30.0
LONGEST: Final = 30
"""Letters of a label that are shown; the whole of it stands in the title."""


@dataclass(frozen=True, slots=True)
class Box:
    """A class in a picture, with lines of text below its name; ``style`` is a class of the style sheet."""

    label: str
    ref: Ref | None
    x: float
    y: float
    width: float
    height: float
    style: str = ""
    lines: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """The whole name, where it is shown shortened."""
        return self.ref.name if self.ref is not None and clipped(self.ref.name) != self.ref.name else ""


@dataclass(frozen=True, slots=True)
class Line:
    """A line from box to box, by the path that SVG draws; ``kind`` says what it means and how it ends."""

    kind: Literal["holds", "above"]
    path: str
    title: str


@dataclass(frozen=True, slots=True)
class Diagram:
    """A picture with what it shows in words."""

    title: str
    description: str
    width: float
    height: float
    boxes: tuple[Box, ...]
    lines: tuple[Line, ...]


def clipped(text: str) -> str:
    """A label as long as a box can have it.

    >>> clipped("a" * 40)
    'aaaaaaaaaaaaaaaaaaaaaaaaaaaaa…'
    """
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def width_of(*texts: str) -> float:
    """How wide a box with these texts is."""
    return max(96.0, round(max(sum(map(_letter, clipped(text))) for text in texts) + 24))


def _letter(letter: str) -> float:
    return WIDTHS.get(letter, LETTER if letter.islower() or letter.isdigit() else CAPITAL)


def height_of(lines: int) -> float:
    """How high a box with so many lines below its name is."""
    return HEAD + (lines * LINE + 8 if lines else 0)


def boxed(ref: Ref | None, label: str, at: tuple[float, float], width: float, lines: tuple[str, ...] = (),
          style: str = "") -> Box:  # fmt: skip
    """A box at a place."""
    return Box(clipped(label), ref, at[0], at[1], width, height_of(len(lines)), style, tuple(map(clipped, lines)))
