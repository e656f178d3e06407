"""A small workspace and its site, made once."""

from __future__ import annotations

import posixpath
from collections import Counter
from collections.abc import Callable, Mapping
from html.parser import HTMLParser
from pathlib import Path

import pytest

from semantics.cli import main
from semantics.site.build import Site, build_site
from semantics.workspace import Workspace, library_root

MODEL = """\
id: https://example.org/meters
name: meters
title: Meters and their readings
description: What the export of a supplier has.
prefixes: {meters: https://example.org/meters/, schema: https://schema.org/}
default_prefix: meters
default_range: string
imports: [linkml:types]
enums:
  Quality:
    description: How a reading came about.
    permissible_values:
      A: {description: read by somebody, meaning: schema:ActualReading}
      E: {description: worked out}
types:
  Code: {typeof: string, pattern: "^[A-Z]+$", description: Capital letters.}
classes:
  Thing: {abstract: true, attributes: {note: {description: A word about it.}}}
  Meter: {is_a: Thing, description: A measuring device., attributes: {number: {identifier: true}, kind: {range: Code}}}
  Reading:
    is_a: Thing
    description: A register value. It belongs to a meter.
    attributes:
      meter: {range: Meter, required: true}
      read_on: {range: date}
      kwh: {range: decimal, unit: {ucum_code: kW.h}}
      quality: {range: Quality}
      größe: {description: A name with letters of its own.}
"""
HEAD = """\
title: Readings as observations
description: One reading, one observation.
source_schema: meters
target_schema: core
prefixes: {data: https://example.org/data/}
code_maps: {states: {file: states.csv}}

# What is not carried
# - The note.
source: {format: json}
"""
TESTS = """\
tests:
  - name: a reading is an observation
    input: {meter: M-1, read_on: "2025-01-31", kwh: 7887.20, quality: A}
    contains: {result_quality: {code: A, label: actual}}
  - name: this one is wrong
    input: {meter: M-1, read_on: "2025-01-31", kwh: 1}
    contains: {phenomenon_time: "2025-02-01"}
"""
LINKS = """\
# curie_map:
#   meters: https://example.org/meters/
#   schema: https://schema.org/
#   semapv: https://w3id.org/semapv/vocab/
#   skos: http://www.w3.org/2004/02/skos/core#
# mapping_set_id: https://example.org/links
subject_id\tpredicate_id\tobject_id\tobject_label\tmapping_justification
meters:Meter\tskos:closeMatch\tschema:Device\tDevice\tsemapv:ManualMappingCuration
"""


def written(root: Path, files: dict[str, str]) -> Workspace:
    """A workspace of some files."""
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return Workspace((root.resolve(), library_root()))


FILES = {
    "ontologies/meters.yaml": MODEL,
    "ontologies/mappings/meters.sssom.tsv": LINKS,
    "mappings/meters.yaml": HEAD,
    "mappings/meters.tests.yaml": TESTS,
    "mappings/states.csv": "from,to\nA,actual\nE,estimated\n",
    "mappings/examples/meters/two.json": '{"meter": "M-7", "read_on": "2025-03-01", "kwh": 12.50, "quality": "E"}',
}


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The files of the small workspace; its mapping derives what the example of ``semantics init`` does."""
    root = tmp_path_factory.mktemp("first")
    with pytest.raises(SystemExit):
        main(["init", str(root)])
    _, key, derivations = (root / "mappings/meters.yaml").read_text("utf-8").partition("class_derivations:\n")
    derivations, _, _ = derivations.partition("{expr: ")
    return FILES | {"mappings/meters.yaml": f"{HEAD}{key}{derivations}{{populated_from: quality, code_map: states}}\n"}


@pytest.fixture(scope="session")
def workspace(tmp_path_factory: pytest.TempPathFactory, small: dict[str, str]) -> Workspace:
    """The small workspace."""
    return written(tmp_path_factory.mktemp("workspace"), small)


@pytest.fixture(scope="session")
def site(workspace: Workspace) -> Site:
    """Its site."""
    return build_site(workspace)


@pytest.fixture(scope="session")
def make_workspace() -> Callable[[Path, dict[str, str]], Workspace]:
    """Writes a workspace into a folder."""
    return written


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


def _problems(files: Mapping[str, bytes]) -> list[str]:
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


@pytest.fixture(scope="session")
def problems() -> Callable[[Mapping[str, bytes]], list[str]]:
    """What is wrong with the links, ids and headings of a site."""
    return _problems
