"""Kinds of change of what a slot demands of its values: patterns, bounds, numbers of values, fixed values."""

from __future__ import annotations

from decimal import Decimal

import msgspec

from semantics.changes.change import Facts, Kind
from semantics.changes.rule import Pair, change_rule, differ, verdicts
from semantics.schema.model import SlotExpression, SlotModel

__all__ = ["RULES", "lower", "tighter"]

Slots = Pair[SlotModel]
Bounds = tuple[Decimal | int | None, Decimal | int | None]


def lower(old: Decimal | int | None, new: Decimal | int | None) -> bool:
    """Whether a lower bound lets less through than it did."""
    return new is not None and (old is None or new > old)


def tighter(old: Bounds, new: Bounds) -> bool:
    """Whether bounds (lowest, highest) let less through at one end."""
    return lower(old[0], new[0]) or (new[1] is not None and (old[1] is None or new[1] < old[1]))


def _bounds(slot: SlotExpression) -> Bounds:
    return slot.minimum_value, slot.maximum_value


def _numbers(slot: SlotExpression) -> Bounds:
    if slot.exact_cardinality is not None:
        return slot.exact_cardinality, slot.exact_cardinality
    return slot.minimum_cardinality, slot.maximum_cardinality


def _said(bounds: Bounds) -> str | None:
    if bounds == (None, None):
        return None
    low, high = ("" if bound is None else str(bound) for bound in bounds)
    return f"{low}..{high}"


def _fixed(slot: SlotExpression) -> frozenset[str] | None:
    """The values that alone are taken; None where any is."""
    if slot.equals_string is not None:
        return frozenset({slot.equals_string})
    if slot.equals_number is not None:
        return frozenset({str(slot.equals_number)})
    return frozenset(slot.equals_string_in) or None


def _listed(values: frozenset[str] | None) -> str | None:
    return ", ".join(sorted(values)) if values is not None else None


def _parts(slot: SlotModel) -> dict[str, frozenset[bytes]]:
    """What is demanded by parts, each as text: an any_of with more of them is looser, the others are tighter."""
    found = {
        name: frozenset(msgspec.json.encode(part, order="deterministic") for part in parts)
        for name, parts in slot.boolean
    }
    return found | ({"value_presence": frozenset({slot.value_presence.encode()})} if slot.value_presence else {})


@change_rule("PATTERN_CHANGED", Kind.SLOT, "constraints", verdicts("breaking"))
def pattern_changed(pair: Slots) -> Facts | None:
    """The text of a slot must fit another pattern, or one where there was none."""
    if not pair.old or not pair.new or pair.new.pattern is None:
        return None
    return differ(pair.old.pattern, pair.new.pattern)


@change_rule("PATTERN_REMOVED", Kind.SLOT, "constraints", verdicts("compatible"))
def pattern_removed(pair: Slots) -> Facts | None:
    """The text of a slot need not fit a pattern any more."""
    if not pair.old or not pair.new or pair.new.pattern is not None:
        return None
    return differ(pair.old.pattern, None)


@change_rule("BOUNDS_TIGHTENED", Kind.SLOT, "constraints", verdicts("breaking"))
def bounds_tightened(pair: Slots) -> Facts | None:
    """The lowest value of a slot is higher, or its highest lower."""
    if pair.old and pair.new and tighter(_bounds(pair.old), _bounds(pair.new)):
        return Facts(_said(_bounds(pair.old)), _said(_bounds(pair.new)))
    return None


@change_rule("BOUNDS_LOOSENED", Kind.SLOT, "constraints", verdicts("compatible"))
def bounds_loosened(pair: Slots) -> Facts | None:
    """A slot takes lower or higher values, too."""
    if not pair.old or not pair.new or tighter(_bounds(pair.old), _bounds(pair.new)):
        return None
    return differ(_said(_bounds(pair.old)), _said(_bounds(pair.new)))


@change_rule("CARDINALITY_TIGHTENED", Kind.SLOT, "constraints", verdicts("breaking"))
def cardinality_tightened(pair: Slots) -> Facts | None:
    """A slot must have more values than it had to, or may have fewer."""
    if pair.old and pair.new and tighter(_numbers(pair.old), _numbers(pair.new)):
        return Facts(_said(_numbers(pair.old)), _said(_numbers(pair.new)))
    return None


@change_rule("CARDINALITY_LOOSENED", Kind.SLOT, "constraints", verdicts("compatible"))
def cardinality_loosened(pair: Slots) -> Facts | None:
    """A slot may have more values than it could, or fewer."""
    if not pair.old or not pair.new or tighter(_numbers(pair.old), _numbers(pair.new)):
        return None
    return differ(_said(_numbers(pair.old)), _said(_numbers(pair.new)))


@change_rule("FIXED_VALUES_TIGHTENED", Kind.SLOT, "constraints", verdicts("breaking"))
def fixed_values_tightened(pair: Slots) -> Facts | None:
    """A slot takes only values that are listed, and not all of those that it took."""
    if not pair.old or not pair.new:
        return None
    old, new = _fixed(pair.old), _fixed(pair.new)
    return Facts(_listed(old), _listed(new)) if new is not None and (old is None or not old <= new) else None


@change_rule("FIXED_VALUES_LOOSENED", Kind.SLOT, "constraints", verdicts("compatible"))
def fixed_values_loosened(pair: Slots) -> Facts | None:
    """A slot takes more than the values that were listed."""
    if not pair.old or not pair.new:
        return None
    old, new = _fixed(pair.old), _fixed(pair.new)
    return Facts(_listed(old), _listed(new)) if old is not None and (new is None or old < new) else None


@change_rule("ALTERNATIVES_TIGHTENED", Kind.SLOT, "constraints", verdicts("breaking"))
def alternatives_tightened(pair: Slots) -> Facts | None:
    """A slot has a new or another any_of, all_of, none_of, exactly_one_of or value_presence."""
    names = _changed(pair, tight=True)
    return Facts(None, names) if names else None


@change_rule("ALTERNATIVES_LOOSENED", Kind.SLOT, "constraints", verdicts("compatible"))
def alternatives_loosened(pair: Slots) -> Facts | None:
    """A slot has lost an any_of, all_of, none_of, exactly_one_of or value_presence, or an any_of has more parts."""
    names = _changed(pair, tight=False)
    return Facts(names, None) if names and not _changed(pair, tight=True) else None


def _changed(pair: Slots, *, tight: bool) -> str | None:
    """The constraints in parts that demand more (or less) than they did."""
    if not pair.old or not pair.new:
        return None
    old, new = _parts(pair.old), _parts(pair.new)
    names = []
    for name in sorted(old.keys() | new.keys()):
        before, after = old.get(name), new.get(name)
        if before == after:
            continue
        looser = after is None or (before is not None and (before < after if name == "any_of" else
                                                            name != "exactly_one_of" and after < before))  # fmt: skip
        if looser is not tight:
            names.append(name)
    return ", ".join(names) or None


RULES = (
    pattern_changed, pattern_removed, bounds_tightened, bounds_loosened, cardinality_tightened,
    cardinality_loosened, fixed_values_tightened, fixed_values_loosened, alternatives_tightened,
    alternatives_loosened,
)  # fmt: skip
"""Every kind of change of a slot's constraints."""
