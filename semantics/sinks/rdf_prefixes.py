"""The prefixes that stand at the head of Turtle and JSON-LD: those of the schema that are needed there."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from semantics.schema.model import XSD, Form, SchemaModel, SlotModel
from semantics.sinks.rdf_terms import is_strict_iri
from semantics.sinks.rdf_values import datatype_of, ranges_of

__all__ = ["Prefixes", "reachable"]

_PREFIX: Final = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")
_LOCAL: Final = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9_-]*)")
"""Names that Turtle (``PN_PREFIX``, ``PN_LOCAL``) and JSON-LD take without any escape."""
_PLAIN: Final = {f"{XSD}integer", f"{XSD}boolean"}


class Prefixes:
    """Prefix to namespace, and the way back."""

    def __init__(self, namespaces: dict[str, str]) -> None:
        fit = {
            prefix: namespace
            for prefix, namespace in sorted(namespaces.items())
            if _PREFIX.fullmatch(prefix)
            and namespace.endswith(("/", "#", ":"))
            and is_strict_iri(namespace)
            # A prefix that is also the scheme of an IRI would change what that IRI means in JSON-LD.
            and not any(other.startswith(f"{prefix}:") for other in namespaces.values())
        }
        # Of two prefixes for one namespace the first is the one that is used.
        self._prefix_of = {namespace: prefix for prefix, namespace in reversed(fit.items())}
        self.namespaces: Final = {
            prefix: namespace for prefix, namespace in fit.items() if self._prefix_of[namespace] == prefix
        }

    @classmethod
    def of(cls, schema: SchemaModel, classes: Iterable[str] = ()) -> Prefixes:
        """The prefixes that instances of these classes (of none: of all) need."""
        every = cls(schema.namespaces)
        curies = filter(None, map(every.compact, _iris(schema, reachable(schema, classes))))
        needed = sorted({curie.partition(":")[0] for curie in curies})
        return cls({prefix: every.namespaces[prefix] for prefix in needed})

    def compact(self, iri: str) -> str | None:
        """The CURIE of an IRI, or None where no prefix or no plain name fits.

        >>> Prefixes({"schema": "https://schema.org/"}).compact("https://schema.org/Person")
        'schema:Person'
        """
        end = max(iri.rfind("/"), iri.rfind("#"), iri.rfind(":")) + 1
        prefix = self._prefix_of.get(iri[:end])
        return f"{prefix}:{iri[end:]}" if prefix and _LOCAL.fullmatch(iri, end) else None


def reachable(schema: SchemaModel, classes: Iterable[str] = ()) -> tuple[str, ...]:
    """These classes and those whose objects can stand inside theirs; all classes where none are given."""
    queue = [name for name in classes if name in schema.classes]
    if not queue:
        return tuple(name for name in schema.classes if not schema.takes_any(name))
    found = dict.fromkeys(queue)
    while queue:
        for slot in schema.classes[queue.pop()].slots.values():
            for part in ranges_of(schema, slot):
                reference = part is slot and slot.form is Form.REFERENCE
                if part.range not in schema.classes or reference or schema.takes_any(part.range):
                    continue
                new = [name for name in schema.concrete(part.range) if name not in found]
                found |= dict.fromkeys(new)
                queue += new
    return tuple(name for name in schema.classes if name in found)


def _iris(schema: SchemaModel, classes: Iterable[str]) -> Iterator[str]:
    """The IRIs that the instances of these classes are made of, but for those in the data."""
    for name in classes:
        cls = schema.classes[name]
        yield cls.uri
        for slot in cls.slots.values():
            if slot.name not in (cls.identifier, cls.designator):
                yield slot.uri
                yield from _value_iris(schema, slot)


def _value_iris(schema: SchemaModel, slot: SlotModel) -> Iterator[str]:
    for part in ranges_of(schema, slot):
        if found := schema.types.get(part.range or ""):
            datatype = datatype_of(found)
            if datatype and datatype not in _PLAIN:
                yield datatype
        elif enum := schema.enums.get(part.range or ""):
            yield from (value.meaning for value in enum.values.values() if value.meaning)
