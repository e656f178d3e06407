"""Tables in a dialect, through whole runs: rejected rows run again, and the operator overrules the mapping."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import semantics
from semantics import cli
from semantics.errors import SemanticsError, UsageError

SOURCE: dict[str, Any] = {
    "id": "https://example.org/src", "name": "src", "default_range": "string", "imports": ["linkml:types"],
    "classes": {
        "Row": {"attributes": {
            "id": {"required": True}, "name": {}, "amount": {"range": "decimal"},
            "part": {"range": "Part"}, "tags": {"multivalued": True},
        }},
        "Part": {"attributes": {"x": {"range": "integer"}}},
    },
}  # fmt: skip
TARGET: dict[str, Any] = {
    "id": "https://example.org/tgt", "name": "tgt", "default_range": "string", "imports": ["linkml:types"],
    "classes": {"Item": {"attributes": {
        "id": {"identifier": True}, "name": {}, "amount": {"range": "decimal", "maximum_value": 100},
        "x": {"range": "integer"}, "tags": {"multivalued": True},
    }}},
}  # fmt: skip


def spec(source: dict[str, Any] | None = None) -> dict[str, Any]:
    slots = {"id": None, "name": None, "amount": None, "x": {"populated_from": "part.x"}, "tags": None}
    return {
        "source": source or {},
        "class_derivations": {"Item": {"populated_from": "Row", "slot_derivations": slots}},
    }


def loaded(source: dict[str, Any] | None = None, limit: int = 100) -> semantics.Mapping:
    target = json.loads(json.dumps(TARGET).replace("100", str(limit)))
    return semantics.load_mapping(spec(source), source_schema=SOURCE, target_schema=target)


def lines(path: Path) -> list[Any]:
    return [json.loads(line) for line in path.read_text().splitlines()]


@pytest.mark.parametrize(
    ("source", "document"),
    [
        ({"encoding": "windows-1252"}, "id,name,amount\n1,Zoé,5\n2,é,500\n3,\n".encode("cp1252") + b"4,\x81,5\n"),
        ({"encoding": "utf-16"}, 'id,name,amount\n1,Zoé,5\n2,"é\n",500\n3,\n'.encode("utf-16")),
        (
            {
                "dialect": {
                    "delimiter": ";",
                    "quote_char": "'",
                    "trim": True,
                    "decimal_char": ",",
                    "comment_prefix": "#",
                }
            },
            b"#made\n id ;name;amount\n1; 'a;''b' ;1,5\n2;x; 500,5\n# no\n3;\n4;;1.5\n",
        ),
        ({"dialect": {"double_quote": False, "columns": ["id", "name"]}}, b'1,"a\\"b"\n2,"\\n"\n3\n'),
        ({"dialect": {"quote_char": "", "skip_rows": 1}}, b'"\nid,name,amount\n1,"a,5\n2,b",500\n3,"\n'),
        (
            {"dialect": {"flattened": True}},
            b'id,part.x,tags,amount\n1,2,"[""a""]",1\n2,,"[""b""]",500\n3,x,,\n4,,b,\n',
        ),
    ],
)
def test_rejected_rows_of_any_dialect_run_again(source: dict[str, Any], document: bytes, tmp_path: Path) -> None:
    """The two outputs are a clean run's, and what stays broken says the same and keeps its bytes."""
    table, rejects = tmp_path / "in.csv", tmp_path / "one.ndjson.rejects.ndjson"
    table.write_bytes(document)
    one = semantics.convert(loaded(source), table, tmp_path / "one.ndjson")
    assert one.records["rejected"] >= 2
    two = semantics.convert(loaded(source, 1000), rejects, tmp_path / "two.ndjson", replay=True)
    clean = semantics.convert(loaded(source, 1000), table, tmp_path / "clean.ndjson")
    both = lines(tmp_path / "one.ndjson") + lines(tmp_path / "two.ndjson")
    assert sorted(map(json.dumps, both)) == sorted(map(json.dumps, lines(tmp_path / "clean.ndjson")))
    assert two.rejects == clean.rejects
    told = ("source", "record", "line", "byte", "pointer", "code", "message", "raw", "envelope", "columns", "encoding")
    left, right = (lines(tmp_path / f"{name}.ndjson.rejects.ndjson") for name in ("two", "clean"))
    assert [[entry.get(key) for key in told] for entry in left] == [[entry.get(key) for key in told] for entry in right]
    three = semantics.convert(
        loaded(source, 1000), tmp_path / "two.ndjson.rejects.ndjson", tmp_path / "three.ndjson", replay=True
    )
    assert three.rejects == two.rejects


def test_the_operator_overrules_the_mapping_and_leaves_the_rest_of_it(tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_bytes("1|é|1,5\n".encode("iso-8859-15"))
    mapping = loaded({"encoding": "windows-1252", "dialect": {"delimiter": ";", "decimal_char": ","}})
    told = {"delimiter": "|", "encoding": "ISO-8859-15", "columns": ("id", "name", "amount")}
    semantics.convert(mapping, tmp_path / "in.csv", tmp_path / "out.ndjson", dialect=told)
    assert lines(tmp_path / "out.ndjson") == [{"id": "1", "name": "é", "amount": 1.5}]


def test_an_encoding_that_is_told_of_json_is_refused(tmp_path: Path) -> None:
    (tmp_path / "in.json").write_text("[]")
    with pytest.raises(UsageError) as ended:
        semantics.convert(loaded(), tmp_path / "in.json", tmp_path / "out.json", dialect={"encoding": "iso-8859-1"})
    assert ended.value.diagnostics[0].code == "SRC094"
    with pytest.raises(SemanticsError) as refused:
        loaded({"format": "ndjson", "encoding": "iso-8859-1"})
    assert refused.value.diagnostics[0].code == "SRC094"
    assert "RFC 8259" in str(refused.value.diagnostics[0].hint)


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with schemas, a mapping and a table as somebody sends it."""
    monkeypatch.chdir(tmp_path)
    for name, data in {"src.yaml": SOURCE, "tgt.yaml": TARGET, "map.yaml": spec()}.items():
        Path(name).write_text(json.dumps(data).replace("100", "10000"))
    Path("in.csv").write_bytes("made by hand\n1\tZoé\t1.234,5\n".encode("cp1252"))
    return tmp_path


def run(capsys: pytest.CaptureFixture[str], arguments: list[str]) -> tuple[int, str]:
    """The exit code of a command, and everything that it printed."""
    with pytest.raises(SystemExit) as ended:
        cli.main(arguments)
    shown = capsys.readouterr()
    return int(ended.value.code or 0), shown.out + shown.err


TOLD = [
    "--encoding", "windows-1252", "--delimiter", "tab", "--no-header", "--columns", "id,name,amount", "--skip-rows", "1",
    "--decimal", ",", "--thousands", ".", "--quote", "", "--comment", "#", "--trim",
]  # fmt: skip


@pytest.mark.parametrize(
    ("command", "shown"),
    [
        (["convert", "map.yaml", "in.csv", "--source-schema", "src.yaml", "--target-schema", "tgt.yaml",
          "--validate", "none", "--rejects", "no.ndjson"], '"amount":1234.5'),
        (["explain", "map.yaml", "in.csv", "--source-schema", "src.yaml", "--target-schema", "tgt.yaml"], "1234.5"),
        (["coverage", "map.yaml", "in.csv", "--source-schema", "src.yaml", "--target-schema", "tgt.yaml"], "record"),
        (["validate", "src.yaml", "in.csv", "--class", "Row"], "1 instance"),
    ],
)  # fmt: skip
def test_every_command_that_reads_tables_is_told_how_they_are_written(
    command: list[str], shown: str, place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, text = run(capsys, [*command, *TOLD])
    assert (code, shown in text) == (0, True), text
    code, text = run(capsys, [*command, "--encoding", "latin1"])
    assert (code, "SRC090" in text) == (2, True), text


def test_dotted_columns_are_the_required_object_that_a_class_is_asked_for(tmp_path: Path) -> None:
    source = json.loads(json.dumps(SOURCE))
    source["classes"]["Row"]["attributes"]["part"]["required"] = True
    mapping = semantics.load_mapping(spec(), source_schema=source, target_schema=TARGET)
    (tmp_path / "in.csv").write_text("id,name,amount,part.x\n1,a,2,7\n")
    told: dict[str, Any] = {"source_class": "Row", "dialect": {"flattened": True}}
    semantics.convert(mapping, tmp_path / "in.csv", tmp_path / "out.ndjson", **told)
    assert [row["x"] for row in lines(tmp_path / "out.ndjson")] == [7]


def test_flattened_tables_are_validated_as_the_objects_they_hold(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("flat.csv").write_text('id,part.x,tags\n1,5,"[""a""]"\n2,x,\n')
    code, text = run(capsys, ["validate", "src.yaml", "flat.csv", "--class", "Row", "--flattened"])
    assert (code, text.count("SRC043"), "/part/x" in text) == (1, 2, True), text
