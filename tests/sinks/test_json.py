"""JSON outputs hold the data exactly, or say that they cannot."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from semantics.lexical import LexicalError
from semantics.records import Instance
from semantics.schema.model import SchemaModel
from semantics.sinks.json import json_bytes, sorted_json_text

Encode = Callable[..., bytes]


def test_an_array_has_an_instance_a_line(encode: Encode, schema: SchemaModel) -> None:
    written = encode("json", schema, Instance("Value", {"unit": "kg"}), Instance("Value", {"number": 1}))
    assert b'[\n{"unit":"kg"},\n{"number":1}\n]\n' == written


@pytest.mark.parametrize(("name", "empty"), [("json", b"[]\n"), ("ndjson", b""), ("ntriples", b"")])
def test_an_empty_run_gives_an_empty_output(encode: Encode, schema: SchemaModel, name: str, empty: bytes) -> None:
    assert empty == encode(name, schema)


def test_lines_have_an_object_each_with_keys_in_their_order(encode: Encode, schema: SchemaModel) -> None:
    written = encode("ndjson", schema, Instance("Value", {"b": "\u2028\n", "a": None}), Instance("Value", {}))
    assert '{"b":"\u2028\\n","a":null}\n{}\n'.encode() == written


@pytest.mark.parametrize(
    "text", ["123456789012345678901234567890.12345678901234567890", "-0.0", "0.10", "1E+3", "18446744073709551616"]
)
def test_decimals_keep_every_digit(text: str) -> None:
    assert text.encode() == json_bytes(Decimal(text))


@pytest.mark.parametrize(
    "value",
    [float("nan"), float("inf"), float("-inf"), Decimal("NaN"), Decimal("sNaN1"), Decimal("-Infinity")],
    ids=str,
)
@pytest.mark.parametrize("wrap", [lambda v: v, lambda v: {"a": [{"b": v}]}, lambda v: [None, v]])
def test_a_number_that_is_not_finite_is_refused(value: object, wrap: Callable[[object], object]) -> None:
    with pytest.raises(LexicalError, match="not finite"):
        json_bytes(wrap(value))


def test_text_that_reads_like_such_a_number_is_text() -> None:
    assert b'["NaN","Infinity","null",null]' == json_bytes(["NaN", "Infinity", "null", None])


@pytest.mark.parametrize("value", ["\ud800", {"\udfff": 1}, ["ok", {"a": "x\ud83d"}]])
def test_half_of_a_surrogate_pair_is_refused(value: object) -> None:
    with pytest.raises(LexicalError, match="surrogate"):
        json_bytes(value)


def test_nesting_without_end_is_refused() -> None:
    value: list[Any] = []
    value.append(value)
    with pytest.raises(LexicalError, match="deeply"):
        json_bytes(value)


def test_sorted_text_does_not_depend_on_the_order_of_keys() -> None:
    assert '{"a":[{"c":1.10,"d":2}],"b":null}' == sorted_json_text({"b": None, "a": [{"d": 2, "c": Decimal("1.10")}]})


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.decimals(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(VALUES)
def test_what_is_read_back_is_what_was_written(value: object) -> None:
    def plain(item: Any) -> Any:
        if isinstance(item, dict):
            return [(key, plain(inner)) for key, inner in item.items()]
        if isinstance(item, list):
            return [plain(inner) for inner in item]
        if isinstance(item, float | Decimal | int) and not isinstance(item, bool):
            number = Decimal(str(item))
            return (number.is_signed(), number)
        return item

    read = json.loads(json_bytes(value), parse_float=Decimal)
    assert plain(value) == plain(read)
