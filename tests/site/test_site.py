"""The site of a workspace: its pages, its links, its bytes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

import semantics
from semantics import cli
from semantics.errors import SinkError, SourceError
from semantics.site.build import Site, build_site
from semantics.site.diagram import boxed, width_of
from semantics.site.folder import MARKER, write_site
from semantics.site.labour import in_two
from semantics.site.models import Models
from semantics.site.pictures import overview
from semantics.workspace import Workspace

Problems = Callable[[Mapping[str, bytes]], list[str]]


def test_a_folder_that_is_no_site_is_left_alone(tmp_path: Path) -> None:
    """SIT001: what somebody keeps there is not replaced."""
    (tmp_path / "kept.txt").write_text("mine")
    with pytest.raises(SinkError) as fault:
        write_site({"index.html": b"new"}, tmp_path)
    assert [finding.code for finding in fault.value.diagnostics] == ["SIT001"]
    assert [path.name for path in tmp_path.iterdir()] == ["kept.txt"]


def test_a_site_takes_the_place_of_an_older_one(tmp_path: Path) -> None:
    """Nothing of the old one is left, and nothing else lies beside it."""
    folder = tmp_path / "site"
    write_site({"index.html": b"old", "models/a.html": b"old"}, folder)
    write_site({"index.html": b"new"}, folder)
    assert sorted(path.name for path in folder.iterdir()) == [MARKER, "index.html"]
    assert [path.name for path in tmp_path.iterdir()] == ["site"]


def test_what_was_put_into_a_site_stays_when_it_is_made_anew(tmp_path: Path) -> None:
    folder = tmp_path / "site"
    write_site({"index.html": b"old", "models/a.html": b"old"}, folder)
    (folder / "CNAME").write_text("example.org")
    (folder / "models" / "more").mkdir()
    (folder / "models" / "more" / "a.png").write_text("mine")
    write_site({"index.html": b"new", "more.html": b"new"}, folder)
    found = {path.relative_to(folder).as_posix(): path.read_text() for path in folder.rglob("*") if path.is_file()}
    assert found.pop(MARKER) == "made by semantics docs\nindex.html\nmore.html\n"
    assert found == {"index.html": "new", "more.html": "new", "CNAME": "example.org", "models/more/a.png": "mine"}


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    """SIT002, and nothing is left behind."""
    (tmp_path / "file").write_text("")
    with pytest.raises(SinkError) as fault:
        write_site({"index.html": b""}, tmp_path / "file" / "site")
    assert [finding.code for finding in fault.value.diagnostics] == ["SIT002"]


# -- pages -----------------------------------------------------------------------------------------


def page(site: Site, path: str) -> str:
    return site.files[path].decode()


def test_a_class_has_its_slots_with_range_cardinality_unit_and_term(site: Site) -> None:
    text = page(site, "models/meters/Reading.html")
    assert '<a href="../../models/meters/Meter.html"><code>Meter</code></a>' in text
    assert "in kW.h" in text
    assert ">1</span>" in text
    assert 'href="https://example.org/meters/kwh"' in text
    assert "meters:kwh" in text
    assert "From <a" in text, "what it inherits is told apart"


def test_a_class_says_which_mapping_reads_or_fills_it(site: Site) -> None:
    assert "mappings/meters.html#derivation-Observation" in page(site, "models/meters/Reading.html")
    text = page(site, "models/core/Observation.html")
    assert "filled by" in text
    assert "mappings/meters.html#derivation-Observation" in text


def test_an_enum_has_its_values_with_their_meaning(site: Site) -> None:
    text = page(site, "models/meters/codes/Quality.html")
    assert "read by somebody" in text
    assert 'href="https://schema.org/ActualReading"' in text


def test_a_mapping_has_source_and_target_with_lines_and_expressions_between(site: Site) -> None:
    text = page(site, "mappings/meters.html")
    assert 'title="read_on"' in text
    assert ">phenomenon_time</a>" in text
    assert text.count('<svg class="wires"') >= 7
    assert "https://example.org/data/reading/{meter}/{read_on}" in text
    assert "only where <code>quality is not null</code>" in text


def test_a_mapping_says_what_it_does_not_carry(site: Site) -> None:
    text = page(site, "mappings/meters.html")
    assert '<p class="item">The note.</p>' in text
    assert "Source slots that no rule reads" in text
    assert "note, größe" in text


def test_an_example_stands_beside_its_instance(site: Site) -> None:
    text = page(site, "mappings/meters.html")
    assert "&#34;meter&#34;: &#34;M-7&#34;" in text
    assert "https://example.org/data/reading/M-7/2025-03-01" in text
    assert "12.50" in text, "every digit is kept"


def test_tests_are_run_and_what_fails_is_told(site: Site) -> None:
    text = page(site, "mappings/meters/tests.html")
    assert "1 failed" in text
    assert "phenomenon_time" in text
    assert "this one is wrong" in page(site, "tests.html")


def test_a_code_list_has_its_codes_and_users(site: Site) -> None:
    text = page(site, "codes/mappings-states.csv.html")
    assert "<code>actual</code>" in text
    assert 'href="../mappings/meters.html"' in text


def test_of_the_library_comes_what_the_workspace_refers_to(site: Site) -> None:
    """And nothing else: the workspace's own stands first."""
    models = {path.split("/")[1] for path in site.files if path.startswith("models/") and path.count("/") > 1}
    assert models == {"core", "meters"}
    assert page(site, "index.html").index("Meters and their readings") < page(site, "index.html").index(
        "From the library"
    )


# -- all pages ---------------------------------------------------------------------------------------


def test_no_link_is_dead_and_no_id_stands_twice(site: Site, problems: Problems) -> None:
    assert problems(site.files) == []


def test_constructs_of_every_kind_have_pages_without_dead_links(
    tmp_path: Path, make_workspace: Callable[[Path, dict[str, str]], Workspace], problems: Problems
) -> None:
    """One case of each feature of the language, patches of the source schema and the other dialect among them."""
    suite = Path(__file__).parents[1] / "conformance"
    files = {f"ontologies/{name}.yaml": (suite / f"{name}.yaml").read_text("utf-8") for name in ("source", "target")}
    for feature in sorted(suite.iterdir()):
        found = sorted(feature.glob("*/expected.json"))
        if found:
            text = (found[0].parent / "mapping.yaml").read_text("utf-8")
            head = "" if "source_schema:" in text else "source_schema: source\ntarget_schema: target\n"
            files[f"mappings/{feature.name}.yaml"] = head + text
    made = build_site(make_workspace(tmp_path, files))
    assert problems(made.files) == []
    assert sum(path.startswith("mappings/") for path in made.files) > 20


def test_two_sites_of_one_workspace_are_the_same_bytes(site: Site, workspace: Workspace) -> None:
    assert build_site(workspace).files == site.files


def test_no_page_names_a_place_of_this_machine(site: Site, workspace: Workspace) -> None:
    assert [path for path, content in site.files.items() if str(workspace.roots[0]).encode() in content] == []


# -- links and ledgers -------------------------------------------------------------------------------


def test_links_to_other_vocabularies_stand_in_a_list_and_with_what_they_are_about(site: Site) -> None:
    text = page(site, "links/meters.html")
    assert '<a href="../models/meters/Meter.html"><code>meters:Meter</code></a>' in text
    assert "semapv:ManualMappingCuration" in text
    assert "closeMatch" in page(site, "models/meters/Meter.html")
    assert 'href="../links/meters.html"' in page(site, "mappings/meters.html")


def test_the_ledger_of_the_last_run_is_shown_without_values(
    tmp_path: Path,
    make_workspace: Callable[[Path, dict[str, str]], Workspace],
    small: dict[str, str],
    problems: Problems,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A code that no table has is counted and not named."""
    workspace = make_workspace(tmp_path, small)
    (tmp_path / "in.ndjson").write_text(
        '{"meter": "M", "read_on": "2025-01-31", "kwh": 1, "quality": "A", "note": "x"}\n'
    )
    (tmp_path / "reports").mkdir()
    (tmp_path / "reports" / "other.json").write_text("{}")
    monkeypatch.chdir(tmp_path)
    report = semantics.convert("meters", tmp_path / "in.ndjson", tmp_path / "out.json")
    report = replace(report, unmapped={"Reading.quality": {"SECRET": 3}})
    (tmp_path / "reports" / "meters.json").write_bytes(report.to_json())
    made = build_site(workspace)
    text = page(made, "ledger/meters.html")
    assert "1 read = 1 mapped" in text
    assert "SECRET" not in "".join(content.decode() for content in made.files.values())
    assert 'href="../mappings/meters.html"' in text
    assert 'href="../ledger/meters.html"' in page(made, "mappings/meters.html")
    assert problems(made.files) == []
    with pytest.raises(SourceError):
        build_site(workspace, reports=[tmp_path / "in.ndjson"])


# -- the command ---------------------------------------------------------------------------------------


def test_the_command_writes_a_site_and_says_what_is_broken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, small: dict[str, str], capsys: pytest.CaptureFixture[str],
    make_workspace: Callable[[Path, dict[str, str]], Workspace],
) -> None:  # fmt: skip
    make_workspace(tmp_path, {**small, "ontologies/wrong.yaml": "id: x\nname: wrong\nclasses: {A: {is_a: B}}\n"})
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as ended:
        cli.main(["docs"])
    assert ended.value.code == 1
    assert "SCH004" in capsys.readouterr().err
    assert "SCH004" in (tmp_path / "site" / "broken" / "ontologies-wrong.html").read_text("utf-8")
    assert (tmp_path / "site" / "mappings" / "meters.html").is_file()


def test_work_that_two_processes_share_comes_back_in_order() -> None:
    words = [f"{number:0{number}}" for number in range(1, 60)]
    assert in_two(len, words, least=2) == list(map(len, words))


# -- pictures --------------------------------------------------------------------------------------------


def test_of_many_classes_each_stands_beside_one_other() -> None:
    """No tangle: a class of a large model has one line to what stands before it, and no circle is left out."""
    schema = {
        "id": "https://example.org/many", "name": "many", "prefixes": {"many": "https://example.org/many/"},
        "default_prefix": "many", "default_range": "string",
        "classes": {
            f"C{n}": {"attributes": {f"to_{m}": {"range": f"C{m}"} for m in range(20) if m != n}} for n in range(20)
        },
    }  # fmt: skip
    models = Models((semantics.load_schema(schema),))
    found = overview(models, list(models.classes))
    assert found is not None
    picture, shown = found
    assert shown == len(picture.boxes) == 20
    assert len(picture.lines) == 19
    places = [(box.x, box.y) for box in picture.boxes]
    assert len(set(places)) == 20, "no box stands on another"


def test_a_picture_says_in_words_what_it_shows(site: Site) -> None:
    text = page(site, "models/meters/Meter.html")
    assert '<title id="picture1-title">What stands around Meter</title>' in text
    assert "Reading holds Meter: meter" in text
    assert "Meter is a Thing" in text


@pytest.mark.parametrize(
    ("label", "pixels"),
    [("PowerQualitySummary", 167.7), ("MWmw_MMMM@#", 135.0), ("illicit_filter", 78.7), ("Größe=100%", 95.2)],
)
def test_a_name_is_inside_its_box_in_the_widest_font_of_the_pictures(label: str, pixels: float) -> None:
    """As DejaVu Sans draws it, bold and of 13 pixels, with room on both sides."""
    box = boxed(None, label, (0, 0), width_of(label))
    assert box.width >= 12 + pixels + 12
