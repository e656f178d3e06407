"""What the pages of mappings show: plain frozen data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from semantics.errors import Diagnostic
from semantics.schema.model import SchemaModel
from semantics.site.names import Ref

__all__ = [
    "CodeList",
    "Codes",
    "Derivation",
    "Example",
    "Field",
    "Loss",
    "Made",
    "Row",
    "Selector",
    "Study",
    "TestShown",
]


_WHOLE: Final = 120
"""Slots of a mapping that one page has room for."""


@dataclass(frozen=True, slots=True)
class Field:
    """A place in a record or in an instance, and where the model describes it."""

    text: str
    ref: Ref | None = None
    anchor: str = ""

    @property
    def above(self) -> str:
        """The path before the last step."""
        head, dot, _ = self.text.rpartition(".")
        return head + dot

    @property
    def last(self) -> str:
        """The last step of the path."""
        return self.text.rpartition(".")[2]


@dataclass(frozen=True, slots=True)
class Codes:
    """A table of codes of one rule; ``named`` is the code list beside the mapping that it is."""

    pairs: tuple[tuple[str, str], ...]
    unmapped: str
    named: Ref | None = None


@dataclass(frozen=True, slots=True)
class Made:
    """Objects that a rule makes: their class, and the derivation that says how, where that stands elsewhere."""

    target: Field
    derivation: Ref | None


@dataclass(frozen=True, slots=True)
class Row:
    """How one slot of the target is filled: from what, how, and what else is said of it.

    ``depth`` counts the objects around it; a row that ``opens`` an object says for what it is made, and has no slot.
    """

    depth: int
    sources: tuple[Field, ...]
    how: str
    expression: str
    target: Field
    range: str
    place: str
    made: tuple[Made, ...] = ()
    notes: tuple[tuple[str, str], ...] = ()
    codes: Codes | None = None
    opens: bool = False


@dataclass(frozen=True, slots=True)
class Derivation:
    """How instances of a class are made of records of another; ``unread`` and ``unfilled`` are what is left over."""

    ref: Ref
    sources: tuple[Field, ...]
    target: Field
    place: str
    root: bool
    notes: tuple[tuple[str, str], ...]
    rows: tuple[Row, ...]

    @property
    def slots(self) -> int:
        """How many slots are filled."""
        return sum(not row.opens for row in self.rows)


@dataclass(frozen=True, slots=True)
class Selector:
    """Where records stand in a document, and how their class is told."""

    path: str
    told: str
    ref: Ref | None
    condition: str


@dataclass(frozen=True, slots=True)
class Loss:
    """What is not carried: paths of a source class, slots of a target class, or codes of an enum."""

    of: Field
    names: tuple[str, ...]

    @property
    def size(self) -> int:
        """How many they are."""
        return len(self.names)


@dataclass(frozen=True, slots=True)
class CodeList:
    """A code list beside mappings."""

    name: str
    file: str
    pairs: tuple[tuple[str, str | None], ...]


@dataclass(frozen=True, slots=True)
class TestShown:
    """A test: what goes in, what is expected, and what differs from that."""

    name: str
    anchor: str
    description: str | None
    place: str
    passed: bool
    given: str
    expected: str
    differences: tuple[tuple[str, str, str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Example:
    """A record of an example, and what comes of it."""

    name: str
    anchor: str
    record: str
    result: str
    outcome: str


@dataclass(frozen=True, slots=True)
class Study:
    """A mapping with everything that its pages say. ``modules`` are the schemas that it is about.

    ``elsewhere`` are schemas that are not in the workspace, but beside the mapping; ``findings`` are about its tests.
    """

    name: str
    title: str
    description: str
    file: str
    facts: tuple[tuple[str, str], ...]
    source: str
    target: str
    modules: tuple[str, ...]
    selectors: tuple[Selector, ...]
    derivations: tuple[Derivation, ...]
    notes: tuple[tuple[str, ...], ...]
    unread: tuple[Loss, ...]
    unfilled: tuple[Loss, ...]
    codes: tuple[Loss, ...]
    counts: tuple[int, int, int, int]
    """Source slots read, and all; target slots written, and all."""
    lists: tuple[CodeList, ...]
    tests: tuple[TestShown, ...]
    examples: tuple[Example, ...]
    elsewhere: tuple[SchemaModel, ...] = ()
    findings: tuple[Diagnostic, ...] = ()

    @property
    def ref(self) -> Ref:
        """What it is known by."""
        return Ref("mapping", self.name)

    @property
    def passed(self) -> int:
        """How many of its tests pass."""
        return sum(test.passed for test in self.tests)

    @property
    def rows(self) -> int:
        """How many slots are filled in all."""
        return sum(derivation.slots for derivation in self.derivations)

    @property
    def whole(self) -> bool:
        """Whether all of it stands on one page, or every derivation on one of its own."""
        return self.rows <= _WHOLE
