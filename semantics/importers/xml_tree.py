"""XML as a tree with the line of every element; of a document type, nothing but short texts that it names is taken."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final
from xml.parsers import expat

from semantics.errors import Diagnostic, LimitError, Location, SourceError
from semantics.safe_xml import Danger, guarded_parser

__all__ = ["XSD", "Element", "parsed"]

XSD: Final = "http://www.w3.org/2001/XMLSchema"
_DEPTH: Final = 128


@dataclass(eq=False)
class Element:
    """An element: ``namespace}local`` is its tag; ``prefixes`` are those that are declared where it stands.

    ``home`` is the namespace that names in a schema without one of its own belong to.
    """

    tag: str
    attributes: dict[str, str]
    prefixes: dict[str, str]
    location: Location
    children: list[Element] = field(default_factory=list)
    text: str = ""
    home: str = ""

    def all(self, *names: str) -> Iterator[Element]:
        """The children of XML Schema with one of these names."""
        return (each for each in self.children if each.tag in [f"{XSD}}}{name}" for name in names])

    def first(self, *names: str) -> Element | None:
        """The first of :meth:`all`."""
        return next(self.all(*names), None)

    def get(self, name: str) -> str | None:
        """An attribute without a namespace, white space around it taken away."""
        value = self.attributes.get(name)
        return None if value is None else value.strip()

    @property
    def local(self) -> str:
        """The name without its namespace."""
        return self.tag.rpartition("}")[2]

    def qname(self, name: str) -> tuple[str, str]:
        """A QName in an attribute as namespace and local name."""
        prefix, _, local = name.strip().rpartition(":")
        return self.prefixes.get(prefix) or ("" if prefix else self.home), local


def parsed(raw: bytes, file: str) -> Element:
    """The root of a document. Raises :class:`SourceError` for what is not XML or has entities that are not short texts.

    >>> parsed(b"<a><b/></a>", "a.xml").children[0].tag
    'b'
    """
    tree = _Tree(file)
    tree.parser = parser = guarded_parser(tree.refused, inner_doctype=True)
    parser.StartNamespaceDeclHandler = tree.declared
    parser.StartElementHandler = tree.start
    parser.EndElementHandler = tree.end
    parser.CharacterDataHandler = tree.data
    try:
        parser.Parse(raw, True)
    except expat.ExpatError as fault:
        where = Location(file, fault.lineno, fault.offset + 1)
        raise SourceError(Diagnostic("IMP001", "the file is not well-formed XML", where)) from None
    return tree.above[0].children[0]


class _Tree:
    def __init__(self, file: str) -> None:
        self.file = file
        self.parser: Any = None
        xml = {"xml": "http://www.w3.org/XML/1998/namespace"}
        self.above = [Element("", {}, xml, Location(file))]
        self.waiting: dict[str, str] = {}

    def refused(self, _danger: Danger, message: str, hint: str) -> None:
        where = Location(self.file, self.parser.CurrentLineNumber)
        raise SourceError(Diagnostic("IMP001", message, where, hint))

    def declared(self, prefix: str | None, uri: str | None) -> None:
        self.waiting[prefix or ""] = uri or ""

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if len(self.above) > _DEPTH:
            raise LimitError(Diagnostic("IMP002", f"the file is nested deeper than {_DEPTH}", Location(self.file)))
        parent = self.above[-1]
        prefixes = {**parent.prefixes, **self.waiting} if self.waiting else parent.prefixes
        self.waiting = {}
        where = Location(self.file, self.parser.CurrentLineNumber, self.parser.CurrentColumnNumber + 1)
        found = Element(tag, attributes, prefixes, where)
        parent.children.append(found)
        self.above.append(found)

    def end(self, _: str) -> None:
        self.above.pop()

    def data(self, text: str) -> None:
        self.above[-1].text += text
