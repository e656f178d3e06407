"""A draft of a mapping: what is proposed as derivations, what is open as comments, nothing left out.

A line that the planner refuses is opened (:meth:`Draft.opened`) until the whole can be loaded.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

__all__ = ["Block", "Draft", "Line", "plain"]


@dataclass(frozen=True, slots=True)
class Line:
    """The derivation of one slot: what it says, why, and what leaves it open.

    ``carries`` are the slots that it reads, ``derives`` the source classes whose derivations make the objects in it.
    """

    slot: str
    value: str
    why: str
    carries: tuple[str, ...] = ()
    open: str | None = None
    derives: tuple[str, ...] = ()

    def text(self) -> str:
        """The line as it stands in the draft."""
        if self.open is None:
            return f"      {plain(self.slot)}: {self.value}   # {self.why}"
        return f"      # open: {plain(self.slot)}: {self.value}   # {self.open}; {self.why}"


@dataclass(frozen=True, slots=True)
class Block:
    """A class derivation with its lines, and the slots of the source class that none of them reads."""

    target: str
    source: str
    lines: tuple[Line, ...]
    left: tuple[str, ...]
    also: tuple[str, ...] = ()
    open: str | None = None


@dataclass(frozen=True)
class Draft:
    """A draft of a mapping. ``text`` is the file, and ``at`` says what stands on each of its lines."""

    title: str
    source_schema: str
    target_schema: str
    blocks: tuple[Block, ...]
    unmatched: tuple[str, ...]

    def _rendered(self) -> Iterator[tuple[str, tuple[int, int] | None]]:
        lines = sum(line.open is None for block in self.blocks for line in block.lines if block.open is None)
        yield f"title: {json.dumps(self.title)}", None
        yield "description: >-", None
        yield (
            f"  A draft by 'semantics suggest': {lines} slots are proposed. Lines marked 'open' are not carried: each",
            None,
        )
        yield (
            "  needs a decision. The numbers are confidences from 0 to 1, then SSSOM's predicate and justification.",
            None,
        )
        yield f"source_schema: {json.dumps(self.source_schema)}", None
        yield f"target_schema: {json.dumps(self.target_schema)}", None
        yield 'prefixes: {draft: "https://example.org/draft/"}   # open: where identifiers are to be', None
        if not self.made:
            yield "class_derivations: {}", None
        else:
            yield "class_derivations:", None
        for number, block in enumerate(self.blocks):
            yield "", None
            mark = "" if block.open is None else "# open: "
            if block.open is not None:
                yield f"  # {block.open}", None
            yield f"  {mark}- {plain(block.target)}:", (number, -1)
            yield f"  {mark}    populated_from: {json.dumps(block.source)}", (number, -1)
            if self._nested(block):
                yield f"  {mark}    emit: nested", (number, -1)
            made = any(line.open is None for line in block.lines)
            yield f"  {mark}    slot_derivations:" + ("" if made else " {}"), (number, -1)
            for at, line in enumerate(block.lines):
                text = line.text()
                yield ("    " + text if block.open is None else f"  # open:{text[2:]}"), (number, at)
            for also in block.also:
                yield f"          # open: {also}", None
            for slot in block.left:
                yield f"          # open: {slot} is not carried", None
        if self.unmatched:
            yield "", None
            yield "# open: source classes that nothing is proposed for", None
            for name in self.unmatched:
                yield f"#   {name}", None

    def _nested(self, block: Block) -> bool:
        """Whether the objects of a block are made inside others: else they would not be made at all."""
        others = (each for each in self.blocks if each.open is None and each is not block)
        return any(block.source in line.derives and line.open is None for each in others for line in each.lines)

    @property
    def text(self) -> str:
        """The draft as YAML."""
        return "".join(f"{text.rstrip()}\n" for text, _ in self._rendered())

    @property
    def made(self) -> bool:
        """Whether any class derivation is carried out."""
        return any(block.open is None for block in self.blocks)

    def all_open(self, reason: str) -> Draft:
        """The draft with nothing carried out."""
        return replace(
            self, blocks=tuple(replace(block, open=block.open or f"open: {reason}") for block in self.blocks)
        )

    def opened(self, refused: Mapping[int, str]) -> Draft:
        """The draft with what stands on some lines (1-based) left open, for the reasons given."""
        blocks = list(self.blocks)
        for number, (_, place) in enumerate(self._rendered(), 1):
            if number not in refused or place is None:
                continue
            at, line = place
            block = blocks[at]
            if line < 0:
                blocks[at] = replace(block, open=block.open or f"open: the derivation is refused: {refused[number]}")
            elif block.lines[line].open is None:
                lines = list(block.lines)
                lines[line] = replace(lines[line], open=f"refused: {refused[number]}")
                blocks[at] = replace(block, lines=tuple(lines))
        return replace(self, blocks=tuple(blocks))


def plain(name: str) -> str:
    """A name as a key of YAML."""
    return name if re.fullmatch(r"[A-Za-z_]\w*", name) else json.dumps(name)
