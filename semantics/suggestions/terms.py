"""The slots of a schema as suggestions compare them: their words, their kind of value, their IRIs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from semantics.schema.model import Form, Primitive, SchemaModel, SlotModel
from semantics.suggestions.correspondences import Term
from semantics.suggestions.name_units import Counted, counted_in
from semantics.suggestions.words import names_words, sentence_words
from semantics.units import UnitError, ucum_of

__all__ = ["Described", "Published", "declared", "declared_unit", "described"]

Published = Mapping[str, frozenset[str]]
"""IRI of a term of a model to those that published mapping sets name as alike."""


@dataclass(frozen=True, slots=True)
class Described:
    """A slot where it is declared.

    ``names`` are the words of its names, the first of the one it has (that of a number without its unit), then of its
    title, aliases and the end of its IRI, and of its name without that of its class; ``holder`` those of its class,
    ``prose`` those of its description, ``about`` of the description of its class, ``inside`` of the class or codes
    that it holds; ``unit`` is what it is counted in, in UCUM.
    """

    term: Term
    names: tuple[tuple[str, ...], ...]
    holder: tuple[str, ...]
    prose: tuple[str, ...]
    about: tuple[str, ...]
    inside: tuple[str, ...]
    kind: str
    many: bool
    range: str | None
    iris: frozenset[str]
    identifier: bool = False
    unit: str | None = None
    codes: tuple[str, ...] = ()


_KINDS: Final = {
    Primitive.INTEGER: "number", Primitive.DECIMAL: "number", Primitive.FLOAT: "number", Primitive.BOOLEAN: "boolean",
    Primitive.DATE: "time", Primitive.DATETIME: "time", Primitive.DATE_OR_DATETIME: "time", Primitive.TIME: "time",
    Primitive.URI: "iri", Primitive.URIORCURIE: "iri", Primitive.CURIE: "iri",
}  # fmt: skip
_NUMBERED: Final = frozenset(names_words(word) for word in ("id", "number", "code"))
"""The last words of integers that count nothing."""
_TIMES: Final = ("date", "dateTime", "time", "duration", "W3CDTF", "gYear")


def declared(schema: SchemaModel, term: Term) -> Term:
    """The term where its class introduces the slot: subclasses have it from there."""
    cls = schema.classes.get(term.cls)
    slot = cls.slots.get(term.slot) if cls is not None else None
    return term if slot is None or not slot.owner else Term(slot.owner, term.slot)


def described(schema: SchemaModel, published: Published | None = None) -> dict[Term, Described]:
    """Every slot of a schema where it is declared, in the order of the schema."""
    found: dict[Term, Described] = {}
    for name, cls in schema.classes.items():
        for slot in cls.slots.values():
            term = Term(slot.owner or name, slot.name)
            if term not in found:
                found[term] = _described(schema, term, slot, published or {})
    return found


def _described(schema: SchemaModel, term: Term, slot: SlotModel, published: Published) -> Described:
    holder = schema.classes.get(term.cls)
    local = re.split(r"[/#:]", slot.uri)[-1] if slot.uri else ""
    alike = published.get(slot.uri, frozenset())
    more = (slot.title, *slot.aliases, local, *(re.split(r"[/#:]", iri)[-1] for iri in sorted(alike)))
    kind = _kind(schema, slot)
    counted = counted_in(slot.name) if kind == "number" else Counted(slot.name)
    own, of = names_words(counted.name), names_words(term.cls)
    short = own[len(of) :] if own[: len(of)] == of else ()
    names = [own, *(names_words(text) for text in more if text), short]
    enum = schema.enums.get(slot.range or "")
    inner = schema.classes.get(slot.range or "")
    inside = [*names_words(slot.range or "")] if enum or inner else []
    return Described(
        term=term,
        names=tuple(dict.fromkeys(each for each in names if each)),
        holder=names_words(term.cls),
        prose=sentence_words(slot.description),
        about=sentence_words(holder.description if holder is not None else None),
        inside=tuple(dict.fromkeys(inside)),
        kind=kind,
        many=slot.many,
        range=slot.range,
        iris=frozenset({slot.uri, *alike}),
        identifier=slot.identifier,
        unit=declared_unit(slot) or counted.unit,
        codes=tuple(enum.values) if enum is not None else (),
    )


def declared_unit(slot: SlotModel) -> str | None:
    """The unit that a slot declares, as UCUM writes it, or nothing where that is not known."""
    scheme = {"ucum_code": "ucum", "symbol": "symbol"}.get(slot.unit_scheme or "")
    try:
        return ucum_of(slot.unit, scheme) if slot.unit and scheme else None
    except UnitError:
        return None


def _kind(schema: SchemaModel, slot: SlotModel) -> str:
    """What the values are: text, number, boolean, time, iri, code, object, reference or any."""
    if schema.takes_any(slot.range):
        return "any"
    if slot.range in schema.classes:
        return "reference" if slot.form is Form.REFERENCE else "object"
    if slot.range in schema.enums:
        return "code"
    primitive, of = schema.primitive(slot), schema.types.get(slot.range or "")
    if primitive is None or of is None:
        return "text"
    if of.uri.endswith(_TIMES):
        return "time"
    if primitive is Primitive.INTEGER and names_words(slot.name)[-1:] in _NUMBERED:
        return "text"
    return _KINDS.get(primitive, "text")
