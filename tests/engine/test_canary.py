"""Values of records stay private: ten thousand records that fail in every way, a canary in each of their fields.

Of the canaries nothing is said on standard output or standard error, in a report, in a page or in the name of a
file; the rejects file alone has them, and only its owner may read it.
"""

from __future__ import annotations

import ast
import base64
import json
import os
import re
import stat
import subprocess
import sys
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import semantics
from semantics.engine.mapping import Mapping
from semantics.engine.validate import validate_files
from semantics.expressions.functions import FUNCTIONS
from semantics.expressions.registry import FunctionSpec
from semantics.validation import FORMS

RECORDS = 10_000
CANARY = re.compile(rb"kanari|4242\d{5}", re.IGNORECASE)
"""What texts and numbers of the records look like; nothing else that is written here does."""
DIGEST = re.compile(rb"\b(?:[0-9a-f]{32}|[0-9a-f]{64})\b")
"""Digests of files, places and rules, whose digits may by chance be those of a canary."""

SOURCE = """\
id: https://example.org/source
name: source
default_prefix: https://example.org/source/
classes:
  Row:
    attributes:
      id: {}
      name: {}
      note: {}
      age: {range: integer}
      amount: {range: decimal}
      share: {range: double}
      active: {range: boolean}
      born: {range: date}
      seen: {range: datetime}
      site: {}
      kind: {}
      state: {}
      sector: {}
      level: {}
      token: {}
      tags: {multivalued: true}
      home: {range: Place, inlined: true}
      parts: {range: Place, multivalued: true, inlined_as_list: true}
      byname: {range: Named, multivalued: true, inlined: true}
  Place:
    attributes:
      street: {}
      code: {}
      size: {range: integer}
  Named:
    attributes:
      id: {identifier: true}
      size: {range: integer}
"""
TARGET = """\
id: https://example.org/target
name: target
prefixes: {linkml: "https://w3id.org/linkml/", ex: "https://example.org/target/"}
imports: [linkml:types]
default_prefix: ex
classes:
  Person:
    tree_root: true
    attributes:
      id: {identifier: true}
      name: {required: true, pattern: "^(k[a]nari|ok)"}
      note: {}
      age: {range: integer, minimum_value: 0, maximum_value: 5000000000}
      amount: {range: decimal, minimum_value: 0}
      share: {range: double}
      active: {range: boolean}
      born: {range: date}
      seen: {range: datetime}
      site: {range: uri}
      kind: {range: Kind}
      state: {range: Kind}
      sector: {range: Kind}
      level: {any_of: [{range: integer}, {range: Kind}]}
      token: {}
      twice: {range: integer}
      tags: {multivalued: true, maximum_cardinality: 3, pattern: "^k[a]nari"}
      home: {range: Place, inlined: true}
      parts: {range: Place, multivalued: true, inlined_as_list: true}
      byname: {range: Named, multivalued: true, inlined: true}
    unique_keys:
      token: {unique_key_slots: [token]}
    rules:
      - preconditions: {slot_conditions: {state: {equals_string: B}}}
        postconditions: {slot_conditions: {note: {required: true}}}
  Place:
    attributes:
      street: {required: true}
      code: {pattern: "^[a-z]"}
      size: {range: integer, minimum_value: 0}
  Named:
    attributes:
      id: {identifier: true}
      size: {range: integer, minimum_value: 0}
enums:
  Kind: {permissible_values: {A: {}, B: {}}}
"""
MAPPING = """\
source_schema: source
target_schema: target
class_derivations:
  Person:
    populated_from: Row
    slot_derivations:
      id:
      name:
      note:
      age:
      amount:
      share:
      active:
      born:
      seen:
      site:
      kind: {value_mappings: {a: A, b: B}}
      state: {value_mappings: {a: A, b: B}, unmapped: "null"}
      sector: {value_mappings: {a: A}, unmapped: pass}
      level:
      token:
      twice: {expr: "int(token) * 2"}
      tags:
      home:
      parts:
      byname:
  Place:
    populated_from: Place
    slot_derivations: {street: , code: , size: }
  Named:
    populated_from: Named
    slot_derivations: {id: , size: }
"""


def record(number: int) -> dict[str, Any]:
    """A record that is valid, a canary in every field that may hold one."""

    def word(field: str) -> str:
        return f"kanari{number}{field}"

    def figure(field: int) -> int:
        return 4_242_000_000 + 100 * (number % 10_000) + field

    return {
        "id": f"https://example.org/{word('id')}",
        "name": word("name"),
        "note": word("note"),
        "age": figure(1),
        "amount": float(figure(2)),
        "share": figure(3),
        "active": True,
        "born": f"4242-{number % 12 + 1:02}-{number % 28 + 1:02}",
        "seen": f"4242-{number % 12 + 1:02}-{number % 28 + 1:02}T00:00:00Z",
        "site": f"https://example.org/{word('site')}",
        "kind": "a",
        "state": "a",
        "sector": "A",
        "level": figure(4),
        "token": str(figure(5)),
        "tags": [word("tag"), word("tog")],
        "home": {"street": word("street"), "code": word("code"), "size": figure(6)},
        "parts": [{"street": word("part"), "code": word("pcode"), "size": figure(7)}],
        "byname": {word("key"): {"size": figure(8)}},
    }


Break = Callable[[dict[str, Any], str], None]


def put(path: str, value: Any) -> Break:
    """Put a value at a path; ``CANARY`` in it becomes the record's own."""

    def broken(data: dict[str, Any], canary: str) -> None:
        *steps, last = path.split(".")
        place: Any = data
        for step in steps:
            place = place[int(step)] if step.isdigit() else next(iter(place.values())) if step == "*" else place[step]
        place[last] = json.loads(json.dumps(value).replace("CANARY", canary))

    return broken


def dropped(path: str) -> Break:
    """Take the value at a path away."""
    return put(path, None)


BREAKS: dict[str, tuple[str, Break]] = {
    "text for an integer": ("REC001", put("age", "CANARY")),
    "a fraction for an integer": ("REC001", put("age", 4_242_000_000.5)),
    "text for a boolean": ("REC001", put("active", "CANARY")),
    "text for a decimal": ("REC001", put("amount", "CANARY")),
    "text for a float": ("REC001", put("share", "CANARY")),
    "text for a date": ("REC001", put("born", "CANARY")),
    "a date that is not": ("REC001", put("born", "4242-13-41")),
    "a moment without an offset": ("REC001", put("seen", "4242-01-01T00:00:00 CANARY")),
    "an object for a text": ("REC001", put("name", {"first": "CANARY"})),
    "a text for an object": ("REC002", put("home", "CANARY")),
    "a text for a list of objects": ("REC002", put("parts", "CANARY")),
    "texts in a list of objects": ("REC002", put("parts", ["CANARY"])),
    "a list for a text": ("REC002", put("name", ["CANARY", "CANARY"])),
    "a text in an object by identifier": ("REC002", put("byname", {"CANARY": "CANARY"})),
    "a text for a number inside": ("REC001", put("parts.0.size", "CANARY")),
    "a text for a number by identifier": ("REC001", put("byname.*.size", "CANARY")),
    "an unknown code": ("REC004", put("kind", "CANARY")),
    "a list of codes": ("REC002", put("kind", ["CANARY"])),
    "an expression that fails": ("REC001", put("token", "CANARY")),
    "a code that passed": ("VAL004", put("sector", "CANARY")),
    "a pattern": ("VAL005", put("name", "no CANARY")),
    "a pattern in a list": ("VAL005", put("tags", ["no CANARY"])),
    "a pattern inside": ("VAL005", put("home.code", "0CANARY")),
    "a bound": ("VAL006", put("age", -4_242_000_000)),
    "a bound of a decimal": ("VAL006", put("amount", -4_242_000_000.5)),
    "a bound by identifier": ("VAL006", put("byname.*.size", -4_242_000_000)),
    "too many": ("VAL007", put("tags", ["CANARY1", "CANARY2", "CANARY3", "CANARY4"])),
    "what is required": ("VAL001", dropped("name")),
    "what is required inside": ("VAL001", dropped("parts.0.street")),
    "none of the ranges": ("VAL010", put("level", "CANARY")),
    "no uri": ("REC001", put("site", "CANARY and a blank")),
    "a rule": ("VAL011", lambda data, _: data.update(state="b", note=None)),
    "no identifier": ("VAL001", dropped("id")),
    "a code that is lost, and a pattern": (
        "VAL005", lambda data, canary: data.update(state=canary, name=f"no {canary}")
    ),
}  # fmt: skip
"""Ways to fail once a record is read: the code of the first finding, and how."""

TEXTS: dict[str, tuple[str, Callable[[bytes], bytes]]] = {
    "cut": ("SRC004", lambda line: line[:-40]),
    "not UTF-8": ("SRC003", lambda line: line.replace(b"name", b"na\xffme")),
    "too deep": ("SRC021", lambda line: line[:-1] + b',"deep":' + b"[" * 200 + b'"kanari"' + b"]" * 200 + b"}"),
    "a key twice": ("SRC020", lambda line: line[:-1] + b',"name":"kanari"}'),
    "a number without end": ("SRC023", lambda line: line.replace(b'"active":true', b'"extra":4242000001e999')),
    "two on a line": ("SRC004", lambda line: line + line),
    "a list": ("REC007", lambda line: b"[" + line + b"]"),
    "a text": ("REC007", lambda line: b'"kanari"'),
    "NaN": ("SRC004", lambda line: line.replace(b'"active":true', b'"kanari":"kanari","extra":NaN')),
}
"""Ways to fail while a record is read."""


WAYS = (*BREAKS, *TEXTS)


def failing(count: int) -> Iterator[tuple[str, bytes]]:
    """Records that fail, each in one way, in turns: the code that is expected, and the line."""
    for number in range(count):
        name, data = WAYS[number % len(WAYS)], record(number)
        if name in BREAKS:
            code, broken = BREAKS[name]
            broken(data, f"kanari{number}x")
            yield code, json.dumps(data).encode()
        else:
            code, cut = TEXTS[name]
            yield code, cut(json.dumps(data, separators=(",", ":")).encode())


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A workspace with the two schemas and the mapping."""
    for name, text in (
        ("ontologies/source.yaml", SOURCE),
        ("ontologies/target.yaml", TARGET),
        ("mappings/people.yaml", MAPPING),
    ):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def people(place: Path) -> Mapping:
    """The mapping, loaded in this process."""
    schemas = {f"{side}_schema": place / f"ontologies/{side}.yaml" for side in ("source", "target")}
    return semantics.load_mapping(place / "mappings/people.yaml", **schemas)


def command(place: Path, *arguments: str, ends: int = 1) -> bytes:
    """Run the command where records fail; everything that it says on its two channels."""
    done = subprocess.run(
        [sys.executable, "-m", "semantics", *arguments], cwd=place, capture_output=True, timeout=60, check=False,
        env={**os.environ, "PYTHONPATH": os.environ.get("PYTHONPATH", "")},
    )  # fmt: skip
    assert done.returncode == ends, done.stderr
    return done.stdout + done.stderr


def leaks(place: Path, said: bytes, *private: str) -> list[str]:
    """Where a canary is seen: in what was said, in a file that is not private, in the name of a file."""
    found = [f"said: {line!r}" for line in said.splitlines() if CANARY.search(line)]
    for file in sorted(place.rglob("*")):
        if CANARY.search(file.name.encode()):
            found.append(f"the name {file.name}")
        if file.is_file() and file.name not in private and file.parent.name not in ("ontologies", "mappings"):
            lines = DIGEST.sub(b"", file.read_bytes()).splitlines()
            found += [f"{file.name}: {line!r}" for line in lines if CANARY.search(line)]
    return found[:20]


def kept(rejects: Path) -> list[tuple[str, bytes]]:
    """The codes and bytes of a rejects file, which is its owner's alone; its messages say no value."""
    assert stat.S_IMODE(rejects.stat().st_mode) == 0o600
    rows = [json.loads(line) for line in rejects.read_bytes().splitlines()]
    for row in rows:
        said = [row["message"], row["pointer"], *(text for more in row.get("more", ()) for text in more.values())]
        assert not CANARY.search(json.dumps(said).encode()), said
    return [(row["code"], base64.b64decode(row["raw"]) if row.get("encoding") else row["raw"].encode()) for row in rows]


def test_of_ten_thousand_records_that_fail_nothing_is_said(place: Path) -> None:
    """Each ends in the rejects file with its bytes, for the reason that it fails for; nothing else has a value."""
    expected = list(failing(RECORDS))
    (place / "in.ndjson").write_bytes(b"\n".join(line for _, line in expected))
    said = command(
        place, "convert", "people", "in.ndjson", "-o", "out.nt", "--validate", "both", "--report", "report.json",
        "--findings", "findings.html", "--provenance", "run.ttl", "--provenance-of", "instances",
    )  # fmt: skip
    assert kept(place / "out.nt.rejects.ndjson") == expected
    said += command(place, "ledger", "report.json", ends=0)
    said += command(place, "ledger", "report.json", "--html", "ledger.html", "--require", "rejected=0")
    assert leaks(place, said, "in.ndjson", "out.nt.rejects.ndjson") == []
    report = json.loads((place / "report.json").read_bytes())
    assert report["records"]["rejected"] == RECORDS


@pytest.mark.parametrize("form", FORMS)
def test_no_form_of_the_findings_says_a_value(place: Path, form: str) -> None:
    """As a run writes them, in the process of a program that calls it: nor does the report, or what it prints."""
    (place / "in.ndjson").write_bytes(b"\n".join(line for _, line in failing(10 * len(WAYS))))
    mapping = people(place)
    report = semantics.convert(
        mapping, place / "in.ndjson", place / "out.json", report=str(place / "report.json"),
        findings=str(place / f"findings.{form}"), findings_format=form,
    )  # fmt: skip
    assert report.records["rejected"] == 10 * len(WAYS)
    assert leaks(place, report.to_text().encode(), "in.ndjson", "out.json.rejects.ndjson") == []


@pytest.mark.parametrize("manner", ["none", "shacl"])
def test_what_only_the_output_or_the_shapes_refuse_is_private_too(place: Path, manner: str) -> None:
    """Values that N-Triples cannot hold, and violations of the generated shapes."""
    broken = [record(number) for number in range(12)]
    for number, data in enumerate(broken):
        data |= ({"id": None}, {"sector": data["name"]}, {"name": "no " + data["name"]}, {"age": -4_242_000_000})[
            number % 4
        ]
    (place / "in.ndjson").write_text("\n".join(map(json.dumps, broken)))
    said = command(place, "convert", "people", "in.ndjson", "-o", "out.nt", "--validate", manner, "--report", "r.json",
                   "--findings", "findings.json")  # fmt: skip
    codes = {code for code, _ in kept(place / "out.nt.rejects.ndjson")}
    assert codes >= ({"VAL005", "VAL006"} if manner == "shacl" else {"SNK010"}), codes
    assert leaks(place, said, "in.ndjson", "out.nt", "out.nt.rejects.ndjson") == []


COLUMNS = ("id", "name", "note", "age", "amount", "share", "active", "born", "seen", "site", "kind", "state", "token")
ROWS: dict[str, tuple[str, Callable[[bytes], bytes]]] = {
    "a number": ("SRC043", lambda row: re.sub(rb",4242\d+,", b",kanari,", row, count=1)),
    "a cell too many": ("SRC040", lambda row: row + b",kanari"),
    "text after a quote": ("SRC041", lambda row: row.replace(b",kanari", b',"kanari"kanari', 1)),
    "NUL": ("SRC042", lambda row: row.replace(b",kanari", b",kanari\0", 1)),
    "not UTF-8": ("SRC003", lambda row: row.replace(b",kanari", b",kanari\xff", 1)),
    "a code": ("REC004", lambda row: row.replace(b",a,a,", b",kanari,a,")),
    "a pattern": ("VAL005", lambda row: row.replace(b",kanari", b",no kanari", 1)),
}
"""Ways to fail of a row of a table."""


def test_rows_of_a_table_that_fail_are_private_too(place: Path) -> None:
    """Rows that cannot be read, cells of the wrong type, and what fails later."""
    lines, expected = [",".join(COLUMNS).encode()], []
    for number in range(10 * len(ROWS)):
        data, (code, way) = record(number), list(ROWS.values())[number % len(ROWS)]
        data["active"] = "true"
        lines.append(way(",".join(str(data[column]) for column in COLUMNS).encode()))
        expected.append((code, lines[-1]))
    (place / "in.csv").write_bytes(b"\n".join(lines) + b"\n")
    said = command(place, "convert", "people", "in.csv", "-o", "out.json", "--report", "report.json")
    assert kept(place / "out.json.rejects.ndjson") == expected
    assert leaks(place, said, "in.csv", "out.json.rejects.ndjson") == []


ELEMENTS = {
    "a number": ("SRC058", "<age>kanari</age>"),
    "a date": ("SRC058", "<born>kanari</born>"),
    "an element twice": ("SRC054", "<name>kanari1</name><name>kanari2</name>"),
    "mixed content": ("SRC053", "<home>kanari<street>kanari</street>kanari</home>"),
    "a type": ("SRC061", '<home xsi:type="kanari kanari"><street>kanari</street></home>'),
    "nil with a text": ("SRC060", '<age xsi:nil="true">kanari</age>'),
    "a code": ("REC004", "<kind>kanari</kind>"),
    "a pattern": ("VAL005", "<name>no kanari</name>"),
    "too deep": ("SRC021", "<home>" * 200 + "kanari" + "</home>" * 200),
}
"""Ways to fail of an element."""


def test_elements_that_fail_are_private_too(place: Path) -> None:
    """Texts and attributes of XML."""
    rows = [
        f"<row note='kanari{number}'><token>4242000{number:03}</token>{inside}</row>"
        for number, (_, inside) in enumerate(list(ELEMENTS.values()) * 5)
    ]
    head = '<rows xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
    (place / "in.xml").write_text(head + "\n".join(rows) + "</rows>")
    mapping = place / "mappings/people.yaml"
    mapping.write_text("source: {records: [{path: 'rows.row[*]', class: Row}]}\n" + mapping.read_text())
    said = command(
        place, "convert", "people", "in.xml", "-o", "out.json", "--report", "report.json", "--findings", "f.html"
    )
    assert [code for code, _ in kept(place / "out.json.rejects.ndjson")] == [code for code, _ in ELEMENTS.values()] * 5
    assert leaks(place, said, "in.xml", "out.json.rejects.ndjson") == []


INSTANCES: tuple[Break, ...] = (
    put("age", "CANARY"), put("born", "CANARY"), put("kind", "CANARY"), put("name", "no CANARY"), put("age", -4_242_000_000),
    put("home", "CANARY"), put("home", ["CANARY"]), put("parts", "CANARY"), put("parts.0.size", -4_242_000_001),
    put("byname", ["CANARY"]), put("byname.*.size", "CANARY"), put("byname.*.id", "CANARY"), put("level", "CANARY"),
    put("tags", ["CANARY"] * 4), put("site", "CANARY and a blank"), put("token", ["CANARY"]), dropped("name"),
    put("token", "kanari again"), put("id", "kanari again"), put("extra", "CANARY"), put("id", ""),
)  # fmt: skip
"""Ways in which an instance of the target is wrong, two of them seen only beside another."""


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("manner", ["schema", "both"])
def test_no_form_of_a_validation_says_a_value(place: Path, form: str, manner: str) -> None:
    """Instances of the model, with identifiers and unique keys that occur twice; the shapes run too."""
    wrong = []
    for number in range(2 * len(INSTANCES)):
        data = record(number) | {"kind": "A", "state": "A", "sector": "A"}
        INSTANCES[number % len(INSTANCES)](data, f"kanari{number}x")
        wrong.append(data)
    (place / "in.ndjson").write_text("\n".join(map(json.dumps, wrong)))
    schema = semantics.load_schema(place / "ontologies/target.yaml")
    report = validate_files(schema, [str(place / "in.ndjson")], "Person", manner=manner)
    assert report.invalid >= len(wrong) - 3
    for said in (
        report.to(form),
        repr(report),
        str(report),
        *map(str, report.findings),
        *map(repr, report.findings),
    ):
        assert not CANARY.search(said.encode()), said


def test_exceptions_of_the_api_say_no_value(place: Path) -> None:
    """Their text, their form for programs, their notes, and the traceback that a program may log."""
    mapping = people(place)
    for number, (code, way) in enumerate(BREAKS.values()):
        data = record(number)
        way(data, f"kanari{number}x")
        for call in (mapping.apply, mapping.model):
            with pytest.raises(semantics.RecordError) as raised:
                call(data)
            fault = raised.value
            assert fault.diagnostics[0].code == code
            frames = traceback.TracebackException.from_exception(fault, capture_locals=False)
            said = f"{fault} {fault!r} {fault.args} {getattr(fault, '__notes__', '')} {''.join(frames.format())}"
            assert not CANARY.search(said.encode()), said


TEXTS_IN = (
    "kanari",
    "kanari 4242000001",
    "4242000001 kanari",
    "4242-01-kanari",
    "4242-01-01T00:00:00",
    "kanari://[",
    "",
)


@pytest.mark.parametrize("spec", FUNCTIONS.values(), ids=lambda spec: spec.name)
def test_no_function_says_what_it_was_given(spec: FunctionSpec, monkeypatch: pytest.MonkeyPatch) -> None:
    """The examples of each function, with its arguments replaced one by one."""
    monkeypatch.setenv("SEMANTICS_PSEUDONYM_KEY", "a key that is no secret")
    for example, _ in spec.examples:
        for position in range(
            sum(isinstance(node, ast.Constant) for node in ast.walk(ast.parse(example, mode="eval")))
        ):
            for value in (
                *TEXTS_IN,
                4_242_000_001,
                -4_242_000_001.5,
                True,
                ["kanari", 4_242_000_001],
                {"kanari": "kanari"},
            ):
                text = _with_a_name(example, position)
                try:
                    semantics.evaluate(text, {"given": value})
                except semantics.SemanticsError as fault:
                    said = f"{fault} {fault!r} {''.join(traceback.format_exception(fault))}"
                    assert not CANARY.search(said.encode()), said


def _with_a_name(example: str, position: int) -> str:
    """An expression with one of its constants replaced by a name."""
    tree = ast.parse(example, mode="eval")
    node = [node for node in ast.walk(tree) if isinstance(node, ast.Constant)][position]
    lines = example.splitlines()
    assert len(lines) == 1
    raw = example.encode()
    return (raw[: node.col_offset] + b"given" + raw[node.end_col_offset :]).decode()


def test_an_explanation_says_values_of_its_record_alone_and_a_coverage_none(place: Path) -> None:
    """Who asks for a record is shown it; nothing of the records around it."""
    (place / "in.ndjson").write_bytes(b"\n".join(line for _, line in failing(len(WAYS))))
    assert leaks(place, command(place, "coverage", "people", "in.ndjson", ends=0), "in.ndjson") == []
    said = command(place, "explain", "people", "in.ndjson", "--record", "3")
    assert b"kanari2name" in said
    assert set(re.findall(rb"kanari(\d+)", said)) == {b"2"}
