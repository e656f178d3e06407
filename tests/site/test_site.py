"""The site of a workspace: its pages, its links, its bytes."""

from __future__ import annotations

import posixpath
from collections import Counter
from collections.abc import Mapping
from html.parser import HTMLParser
from pathlib import Path

import pytest

from semantics.errors import SinkError
from semantics.site.build import Site, build_site
from semantics.site.folder import MARKER, write_site
from semantics.workspace import Workspace


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


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.targets: list[str] = []
        self.levels: list[int] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if given.get("id"):
            self.ids.append(given["id"] or "")
        self.targets += [str(given[name]) for name in ("href", "src", "action") if given.get(name)]
        if tag in {"h1", "h2", "h3", "h4"}:
            self.levels.append(int(tag[1]))
        assert not [name for name in given if name.startswith("on") or name == "style"]


def problems(files: Mapping[str, bytes]) -> list[str]:
    """Dead links, ids that stand twice, headings that skip a level."""
    read: dict[str, _Links] = {}
    for path, content in files.items():
        if path.endswith(".html"):
            read[path] = _Links()
            read[path].feed(content.decode())
    found = []
    for path, links in read.items():
        found += [f"{path}: id {each} twice" for each, count in Counter(links.ids).items() if count > 1]
        jumps = zip([0, *links.levels], links.levels, strict=False)
        found += [f"{path}: h{high} after h{low}" for low, high in jumps if high > low + 1]
        found += [f"{path}: {links.levels.count(1)} h1"] if links.levels.count(1) != 1 else []
        for target in links.targets:
            if target.startswith(("https:", "http:", "data:")):
                continue
            to, _, anchor = target.partition("#")
            name = posixpath.normpath(posixpath.join(posixpath.dirname(path), to)) if to else path
            if name not in files:
                found.append(f"{path}: {target} leads nowhere")
            elif anchor and anchor not in read[name].ids:
                found.append(f"{path}: {target} is no place of that page")
    return found


def test_no_link_is_dead_and_no_id_stands_twice(site: Site) -> None:
    assert problems(site.files) == []


def test_two_sites_of_one_workspace_are_the_same_bytes(site: Site, workspace: Workspace) -> None:
    assert build_site(workspace).files == site.files


def test_no_page_names_a_place_of_this_machine(site: Site, workspace: Workspace) -> None:
    assert [path for path, content in site.files.items() if str(workspace.roots[0]).encode() in content] == []
