"""Models kept between runs: to read one takes a tenth of the time that it takes to make it of its files."""

from __future__ import annotations

from collections.abc import Set
from functools import cache
from pathlib import Path
from typing import Final

import msgspec

from semantics.errors import Diagnostic, ordered
from semantics.kept import code_stamp, lasting, leave
from semantics.schema.load import read_schema_files
from semantics.schema.model import SchemaModel, SlotModel
from semantics.schema.resolve import resolve_schema
from semantics.version import __version__
from semantics.workspace import Workspace, shown
from semantics.yaml_source import made_of

__all__ = ["contested", "leave_model", "read_model"]

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
    if not _is_kept(source, workspace):
        return _made(source, workspace)
    made: list[Read] = []

    def look() -> _Packed:
        made.append(_made(source, workspace))
        return _packed(*made[0])

    found = lasting(_key(source, workspace), _stamp(workspace), workspace.roots, look, _decode, source)
    return made[0] if made else _unpacked(found)


def leave_model(source: Path, workspace: Workspace, read: Read, files: Set[Path]) -> None:
    """Keep the model of a schema for others; ``files`` are all that were looked at for it."""
    if _is_kept(source, workspace):
        leave(_key(source, workspace), _stamp(workspace), workspace.roots, _packed(*read), {source, *files})


def _is_kept(source: Path, workspace: Workspace) -> bool:
    inside = any(source.absolute().is_relative_to(root) for root in workspace.roots)
    return inside and source.is_file() and source.stat().st_size >= SMALL


def _key(source: Path, workspace: Workspace) -> str:
    return f"schema\n{shown(source, workspace.roots)}"


@cache
def _decoder() -> msgspec.json.Decoder[_Packed]:
    return msgspec.json.Decoder(_Packed)


def _decode(body: bytes) -> _Packed:
    return _decoder().decode(body)


def _made(source: Path, workspace: Workspace) -> Read:
    files = read_schema_files(source, library=tuple(root / "ontologies" for root in workspace.roots))
    return resolve_schema(files), ordered(files.findings)


@cache
def _code() -> str:
    return code_stamp("schema")


def _stamp(workspace: Workspace) -> str:
    return f"{__version__} {_code()} {contested(workspace)}"


def contested(workspace: Workspace) -> str:
    """What :meth:`Workspace.contested` gives, looked for once within :func:`semantics.yaml_source.each_once`."""
    return made_of(("contested", workspace), workspace.contested)


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
