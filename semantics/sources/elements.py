"""Elements of XML as plain data: which slot each child and attribute is, and what their text means.

The conventions (documented in ``docs/sources.md``), by the layout of the source classes:

* a child element or attribute is the slot whose IRI (``slot_uri``) its namespace and local name make; else the
  slot of its local name, where the namespace is none, its parent's or one that the schema declares; anything else
  has the key ``{namespace}local``, so that two namespaces are never taken for each other;
* a slot with many values is a list, any other takes one element; text is read by the range of the slot;
* the text of an element with attributes is the slot annotated ``xml: text``, or named ``value``; attributes of an
  element that is a scalar stand beside it, as ``slot@attribute``;
* an element whose slot is annotated ``xml: wrapper`` stands around slots of the same object, one annotated
  ``xml: items`` around the values of its own slot;
* ``xml_names`` of a slot are further names of its elements; of a class, ``snake_case``: every name is taken in small
  letters with ``_`` between the words;
* ``xml_values`` of a class is the attribute in which its scalars have their values (``<status value="final"/>``); what
  else such an element has is an object of its own, the slot ``_status``. The class designates itself;
* ``xsi:nil`` is null, ``xsi:type`` tells the class; text mixed with elements is refused;
* what no class declares is text, or a dict of what it holds: no mapping reads it, and the ledger counts it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from semantics.errors import escaped
from semantics.lexical import FROM_TEXT, LexicalError, Primitive
from semantics.plan.model import ClassLayout, Layout, SlotLayout
from semantics.sources.options import Limits
from semantics.sources.values import Unreadable, pointer_part

__all__ = ["XSI", "Element", "Elements", "Names"]

XSI: Final = "http://www.w3.org/2001/XMLSchema-instance"
_NIL: Final = f"{XSI}}}nil"
_TYPE: Final = f"{XSI}}}type"
_HINTS: Final = frozenset({_NIL, _TYPE, f"{XSI}}}schemaLocation", f"{XSI}}}noNamespaceSchemaLocation"})
"""What tells how to read an element, and is no data itself."""
_SPACE: Final = " \t\r\n"
_TRUE: Final = {"true": True, "1": True, "false": False, "0": False}
_QNAME = re.compile(r"(?:[^\W\d][\w.-]*:)?([^\W\d][\w.-]*)")
_TOLD: Final = "xsi_type"
"""The key of an ``xsi:type`` in a class without a type designator."""
_NAME: Final = "xml_name"
"""The key by which selectors ask for the local name of an element."""
_REMEMBERED: Final = 10_000
"""Names of a class and namespace whose slots are remembered; more is not a vocabulary but an attack."""


class Element(msgspec.Struct, gc=False):
    """An element as it was read; names are ``namespace}local``, or the local name where there is no namespace."""

    tag: str
    attributes: dict[str, str]
    children: list[Element] = []
    parts: list[str] = []

    @property
    def text(self) -> str:
        """The whole text, whatever comments, instructions and CDATA sections stand in it."""
        return "".join(self.parts)

    @property
    def namespace(self) -> str:
        """The namespace of its name; empty where there is none."""
        return self.tag.rpartition("}")[0]


class Names:
    """Names of elements and attributes under the namespaces that a schema declares.

    >>> names = Names({"a": "urn:a:"})
    >>> names.key("urn:a}name", ""), names.key("urn:b}name", ""), names.key("urn:b}name", "urn:b")
    ('name', '{urn:b}name', 'name')
    """

    def __init__(self, namespaces: Mapping[str, str]) -> None:
        """``namespaces`` are IRIs by prefix; one that ends with ``#``, ``/`` or ``:`` also counts without it."""
        self.prefixes = dict(namespaces)
        self.known = frozenset(spelled for iri in namespaces.values() for spelled in (iri, iri.rstrip("#/:")))

    def key(self, tag: str, home: str) -> str:
        """The local name where its namespace is none, ``home`` or a known one; else ``{namespace}local``."""
        namespace, _, local = tag.rpartition("}")
        return local if not namespace or namespace == home or namespace in self.known else "{" + tag

    def fits(self, step: str, tag: str, home: str) -> bool:
        """Whether a step of a path (``local``, ``prefix:local`` or ``{namespace}local``) means this name."""
        if step.startswith("{"):
            return step[1:] == tag
        prefix, colon, local = step.rpartition(":")
        if not colon:
            return self.key(tag, home) == step
        namespace, _, name = tag.rpartition("}")
        iri = self.prefixes.get(prefix)
        return name == local and iri is not None and namespace in (iri, iri.rstrip("#/:"))

    def split(self, iri: str) -> list[str]:
        """The names (``namespace}local``) that an IRI of a slot may have in a document."""
        found = []
        for namespace in self.prefixes.values():
            local = iri[len(namespace) :]
            if local and namespace and iri.startswith(namespace) and _QNAME.fullmatch(local):
                found += [f"{namespace}}}{local}", f"{namespace.rstrip('#/:')}}}{local}"]
        return found


@dataclass(frozen=True, slots=True)
class _Slot:
    """What is made of an element or attribute of this name in a class; ``layout`` is None where no slot has it."""

    key: str
    layout: SlotLayout | None = None
    read: Callable[[str], Any] | None = None
    blank: bool = False

    @property
    def many(self) -> bool:
        return self.layout is not None and self.layout.many


class _Class:
    """The slots of a class by the names that elements have."""

    def __init__(
        self, layout: ClassLayout | None, slots: Mapping[str, _Slot], names: Names, *, snake: bool = False
    ) -> None:
        self.layout = layout
        self.slots = slots
        self.text = slots.get(layout.text) if layout and layout.text else None
        self.around = any(slot.layout is not None and slot.layout.around for slot in slots.values())
        self._names = names
        self._snake = snake or (layout is not None and layout.snake)
        self._others = {name: slot for slot in slots.values() if slot.layout for name in slot.layout.names}
        self._exact: dict[str, _Slot] = {}
        self._bound: set[str] = set()
        for slot in slots.values():
            for tag in names.split(slot.layout.iri) if slot.layout and slot.layout.bound else ():
                self._exact[tag] = slot
                self._bound.add(slot.key)
        self._homes: dict[str, _Found] = {}

    def under(self, home: str) -> _Found:
        """The slots by tag, for an element whose own namespace is ``home``."""
        found = self._homes.get(home)
        if found is None:
            found = _Found(self, home)
            if len(self._homes) < 100:
                self._homes[home] = found
        return found

    def find(self, tag: str, home: str) -> _Slot:
        """The slot of a name; one of its own, without a layout, where the class has none."""
        if (exact := self._exact.get(tag)) is not None:
            return exact
        key = self._names.key(tag, home)
        if self._snake:
            key = _snake(key)
        slot = self._others.get(key) or self.slots.get(key)
        if slot is not None and slot.key in self._bound and tag.rpartition("}")[0] in self._names.known:
            return _Slot("{" + tag)
        return slot or _Slot(key)


class _Found(dict[str, _Slot]):
    """Remembers the slots of names; a plain lookup for all but the first element of a name."""

    def __init__(self, cls: _Class, home: str) -> None:
        super().__init__()
        self._cls, self._home = cls, home

    def __missing__(self, tag: str) -> _Slot:
        slot = self._cls.find(tag, self._home)
        if len(self) < _REMEMBERED:
            self[tag] = slot
        return slot


class Elements:
    """Makes plain data of elements; without a layout every text stays text."""

    def __init__(self, layout: Layout | None, limits: Limits) -> None:
        self.names = Names(layout.namespaces if layout else {})
        self._layouts = layout.classes if layout else {}
        snake = any(cls.snake for cls in self._layouts.values())  # so are names that no class declares
        self._classes: dict[str | None, _Class] = {None: _Class(None, {}, self.names, snake=snake)}
        self._limits = limits

    # -- classes -------------------------------------------------------------------------------

    def facts(self, element: Element) -> dict[str, Any]:
        """What a selector asks of an element: its keys, with their text, or True for what is not text."""
        home, key = element.namespace, self.names.key
        facts: dict[str, Any] = {key(tag, home): text for tag, text in element.attributes.items()}
        facts[_NAME] = element.tag.rpartition("}")[2]
        if _TYPE in element.attributes:
            facts[_TOLD] = element.attributes[_TYPE].strip(_SPACE).rpartition(":")[2]
        for child in element.children:
            nil = _TRUE.get(child.attributes.get(_NIL, "0"), False)
            facts.setdefault(key(child.tag, home), None if nil else True if child.children else child.text)
        return facts

    def typed(self, element: Element) -> str | None:
        """The class that ``xsi:type`` names, if it is one of the schema."""
        local = self._named(element.attributes.get(_TYPE, "").strip(_SPACE).rpartition(":")[2])
        return local if local in self._layouts else None

    def _named(self, local: str) -> str:
        """The name of the class that a type's name means: an importer makes its first letter large."""
        return local if local in self._layouts else local[:1].upper() + local[1:]

    def record(self, element: Element, class_name: str | None) -> dict[str, Any]:
        """The data of an element that is a record of a class (None: of none that is known).

        Raises :class:`Unreadable` for what cannot be told without guessing, with a pointer to it.
        """
        if self._is_nil(element):
            raise Unreadable("SRC060", "the record itself is xsi:nil")
        known = class_name if class_name in self._layouts else None
        return self._object(element, known, loose=known is None)

    def _class(self, name: str | None) -> _Class:
        cls = self._classes.get(name)
        if cls is None:
            layout = self._layouts[str(name)]
            slots = {slot.name: self._slot(slot) for slot in layout.slots}
            for below in layout.below:  # an element of a class below may come without saying so
                for slot in self._layouts[below].slots if below in self._layouts else ():
                    slots.setdefault(slot.name, self._slot(slot))
            cls = self._classes[name] = _Class(layout, slots, self.names)
        return cls

    def _slot(self, layout: SlotLayout) -> _Slot:
        read: Callable[[str], Any] | None = FROM_TEXT[Primitive(layout.primitive)] if layout.primitive else None
        if read is None and layout.collapsed:
            read = _collapsed
        return _Slot(layout.name, layout, read, blank=read is None)

    # -- objects -------------------------------------------------------------------------------

    def _object(self, element: Element, declared: str | None, *, loose: bool = False) -> dict[str, Any]:
        """The data of an element of a class; ``loose``: no class declares it, so that it is counted and not read."""
        told = self._told(element, declared)
        cls = self._class(told or declared)
        home, attributes = element.namespace, element.attributes
        slots = cls.under(home)
        data: dict[str, Any] = {}
        filled: dict[str, str] = {}
        if told is not None and _TYPE in attributes:
            data[(cls.layout and cls.layout.designator) or _TOLD] = told
        for tag, text in attributes.items():
            if tag not in _HINTS:
                slot = slots[tag]
                try:
                    value = self._scalar(slot, text)
                except Unreadable as fault:
                    fault.pointer = pointer_part(slot.key)
                    raise
                _put(data, filled, slot, value, "@" + tag)
        values = cls.layout.values if cls.layout is not None else None
        if values is not None and cls.layout is not None and cls.layout.designator is not None:
            data.setdefault(cls.layout.designator, cls.layout.name)
        for slot, child, tag in (
            self._inside(element, slots, data, filled)
            if cls.around
            else ((slots[child.tag], child, child.tag) for child in element.children)
        ):
            try:
                if values is not None and slot.layout is not None and slot.layout.holds is None:
                    self._put_value(data, filled, cls, slot, child, values)
                    continue
                value = self._value(slot, child, loose=loose or cls.layout is not None)
            except Unreadable as fault:
                fault.pointer = pointer_part(slot.key) + fault.pointer
                raise
            if cls.around and not slot.many and slot.key in data and data[slot.key] == value:
                continue  # said alike in two places
            _put(data, filled, slot, value, tag)
            if child.attributes and (slot.layout is None or slot.layout.holds is None) and type(value) is not dict:
                self._put_beside(data, filled, slot, child)
        if element.parts:
            self._put_text(data, filled, element, cls, loose=loose)
        if len(data) > self._limits.keys:
            raise Unreadable("SRC022", f"{len(data)} names in one element (limit: {self._limits.raised_by('keys')})")
        for slot in cls.slots.values():
            if slot.layout and slot.layout.key and slot.key in data:
                data[slot.key] = _keyed(data[slot.key], slot.layout.key, slot.key)
        return data

    def _inside(
        self, element: Element, slots: _Found, data: dict[str, Any], filled: dict[str, str]
    ) -> Iterator[tuple[_Slot, Element, str]]:
        """The elements that are values of slots, with the names that count: children, and what wrappers hold."""
        for child in element.children:
            slot = slots[child.tag]
            around = slot.layout.around if slot.layout is not None else None
            if around is None:
                yield slot, child, child.tag
                continue
            if child.text.strip(_SPACE):
                raise Unreadable("SRC059", "text where elements are expected", pointer=pointer_part(slot.key))
            self._put_beside(data, filled, slot, child)
            if around == "wrapper":
                yield from self._inside(child, slots, data, filled)
            else:
                for item in child.children:
                    yield slot, item, child.tag

    def _put_value(
        self, data: dict[str, Any], filled: dict[str, str], cls: _Class, slot: _Slot, child: Element, attribute: str
    ) -> None:
        """A scalar whose text is an attribute, and beside it what else its element has."""
        if child.text.strip(_SPACE):
            hint = f"the value stands in the attribute '{attribute}'"
            raise Unreadable("SRC059", "text where elements are expected", hint=hint)
        rest = {tag: text for tag, text in child.attributes.items() if tag != attribute}
        if attribute in child.attributes:
            _put(data, filled, slot, self._scalar(slot, child.attributes[attribute]), child.tag)
        if rest or child.children:
            beside = cls.slots.get(f"_{slot.key}") or _Slot(f"_{slot.key}")
            holds = beside.layout.holds if beside.layout is not None else None
            more = self._object(Element(child.tag, rest, child.children), holds, loose=holds is None)
            _put(data, filled, beside, more, child.tag)

    def _put_beside(self, data: dict[str, Any], filled: dict[str, str], slot: _Slot, element: Element) -> None:
        """The attributes of an element that is no object: they are counted beside its slot."""
        for tag, text in element.attributes.items():
            if tag not in _HINTS:
                beside = _Slot(f"{slot.key}@{self.names.key(tag, element.namespace)}")
                _put(data, filled, beside, text, beside.key)

    def _put_text(
        self, data: dict[str, Any], filled: dict[str, str], element: Element, cls: _Class, *, loose: bool
    ) -> None:
        """The text of an element that is an object."""
        text = element.text
        if not text.strip(_SPACE) and (element.children or cls.text is None or not cls.text.blank):
            return
        if loose and cls.layout is None:
            data["#text" if element.children or "value" in data else "value"] = text
            return
        if element.children:
            raise _mixed()
        slot = cls.text or (None if cls.layout else _Slot("value"))
        if slot is None:
            hint = "the slot for text is named 'value', or annotated 'xml: text'"
            raise Unreadable("SRC059", "text in an element whose class has no slot for it", hint=hint)
        _put(data, filled, slot, self._scalar(slot, text), "")

    def _told(self, element: Element, declared: str | None) -> str | None:
        """The class that the element itself names: by ``xsi:type``, or by the designator of what is declared."""
        layout = self._layouts.get(declared or "")
        text = element.attributes.get(_TYPE)
        if text is not None:
            found = _QNAME.fullmatch(text.strip(_SPACE))
            if found is None:
                raise Unreadable("SRC061", "xsi:type is not a name (QName)")
            name = self._named(found[1])
            if layout is None or name == layout.name or name in layout.below:
                return name if name in self._layouts else None
            message = f"xsi:type names no class that '{layout.name}' is or has below it"
            raise Unreadable("SRC061", message, hint=f"known: {', '.join((layout.name, *layout.below)[:8])}")
        if layout is None or layout.designator is None or not layout.below:
            return None
        named = self.facts(element).get(layout.designator)
        return named if isinstance(named, str) and named in layout.below else None

    # -- values --------------------------------------------------------------------------------

    def _value(self, slot: _Slot, element: Element, *, loose: bool) -> Any:
        attributes, layout = element.attributes, slot.layout
        if attributes and _NIL in attributes and self._is_nil(element):
            return None
        if layout is not None and layout.holds is not None:
            return self._object(element, layout.holds)
        if layout is None or layout.open:
            plain = not element.children and _HINTS.issuperset(attributes)
            return (
                self._scalar(slot, element.text) if plain else self._object(element, None, loose=loose and not layout)
            )
        if element.children:
            if element.text.strip(_SPACE):
                raise _mixed()
            raise Unreadable("SRC059", "elements where text is expected")
        parts = element.parts
        return self._scalar(slot, parts[0] if len(parts) == 1 else element.text)

    def _scalar(self, slot: _Slot, text: str) -> Any:
        if len(text) > self._limits.field_bytes:
            limit = self._limits.raised_by("field_bytes")
            raise Unreadable("SRC044", f"'{escaped(slot.key[:60])}': {len(text)} characters (limit: {limit})")
        if slot.layout is not None and slot.layout.holds is not None:
            raise Unreadable("SRC059", f"'{slot.key}': text where an element of '{slot.layout.holds}' is expected")
        if slot.read is None or (slot.layout and text in slot.layout.missing):
            return text
        try:
            return slot.read(text)
        except LexicalError as error:
            raise Unreadable("SRC058", f"'{slot.key}': {error}") from None

    def _is_nil(self, element: Element) -> bool:
        text = element.attributes.get(_NIL)
        if text is None:
            return False
        nil = _TRUE.get(text.strip(_SPACE))
        if nil is None:
            raise Unreadable("SRC060", "xsi:nil is neither true nor false")
        if nil and (element.children or element.text.strip(_SPACE)):
            raise Unreadable("SRC060", "an element that is xsi:nil has content")
        return nil


def _snake(name: str) -> str:
    """A name in small letters with ``_`` between its words; that of another namespace stays.

    >>> _snake("Energy-Rating-Current"), _snake("CO2-Emissions"), _snake("buildingPart"), _snake("U-Value")
    ('energy_rating_current', 'co2_emissions', 'building_part', 'u_value')
    """
    return name if name.startswith("{") else re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).replace("-", "_").lower()


def _collapsed(text: str) -> str:
    return text.strip(_SPACE)


def _mixed() -> Unreadable:
    return Unreadable("SRC053", "text and elements are mixed", hint="XML that is prose is not read as a record")


def _put(data: dict[str, Any], filled: dict[str, str], slot: _Slot, value: Any, tag: str) -> None:
    """Fill a slot with what stands under a name: once, or each time where there are many."""
    key = slot.key
    if key not in data:
        data[key] = [value] if slot.many else value
        filled[key] = tag
        return
    if filled.get(key) != tag:
        message = f"two names fill '{escaped(key[:60])}': of an attribute and an element, or of two namespaces"
        hint = "give each a slot of its own, with the slot_uri of its namespace"
        raise Unreadable("SRC057", message, pointer=pointer_part(key), hint=hint)
    if slot.many:
        data[key].append(value)
    elif slot.layout is None or slot.layout.open:
        data[key] = [*data[key], value] if isinstance(data[key], list) else [data[key], value]
    else:
        message = f"'{key}' stands more than once, and its slot holds one value"
        raise Unreadable("SRC054", message, pointer=pointer_part(key))


def _keyed(items: list[Any], identifier: str, slot: str) -> dict[str, Any]:
    """Objects by their identifier, as a slot wants them that is inlined and not a list."""
    found: dict[str, Any] = {}
    for item in items:
        key = item.get(identifier) if isinstance(item, dict) else None
        if key is None or str(key) in found:
            raise Unreadable("SRC062", f"'{slot}' holds objects by '{identifier}': one has none, or two have the same")
        found[str(key)] = item
    return found
