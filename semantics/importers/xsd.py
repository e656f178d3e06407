"""Importer ``xsd``: XML Schema 1.0; the files that it includes and imports are looked for in the folders given."""

from __future__ import annotations

from pathlib import Path

from semantics.errors import Diagnostic, Location, UsageError
from semantics.importers.description import Description
from semantics.importers.naming import schema_name
from semantics.importers.xml_tree import XSD, parsed
from semantics.importers.xsd_shapes import XsdShapes

__all__ = ["describe"]


def describe(raw: bytes, path: Path, folders: tuple[Path, ...] = ()) -> Description:
    """The classes of an XML Schema, as `semantics` reads its documents: elements and attributes are slots.

    >>> text = b'''<s:schema xmlns:s="http://www.w3.org/2001/XMLSchema"><s:element name="meter"><s:complexType>
    ... <s:attribute name="id" type="s:int" use="required"/></s:complexType></s:element></s:schema>'''
    >>> [(each.name, each.slots[0].name, each.slots[0].required) for each in describe(text, Path("m.xsd")).classes]
    [('Meter', 'id', True)]
    """
    root = parsed(raw, path.name)
    if root.tag != f"{XSD}}}schema":
        raise UsageError(Diagnostic("IMP003", "the root is not xs:schema", Location(path.name)))
    shapes = XsdShapes((path.parent, *folders))
    shapes.read(root, path)
    shapes.make()
    if not (shapes.classes or shapes.enums or shapes.types):
        raise UsageError(Diagnostic("IMP003", "the schema describes no element", Location(path.name)))
    called = schema_name(path.name.removesuffix(".xsd"))
    return shapes.description(called, f"https://example.org/{called}", root)
