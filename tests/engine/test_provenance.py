"""The provenance of runs: what it says, that it is PROV-O, and that it keeps the constraints of PROV."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import pytest
from rdflib import RDF, XSD, Graph, Literal, Namespace, URIRef
from rdflib.compare import isomorphic

import semantics
from semantics.cli import main
from semantics.engine.mapping import Mapping
from semantics.testing import cases

PROV: Final = Namespace("http://www.w3.org/ns/prov#")
OWN: Final = Namespace("https://w3id.org/semantics/provenance/")
VAL: Final = Namespace("https://w3id.org/semantics/validation#")
RDFS_LABEL: Final = URIRef("http://www.w3.org/2000/01/rdf-schema#label")
SUITE: Final = Path(__file__).resolve().parents[1] / "conformance"
NOW: Final = "2026-01-01T00:00:00Z"

# -- what PROV demands ---------------------------------------------------------------------------------

ABOVE: Final = {
    "Plan": "Entity", "SoftwareAgent": "Agent", "Usage": "Influence", "Association": "Influence",
    "Derivation": "Influence",
}  # fmt: skip
"""PROV-O: subclasses, of the classes that are written."""
SIGNATURES: Final[dict[str, tuple[str, str]]] = {
    "used": ("Activity", "Entity"),
    "wasGeneratedBy": ("Entity", "Activity"),
    "wasDerivedFrom": ("Entity", "Entity"),
    "wasAssociatedWith": ("Activity", "Agent"),
    "qualifiedAssociation": ("Activity", "Association"),
    "qualifiedUsage": ("Activity", "Usage"),
    "qualifiedDerivation": ("Entity", "Derivation"),
    "agent": ("Association", "Agent"),
    "hadPlan": ("Association", "Plan"),
    "hadActivity": ("Derivation", "Activity"),
    "entity": ("Influence", "Entity"),
    "hadRole": ("Influence", "*"),
    "startedAtTime": ("Activity", "time"),
    "endedAtTime": ("Activity", "time"),
    "generatedAtTime": ("Entity", "time"),
}
"""PROV-O: domain and range of the properties that are written."""


def violations(graph: Graph) -> Iterator[str]:
    """What a graph breaks of PROV-O and of PROV-CONSTRAINTS (W3C, 2013), by the number of the constraint there."""
    types = {node: _types(graph, node) for node in set(graph.subjects(RDF.type))}
    for subject, predicate, value in graph:
        if not str(predicate).startswith(PROV):
            continue
        name = str(predicate).removeprefix(PROV)
        if name not in SIGNATURES:
            yield f"prov:{name} is not expected"
            continue
        domain, wanted = SIGNATURES[name]
        if domain not in types.get(subject, ()):
            yield f"50 typing: the subject of {name} is no {domain}"
        if wanted == "time":
            if not isinstance(value, Literal) or value.datatype != XSD.dateTime:
                yield f"{name} is no xsd:dateTime"
        elif wanted != "*" and wanted not in types.get(value, ()):
            yield f"50 typing: the object of {name} is no {wanted}"
    for node, found in types.items():
        if len(found & {"Entity", "Activity"}) == 2:
            yield "55 entity-activity-disjoint"
        if len(found & {"Usage", "Association", "Derivation"}) > 1:
            yield "53 impossible-property-overlap"
        if found & {"Usage", "Association", "Derivation"} and found & {"Entity", "Activity", "Agent"}:
            yield "54 impossible-object-property-overlap"
        if "Association" in found and len(list(graph.objects(node, PROV.agent))) != 1:
            yield "an association has one agent"
    yield from _times(graph)
    yield from _qualified(graph)
    yield from _derived(graph)


def _types(graph: Graph, node: Any) -> set[str]:
    found = {str(kind).removeprefix(PROV) for kind in graph.objects(node, RDF.type)}
    for name in tuple(found):
        while name in ABOVE:
            name = ABOVE[name]
            found.add(name)
    return found


def _times(graph: Graph) -> Iterator[str]:
    for activity in graph.subjects(RDF.type, PROV.Activity):
        started = list(graph.objects(activity, PROV.startedAtTime))
        ended = list(graph.objects(activity, PROV.endedAtTime))
        if len(started) != 1:
            yield "28 unique-startTime"
        if len(ended) != 1:
            yield "29 unique-endTime"
        if any(end < start for start in started for end in ended):
            yield "30 start-precedes-end"
        for entity in graph.subjects(PROV.wasGeneratedBy, activity):
            if (activity, PROV.used, entity) in graph:
                yield "37 generation-precedes-usage: used by what made it"
            for at in graph.objects(entity, PROV.generatedAtTime):
                if at < started[0] or at > ended[0]:
                    yield "34 generation-within-activity"
    for entity in set(graph.subjects(PROV.wasGeneratedBy)):
        if len(list(graph.objects(entity, PROV.wasGeneratedBy))) > 1:
            yield "39 generation-generation-ordering: made twice"
        if len(list(graph.objects(entity, PROV.generatedAtTime))) > 1:
            yield "24 unique-generation"
    for used in set(graph.objects(None, PROV.used)):
        for at in graph.objects(used, PROV.generatedAtTime):
            if any(
                at > end for user in graph.subjects(PROV.used, used) for end in graph.objects(user, PROV.endedAtTime)
            ):
                yield "37 generation-precedes-usage: used before it was there"


def _qualified(graph: Graph) -> Iterator[str]:
    """PROV-O, section 3.3: what is qualified is also said plainly."""
    for qualified, plain, end in (
        (PROV.qualifiedUsage, PROV.used, PROV.entity),
        (PROV.qualifiedAssociation, PROV.wasAssociatedWith, PROV.agent),
        (PROV.qualifiedDerivation, PROV.wasDerivedFrom, PROV.entity),
    ):
        for subject, influence in graph.subject_objects(qualified):
            ends = list(graph.objects(influence, end))
            if len(ends) != 1 or (subject, plain, ends[0]) not in graph:
                yield f"{qualified} without its plain form"
    for derivation in graph.subjects(RDF.type, PROV.Derivation):
        for entity in graph.subjects(PROV.qualifiedDerivation, derivation):
            made = set(graph.objects(entity, PROV.wasGeneratedBy))
            if not set(graph.objects(derivation, PROV.hadActivity)) <= made:
                yield "6 derivation-generation: made by another activity than that of the derivation"


def _derived(graph: Graph) -> Iterator[str]:
    """41, 42: what is derived comes after what it is derived from, so that there is no way back."""
    for start in set(graph.subjects(PROV.wasDerivedFrom)):
        if start in set(graph.transitive_objects(start, PROV.wasDerivedFrom)) - {start} or (
            start, PROV.wasDerivedFrom, start,
        ) in graph:  # fmt: skip
            yield "42 derivation-generation-generation-ordering: derived from itself"
        below = {found for one in graph.objects(start, PROV.wasDerivedFrom)
                 for found in graph.transitive_objects(one, PROV.wasDerivedFrom)}  # fmt: skip
        if start in below:
            yield "42 derivation-generation-generation-ordering: a cycle"


# -- runs ------------------------------------------------------------------------------------------------

SOURCE: Final = {
    "id": "https://example.org/src", "name": "src", "default_prefix": "https://example.org/src/",
    "classes": {
        "Sale": {"attributes": {"sale": {"required": True}, "shop": {}, "amount": {"range": "decimal"}}},
        "Shop": {"attributes": {"code": {"identifier": True}, "city": {"required": True}}},
    },
}  # fmt: skip
TARGET: Final = {
    "id": "https://example.org/tgt", "name": "tgt", "default_prefix": "https://example.org/tgt/",
    "classes": {
        "Receipt": {"attributes": {"id": {"identifier": True}, "city": {}, "amount": {"range": "decimal"}}},
        "Note": {"attributes": {"text": {}}},
        "Total": {"attributes": {"id": {"identifier": True}, "sum": {"range": "decimal"}}},
    },
}  # fmt: skip


def mapping(*derivations: dict[str, Any]) -> Mapping:
    spec = {"name": "sales", "source_schema": "src", "target_schema": "tgt", "class_derivations": list(derivations)}
    return semantics.load_mapping(spec, source_schema=SOURCE, target_schema=TARGET)


RECEIPT: Final = {
    "Receipt": {"populated_from": "Sale", "slot_derivations": {"id": {"populated_from": "sale"}, "amount": None}}
}
NOTE: Final = {
    "Note": {"populated_from": "Sale", "where": "amount > 1", "slot_derivations": {"text": {"populated_from": "shop"}}}
}
TOTAL: Final = {
    "Total": {"populated_from": "Sale", "group_by": "shop",
              "slot_derivations": {"id": {"populated_from": "shop"}, "sum": {"expr": "sum(amount)"}}}
}  # fmt: skip
SALES: Final = (
    '{"sale": "s 1", "shop": "a", "amount": 1}\n{"sale": "s2", "shop": "a", "amount": 2.5}\n'
    '{"sale": "s3", "shop": "b", "amount": "x"}\n{"sale": "s4", "shop": "b", "amount": 4}\n'
)
CLEAN: Final = SALES.replace('"x"', "3")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "day 1.ndjson").write_text(SALES)
    return tmp_path


INPUT: Final = "in/day 1.ndjson"


def told(found: Mapping, path: str = "p.ttl", *, inputs: Any = INPUT, output: str = "o.nt", **options: Any) -> Graph:
    options = {"now": NOW, "provenance_of": "instances", **options}
    semantics.convert(found, inputs, output, provenance=path, **options)
    formats = {"ttl": "turtle", "nt": "nt", "jsonld": "json-ld"}
    graph = Graph().parse(path, format=formats[path.rpartition(".")[2]])
    assert sorted(set(violations(graph))) == []
    return graph


def the_run(graph: Graph) -> URIRef:
    (found,) = graph.subjects(RDF.type, PROV.Activity)
    assert isinstance(found, URIRef)
    return found


def derived(graph: Graph) -> dict[str, list[str]]:
    """Instances by the end of their IRI, with the numbers of the records that they come from."""
    run = the_run(graph)
    found: dict[str, list[str]] = {}
    for entity in graph.subjects(PROV.wasGeneratedBy, run):
        records = [str(graph.value(one, VAL.record)) for one in graph.objects(entity, PROV.wasDerivedFrom)]
        if "None" not in records:
            found[str(entity).removeprefix(run).removeprefix("https://example.org/tgt/")] = sorted(records)
    return found


def test_a_run_tells_what_it_used_and_made_and_by_what_plan(folder: Path) -> None:
    graph = told(mapping(RECEIPT), provenance_of="run")
    run = the_run(graph)
    labels = {str(graph.value(entity, RDFS_LABEL)) for entity in graph.objects(run, PROV.used)}
    assert labels == {INPUT, "sales", "src", "tgt"}
    made = {str(graph.value(entity, RDFS_LABEL)): entity for entity in graph.subjects(PROV.wasGeneratedBy, run)}
    assert set(made) == {"o.nt", "o.nt.rejects.ndjson"}
    digest = next(graph.objects(made["o.nt"], URIRef("http://spdx.org/rdf/terms#checksum")))
    value = graph.value(digest, URIRef("http://spdx.org/rdf/terms#checksumValue"))
    assert str(value) == hashlib.sha256((folder / "o.nt").read_bytes()).hexdigest()
    (association,) = graph.objects(run, PROV.qualifiedAssociation)
    assert graph.value(association, PROV.hadPlan) == URIRef(f"{run}#mapping")
    agent = graph.value(association, PROV.agent)
    assert str(graph.value(agent, URIRef("https://schema.org/softwareVersion"))) == semantics.__version__
    at = Literal(NOW, datatype=XSD.dateTime)
    assert set(graph.objects(run, PROV.startedAtTime)) == set(graph.objects(run, PROV.endedAtTime)) == {at}


def test_every_instance_names_its_record_and_its_rule_and_their_number_is_that_of_the_report(folder: Path) -> None:
    graph = told(mapping(RECEIPT, NOTE), report="r.json")
    # No identifier: the fragment is the label of the blank node in N-Triples.
    assert derived(graph) == {
        "s%201": ["1"], "s2": ["2"], "s4": ["4"], "#b1-2-1": ["2"], "#b1-4-1": ["4"],
    }  # fmt: skip
    assert "_:b1-2-1 " in (folder / "o.nt").read_text()
    report = json.loads((folder / "r.json").read_text())["records"]
    run = the_run(graph)
    counts = {name: int(str(graph.value(run, OWN[term]))) for name, term in (
        ("read", "recordsRead"), ("mapped", "recordsMapped"), ("rejected", "recordsRejected"),
        ("filtered", "recordsFiltered"), ("emitted", "instancesEmitted"))}  # fmt: skip
    assert counts == report
    assert len(list(graph.subjects(RDF.type, PROV.Derivation))) == report["emitted"] == 5
    record = URIRef(f"{run}#input/in/day%201.ndjson/record/2")
    assert {str(p).rpartition("#")[2]: str(o) for p, o in graph.predicate_objects(record) if str(p).startswith(VAL)} == {
        "source": INPUT, "record": "2", "line": "2", "byte": "42",
    }  # fmt: skip


def test_records_of_a_group_are_all_named(folder: Path) -> None:
    (folder / "in" / "day 1.ndjson").write_text(CLEAN)
    assert derived(told(mapping(TOTAL))) == {"a": ["1", "2"], "b": ["3", "4"]}


def test_a_partner_of_a_join_is_named_with_the_join_that_found_it(folder: Path) -> None:
    join = {"shop_of": {"class_named": "Shop", "source_key": "shop"}}
    city = {"id": {"populated_from": "sale"}, "city": {"populated_from": "shop_of.city"}}
    found = mapping({"Receipt": {"populated_from": "Sale", "joins": join, "slot_derivations": city}})
    (folder / "in" / "day 1.ndjson").write_text('{"sale": "s1", "shop": "b"}\n{"sale": "s2", "shop": "none"}\n')
    (folder / "shops.csv").write_text("code,city\na,Ayr\nb,Bute\n")
    graph = told(found, inputs=[INPUT, "shops.csv"])
    run = the_run(graph)
    joined = {str(graph.value(one, PROV.entity)).removeprefix(run): str(name)
              for one, name in graph.subject_objects(OWN["join"])}  # fmt: skip
    assert joined == {"#input/shops.csv/record/2": "shop_of"}
    sources = {str(one).removeprefix(run) for one in graph.objects(None, PROV.wasDerivedFrom)}
    assert {"#input/in/day%201.ndjson/record/1", "#input/in/day%201.ndjson/record/2"} < sources
    partner = URIRef(f"{run}#input/shops.csv/record/2")
    assert str(graph.value(partner, VAL.line)) == "3"


@pytest.mark.filterwarnings("ignore:ConjunctiveGraph:DeprecationWarning")
def test_the_three_syntaxes_say_the_same(folder: Path) -> None:
    found = mapping(RECEIPT, NOTE)
    graphs = [told(found, f"p.{name}") for name in ("ttl", "nt", "jsonld")]
    assert all(isomorphic(one, other) for one, other in pairwise(graphs))


def test_equal_runs_have_equal_bytes_and_no_place_on_this_machine(
    folder: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "in" / "day 1.ndjson").write_text(CLEAN)
    told(mapping(RECEIPT, NOTE))
    first = (folder / "p.ttl").read_bytes()
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (elsewhere / "in").mkdir()
    (elsewhere / "in" / "day 1.ndjson").write_text(CLEAN)
    monkeypatch.chdir(elsewhere)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1767225600")
    told(
        mapping(RECEIPT, NOTE), now=None, inputs=str(elsewhere / "in" / "day 1.ndjson"), output=str(elsewhere / "o.nt")
    )
    assert (elsewhere / "p.ttl").read_bytes() == first
    assert str(folder).encode() not in first
    outside = told(mapping(RECEIPT), now=None, inputs=[str(folder / "in" / "day 1.ndjson"), INPUT], output="-")
    labels = {str(name) for name in outside.objects(None, RDFS_LABEL)}
    assert {"day 1.ndjson", INPUT} <= labels
    assert str(folder) not in outside.serialize()


def test_two_files_of_one_name_stay_two(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    others = [tmp_path_factory.mktemp(name) / "x.ndjson" for name in ("a", "b")]
    for number, path in enumerate(others):
        path.write_text(f'{{"sale": "n{number}", "amount": 1}}\n')
    graph = told(mapping(RECEIPT), inputs=[str(path) for path in others])
    records = {
        str(graph.value(e, PROV.wasDerivedFrom)).partition("#")[2] for e in graph.subjects(PROV.qualifiedDerivation)
    }
    assert records == {"input/x.ndjson/record/1", "input/x.ndjson~2/record/1"}


def test_the_clock_gives_a_start_and_an_end(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    graph = told(mapping(RECEIPT), now=None)
    assert the_run(graph) != the_run(told(mapping(RECEIPT), "q.ttl"))


def test_a_replayed_record_comes_from_the_file_it_stood_in_at_first(folder: Path) -> None:
    semantics.convert(mapping(RECEIPT), INPUT, "o.nt", rejects="r.ndjson")
    text = (folder / "r.ndjson").read_text().replace('\\"x\\"', "3")
    (folder / "r.ndjson").write_text(text)
    graph = told(mapping(RECEIPT), inputs="r.ndjson", replay=True, output="again.nt")
    assert derived(graph) == {"s3": ["3"]}
    run = the_run(graph)
    assert (URIRef(f"{run}#input/r.ndjson"), PROV.wasDerivedFrom, URIRef(f"{run}#input/in/day%201.ndjson")) in graph


def test_a_failed_run_leaves_no_provenance(folder: Path) -> None:
    with pytest.raises(semantics.RecordError):
        semantics.convert(
            mapping(RECEIPT), INPUT, "o.nt", fail_fast=True, provenance="p.ttl", provenance_of="instances"
        )
    assert sorted(path.name for path in folder.iterdir()) == ["in"]


@pytest.mark.parametrize(("options", "code"), [
    ({"provenance": "p.txt"}, "RUN070"),
    ({"provenance": "-"}, "RUN070"),
    ({"provenance": "o.nt"}, "RUN071"),
    ({"provenance": "r.ttl", "report": "r.ttl"}, "RUN071"),
    ({"provenance": "p.ttl", "provenance_of": "slots"}, "RUN072"),
])  # fmt: skip
def test_what_cannot_be_written_is_said_before_anything_is_read(
    folder: Path, options: dict[str, str], code: str
) -> None:
    with pytest.raises(semantics.UsageError, match=code):
        semantics.convert(mapping(RECEIPT), INPUT, "o.nt", **options)
    assert sorted(path.name for path in folder.iterdir()) == ["in"]


def test_the_command_takes_both_options(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name, data in (("src", SOURCE), ("tgt", TARGET)):
        (folder / f"{name}.yaml").write_text(json.dumps(data))
    spec = {"name": "sales", "source_schema": "src.yaml", "target_schema": "tgt.yaml", "class_derivations": [RECEIPT]}
    (folder / "m.yaml").write_text(json.dumps(spec))
    with pytest.raises(SystemExit) as ended:
        main(["convert", "m.yaml", INPUT, "-o", "o.ttl", "--provenance", "p.nt", "--provenance-of", "instances"])
    assert ended.value.code == 1
    graph = Graph().parse("p.nt", format="nt")
    assert list(violations(graph)) == []
    assert {str(place).partition(":")[0] for place in graph.objects(None, VAL.rule)} == {"m.yaml"}


def test_the_packaged_schema_describes_what_is_written(folder: Path) -> None:
    """By the shapes that are generated from it."""
    told(mapping(RECEIPT, NOTE), "p.nt")
    from semantics.generators import generate
    from semantics.schema import load_schema
    from semantics.validation import validate_graph

    shapes = next(iter(generate(load_schema("provenance"), only=["shacl"]).values()))
    report = validate_graph((folder / "p.nt").read_bytes(), shapes)
    assert [str(finding.message) for finding in report.findings] == []


# -- the constraints themselves ----------------------------------------------------------------------------


@pytest.mark.parametrize(("triple", "named"), [
    (("run", PROV.startedAtTime, Literal("2025-01-01T00:00:00Z", datatype=XSD.dateTime)), "28"),
    (("run", PROV.endedAtTime, Literal("2025-01-01T00:00:00Z", datatype=XSD.dateTime)), "30"),
    (("run", RDF.type, PROV.Entity), "55"),
    (("run", PROV.used, "output"), "37"),
    (("output", PROV.generatedAtTime, Literal("2027-01-01T00:00:00Z", datatype=XSD.dateTime)), "34"),
    (("input", PROV.wasDerivedFrom, "output"), "42"),
    (("input", PROV.wasGeneratedBy, "input"), "50"),
    (("association", PROV.agent, "input"), "one agent"),
    (("association", RDF.type, PROV.Usage), "53"),
    (("run", PROV.wasInformedBy, "run"), "not expected"),
])  # fmt: skip
def test_a_broken_graph_is_seen(folder: Path, triple: tuple[Any, Any, Any], named: str) -> None:
    graph = told(mapping(RECEIPT))
    run = the_run(graph)
    nodes = {"run": run, "output": URIRef(f"{run}#output/o.nt"), "input": URIRef(f"{run}#input/in/day%201.ndjson"),
             "association": next(graph.objects(run, PROV.qualifiedAssociation))}  # fmt: skip
    graph.add(
        tuple(
            nodes.get(part, part) if isinstance(part, str) and not isinstance(part, (URIRef, Literal)) else part
            for part in triple
        )
    )  # type: ignore[arg-type]
    assert any(named in found for found in violations(graph))


RUNNABLE: Final = [
    case for case in cases(SUITE)
    if (case.folder / "input.json").is_file() and (case.folder / "expected.json").is_file()
    and not (case.folder / "related.json").is_file()
]  # fmt: skip


def test_the_provenance_of_every_conformance_case_keeps_the_constraints(folder: Path) -> None:
    """Each as one run; those that need more than their records are left out."""
    carried = 0
    for number, case in enumerate(RUNNABLE):
        loaded = case.mapping("python")
        if loaded.plan.lookups or "key" in loaded.plan.needs:
            continue
        records = json.loads((case.folder / "input.json").read_text())
        path = folder / f"{number}.ndjson"
        path.write_text("".join(json.dumps(record) + "\n" for record in records))
        target = f"{number}.jsonl"
        options = {"validate": "schema" if loaded.check else "none"}
        semantics.convert(
            loaded, [path.name], target, provenance="p.nt", provenance_of="instances", report="r.json", **options
        )
        graph = Graph().parse("p.nt", format="nt")
        assert sorted(set(violations(graph))) == [], case.name
        report = json.loads((folder / "r.json").read_text())["records"]
        instances = set(graph.subjects(PROV.qualifiedDerivation))
        assert len(instances) <= report["emitted"], case.name
        assert bool(instances) == bool(report["emitted"]), case.name
        carried += 1
    assert carried > 100
