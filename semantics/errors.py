"""Diagnostics and exceptions: the form of everything the project has to complain about.

A :class:`Diagnostic` says what was found, where, and what the nearest fix is. It never holds
the value of a record. Exceptions carry diagnostics and know the exit code of the command line.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar, Final

__all__ = [
    "DefinitionError",
    "Diagnostic",
    "ExpressionError",
    "InternalError",
    "LimitError",
    "Location",
    "MappingError",
    "RecordError",
    "SchemaError",
    "SemanticsError",
    "Severity",
    "SinkError",
    "SourceError",
    "UsageError",
    "Violation",
    "closest",
    "escaped",
    "ordered",
    "shape",
]


class Severity(StrEnum):
    """How much a finding weighs: an error stops, a warning is reported, a note informs."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Location:
    """A place in a file: 1-based line and column, or a JSON Pointer (RFC 6901) inside a record.

    In an object of objects by identifier the pointer counts from 0: the identifier is a value of the record.

    >>> str(Location("a.yaml", 3, 7))
    'a.yaml:3:7'
    >>> str(Location("in.json", pointer="/Data/0"))
    'in.json#/Data/0'
    """

    file: str | None = None
    line: int | None = None
    column: int | None = None
    pointer: str | None = None

    def __str__(self) -> str:
        text = self.file or "<input>"
        for number in (self.line, self.column):
            if number is None:
                break
            text += f":{number}"
        return text + (f"#{self.pointer}" if self.pointer else "")


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One finding: a stable code, a sentence, a place and, where there is one, the nearest fix.

    ``found`` quotes the offending piece of a *definition* (a schema or a mapping), never of a record;
    ``rule`` is the ``file:line`` of the mapping rule at work when a record failed.

    >>> print(Diagnostic("MAP012", "slot 'capacty' is not a slot of class 'Meter'",
    ...     location=Location("meter.yaml", 42, 7), hint="did you mean 'capacity'?"))
    meter.yaml:42:7  MAP012  slot 'capacty' is not a slot of class 'Meter'
      hint: did you mean 'capacity'?
    """

    code: str
    message: str
    location: Location | None = None
    hint: str | None = None
    found: str | None = None
    severity: Severity = Severity.ERROR
    rule: str | None = None

    def __str__(self) -> str:
        place = f"{self.location}  " if self.location else ""
        kind = "" if self.severity is Severity.ERROR else f"{self.severity}: "
        text = f"{place}{self.code}  {kind}{escaped(self.message)}"
        if self.found:
            text += f"\n    {escaped(self.found)}"
        if self.rule:
            text += f"\n  rule: {escaped(self.rule)}"
        if self.hint:
            text += f"\n  hint: {escaped(self.hint)}"
        return text


@dataclass(frozen=True, slots=True)
class Violation(Diagnostic):
    """A finding about what a record gives: it also knows the class, the slot and the constraint of the model.

    ``class_name`` and ``slot`` are those of the target, ``path`` is the IRI of the slot's property, ``constraint``
    the word of the schema (or mapping) that does not hold, ``element`` the place in the schema of the slot, class or
    rule, and ``found`` says that in words. ``component``, ``shape`` and ``focus`` are IRIs where SHACL found it.
    ``location.pointer`` is an RFC 6901 pointer: from a checker inside the instance, from a run inside the source.
    """

    class_name: str | None = None
    slot: str | None = None
    path: str | None = None
    constraint: str | None = None
    element: Location | None = None
    component: str | None = None
    shape: str | None = None
    focus: str | None = None


class SemanticsError(Exception):
    """Base of every error the project raises on purpose; ``exit_code`` is the command line's."""

    exit_code: ClassVar[int] = 70

    def __init__(self, diagnostics: Diagnostic | Iterable[Diagnostic]) -> None:
        found = (diagnostics,) if isinstance(diagnostics, Diagnostic) else tuple(diagnostics)
        self.diagnostics: Final[tuple[Diagnostic, ...]] = found
        super().__init__("\n".join(map(str, found)))


class DefinitionError(SemanticsError):
    """A schema, a mapping or an expression is wrong; nothing was written (exit code 2)."""

    exit_code = 2


class SchemaError(DefinitionError):
    """A schema cannot be used as it stands."""


class MappingError(DefinitionError):
    """A mapping specification cannot be used as it stands."""


class ExpressionError(DefinitionError):
    """An expression was refused at load, failed on its bindings, or went over a bound."""


class UsageError(DefinitionError):
    """The command or call itself is wrong: an unknown name, option or combination."""


class SourceError(SemanticsError):
    """An input cannot be read at all (exit code 3)."""

    exit_code = 3


class SinkError(SemanticsError):
    """An output cannot be written (exit code 4)."""

    exit_code = 4


class LimitError(SemanticsError):
    """A limit of the run was hit (exit code 5)."""

    exit_code = 5


class RecordError(SemanticsError):
    """One record could not be mapped, or its instance is not valid (exit code 1)."""

    exit_code = 1


class InternalError(SemanticsError):
    """A fault of this program, not of its input (exit code 70)."""


def closest(name: str, candidates: Iterable[str]) -> str | None:
    """A hint naming the candidate nearest to ``name``, or None where nothing is near.

    >>> closest("capacty", ["capacity", "name"])
    "did you mean 'capacity'?"
    >>> closest("khw", ["kwh", "read_on"])
    "did you mean 'kwh'?"
    """
    pool: Sequence[str] = sorted(candidates)
    near = difflib.get_close_matches(name, pool, n=1, cutoff=0.7)
    if not near:  # a short name has few letters to be alike in: another case, or two of them in the wrong order
        letters = sorted(name.casefold())
        near = [candidate for candidate in pool if sorted(candidate.casefold()) == letters]
    return f"did you mean '{near[0]}'?" if near else None


def ordered(findings: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Findings in the order of their places, each once: what several parts inherit is said once."""

    def place(finding: Diagnostic) -> tuple[str, int, int]:
        where = finding.location
        return (where.file or "", where.line or 0, where.column or 0) if where is not None else ("", 0, 0)

    return tuple(sorted(dict.fromkeys(findings), key=place))


def escaped(text: str) -> str:
    r"""``text`` with control, invisible and direction-changing characters shown as escapes.

    >>> print(escaped("a\u202eb"))
    a\u202eb
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(char if char.isprintable() or char == " " else f"\\u{ord(char):04x}" for char in text)


def shape(value: object) -> str:
    """What a value looks like without saying what it is.

    >>> shape("123-45-6789")
    'string, 11 characters'
    >>> shape([1, 2])
    'list of 2'
    """
    match value:
        case None:
            return "null"
        case bool():
            return "boolean"
        case str():
            return f"string, {len(value)} characters"
        case int():
            return "integer"
        case dict():
            return f"object with {len(value)} keys"
        case list() | tuple():
            return f"list of {len(value)}"
        case float():
            return "floating-point number"
        case _:
            return type(value).__name__.lower()
