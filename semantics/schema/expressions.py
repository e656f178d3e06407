"""Constraints as schemas write them: slot expressions, class conditions, bounds and patterns."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, Final

from semantics.errors import closest, escaped
from semantics.patterns import PatternError, compile_pattern
from semantics.schema.load import Element, SchemaFiles, check_keys, named_parts, parts
from semantics.schema.model import ClassExpression, SlotExpression
from semantics.yaml_source import Plain

__all__ = ["ExpressionReader", "names_of", "number", "text_of"]

MAX_DEPTH: Final = 16
_BOOLEAN: Final = ("any_of", "all_of", "none_of", "exactly_one_of")


class ExpressionReader:
    """Reads constraints; ``kind_of`` tells whether a range is a 'type', 'enum' or 'class'."""

    def __init__(self, files: SchemaFiles, kind_of: Callable[[str], str | None]) -> None:
        self.files = files
        self.kind_of = kind_of

    def expression(self, element: Element, home: Mapping[str, Element] | None = None, depth: int = 0) -> dict[str, Any]:
        """The fields of a :class:`SlotExpression`; ``home`` tells where merged keys came from."""
        files, data = self.files, element.data
        at = {key: (home or {}).get(key, element) for key in data}

        def flag(key: str) -> bool | None:
            return value if isinstance(value := data.get(key), bool) else None

        def bound(key: str) -> Decimal | None:
            return number(files, at[key], key) if key in data else None

        def count(key: str) -> int | None:
            value = data.get(key)
            if value is not None and (not isinstance(value, int) or isinstance(value, bool) or value < 0):
                files.error("SCH018", f"'{key}' must be a whole number", at[key].location(key))
                return None
            return value

        found: dict[str, Any] = {
            "range": self._range(at.get("range", element), text_of(data.get("range"))),
            "required": flag("required"),
            "multivalued": flag("multivalued"),
            "pattern": self.pattern(at.get("pattern", element)) if "pattern" in data else None,
            "minimum_value": bound("minimum_value"),
            "maximum_value": bound("maximum_value"),
            "minimum_cardinality": count("minimum_cardinality"),
            "maximum_cardinality": count("maximum_cardinality"),
            "exact_cardinality": count("exact_cardinality"),
            "equals_string": text_of(data.get("equals_string")),
            "equals_string_in": names_of(data.get("equals_string_in")),
            "equals_number": bound("equals_number"),
            "value_presence": text_of(data.get("value_presence")),
        }
        for key in _BOOLEAN:
            if data.get(key):
                found[key] = self._parts(at[key], key, depth)
        return found

    def _parts(self, element: Element, key: str, depth: int) -> tuple[SlotExpression, ...]:
        if depth >= MAX_DEPTH:
            if not any(finding.code == "SCH014" for finding in self.files.findings):
                self.files.error(
                    "SCH014", f"boolean constraints are nested deeper than {MAX_DEPTH}", element.location(key)
                )
            return ()
        found = []
        for part in parts(self.files, element, key):
            check_keys(self.files, "expression", part)
            found.append(SlotExpression(**self.expression(part, depth=depth + 1)))
        return tuple(found)

    def _range(self, element: Element, name: str | None) -> str | None:
        if name is None or self.kind_of(name) or name == "Any":
            return name
        known = (*self.files.classes, *self.files.enums, *self.files.types, "string", "integer",
                 "decimal", "boolean", "date", "datetime", "float", "uriorcurie")  # fmt: skip
        self.files.error(
            "SCH006", f"range '{escaped(name)}' is not a class, enum or type",
            element.location("range"), closest(name, known),
        )  # fmt: skip
        return "string"

    def pattern(self, element: Element) -> str | None:
        """A pattern that the linear-time engine takes."""
        pattern = text_of(element.data.get("pattern"))
        if pattern is None:
            return None
        try:
            compile_pattern(pattern)
        except PatternError as fault:
            self.files.error(
                "SCH010", f"the pattern of '{escaped(element.name)}' is refused: {fault}",
                element.location("pattern"),
                "patterns have no look-around and no back-references, and are bounded in size",
            )  # fmt: skip
            return None
        return pattern

    def condition(self, element: Element) -> ClassExpression | None:
        """Class-level boolean constraints and slot conditions of a class."""
        keys = ("slot_conditions", *_BOOLEAN)
        if not any(element.data.get(key) for key in keys):
            return None
        trimmed = {key: element.data[key] for key in keys if key in element.data}
        part = Element(element.name, trimmed, element.document, element.path, element.schema)
        return self._class_expression(part, 0)

    def class_expression(self, element: Element, key: str) -> ClassExpression | None:
        """The condition under ``key``, such as a rule's preconditions."""
        if not isinstance(element.data.get(key), Mapping):
            return None
        return self._class_expression(element.child(key, key), 0)

    def _class_expression(self, element: Element, depth: int) -> ClassExpression:
        check_keys(self.files, "condition", element)
        boolean: dict[str, Any] = {}
        for key in _BOOLEAN:
            if depth < MAX_DEPTH:
                boolean[key] = tuple(
                    self._class_expression(part, depth + 1) for part in parts(self.files, element, key)
                )
        return ClassExpression(
            is_a=text_of(element.data.get("is_a")),
            slot_conditions={
                name: SlotExpression(**self.expression(part))
                for name, part in named_parts(self.files, element, "slot_conditions")
            },
            **boolean,
        )


def number(files: SchemaFiles, element: Element, key: str) -> Decimal | None:
    """A bound as an exact number."""
    value = element.data.get(key)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float, Decimal)):
        files.error("SCH018", f"'{key}' must be a number", element.location(key))
        return None
    return Decimal(str(value))


def text_of(value: Any) -> str | None:
    """The text of a scalar where text is meant; None where there is none."""
    if value is None or type(value) is str:
        return value
    if isinstance(value, (list, Mapping)):
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.text if isinstance(value, Plain) else str(value)


def names_of(value: Any) -> tuple[str, ...]:
    """A list of names; a single name counts as a list of one."""
    if value is None:
        return ()
    if isinstance(value, Mapping):
        return tuple(str(key) for key in value)
    if isinstance(value, list):
        return tuple(text for item in value if (text := text_of(item)) is not None)
    text = text_of(value)
    return () if text is None else (text,)
