"""The files of a git revision, read by git into a folder: no shell, no network, nothing of the checkout touched."""

from __future__ import annotations

import io
import os
import subprocess
import tarfile
from pathlib import Path
from typing import Final

from semantics.errors import Diagnostic, UsageError, escaped

__all__ = ["take_out"]

_SECONDS: Final = 60


def take_out(revision: str, path: Path, root: Path | None, folder: Path) -> tuple[Path, Path]:
    """A file or folder as it was at a revision, below ``folder``, and the folder that ``root`` was.

    The YAML files around it come too: those of ``root``'s ontologies when it is a workspace that has the path, else
    those of the path's own folder. Raises :class:`UsageError` where there is no git, repository, revision or file.
    """
    path = path.resolve()
    here = path if path.is_dir() else path.parent
    while not here.is_dir():
        here = here.parent
    top = Path(_git(here, "rev-parse", "--show-toplevel").decode().strip()).resolve()
    asked = f"{revision}^{{commit}}"
    try:
        commit = _git(top, "rev-parse", "--verify", "--quiet", "--end-of-options", asked).decode().strip()
    except UsageError as fault:
        if fault.diagnostics[0].code != "CHG003":
            raise
        shallow = _git(top, "rev-parse", "--is-shallow-repository").strip() == b"true"
        hint = "the clone is shallow and does not have all of them: fetch it first" if shallow else None
        text = f"there is no revision '{escaped(revision)}' in the repository"
        raise UsageError(Diagnostic("CHG004", text, hint=hint)) from None
    whole = root is not None and path.is_relative_to(root) and root.is_relative_to(top)
    around = [root / "ontologies"] if whole and root is not None else []
    wanted = around if path == root else [*around, path if path.is_dir() else path.parent]
    inside = path.relative_to(top).as_posix()
    specs = [f":(glob){(each.relative_to(top) / '**' / '*.yaml').as_posix()}" for each in wanted]
    present = _git(top, "ls-tree", "-r", "--name-only", "-z", commit).decode("utf-8", "replace").split("\0")
    files = [f":(literal){inside}"] if inside in present else []
    files += _there(specs, present)
    head = "" if inside == "." else f"{inside}/"
    if not files or not any(name == inside or name.startswith(head) for name in present):
        raise UsageError(Diagnostic("CHG005", f"'{inside}' is not in revision '{revision}'"))
    archive = _git(top, "archive", "--format=tar", commit, "--", *files)
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        tar.extractall(folder, filter="data")
    base = folder.resolve() / (root.relative_to(top) if whole and root is not None else ".")
    return folder.resolve() / inside, base


def _there(specs: list[str], present: list[str]) -> list[str]:
    """The patterns that some file of the revision fits: git refuses the others."""
    heads = {spec: spec.removeprefix(":(glob)").removesuffix("**/*.yaml") for spec in specs}
    found = [s for s, head in heads.items() if any(n.startswith(head) and n.endswith(".yaml") for n in present)]
    return list(dict.fromkeys(found))


def _git(folder: Path, *words: str) -> bytes:
    """What git says. Raises :class:`UsageError` where there is no git, or it refuses."""
    env = {**os.environ, "GIT_OPTIONAL_LOCKS": "0", "GIT_NO_LAZY_FETCH": "1", "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}
    try:
        ended = subprocess.run(  # noqa: S603 - no shell
            ["git", "-C", str(folder), *words],  # noqa: S607 - the user's own git
            capture_output=True, check=False, timeout=_SECONDS, env=env, stdin=subprocess.DEVNULL,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired):
        raise UsageError(Diagnostic("CHG003", "git does not run, and --against needs it")) from None
    if ended.returncode != 0:
        said = ended.stderr.decode("utf-8", "replace").strip().splitlines()
        hint = escaped(said[0].removeprefix("fatal: ")) if said else "--against needs a git repository"
        raise UsageError(Diagnostic("CHG003", f"git refuses '{words[0]}' in the folder of the model", hint=hint))
    return ended.stdout
