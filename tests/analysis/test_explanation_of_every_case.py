"""Every case of the conformance suite explained: what is said of a slot is what the backend gave, and by a real rule.

Text and JSON are two forms of one thing, and say the same.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import pytest

from semantics.analysis.explanation import InstanceExplanation, SlotExplanation, to_data
from semantics.analysis.explanation_paths import narrowed
from semantics.analysis.explanation_text import instance_lines
from semantics.analysis.output import as_json
from semantics.engine.explain import Explanation, explain
from semantics.engine.mapping import Mapping
from semantics.records import Filtered, GroupRecord, Instance, Mapped, Outcome, Rejected
from semantics.testing import Case, cases

SUITE: Final = Path(__file__).resolve().parents[1] / "conformance"
CASES: Final = [case for case in cases(SUITE) if (case.folder / "expected.json").is_file()]
WORDS: Final = {Mapped: "mapped", Rejected: "rejected", Filtered: "filtered"}


def loaded(case: Case) -> Mapping:
    mapping = case.mapping("python")
    if (case.folder / "related.json").is_file():
        related = json.loads((case.folder / "related.json").read_text("utf-8"), parse_float=Decimal)
        mapping = mapping.with_related(related)
    return mapping


def given(case: Case) -> Any:
    """The input as it is explained from: plain data, or a file."""
    if (case.folder / "input.json").is_file():
        return json.loads((case.folder / "input.json").read_text("utf-8"), parse_float=Decimal)
    (path,) = (*case.folder.glob("input.*sv"), *case.folder.glob("document.*"))
    return path


def records(case: Case, mapping: Mapping) -> list[Any]:
    from semantics.engine.inputs import Inputs

    found = given(case)
    return [r for _, r in Inputs(mapping.plan, [str(found)]).records()] if isinstance(found, Path) else found


def slots(instance: InstanceExplanation) -> Iterator[SlotExplanation]:
    for slot in instance.slots:
        yield slot
        if _keeps_objects(slot):
            for inner in slot.instances:
                if inner.made:
                    yield from slots(inner)


def _keeps_objects(slot: SlotExplanation) -> bool:
    """Not a reference: of those objects only the identifier is kept."""
    return all(not inner.made or isinstance(_within(slot.value, inner.key), dict) for inner in slot.instances)


def _within(value: Any, key: str | None) -> Any:
    if key is None:
        return value
    return value.get(key) if isinstance(value, dict) else value[int(key)]


def resolved(data: Any, pointer: str) -> Any:
    for token in pointer.split("/")[1:]:
        name = token.replace("~1", "/").replace("~0", "~")
        data = data[int(name)] if isinstance(data, list) else None if data is None else data.get(name)
    return data


def plain(value: Any) -> Any:
    return json.loads(as_json(value), parse_float=Decimal)


class Files:
    """The files of a case, by the names that rules have."""

    def __init__(self) -> None:
        self.lines: dict[str, list[str]] = {}

    def line(self, rule: str) -> str:
        file, _, line = rule.rpartition(":")
        if file not in self.lines:
            path = Path(file) if Path(file).is_file() else next(SUITE.rglob(Path(file).name))
            self.lines[file] = path.read_text("utf-8").splitlines()
        return self.lines[file][int(line) - 1]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_what_is_explained_is_what_was_done(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEMANTICS_PSEUDONYM_KEY", "0123456789abcdef0123456789abcdef")
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1767225600")
    mapping, files = loaded(case), Files()
    inputs = records(case, mapping)
    by_record = _outcomes(list(mapping.stream(inputs)))
    for number in range(1, len(inputs) + 1):
        told = explain(mapping, given(case), record=number)
        outcomes = by_record.get((told.source, told.record)) or by_record.get(("<record>", number), [])
        if not outcomes:  # in no group
            assert told.outcome == "filtered"
            continue
        _agrees(mapping, told, outcomes)
        _names_its_rules(told, files)
        _says_the_same_twice(told)


def _outcomes(found: list[Outcome]) -> dict[tuple[str, int], list[Outcome]]:
    by_record: dict[tuple[str, int], list[Outcome]] = {}
    for outcome in found:
        record = outcome.record
        for member in record.members if isinstance(record, GroupRecord) else (record,):
            by_record.setdefault((member.source, member.number), []).append(outcome)
    return by_record


def _agrees(mapping: Mapping, told: Explanation, outcomes: list[Outcome]) -> None:
    """Outcome, instances and the value of every slot, at every depth."""
    assert told.outcome in {WORDS[type(outcome)] for outcome in outcomes}
    if told.outcome == "rejected":
        (rejected,) = [outcome for outcome in outcomes if isinstance(outcome, Rejected)][:1]
        assert [finding.code for finding in told.findings] == [finding.code for finding in rejected.diagnostics]
        return
    if any(isinstance(outcome, Rejected) for outcome in outcomes):
        return
    instances = [instance for outcome in outcomes if isinstance(outcome, Mapped) for instance in outcome.instances]
    made = [instance for instance in told.instances if instance.made]
    assert [one.class_name for one in made] == [instance.class_name for instance in instances]
    for explained, instance in zip(made, instances, strict=True):
        _agrees_in(mapping, told, explained, instance)


def _agrees_in(mapping: Mapping, told: Explanation, explained: InstanceExplanation, instance: Instance) -> None:
    data = plain(instance.data)
    reached = set()
    for slot in slots(explained):
        value = plain(slot.value)
        assert slot.notes or value is not None, f"{slot.path}: nothing says why it is null"
        if slot.hidden:
            continue
        assert resolved(data, slot.pointer) == value, slot.path
        reached.add(slot.pointer)
        for asked in (slot.path, slot.pointer):
            found = narrowed(told.instances, asked, mapping.prepared.target)
            assert any(one.pointer == slot.pointer and plain(one.value) == value for one in found), asked
    designator = mapping.plan.rules[instance.rule or ""].designator
    left = [name for name in data if f"/{name}" not in reached and name != designator]
    assert left == [], "slots of the instance that nothing explains"


def _names_its_rules(told: Explanation, files: Files) -> None:
    for instance in told.instances:
        assert files.line(instance.rule).strip(), instance.rule
        for slot in slots(instance):
            text = files.line(slot.rule)
            assert text.strip(), slot.rule
            if slot.column is not None:
                assert text[slot.column - 1 :].strip(), f"{slot.rule}:{slot.column}"


def _says_the_same_twice(told: Explanation) -> None:
    """Each line of a slot in the text has the value and the rule that the JSON has, and none is missing."""
    data = json.loads(as_json(to_data(told)), parse_float=Decimal)
    for instance, object_ in zip(told.instances, data["instances"], strict=True):
        lines = [line.strip() for line in instance_lines(instance)]
        if not object_["made"]:
            continue
        shown = [
            found for line in lines if (found := re.fullmatch(r"(.*?) = (.*)  \(([^()]*:\d+(?::\d+)?), (\w+)\)", line))
        ]
        expected = list(_flat(object_))
        assert [(f[1], f[3], f[4]) for f in shown] == [(s["path"], _rule(s), s["manner"]) for s in expected]
        for found, slot in zip(shown, expected, strict=True):
            built = bool(slot["instances"]) and slot["value"] is not None
            if built:
                assert found[2] == "(built)"
            elif not found[2].startswith(("'", '"')):
                assert json.loads(found[2], parse_float=Decimal) == slot["value"], slot["path"]


def _rule(slot: dict[str, Any]) -> str:
    return slot["rule"] if slot["column"] is None else f"{slot['rule']}:{slot['column']}"


def _flat(instance: dict[str, Any]) -> Iterator[dict[str, Any]]:
    if not instance["made"] and not any(slot["findings"] for slot in instance["slots"]):
        return
    for slot in instance["slots"]:
        yield slot
        for inner in slot["instances"]:
            yield from _flat(inner)
