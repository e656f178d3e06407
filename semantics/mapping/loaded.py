"""A specification together with the place of each of its parts, whichever file that part came from."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from semantics.errors import DefinitionError, Diagnostic, ExpressionError, Location, MappingError, ordered
from semantics.expressions.definitions import Definition, definition, head_of
from semantics.mapping.code_maps import CodeMap
from semantics.mapping.spec import MappingSpec
from semantics.schema.patch import SchemaPatch
from semantics.yaml_source import MarkedDocument

__all__ = ["LoadedMapping", "Path_", "Place", "Places", "ReadFile", "by_part", "inside"]

Path_ = tuple[str | int, ...]
Place = tuple[MarkedDocument, Path_]
Places = dict[Path_, Place]
"""Path in the specification to the document that has it, and the path there."""


@dataclass(frozen=True, slots=True)
class ReadFile:
    """A file that a mapping was made from besides its own: how messages name it, and the SHA-256 of its text."""

    path: Path
    name: str
    digest: str

    @classmethod
    def of(cls, path: Path, name: str, text: str) -> ReadFile:
        """The entry of a file whose text has been read."""
        return cls(path, name, hashlib.sha256(text.encode()).hexdigest())


def by_part(places: Mapping[Path_, Place]) -> dict[Path_, Places]:
    """Places by the first two steps of their paths: a derivation, a code map, an import."""
    parts: dict[Path_, Places] = {}
    for path, place in places.items():
        parts.setdefault(path[:2], {})[path] = place
    return parts


def inside(places: Mapping[Path_, Place], head: Path_) -> Iterator[tuple[Path_, Place]]:
    """The places below a path, by their paths from there."""
    length = len(head)
    for path, place in places.items():
        if len(path) > length and path[:length] == head:
            yield path[length:], place


@dataclass(frozen=True)
class LoadedMapping:
    """A specification with the place of each of its parts.

    ``places`` has an entry for every derivation (and for what an import gave); a part below one is found
    from there. ``files`` are the other files that were read: imports and code maps. ``abstract`` names the
    class derivations that were there to be inherited from; ``code_maps`` are the code lists, read.
    ``findings`` are keys that are not known, where reading went on without them; what is found in the parts of
    the document that they make ``incomplete`` follows from them, and is not said.
    """

    spec: MappingSpec
    document: MarkedDocument
    places: Mapping[Path_, Place] = field(default_factory=dict)
    files: tuple[ReadFile, ...] = ()
    abstract: frozenset[str] = frozenset()
    code_maps: Mapping[str, CodeMap] = field(default_factory=dict)
    findings: tuple[Diagnostic, ...] = ()
    incomplete: frozenset[Path_] = frozenset()

    @property
    def is_part(self) -> bool:
        """Whether the file holds only what other mappings import: parents, rules for enums."""
        return not self.spec.class_derivations and bool(
            self.abstract or self.spec.enum_derivations or self.spec.code_maps or self.spec.definitions
        )

    @property
    def patch(self) -> SchemaPatch | None:
        """What the mapping adds to its source schema."""
        given = self.spec.source_schema_patches
        return SchemaPatch(given, *self.place(("source_schema_patches",))) if given else None

    @property
    def definitions(self) -> Mapping[str, Definition]:
        """The named expressions by their names; those that are no expressions are told by :attr:`undefined`."""
        return self._definitions[0]

    @property
    def undefined(self) -> Mapping[str, ExpressionError]:
        """What is wrong with the texts of definitions, by their heads."""
        return self._definitions[1]

    @cached_property
    def _definitions(self) -> tuple[dict[str, Definition], dict[str, ExpressionError]]:
        found: dict[str, Definition] = {}
        faults: dict[str, ExpressionError] = {}
        for head, text in self.spec.definitions.items():
            name, parameters = head_of(head) or (head, ())
            try:
                found[name] = definition(name, parameters, text)
            except ExpressionError as fault:
                faults[head] = fault
        return found, faults

    @contextmanager
    def together(self) -> Iterator[None]:
        """What else is wrong with the mapping is raised together with what reading it has found."""
        try:
            yield
        except DefinitionError as fault:
            if not self.findings:
                raise
            raise MappingError(ordered((*self.findings, *fault.diagnostics))) from None
        if self.findings:
            raise MappingError(self.findings)

    def follows(self, path: Path_) -> bool:
        """Whether a part stands in one that is incomplete, so that what is wrong with it follows from that."""
        if not self.incomplete:
            return False
        document, inside = self.place(path)
        return document is self.document and any(inside[: len(part)] == part for part in self.incomplete)

    def place(self, path: Path_) -> Place:
        """The document and the path in it that a part *of the specification* came from."""
        for length in range(len(path), -1, -1):
            if (found := self.places.get(path[:length])) is not None:
                return found[0], (*found[1], *path[length:])
        return self.document, path

    def location(self, *path: str | int, key: bool = True) -> Location:
        """Where the part at a path *of the specification* stands: its file, line and column."""
        document, inside = self.place(path)
        return document.location(inside, key=key)

    def within(self, path: Path_, text: str, offset: int) -> Location:
        """Where the character at ``offset`` of a text stands that is the value, or the key, at a path."""
        document, inside = self.place(path)
        return document.within(inside, text, offset)

    def line(self, *path: str | int) -> str:
        """The text of the line where a part stands."""
        document, inside = self.place(path)
        return document.line_of(inside)

    @cached_property
    def _parts(self) -> dict[Path_, Places]:
        return by_part(self.places)

    def below(self, head: Path_) -> Iterator[tuple[Path_, Place]]:
        """The places of a part and of everything in it, by their paths from there."""
        yield (), self.place(head)
        yield from inside(self._parts.get(head[:2], {}) if len(head) > 1 else self.places, head)

    def digests(self) -> dict[str, str]:
        """SHA-256 of the mapping's text, and of every other file by its name."""
        own = hashlib.sha256(self.document.text.encode()).hexdigest()
        return {"mapping": own, **{file.name: file.digest for file in self.files}}
