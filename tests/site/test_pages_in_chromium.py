"""The pages in a real browser: no complaint, no page wider than a phone, a search that finds, dark where that is asked."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from semantics.site.build import Site, Workshop
from semantics.site.folder import write_site
from semantics.site.server import HOST, Live, serving
from semantics.workspace import Workspace

_spec = importlib.util.spec_from_file_location("chromium", Path(__file__).with_name("chromium.py"))
assert _spec is not None
assert _spec.loader is not None
chromium = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(chromium)

pytestmark = [
    pytest.mark.xdist_group("chromium"),
    pytest.mark.skipif(chromium.program() is None, reason="no Chromium is installed: pages are not opened"),
]
PAGES = (
    "index.html", "models.html", "mappings.html", "codes.html", "links.html", "tests.html", "models/meters.html",
    "models/core.html", "models/meters/Reading.html", "models/core/Observation.html", "models/meters/codes/Quality.html",
    "mappings/meters.html", "mappings/meters/tests.html", "links/meters.html", "search.html#q=reading",
)  # fmt: skip


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A browser for these tests."""
    found = chromium.Chromium(tmp_path_factory.mktemp("profile"))
    yield found
    found.close()


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory, site: Site) -> str:
    """The address of the site: a folder."""
    folder = tmp_path_factory.mktemp("pages") / "site"
    write_site(site.files, folder)
    return folder.as_uri()


def test_no_page_complains_or_is_wider_than_a_phone(browser: Any, root: str) -> None:
    """From a file, without a network: its policy lets its own style and scripts in, and nothing is refused."""
    for page in PAGES:
        browser.open(f"{root}/{page}", 360, 800)
        assert browser.said == [], page
        assert browser.value("document.documentElement.scrollWidth") <= 360, page
        assert browser.value("getComputedStyle(document.querySelector('main')).maxWidth") == "1184px", "styled"


def test_pages_are_dark_where_that_is_asked_for(browser: Any, root: str) -> None:
    shade = "getComputedStyle(document.body).backgroundColor"
    browser.open(f"{root}/models/meters/Reading.html")
    light = browser.value(shade)
    browser.open(f"{root}/models/meters/Reading.html", dark=True)
    assert (light, browser.value(shade)) == ("rgb(255, 255, 255)", "rgb(18, 21, 27)")


def names(browser: Any) -> list[str]:
    found = browser.value("[...document.querySelectorAll('#results li > p:first-child > a')].map((a) => a.textContent)")
    return list(found)


def test_the_search_finds_names_before_descriptions_and_letters_without_their_marks(browser: Any, root: str) -> None:
    browser.open(f"{root}/search.html#q=meter")
    found = names(browser)
    assert found[:2] == ["Meter", "meter"], "a class before a slot of that name"
    browser.open(f"{root}/search.html#q=device")
    assert names(browser)[0] == "Meter", "whose description has the word"
    browser.open(f"{root}/search.html?q=grosse")
    assert names(browser) == ["größe"]
    browser.open(f"{root}/search.html#q=nothing+of+that+kind")
    assert browser.value("document.getElementById('status').textContent") == "0 found"


def test_the_search_is_used_by_keys_and_its_state_can_be_linked(browser: Any, root: str) -> None:
    browser.open(f"{root}/search.html")
    browser.value(
        "(f => { f.value = 'reading'; f.dispatchEvent(new Event('input')); })(document.getElementById('search'))"
    )
    assert browser.value("location.hash") == "#q=reading"
    for kind in ("keyDown", "keyUp"):
        browser.call("Input.dispatchKeyEvent", type=kind, key="ArrowDown", code="ArrowDown")
    assert browser.value("document.activeElement.textContent") == "Reading"
    browser.open(f"{root}/index.html")
    browser.call("Input.dispatchKeyEvent", type="keyDown", key="/", text="/")
    assert browser.value("document.activeElement.id") == "find"


def test_a_slot_that_is_found_leads_to_its_place(browser: Any, root: str) -> None:
    browser.open(f"{root}/search.html#q=kwh")
    href = browser.value("document.querySelector('#results a').href")
    browser.open(href)
    assert browser.value("document.querySelector(':target').textContent").split()[0] == "kwh"


def test_a_served_page_loads_itself_again(browser: Any, workspace: Workspace) -> None:
    """It waits for a word of the server, which its policy allows."""
    site = Workshop(workspace, served=True).build()
    live = Live(site)
    with serving(live, 0) as port:
        browser.open(f"http://{HOST}:{port}/models/meters/Meter.html")
        assert browser.said == []
        changed = {
            path: content.replace(b"A measuring device.", b"Something else.") for path, content in site.files.items()
        }
        script = "new Promise((done) => addEventListener('pagehide', () => done(true)))"
        browser.call("Runtime.evaluate", expression=f"self.gone = {script}")
        browser._loaded = False
        live.replace(Site(changed))
        while not browser._loaded:
            browser._event(browser._next())
        assert "Something else." in browser.value("document.body.textContent")
