"""Names, descriptions and addresses that would do harm in a page are text in it, and files have safe names."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
import yaml

from semantics.site.build import Site, build_site
from semantics.site.names import slugs
from semantics.workspace import Workspace

Problems = Callable[[Mapping[str, bytes]], list[str]]
Make = Callable[[Path, dict[str, str]], Workspace]
EVIL = '"><script>alert(1)</script><img src=x onerror=alert(2)>'
RUNS = "javascript:alert(3)"


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory, make_workspace: Make) -> Site:
    """The site of a workspace that was written to do harm."""
    schema = {
        "id": RUNS, "name": "evil", "title": EVIL, "description": f"{EVIL} {{{{ 7*7 }}}} {{% raw %}}", "version": EVIL,
        "license": EVIL, "prefixes": {"evil": "https://example.org/\"'><b>/", "javascript": "javascript:"},
        "default_prefix": "evil", "default_range": "string", "imports": ["linkml:types"],
        "enums": {"Con": {"permissible_values": {EVIL: {"description": EVIL, "meaning": RUNS}, "b": {}}}},
        "classes": {
            "Meter": {"description": EVIL, "class_uri": RUNS, "see_also": [RUNS], "aliases": [EVIL], "attributes": {
                "meter": {"range": "Con", "description": EVIL, "slot_uri": RUNS, "title": EVIL, "deprecated": EVIL},
                "number": {"identifier": True, "pattern": "<script>\\d"},
            }},
            "meter": {"is_a": "Meter"},
            "METER": {"attributes": {"of": {"range": "meter", "description": "\u202eevil\x85"}}},
            "index": {}, "CON": {}, "nul": {},
        },
    }  # fmt: skip
    mapping = {
        "title": EVIL, "description": EVIL, "homepage": RUNS, "source_schema": "evil", "target_schema": "evil",
        "source": {"format": "json"}, "class_derivations": {"Meter": {"populated_from": "Meter", "slot_derivations": {
            "number": {"expr": f"number + '{EVIL}'"}, "meter": {"value": "b"}}}},
    }  # fmt: skip
    tests = {"tests": [{"name": EVIL, "description": EVIL, "input": {"number": EVIL}, "contains": {"number": EVIL}}]}
    return build_site(make_workspace(tmp_path_factory.mktemp("hostile"), {
        "ontologies/evil.yaml": yaml.safe_dump(schema, allow_unicode=True),
        "ontologies/evil.sssom.tsv": f"subject_id\tpredicate_id\tobject_id\tobject_label\n{RUNS}\t{EVIL}\t{RUNS}\t{EVIL}\n",
        "mappings/<b>&.yaml": yaml.safe_dump(mapping),
        "mappings/<b>&.tests.yaml": yaml.safe_dump(tests),
        "mappings/broken.yaml": f"title: x\nsource_schema: '{EVIL}'\n",
    }))  # fmt: skip


def test_nothing_of_a_definition_becomes_part_of_a_page(hostile: Site) -> None:
    html = {path: content.decode() for path, content in hostile.files.items() if path.endswith(".html")}
    text = "\n".join(html.values())
    assert len(re.findall(r"<script", text)) == len(html) + 2, "one script a page, and two more of the search"
    assert not re.search(r"<img|href=\"javascript|<b>/", text)
    assert not re.search(r"<[^>]*\son\w+=", text)
    assert "{{ 7*7 }}" in text, "a template in a description is text"
    assert "\u202e" not in text
    assert "\\u202eevil" in text


def test_the_index_of_the_search_is_one_statement_of_plain_data(hostile: Site) -> None:
    script = hostile.files["static/index.js"].decode()
    assert script.isascii()
    assert re.fullmatch(r'"use strict";\nself\.SEARCH = \{.*\};\n', script)


def test_every_page_of_it_is_there_and_linked(
    hostile: Site, problems: Callable[[Mapping[str, bytes]], list[str]]
) -> None:
    assert problems(hostile.files) == []


def test_files_have_safe_names_that_differ_in_more_than_case(hostile: Site) -> None:
    assert [path for path in hostile.files if not re.fullmatch(r"[A-Za-z0-9_./-]+", path) or ".." in path] == []
    assert len({path.casefold() for path in hostile.files}) == len(hostile.files)
    assert {"models/evil/METER.html", "models/evil/Meter-2.html", "models/evil/meter-3.html"} <= set(hostile.files)
    assert {"models/evil/index-.html", "models/evil/CON-.html", "models/evil/nul-.html"} <= set(hostile.files)


def test_what_is_broken_has_a_page_with_its_findings(hostile: Site) -> None:
    assert hostile.findings
    assert "cannot be used" in hostile.files["broken/mappings-broken.html"].decode()


def test_names_that_have_no_letters_of_ascii_are_told_apart() -> None:
    assert len(set(slugs(["水", "電", "水量"]).values())) == 3
