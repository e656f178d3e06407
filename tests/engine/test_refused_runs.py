"""What cannot be run is said before anything is written: what was found, where, and the nearest fix."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

import semantics
from semantics import cli
from semantics.engine.ledger import Ledger
from semantics.engine.store import Store
from semantics.engine.validate import validate_files
from semantics.errors import Diagnostic, LimitError, SourceError, UsageError
from semantics.schema import load_schema


def schema(name: str, **classes: dict[str, Any]) -> dict[str, Any]:
    """A little schema as data."""
    return {
        "id": f"https://example.org/{name}", "name": name, "default_prefix": f"https://example.org/{name}/",
        "classes": {key: {"attributes": slots} for key, slots in classes.items()},
    }  # fmt: skip


SOURCE = schema("src", Row={"id": {"required": True}, "name": {}}, Other={"code": {"required": True}})
TARGET = schema("tgt", Thing={"id": {"identifier": True}, "name": {}, "site": {"range": "uri"}})
SCHEMAS: dict[str, Any] = {"source_schema": SOURCE, "target_schema": TARGET}
SLOTS = {"id": None, "name": None}
ROWS = {"class_derivations": {"Thing": {"populated_from": "Row", "slot_derivations": SLOTS}}}
JOINED = {
    "class_derivations": {
        "Thing": {
            "populated_from": "Row",
            "joins": {"other": {"class_named": "Other", "source_key": "id", "lookup_key": "code"}},
            "slot_derivations": {"id": None, "name": {"populated_from": "other.code"}},
        }
    }
}


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with records, from which a test runs."""
    (tmp_path / "rows.ndjson").write_text('{"id":"1","name":"a"}\n{"id":"2","name":"b"}\n')
    (tmp_path / "rows.csv").write_text("id,name\n1,a\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def told(fault: type[semantics.SemanticsError], call: Callable[[], Any], code: int) -> Diagnostic:
    """The one finding that a call ends with, and the exit code of the command line for it."""
    with pytest.raises(fault) as caught:
        call()
    assert caught.value.exit_code == code
    (finding,) = caught.value.diagnostics
    return finding


def converting(inputs: str | list[str] = "rows.ndjson", output: str = "out.json", **options: Any) -> Callable[[], Any]:
    """A conversion to be tried."""
    mapping = semantics.load_mapping(options.pop("mapping", ROWS), **SCHEMAS)
    return lambda: semantics.convert(mapping, inputs, output, **options)


# -- the call ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "hint", "inputs", "options"),
    [
        ("RUN002", "did you mean 'Row'?", "rows.ndjson", {"source_class": "Rows"}),
        ("RUN002", "known: Row", "rows.ndjson", {"source_class": "Nothing"}),
        ("RUN003", "pass --from", "rows", {}),
        ("RUN003", "pass --to", "rows.ndjson", {"output": "out"}),
        ("RUN004", "did you mean 'schema'?", "rows.ndjson", {"validate": "shema"}),
        ("RUN005", None, "empty", {}),
        ("RUN006", "choose another output", "rows.ndjson", {"output": "rows.ndjson"}),
        ("RUN024", None, "rows.ndjson", {"jobs": 0}),
        ("RUN025", "did you mean 'rejects'?", "rows.ndjson", {"reject": "r.ndjson"}),
    ],
)  # fmt: skip
def test_a_call_that_makes_no_sense_ends_with_2_and_writes_nothing(
    code: str, hint: str | None, inputs: str, options: dict[str, Any], place: Path
) -> None:
    (place / "empty").mkdir()
    before = sorted(place.iterdir())
    found = told(UsageError, converting(inputs, **options), 2)
    assert (found.code, found.hint) == (code, hint)
    assert sorted(place.iterdir()) == before


def test_a_name_that_the_workspace_does_not_have_gets_the_nearest() -> None:
    found = told(UsageError, lambda: semantics.load_mapping("open-bankin"), 2)
    assert (found.code, found.hint) == ("WRK002", "did you mean 'open-banking'?")
    found = told(UsageError, lambda: semantics.load_schema("finanze"), 2)
    assert (found.code, found.hint) == ("WRK002", "did you mean 'finance'?")


def test_a_path_that_is_no_file_is_named() -> None:
    found = told(UsageError, lambda: semantics.load_mapping("there/is/none.yaml"), 2)
    assert (found.code, "there/is/none.yaml" in found.message) == ("WRK001", True)


@pytest.mark.parametrize("key", ["source_schema", "target_schema"])
def test_a_mapping_without_a_schema_says_how_to_give_one(key: str, tmp_path: Path) -> None:
    (tmp_path / "m.yaml").write_text("class_derivations: {Thing: {populated_from: Row, slot_derivations: {id: }}}\n")
    given = {name: text for name, text in SCHEMAS.items() if name != key}
    found = told(semantics.MappingError, lambda: semantics.load_mapping(tmp_path / "m.yaml", **given), 2)
    assert (found.code, str(found.location)) == ("MAP022", f"{tmp_path}/m.yaml:1:1")
    assert found.hint == f"add '{key}: NAME', or pass --{key.replace('_', '-')}"


@pytest.mark.parametrize("value", [object(), {1, 2}, [[[object]]]])
def test_a_binding_is_plain_data(value: Any) -> None:
    assert told(UsageError, lambda: semantics.evaluate("a", {"a": value}), 2).code == "EXP010"


def test_a_binding_is_nested_64_levels_deep_at_most() -> None:
    deep: Any = 1
    for _ in range(70):
        deep = [deep]
    found = told(UsageError, lambda: semantics.evaluate("a", {"a": deep}), 2)
    assert (found.code, "64" in found.message) == ("EXP010", True)


@pytest.mark.parametrize("arguments", [["rows.ndjson"], ["-", "-o", "out.json"]])
def test_standard_streams_cannot_be_taken_up(place: Path, arguments: list[str]) -> None:
    (place / "rows.ndjson").write_bytes(b"")
    done = CliRunner().invoke(cli.cli, ["convert", "open-banking", *arguments, "--from", "ndjson", "--resume"])
    assert isinstance(done.exception, UsageError)
    (found,) = done.exception.diagnostics
    assert (found.code, "standard" in found.message) == ("RUN091", True)


# -- inputs --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("header", "code", "hint"),
    [
        ("idd,name", "RUN010", "nearest is Row, which needs 'id'"),
        ("x,y", "RUN010", None),
        ("code", "RUN012", None),
        ("id,nmae", "RUN011", "did you mean 'name'?"),
    ],
)
def test_a_table_that_fits_no_class_is_refused_at_its_header(
    header: str, code: str, hint: str | None, place: Path
) -> None:
    (place / "t.csv").write_text(f"{header}\n" + ",".join("1" for _ in header.split(",")) + "\n")
    mapping = {**ROWS, "source": {"format": "csv", "unknown": "error"}}
    found = told(SourceError, converting("t.csv", mapping=mapping), 3)
    assert (found.code, str(found.location), found.hint) == (code, "t.csv:1", hint)
    assert not (place / "out.json").exists()


def test_a_line_that_is_none_of_a_rejects_file_is_named(place: Path) -> None:
    found = told(SourceError, converting("rows.ndjson", replay=True), 3)
    assert (found.code, str(found.location)) == ("RUN001", "rows.ndjson:1")
    assert found.hint == "--replay takes the rejects file of an earlier run"


def test_a_record_that_fits_several_classes_is_rejected_with_their_names() -> None:
    both = schema("src", Row={"id": {}, "name": {}}, Twin={"id": {}, "name": {}})
    one = {"populated_from": "Row", "slot_derivations": SLOTS}
    two = {"populated_from": "Twin", "slot_derivations": SLOTS}
    mapping = semantics.load_mapping(
        {"class_derivations": [{"name": "Thing", **one}, {"name": "Thing", **two}]},
        source_schema=both, target_schema=TARGET,
    )  # fmt: skip
    (outcome,) = mapping.stream([{"id": "1", "name": "a"}])
    assert isinstance(outcome, semantics.Rejected)
    (found,) = outcome.diagnostics
    assert (found.code, found.hint) == ("REC006", "say which with --class (source_class)")
    assert "Row, Twin" in found.message


def test_a_code_without_an_entry_is_told_at_its_place_with_its_rule() -> None:
    slots = {"id": None, "name": {"populated_from": "name", "value_mappings": {"a": "A"}}}
    mapping = semantics.load_mapping(
        {"class_derivations": {"Thing": {"populated_from": "Row", "slot_derivations": slots}}}, **SCHEMAS
    )
    outcome = mapping.try_apply({"id": "1", "name": "secret"})
    assert isinstance(outcome, semantics.Rejected)
    (found,) = outcome.diagnostics
    assert (found.code, found.location and found.location.pointer) == ("REC004", "/name")
    assert found.rule is not None
    assert "secret" not in str(found)


def test_a_record_of_a_class_that_the_mapping_does_not_map_names_those_that_it_does() -> None:
    outcome = semantics.load_mapping(ROWS, **SCHEMAS).try_apply({"code": "1"}, "Other")
    assert isinstance(outcome, semantics.Rejected)
    assert [(found.code, found.hint) for found in outcome.diagnostics] == [("REC005", "it derives from: Row")]


# -- the run -------------------------------------------------------------------------------------------


def test_more_rejects_than_allowed_end_the_run_with_5(place: Path) -> None:
    (place / "bad.ndjson").write_text('{"id":"1"}\n{"id":{}}\n{"id":{}}\n')
    found = told(LimitError, converting("bad.ndjson", max_rejects=1), 5)
    assert (found.code, found.hint) == ("RUN007", "--max-rejects raises the limit")
    assert found.location is not None
    assert (found.location.file, found.location.line) == ("bad.ndjson", 3)
    assert not (place / "out.json").exists()


@pytest.mark.parametrize(
    "files", [{"report": "in.ndjson"}, {"report": "out.json"}, {"rejects": "out.json"}, {"rejects": "r", "report": "r"}]
)
def test_no_file_that_a_run_writes_takes_the_place_of_another(place: Path, files: dict[str, str]) -> None:
    (place / "in.ndjson").write_text('{"id":"1"}\n')
    found = told(UsageError, converting("in.ndjson", **files), 2)
    assert found.code == "RUN062"
    assert (place / "in.ndjson").read_text() == '{"id":"1"}\n'
    assert not (place / "out.json").exists()


def test_a_value_that_the_format_cannot_hold_rejects_its_record(place: Path) -> None:
    (place / "in.ndjson").write_text('{"id":"","name":"somebody"}\n{"id":"2"}\n')
    report = converting("in.ndjson", "out.nt", validate="none")()
    assert report.rejects == {"SNK010": 1}
    (row,) = (json.loads(line) for line in (place / "out.nt.rejects.ndjson").read_text().splitlines())
    assert (row["code"], row["line"]) == ("SNK010", 1)
    assert "the identifier is empty" in row["message"]
    assert "somebody" not in row["message"]


def test_counts_that_do_not_add_up_are_a_fault_of_the_program(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Ledger, "balanced", property(lambda self: False))
    assert told(semantics.InternalError, converting(), 70).code == "INT002"
    assert not (place / "out.json").exists()


def test_partners_that_cannot_be_kept_on_disk_end_the_run_with_5(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(place / "nowhere"))
    store = Store(budget=0)
    found = told(LimitError, lambda: store.add({"code": "1"}, [("Other", "1")]), 5)
    assert (found.code, "TMPDIR" in (found.hint or "")) == ("RUN031", True)


def test_a_table_that_a_compat_mapping_joins_must_be_among_the_inputs(place: Path) -> None:
    mapping = {"compat": "linkml-map", **JOINED, "source_schema": "src"}
    (place / "Row.csv").write_text("id,name\n1,a\n")
    ready = semantics.load_mapping(mapping, **SCHEMAS)
    found = told(UsageError, lambda: semantics.convert(ready, "Row.csv", "out.json"), 2)
    assert (found.code, "Other" in found.message) == ("RUN036", True)


def test_classes_are_generated_for_the_schemas_of_the_package_only() -> None:
    mapping = semantics.load_mapping(ROWS, **SCHEMAS)
    found = told(UsageError, lambda: mapping.model({"id": "1"}), 2)
    assert (found.code, "semantics generate" in (found.hint or "")) == ("RUN020", True)


# -- validation ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "hint", "paths", "options"),
    [
        ("RUN004", "did you mean 'schema'?", ["a.json"], {"manner": "shema"}),
        ("RUN003", "pass --from", ["a"], {}),
        ("RUN021", "pass --with shacl", ["a.ttl"], {}),
        ("RUN026", "did you mean 'Row'?", ["a.json"], {"class_name": "Rows"}),
    ],
)
def test_a_validation_that_makes_no_sense_ends_with_2(
    code: str, hint: str, paths: list[str], options: dict[str, Any], place: Path
) -> None:
    (place / "a.json").write_text('{"id":"1"}')
    found = told(UsageError, lambda: validate_files(load_schema(SOURCE), paths, **options), 2)
    assert (found.code, found.hint) == (code, hint)


def test_an_instance_that_does_not_tell_its_class_is_a_finding_with_the_way_out(place: Path) -> None:
    (place / "a.json").write_text('{"id":"1"}')
    report = validate_files(load_schema(SOURCE), ["a.json"])
    assert [(found.code, found.hint) for found in report.findings] == [("RUN022", "say which with --class")]
