"""Validation by the generated Pydantic classes, told in the words of the checker.

Inputs stay hidden: of what pydantic says only the kind of error and its place are used, and of the texts of
the generated classes only those that are known here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import ModuleType
from typing import TYPE_CHECKING, Any, Final

from semantics.errors import Diagnostic, Location, shape
from semantics.validation.findings import (
    MAX_FINDINGS,
    Notes,
    Place,
    Violation,
    known_names,
    pointer_to,
)

if TYPE_CHECKING:
    from pydantic import BaseModel

__all__ = ["validate_with_classes"]

_CODES: Final[dict[str, tuple[str, str, str]]] = {
    # pydantic's type of error: code, constraint, what was expected
    "missing": ("VAL001", "required", "expected a value, but it is absent"),
    "extra_forbidden": ("VAL002", "closed", "the class has no such slot"),
    "enum": ("VAL004", "range", "expected a permissible value"),
    "literal_error": ("VAL004", "range", "expected a permissible value"),
    "string_pattern_mismatch": ("VAL005", "pattern", "expected text that matches the pattern"),
    "greater_than_equal": ("VAL006", "minimum_value", "expected a greater number"),
    "less_than_equal": ("VAL006", "maximum_value", "expected a smaller number"),
    "none_required": ("VAL022", "value_presence", "expected no value"),
    "too_short": ("VAL007", "minimum_cardinality", "expected more values"),
    "too_long": ("VAL007", "maximum_cardinality", "expected fewer values"),
    "list_type": ("VAL008", "multivalued", "expected a list"),
    "dict_type": ("VAL008", "inlined", "expected objects by their identifier"),
    "model_type": ("VAL015", "range", "expected an object"),
    "model_attributes_type": ("VAL015", "range", "expected an object"),
    "invalid_key": ("VAL017", "closed", "expected keys that are text"),
    "identifier": ("VAL020", "identifier", "the same value as in an item before it"),
    "key": ("VAL014", "inlined", "expected an identifier as key"),
    "key_mismatch": ("VAL017", "inlined", "a key is not the object's identifier"),
    "unique_key": ("VAL021", "unique_key", "the same value as in an item before it"),
    "recursion_loop": ("VAL018", "depth", "nested too deeply to be checked"),
    "union_tag_invalid": ("VAL012", "designates_type", "expected the name of a class that may stand here"),
    "union_tag_not_found": ("VAL013", "abstract", "expected a type designator"),
}
_PHRASES: Final[tuple[tuple[str, str, str, str], ...]] = (
    # how a text of the generated classes begins: code, constraint, what is said instead
    ("expected text that matches the pattern", "VAL005", "pattern", "expected text that matches the pattern"),
    ("expected a number at ", "VAL006", "maximum_value", "expected a number within its bounds"),
    ("expected one of the texts", "VAL016", "equals_string", "expected one of the texts of the schema"),
    ("expected the number ", "VAL016", "equals_number", "expected the number of the schema"),
    ("expected what one of the parts", "VAL010", "any_of", "no part of any_of holds"),
    ("expected what all parts", "VAL010", "all_of", "a part of all_of does not hold"),
    ("expected what no part", "VAL010", "none_of", "a part of none_of holds"),
    ("expected what one part", "VAL010", "exactly_one_of", "none or several parts of exactly_one_of hold"),
    ("expected an integer", "VAL003", "range", "expected an integer"),
    ("expected a decimal number", "VAL003", "range", "expected a decimal number"),
    ("expected a number", "VAL003", "range", "expected a number"),
    ("expected an absolute IRI", "VAL003", "range", "expected an absolute IRI"),
    ("expected a CURIE", "VAL003", "range", "expected a CURIE (prefix:name)"),
    ("expected an IRI or CURIE", "VAL003", "range", "expected an IRI or CURIE"),
    ("expected an XML name", "VAL003", "range", "expected an XML name without colon"),
    ("expected a value", "VAL001", "required", "expected a value, but it is null"),
    ("the type designator names no class", "VAL012", "designates_type", "names no class that may stand here"),
    ("the type designator is missing", "VAL001", "required", "the type designator is missing"),
    ("an abstract class has no instances", "VAL013", "abstract", "an abstract class has no instances"),
    ("a rule of the class", "VAL011", "rule", "a rule or condition of the class does not hold"),
)


def validate_with_classes(
    module: ModuleType, class_name: str, instance: Mapping[str, Any], *, limit: int = MAX_FINDINGS
) -> tuple[Diagnostic, ...]:
    """What the generated class of that name in ``module`` refuses about an instance; empty when it is valid.

    ``class_name`` is the schema's name of the class, or Python's where the two differ. Findings have the
    codes and pointers of the checker; one that only pydantic can express has ``VAL031``.
    """
    from pydantic import ValidationError

    notes = Notes(limit)
    cls = _class_of(module, class_name)
    if cls is None:
        names = [name for name in vars(module) if not name.startswith("_")]
        text = f"'{module.__name__}' has no such class"
        Place(notes).note("VAL012", "class", text, hint=known_names(class_name, names))
        return tuple(notes.found)
    if isinstance(instance, Mapping) and not isinstance(instance, dict):
        instance = dict(instance)
    try:
        cls.model_validate(instance)
    except ValidationError as refusal:
        errors = refusal.errors(include_url=False, include_input=False)
        notes.found.extend(_distinct(class_name, instance, errors, _names(module))[:limit])
    except RecursionError:
        Place(notes, "", class_name).note("VAL018", "depth", "nested too deeply to be checked")
    return tuple(notes.found)


def _class_of(module: ModuleType, class_name: str) -> type[BaseModel] | None:
    from pydantic import BaseModel

    plain = "".join(char if ("a" + char).isidentifier() else "_" for char in class_name)
    for name in (class_name, plain, f"{plain}_", f"n{plain}", f"{plain.lstrip('_')}_"):
        found = vars(module).get(name)
        if isinstance(found, type) and issubclass(found, BaseModel):
            return found
    return None


def _names(module: ModuleType) -> frozenset[str]:
    """What the fields of the classes are called in an instance; any other key is an identifier, and so a value."""
    from pydantic import BaseModel

    classes = [found for found in vars(module).values() if isinstance(found, type) and issubclass(found, BaseModel)]
    return frozenset(field.alias or name for cls in classes for name, field in cls.model_fields.items())


def _distinct(
    class_name: str, instance: Any, errors: Iterable[Mapping[str, Any]], names: frozenset[str]
) -> list[Violation]:
    """One finding for each place and code: the members of a union say the same thing more than once."""
    found: dict[tuple[str, str], Violation] = {}
    for error in errors:
        violation = _violation(class_name, instance, error, names)
        pointer = violation.location.pointer if violation.location else None
        found.setdefault((violation.code, f"{pointer}"), violation)
    return list(found.values())


def _violation(class_name: str, instance: Any, error: Mapping[str, Any], names: frozenset[str]) -> Violation:
    known = names | {error["loc"][-1]} if error["type"] == "extra_forbidden" else names
    pointer, slot, value = _place(instance, error["loc"], known)
    code, constraint, text = _meaning(error)
    if code == "VAL001" and error["type"] == "missing":
        slot = str(error["loc"][-1])
    elif value is not None:
        text = f"{text}, found {shape(value)}"
    if code == "VAL008" and isinstance(value, list):
        code = "VAL009"
    about = f"slot '{slot}' of an object in '{class_name}'" if slot else f"'{class_name}'"
    return Violation(
        code=code,
        message=f"{about}: {text}",
        location=Location(pointer=pointer),
        class_name=class_name,
        slot=slot,
        constraint=constraint,
    )


def _place(instance: Any, steps: Iterable[str | int], names: frozenset[str]) -> tuple[str, str | None, Any]:
    """Pointer, slot and value that pydantic's ``loc`` leads to; names of union members are no steps."""
    pointer, slot, here = "", None, instance
    for step in steps:
        if isinstance(here, Mapping) and step in here:
            position = None if step in names or slot is None else list(here).index(step)
            here = here[step]
            if position is not None:
                step = position
            else:
                slot = str(step)
        elif isinstance(here, list) and isinstance(step, int) and 0 <= step < len(here):
            here = here[step]
        else:
            continue
        pointer = pointer_to(pointer, step)
    return pointer, slot, here


def _meaning(error: Mapping[str, Any]) -> tuple[str, str, str]:
    kind = str(error["type"])
    if kind == "value_error":
        said = str(error.get("ctx", {}).get("error", ""))
        for start, code, constraint, text in _PHRASES:
            if said.startswith(start):
                return code, constraint, text
        return "VAL031", kind, "the class refuses the value"
    if kind in _CODES:
        return _CODES[kind]
    if kind.endswith(("_type", "_parsing", "_int", "_number", "_unicode")):
        return "VAL003", "range", "expected another type of value"
    return "VAL031", kind, f"the class refuses the value ({kind})"
