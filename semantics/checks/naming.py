"""Rules of schemas about what things are called, and whether they are described."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from semantics.checks.schema_rule import Found, SchemaSubject, parts, schema_rule
from semantics.errors import Severity, escaped

__all__ = ["class_name", "enum_name", "missing_description", "slot_name", "value_names"]

_UPPER_CAMEL = re.compile(r"[A-Z][A-Za-z0-9]*")
_SNAKE = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
_STYLES: Final = (_SNAKE, _UPPER_CAMEL, re.compile(r"[a-z][A-Za-z0-9]*"), re.compile(r"[A-Z0-9]+(_[A-Z0-9]+)*"),
                  re.compile(r"[a-z0-9]+(-[a-z0-9]+)*"))  # fmt: skip
_STARTS_AS_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")


def _camel(name: str) -> str:
    return "".join(word[:1].upper() + word[1:] for word in re.split(r"[^A-Za-z0-9]+", name))


def _snake(name: str) -> str:
    apart = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name)
    return re.sub(r"[^A-Za-z0-9]+", "_", apart).strip("_").lower()


@schema_rule("CLASS_NAME", "CHK040", "naming", Severity.NOTE)
def class_name(subject: SchemaSubject) -> Iterator[Found]:
    """The name of a class is not written in UpperCamelCase.

    Generated code, shapes and queries use the name as it is. One style tells classes from slots at a glance.

    Bad:
        classes:
          bank_account: {}
    Good:
        classes:
          BankAccount: {}
    """
    for cls in subject.classes():
        if not _UPPER_CAMEL.fullmatch(cls.name):
            yield Found(f"class '{escaped(cls.name)}' is not written in UpperCamelCase", cls.location(),
                        f"such as '{_camel(cls.name)}'")  # fmt: skip


@schema_rule("SLOT_NAME", "CHK041", "naming", Severity.NOTE)
def slot_name(subject: SchemaSubject) -> Iterator[Found]:
    """The name of a slot is not written in snake_case.

    Slots become attributes of Python classes and columns of tables, where this is the custom.

    Bad:
        attributes:
          openedOn: {range: date}
    Good:
        attributes:
          opened_on: {range: date}
    """
    for _, slot in subject.slots():
        if not _SNAKE.fullmatch(slot.name):
            yield Found(f"slot '{escaped(slot.name)}' is not written in snake_case", slot.location(),
                        f"such as '{_snake(slot.name)}'")  # fmt: skip


@schema_rule("ENUM_NAME", "CHK042", "naming", Severity.NOTE)
def enum_name(subject: SchemaSubject) -> Iterator[Found]:
    """The name of an enum is not written in UpperCamelCase.

    An enum becomes a class of the generated code, and is named as one.

    Bad:
        enums:
          account_status: {permissible_values: {open: {}}}
    Good:
        enums:
          AccountStatus: {permissible_values: {open: {}}}
    """
    for enum in subject.enums():
        if not _UPPER_CAMEL.fullmatch(enum.name):
            yield Found(f"enum '{escaped(enum.name)}' is not written in UpperCamelCase", enum.location(),
                        f"such as '{_camel(enum.name)}'")  # fmt: skip


@schema_rule("VALUE_NAMES", "CHK043", "naming", Severity.NOTE)
def value_names(subject: SchemaSubject) -> Iterator[Found]:
    """The values of an enum are written in several styles.

    Whoever writes a mapping by hand guesses the next value from the others. Codes that do not look like names
    (digits, signs) are left alone.

    Bad:
        permissible_values: {in_progress: {}, Completed: {}, ON_HOLD: {}}
    Good:
        permissible_values: {in_progress: {}, completed: {}, on_hold: {}}
    """
    for enum in subject.enums():
        values = [value for value in parts(enum, "permissible_values") if _STARTS_AS_NAME.fullmatch(value.name)]
        styles = set(_STYLES)
        for value in values:
            left = {style for style in styles if style.fullmatch(value.name)}
            if not left:
                yield Found(f"value '{escaped(value.name)}' of enum '{escaped(enum.name)}' is written in another style "
                            "than those before it", value.location(), "write all values in one style")  # fmt: skip
                break
            styles = left


@schema_rule("MISSING_DESCRIPTION", "CHK044", "documentation", Severity.NOTE)
def missing_description(subject: SchemaSubject) -> Iterator[Found]:
    """A class, a slot or an enum has no description.

    The description is what a person who maps onto the model goes by, and what generated code and documentation
    say. A slot that inherits one has one.

    Bad:
        classes:
          Meter: {attributes: {serial: {}}}
    Good:
        classes:
          Meter:
            description: A device that measures what flows through it.
            attributes: {serial: {description: Number that the maker gave to it.}}
    """
    for kind, elements in (("class", subject.classes()), ("enum", subject.enums())):
        for element in elements:
            if not element.data.get("description"):
                yield Found(f"{kind} '{escaped(element.name)}' has no description", element.location())
    for cls, slot in subject.slots():
        made = subject.model.classes[cls.name].slots.get(slot.name) if cls is not None else None
        if not slot.data.get("description") and (made is None or not made.description):
            yield Found(f"slot '{escaped(slot.name)}' has no description", slot.location())
