"""What becomes of a value after it was found: read by the source slot's range, one or many, the derivation's range."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from semantics.expressions.tree import Call, Case, Comprehension, Data, Expr, IsNull, Literal, Path
from semantics.expressions.types import BOOLEAN
from semantics.mapping.linkml_map import Classes, Enums, Slots
from semantics.plan.linkml_map.names import Source, call, failing
from semantics.plan.model import FINISHED
from semantics.schema.induction import InducedSchema, InducedSlot, UnknownElement

__all__ = ["Finisher", "value_of"]

_CONVERTED: Final = ("string", "integer", "float", "double", "uri", "curie")
_CAST: Final = ("string", "integer", "float", "boolean")


def value_of(variable: str = FINISHED) -> Path:
    """The value that is finished."""
    return Path(variable=variable)


def plain(value: Any) -> Any:
    """A value of a YAML file as JSON has it: numbers with a point are floats."""
    from decimal import Decimal

    match value:
        case Decimal():
            return float(value)
        case dict():
            return {str(key): plain(item) for key, item in value.items()}
        case list():
            return [plain(item) for item in value]
        case _:
            return value


@dataclass
class Finisher:
    """Makes the ``finish`` of slot rules from both schemas and the enum derivations."""

    source: InducedSchema
    target: InducedSchema | None
    enums: Sequence[Enums]
    prefixes: dict[str, str]
    model: Data
    parsed: Callable[[str, Source, tuple[str | int, ...]], Expr]

    def finish(self, derivation: Slots, cls: Classes, slot: InducedSlot, value: Expr, reading: Source) -> Expr:
        """The steps on a value (null apart) that came from a source slot."""
        value = self._by_range(derivation, slot, value, reading)
        value = self._one_or_many(derivation, cls, value)
        if derivation.range in _CAST:
            value = call("cast", value, derivation.range)
        return self._reshaped(derivation, slot, value)

    # -- the range of the source slot ---------------------------------------------------------------

    def kind(self, slot: InducedSlot) -> str:
        """What a source slot holds: "scalars" of a type, codes of an "enum", "objects", or "anything"."""
        if slot.range in self.source.types:
            return "scalars"
        if slot.range in self.source.enums:
            return "enum"
        if slot.range is None or slot.range == "Any":
            return "enum" if self._alternatives(slot) else "anything"
        return "objects"

    def _alternatives(self, slot: InducedSlot) -> list[str]:
        if slot.range is not None and slot.range != "Any":
            return []
        return [name for name in slot.alternatives if name in self.source.enums]

    def _by_range(self, derivation: Slots, slot: InducedSlot, value: Expr, reading: Source) -> Expr:
        match self.kind(slot):
            case "scalars" if slot.multivalued or derivation.range in _CONVERTED:
                return call("typed", value, slot.multivalued, derivation.range, Data(value=self.prefixes))
            case "enum":
                names = self._alternatives(slot)
                return self._permissible(names or [slot.range or ""], slot, value, reading, inside=not names)
            case _:
                return value

    def _permissible(
        self, names: list[str], slot: InducedSlot, value: Expr, reading: Source, *, inside: bool
    ) -> Expr:  # fmt: skip
        """A code by the derivations of the enums that it may belong to; ``inside``: expressions see it as ``src``."""
        found = [(name, [e for e in self.enums if (e.populated_from or e.name) == name]) for name in names]
        if not any(len(some) == 1 and some[0].expr for _, some in found):
            return call("permissible", value, slot.multivalued, Data(value=[_table(*pair) for pair in found]))
        item = "code"
        parts: list[Expr] = []
        for name, some in found:
            if len(some) == 1 and some[0].expr:
                parts.append(self._decided(some[0], item if inside else None, reading))
            parts.append(call("coded", Path(variable=item), Data(value=[_table(name, some)])))
        each = Comprehension(
            element=Call(function="coalesce", arguments=tuple(parts)), variable=item,
            source=call("arranged", value, True, False, None),
        )  # fmt: skip
        return each if slot.multivalued else call("arranged", each, False, True, None)

    def _decided(self, enum: Enums, item: str | None, reading: Source) -> Expr:
        """The expression of an enum derivation, over the plain record or the code alone."""
        names = Source(self.source, None, {}, self.model, plain=True, code=item)
        tree = self.parsed(enum.expr or "", names, (*enum.at, "expr"))
        reading.reads += names.reads
        return tree

    # -- one or many, and the range of the derivation -------------------------------------------------

    def _target_slot(self, derivation: Slots, cls: Classes) -> InducedSlot | None:
        return None if self.target is None else self.target.slot(derivation.name, cls.name)

    def _one_or_many(self, derivation: Slots, cls: Classes, value: Expr) -> Expr:
        cast, how = derivation.cast_collection_as, derivation.stringification
        to_many = cast in ("MultiValued", "MultiValuedDict") or (how is not None and bool(how.reversed))
        to_one = cast == "SingleValued" or (how is not None and not how.reversed)
        try:
            target = self._target_slot(derivation, cls)
        except UnknownElement as fault:
            if not (to_many and to_one):
                return failing(f"the target schema has {fault}")
            target = None
        to_many = to_many or (target is not None and target.multivalued)
        to_one = to_one or (target is not None and not target.multivalued)
        if not to_many and not to_one:
            return value
        about = Data(value={"delimiter": how.delimiter, "syntax": how.syntax}) if how is not None else None
        return call("arranged", value, to_many, to_one, about)

    def _reshaped(self, derivation: Slots, slot: InducedSlot, value: Expr) -> Expr:
        if derivation.dictionary_key:
            value = call("keyed", value, derivation.dictionary_key)
        elif derivation.cast_collection_as == "MultiValuedList":
            key = (
                self.source.identifier(slot.range, key=True)
                if slot.range in self.source.classes and slot.range
                else None
            )
            value = call("listed", value, key)
        return value


def _table(name: str, found: Sequence[Enums]) -> dict[str, Any]:
    """An enum derivation as data, or the fault that there is not one."""
    if len(found) != 1:
        return {"fault": f"{len(found)} derivations for enum '{name}'", "codes": {}, "mirror": False}
    codes: dict[str, str] = {}
    for value in found[0].permissible_value_derivations.values():
        for code in value.populated_from:
            codes.setdefault(str(code), value.name)
    return {"codes": codes, "mirror": bool(found[0].mirror_source)}


def first_of(branches: Sequence[tuple[Expr, Expr]], otherwise: Expr | None = None) -> Expr:
    """The value of the first condition that holds."""
    last = () if otherwise is None else ((Literal(value=True, type=BOOLEAN), otherwise),)
    return Case(branches=(*branches, *last))


def absent(value: Expr) -> Expr:
    """Whether a value is null."""
    return IsNull(operand=value, type=BOOLEAN)
