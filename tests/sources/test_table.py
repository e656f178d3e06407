"""CSV and TSV by RFC 4180: strict framing, a header without doubt, faults that stay in their row."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from decimal import Decimal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from semantics.errors import Diagnostic, Location, SourceError
from semantics.lexical import FROM_TEXT, Primitive
from semantics.plan.tables import TableDialect
from semantics.records import Record
from semantics.sources import Limits, ReadOptions, TableShape
from semantics.sources.table import table_records


def chunked(document: bytes, size: int) -> Iterator[bytes]:
    return (document[start : start + size] for start in range(0, len(document), size))


def read(
    document: bytes, options: ReadOptions | None = None, delimiter: str = ",", size: int = 1 << 18
) -> list[Record]:
    records = list(table_records(chunked(document, size), "in.csv", options or ReadOptions(), delimiter))
    for number, record in enumerate(records, 1):
        assert record.byte is not None
        assert record.number == number
        assert record.line == document.count(b"\n", 0, record.byte) + 1
        assert record.raw is None or document[record.byte : record.byte + len(record.raw)] == record.raw
    return records


def codes(records: list[Record]) -> list[str | None]:
    return [record.fault.code if record.fault else None for record in records]


def refused(document: bytes, options: ReadOptions | None = None, delimiter: str = ",") -> Diagnostic:
    with pytest.raises(SourceError) as ended:
        read(document, options, delimiter)
    return ended.value.diagnostics[0]


# -- cells -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("row", "cells"),
    [
        (b"1,2", ["1", "2"]),
        (b'"1","2"', ["1", "2"]),
        (b'"1",2', ["1", "2"]),
        (b'1,"2"', ["1", "2"]),
        (b'"a,b",c', ["a,b", "c"]),
        (b'"say ""hi""","\n"', ['say "hi"', "\n"]),
        (b'"a\r\nb","c\nd"', ["a\r\nb", "c\nd"]),
        (b'"a"",""b","c"', ['a","b', "c"]),
        (b'"",x', [None, "x"]),
        (b'x,""', ["x", None]),
        (b'"",""', [None, None]),
        (b",", [None, None]),
        (b'"""",""""""', ['"', '""']),
        (b'An"n,5" pipe', ['An"n', '5" pipe']),
        (b'a"b","c"', ['a"b"', "c"]),
        (b" x , y", [" x ", " y"]),
        (b'"\r",x', ["\r", "x"]),
        ("é,\u2028\x85\x0b\x1c".encode(), ["é", "\u2028\x85\x0b\x1c"]),
    ],
)
@pytest.mark.parametrize("end", [b"", b"\n", b"\r\n"])
@pytest.mark.parametrize("after", [b"", b"p,q", b'"p","q"'])
def test_a_row_is_cut_by_rfc_4180(row: bytes, cells: list[str | None], end: bytes, after: bytes) -> None:
    found = read(b"a,b\n" + row + end + (after if end else b""))
    assert found[0].data == dict(zip("ab", cells, strict=True))
    assert found[0].raw == row
    assert [record.data for record in found[1:]] == ([{"a": "p", "b": "q"}] if after and end else [])


def test_a_record_knows_its_first_line_and_bytes() -> None:
    found = read(b'\xef\xbb\xbfa,b\r\n\r\n1,"x\r\ny"\r\n\n2,z')
    assert [(record.line, record.byte, record.raw) for record in found] == [(3, 10, b'1,"x\r\ny"'), (6, 21, b"2,z")]


def test_empty_lines_are_skipped_and_an_empty_quoted_cell_is_a_row() -> None:
    assert [record.data for record in read(b'a\n\n1\n\n""\n\n')] == [{"a": "1"}, {"a": None}]


def test_a_header_alone_holds_no_record() -> None:
    assert read(b"a,b") == read(b"a,b\n") == read(b"a,b\r\n\r\n") == []


def test_tabs_delimit_in_tsv_and_commas_do_not() -> None:
    assert [record.data for record in read(b'a\tb\n1,5\t"x\ty"\n', delimiter="\t")] == [{"a": "1,5", "b": "x\ty"}]


def test_a_declared_delimiter_overrules() -> None:
    assert [record.data for record in read(b"a;b\n1,5;x\n", ReadOptions(dialect=TableDialect(delimiter=";")))] == [
        {"a": "1,5", "b": "x"}
    ]


# -- the header --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("header", "code", "hint"),
    [
        (b"", "SRC002", None),
        (b"\r\n\n", "SRC002", None),
        (b"\xef\xbb\xbf", "SRC002", None),
        (b"a,,b", "SRC030", "every column needs a name"),
        (b"a,b,,", "SRC030", "the header ends with a delimiter: remove it here and in every row"),
        (b"a, ,b", "SRC030", "every column needs a name"),
        (b"a,b,a", "SRC031", None),
        (b"a, b", "SRC032", "remove the spaces around the names"),
        (b'a,"b\n"', "SRC032", "remove the spaces around the names"),
        (b"a;b;c", "SRC033", "delimiter looks like ;"),
        (b"a\tb", "SRC033", "delimiter looks like a tab (read it as tsv)"),
        (b"a|b", "SRC033", "delimiter looks like |"),
        (b"# exported", "SRC034", "the first line looks like a comment: remove it, the header comes first"),
        (b"# a, b", "SRC034", "the first line looks like a comment: remove it, the header comes first"),
        (b"a,\xff", "SRC003", "the first row is the header: not UTF-8: byte 0xFF"),
        (b"a,b\0", "SRC042", "the first row is the header: a NUL byte"),
        (b"a,b\r1,2\r", "SRC046", None),
        (b'"a"b,c', "SRC041", None),
    ],
)
def test_a_header_that_cannot_be_used_is_an_error(header: bytes, code: str, hint: str | None) -> None:
    found = refused(header + b"\n1,2\n" if header.strip(b"\r\n\xef\xbb\xbf") else header)
    assert found.code == code
    assert hint is None or found.hint == hint


def test_a_comma_in_a_tsv_header_is_hinted_at() -> None:
    assert refused(b"a,b\n", delimiter="\t").hint == "delimiter looks like , (read it as csv)"


@pytest.mark.parametrize("header", [b"#id,name", b'"# id",name', b'"a;b"', b"a;b,c"])
def test_a_name_may_be_odd(header: bytes) -> None:
    assert read(header + b"\n") == []


def test_everything_wrong_with_a_header_is_said_at_once() -> None:
    with pytest.raises(SourceError) as ended:
        read(b"a,a,, b,\n")
    assert [finding.code for finding in ended.value.diagnostics] == ["SRC030", "SRC032", "SRC031"]


# -- faults ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("row", "code", "place"),
    [
        (b"1", "SRC040", (3, None)),
        (b"1,2,3", "SRC040", (3, None)),
        (b"1,2,", "SRC040", (3, None)),
        (b'"1",2,"3"', "SRC040", (3, None)),
        (b'1,"Bo"b', "SRC041", (3, 7)),
        (b'"1" ,2', "SRC041", (3, 4)),
        (b'"1\n2"x,"3', "SRC041", (4, 3)),
        (b'1,"a\\"b"', "SRC041", (3, 7)),
        (b"1,a\0", "SRC042", (3, 4)),
        (b'1,"a\0"', "SRC042", (3, None)),
        (b"1,\xe9", "SRC003", (3, 3)),
        (b'"1\n2","\xe9"', "SRC003", (4, None)),
        (b'1,\xe9"', "SRC003", (3, None)),
        (b"a\rb,2", "SRC046", (3, 2)),
        (b'"1",a\rb', "SRC046", (3, 6)),
        (b"1,2\r\r", "SRC046", (3, 4)),
    ],
)
def test_a_row_with_a_fault_leaves_its_neighbours_alone(row: bytes, code: str, place: tuple[int, int | None]) -> None:
    found = read(b"a,b\n0,0\n" + row + b"\n9,9\n")
    assert codes(found) == [None, code, None]
    assert (found[1].data, found[1].raw) == (None, row.removesuffix(b"\r"))
    fault = found[1].fault
    assert fault is not None
    assert fault.location is not None
    assert (fault.location.line, fault.location.column) == place
    assert found[2].data == {"a": "9", "b": "9"}


@pytest.mark.parametrize(
    ("document", "line"),
    [
        (b'a,b\n1,"x\n2,y\n', 2),
        (b'a,b\n1,"x"\n"2\n3\n",y\n4,"', 6),
        (b'a,"b\n1,2\n', 1),
        (b'a,b\n1,""x""\n"', 3),
    ],
)
def test_a_quote_that_is_never_closed_is_an_error_at_the_line_that_opens_it(document: bytes, line: int) -> None:
    found = refused(document)
    assert (found.code, found.location) == ("SRC045", Location("in.csv", line))
    assert f"line {line} " in found.message


def test_a_quote_that_stays_open_too_long_is_an_error_in_flat_memory() -> None:
    taken = 0

    def blocks() -> Iterator[bytes]:
        nonlocal taken
        yield b'a,b\n1,"x\n'
        while True:
            taken += 1
            yield b"2,3\n" * 1000

    options = ReadOptions(limits=Limits(field_bytes=100_000))
    with pytest.raises(SourceError) as ended:
        list(table_records(blocks(), "in.csv", options, ","))
    assert "--max-field-bytes" in ended.value.diagnostics[0].message
    assert "line 2 " in ended.value.diagnostics[0].message
    assert taken < 40


def test_limits_hold_at_the_limit_and_not_beyond() -> None:
    document = b'a,b\n12345,1\n"12345",2\n"1\n345",3\n'
    assert codes(read(document, ReadOptions(limits=Limits(field_bytes=5)))) == [None] * 3
    assert codes(read(document[:22], ReadOptions(limits=Limits(field_bytes=4)))) == ["SRC044", "SRC044"]
    assert codes(read(document[:22], ReadOptions(limits=Limits(record_bytes=9)))) == [None, None]
    assert codes(read(document[:22], ReadOptions(limits=Limits(record_bytes=8)))) == [None, "SRC024"]


def test_a_line_over_the_limit_that_opens_a_quote_makes_the_rest_unreadable() -> None:
    limits = ReadOptions(limits=Limits(record_bytes=20))
    assert codes(read(b"a,b\n" + b"x" * 30 + b",2\n3,4\n", limits)) == ["SRC024", None]
    assert refused(b'a,b\n"' + b"x" * 30 + b'\n3,4\n"\n', limits).code == "SRC045"
    assert "--max-record-bytes" in refused(b'a,b\n"x\n' + b"y" * 16 + b"\nz\n", limits).message


# -- typed columns -----------------------------------------------------------------------------


def test_a_table_is_told_what_its_columns_are() -> None:
    asked: list[tuple[tuple[str, ...], str]] = []

    def tabular(header: tuple[str, ...], name: str) -> TableShape:
        asked.append((header, name))
        return TableShape("Reading", (None, FROM_TEXT[Primitive.DECIMAL], FROM_TEXT[Primitive.INTEGER]))

    found = read(b"id,value,count\n007,7887.20,1\n,,\n3,secret,4\n4,5,1.5\n", ReadOptions(tabular=tabular))
    assert asked == [(("id", "value", "count"), "in.csv")]
    assert [record.data for record in found[:2]] == [
        {"id": "007", "value": Decimal("7887.20"), "count": 1},
        {"id": None, "value": None, "count": None},
    ]
    assert str(found[0].data["value"]) == "7887.20"
    assert [record.class_name for record in found] == ["Reading"] * 4
    assert codes(found) == [None, None, "SRC043", "SRC043"]
    assert found[2].fault is not None
    assert found[2].fault.message == "column 'value': expected a decimal number, found string, 6 characters"
    assert found[2].fault.location == Location("in.csv", 4, pointer="/value")


def test_an_unknown_column_is_the_callers_error() -> None:
    def tabular(header: tuple[str, ...], name: str) -> TableShape:
        raise SourceError(Diagnostic("X", "no", Location(name)))

    assert refused(b"a\n1\n", ReadOptions(tabular=tabular)).code == "X"


# -- against the standard library --------------------------------------------------------------

cells = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=6) | st.sampled_from(
    ['"', ",", "\n", "\r\n", '""', '","', "", " ", '",', ',"']
)
tables = st.integers(1, 4).flatmap(lambda width: st.lists(st.lists(cells, min_size=width, max_size=width), max_size=6))


@given(
    tables,
    st.sampled_from(["\n", "\r\n"]),
    st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL]),
    st.sampled_from([",", "\t", ";"]),
    st.integers(1, 30),
    st.booleans(),
)
def test_rows_that_are_written_are_read_back_for_any_chunking(
    rows: list[list[str]], newline: str, quoting: int, delimiter: str, size: int, final: bool
) -> None:
    # Before Python 3.13 the writer leaves a lone carriage return without quotes.
    assume(quoting == csv.QUOTE_ALL or not any("\r" in cell and "\n" not in cell for row in rows for cell in row))
    width = len(rows[0]) if rows else 1
    header = [f"c{number}" for number in range(width)]
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter, lineterminator=newline, quoting=quoting).writerows([header, *rows])  # type: ignore[arg-type]
    document = text.getvalue().encode()
    document = document if final else document.removesuffix(newline.encode())
    found = read(document, delimiter=delimiter, size=size)
    assert codes(found) == [None] * len(rows)
    assert [list(record.data.values()) for record in found] == [[cell or None for cell in row] for row in rows]


poison = st.sampled_from(
    [b"1", b"1,2,3", b'1,"2"x', b"1,\xff", b"\0,1", b'"1"2,"3', b"1,\r2", b'"1","2","3"', b'"\xff",1', b'""x,""']
)
good = st.sampled_from([b"7,8", b'"7","8"', b'"7",8', b'7,"8"'])


@given(st.lists(poison | good, max_size=8), st.integers(1, 30), st.sampled_from([b"\n", b"\r\n"]))
def test_poison_never_affects_its_neighbours(rows: list[bytes], size: int, newline: bytes) -> None:
    found = read(newline.join([b"a,b", *rows]), size=size)
    assert [record.raw for record in found] == rows
    assert [record.data for record in found if not record.fault] == [
        {"a": "7", "b": "8"} for row in rows if row.startswith((b"7", b'"7'))
    ]


@given(st.binary(max_size=60), st.integers(1, 20))
def test_any_bytes_give_records_or_an_error_of_ours_whatever_the_chunks(content: bytes, size: int) -> None:
    def verdict(step: int) -> object:
        records = table_records(chunked(b"a,b\n" + content, step), "in", ReadOptions(), ",")
        found: list[object] = []
        try:
            found += [(record.raw, record.data, record.fault) for record in records]
        except SourceError as error:
            found.append(error.diagnostics)
        return found

    assume(content.strip(b"\r\n"))
    assert verdict(1 << 18) == verdict(size)
