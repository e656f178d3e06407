"""What a rule of schemas looks at, and how it is declared."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final, NamedTuple

from semantics.checks.registry import Rule, told
from semantics.errors import Diagnostic, Location, Severity
from semantics.schema.load import Element, SchemaFiles
from semantics.schema.model import SchemaModel

__all__ = ["TERMS", "Found", "SchemaSubject", "parts", "schema_rule"]

TERMS: Final = ("exact_mappings", "close_mappings", "related_mappings", "narrow_mappings", "broad_mappings", "mappings")
"""The keys that bind an element to terms of others."""


class Found(NamedTuple):
    """What a rule of schemas found, and where."""

    message: str
    place: Location
    hint: str | None = None


@dataclass(frozen=True)
class SchemaSubject:
    """A schema that resolves: as its files have it, and as a model.

    ``mentioned`` says whether another file of the workspace names a word; ``sets`` are the SSSOM files of the schema,
    as they are shown, with their text.
    """

    files: SchemaFiles
    model: SchemaModel
    mentioned: Callable[[str], bool] = lambda _: False
    sets: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def own(self) -> Element:
        """The file itself; what it imports is checked by itself."""
        return self.files.root

    def classes(self) -> Iterator[Element]:
        """The classes of the file itself."""
        return self._own(self.files.classes)

    def enums(self) -> Iterator[Element]:
        """The enums of the file itself."""
        return self._own(self.files.enums)

    def slots(self) -> Iterator[tuple[Element | None, Element]]:
        """The slots of the file itself: those of the schema, and the attributes of classes with their class."""
        for slot in self._own(self.files.slots):
            yield None, slot
        for cls in self.classes():
            for attribute in parts(cls, "attributes"):
                yield cls, attribute

    def _own(self, registry: Mapping[str, Element]) -> Iterator[Element]:
        return (element for element in registry.values() if element.document is self.own.document)


def parts(parent: Element, key: str) -> Iterator[Element]:
    """The named definitions below a key, in either of LinkML's spellings."""
    data = parent.data.get(key)
    if isinstance(data, Mapping):
        for name, value in data.items():
            given: Any = {"description": value} if isinstance(value, str) else value or {}  # LinkML's short form
            yield Element(str(name), given, parent.document, (*parent.path, key, name), parent.schema)
    elif isinstance(data, list):
        for index, item in enumerate(data):
            named: Any = item if isinstance(item, Mapping) else {}
            text = str(named.get("text", named.get("name", ""))) if named else str(item)
            yield Element(text, named, parent.document, (*parent.path, key, index), parent.schema)


def schema_rule(
    name: str, code: str, category: str, severity: Severity = Severity.WARNING, *, fixable: bool = False
) -> Callable[[Callable[[SchemaSubject], Iterator[Found]]], Rule[SchemaSubject]]:
    """Declare a rule of schemas; its docstring says what it is for (see :func:`semantics.checks.registry.told`)."""

    def wrap(body: Callable[[SchemaSubject], Iterator[Found]]) -> Rule[SchemaSubject]:
        def find(subject: SchemaSubject) -> Iterator[Diagnostic]:
            document = subject.own.document
            for message, place, hint in body(subject):
                own = place.file == document.file and place.line is not None and place.line <= len(document.lines)
                quoted = document.lines[place.line - 1].strip()[:120] if own and place.line else None
                yield Diagnostic(code, message, place, hint, quoted, severity)

        return Rule(name, code, category, "schema", severity, fixable, told(body.__doc__), find)

    return wrap
