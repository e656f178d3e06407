"""The tasks that have to do with RDF: instances held against SHACL shapes, and records made into N-Triples."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import data
from peers import (
    HERE,
    SAMPLE,
    TARGET,
    Contestant,
    Instances,
    folder,
    instances,
    linkml_models,
    linkml_validator,
    ours,
    transformer,
)

__all__ = [
    "graph_linkml", "graph_morph", "graph_semantics", "shapes_checker", "shapes_pyrudof", "shapes_pyshacl",
    "shapes_semantics",
]  # fmt: skip

BASE: Final = "https://example.org/benchmarks/shared-account/"
XSD: Final = "http://www.w3.org/2001/XMLSchema#"

# -- instances against shapes ------------------------------------------------------------------------

BROKEN: Final[tuple[Callable[[dict[str, Any]], object], ...]] = (
    lambda account: account.pop("currency"),
    lambda account: account.pop("balances"),
    lambda account: account.update(currency="euro"),
    lambda account: account.update(account_number="nl00"),
    lambda account: account.pop("opened_on"),
    lambda account: account.pop("servicer"),
    lambda account: account["servicer"].pop("bic"),
    lambda account: account["servicer"].update(country="Norway"),
    lambda account: account["balances"][1].pop("signed_amount"),
    lambda account: account["balances"][2].update(currency=""),
)
"""Ways to break an instance that can still be written as RDF."""


def _verdicts(conforms: Callable[[dict[str, Any]], bool]) -> Callable[[], Instances]:
    """What is said of valid instances and of the same ones broken, each way by itself."""

    def sample() -> Instances:
        found = []
        for number, account in enumerate(instances(len(BROKEN))):
            broken = json.loads(json.dumps(account, default=str), parse_float=Decimal)
            for balance in broken["balances"]:
                balance["signed_amount"] = Decimal(balance["signed_amount"])
            BROKEN[number](broken)
            found += [{"conforms": conforms(account)}, {"conforms": conforms(broken)}]
        return found

    return sample


def shapes_checker(count: int) -> Contestant:
    """The compiled checker: each instance by itself, as ``convert`` checks it."""
    checker, accounts = ours().checker, instances(count)

    def go() -> None:
        for account in accounts:
            if checker.check("FinancialAccount", account):
                raise AssertionError("a valid instance was refused")

    return Contestant(go, _verdicts(lambda account: not checker.check("FinancialAccount", account)))


def shapes_semantics(count: int) -> Contestant:
    """The compiled shapes, as ``convert --validate shacl`` runs them: each instance is made into triples first."""
    from semantics.engine.shapes import ShapeCheck, generated
    from semantics.records import Instance

    schema, accounts = ours().prepared.target, instances(count)
    shapes = ShapeCheck(schema, [generated(schema)])

    def conforms(account: dict[str, Any]) -> bool:
        triples = shapes.triples((Instance("FinancialAccount", account),), "1")
        return triples is not None and not shapes.check(triples)

    def go() -> None:
        for account in accounts:
            if not conforms(account):
                raise AssertionError("a valid instance was refused")

    return Contestant(go, _verdicts(conforms), "made into triples first")


def shapes_pyshacl(count: int) -> Contestant:
    """pySHACL on one graph of all instances, which is already in memory, as are the shapes."""
    import pyshacl
    from rdflib import Graph

    shapes = Graph().parse(data=_shapes(), format="turtle")

    def conforms(graph: Graph) -> bool:
        return bool(pyshacl.validate(graph, shacl_graph=shapes, inference="none")[0])

    def alone(account: dict[str, Any]) -> bool:
        return conforms(Graph().parse(data=_triples([account]), format="nt"))

    graph = Graph().parse(data=_triples(instances(count)), format="nt")

    def go() -> None:
        if not conforms(graph):
            raise AssertionError("valid instances were refused")

    return Contestant(go, _verdicts(alone), f"{count} instances in one graph; parsing it is not counted")


def shapes_pyrudof(count: int) -> Contestant:
    """pyrudof on one graph of all instances, which is already in memory, as are the shapes."""
    from pyrudof import RDFFormat, Rudof, RudofConfig, ShaclFormat

    shapes = _shapes()

    def holding(accounts: Instances) -> Rudof:
        rudof = Rudof(RudofConfig())
        rudof.read_data(_triples(accounts).decode(), RDFFormat.NTriples)
        rudof.read_shacl(shapes, ShaclFormat.Turtle)
        return rudof

    rudof = holding(instances(count))

    def go() -> None:
        if not rudof.validate_shacl().conforms:
            raise AssertionError("valid instances were refused")

    note = f"{count} instances in one graph; parsing it is not counted"
    return Contestant(go, _verdicts(lambda account: bool(holding([account]).validate_shacl().conforms)), note)


def _shapes() -> str:
    """The generated shapes of the target schema, as Turtle."""
    import semantics
    from semantics.generators import generate

    (text,) = generate(semantics.load_schema(TARGET), only=["shacl"]).values()
    return text


def _triples(accounts: Instances) -> bytes:
    """Instances as N-Triples."""
    from semantics.records import Instance
    from semantics.sinks import open_encoder

    encoder = open_encoder("ntriples", ours().prepared.target)
    return b"".join(
        encoder.encode(Instance("FinancialAccount", account), str(number)) for number, account in enumerate(accounts)
    )


# -- from NDJSON to N-Triples ------------------------------------------------------------------------


def _converting(count: int, convert: Callable[[Path, Path], object], note: str = "") -> Contestant:
    """What makes a file of N-Triples from a file of NDJSON, over all records; the sample are its first ones."""

    def files(name: str, records: int) -> tuple[Path, Path]:
        place = folder() / name
        place.mkdir()
        source = place / "accounts.ndjson"
        with source.open("wb") as file:
            file.writelines(data.many(records))
        return source, place / "accounts.nt"

    everything, few = files("all", count), files("few", SAMPLE)

    def sample() -> Instances:
        convert(*few)
        return [*_accounts(few[1])]

    return Contestant(lambda: convert(*everything), sample, note)


def graph_semantics(count: int, jobs: int | None = 1) -> Contestant:
    """``semantics.convert(validate="both")``: checked by the checker and against the shapes, counted, rejected."""
    import semantics

    mapping = ours()

    def convert(source: Path, output: Path) -> None:
        report = semantics.convert(mapping, source, output, source_class="Account", validate="both", jobs=jobs)
        if report.records["rejected"]:
            raise AssertionError("not every record was converted")

    return _converting(count, convert)


def graph_morph(count: int, alone: bool = True) -> Contestant:
    """morph-kgc with ``accounts/mapping.rml.ttl``, with one thread where it is ``alone``; it does not validate."""
    import duckdb
    import morph_kgc

    if alone:
        duckdb.query("SET threads = 1")
    processes = "number_of_processes = 1\n" if alone else ""
    settings = f"[CONFIGURATION]\n{processes}[Accounts]\nmappings = {HERE / 'mapping.rml.ttl'}\n"

    def convert(source: Path, output: Path) -> None:
        os.chdir(source.parent)
        triples = morph_kgc.materialize_set(settings)
        with output.open("w", encoding="utf-8") as out:
            out.writelines(f"{triple} .\n" for triple in triples)

    return _converting(count, convert, f"whole runs of {count} records, in a process that is already started")


def graph_linkml(count: int) -> Contestant:
    """linkml-map's ObjectTransformer, linkml's rdflib dumper on gen-pydantic objects, linkml-validate."""
    from linkml_runtime import SchemaView
    from linkml_runtime.dumpers import RDFLibDumper

    peer, model, validator = transformer(), linkml_models().FinancialAccount, linkml_validator()
    dumper, schema = RDFLibDumper(), SchemaView(str(TARGET))

    def convert(source: Path, output: Path) -> None:
        with source.open("rb") as lines, output.open("w", encoding="utf-8") as out:
            for line in lines:
                instance = peer.map_object(json.loads(line), source_type="Account")
                if validator.validate(instance, "FinancialAccount").results:
                    raise AssertionError("not every record was converted")
                graph = dumper.as_rdf_graph(model(**instance), schema, prefix_map={"@base": BASE})
                out.write(graph.serialize(format="nt"))

    return _converting(count, convert)


def _accounts(file: Path) -> Iterator[dict[str, Any]]:
    """The accounts of a file of N-Triples, what they lead to inside them; blank nodes have lost their labels."""
    import rdflib

    rdflib.NORMALIZE_LITERALS = False
    graph = rdflib.Graph().parse(file, format="nt")

    def described(node: Any) -> dict[str, Any]:
        found: dict[str, list[Any]] = {}
        for predicate, value in graph.predicate_objects(node):
            found.setdefault(str(predicate), []).append(
                described(value) if isinstance(value, rdflib.BNode) else _term(value)
            )
        return {key: sorted(values, key=json.dumps) for key, values in sorted(found.items())}

    accounts = graph.subjects(rdflib.RDF.type, rdflib.URIRef(f"{BASE}FinancialAccount"))
    yield from ({"@id": str(account), **described(account)} for account in sorted(accounts))


def _term(node: Any) -> str:
    """A node as N-Triples writes it, with numbers and moments in one form."""
    match str(getattr(node, "datatype", None) or "").removeprefix(XSD):
        case "decimal":
            return f"number {Decimal(str(node)).normalize():f}"
        case "dateTime":
            return f"moment {datetime.fromisoformat(str(node)).isoformat()}"
        case _:
            return str(node.n3())
