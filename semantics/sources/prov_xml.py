"""Source ``prov-xml``: a document of PROV-XML, brought into the form of PROV-JSON and read as the same graph.

Names are the IRIs that their prefixes make. A type or role without ``xsi:type`` is a name where its prefix is declared,
as the examples of the standard have it. What stands in ``prov:other`` is not provenance, and is passed over.
"""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final
from xml.parsers import expat

from semantics.errors import Diagnostic, LimitError, Location, SourceError, escaped
from semantics.records import Record
from semantics.safe_xml import Danger, guarded_parser
from semantics.sources.options import Limits, ReadOptions
from semantics.sources.prov_json import triples_of
from semantics.sources.rdf import records_of
from semantics.sources.stream import Input
from semantics.sources.values import Unreadable

__all__ = ["read"]

_PROV: Final = "http://www.w3.org/ns/prov#"
_XSD: Final = "http://www.w3.org/2001/XMLSchema"
_XSI_TYPE: Final = "http://www.w3.org/2001/XMLSchema-instance}type"
_LANG: Final = "http://www.w3.org/XML/1998/namespace}lang"
_QNAME: Final = f"{_XSD}#QName"
_ELEMENTS: Final = {
    "entity": ("entity", None),
    "plan": ("entity", "Plan"),
    "collection": ("entity", "Collection"),
    "emptyCollection": ("entity", "EmptyCollection"),
    "bundle": ("entity", "Bundle"),
    "activity": ("activity", None),
    "agent": ("agent", None),
    "person": ("agent", "Person"),
    "organization": ("agent", "Organization"),
    "softwareAgent": ("agent", "SoftwareAgent"),
    "wasRevisionOf": ("wasDerivedFrom", "Revision"),
    "wasQuotedFrom": ("wasDerivedFrom", "Quotation"),
    "hadPrimarySource": ("wasDerivedFrom", "PrimarySource"),
    **{
        name: (name, None)
        for name in (
            "wasGeneratedBy", "used", "wasInformedBy", "wasStartedBy", "wasEndedBy", "wasInvalidatedBy",
            "wasDerivedFrom", "wasAttributedTo", "wasAssociatedWith", "actedOnBehalfOf", "wasInfluencedBy",
            "specializationOf", "alternateOf", "hadMember", "mentionOf",
        )
    },
}  # fmt: skip
"""By element: the part of PROV-JSON that it belongs to, and the type that its name says."""
_TIMES: Final = frozenset({"prov:startTime", "prov:endTime", "prov:time"})
_NAMED: Final = frozenset({"prov:type", "prov:role"})


def read(source: Input, options: ReadOptions) -> Iterator[Record]:
    """The instances in a document. Raises :class:`SourceError` where it is no PROV-XML, or holds none."""
    root = _Tree(source.name, options.limits).read(source.blocks(options.limits))
    try:
        if root is None or root.tag != f"{_PROV}}}document":
            raise _unfit("its root is prov:document")
        triples = list(triples_of(_part(root)))
    except Unreadable as fault:
        found = fault.diagnostic(Location(source.name))
        raise SourceError(Diagnostic(found.code, found.message.replace("JSON", "XML"), found.location)) from None
    yield from records_of(triples, source.name, options)


# -- the form of PROV-JSON ---------------------------------------------------------------------------


@dataclass(slots=True)
class _Element:
    """An element: its name as ``namespace}local``, and the prefixes that hold in it, shared with those around it."""

    tag: str
    attributes: dict[str, str]
    scope: ChainMap[str, str]
    text: str = ""
    children: list[_Element] = field(default_factory=list)


def _part(element: _Element) -> dict[str, Any]:
    """A document or a bundle, as PROV-JSON has it. Raises :class:`Unreadable` for what PROV-XML does not have."""
    data: dict[str, dict[str, Any]] = {}
    for number, child in enumerate(element.children):
        space, _, local = child.tag.rpartition("}")
        if space == _PROV and local == "other":
            continue
        if space == _PROV and local == "bundleContent":
            data.setdefault("bundle", {})[_id(child) or f"_:{number}"] = _part(child)
            continue
        if space != _PROV or local not in _ELEMENTS:
            raise _unfit(f"it has no element '{escaped(local[:80])}' there")
        part, kind = _ELEMENTS[local]
        said = _said(child)
        if kind is not None:
            said.setdefault("prov:type", []).append({"$": f"prov:{kind}", "type": "xsd:QName"})
        data.setdefault(part, {}).setdefault(_id(child) or f"_:{number}", []).append(said)
    return data


def _said(element: _Element) -> dict[str, Any]:
    """What is said of a thing or relation. Ends are names; all else is a list of values."""
    said: dict[str, Any] = {}
    for tag, text in element.attributes.items():
        if "}" in tag and tag not in (f"{_PROV}}}id", _XSI_TYPE, _LANG):
            said.setdefault(_iri(*tag.rsplit("}", 1)), []).append(text)
    for child in element.children:
        key = _iri(*child.tag.rpartition("}")[::2])
        ref = child.attributes.get(f"{_PROV}}}ref")
        if ref is not None and key.startswith("prov:"):
            name = _name(ref, child)
            if name is None:
                raise _unfit("a name has a prefix that is not declared")
            said[key] = [*_listed(said.get(key)), name] if key in said else name
        else:
            said.setdefault(key, []).append(_value(key, child, ref))
    return said


def _value(key: str, element: _Element, ref: str | None) -> Any:
    text, told = element.text, element.attributes.get(_XSI_TYPE)
    if element.children:
        raise _unfit(f"the value of '{escaped(key[:80])}' holds elements")
    if key in _TIMES:
        return text.strip()
    kind = (_name(told, element) if told is not None else None) or None
    if ref is not None or kind == _QNAME or (told is None and key in _NAMED and ":" in text):
        name = _name(ref if ref is not None else text, element)
        return text if name is None else {"$": name, "type": "xsd:QName"}
    if (language := element.attributes.get(_LANG)) is not None:
        return {"$": text, "lang": language}
    return text if kind is None else {"$": text.strip(), "type": kind}


def _id(element: _Element) -> str | None:
    told = element.attributes.get(f"{_PROV}}}id")
    name = None if told is None else _name(told, element)
    if told is not None and name is None:
        raise _unfit("a name has a prefix that is not declared")
    return name


def _name(text: str, element: _Element) -> str | None:
    """The IRI of a qualified name; None where its prefix is not declared."""
    prefix, colon, local = text.strip().partition(":")
    if not colon:
        prefix, local = "", prefix
    space = element.scope.get(prefix)
    return None if not space else _iri(space, local)


def _iri(space: str, local: str) -> str:
    """As PROV-JSON has it: names of PROV with their prefix, all others as IRIs."""
    if space == _PROV:
        return f"prov:{local}"
    return f"{space}#{local}" if space == _XSD else f"{space}{local}"


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _unfit(message: str) -> Unreadable:
    return Unreadable("SRC070", f"the text is not PROV-XML: {message}")


# -- the tree ----------------------------------------------------------------------------------------


class _Tree:
    """Reads a document as a tree. Nothing outside of it is opened, and document type declarations are refused."""

    def __init__(self, name: str, limits: Limits) -> None:
        self._name = name
        self._limits = limits
        self._root: _Element | None = None
        self._open: list[_Element] = []
        self._new: dict[str, str] = {}
        self._parser = parser = guarded_parser(self._refused)
        parser.StartNamespaceDeclHandler = self._namespace
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text

    def read(self, blocks: Iterator[bytes]) -> _Element | None:
        """The root. Raises :class:`SourceError` for what is no XML."""
        try:
            for block in blocks:
                self._parser.Parse(block, False)
            self._parser.Parse(b"", True)
        except expat.ExpatError as error:
            message = f"not well-formed XML: {expat.ErrorString(error.code)}"
            raise SourceError(
                Diagnostic("SRC050", message, Location(self._name, error.lineno, error.offset + 1))
            ) from None
        return self._root

    def _place(self) -> Location:
        return Location(self._name, self._parser.CurrentLineNumber, self._parser.CurrentColumnNumber + 1)

    def _refused(self, danger: Danger, message: str, hint: str) -> None:
        code = "SRC052" if danger is Danger.ENCODING else "SRC051"
        raise SourceError(Diagnostic(code, message, self._place(), hint=hint))

    def _namespace(self, prefix: str | None, iri: str | None) -> None:
        self._new[prefix or ""] = iri or ""

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        if len(self._open) >= self._limits.depth:
            message = f"nested too deeply (limit: {self._limits.raised_by('depth')})"
            raise LimitError(Diagnostic("SRC055", message, self._place()))
        if (count := len(attributes) + len(self._new)) > self._limits.attributes:
            message = f"{count} attributes and namespaces (limit: {self._limits.raised_by('attributes')})"
            raise LimitError(Diagnostic("SRC056", message, self._place()))
        above = self._open[-1] if self._open else None
        around = above.scope if above else ChainMap[str, str]()
        element = _Element(tag, attributes, around.new_child(self._new) if self._new else around)
        self._new = {}
        if above:
            above.children.append(element)
        else:
            self._root = element
        self._open.append(element)

    def _end(self, _tag: str) -> None:
        self._open.pop()

    def _text(self, text: str) -> None:
        self._open[-1].text += text
