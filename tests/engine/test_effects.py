"""What a change of models does to the mappings of a workspace: findings, tests that fail, and a patch."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from semantics.cli import main

MODEL = """\
id: https://example.org/shop
name: shop
prefixes: {shop: https://example.org/shop/}
default_prefix: shop
classes:
  Order:
    attributes:
      number: {identifier: true}
      note: {description: What the buyer wrote.}
"""
MAPPING = """\
source_schema: shop
target_schema: shop
prefixes: {shop: https://example.org/shop/}
class_derivations:
  Order:
    populated_from: Order
    slot_derivations:
      number: {populated_from: number}
      note: {expr: "upper(note)"}
"""
TESTS = """\
tests:
  - name: a note is in capitals
    input: {number: "shop:1", note: "a"}
    class: Order
    output: {number: "shop:1", note: "A"}
  - name: an order needs no note
    input: {number: "shop:1"}
    class: Order
    output: {number: "shop:1"}
"""


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A workspace with a model, a mapping and its tests; it is the current folder."""
    for name, text in (("ontologies/shop", MODEL), ("mappings/shop", MAPPING), ("mappings/shop.tests", TESTS)):
        path = tmp_path / "work" / f"{name}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    (tmp_path / "old.yaml").write_text(MODEL, "utf-8")
    monkeypatch.chdir(tmp_path / "work")
    return tmp_path


def ran(*arguments: str) -> int:
    """The exit code of a comparison."""
    with pytest.raises(SystemExit) as ended:
        main(["diff", *arguments])
    return int(ended.value.code or 0)


def edit(shop: Path, old: str, new: str) -> None:
    """Change the model of the workspace."""
    path = shop / "work" / "ontologies" / "shop.yaml"
    path.write_text(path.read_text("utf-8").replace(old, new), "utf-8")


def test_a_rename_is_told_with_a_patch_that_mends_the_mapping(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    edit(shop, "note:", "remark:")
    assert ran("../old.yaml", "shop") == 1
    told = capsys.readouterr().out
    assert "SLOT_RENAMED  slot Order.note" in told
    assert "BROKEN  mapping shop\n" in told
    assert "1 of 1 mappings broken" in told
    patch = told[told.index("--- a/") : told.index("\n\n2 changes")] + "\n"
    assert '+      remark: {expr: "upper(remark)"}' in patch
    subprocess.run(["git", "apply", "-"], input=patch.encode(), check=True)
    assert ran("../old.yaml", "shop", "--allow-breaking", "--no-mappings") == 0
    with pytest.raises(SystemExit) as ended:
        main(["check", "mappings/shop.yaml"])
    assert ended.value.code == 0


def write(shop: Path, name: str, text: str) -> None:
    """A file of the workspace."""
    (shop / "work" / f"{name}.yaml").write_text(text, "utf-8")


STORE = """\
id: https://example.org/store
name: store
prefixes: {shop: https://example.org/shop/}
default_prefix: shop
imports: [shop]
classes:
  Sale:
    is_a: Order
    slot_usage:
      note: {description: What the seller wrote.}
"""


def test_a_model_that_imports_the_one_that_changed_is_mended_before_its_mappings(
    shop: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(shop, "ontologies/store", STORE)
    for name in ("sale", "sale2"):
        write(shop, f"mappings/{name}", MAPPING.replace(": shop\n", ": store\n").replace("Order", "Sale"))
    edit(shop, "note:", "remark:")
    assert ran("../old.yaml", "shop") == 1
    told = capsys.readouterr().out
    for name in ("sale", "sale2"):
        rest = told[told.index(f"BROKEN  mapping {name}\n") :].splitlines()[1]
        assert rest.startswith("    ontologies/store.yaml:10:7  SCH005")
    assert "A patch for what was renamed:\n" in told
    patch = told[told.index("--- a/") : told.index("\n\n2 changes")] + "\n"
    subprocess.run(["git", "apply", "-"], input=patch.encode(), check=True)
    with pytest.raises(SystemExit) as ended:
        main(["check"])
    assert ended.value.code == 0


PART = """\
class_derivations:
  Base:
    abstract: true
    slot_derivations:
      number: {populated_from: number}
      note: {expr: "upper(note)"}
  More:
    abstract: true
    slot_derivations:
      more: {expr: "upper(more)"}
"""


def test_a_part_that_mappings_share_is_mended_for_all_of_them(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    model = MODEL + "      more: {description: What else there is to say.}\n"
    (shop / "old.yaml").write_text(model, "utf-8")
    write(shop, "ontologies/shop", model)
    write(shop, "mappings/part", PART)
    using = MAPPING[: MAPPING.index("class_")] + "imports: [part]\nclass_derivations:\n  Order:\n"
    write(shop, "mappings/one", using + "    is_a: Base\n    populated_from: Order\n")
    write(shop, "mappings/two", using + "    is_a: More\n    populated_from: Order\n")
    edit(shop, "note:", "remark:")
    edit(shop, "more:", "further:")
    assert ran("../old.yaml", "shop") == 1
    told = capsys.readouterr().out
    assert "3 of 4 mappings broken" in told
    assert told.count('+      remark: {expr: "upper(remark)"}') == 2  # in the part, and in the mapping with its own
    assert told.count('+      further: {expr: "upper(further)"}') == 1
    assert "A patch for what was renamed:\n" in told


def test_a_test_that_fails_only_now_is_named(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    edit(shop, "note: {", "note: {pattern: '^[a-z]+$', ")
    assert ran("../old.yaml", "shop", "--allow", "PATTERN_CHANGED") == 1
    told = capsys.readouterr().out
    assert "FAILED  a note is in capitals  (mappings/shop.tests.yaml:" in told
    assert "an order needs no note" not in told


def test_a_change_that_breaks_no_mapping_says_so(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    edit(shop, "      note:", "      total: {range: decimal}\n      note:")
    assert ran("../old.yaml", "shop") == 0
    assert "1 compatible; asks for a minor version; no mapping breaks" in capsys.readouterr().out


def git(folder: Path, *words: str) -> None:
    """A git command in a folder, as somebody."""
    who = ["-c", "user.name=A", "-c", "user.email=a@example.org"]
    subprocess.run(["git", "-C", str(folder), *who, *words], check=True, capture_output=True)


def test_the_old_model_can_be_that_of_a_revision(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    git(shop, "init", "-q")
    git(shop, "add", "-A")
    git(shop, "commit", "-qm", "first")
    assert ran("--against", "HEAD") == 0
    edit(shop, "note: {", "note: {required: true, ")
    for asked in ((), ("shop",), ("ontologies",), ("ontologies/shop.yaml",)):
        assert ran("--against", "HEAD", *asked) == 1
        told = capsys.readouterr().out
        assert "ontologies/shop.yaml:9:7  SLOT_MADE_REQUIRED  slot Order.note" in told
        assert "FAILED  an order needs no note" in told
        assert str(shop) not in told
    assert ran("--against", "nothing") == 2
    assert capsys.readouterr().err == "CHG004  there is no revision 'nothing' in the repository\n"
    (shop / "work" / "ontologies" / "new.yaml").write_text(MODEL, "utf-8")
    assert ran("--against", "HEAD", "new") == 2
    assert "CHG005" in capsys.readouterr().err


def test_a_mapping_whose_schema_is_gone_is_broken(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    git(shop, "init", "-q")
    git(shop, "add", "-A")
    git(shop, "commit", "-qm", "first")
    (shop / "work" / "ontologies" / "shop.yaml").unlink()
    assert ran("--against", "HEAD") == 1
    told = capsys.readouterr().out
    assert "ontologies/shop.yaml:1:1  SCHEMA_REMOVED  schema shop" in told
    assert "BROKEN  mapping shop\n    mappings/shop.yaml:1:1  WRK002  there is no schema named 'shop'" in told
    assert "1 of 1 mappings broken" in told
    write(shop, "ontologies/shop", MODEL.replace("Order:", "Purchase:"))
    assert ran("--against", "HEAD") == 1
    assert "MAP010  class 'Order' is not in schema 'shop'" in capsys.readouterr().out


def test_a_revision_needs_a_repository(
    shop: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(shop.parent))
    assert ran("--against", "HEAD") == 2
    told = capsys.readouterr().err
    assert told.startswith("CHG003  git refuses 'rev-parse' in the folder of the model\n  hint: not a git repository")


def test_a_revision_that_a_shallow_clone_does_not_have_is_told_with_the_reason(
    shop: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    git(shop, "init", "-q")
    git(shop, "add", "-A")
    git(shop, "commit", "-qm", "first")
    git(shop, "clone", "-q", "--depth=1", shop.as_uri(), str(shop / "clone"))
    monkeypatch.chdir(shop / "clone" / "work")
    assert ran("--against", "origin/other") == 2
    assert "hint: the clone is shallow and does not have all of them: fetch it first" in capsys.readouterr().err
    monkeypatch.setenv("PATH", "")
    assert ran("--against", "HEAD") == 2
    assert "git does not run" in capsys.readouterr().err


def test_one_model_alone_is_not_compared(shop: Path) -> None:
    assert ran("shop") == 2


@pytest.mark.parametrize("asked", ["required: true", "pattern: '^a+$'", "equals_string: B"])
def test_what_a_target_asks_for_is_tried_with_the_plan_that_was_there(
    asked: str, shop: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    till = MODEL.replace("name: shop", "name: till").replace("org/shop\n", "org/till\n")
    (shop / "old.yaml").write_text(till, "utf-8")
    write(shop, "ontologies/till", till.replace("buyer wrote.}", f"buyer wrote., {asked}}}"))
    write(shop, "mappings/shop", MAPPING.replace("target_schema: shop", "target_schema: till"))
    found = []
    for demands in (True, False):  # with the plan into the old model, and planned anew
        monkeypatch.setattr("semantics.changes.table.demands_alone", lambda *_, found=demands: found)
        monkeypatch.setenv("SEMANTICS_CACHE", str(shop / f"cache {demands}"))
        assert ran("../old.yaml", "till") == 1
        found.append(capsys.readouterr().out)
    assert found[0] == found[1]
    assert "BROKEN  mapping shop\n" in found[0]
    assert ("an order needs no note" in found[0]) is (asked == "required: true")
    assert ("a note is in capitals" in found[0]) is (asked != "required: true")
