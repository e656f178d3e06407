"""Bad RDF and bad shapes from outside, through ``validate``: a clear error with its line, at once, and no word of the data."""

from __future__ import annotations

import csv
import socket
import time
from pathlib import Path
from typing import Any

import pytest

from semantics.engine.validate import graph_format, validate_files
from semantics.errors import DefinitionError, SemanticsError, SourceError
from semantics.schema import load_schema

SHARED = Path(__file__).resolve().parents[3] / "shared" / "badinputs"
SCHEMA = {
    "id": "https://example.org/bad",
    "name": "bad",
    "default_prefix": "https://example.org/bad/",
    "classes": {"A": {"attributes": {"id": {"identifier": True}}}},
}
SHAPES = {
    "rdf/shacl_sparql_from.ttl": ("VAL043", "VAL044"),
    "rdf/shacl_js.ttl": ("VAL041", "VAL041"),
    "rdf/shacl_path_cycle.ttl": ("VAL042", "VAL042"),
}
"""Files that are shapes: the code of the error, and that of the one where SPARQL is allowed."""
ACCEPTED = {"rdf/long_literal.ttl"}
REDOS = "rdf/shacl_redos.ttl"


def rows() -> list[str]:
    if not SHARED.is_dir():
        return []
    with (SHARED / "INDEX.tsv").open() as file:
        return [row[0] for row in csv.reader(file, delimiter="\t") if graph_format(row[0])]


GRAPHS = [name for name in rows() if name not in SHAPES and name not in ACCEPTED and name != REDOS]

pytestmark = pytest.mark.skipif(not GRAPHS, reason="the corpus of bad inputs is not beside the checkout")


@pytest.fixture(autouse=True)
def no_socket(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise AssertionError("a socket was opened")

    import rdflib  # noqa: F401  its import subclasses sockets; it opens none

    monkeypatch.setattr(socket, "socket", refuse)


@pytest.mark.parametrize("name", GRAPHS)
def test_rdf_that_is_none_is_an_error_with_its_place(name: str) -> None:
    path = str(SHARED / name)
    started = time.monotonic()
    with pytest.raises(SourceError) as fault:
        validate_files(load_schema(SCHEMA), [path], manner="shacl")
    (found,) = fault.value.diagnostics
    assert (found.code, found.location.file) == ("VAL040", path)  # type: ignore[union-attr]
    assert found.location is not None
    assert found.location.line is not None
    assert time.monotonic() - started < 2


def test_a_literal_of_a_megabyte_is_read() -> None:
    report = validate_files(load_schema(SCHEMA), [str(SHARED / "rdf/long_literal.ttl")], manner="shacl")
    assert report.conforms


@pytest.mark.parametrize("name", SHAPES)
def test_shapes_that_would_fetch_or_never_end_are_refused_with_their_line(name: str, tmp_path: Path) -> None:
    data = tmp_path / "data.nt"
    data.write_text('<http://e/a> <http://e/p> "1" .\n')
    for allowed, code in zip((False, True), SHAPES[name], strict=True):
        with pytest.raises(DefinitionError) as fault:
            validate_files(
                load_schema(SCHEMA), [str(data)], manner="schema", shapes=[str(SHARED / name)], allow_sparql=allowed
            )
        (found,) = fault.value.diagnostics
        assert (found.code, found.location.line) == (code, 2)  # type: ignore[union-attr]


def test_a_catastrophic_pattern_takes_no_time() -> None:
    path = str(SHARED / REDOS)
    schema = load_schema(SCHEMA)
    validate_files(schema, [path], manner="schema", shapes=[path])
    started = time.monotonic()
    report = validate_files(schema, [path], manner="schema", shapes=[path])
    assert time.monotonic() - started < 0.1
    assert [(one.code, one.focus) for one in report.findings] == [("VAL005", "http://e/a")]


@pytest.mark.parametrize(
    ("name", "code"),
    [("rdf/xxe.rdf", "SRC051"), ("rdf/deep.jsonld", "SRC021"), ("rdf/file_context.jsonld", "SRC071")],
)
def test_forms_of_rdf_that_are_not_read_are_refused_unread(name: str, code: str) -> None:
    with pytest.raises(SemanticsError, match=code):
        validate_files(load_schema(SCHEMA), [str(SHARED / name)], manner="shacl")
