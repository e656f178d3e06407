"""``semantics import``: what it writes, what it tells, and exit codes."""

from __future__ import annotations

from pathlib import Path

import pytest

from semantics.cli import main
from semantics.schema import load_schema

METER = '{"title": "Meter", "type": "object", "required": ["id"], "properties": {"id": {"type": "string"}}}'


def ran(*arguments: str | Path) -> int:
    """The exit code of an import."""
    with pytest.raises(SystemExit) as ended:
        main(["import", *map(str, arguments)])
    return int(ended.value.code or 0)


@pytest.fixture
def meter(tmp_path: Path) -> Path:
    path = tmp_path / "meter.json"
    path.write_text(METER)
    return path


def test_a_schema_goes_to_standard_output_and_says_nothing_else(
    meter: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ran(meter) == 0
    out, err = capsys.readouterr()
    assert "  Meter:\n    tree_root: true\n    extra_slots:\n      allowed: true\n" in out
    assert err == ""


def test_a_schema_goes_to_a_file_that_loads(meter: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert ran(meter, "--from", "json-schema", "-o", tmp_path / "made.yaml") == 0
    assert capsys.readouterr().out == ""
    assert load_schema(tmp_path / "made.yaml").tree_root == "Meter"


def test_what_is_not_carried_is_told_with_its_place_and_ends_with_1(
    meter: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    meter.write_text(METER.replace('"string"', '"string", "not": {"const": "a"}'))
    assert ran(meter) == 1
    out, err = capsys.readouterr()
    assert out.startswith("id: ")
    assert err.startswith("meter.json#/properties/id  IMP010  warning: 'not' is not carried")


def test_references_are_found_in_the_folders_that_are_named(meter: Path, tmp_path: Path) -> None:
    (tmp_path / "common").mkdir()
    (tmp_path / "schemas").mkdir()
    (tmp_path / "common" / "types.json").write_text('{"$defs": {"Id": {"type": "string", "maxLength": 9}}}')
    own = tmp_path / "schemas" / "meter.json"
    own.write_text(METER.replace('{"type": "string"}', '{"$ref": "types.json#/$defs/Id"}'))
    assert ran(own, "-o", tmp_path / "made.yaml") == 1
    assert ran(own, "--refs", tmp_path / "common", "-o", tmp_path / "made.yaml") == 0
    assert load_schema(tmp_path / "made.yaml").classes["Meter"].slots["id"].range == "Id"


@pytest.mark.parametrize(
    ("name", "text", "code"),
    [
        ("a.json", "{", "IMP001"), ("a.json", '{"properties": []}', "IMP003"), ("a.bin", "\x00", "IMP003"),
        ("a.json", '{"allOf": {"$ref": "#"}}', "IMP003"), ("a.xsd", "<a/>", "IMP003"), ("a.csv", "", "IMP003"),
    ],
)  # fmt: skip
def test_what_cannot_be_imported_is_told_without_a_traceback(
    tmp_path: Path, name: str, text: str, code: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / name).write_text(text)
    assert ran(tmp_path / name) == (3 if code == "IMP001" else 2)
    out, err = capsys.readouterr()
    assert out == ""
    assert code in err
    assert "Traceback" not in err


def test_a_kind_that_is_none_is_refused_with_those_that_are(meter: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert ran(meter, "--from", "avro") == 2
    assert "'json-schema', 'openapi', 'xsd'" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("a.json", b"", "IMP003  the file is empty"),
        ("a.csv", b"id,name,id\n1,2,3\n", "a.csv:1  IMP003  columns 1 and 3 of the table have one name"),
        ("a.csv", b"n\xe4me\n1\n", "IMP001  the file is neither UTF-8 nor UTF-16\n  hint: save the file as UTF-8"),
    ],
)
def test_what_is_wrong_with_a_file_is_told_and_how_to_mend_it(
    name: str, content: bytes, told: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / name).write_bytes(content)
    assert ran(tmp_path / name) in (2, 3)
    assert told in capsys.readouterr().err


@pytest.mark.parametrize("name", ["https://example.org/a.json", "-"])
def test_what_is_no_file_of_this_machine_is_not_looked_for(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert ran(name) == 3
    assert "hint: nothing is fetched: give a file of this machine" in capsys.readouterr().err
