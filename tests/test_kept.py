"""What is kept between runs holds for the files that it was found with, wherever these are, and for nothing else."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from semantics.kept import STATES, kept, lasting, leave, noted, recalled, traced, unnoted
from semantics.unsaved import in_place

read = msgspec.json.Decoder(str).decode


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEMANTICS_CACHE", str(tmp_path / "cache"))


def written(root: Path, name: str, text: str) -> Path:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    return path


def looking(root: Path, name: str, looks: list[str]) -> Callable[[], str]:
    """What reads a file of a folder, or of those behind it, and says that it did."""

    def look() -> str:
        noted(root / name)
        looks.append((root / name).read_text("utf-8"))
        return looks[-1]

    return look


def test_the_last_states_of_a_file_are_kept_and_no_more(tmp_path: Path) -> None:
    looks: list[str] = []
    texts = [str(number) for number in range(STATES)]
    for text in (*texts, *texts):
        written(tmp_path, "a.yaml", text)
        assert lasting("key", "1", (tmp_path,), looking(tmp_path, "a.yaml", looks), read) == text
    assert looks == texts
    for text in ("other", texts[0], texts[-1]):  # the first was asked for longest ago
        written(tmp_path, "a.yaml", text)
        assert lasting("key", "1", (tmp_path,), looking(tmp_path, "a.yaml", looks), read) == text
    assert looks == [*texts, "other", texts[0]]


def test_what_another_program_found_does_not_hold(tmp_path: Path) -> None:
    looks: list[str] = []
    written(tmp_path, "a.yaml", "a")
    for stamp in ("1", "2", "1"):
        lasting("key", stamp, (tmp_path,), looking(tmp_path, "a.yaml", looks), read)
    assert looks == ["a", "a"]


def test_what_was_found_in_a_folder_holds_where_another_in_front_of_it_has_the_same_file(tmp_path: Path) -> None:
    looks: list[str] = []
    own, front = tmp_path / "own", tmp_path / "front"
    written(own, "models/a.yaml", "a")
    assert lasting("key", "1", (own,), looking(own, "models/a.yaml", looks), read) == "a"
    written(own, "models/a.yaml", "b")
    written(front, "models/a.yaml", "a")
    both = (front, own)
    assert lasting("key", "1", both, looking(front, "models/a.yaml", looks), read) == "a"
    assert looks == ["a"]
    written(front, "models/a.yaml", "b")
    assert lasting("key", "1", both, looking(front, "models/a.yaml", looks), read) == "b"
    assert lasting("key", "1", (own,), looking(own, "models/a.yaml", looks), read) == "b"
    assert looks == ["a", "b"]


def test_a_file_behind_another_of_its_name_is_not_that_one(tmp_path: Path) -> None:
    looks: list[str] = []
    front, back = (written(tmp_path / name, "a.yaml", name) for name in ("front", "back"))
    roots = (front.parent, back.parent)
    for root in (*roots, *roots):
        look = looking(root, "a.yaml", looks)
        assert lasting("key", "1", roots, look, read, root / "a.yaml") == root.name
    assert looks == ["front", "back"]


def test_a_file_that_comes_to_be_where_one_was_looked_for_counts(tmp_path: Path) -> None:
    def look() -> str:
        noted(tmp_path / "a.yaml")
        return "there" if (tmp_path / "a.yaml").is_file() else "none"

    assert lasting("key", "1", (tmp_path,), look, read) == "none"
    written(tmp_path, "a.yaml", "a")
    assert lasting("key", "1", (tmp_path,), look, read) == "there"


def test_nothing_is_kept_of_a_text_that_is_not_saved(tmp_path: Path) -> None:
    path = written(tmp_path, "a.yaml", "a")
    with in_place({path.resolve(): "b"}):
        assert leave("key", "1", (tmp_path,), "b", {path}) is None
    assert leave("key", "1", (tmp_path,), "a", {path}) == b'"a"'
    assert recalled("key", "1", (tmp_path,), read) == "a"


@pytest.mark.parametrize("what", ["head", "body", "form", "nothing"])
def test_an_entry_that_is_broken_counts_as_absent(what: str, tmp_path: Path) -> None:
    path = written(tmp_path, "a.yaml", "a")
    leave("key", "1", (tmp_path,), "found", {path})
    (entry,) = (tmp_path / "cache").iterdir()
    data = entry.read_bytes()
    broken = {"head": data.replace(b'"1"', b'"2"'), "body": data.replace(b"found", b"faked"), "nothing": b""}
    entry.write_bytes(broken.get(what, data))
    wrong = msgspec.json.Decoder(int).decode if what == "form" else read
    assert recalled("key", "1", (tmp_path,), wrong) is None
    assert kept("key") is None


def test_what_is_kept_where_nothing_can_be_written_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(tmp_path, "a.yaml", "a")
    leave("key", "1", (tmp_path,), "a", {path})

    def refused(*_: object, **__: object) -> None:
        raise PermissionError

    monkeypatch.setattr("semantics.kept.os.utime", refused)
    monkeypatch.setattr("semantics.kept.tempfile.mkstemp", refused)
    assert recalled("key", "1", (tmp_path,), read) == "a"
    assert lasting("other", "1", (tmp_path,), lambda: "b", read) == "b"


def test_what_is_looked_at_aside_is_not_noted(tmp_path: Path) -> None:
    with traced() as seen:
        noted(tmp_path / "a")
        with unnoted():
            noted(tmp_path / "b")
            with traced() as inner:
                noted(tmp_path / "c")
        noted(tmp_path / "d")
    assert {path.name for path in seen} == {"a", "d"}
    assert {path.name for path in inner} == {"c"}
