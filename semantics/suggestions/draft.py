"""Proposals as a draft of a mapping: what is proposed as derivations, what is open as comments, nothing left out.

A line that the planner refuses is opened (:meth:`Draft.opened`) until the whole can be loaded.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

from semantics.schema.model import ClassModel, Form, SchemaModel, SlotModel
from semantics.suggestions.correspondences import Term
from semantics.suggestions.propose import Proposal, Proposals
from semantics.suggestions.words import names_words

__all__ = ["Draft", "Line", "draft_of"]


@dataclass(frozen=True, slots=True)
class Line:
    """The derivation of one slot: what it says, why, and what leaves it open. ``carries``: the slots that it reads."""

    slot: str
    value: str
    why: str
    carries: tuple[str, ...] = ()
    open: str | None = None

    def text(self) -> str:
        """The line as it stands in the draft."""
        if self.open is None:
            return f"      {_plain(self.slot)}: {self.value}   # {self.why}"
        return f"      # open: {_plain(self.slot)}: {self.value}   # {self.open}; {self.why}"


@dataclass(frozen=True, slots=True)
class _Block:
    """A class derivation with its lines, and the slots of the source class that none of them reads."""

    target: str
    source: str
    nested: bool
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
    blocks: tuple[_Block, ...]
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
            yield f"  {mark}- {_plain(block.target)}:", (number, -1)
            yield f"  {mark}    populated_from: {json.dumps(block.source)}", (number, -1)
            if block.nested:
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


def _plain(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z_]\w*", name) else json.dumps(name)


# -- from proposals ----------------------------------------------------------------------------------


def draft_of(
    found: Proposals, source: SchemaModel, target: SchemaModel, source_schema: str, target_schema: str
) -> Draft:
    """The draft of a mapping: for each class of the source the class that fits it best, with what goes into that."""
    by_read: defaultdict[Term, list[Proposal]] = defaultdict(list)
    for proposal in found.proposals:
        by_read[proposal.read].append(proposal)
    matched = {name: best for name in source.classes if (best := _target_class(found, source, target, name, by_read))}
    held = {
        slot.range for cls in source.classes.values() for slot in cls.slots.values() if slot.range in source.classes
    }
    writer = _Writer(source, target, by_read, matched)
    blocks = tuple(writer.block(name, name in held) for name in matched)
    unmatched = tuple(
        name for name, cls in source.classes.items()
        if name not in matched and cls.slots and not (cls.abstract or cls.mixin)
    )  # fmt: skip
    title = f"{source.title or source.name} to {target.title or target.name}"
    return Draft(title, source_schema, target_schema, blocks, unmatched)


def _target_class(
    found: Proposals, source: SchemaModel, target: SchemaModel, name: str, by_read: Mapping[Term, Collection[Proposal]]
) -> str | None:
    """The class that a source class goes to: the best of those that can be made and that get something."""
    cls = source.classes[name]
    if cls.abstract or cls.mixin:
        return None
    active = {
        each.read: {other.target: other.confidence for other in by_read[each.read] if other.active}
        for term in _terms(cls) for each in by_read.get(term, ()) if each.active
    }  # fmt: skip
    if not active:
        return None
    fits = found.classes.get(name, {})

    def fitness(candidate: ClassModel) -> tuple[float, float, int]:
        gets = sum(_gets(target, candidate, targets) for targets in active.values())
        return gets, fits.get(candidate.name, 0.0), -len(candidate.slots)

    concrete = [each for each in target.classes.values() if not (each.abstract or each.mixin)]
    best = max(concrete, key=fitness, default=None)
    return best.name if best is not None and fitness(best)[0] else None


_AROUND: Final = 0.75
"""What it counts for a class that a value goes into an object which it holds, where 1 is a slot of its own."""


def _gets(target: SchemaModel, candidate: ClassModel, targets: Mapping[Term, float]) -> float:
    """How much of one slot a class gets: in a slot of its own, or in an object that it holds."""
    own = max((sure for term, sure in targets.items() if _has(candidate, term)), default=0.0)
    held = (target.classes[slot.range or ""] for slot in candidate.slots.values() if _holds(target, slot))
    inner = max((sure for cls in held for term, sure in targets.items() if _has(cls, term)), default=0.0)
    return max(own, _AROUND * inner)


def _holds(target: SchemaModel, slot: SlotModel) -> bool:
    return slot.form is Form.OBJECT and slot.range in target.classes


def _terms(cls: ClassModel) -> list[Term]:
    return [Term(slot.owner or cls.name, slot.name) for slot in cls.slots.values()]


def _has(cls: ClassModel, term: Term) -> bool:
    held = cls.slots.get(term.slot)
    return held is not None and (held.owner or cls.name) == term.cls


_TELLING: Final = ("id", "key", "number", "code")
"""What the names of slots end with that tell records apart, in the order of preference."""


def _ends(name: str, word: str) -> bool:
    return names_words(name)[-1:] == names_words(word)


_PARTS: Final = ("value", "code", "text", "label", "name", "full_name", "street", "full_address", "start")
"""The slots of small objects that get the one value which an object is made around, in the order of preference."""


@dataclass(frozen=True)
class _Writer:
    source: SchemaModel
    target: SchemaModel
    by_read: Mapping[Term, list[Proposal]]
    matched: Mapping[str, str]

    def block(self, name: str, nested: bool) -> _Block:
        """The derivation of a source class."""
        cls, made = self.source.classes[name], self.target.classes[self.matched[name]]
        proposals = sorted(
            (
                (each, slot)
                for slot in cls.slots.values()
                for each in self.by_read.get(Term(slot.owner or name, slot.name), ())
            ),
            key=lambda pair: (not pair[0].active, -pair[0].confidence, pair[0].target),
        )
        lines: dict[str, Line] = {}
        parts: defaultdict[str, dict[str, str]] = defaultdict(dict)
        more: list[Line] = []
        carried: set[str] = set()
        for proposal, slot in proposals:
            place = self._place(made, proposal, slot)
            if place is None:
                continue
            at, part = place
            line = self._line(made, at, part, proposal, slot)
            if not proposal.active:
                more.append(replace(line, open="not sure enough"))
            elif at not in lines:
                lines[at], parts[at] = line, {part: self._path(proposal, slot)} if part else {}
            elif part and parts[at] and part not in parts[at]:
                known, parts[at][part] = lines[at], self._path(proposal, slot)
                lines[at] = replace(known, why=f"{known.why}; {line.why}", carries=(*known.carries, slot.name))
            else:
                more.append(replace(line, open="another slot goes there"))
                continue
            carried.update((slot.name,) if proposal.active else ())
        for at, inner in parts.items():
            if inner:
                lines[at] = self._object(made.slots[at], lines[at], inner)
        whole = (*sorted(lines.values(), key=lambda each: list(made.slots).index(each.slot)), *more)
        told = carried | {name for line in more for name in line.carries}
        left = tuple(slot for slot in cls.slots if slot not in told)
        return _Block(made.name, name, nested, (*self._identifier(cls, made, lines), *whole), left)

    def _identifier(self, cls: ClassModel, made: ClassModel, lines: dict[str, Line]) -> tuple[Line, ...]:
        """A line for the identifier that an instance needs, made of that of the record."""
        slot = made.slots.get(made.identifier or "")
        if slot is None or slot.name in lines:
            return ()
        own = cls.identifier or next((each for last in _TELLING for each in cls.slots if _ends(each, last)), None)
        if own is None or not re.fullmatch(r"\w+", own):
            return (Line(slot.name, '{iri: "draft:..."}', "what tells instances apart", open="there is no identifier"),)
        return (Line(slot.name, f'{{iri: "draft:{cls.name}/{{{own}}}"}}', "open: how identifiers are made", (own,)),)

    def _place(self, made: ClassModel, proposal: Proposal, slot: SlotModel) -> tuple[str, str | None] | None:
        """The slot of the class that is made which a proposal fills, and the slot of the object in it, if any."""
        term = proposal.target
        if _has(made, term):
            held = made.slots[term.slot]
            inner = held.range in self.target.classes and held.form in (Form.OBJECT, Form.KEYED)
            whole = slot.range in self.source.classes and proposal.source == proposal.read
            return term.slot, self._part(held, proposal) if inner and not whole else None
        classes = self.target.classes
        around = [
            held for held in made.slots.values()
            if held.form is Form.OBJECT and held.range in classes and _has(classes[held.range], term)
        ]  # fmt: skip
        if not around or (slot.range in self.source.classes and proposal.source == proposal.read):
            return None
        chance = {each.target.slot: each.confidence for each in self.by_read[proposal.read]}
        best = max(
            around,
            key=lambda held: (
                chance.get(held.name, 0.0),
                len(set(names_words(held.name)) & set(names_words(slot.name))),
            ),
        )
        return best.name, term.slot

    def _object(self, held: SlotModel, line: Line, inner: Mapping[str, str]) -> Line:
        """The line of an object made of parts; where it needs more, a code that the names of its sources say."""
        told = {part: json.dumps(path) for part, path in inner.items()}
        words = {word for name in line.carries for word in names_words(name)}
        needs = [slot for slot in self.target.classes[held.range or ""].slots.values() if slot.required]
        for slot in (each for each in needs if each.name not in told):
            enum = self.target.enums.get(slot.range or "")
            codes = [code for code in (enum.values if enum else ()) if words >= set(names_words(code))]
            if len(codes) != 1:
                line = replace(line, open=f"an object in it needs '{slot.name}'")
                continue
            told[slot.name] = f"{{value: {json.dumps(codes[0])}}}"
        value = ", ".join(f"{_plain(part)}: {text}" for part, text in told.items())
        return replace(line, value=f"{{object: {{{value}}}}}")

    def _part(self, held: SlotModel, proposal: Proposal) -> str | None:
        """The slot of an object that gets the value which the object is made around."""
        slots = self.target.classes[held.range or ""].slots
        told = [
            each for each in self.by_read[proposal.read] if each.source == proposal.source and each.target.slot in slots
        ]
        likely = [each.target.slot for each in told if _has(self.target.classes[held.range or ""], each.target)]
        first = next((name for name in _PARTS if name in slots), None)
        return likely[0] if likely else first or next((n for n, s in slots.items() if s.required), None)

    def _path(self, proposal: Proposal, slot: SlotModel) -> str:
        return slot.name if proposal.source == proposal.read else f"{slot.name}.{proposal.source.slot}"

    def _line(self, made: ClassModel, at: str, part: str | None, proposal: Proposal, slot: SlotModel) -> Line:
        path, held = self._path(proposal, slot), made.slots[at]
        why = f"{proposal.confidence:.2f} {proposal.predicate} {proposal.justification}: {', '.join(proposal.because)}"
        if part is not None:
            return Line(at, f"{{object: {{{_plain(part)}: {json.dumps(path)}}}}}", why, (slot.name,))
        if held.identifier and re.fullmatch(r"[\w.]+", path):
            return Line(at, f'{{iri: "draft:{{{path}}}"}}', why, (slot.name,))
        if slot.many and not held.many and proposal.source == proposal.read and re.fullmatch(r"\w+", path):
            return Line(at, f'{{expr: "first({path})"}}', why, (slot.name,))
        extra = self._codes(held, slot) + self._unit(held, slot)
        return Line(at, f"{{populated_from: {json.dumps(path)}{extra}}}", why, (slot.name,))

    def _codes(self, held: SlotModel, slot: SlotModel) -> str:
        """The codes of two lists that are the same words; the others are refused when they come."""
        ours, theirs = self.source.enums.get(slot.range or ""), self.target.enums.get(held.range or "")
        if ours is None or theirs is None:
            return ""
        words = {names_words(code): code for code in reversed(theirs.values)}
        table = {code: words[names_words(code)] for code in ours.values if names_words(code) in words}
        return f", value_mappings: {json.dumps(table)}" if table and any(k != v for k, v in table.items()) else ""

    def _unit(self, held: SlotModel, slot: SlotModel) -> str:
        return ", unit_conversion: {}" if held.unit and slot.unit and held.unit != slot.unit else ""
