"""Nodes of an RDF graph as plain data: properties are the slots with their IRI, datatypes fit the slots' ranges.

An object of a slot that is inlined is read with it, whether it is a blank node or has an IRI; a reference is the IRI.
The identifier of an instance is its IRI, its type designator is told by ``rdf:type``. A property that is no slot has
its IRI as key, the language of a text stands beside it as ``slot@lang``: no mapping reads them, the ledger counts them.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from contextlib import suppress
from decimal import Decimal
from hashlib import sha256
from typing import Any, Final

from pyoxigraph import Literal, NamedNode

from semantics.errors import escaped
from semantics.lexical import FROM_TEXT, LexicalError, Primitive
from semantics.plan.model import ClassLayout, SlotLayout
from semantics.sources.options import ReadOptions
from semantics.sources.values import Unreadable, pointer_part

__all__ = ["Node", "Nodes", "turtle_line"]

Node = dict[str, dict[Any, None]]
"""The properties of a subject by their IRIs, each with its objects: terms of pyoxigraph, a blank node as its label."""

_RDF: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_TYPE: Final = f"{_RDF}type"
_FIRST: Final = f"{_RDF}first"
_REST: Final = f"{_RDF}rest"
_NIL: Final = f"{_RDF}nil"
_LANG: Final = f"{_RDF}langString"
_XSD: Final = "http://www.w3.org/2001/XMLSchema#"
_RESOURCE: Final = "http://www.w3.org/2000/01/rdf-schema#Resource"

_WHOLE: Final = frozenset(
    f"{sign}{size}"
    for sign, sizes in {
        "": ("integer", "int", "long", "short", "byte"),
        "unsigned": ("Int", "Long", "Short", "Byte"),
        "non": ("NegativeInteger", "PositiveInteger"),
    }.items()
    for size in sizes
) | {"negativeInteger", "positiveInteger"}
_NUMBERS: Final = _WHOLE | {"decimal", "double", "float"}
_TEXTS: Final = frozenset({"string", "normalizedString", "token", "language", "Name", "NCName", "NMTOKEN", "anyURI"})
_DATATYPES: Final[dict[Primitive, frozenset[str]]] = {
    Primitive.INTEGER: _WHOLE | {"decimal"},
    Primitive.DECIMAL: _NUMBERS,
    Primitive.FLOAT: _NUMBERS,
    Primitive.BOOLEAN: frozenset({"boolean"}),
    Primitive.DATE: frozenset({"date"}),
    Primitive.DATETIME: frozenset({"dateTime", "dateTimeStamp"}),
    Primitive.DATE_OR_DATETIME: frozenset({"date", "dateTime", "dateTimeStamp"}),
    Primitive.TIME: frozenset({"time"}),
}
"""The datatypes of XML Schema that a range takes, beside plain text; a range that is not here takes texts."""
_OPEN: Final[dict[str, Primitive]] = {
    **dict.fromkeys(_WHOLE, Primitive.INTEGER),
    "decimal": Primitive.DECIMAL,
    "double": Primitive.FLOAT,
    "float": Primitive.FLOAT,
    "boolean": Primitive.BOOLEAN,
}
"""What a literal is where the slot takes anything."""
_NONE: Final = ClassLayout(name="", iri="", slots=())
_STEPS: Final = 10_000
"""Blank nodes that are gone through to name one of them: in a cycle each is, on every way to it."""
_IRIS: Final = frozenset({Primitive.URI, Primitive.URIORCURIE})


class Nodes:
    """Reads the nodes of a graph by the layout that ``options`` have; without one every value is text."""

    def __init__(self, nodes: Mapping[str, Node], options: ReadOptions) -> None:
        layout = options.layout
        self.records = layout.records if layout else ()
        self._nodes = nodes
        self._classes: dict[str, ClassLayout] = layout.classes if layout else {}
        self._by_iri: dict[str, list[str]] = {}
        for name, cls in self._classes.items():
            self._by_iri.setdefault(cls.iri, []).append(name)
        self._slots = {name: self._slots_of(cls) for name, cls in self._classes.items()}
        self._limits = options.limits
        self._tell = options.told
        self._names: dict[str, str] = {}
        self._digests: dict[str, str] = {}
        self._steps = 0
        self._read = 0
        self._asked: dict[str, str] | None = None
        self._within: set[str] | None = None

    def _slots_of(self, cls: ClassLayout) -> dict[str, SlotLayout]:
        """The slots of a class by their IRIs; those of classes below it, too, since a type may not be said."""
        found: dict[str, SlotLayout] = {}
        below = [self._classes[name] for name in cls.below if name in self._classes]
        for slot in (slot for each in (cls, *below) for slot in each.slots):
            if slot.name not in (each.identifier for each in (cls, *below)):
                found.setdefault(slot.iri, slot)
        return found

    # -- classes -------------------------------------------------------------------------------

    def class_of(self, subject: str) -> str | Unreadable | None:
        """The class of a subject that is a record: by its types, else by its properties; None where it is no record."""
        node = self._nodes[subject]
        if _TYPE in node:
            found = self._typed(node, None)
            return found if not isinstance(found, str) or self.record_class(found) else None
        if subject in self._parts():
            return None
        keys = [slot.name for iri in node for slots in self._slots.values() if (slot := slots.get(iri))]
        told = self._tell(list(dict.fromkeys(keys))) if keys and self._tell else None
        if told is None and keys and self._tell:
            told = self._above_all(set(keys))
        return told if told in self._classes else None

    def _parts(self) -> set[str]:
        """The subjects without a type that slots hold as objects of a class which has an IRI as one of its slots."""
        if self._within is None:
            holding = {
                slot.iri
                for slots in self._slots.values()
                for slot in slots.values()
                if slot.holds is not None
                and "iri" in self._classes[slot.holds].term
                and self._classes[slot.holds].iri != _RESOURCE
            }
            held = (terms for node in self._nodes.values() for iri, terms in node.items() if iri in holding)
            self._within = {inner for terms in held for inner in self._things(terms)}
        return self._within

    def _above_all(self, keys: set[str]) -> str | None:
        """Of the classes that know most of some properties, the one that all others of them are below."""
        known = {name: len(keys & {slot.name for slot in self._classes[name].slots}) for name in self.records}
        most = [name for name, count in known.items() if count == max(known.values())]
        return next((name for name in most if {name, *self._classes[name].below} >= set(most)), None)

    def classes_of(self, subject: str, *, blank_object: bool) -> list[str | Unreadable]:
        """The classes of which a subject is a record. A blank node that others hold is one where it has a name.

        Of an instance of several classes a record of each is made where all of them name their blank nodes; of a node
        without a type the class may be told by the slot that refers to it.
        """
        named = self._typed_all(self._nodes[subject], None)
        if len(named) > 1 and all(self._classes[name].named for name in named):
            return [name for name in named if self.record_class(name)]
        if blank_object:
            told = named[0] if named else self._referred().get(subject)
            return [told] if told and self._classes[told].named and self.record_class(told) else []
        found = self.class_of(subject)
        if found is None and not named:
            found = self._referred().get(subject)
            found = found if found and self._classes[found].named and self.record_class(found) else None
        return [] if found is None else [found]

    def _referred(self) -> dict[str, str]:
        """By subject, the class that a slot expects which refers to it, from all that records hold."""
        if self._asked is None:
            self._asked = {}
            waiting = [(subject, found) for subject in self._nodes if isinstance(found := self.class_of(subject), str)]
            seen = set(waiting)
            while waiting:
                subject, told = waiting.pop()
                for iri, terms in self._nodes.get(subject, {}).items():
                    slot = self._slots[told].get(iri)
                    expected = (slot.refers or slot.holds or "") if slot else ""
                    for inner in self._things(terms) if expected in self._classes else ():
                        if slot and slot.refers and inner in self._nodes:
                            self._asked.setdefault(inner, slot.refers)
                        found = self._typed(self._nodes.get(inner, {}), expected)
                        step = inner, found if isinstance(found, str) else expected
                        if step not in seen and inner in self._nodes:
                            seen.add(step)
                            waiting.append(step)
        return self._asked

    def _things(self, terms: Mapping[Any, None]) -> Iterator[str]:
        """The subjects that some objects are, those of lists too; a broken list is told where it is read."""
        for term in terms:
            with suppress(Unreadable):
                yield from (_text(item) for item in self._listed(term) if type(item) is not Literal)

    def name(self, subject: str) -> str:
        """The identifier of a blank node: the same for all of which the same is said, in whatever document."""
        if subject not in self._names:
            self._steps = 0
            self._names[subject] = uuid.uuid5(uuid.NAMESPACE_OID, self._digest(subject, ())[0]).urn
        return self._names[subject]

    def _digest(self, subject: str, above: tuple[str, ...]) -> tuple[str, bool]:
        """What is said of a blank node, and whether it is the same wherever the node is held."""
        if subject in self._digests:
            return self._digests[subject], True
        if subject in above or len(above) > self._limits.depth:
            return f"#{above.index(subject) if subject in above else 'deep'}", False
        self._steps += 1
        if self._steps > _STEPS:
            raise Unreadable("SRC021", f"blank nodes that hold each other in more than {_STEPS} ways")
        lines, whole = [], True
        for iri, terms in self._nodes.get(subject, {}).items():
            for term in terms:
                said, same = self._digest(term, (*above, subject)) if isinstance(term, str) else (str(term), True)
                lines.append(f"<{iri}> {said}")
                whole = whole and same
        digest = sha256("\n".join(sorted(lines)).encode()).hexdigest()
        if whole:
            self._digests[subject] = digest
        return digest, whole

    def record_class(self, name: str | None) -> str | None:
        """The class of records that a class is, or is below; the nearest one."""
        if name is None or name in self.records:
            return name
        above = [other for other in self.records if name in self._classes[other].below]
        return min(above, key=lambda other: len(self._classes[other].below), default=None)

    def _typed(self, node: Node, declared: str | None) -> str | Unreadable | None:
        """The class that the types of a node tell: the one below all others, of those that are ``declared``."""
        lowest = self._typed_all(node, declared)
        if len(lowest) > 1:
            names = ", ".join(lowest[:8])
            return Unreadable("SRC072", f"the instance is of several classes, none of which is the other: {names}")
        return lowest[0] if lowest else None

    def _typed_all(self, node: Node, declared: str | None) -> list[str]:
        """The classes that the types of a node tell, without those that others of them are below."""
        types = [term.value for term in node.get(_TYPE, ()) if type(term) is NamedNode]
        named = list(dict.fromkeys(name for iri in types for name in self._by_iri.get(iri, ())))
        if declared is not None:
            cls = self._classes[declared]
            named = [name for name in named if name == declared or name in cls.below]
        return [name for name in named if not any(other in self._classes[name].below for other in named)]

    # -- objects -------------------------------------------------------------------------------

    def record(self, subject: str, class_name: str | None) -> dict[str, Any]:
        """The data of an instance of a class. Raises :class:`Unreadable`, with a pointer."""
        self._read = 0
        return self._object(subject, class_name, 1)

    def _object(self, subject: str, class_name: str | None, depth: int, *, alone: bool = True) -> dict[str, Any]:
        """What is said of a subject; only what slots take of it where that is not ``alone`` in telling the rest."""
        if depth > self._limits.depth:
            raise Unreadable("SRC021", f"nested too deeply (limit: {self._limits.raised_by('depth')})")
        self._read += subject in self._nodes
        if self._read > 10 * len(self._nodes) + _STEPS:
            raise Unreadable("SRC021", f"parts that stand in one another in too many ways: {self._read} objects")
        cls = self._classes.get(class_name or "")
        slots = self._slots[cls.name] if cls else {}
        blank = subject.startswith("_:")
        data: dict[str, Any] = {}
        if cls and cls.identifier and not blank:
            data[cls.identifier] = subject
        elif cls and cls.identifier and cls.named:
            data[cls.identifier] = self.name(subject)
        if cls and "iri" in cls.term and not blank:
            data[cls.term["iri"]] = subject
        if cls and cls.designator:
            data[cls.designator] = cls.name
        for iri, terms in self._nodes.get(subject, {}).items():
            slot = slots.get(iri)
            if slot is None and not alone:
                continue
            if iri == _TYPE and (slot is None or (cls and slot.name == cls.designator)):
                self._other_types(data, terms, cls)
                continue
            key = slot.name if slot else iri
            try:
                if slot is None and cls and cls.rest and (depth == 1 or "iri" not in cls.term or blank):
                    self._put_rest(data, cls, iri, terms, depth)
                else:
                    self._put(data, key, slot, list(terms), depth)
            except Unreadable as fault:
                fault.pointer = pointer_part(key) + fault.pointer
                raise
        if len(data) > self._limits.keys:
            raise Unreadable("SRC022", f"{len(data)} properties (limit: {self._limits.raised_by('keys')})")
        return data

    def _put_rest(
        self, data: dict[str, Any], cls: ClassLayout, iri: str, terms: Mapping[Any, None], depth: int
    ) -> None:
        """Values of a property that no slot has, each as an object that names the property."""
        slot = next(slot for slot in cls.slots if slot.name == cls.rest)
        held = self._classes[slot.holds or ""].term
        for each in (item for term in terms for item in self._listed(term)):
            data.setdefault(slot.name, []).append({held["property"]: iri, **self._value(slot, each, depth)})

    def _other_types(self, data: dict[str, Any], terms: Mapping[Any, None], cls: ClassLayout | None) -> None:
        """Types that say more than the class: kept for the ledger."""
        own = {self._classes[name].iri for name in self._classes if cls and self._is(cls.name, name)}
        others = [_text(term) for term in terms if _text(term) not in own]
        if others:
            data[_TYPE] = others

    def _is(self, name: str, above: str) -> bool:
        return name == above or name in self._classes[above].below

    def _put(self, data: dict[str, Any], key: str, slot: SlotLayout | None, terms: list[Any], depth: int) -> None:
        terms = [item for term in terms for item in self._listed(term)]
        many = slot.many if slot else len(terms) > 1
        if len(terms) > 1 and not many and not (slot and slot.open):
            raise Unreadable("SRC054", f"{len(terms)} values, and the slot holds one")
        values = [self._value(slot, term, depth) for term in terms]
        apart = slot is not None and slot.holds is not None and "language" in self._classes[slot.holds].term
        languages = [] if apart else [term.language for term in terms if getattr(term, "language", None)]
        if slot and slot.key:
            data[key] = self._keyed(values, slot.key)
        elif many or len(values) > 1:
            data[key] = values
        elif values:
            data[key] = values[0]
        if languages:
            data[f"{key}@lang"] = languages if len(languages) > 1 else languages[0]

    def _keyed(self, values: list[Any], identifier: str) -> dict[str, Any]:
        found = {str(value.get(identifier)): value for value in values}
        if len(found) != len(values) or "None" in found:
            raise Unreadable("SRC062", f"objects by '{identifier}': one has none, or two have the same")
        return found

    def _listed(self, term: Any) -> Iterator[Any]:
        """The members of a list (``rdf:List``), or the term itself. Raises :class:`Unreadable` for a broken one."""
        if not (isinstance(term, str) and _FIRST in self._nodes.get(term, {})):
            if not (type(term) is NamedNode and term.value == _NIL):
                yield term
            return
        seen: set[str] = set()
        while isinstance(term, str):
            node = self._nodes.get(term, {})
            first, rest = list(node.get(_FIRST, ())), list(node.get(_REST, ()))
            if len(first) != 1 or len(rest) != 1 or term in seen:
                raise Unreadable("SRC075", "the list is broken: each of its nodes has one first and one rest")
            seen.add(term)
            yield first[0]
            term = rest[0]
        if _text(term) != _NIL:
            raise Unreadable("SRC075", "the list is broken: it does not end")

    # -- values --------------------------------------------------------------------------------

    def _value(self, slot: SlotLayout | None, term: Any, depth: int) -> Any:
        if type(term) is Literal:
            return self._literal(slot, term)
        blank = isinstance(term, str)
        subject = term if blank else str(getattr(term, "value", ""))
        if slot is None or slot.open:
            return self._object(subject, None, depth + 1) if blank else subject
        if slot.holds is not None:
            return self._held(slot.holds, subject, depth)
        if blank and slot.refers is not None and self._is_named(subject, slot.refers):
            return self.name(subject)
        if blank:
            raise Unreadable("SRC074", "a blank node where a value is expected")
        if slot.meanings or slot.refers:
            return slot.meanings.get(subject, subject)
        if slot.primitive is None or Primitive(slot.primitive) not in _IRIS:
            raise Unreadable("SRC074", "an IRI where a literal is expected")
        return subject

    def _held(self, class_name: str, subject: str, depth: int) -> Any:
        """An object of a class, read where it stands; one that the graph does not describe has its IRI alone."""
        told = self._typed(self._nodes.get(subject, {}), class_name)
        if isinstance(told, Unreadable):
            raise told
        iri = self._classes[class_name].term.get("iri")
        if iri is not None and subject.startswith("_:") and self._is_record(subject):
            return {iri: self.name(subject)} | self._object(subject, told or class_name, depth + 1, alone=False)
        if iri is None or subject.startswith("_:"):
            return self._object(subject, told or class_name, depth + 1)
        if subject in self._nodes and isinstance(self.class_of(subject), str):
            return {iri: subject}  # what is said of it is in its own record
        return self._object(subject, told or class_name, depth + 1)

    def _is_record(self, subject: str) -> bool:
        """Whether a blank node is a record by its type, and so has a name."""
        told = self._typed_all(self._nodes.get(subject, {}), None)
        return bool(told) and all(self._classes[name].named and self.record_class(name) for name in told)

    def _is_named(self, subject: str, class_name: str) -> bool:
        """Whether a blank node has an identifier, by its type or by what a slot expects."""
        told = self._typed_all(self._nodes.get(subject, {}), None) or [class_name]
        return all(self._classes.get(name, _NONE).named for name in told)

    def _term(self, slots: Mapping[str, str], term: Any) -> dict[str, str]:
        """A literal as an object: its text, its language, and its datatype where that says something."""
        datatype = str(term.datatype.value)
        said = {
            "value": str(term.value),
            "language": term.language,
            "datatype": None if datatype in (_LANG, f"{_XSD}string") else datatype,
        }
        return {slots[part]: text for part, text in said.items() if part in slots and text is not None}

    def _literal(self, slot: SlotLayout | None, term: Any) -> Any:
        text, datatype = str(term.value), str(term.datatype.value)
        if len(text) > self._limits.field_bytes:
            limit = self._limits.raised_by("field_bytes")
            raise Unreadable("SRC044", f"{len(text)} characters (limit: {limit})")
        name = datatype.removeprefix(_XSD) if datatype.startswith(_XSD) else ""
        if slot is None:
            return text
        if slot.holds is not None and "value" in self._classes[slot.holds].term:
            return self._term(self._classes[slot.holds].term, term)
        if slot.holds is not None or slot.refers is not None:
            raise Unreadable("SRC074", f"a literal where an instance of '{slot.holds or slot.refers}' is expected")
        primitive = Primitive(slot.primitive) if slot.primitive else None
        if slot.open:
            primitive = _OPEN.get(name)
        elif not self._fits(primitive, name, datatype):
            raise Unreadable("SRC073", f"a literal of datatype '{escaped(datatype[:120])}' does not fit the slot")
        if primitive is None or text in slot.missing:
            return text
        try:
            if primitive is Primitive.DECIMAL and name in ("double", "float"):
                FROM_TEXT[Primitive.FLOAT](text)
                return Decimal(text.strip())
            return FROM_TEXT[primitive](text)
        except LexicalError as error:
            raise Unreadable("SRC058", str(error)) from None

    @staticmethod
    def _fits(primitive: Primitive | None, name: str, datatype: str) -> bool:
        """Whether a literal of a datatype may stand in a slot; a plain text is read by the range, as in a table."""
        if name == "string" or (primitive is None and datatype == _LANG):
            return True
        return name in (_TEXTS if primitive is None else _DATATYPES.get(primitive, _TEXTS))

    # -- triples -------------------------------------------------------------------------------

    def closure(self, subject: str) -> Iterator[tuple[str, str, Any]]:
        """The triples of a subject and of all blank nodes below it."""
        seen, waiting = {subject}, [subject]
        while waiting:
            each = waiting.pop()
            for iri, terms in self._nodes.get(each, {}).items():
                for term in terms:
                    yield each, iri, term
                    if isinstance(term, str) and term not in seen:
                        seen.add(term)
                        waiting.append(term)


def turtle_line(subject: str, predicate: str, term: Any) -> str:
    """A triple as a line of N-Triples."""
    first = subject if subject.startswith("_:") else f"<{subject}>"
    return f"{first} <{predicate}> {term} .\n"


def _text(term: Any) -> str:
    return term if isinstance(term, str) else str(getattr(term, "value", ""))
