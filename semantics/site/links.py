"""Links of models to other vocabularies: the SSSOM sets (TSV with metadata in comments) beside the schemas."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from semantics.checks.surroundings import set_files
from semantics.errors import MappingError
from semantics.site.model_pages import Link, Term
from semantics.site.names import Ref
from semantics.workspace import is_file
from semantics.yaml_source import read_yaml

__all__ = ["LinkRow", "LinkSet", "by_subject", "sets_of"]

_PREFIXES: Final = {
    "skos": "http://www.w3.org/2004/02/skos/core#", "owl": "http://www.w3.org/2002/07/owl#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#", "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "semapv": "https://w3id.org/semapv/vocab/", "sssom": "https://w3id.org/sssom/",
}  # fmt: skip
"""Prefixes that SSSOM itself declares."""
_TOLD: Final = ("mapping_set_id", "mapping_set_version", "license")


@dataclass(frozen=True, slots=True)
class LinkRow:
    """A link as the set has it."""

    subject: Term
    subject_label: str
    predicate: str
    object: Term
    object_label: str
    justification: str
    confidence: str


@dataclass(frozen=True, slots=True)
class LinkSet:
    """A set of links, and the schema that it belongs to."""

    ref: Ref
    file: str
    description: str
    facts: tuple[tuple[str, str], ...]
    rows: tuple[LinkRow, ...]


def sets_of(schemas: Mapping[str, Path], shown: Callable[[Path], str]) -> Iterator[LinkSet]:
    """The sets beside some schemas; ``shown`` says how a file is named. A set that cannot be read has no rows."""
    for schema, path in schemas.items():
        for file in set_files(path):
            if is_file(file):
                head, rows = read_links(file.read_text("utf-8", errors="replace"))
                facts = tuple((key.replace("_", " "), str(head[key])) for key in _TOLD if head.get(key))
                description = str(head.get("mapping_set_description") or "")
                yield LinkSet(Ref("links", schema), shown(file), description, facts, rows)
                break


def read_links(text: str) -> tuple[Mapping[str, Any], tuple[LinkRow, ...]]:
    r"""The metadata and the links of a set.

    >>> head, rows = read_links("#curie_map:\n#  a: http://a/\nsubject_id\tpredicate_id\tobject_id\na:B\tskos:x\ta:C\n")
    >>> rows[0].subject.iri, rows[0].predicate, rows[0].object.short
    ('http://a/B', 'skos:x', 'a:C')
    """
    lines = text.splitlines()
    head = _metadata([line[1:] for line in lines if line.startswith("#")])
    given = head.get("curie_map")
    prefixes = _PREFIXES | ({str(k): str(v) for k, v in given.items()} if isinstance(given, Mapping) else {})
    table = csv.DictReader((line for line in lines if line and not line.startswith("#")), delimiter="\t", restval="")
    return head, tuple(_row(row, prefixes) for row in table if row.get("subject_id") and row.get("object_id"))


def _metadata(lines: list[str]) -> Mapping[str, Any]:
    own = 1 if lines and all(line.startswith(" ") or not line for line in lines) else 0
    try:
        return read_yaml("\n".join(line[own:] for line in lines) or "{}", error=MappingError).data
    except MappingError:
        return {}


def _row(row: Mapping[str, str], prefixes: Mapping[str, str]) -> LinkRow:
    def term(key: str) -> Term:
        written = row.get(key) or ""
        prefix, colon, local = written.partition(":")
        return Term(prefixes[prefix] + local if colon and prefix in prefixes else written, written)

    words = [str(row.get(key) or "") for key in
             ("subject_label", "predicate_id", "object_label", "mapping_justification", "confidence")]  # fmt: skip
    label, predicate, other, justification, confidence = words
    return LinkRow(term("subject_id"), label, predicate, term("object_id"), other, justification, confidence)


def by_subject(sets: Iterable[LinkSet]) -> dict[str, tuple[Link, ...]]:
    """The links of each subject, by its IRI."""
    found: dict[str, list[Link]] = {}
    for each in sets:
        for row in each.rows:
            predicate = row.predicate.rpartition(":")[2] or row.predicate
            found.setdefault(row.subject.iri, []).append(Link(predicate, row.object, row.object_label))
    return {iri: tuple(links) for iri, links in found.items()}
