"""The files of a run, and that none of them takes the place of another."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from semantics.errors import Diagnostic, UsageError

__all__ = ["check_paths", "rejects_path", "same_file"]


def rejects_path(rejects: str | None, output: str, mapping: str) -> str:
    """Where rejected records go: where they are told to, or beside the output.

    >>> rejects_path(None, "out/accounts.ttl", "banking"), rejects_path(None, "sqlite:///a.db", "banking")
    ('out/accounts.ttl.rejects.ndjson', 'banking.rejects.ndjson')
    """
    if rejects is not None:
        return rejects
    return f"{mapping if output == '-' or '://' in output else output}.rejects.ndjson"


def check_paths(paths: Sequence[str], others: Iterable[str], *, output: str, rejects: str, report: str | None) -> None:
    """Raise :class:`UsageError` for what can be seen to go wrong before the first record.

    ``paths`` are the inputs, ``others`` the files of databases among them.
    """
    if not paths:
        raise UsageError(Diagnostic("RUN005", "there is nothing to read: no file of a known format in the folder"))
    for path in (*paths, *others):
        if path == "-":
            continue
        if output != "-" and _stands_at(Path(output), path):
            raise UsageError(
                Diagnostic("RUN006", f"'{path}' is both an input and the output", hint="choose another output")
            )
        if _stands_at(Path(rejects), path):
            message = f"'{path}' is an input, and rejected records would go there"
            raise UsageError(Diagnostic("RUN075", message, hint="choose another file with --rejects"))
    written = (("rejects", rejects, (output,)), ("report", report, (*paths, output, rejects)))
    for what, file, taken in written:
        for other in taken:
            if file in (None, "-", os.devnull) or other == "-":
                continue
            if same_file(Path(str(file)), Path(other)):
                message = f"'{other}' is used twice: the {what} would replace it"
                raise UsageError(Diagnostic("RUN062", message, hint=f"choose another file with --{what}"))


def same_file(first: Path, second: Path) -> bool:
    """Whether two paths are of one file, be it there already or not."""
    try:
        return first.absolute() == second.absolute() or (second.exists() and first.samefile(second))
    except (OSError, ValueError):
        return False


def _stands_at(one: Path, other: str) -> bool:
    """Whether both are one file, or the first is a folder with the other in it."""
    if not (one.exists() and Path(other).exists()):
        return False
    return one.samefile(other) or (one.is_dir() and one.resolve() in Path(other).resolve().parents)
