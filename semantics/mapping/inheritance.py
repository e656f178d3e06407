"""Derivations that build on others: ``is_a`` and ``mixins`` resolved, specification in, specification out.

What a derivation says itself counts; then its mixins, left to right; then ``is_a``. Tables (slots, permissible
values) are merged name by name, conditions are all asked, any other key comes from the first that has it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Final, TypeVar, cast

from pydantic import BaseModel

from semantics.errors import Diagnostic, MappingError, closest, escaped
from semantics.mapping.loaded import LoadedMapping, Path_, Places, by_part, inside
from semantics.mapping.spec import ClassDerivation, Derivation, EnumDerivation, MappingSpec, SlotDerivation

__all__ = ["inherit"]

DerivationT = TypeVar("DerivationT", ClassDerivation, EnumDerivation, SlotDerivation)

_OWN: Final = frozenset(
    {"name", "is_a", "mixins", "abstract", "parent", "where", "conditions", "hide", "description", "metadata"}
)
"""Fields that are never taken over as they are."""
_SOURCES: Final = frozenset({"value", "expr", "iri", "populated_from", "for_each", "pivot_operation", "inverse_of"})
"""Keys that give a slot its value: one that has one of its own takes none of its parent's."""


def inherit(loaded: LoadedMapping) -> LoadedMapping:
    """The mapping with every derivation complete and those that are only parents left out.

    Raises :class:`MappingError` for parents that stand for several derivations, and for circles.
    """
    resolver = _Resolver(loaded)
    spec = resolver.spec()
    if resolver.findings:
        raise MappingError(resolver.findings)
    abstract = frozenset(derivation.name for derivation in loaded.spec.class_derivations if derivation.abstract)
    return replace(loaded, spec=spec, places=resolver.places, abstract=abstract)


class _Resolver:
    def __init__(self, loaded: LoadedMapping) -> None:
        self.loaded = loaded
        self.places: Places = dict(loaded.places)
        self.seen = replace(loaded, places=self.places)
        self.parts = by_part(loaded.places)
        self.findings: list[Diagnostic] = []
        self.classes: dict[str, list[int]] = {}
        for index, derivation in enumerate(loaded.spec.class_derivations):
            self.classes.setdefault(derivation.name, []).append(index)
        self.parents: set[Path_] = set()
        self.done: dict[Path_, Any] = {}
        self.trail: list[Path_] = []

    def spec(self) -> MappingSpec:
        """The specification with complete derivations; the places follow their new positions."""
        given = self.loaded.spec
        classes = [self.derivation(("class_derivations", i), d) for i, d in enumerate(given.class_derivations)]
        enums = {name: self.derivation(("enum_derivations", name), d) for name, d in given.enum_derivations.items()}
        left = (index for index, derivation in enumerate(classes) if not derivation.abstract)
        kept = {index: position for position, index in enumerate(left)}
        self.places = {new: at for path, at in self.places.items() if (new := _renumbered(path, kept)) is not None}
        return given.model_copy(
            update={
                "class_derivations": [self._marked(classes[index], ("class_derivations", index)) for index in kept],
                "enum_derivations": {
                    name: self._marked(enum, ("enum_derivations", name))
                    for name, enum in enums.items()
                    if not enum.abstract
                },
            }
        )

    def _marked(self, derivation: DerivationT, path: Path_) -> DerivationT:
        return derivation.model_copy(update={"parent": True}) if path in self.parents else derivation

    # -- one derivation ---------------------------------------------------------------------------

    def derivation(self, path: Path_, derivation: DerivationT) -> DerivationT:
        """A derivation with everything that its parents give it."""
        if path in self.done:
            found: DerivationT = self.done[path]
            return found
        if path in self.trail:
            names = [str(self._at(step).name) for step in [*self.trail[self.trail.index(path) :], path]]
            self._error("MAP051", f"derivations inherit from one another in a circle: {' -> '.join(names)}", path)
            return derivation
        self.trail.append(path)
        full: Any = derivation
        if isinstance(derivation, ClassDerivation):
            if derivation.abstract and len(path) > 2:
                self._error("MAP004", "'abstract' is for derivations at the top", (*path, "abstract"))
            full = _with_slots(derivation, self._with_nested(derivation, path))
        for parent in self._parents(path, derivation):
            self.parents.add(parent)
            full = self._filled(full, path, self.derivation(parent, self._at(parent)), parent)
        if isinstance(full, ClassDerivation):
            full = _with_slots(full, {name: self._slot(full, name, path, ()) for name in full.slot_derivations})
        self.trail.pop()
        self.done[path] = complete = cast("DerivationT", full)
        return complete

    def _at(self, path: Path_) -> Any:
        found: Any = self.loaded.spec
        for step in path:
            found = getattr(found, str(step)) if isinstance(found, BaseModel) else found[step]
        return found

    def _parents(self, path: Path_, derivation: Derivation) -> Iterator[Path_]:
        """Mixins left to right, then ``is_a``; a class that has no derivation is the planner's to judge."""
        names = [(name, (*path, "mixins", index)) for index, name in enumerate(derivation.mixins)]
        names += [(derivation.is_a, (*path, "is_a"))] if derivation.is_a is not None else []
        for name, here in names:
            if isinstance(derivation, EnumDerivation):
                if name in self.loaded.spec.enum_derivations:
                    yield ("enum_derivations", name)
                else:
                    self._error("MAP050", f"there is no enum derivation '{escaped(name)}' to inherit from", here,
                                closest(name, self.loaded.spec.enum_derivations))  # fmt: skip
                continue
            known = self.classes.get(name, [])
            if len(known) > 1:
                self._error("MAP052", f"'{escaped(name)}' stands for {len(known)} derivations: which is the parent?",
                            here, "give the parent a name of its own and 'abstract: true'")  # fmt: skip
            elif known:
                yield ("class_derivations", known[0])

    def _filled(self, child: DerivationT, path: Path_, parent: DerivationT, origin: Path_) -> DerivationT:
        """A derivation with what it does not say itself taken from a parent that is complete."""
        update: dict[str, Any] = {}
        for name in type(child).model_fields:
            own, theirs = getattr(child, name), getattr(parent, name)
            if name in _OWN or theirs is None or name not in parent.model_fields_set:
                continue
            if isinstance(theirs, Mapping) and isinstance(own, Mapping):
                new = [key for key in theirs if key not in own]
                update[name] = {**{key: theirs[key] for key in new}, **own}
                for key in new:
                    self._move((*origin, name, key), (*path, name, key))
            elif own is None or name not in child.model_fields_set:
                update[name] = theirs
                self._move((*origin, name), (*path, name))
        if isinstance(parent, ClassDerivation) and isinstance(child, ClassDerivation):
            more: Iterator[str] = self._conditions(parent, origin, path, len(child.conditions))
            update["conditions"] = (*child.conditions, *more)
        return child.model_copy(update=update)

    def _conditions(self, parent: ClassDerivation, origin: Path_, path: Path_, first: int) -> Iterator[str]:
        """Every condition of a parent, its own and those that it inherited."""
        given = [(text, (*origin, "conditions", index)) for index, text in enumerate(parent.conditions)]
        given += [(parent.where, (*origin, "where"))] if parent.where is not None else []
        for position, (text, place) in enumerate(given, start=first):
            self._move(place, (*path, "conditions", position))
            yield text

    def _move(self, origin: Path_, path: Path_) -> None:
        whole = self.seen.place(origin)
        for within, place in [((), whole), *inside(self.parts.get(origin[:2], {}), origin)]:
            here = (*path, *within)
            self.places[here] = self.parts.setdefault(here[:2], {})[here] = place

    # -- slots ------------------------------------------------------------------------------------

    def _with_nested(self, derivation: ClassDerivation, path: Path_) -> dict[str, SlotDerivation]:
        """The slots that a class derivation has itself, the derivations nested in them complete."""
        slots: dict[str, SlotDerivation] = {}
        for name, slot in derivation.slot_derivations.items():
            here = (*path, "slot_derivations", name, "class_derivations")
            nested = [self.derivation((*here, index), inner) for index, inner in enumerate(slot.class_derivations)]
            same = all(new is old for new, old in zip(nested, slot.class_derivations, strict=True))
            slots[name] = slot if same else slot.model_copy(update={"class_derivations": nested})
        return slots

    def _slot(self, owner: ClassDerivation, name: str, path: Path_, trail: tuple[str, ...]) -> SlotDerivation:
        """A slot derivation with what it does not say itself taken from others of the same class derivation."""
        slot = owner.slot_derivations[name]
        here = (*path, "slot_derivations", name)
        if name in trail:
            self._error("MAP051", f"slots inherit from one another in a circle: {' -> '.join((*trail, name))}", here)
            return slot
        parents: list[tuple[str, Path_]] = [(parent, ("mixins", i)) for i, parent in enumerate(slot.mixins)]
        parents += [(slot.is_a, ("is_a",))] if slot.is_a is not None else []
        for parent, key in parents:
            if parent not in owner.slot_derivations:
                self._error("MAP050", f"there is no slot derivation '{escaped(parent)}' here to inherit from",
                            (*here, *key), closest(parent, owner.slot_derivations))  # fmt: skip
                continue
            given = self._slot(owner, parent, path, (*trail, name))
            if slot.sources or any(getattr(slot, source) is not None for source in _SOURCES):
                given = given.model_copy(update={**dict.fromkeys(_SOURCES), "sources": []})
            slot = self._filled(slot, here, given, (*path, "slot_derivations", parent))
        return slot

    def _error(self, code: str, message: str, path: Path_, hint: str | None = None) -> None:
        finding = Diagnostic(code, message, self.seen.location(*path), hint, self.seen.line(*path) or None)
        if finding not in self.findings:
            self.findings.append(finding)


def _with_slots(derivation: ClassDerivation, slots: Mapping[str, SlotDerivation]) -> ClassDerivation:
    """A class derivation with these derivations of its slots; itself where it has them, as most have."""
    same = all(slots[name] is slot for name, slot in derivation.slot_derivations.items())
    return derivation if same else derivation.model_copy(update={"slot_derivations": dict(slots)})


def _renumbered(path: Path_, kept: Mapping[int, int]) -> Path_ | None:
    """The path of a part after class derivations have been left out; None for a part of one of those.

    ``kept`` are the new positions of the others by their old ones.
    """
    if path[:1] != ("class_derivations",) or len(path) < 2:
        return path
    return ("class_derivations", kept[int(path[1])], *path[2:]) if path[1] in kept else None
