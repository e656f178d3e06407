"""From proposals to a draft: for each class of the source the class that fits it best, with what goes into that."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final, NamedTuple

from semantics.lexical import Primitive
from semantics.schema.model import ClassModel, Form, SchemaModel, SlotModel
from semantics.suggestions.correspondences import Term
from semantics.suggestions.draft import Block, Draft, Line, plain
from semantics.suggestions.name_units import counted_in
from semantics.suggestions.places import Places, has, target_class, terms_of
from semantics.suggestions.propose import ACTIVE, Proposal, Proposals
from semantics.suggestions.samples import NO_SAMPLES, Samples
from semantics.suggestions.terms import declared_unit
from semantics.suggestions.words import names_words

__all__ = ["draft_of"]


def draft_of(
    found: Proposals, source: SchemaModel, target: SchemaModel, source_schema: str, target_schema: str,
    samples: Samples = NO_SAMPLES,
) -> Draft:  # fmt: skip
    """The draft of a mapping, as the proposals say; ``samples`` tell what identifies records, and which codes come."""
    by_read: defaultdict[Term, list[Proposal]] = defaultdict(list)
    for proposal in found.proposals:
        by_read[proposal.read].append(proposal)
    places = Places(target, found.holding)
    held = {
        slot.range for cls in source.classes.values() for slot in cls.slots.values() if slot.range in source.classes
    }
    matched: dict[str, Block] = {}
    for name, cls in source.classes.items():
        best = target_class(found, cls, by_read, places, name in held)
        if best is not None:
            writer = _Writer(source, target, by_read, places, samples, cls, target.classes[best])
            matched[name] = writer.block()
    unmatched = tuple(
        name for name, cls in source.classes.items()
        if name not in matched and cls.slots and not (cls.abstract or cls.mixin)
    )  # fmt: skip
    title = f"{source.title or source.name} to {target.title or target.name}"
    return Draft(title, source_schema, target_schema, tuple(matched.values()), unmatched)


_TELLING: Final = names_words("id", "key", "number", "code", "reference", "name", "title")
"""What the names of slots end with that tell records apart, in the order of preference."""
_PARTS: Final = ("value", "code", "text", "label", "name", "full_name", "street", "full_address", "start")
"""The slots of small objects that get the one value which an object is made around, in the order of preference."""
_COUNTED: Final = {
    ("unit",): "unit",
    ("unit", "code"): "unit",
    ("currency",): "currency",
    ("currency", "code"): "currency",
}
"""The words of slots that hold what a number is counted in."""


_UNSURE: Final = "nothing says which slot it is"


class _At(NamedTuple):
    """The slot that a proposal fills, the slot of the object in it, if any, and whether something says which it is."""

    slot: str
    part: str | None
    sure: bool


class _Inner(NamedTuple):
    """A part of an object: the text of its derivation, and the slot of the source that it reads."""

    text: str
    slot: SlotModel


@dataclass
class _Filled:
    """The line of a slot as far as it is known, and the objects that are made in it."""

    line: Line
    objects: list[dict[str, _Inner]]


class _Candidate(NamedTuple):
    """A proposal for a slot of the source, where it would go, and whether it is taken."""

    proposal: Proposal
    slot: SlotModel
    place: _At
    taken: bool


@dataclass(frozen=True)
class _Writer:
    """Writes what becomes of one class of the source."""

    source: SchemaModel
    target: SchemaModel
    by_read: Mapping[Term, list[Proposal]]
    places: Places
    samples: Samples
    cls: ClassModel
    made: ClassModel

    def block(self) -> Block:
        """The derivation of the class."""
        lines: dict[str, _Filled] = {}
        more: list[Line] = []
        order = sorted(
            self._candidates(),
            key=lambda each: (not each.taken, not each.place.sure, -each.proposal.confidence, each.proposal.target),
        )
        for each in order:
            proposal, slot, place, _ = each
            place = self._joined(lines, place, proposal.target)
            line = self._line(place, proposal, slot)
            reason = self._reason(each._replace(place=place))
            if reason is None and not self._fills(lines, place, line, self._inner(place, proposal, slot)):
                reason = "another slot goes there"
            if reason is not None:
                more.append(replace(line, open=reason))
        for at, filled in lines.items():
            if filled.objects:
                filled.line = self._object(self.made.slots[at], filled)
        whole = [lines[at].line for at in self.made.slots if at in lines]
        carried = {name for line in whole if line.open is None for name in line.carries}
        more = [line for line in more if not self._told(line, lines, carried)]
        told = {name for line in (*whole, *more) for name in line.carries}
        left = tuple(slot for slot in self.cls.slots if slot not in told)
        return Block(self.made.name, self.cls.name, (*self._identifier(lines), *whole, *more), left)

    def _told(self, line: Line, lines: Mapping[str, _Filled], carried: Collection[str]) -> bool:
        """Whether an open line says what another line does: its slots go there, or nothing said where they go."""
        there = lines[line.slot].line.carries if line.slot in lines else ()
        return set(line.carries) <= set(carried if line.open == _UNSURE else there)

    def _candidates(self) -> Iterator[_Candidate]:
        """All proposals that have a place; where none that is made is sure of its own, the next best that is."""
        for term, slot in terms_of(self.cls):
            each = ((proposal, self._place(proposal, slot)) for proposal in self.by_read.get(term, ()))
            found = [(proposal, place) for proposal, place in each if place is not None]
            sure = [proposal for proposal, place in found if place.sure and proposal.confidence >= ACTIVE]
            spare = sure[:1] if not any(proposal.active for proposal in sure) else []
            for proposal, place in found:
                yield _Candidate(proposal, slot, place, proposal.active or proposal in spare)

    def _reason(self, each: _Candidate) -> str | None:
        """Why a line is left open."""
        if not each.taken:
            return "not sure enough"
        if not each.place.sure:
            return _UNSURE
        if self._alike(self._getting(each.place), each.slot) == {}:
            return "no code of the two is the same"
        key = self._key() if self.made.slots[each.place.slot].identifier else ()
        return f"'{', '.join(key)}' tells records apart" if key and key != (each.slot.name,) else None

    def _joined(self, lines: Mapping[str, _Filled], place: _At, target: Term) -> _At:
        """The one object that is made already and has room for a part of which nothing else says where it goes."""
        ranges = self.target.classes
        room = [
            at for at, filled in lines.items()
            if not place.sure and len(filled.objects) == 1 and place.part not in filled.objects[0]
            and has(ranges[self.made.slots[at].range or ""], target)
        ]  # fmt: skip
        return place._replace(slot=room[0], sure=True) if len(room) == 1 else place

    def _getting(self, place: _At) -> SlotModel:
        """The slot that gets the value: of the class, or of the object in it."""
        held = self.made.slots[place.slot]
        return held if place.part is None else self.target.classes[held.range or ""].slots[place.part]

    def _fills(self, lines: dict[str, _Filled], place: _At, line: Line, inner: _Inner | None) -> bool:
        """Put a line where it belongs: into a slot that is free, an object that has room, or beside it in a list."""
        filled = lines.get(place.slot)
        if filled is None:
            lines[place.slot] = _Filled(line, [{place.part: inner}] if place.part and inner else [])
            return True
        if not (filled.objects and place.part and inner):
            return False
        if place.part not in filled.objects[0] and len(filled.objects) == 1:
            filled.objects[0][place.part] = inner
        elif self.made.slots[place.slot].many and all(each.keys() == {place.part} for each in filled.objects):
            filled.objects.append({place.part: inner})
        else:
            return False
        carries = (*filled.line.carries, *line.carries)
        filled.line = replace(filled.line, why=f"{filled.line.why}; {line.why}", carries=carries)
        return True

    def _identifier(self, lines: Mapping[str, _Filled]) -> tuple[Line, ...]:
        """A line for the identifier that an instance needs, made of that of the record."""
        slot = self.made.slots.get(self.made.identifier or "")
        if slot is None or slot.name in lines:
            return ()
        own = self._key()
        if not own or not all(re.fullmatch(r"\w+", each) for each in own):
            return (Line(slot.name, '{iri: "draft:..."}', "what tells instances apart", open="there is no identifier"),)
        parts = "/".join(f"{{{each}}}" for each in own)
        return (Line(slot.name, f'{{iri: "draft:{self.cls.name}/{parts}"}}', "open: how identifiers are made", own),)

    def _key(self) -> tuple[str, ...]:
        """What tells records apart: the identifier, a name that says so if the samples agree, or what they say."""
        if self.cls.identifier is not None:
            return (self.cls.identifier,)
        seen = [key for key in self.samples.keys if self.cls.slots.keys() >= set(key)]
        named = sorted((rank, at, slot.name) for at, slot in enumerate(self.cls.slots.values())
                       if (rank := self._tells(slot)) is not None)  # fmt: skip
        return next(((name,) for _, _, name in named if (name,) in seen or not seen), seen[0] if seen else ())

    def _tells(self, slot: SlotModel) -> tuple[bool, bool, int] | None:
        """How well the name of a slot says that it tells records apart: best by the name of its class, and required."""
        *before, last = names_words(slot.name) or ("",)
        if last not in _TELLING or slot.range in self.source.classes:
            return None
        return not set(before) <= set(names_words(self.cls.name)), not slot.required, _TELLING.index(last)

    def _place(self, proposal: Proposal, slot: SlotModel) -> _At | None:
        """Where a proposal goes; what says which class an instance has is written by the derivation itself."""
        term = proposal.target
        whole = slot.range in self.source.classes and proposal.source == proposal.read
        if has(self.made, term):
            held = self.made.slots[term.slot]
            if held.designates_type:
                return None
            inner = held.range in self.target.classes and held.form in (Form.OBJECT, Form.KEYED)
            return _At(term.slot, self._part(held, proposal) if inner and not whole else None, sure=True)
        place = None if whole else self.places.around(self.made, proposal.read, term)
        return None if place is None else _At(place.slot, term.slot, place.sure)

    def _object(self, held: SlotModel, filled: _Filled) -> Line:
        """The line of a slot with the objects that are made of parts."""
        line, made = filled.line, []
        for inner in filled.objects:
            told, shared, missing = self._whole(held, inner)
            made.append("{" + ", ".join(f"{plain(part)}: {text}" for part, text in told.items()) + "}")
            line = replace(line, carries=(*line.carries, *shared))
            if missing is not None:
                line = replace(line, open=f"an object in it needs '{missing}'")
        value = made[0] if len(made) == 1 else f"[{', '.join(made)}]"
        return replace(line, value=f"{{object: {value}}}")

    def _whole(self, held: SlotModel, inner: Mapping[str, _Inner]) -> tuple[dict[str, str], list[str], str | None]:
        """The parts of an object with what it needs besides, slots for that, and what of it there is not.

        That is what its number is counted in, a slot of the source that goes into such objects, or a code that the
        names of its sources say.
        """
        told = {part: each.text for part, each in inner.items()}
        words = {word for each in inner.values() for word in names_words(each.slot.name)}
        shared: list[str] = []
        missing = None
        slots = self.target.classes[held.range or ""].slots
        for slot in (each for each in slots.values() if each.name not in told):
            text = self._counted(slot, inner.values())
            if text is None and slot.required:
                own = self._shared(held, slot)
                shared += [] if own is None else [own]
                text = json.dumps(own) if own is not None else self._code(slot, words)
                missing = missing or (slot.name if text is None else None)
            if text is not None:
                told[slot.name] = text
        return {name: told[name] for name in slots if name in told}, shared, missing

    def _counted(self, part: SlotModel, inner: Collection[_Inner]) -> str | None:
        """The unit or currency that a number or its name says, for a slot of an object that holds that."""
        asked = _COUNTED.get(names_words(part.name))
        if asked is None or part.range in self.target.enums:
            return None
        numbers = [(each.slot, counted_in(each.slot.name)) for each in inner if self._number(each.slot)]
        told = (declared_unit(slot) or name.unit if asked == "unit" else name.currency for slot, name in numbers)
        said = set(filter(None, told))
        return f"{{value: {json.dumps(said.pop())}}}" if len(said) == 1 else None

    def _number(self, slot: SlotModel) -> bool:
        primitive = self.source.primitive(slot)
        return primitive in (Primitive.INTEGER, Primitive.DECIMAL, Primitive.FLOAT)

    def _shared(self, held: SlotModel, part: SlotModel) -> str | None:
        """The one slot of the source that goes into this part of such objects: a currency for all sums."""
        wanted = Term(part.owner or held.range or "", part.name)
        found = [
            slot for term, slot in terms_of(self.cls)
            if any(each.active and each.target == wanted for each in self.by_read.get(term, ()))
        ]  # fmt: skip
        return found[0].name if len(found) == 1 else None

    def _code(self, part: SlotModel, words: Collection[str]) -> str | None:
        """The one code of a list whose words the names of the sources have."""
        enum = self.target.enums.get(part.range or "")
        codes = [code for code in (enum.values if enum else ()) if set(words) >= set(names_words(code))]
        return f"{{value: {json.dumps(codes[0])}}}" if len(codes) == 1 else None

    def _part(self, held: SlotModel, proposal: Proposal) -> str | None:
        """The slot of an object that gets the value which the object is made around."""
        slots = self.target.classes[held.range or ""].slots
        told = [
            each for each in self.by_read[proposal.read] if each.source == proposal.source and each.target.slot in slots
        ]
        likely = [each.target.slot for each in told if has(self.target.classes[held.range or ""], each.target)]
        first = next((name for name in _PARTS if name in slots), None)
        return likely[0] if likely else first or next((n for n, s in slots.items() if s.required), None)

    def _path(self, proposal: Proposal, slot: SlotModel) -> str:
        return slot.name if proposal.source == proposal.read else f"{slot.name}.{proposal.source.slot}"

    def _inner(self, place: _At, proposal: Proposal, slot: SlotModel) -> _Inner | None:
        if place.part is None:
            return None
        path = self._path(proposal, slot)
        held = self._getting(place)
        extra = self._codes(held, slot) + self._unit(held, slot)
        return _Inner(f"{{populated_from: {json.dumps(path)}{extra}}}" if extra else json.dumps(path), slot)

    def _line(self, place: _At, proposal: Proposal, slot: SlotModel) -> Line:
        at, path, held = place.slot, self._path(proposal, slot), self.made.slots[place.slot]
        why = f"{proposal.confidence:.2f} {proposal.predicate} {proposal.justification}: {', '.join(proposal.because)}"
        inner = self._inner(place, proposal, slot)
        if inner is not None:
            return Line(at, f"{{object: {{{plain(place.part or '')}: {inner.text}}}}}", why, (slot.name,))
        if held.identifier and re.fullmatch(r"[\w.]+", path):
            return Line(at, f'{{iri: "draft:{{{path}}}"}}', why, (slot.name,))
        pointer = self._pointer(held, proposal, slot) if held.form is Form.REFERENCE else None
        if pointer is not None:
            return Line(at, pointer, why, (slot.name,))
        whole = proposal.source == proposal.read
        if slot.many and not held.many and whole and re.fullmatch(r"\w+", path):
            return Line(at, f'{{expr: "first({path})"}}', why, (slot.name,))
        extra = self._codes(held, slot) + self._unit(held, slot)
        held_class = self.source.classes.get(slot.range or "") if whole else None
        derives = () if held_class is None else (held_class.name, *held_class.descendants)
        return Line(at, f"{{populated_from: {json.dumps(path)}{extra}}}", why, (slot.name,), derives=derives)

    def _pointer(self, held: SlotModel, proposal: Proposal, slot: SlotModel) -> str | None:
        """An identifier, or a list of them, made of texts or numbers that are none yet."""
        steps = [slot]
        if proposal.source != proposal.read:
            steps.append(self.source.classes[slot.range or ""].slots[proposal.source.slot])
        leaf, names = steps[-1], [step.name for step in steps]
        bare = self.source.primitive(leaf) in (Primitive.STRING, Primitive.INTEGER)
        if not bare or (leaf is not slot and leaf.many) or not all(re.fullmatch(r"\w+", name) for name in names):
            return None
        if not slot.many:
            return f'{{iri: "draft:{held.range}/{{{".".join(names)}}}"}}'
        each = ".".join(("each", *names[1:]))
        made = f"[iri('draft:{held.range}/', {each}) for each in {slot.name}]"
        return f'{{expr: "{made if held.many else f"first({made})"}"}}'

    def _codes(self, held: SlotModel, slot: SlotModel) -> str:
        """The codes of two lists that are the same words; the others are refused when they come."""
        table = self._alike(held, slot)
        return f", value_mappings: {json.dumps(table)}" if table and any(k != v for k, v in table.items()) else ""

    def _alike(self, held: SlotModel, slot: SlotModel) -> dict[str, str] | None:
        """The codes of a slot, or those in the samples, with the same words as one of the target; None: not known."""
        ours, theirs = self.source.enums.get(slot.range or ""), self.target.enums.get(held.range or "")
        seen = self.samples.seen.get(slot.name)
        codes = tuple(ours.values) if ours is not None else seen.texts if seen is not None else ()
        if theirs is None or not codes:
            return None
        words = {names_words(code): code for code in reversed(theirs.values)}
        return {code: words[names_words(code)] for code in codes if names_words(code) in words}

    def _unit(self, held: SlotModel, slot: SlotModel) -> str:
        """A conversion where the unit that a slot declares, or its name says, is another than the target's."""
        if not held.unit:
            return ""
        if slot.unit:
            return ", unit_conversion: {}" if held.unit != slot.unit else ""
        said = counted_in(slot.name).unit if self._number(slot) else None
        return f", unit_conversion: {{source_unit: {json.dumps(said)}}}" if said and said != held.unit else ""
