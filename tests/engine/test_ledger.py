"""The accounts of a run: complete for every construct of the language, and true."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

import semantics
from semantics.analysis.explanation import InstanceExplanation, SlotExplanation
from semantics.analysis.explanation_trace import explain_record
from semantics.cli import main
from semantics.engine.accounts import ANY_KEY
from semantics.engine.gates import read_conditions
from semantics.engine.groups import Grouping
from semantics.engine.inputs import Inputs
from semantics.engine.ledger import Ledger
from semantics.engine.ledger_page import ledger_page
from semantics.engine.ledger_pictures import MOST
from semantics.engine.mapping import Mapping
from semantics.engine.report import RunReport, slots_of
from semantics.engine.report_schema import report_schema
from semantics.engine.tally import Layout, Tally
from semantics.plan.reads import element, uses_of
from semantics.records import Mapped, Record
from semantics.testing import Case, cases

SUITE = Path(__file__).resolve().parents[1] / "conformance"
SCHEMAS = {"source_schema": SUITE / "source.yaml", "target_schema": SUITE / "target.yaml"}
CASES = [case for case in cases(SUITE) if (case.folder / "expected.json").is_file()]


def records_of(case: Case, mapping: Mapping) -> Iterator[Record]:
    """The records of a case with their origin."""
    if (case.folder / "input.json").is_file():
        given = json.loads((case.folder / "input.json").read_text("utf-8"), parse_float=Decimal)
        yield from (Record(data, number=number) for number, data in enumerate(given, start=1))
        return
    (path,) = (*case.folder.glob("input.*sv"), *case.folder.glob("document.*"))
    yield from (record for _, record in Inputs(mapping.plan, [str(path)]).records())


def ready(case: Case) -> Mapping:
    """The mapping of a case, with what its joins look up."""
    mapping = case.mapping("python")
    related = case.folder / "related.json"
    if not related.is_file():
        return mapping
    return mapping.with_related(json.loads(related.read_text("utf-8"), parse_float=Decimal))


def report_of(mapping: Mapping, records: list[Record]) -> RunReport:
    """What a run over some records would report."""
    ledger = Ledger(mapping.plan)
    grouping = Grouping(mapping) if mapping.plan.groups else None
    for record in records:
        events: list[Any] = []
        ledger.read += 1
        outcome = mapping.outcome(record, events)
        told = outcome if grouping is None else grouping.take(record, outcome)
        if told is not None:
            ledger.add(told, events)
    if grouping is not None:
        for group in grouping.outcomes():
            ledger.add_group(group.outcome, group.settled, group.events)
        grouping.close()
    assert ledger.balanced
    counts = {name: getattr(ledger, name) for name in ("read", "mapped", "rejected", "filtered", "emitted")}
    return RunReport(
        run={}, records=counts, unmapped=ledger.unmapped(), rejects=ledger.rejects(), reasons=ledger.reasons(),
        filtered=ledger.filters(), **slots_of(ledger.source(), ledger.target()),
    )  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_accounts_of_a_case_add_up(case: Case) -> None:
    """present = carried + dropped, dropped by reasons, records by reasons, whatever the construct."""
    mapping = ready(case)
    report = report_of(mapping, list(records_of(case, mapping)))
    for path, counts in report.source_slots.items():
        assert counts["present"] == counts["carried"] + counts["dropped"], path
        assert counts["carried"] <= counts["read"] <= counts["present"], path
        assert counts["dropped"] == sum(report.dropped.get(path, {}).values()), path
    for slot, counts in report.target_slots.items():
        assert min(counts.values()) >= 0, slot
    assert report.records["filtered"] == sum(report.filtered.values())
    assert report.records["rejected"] == sum(report.reasons.values()) == sum(report.rejects.values())
    assert RunReport.from_json(report.to_json()) == report


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_what_the_oracle_used_for_a_slot_is_carried(case: Case) -> None:
    """Record by record: each path from which a slot that is written got its value is carried, and none other is read
    without a rule that names it."""
    mapping = ready(case)
    for record in records_of(case, mapping):
        told = mapping.class_of(record)
        if not isinstance(told, str) or told not in mapping.plan.roots:
            continue
        if not isinstance(mapping.outcome(record, []), Mapped):
            continue
        report = report_of(mapping, [record])
        explained = explain_record(mapping.plan, mapping.prepared.target, record, told, related=mapping.tables)
        for instance in explained.instances:
            for slot in written(instance):
                for source in slot.sources:
                    path = path_of(source.pointer, record.data, report) if source.value not in (None, []) else None
                    # What only a condition of the slot asks for is read, and not carried.
                    fate = "read" if path and path.rpartition(".")[2] in (slot.where or "") else "carried"
                    assert path is None or report.source_slots[path][fate], (slot.path, path)


def written(instance: InstanceExplanation) -> Iterator[SlotExplanation]:
    """The slots of an instance, and of those in it, that got a value."""
    if instance.made:
        for slot in instance.slots:
            if slot.value is not None:
                yield slot
            for inner in slot.instances:
                yield from written(inner)


def path_of(pointer: str | None, data: Any, report: RunReport) -> str | None:
    """The path of the report that a pointer into a record belongs to; None where it leads to nothing."""
    path, at = "", data
    for step in (pointer or "").split("/")[1:]:
        if isinstance(at, list):
            if not step.isdigit():
                return None
            at = at[int(step)] if int(step) < len(at) else None
            continue
        if not isinstance(at, dict) or at.get(step) is None:
            return None
        below = f"{path}.{step}".lstrip(".")
        path = below if below in report.source_slots else f"{path}.{ANY_KEY}"
        at = at[step]
    return path or None


# -- gates -----------------------------------------------------------------------------------------

REPORT = RunReport(
    run={},
    records={"read": 1000, "mapped": 990, "rejected": 4, "filtered": 6, "emitted": 991},
    source_slots={
        "name": {"present": 1000, "read": 990, "carried": 990, "dropped": 10},
        "note": {"present": 500, "read": 0, "carried": 0, "dropped": 500},
    },
    target_slots={"Account.name": {"written": 980, "null": 10, "defaulted": 5}},
    unmapped={"Account.name": {"x": 2}},
    rejects={"VAL003": 4},
    reasons={"VAL003 m.yaml:4": 4},
    filtered={"where m.yaml:2": 6},
    dropped={"name": {"rejected": 4, "filtered": 6}, "note": {"unread": 495, "rejected": 2, "filtered": 3}},
)


@pytest.mark.parametrize(
    ("condition", "told"),
    [
        ("unmapped=0", "unmapped=0 does not hold: found 2"),
        ("unmapped[Account.name]<=2", None),
        ("dropped<=0.1%", "dropped<=0.1% does not hold: found 510 of 1500 values present (34 %)"),
        ("dropped[name]<=1%, rejected<5", None),
        ("dropped[nothing]=0", None),
        ("not_carried[note]<495", "not_carried[note]<495 does not hold: found 495"),
        ("rejected<=0.4%", None),
        ("rejected<0.4%", "rejected<0.4% does not hold: found 4 of 1000 records read (0.4 %)"),
        ("rejected[VAL003]=4,rejected[VAL001]=0", None),
        ("filtered[where m.yaml:2]=6", None),
        ("null[Account.name]<=1%", "null[Account.name]<=1% does not hold: found 10 of 990 slots of the objects made (1.01 %)"),
        ("read>0,mapped>=99%,emitted != 990,carried>=66%", None),
        ("defaulted>5", "defaulted>5 does not hold: found 5"),
    ],
)  # fmt: skip
def test_a_condition_holds_or_says_what_was_found(condition: str, told: str | None) -> None:
    assert [str(broken) for broken in REPORT.require(condition)] == ([told] if told else [])


@pytest.mark.parametrize(
    ("condition", "hint"),
    [
        ("droped=0", "did you mean 'dropped'?"),
        ("null[Account.nam]=0", "did you mean 'Account.name'?"),
        ("null[name]=0", None),
        ("unmapped[Account.nme]=0", "did you mean 'Account.name'?"),
        ("rejected[val003]=0", "did you mean 'VAL003'?"),
        ("read[x]=0", None),
        ("dropped", 'write "unmapped=0,dropped[a.b]<=0.1%"'),
        ("dropped=0;read=0", 'write "unmapped=0,dropped[a.b]<=0.1%"'),
        ("", 'write "unmapped=0,dropped<=0.1%"'),
    ],
)
def test_a_condition_that_cannot_be_read_is_refused(condition: str, hint: str | None) -> None:
    with pytest.raises(semantics.UsageError) as refused:
        REPORT.require(condition)
    (found,) = refused.value.diagnostics
    assert (found.code, found.hint) == ("RUN066", hint)


def test_a_path_that_no_record_held_counts_nothing_and_is_doubted_when_it_is_nearly_one() -> None:
    found = read_conditions("dropped[nmae]=0,dropped[other]=0").doubts(REPORT)
    assert [(doubt.code, doubt.hint) for doubt in found] == [("RUN068", "did you mean 'name'?")]


# -- reports ---------------------------------------------------------------------------------------


def test_reports_add_up() -> None:
    """Two runs as one: every count is the sum."""
    both = REPORT + REPORT
    assert both.records == {name: 2 * count for name, count in REPORT.records.items()}
    assert both.source_slots["note"]["dropped"] == 1000
    assert both.reasons == {"VAL003 m.yaml:4": 8}
    assert len((both + REPORT).run["runs"]) == 3


@pytest.mark.parametrize("text", ["", "[1]", '{"records": 1}', "{}"])
def test_what_is_no_report_is_refused(text: str, tmp_path: Path) -> None:
    (tmp_path / "report.json").write_text(text)
    with pytest.raises(semantics.SourceError) as refused:
        RunReport.load(tmp_path / "report.json")
    assert refused.value.diagnostics[0].code == "RUN065"


def test_a_broken_condition_is_a_finding() -> None:
    assert [broken.diagnostic.code for broken in REPORT.require("unmapped=0,dropped=0")] == ["RUN067", "RUN067"]


# -- what must not be in a report ------------------------------------------------------------------


def test_keys_that_are_data_are_in_no_path(tmp_path: Path) -> None:
    """Where the source schema has a mapping by key, and where keys are too many to be names."""
    mapping = next(case for case in CASES if case.name == "keyed/read_as_a_list").mapping("python")
    vehicles = {f"PLATE-{n}": {"seats": n, "owners": {f"PERSON-{n}-{m}": 1 for m in range(3)}} for n in range(60)}
    report = report_of(mapping, [Record({"name": "a", "vehicles": vehicles})])
    assert b"PLATE" not in report.to_json()
    assert b"PERSON" not in report.to_json()
    assert report.source_slots["vehicles.*"] == {"present": 60, "read": 60, "carried": 60, "dropped": 0}
    assert report.source_slots["vehicles.*.owners.*"] == {"present": 180, "read": 0, "carried": 0, "dropped": 180}


def test_a_record_that_is_left_out_says_by_which_rule(tmp_path: Path) -> None:
    """Every rule that a record starts has said no, so the reason follows from its class."""
    spec = {
        "class_derivations": {
            "Account": {
                "populated_from": "Account",
                "where": "code == 'x'",
                "slot_derivations": {"id": {"iri": "data:{number}"}, "name": {"populated_from": "owner"}},
            }
        }
    }
    mapping = semantics.load_mapping(spec, **SCHEMAS)
    report = report_of(
        mapping, [Record({"number": "1", "code": "y", "owner": "t"}), Record({"number": "2", "code": "x"})]
    )
    assert report.filtered == {"where <mapping>:1": 1}
    assert report.dropped == {"number": {"filtered": 1}, "code": {"asked": 1, "filtered": 1}, "owner": {"filtered": 1}}


# -- the command -----------------------------------------------------------------------------------


def run(*arguments: str) -> int:
    """The exit code of the command line."""
    with pytest.raises(SystemExit) as ended:
        main(list(arguments))
    return int(ended.value.code or 0)


@pytest.fixture
def small(tmp_path: Path) -> str:
    """The file of a report."""
    (tmp_path / "report.json").write_bytes(REPORT.to_json())
    return str(tmp_path / "report.json")


def test_the_command_shows_tables_and_adds_reports_up(small: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("ledger", small, small) == 0
    text = capsys.readouterr().out
    assert text.startswith("2000 read = 1980 mapped + 8 rejected + 12 filtered")
    assert "note     1000     0        0     1000  unread 990, rejected 4, filtered 6" in text
    assert "VAL003 m.yaml:4        8" in text
    assert run("ledger", small, "--format", "json") == 0
    assert RunReport.from_json(capsys.readouterr().out) == REPORT


def test_a_gate_ends_with_1_and_a_misspelt_one_with_2(small: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("ledger", small, "--require", "unmapped<=2", "--require", "dropped[nmae]=0") == 0
    assert "RUN068" in capsys.readouterr().err
    assert run("ledger", small, "--require", "unmapped=0,rejected<=0.3%") == 1
    assert capsys.readouterr().err.splitlines() == [
        "RUN067  unmapped=0 does not hold: found 2",
        "RUN067  rejected<=0.3% does not hold: found 4 of 1000 records read (0.4 %)",
    ]
    assert run("ledger", small, "--require", "unmaped=0") == 2
    assert "did you mean 'unmapped'?" in capsys.readouterr().err
    assert run("ledger", "nothing.json") == 3


def test_a_run_can_end_with_a_gate(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The output is written all the same; conditions that cannot be read end before anything is."""
    records = tmp_path / "in.ndjson"
    records.write_text('{"number": "1", "owner": "a", "extra": 1}\n')
    mapping = tmp_path / "m.yaml"
    mapping.write_text(
        "class_derivations:\n  Account:\n    populated_from: Account\n    slot_derivations:\n"
        '      id: {iri: "data:{number}"}\n      name: {populated_from: owner}\n'
    )
    schemas = [f"--{name.replace('_', '-')}={path}" for name, path in SCHEMAS.items()]
    out = tmp_path / "out.ndjson"
    command = ("convert", str(mapping), str(records), "-o", str(out), *schemas)
    assert run(*command, "--require", "droped=0") == 2
    assert not out.exists()
    assert run(*command, "--require", "not_carried=0") == 1
    assert "RUN067  not_carried=0 does not hold: found 1" in capsys.readouterr().err
    assert out.exists()
    assert run(*command, "--require", "null[Account.nme]=0") == 1
    assert "RUN066" in capsys.readouterr().err
    assert run(*command, "--require", "rejected=0,not_carried<=50%") == 0
    records.write_text('{"number": {}, "owner": "a"}\n')
    capsys.readouterr()
    assert run(*command, "--require", "rejected=0") == 1
    assert "RUN067  rejected=0 does not hold: found 1" in capsys.readouterr().err


# -- the page --------------------------------------------------------------------------------------


def wide(paths: int) -> RunReport:
    """A report with many paths."""
    names = [f"{'abc'[at % 3]}.field_{at}" if at % 4 else f"field_{at}" for at in range(paths)]
    return replace(
        REPORT,
        source_slots={name: {"present": 9, "read": 8, "carried": 7, "dropped": 2} for name in names},
        target_slots={f"C.slot_{at}": {"written": 7, "null": 1, "defaulted": 0} for at in range(paths)},
        dropped={name: {"unread": 2} for name in names},
        flows={f"C.slot_{at}": {f"m.yaml:{at + 1}": (name,)} for at, name in enumerate(names)},
    )


@pytest.mark.parametrize("paths", [0, 3, 300])
def test_the_page_stands_by_itself_and_stays_readable(paths: int) -> None:
    """No script, nothing from elsewhere, well-formed, and no more labels than can be read."""
    html = ledger_page(wide(paths))
    assert "<script" not in html
    assert "http://" not in html.replace("http://www.w3.org", "")
    assert "default-src 'none'" in html
    assert " style=" not in html
    found = html.split('<div class="flow">')[1].split("</div>")[0] if paths else ""
    assert found.count("<li") <= 2 * (MOST + 1)
    assert found.count("<path") == 0 if not paths else found.count("<path") >= 3
    assert ElementTree.fromstring(f"<p>{found}</p>") is not None
    assert len(html) < 400_000
    assert ledger_page(wide(paths)) == html


def test_texts_of_a_report_are_escaped_in_the_page() -> None:
    report = replace(REPORT, unmapped={"A.b": {"<script>alert(1)</script>": 1}}, source_slots={'a"><img src=x>': {
        "present": 1, "read": 0, "carried": 0, "dropped": 1}}, dropped={'a"><img src=x>': {"unread": 1}})  # fmt: skip
    html = ledger_page(report)
    assert "<script" not in html
    assert "<img" not in html


def test_every_report_keeps_to_its_schema() -> None:
    jsonschema = pytest.importorskip("jsonschema")
    schema = report_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    for report in (REPORT, wide(3), REPORT + REPORT):
        jsonschema.validate(json.loads(report.to_json()), schema)
    wrong = {**json.loads(REPORT.to_json()), "records": {"read": 1}}
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(wrong, schema)


def test_coverage_and_ledger_say_the_same_of_the_same_records(tmp_path: Path) -> None:
    """What coverage lists as present and never read is what the ledger calls unread, with the same counts."""
    folder = Path(__file__).resolve().parents[1] / "analysis" / "data"
    records = tmp_path / "in.ndjson"
    lines = [*(folder / "orders.ndjson").read_text().splitlines(), '{"number": "9", "extra": {"deep": 1}}']
    records.write_text("\n".join(lines) + "\n")
    found = semantics.coverage(folder / "mapping.yaml", [records])
    mapping = semantics.load_mapping(folder / "mapping.yaml")
    given = [Record(json.loads(line), number=at) for at, line in enumerate(lines, start=1)]
    mapped = [record for record in given if isinstance(mapping.outcome(record, []), Mapped)]
    assert mapped
    observed = {found.path: found.present for found in found.observed}
    unread = {path: why["unread"] for path, why in report_of(mapping, given).dropped.items() if "unread" in why}
    assert observed
    assert observed.keys() == {path for path in unread if path.rpartition(".")[0] not in unread}
    if len(mapped) == len(given):
        assert all(unread[path] == count for path, count in observed.items())


def test_objects_that_are_made_are_counted_wherever_they_stand() -> None:
    """In lists and in mappings by key, whatever the keys are."""
    case = next(case for case in CASES if case.name == "keyed/to_a_list_and_back")
    mapping = case.mapping("python")
    report = report_of(
        mapping, [Record({"name": "a", "vehicles": {"P1": {"seats": 4}, "P2": {"seats": 2}, "P3": None}})]
    )
    assert report.target_slots["Car.seats"] == {"written": 4, "null": 2, "defaulted": 0}
    assert report.target_slots["Car.plate"] == {"written": 6, "null": 0, "defaulted": 0}
    assert b"P1" not in report.to_json()


def test_two_rules_of_one_class_are_told_apart_by_what_they_made() -> None:
    """A path counts as carried only where the rule that reads it made something of the record."""
    spec = {
        "class_derivations": [
            {"Account": {"populated_from": "Account", "where": "code == 'x'",
                         "slot_derivations": {"id": {"iri": "data:{number}"}, "name": {"populated_from": "owner"}}}},
            {"Account": {"populated_from": "Account", "where": "code == 'y'",
                         "slot_derivations": {"id": {"iri": "data:{number}"}}}},
        ]
    }  # fmt: skip
    mapping = semantics.load_mapping(spec, **SCHEMAS)
    records = [Record({"number": str(at), "code": code, "owner": "o"}) for at, code in enumerate("xyz")]
    report = report_of(mapping, records)
    assert report.source_slots["owner"] == {"present": 3, "read": 1, "carried": 1, "dropped": 2}
    assert report.dropped["owner"] == {"unread": 1, "filtered": 1}
    assert report.filtered == {"where <mapping>:1": 1}


def test_a_value_of_one_element_is_carried_and_those_of_others_are_not() -> None:
    """``a[0].b`` reads of the path a.b what the first element holds, in an expression and as a path."""
    slots = {
        "id": {"iri": "data:{number}"},
        "name": {"populated_from": "entries[0].text"},
        "count": {"expr": "int(entries[0].value)"},
    }
    mapping = semantics.load_mapping({"class_derivations": {"Account": {"slot_derivations": slots}}}, **SCHEMAS)
    report = report_of(mapping, [Record({"number": "1", "entries": [{"text": "a", "value": 2}, {"text": "b"}]})])
    assert report.dropped == {"entries.text": {"unread": 1}}
    assert report.source_slots["entries.text"] == {"present": 2, "read": 1, "carried": 1, "dropped": 1}
    assert report.flows["Account.name"] == {"<mapping>:1": ("entries.text",)}


def test_of_a_list_of_values_that_is_read_by_number_the_rest_is_lost() -> None:
    """The values that no rule asks for count as one more, which is lost."""
    slots = {"id": {"iri": "data:{number}"}, "name": {"expr": "coalesce(tags[1], tags[0])"}}
    mapping = semantics.load_mapping({"class_derivations": {"Account": {"slot_derivations": slots}}}, **SCHEMAS)
    tags = (["a"], ["a", "b"], ["a", "b", "c"], ["a", "b", None], [])
    report = report_of(mapping, [Record({"number": str(at), "tags": each}) for at, each in enumerate(tags)])
    assert report.source_slots["tags"] == {"present": 6, "read": 5, "carried": 5, "dropped": 1}
    assert report.dropped == {"tags": {"unread": 1}}


def test_who_reads_the_whole_list_reads_what_others_ask_for_by_number() -> None:
    """``a[0].b`` and every ``b`` of ``a``: nothing is lost."""
    slots = {
        "id": {"iri": "data:{number}"},
        "name": {"populated_from": "entries[0].text"},
        "tags": {"expr": "[entry.text for entry in entries]"},
    }
    mapping = semantics.load_mapping({"class_derivations": {"Account": {"slot_derivations": slots}}}, **SCHEMAS)
    report = report_of(mapping, [Record({"number": "1", "entries": [{"text": "a"}, {"text": "b"}]})])
    assert report.dropped == {}


def test_what_a_comprehension_goes_over_is_never_a_whole_partner() -> None:
    """Where a list is one of the record, nothing of a record that is looked up is read by going over it."""
    held = {"for_each": "entries", "object": {"text": {"expr": "first([str(one) for one in extra])"}}}
    rule = {
        "joins": {"office": {"class_named": "Branch", "source_key": "code", "lookup_key": "name"}},
        "slot_derivations": {"id": {"iri": "data:{number}"}, "name": "office.place.city", "postings": held},
    }
    extra = {"extra": {"range": "Anything", "multivalued": True}}
    classes = {"Anything": {"class_uri": "linkml:Any"}, "Entry": {"attributes": extra}}
    given = {"class_derivations": {"Account": rule}, "source_schema_patches": {"classes": classes}}
    mapping = semantics.load_mapping(given, **SCHEMAS)
    assert {use.path for use in uses_of(mapping.plan, "Branch")} == {("name",), ("place", "city")}


def test_a_single_object_is_the_first_element_of_a_list() -> None:
    """Where an object stands for a list of one, what rules ask of the first element is carried."""
    tally = Tally(elements={"entries": frozenset({0})})
    tally.add([{"entries": {"text": "a"}}, {"entries": [{"text": "a"}, {"text": "b"}]}])
    assert dict(tally.totals()) == {"entries": 2, element("entries", 0) + ".text": 2, "entries.text": 1}


def test_a_slot_with_references_and_objects_is_counted_like_any_other() -> None:
    """Where a rule makes some elements of a list as objects and others as references, only the objects lead on."""
    tally = Tally(Layout(1, {"member": Layout(1)}))
    tally.add([{"member": ["https://example.org/1", {"name": "a"}]}, {"member": ["https://example.org/2"]}])
    assert dict(tally.totals()) == {"member": 2, "member.name": 1}


def test_rules_that_build_with_each_other_are_told_once_where_no_record_has_their_objects() -> None:
    """Else eight of them fill megabytes of each report."""
    names = [f"T{number}" for number in range(8)]
    schema = {
        "id": "https://example.org/round", "name": "round",
        "classes": {
            name: {"attributes": {"text": {}, **{other: {"range": other, "inlined": True} for other in names}}}
            for name in names
        },
    }  # fmt: skip
    slots = {"text": None, **{other: {"populated_from": other} for other in names}}
    spec = {"class_derivations": {name: {"populated_from": name, "slot_derivations": slots} for name in names}}
    mapping = semantics.load_mapping(spec, source_schema=schema, target_schema=schema)
    record = Record({"T1": {"T2": {"text": "a"}}}, number=1, class_name="T0")
    report = report_of(mapping, [record])
    paths = [path for rules in report.flows.values() for found in rules.values() for path in found]
    assert "T1.T2.text" in paths
    assert report.source_slots["T1.T2.text"]["carried"] == 1
    assert len(paths) < 500
