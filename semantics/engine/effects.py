"""What a change of models does to mappings: planned against both, tested against both, mended where a name is new."""

from __future__ import annotations

import gc
import re
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

from semantics.engine.renaming import Mended, Renaming, mended, patch, together
from semantics.engine.standing import Planned, Standing, standing
from semantics.engine.tested import TestResult
from semantics.errors import Diagnostic, Severity
from semantics.kept import cache_directory
from semantics.processes import can_fork, processors
from semantics.workspace import Workspace

__all__ = ["Effect", "Effects", "effects"]

Pairs = Mapping[str, tuple[Path | None, Path | None]]
_SCHEMA = re.compile(r"^(source|target)_schema:[ \t]*[\"']?([^\s\"'#{]+)", re.MULTILINE)
_IMPORTS = re.compile(r"^imports:(.*?)(?=^\S|\Z)", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Effect:
    """What comes of a mapping: what is found against the new model alone, and the tests that fail only now."""

    mapping: str
    findings: tuple[Diagnostic, ...] = ()
    failed: tuple[TestResult, ...] = ()

    @property
    def broken(self) -> bool:
        """Whether the mapping is refused now, or a test of it fails."""
        return bool(self.failed) or any(finding.severity is Severity.ERROR for finding in self.findings)


@dataclass(frozen=True, slots=True)
class Effects:
    """What comes of all mappings: how many were tried, those with something to tell, a patch for what was renamed."""

    tried: int
    told: tuple[Effect, ...]
    patch: str = ""
    left: int = 0

    @property
    def broken(self) -> tuple[Effect, ...]:
        """The mappings that are broken."""
        return tuple(each for each in self.told if each.broken)


def effects(
    pairs: Pairs, workspace: Workspace, renamed: Mapping[str, str], folder: Path, names: frozenset[str] = frozenset(),
    *, steady: bool = False,
) -> Effects:  # fmt: skip
    """What a change of schemas does to the mappings of a workspace; ``folder`` is an empty one to work in.

    ``pairs`` are the schemas that changed, by the names that the workspace has for them: their old and new files.
    ``names`` are those of slots, code lists and classes that are others, where nothing else is; without them all of a
    mapping is planned. ``steady`` says that plans into the old models hold for the new ones.
    """
    imports = _imports(workspace)
    affected = _closed(set(pairs), imports, upwards=True)
    copied = _closed(affected, imports, upwards=False)
    old = _overlaid(workspace, {name: pair[0] for name, pair in pairs.items()}, copied, folder / "old")
    new = _overlaid(workspace, {name: pair[1] for name, pair in pairs.items()}, copied, folder / "new")
    paths = _using(affected, workspace)
    renaming = Renaming(new, workspace.roots[0], renamed, names)
    planned = _planned(paths, affected, old) if steady else {}

    def look(name: str) -> tuple[Effect, Mended]:
        after = standing(paths[name], new, names, planned=planned.get(name))
        mend = mended(paths[name], renaming, after.findings)
        if mend.cures(after.findings) and not after.failed:
            return Effect(name, after.findings), mend
        if after.alone:
            before = standing(paths[name], old, names, alone=True)
        else:
            before = standing(paths[name], old, tests=after.names) if after.tells else after
        return _effect(name, after, before), mend

    with _uncollected():
        _ahead(look, _groups(paths, affected))
        told = [(effect, each) for effect, each in map(look, paths) if effect.findings or effect.failed]
        mends = together(((paths[effect.mapping], each) for effect, each in told), renaming)
    return Effects(len(paths), tuple(effect for effect, _ in told), patch(renaming.origin, mends.texts), mends.left)


@contextmanager
def _uncollected() -> Iterator[None]:
    """Within it, nothing looks for garbage: plans and models are large, and hold next to none of it."""
    before = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if before:
            gc.freeze()  # else the first look for garbage goes through all of it
            gc.enable()


def _groups(paths: Mapping[str, Path], affected: set[str]) -> list[list[str]]:
    """Mappings by the schemas that they name, which one process then makes once; those with most to read first.

    Where few are named each mapping is by itself, so that no process waits for another.
    """
    groups: dict[frozenset[str], list[str]] = {}
    for name, path in paths.items():
        groups.setdefault(frozenset(_named(path) & affected), []).append(name)
    found = list(groups.values()) if len(groups) > 2 * processors() else [[name] for name in paths]
    return sorted(found, key=lambda group: sum(paths[name].stat().st_size for name in group), reverse=True)


def _ahead(look: Callable[[str], object], groups: Sequence[Sequence[str]]) -> None:
    """Look at mappings in as many processes as there are processors: what they find is kept, and read here."""
    count = min(processors(), len(groups))
    if count < 2 or not can_fork() or cache_directory() is None:
        return
    import semantics.engine.testing
    import semantics.mapping.load
    import semantics.plan.build  # noqa: F401 - loaded once, for all of them

    forked = get_context("fork")
    taken = forked.Value("i", 0)

    def take() -> None:
        while True:
            with taken.get_lock():
                place = taken.value
                taken.value += 1
            if place >= len(groups):
                return
            for name in groups[place]:
                look(name)

    others = [forked.Process(target=take, daemon=True) for _ in range(1, count)]
    for each in others:
        each.start()
    take()
    for each in others:
        each.join()


def _imports(workspace: Workspace) -> dict[str, set[str]]:
    """What the schemas of a workspace import, by their names; a few too many do no harm."""
    return {
        name: {Path(word).name for part in _IMPORTS.findall(_text(path)) for word in re.findall(r"[\w./-]+", part)}
        for name, path in workspace.names("ontologies").items()
    }


def _closed(names: set[str], imports: Mapping[str, set[str]], *, upwards: bool) -> set[str]:
    """Names with those that import them, or that they import, and so on."""
    found, before = set(names), 0
    while len(found) != before:
        before = len(found)
        if upwards:
            found |= {name for name, named in imports.items() if named & found}
        else:
            found |= {each for name in found for each in imports.get(name, ())}
    return found


def _overlaid(workspace: Workspace, schemas: Mapping[str, Path | None], copied: set[str], root: Path) -> Workspace:
    """A workspace with other files in the place of some schemas: before it, a folder with all that must be copied."""
    known = workspace.names("ontologies")
    if all(known.get(name) == (None if given is None else given.resolve()) for name, given in schemas.items()):
        return workspace
    for name in copied & (known.keys() | schemas.keys()):
        path = known.get(name)
        given = schemas.get(name, path)
        if given is not None:
            inside = next(
                (path.relative_to(base) for base in workspace.roots if path and path.is_relative_to(base)), None
            )
            copy = root / (inside or Path("ontologies", f"{name}.yaml"))
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(given, copy)
    return Workspace((root.resolve(), *workspace.roots))


def _using(affected: set[str], workspace: Workspace) -> dict[str, Path]:
    """The mappings that may name one of these schemas."""
    found = {}
    for name, path in Workspace(workspace.roots[:1]).names("mappings").items():
        named = _named(path)
        if len(named) < 2 or named & affected:
            found[name] = path
    return found


def _planned(paths: Mapping[str, Path], affected: set[str], old: Workspace) -> dict[str, Planned]:
    """The mappings of which only the target is another model: by what they say themselves, in plain names."""
    known, found = old.names("ontologies"), {}
    for name, path in paths.items():
        named = dict(_SCHEMA.findall(_text(path)))
        source, target = (named.get(side, "") for side in ("source", "target"))
        if source in known and source not in affected and target in known:
            found[name] = Planned(old, target)
    return found


def _named(path: Path) -> set[str]:
    """The schemas that a mapping names."""
    return {Path(word).name.removesuffix(".yaml") for _, word in _SCHEMA.findall(_text(path))}


def _text(path: Path) -> str:
    return path.read_text("utf-8", errors="replace")


def _effect(name: str, after: Standing, before: Standing) -> Effect:
    """What is found, and fails, now and not before."""
    known = set(map(str, before.findings))
    return Effect(
        name,
        tuple(finding for finding in after.findings if str(finding) not in known),
        tuple(result for result in after.failed if result.name not in before.names),
    )
