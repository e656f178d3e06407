"""Lists of conversions: what a project converts again and again, carried out by one command.

A list is a YAML file: the folder that inputs are relative to, and for each mapping its inputs, or several sets of
them with an output and options of their own. Each conversion is a process of its own, so many at a time, and what one
of them finds wrong stops none of the others.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any, Final

from semantics.errors import Diagnostic, UsageError, closest
from semantics.workspace import Workspace
from semantics.yaml_source import MarkedDocument, read_yaml

__all__ = ["Conversion", "Done", "carry_out", "read_list"]

_KEYS: Final = ("title", "description", "inputs", "to", "conversions")
_OF_ONE: Final = ("inputs", "output", "options")
_Place = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Conversion:
    """One conversion: the mapping, its inputs, where its instances go, and options of ``semantics convert``."""

    mapping: str
    inputs: tuple[Path, ...]
    output: Path
    options: tuple[str, ...] = ()

    @property
    def command(self) -> list[str]:
        """The arguments of ``semantics``."""
        files = [str(path) for path in self.inputs]
        return ["convert", self.mapping, *files, "-o", str(self.output), "--jobs", "1", "--no-progress", *self.options]

    def up_to_date(self, workspace: Workspace) -> bool:
        """Whether the output is newer than the inputs, and than all mappings and ontologies there are."""
        if not self.output.exists():
            return False
        made = self.output.stat().st_mtime_ns
        folders = [root / name for root in workspace.roots for name in ("mappings", "ontologies")]
        return all(path.stat().st_mtime_ns <= made for path in _files((*self.inputs, *folders)))


@dataclass(frozen=True, slots=True)
class Done:
    """What came of a conversion: its exit code (None: it was up to date), what it said, and how long it took."""

    conversion: Conversion
    code: int | None
    said: str
    seconds: float


def read_list(path: Path, output: Path) -> tuple[Conversion, ...]:
    """The conversions of a list, with outputs in a folder.

    Raises :class:`UsageError` with all that is wrong: ``RUN130`` for what a list cannot say, ``RUN131`` for inputs that
    are not there.
    """
    return _List(read_yaml(path, error=UsageError), path.parent, output).conversions()


class _List:
    """The text of a list, and what is wrong with it."""

    def __init__(self, document: MarkedDocument, folder: Path, output: Path) -> None:
        self.document, self.output = document, output
        self.base = folder / str(document.data.get("inputs") or ".")
        self.suffix = str(document.data.get("to") or "nt")
        self.faults: list[Diagnostic] = []

    def conversions(self) -> tuple[Conversion, ...]:
        self._known((), self.document.data, _KEYS)
        table = self.document.data.get("conversions")
        if not isinstance(table, dict) or not table:
            self._fault("RUN130", "a list has conversions, by mapping", ())
            table = {}
        found = [one for mapping, entry in table.items() for one in self._of_mapping(str(mapping), entry)]
        outputs = [one.output for one in found]
        for twice in sorted({name for name in outputs if outputs.count(name) > 1}):
            self._fault("RUN130", f"several conversions write {twice.name}", ("conversions",))
        if self.faults:
            raise UsageError(self.faults)
        return tuple(found)

    def _of_mapping(self, mapping: str, entry: Any) -> Iterator[Conversion]:
        """The conversions by one mapping: one, or a list of them."""
        place: _Place = ("conversions", mapping)
        if not isinstance(entry, list) or not all(isinstance(one, dict) for one in entry):
            facts = entry if isinstance(entry, dict) else {"inputs": entry}
            yield from self._of_one(place, mapping, facts, mapping)
            return
        for number, facts in enumerate(entry):
            yield from self._of_one((*place, number), mapping, facts, f"{mapping}-{number + 1}")

    def _of_one(self, place: _Place, mapping: str, facts: dict[str, Any], stem: str) -> Iterator[Conversion]:
        self._known(place, facts, _OF_ONE)
        patterns, options = facts.get("inputs"), facts.get("options") or {}
        texts = [patterns] if isinstance(patterns, str) else patterns
        if not isinstance(texts, list) or not texts or not all(isinstance(text, str) for text in texts):
            self._fault("RUN130", "a conversion has inputs: a path, or several", place)
        elif not isinstance(options, dict):
            self._fault("RUN130", "options are names with values", (*place, "options"))
        else:
            found = [sorted(self.base.glob(text)) for text in texts]
            for text in (text for text, files in zip(texts, found, strict=True) if not files):
                self._fault("RUN131", f"no input '{text}' in {self.base}", place)
            output = self.output / str(facts.get("output") or f"{stem}.{self.suffix}")
            yield Conversion(mapping, tuple(chain.from_iterable(found)), output, tuple(_options(options)))

    def _known(self, place: _Place, said: dict[str, Any], known: tuple[str, ...]) -> None:
        for key in said:
            if key not in known:
                hint = closest(str(key), known) or f"known: {', '.join(known)}"
                self._fault("RUN130", f"unknown key '{key}'", (*place, key), hint)

    def _fault(self, code: str, message: str, place: _Place, hint: str | None = None) -> None:
        self.faults.append(Diagnostic(code, message, self.document.location(place), hint=hint))


def carry_out(
    conversions: Sequence[Conversion], jobs: int, *, changed: bool = False, workspace: Workspace | None = None,
    run: Callable[[list[str]], tuple[int, str]] | None = None,
) -> Iterator[Done]:  # fmt: skip
    """Carry conversions out, ``jobs`` at a time, and tell of each when it has ended.

    ``changed`` leaves out those that are up to date. ``run`` runs a command and gives its exit code and what it said.
    """
    found, command = workspace or Workspace.here(), run or _run

    def one(conversion: Conversion) -> Done:
        began = time.monotonic()
        if changed and conversion.up_to_date(found):
            return Done(conversion, None, "", 0.0)
        conversion.output.parent.mkdir(parents=True, exist_ok=True)
        code, said = command(conversion.command)
        return Done(conversion, code, said, time.monotonic() - began)

    with ThreadPoolExecutor(jobs) as pool:
        for done in as_completed([pool.submit(one, conversion) for conversion in conversions]):
            yield done.result()


def _run(arguments: list[str]) -> tuple[int, str]:
    command = [sys.executable, "-m", "semantics", *arguments]
    ended = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)  # noqa: S603 - no shell
    return ended.returncode, ended.stderr


def _options(options: Mapping[str, Any]) -> Iterator[str]:
    """Options as the command line has them; true is a flag."""
    for name, value in options.items():
        if value is False or value is None:
            continue
        yield f"--{name}"
        if value is not True:
            yield str(value)


def _files(paths: Iterable[Path]) -> Iterator[Path]:
    for path in paths:
        yield from (file for file in (path.rglob("*") if path.is_dir() else (path,)) if file.is_file())
