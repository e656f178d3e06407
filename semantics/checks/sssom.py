"""An SSSOM set (TSV with its metadata in comments), read as far as the checks need it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, NamedTuple

from semantics.errors import MappingError, escaped
from semantics.yaml_source import read_yaml

__all__ = ["Row", "SssomSet", "read_set"]

_NEEDED: Final = ("subject_id", "predicate_id", "object_id", "mapping_justification")
_BUILT_IN: Final = frozenset({"sssom", "owl", "rdf", "rdfs", "skos", "semapv"})


class Row(NamedTuple):
    """A link: its line, and its subject as an IRI and as it is written."""

    line: int
    subject: str
    written: str


@dataclass
class SssomSet:
    """What a set links, and what is wrong with it (line and message)."""

    file: str
    rows: list[Row] = field(default_factory=list)
    faults: list[tuple[int, str]] = field(default_factory=list)


def read_set(file: str, text: str) -> SssomSet:
    r"""Read a set; nothing in it stops the reading.

    >>> found = read_set("a.sssom.tsv", "#curie_map:\n#  a: http://a/\nsubject_id\tobject_id\na:B\tskos:C\n")
    >>> found.rows, [line for line, _ in found.faults]
    ([Row(line=4, subject='http://a/B', written='a:B')], [3, 3])
    """
    found = SssomSet(file)
    lines = text.splitlines()
    head = [line[1:] for line in lines if line.startswith("#")]
    prefixes = _prefixes(head, found)
    body = [(number, line.split("\t")) for number, line in enumerate(lines, 1) if line and not line.startswith("#")]
    if not body:
        found.faults.append((1, "the set has no columns"))
        return found
    (first, columns), rows = body[0], body[1:]
    found.faults += [(first, f"the set has no column '{name}'") for name in _NEEDED if name not in columns]
    seen: dict[tuple[str, ...], int] = {}
    for number, cells in rows:
        row = dict(zip(columns, cells, strict=False))
        found.faults += _faults(number, row, prefixes)
        link = tuple(row.get(name, "") for name in _NEEDED[:3])
        if (earlier := seen.setdefault(link, number)) != number:
            found.faults.append((number, f"the link stands on line {earlier} too"))
        written = row.get("subject_id", "")
        prefix, colon, local = written.partition(":")
        found.rows.append(Row(number, prefixes[prefix] + local if colon and prefix in prefixes else written, written))
    return found


def _prefixes(head: list[str], found: SssomSet) -> dict[str, str]:
    """The curie_map of the comments."""
    own = 1 if head and all(line.startswith(" ") or not line for line in head) else 0
    try:
        told = read_yaml("\n".join(line[own:] for line in head) or "{}", error=MappingError).data.get("curie_map")
    except MappingError as fault:
        place = fault.diagnostics[0].location
        found.faults.append((place.line or 1 if place else 1, "the metadata of the set cannot be read as YAML"))
        return {}
    return {str(key): str(value) for key, value in told.items()} if isinstance(told, dict) else {}


def _faults(number: int, row: dict[str, str], prefixes: dict[str, str]) -> list[tuple[int, str]]:
    faults = [(number, f"'{name}' is empty") for name in _NEEDED if name in row and not row[name]]
    for name in _NEEDED:
        prefix, colon, local = row.get(name, "").partition(":")
        if colon and not local.startswith("//") and prefix not in prefixes and prefix not in _BUILT_IN:
            faults.append((number, f"prefix '{escaped(prefix)}' is not in the curie_map"))
    return faults
