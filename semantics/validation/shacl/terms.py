"""RDF terms as plain text: a term is the string that canonical N-Triples writes for it, and nothing more.

Equal terms are equal strings, so a set of terms is a set of strings, a datatype is the end of a string, and
no object is made per term. What is compared or measured (a number, a length) is read out of the text.
"""

from __future__ import annotations

import re
from typing import Final

__all__ = [
    "RDF", "RDFS", "RDF_FIRST", "RDF_NIL", "RDF_REST", "RDF_TYPE", "SH", "SUBCLASS_OF", "XSD", "datatype_of", "iri_of",
    "is_literal", "kind_of", "language_of", "literal", "sh", "text_of",
]  # fmt: skip

RDF: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
RDFS: Final = "http://www.w3.org/2000/01/rdf-schema#"
SH: Final = "http://www.w3.org/ns/shacl#"
XSD: Final = "http://www.w3.org/2001/XMLSchema#"

RDF_TYPE: Final = f"<{RDF}type>"
RDF_FIRST: Final = f"<{RDF}first>"
RDF_REST: Final = f"<{RDF}rest>"
RDF_NIL: Final = f"<{RDF}nil>"
SUBCLASS_OF: Final = f"<{RDFS}subClassOf>"

_ESCAPE: Final = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(.))")
_CONTROLS: Final = {"t": "\t", "b": "\b", "n": "\n", "r": "\r", "f": "\f"}
_ESCAPES: Final = {
    **{code: f"\\u{code:04X}" for code in (*range(0x20), 0x7F)},
    **{ord(character): f"\\{letter}" for letter, character in _CONTROLS.items()},
    ord('"'): '\\"',
    ord("\\"): "\\\\",
}


def sh(name: str) -> str:
    """A term of SHACL's own vocabulary.

    >>> sh("path")
    '<http://www.w3.org/ns/shacl#path>'
    """
    return f"<{SH}{name}>"


def is_literal(term: str) -> bool:
    """Whether a term is a literal."""
    return term[0] == '"'


def iri_of(term: str) -> str | None:
    """The IRI of a term that is one, without its brackets."""
    return term[1:-1] if term[0] == "<" else None


def text_of(term: str) -> str:
    r"""The text of a literal or IRI: SPARQL's ``str``. A blank node has none, and gives ``""``.

    >>> text_of(r'"a \"b\""@en')
    'a "b"'
    """
    if term[0] != '"':
        return term[1:-1] if term[0] == "<" else ""
    body = term[1 : term.rindex('"')]
    return _ESCAPE.sub(_unescaped, body) if "\\" in body else body


def _unescaped(found: re.Match[str]) -> str:
    short, long, plain = found.groups()
    if plain is not None:
        return _CONTROLS.get(plain, plain)
    return chr(int(short or long, 16))


def literal(text: str, datatype: str | None = None, language: str | None = None) -> str:
    r"""The term of a literal; without a datatype and a language it is a string.

    >>> print(literal('say "hi"', language="EN"))
    "say \"hi\""@en
    """
    body = text.translate(_ESCAPES)
    if language:
        return f'"{body}"@{language.lower()}'
    return f'"{body}"' if datatype in (None, f"{XSD}string") else f'"{body}"^^<{datatype}>'


def language_of(term: str) -> str:
    """The language tag of a literal, in small letters; ``""`` where there is none."""
    if term[0] != '"' or term[-1] in '">':
        return ""
    return term[term.rindex('"') + 2 :].lower()


def datatype_of(term: str) -> str:
    """The IRI of the datatype of a literal.

    >>> datatype_of('"1"^^<http://www.w3.org/2001/XMLSchema#integer>')
    'http://www.w3.org/2001/XMLSchema#integer'
    """
    if term[-1] == ">":
        return term[term.rindex('"') + 4 : -1]
    return f"{XSD}string" if term[-1] == '"' else f"{RDF}langString"


def kind_of(term: str | None) -> str | None:
    """What sort of node a term is, without saying which.

    >>> kind_of('"secret"')
    'a literal of <http://www.w3.org/2001/XMLSchema#string>, 6 characters'
    """
    if term is None:
        return None
    if term[0] != '"':
        return "an IRI" if term[0] == "<" else "a blank node"
    size = f"{len(text_of(term))} characters"
    if language_of(term):
        return f"text in a language, {size}"
    datatype = datatype_of(term)
    return f"a literal of <{datatype if len(datatype) <= 80 else f'{datatype[:80]}...'}>, {size}"
