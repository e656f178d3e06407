"""``semantics test`` as an author of mappings meets it."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner, Result

from semantics import cli
from semantics.cli.init import _FILES
from semantics.testing import assert_mapping

SOURCE = """\
id: https://example.org/src
name: src
default_prefix: https://example.org/src/
classes:
  Row:
    attributes:
      id: {required: true}
      name: {}
      size: {range: decimal}
      parts: {range: Part, multivalued: true, inlined_as_list: true}
  Part: {attributes: {label: }}
"""
TARGET = """\
id: https://example.org/tgt
name: tgt
default_prefix: https://example.org/tgt/
classes:
  Thing:
    attributes:
      id: {identifier: true, range: uriorcurie}
      name: {required: true}
      size: {range: decimal}
      parts: {range: Part, multivalued: true, inlined_as_list: true}
  Part: {attributes: {title: }}
"""
MAPPING = """\
source_schema: src
target_schema: tgt
class_derivations:
  Thing:
    populated_from: Row
    where: "name != 'Skip' or name is null"
    slot_derivations:
      id: {iri: "https://example.org/t/{id}"}
      name:
      size: {expr: "-size"}
      parts:
        for_each: parts
        class_derivations:
          Part:
            slot_derivations:
              title: {populated_from: label}
tests:
  - name: sizes are turned round
    input: {id: "1", name: A, size: 1.50}
    output: {id: "https://example.org/t/1", name: A, size: -1.5}
"""


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A workspace with one little mapping."""
    for name, text in (("ontologies/src", SOURCE), ("ontologies/tgt", TARGET), ("mappings/things", MAPPING)):
        path = tmp_path / f"{name}.yaml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*arguments: str, color: bool = False) -> Result:
    """The command, in the current folder; its exit code is what it returns."""
    runner = CliRunner()
    with runner.isolation(color=color) as streams:
        code = cli._run(["test", *arguments])
        out, err = streams[0].getvalue().decode(), streams[1].getvalue().decode() if streams[1] else ""
    return Result(runner, out.encode(), err.encode(), out.encode(), None, code, None)


def beside(place: Path, text: str) -> None:
    """Write the file of tests beside the mapping."""
    (place / "mappings" / "things.tests.yaml").write_text(f"tests:\n{text}")


def test_tests_in_a_mapping_and_beside_it_run(place: Path) -> None:
    """Every way to say what is expected, and all of it holds; the file beside is no mapping."""
    (place / "mappings" / "rows.ndjson").write_text('{"id": "8", "name": "H"}\n{"id": "9", "name": "Skip"}\n')
    beside(
        place,
        """
  - {name: rejected, input: {id: "1"}, rejected: [VAL001]}
  - {name: filtered, input: {id: "1", name: Skip}, filtered: true}
  - {name: partly, input: {id: "1", name: B, parts: [{label: x}]}, contains: {parts: [{title: x}]}}
  - name: several
    inputs: [{id: "1", name: B}, {id: "2", name: Skip}, {id: "3"}]
    outputs: [{Thing: {id: "https://example.org/t/1", name: B}}]
    rejected: [VAL001]
    filtered: 1
  - {name: some, inputs: [{id: "1", name: B}, {id: "2", name: C}], class: Row, contains: [{Thing: {name: C}}, {name: B}]}
  - {name: from a file, input_file: rows.ndjson, outputs: [{Thing: {id: "https://example.org/t/8", name: H}}]}
  - {name: exactly, exact: true, input: {id: "1", name: A, size: 1.50}, contains: {size: -1.50}}
""",
    )
    found = run()
    assert (found.exit_code, found.output) == (0, "8 passed, 0 failed\n")
    assert run("things", "-v").output.splitlines()[0] == "ok      things: sizes are turned round"
    assert run("--filter", "partly").output == "1 passed, 0 failed\n"


def test_a_difference_is_told_by_path_with_its_rule(place: Path) -> None:
    """What was expected, what came, and the line of the rule that made it."""
    beside(
        place,
        """
  - name: all wrong
    input: {id: "1", name: A, size: 2, parts: [{label: x}]}
    output: {id: "https://example.org/t/1", name: B, parts: [{title: y}], size: -2.0}
  - {name: exactly, exact: true, input: {id: "1", name: A, size: 1.50}, contains: {size: -1.5}}
  - {name: not rejected, input: {id: "1", name: A}, rejected: [VAL001]}
  - {name: unexpectedly, input: {id: "1"}, output: {name: A}}
  - {name: lost, input: {id: "1", name: Skip}, output: {name: A}}
""",
    )
    found = run("things")
    assert found.exit_code == 1
    assert found.output.startswith("""\
FAILED  things: all wrong  (mappings/things.tests.yaml:3:5)
    name
      expected  "B"
      found     "A"
      rule      mappings/things.yaml:9
    parts[0].title
      expected  "y"
      found     "x"
      rule      mappings/things.yaml:16
FAILED  things: exactly  (mappings/things.tests.yaml:6:5)
    size
      expected  -1.5
      found     -1.50
      rule      mappings/things.yaml:10
FAILED  things: not rejected  (mappings/things.tests.yaml:7:5)
    (rejected)
      expected  ["VAL001"]
      found     not rejected
FAILED  things: unexpectedly  (mappings/things.tests.yaml:8:5)
    (outcome)
      expected  a record that is mapped
      found     rejected: VAL001""")
    assert found.output.endswith("""\
FAILED  things: lost  (mappings/things.tests.yaml:9:5)
    (outcome)
      expected  one instance
      found     none
1 passed, 5 failed
""")


def test_mistakes_in_tests_are_found_with_their_lines(place: Path) -> None:
    """All at once, with exit code 2; the mapping itself is refused for those that stand in it."""
    beside(
        place,
        """
  - {name: a, inptu: {}}
  - {name: a, input: {}, output: {}}
  - {name: b, input: {}, inputs: [], output: {}}
  - {name: c, input: {}}
  - {name: d, input: {}, output: {}, contains: {}}
  - {name: e, input: 1, output: {}}
  - 5
""",
    )
    found = run("things")
    assert found.exit_code == 2
    codes = [(line.split()[1], line.split(":")[1]) for line in found.output.splitlines() if "things.tests.yaml" in line]
    assert codes == [
        ("TST001", "3"), ("TST003", "3"), ("TST003", "3"), ("TST002", "4"), ("TST003", "5"), ("TST003", "6"),
        ("TST003", "7"), ("TST001", "8"), ("TST001", "9"),
    ]  # fmt: skip
    assert "did you mean 'input'?" in found.output
    (place / "mappings" / "things.tests.yaml").write_text("test: []\n")
    assert "TST001  'test' is not a key of a file of tests" in run("things").output
    (place / "mappings" / "things.tests.yaml").unlink()
    mapping = place / "mappings" / "things.yaml"
    mapping.write_text(MAPPING.replace("input:", "inpt:"))
    assert "TST001" in run("things").output
    mapping.write_text(MAPPING.replace("name:\n", "nam: {}\n"))
    found = run()
    assert (found.exit_code, "MAP012" in found.output) == (2, True)
    assert found.output.endswith("0 passed, 0 failed, 1 broken\n")


def test_what_is_not_there(place: Path) -> None:
    """A name that is no mapping, a filter that fits nothing, an input outside."""
    assert run("nothing").exit_code == 2
    found = run("--filter", "nothing")
    assert (found.exit_code, "RUN040" in found.stderr) == (2, True)
    beside(
        place, "  - {name: a, input_file: ../../../etc/passwd, output: {}}\n  - {name: b, input_file: x, output: {}}\n"
    )
    found = run("things")
    assert found.exit_code == 1
    assert found.output.count("TST004") == 2


def test_junit_holds_the_results(place: Path) -> None:
    """An XML document with one case a test, whatever characters its texts have."""
    beside(place, '  - {name: "<a> & \\u0001", input: {id: "1", name: "]]>\\u0000"}, output: {name: x}}\n')
    assert run("--junit", "out/results.xml").exit_code == 1
    root = ElementTree.parse(place / "out" / "results.xml").getroot()
    assert root.attrib == {"name": "semantics", "tests": "2", "failures": "1", "errors": "0"}
    first, second = root.iter("testcase")
    assert (first.attrib["name"], len(first)) == ("sizes are turned round", 0)
    assert second.attrib == {
        "classname": "things", "name": "<a> & \\u0001", "file": "mappings/things.tests.yaml", "line": "2",
    }  # fmt: skip
    assert '"]]>\\u0000"' in (second[0].text or "")
    (place / "mappings" / "broken.yaml").write_text("tests: [{name: a, input: {}, output: {}}]\n")
    assert run("--junit", "out/results.xml").exit_code == 2
    assert ElementTree.parse(place / "out" / "results.xml").getroot().attrib["errors"] == "1"
    assert "RUN041" in run("--junit", "mappings/things.yaml/x.xml").stderr


def test_colours_only_where_they_are_wanted(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a terminal, unless NO_COLOR says otherwise."""
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert "\x1b[" in run(color=True).output
    assert "\x1b[" not in run().output
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b[" not in run(color=True).output


def test_a_part_of_other_mappings_is_passed_over(place: Path) -> None:
    """A file without tests is not looked at; it may be there to be imported only."""
    (place / "mappings" / "part.yaml").write_text("class_derivations: {Base: {abstract: true}}\n")
    assert run().output == "1 passed, 0 failed\n"
    assert "RUN040" in run("part").stderr


def test_tests_of_joins_and_groups_see_all_records(place: Path) -> None:
    """The records of one test are one run."""
    (place / "mappings" / "joined.yaml").write_text("""\
source_schema: src
target_schema: tgt
class_derivations:
  Thing:
    populated_from: Row
    joins:
      part: {class_named: Part, source_key: name, lookup_key: label}
    slot_derivations:
      id: {iri: "https://example.org/t/{id}"}
      name: {populated_from: part.label}
tests:
  - name: a partner among the inputs, and one beside them
    inputs: [{id: "1", name: x}, {id: "2", name: y}, {label: x}]
    related: {Part: [{label: y}]}
    outputs:
      - Thing: {id: "https://example.org/t/1", name: x}
      - Thing: {id: "https://example.org/t/2", name: y}
""")
    found = run("joined")
    assert (found.exit_code, found.output) == (0, "1 passed, 0 failed\n")


def test_the_first_example_has_a_test(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What ``semantics init`` writes is tested, too."""
    monkeypatch.chdir(tmp_path)
    assert cli._run(["init"]) == 0
    assert "mappings/meters.tests.yaml" in _FILES
    found = run()
    assert (found.exit_code, found.output) == (0, "3 passed, 0 failed\n")


def test_a_mapping_can_be_asserted_in_python(place: Path) -> None:
    """The same tests inside a test of one's own; the difference is in the assertion."""
    assert assert_mapping("things") == 1
    beside(place, '  - {name: wrong, input: {id: "1", name: A}, contains: {name: B}}\n')
    assert assert_mapping(place / "mappings" / "things.yaml", filter="sizes") == 1
    with pytest.raises(AssertionError) as fault:
        assert_mapping("things")
    assert str(fault.value).startswith('things: wrong (mappings/things.tests.yaml:2:5)\nname\n  expected  "B"')
