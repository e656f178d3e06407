"""The schemas that standards publish, each with the standard's own examples, as pairs of the folder `../shared/sources`.

``python tests/importers/published.py [WORD]`` imports every schema and prints which examples its model takes. An example
that its own published schema refuses, formats asserted, or does not describe is none of its examples: it is counted
apart. Whether an XML Schema refuses one is told by lxml where that is installed, else by :data:`NOT_OF_ITS_SCHEMA`.
"""

import json
import sys
from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from pathlib import Path

from semantics.engine.validate import validate_files
from semantics.errors import SemanticsError, SourceError
from semantics.generators import generate
from semantics.importers import import_schema
from semantics.importers.documents import Documents, Node, plain_data
from semantics.schema import load_schema
from semantics.validation import compile_checker, validate_graph
from semantics.validation.shacl.validate import load_shapes

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = [base / "shared" / "sources" for base in (ROOT.parent, ROOT.parent.parent)]
SOURCES = next((folder for folder in FOLDERS if folder.is_dir()), FOLDERS[0])


@dataclass
class Pair:
    """A schema and its examples; one that is not ``rooted`` is of the class that names most of its keys."""

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
    for version in ("2.1.1", "3.0.0"):
        release = SOURCES / f"dcat/dcat_ap/releases/{version}"
        shapes = {"2.1.1": "dcat-ap_2.1.1_shacl_shapes.ttl", "3.0.0": "html/shacl/shapes.ttl"}[version]
        yield Pair(release / shapes, sorted(release.glob("**/examples/*.ttl")))
    yield Pair(
        SOURCES / "optimade/openapi/openapi.json",
        sorted(SOURCES.glob("optimade/tests/models/test_data/*.json")),
        rooted=False,
    )


NOT_OF_ITS_SCHEMA = frozenset({"epc.xml"})
"""Documents that their own XML Schema refuses (lxml 6.1), by their names."""


@dataclass
class Verdict:
    """What became of a schema: imported or not, and which of its examples its model takes."""

    pair: Pair
    fault: str = ""
    taken: list[Path] = field(default_factory=list)
    refused: dict[Path, list[str]] = field(default_factory=dict)
    foreign: list[Path] = field(default_factory=list)

    @property
    def kind(self):
        return {".xsd": "xsd", ".ttl": "shacl", ".yaml": "openapi"}.get(
            self.pair.schema.suffix, "openapi" if "openapi" in self.pair.schema.parts else "json-schema"
        )


def tried(pair):
    """The verdict on one pair."""
    verdict = Verdict(pair)
    try:
        model = load_schema(import_schema(pair.schema, None, pair.refs).schema)
    except SemanticsError as fault:
        verdict.fault = str(fault)[:1500]
        return verdict
    ways = {"xsd": of_documents, "shacl": of_graphs}
    refusals, own = ways.get(verdict.kind, of_records)(pair, model)
    for path in filter(Path.exists, pair.examples):
        findings = refusals(path)
        if findings and not own(path):
            verdict.foreign.append(path)
        elif findings:
            verdict.refused[path] = findings
        else:
            verdict.taken.append(path)
    return verdict


# -- JSON ------------------------------------------------------------------------------------------


def of_records(pair, model):
    """What the model refuses of a file, and whether the published schema takes it."""
    checker, own = compile_checker(model), own_schema(pair)

    @cache
    def records(path):
        data = plain_data(path.read_bytes(), path.name)
        return data if isinstance(data, list) else [data]

    def class_of(record):
        if pair.rooted and model.tree_root:
            return model.tree_root
        named = {name: len(cls.slots.keys() & record.keys()) for name, cls in model.classes.items()}
        most = max(named.values())
        nearest = [name for name, count in named.items() if count == most > len(record) / 2]
        return min(nearest, key=lambda name: len(checker.check(name, record)), default=None)

    def refusals(path):
        found = []
        for record in records(path):
            name = class_of(record) if isinstance(record, dict) else None
            if name is None:
                found.append("no class")
            else:
                findings = checker.check(name, record)
                found += [f"{name}: {each.location.pointer} {each.code} {each.message}" for each in findings]
        return found

    def takes(path):
        whole = plain_data(path.read_bytes(), path.name)
        if pair.rooted:
            return own(whole, None)
        names = {class_of(record) if isinstance(record, dict) else None for record in records(path)}
        return all(name is not None and own(record, name) for name in names for record in records(path))

    return refusals, takes


def own_schema(pair):
    """Whether the published schema itself takes a record, formats asserted."""
    import jsonschema
    import referencing

    schema = plain_data(pair.schema.read_bytes(), pair.schema.name)
    documents = Documents((pair.schema.parent, *pair.refs))
    first = documents.add(schema, pair.schema.name, pair.schema)

    def retrieve(uri):
        node = documents.resolve(Node(schema, first, (), first.address), uri)
        assert node is not None
        return referencing.Resource.from_contents(
            floats(node.document.data), default_specification=referencing.jsonschema.DRAFT202012
        )

    def takes(data, name):
        root = floats(schema)
        if name is not None:
            names = [each for each in schema["components"]["schemas"] if each.lower() == name.lower()]
            if not names:
                return True
            root = {**root, "$ref": f"#/components/schemas/{names[0]}"}
        cls = jsonschema.validators.validator_for(root, jsonschema.Draft202012Validator)
        judge = cls(root, registry=referencing.Registry(retrieve=retrieve), format_checker=cls.FORMAT_CHECKER)
        try:
            return judge.is_valid(floats(data))
        except Exception as fault:  # patterns of other engines, references that are not here
            print("    own verdict unknown:", pair.schema.name, type(fault).__name__, str(fault)[:80])
            return True

    return takes


def floats(data):
    """Plain data with the numbers that jsonschema knows."""
    if isinstance(data, dict):
        return {key: floats(value) for key, value in data.items()}
    if isinstance(data, list):
        return [floats(value) for value in data]
    return float(data) if isinstance(data, Decimal) else data


# -- XML and RDF -----------------------------------------------------------------------------------


def of_documents(pair, model):
    """What the model refuses of a document, and whether the published schema takes it."""

    def refusals(path):
        try:
            report = validate_files(model, [str(path)], model.tree_root or pair.root)
        except SemanticsError as fault:
            return [str(fault)]
        return [f"{each.pointer} {each.code} {each.message}" for each in report.findings]

    def takes(path):
        try:
            from lxml import etree
        except ImportError:
            return path.name not in NOT_OF_ITS_SCHEMA
        try:
            return etree.XMLSchema(etree.parse(str(pair.schema))).validate(etree.parse(str(path)))
        except etree.LxmlError as fault:
            print("    own verdict unknown:", pair.schema.name, str(fault)[:80])
            return True

    return refusals, takes


def of_graphs(pair, model):
    """What the shapes that are generated of the model refuse of a graph, and whether the published shapes take it."""
    files = generate(model, only=["shacl"])
    made = load_shapes(next(iter(files.values())))

    def refusals(path):
        try:
            found = validate_graph(path.read_bytes(), made, format="turtle").findings
        except SemanticsError as fault:
            return [str(fault)]
        return [f"{each.code} {each.pointer} {each.message}" for each in found if each.severity == "error"]

    def takes(path):
        try:
            given = load_shapes(pair.schema.read_bytes().replace(b"sh:shape ", b"sh:node "))
        except SemanticsError as fault:
            print("    own verdict unknown:", pair.schema.name, str(fault)[:80])
            return True
        try:
            return validate_graph(path.read_bytes(), given, format="turtle").conforms
        except SemanticsError:  # the example is no Turtle
            return False

    return refusals, takes


# -- tables and samples ----------------------------------------------------------------------------


def tables():
    """Tables with rows, and the records that standards publish."""
    yield from sorted(path for path in SOURCES.glob("**/*.csv"))
    yield from sorted(path for path in SOURCES.glob("gtfs/**/*.txt"))


def own_rows(path, kind):
    """What the schema that is made of the records of a file refuses of them; None where it has none."""
    try:
        found = import_schema(path, kind)
    except SemanticsError as fault:
        return None if "IMP003" in str(fault) or "IMP001" in str(fault) else [str(fault)]
    model = load_schema(found.schema)
    dialect = {"delimiter": "\t" if path.suffix == ".tsv" else ","} if kind == "csv" else None
    fmt = kind if kind == "csv" else None
    try:
        report = validate_files(model, [str(path)], model.tree_root, fmt=fmt, dialect=dialect)
    except SourceError:  # no table that is read
        return None
    return [f"{each.pointer} {each.code} {each.message}" for each in report.findings]


# -- all of it -------------------------------------------------------------------------------------


def summary(verdicts):
    """The figures: the share of schemas with examples that take every one that is of their schema."""
    totals = Counter()
    for verdict in verdicts:
        there = len(verdict.taken) + len(verdict.refused)
        for key, count in (
            ("schemas", 1), ("imported", not verdict.fault), ("with examples", bool(there)),
            ("take them all", bool(there and not verdict.refused)), ("examples", there), ("taken", len(verdict.taken)),
            ("of another schema", len(verdict.foreign)),
            ("with any example", bool(there or verdict.foreign)),
            ("take all of any", bool(there and not verdict.refused and not verdict.foreign)),
        ):  # fmt: skip
            totals[key] += int(count)
    return totals


def main(word=""):
    verdicts = [tried(pair) for pair in pairs() if word in str(pair.schema)]
    for verdict in verdicts:
        name = str(verdict.pair.schema.relative_to(SOURCES))
        if verdict.fault:
            print("NOT IMPORTED", name, verdict.fault)
        for path, findings in list(verdict.refused.items())[: 40 if word else 3]:
            print(f"REFUSED {name}: {path.name}", *findings[: 6 if word else 3], sep="\n        ")
        if verdict.foreign:
            print("OF ANOTHER SCHEMA", name, *(path.name for path in verdict.foreign), sep="\n        ")
    for kind in sorted({verdict.kind for verdict in verdicts}):
        print(kind, json.dumps(summary(each for each in verdicts if each.kind == kind)))
    print("all", json.dumps(summary(verdicts)))
    if not word:
        samples = [path for pair in pairs() for path in pair.examples if path.suffix == ".json"]
        for kind, paths in (("csv", tables()), ("samples", dict.fromkeys(samples))):
            results = {path: own_rows(path, kind) for path in paths}
            known = {path: found for path, found in results.items() if found is not None}
            for path, found in known.items():
                if found:
                    print("REFUSED", kind, path.relative_to(SOURCES), *found[:3], sep="\n        ")
            print(kind, json.dumps({"files": len(known), "take their own": sum(not found for found in known.values())}))


if __name__ == "__main__":
    main(*sys.argv[1:])
