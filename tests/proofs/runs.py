"""Runs to be disturbed: a small workspace, inputs in several formats, some records bad, and what a run leaves behind."""

from __future__ import annotations

import gzip
import json
import os
import random
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parents[2]
HERE: Final = Path(__file__).resolve().parent

SOURCE: Final = """\
id: https://example.org/source
name: source
default_prefix: https://example.org/source/
classes:
  Row:
    attributes:
      id: {required: true}
      name: {}
      age: {range: integer}
      amount: {range: decimal}
      kind: {}
      shop: {}
  Shop:
    attributes:
      code: {identifier: true}
      city: {}
"""
TARGET: Final = """\
id: https://example.org/target
name: target
default_prefix: https://example.org/target/
classes:
  Person:
    tree_root: true
    attributes:
      id: {identifier: true}
      name: {}
      age: {range: integer, minimum_value: 0}
      amount: {range: decimal}
      kind: {range: Kind}
      home: {range: Place, inlined: true}
  Place:
    attributes:
      shop: {}
      city: {}
  Store:
    attributes:
      id: {identifier: true}
      people: {multivalued: true}
enums:
  Kind: {permissible_values: {A: {}, B: {}}}
"""
MAPPING: Final = """\
source_schema: source
target_schema: target
%sclass_derivations:
  Person:
    populated_from: Row
    where: "kind != 'skip'"
    slot_derivations:
      id:
      name:
      age:
      amount:
      kind: {value_mappings: {a: A, b: B}}
      home:
        class_derivations:
          Place: {slot_derivations: {shop: }}
"""
JOINED: Final = """\
source_schema: source
target_schema: target
class_derivations:
  - Person:
      populated_from: Row
      where: "kind != 'skip'"
      joins: {at: {class_named: Shop, source_key: shop}}
      slot_derivations:
        id:
        name:
        age:
        home:
          class_derivations:
            Place: {slot_derivations: {shop: , city: {populated_from: at.city}}}
  - Store:
      populated_from: Row
      group_by: shop
      slot_derivations:
        id: {populated_from: shop}
        people: {populated_from: id}
"""
MAPPINGS: Final = {
    "people": MAPPING % "",
    "people-and-shops": JOINED,
    "people-of-shops": JOINED[: JOINED.index("  - Store:")],
    "people-by-pseudonym": (MAPPING % "").replace("name:", "name: {expr: \"pseudonym(id, 'people')\"}"),
    "people-with-capitals": (MAPPING % "").replace("name:", "name: {expr: capitalize(name)}"),
    "people-in-a-document": MAPPING % "source: {records: [{path: 'rows.row[*]', class: Row}]}\n",
}
POISON: Final = ("code", "age", "skip", "broken", "ragged")
"""What may be wrong with a row: rejected by the mapping, by the model, filtered, not readable in two ways."""

Row = tuple[dict[str, Any], str]


def rows(count: int, *, bad: int = 11, seed: int = 1) -> list[Row]:
    """Rows, and what is wrong with each; about one in ``bad`` is."""
    chance = random.Random(seed)
    made = []
    for number in range(count):
        fault = chance.choice(POISON) if chance.randrange(bad) == 0 else ""
        kind = {"code": "zz", "skip": "skip"}.get(fault, "ab"[number % 2])
        row = {
            "id": f"p{number}", "name": "Zoë " + "x" * chance.randrange(60),
            "age": -1 if fault == "age" else chance.randrange(100), "amount": chance.randrange(10**6) + 0.25,
            "kind": kind, "shop": f"s{chance.randrange(50)}",
        }  # fmt: skip
        made.append((row, fault))
    return made


# -- inputs ------------------------------------------------------------------------------------


def line_of(row: dict[str, Any], fault: str) -> bytes:
    """A row as a line of NDJSON: some are not UTF-8, some have a key twice."""
    spoilt = {"broken": b'{"id": "\xff"}', "ragged": b'{"id": "1", "id": "2"}'}
    return spoilt.get(fault) or json.dumps(row, ensure_ascii=False).encode()


def cells_of(row: dict[str, Any], fault: str) -> bytes:
    """A row of a table: some are not UTF-8, some have a cell too many."""
    cells = [str(value).encode() for value in row.values()]
    cells[1] = b"\xff" if fault == "broken" else cells[1]
    return b",".join([*cells, *([b"more"] if fault == "ragged" else [])])


def element_of(row: dict[str, Any], fault: str) -> bytes:
    """A row as an element: some have one of their own twice, some a text that is no number."""
    age = "thirty" if fault == "ragged" else row["age"]
    inner = "".join(f"<{name}>{row[name]}</{name}>" for name in ("name", "amount", "kind", "shop"))
    return f'<row id="{row["id"]}">{inner}<age>{age}</age>{"<age>1</age>" * (fault == "broken")}</row>'.encode()


def object_of(row: dict[str, Any], fault: str) -> bytes:
    """A row inside a JSON document: some have a key twice, some are no object."""
    spoilt = {"broken": b'{"id": "1", "id": "2"}', "ragged": b"[1, 2]"}
    return spoilt.get(fault) or json.dumps(row, ensure_ascii=False).encode()


@dataclass(frozen=True, slots=True)
class Form:
    """A format of inputs: how a row stands in it, and what is before, between and after the rows."""

    piece: Callable[[dict[str, Any], str], bytes]
    before: bytes = b""
    between: bytes = b"\n"
    after: bytes = b"\n"

    def document(self, given: Sequence[Row]) -> bytes:
        """All rows."""
        return self.before + self.between.join(self.piece(*row) for row in given) + self.after


FORMS: Final[dict[str, Form]] = {
    ".ndjson": Form(line_of),
    ".csv": Form(cells_of, b"id,name,age,amount,kind,shop\n"),
    ".xml": Form(element_of, b"<rows>\n", b"\n", b"\n</rows>\n"),
    ".json": Form(object_of, b'{"rows": {"other": 1, "row": [', b",\n", b"]}}"),
}


# -- runs --------------------------------------------------------------------------------------

CLOCK: Final = re.compile(rb'"seconds": [\d.]+')
"""What a report says of the clock, and may."""


@dataclass(frozen=True, slots=True)
class Conversion:
    """One command line: which input becomes which output, with what else is written."""

    source: str = "in.ndjson"
    target: str = "out.ndjson"
    count: int = 400
    options: tuple[str, ...] = ()
    written: tuple[str, ...] = ("report.json",)
    mapping: str = ""

    @property
    def results(self) -> tuple[str, ...]:
        """The names of the files that a run leaves."""
        return (self.target, f"{self.target}.rejects.ndjson", *self.written)

    def arguments(self, *more: str) -> list[str]:
        """What is called, in the folder of the run."""
        document = self.source.startswith(("in.xml", "in.json"))
        also = {"report.json": "--report", "findings.json": "--findings", "run.ttl": "--provenance"}
        return [
            "convert", self.mapping or ("people-in-a-document" if document else "people"), self.source, "-o", self.target,
            *(word for name in self.written for word in (also[name], name)), *self.options, *more,
        ]  # fmt: skip

    def lay_out(self, folder: Path) -> Path:
        """Make the folder, with the workspace and the input."""
        texts = {
            "ontologies/source.yaml": SOURCE,
            "ontologies/target.yaml": TARGET,
            **{f"mappings/{name}.yaml": text for name, text in MAPPINGS.items()},
            "key": "0123456789abcdef" * 4,
            "shops.csv": "code,city\n" + "".join(f"s{number},City {number}\n" for number in range(50)),
        }
        for name, text in texts.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text)
        plain = self.source.removesuffix(".gz")
        data = FORMS[Path(plain).suffix].document(rows(self.count))
        (folder / self.source).write_bytes(data if plain == self.source else gzip.compress(data, mtime=0))
        return folder


EVERYTHING: Final = ("report.json", "findings.json", "run.ttl")
JOINS: Final = Conversion(
    options=("--related", "shops.csv", "--join-memory", "0"), written=EVERYTHING, mapping="people-and-shops"
)
"""A run that remembers records on disk."""


def results(folder: Path, conversion: Conversion) -> dict[str, bytes]:
    """The files that a run left under their names, seconds left out."""
    found = {name: folder / name for name in conversion.results}
    return {name: CLOCK.sub(b'"seconds": 0', path.read_bytes()) for name, path in found.items() if path.exists()}


def leftovers(folder: Path) -> list[str]:
    """The files that a run has not brought to their end."""
    return sorted(path.name for path in folder.iterdir() if path.name.endswith(".partial"))


def environment(cache: Path) -> dict[str, str]:
    """What a command line is called with besides its words."""
    return {
        "PYTHONPATH": str(ROOT), "SEMANTICS_CACHE": str(cache), "SOURCE_DATE_EPOCH": "1700000000", "NO_COLOR": "1",
    }  # fmt: skip


def run(folder: Path, arguments: Sequence[str], **how: Any) -> subprocess.CompletedProcess[bytes]:
    """One command line in a program of its own, to its end."""
    env = {**os.environ, **environment(folder / "cache"), **how.pop("env", {})}
    how = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "timeout": 60, **how}
    return subprocess.run([sys.executable, "-m", "semantics", *arguments], cwd=folder, env=env, check=False, **how)


@contextmanager
def begin(folder: Path, arguments: Sequence[str], **how: Any) -> Iterator[subprocess.Popen[bytes]]:
    """One command line in a program and a process group of its own; nothing of it is left afterwards."""
    env = {**os.environ, **environment(folder / "cache"), **how.pop("env", {})}
    how = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **how}
    with subprocess.Popen(
        [sys.executable, "-m", "semantics", *arguments], cwd=folder, env=env, start_new_session=True, **how
    ) as process:
        try:
            yield process
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


# -- many runs, quickly ------------------------------------------------------------------------

FAIL_ONCE, FAIL_FROM, KILL_BEFORE, KILL_AFTER, SHORT = range(5)
"""What ``trouble.c`` does to the N-th call."""


WORKERS: Final = True
"""Whether records are converted by processes of their own."""
RESUME: Final[tuple[str, ...]] = ("--resume",)
"""How a run that was ended is gone on with."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """The ``number``-th call on a file of the run (of those that ``calls`` names) fails, or is the last."""

    number: int
    fault: int = 0
    mode: int = FAIL_ONCE
    calls: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Ended:
    """How a command line ended: its exit code (negative: the signal), what it said, which calls it made."""

    code: int
    stdout: bytes
    stderr: bytes
    calls: tuple[str, ...] = ()
    log: Path | None = None
    events: tuple[str, ...] = ()

    def kept(self, number: int) -> Path | None:
        """What the rename of this number replaced, if there was something."""
        found = Path(f"{self.log}.{number}")
        return found if found.exists() else None


@dataclass(slots=True)
class Warm:
    """Runs command lines in forks of a program that has everything imported; ``library`` is ``trouble.c``, compiled."""

    place: Path
    library: Path | None = None
    limits: dict[str, int] = field(default_factory=dict)
    _server: subprocess.Popen[bytes] | None = None
    _number: int = 0

    def run(
        self, folder: Path, arguments: Sequence[str], trouble: Trouble | None = None, *,
        checkpoint: float | None = None, **limits: int,
    ) -> Ended:  # fmt: skip
        """One command line in ``folder``, to its end; with a checkpoint after so many seconds."""
        self.begin(folder, arguments, trouble, checkpoint=checkpoint, **limits)
        return self.end()

    def run_deadly(self, folder: Path, arguments: Sequence[str], word: str) -> Ended:
        """One command line to its end, in which whatever capitalizes a word is killed."""
        self.begin(folder, arguments, deadly=word)
        return self.end()

    def watched(self, folder: Path, arguments: Sequence[str]) -> Ended:
        """One command line to its end, with what it opened and whatever else reached out of the program."""
        self.begin(folder, arguments, watched=True)
        return self.end()

    def begin(
        self, folder: Path, arguments: Sequence[str], trouble: Trouble | None = None, *, watched: bool = False,
        deadly: str | None = None, checkpoint: float | None = None, **limits: int,
    ) -> int:  # fmt: skip
        """Begin one command line; its process, which leads a group of its own."""
        server = self._server or self._start()
        self._number += 1
        below = str(folder.resolve())
        order = {
            "folder": below, "watched": str(self._said("events")) if watched else None,
            "deadly": deadly, "checkpoint": checkpoint, "arguments": list(arguments), "limits": limits, "stdin": os.devnull,
            "environment": {**environment(self.place / "cache"), "TMPDIR": below},
            **{name: str(self._said(name)) for name in ("stdout", "stderr")},
            "trouble": trouble and {
                "below": below, "log": str(self._said("log")), "number": trouble.number, "fault": trouble.fault,
                "mode": trouble.mode, "calls": f",{','.join(trouble.calls)}," if trouble.calls else "",
            },
        }  # fmt: skip
        assert server.stdin
        server.stdin.write(json.dumps(order).encode() + b"\n")
        server.stdin.flush()
        return int(self._answer()["pid"])

    def end(self) -> Ended:
        """Wait until the command line has ended."""
        code = os.waitstatus_to_exitcode(self._answer()["status"])
        texts = []
        for name in ("stdout", "stderr", "log", "events"):
            path = self._said(name)
            texts.append(path.read_bytes() if path.exists() else b"")
            path.unlink(missing_ok=True)
        calls, events = (tuple(os.fsdecode(text).splitlines()) for text in texts[2:])
        return Ended(code, texts[0], texts[1], calls, self._said("log"), events)

    def stop(self) -> None:
        """End the program."""
        if self._server is not None:
            assert self._server.stdin
            with suppress(OSError):
                self._server.stdin.close()
            self._server.wait(10)
            assert self._server.stdout
            self._server.stdout.close()

    def _said(self, name: str) -> Path:
        return self.place / f"{name}.{self._number}"

    def _answer(self) -> dict[str, Any]:
        assert self._server
        assert self._server.stdout
        line = self._server.stdout.readline()
        assert line, "the program that forks has ended"
        answer: dict[str, Any] = json.loads(line)
        return answer

    def _start(self) -> subprocess.Popen[bytes]:
        """The program, warmed up by every kind of run."""
        commands = []
        for source, target in zip(FORMS, (".ndjson", ".nt", ".ttl", ".ndjson"), strict=True):
            folder = self.place / f"warm{source}"
            kind = Conversion(f"in{source}", f"out{target}", 30, written=EVERYTHING)
            kind.lay_out(folder)
            commands.append((str(folder), kind.arguments()))
        # What the interpreter keeps of modules is not written by a run.
        env = {**os.environ, **environment(self.place / "cache"), "PYTHONDONTWRITEBYTECODE": "1"}
        if self.library is not None:
            env["LD_PRELOAD"] = str(self.library)
        with (self.place / "warm.log").open("wb") as said:
            self._server = subprocess.Popen(
                [sys.executable, str(HERE / "warm.py"), json.dumps(commands)], cwd=self.place, env=env,
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=said,
            )  # fmt: skip
        return self._server
