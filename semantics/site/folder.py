"""A site on the disk: whole or not at all, and never over a folder that is something else."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

from semantics.errors import Diagnostic, Location, SinkError

__all__ = ["MARKER", "write_site"]

MARKER: Final = ".semantics-site"
"""The file by which a folder is known to be a site that was made here, and may be made anew: it names what was made."""
_HEAD: Final = "made by semantics docs"


def write_site(files: Mapping[str, bytes], folder: Path) -> None:
    """Put a site where a folder is, or shall be.

    Everything is written beside it first; then the two change places. What was put into an older site since it was
    made, such as the ``CNAME`` of a host, stays in it. Raises :class:`SinkError` where the folder holds something that
    is not such a site, or cannot be written.
    """
    target = folder.resolve()
    _refuse_others(target, folder)
    made = target.parent / f".{target.name}.{os.getpid()}.partial"
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(made, ignore_errors=True)
        made.mkdir()
    except OSError as fault:
        raise _unwritable(folder, fault) from None
    try:
        for name in sorted({str(Path(name).parent) for name in files}):
            (made / name).mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            (made / name).write_bytes(content)
        (made / MARKER).write_text("\n".join((_HEAD, *sorted(files), "")), "utf-8")
        _keep_added(target, made)
        _exchange(made, target)
    except OSError as fault:
        raise _unwritable(folder, fault) from None
    finally:
        shutil.rmtree(made, ignore_errors=True)


def _keep_added(target: Path, made: Path) -> None:
    """Take over what stands in an older site that was not made with it; a page of the new one goes first."""
    marker = target / MARKER
    names = {*marker.read_text("utf-8").splitlines(), MARKER} if marker.is_file() else set()
    if len(names) < 3:  # of a site that does not say what was made with it
        return
    for here, _, there in os.walk(target):
        for path in (Path(here, each) for each in there):
            inside = path.relative_to(target)
            if inside.as_posix() not in names and not (made / inside).exists():
                (made / inside).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(path, made / inside, follow_symlinks=False)


def _refuse_others(target: Path, folder: Path) -> None:
    try:
        strange = target.exists() and not (
            target.is_dir() and ((target / MARKER).is_file() or next(target.iterdir(), None) is None)
        )
    except OSError as fault:
        raise _unwritable(folder, fault) from None
    if strange:
        what = "a folder with other files" if target.is_dir() else "a file"
        raise SinkError(Diagnostic("SIT001", f"there is {what}, not a site that was made here",
                                   Location(str(folder)), "choose another place with -o, or remove it"))  # fmt: skip


def _exchange(made: Path, target: Path) -> None:
    """The new folder takes the place of the old one, which is put back should that fail."""
    if not target.exists():
        made.rename(target)
        return
    old = Path(f"{made}.old")
    target.rename(old)
    try:
        made.rename(target)
    except OSError:
        with suppress(OSError):
            old.rename(target)
        raise
    shutil.rmtree(old, ignore_errors=True)


def _unwritable(folder: Path, fault: OSError) -> SinkError:
    reason = fault.strerror or "it is not the name of a folder"
    return SinkError(Diagnostic("SIT002", f"the site cannot be written: {reason}", Location(str(folder))))
