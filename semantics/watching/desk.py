"""A workspace while it is edited: which files rest on which, and what to look at again after an edit.

The oracle alone is asked: to compile a mapping takes longer than its few records.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from semantics.backends import ORACLE
from semantics.checks.definitions import check_definitions, definition_files, rests_on
from semantics.checks.settings import FILES as SETTINGS
from semantics.engine.generate import artefacts, default_folder
from semantics.engine.prepare import Prepared, define
from semantics.engine.testing import MappingTests
from semantics.errors import SemanticsError, UsageError
from semantics.mapping.tests import LoadedTest, file_beside, mapping_tests
from semantics.records import Outcome
from semantics.watching.sample import Effect, difference, paths_of
from semantics.watching.told import Checked, Generated, Refused, Sampled, Tested, Told
from semantics.workspace import Workspace, shown
from semantics.yaml_source import each_once

__all__ = ["Desk"]

SAMPLE_RECORDS: Final = 20
"""How many records of a file are the sample."""
DEFINING: Final = (".yaml", ".tsv", ".csv", ".json")
"""What the names of definitions, of the SSSOM sets and code lists beside them, end with."""


@dataclass
class Desk:
    """Tells what edits of a workspace do.

    ``mappings`` are those to try (default: all of the workspace's own); ``record`` is a file whose first records are
    the sample, else it is what the first test of a mapping puts in. ``generate`` says whether generated files are
    brought up to date; by default they are where there are some.
    """

    workspace: Workspace
    mappings: tuple[str, ...] = ()
    record: Path | None = None
    generate: bool | None = None
    _made: dict[str, dict[str, str]] = field(default_factory=dict)
    _inputs: dict[str, frozenset[Path]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in self.mappings:
            self.workspace.find(name, "mappings")

    @property
    def root(self) -> Path:
        """The folder that is watched."""
        return self.workspace.roots[0]

    def folders(self) -> tuple[Path, ...]:
        """Where definitions are. Raises :class:`UsageError` where there are none to watch."""
        own = self.workspace.own()
        return tuple(folder for name in ("ontologies", "mappings") if (folder := own / name).is_dir())

    def relevant(self, edited: Iterable[Path]) -> frozenset[Path]:
        """Those of some paths that anything here rests on: definitions, settings, what tests and the sample read."""
        read = frozenset[Path]().union(*self._inputs.values())
        return frozenset(
            path for each in edited if self._defines(path := each.resolve()) or path in read or self._is_sample(path)
        )

    def start(self) -> Iterator[Told]:
        """How things are before the first edit: all files checked, all mappings tried."""
        with each_once():
            yield self._checked(self._definitions(), direct=False)
            for name, path in self._tried().items():
                yield from self._try(name, path)

    def react(self, changed: Iterable[Path]) -> Generator[Told, None, None]:
        """What comes of edited files: first what is wrong with them, then what rests on them, nearest things first.

        Between two pieces a caller may turn to a newer edit, and leave the rest.
        """
        edited = {path.resolve() for path in changed}
        schemas, files = self._schemas(), self._definitions()
        everything = any(path.name in SETTINGS and path.parent == self.root for path in edited)
        direct = [file for file in (*files, *self._parts()) if everything or file.resolve() in edited]
        resting = [file for file in files if file not in direct and self._rests(file, edited)]
        near = {*direct, *resting}
        tried = {name: path for name, path in self._tried().items() if self._concerned(name, path, near, edited)}
        with each_once():
            checked = self._checked([file for file in direct if file in schemas], direct=True)
            if checked.files:
                yield checked
            if checked.errors:
                return  # nothing that rests on a broken schema can say more
            for name in (name for name, path in tried.items() if path in direct):
                yield from self._try(name, tried[name])
            if others := [file for file in direct if file not in schemas]:
                yield self._checked(others, direct=True)
            for name in (name for name, path in tried.items() if path not in direct):
                yield from self._try(name, tried[name])
            for file in resting:
                yield self._checked([file], direct=False)
            yield from self._generated([file for file in schemas if file in near])

    # -- which files ---------------------------------------------------------------------------------

    def _own(self) -> Workspace:
        return Workspace(self.workspace.roots[:1])

    def _schemas(self) -> tuple[Path, ...]:
        return tuple(self._own().names("ontologies").values())

    def _definitions(self) -> tuple[Path, ...]:
        """The schemas, mappings and tests of the workspace."""
        return definition_files((), self.workspace)

    def _parts(self) -> list[Path]:
        """What mappings import: it is checked by itself only when it is edited, else with them."""
        return [path for folder in self.folders() for path in sorted(folder.rglob("parts/**/*.yaml"))]

    def _tried(self) -> dict[str, Path]:
        if self.mappings:
            return {name: self.workspace.find(name, "mappings") for name in self.mappings}
        return self._own().names("mappings")

    def _rests(self, file: Path, edited: set[Path]) -> bool:
        """Whether a file rests on edited ones; what is not known of it is taken for granted."""
        known = rests_on(file, self.workspace)
        return known is None or any(path.resolve() in edited for path in known)

    def _concerned(self, name: str, path: Path, near: set[Path], edited: set[Path]) -> bool:
        """Whether an edit may change what comes of a mapping, or of its tests."""
        reads = self._inputs.get(name, frozenset())
        return bool({path, file_beside(path)} & near or reads & edited or any(map(self._is_sample, edited)))

    def _defines(self, path: Path) -> bool:
        if path.name in SETTINGS:
            return path.parent == self.root
        return path.suffix in DEFINING and any(path.is_relative_to(folder) for folder in self.folders())

    def _is_sample(self, path: Path) -> bool:
        return self.record is not None and self.record.resolve() == path

    # -- looking at them -----------------------------------------------------------------------------

    def _checked(self, files: Sequence[Path], *, direct: bool) -> Checked:
        names = tuple(shown(file, self.workspace.roots) for file in files)
        try:
            findings = tuple(dict.fromkeys(check_definitions(files, self.workspace)))
        except UsageError as fault:  # of the settings
            findings = fault.diagnostics
        return Checked(names, findings, direct)

    def _tests(self, mapping: Path) -> tuple[LoadedTest, ...]:
        roots = self.workspace.roots
        return mapping_tests(mapping, shown(mapping, roots), shown(file_beside(mapping), roots))

    def _try(self, name: str, path: Path) -> Iterator[Told]:
        """The sample and the tests of a mapping."""
        try:
            found = define(path, workspace=self.workspace)
            loaded = self._tests(path)
            self._inputs[name] = frozenset(_inputs(loaded))
            tests = MappingTests(name, Prepared(found.plan, found.target), loaded, self.workspace.roots)
            sampled = self._sampled(name, tests)
        except SemanticsError as fault:
            yield Refused(name, fault.diagnostics)
            return
        if sampled is not None:
            yield sampled
        if tests.tests:
            yield Tested(name, tuple(tests.run(backends=(ORACLE,))))

    def _sampled(self, name: str, tests: MappingTests) -> Sampled | None:
        outcomes: list[Outcome]
        if self.record is not None:
            sample, outcomes = self.record.name, tests.outcomes_of_file(self.record, SAMPLE_RECORDS)
        else:
            first = next((each for each in tests.tests if each.test.rejected is None), None)
            if first is None:
                return None
            sample, outcomes = first.test.name, tests.outcomes(first)
        made, before = paths_of(outcomes), self._made.get(name)
        self._made[name] = made
        effects = None if before is None else difference(before, made)
        return Sampled(name, sample, tuple(Effect(path, None, text) for path, text in made.items()), effects)

    def _generated(self, schemas: list[Path]) -> Iterator[Told]:
        wanted = default_folder(self.workspace).is_dir() if self.generate is None else self.generate
        if not schemas or not wanted:
            return
        if self._checked(schemas, direct=False).errors:
            return  # it has been said
        try:
            written = artefacts([str(file) for file in schemas], None, None, self.workspace).write()
        except SemanticsError as fault:
            yield Refused("generated files", fault.diagnostics)
            return
        if written:
            yield Generated(written)


def _inputs(tests: Iterable[LoadedTest]) -> Iterator[Path]:
    """The files that tests read."""
    for each in tests:
        if each.test.input_file is not None:
            yield ((each.folder or Path()) / each.test.input_file).resolve()
