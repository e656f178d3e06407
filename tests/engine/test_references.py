"""References that nothing satisfies are told at the end, in bounded memory; none of them is a fault of its record."""

from __future__ import annotations

import json
import stat
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import semantics
from semantics.engine.references import LISTED, References
from semantics.engine.report import RunReport
from semantics.engine.report_schema import report_schema
from semantics.engine.validate import validate_files
from semantics.records import Record
from semantics.schema import load_schema

MODEL: dict[str, Any] = {
    "id": "https://example.org/tgt",
    "name": "tgt",
    "prefixes": {"ex": "https://example.org/x/"},
    "default_prefix": "https://example.org/tgt/",
    "classes": {
        "Thing": {"attributes": {"id": {"identifier": True, "range": "uriorcurie"}}},
        "Person": {
            "is_a": "Thing",
            "tree_root": True,
            "attributes": {
                "kind": {"designates_type": True},
                "knows": {"range": "Person", "multivalued": True},
                "either": {"any_of": [{"range": "Person"}, {"range": "Place"}]},
                "loose": {"any_of": [{"range": "Person"}, {"range": "integer"}]},
                "pets": {"range": "Pet", "multivalued": True, "inlined": True},
                "seen": {"range": "Place", "multivalued": True, "inlined_as_list": True},
            },
        },
        "Worker": {"is_a": "Person", "attributes": {"boss": {"range": "Worker"}}},
        "Place": {"is_a": "Thing"},
        "Pet": {"attributes": {"name": {"identifier": True}, "owner": {"range": "Person"}, "mate": {"range": "Pet"}}},
    },
}


def collected(*people: dict[str, Any], **options: Any) -> References:
    """What was collected from some people, each a record."""
    found = References(load_schema(MODEL), **options)
    for number, person in enumerate(people, start=1):
        found.collect("Person", person, Record(person, "in.ndjson", number, number))
    return found


def missing(found: References) -> dict[str, int]:
    """How many references of each slot are to nothing."""
    return {name: count["unsatisfied"] for name, count in found.counts().items() if count["unsatisfied"]}


def test_identifiers_are_compared_as_their_iris() -> None:
    """A CURIE, the IRI that it stands for and a bare name behind the default prefix; before and after."""
    people = (
        {"id": "ex:a", "knows": ["https://example.org/x/b", "https://example.org/tgt/c"]},
        {"id": "ex:b", "knows": ["ex:a", "c"]},
        {"id": "c"},
    )
    assert missing(collected(*people)) == {}
    assert collected(*people).counts() == {"Person.knows": {"used": 4, "unsatisfied": 0}}


def test_an_instance_is_one_of_its_class_and_of_those_above_it() -> None:
    """A worker is a person, but a person is no worker; a place is neither."""
    people = (
        {"id": "ex:w", "kind": "Worker", "boss": "ex:p"},
        {"id": "ex:p", "kind": "Person", "knows": ["ex:w", "ex:o"], "seen": [{"id": "ex:o"}], "either": "ex:o"},
    )
    assert missing(collected(*people)) == {"Worker.boss": 1, "Person.knows": 1}


def test_what_stands_inside_is_there_too() -> None:
    """Under identifiers, in lists; a slot that may also hold something else says nothing."""
    person = {
        "id": "ex:p",
        "pets": {"rex": {"owner": "ex:p", "mate": "rea"}, "rea": None, "rob": {"mate": "ray"}},
        "seen": [{"id": "ex:o"}],
        "loose": "ex:nobody",
    }
    found = collected(person)
    assert missing(found) == {"Pet.mate": 1}
    (finding,) = found.findings()
    assert (finding.source, finding.record, finding.pointer) == ("in.ndjson", 1, "/pets/2/mate")


def test_findings_say_the_place_and_no_value() -> None:
    """The value only where asked for; a missing identifier is told once, and counted as often as it is used."""
    people = [{"id": f"ex:{n}", "knows": ["ex:secret", f"ex:secret{n}"]} for n in range(LISTED + 5)]
    found = collected(*people)
    listed = list(found.findings())
    assert (len(listed), found.missing) == (LISTED, 2 * len(people))
    assert [finding.record for finding in listed[:3]] == [1, 1, 2]
    assert "secret" not in "".join(map(str, listed))
    assert {(finding.code, str(finding.severity)) for finding in listed} == {("VAL051", "warning")}
    shown = collected(*people, show_values=True, required=True)
    assert [finding.value for finding in shown.findings()][:2] == ["ex:secret", "ex:secret0"]
    assert {str(finding.severity) for finding in shown.findings()} == {"error"}


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 12), st.lists(st.integers(0, 15), max_size=4)), max_size=30),
    st.sampled_from([0, 300, 3000]),
)
def test_what_is_told_does_not_depend_on_where_it_is_kept(graph: list[tuple[int, list[int]]], budget: int) -> None:
    """In memory or on disk, the same counts and the same first places."""
    people = [{"id": f"ex:{own}", "knows": [f"ex:{other}" for other in others]} for own, others in graph]
    there = {own for own, _ in graph}
    expected = sum(other not in there for _, others in graph for other in others)
    found, spilt = collected(*people), collected(*people, budget=budget)
    assert found.missing == expected
    assert found.counts() == spilt.counts()
    assert list(found.findings()) == list(spilt.findings())
    spilt.close()


def test_digests_on_disk_are_the_owners_alone_and_go_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder of its own, mode 0700; nothing is left."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    found = collected({"id": "ex:a", "knows": ["ex:b"]}, budget=0)
    (folder,) = tmp_path.iterdir()
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert b"ex:b" not in b"".join(path.read_bytes() for path in folder.iterdir())
    found.close()
    assert list(tmp_path.iterdir()) == []


def test_wrong_values_are_passed_over() -> None:
    """They are found by the checker, not here."""
    assert collected({"id": 5, "knows": "no list", "pets": [], "seen": {"a": 1}, "either": {"x": 1}}).counts() == {
        "Person.knows": {"used": 1, "unsatisfied": 1}
    }
    assert collected({"id": "ex:a", "knows": [None, [], {"id": "ex:b"}, True, ""]}).missing == 0


# -- in a run, and in files ---------------------------------------------------------------------------

SOURCE: dict[str, Any] = {
    "id": "https://example.org/src",
    "name": "src",
    "default_prefix": "https://example.org/src/",
    "classes": {"Row": {"attributes": {"id": {"required": True}, "friend": {}}}},
}


def ready(*slots: str) -> Any:
    """A mapping of rows to people."""
    given = {"id": {"iri": "ex:{id}"}, "knows": {"expr": "[friend]"}}
    person = {"populated_from": "Row", "slot_derivations": {name: given[name] for name in slots}}
    spec = {"source_schema": "src", "target_schema": "tgt", "class_derivations": {"Person": person}}
    return semantics.load_mapping(spec, source_schema=SOURCE, target_schema=MODEL)


def test_a_run_tells_references_to_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A warning in the report and the findings; an error on request, and the output is written all the same."""
    monkeypatch.chdir(tmp_path)
    Path("in.csv").write_text("id,friend\na,ex:b\nb,ex:a\nc,ex:zz\n")
    report = semantics.convert(ready("id", "knows"), "in.csv", "out.ndjson", findings="found.json")
    assert report.references == {"Person.knows": {"used": 3, "unsatisfied": 1}}
    assert (report.exit_code, [found.code for found in report.findings]) == (0, ["VAL051"])
    assert "references to nothing in this run: Person.knows (1)" in report.to_text()
    assert json.loads(report.to_json())["references"] == report.references
    assert RunReport.from_json(report.to_json()) == report
    pytest.importorskip("jsonschema").validate(json.loads(report.to_json()), report_schema())
    (finding,) = json.loads(Path("found.json").read_text())["findings"]
    assert (finding["code"], finding["record"], finding["class"], finding["slot"]) == ("VAL051", 3, "Person", "knows")
    assert finding["rule"].startswith("<")
    report = semantics.convert(ready("id", "knows"), "in.csv", "out.ndjson", require_references=True)
    assert (report.exit_code, len(Path("out.ndjson").read_text().splitlines())) == (1, 3)


def test_a_mapping_that_writes_no_reference_collects_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is looked at, and the report says nothing of references."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(References, "collect", lambda *_: pytest.fail("collected"))
    Path("in.csv").write_text("id,friend\na,\n")
    report = semantics.convert(ready("id"), "in.csv", "out.ndjson")
    assert report.records["mapped"] == 1
    assert b"references" not in report.to_json()


@pytest.mark.parametrize("form", ["ndjson", "json"])
def test_files_are_looked_at_together(form: str, tmp_path: Path) -> None:
    """What one file refers to may be in the next; the report counts all that is missing."""
    one = [{"id": "ex:a", "knows": ["ex:b", "ex:c"]}]
    two = [{"id": "ex:b", "knows": [f"ex:{n}" for n in range(20)]}]
    for name, people in (("one", one), ("two", two)):
        lines = "\n".join(map(json.dumps, people)) if form == "ndjson" else json.dumps(people)
        (tmp_path / f"{name}.{form}").write_text(lines)
    paths = [str(tmp_path / f"{name}.{form}") for name in ("one", "two")]
    report = validate_files(load_schema(MODEL), paths)
    assert (report.conforms, report.invalid, dict(report.counts)) == (True, 0, {"VAL051": 21})
    assert (len(report.findings), report.omitted) == (LISTED, 21 - LISTED)
    assert not validate_files(load_schema(MODEL), paths, require_references=True).conforms


def test_a_graph_is_looked_at_as_it_is(tmp_path: Path) -> None:
    """Objects of reference properties that are no node of a class; also across files, and beside other forms."""
    prefix = "@prefix t: <https://example.org/tgt/> . @prefix x: <https://example.org/x/> .\n"
    (tmp_path / "a.ttl").write_text(prefix + 'x:a a t:Person ; t:kind "Person" ; t:knows x:b, x:w, x:c, x:o .\n')
    (tmp_path / "b.ttl").write_text(prefix + 'x:b a t:Person ; t:kind "Person" . x:o a t:Place .\n')
    (tmp_path / "c.ndjson").write_text('{"id": "ex:w", "kind": "Worker"}\n')
    paths = [str(tmp_path / name) for name in ("a.ttl", "b.ttl", "c.ndjson")]
    report = validate_files(load_schema(MODEL), paths, manner="shacl")
    found = [finding for finding in report.findings if finding.code == "VAL051"]
    assert [(finding.source, finding.focus) for finding in found] == [(paths[0], "https://example.org/x/a")] * 2
    assert report.counts["VAL051"] == 2


def test_what_is_of_no_class_is_passed_over() -> None:
    """Its class cannot be told: the checker says so."""
    found = References(load_schema(MODEL))
    found.collect("Nobody", {"id": "ex:a"}, Record({}))
    assert found.counts() == {}
