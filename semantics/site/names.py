"""Names of files and anchors made of any names at all, and where each thing of the workspace has its page."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal, NamedTuple

__all__ = ["Addresses", "Kind", "Ref", "slot_anchors", "slug", "slugs"]

Kind = Literal[
    "schema", "class", "enum", "type", "mapping", "derivation", "codes", "links", "ledger", "tests", "broken"
]
_LONGEST: Final = 72
_RESERVED: Final = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d|index)(?:\..*)?", re.IGNORECASE)
"""What some file systems, and servers, take for something else."""


class Ref(NamedTuple):
    """One thing of the workspace: its kind, what it belongs to (a schema, a mapping) and its name there."""

    kind: Kind
    within: str
    name: str = ""


def slug(name: str) -> str:
    """A name as a safe part of an address: letters, digits, ``_``, ``-`` and single points.

    >>> slug("Größe <b>"), slug("../../etc"), slug("con"), slug("日本")
    ('Grosse-b', 'etc', 'con-', 'x-cf2abf0c')
    """
    folded = unicodedata.normalize("NFKD", name.replace("ß", "ss"))
    plain = "".join(letter for letter in folded if not unicodedata.combining(letter))
    text = re.sub(r"\.{2,}", ".", re.sub(r"[^A-Za-z0-9_.]+", "-", plain)).strip("-.")[:_LONGEST].rstrip("-.")
    if not text:
        return f"x-{hashlib.sha256(name.encode('utf-8', 'surrogatepass')).hexdigest()[:8]}"
    return f"{text}-" if _RESERVED.fullmatch(text) else text


def slugs(names: Iterable[str]) -> dict[str, str]:
    """A safe name for each, no two of which differ in nothing but the case of letters.

    >>> slugs(["Meter", "meter", "me ter", "me-ter"])
    {'Meter': 'Meter', 'meter': 'meter-2', 'me ter': 'me-ter', 'me-ter': 'me-ter-2'}
    """
    found: dict[str, str] = {}
    taken: set[str] = set()
    for name in dict.fromkeys(names):
        text = base = slug(name)
        number = 1
        while text.casefold() in taken:
            number += 1
            text = f"{base}-{number}"
        taken.add(text.casefold())
        found[name] = text
    return found


def slot_anchors(names: Iterable[str]) -> dict[str, str]:
    """Where each slot stands on the page of its class: a name that nothing else there has.

    >>> slot_anchors(["rules"])
    {'rules': 'slot-rules'}
    """
    return {name: f"slot-{text}" for name, text in slugs(names).items()}


@dataclass(frozen=True, slots=True)
class Addresses:
    """The page of each thing, counted from the top of the site, and the slots that have a place on those of classes."""

    pages: Mapping[Ref, str] = field(default_factory=dict)
    slots: frozenset[tuple[Ref, str]] = frozenset()
