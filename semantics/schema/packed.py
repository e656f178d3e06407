"""Models kept between runs: to read one takes a tenth of the time that it takes to make it of its files."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Final

import msgspec

from semantics.errors import Diagnostic, ordered
from semantics.kept import code_stamp, digest_of, lasting
from semantics.schema.load import read_schema_files
from semantics.schema.model import SchemaModel, SlotModel
from semantics.schema.resolve import resolve_schema
from semantics.version import __version__
from semantics.workspace import Workspace, shown

__all__ = ["read_model"]

SMALL: Final = 4096
"""Bytes of a file up to which its model is sooner made than looked up."""

Read = tuple[SchemaModel, tuple[Diagnostic, ...]]


class _Packed(msgspec.Struct, frozen=True, array_like=True):
    """A model and its warnings; classes that share a slot have its number, so that they share it when it is read."""

    model: SchemaModel
    slots: tuple[SlotModel, ...]
    held: dict[str, tuple[int, ...]]
    warnings: tuple[Diagnostic, ...]


def read_model(source: Path, workspace: Workspace) -> Read:
    """The model of a schema's file, and the warnings about it: those that were kept, while no file is another.

    Raises :class:`~semantics.errors.SchemaError` with everything that is wrong.
    """
    numbers = (at for at, root in enumerate(workspace.roots) if source.absolute().is_relative_to(root))
    inside = next(numbers, None)
    if inside is None or not source.is_file() or source.stat().st_size < SMALL:
        return _made(source, workspace)
    made: list[Read] = []

    def look() -> _Packed:
        made.append(_made(source, workspace))
        return _packed(*made[0])

    # One of sixteen by what the file holds: the old and the new one of a comparison are both there the next time.
    version = (digest_of(source) or "")[:1]
    key = f"schema\n{inside} of {len(workspace.roots)}\n{shown(source, workspace.roots)}\n{version}"
    found = lasting(key, f"{__version__} {_code()}", workspace.roots, look, _Packed, source)
    return made[0] if made else _unpacked(found)


def _made(source: Path, workspace: Workspace) -> Read:
    files = read_schema_files(source, library=tuple(root / "ontologies" for root in workspace.roots))
    return resolve_schema(files), ordered(files.findings)


@cache
def _code() -> str:
    return code_stamp("schema")


def _packed(model: SchemaModel, warnings: tuple[Diagnostic, ...]) -> _Packed:
    numbers: dict[int, int] = {}
    slots: list[SlotModel] = []
    held: dict[str, tuple[int, ...]] = {}
    for name, cls in model.classes.items():
        for slot in cls.slots.values():
            if id(slot) not in numbers:
                numbers[id(slot)] = len(slots)
                slots.append(slot)
        held[name] = tuple(numbers[id(slot)] for slot in cls.slots.values())
    bare = {name: msgspec.structs.replace(cls, slots={}) for name, cls in model.classes.items()}
    return _Packed(msgspec.structs.replace(model, classes=bare), tuple(slots), held, warnings)


def _unpacked(packed: _Packed) -> Read:
    classes = {
        name: msgspec.structs.replace(cls, slots={(slot := packed.slots[at]).name: slot for at in packed.held[name]})
        for name, cls in packed.model.classes.items()
    }
    return msgspec.structs.replace(packed.model, classes=classes), packed.warnings
