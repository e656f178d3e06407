"""XML without what is dangerous in it: no document type, no entity from elsewhere, no encoding that is not read.

expat opens nothing by itself. What is refused here is refused for every reader of XML, each in its own words for where.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import Any, Final
from xml.parsers import expat

from semantics.errors import escaped

__all__ = ["ENCODINGS", "Danger", "guarded_parser"]

ENCODINGS: Final = frozenset({"utf-8", "utf-16", "utf-16le", "utf-16be", "iso-8859-1", "us-ascii"})
"""What a document may declare, in small letters."""
_SHORT: Final = 256


class Danger(StrEnum):
    """What is refused: a document type that another file or the document itself defines, entities, encodings."""

    DOCTYPE = "doctype"
    DEFINITIONS = "definitions"
    ENTITY = "entity"
    ENCODING = "encoding"


Refuse = Callable[[Danger, str, str], None]
"""Takes what is refused, a message and a hint, and raises."""


def guarded_parser(
    refuse: Refuse,
    *,
    separator: str = "}",
    outer_doctype: bool = False,
    inner_doctype: bool = False,
    declared: Callable[[str], None] | None = None,
) -> expat.XMLParserType:
    """A parser of namespaces that hands on what is dangerous to ``refuse``.

    ``outer_doctype`` passes over a document type declaration that only names another file, which is not opened.
    ``inner_doctype`` takes one that defines entities too, each a short text that names no other: XML Signature has it.
    ``declared`` is told the encoding that a document declares.

    >>> def refuse(danger, message, hint):
    ...     raise ValueError(message)
    >>> guarded_parser(refuse).Parse(b"<!DOCTYPE a []><a/>", True)
    Traceback (most recent call last):
    ...
    ValueError: a document type declaration (DOCTYPE) is refused
    """

    def declaration(_version: str, encoding: str | None, _standalone: int) -> None:
        told = (encoding or "utf-8").lower()
        if told not in ENCODINGS:
            message = f"the document declares the encoding '{escaped(told[:40])}', which is not read"
            refuse(Danger.ENCODING, message, "convert it to UTF-8 first, and declare that")
        if declared is not None:
            declared(told)

    def doctype(_name: str, _system: str | None, _public: str | None, internal: int) -> None:
        if not inner_doctype and (internal or not outer_doctype):
            danger = Danger.DEFINITIONS if internal else Danger.DOCTYPE
            refuse(danger, "a document type declaration (DOCTYPE) is refused", "remove it: records need none")

    def defined(_name: str, _parameter: bool, text: str | None, *elsewhere: str | None) -> None:
        if not inner_doctype or any(elsewhere) or text is None or len(text) > _SHORT or set(text) & {"&", "%"}:
            entity()

    def entity(*_: Any) -> None:
        message = "an entity that the document does not hold itself is refused"
        refuse(Danger.ENTITY, message, "write the character itself")

    parser = expat.ParserCreate(namespace_separator=separator)
    parser.buffer_text = True
    parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
    parser.XmlDeclHandler = declaration
    parser.StartDoctypeDeclHandler = doctype
    parser.EntityDeclHandler = defined
    parser.SkippedEntityHandler = entity
    return parser
