"""The schemas that standards publish, each with the standard's own examples, as pairs of the folder `../shared/sources`.

``python tests/importers/published.py [WORD]`` imports every schema and prints which examples its model takes.
"""

import json
import sys
from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from semantics.engine.validate import validate_files
from semantics.errors import SemanticsError
from semantics.importers import import_schema
from semantics.importers.documents import Documents, Node, plain_data
from semantics.schema import load_schema
from semantics.validation import compile_checker

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = [base / "shared" / "sources" for base in (ROOT.parent, ROOT.parent.parent)]
SOURCES = next((folder for folder in FOLDERS if folder.is_dir()), FOLDERS[0])


@dataclass
class Pair:
    """A schema and its examples; without a class, the model takes an example if one of its classes does."""

    schema: Path
    examples: list[Path]
    refs: list[Path] = field(default_factory=list)
    rooted: bool = True
    root: str | None = None


def pairs():
    """Every pair that is there."""
    for schema in sorted(SOURCES.glob("catenax/*/*/gen/*-schema.json")):
        yield Pair(schema, [schema.with_name(schema.name.replace("-schema", ""))])
    for schema in sorted(SOURCES.glob("batterypass/*/*/gen/*-schema.json")):
        yield Pair(schema, [each for each in schema.parent.glob("*.json") if each != schema])
    java = SOURCES / "gbfs/models/java/gbfs-java-model/src/test/resources"
    for version, folder in (("v2.3", "v2_X"), ("v3.0", "v3_0")):
        for schema in sorted(SOURCES.glob(f"gbfs/{version}/*.json")):
            yield Pair(schema, sorted((java / folder).glob(schema.name)))
    for schema in sorted(SOURCES.glob("dsp/*/*-schema.json")):
        stem = schema.name.removesuffix("-schema.json")
        found = [
            each
            for each in sorted(schema.parent.glob("example/*.json"))
            if each.stem == stem or each.stem.startswith(f"{stem}_")
        ]
        yield Pair(schema, found, [SOURCES / "dsp"])
    for schema in sorted(SOURCES.glob("ngsi_ld/*/*/schema.json")):
        yield Pair(schema, sorted(schema.parent.glob("examples/example.json")), [SOURCES / "ngsi_ld/_common"])
    yield Pair(
        SOURCES / "epcis/schema/EPCIS-JSON-Schema.json",
        sorted(SOURCES.glob("epcis/openepcis/2.0/EPCIS/JSON/Capture/Documents/*.json")),
    )
    for version, kinds in (
        ("052.001.08", "camt052.v8"),
        ("053.001.02", "camt053.v2*"),
        ("053.001.08", "camt053.v8"),
        ("054.001.08", "camt054.v8"),
    ):
        yield Pair(
            SOURCES / f"iso20022_camt/assets/camt.{version}.xsd",
            sorted(SOURCES.glob(f"iso20022_camt/test/data/{kinds}.xml")),
        )
    for version in ("1.2", "2.0"):
        documents = sorted(SOURCES.glob(f"epcis/openepcis/{version}/EPCIS/XML/Capture/Documents/*.xml"))
        documents = [each for each in documents if not each.name.startswith("Single_event")]  # no documents
        yield Pair(
            SOURCES / f"epcis/schema/EPCglobal-epcis-{version.replace('.', '_')}.xsd",
            documents,
            root="EPCISDocumentType",
        )
    epc = SOURCES / "uk_epc/register_xml/api/schemas/xml/RdSAP-Schema-21.0.1"
    yield Pair(
        epc / "RdSAP/Templates/RdSAP-Report.xsd",
        sorted(SOURCES.glob("uk_epc/**/samples/RdSAP-Schema-21.0.1/epc.xml")),
        [epc],
        root="RdSAPReport",
    )
    yield Pair(SOURCES / "prov/schema/prov-core.xsd", [])
    yield Pair(SOURCES / "prov/schema/prov-json.schema.json", sorted(SOURCES.glob("prov/json/*.json")))
    battery = SOURCES / "dpp_openepcis/extensions/eu/battery"
    yield Pair(battery / "validation/batterypass-v1.3-schema.json", sorted(battery.glob("examples/batterypass-v1*")))
    yield Pair(SOURCES / "pdtf/schemas/v3/pdtf-transaction.json", sorted(SOURCES.glob("pdtf/examples/v3/*.json")))
    for name, folder in (("account-info", "aisp"), ("events", "event-notifications")):
        yield Pair(
            SOURCES / f"ob_uk/openapi/{name}-openapi.yaml",
            sorted(SOURCES.glob(f"ob_uk/records/{folder}/*.json")),
            rooted=False,
        )
    yield Pair(
        SOURCES / "ob_uk/openapi/vrp-openapi.yaml", sorted(SOURCES.glob("ob_uk/records/usage/vrp*.json")), rooted=False
    )
    for sector in ("banking", "energy"):
        yield Pair(
            SOURCES / f"au_cdr/openapi/cds_{sector}.json",
            sorted(SOURCES.glob(f"au_cdr/java_payloads/{sector}/*/*.json")),
            rooted=False,
        )
    for schema in sorted(SOURCES.glob("tmforum/openapi/*.yaml")):
        yield Pair(schema, sorted(SOURCES.glob(f"tmforum/examples/{schema.name[:6]}/*.json")), rooted=False)
    for schema in sorted(SOURCES.glob("dcsa/openapi/*.yaml")):
        yield Pair(schema, sorted(SOURCES.glob(f"dcsa/examples/{schema.stem}/*.json")), rooted=False)
    yield Pair(
        SOURCES / "optimade/openapi/openapi.json",
        sorted(SOURCES.glob("optimade/tests/models/test_data/*.json")),
        rooted=False,
    )


@dataclass
class Verdict:
    """What became of a schema: imported or not, and how many of its examples its model takes."""

    pair: Pair
    imported: bool = False
    taken: list[Path] = field(default_factory=list)
    refused: dict[Path, list[str]] = field(default_factory=dict)
    foreign: list[Path] = field(default_factory=list)
    fault: str = ""

    @property
    def good(self):
        return self.imported and not self.refused


def tried(pair):
    verdict = Verdict(pair)
    try:
        found = import_schema(pair.schema, None, pair.refs)
        model = load_schema(found.schema)
    except SemanticsError as fault:
        verdict.fault = str(fault)[:1500]
        return verdict
    verdict.imported = True
    if pair.schema.suffix == ".xsd":
        return in_xml(verdict, model)
    checker = compile_checker(model)
    own = own_verdict(pair)
    for path in pair.examples:
        if not path.exists():
            continue
        data = plain_data(path.read_bytes(), path.name)
        findings = [
            found
            for record in (data if isinstance(data, list) else [data])
            for found in judged(checker, model, record, rooted=pair.rooted)
        ]
        if findings and not own(data, findings[0].partition(":")[0]):
            verdict.foreign.append(path)
        elif findings:
            verdict.refused[path] = findings
        else:
            verdict.taken.append(path)
    return verdict


def in_xml(verdict, model):
    """The examples as documents, read by the model itself."""
    for path in verdict.pair.examples:
        try:
            report = validate_files(model, [str(path)], model.tree_root or verdict.pair.root)
        except SemanticsError as fault:
            verdict.refused[path] = [str(fault)]
            continue
        findings = [f"{each.pointer} {each.code} {each.message}" for each in report.findings]
        if findings:
            verdict.refused[path] = findings
        else:
            verdict.taken.append(path)
    return verdict


def own_verdict(pair):
    """Whether the published schema itself takes an example: what it refuses is none of its examples."""
    import jsonschema
    import referencing

    if pair.schema.suffix == ".xsd":
        return lambda data, name: True
    schema = plain_data(pair.schema.read_bytes(), pair.schema.name)
    documents = Documents((pair.schema.parent, *pair.refs))
    first = documents.add(schema, pair.schema.name, pair.schema)
    openapi = "openapi" in schema

    def retrieve(uri):
        node = documents.resolve(Node(schema, first, (), first.address), uri)
        assert node is not None
        return referencing.Resource.from_contents(
            floats(node.document.data), default_specification=referencing.jsonschema.DRAFT202012
        )

    def floats(data):
        if isinstance(data, dict):
            return {key: floats(value) for key, value in data.items()}
        if isinstance(data, list):
            return [floats(value) for value in data]
        return float(data) if isinstance(data, Decimal) else data

    def takes(data, name):
        root = floats(schema)
        if openapi:
            names = [each for each in schema["components"]["schemas"] if each.lower() == name.lower()]
            if not names:
                return True
            root = {**root, "$ref": f"#/components/schemas/{names[0]}"}
        cls = jsonschema.validators.validator_for(root, jsonschema.Draft202012Validator)
        try:
            return cls(root, registry=referencing.Registry(retrieve=retrieve)).is_valid(floats(data))
        except Exception as fault:  # patterns of other engines, references that are not here
            print("    own verdict unknown:", pair.schema.name, type(fault).__name__, str(fault)[:80])
            return True

    return takes


def judged(checker, model, record, *, rooted):
    """What is wrong with a record of the root class, or of the class nearest to it."""
    if not isinstance(record, dict):
        return ["not an object"]
    roots = (
        [model.tree_root]
        if rooted and model.tree_root
        else [n for n, c in model.classes.items() if c.slots.keys() & record.keys()]
    )
    best = None
    for name in roots:
        found = checker.check(name, record)
        if not found:
            return []
        if best is None or len(found) < len(best[1]):
            best = (name, found)
    return (
        [f"{best[0]}: {each.location.pointer} {each.code} {each.message}" for each in best[1]] if best else ["no class"]
    )


def main(word=""):
    totals = Counter()
    for pair in pairs():
        if word not in str(pair.schema):
            continue
        verdict = tried(pair)
        name = str(pair.schema.relative_to(SOURCES))
        totals["schemas"] += 1
        totals["imported"] += verdict.imported
        there = len(verdict.taken) + len(verdict.refused)
        totals["with examples"] += bool(there)
        totals["good"] += verdict.good and bool(there)
        totals["examples"] += there
        totals["with any example"] += bool(there or verdict.foreign)
        totals["all examples taken"] += bool(verdict.good and there and not verdict.foreign)
        totals["taken"] += len(verdict.taken)
        totals["foreign"] += len(verdict.foreign)
        totals["only for properties that the schema does not name"] += sum(
            all(" VAL002 " in each for each in findings) for findings in verdict.refused.values()
        )
        if not verdict.imported:
            print("NOT IMPORTED", name, verdict.fault)
        elif verdict.refused:
            print(f"{len(verdict.taken)}/{there}", name)
            for path, findings in list(verdict.refused.items())[: 40 if word else 3]:
                print("   ", path.name, *findings[: 6 if word else 3], sep="\n        ")
    print(json.dumps(totals))


if __name__ == "__main__":
    main(*sys.argv[1:])
