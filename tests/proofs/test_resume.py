"""``--resume``: what it goes on with, what it refuses, and what it does where there is nothing to go on with."""

from __future__ import annotations

import os
import random
import signal
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from .runs import KILL_AFTER, Conversion, Trouble, Warm, leftovers, results, run

LINES = Conversion("in.ndjson", "out.ndjson", 400)
KEYED = replace(LINES, mapping="people-by-pseudonym", options=("--pseudonym-key", "key"))
JOINED = replace(LINES, mapping="people-of-shops", options=("--related", "shops.csv"))


def undisturbed(warm: Warm, folder: Path, conversion: Conversion) -> dict[str, bytes]:
    """What the run gives when nothing happens."""
    ended = warm.run(conversion.lay_out(folder), conversion.arguments())
    assert ended.code == 1, ended.stderr
    return results(folder, conversion)


def cut(troubled: Warm, folder: Path, conversion: Conversion, checkpoints: int = 2) -> Path:
    """A run that was killed after so many of its checkpoints."""
    trouble = Trouble(checkpoints, 0, KILL_AFTER, ("rename",))
    ended = troubled.run(conversion.lay_out(folder), conversion.arguments(), trouble, checkpoint=0)
    assert ended.code == -signal.SIGKILL, ended.stderr
    assert f".{conversion.target}~checkpoint.partial" in leftovers(folder)
    assert results(folder, conversion) == {}
    return folder


def test_without_anything_to_go_on_with_a_run_simply_begins(warm: Warm, tmp_path: Path) -> None:
    """And ends like any other."""
    right = undisturbed(warm, tmp_path / "right", LINES)
    ended = warm.run(LINES.lay_out(tmp_path / "new"), LINES.arguments("--resume"))
    assert (ended.code, results(tmp_path / "new", LINES)) == (1, right)


def test_a_run_without_it_begins_anew(troubled: Warm, tmp_path: Path) -> None:
    """What is left of the run before is taken away."""
    right = undisturbed(troubled, tmp_path / "right", LINES)
    folder = cut(troubled, tmp_path / "cut", LINES)
    assert troubled.run(folder, LINES.arguments()).code == 1
    assert (results(folder, LINES), leftovers(folder)) == (right, [])


def grown(folder: Path) -> None:
    with (folder / "in.ndjson").open("ab") as file:
        file.write(b'{"id": "new"}\n')


def touched(folder: Path) -> None:
    os.utime(folder / "in.ndjson", (1, 1))


def replaced(name: str, old: str, new: str) -> Callable[[Path], None]:
    """The change of a text in a file."""

    def change(folder: Path) -> None:
        text = (folder / name).read_text()
        assert old in text
        (folder / name).write_text(text.replace(old, new))

    return change


def other_key(folder: Path) -> None:
    (folder / "key").write_text("f" * 64)


CHANGES: dict[str, tuple[Conversion, Callable[[Path], None] | tuple[str, ...]]] = {
    "more records": (LINES, grown),
    "an input of another time": (LINES, touched),
    "another rule": (LINES, replaced("mappings/people.yaml", "{a: A, b: B}", "{a: B, b: A}")),
    "another source": (LINES, replaced("ontologies/source.yaml", "shop: {}", "shop: {pattern: s}")),
    "another target": (LINES, replaced("ontologies/target.yaml", "minimum_value: 0", "minimum_value: -1")),
    "another validation": (LINES, ("--validate", "none")),
    "another class": (LINES, ("--class", "Row")),
    "another limit": (LINES, ("--max-field-bytes", "10")),
    "another key": (KEYED, other_key),
    "other partners": (JOINED, replaced("shops.csv", "City 1", "Town 1")),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_run_that_would_give_something_else_is_refused(troubled: Warm, tmp_path: Path, name: str) -> None:
    """By exit code 2 and in words; nothing is written, nothing is taken away."""
    conversion, change = CHANGES[name]
    folder = cut(troubled, tmp_path / "cut", conversion)
    words = conversion.arguments("--resume")
    if callable(change):
        change(folder)
    else:
        words += change
    before = {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}
    ended = troubled.run(folder, words)
    assert ended.code == 2, (ended.code, ended.stderr)
    assert b"RUN092" in ended.stderr
    assert b"cannot be taken up" in ended.stderr
    assert {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()} == before


@pytest.mark.parametrize("more", [("--jobs", "3"), ("--jobs", "1"), ("--no-progress",), ("--max-rejects", "100")])
def test_what_changes_no_byte_may_be_changed(troubled: Warm, tmp_path: Path, more: tuple[str, ...]) -> None:
    """Workers, what is shown, where a run stops."""
    right = undisturbed(troubled, tmp_path / "right", LINES)
    folder = cut(troubled, tmp_path / "cut", replace(LINES, options=("--jobs", "2")))
    ended = troubled.run(folder, LINES.arguments("--resume", *more))
    assert (ended.code, results(folder, LINES), leftovers(folder)) == (1, right, []), ended.stderr


@pytest.mark.parametrize("conversion", [KEYED, JOINED], ids=["pseudonyms", "joins"])
def test_what_a_run_looks_up_is_there_again(troubled: Warm, tmp_path: Path, conversion: Conversion) -> None:
    """The key of pseudonyms, the partners of joins."""
    right = undisturbed(troubled, tmp_path / "right", conversion)
    folder = cut(troubled, tmp_path / "cut", conversion)
    assert troubled.run(folder, conversion.arguments("--resume")).code == 1
    assert (results(folder, conversion), leftovers(folder)) == (right, [])


@pytest.mark.parametrize(("source", "target"), [("-", "out.ndjson"), ("in.ndjson", "-")])
def test_streams_cannot_be_gone_on_with(tmp_path: Path, source: str, target: str) -> None:
    """Standard input and output do not wait for a second run: refused before anything is read."""
    LINES.lay_out(tmp_path)
    words = ["convert", "people", source, "-o", target, "--from", "ndjson", "--to", "ndjson", "--resume"]
    with (tmp_path / "in.ndjson").open("rb") as given:
        ended = run(tmp_path, words, stdin=given)
    assert (ended.returncode, ended.stdout) == (2, b"")
    assert b"RUN091" in ended.stderr
    assert b"standard" in ended.stderr
    assert leftovers(tmp_path) == []


def test_a_checkpoint_that_is_damaged_never_gives_wrong_bytes(troubled: Warm, tmp_path: Path) -> None:
    """Cut short or with a byte changed it is none, and the run begins anew, or is refused."""
    right = undisturbed(troubled, tmp_path / "right", LINES)
    folder = cut(troubled, tmp_path / "cut", LINES)
    kept = {name: (folder / name).read_bytes() for name in leftovers(folder)}
    checkpoint = ".out.ndjson~checkpoint.partial"
    whole, chance = kept[checkpoint], random.Random(11)
    damaged = [whole[: chance.randrange(len(whole))] for _ in range(4)]
    for _ in range(16):
        at = chance.randrange(len(whole))
        damaged.append(whole[:at] + bytes([whole[at] ^ (1 << chance.randrange(8))]) + whole[at + 1 :])
    for content in damaged:
        for name, data in kept.items():
            (folder / name).write_bytes(data)
        (folder / checkpoint).write_bytes(content)
        ended = troubled.run(folder, LINES.arguments("--resume"))
        assert b"Traceback" not in ended.stderr
        assert ended.code in (1, 2), ended.stderr
        if ended.code == 1:
            assert results(folder, LINES) == right
            for name in LINES.results:
                (folder / name).unlink()


@pytest.mark.parametrize("name", [".out.ndjson.partial", ".out.ndjson.rejects.ndjson.partial"])
def test_what_a_checkpoint_speaks_of_and_is_not_there_is_made_anew(troubled: Warm, tmp_path: Path, name: str) -> None:
    """Gone, cut short, or another's."""
    right = undisturbed(troubled, tmp_path / "right", LINES)
    for number, spoil in enumerate((
        lambda file: file.unlink(),
        lambda file: os.truncate(file, 10),
        lambda file: (file.unlink(), file.symlink_to("in.ndjson")),
        lambda file: (file.rename(file.with_name("aside")), os.link(file.with_name("aside"), file)),
    )):  # fmt: skip
        folder = cut(troubled, tmp_path / str(number), LINES)
        given = (folder / "in.ndjson").read_bytes()
        spoil(folder / name)
        ended = troubled.run(folder, LINES.arguments("--resume"))
        assert ended.code in (1, 4), ended.stderr
        if ended.code == 1:
            assert results(folder, LINES) == right
        assert (folder / "in.ndjson").read_bytes() == given
