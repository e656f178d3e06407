"""Completion, hover and definition by files: ``█`` is the cursor, the comments at the head say what must come of it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from semantics.editor.desk import Desk
from semantics.editor.features import complete, definition, file_of, hover

ROOT = Path(__file__).resolve().parents[2]
CASES = sorted((Path(__file__).parent / "data").glob("*.yaml"))
DESK = Desk()


@pytest.mark.parametrize("case", CASES, ids=lambda path: path.stem)
def test_a_place_has_what_it_should(case: Path) -> None:
    """A file that stands beside the schemas of the conformance suite, and is not saved."""
    whole = case.read_text("utf-8")
    asked = re.findall(r"^# ([\w ]+): (.*)$", whole, re.MULTILINE)
    text = re.sub(r"^# [\w ]+: .*\n", "", whole, flags=re.MULTILINE).removesuffix("\n")
    offset = text.index("█")
    folder = {"ontology": f"ontologies/{case.stem}.yaml", "tests": "mappings/gtfs.tests.yaml"}
    path = ROOT / folder.get(case.stem.partition("-")[0], "tests/conformance/case.yaml")
    DESK.put(path, text.replace("█", ""))
    document = DESK.document(path)
    assert document is not None
    found = [one.item.name for one in complete(document, offset, DESK)]
    told, place = hover(document, offset, DESK), definition(document, offset, DESK)
    DESK.remove(path)
    assert asked
    for what, value in asked:
        match what:
            case "completes":
                assert set(value.split(", ")) - set(found) == set()
            case "leaves out":
                assert set(value.split(", ")) & set(found) == set()
            case "first":
                assert found[0] == value
            case "hover":
                assert told is not None
                assert value in told[0]
            case "defined":
                assert place is not None
                name, _, word = value.partition(" ")
                if name == "here":
                    assert place.file is None
                    assert place.start < offset
                else:
                    assert place.file is not None
                    assert place.file.resolve() == ROOT / name
                    assert word in place.file.read_text().splitlines()[place.line - 1]
            case _:
                pytest.fail(what)


def test_every_name_in_a_mapping_of_the_package_is_known() -> None:
    """Classes, slots and paths of a mapping that has no faults stand for something."""
    path = ROOT / "mappings" / "gtfs.yaml"
    desk = Desk()
    desk.put(path, path.read_text("utf-8"))
    document = desk.document(path)
    assert document is not None
    file = file_of(document, desk)
    assert file is not None
    derived = [token for token in document.outline.tokens if token.path[0] == "class_derivations"]
    named = [token for token in derived if token.role == "key" or token.path[-1] == "populated_from"]
    named = [token for token in named if "value_mappings" not in token.path]  # codes of the source
    assert len(named) > 300
    assert [token for token in named if file.at(token.start) is None] == []
