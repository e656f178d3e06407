"""W3C's own cases of SHACL Core, by the compiled shapes and by the reference: every report, result for result."""

from __future__ import annotations

from collections import Counter
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest

from semantics.validation.shacl.compile import compile_shapes
from semantics.validation.shacl.graph import Graph, read_rdf
from semantics.validation.shacl.paths import read_path
from semantics.validation.shacl.reference import validate
from semantics.validation.shacl.results import Result
from semantics.validation.shacl.shapes import shapes_graph
from semantics.validation.shacl.terms import RDF_TYPE, SH, sh, text_of

CORE = Path(__file__).resolve().parents[2].parent / "shared" / "conformance" / "shacl" / "core"
CASE = "<http://www.w3.org/ns/shacl-test#Validate>"
MANIFEST = "http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#"
FILES = sorted(path for path in CORE.rglob("*.ttl") if "sht:Validate" in path.read_text()) if CORE.is_dir() else []

pytestmark = pytest.mark.skipif(not FILES, reason="W3C's SHACL cases are not beside the checkout")


def text_at(path: Path) -> str:
    return f"@base <{path.as_uri()}> .\n{path.read_text()}"


@lru_cache(maxsize=1)
def manifest(path: Path) -> Graph:
    return read_rdf(text_at(path), "turtle")


def graphs(path: Path) -> tuple[str, str]:
    """The text of the data graph and of the shapes graph of a case."""
    graph = manifest(path)
    (case,) = graph.subjects(RDF_TYPE, CASE)
    (action,) = graph.objects(case, f"<{MANIFEST}action>")
    found = (graph.objects(action, f"<http://www.w3.org/ns/shacl-test#{name}Graph>")[0] for name in ("data", "shapes"))
    data, shapes = (text_at(Path(name[1:-1].removeprefix("file://"))) for name in found)
    return data, shapes


def named(term: str | None) -> str | None:
    """A term, but for the labels of blank nodes, which differ between two readings of a text."""
    return "a blank node" if term and term[0] == "_" else term


def expected(path: Path) -> tuple[bool, Counter[tuple[Any, ...]]]:
    """Whether the data conform, and the results of the report of a case."""
    graph = manifest(path)
    (case,) = graph.subjects(RDF_TYPE, CASE)
    (report,) = graph.objects(case, f"<{MANIFEST}result>")
    found: Counter[tuple[Any, ...]] = Counter()
    for result in graph.objects(report, sh("result")):
        focus, component, severity = (
            graph.objects(result, sh(name))[0] for name in ("focusNode", "sourceConstraintComponent", "resultSeverity")
        )
        value, shape, walked, message = (
            next(iter(graph.objects(result, sh(name))), None)
            for name in ("value", "sourceShape", "resultPath", "resultMessage")
        )
        found[
            named(focus),
            str(read_path(graph, walked)) if walked else None,
            component,
            named(value),
            severity,
            named(shape),
            text_of(message) if message else None,
        ] += 1
    return graph.objects(report, sh("conforms")) == ['"true"^^<http://www.w3.org/2001/XMLSchema#boolean>'], found


def reported(results: list[Result], wanted: Counter[tuple[Any, ...]]) -> Counter[tuple[Any, ...]]:
    """The results in the form of :func:`expected`; shapes and messages as far as W3C's report names them."""
    shapes, messages = (any(one[part] for one in wanted) for part in (5, 6))
    return Counter(
        (
            named(one.focus),
            str(one.path) if one.path else None,
            f"<{SH}{one.component}ConstraintComponent>",
            named(one.value),
            f"<{one.severity}>",
            named(one.shape) if shapes else None,
            one.message if messages else None,
        )
        for one in results
    )


def test_there_are_as_many_cases_as_w3c_made() -> None:
    assert len(FILES) == 98


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_the_compiled_shapes_give_the_report_of_w3c(path: Path) -> None:
    data, shapes = graphs(path)
    conforms, wanted = expected(path)
    results = compile_shapes(shapes).validate(read_rdf(data, "turtle"))
    assert reported(results, wanted) == wanted
    assert conforms == (not results)


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_the_reference_gives_the_report_of_w3c(path: Path) -> None:
    data, shapes = graphs(path)
    _, wanted = expected(path)
    results = validate(read_rdf(data, "turtle"), shapes_graph(shapes))
    assert reported(results, wanted) == wanted
