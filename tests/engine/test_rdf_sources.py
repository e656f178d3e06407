"""RDF as input, through ``convert`` and ``validate``: instances as records, and the bad files of the corpus."""

from __future__ import annotations

import csv
import json
import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import semantics
from semantics.engine.validate import validate_files
from semantics.errors import SemanticsError
from semantics.plan.documents import layout_of
from semantics.records import Record
from semantics.schema import read_schema
from semantics.sources import Input, Limits, ReadOptions, open_source
from semantics.sources.rdf import read_again, read_ntriples

SHARED = Path(__file__).resolve().parents[3] / "shared" / "badinputs"
MODEL: dict[str, Any] = {
    "id": "https://example.org/shop",
    "name": "shop",
    "prefixes": {"ex": "http://e/"},
    "default_prefix": "ex",
    "default_range": "string",
    "imports": ["linkml:types"],
    "classes": {
        "Party": {"attributes": {"id": {"identifier": True, "range": "uriorcurie"}, "kind": {"designates_type": True},
                                 "name": {}}},
        "Firm": {"is_a": "Party", "attributes": {"number": {"range": "integer"}}},
        "Order": {
            "attributes": {
                "id": {"identifier": True, "range": "uriorcurie"},
                "total": {"range": "decimal"},
                "weight": {"range": "float"},
                "placed": {"range": "datetime"},
                "paid": {"range": "boolean"},
                "status": {"range": "Status"},
                "web": {"range": "uri"},
                "notes": {"multivalued": True},
                "buyer": {"range": "Party", "inlined": True},
                "seller": {"range": "Party", "inlined": False},
                "lines": {"range": "Line", "multivalued": True, "inlined_as_list": True},
                "p": {"range": "Any"},
            }
        },
        "Line": {"attributes": {"item": {}, "count": {"range": "integer"}}},
        "Any": {"class_uri": "linkml:Any"},
    },
    "enums": {"Status": {"permissible_values": {"OPEN": {"meaning": "ex:open"}, "DONE": {}}}},
}  # fmt: skip
SLOTS = ["id", "total", "weight", "placed", "paid", "status", "web", "notes", "seller", "p"]
MAPPING: dict[str, Any] = {
    "name": "orders",
    "class_derivations": {
        "Order": {
            "slot_derivations": dict.fromkeys(SLOTS)
            | {
                "buyer": {
                    "populated_from": "buyer",
                    "class_derivations": {"Party": {"slot_derivations": {"id": None, "name": None}}},
                },
                "lines": {
                    "for_each": "lines",
                    "class_derivations": {"Line": {"slot_derivations": {"item": None, "count": None}}},
                },
            }
        }
    },
}
PREFIXES = "@prefix ex: <http://e/> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .\n"
ORDER = """\
ex:o1 a ex:Order ; ex:total 12.50 ; ex:weight 1.5e0 ; ex:placed "2024-01-01T00:00:00Z"^^xsd:dateTime ; ex:paid true ;
  ex:status ex:open ; ex:web <http://e/web> ; ex:notes "a"@en , "b" ; ex:seller ex:f1 ; ex:other 1 ;
  ex:buyer [ a ex:Firm ; ex:name "Ann" ; ex:number 7 ] ;
  ex:lines ( [ ex:item "x" ; ex:count 2 ] [ ex:item "y" ; ex:count "3" ] ) .
ex:f1 a ex:Firm ; ex:name "Firm" .
"""


def options(**limits: Any) -> ReadOptions:
    """As a mapping of orders reads."""
    model, _ = read_schema(MODEL)
    return ReadOptions(
        layout=layout_of(model, ["Order"]),
        told=lambda keys: "Order" if keys else None,
        limits=Limits(**limits),
    )


def records(text: str | bytes, name: str = "g.ttl", *, folder: Path, **limits: Any) -> list[Record]:
    """The records of a text in the format that a name tells."""
    path = folder / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    fmt = {"ttl": "turtle", "nt": "ntriples", "nq": "nquads", "jsonld": "jsonld"}[name.rpartition(".")[2]]
    return list(open_source(path, fmt, options(**limits)))


def fault(triples: str, folder: Path, **limits: Any) -> tuple[str, str | None]:
    """The code and pointer of the fault of one order."""
    (record,) = records(f"{PREFIXES}ex:o a ex:Order ; {triples} .", folder=folder, **limits)
    assert record.fault is not None
    assert record.fault.location is not None
    return record.fault.code, record.fault.location.pointer


# -- reading ---------------------------------------------------------------------------------------


def test_an_instance_is_a_record(tmp_path: Path) -> None:
    """Datatypes by ranges, objects inlined or referred to, lists in order, meanings as their values."""
    (record,) = records(PREFIXES + ORDER, folder=tmp_path)
    assert record.fault is None
    assert record.class_name == "Order"
    assert record.data == {
        "id": "http://e/o1",
        "total": Decimal("12.50"),
        "weight": 1.5,
        "placed": "2024-01-01T00:00:00Z",
        "paid": True,
        "status": "OPEN",
        "web": "http://e/web",
        "notes": ["a", "b"],
        "notes@lang": "en",
        "seller": "http://e/f1",
        "http://e/other": "1",
        "buyer": {"kind": "Firm", "name": "Ann", "number": 7},
        "lines": [{"item": "x", "count": 2}, {"item": "y", "count": 3}],
    }
    assert str(record.data["total"]) == "12.50"


@pytest.mark.parametrize(
    ("triples", "code", "pointer"),
    [
        ("ex:total 1 , 2", "SRC054", "/total"),
        ("ex:total true", "SRC073", "/total"),
        ('ex:total "1"^^ex:money', "SRC073", "/total"),
        ("ex:paid 1", "SRC073", "/paid"),
        ("ex:notes 1", "SRC073", "/notes"),
        ('ex:total "much"', "SRC058", "/total"),
        ("ex:total ex:much", "SRC074", "/total"),
        ("ex:notes []", "SRC074", "/notes"),
        ('ex:buyer "Ann"', "SRC074", "/buyer"),
        ('ex:seller "Ann"', "SRC074", "/seller"),
        ("ex:lines [ ex:count true ]", "SRC073", "/lines/count"),
        ("ex:lines [ <http://www.w3.org/1999/02/22-rdf-syntax-ns#first> 1 ]", "SRC075", "/lines"),
        ("a ex:Line", "SRC072", None),
        ("ex:p [ ex:p [ ex:p [ ex:p 1 ] ] ]", "SRC021", "/p/http:~1~1e~1p/http:~1~1e~1p"),
        (f"ex:notes '{'x' * 21}'", "SRC044", "/notes"),
    ],
)
def test_what_cannot_be_told_rejects_the_instance(triples: str, code: str, pointer: str | None, tmp_path: Path) -> None:
    """With the slot that it is about."""
    assert fault(triples, tmp_path, depth=3, field_bytes=20) == (code, pointer)


def test_objects_that_hold_each_other_end(tmp_path: Path) -> None:
    """A cycle of inlined objects is nested too deeply."""
    model = {
        **MODEL,
        "classes": {**MODEL["classes"], "Order": {"attributes": {"next": {"range": "Order", "inlined": True}}}},
    }
    (tmp_path / "g.ttl").write_text(f"{PREFIXES}ex:a a ex:Order ; ex:next ex:b . ex:b ex:next ex:a .")
    asked = ReadOptions(layout=layout_of(read_schema(model)[0], ["Order"]))
    (record,) = open_source(tmp_path / "g.ttl", "turtle", asked)
    assert record.fault is not None
    assert record.fault.code == "SRC021"


def test_naming_blank_nodes_takes_no_time_without_end(tmp_path: Path) -> None:
    """Nodes that are held in many ways are gone through once; a knot of them, where that cannot be, is refused."""
    named = {"id": {"identifier": True, "range": "uriorcurie", "annotations": {"rdf": "named"}}}
    model = {**MODEL, "classes": {"Order": {"attributes": {**named, "next": {"range": "Order", "inlined": False}}}}}
    asked = ReadOptions(layout=layout_of(read_schema(model)[0], ["Order"]))

    def first(triples: list[str]) -> Record:
        (tmp_path / "g.ttl").write_text(PREFIXES + "_:n0 a ex:Order . " + " . ".join(triples) + " .")
        return next(iter(open_source(tmp_path / "g.ttl", "turtle", asked)))

    chain = [f"_:n{n} ex:next _:m{n} . _:m{n} ex:a _:n{n + 1} ; ex:b _:n{n + 1}" for n in range(2)]
    assert first(chain).data["id"].startswith("urn:uuid:")
    knot = [f"_:n{n} ex:p{m} _:n{m}" for n in range(9) for m in range(9) if n != m]
    long = [f"_:n{n} ex:p{way} _:n{n + 1}" for n in range(60) for way in (1, 2)]
    for triples in (knot, long):
        fault = first(triples).fault
        assert fault is not None
        assert fault.code == "SRC021"


def test_other_formats_give_the_same_records(tmp_path: Path) -> None:
    """N-Triples and N-Quads with lines, JSON-LD with its context inside."""
    import pyoxigraph

    quads = list(pyoxigraph.parse((PREFIXES + ORDER).encode(), format=pyoxigraph.RdfFormat.TURTLE))
    (wanted,) = records(PREFIXES + ORDER, folder=tmp_path)
    lines = "".join(f"{quad.subject} {quad.predicate} {quad.object} .\n" for quad in quads)
    (of_lines,) = records("# a comment\n\n" + lines, "g.nt", folder=tmp_path)
    assert (of_lines.data, of_lines.line) == (wanted.data, 3)
    (of_quads,) = records(lines.replace(" .\n", " <http://e/g> .\n"), "g.nq", folder=tmp_path)
    assert of_quads.data == wanted.data
    document = {
        "@context": {"@vocab": "http://e/", "placed": {"@type": "http://www.w3.org/2001/XMLSchema#dateTime"}},
        "@id": "http://e/o1",
        "@type": "Order",
        "paid": True,
        "placed": "2024-01-01T00:00:00Z",
        "buyer": {"@type": "Firm", "number": 7},
    }
    (of_json,) = records(json.dumps(document), "g.jsonld", folder=tmp_path)
    assert of_json.data == {
        "id": "http://e/o1", "paid": True, "placed": "2024-01-01T00:00:00Z", "buyer": {"kind": "Firm", "number": 7},
    }  # fmt: skip


def test_the_contexts_of_the_shared_models_are_at_hand(tmp_path: Path) -> None:
    """By the IRI of the model; every other one is refused, wherever it stands."""
    named = {
        "@context": ["https://w3id.org/semantics/core", {"ex": "http://e/"}],
        "@id": "http://e/o",
        "@type": "ex:Order",
    }
    (record,) = records(json.dumps(named), "g.jsonld", folder=tmp_path)
    assert record.data == {"id": "http://e/o"}
    for context in ("https://w3id.org/semantics/../../etc/passwd", "https://w3id.org/semantics/", "file:///etc/passwd"):
        for document in ({"@context": context}, {"a": [{"@context": [context]}]}, {"@context": {"@import": context}}):
            with pytest.raises(SemanticsError) as caught:
                records(json.dumps(document), "g.jsonld", folder=tmp_path)
            assert caught.value.diagnostics[0].code == "SRC071"


def test_bad_lines_are_rejected_and_the_others_stay(tmp_path: Path) -> None:
    """With their bytes; what has no good line at all is not that format."""
    good = '<http://e/o> <http://e/total> "1" .\n'
    found = records("no triple\n" + good * 3 + '<http://e/o> <http://e/paid> "true"\n', "g.nt", folder=tmp_path)
    assert [(record.number, record.line, record.raw) for record in found[:2]] == [
        (1, 1, b"no triple"),
        (2, 5, b'<http://e/o> <http://e/paid> "true"'),
    ]
    assert found[2].data == {"id": "http://e/o", "total": Decimal(1)}
    for text, code in (("no triple\n", "SRC070"), ("", "SRC002"), ("<http://e/o> <http://e/x> 'y' .", "SRC070")):
        with pytest.raises(SemanticsError) as caught:
            records(text, "g.nt", folder=tmp_path)
        assert caught.value.diagnostics[0].code == code


def test_a_rejected_instance_is_run_again(tmp_path: Path) -> None:
    """From its triples in the rejects file; the same bytes each time, whatever labels the parser gives."""
    text = f"{PREFIXES}ex:o a ex:Order ; ex:total true ; ex:buyer [ ex:name 'A' ] . [] a ex:Order ; ex:total true ."
    one, two = (records(text, folder=tmp_path) for _ in range(2))
    assert [record.raw for record in one] == [record.raw for record in two]
    raw = one[0].raw
    assert raw is not None
    fixed = raw.replace(b"true", b"1").replace(b"boolean", b"integer")
    again = read_again(fixed, "g.ttl", options(), "Order")
    assert again.data == {"id": "http://e/o", "total": Decimal(1), "buyer": {"kind": "Party", "name": "A"}}
    assert read_again(b"nothing", "g.ttl", options(), "Order").fault is not None
    assert read_again(b"", "g.ttl", options(), "Order").fault is not None


@given(st.binary(max_size=80))
def test_any_bytes_give_records_or_an_error(noise: bytes) -> None:
    """Nothing else is ever raised."""

    class Bytes(Input):
        def blocks(self, limits: Limits) -> Any:
            return iter([noise] if noise else [])

    try:
        list(read_ntriples(Bytes(None, "noise"), options()))
    except SemanticsError:
        pass


# -- the whole way ---------------------------------------------------------------------------------


def mapping() -> semantics.Mapping:
    """Orders as they are."""
    return semantics.load_mapping(MAPPING, source_schema=MODEL, target_schema=MODEL)


def test_what_is_written_as_rdf_is_read_as_it_was(tmp_path: Path) -> None:
    """JSON to each RDF format and back."""
    order = {
        "id": "http://e/o1", "total": Decimal("12.50"), "weight": 1.5, "placed": "2024-01-01T00:00:00Z", "paid": True,
        "status": "OPEN", "web": "http://e/web", "notes": ['say "hi"', "a\\b\n\t"], "seller": "http://e/f1",
        "buyer": {"id": "http://e/b1", "name": "Ann"}, "lines": [{"item": "x", "count": 2}, {"item": "y"}],
    }  # fmt: skip
    (tmp_path / "in.ndjson").write_text(json.dumps(order, default=float).replace("12.5,", "12.50,"))
    semantics.convert(mapping(), tmp_path / "in.ndjson", tmp_path / "first.ndjson")
    first = (tmp_path / "first.ndjson").read_text()
    for ending in ("ttl", "nt", "jsonld"):
        semantics.convert(mapping(), tmp_path / "in.ndjson", tmp_path / f"out.{ending}")
        report = semantics.convert(mapping(), tmp_path / f"out.{ending}", tmp_path / f"{ending}.ndjson")
        assert report.records["rejected"] == 0
        again = json.loads((tmp_path / f"{ending}.ndjson").read_text(), parse_float=Decimal)
        told = json.loads(first, parse_float=Decimal)
        for data in (again, told):
            data["notes"].sort()
            data["lines"].sort(key=lambda line: str(line["item"]))
        assert again == told


@pytest.mark.parametrize("ending", ["ttl", "nt", "jsonld"])
def test_hostile_literals_come_back_as_they_were(ending: str, shared: Path, tmp_path: Path) -> None:
    """Quotes, escapes, control characters: each text to RDF and back."""
    schema = {
        **MODEL,
        "classes": {"A": {"attributes": {"id": {"identifier": True, "range": "uriorcurie"}, "name": {}}}},
    }
    there: dict[str, Any] = {
        "name": "there",
        "class_derivations": {"A": {"slot_derivations": {"id": {"iri": "http://e/{id}"}, "name": None}}},
    }
    back = {"name": "back", "class_derivations": {"A": {"slot_derivations": {"id": None, "name": None}}}}
    source = shared / "badinputs/rdf/literal_injection.ndjson"
    for spec, taken, out in ((there, source, f"out.{ending}"), (back, tmp_path / f"out.{ending}", "back.ndjson")):
        mapping = semantics.load_mapping(spec, source_schema=schema, target_schema=schema)
        report = semantics.convert(mapping, taken, tmp_path / out)
        assert report.records["rejected"] == 0
    names = [[json.loads(line)["name"] for line in file.read_text("utf-8").split("\n") if line]
             for file in (source, tmp_path / "back.ndjson")]  # fmt: skip
    assert names[0] == names[1]


def test_instances_in_rdf_are_validated_by_the_checker(tmp_path: Path) -> None:
    """JSON-LD and N-Quads as instances; the accounts hold."""
    model, _ = read_schema(MODEL)
    (tmp_path / "g.jsonld").write_text(
        json.dumps({"@id": "http://e/o", "@type": "http://e/Order", "http://e/paid": True})
    )
    (tmp_path / "g.nq").write_text('<http://e/o> <http://e/status> "LOST" .\n')
    assert validate_files(model, [str(tmp_path / "g.jsonld")], "Order").conforms
    assert not validate_files(model, [str(tmp_path / "g.nq")], "Order").conforms


# -- the corpus ------------------------------------------------------------------------------------

DECIDED = {
    "rdf/deep_bnode.ttl": "rejects 1",
    "rdf/shacl_redos.ttl": "accepts",
}
"""Where another outcome than the proposed one is right for ``convert``; docs/bad-inputs.md says why."""


def _rows() -> list[tuple[str, str]]:
    if not SHARED.is_dir():
        return []
    with (SHARED / "INDEX.tsv").open(encoding="utf-8") as file:
        rows = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        return [(row["file"], row["expected outcome"]) for row in rows if row["file"].startswith("rdf/")]


ROWS = [(name, text) for name, text in _rows() if not name.endswith(".ndjson")]


def _outcome(path: Path, folder: Path) -> tuple[str, list[str]]:
    rejected: list[semantics.Rejected] = []
    out = folder / "out.ndjson"
    try:
        report = semantics.convert(mapping(), path, out, on_reject=rejected.append)
    except SemanticsError as found:
        assert found.exit_code in (2, 3, 5), found
        assert list(folder.iterdir()) == [], "half an output"
        return "error", [one.code for one in found.diagnostics]
    counts = report.records
    assert counts["read"] == counts["mapped"] + counts["rejected"] + counts["filtered"]
    numbers = ",".join(str(one.record.number) for one in rejected)
    return f"rejects {numbers}" if rejected else "accepts", [one.code for each in rejected for one in each.diagnostics]


@pytest.mark.parametrize(("name", "text"), ROWS, ids=[name for name, _ in ROWS])
def test_outcome(name: str, text: str, tmp_path: Path) -> None:
    """The outcome of INDEX.tsv, or the one that is decided; nothing is fetched (the tests forbid it)."""
    wanted = "error" if "clear error" in text else "accepts"
    if found := re.search(r"rejects record line (\d+)", text):
        wanted = f"rejects {found[1]}"
    outcome, _ = _outcome(SHARED / name, tmp_path)
    assert outcome == DECIDED.get(name, wanted)


def test_a_long_literal_is_kept(shared: Path, tmp_path: Path) -> None:
    """A million characters."""
    semantics.convert(mapping(), shared / "badinputs/rdf/long_literal.ttl", tmp_path / "out.ndjson")
    assert len(json.loads((tmp_path / "out.ndjson").read_text())["p"]) == 1_000_000


def test_the_page_of_bad_inputs_says_what_happens(tmp_path: Path) -> None:
    """Each file has its row there, those of W3C one for all."""
    page = (Path(__file__).resolve().parents[2] / "docs" / "bad-inputs.md").read_text("utf-8")
    told = dict(re.findall(r"^\| as instances, `(rdf/[^`]+)` \| ([^|]+) \|", page, re.MULTILINE))
    assert set(told) == {name for name, _ in ROWS if "w3c" not in name} or not ROWS
    for number, name in enumerate(told if ROWS else ()):
        (tmp_path / str(number)).mkdir()
        found, codes = _outcome(SHARED / name, tmp_path / str(number))
        words = found.replace("accepts", "accepted").replace("rejects", "rejected")
        assert told[name] == (f"{words} ({codes[0]})" if codes else words)
