"""CSV and TSV: what is written is read back as it was, a cell says by its column how it is read, nothing is lost."""

from __future__ import annotations

import csv
import io
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import semantics
from semantics.engine.flattened import flat_column
from semantics.errors import UsageError
from semantics.lexical import LexicalError
from semantics.plan.documents import layout_of
from semantics.plan.tables import TableDialect
from semantics.records import Instance
from semantics.schema import load_schema
from semantics.sinks import open_encoder, open_sink
from semantics.sinks.delimited import Csv
from semantics.sources import Limits, ReadOptions, TableShape
from semantics.sources.table import table_records

SCHEMA: dict[str, Any] = {
    "id": "https://example.org/flat", "name": "flat", "default_range": "string", "imports": ["linkml:types"],
    "enums": {"Kind": {"permissible_values": {"a": {}, "b, c": {}}}},
    "classes": {
        "Any": {"class_uri": "linkml:Any"},
        "Item": {"attributes": {
            "text": {}, "count": {"range": "integer"}, "amount": {"range": "decimal"}, "ratio": {"range": "float"},
            "yes": {"range": "boolean"}, "day": {"range": "date"}, "kind": {"range": "Kind"},
            "texts": {"multivalued": True}, "counts": {"multivalued": True, "range": "integer"},
            "at": {"range": "Place"}, "parts": {"range": "Place", "multivalued": True, "inlined_as_list": True},
            "keyed": {"range": "Keyed", "multivalued": True, "inlined": True}, "shape": {"range": "Shape"},
            "up": {"range": "Item"}, "other": {"range": "Keyed"}, "any": {"range": "Any"},
        }},
        "Place": {"attributes": {"name": {}, "inner": {"range": "Inner"}}},
        "Inner": {"attributes": {"x": {"range": "integer"}, "names": {"multivalued": True}}},
        "Keyed": {"attributes": {"id": {"identifier": True}, "v": {}}},
        "Shape": {"attributes": {"kind": {"designates_type": True}}},
        "Round": {"is_a": "Shape", "attributes": {"radius": {"range": "integer"}}},
        "Plain": {"attributes": {"a": {}}},
        "Empty": {},
        "Twice": {"attributes": {"a.b": {}, "a": {"range": "Dotted"}}},
        "Dotted": {"attributes": {"b": {}}},
    },
}  # fmt: skip
MODEL = load_schema(SCHEMA)
COLUMNS = [
    "text", "count", "amount", "ratio", "yes", "day", "kind", "texts", "counts", "at.name", "at.inner.x",
    "at.inner.names", "parts", "keyed", "shape", "up", "other", "any",
]  # fmt: skip


def read_back(document: bytes, mark: str, class_name: str = "Item") -> list[dict[str, Any]]:
    """The rows as our own source reads them, told that they are flattened; what is null is left out."""
    layout, dialect = layout_of(MODEL, [class_name]), TableDialect(flattened=True)

    def shape(header: tuple[str, ...], _: str) -> TableShape:
        found = [flat_column(layout, class_name, column, dialect, Limits()) for column in header]
        assert all(found)
        return TableShape(class_name, tuple(f.convert for f in found if f), paths=tuple(f.path for f in found if f))

    records = list(table_records(iter([document]), "t", ReadOptions(tabular=shape, dialect=dialect), mark))
    assert [record.fault for record in records] == [None] * len(records)
    return [{name: value for name, value in record.data.items() if value is not None} for record in records]


def written(rows: list[dict[str, Any]], form: str = "csv", class_name: str = "Item", **options: Any) -> bytes:
    encoder = open_encoder(form, MODEL, classes=[class_name], options=options)
    pieces = [encoder.encode(Instance(class_name, row), "1-1-0") for row in rows]
    assert b"".join(pieces) == encoder.encode_all(class_name, rows, [""] * len(rows))
    return encoder.head + b"".join(pieces)


text = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=6
) | st.sampled_from(['"', ",", "\n", "\r\n", "\t", " x ", "#", "'=", "=1", "null", "[", "1", "\ufeff", "\r", "\u2028"])
FLOATS = st.floats(allow_nan=False, allow_infinity=False, allow_subnormal=False)
number = st.integers(-(10**30), 10**30)
exact = st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**20), max_value=10**20)
inner = st.fixed_dictionaries({"x": number}, optional={"names": st.lists(text, max_size=2)})
place = st.fixed_dictionaries({"name": text}, optional={"inner": inner})
items = st.fixed_dictionaries({}, optional={
    "text": text, "count": number, "amount": exact, "ratio": FLOATS,
    "yes": st.booleans(), "day": st.dates().map(str), "kind": st.sampled_from(["a", "b, c"]),
    "texts": st.lists(text, max_size=3), "counts": st.lists(number, max_size=3), "at": place,
    "parts": st.lists(place, max_size=2), "keyed": st.dictionaries(text, st.just({"v": "x"}), max_size=2),
    "shape": st.just({"kind": "Round", "radius": 3}), "up": st.just({"text": "x", "up": {"count": 1}}), "other": text,
    "any": st.sampled_from([1, True, "1", [None], {"a": Decimal("1.50")}]),
})  # fmt: skip


@given(st.lists(items, max_size=4), st.sampled_from(["csv", "tsv"]))
def test_what_is_written_is_read_back_as_it_was(rows: list[dict[str, Any]], form: str) -> None:
    mark = "," if form == "csv" else "\t"
    found = read_back(written(rows, form), mark)
    assert found == rows
    digits = [[format(row["amount"], "f") for row in some if "amount" in row] for some in (found, rows)]
    assert digits[0] == digits[1]


def test_the_columns_are_the_slots_of_the_class_in_its_order() -> None:
    assert written([]).decode() == ",".join(COLUMNS) + "\n"


def test_cells_stand_in_quotes_only_where_they_must() -> None:
    row = {"text": 'a "b"', "count": 5, "amount": Decimal("7887.20"), "ratio": 1e16, "yes": True, "day": "2025-01-31",
           "kind": "b, c", "texts": ["x", "y"], "at": {"name": "a\nb", "inner": {"x": 1}}}  # fmt: skip
    assert written([row]).decode().split("\n", 1)[1] == (
        '"a ""b""",5,7887.20,1e+16,true,2025-01-31,"b, c","[""x"",""y""]",,"a\nb",1,,,,,,,\n'
    )
    (cells,) = list(csv.reader(io.StringIO(written([row]).decode(), newline="")))[1:]
    assert cells[:3] == ['a "b"', "5", "7887.20"]


def test_no_value_and_an_empty_text_are_told_apart() -> None:
    assert written([{"a": ""}, {"a": None}, {}, {"a": "x"}], class_name="Plain") == b'a\n""\n""\n""\nx\n'
    assert written([{"text": "", "count": 1}]).split(b"\n")[1].startswith(b'"",1,,')


@pytest.mark.parametrize(
    "data",
    [
        {"text": "a\0b"}, {"text": "\ud800"}, {"text": ["a"]}, {"at": "x"}, {"at": {}}, {"at": {"name": None}},
        {"at": {"name": "x", "more": 1}}, {"nothing": 0}, {"ratio": float("nan")}, {"any": Decimal("NaN")},
        {"amount": Decimal("Infinity")},
    ],
)  # fmt: skip
def test_what_a_row_cannot_hold_is_refused_whole(data: dict[str, Any]) -> None:
    with pytest.raises(LexicalError):
        written([data])


def test_an_instance_of_another_class_is_refused() -> None:
    encoder = open_encoder("csv", MODEL, classes=["Plain"])
    with pytest.raises(LexicalError):
        encoder.encode(Instance("Item", {}), "1")
    with pytest.raises(LexicalError):
        encoder.encode_all("Item", [{}], ["1"])


@pytest.mark.parametrize(
    ("classes", "code"),
    [
        (["Item", "Plain"], "SNK033"),
        ([], "SNK033"),
        (["Nobody"], "SNK034"),
        (["Empty"], "SNK020"),
        (["Twice"], "SNK020"),
    ],
)
def test_a_table_is_of_one_class_with_columns_of_their_own(classes: list[str], code: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError) as ended:
        open_sink("csv", tmp_path / "out.csv", MODEL, classes=classes)
    assert ended.value.diagnostics[0].code == code
    assert list(tmp_path.iterdir()) == []


# -- formulas ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "safe"),
    [
        ("=1+1", "'=1+1"), ("+1+1", "'+1+1"), ("-2+3", "'-2+3"), ("@SUM(A1)", "'@SUM(A1)"), ("\t=1", "'\t=1"),
        ("\r=1", "'\r=1"), ("-", "'-"), ("-5", "-5"), ("+1.5e3", "+1.5e3"), (".5", ".5"), ("a=1", "a=1"), ("'a", "'a"),
        ("'=1", "''=1"), ("''-x", "'''-x"), (-5, "-5"), ("1-2", "1-2"), (Decimal("-1.50"), "-1.50"),
    ],
)  # fmt: skip
def test_texts_that_would_run_are_marked_and_numbers_never(value: Any, safe: str) -> None:
    encoder = open_encoder("csv", MODEL, classes=["Plain"], options={"csv_safe": True})
    assert isinstance(encoder, Csv)
    row = encoder.encode(Instance("Plain", {"a": value}), "1")
    assert list(csv.reader(io.StringIO(row.decode(), newline=""))) == [[safe]]
    assert encoder.flagged(row) == (safe != str(value))
    assert open_encoder("csv", MODEL, classes=["Plain"]).encode(Instance("Plain", {"a": value}), "1") == written(
        [{"a": value}], class_name="Plain"
    ).removeprefix(b"a\n")


@given(st.lists(st.fixed_dictionaries({"text": text | st.sampled_from(["=1,\n'=2", "'=", "x,'=1", "\n'=1"])}), max_size=5),
       st.sampled_from(["csv", "tsv"]))  # fmt: skip
def test_as_many_are_told_as_were_marked_and_taking_the_mark_away_gives_what_was(
    rows: list[dict[str, Any]], form: str
) -> None:
    encoder = open_encoder(form, MODEL, classes=["Item"], options={"csv_safe": True})
    assert isinstance(encoder, Csv)
    body = encoder.encode_all("Item", rows, [""] * len(rows))
    found = [row["text"] for row in read_back(encoder.head + body, encoder.mark)]
    marked = [safe != row["text"] for safe, row in zip(found, rows, strict=True)]
    assert encoder.flagged(body) == sum(marked)
    assert [safe[1:] if mark else safe for safe, mark in zip(found, marked, strict=True)] == [
        row["text"] for row in rows
    ]


CORPUS = Path(__file__).resolve().parents[2].parent / "shared" / "badinputs" / "csv" / "formula_cells.csv"
SOURCE: dict[str, Any] = {
    "id": "https://example.org/cells", "name": "cells", "default_range": "string", "imports": ["linkml:types"],
    "classes": {"Row": {"attributes": {"id": {}, "name": {}}}, "Cell": {"attributes": {"id": {}, "name": {}}},
                "Other": {"attributes": {"id": {}}}},
}  # fmt: skip


def spec(*classes: str) -> dict[str, Any]:
    return {
        "class_derivations": {
            name: {"populated_from": "Row", "slot_derivations": dict.fromkeys(SOURCE["classes"][name]["attributes"])}
            for name in classes
        }
    }  # fmt: skip


def run(rows: bytes, folder: Path, out: str = "out.csv", classes: tuple[str, ...] = ("Cell",), **options: Any) -> Any:
    (folder / "in.csv").write_bytes(rows)
    mapping = semantics.load_mapping(spec(*classes), source_schema=SOURCE, target_schema=SOURCE)
    return semantics.convert(mapping, folder / "in.csv", folder / out, report=str(folder / "report.json"), **options)


@pytest.mark.skipif(not CORPUS.is_file(), reason="the shared corpus of bad inputs is not here")
def test_all_six_formulas_of_the_corpus_are_marked_and_told(tmp_path: Path) -> None:
    report = run(CORPUS.read_bytes(), tmp_path, csv_safe=True)
    told = [finding for finding in report.findings if finding.code == "SNK021"]
    assert [finding.message.split()[0] for finding in told] == ["6"]
    assert "6 cells" in report.to_text()
    assert "SNK021" in json.dumps(json.loads((tmp_path / "report.json").read_text())["findings"])
    assert report.exit_code == 0
    exact = run(CORPUS.read_bytes(), tmp_path)
    assert exact.findings == ()
    assert b"\n2,+1+1\n" in (tmp_path / "out.csv").read_bytes()


def test_negative_numbers_are_never_marked(tmp_path: Path) -> None:
    assert run(b"id,name\n1,-5\n2,+5.5\n3,-1e3\n", tmp_path, csv_safe=True).findings == ()


def test_several_classes_are_an_error_before_anything_is_read(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="Cell, Other"):
        run(b"id,name\n1,x\n", tmp_path, classes=("Cell", "Other"))
    assert not (tmp_path / "out.csv").exists()


def test_a_record_that_a_row_cannot_hold_is_rejected(tmp_path: Path) -> None:
    mapping = semantics.load_mapping(spec("Cell"), source_schema=SOURCE, target_schema=SOURCE)
    (tmp_path / "in.ndjson").write_text('{"id": "1", "name": "a\\u0000"}\n{"id": "2"}\n')
    report = semantics.convert(mapping, tmp_path / "in.ndjson", tmp_path / "out.tsv", validate="none")
    assert (report.rejects, (tmp_path / "out.tsv").read_bytes()) == ({"SNK010": 1}, b"id\tname\n2\t\n")


# -- N-Quads -------------------------------------------------------------------------------------


def test_quads_are_the_triples_in_the_graph_that_is_told(tmp_path: Path) -> None:
    import pyoxigraph as ox

    rows = 'id,name\n1,"a .\nb > <x> ."\n2,é\n'.encode()
    run(rows, tmp_path, "out.nt")
    run(rows, tmp_path, "out.nq")
    assert (tmp_path / "out.nt").read_bytes() == (tmp_path / "out.nq").read_bytes()
    run(rows, tmp_path, "out.nq", graph="https://example.org/graph#1")
    triples = set(ox.parse((tmp_path / "out.nt").read_bytes(), ox.RdfFormat.N_TRIPLES))
    quads = set(ox.parse((tmp_path / "out.nq").read_bytes(), ox.RdfFormat.N_QUADS))
    named = ox.NamedNode("https://example.org/graph#1")
    assert quads == {ox.Quad(one.subject, one.predicate, one.object, named) for one in triples}
    assert len(quads) == 6


@pytest.mark.parametrize("graph", ["no iri", "", "a> <b", "relative"])
def test_the_name_of_a_graph_is_an_iri(graph: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError) as ended:
        run(b"id,name\n", tmp_path, "out.nq", graph=graph)
    assert ended.value.diagnostics[0].code == "SNK022"


@pytest.mark.parametrize(("out", "told"), [("out.nt", {"graph": "ex:g"}), ("out.ndjson", {"csv_safe": True})])
def test_an_option_of_another_format_is_refused(out: str, told: dict[str, Any], tmp_path: Path) -> None:
    with pytest.raises(UsageError) as ended:
        run(b"id,name\n", tmp_path, out, **told)
    assert ended.value.diagnostics[0].code == "SNK023"
