"""Values as JSON text, and back."""

from __future__ import annotations

import json as standard
from decimal import Decimal
from typing import Any

from semantics.expressions import bounds
from semantics.expressions.bounds import BoundError, EvaluationError
from semantics.expressions.operators import bounded
from semantics.expressions.registry import define
from semantics.expressions.types import ANY
from semantics.expressions.values import text_of


class _Text:
    """The canonical text of a value, made piece by piece, no longer than the bound."""

    def __init__(self) -> None:
        self.pieces: list[str] = []
        self.length = 0

    def add(self, piece: str) -> None:
        self.length += len(piece)
        bounds.text_characters(self.length)
        self.pieces.append(piece)

    def value(self, value: Any, depth: int = 0) -> None:
        """Append the text of a value."""
        if depth > bounds.DEPTH:
            raise BoundError(f"a value is nested deeper than {bounds.DEPTH} levels")
        match value:
            case None:
                self.add("null")
            case dict():
                self.add("{")
                for at, key in enumerate(sorted(value)):
                    self.add(f"{',' if at else ''}{standard.dumps(key, ensure_ascii=False)}:")
                    self.value(value[key], depth + 1)
                self.add("}")
            case list():
                self.add("[")
                for at, item in enumerate(value):
                    self.add("," if at else "")
                    self.value(item, depth + 1)
                self.add("]")
            case bool() | int() | float() | Decimal():
                self.add(text_of(value))
            case _:
                self.add(standard.dumps(text_of(value), ensure_ascii=False))


@define("json(any)", "string", ("json([1.50, null])", "'[1.50,null]'"), ("json(['é'])", "'[\"é\"]'"),
       ("json([])", "'[]'"), ("json(null)", "null"))  # fmt: skip
def json(value: Any) -> str:
    """The JSON text of a value, always the same: keys sorted, no white space, every digit of a decimal kept."""
    text = _Text()
    text.value(value)
    return "".join(text.pieces)


def _nesting(text: str) -> None:
    """Refuse what is too long, or could be too deep: a bracket inside a text counts too until it is parsed."""
    bounds.text_characters(len(text))
    if text.count("[") + text.count("{") > bounds.LIST_ITEMS:
        raise BoundError(f"from_json() takes at most {bounds.LIST_ITEMS} lists and objects")


def _checked(value: Any, depth: int) -> Any:
    if depth > bounds.DEPTH:
        raise BoundError(f"a value is nested deeper than {bounds.DEPTH} levels")
    if isinstance(value, dict):
        return {key: _checked(item, depth + 1) for key, item in value.items()}
    if isinstance(value, list):
        bounds.list_items(len(value))
        return [_checked(item, depth + 1) for item in value]
    return bounded(value) if type(value) in (int, Decimal) else value


@define("from_json(string)", lambda _: ANY, ("from_json('[1.50, null]')", "[1.50, null]"), ("from_json('[]')", "[]"),
        ("from_json('\"é\"')", "'é'"), cost=_nesting)  # fmt: skip
def from_json(text: str) -> Any:
    """The value of a JSON text (RFC 8259); numbers with a point are decimals, a repeated key is an error."""
    import jiter

    try:
        value = jiter.from_json(
            text.encode(), allow_inf_nan=False, cache_mode="none", catch_duplicate_keys=True, float_mode="decimal"
        )
    except ValueError:
        raise EvaluationError("from_json(): the text is not JSON, or is nested too deeply") from None
    return _checked(value, 0)
