"""The built-in types of LinkML (``linkml:types``): name, value space, RDF datatype."""

from __future__ import annotations

from typing import Final

from semantics.lexical import Primitive
from semantics.schema.model import XSD, TypeModel

__all__ = ["BUILTIN_PREFIXES", "BUILTIN_TYPES"]

_LINKML: Final = "https://w3id.org/linkml/"
_SHEX: Final = "http://www.w3.org/ns/shex#"

BUILTIN_PREFIXES: Final = {"linkml": _LINKML, "xsd": XSD, "shex": _SHEX}
"""The prefixes that come with ``linkml:types``."""

_TABLE: Final[tuple[tuple[str, Primitive, str, bool], ...]] = (
    # name, value space, datatype IRI, carried as text in JSON
    ("string", Primitive.STRING, f"{XSD}string", False),
    ("integer", Primitive.INTEGER, f"{XSD}integer", False),
    ("boolean", Primitive.BOOLEAN, f"{XSD}boolean", False),
    ("float", Primitive.FLOAT, f"{XSD}float", False),
    ("double", Primitive.FLOAT, f"{XSD}double", False),
    ("decimal", Primitive.DECIMAL, f"{XSD}decimal", False),
    ("time", Primitive.TIME, f"{XSD}time", True),
    ("date", Primitive.DATE, f"{XSD}date", True),
    ("datetime", Primitive.DATETIME, f"{XSD}dateTime", True),
    ("date_or_datetime", Primitive.DATE_OR_DATETIME, f"{_LINKML}DateOrDatetime", True),
    ("uriorcurie", Primitive.URIORCURIE, f"{XSD}anyURI", True),
    ("curie", Primitive.CURIE, f"{XSD}string", True),
    ("uri", Primitive.URI, f"{XSD}anyURI", True),
    ("ncname", Primitive.NCNAME, f"{XSD}string", True),
    ("objectidentifier", Primitive.URIORCURIE, f"{_SHEX}iri", True),
    ("nodeidentifier", Primitive.URIORCURIE, f"{_SHEX}nonLiteral", True),
    ("jsonpointer", Primitive.STRING, f"{XSD}string", True),
    ("jsonpath", Primitive.STRING, f"{XSD}string", True),
    ("sparqlpath", Primitive.STRING, f"{XSD}string", True),
)

BUILTIN_TYPES: Final[dict[str, TypeModel]] = {
    name: TypeModel(name=name, primitive=primitive, uri=uri, as_text=as_text, builtin=True)
    for name, primitive, uri, as_text in _TABLE
}
