"""Proposals as others read them: a table for people, an SSSOM set, JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Final

from semantics.errors import escaped
from semantics.schema.model import SchemaModel
from semantics.suggestions.correspondences import Term
from semantics.suggestions.propose import Proposal, Proposals

__all__ = ["as_json", "as_sssom", "as_text", "rows"]

_COLUMNS: Final = (
    "subject_id", "subject_label", "predicate_id", "object_id", "object_label",
    "mapping_justification", "confidence", "comment",
)  # fmt: skip
_OWN: Final = {
    "semapv": "https://w3id.org/semapv/vocab/", "skos": "http://www.w3.org/2004/02/skos/core#",
    "source": "https://example.org/draft/source/", "target": "https://example.org/draft/target/",
}  # fmt: skip


def rows(found: Proposals) -> Iterator[Proposal]:
    """The proposals in the order of their slots in the source, then by confidence."""
    return iter(sorted(found.proposals, key=lambda each: (each.read, -each.confidence, each.target)))


def as_text(found: Proposals, limit: int = 40) -> str:
    """A table of what is proposed, the most confident first, and how much is open."""
    active = sorted(found.active, key=lambda each: (-each.confidence, each.read, each.target))
    shown = [(_reading(each), str(each.target), f"{each.confidence:.2f}", ", ".join(each.because)) for each in active]
    wide = [max([len(row[at]) for row in shown[:limit]], default=0) for at in range(3)]
    lines = [
        f"{escaped(one):{wide[0]}}  ->  {escaped(other):{wide[1]}}  {chance}  {why}"
        for one, other, chance, why in shown[:limit]
    ]
    if len(shown) > limit:
        lines.append(f"... and {len(shown) - limit} more")
    lines.append(f"{len(active)} proposed, {len(found.proposals) - len(active)} alternatives left open")
    return "\n".join(lines) + "\n"


def as_json(found: Proposals) -> str:
    """Every proposal, those left open too."""
    data: list[dict[str, Any]] = [
        {
            "source": str(each.source),
            "read_from": str(each.read),
            "target": str(each.target),
            "confidence": each.confidence,
            "proposed": each.active,
            "predicate": each.predicate,
            "justification": each.justification,
            "evidence": list(each.because),
        }
        for each in rows(found)
    ]
    return json.dumps(data, indent=2, ensure_ascii=False) + "\n"


def as_sssom(found: Proposals, source: SchemaModel, target: SchemaModel) -> str:
    """The proposals that are made as an SSSOM set: slots by the class that declares them."""
    lines = ["# curie_map:", *(f"#   {prefix}: {iri}" for prefix, iri in sorted(_OWN.items()))]
    lines += [
        "# license: https://w3id.org/sssom/license/unspecified",
        f"# mapping_set_id: https://example.org/draft/{_part(source.name)}-{_part(target.name)}",
        "# mapping_tool: semantics suggest",
        "\t".join(_COLUMNS),
    ]
    for each in rows(found):
        if each.active:
            cells = (
                _curie("source", each.read), str(each.read), each.predicate, _curie("target", each.target),
                str(each.target), each.justification, f"{each.confidence:.2f}", _comment(each),
            )  # fmt: skip
            lines.append("\t".join(cell.replace("\t", " ").replace("\n", " ") for cell in cells))
    return "\n".join(lines) + "\n"


def _reading(each: Proposal) -> str:
    """The slot, and what of the objects in it is read."""
    return str(each.read) if each.source == each.read else f"{each.read}.{each.source.slot}"


def _comment(each: Proposal) -> str:
    why = ", ".join(each.because)
    return why if each.source == each.read else f"{why}; read from {each.source}"


def _curie(prefix: str, term: Term) -> str:
    return f"{prefix}:{_part(term.cls)}/{_part(term.slot)}"


def _part(name: str) -> str:
    from urllib.parse import quote

    return quote(name, safe="")
