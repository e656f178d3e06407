"""What the author of a mapping says in the comments at its beginning: what is not carried, and why."""

from __future__ import annotations

import re
from typing import Final

__all__ = ["notes_of"]

_END: Final = re.compile(r"^class_derivations\s*:", re.MULTILINE)
_RULE: Final = re.compile(r"^[-=~# ]*$")


def notes_of(text: str) -> tuple[tuple[str, ...], ...]:
    r"""Each block of full-line comments before the derivations: its paragraphs; items of lists begin with ``- ``.

    >>> notes_of("a: 1\n# What is not carried\n# - Links,\n#   Meta\n#\n# One\n# more.\nclass_derivations: []\n# no")
    (('What is not carried', '- Links, Meta', 'One more.'),)
    """
    end = _END.search(text)
    blocks: list[list[str]] = []
    lines: list[str] = []
    for line in [*text[: end.start() if end else None].splitlines(), ""]:
        if line.startswith("#"):
            lines.append(line[1:])
        elif lines:
            blocks.append(lines)
            lines = []
    return tuple(found for block in blocks if (found := tuple(_paragraphs(block))))


def _paragraphs(lines: list[str]) -> list[str]:
    """Lines put together: an empty line, or the dash of an item, begins something new."""
    found: list[str] = []
    fresh = True
    for line in lines:
        words = line.strip()
        if _RULE.match(words):
            fresh = True
        elif fresh or words.startswith("- ") or (found and _heads(found[-1], line)):
            found.append(words)
            fresh = False
        else:
            found[-1] += f" {words}"
    return found


def _heads(before: str, line: str) -> bool:
    """Whether what stands before a line is a heading or an item that the line does not go on with."""
    return before.startswith("- ") and not line.startswith("  ")
