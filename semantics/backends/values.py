"""Values, one at a time, as every backend has them: paths walked, codes looked up, templates expanded."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from semantics.backends import Event
from semantics.backends.interpret import interpret
from semantics.errors import shape
from semantics.expressions import operators
from semantics.expressions.bounds import EvaluationError
from semantics.expressions.dialects import STRICT, Dialect
from semantics.expressions.tree import Expr, Path
from semantics.expressions.values import CONVERSIONS, text_of
from semantics.lexical import LexicalError, percent_encoded
from semantics.plan.model import Build, Codes, Plan, Template

__all__ = [
    "UnmappedCode",
    "checked",
    "derived",
    "expand",
    "iri_part",
    "look_up",
    "several",
    "translated",
    "translation",
    "walk",
]


class UnmappedCode(ValueError):
    """A code that the table of its slot does not have, where the mapping says that this is an error."""


def derived(value: Any, many: bool, make: Callable[[dict[str, Any], str], Any]) -> Any:
    """A value with every object in it replaced: itself, or the elements of a list and the values of a mapping.

    ``make`` is told where in the value an object stands, as a JSON Pointer.
    """
    if value is None:
        return None
    if not many:
        return make(value, "") if isinstance(value, dict) else value
    if type(value) is dict:
        counted = enumerate(value.items())
        return {key: make(item, f"/{at}") if type(item) is dict else item for at, (key, item) in counted}
    items = value if type(value) is list else [value]
    return [make(item, f"/{at}") if type(item) is dict else item for at, item in enumerate(items)]


def several(values: list[Any], many: bool) -> Any:
    """The values that are something: all of them, or the first."""
    found = [value for value in values if value is not None]
    return found if many else found[0] if found else None


def checked(build: Build, value: Any) -> Any:
    """An element that rules go over: an object, or a scalar of a list of scalars."""
    over = build.over
    if over is not None and over.type.kind == "object" and type(value) is not dict:
        raise EvaluationError(f"expected an object, found {shape(value)}")
    return value


def walk(path: Path, variables: dict[str, Any]) -> Any:
    """The raw value at a path; converting it is the slot's business."""
    value = variables[path.variable]
    for name, many in zip(path.steps, path.lists, strict=True):
        value = operators.step(value, name, many, path.wrap)
    return value


def look_up(codes: Codes, value: Any, name: str, events: list[Event]) -> Expr | bool | None:
    """The target of a code, a literal or an expression; None for null; True where the value passes as it is."""
    if type(value) in (dict, list):
        raise LexicalError(f"expected a code, found {shape(value)}")
    code = text_of(value)
    found = codes.table.get(code)
    if found is not None:
        return None if found.value is None else found
    if code in codes.computed:
        return codes.computed[code]
    events.append(("unmapped", name, code))
    if codes.unmapped == "error":
        raise UnmappedCode(f"a code ({shape(value)}) has no entry in the mapping")
    return True if codes.unmapped == "pass" else None


def translation(plan: Plan, events: list[Event]) -> Callable[[str, Any], Any]:
    """What looks a code up in one of the code maps of a plan, for the variable :data:`CODE_MAPS`."""

    def look(name: str, code: Any) -> Any:
        table = plan.code_maps[name]
        return translated(code, (table.codes, name, table.passes, table.otherwise), events)

    return look


def translated(value: Any, code_map: tuple[dict[str, str | None], str, bool, str | None], events: list[Event]) -> Any:
    """The target of a code, or of each of a list, by a code map: its table, its name, and what it says of other codes.

    What the table does not have is told to the ledger under the name.
    """
    if value is None:
        return None
    if type(value) is list:
        return [translated(item, code_map, events) for item in value]
    if type(value) is dict:
        raise LexicalError(f"expected a code, found {shape(value)}")
    codes, name, passes, otherwise = code_map
    code = text_of(value)
    if code in codes:
        return codes[code]
    events.append(("unmapped", f"code_maps.{name}", code))
    return code if passes else otherwise


def expand(
    template: Template,
    variables: dict[str, Any],
    trace: Callable[[Expr, Any], None] | None = None,
    dialect: Dialect = STRICT,
) -> str | None:
    """The IRI of a template; null when a value is null."""
    parts: list[str] = []
    for part in template.parts:
        if part.value is None:
            parts.append(part.text or "")
            continue
        value = interpret(part.value, variables, trace, dialect)
        if value is None:
            return None
        parts.append(iri_part(value, part.keep_reserved))
    return CONVERSIONS["uri"]("".join(parts))  # type: ignore[no-any-return]


def iri_part(value: Any, keep_reserved: bool) -> str:
    """A value as it stands in an IRI (RFC 6570); an empty one would make two things one."""
    text = text_of(value)
    if not text:
        raise LexicalError("an empty text cannot identify anything")
    return percent_encoded(text, keep_reserved=keep_reserved)
