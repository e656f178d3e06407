"""Files of published schemas as plain data, and what their references mean; only the given folders are read."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote, urldefrag, urljoin

from semantics.errors import (
    DefinitionError,
    Diagnostic,
    LimitError,
    Location,
    SourceError,
    UsageError,
    escaped,
    shape,
)

__all__ = ["Document", "Documents", "Node", "decoded", "plain_data", "read_bytes"]

MAX_BYTES: Final = 32_000_000
"""Largest schema or sample file, in bytes."""
MAX_FILES: Final = 2_000
"""Files beside a schema that are looked at for the one that a reference names."""
MAX_DEPTH: Final = 128
_OLD: Final = ("http://json-schema.org/draft-0", "https://json-schema.org/draft-0", "3.0")
_NOT_SCHEMAS: Final = frozenset({"enum", "const", "default", "example", "examples"})
_ADDRESS: Final = re.compile(r"[a-z]{2,}:/|-$")
"""What a path begins with that is an address on the web, or standard input."""
_SUFFIXES: Final = (".json", ".yaml", ".yml")
_BOMS: Final = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))


def read_bytes(path: Path) -> bytes:
    """The bytes of a file within the limit. Raises :class:`SourceError` or :class:`LimitError`."""
    try:
        if path.stat().st_size > MAX_BYTES:
            raise LimitError(Diagnostic("IMP002", f"the file is larger than {MAX_BYTES} bytes", Location(path.name)))
        return path.read_bytes()
    except (OSError, ValueError) as fault:
        reason = getattr(fault, "strerror", None) or "it is not the name of a file"
        hint = "nothing is fetched: give a file of this machine" if _ADDRESS.match(str(path)) else None
        text = f"the file cannot be read ({reason})"
        raise SourceError(Diagnostic("IMP001", text, Location(path.name), hint)) from None


def decoded(raw: bytes, file: str) -> str:
    """Bytes as text: UTF-8, or UTF-16 with a byte order mark."""
    encoding = next((name for mark, name in _BOMS if raw.startswith(mark)), "utf-8")
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError:
        text, hint = "the file is neither UTF-8 nor UTF-16", "save the file as UTF-8"
        raise SourceError(Diagnostic("IMP001", text, Location(file), hint)) from None


def plain_data(raw: bytes, file: str) -> Any:
    """JSON, or YAML where the file is none, as plain data with exact numbers."""
    import json
    from decimal import Decimal

    text = decoded(raw, file)
    try:
        data = json.loads(text, parse_float=Decimal, parse_constant=_refused)
    except ValueError as fault:
        if file.endswith(".json") or text.lstrip().startswith(("{", "[")):
            where = Location(file, getattr(fault, "lineno", None), getattr(fault, "colno", None))
            raise SourceError(Diagnostic("IMP001", "the file is not JSON", where)) from None
        return _yaml(raw, file)
    except RecursionError:
        raise LimitError(Diagnostic("IMP002", "the file is nested too deeply", Location(file))) from None
    if _deeper(data, MAX_DEPTH):
        raise LimitError(Diagnostic("IMP002", f"the file is nested deeper than {MAX_DEPTH}", Location(file)))
    return data


def _refused(name: str) -> Any:
    raise ValueError(name)


def _yaml(raw: bytes, file: str) -> Any:
    from semantics.yaml_source import read_yaml

    return read_yaml(decoded(raw, file), file=file, error=UsageError).data


def _deeper(data: Any, levels: int) -> bool:
    if isinstance(data, (dict, list)):
        if not levels:
            return True
        return any(_deeper(each, levels - 1) for each in (data.values() if isinstance(data, dict) else data))
    return False


def joined(base: str, reference: str) -> str:
    """An address beside another; the other one where it is none."""
    try:
        return urljoin(base, reference)
    except ValueError:
        return base


@dataclass(frozen=True, eq=False)
class Document:
    """One file: its data, the name that messages call it by, and the address that its references start from."""

    data: Any
    file: str
    address: str
    path: Path | None = None

    @property
    def old(self) -> bool:
        """Whether what stands beside a ``$ref`` is ignored: so it was before 2019, and in OpenAPI 3.0."""
        told = [self.data.get(key) for key in ("$schema", "openapi")] if isinstance(self.data, Mapping) else []
        return any(isinstance(each, str) and each.startswith(_OLD) for each in told)


@dataclass(frozen=True, eq=False)
class Node:
    """A part of a document: the data, and where it stands."""

    data: Any
    document: Document
    path: tuple[str, ...] = ()
    base: str = ""

    @property
    def key(self) -> tuple[str, tuple[str, ...]]:
        """What tells this place from every other."""
        return self.document.address, self.path

    @property
    def location(self) -> Location:
        """The place, for people."""
        return Location(self.document.file, pointer="".join(f"/{_pointer_step(step)}" for step in self.path) or None)

    def mapping(self, key: str) -> Mapping[str, Any]:
        """The object under a keyword, empty where it is not there. Raises :class:`UsageError` for anything else."""
        return self._form(key, Mapping, "an object", {})  # type: ignore[no-any-return]

    def items(self, key: str) -> list[Any]:
        """The list under a keyword, empty where it is not there. Raises :class:`UsageError` for anything else."""
        return self._form(key, list, "a list", [])  # type: ignore[no-any-return]

    def _form(self, key: str, kind: type, words: str, otherwise: Any) -> Any:
        found = self.data.get(key) if isinstance(self.data, Mapping) else None
        if found is None:
            return otherwise
        if not isinstance(found, kind):
            where = self.below(key).location
            raise UsageError(
                Diagnostic("IMP003", f"expected {words} under '{escaped(key)}', found {shape(found)}", where)
            )
        return found

    def below(self, *steps: str | int) -> Node:
        """The part that a path leads to."""
        data, base = self.data, self.base
        for step in steps:
            data = data[step]
            if isinstance(data, Mapping) and isinstance(own := data.get("$id"), str) and not own.startswith("#"):
                base = joined(base, own)
        return Node(data, self.document, (*self.path, *map(str, steps)), base)


def _pointer_step(step: str) -> str:
    return step.replace("~", "~0").replace("/", "~1")


@dataclass
class Documents:
    """The documents that a schema is made of: the first, and those beside it that references name."""

    folders: tuple[Path, ...]
    known: dict[str, Document] = field(default_factory=dict)
    _index: dict[str, Document] | None = None
    _parts: dict[str, dict[tuple[str, str], Node]] = field(default_factory=dict)

    def add(self, data: Any, file: str, path: Path | None = None) -> Document:
        """A document by its own address: its ``$id``, else its file."""
        where = path.resolve().as_uri() if path else f"file:///{file}"
        own = data.get("$id") or data.get("id") if isinstance(data, Mapping) else None
        address = joined(where, own) if isinstance(own, str) and ":" in own else where
        document = Document(data, file, urldefrag(address)[0], path)
        self.known.setdefault(document.address, document)
        self.known.setdefault(urldefrag(where)[0], document)
        return document

    def resolve(self, node: Node, reference: str) -> Node | None:
        """The part of a document that a reference means; None where it is in none of the folders."""
        base = node.base or node.document.address
        try:
            address, fragment = urldefrag(urljoin(base, reference))
        except ValueError:  # no address at all
            return None
        if reference.startswith("#") and base == node.document.address:
            root: Node | None = Node(node.document.data, node.document, (), node.document.address)
        else:
            root = self._resource(address, node.document)
        if root is None or not fragment:
            return root
        fragment = unquote(fragment)
        return _pointed(root, fragment) if fragment.startswith("/") else self._anchor(root, fragment)

    def _resource(self, address: str, beside: Document) -> Node | None:
        """What has an address: a part of this document with an ``$id`` of its own, or a document."""
        own = self._inside(beside).get((address, ""))
        if own is not None:
            return own
        document = self.known.get(address) or self._found(address, beside)
        return None if document is None else Node(document.data, document, (), document.address)

    def _anchor(self, root: Node, name: str) -> Node | None:
        inside = self._inside(root.document)
        return inside.get((root.base, name)) or inside.get((root.document.address, name))

    def _inside(self, document: Document) -> Mapping[tuple[str, str], Node]:
        """The parts of a document that have an address (and no name) or an anchor, found in one walk."""
        known = self._parts.get(document.address)
        if known is None:
            known = self._parts[document.address] = dict(_addressed(document))
        return known

    def _found(self, address: str, beside: Document) -> Document | None:
        """A document in the folders: by its path, by its own address, or by the end of its address."""
        if self._index is None:
            self._index = {}
            for path in self._files():
                self._read(path)
        if address in self._index:
            return self._index[address]
        named = [each for each in dict.fromkeys(self._index.values()) if each.path and _ends(address, each.path)]
        near = [each for each in named if each.path and beside.path and each.path.parent == beside.path.parent]
        chosen = near if len(near) == 1 else named
        if len(chosen) == 1:
            self.known[address] = chosen[0]
            return chosen[0]
        return None

    def _files(self) -> Iterator[Path]:
        count = 0
        for folder in self.folders:
            for path in sorted(folder.rglob("*")):
                if path.suffix in _SUFFIXES and path.is_file() and path.resolve().is_relative_to(folder.resolve()):
                    count += 1
                    if count > MAX_FILES:
                        return
                    yield path

    def _read(self, path: Path) -> None:
        """A file of a folder, if it is a schema; what is none is none of ours."""
        assert self._index is not None
        where = path.resolve().as_uri()
        if where in self.known:
            self._index[where] = self.known[where]
            return
        try:
            raw = read_bytes(path)
            if b"$ref" not in raw and b"propert" not in raw and b'"type"' not in raw:
                return
            data = plain_data(raw, path.name)
        except (SourceError, LimitError, DefinitionError):
            return
        if isinstance(data, Mapping):
            document = self.add(data, path.name, path)
            self._index[where] = self._index[document.address] = document


def _ends(address: str, path: Path) -> bool:
    """Whether an address ends with the name of a file, with or without its suffix."""
    last = unquote(address.rstrip("/").rpartition("/")[2])
    return last in (path.name, path.stem)


def _pointed(root: Node, pointer: str) -> Node | None:
    """The part that a JSON Pointer leads to (RFC 6901)."""
    steps: list[str | int] = []
    data = root.data
    for part in pointer.removeprefix("/").split("/"):
        step = part.replace("~1", "/").replace("~0", "~")
        if isinstance(data, Mapping) and step in data:
            steps.append(step)
        elif isinstance(data, list) and step.isdecimal() and int(step) < len(data):
            steps.append(int(step))
        else:
            return None
        data = data[steps[-1]]
    return root.below(*steps)


def _addressed(document: Document) -> Iterator[tuple[tuple[str, str], Node]]:
    """Parts by address and anchor; before 2019 an anchor is an ``$id`` (or ``id``) that begins with ``#``."""
    waiting = [Node(document.data, document, (), document.address)]
    while waiting:
        node = waiting.pop()
        if isinstance(node.data, Mapping):
            for key in ("$anchor", "$dynamicAnchor", "$id", "id"):
                name = node.data.get(key)
                if isinstance(name, str) and (key in ("$anchor", "$dynamicAnchor") or name.startswith("#")):
                    yield (node.base, name.removeprefix("#")), node
            if node.path and isinstance(own := node.data.get("$id"), str) and not own.startswith("#"):
                yield (urldefrag(node.base)[0], ""), node
            steps: Iterable[str | int] = [key for key in node.data if key not in _NOT_SCHEMAS]
        else:
            steps = range(len(node.data))
        waiting += [node.below(step) for step in steps if isinstance(node.data[step], (dict, list))]
