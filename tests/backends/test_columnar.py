"""The columnar backend: what it carries out is what the oracle gives; the rest it leaves or declares as a gap."""

from __future__ import annotations

import json
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

pa = pytest.importorskip("pyarrow")
pytest.importorskip("duckdb")
arrow_class = pytest.importorskip("semantics.sinks.arrow_schema").arrow_class

from semantics.backends.columnar import GAPS, Columnar, Refused, compile_columns, plan_gaps, session  # noqa: E402
from semantics.engine.inputs import Inputs  # noqa: E402
from semantics.engine.mapping import Mapping  # noqa: E402
from semantics.engine.prepare import prepare  # noqa: E402
from semantics.errors import DefinitionError  # noqa: E402
from semantics.lexical import LexicalError  # noqa: E402
from semantics.records import Filtered, Mapped, Record  # noqa: E402
from semantics.testing import Case, cases  # noqa: E402

CONNECTION = session()


class NoColumns(Exception):
    """A record that no columns hold as it is."""


def typed(value: Any) -> pa.DataType:
    """The type of the column that holds a value exactly."""
    match value:
        case None:
            return pa.null()
        case bool():
            return pa.bool_()
        case int():
            if not -(2**63) <= value < 2**63:
                raise NoColumns
            return pa.int64()
        case float():
            return pa.float64()
        case Decimal():
            _, digits, exponent = value.as_tuple()
            if not isinstance(exponent, int) or exponent > 0 or (value.is_signed() and not value):
                raise NoColumns
            width = max(len(digits), -exponent + 1)
            if width > 38:
                raise NoColumns
            return pa.decimal128(width, -exponent)
        case str():
            return pa.string()
        case dict():
            return pa.struct([pa.field(name, typed(item)) for name, item in value.items()])
        case list():
            types = {typed(item) for item in value if item is not None} or {pa.null()}
            if len(types) > 1:
                raise NoColumns
            return pa.list_(types.pop())
        case _:
            raise NoColumns


def table(records: list[dict[str, Any]]) -> pa.Table:
    """Records of one shape as a table."""
    names = list(dict.fromkeys(name for record in records for name in record))
    columns = {}
    for name in names:
        values = [record.get(name) for record in records]
        types = {typed(value) for value in values} - {pa.null()} or {pa.null()}
        if len(types) > 1:
            raise NoColumns
        columns[name] = pa.array(values, types.pop())
    return pa.table(columns) if columns else pa.table({"nothing": pa.nulls(len(records))})


def compiled(mapping: Mapping, source_class: str, rows: pa.Table) -> Columnar:
    """The query of a mapping for rows of a class. Raises :class:`Refused`."""
    if gaps := plan_gaps(mapping.plan, source_class):
        raise Refused(gaps)
    rule = mapping.plan.rules[mapping.plan.roots[source_class][0]]
    target = mapping.prepared.target
    schema = arrow_class(target, rule.target_class).schema
    return compile_columns(mapping.plan, source_class, target, rows.schema, schema)


def ordinary(mapping: Mapping, source_class: str, record: dict[str, Any]) -> tuple[Any, Counter[Any]]:
    """What the ordinary engine makes of a record, as a row of the target's table, and what the ledger is told."""
    events: list[Any] = []
    outcome = mapping.outcome(
        Record({k: v for k, v in record.items() if v is not None}, class_name=source_class), events
    )
    told = Counter(events)
    match outcome:
        case Mapped(instances=(instance,)):
            made = arrow_class(mapping.prepared.target, instance.class_name)
            try:
                return made.batch([made.row(instance.data)]).to_pylist()[0], told
            except LexicalError:
                return "rejected", Counter()
        case Filtered():
            return "filtered", told
        case _:
            return "rejected", Counter()


def columnar(query: Columnar, rows: pa.Table) -> tuple[Any, Counter[Any]]:
    """What the query makes of one row; None where it leaves it to the ordinary engine."""
    found = query.run(CONNECTION, rows)
    if found is None or found.parts() != [(0, rows.num_rows, True)]:
        return None, Counter()
    chunk = found.chunk(0, rows.num_rows)
    told = Counter({(kind, slot, code): count for kind, slot, code, count in chunk.notes})
    made = chunk.table.to_pylist()
    return (made[0] if made else "filtered"), told


CASES = [
    case for case in cases(Path(__file__).parents[1] / "conformance")
    if not (case.folder / "errors.yaml").is_file() and (case.folder / "expected.json").is_file()
]  # fmt: skip


def records_of(case: Case, mapping: Any) -> list[Record]:
    if (case.folder / "input.json").is_file():
        found = json.loads((case.folder / "input.json").read_text("utf-8"), parse_float=Decimal)
        return [Record(data, number=number) for number, data in enumerate(found, start=1)]
    (path,) = (*case.folder.glob("input.*sv"), *case.folder.glob("document.*"))
    return [record for _, record in Inputs(mapping.plan, [str(path)]).records()]


def carried_out(case: Case) -> tuple[Counter[str], list[str]]:
    """How many records of a case came to what ("same", "left", "gap: …"), and what differs."""
    mapping = case.mapping("evaluate")
    told: Counter[str] = Counter()
    wrong: list[str] = []
    for record in records_of(case, mapping):
        source_class = mapping.class_of(record) if record.fault is None else None
        if not isinstance(source_class, str) or type(record.data) is not dict:
            told["no row of a class"] += 1
            continue
        try:
            rows = table([record.data])
            query = compiled(mapping, source_class, rows)
        except NoColumns:
            told["no columns"] += 1
            continue
        except Refused as fault:
            for name in {gap.name for gap in fault.gaps}:
                told[f"gap: {name}"] += 1
            continue
        found, notes = columnar(query, rows)
        wanted, events = ordinary(mapping, source_class, record.data)
        if found is None:
            told["left, rejected" if wanted == "rejected" else "left"] += 1
        elif found != wanted or notes != events:
            wrong.append(f"record {record.number}: {found} {notes} instead of {wanted} {events}")
        else:
            told["same"] += 1
    return told, wrong


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_case_comes_out_as_on_the_oracle_or_falls_into_a_declared_gap(case: Case) -> None:
    """No row of the suite is carried out differently."""
    told, wrong = carried_out(case)
    assert not wrong, wrong
    assert all(name.removeprefix("gap: ") in GAPS for name in told if name.startswith("gap: "))


def test_what_is_carried_out_does_not_shrink_unnoticed() -> None:
    """So many cases have a row that the query carries out, or leaves because it is rejected."""
    carried = [case for case in CASES if set(carried_out(case)[0]) & {"same", "left, rejected"}]
    assert len(carried) >= 60


# -- drawn tables --------------------------------------------------------------------------------------

SLOTS = {
    "s": "string", "t": "string", "i": "integer", "j": "integer", "d": "decimal", "e": "decimal", "f": "float",
    "b": "boolean", "day": "date", "when": "datetime",
}  # fmt: skip
SPECIAL = ("", "a", "A1", "straße", "ÀÉ", "İ", "ς", " a\u3000", "\x1f", "a b/c%", "true", "0", " 42 ", "-007", "+5", "1e3",
           "9" * 19, "1.50", ".5", "5.", "2024-02-29", "2023-02-29", "0000-01-01", "2024-1-5", "12345-01-01",
           "2024-02-29T10:00:00Z", "2024-02-29T10:00:00", "2024-02-29T24:00:00Z", "2024-02-29T10:00:00.10+14:00",
           "x'y\"z", "é\u202e\n", "a,b", "NO", "😀x", "urn:x", "a--b", "a\0b", "\0", "A\0")  # fmt: skip
TEXTS = st.one_of(st.sampled_from(SPECIAL), st.text(st.characters(codec="utf-8"), max_size=6))
WHOLE = st.one_of(st.integers(-9, 9), st.sampled_from([2**63 - 1, -(2**63), 2**53 + 1, 10**18, -7]))
EXACT = st.decimals(allow_nan=False, allow_infinity=False, places=2, min_value=-(10**9), max_value=10**9)
BINARY = st.one_of(st.floats(allow_nan=False, width=64), st.sampled_from([0.0, -0.0, 1e308, 2.0**53, 0.1, 3.0]))
COLUMNS: dict[str, tuple[Any, st.SearchStrategy[Any]]] = {
    "s": (pa.string(), TEXTS), "t": (pa.string(), TEXTS), "i": (pa.int64(), WHOLE), "j": (pa.int64(), WHOLE),
    "d": (pa.decimal128(12, 2), EXACT.map(lambda number: number + Decimal("0.00"))),
    "e": (pa.decimal128(14, 2), EXACT.map(lambda number: number + Decimal("0.00"))),
    "f": (pa.float64(), BINARY), "b": (pa.bool_(), st.booleans()),
    "day": (pa.string(), TEXTS), "when": (pa.string(), TEXTS),
}  # fmt: skip

TEXT_EXPRESSIONS = (
    "s", "concat(s, t)", "s + t", "upper(s)", "lower(s)", "strip(s)", "lstrip(s, '0')", "rstrip(s, '. ')",
    "replace(s, 'a', 'bb')", "substr(s, 1)", "substr(s, 1, 3)", "substr(s, -2)", "substr(s, 0, -1)", "str(i)", "str(d)",
    "str(b)", "str(d + e)", "str(d * e)", "str(d - i)", "str(-d)", "pad_left(s, 4, '0')", "coalesce(s, t, 'x')",
    "null_if(s, 'a', '')", "s if b else t", "case((i > 0, s), (b, t))", "case((s == 'a', 'x'), (s < t, 'y'))",
    "iri_part(s)", "concat(i, '-', d, '-', b)", "str(day)", "str(when)", "str(abs(d))", "str(abs(i))",
    "case((startswith(s, 'a') and not (t == 'NO'), s), (true, null))", "str(floor(d))", "str(d if b else e)",
)  # fmt: skip
OTHER_EXPRESSIONS = {
    "integer": ("i", "i + j", "i - j", "i * j", "i // j", "i % j", "-i", "abs(i)", "strlen(s)", "int(s)", "i * 2 + 1",
                "case((j != 0, i // j), (true, 0))", "floor(d)", "coalesce(i, j)", "year(day)", "month(day)", "day(day)"),
    "decimal": ("d", "d + e", "d - e", "d * e", "-d", "d * 2", "i * d", "d / 100", "i / 10", "decimal(i)", "abs(d)",
                "d if d > e else e", "d + 0.005", "coalesce(d, e)", "decimal(s)"),
    "float": ("f", "f + f", "f * 2", "-f", "f - i", "abs(f)"),
    "boolean": ("b", "i > j", "d >= e", "d == i", "s == t", "s < t", "s in ['a', 'NO', t]", "not b", "b and i > 0",
                "b or s is null", "i is null", "is_null(s)", "bool(s)", "startswith(s, t)", "endswith(s, t)",
                "contains(s, t)", "f > i", "f == i", "i in [1, 2, null]", "day < date('2024-01-01')", "d != 0"),
    "date": ("day", "date(s)"),
    "datetime": ("when", "datetime(s)"),
    "uri": ("s",),
}  # fmt: skip
LIMITS: dict[str, tuple[dict[str, Any], ...]] = {
    "string": (
        {},
        {},
        {"required": True},
        {"pattern": "^[A-Za-z]*$"},
        {"pattern": "a|[0-9]{2}"},
        {"equals_string": "a"},
    ),
    "integer": ({}, {"minimum_value": 0}, {"maximum_value": 7}, {"equals_number": 1}),
    "decimal": ({}, {"minimum_value": 0}, {"maximum_value": 1.5}),
    "float": ({}, {"minimum_value": 0}),
}


@st.composite
def worlds(draw: st.DrawFn) -> tuple[dict[str, Any], dict[str, Any], Any]:
    """A schema, a mapping of its rows, and a table."""
    slots: dict[str, Any] = {}
    derivations: dict[str, Any] = {}
    for number in range(draw(st.integers(1, 4))):
        kind = draw(st.sampled_from(("string", "string", *OTHER_EXPRESSIONS)))
        name = f"o{number}"
        expression = draw(st.sampled_from(TEXT_EXPRESSIONS if kind == "string" else OTHER_EXPRESSIONS[kind]))
        slots[name] = {"range": kind, **draw(st.sampled_from(LIMITS.get(kind, ({},))))}
        found: dict[str, Any] = {"expr": expression} if expression not in SLOTS else {"populated_from": expression}
        if kind == "string" and draw(st.integers(0, 3)) == 0:
            found = {"populated_from": "s", "value_mappings": {"a": "x", "A1": "y", "NO": "z"},
                     "unmapped": draw(st.sampled_from(("error", "null", "pass")))}  # fmt: skip
        if kind == "string" and draw(st.integers(0, 3)) == 0:
            found["default"] = "a"
        if draw(st.integers(0, 4)) == 0:
            found["where"] = draw(st.sampled_from(("b", "i > 0", "s is not null")))
        derivations[name] = found
    schema = {
        "id": "https://example.org/w", "name": "w", "default_prefix": "https://example.org/w/", "imports": ["linkml:types"],
        "classes": {"Row": {"attributes": {name: {"range": kind} for name, kind in SLOTS.items()}},
                    "Out": {"attributes": slots}},
    }  # fmt: skip
    rule = {"populated_from": "Row", "slot_derivations": derivations}
    if draw(st.booleans()):
        rule["where"] = draw(st.sampled_from(("b", "not b", "i < j", "s != 'a'", "d is not null")))
    count = draw(st.integers(1, 4))
    columns = {
        name: pa.array(draw(st.lists(st.none() | values, min_size=count, max_size=count)), type_)
        for name, (type_, values) in COLUMNS.items()
    }
    return schema, {"class_derivations": {"Out": rule}}, pa.table(columns)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(worlds())
def test_every_row_of_drawn_tables_is_the_oracles_or_left_to_it(
    world: tuple[dict[str, Any], dict[str, Any], Any],
) -> None:
    """Together and one by one: the same values, null where the oracle has null, and nothing that it rejects."""
    schema, spec, rows = world
    try:
        prepared = prepare(spec, source_schema=schema, target_schema=schema)
    except DefinitionError:
        return
    mapping = Mapping(prepared, "evaluate")
    try:
        query = compiled(mapping, "Row", rows)
    except Refused as fault:
        assert all(gap.name in GAPS for gap in fault.gaps)
        return
    found = query.run(CONNECTION, rows)
    assert found is not None, query.sql
    data = rows.to_pylist()
    for number, record in enumerate(data):
        wanted, events = ordinary(mapping, "Row", record)
        made, notes = columnar(query, rows.slice(number, 1))
        if made is not None:
            assert repr(made) == repr(wanted)
            assert notes == events
    fine = "fine" not in found.result.column_names
    assert [fine or told for told in ([] if fine else found.result["fine"].to_pylist())] == [
        columnar(query, rows.slice(number, 1))[0] is not None for number in range(0 if fine else rows.num_rows)
    ]


def test_the_spaces_that_are_stripped_are_those_of_python() -> None:
    """Every character of Unicode that ``str.strip`` takes away, and no other."""
    from semantics.backends.columnar.functions import SPACES

    assert set(SPACES) == {chr(code) for code in range(0x110000) if chr(code).isspace()}


def test_percent_encoding_is_that_of_the_language_for_every_byte() -> None:
    """DuckDB's function leaves the same characters as they are."""
    from semantics.lexical import percent_encoded

    texts = [chr(code) for code in [*range(1, 0x300), 0x20AC, 0xFFFD, 0x1F600]]
    CONNECTION.register("texts", pa.table({"t": texts}))
    found = CONNECTION.sql('SELECT url_encode("t") AS e FROM "texts"').to_arrow_table()["e"].to_pylist()
    assert found == [percent_encoded(text) for text in texts]


@pytest.mark.parametrize(
    ("kind", "expression"),
    [("string", text) for text in TEXT_EXPRESSIONS]
    + [(kind, text) for kind, some in OTHER_EXPRESSIONS.items() for text in some],
)
def test_every_expression_of_the_pool_is_a_query_that_runs(kind: str, expression: str) -> None:
    """None of them is left to the ordinary engine as a whole, and what is fine is the oracle's."""
    schema = {
        "id": "https://example.org/w", "name": "w", "default_prefix": "https://example.org/w/", "imports": ["linkml:types"],
        "classes": {"Row": {"attributes": {name: {"range": range_} for name, range_ in SLOTS.items()}},
                    "Out": {"attributes": {"o": {"range": kind}}}},
    }  # fmt: skip
    spec = {"class_derivations": {"Out": {"populated_from": "Row", "slot_derivations": {"o": {"expr": expression}}}}}
    texts = ["a", "A1", "42", "1.5", "2024-02-29", "2024-02-29T10:00:00Z", "urn:x", "true", None]
    rows = pa.table({
        "s": texts, "t": texts[::-1], "i": [3, -7, 0, None, 5, 2**62, -1, 8, 9], "j": [2, 3, 0, 1, None, 2**62, -5, 7, -2],
        "d": pa.array([Decimal("1.50"), None, Decimal("-0.25"), *[Decimal("7.00")] * 6], pa.decimal128(12, 2)),
        "e": pa.array([Decimal("2.50"), Decimal("0.00"), None, *[Decimal("-7.10")] * 6], pa.decimal128(14, 2)),
        "f": [0.5, None, -0.0, 3.0, 1e308, 2.0, 0.1, 7.0, -1.5], "b": [True, False, None] * 3,
        "day": texts, "when": texts,
    })  # fmt: skip
    mapping = Mapping(prepare(spec, source_schema=schema, target_schema=schema), "evaluate")
    query = compiled(mapping, "Row", rows)
    assert query.run(CONNECTION, rows) is not None, query.sql
    carried = 0
    for number, record in enumerate(rows.to_pylist()):
        made, _ = columnar(query, rows.slice(number, 1))
        if made is not None:
            carried += 1
            assert repr(made) == repr(ordinary(mapping, "Row", record)[0])
    assert carried


@pytest.mark.parametrize("count", [3, 32, 33, 200])
def test_tables_of_any_length_are_looked_up_the_same(count: int) -> None:
    """Few codes by comparing, many as an enumeration; odd ones among them, and codes that are in no table."""
    codes = {f"c{n}": f"v{n % 7}" for n in range(count - 2)} | {"it's": "v1", 'odd "\n': "v2"}
    schema = {
        "id": "https://example.org/w", "name": "w", "default_prefix": "https://example.org/w/", "imports": ["linkml:types"],
        "classes": {"Row": {"attributes": {"k": {}}}, "Out": {"attributes": {"o": {"range": "V"}, "p": {"range": "W"}}}},
        "enums": {"V": {"permissible_values": {f"v{n}": None for n in range(20)}},
                  "W": {"permissible_values": dict.fromkeys((*codes, "none"))}},
    }  # fmt: skip
    slots = {
        "o": {"populated_from": "k", "value_mappings": codes, "unmapped": "null"},
        "p": {"expr": "coalesce(k, 'none')"},
    }
    spec = {"class_derivations": {"Out": {"populated_from": "Row", "slot_derivations": slots}}}
    mapping = Mapping(prepare(spec, source_schema=schema, target_schema=schema), "evaluate")
    rows = pa.table({"k": ["c0", "it's", 'odd "\n', None, "C0", "", "unknown"]})
    query = compiled(mapping, "Row", rows)
    for number, record in enumerate(rows.to_pylist()):
        made, notes = columnar(query, rows.slice(number, 1))
        wanted, events = ordinary(mapping, "Row", record)
        if wanted == "rejected":
            assert made is None
        else:
            assert (made, notes) == (wanted, events)
