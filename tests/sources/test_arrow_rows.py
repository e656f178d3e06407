"""Arrow data become plain data exactly, whatever the type; what has no plain form is a fault of its row alone."""

from __future__ import annotations

import math
import sys
import uuid
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest

from semantics.arrow_fields import ANY_SCALE, FORM, JSON, SCALE
from semantics.errors import SourceError, UsageError
from semantics.sources import Limits
from semantics.sources.arrow_rows import ArrowRows, RowFault

D = Decimal


def values(array: Any, field: Any = None, limits: Limits | None = None) -> list[Any]:
    """The values of one column; a fault as its code."""
    schema = pa.schema([pa.field("c", array.type) if field is None else field])
    batch = pa.RecordBatch.from_arrays([array], schema=schema)
    found = ArrowRows(schema, "data", limits).rows(batch)
    return [row.code if isinstance(row, RowFault) else row.get("c") for row in found]


STRUCT = pa.struct([("n", pa.int64()), ("inner", pa.struct([("t", pa.string())]))])
CASES: list[tuple[Any, list[Any], list[Any]]] = [
    (pa.null(), [None], [None]),
    (pa.bool_(), [True, None], [True, None]),
    (pa.uint64(), [2**64 - 1], [2**64 - 1]),
    (pa.int8(), [-128], [-128]),
    (pa.float64(), [0.1, -0.0, None], [0.1, -0.0, None]),
    (pa.float32(), [0.5], [0.5]),
    (pa.decimal128(10, 2), [D("7887.20"), D("0.00")], [D("7887.20"), D("0.00")]),
    (pa.decimal256(76, 38), [D("9" * 38 + "." + "1" * 38)], [D("9" * 38 + "." + "1" * 38)]),
    (pa.string(), ["é", "", None], ["é", "", None]),
    (pa.large_string(), ["x"], ["x"]),
    (pa.string_view(), ["x"], ["x"]),
    (pa.dictionary(pa.int8(), pa.string()), ["a", "b", "a", None], ["a", "b", "a", None]),
    (pa.dictionary(pa.int32(), pa.int64()), [1, 1], [1, 1]),
    (pa.binary(), [b"\xff\x00"], ["/wA="]),
    (pa.large_binary(), [b""], [""]),
    (pa.binary(3), [b"abc"], ["YWJj"]),
    (pa.uuid(), [uuid.UUID(int=5).bytes], [str(uuid.UUID(int=5))]),
    (pa.date32(), [date(1, 1, 1), date(9999, 12, 31)], ["0001-01-01", "9999-12-31"]),
    (pa.date64(), [date(2024, 2, 29)], ["2024-02-29"]),
    (pa.time32("s"), [time(23, 59, 59)], ["23:59:59"]),
    (pa.time64("us"), [time(0, 0, 0, 120)], ["00:00:00.00012"]),
    (pa.timestamp("s"), [datetime(2024, 5, 29, 8)], ["2024-05-29T08:00:00"]),
    (pa.timestamp("ms", "UTC"), [1500], ["1970-01-01T00:00:01.5Z"]),
    (pa.timestamp("ns", "UTC"), [-1], ["1969-12-31T23:59:59.999999999Z"]),
    (pa.timestamp("us", "+05:30"), [0], ["1970-01-01T05:30:00+05:30"]),
    (pa.timestamp("us", "Europe/Berlin"), [1716962400500000], ["2024-05-29T08:00:00.5+02:00"]),
    (pa.timestamp("us", "Europe/Berlin"), [-(10**16)], ["1653-02-10T06:13:20Z"]),
    (pa.duration("ms"), [timedelta(hours=1), timedelta(milliseconds=-1500)], ["PT3600S", "-PT1.5S"]),
    (pa.list_(pa.string()), [["a", None], [], None], [["a", None], [], None]),
    (pa.large_list(pa.int64()), [[1], [2, 3]], [[1], [2, 3]]),
    (pa.list_(pa.int64(), 2), [[1, 2], [3, 4], None], [[1, 2], [3, 4], None]),
    (pa.list_(pa.list_(pa.date32())), [[[date(2024, 1, 1)], []]], [[["2024-01-01"], []]]),
    (STRUCT, [{"n": 1, "inner": {"t": "x"}}, {"n": None, "inner": {}}, None], [{"n": 1, "inner": {"t": "x"}}, {"inner": {}}, None]),
    (pa.map_(pa.string(), STRUCT), [[("k", {"n": 1})], [], None], [{"k": {"n": 1}}, {}, None]),
    (pa.list_(STRUCT), [[{"n": 1}, None]], [[{"n": 1}, None]]),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "given", "expected"), CASES, ids=lambda case: str(case)[:40])
def test_values_of_every_type_are_read_exactly(kind: Any, given: list[Any], expected: list[Any]) -> None:
    array = pa.array(given, kind)
    assert expected == values(array)
    assert [type(value) for value in expected] == [type(value) for value in values(array)]
    # A part of an array shares its buffers with the whole.
    twice = pa.concat_arrays([array, array])
    assert (expected * 2)[1:] == values(twice.slice(1))
    assert (expected * 2)[:-1] == values(twice.slice(0, 2 * len(array) - 1))


def test_text_that_holds_json_and_decimals_of_any_scale_are_read_as_they_were_meant() -> None:
    field = pa.field("c", pa.string(), metadata={FORM: JSON})
    assert [{"a": [D("1.10")]}, None, "SRC004"] == values(pa.array(['{"a":[1.10]}', None, "{"]), field)
    field = pa.field("c", pa.decimal128(38, 18), metadata={SCALE: ANY_SCALE})
    found = values(pa.array([D("7.20"), D("1E+3"), D("-0"), None], field.type), field)
    assert ["7.2", "1000", "0", "None"] == list(map(str, found))


@pytest.mark.parametrize(
    ("array", "code"),
    [
        (pa.array([1.5, math.nan, math.inf, 2.5]), "SRC102"),
        (pa.array([0, 10**7, -(10**7), 5], pa.int32()).cast(pa.date32()), "SRC102"),
        (pa.array([0, 10**18, -(10**18), 5]).cast(pa.timestamp("s")), "SRC102"),
        (pa.array([0, 1, 2, 0]).cast(pa.date64(), safe=False), "SRC102"),
        (pa.array([b"a", b"\xff", b"\xc3", b"b"]).cast(pa.string(), safe=False), "SRC003"),
        (pa.array([[], [("a", 1), ("a", 2)], [("b", 1), ("b", 1)], []], pa.map_(pa.string(), pa.int64())), "SRC020"),
        (pa.array(["a", "x" * 50, "y" * 50, "b"]), "SRC044"),
        (pa.array(["a", "x" * 50, "y" * 50, "b"]).dictionary_encode(), "SRC044"),
        (pa.array([["a"], ["x" * 9] * 50, ["y" * 9] * 50, []]), "SRC024"),
    ],
    ids=lambda case: str(getattr(case, "type", case)),
)  # fmt: skip
def test_a_value_without_a_plain_form_is_a_fault_of_its_row_alone(array: Any, code: str) -> None:
    limits = Limits(field_bytes=40, record_bytes=400)
    first, *faults, last = values(array, limits=limits)
    assert [code, code] == faults
    assert code not in (first, last)


def test_a_fault_tells_where_it_is() -> None:
    schema = pa.schema([("a/b", pa.struct([("n", pa.list_(pa.float64()))]))])
    batch = pa.RecordBatch.from_pylist([{"a/b": {"n": [math.nan]}}], schema)
    (fault,) = ArrowRows(schema, "data").rows(batch)
    assert isinstance(fault, RowFault) and ("SRC102", "/a~1b/n") == (fault.code, fault.pointer)


def test_the_order_of_rows_stays_where_batches_are_halved() -> None:
    array = pa.array([math.nan if n % 7 == 3 else float(n) for n in range(100)])
    assert ["SRC102" if n % 7 == 3 else float(n) for n in range(100)] == values(array)


@pytest.mark.parametrize(
    ("schema", "code"),
    [
        (pa.schema([("u", pa.dense_union([pa.field("a", pa.int64())]))]), "SRC101"),
        (pa.schema([("m", pa.map_(pa.int64(), pa.string()))]), "SRC101"),
        (pa.schema([("i", pa.month_day_nano_interval())]), "SRC101"),
        (pa.schema([("v", pa.list_view(pa.int64()))]), "SRC101"),
        (pa.schema([("t", pa.timestamp("s", "Nowhere/At_All"))]), "SRC101"),
        (pa.schema([("t", pa.timestamp("s", "../../etc/passwd"))]), "SRC101"),
        (pa.schema([("a", pa.string()), ("a", pa.string())]), "SRC031"),
        (pa.schema([("s", pa.struct([("a", pa.string()), ("a", pa.string())]))]), "SRC031"),
        (pa.schema([(f"c{n}", pa.string()) for n in range(30)]), "SRC022"),
        (pa.schema([("l", pa.list_(pa.list_(pa.list_(pa.list_(pa.string())))))]), "SRC021"),
    ],
)
def test_a_schema_that_no_rows_can_be_made_of_is_refused(schema: Any, code: str) -> None:
    with pytest.raises(SourceError) as caught:
        ArrowRows(schema, "data", Limits(keys=20, depth=3))
    assert code == caught.value.diagnostics[0].code


def test_without_pyarrow_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(UsageError) as caught:
        ArrowRows(None, "data")
    (found,) = caught.value.diagnostics
    assert ("SRC100", "pip install 'semantics[arrow]'") == (found.code, found.hint)
