"""A strict Turtle writer for trees of nodes: the same tree gives the same bytes (RDF 1.1 Turtle).

Blank nodes are written where they stand, so they need no labels; nothing of a text can leave its
quotes, and no IRI can leave its brackets.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, TypeAlias

__all__ = ["RDF", "SH", "XSD", "Iri", "Items", "Literal", "Node", "Term", "document", "safe_iri"]

RDF: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
SH: Final = "http://www.w3.org/ns/shacl#"
XSD: Final = "http://www.w3.org/2001/XMLSchema#"


@dataclass(frozen=True, slots=True)
class Iri:
    """An absolute IRI."""

    text: str


@dataclass(frozen=True, slots=True)
class Literal:
    """A literal; its datatype is an IRI, ``xsd:string`` unless said otherwise."""

    text: str
    datatype: str = f"{XSD}string"


@dataclass(frozen=True, slots=True)
class Items:
    """An RDF list."""

    items: tuple[Term, ...]


@dataclass(frozen=True, slots=True)
class Node:
    """A blank node with its properties, in the order in which they are to be written."""

    pairs: tuple[tuple[str, Term], ...] = field(default=())


Term: TypeAlias = Iri | Literal | Items | Node

_TYPE: Final = f"{RDF}type"
_ESCAPES: Final = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_FORBIDDEN: Final = frozenset('<>"{}|\\^`')
_PLAIN: Final = frozenset({f"{XSD}integer", f"{XSD}boolean"})


def document(prefixes: Mapping[str, str], subjects: Iterable[tuple[str | None, tuple[tuple[str, Term], ...]]]) -> str:
    """A Turtle document: the prefixes that are used, then each subject with its properties.

    A subject of None is a blank node that nothing refers to.
    """
    writer = _Writer(prefixes)
    blocks = [writer.subject(iri, pairs) for iri, pairs in subjects]
    used = [
        f"@prefix {prefix}: <{safe_iri(namespace)}> ."
        for prefix, namespace in sorted(writer.namespaces.items())
        if prefix in writer.used
    ]
    return "\n".join([*used, *(f"\n{block}" for block in blocks)]) + "\n"


def safe_iri(text: str) -> str:
    """An IRI with the characters that RDF forbids percent-encoded.

    >>> safe_iri("http://e/a> <b")
    'http://e/a%3E%20%3Cb'
    """
    return "".join(
        "".join(f"%{byte:02X}" for byte in char.encode("utf-8", "replace"))
        if char <= " " or char in _FORBIDDEN or not char.isprintable()
        else char
        for char in text
    )


class _Writer:
    def __init__(self, prefixes: Mapping[str, str]) -> None:
        self.namespaces = {prefix: iri for prefix, iri in prefixes.items() if iri and _is_simple(prefix, "-")}
        self.longest = sorted(self.namespaces.items(), key=lambda item: (-len(item[1]), item[0]))
        self.used: set[str] = set()
        self.known: dict[str, str] = {}

    def subject(self, iri: str | None, pairs: tuple[tuple[str, Term], ...]) -> str:
        if iri is None:
            return f"{self.term(Node(pairs), 0)} ."
        return f"{self.iri(iri)}\n{self.pairs(pairs, 1)} ."

    def pairs(self, pairs: tuple[tuple[str, Term], ...], depth: int) -> str:
        margin = "    " * depth
        return " ;\n".join(
            f"{margin}{'a' if predicate == _TYPE else self.iri(predicate)} {self.term(term, depth)}"
            for predicate, term in pairs
        )

    def term(self, term: Term, depth: int) -> str:
        margin = "    " * depth
        match term:
            case Iri(text):
                return self.iri(text)
            case Literal(text, datatype):
                return self.literal(text, datatype)
            case Items(items) if all(isinstance(item, (Iri, Literal)) for item in items):
                return f"({''.join(f' {self.term(item, depth)}' for item in items)} )"
            case Items(items):
                inner = "".join(f"\n{margin}    {self.term(item, depth + 1)}" for item in items)
                return f"({inner}\n{margin})"
            case Node(()):
                return "[]"
            case Node(pairs):
                return f"[\n{self.pairs(pairs, depth + 1)}\n{margin}]"

    def literal(self, text: str, datatype: str) -> str:
        if datatype in _PLAIN and text.lstrip("+-").isalnum() and text.isascii():
            return text
        quoted = "".join(_escaped(char) for char in text)
        return f'"{quoted}"' if datatype == f"{XSD}string" else f'"{quoted}"^^{self.iri(datatype)}'

    def iri(self, text: str) -> str:
        known = self.known.get(text)
        if known is None:
            known = self.known[text] = self._iri(text)
        return known

    def _iri(self, text: str) -> str:
        for prefix, namespace in self.longest:
            if text.startswith(namespace) and _is_simple(text[len(namespace) :], "-"):
                self.used.add(prefix)
                return f"{prefix}:{text[len(namespace) :]}"
        return f"<{safe_iri(text)}>"


def _is_simple(name: str, also: str) -> bool:
    """Whether a name can be a prefix, or the local part of a prefixed name, without any escape."""
    return name.isascii() and name[:1].isalpha() and all(char.isalnum() or char == "_" or char in also for char in name)


def _escaped(char: str) -> str:
    if char in _ESCAPES:
        return _ESCAPES[char]
    if "\ud800" <= char <= "\udfff":
        return "\\uFFFD"
    if char.isprintable() or char == " ":
        return char
    return f"\\u{ord(char):04X}" if ord(char) < 0x10000 else f"\\U{ord(char):08X}"
