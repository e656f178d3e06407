"""NDJSON: one value a line, and a line that cannot be read never affects its neighbours."""

from __future__ import annotations

import json
import tracemalloc
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from semantics.errors import SourceError
from semantics.records import Record
from semantics.sources import Limits, ReadOptions, Selector, parse_selector_path
from semantics.sources.json_lines import ndjson_records


def select(path: str, name: str | None = None, by: str | None = None, has: tuple[str, ...] = ()) -> Selector:
    return Selector(parse_selector_path(path), name, by, has)


def chunked(document: bytes, size: int) -> Iterator[bytes]:
    return (document[start : start + size] for start in range(0, len(document), size))


def read(document: bytes, *selectors: Selector, limits: Limits | None = None, size: int = 1 << 18) -> list[Record]:
    options = ReadOptions(selectors=selectors, limits=limits or Limits())
    records = list(ndjson_records(chunked(document, size), "in.ndjson", options))
    for record in records:
        assert record.byte is not None
        assert record.line == document.count(b"\n", 0, record.byte) + 1
        assert record.raw is None or document[record.byte : record.byte + len(record.raw)] == record.raw
    return records


def codes(records: list[Record]) -> list[str | None]:
    return [record.fault.code if record.fault else None for record in records]


def test_a_record_knows_its_line_byte_and_bytes() -> None:
    found = read(b'\xef\xbb\xbf{"a":1}\r\n\n \t\r\n[2]\n  {"a": 3} ')
    assert [(record.number, record.line, record.byte, record.raw) for record in found] == [
        (1, 1, 3, b'{"a":1}'),
        (2, 4, 17, b"[2]"),
        (3, 5, 21, b'  {"a": 3} '),
    ]
    assert [record.pointer for record in found] == [None] * 3


@pytest.mark.parametrize("document", [b"", b"\n\n", b"\xef\xbb\xbf", b" \r\n"])
def test_no_line_is_no_record(document: bytes) -> None:
    assert read(document) == []


def test_a_line_may_hold_any_value() -> None:
    assert [record.data for record in read(b'1\nnull\n"x"\n[1,2]\n1.50\n')] == [1, None, "x", [1, 2], Decimal("1.50")]


def test_a_fault_names_its_column() -> None:
    (record,) = read('{"é": 1, "b": tru}'.encode())
    assert str(record.fault).startswith("in.ndjson:1:")
    assert record.fault is not None
    assert record.fault.location is not None
    assert (record.fault.location.column, record.fault.location.pointer) == (18, None)


POISON = [
    b"{",
    b'{"id":1,"na',
    b'{"id":1,',
    b'{"id":',
    b"[1,",
    b"}",
    b"nope",
    b'{"a":1}{"b":2}',
    b'{"a":1,"a":2}',
    b'{"a":"\xff"}',
    b'{"a":"\x01"}',
    b'{"a":"\\ud800"}',
    b'{"v":1e400}',
    b"[" * 50_000,
    b"\x00",
    b"\xef\xbb\xbf{",
    b'"' + b"x" * 300_000,
    b"\x1e{}",
    b"\x0c",
]


@pytest.mark.parametrize("poison", POISON, ids=range(len(POISON)))
@pytest.mark.parametrize("at", [0, 1, 3])
def test_a_bad_line_leaves_its_neighbours_alone(poison: bytes, at: int) -> None:
    lines = [b'{"id": %d}' % number for number in range(3)]
    lines.insert(at, poison)
    found = read(b"\n".join(lines), limits=Limits(record_bytes=200_000))
    assert [record.data for record in found if not record.fault] == [{"id": 0}, {"id": 1}, {"id": 2}]
    assert [record.number for record in found if record.fault] == [at + 1]


@pytest.mark.parametrize(
    "document",
    [
        b'{\n  "id": "1"\n}\n',
        b'[\n  {"id": 1},\n  {"id": 2}\n]\n',
        b'\n{"a": [\n1,\n2]}\n',
        b'\xef\xbb\xbf{ "a": 1,\r\n\r\n  "b": 2 }',
    ],
)
def test_pretty_printed_json_is_told_from_ndjson(document: bytes) -> None:
    with pytest.raises(SourceError) as ended:
        read(document)
    finding = ended.value.diagnostics[0]
    assert (finding.code, finding.hint) == ("SRC008", "file is JSON, not NDJSON: read it as json")


def test_a_long_line_is_skipped_in_flat_memory() -> None:
    def blocks() -> Iterator[bytes]:
        yield b'{"id": 1}\n{"x": "'
        for _ in range(300):
            yield b"y" * 100_000
        yield b'"}\n{"id": 2}\n'

    tracemalloc.start()
    try:
        options = ReadOptions(limits=Limits(record_bytes=1_000_000))
        found = list(ndjson_records(blocks(), "in", options))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert codes(found) == [None, "SRC024", None]
    assert (found[1].raw, found[2].line, found[2].byte) == (None, 3, 10 + 30_000_009 + 1)
    assert "30000009 bytes" in str(found[1].fault)
    assert peak < 4_000_000


def test_the_limit_of_a_line_is_exact() -> None:
    document = b'{"a": "xxx"}\n{"a": "xxxx"}\n{"a": "xxx"}'
    for size in (1, 5, 12, 13, 1000):
        assert codes(read(document, limits=Limits(record_bytes=12), size=size)) == [None, "SRC024", None]
        assert codes(read(document, limits=Limits(record_bytes=13), size=size)) == [None, None, None]


# -- envelopes ---------------------------------------------------------------------------------


def test_an_envelope_line_gives_its_records_with_their_exact_bytes() -> None:
    document = b'{"id":0}\n{"Data": {"Account": [{"a": 1}, {"a":2}]}}\n{"bare": 1}\n{"Data":{"Account":[]}}\n'
    found = read(document, select("Data.Account[*]", "Account"))
    assert [(record.line, record.pointer, record.class_name, record.raw) for record in found] == [
        (1, None, None, b'{"id":0}'),
        (2, "/Data/Account/0", "Account", b'{"a": 1}'),
        (2, "/Data/Account/1", "Account", b'{"a":2}'),
        (3, None, None, b'{"bare": 1}'),
    ]
    assert [record.number for record in found] == [1, 2, 3, 4]


def test_a_fault_in_an_envelope_is_one_of_its_record() -> None:
    found = read(b'{"a": [{"x": 1}, {"x": 1, "x": 2}, {"x": 1e999}, {"x": 3}]}', select("a[*]", "A"))
    assert codes(found) == [None, "SRC020", "SRC023", None]
    assert [record.class_name for record in found] == ["A"] * 4
    assert found[1].fault is not None
    assert found[2].fault is not None
    assert str(found[1].fault.location) == "in.ndjson:1:31#/a/1/x"
    assert str(found[2].fault.location) == "in.ndjson:1:36#/a/2/x"


@pytest.mark.parametrize(
    ("line", "code"),
    [(b'{"a": [{"x": 1}, {"x": ]}', "SRC004"), (b'{"a": [1], "a": [2]}', "SRC007"), (b'{"a": [1]} x', "SRC004")],
)
def test_an_envelope_that_is_broken_is_one_fault(line: bytes, code: str) -> None:
    found = read(b'{"a": [0]}\n' + line + b'\n{"a": [9]}', select("a[*]"))
    assert codes(found) == [None, code, None]
    assert (found[1].raw, found[2].data) == (line, 9)


def test_a_bare_value_is_a_record_whatever_is_looked_for() -> None:
    assert [record.data for record in read(b'5\n"x"\nnull\n', select("a[*]"), select("a.b"))] == [5, "x", None]


def test_a_selector_of_the_whole_line_tells_its_class() -> None:
    document = b'{"t": "A"}\n{"t": "B", "x": 1}\n{"y": 1}\n{"t": "C", "t": "D"}\n'
    found = read(document, select("", "WithX", has=("x",)), select("", by="t"))
    assert [record.class_name for record in found] == ["A", "WithX", None, "D"]
    assert codes(found) == [None, None, None, "SRC020"]


# -- any records, any chunks, any poison -------------------------------------------------------

json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.decimals(allow_nan=False, allow_infinity=False, places=3)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=10,
)


def written(value: Any) -> bytes:
    """``value`` as JSON, its decimals with every digit."""
    if isinstance(value, dict):
        return b"{" + b",".join(written(key) + b":" + written(item) for key, item in value.items()) + b"}"
    if isinstance(value, list):
        return b"[" + b", ".join(map(written, value)) + b"]"
    if isinstance(value, Decimal):
        return format(value, "f").encode()
    return json.dumps(value, ensure_ascii=isinstance(value, str) and not value.isprintable()).encode()


def _encodable(value: Any) -> bool:
    try:
        written(value).decode()
        str(value).encode()
    except UnicodeEncodeError:
        return False
    return True


def _unreadable(line: bytes) -> bool:
    if not line.strip(b" \t\r") or line.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff", b"\x28", b"PK")):
        return False
    if line[1:2] == b"\0" or line[:1] == b"\0":
        return False
    try:
        json.loads(line.decode())
    except ValueError:
        return True
    return False


texts = st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=8)
records = st.dictionaries(texts, json_values, max_size=5).filter(_encodable)
poison_lines = st.sampled_from([line for line in POISON if len(line) < 100]) | st.binary(min_size=1, max_size=20).map(
    lambda line: line.replace(b"\n", b"")
).filter(_unreadable)


@given(st.lists(records, max_size=6), st.sampled_from([b"\n", b"\r\n"]), st.integers(1, 40), st.booleans())
def test_records_that_are_written_are_read_back_for_any_chunking(
    values: list[Any], newline: bytes, size: int, final: bool
) -> None:
    document = newline.join(map(written, values)) + newline * final
    found = read(document, size=size)
    assert [(record.data, record.fault) for record in found] == [(value, None) for value in values]
    assert [record.raw for record in found] == list(map(written, values))


@given(st.lists(records | poison_lines, max_size=8), st.integers(1, 40))
def test_poison_never_affects_its_neighbours(lines: list[Any], size: int) -> None:
    # Two lines that are no values of their own may well be one value, printed over several lines.
    assume(len(lines) < 2 or not all(isinstance(line, bytes) for line in lines[:2]))
    document = b"\n".join(line if isinstance(line, bytes) else written(line) for line in lines)
    found = read(document, size=size)
    assert [record.data for record in found if record.fault is None] == [
        line for line in lines if not isinstance(line, bytes)
    ]
    assert len(found) == len(lines)
