"""What an editor shows of a thing that has a name: its kind, a line about it, its text, and where it is defined."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Final, Literal

from semantics.errors import Location
from semantics.expressions.registry import FunctionSpec
from semantics.schema.model import ClassModel, EnumModel, PermissibleValue, SchemaModel, SlotModel, TypeModel

__all__ = [
    "Item",
    "as_key",
    "class_item",
    "enum_item",
    "function_item",
    "harmless",
    "named",
    "ranges",
    "slot_item",
    "slots_of",
    "type_item",
    "value_item",
    "word",
]

_LIVE: Final = re.compile(r"\][(\[:]|<[^\s=<>]")
ItemKind = Literal["class", "slot", "enum", "value", "type", "function", "key", "name", "file", "prefix", "word"]


@dataclass(frozen=True, slots=True)
class Item:
    """A name, and what is known of it. ``insert`` is what completion writes, if not the name; ``rank`` its order."""

    name: str
    kind: ItemKind
    detail: str = ""
    text: str = ""
    place: Location | None = None
    insert: str | None = None
    rank: int = 5
    token: tuple[int, int] | None = None
    """Where it is defined in the same text, if it is."""


def word(name: str, text: str = "") -> Item:
    """A word of the language."""
    return Item(name, "word", text=text)


def named(names: Iterable[str], detail: str) -> Iterator[Item]:
    """Names of one sort."""
    return (Item(name, "name", detail) for name in names)


def as_key(item: Item) -> Item:
    """An item as a key of a mapping, with its colon."""
    return replace(item, insert=f"{quoted(item.name)}: ")


def quoted(name: str) -> str:
    """A name as YAML takes it.

    >>> quoted("amount"), quoted("@id"), quoted("a: b")
    ('amount', '"@id"', '"a: b"')
    """
    safe = name[:1].isalnum() or name[:1] in ("_", "/")
    return name if safe and not any(sign in name for sign in ("\n", ": ", " #")) else f'"{name}"'


def _facts(*facts: str | None) -> str:
    """Facts that are there, as a list."""
    return "\n".join(f"- {fact}" for fact in facts if fact)


def _page(head: str, description: str | None, facts: str, place: Location | None) -> str:
    """The text of a thing: what it is, what it means, what holds of it, where it is defined."""
    defined = f"Defined in `{place.file}`, line {place.line}" if place is not None and place.file else ""
    return "\n\n".join(part.strip() for part in (head, description or "", facts, defined) if part and part.strip())


def class_item(cls: ClassModel, schema: SchemaModel) -> Item:
    """A class of a schema."""
    above = list(cls.ancestors[1:])
    facts = _facts(
        f"IRI: `{schema.compact(cls.uri) or cls.uri}`",
        f"is a: {', '.join(above)}" if above else None,
        "abstract: no instance is of this class itself" if cls.abstract else None,
        f"identifier: `{cls.identifier}`" if cls.identifier else None,
        f"required: {', '.join(f'`{slot.name}`' for slot in cls.slots.values() if slot.required)}"
        if any(slot.required for slot in cls.slots.values())
        else None,
        f"deprecated: {cls.deprecated}" if cls.deprecated else None,
    )
    text = _page(f"**{cls.name}** (class of `{cls.from_schema or schema.name}`)", cls.description, facts, cls.location)
    return Item(cls.name, "class", _first(cls.description), text, cls.location, rank=6 if cls.abstract else 5)


def cardinality(slot: SlotModel) -> str:
    """How many values a slot has, as UML writes it."""
    least = slot.minimum_cardinality if slot.minimum_cardinality is not None else int(bool(slot.required))
    most = str(slot.maximum_cardinality or "*") if slot.many else "1"
    return f"{least}..{most}"


def slot_item(slot: SlotModel, cls: ClassModel, schema: SchemaModel) -> Item:
    """A slot, as a class has it."""
    unit = f"unit: `{slot.unit}`" if slot.unit else None
    facts = _facts(
        f"range: `{slot.range or 'string'}`{_range_text(slot, schema)}",
        f"cardinality: {cardinality(slot)}",
        unit,
        f"pattern: `{slot.pattern}`" if slot.pattern else None,
        f"minimum: {slot.minimum_value}" if slot.minimum_value is not None else None,
        f"maximum: {slot.maximum_value}" if slot.maximum_value is not None else None,
        "identifier" if slot.identifier else None,
        f"IRI: `{schema.compact(slot.uri) or slot.uri}`" if slot.uri else None,
        f"deprecated: {slot.deprecated}" if slot.deprecated else None,
    )
    text = _page(f"**{slot.name}** (slot of `{cls.name}`)", slot.description, facts, slot.location)
    detail = f"{slot.range or 'string'} {cardinality(slot)}"
    rank = 1 if slot.required else 3 if slot.recommended else 5
    return Item(slot.name, "slot", detail, text, slot.location, rank=rank)


def _range_text(slot: SlotModel, schema: SchemaModel) -> str:
    """What the range of a slot means, in a line."""
    found = schema.classes.get(slot.range or "") or schema.enums.get(slot.range or "")
    description = _first(found.description) if found is not None else ""
    return f": {description}" if description else ""


def enum_item(enum: EnumModel, schema: SchemaModel) -> Item:
    """An enum of a schema, with its first values."""
    values = ", ".join(f"`{value}`" for value in list(enum.values)[:12])
    more = f" and {len(enum.values) - 12} more" if len(enum.values) > 12 else ""
    facts = _facts(f"values: {values}{more}" if values else None)
    text = _page(
        f"**{enum.name}** (enum of `{enum.from_schema or schema.name}`)", enum.description, facts, enum.location
    )
    return Item(enum.name, "enum", _first(enum.description), text, enum.location)


def value_item(value: PermissibleValue, enum: EnumModel, schema: SchemaModel) -> Item:
    """A permissible value."""
    meaning = schema.compact(value.meaning) or value.meaning if value.meaning else None
    facts = _facts(f"meaning: `{meaning}`" if meaning else None, f"title: {value.title}" if value.title else None)
    text = _page(f"**{value.text}** (value of `{enum.name}`)", value.description, facts, value.location)
    return Item(value.text, "value", _first(value.description) or (value.title or ""), text, value.location)


def type_item(found: TypeModel, schema: SchemaModel) -> Item:
    """A scalar type."""
    facts = _facts(f"IRI: `{schema.compact(found.uri) or found.uri}`", *(f"pattern: `{p}`" for p in found.patterns))
    text = _page(f"**{found.name}** (type)", found.description, facts, found.location)
    return Item(found.name, "type", _first(found.description) or str(found.primitive), text, found.location)


def function_item(function: FunctionSpec) -> Item:
    """A function of expressions, with its examples."""
    examples = "\n".join(f"{call}  # {result}" for call, result in function.examples)
    null = "" if function.nulls == "propagates" else "\n\nTakes nulls."
    text = f"```\n{function.signature}\n```\n\n{function.purpose}{null}\n\n```\n{examples}\n```"
    return Item(function.name, "function", function.signature, text, insert=f"{function.name}(", rank=7)


def harmless(markdown: str) -> str:
    """Markdown without links, pictures and HTML: what a schema says is shown, and fetches nothing.

    >>> harmless("![a](https://example.org/a.png) <img src=b> `x < y`")
    '![a] (https://example.org/a.png) < img src=b> `x < y`'
    """
    return _LIVE.sub(lambda found: f"{found[0][0]} {found[0][1]}", markdown)


def _first(text: str | None) -> str:
    """The first sentence of a description."""
    return " ".join((text or "").split()).partition(". ")[0][:120]


def slots_of(cls: ClassModel, schema: SchemaModel) -> dict[str, tuple[SlotModel, ClassModel]]:
    """The slots of a class, and of those below it: a parent stands for its descendants."""
    found = {name: (slot, cls) for name, slot in cls.slots.items()}
    for below in cls.descendants:
        for name, slot in schema.classes[below].slots.items():
            found.setdefault(name, (slot, schema.classes[below]))
    return found


def ranges(schema: SchemaModel) -> Iterator[Item]:
    """Everything that a slot may hold."""
    yield from (type_item(found, schema) for found in schema.types.values())
    yield from (enum_item(found, schema) for found in schema.enums.values())
    yield from (class_item(found, schema) for found in schema.classes.values())
