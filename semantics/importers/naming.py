"""Names of classes, enums and types: valid in LinkML, each once, by what the source calls them or where they are."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from semantics.schema.load import is_name

__all__ = ["Names", "capitalised", "is_slot_name", "plain_name", "schema_name"]

_TAKEN: Final = (
    "any", "string", "integer", "boolean", "float", "double", "decimal", "time", "date", "datetime", "date_or_datetime",
    "uriorcurie", "curie", "uri", "ncname", "objectidentifier", "nodeidentifier", "jsonpointer", "jsonpath",
    "sparqlpath",
)  # fmt: skip


def is_slot_name(name: str) -> bool:
    """Whether a key of the source can be the name of a slot as it is.

    >>> is_slot_name("@type"), is_slot_name("a{b}")
    (True, False)
    """
    return is_name(name)


def plain_name(text: str) -> str:
    """A text as a name: words of letters, digits and underscores, the first letter large.

    >>> plain_name("order item (new)"), plain_name("3d")
    ('OrderItemNew', 'N3d')
    """
    folded = unicodedata.normalize("NFKC", text)
    words = re.split(r"[^\w]+", folded)
    name = words[0][:1].upper() + words[0][1:] + "".join(map(capitalised, words[1:]))
    name = name.strip("_") or "Thing"
    return name if name[0].isalpha() else f"N{name}"


def capitalised(word: str) -> str:
    """A name as part of another: every word with its first letter large, nothing between them.

    >>> capitalised("rental_methods")
    'RentalMethods'
    """
    return "".join(part[:1].upper() + part[1:] for part in re.split(r"[\W_]+", word))


def schema_name(text: str) -> str:
    """A text as the name of a schema: small letters, digits and hyphens.

    >>> schema_name("Order API (v2)")
    'order-api-v2'
    """
    return re.sub(r"[^a-z0-9]+", "-", unicodedata.normalize("NFKD", text).lower()).strip("-") or "schema"


@dataclass
class Names:
    """Gives every definition a name that no other has, capital and small letters being the same."""

    taken: set[str] = field(default_factory=lambda: set(_TAKEN))
    numbers: dict[str, int] = field(default_factory=dict)
    reserved: set[str] = field(default_factory=set)

    def reserve(self, wanted: Iterable[str]) -> None:
        """Keep names for the definitions that have them, so that nothing that stands in place takes them."""
        self.reserved |= {plain_name(each).lower() for each in wanted}

    def place(self, owner: str, key: str) -> str:
        """What is made for a slot alone is named after the slot, and after its class too where that name is taken.

        >>> names = Names()
        >>> names.reserve(["Address"])
        >>> names.place("Order", "lines"), names.place("Order", "address"), names.place("Order", "date")
        ('Lines', 'OrderAddress', 'OrderDate')
        """
        short = capitalised(key)
        plain = plain_name(short).lower()
        return f"{owner}{short}" if not short or plain in self.taken or plain in self.reserved else short

    def give(self, wanted: str) -> str:
        """The name wanted, or the first that is free with a number after it.

        >>> names = Names()
        >>> names.give("order"), names.give("Order"), names.give("date")
        ('Order', 'Order2', 'Date2')
        """
        base = plain_name(wanted)
        name, number = base, self.numbers.get(base.lower(), 1)
        while name.lower() in self.taken:
            number += 1
            name = f"{base}{number}"
        self.numbers[base.lower()] = number
        self.taken.add(name.lower())
        return name
