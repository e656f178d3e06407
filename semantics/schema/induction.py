"""A schema as LinkML's own induction sees it: nothing is checked, and what is not said stays unsaid.

The strict :class:`~semantics.schema.model.SchemaModel` refuses a schema that is wrong somewhere and
fills in what a checker needs. Specifications that are run with another tool's semantics depend on what a
schema leaves open (a slot without a range, a range that nothing defines), so they are planned
against this view of the same files.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Final

from semantics.schema.load import Element, SchemaFiles
from semantics.schema.types import BUILTIN_TYPES

__all__ = ["InducedSchema", "InducedSlot", "UnknownElement", "patched"]

_UNITS: Final = ("ucum_code", "iec61360code", "symbol", "abbreviation", "descriptive_name")


class UnknownElement(LookupError):
    """A class or slot that a schema does not have."""


@dataclass(frozen=True, slots=True)
class InducedSlot:
    """A slot in the context of a class; ``unit`` is its first unit as (scheme, code)."""

    name: str
    range: str | None = None
    multivalued: bool = False
    inlined: bool = False
    identifier: bool = False
    key: bool = False
    alternatives: tuple[str, ...] = ()
    unit: tuple[str, str] | None = None


@dataclass(frozen=True)
class InducedSchema:
    """Classes, slots, enums and types by name, with inheritance but without judgement."""

    files: SchemaFiles

    @property
    def classes(self) -> Mapping[str, Element]:
        """The definitions of all classes, in the order of the files."""
        return self.files.classes

    @cached_property
    def enums(self) -> frozenset[str]:
        """The names of all enums."""
        return frozenset(self.files.enums)

    @cached_property
    def types(self) -> frozenset[str]:
        """The names of all types; LinkML's own only where they are imported."""
        schemas = self.files.schemas.values()
        imported = any("linkml:types" in _listed(schema.data.get("imports")) for schema in schemas)
        return frozenset((*self.files.types, *(BUILTIN_TYPES if imported else ())))

    @cached_property
    def roots(self) -> tuple[str, ...]:
        """The classes that are marked ``tree_root``."""
        return tuple(name for name, cls in self.classes.items() if cls.data.get("tree_root"))

    @cached_property
    def prefixes(self) -> Mapping[str, str]:
        """The prefixes of all files."""
        return self.files.prefixes

    def ancestors(self, name: str) -> tuple[str, ...]:
        """The class itself, then its mixins and parents, nearest first. Raises :class:`UnknownElement`."""
        if name not in self.classes:
            raise UnknownElement(f"no class '{name}'")
        found: list[str] = []
        pending = [name]
        while pending:
            current = pending.pop()
            if current in found or current not in self.classes:
                continue
            found.append(current)
            data = self.classes[current].data
            parent = data.get("is_a")
            pending += [*([str(parent)] if parent else []), *reversed(_listed(data.get("mixins")))]
        return tuple(found)

    def slots(self, name: str) -> tuple[str, ...]:
        """The names of the slots of a class, those of its ancestors after its own."""
        found: dict[str, None] = {}
        for ancestor in self.ancestors(name):
            data = self.classes[ancestor].data
            found |= dict.fromkeys([*_listed(data.get("slots")), *_named(data.get("attributes"))])
        return tuple(found)

    def slot(self, name: str, class_name: str | None) -> InducedSlot:
        """A slot in the context of a class, or of none. Raises :class:`UnknownElement`.

        A slot of the schema counts for every class, also for one that does not list it.
        """
        ancestors = self.ancestors(class_name) if class_name is not None else ()
        base: Mapping[str, Any] | None = None
        for ancestor in ancestors:
            attributes = _named(self.classes[ancestor].data.get("attributes"))
            if name in attributes:
                base = attributes[name]
                break
        if base is None:
            base = self._shared(name, alone=class_name is None)
        if base is None and self._canonical.get(name, name) != name:
            return self.slot(self._canonical[name], class_name)
        if base is None:
            raise UnknownElement(f"no slot '{name}'" + (f" of class '{class_name}'" if class_name else ""))
        merged = {key: value for key, value in base.items() if not _empty(value)}
        for ancestor in reversed(ancestors):
            usage = _named(self.classes[ancestor].data.get("slot_usage")).get(name) or {}
            merged |= {key: value for key, value in usage.items() if not _empty(value)}
        return self._made(name, merged)

    @cached_property
    def _canonical(self) -> Mapping[str, str]:
        """Slots by the names that they have in code: ``full_name`` for 'full name'."""
        names = dict.fromkeys([*self.files.slots, *(n for c in self.classes for n in self.slots(c))])
        return {re.sub(r"\s+", "_", name.strip()).replace(",", "").replace("-", "_"): name for name in names}

    def _shared(self, name: str, *, alone: bool) -> Mapping[str, Any] | None:
        """The definition of a slot of the schema with what it inherits; ``alone``: attributes count as well."""
        if name in self.files.slots:
            merged: dict[str, Any] = {}
            for definition in reversed(list(self._line(name))):
                merged |= {key: value for key, value in definition.items() if not _empty(value)}
            return merged
        if not alone:
            return None
        found = [
            attributes[name]
            for cls in self.classes.values()
            if name in (attributes := _named(cls.data.get("attributes")))
        ]
        return None if not found else found[0] if len(found) == 1 else {}

    def _line(self, name: str) -> Iterator[Mapping[str, Any]]:
        """The definition of a slot, then those of its parents."""
        seen: set[str] = set()
        while name in self.files.slots and name not in seen:
            seen.add(name)
            data = self.files.slots[name].data
            yield data
            name = str(data.get("is_a") or "")

    def _made(self, name: str, data: Mapping[str, Any]) -> InducedSlot:
        default = self.files.root.data.get("default_range")
        found = data.get("range") or default
        unit = data.get("unit") if isinstance(data.get("unit"), Mapping) else {}
        codes = [(scheme, str(unit[scheme])) for scheme in _UNITS if unit and unit.get(scheme)]
        parts = data.get("any_of") if isinstance(data.get("any_of"), list) else []
        return InducedSlot(
            name=name,
            range=str(found) if found else None,
            multivalued=bool(data.get("multivalued")),
            inlined=bool(data.get("inlined") or data.get("inlined_as_list")),
            identifier=bool(data.get("identifier")),
            key=bool(data.get("key")),
            alternatives=tuple(str(p["range"]) for p in parts or () if isinstance(p, Mapping) and p.get("range")),
            unit=codes[0] if codes else ("", "") if unit else None,
        )

    def identifier(self, class_name: str, *, key: bool = False) -> str | None:
        """The slot that identifies objects of a class (or, where asked, the ``key`` slot)."""
        if class_name not in self._keys:
            slots = [self.slot(name, class_name) for name in sorted(self.slots(class_name))]
            named = next((slot.name for slot in slots if slot.identifier), None)
            self._keys[class_name] = named, named or next((slot.name for slot in slots if slot.key), None)
        return self._keys[class_name][key]

    @cached_property
    def _keys(self) -> dict[str, tuple[str | None, str | None]]:
        """The identifier, and the identifier or else key, of the classes that were asked for."""
        return {}


def _empty(value: Any) -> bool:
    return value is None or value in ([], {})


def _listed(value: Any) -> list[str]:
    return [str(item) for item in value] if isinstance(value, list) else []


def _named(value: Any) -> dict[str, Mapping[str, Any]]:
    """Definitions by name, in LinkML's spelling as a mapping or as a list."""
    if isinstance(value, Mapping):
        return {str(name): item if isinstance(item, Mapping) else {} for name, item in value.items()}
    items = value if isinstance(value, list) else []
    return {str(item["name"]): item for item in items if isinstance(item, Mapping) and item.get("name")}


def patched(files: SchemaFiles, patch: Mapping[str, Any]) -> SchemaFiles:
    """The schema with the definitions of a patch added (``source_schema_patches``).

    Of a class that exists only ``slots`` and ``attributes`` are added to; a slot, enum or type that exists gets the
    keys of the patch over its own.
    """
    classes = dict(files.classes)
    for name, given in _named(patch.get("classes")).items():
        known = classes.get(name)
        rest = {key: value for key, value in given.items() if key not in ("slots", "attributes")}
        data = dict(known.data) if known is not None else rest
        attributes = _named(data.get("attributes"))
        for attribute, definition in _named(given.get("attributes")).items():
            attributes[attribute] = {**attributes.get(attribute, {}), **definition}
        slots = _listed(data.get("slots"))
        data["slots"] = [*slots, *(slot for slot in _listed(given.get("slots")) if slot not in slots)]
        data["attributes"] = attributes
        classes[name] = _element(files, known, name, data)
    return replace(
        files,
        classes=classes,
        slots=_overlaid(files, files.slots, patch.get("slots")),
        enums=_overlaid(files, files.enums, patch.get("enums")),
        types=_overlaid(files, files.types, patch.get("types")),
        prefixes=files.prefixes | {n: str(p.get("prefix_reference")) for n, p in _named(patch.get("prefixes")).items()},
    )


def _overlaid(files: SchemaFiles, known: dict[str, Element], given: Any) -> dict[str, Element]:
    found = dict(known)
    for name, definition in _named(given).items():
        old = known.get(name)
        found[name] = _element(files, old, name, {**(old.data if old is not None else {}), **definition})
    return found


def _element(files: SchemaFiles, known: Element | None, name: str, data: Mapping[str, Any]) -> Element:
    root = files.root
    return replace(known, data=data) if known else Element(name, data, root.document, (), root.schema)
