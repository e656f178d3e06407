"""Paths of records, limits, and the table of formats."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from semantics.cli.formats import INPUTS, OUTPUTS
from semantics.errors import UsageError
from semantics.plan.tables import TableDialect
from semantics.sinks import SINKS
from semantics.sources import (
    EACH,
    SOURCES,
    Limits,
    ReadOptions,
    Selector,
    open_source,
    parse_selector_path,
    selector_text,
    source_format,
)


@pytest.mark.parametrize(
    ("text", "steps"),
    [
        ("", ()),
        ("[*]", (EACH,)),
        ("Data.Account[*]", ("Data", "Account", EACH)),
        ("entry[*].resource", ("entry", EACH, "resource")),
        ("a[*][*]", ("a", EACH, EACH)),
        ("[*].a", (EACH, "a")),
        ('"a.b".c', ("a.b", "c")),
        ('x."say \\"hi\\" \\\\"', ("x", 'say "hi" \\')),
        ("@graph[*]", ("@graph", EACH)),
        ("ns:key.some-key", ("ns:key", "some-key")),
    ],
)
def test_a_path_is_parsed_into_its_steps_and_written_back(text: str, steps: tuple[object, ...]) -> None:
    assert steps == parse_selector_path(text)
    assert text == selector_text(parse_selector_path(text))


@pytest.mark.parametrize(
    "text", [".", "a.", ".a", "a..b", "a.[*]", "a[0]", "a[*]b", "a b", "$.a", "$", "$[*]", '"a', "a[", '"a"b', "a\n"]
)
def test_a_path_that_means_nothing_is_refused(text: str) -> None:
    with pytest.raises(UsageError) as refused:
        parse_selector_path(text)
    assert refused.value.diagnostics[0].code == "SRC013"


@given(st.lists(st.one_of(st.text(), st.just(EACH)), max_size=5))
def test_any_path_survives_being_written_and_read(steps: list[object]) -> None:
    path = tuple(steps)
    assert path == parse_selector_path(selector_text(path))  # type: ignore[arg-type]


def test_a_selector_says_what_it_looks_for() -> None:
    assert str(Selector(("a",), has=("x",), unless=("y", "z"))) == "'a' with 'x' without 'y', 'z'"
    assert str(Selector(("Data", "Account", EACH))) == "'Data.Account[*]'"
    assert str(Selector((), class_by="type", has=("id",))) == "the document itself with 'id', 'type'"


@pytest.mark.parametrize(
    ("name", "fmt"),
    [
        ("a.json", "json"),
        ("a.ndjson", "ndjson"),
        ("dir/a.JSONL", "ndjson"),
        ("a.csv.gz", "csv"),
        ("a.tsv", "tsv"),
        ("a.txt", None),
        ("json", None),
        ("a.json.zst", "json"),
    ],
)
def test_the_file_name_tells_the_format(name: str, fmt: str | None) -> None:
    assert fmt == source_format(name)


def test_every_format_of_the_table_loads() -> None:
    assert list(SOURCES) == list(INPUTS)
    assert sorted(SINKS) == sorted(OUTPUTS)
    assert [True] * len(SOURCES) == [callable(spec.load()) for spec in SOURCES.values()]


def test_an_unknown_format_is_refused_with_the_nearest_name() -> None:
    with pytest.raises(UsageError) as refused:
        open_source(Path("x"), "ndjsn")
    finding = refused.value.diagnostics[0]
    assert (finding.code, finding.hint) == ("SRC012", "did you mean 'ndjson'?")


@pytest.mark.parametrize("limits", [{"depth": 201}, {"depth": 0}, {"record_bytes": 0}, {"gzip_ratio": -1}])
def test_limits_that_cannot_be_held_are_refused(limits: dict[str, int]) -> None:
    with pytest.raises(UsageError) as refused:
        Limits(**limits)
    assert refused.value.diagnostics[0].code == "SRC015"


@pytest.mark.parametrize("delimiter", ["", "ab", '"', "\n", "é"])
def test_a_delimiter_is_one_plain_character(delimiter: str, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("a,b\n")
    with pytest.raises(UsageError) as refused:
        list(open_source(path, "csv", ReadOptions(dialect=TableDialect(delimiter=delimiter or "\r"))))
    assert refused.value.diagnostics[0].code == "SRC014"
