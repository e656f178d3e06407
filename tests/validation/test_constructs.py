"""One fault at a time: every construct has one, and each artefact says of it what ``constructs.yaml`` says.

The table of docs/reference/verdict.md is made from the same file.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from semantics.errors import SchemaError
from semantics.generators.gaps import GAPS
from semantics.schema import load_schema
from semantics.schema.model import SchemaModel
from semantics.yaml_source import read_yaml

HERE = Path(__file__).parent
CONSTRUCTS: list[dict[str, Any]] = read_yaml(
    f"constructs:\n{(HERE / 'constructs.yaml').read_text('utf-8')}", file="constructs.yaml", error=SchemaError
).data["constructs"]
VERDICTS = {gap.id: gap for gap in GAPS if gap.verdict}
ArtefactsOf = Callable[[SchemaModel], Any]


def schema_of(case: dict[str, Any]) -> SchemaModel:
    """The schema of a case: its slots in a class ``Main``, and what comes with it."""
    given = dict(case.get("with", {}))
    parts = {key: given.pop(key) for key in ("types", "enums") if key in given}
    classes = {"Main": {"tree_root": True, "attributes": case["slots"]}, **given.pop("classes", {})}
    classes["Main"] |= given
    prefixes = {"ex": "https://example.org/"}
    return load_schema({"name": "made", "prefixes": prefixes, "default_prefix": "ex", "classes": classes, **parts})


@pytest.mark.parametrize("case", [pytest.param(case, id=case["construct"]) for case in CONSTRUCTS])
def test_each_artefact_sees_the_fault(case: dict[str, Any], artefacts_of: ArtefactsOf, verdicts: ModuleType) -> None:
    made = artefacts_of(schema_of(case))
    valid, broken = case["valid"], case["broken"]
    assert made.checked("Main", valid) == ()
    assert made.classes("Main", valid) == made.json(valid) == made.rdf("Main", valid) == []
    code, pointer = case["finding"]
    assert [(one.code, one.location.pointer) for one in made.checked("Main", broken)] == [(code, pointer)]
    found = [(one.code, one.location.pointer) for one in made.refused("Main", broken)]
    assert found == [(case.get("classes", code), pointer)], made.classes("Main", broken)
    for artefact, refused in (("json-schema", made.json(broken)), ("shacl", made.rdf("Main", broken))):
        gap = case.get(artefact)
        assert bool(refused) is (gap is None), (artefact, gap, refused)
        assert gap is None or gap in VERDICTS


# -- gaps ------------------------------------------------------------------------------------------

EXAMPLES = sorted(path.parent for path in (HERE / "gaps").glob("*/*/schema.yaml"))
MADE = {"pydantic-depth"}
"""Gaps whose example is made, because it would be long."""


def test_every_gap_that_touches_verdicts_has_an_example() -> None:
    shown = {case[artefact] for case in CONSTRUCTS for artefact in ("json-schema", "shacl") if artefact in case}
    assert {path.name for path in EXAMPLES} | shown | MADE == VERDICTS.keys()
    assert all(VERDICTS[path.name].generator == path.parent.name for path in EXAMPLES)


@pytest.mark.parametrize("folder", [pytest.param(path, id=path.name) for path in EXAMPLES])
def test_a_gap_is_still_so(folder: Path, artefacts_of: ArtefactsOf) -> None:
    """The checker and the artefact differ as declared; where they no longer do, the gap is to be taken out."""
    made = artefacts_of(load_schema(folder / "schema.yaml"))
    text = (folder / "instance.json").read_text("utf-8")
    instance = json.loads(text, parse_float=verdict_number)
    root = made.schema.tree_root
    ways = {"pydantic": made.classes, "shacl": made.rdf, "json-schema": lambda _, data: made.json(data)}
    refused = bool(ways[folder.parent.name](root, instance))
    checked = bool(made.checked(root, instance))
    assert (checked, refused) == ((True, False) if VERDICTS[folder.name].verdict == "lenient" else (False, True))


def verdict_number(text: str) -> Any:
    """A number with every digit."""
    from decimal import Decimal

    return Decimal(text)


def test_classes_inlined_a_hundred_deep_are_too_many_for_pydantic(artefacts_of: ArtefactsOf) -> None:
    count = 300
    classes: dict[str, Any] = {
        f"C{number}": {"attributes": {"next": {"range": f"C{number + 1}", "inlined": True}}} for number in range(count)
    }
    classes |= {f"C{count}": {"attributes": {"name": {}}}}
    classes["C0"]["tree_root"] = True
    made = artefacts_of(load_schema({"name": "deep", "classes": classes}))
    assert made.checked("C0", {"next": {}}) == ()
    assert made.classes("C0", {"next": {}}) != []
