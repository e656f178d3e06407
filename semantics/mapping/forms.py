"""Values of a mapping that are not of the form they must have: what was expected, what was found, and where."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from pydantic import ValidationError

from semantics.errors import Diagnostic, closest, escaped
from semantics.yaml_source import MarkedDocument

__all__ = ["form_of", "wrong_forms"]

Path_ = tuple[str | int, ...]


def wrong_forms(
    fault: ValidationError, document: MarkedDocument, paths: Mapping[Path_, Path_], code: str = "MAP004"
) -> list[Diagnostic]:
    """Pydantic's errors with the place in the file; of the kinds that a value may be of, the first is told."""
    findings: dict[tuple[Path_, str], Diagnostic] = {}
    for error in fault.errors(include_input=False, include_url=False):
        loc: Path_ = tuple(error["loc"])
        length = next((length for length in range(len(loc), -1, -1) if loc[:length] in paths), None)
        path, value = _written(document.data, loc if length is None else (*paths[loc[:length]], *loc[length:]))
        missing = str(loc[-1]) if error["type"] == "missing" else ""
        if (path, missing) in findings:
            continue
        name = missing or next((part for part in reversed(path) if isinstance(part, str)), "")
        message, hint = _said(error, value)
        findings[path, missing] = Diagnostic(
            code, f"'{escaped(name)}' {message}", document.location(path, key=bool(missing)), hint,
            document.line_of(path) or None,
        )  # fmt: skip
    return list(findings.values())


def _written(data: Any, path: Path_) -> tuple[Path_, Any]:
    """The part of a path that the document has, and what stands there; the rest names kinds that a value may be of."""
    for length, step in enumerate(path):
        known = range(len(data)) if isinstance(data, list) else data if isinstance(data, Mapping) else ()
        if step not in known:
            return path[:length], data
        data = data[step]
    return path, data


_EXPECTED: Final = {
    "string_type": "must be text", "bool_type": "must be true or false", "bool_parsing": "must be true or false",
    "int_type": "must be a whole number", "int_parsing": "must be a whole number", "dict_type": "must be a mapping",
    "mapping_type": "must be a mapping",
    "model_type": "must be a mapping", "model_attributes_type": "must be a mapping",
    "list_type": "must be a list", "tuple_type": "must be a list", "missing": "is needed here",
    "extra_forbidden": "is not a key here",
}  # fmt: skip


def _said(error: Any, value: Any) -> tuple[str, str | None]:
    """What was expected and what was found, and the nearest fix."""
    if error["type"] == "literal_error":
        words = re.findall(r"'([^']*)'", error["ctx"]["expected"])
        return f"must be one of: {', '.join(words)}", closest(str(value), words)
    expected = _EXPECTED.get(error["type"])
    if expected is None:
        return f"is not what it must be: {error['msg'][:1].lower()}{error['msg'][1:]}", None
    if error["type"] in ("missing", "extra_forbidden"):
        return expected, None
    quoted = expected == "must be text" and isinstance(value, (bool, int, Decimal))
    return f"{expected}, and this is {form_of(value)}", "quote it" if quoted else None


def form_of(value: Any) -> str:
    """What a message calls the form of a YAML value."""
    match value:
        case None:
            return "empty"
        case bool():
            return "a boolean"
        case int() | Decimal():
            return "a number"
        case str():
            return "text"
    return "a mapping" if isinstance(value, Mapping) else "a list"
