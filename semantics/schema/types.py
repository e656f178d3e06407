"""The built-in types of LinkML (``linkml:types``): name, value space, RDF datatype."""

from __future__ import annotations

from typing import Final

from semantics.lexical import Primitive
from semantics.schema.model import XSD, TypeModel

__all__ = ["BUILTIN_PREFIXES", "BUILTIN_TYPES", "CURI_MAPS"]

_LINKML: Final = "https://w3id.org/linkml/"
_SHEX: Final = "http://www.w3.org/ns/shex#"

BUILTIN_PREFIXES: Final = {"linkml": _LINKML, "xsd": XSD, "shex": _SHEX}
"""The prefixes that come with ``linkml:types``."""

CURI_MAPS: Final[dict[str, dict[str, str]]] = {
    "semweb_context": {
        "cc": "http://creativecommons.org/ns#",
        "dc": "http://purl.org/dc/elements/1.1/",
        "dcat": "http://www.w3.org/ns/dcat#",
        "dcterms": "http://purl.org/dc/terms/",
        "foaf": "http://xmlns.com/foaf/0.1/",
        "odrl": "http://www.w3.org/ns/odrl/2/",
        "org": "http://www.w3.org/ns/org#",
        "owl": "http://www.w3.org/2002/07/owl#",
        "prov": "http://www.w3.org/ns/prov#",
        "qb": "http://purl.org/linked-data/cube#",
        "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
        "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
        "schema": "http://schema.org/",
        "sh": "http://www.w3.org/ns/shacl#",
        "skos": "http://www.w3.org/2004/02/skos/core#",
        "sosa": "http://www.w3.org/ns/sosa/",
        "ssn": "http://www.w3.org/ns/ssn/",
        "time": "http://www.w3.org/2006/time#",
        "vann": "http://purl.org/vocab/vann/",
        "void": "http://rdfs.org/ns/void#",
        "xml": "http://www.w3.org/XML/1998/namespace",
    }
}
"""Maps that ``default_curi_maps`` names, with what they declare; others are on the web and not fetched."""

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
