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
            tables = Data(value=[_table(*pair) for pair in found])
            return call("permissible", value, slot.multivalued, inside, tables)
        alone = self._decided(found, value, reading, inside=inside)
        if not slot.multivalued:
            return alone
        item = "code"
        each = Comprehension(
            element=self._decided(found, Path(variable=item), reading, inside=inside), variable=item,
            source=call("arranged", value, True, False, None),
        )  # fmt: skip
        return each if inside else first_of([(call("is_list", value), each)], alone)

    def _decided(
        self, found: Sequence[tuple[str, list[Enums]]], code: Expr, reading: Source, *, inside: bool
    ) -> Expr:  # fmt: skip
        """A code by enum derivations with expressions, which see the plain record or the code alone."""
        names = Source(self.source, None, reading.tables, reading.origin,
                       plain=True, code=code if inside else None)  # fmt: skip
        parts: list[Expr] = []
        for name, some in found:
            if len(some) == 1 and some[0].expr:
                parts.append(self.parsed(some[0].expr, names, (*some[0].at, "expr")))
            parts.append(call("coded", code, Data(value=[_table(name, some)])))
        reading.reads += names.reads
        return Call(function="coalesce", arguments=tuple(parts))

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
        as_list = derivation.cast_collection_as == "MultiValuedList"
        if not derivation.dictionary_key and not as_list:
            return value
        known = slot.range is not None and slot.range in self.source.classes
        key = self.source.identifier(slot.range, key=True) if known and slot.range is not None else None
        return call("reshaped", value, derivation.dictionary_key, as_list, key)


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
