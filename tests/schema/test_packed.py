"""A model that is kept between runs is the model that its files make."""

from __future__ import annotations

from pathlib import Path

import pytest

from semantics import kept
from semantics.schema import load_schema, packed
from semantics.unsaved import in_place
from semantics.workspace import Workspace

LIBRARY = Workspace.here()
PART = "id: https://example.org/part\nname: part\nclasses:\n  Thing:\n    attributes:\n      name:\n"
WHOLE = "id: https://example.org/shop\nname: shop\nimports: [part]\nclasses:\n  Order:\n    is_a: Thing\n"


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEMANTICS_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(packed, "SMALL", 0)


@pytest.fixture
def shop(tmp_path: Path) -> Workspace:
    """A workspace with a schema and a part that it imports."""
    (tmp_path / "ontologies").mkdir()
    (tmp_path / "ontologies" / "part.yaml").write_text(PART, "utf-8")
    (tmp_path / "ontologies" / "shop.yaml").write_text(WHOLE, "utf-8")
    return Workspace((tmp_path,))


def made(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The files of which models are made, not read as they were kept."""
    found: list[Path] = []
    before = packed._made
    monkeypatch.setattr(packed, "_made", lambda source, workspace: (found.append(source), before(source, workspace))[1])
    return found


@pytest.mark.parametrize("name", ["core", "health", "fhir_r4"])
def test_a_kept_model_is_equal_and_shares_what_the_made_one_shares(name: str) -> None:
    first, second = (load_schema(LIBRARY.find(name, "ontologies")) for _ in range(2))
    assert second == first
    assert second is not first
    counts = [len({id(slot) for cls in model.classes.values() for slot in cls.slots.values()})
              for model in (first, second)]  # fmt: skip
    assert counts[0] == counts[1]


def test_a_model_is_made_again_when_a_file_that_it_imports_is_another(
    shop: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = made(monkeypatch)
    for _ in range(2):
        assert set(load_schema("shop", workspace=shop).classes["Order"].slots) == {"name"}
    assert len(files) == 1
    part = shop.roots[0] / "ontologies" / "part.yaml"
    part.write_text(PART + "      note:\n", "utf-8")
    assert set(load_schema("shop", workspace=shop).classes["Order"].slots) == {"name", "note"}
    with in_place({part.resolve(): PART + "      remark:\n"}):
        assert set(load_schema("shop", workspace=shop).classes["Order"].slots) == {"name", "remark"}
    assert set(load_schema("shop", workspace=shop).classes["Order"].slots) == {"name", "note"}
    assert len(files) == 3  # what rests on a text that is not saved is not kept


def test_a_file_that_comes_before_an_imported_one_counts(
    shop: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = tmp_path / "first"
    (first / "ontologies").mkdir(parents=True)
    own = first / "ontologies" / "order.yaml"
    own.write_text(WHOLE, "utf-8")
    both = Workspace((first, *shop.roots))
    assert set(load_schema(own, workspace=both).classes["Order"].slots) == {"name"}
    (first / "ontologies" / "part.yaml").write_text(PART.replace("name:\n", "title:\n"), "utf-8")
    assert "title" in load_schema(own, workspace=both).classes["Order"].slots


def test_an_entry_that_is_not_a_model_counts_as_absent(shop: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    files = made(monkeypatch)
    load_schema("shop", workspace=shop)
    folder = kept.cache_directory()
    assert folder is not None
    (entry,) = folder.glob("*.json")
    whole = entry.read_bytes()
    for body in (b"", b"[]", whole[:-20], whole.replace(b"Thing", b"Thong")):
        for each in folder.glob("*.json"):
            each.write_bytes(body)
        assert set(load_schema("shop", workspace=shop).classes["Order"].slots) == {"name"}
    assert len(files) == 5


def test_a_file_of_the_same_name_in_another_folder_is_another(shop: Workspace, tmp_path: Path) -> None:
    own = tmp_path / "own" / "ontologies" / "part.yaml"
    own.parent.mkdir(parents=True)
    own.write_text(PART.replace("name:\n", "title:\n"), "utf-8")
    both = Workspace((tmp_path / "own", *shop.roots))
    for path, slot in ((shop.find("part", "ontologies"), "name"), (own, "title")) * 2:
        assert set(load_schema(path, workspace=both).classes["Thing"].slots) == {slot}
