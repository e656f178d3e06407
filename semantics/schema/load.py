"""Reads a schema's files: imports followed inside the workspace only, every key known, names clean.

No import leaves the folders of the schema and of the workspace, and nothing is ever fetched: an
import is a file name relative to the importing file, the name of a workspace schema, a CURIE or
address that ends with one of these names, or ``linkml:types``.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from semantics.errors import Diagnostic, Location, SchemaError, Severity, closest, escaped
from semantics.schema.elements import CARRIED, PROSE, UNENFORCED, UNENFORCED_OF_TYPES
from semantics.workspace import is_file, shown
from semantics.yaml_source import MarkedDocument, Plain, read_yaml

__all__ = ["Element", "SchemaFiles", "is_name", "read_schema_files"]

MAX_IMPORTS: Final = 64
_NAME = re.compile(r"[^\W\d][\w .:/@$+#()%,&-]*|[@$_\d][\w .:/@$+#()%,&-]*")
_REGISTRIES: Final = {"classes": "class", "slots": "slot", "enums": "enum", "types": "type"}

Path_ = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Element:
    """One definition as a file gave it: a class, slot, enum, type or a part of one."""

    name: str
    data: Mapping[str, Any]
    document: MarkedDocument
    path: Path_
    schema: str

    def location(self, *more: str | int) -> Location:
        """Where the definition, or a part of it, stands."""
        return self.document.location((*self.path, *more))

    def item(self, key: str, name: str) -> Location:
        """Where a name stands in the list (or mapping of names) under a key."""
        given = self.data.get(key)
        return self.location(key, given.index(name) if isinstance(given, list) and name in given else name)

    def child(self, name: str, *more: str | int) -> Element:
        """A part of this definition as an element of its own."""
        data: Any = self.data
        for step in more:
            data = data[step]
        return Element(name, data or {}, self.document, (*self.path, *more), self.schema)


@dataclass
class SchemaFiles:
    """All files of a schema, merged: what :mod:`semantics.schema.resolve` works from."""

    root: Element
    classes: dict[str, Element] = field(default_factory=dict)
    slots: dict[str, Element] = field(default_factory=dict)
    enums: dict[str, Element] = field(default_factory=dict)
    types: dict[str, Element] = field(default_factory=dict)
    prefixes: dict[str, str] = field(default_factory=dict)
    schemas: dict[str, Element] = field(default_factory=dict)
    imports: dict[str, tuple[str, ...]] = field(default_factory=dict)
    digests: dict[str, str] = field(default_factory=dict)
    findings: list[Diagnostic] = field(default_factory=list)
    documents: dict[Path, MarkedDocument] = field(default_factory=dict)

    def error(self, code: str, message: str, place: Location, hint: str | None = None) -> None:
        """Note a finding; all of them are raised together."""
        self.findings.append(Diagnostic(code, message, place, hint))

    def warn(self, code: str, message: str, place: Location, hint: str | None = None) -> None:
        """Note a finding that does not stop."""
        self.findings.append(Diagnostic(code, message, place, hint, severity=Severity.WARNING))


def read_schema_files(source: Path | Mapping[str, Any], *, library: tuple[Path, ...] = ()) -> SchemaFiles:
    """Read a schema (a file, or the data of one) and all that it imports.

    ``library`` are the ``ontologies`` folders in which imports are looked up by name. Findings are
    collected in the result; only what makes going on pointless is raised as :class:`SchemaError`.
    """
    if isinstance(source, Path):
        roots = tuple(folder.resolve().parent for folder in library)
        document = read_yaml(source, file=shown(source, roots), error=SchemaError)
        base: Path | None = source.resolve()
    else:
        document, base = MarkedDocument(dict(source), None), None
    name = _text(document.data.get("name")) or (base.stem if base else "schema")
    files = SchemaFiles(Element(name, document.data, document, (), name))
    _Reader(files, library).read(files.root, base)
    return files


class _Reader:
    def __init__(self, files: SchemaFiles, library: tuple[Path, ...]) -> None:
        self.files = files
        self.library = tuple(path.resolve() for path in library)
        self.roots = tuple(folder.parent for folder in self.library)
        self.seen: dict[Path, str] = {}

    def read(self, schema: Element, base: Path | None) -> None:
        """Merge one file, its imports before it."""
        files = self.files
        if base is not None:
            self.seen[base] = schema.name
            files.documents[base] = schema.document
            files.digests[base.name] = hashlib.sha256(schema.document.text.encode()).hexdigest()
        else:
            text = repr(sorted_data(schema.data))
            files.digests["<data>"] = hashlib.sha256(text.encode()).hexdigest()
        check_keys(files, "schema", schema)
        imported = tuple(self._imports(schema, base))
        files.imports[schema.name] = imported
        files.schemas[schema.name] = schema
        for prefix, value in _entries(schema.data.get("prefixes"), "prefix_prefix"):
            iri = value.get("prefix_reference") if isinstance(value, Mapping) else value
            files.prefixes[prefix] = str(iri)
        for key, kind in _REGISTRIES.items():
            registry: dict[str, Element] = getattr(files, key)
            for name, element in elements(files, schema, key, kind):
                known = registry.get(name)
                if known is not None and not _equal(known.data, element.data):
                    files.error(
                        "SCH012",
                        f"{kind} '{name}' is defined here and at {known.location()}",
                        element.location(),
                        "rename one of the two, or refine it with slot_usage",
                    )
                registry[name] = element

    def _imports(self, schema: Element, base: Path | None) -> Iterator[str]:
        entries = schema.data.get("imports") or []
        if not isinstance(entries, list):
            self.files.error("SCH002", "'imports' must be a list of names", schema.location("imports"))
            return
        for index, entry in enumerate(entries):
            place = schema.location("imports", index)
            reference = _text(entry) or ""
            if reference == "linkml:types":
                continue
            path = self._resolve(reference, base, place)
            if path is None:
                continue
            if path in self.seen:
                if path != base:
                    yield self.seen[path]
                continue
            if len(self.seen) >= MAX_IMPORTS:
                raise SchemaError(Diagnostic("SCH003", f"more than {MAX_IMPORTS} schemas are imported", place))
            document = read_yaml(path, file=shown(path, self.roots), error=SchemaError)
            name = _text(document.data.get("name")) or path.stem
            self.read(Element(name, document.data, document, (), name), path)
            yield name

    def _resolve(self, reference: str, base: Path | None, place: Location) -> Path | None:
        """The file of an import; it never leaves the schema's folder or the library."""
        if reference.startswith(("/", "\\", "~")) or "\0" in reference:
            self._elsewhere(reference, place)
            return None
        folders = ([base.parent] if base else []) + list(self.library)
        roots = [*self.library, *([base.parent] if base else [])]
        name = re.split("[:/]", reference.removesuffix(".yaml"))[-1] if ":" in reference else reference
        for folder in folders if name else ():
            path = (folder / f"{name}.yaml").resolve()
            if any(path.is_relative_to(root) for root in roots) and is_file(path):
                return path
        if ":" in reference:
            self._elsewhere(reference, place)
            return None
        known = {path.stem for folder in folders for path in folder.glob("*.yaml")}
        self.files.error(
            "SCH003", f"import '{escaped(reference)}' is not to be found in the workspace", place,
            closest(reference, known),
        )  # fmt: skip
        return None

    def _elsewhere(self, reference: str, place: Location) -> None:
        """An import that only another machine could give."""
        self.files.error(
            "SCH003", f"import '{escaped(reference)}' is not a name in the workspace", place,
            "imports are names of schemas beside this one or in the workspace; nothing is fetched",
        )  # fmt: skip


def elements(files: SchemaFiles, parent: Element, key: str, kind: str) -> Iterator[tuple[str, Element]]:
    """The definitions below ``key`` of ``parent``, in any of LinkML's spellings, keys checked."""
    data = parent.data.get(key)
    if data is None:
        return
    if not isinstance(data, (Mapping, list)):
        files.error("SCH002", f"'{key}' must be a mapping of definitions", parent.location(key))
        return
    for position, (name, value) in enumerate(_entries(data, _NAME_KEYS.get(kind, "name"))):
        step: str | int = name if isinstance(data, Mapping) else position
        place = parent.location(key, step)
        if value is not None and not isinstance(value, Mapping):
            files.error("SCH002", f"{kind} '{escaped(name)}' must be a mapping", place)
            continue
        element = Element(name, value or {}, parent.document, (*parent.path, key, step), parent.schema)
        if kind != "permissible value":
            check_name(files, kind, name, place)
        check_keys(files, kind, element)
        yield name, element


def parts(files: SchemaFiles, parent: Element, key: str) -> Iterator[Element]:
    """The mappings in the list (or the one mapping) below ``key`` of a definition; anything else is a finding."""
    data = parent.data.get(key)
    if isinstance(data, Mapping):
        yield parent.child(key, key)
        return
    if data is not None and not isinstance(data, list):
        files.error("SCH002", f"'{key}' must be a list of mappings", parent.location(key))
        return
    for index, item in enumerate(data or ()):
        if isinstance(item, Mapping):
            yield parent.child(key, key, index)
        else:
            files.error("SCH002", f"a part of '{key}' must be a mapping", parent.location(key, index))


def mapping_below(files: SchemaFiles, parent: Element, key: str) -> Element | None:
    """The mapping below ``key`` of a definition; anything else is a finding."""
    if isinstance(parent.data.get(key), Mapping):
        return parent.child(key, key)
    files.error("SCH002", f"'{key}' must be a mapping", parent.location(key))
    return None


def named_parts(files: SchemaFiles, parent: Element, key: str) -> Iterator[tuple[str, Element]]:
    """The mappings by name below ``key`` of a definition; anything else is a finding."""
    data = parent.data.get(key)
    if data is not None and not isinstance(data, Mapping):
        files.error("SCH002", f"'{key}' must be a mapping", parent.location(key))
        return
    for name, item in (data or {}).items():
        if item is None or isinstance(item, Mapping):
            yield str(name), parent.child(str(name), key, name)
        else:
            files.error("SCH002", f"'{escaped(str(name))}' must be a mapping", parent.location(key, name))


_NAME_KEYS: Final = {"permissible value": "text", "unique key": "unique_key_name"}


def is_name(name: str) -> bool:
    """Whether a definition can have this name.

    >>> is_name("@type"), is_name("a{b}"), is_name("__class__")
    (True, False, False)
    """
    return not name.startswith("__") and bool(_NAME.fullmatch(name)) and name.isprintable()


def check_name(files: SchemaFiles, kind: str, name: str, place: Location) -> None:
    """A name is letters, digits and plain punctuation: nothing invisible, nothing that looks like code."""
    if not is_name(name):
        files.error(
            "SCH008", f"'{escaped(name)}' cannot be the name of a {kind}", place,
            "names are letters, digits, spaces and '_-.:/@$', and do not start with '__'",
        )  # fmt: skip


def check_keys(files: SchemaFiles, kind: str, element: Element) -> None:
    """Every key of a definition is one that the metamodel has; what is not enforced is said."""
    carried = CARRIED[kind]
    for key in element.data:
        if key in carried or (key in PROSE and kind not in {"condition", "rule"}):
            continue
        if key in UNENFORCED or (kind == "type" and key in UNENFORCED_OF_TYPES):
            files.warn(
                "SCH030", f"'{key}' of {kind} '{escaped(element.name)}' is not enforced",
                element.location(key),
            )  # fmt: skip
        else:
            files.error(
                "SCH001", f"'{escaped(str(key))}' is not a key of a {kind}", element.location(key),
                closest(str(key), carried | UNENFORCED | PROSE),
            )  # fmt: skip


def _entries(data: Any, name_key: str) -> Iterator[tuple[str, Any]]:
    """(name, definition) pairs of a mapping, a list of names, or a list of named definitions."""
    if isinstance(data, Mapping):
        yield from ((str(name), value) for name, value in data.items())
    elif isinstance(data, list):
        for item in data:
            if isinstance(item, Mapping):
                yield str(item.get(name_key, "")), item
            elif item is not None:
                yield _text(item) or "", None


def _text(value: Any) -> str | None:
    """The text of a scalar that stands where a string is meant (``version: 1.10``)."""
    if value is None or type(value) is str:
        return value
    if isinstance(value, (list, Mapping)):
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.text if isinstance(value, Plain) else str(value)


def _equal(first: Mapping[str, Any], second: Mapping[str, Any]) -> bool:
    skip = {"from_schema", "imported_from", "owner", "domain_of", "name"}
    trimmed = [{k: v for k, v in data.items() if k not in skip} for data in (first, second)]
    return bool(trimmed[0] == trimmed[1])


def sorted_data(data: Any) -> Any:
    """Plain data with keys in order: equal data gives equal text."""
    if isinstance(data, Mapping):
        return {str(key): sorted_data(data[key]) for key in sorted(data, key=str)}
    if isinstance(data, list):
        return [sorted_data(item) for item in data]
    return data
