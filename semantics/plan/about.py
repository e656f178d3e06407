"""Which derivations say the names of some slots: where only these slots are others, what is wrong is wrong there."""

from __future__ import annotations

import re
from collections.abc import Mapping

from semantics.mapping.spec import ClassDerivation, SlotDerivation

__all__ = ["About"]

_UNSAID = (r"\bslot\(", '"inverse_of"', '"unit_conversion"', '"pivot_operation"')
"""What rests on another derivation, or on slots that need not be named."""


class About:
    """The names of slots, and those of the definitions of a mapping that say one, as they stand in derivations."""

    def __init__(self, definitions: Mapping[str, str], names: frozenset[str]) -> None:
        said, before = {re.escape(name) for name in names}, 0
        while len(said) != before:
            before = len(said)
            any_of = re.compile("|".join(sorted(said)))
            heads = (head for head, text in definitions.items() if any_of.search(text))
            said |= {re.escape(head.partition("(")[0].strip()) for head in heads}
        self.names = re.compile("|".join((*sorted(said), *_UNSAID)))

    def said_of(self, derivation: ClassDerivation) -> bool:
        """Whether a derivation says one of the names of the class itself: when it is made, or what it goes over."""
        own = derivation.model_dump_json(exclude={"slot_derivations"}, exclude_defaults=True, by_alias=True)
        return self.names.search(own) is not None

    def said_in(self, derivation: SlotDerivation) -> bool:
        """Whether a derivation of a slot, or what is in it, says one of the names."""
        return self.names.search(derivation.model_dump_json(exclude_defaults=True, by_alias=True)) is not None
