"""Tables as people send them: dialects and encodings are told, never guessed, and bytes and places stay exact."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from semantics.errors import SourceError, UsageError
from semantics.lexical import FROM_TEXT, LexicalError, Primitive
from semantics.plan.tables import ENCODINGS, TableDialect
from semantics.records import Record
from semantics.sources import Limits, ReadOptions, TableShape
from semantics.sources.numbers import number_reader
from semantics.sources.stream import line_chunks
from semantics.sources.table import table_records


def chunked(document: bytes, size: int) -> Iterator[bytes]:
    return (document[start : start + size] for start in range(0, len(document), size))


def read(document: bytes, size: int = 1 << 18, limits: Limits | None = None, **told: Any) -> list[Record]:
    dialect = TableDialect().overruled(told)
    options = ReadOptions(dialect=dialect, limits=limits or Limits())
    records = list(table_records(chunked(document, size), "in.csv", options, ","))
    for record in records:
        assert record.byte is not None
        assert record.raw is None or document[record.byte : record.byte + len(record.raw)] == record.raw
    return records


def values(records: list[Record]) -> list[Any]:
    return [list(record.data.values()) if record.fault is None else record.fault.code for record in records]


# -- dialects ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("told", "document", "rows"),
    [
        ({"delimiter": ";"}, b'a;b\n1;"2;3"\n', [["1", "2;3"]]),
        ({"quote_char": "'"}, b"a,b\n'x,''y''',\"z\n", [["x,'y'", '"z']]),
        ({"quote_char": ""}, b'a,b\n"x,y"\n', [['"x', 'y"']]),
        ({"double_quote": False}, b'a,b\n"x\\"y","\\\\"\n"\\n",1\n', [['x"y', "\\"], "SRC093"]),
        ({"double_quote": False}, b'a,b\n"x\\",\n1,2\n",3\n', [['x",\n1,2\n', "3"]]),
        ({"columns": ["a", "b"]}, b"1,2\n3\n", [["1", "2"], "SRC040"]),
        ({"comment_prefix": "#"}, b'# made\na,b\n#1,2\n3,"\n#4"\n', [["3", "\n#4"]]),
        ({"comment_prefix": "//"}, b"a,b\n//\n/,2\n", [["/", "2"]]),
        ({"skip_rows": 2}, b'Sales "2024\n\na,b\n1,2\n', [["1", "2"]]),
        ({"skip_rows": 9}, b"a,b\n1,2\n", "SRC002"),
        ({"skip_rows": 1, "columns": ["a", "b"]}, b"x\n1,2\n", [["1", "2"]]),
        ({"trim": True}, b'a , b\n 1 ,\t2\n "x" , " y " \n , \n', [["1", "2"], ["x", " y "], [None, None]]),
        ({"trim": True, "delimiter": "\t"}, b'a\t b\n 1 \t\n "x"\t"y"\n', [["1", None], ["x", "y"]]),
    ],
)
@pytest.mark.parametrize("size", [1, 7, 1 << 18])
def test_a_table_is_read_in_the_dialect_that_is_told(
    told: dict[str, Any], document: bytes, rows: Any, size: int
) -> None:
    if isinstance(rows, str):
        with pytest.raises(SourceError, match=rows):
            read(document, size, **told)
    else:
        assert values(read(document, size, **told)) == rows


@pytest.mark.parametrize(
    ("told", "code", "hint"),
    [
        ({"delimiter": "ab"}, "SRC014", None),
        ({"delimiter": '"'}, "SRC014", None),
        ({"quote_char": "''"}, "SRC092", None),
        ({"quote_char": ";", "delimiter": ";"}, "SRC014", None),
        ({"header": False}, "SRC092", "name them"),
        ({"header": True, "columns": ["a"]}, "SRC092", "leave the names to the header"),
        ({"columns": ["a", "a"]}, "SRC092", None),
        ({"comment_prefix": "\n"}, "SRC092", None),
        ({"skip_rows": -1}, "SRC092", None),
        ({"decimal_char": "1"}, "SRC092", None),
        ({"group_char": "."}, "SRC092", None),
        ({"encoding": "latin1"}, "SRC090", "did you mean 'iso-8859-1'?"),
        ({"encoding": "cp1252"}, "SRC090", "did you mean 'windows-1252'?"),
        ({"encoding": "utf8"}, "SRC090", "did you mean 'utf-8'?"),
        ({"encoding": "rot13"}, "SRC090", "known: utf-8"),
        ({"encoding": "utf-7"}, "SRC090", "known: utf-8"),
    ],
)
def test_a_dialect_that_cannot_be_is_refused(told: dict[str, Any], code: str, hint: str | None) -> None:
    with pytest.raises(UsageError) as ended:
        read(b"a,b\n1,2\n", **told)
    found = ended.value.diagnostics[0]
    assert found.code == code
    assert hint is None or hint in str(found.hint)


@pytest.mark.parametrize(
    ("told", "cell", "value"),
    [
        ({"decimal_char": ","}, "1,50", "1.50"),
        ({"decimal_char": ","}, "1.50", None),
        ({"decimal_char": ",", "group_char": "."}, "-1.234.567,50", "-1234567.50"),
        ({"decimal_char": ",", "group_char": "."}, "1.50", None),
        ({"group_char": ","}, "1,234", "1234"),
        ({"group_char": ","}, "12,34,567.5", "1234567.5"),
        ({"group_char": ","}, "1,23", None),
        ({"group_char": ","}, "1234,567", None),
        ({"group_char": ","}, "1,234.5,6", None),
        ({"group_char": ","}, ",234", None),
        ({"group_char": " "}, "1 234", "1234"),
        ({"group_char": "\u202f", "decimal_char": ","}, "1\u202f234,5", "1234.5"),
        ({"group_char": "'"}, "1_234", None),
        ({}, "1.5", "1.5"),
    ],
)
def test_numbers_are_read_as_they_are_told_to_be_written(told: dict[str, Any], cell: str, value: str | None) -> None:
    reads = number_reader(Primitive.DECIMAL, FROM_TEXT[Primitive.DECIMAL], TableDialect(**told))
    if value is None:
        with pytest.raises(LexicalError):
            reads(cell)
    else:
        assert str(reads(cell)) == value


def test_text_and_dates_are_no_numbers_in_any_dialect() -> None:
    dialect = TableDialect(decimal_char=",", group_char=".")
    assert number_reader(Primitive.DATE, FROM_TEXT[Primitive.DATE], dialect) is FROM_TEXT[Primitive.DATE]


# -- encodings ---------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", sorted(set(ENCODINGS) - {"us-ascii", "utf-16"}))
@pytest.mark.parametrize("size", [1, 5, 1 << 18])
def test_a_table_in_any_encoding_is_read_with_exact_bytes(encoding: str, size: int) -> None:
    codec = ENCODINGS[encoding]
    letter = next(letter for letter in "é№яςשไ水한ش" if _has(letter, codec))
    document = f'id,name\r\n1,{letter}\n2,"{letter}\n,""{letter}"""\r\n\n3,x'.encode(codec)
    found = read(document, size, encoding=encoding)
    assert values(found) == [["1", letter], ["2", f'{letter}\n,"{letter}"'], ["3", "x"]]
    assert [record.line for record in found] == [2, 3, 6]
    told = TableDialect().encoding == encoding
    assert (found[0].envelope is None) == told


def _has(letter: str, codec: str) -> bool:
    try:
        letter.encode(codec)
    except UnicodeEncodeError:
        return False
    return True


@pytest.mark.parametrize(
    ("encoding", "document", "faults"),
    [
        ("us-ascii", b"a,b\n1,\xe9\n2,x\n", [(2, 3)]),
        ("windows-1252", b"a,b\n1,\x81\n2,\xe9\n", [(2, 3)]),
        ("utf-8", b"a,b\n1,\xe9\n2,x\n", [(2, 3)]),
        ("shift_jis", b'a,b\n1,"\x82"\n2,x\n', [(2, None)]),
        ("gb18030", b"a,b\n1,\xff\n2,x\n", [(2, 3)]),
        ("utf-16le", "a,b\n1,".encode("utf-16-le") + b"\x00\xd8" + "\n2,x\n".encode("utf-16-le"), [(2, 3)]),
    ],
)
def test_a_byte_that_is_not_of_the_encoding_is_a_fault_of_its_record(
    encoding: str, document: bytes, faults: list[tuple[int, int | None]]
) -> None:
    found = read(document, encoding=encoding)
    code = "SRC003" if encoding == "utf-8" else "SRC091"
    places = [(record.line, record.fault.location.column) for record in found if record.fault and record.fault.location]
    assert ([record.fault.code if record.fault else None for record in found], places) == ([code, None], faults)
    assert found[0].raw is not None


@pytest.mark.parametrize(
    ("encoding", "document", "code"),
    [
        ("utf-16", "a,b\n1,2\n".encode("utf-16-le"), "SRC091"),
        ("windows-1252", "a,b\n".encode("utf-8-sig"), "SRC091"),
        ("iso-8859-1", "a,b\n".encode("utf-16"), "SRC091"),
        ("utf-8", "a,b\n".encode("utf-16"), "SRC003"),
    ],
)
def test_a_text_that_begins_otherwise_than_told_is_refused(encoding: str, document: bytes, code: str) -> None:
    with pytest.raises(SourceError) as ended:
        read(document, encoding=encoding)
    assert ended.value.diagnostics[0].code == code


def test_a_byte_order_mark_is_no_part_of_the_first_name() -> None:
    for encoding, codec in {"utf-16le": "utf-16-le", "utf-16be": "utf-16-be", "utf-8": "utf-8"}.items():
        (record,) = read("\ufeffid\n1\n".encode(codec), encoding=encoding)
        assert record.data == {"id": "1"}


# -- what holds for any table --------------------------------------------------------------------

cells = st.text(st.sampled_from("ab\"',;\n #\\é\x0b\u2028"), max_size=4)
tables = st.integers(1, 3).flatmap(lambda width: st.lists(st.lists(cells, min_size=width, max_size=width), max_size=5))


@given(
    tables, st.sampled_from([",", ";", "\t", "|"]), st.sampled_from(['"', "'"]), st.integers(1, 40),
    st.sampled_from(["utf-8", "utf-16le", "utf-16be", "gb18030"]),
)  # fmt: skip
def test_what_is_written_in_a_dialect_is_read_back_in_it_whatever_the_chunks(
    rows: list[list[str]], delimiter: str, quote: str, size: int, encoding: str
) -> None:
    width = len(rows[0]) if rows else 1
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=delimiter, quotechar=quote, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerows([[f"c{number}" for number in range(width)], *rows])
    document = text.getvalue().encode(ENCODINGS[encoding])
    found = read(document, size, delimiter=delimiter, quote_char=quote, encoding=encoding)
    assert values(found) == [[cell or None for cell in row] for row in rows]


@given(
    st.lists(st.sampled_from([b"1,2", b'"1",2', b'"\n",2', b"1", b'"1"x,2', b"\xff,2", b"#", b"", b" 1 , 2 ", b"a\0,"]),
             max_size=12),
    st.integers(1, 30),
    st.sampled_from([{}, {"comment_prefix": "#"}, {"trim": True}, {"double_quote": False}, {"encoding": "koi8-r"}]),
)  # fmt: skip
def test_whole_blocks_and_single_rows_are_cut_alike(lines: list[bytes], size: int, told: dict[str, Any]) -> None:
    document = b"\n".join([b"a,b", *lines])

    def verdict(step: int) -> list[Any]:
        return [
            (record.data, record.raw, record.line, record.byte, record.fault) for record in read(document, step, **told)
        ]

    assert verdict(1 << 18) == verdict(size)


@given(st.text(st.sampled_from("a\n\u0a0a\u0a00"), max_size=12), st.integers(1, 9))
def test_lines_of_wide_characters_end_at_newlines_and_nothing_else(text: str, size: int) -> None:
    for codec in ("utf-16-le", "utf-16-be"):
        blocks = chunked(text.encode(codec), size)
        lines = [line for chunk in line_chunks(blocks, 100, "\n".encode(codec)) for line in chunk]
        expected = text.split("\n")
        assert [bytes(line).decode(codec) for line in lines if isinstance(line, bytes)] == (
            expected if expected[-1] else expected[:-1]
        )


def test_limits_hold_in_any_encoding() -> None:
    document = "a,b\n1234567890,1\n2,3\n".encode("utf-16-le")
    found = read(document, limits=Limits(record_bytes=20), encoding="utf-16le")
    assert values(found) == ["SRC024", ["2", "3"]]


def test_columns_that_are_paths_make_nested_objects() -> None:
    shape = TableShape("A", (None, None, None), paths=(("id",), ("at", "x"), ("at", "y", "z")))
    options = ReadOptions(tabular=lambda header, name: shape)
    records = table_records(iter([b"id,at.x,at.y.z\n1,2,3\n4,,\n,5,\n"]), "in.csv", options, ",")
    assert [record.data for record in records] == [
        {"id": "1", "at": {"x": "2", "y": {"z": "3"}}},
        {"id": "4"},
        {"id": None, "at": {"x": "5"}},
    ]
