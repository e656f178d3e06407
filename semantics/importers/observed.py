"""What example values have in common: the types, keys and codes that all of them fit."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final

from semantics.errors import Diagnostic, Location, Severity
from semantics.importers.description import ANYTHING, Description, ImportedClass, ImportedEnum, ImportedSlot, Values
from semantics.importers.naming import Names, is_slot_name
from semantics.lexical import FROM_TEXT, LexicalError, Primitive

__all__ = ["Observed", "Observer", "typed_text"]

ANY: Final = Values(range="Any")
_CODE: Final = re.compile(r"[A-Za-z][A-Za-z0-9_.:-]{0,39}")
_INTEGER: Final = re.compile(r"0|-?[1-9][0-9]{0,17}")
_DECIMAL: Final = re.compile(r"-?(0|[1-9][0-9]*)\.[0-9]+")
_ENOUGH: Final = 10
_CODES: Final = 20
_SHARE: Final = 5
_KEPT: Final = 200
_FORMS: Final = (
    ("date", Primitive.DATE, re.compile(r"[0-9]{4}-.*")),
    ("datetime", Primitive.DATETIME, re.compile(r"[0-9]{4}-.*T.*")),
    ("uri", Primitive.URI, re.compile(r"(https?://|urn:[a-zA-Z0-9]).*")),
)


def typed_text(text: str, *, numbers: bool) -> str:
    """The LinkML type of a text; ``numbers``: whether text stands for numbers too, as in a table.

    >>> typed_text("2024-02-29", numbers=False), typed_text("007", numbers=True), typed_text("7", numbers=True)
    ('date', 'string', 'integer')
    """
    if numbers and _INTEGER.fullmatch(text):
        return "integer"
    if numbers and _DECIMAL.fullmatch(text):
        return "decimal"
    if numbers and text in ("true", "false"):
        return "boolean"
    for name, primitive, form in _FORMS:
        if form.fullmatch(text):
            try:
                FROM_TEXT[primitive](text)
            except LexicalError:
                continue
            return name
    return "string"


@dataclass
class Observed:
    """Values that were seen in one place."""

    ranges: dict[str, int] = field(default_factory=dict)
    codes: dict[str, int] = field(default_factory=dict)
    keys: dict[str, Observed] = field(default_factory=dict)
    objects: int = 0
    lists: int = 0
    single: int = 0
    nulls: int = 0
    empty: int = 0
    items: Observed | None = None

    def see(self, value: Any, *, numbers: bool = False) -> None:
        """Take one more value into account."""
        if value is None:
            self.nulls += 1
        elif isinstance(value, list):
            self.lists += 1
            self.empty += not value
            self.items = self.items or Observed()
            for each in value:
                self.items.see(each, numbers=numbers)
        elif isinstance(value, Mapping):
            self.objects += 1
            self.single += 1
            for key, inner in value.items():
                self.keys.setdefault(str(key), Observed()).see(inner, numbers=numbers)
        else:
            self.single += 1
            name = _range(value, numbers=numbers)
            self.ranges[name] = self.ranges.get(name, 0) + 1
            if isinstance(value, str) and (value in self.codes or len(self.codes) < _KEPT):
                self.codes[value] = self.codes.get(value, 0) + 1


def _range(value: Any, *, numbers: bool) -> str:
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int):
        return "integer"
    if isinstance(value, (float, Decimal)):
        return "decimal"
    return typed_text(str(value), numbers=numbers)


class Observer:
    """Makes classes of what was observed."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.names = Names()
        self.classes: dict[str, ImportedClass] = {}
        self.enums: dict[str, ImportedEnum] = {}
        self.findings: list[Diagnostic] = []

    def tell(self, code: str, message: str, pointer: str, *, note: bool = False) -> None:
        """Note what is only guessed, or not said, with the place in the records."""
        severity = Severity.NOTE if note else Severity.WARNING
        self.findings.append(Diagnostic(code, message, Location(self.file, pointer=pointer or None), severity=severity))

    def root(self, seen: Observed, name: str, identifier: str, schema: str) -> Description:
        """The schema of records; each key that all of them have is required where there are several."""
        count = seen.objects
        self.tell("IMP020", f"told by {count} records: what others hold is not known", "", note=True)
        self._class(seen, name, "", root=True)
        classes = sorted(self.classes.values(), key=lambda each: not each.tree_root)
        return Description(schema, identifier, classes=tuple(classes), enums=tuple(self.enums.values()),
                           findings=tuple(self.findings))  # fmt: skip

    def _class(self, seen: Observed, place: str, pointer: str, *, root: bool = False) -> str:
        name = self.names.give(place)
        slots: list[ImportedSlot] = []
        plain: dict[str, str] = {}
        for key, inner in seen.keys.items():
            spelled = "".join(char if char.isalnum() or char == "_" else "_" for char in key)
            if not is_slot_name(key) or plain.setdefault(spelled, key) != key:
                text = "the name of a key cannot be the name of a slot, or not beside another"
                self.tell("IMP017", text, f"{pointer}/{_step(key)}")
                continue
            slots.append(self._slot(key, inner, seen.objects, self.names.place(name, key), pointer))
        extra = ANYTHING if len(slots) < len(seen.keys) else None
        self.classes[name] = ImportedClass(name, tuple(slots), tree_root=root, extra=extra)
        return name

    def _slot(self, key: str, seen: Observed, objects: int, place: str, pointer: str) -> ImportedSlot:
        here = f"{pointer}/{_step(key)}"
        always = objects > 1 and seen.single + seen.lists - seen.empty == objects
        if seen.lists and seen.single:
            self.tell("IMP011", "one value here, a list there: any value is taken", here)
            return ImportedSlot(key, ANY, required=always)
        inner = (seen.items or Observed()) if seen.lists else seen
        many = bool(seen.lists)
        if many and (inner.lists or inner.nulls):
            self.tell("IMP011", "a list of lists or of nulls: any value is taken", here)
            return ImportedSlot(key, ANY, required=always, multivalued=not inner.nulls)
        values = self._values(inner, place, here)
        return ImportedSlot(
            key, values, required=always, multivalued=many, inlined=bool(inner.objects and not inner.ranges)
        )

    def _values(self, seen: Observed, place: str, pointer: str) -> Values:
        if seen.objects and not seen.keys:
            return ANY
        ranges = set(seen.ranges)
        if ranges == {"integer", "decimal"}:
            ranges = {"decimal"}
        if ranges == {"date", "datetime"}:
            ranges = {"date_or_datetime"}
        elif "string" in ranges and not ranges & {"integer", "decimal", "boolean"}:
            ranges = {"string"}
        parts = [Values(range=name) for name in sorted(ranges)]
        if ranges == {"string"} and not seen.objects and (codes := self._codes(seen, place)):
            parts = [Values(range=codes)]
        if seen.objects:
            parts.append(Values(range=self._class(seen, place, pointer)))
        if not parts:
            self.tell("IMP021", "no record has a value here: any value is taken", pointer)
            return ANY
        return parts[0] if len(parts) == 1 else Values(any_of=tuple(parts))

    def _codes(self, seen: Observed, place: str) -> str | None:
        """The name of an enum, where few codes stand again and again."""
        count = sum(seen.codes.values())
        few = len(seen.codes) <= min(_CODES, count // _SHARE)
        if count < _ENOUGH or not few or not all(map(_CODE.fullmatch, seen.codes)):
            return None
        name = self.names.give(place)
        self.enums[name] = ImportedEnum(name, tuple((text, None) for text in sorted(seen.codes)))
        return name


def _step(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")
