"""What the counts of a run mean: tallies told apart into paths and slots, and compared with what the plan reads.

All of this is worked out once, at the end of a run, from the tallies and the plan.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple

from semantics.plan.model import Build, ClassRule, Plan, SlotRule
from semantics.plan.reads import (
    Cover,
    Known,
    There,
    Use,
    derivations,
    list_of,
    uses_as_partner,
    uses_in_group,
    uses_in_groups,
    uses_of_rules,
)

if TYPE_CHECKING:
    from semantics.engine.tally import Tally

__all__ = ["ANY_KEY", "Fate", "SourceAccount", "TargetAccount"]

Steps = tuple[str, ...]

ANY_KEY: Final = "*"
"""Stands in paths for keys that are data."""
MANY: Final = 100
"""Keys at one place that neither the source schema nor a rule knows: when there are more, they are data."""


class Fate(NamedTuple):
    """What became of some records: ``name`` is mapped, joined (looked up only), rejected or filtered.

    ``source_class`` is theirs where they came with one, ``rules`` those that made the instances.
    """

    name: str
    source_class: str | None
    rules: tuple[str, ...]

    @property
    def kept(self) -> bool:
        """Whether what rules read of such records could reach the target."""
        return self.name in ("mapped", "joined")


@dataclass(slots=True)
class _Place:
    """A place in records of every fate: how often each key held a value, by the number of the fate."""

    counts: dict[str, Counter[int]] = field(default_factory=dict)
    inner: dict[str, _Place] = field(default_factory=dict)

    def add(self, tally: Tally, fate: int) -> None:
        for key, count in tally.present.items():
            if count:
                self.counts.setdefault(key, Counter())[fate] += count
        for key, below in tally.inner.items():
            self.inner.setdefault(key, _Place()).add(below, fate)

    def has(self, path: Steps) -> bool:
        """Whether objects stand at a path, in which keys that are data are left out."""
        if not path:
            return True
        inner = self.inner.get(path[0])
        if inner is not None and inner.has(path[1:]):
            return True
        return any(
            below.has(path[1:] if list_of(key) == path[0] else path)
            for key, below in self.inner.items()
            if (key != path[0] and list_of(key) == path[0]) or (below.inner and path[0] in below.inner)
        )

    def merge(self, other: _Place) -> None:
        for key, counts in other.counts.items():
            self.counts.setdefault(key, Counter()).update(counts)
        for key, below in other.inner.items():
            self.inner.setdefault(key, _Place()).merge(below)

    def together(self, keys: Iterable[str]) -> _Place:
        """The place with some of its keys made one, :data:`ANY_KEY`."""
        joined = _Place()
        one = set(keys)
        for key, counts in self.counts.items():
            joined.counts.setdefault(ANY_KEY if key in one else key, Counter()).update(counts)
        for key, below in self.inner.items():
            joined.inner.setdefault(ANY_KEY if key in one else key, _Place()).merge(below)
        return joined


class _Seen(NamedTuple):
    """A path of the source as the report names it (lists for elements), and as rules do (no keys that are data)."""

    shown: Steps
    plain: Steps

    @property
    def slots(self) -> Steps:
        """The path as the source schema has it."""
        return _lists(self.plain)

    def below(self, key: str) -> _Seen:
        return _Seen((*self.shown, list_of(key)), self.plain if key == ANY_KEY else (*self.plain, key))


@dataclass
class SourceAccount:
    """For each path of the source what became of its values, worked out of the tallies of a run.

    ``lost`` says of what was not carried why: no rule reads it (``unread``), a rule reads it, but only to decide or to
    look up (``asked``), or the record was ``rejected`` or ``filtered``. ``flows`` are, for each slot of the target, the
    rules that fill it with the paths that these read for it.
    """

    plan: Plan
    present: Counter[str] = field(default_factory=Counter)
    read: Counter[str] = field(default_factory=Counter)
    carried: Counter[str] = field(default_factory=Counter)
    lost: dict[str, Counter[str]] = field(default_factory=dict)
    flows: dict[str, dict[str, dict[str, None]]] = field(default_factory=dict)
    _known: Known = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def of(cls, plan: Plan, tallies: Mapping[Fate, Tally]) -> SourceAccount:
        """The account of everything that was read."""
        account = cls(plan)
        root, fates = _Place(), list(tallies)
        for number, fate in enumerate(fates):
            root.add(tallies[fate], number)
        uses = [account._uses(fate, root.has) for fate in fates]
        asked = [Cover(found) for found in uses]
        kept = [Cover(use for use in found if use.slot is not None) for found in uses]
        names: dict[Steps, tuple[Steps, Steps]] = {}
        for seen, counts in account._paths(root, fates, uses):
            if not counts:
                continue
            path = ".".join(seen.shown)
            for plain in dict.fromkeys((seen.plain, seen.slots)):
                names[plain] = (names.get(plain, (seen.shown,))[0], seen.shown)
            for number, count in counts.items():
                account._count(path, fates[number], count, seen.plain in asked[number], seen.plain in kept[number])
        for found in uses:
            account._flow(found, names)
        return account

    def _count(self, path: str, fate: Fate, count: int, read: bool, kept: bool) -> None:
        self.present[path] += count
        if read:
            self.read[path] += count
        if kept:
            self.carried[path] += count
        else:
            why = ("asked" if read else "unread") if fate.kept else fate.name
            self.lost.setdefault(path, Counter())[why] += count

    def _classes(self, fate: Fate) -> tuple[str, ...]:
        """The source classes that records of some fate can be of."""
        if fate.source_class in self.plan.record_classes:
            return (fate.source_class or "",)
        started = (name for name, rules in self.plan.roots.items() if set(fate.rules) & set(rules))
        grouped = (name for group in self.plan.groups.values() if group.rule in fate.rules for name in group.classes)
        return tuple(dict.fromkeys((*started, *grouped))) or self.plan.record_classes

    def _uses(self, fate: Fate, there: There) -> list[Use]:
        """What the rules that had such records did with them, and what could be looked up by others."""
        if not fate.kept:
            return []
        classes = self._classes(fate)
        groups = [group for group in self.plan.groups.values() if group.rule in fate.rules]
        found = [use for group in groups for use in uses_in_group(self.plan, group)]
        if not groups:
            found = [*uses_of_rules(self.plan, fate.rules, self._known, there), *uses_in_groups(self.plan, classes)]
        return [*found, *uses_as_partner(self.plan, classes)]

    # -- paths ------------------------------------------------------------------------------------

    def _paths(
        self, root: _Place, fates: Iterable[Fate], uses: Iterable[Iterable[Use]]
    ) -> Iterator[tuple[_Seen, Counter[int]]]:
        """Every path of the records, with how often it held a value for each fate."""
        classes = tuple(dict.fromkeys(name for fate in fates for name in self._classes(fate)))
        known = {_lists(use.path) for found in uses for use in found}
        known |= {(slot,) for name in classes if name in self.plan.classes for slot in self.plan.classes[name].slots}
        return self._walk(root, _Seen((), ()), classes, _steps_below(known))

    def _walk(
        self, place: _Place, at: _Seen, classes: tuple[str, ...], known: Mapping[Steps, set[str]]
    ) -> Iterator[tuple[_Seen, Counter[int]]]:
        """Every path below a place. Of more than :data:`MANY` keys that nobody knows none is named."""
        expected = known.get(at.slots, set())
        unknown = {key for key in place.counts if list_of(key) not in expected}
        if len(unknown) > MANY:
            place = place.together(unknown)
        inside: defaultdict[str, list[str]] = defaultdict(list)
        for key in place.inner:
            inside[list_of(key)].append(key)
        for key, counts in place.counts.items():
            yield at.below(key), counts
            slot = list_of(key)
            found = [one for name in classes if (one := self.plan.keyed.get(name, {}).get(slot)) is not None]
            ranges = tuple(dict.fromkeys(cls for each in found for cls in each.classes))
            for step in inside.pop(slot, ()):
                inner, below = place.inner[step], at.below(step)
                if any(each.keyed for each in found):
                    members = inner.together(inner.counts)
                    below = below.below(ANY_KEY)
                    yield below, members.counts.get(ANY_KEY, Counter())
                    inner = members.inner.get(ANY_KEY, _Place())
                yield from self._walk(inner, below, ranges, known)

    def _flow(self, uses: Iterable[Use], names: Mapping[Steps, tuple[Steps, Steps]]) -> None:
        """Which path feeds which slot, by the rules that were at work.

        ``names`` are the paths that were seen, as the report names them: themselves, and the objects in them.
        """
        for use in uses:
            if use.slot is None or not use.path or (use.again and _lists(use.path) not in names):
                continue
            path = use.path if use.path in names else _lists(use.path)
            shown = names[path][0] if path in names else ()
            for length in range(len(path) - 1, -1, -1):
                if shown:
                    break
                if length == 0 or path[:length] in names:
                    inside = names[path[:length]][1] if length else ()
                    shown = (*inside, *path[length:])
            self.flows.setdefault(use.slot, {}).setdefault(use.rule, {})[".".join(shown)] = None


def _lists(path: Steps) -> Steps:
    """A path with lists instead of their elements."""
    return tuple(map(list_of, path))


def _steps_below(paths: Iterable[Steps]) -> dict[Steps, set[str]]:
    """For each place on the way to some paths, the keys that lead on."""
    found: dict[Steps, set[str]] = {}
    for path in paths:
        for length, step in enumerate(path):
            found.setdefault(path[:length], set()).add(step)
    return found


@dataclass
class TargetAccount:
    """For each slot of the classes that were made, how often it was written, null and defaulted.

    ``made`` counts the objects of each class, ``written`` and ``defaulted`` by "Class.slot"; ``slots`` are, for each
    class, the slots that a rule fills.
    """

    plan: Plan
    defaulted: Counter[str]
    written: Counter[str] = field(default_factory=Counter)
    made: Counter[str] = field(default_factory=Counter)
    slots: dict[str, dict[str, None]] = field(default_factory=dict)

    @classmethod
    def of(cls, plan: Plan, tallies: Mapping[str, Tally], defaulted: Counter[str]) -> TargetAccount:
        """The account of everything that was made, by the rules that made it."""
        account = cls(plan, defaulted)
        for name, found in tallies.items():
            account._add((plan.rules[name],), found, 0)
        return account

    def rows(self) -> Iterator[tuple[str, int, int, int]]:
        """Each slot as "Class.slot" with how often it was written, null and defaulted."""
        for cls in sorted(self.slots):
            for slot in sorted(self.slots[cls]):
                name = f"{cls}.{slot}"
                defaulted = sum(self.defaulted[f"{one}.{slot}"] for one in cls.split("|"))
                yield name, self.written[name], self.made[cls] - self.written[name], defaulted

    def _add(self, rules: tuple[ClassRule, ...], place: Tally, depth: int) -> None:
        """Objects that stand at one place, made by any of some rules.

        Where these make several classes, a tally does not tell which: the objects are counted under all their names
        together (``Company|Person``), not shared out by guessing.
        """
        cls = "|".join(sorted({rule.target_class for rule in rules}))
        own = self.slots.setdefault(cls, {})
        self.made[cls] += place.total
        counts = {key: count for key, count in place.present.items() if count}
        for rule in rules:
            own |= dict.fromkeys(slot.slot for slot in rule.slots)
            if rule.whole is not None:
                own |= dict.fromkeys(counts)
        for key, count in counts.items():
            self.written[f"{cls}.{key}"] += count
        below: dict[str, dict[str, ClassRule]] = {}
        keyed: set[str] = set()
        for rule in rules:
            for slot in rule.slots:
                below.setdefault(slot.slot, {}).update((name, self.plan.rules[name]) for name in _makers(slot))
                keyed |= {slot.slot} if slot.keyed is not None else set()
        for name, makers in below.items():
            inner = place.inner.get(name)
            if inner is None or not makers or depth >= _DEEPEST:
                continue
            for objects in inner.inner.values() if name in keyed else (inner,):
                self._add(tuple(makers.values()), objects, depth + 1)


_DEEPEST: Final = 64


def _makers(slot: SlotRule) -> tuple[str, ...]:
    """The rules that make the objects in a slot."""
    if isinstance(slot.value, Build):
        return slot.value.rules if slot.value.identifier is None else ()
    return tuple(derive.rule for derive in derivations(slot) if derive.rule is not None)
