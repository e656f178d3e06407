"""One JSON value: exact, strict, and bounded."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from semantics.sources import Limits
from semantics.sources.values import Unreadable, check_syntax, value_reader

read = value_reader(Limits())


def nested(levels: int) -> bytes:
    return b"[" * levels + b"]" * levels


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        (b"7887.20", Decimal("7887.20")),
        (b"1e5", Decimal("1E+5")),
        (b"1e308", Decimal("1E+308")),
        (b"-1.5E-308", Decimal("-1.5E-308")),
        (b"0.1000000000000000055511151231257827", Decimal("0.1000000000000000055511151231257827")),
        (b"123456789012345678901234567890", 123456789012345678901234567890),
        (b"9" * 4000, 10**4000 - 1),
        (b"-0", 0),
        (b"true", True),
        (b'"\\u0000\\ud83d\\ude00"', "\0\U0001f600"),
        ('"\u2028\x7f\ufeff"'.encode(), "\u2028\x7f\ufeff"),
        (b'"1e400 a1e400b"', "1e400 a1e400b"),
        (b" [1 , 2]\r", [1, 2]),
    ],
)
def test_a_value_is_read_exactly(raw: bytes, value: Any) -> None:
    found = read(raw)
    assert (type(value), str(value)) == (type(found), str(found))


@pytest.mark.parametrize(
    ("raw", "code", "pointer", "offset"),
    [
        (b'{"a":1,"a":2}', "SRC020", "/a", 11),
        (b'{"a":1,"\\u0061":2}', "SRC020", "/a", 16),
        (b'{"x":[0,{"b":{"a/b":1, "a/b" : 3}}]}', "SRC020", "/x/1/b/a~1b", None),
        (b'{"v":[1,1e309]}', "SRC023", "/v/1", None),
        (b'{"v":-1E-309}', "SRC023", "/v", None),
        (b'{"v":0E-999999999999999999}', "SRC023", "/v", None),
        (b'{"v":0e+99999}', "SRC023", "/v", None),
        (b'{"a":2,"v":1e99999999999999999999,"w":1}', "SRC023", "/v", None),
        (b"[[1],[2," + b"9" * 5000 + b"]]", "SRC023", "/1/1", None),
        (nested(129), "SRC021", "", 0),
        (b'{"a":' * 2000 + b"1" + b"}" * 2000, "SRC021", "", 0),
        (b"[" * 100_000, "SRC021", "", 0),
    ],
)
def test_a_record_with_a_fault_says_which_and_where(raw: bytes, code: str, pointer: str, offset: int | None) -> None:
    with pytest.raises(Unreadable) as fault:
        read(raw)
    found = fault.value
    assert (code, pointer, False) == (found.code, found.pointer, found.broken)
    assert offset is None or offset == found.offset


@pytest.mark.parametrize(
    ("raw", "offset"),
    [
        (b"", 0),
        (b'{"a":1,}', 7),
        (b"[1,,2]", 3),
        (b"NaN", 0),
        (b"[Infinity]", 1),
        (b"[-Infinity]", 2),
        (b"01", 1),
        (b".5", 0),
        (b"{} x", 3),
        (b'{"a":1}{"b":2}', 7),
        (b'"a\x0bb"', 2),
        (b"{'a':1}", 1),
        (b'{"a"\n 1}', 6),
        (b'"\\ud800"', 7),
        (b'"\\udc00\\ud800"', 6),
        (b'"\xff"', 1),
        (b'"abc\xed\xa0\xbd\xed\xb8\x80"', 4),
        (b'["ok",\xe9]', 6),
        (b'{"a":[1', 7),
    ],
)
def test_what_is_not_json_is_broken_at_its_byte(raw: bytes, offset: int) -> None:
    with pytest.raises(Unreadable) as fault:
        read(raw)
    assert (True, offset) == (fault.value.broken, fault.value.offset)


def test_limits_hold_at_the_limit_and_not_beyond() -> None:
    small = value_reader(Limits(depth=3, keys=4))
    assert small(nested(3)) == [[[]]]
    four = {f"k{number}": number for number in range(4)}
    assert four == small(json.dumps(four).encode())
    assert [four, four] == small(json.dumps([four, four]).encode())
    with pytest.raises(Unreadable) as deep:
        small(nested(4))
    assert "--max-depth" in deep.value.message
    with pytest.raises(Unreadable) as wide:
        small(json.dumps([{**four, "fifth": 5}]).encode())
    assert (wide.value.code, wide.value.pointer) == ("SRC022", "/0")
    assert "--max-keys" in wide.value.message


def test_brackets_in_strings_are_no_levels() -> None:
    text = "[{" * 500 + '\\"['
    assert read(json.dumps({"a": text}).encode()) == {"a": text}


def test_a_message_holds_no_value() -> None:
    secret = b'{"ssn":"123-45-6789","ssn2":"123-45-6789",'
    for tail in (b'"ssn":1}', b'"v":1e999}', b'"v":tru}', b'"v":"\xff"}', b'"v":' + nested(300) + b"}"):
        with pytest.raises(Unreadable) as fault:
            read(secret + tail)
        assert "123" not in f"{fault.value.message} {fault.value.hint} {fault.value.pointer}"


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=20,
)


@given(json_values, st.booleans(), st.sampled_from([None, 1]))
def test_whatever_is_written_is_read_back(value: Any, ascii_only: bool, indent: int | None) -> None:
    raw = json.dumps(value, ensure_ascii=ascii_only, indent=indent).encode("utf-8", "surrogatepass")
    if b"\xed" in raw and _surrogates(raw):
        return
    assert value == read(raw)
    check_syntax(raw)


def _surrogates(raw: bytes) -> bool:
    try:
        raw.decode()
    except UnicodeDecodeError:
        return True
    return False


@given(st.binary(max_size=30) | st.text(alphabet='[]{}",:0123456789.eE+-truefalsn \n\\u', max_size=30).map(str.encode))
def test_our_walk_takes_what_the_parser_takes(raw: bytes) -> None:
    """Deep values are checked by our own walk; it must agree with the parser on everything else."""
    from semantics.sources.values import _walk

    def verdict(check: Any) -> bool:
        try:
            raw.decode()
            check()
        except (Unreadable, UnicodeDecodeError):
            return False
        return True

    assert verdict(lambda: check_syntax(raw)) == verdict(lambda: _walk(raw, len(raw)))


@pytest.mark.parametrize(
    ("inner", "offset"), [(b"1,", 302), (b"tru", 300), (b'{"a" 1}', 305), (b'{"a":1 "b"}', 307), (b"]", 600)]
)
def test_a_deep_value_is_checked_too(inner: bytes, offset: int) -> None:
    with pytest.raises(Unreadable) as fault:
        check_syntax(b"[" * 300 + inner + b"]" * 300)
    assert (True, offset) == (fault.value.broken, fault.value.offset)
