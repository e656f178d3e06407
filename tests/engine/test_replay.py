"""Rejects run again: after a fix, the first output and the replayed one are together what a clean run gives."""

from __future__ import annotations

import base64
import gzip
import hashlib
import io
import json
import os
import stat
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import semantics
from semantics.engine.mapping import Mapping
from semantics.sources import Limits

SOURCE: dict[str, Any] = {
    "id": "https://example.org/src",
    "name": "src",
    "default_prefix": "https://example.org/src/",
    "classes": {
        "Row": {
            "attributes": {
                "id": {"required": True}, "name": {}, "age": {"range": "integer"}, "kind": {}, "pad": {},
            }
        },
        "Shop": {"attributes": {"code": {"identifier": True}, "city": {}}},
        "Sale": {"attributes": {"sale": {"required": True}, "shop": {}, "amount": {"range": "integer"}}},
    },
}  # fmt: skip


def target(fixed: bool) -> dict[str, Any]:
    """A model whose persons are blank nodes, with another one inside; the fix lets children in."""
    age = {"range": "integer", "minimum_value": 0 if fixed else 10}
    return {
        "id": "https://example.org/tgt",
        "name": "tgt",
        "default_prefix": "https://example.org/tgt/",
        "classes": {
            "Person": {
                "attributes": {"label": {"pattern": "^[A-Z]"}, "age": age, "kind": {}, "inner": {"range": "Inner",
                               "inlined": True}}
            },
            "Inner": {"attributes": {"v": {}}},
            "Receipt": {"attributes": {"id": {"identifier": True}, "city": {}, "amount": age}},
            "Store": {"attributes": {"name": {}, "total": {"range": "integer", **({} if fixed else {"maximum_value": 30})}, "sales": {"multivalued": True}}},
        },
    }  # fmt: skip


@cache
def people(fixed: bool, envelope: bool) -> Mapping:
    """Rows to persons: a name in small letters and a kind "c" are rejected until the mapping is fixed."""
    kinds = {"a": "A", "b": "B", **({"c": "C"} if fixed else {})}
    inner = {"class_derivations": {"Inner": {"slot_derivations": {"v": {"populated_from": "id"}}}}}
    slots = {
        "label": {"expr": "capitalize(name)"} if fixed else {"populated_from": "name"},
        "age": None,
        "kind": {"populated_from": "kind", "value_mappings": kinds},
        "inner": inner,
    }
    spec: dict[str, Any] = {
        "source_schema": "src", "target_schema": "tgt",
        "class_derivations": {"Person": {"populated_from": "Row", "slot_derivations": slots}},
    }  # fmt: skip
    # In a folder YAML is read where it is asked for; nothing else is changed by it.
    spec["source"] = {"records": [{"path": "data.rows[*]", "class": "Row"}]} if envelope else {"format": "yaml"}
    return semantics.load_mapping(spec, source_schema=SOURCE, target_schema=target(fixed))


NARROW = Limits(record_bytes=400)
POISON = ("none", "none", "small", "code", "child", "long", "broken", "ragged")
Rows = list[tuple[dict[str, Any], str]]


def rows_of(poison: list[str]) -> Rows:
    """Rows, each with what is wrong with it."""
    made = []
    for number, kind in enumerate(poison):
        row: dict[str, Any] = {"id": f"é{number}", "name": "Ann", "age": 20 + number, "kind": "ab"[number % 2]}
        row |= {"small": {"name": "ann"}, "code": {"kind": "c"}, "child": {"age": 3}}.get(kind, {})
        row["pad"] = "x" * 500 if kind == "long" else "y"
        made.append((row, kind))
    return made


def as_ndjson(rows: Rows) -> bytes:
    """A line each, some of them damaged for good."""
    spoil = {"broken": b'{"id": "\xff"}', "ragged": b'{"id": 1, "id": 2}'}
    return b"".join(spoil.get(kind, json.dumps(row, ensure_ascii=False).encode()) + b"\r\n" for row, kind in rows)


def as_envelopes(rows: Rows) -> bytes:
    """Lines of two rows each; one line that is broken takes both with it, one that is long too."""
    lines = [json.dumps({"data": {"rows": [row for row, _ in rows[at : at + 2]]}}) for at in range(0, len(rows), 2)]
    return "\n\n".join(lines).encode()


def as_json(rows: Rows) -> bytes:
    """One document; rows with a key twice."""
    spoil = {"broken": '{"id": "1", "id": "2"}', "ragged": "[1, 2]"}
    texts = [spoil.get(kind, json.dumps(row, indent=1)) for row, kind in rows]
    return ('{"data": {"other": 1, "rows": [' + ",\n".join(texts) + "]}}").encode()


def as_table(rows: Rows, mark: bytes = b",") -> bytes:
    """A header and rows, some with a cell too many, some not UTF-8, one cell in quotes over two lines."""
    out = [mark.join([b"id", b"name", b"age", b"kind", b"pad"])]
    for row, kind in rows:
        cells = [str(value).encode() for value in row.values()]
        cells[4] = b'"x\ny"' if kind == "child" else cells[4]
        cells[0] = b"\xff" if kind == "broken" else cells[0]
        out.append(mark.join([*cells, *([b"1"] if kind == "ragged" else [])]))
    return b"\n".join(out) + b"\n"


def as_tsv(rows: Rows) -> bytes:
    """The same with tabs."""
    return as_table(rows, b"\t")


def as_yaml(rows: Rows) -> bytes:
    """Items of a list, in blocks, with an alias; rows with a tag and with a key twice."""
    spoil = {"broken": "!row {id: 1}", "ragged": "{id: 1, id: 2}"}
    out = "".join(f"- {spoil.get(kind, _block(row, number))}\n" for number, (row, kind) in enumerate(rows))
    return f"# rows\n- &filler [y]\n{out}".encode()


def _block(row: dict[str, Any], number: int) -> str:
    lines = [f"{key}: {value}" for key, value in row.items()]
    return ("\n  " if number % 2 else "\n  # about it\n\n  ").join([*lines, "unasked: *filler"])


def as_documents(rows: Rows) -> bytes:
    """Documents one after the other, some of them in flow style."""
    spoil = {"broken": "id: 1\n? [a]\n: 2", "ragged": "id: .nan"}
    texts = [spoil.get(kind, json.dumps(row) if number % 2 else _block(row, 1).replace("\n  ", "\n"))
             for number, (row, kind) in enumerate(rows)]  # fmt: skip
    return "".join(f"---\n{text.replace('*filler', 'x')}\n" for text in texts).encode()


Writer = Callable[[Rows], bytes]
FORMS: dict[str, tuple[str, Writer, bool]] = {
    "json": ("in.json", as_json, True),
    "ndjson": ("in.ndjson", as_ndjson, False),
    "envelopes": ("in.ndjson", as_envelopes, True),
    "yaml": ("in.yaml", as_yaml, False),
    "documents": ("in.yaml", as_documents, False),
    "csv": ("in.csv", as_table, False),
    "tsv": ("in.tsv", as_tsv, False),
}
SINKS = {"ndjson": "ndjson", "json": "json", "ntriples": "nt", "turtle": "ttl", "jsonld": "jsonld"}


@contextmanager
def standing_in(folder: str) -> Iterator[None]:
    """Another working directory for a while."""
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)


def things(path: Path, sink: str) -> Counter[str]:
    """What an output holds, with the labels of its blank nodes where it tells them."""
    import pyoxigraph as ox

    text = path.read_text()
    if sink in ("ndjson", "ntriples"):
        return Counter(text.splitlines())
    if sink == "json":
        return Counter(json.dumps(item) for item in json.loads(text))
    if sink == "jsonld":
        return Counter(json.dumps(item) for item in json.loads(text).get("@graph", []))
    quads = list(ox.parse(text.encode(), ox.RdfFormat.TURTLE))
    return Counter(f"{quad.predicate} {quad.object if isinstance(quad.object, ox.Literal) else ''}" for quad in quads)


def replayed(ready: Callable[[bool], Mapping], inputs: list[str], sink: str, **first: Any) -> tuple[Any, Any, Any]:
    """A run, its rejects run again after the fix, and a clean run; the outputs are compared."""
    end = SINKS[sink]
    stdin = Path(inputs[0][1:]).read_bytes() if inputs[0].startswith("<") else b""
    given, extra = (["-"], {"source_format": inputs[0].split(".")[1]}) if stdin else (inputs, {})

    def converted(mapping: Mapping, paths: list[str], name: str, **options: Any) -> Any:
        with mock.patch("sys.stdin", io.TextIOWrapper(io.BytesIO(stdin))):
            return semantics.convert(mapping, paths, f"{name}.{end}", **options)

    one = converted(ready(False), given, "one", **extra, **first)
    rejects = f"one.{end}.rejects.ndjson"
    if not one.rejects_file:
        assert not Path(rejects).exists()
        Path(rejects).write_bytes(b"")
    again = {"related": [Path(inputs[0][1:])]} if stdin else {}
    two = converted(ready(True), [rejects], "two", replay=True, **again)
    clean = converted(ready(True), given, "clean", **extra)
    both = things(Path(f"one.{end}"), sink) + things(Path(f"two.{end}"), sink)
    assert both == things(Path(f"clean.{end}"), sink)
    assert one.records["mapped"] + two.records["mapped"] == clean.records["mapped"]
    assert two.records["rejected"] == clean.records["rejected"]
    assert one.records["filtered"] + two.records["filtered"] == clean.records["filtered"]
    assert one.records["emitted"] + two.records["emitted"] == clean.records["emitted"]
    return one, two, clean


def entries(path: str | Path) -> list[dict[str, Any]]:
    """The lines of a rejects file."""
    return [json.loads(line) for line in Path(path).read_text().splitlines()] if Path(path).exists() else []


@pytest.mark.parametrize("sink", SINKS)
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("shape", ["file", "gz", "files", "folder", "stdin"])
@settings(max_examples=3, deadline=None)
@given(poison=st.lists(st.sampled_from(POISON), min_size=1, max_size=9))
def test_first_and_replayed_output_are_a_clean_run(form: str, shape: str, sink: str, poison: list[str]) -> None:
    """Mapping, model and limit fixed; whatever stays broken stays rejected, and says what it said at first."""
    name, write, envelope = FORMS[form]
    rows = rows_of(poison)
    with tempfile.TemporaryDirectory() as folder, standing_in(folder):
        data = write(rows)
        inputs = [name]
        if shape == "gz":
            inputs = [f"{name}.gz"]
            Path(inputs[0]).write_bytes(gzip.compress(data))
        elif shape == "stdin":
            inputs = [f"<{name}"]
            Path(name).write_bytes(data)
        elif shape == "file":
            Path(name).write_bytes(data)
        else:
            Path("sub").mkdir()
            inputs = [f"sub/1{name}", f"sub/2{name}"]
            for path in inputs:
                Path(path).write_bytes(data)
            inputs = ["sub"] if shape == "folder" else inputs
        one, two, clean = replayed(lambda fixed: people(fixed, envelope), inputs, sink, limits=NARROW)
        if form != "envelopes":
            assert two.records["read"] == one.records["rejected"]
            assert one.records["read"] == clean.records["read"]
        assert two.rejects == clean.rejects
        end = SINKS[sink]
        told = ("source", "record", "line", "byte", "pointer", "code", "message", "raw", "key", "source_class")
        left = [[entry.get(key) for key in told] for entry in entries(f"two.{end}.rejects.ndjson")]
        assert left == [[entry.get(key) for key in told] for entry in entries(f"clean.{end}.rejects.ndjson")]
        _bytes_are_those_of_the_input(entries(f"one.{end}.rejects.ndjson"), data)


def _bytes_are_those_of_the_input(rejected: list[dict[str, Any]], data: bytes) -> None:
    for entry in rejected:
        if entry["raw"] is None:
            raw = data[entry["byte"] : entry["byte"] + entry["size"]]
            assert hashlib.sha256(raw).hexdigest() == entry["sha256"]
            continue
        encoded = entry.get("encoding") == "base64"
        raw = base64.b64decode(entry["raw"]) if encoded else entry["raw"].encode()
        assert data[entry["byte"] : entry["byte"] + len(raw)] == raw


def test_the_order_of_a_clean_run_can_be_restored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each line says how many instances were written before its own would have been."""
    monkeypatch.chdir(tmp_path)
    Path("in.ndjson").write_bytes(as_ndjson(rows_of(["small", "none", "code", "child", "none", "none", "small"])))
    semantics.convert(people(False, False), "in.ndjson", "one.ndjson")
    semantics.convert(people(True, False), "one.ndjson.rejects.ndjson", "two.ndjson", replay=True)
    semantics.convert(people(True, False), "in.ndjson", "clean.ndjson")
    merged = Path("one.ndjson").read_text().splitlines()
    replayed_lines = Path("two.ndjson").read_text().splitlines()
    for entry, line in reversed(list(zip(entries("one.ndjson.rejects.ndjson"), replayed_lines, strict=True))):
        merged.insert(entry["after"], line)
    assert merged == Path("clean.ndjson").read_text().splitlines()


# -- records that need others -----------------------------------------------------------------------


@cache
def receipts(fixed: bool) -> Mapping:
    """Sales with the city of their shop."""
    joins = {"shop_of": {"class_named": "Shop", "source_key": "shop"}}
    slots = {"id": {"populated_from": "sale"}, "city": {"populated_from": "shop_of.city"}, "amount": None}
    spec = {
        "source_schema": "src", "target_schema": "tgt",
        "class_derivations": {"Receipt": {"populated_from": "Sale", "joins": joins, "slot_derivations": slots}},
    }  # fmt: skip
    return semantics.load_mapping(spec, source_schema=SOURCE, target_schema=target(fixed))


@cache
def stores(fixed: bool, own: bool) -> Mapping:
    """Sales by shop, and with ``own`` each sale by itself too."""
    slots = {"name": {"populated_from": "shop"}, "total": {"expr": "sum(amount)"}, "sales": {"populated_from": "sale"}}
    rules: dict[str, Any] = {"Store": {"populated_from": "Sale", "group_by": "shop", "slot_derivations": slots}}
    if own:
        receipt = {"populated_from": "Sale", "slot_derivations": {"id": {"populated_from": "sale"}, "amount": None}}
        rules = {"Receipt": receipt, **rules}
    spec = {"source_schema": "src", "target_schema": "tgt", "class_derivations": rules}
    return semantics.load_mapping(spec, source_schema=SOURCE, target_schema=target(fixed))


SALES = st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from([1, 5, 10, 20])), max_size=9)


def sales_table(sales: list[tuple[str, int]]) -> str:
    """Sales as CSV."""
    return "sale,shop,amount\n" + "".join(f"s{n},{shop},{amount}\n" for n, (shop, amount) in enumerate(sales))


@pytest.mark.parametrize("sink", ["ndjson", "ntriples"])
@settings(max_examples=8, deadline=None)
@given(sales=SALES)
def test_records_that_look_others_up_are_run_again_with_the_inputs(sink: str, sales: list[tuple[str, int]]) -> None:
    """``related`` inputs are looked into and not converted."""
    with tempfile.TemporaryDirectory() as folder, standing_in(folder):
        Path("Sale.csv").write_text(sales_table(sales))
        Path("Shop.csv").write_text("code,city\na,Ayr\nb,Bute\n")
        end, inputs = SINKS[sink], ["Sale.csv", "Shop.csv"]
        one = semantics.convert(receipts(False), inputs, f"one.{end}")
        semantics.convert(receipts(True), inputs, f"clean.{end}")
        if not one.records["rejected"]:
            return
        rejects = f"one.{end}.rejects.ndjson"
        with pytest.raises(semantics.UsageError, match="RUN033"):
            semantics.convert(receipts(True), rejects, f"two.{end}", replay=True)
        two = semantics.convert(receipts(True), rejects, f"two.{end}", replay=True, related=inputs)
        assert things(Path(f"one.{end}"), sink) + things(Path(f"two.{end}"), sink) == things(Path(f"clean.{end}"), sink)
        assert two.records["read"] == one.records["rejected"]
        assert two.exit_code == 0


def test_a_partner_that_could_not_be_read_at_first_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the first run mapped without it is not what a clean run gives: a finding, and exit code 1."""
    monkeypatch.chdir(tmp_path)
    Path("Sale.csv").write_text("sale,shop,amount\ns1,a,20\n")
    Path("Shop.csv").write_text(f"code,city\na,{'x' * 500}\n")
    one = semantics.convert(receipts(True), ["Sale.csv", "Shop.csv"], "one.ndjson", limits=NARROW)
    assert one.rejects == {"SRC024": 1}
    two = semantics.convert(
        receipts(True), "one.ndjson.rejects.ndjson", "two.ndjson", replay=True, related=["Sale.csv", "Shop.csv"]
    )
    assert [found.code for found in two.findings] == ["RUN077"]
    assert (two.records["rejected"], two.exit_code) == (0, 1)
    assert json.loads(two.to_json())["findings"][0]["hint"] == "convert the inputs again"


def test_other_inputs_may_be_given_for_look_ups_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In any run; where nothing is looked up they are refused."""
    monkeypatch.chdir(tmp_path)
    Path("Sale.csv").write_text("sale,shop,amount\ns1,a,20\n")
    Path("Shop.csv").write_text("code,city\na,Ayr\n")
    report = semantics.convert(receipts(True), "Sale.csv", "out.ndjson", related=["Shop.csv"])
    assert json.loads(Path("out.ndjson").read_text())["city"] == "Ayr"
    assert report.records["read"] == 1
    with pytest.raises(semantics.UsageError, match="RUN032"):
        semantics.convert(people(True, False), "Sale.csv", "out.ndjson", related=["Shop.csv"])


@pytest.mark.parametrize("sink", ["ndjson", "ntriples", "turtle"])
@pytest.mark.parametrize("own", [False, True])
@settings(max_examples=8, deadline=None)
@given(sales=SALES)
def test_the_records_of_a_rejected_group_are_run_again_together(
    sink: str, own: bool, sales: list[tuple[str, int]]
) -> None:
    """Also where its records were mapped by themselves, and where one of them was rejected for its own sake."""
    with tempfile.TemporaryDirectory() as folder, standing_in(folder):
        Path("Sale.csv").write_text(sales_table(sales))
        Path("More.csv").write_text(sales_table(sales[:3]))
        one, two, clean = replayed(lambda fixed: stores(fixed, own), ["Sale.csv", "More.csv"], sink)
        assert two.records["read"] == one.records["rejected"]
        assert clean.groups.get("rejected", 0) == 0
        mapped = one.groups.get("mapped", 0) + two.groups.get("mapped", 0)
        assert mapped == clean.groups.get("mapped", 0)
        if own and any(amount < 10 for _, amount in sales):
            codes = Counter(entry["code"] for entry in entries(f"one.{SINKS[sink]}.rejects.ndjson"))
            assert codes["RUN076"]


def test_a_record_rejected_at_writing_takes_its_group_along(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of a rejected record reaches the output, not even as a part of a sum."""
    monkeypatch.chdir(tmp_path)
    rows = [("s1", "a"), ("", "a"), ("s3", "b")]
    Path("in.ndjson").write_text(
        "".join(json.dumps({"sale": sale, "shop": shop, "amount": 20}) + "\n" for sale, shop in rows)
    )
    report = semantics.convert(stores(True, True), "in.ndjson", "out.nt", source_class="Sale", validate="none")
    assert (report.rejects, report.groups) == ({"SNK010": 1}, {"mapped": 1, "rejected": 1})
    assert [entry["code"] for entry in entries("out.nt.rejects.ndjson")] == ["SNK010", "RUN076", "RUN076"]


def test_a_record_that_could_not_be_read_comes_too_late_for_its_group(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its group was written without it: run again, it is rejected with the reason, and so every time."""
    monkeypatch.chdir(tmp_path)
    Path("in.csv").write_text(f"sale,shop,amount\ns1,a,10\n{'s' * 500},a,20\n")
    semantics.convert(stores(True, False), "in.csv", "one.ndjson", limits=NARROW)
    for before, output in (("one", "two"), ("two", "three")):
        report = semantics.convert(
            stores(True, False), f"{before}.ndjson.rejects.ndjson", f"{output}.ndjson", replay=True
        )
        assert (report.rejects, report.records["read"]) == ({"RUN077": 1}, 1)
        (entry,) = entries(f"{output}.ndjson.rejects.ndjson")
        assert (entry["line"], entry["key"], len(entry["raw"])) == (3, "1-2", 505)


# -- the file ----------------------------------------------------------------------------------------


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with three rows, the second of which has a name in small letters."""
    monkeypatch.chdir(tmp_path)
    rows = rows_of(["none", "small", "none"])
    (tmp_path / "in.ndjson").write_bytes(as_ndjson(rows))
    return tmp_path


def test_a_rejects_file_is_the_owners_alone_whatever_it_was(place: Path) -> None:
    """Also where a file of that name could be read by all."""
    path = place / "out.ndjson.rejects.ndjson"
    path.write_text("old\n")
    path.chmod(0o644)
    semantics.convert(people(False, False), "in.ndjson", "out.ndjson")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert len(entries(path)) == 1


def test_rejects_of_an_earlier_run_do_not_stay_beside_a_clean_output(place: Path) -> None:
    """They are taken away, but never a file that is something else, or a link."""
    path = place / "out.ndjson.rejects.ndjson"
    semantics.convert(people(False, False), "in.ndjson", "out.ndjson")
    assert path.exists()
    assert semantics.convert(people(True, False), "in.ndjson", "out.ndjson").exit_code == 0
    assert not path.exists()
    path.write_text("notes of mine\n")
    semantics.convert(people(True, False), "in.ndjson", "out.ndjson")
    assert path.read_text() == "notes of mine\n"


def test_no_rejects_appear_without_the_output(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that is full when the output is brought to it leaves the rejects of before."""
    from semantics.errors import SinkError
    from semantics.sinks.output import AtomicFile

    def full(self: AtomicFile) -> None:
        if self.name == "out.ndjson":
            raise OSError(28, "full")
        stored(self)

    stored = AtomicFile._store
    monkeypatch.setattr(AtomicFile, "_store", full)
    with pytest.raises(SinkError, match="SNK003"):
        semantics.convert(people(False, False), "in.ndjson", "out.ndjson")
    assert {path.name for path in place.iterdir()} == {"in.ndjson"}


def test_an_input_is_not_written_over_by_rejects(place: Path) -> None:
    """Neither rejects that are run again, nor the data."""
    semantics.convert(people(False, False), "in.ndjson", "out.ndjson")
    rejects = "out.ndjson.rejects.ndjson"
    with pytest.raises(semantics.UsageError, match="RUN075"):
        semantics.convert(people(True, False), rejects, "out.ndjson", replay=True)
    with pytest.raises(semantics.UsageError, match="RUN075"):
        semantics.convert(people(True, False), "in.ndjson", "out.ndjson", rejects="in.ndjson")


def test_rejects_of_another_mapping_are_told(place: Path) -> None:
    """A warning: the mapping may have been renamed."""
    semantics.convert(people(False, False), "in.ndjson", "out.ndjson")
    path = place / "out.ndjson.rejects.ndjson"
    path.write_text(path.read_text().replace('"mapping":"mapping"', '"mapping":"other"'))
    report = semantics.convert(people(True, False), str(path), "two.ndjson", replay=True)
    assert [(found.code, str(found.severity)) for found in report.findings] == [("RUN079", "warning")]
    assert (report.exit_code, "'other'" in report.to_text()) == (0, True)


def test_bytes_that_were_not_kept_are_read_in_the_input_again(place: Path) -> None:
    """Known by their digest; where they are not there any more the record stays rejected, with its digest."""
    Path("in.ndjson").write_bytes(as_ndjson(rows_of(["none", "long"])))
    semantics.convert(people(True, False), "in.ndjson", "one.ndjson", limits=NARROW)
    rejects = "one.ndjson.rejects.ndjson"
    (entry,) = entries(rejects)
    assert (entry["raw"], entry["size"], entry["code"]) == (None, 564, "SRC024")
    report = semantics.convert(people(True, False), rejects, "two.ndjson", replay=True, limits=NARROW)
    assert report.rejects == {"SRC024": 1}
    Path("in.ndjson").rename("moved.ndjson")
    Path("in.ndjson").write_text("{}\n" * 400)
    report = semantics.convert(people(True, False), rejects, "two.ndjson", replay=True)
    assert report.rejects == {"RUN078": 1}
    (again,) = entries("two.ndjson.rejects.ndjson")
    assert (again["sha256"], again["byte"]) == (entry["sha256"], entry["byte"])
    report = semantics.convert(
        people(True, False), "two.ndjson.rejects.ndjson", "three.ndjson", replay=True, related=["moved.ndjson"]
    )
    assert (report.records["mapped"], report.exit_code) == (1, 0)


def test_the_moment_of_the_first_run_is_that_of_the_second(place: Path) -> None:
    """Unless another is asked for."""

    def stamped(fixed: bool) -> Mapping:
        slots = {"label": {"expr": "capitalize(name)" if fixed else "lower(name)"}, "kind": {"expr": "now_of_run()"}}
        spec = {
            "source_schema": "src", "target_schema": "tgt",
            "class_derivations": {"Person": {"populated_from": "Row", "slot_derivations": slots}},
        }  # fmt: skip
        model = target(True)
        model["classes"]["Person"]["attributes"]["kind"] = {"range": "datetime"}
        return semantics.load_mapping(spec, source_schema=SOURCE, target_schema=model)

    moment = "2025-01-31T10:00:00+00:00"
    one = semantics.convert(stamped(False), "in.ndjson", "one.ndjson", now=moment)
    assert one.records["rejected"] == 3
    semantics.convert(stamped(True), "one.ndjson.rejects.ndjson", "two.ndjson", replay=True)
    semantics.convert(stamped(True), "in.ndjson", "clean.ndjson", now=moment)
    assert Path("two.ndjson").read_text() == Path("clean.ndjson").read_text()


def test_a_record_around_others_that_was_known_too_late_is_read_by_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its bytes were not held; they stand in the input."""
    monkeypatch.chdir(tmp_path)
    spec: dict[str, Any] = {
        "source_schema": "src",
        "target_schema": "tgt",
        "source": {
            "unknown": "report",
            "records": [{"path": "rows[*]", "class": "Shop"}, {"path": "", "class": "Shop", "has": ["code"]}],
        },
        "class_derivations": {"Receipt": {"populated_from": "Shop", "slot_derivations": {
            "id": {"populated_from": "code"}, "city": None}}},
    }  # fmt: skip
    mapping = semantics.load_mapping(spec, source_schema=SOURCE, target_schema=target(True))
    rows = [{"code": f"https://example.org/{n}", "city": "x" * 1000} for n in range(1100)]
    Path("in.json").write_text(json.dumps({"rows": rows, "code": "https://example.org/late", "city": "Ghent"}))
    first = semantics.convert(mapping, "in.json", "one.ndjson")
    assert (first.records["mapped"], first.rejects) == (1100, {"SRC024": 1})
    (entry,) = entries("one.ndjson.rejects.ndjson")
    assert (entry["raw"], entry["size"]) == (None, Path("in.json").stat().st_size)
    again = semantics.convert(mapping, "one.ndjson.rejects.ndjson", "two.ndjson", replay=True)
    assert again.records["mapped"] == 1
    assert json.loads(Path("two.ndjson").read_text()) == {"id": "https://example.org/late", "city": "Ghent"}
