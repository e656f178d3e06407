"""Validation by the generated Pydantic classes, told in the words of the checker.

Inputs stay hidden: of what pydantic says only the kind of error and its place are used, and of the texts of
the generated classes only those that are known here.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from types import ModuleType
from typing import TYPE_CHECKING, Any, Final, NamedTuple

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
    "designation": ("VAL012", "designates_type", "names no class that may stand here"),
    "abstract": ("VAL013", "abstract", "names a class that has no instances of its own"),
    "rule": ("VAL011", "rule", "a rule of the class does not hold"),
    "condition": ("VAL019", "condition", "a condition of the class does not hold"),
    "values": ("VAL010", "any_of", "a boolean constraint on the values together does not hold"),
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
    ("the type designator is missing", "VAL001", "required", "the type designator is missing"),
    ("an abstract class has no instances", "VAL013", "abstract", "an abstract class has no instances"),
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
        found = _distinct(class_name, instance, errors, _Known(_names(module), _lexical(cls)))
        notes.found, notes.omitted = found[:limit], len(found[limit:])
    except RecursionError:
        Place(notes, "", class_name).note("VAL018", "depth", "nested too deeply to be checked")
    return notes.told()


def _lexical(cls: type[BaseModel]) -> tuple[str, ...]:
    """The patterns by which the generated classes read dates and times: a mismatch is one of type."""
    for base in cls.__mro__:
        found = getattr(sys.modules.get(base.__module__), "_LEXICAL", None)
        if isinstance(found, tuple):
            return found
    return ()


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


class _Known(NamedTuple):
    """What is known of the classes: the names of their fields, and the patterns of dates and times."""

    names: frozenset[str]
    lexical: tuple[str, ...]


def _distinct(class_name: str, instance: Any, errors: Iterable[Mapping[str, Any]], known: _Known) -> list[Violation]:
    """One finding for each place and code; what the members of a union refuse one and all is one of any_of."""
    found: dict[tuple[str, str], Violation] = {}
    members: dict[str, set[str]] = {}
    for error in errors:
        violation, member = _violation(class_name, instance, error, known)
        pointer = str(violation.location and violation.location.pointer)
        if member is not None:
            members.setdefault(pointer, set()).add(member)
        found.setdefault((violation.code, pointer), violation)
    for pointer in (each for each, names in members.items() if len(names) > 1):
        own = [key for key in found if key[1] == pointer and key[0] != "VAL009"]
        for key in own[1:]:
            del found[key]
        if own:
            text = "no part of any_of holds"
            found = {
                key: replace(each, code="VAL010", constraint="any_of", message=_said(class_name, each.slot, text))
                if key == own[0] else each
                for key, each in found.items()
            }  # fmt: skip
    return list(found.values())


def _violation(class_name: str, instance: Any, error: Mapping[str, Any], known: _Known) -> tuple[Violation, str | None]:
    """An error as a finding; and the member of a union that it comes from, where it stands at the union itself."""
    names = known.names | {error["loc"][-1]} if error["type"] == "extra_forbidden" else known.names
    pointer, slot, value, member = _place(instance, error["loc"], names)
    code, constraint, text = _meaning(error)
    kind, limits = error["type"], error.get("ctx", {})
    if code == "VAL001" and kind == "missing":
        slot = str(error["loc"][-1])
    elif kind == "too_short" and limits.get("actual_length") == 0 and limits.get("min_length") == 1:
        code, constraint, text = "VAL001", "required", "expected a value, found an empty list"
    elif kind == "string_pattern_mismatch" and limits.get("pattern") in known.lexical:
        code, constraint, text = "VAL003", "range", "expected a date, time or both"
    if "[key]" in error["loc"]:
        code, constraint, text = "VAL014", "inlined", "expected an identifier as key"
    if value is None and kind not in ("missing", "extra_forbidden") and isinstance(error["loc"][-1:], tuple):
        if error["loc"] and slot == error["loc"][-1] and code in _OF_VALUES:
            code, constraint, text = "VAL001", "required", "expected a value, but it is null"
    elif pointer and isinstance(value, list) and kind not in ("dict_type", "values") and code in _OF_VALUES:
        code, constraint, text = "VAL009", "multivalued", "expected one value"
    if value is not None:
        text = f"{text}, found {shape(value)}"
    found = Violation(
        code=code,
        message=_said(class_name, slot, text),
        location=Location(pointer=pointer),
        class_name=class_name,
        slot=slot,
        constraint=constraint,
    )
    return found, member


_OF_VALUES: Final = frozenset({
    "VAL003", "VAL004", "VAL005", "VAL006", "VAL008", "VAL010", "VAL014", "VAL015", "VAL016",
})  # fmt: skip
"""Codes of faults that a single value has; a list, or null, in its place is that first."""


def _said(class_name: str, slot: str | None, text: str) -> str:
    about = f"slot '{slot}' of an object in '{class_name}'" if slot else f"'{class_name}'"
    return f"{about}: {text}"


def _place(instance: Any, steps: Sequence[str | int], names: frozenset[str]) -> tuple[str, str | None, Any, str | None]:
    """Pointer, slot and value that pydantic's ``loc`` leads to, and the member of a union that it ends in."""
    pointer, here = "", instance
    slot: str | None = None
    member: str | None = None
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
            member = str(step)
            continue
        member = None
        pointer = pointer_to(pointer, step)
    return pointer, slot, here, member


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
