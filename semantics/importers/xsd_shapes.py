"""From the components of XML Schema to classes, slots, enums and types."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from semantics.errors import Diagnostic, LimitError, Severity, UsageError
from semantics.importers.description import (
    ANYTHING,
    Condition,
    Description,
    ImportedClass,
    ImportedEnum,
    ImportedSlot,
    ImportedType,
    Values,
)
from semantics.importers.designators import designated_by_type
from semantics.importers.finite import finite
from semantics.importers.naming import Names, is_slot_name
from semantics.importers.xml_tree import XSD, Element
from semantics.importers.xsd_files import Name, XsdFiles
from semantics.importers.xsd_values import BUILTIN, FACETS, faceted
from semantics.patterns import compile_pattern

__all__ = ["XsdShapes"]

ANY: Final = Values(range="Any")
_TEXT: Final = Values(range="string")
_GROUPS: Final = ("sequence", "choice", "all", "group")
_DEPTH: Final = 32
_STEPS: Final = 200_000


@dataclass
class _Slots:
    """The slots of one class while they are gathered."""

    slots: dict[str, ImportedSlot] = field(default_factory=dict)
    conditions: list[Condition] = field(default_factory=list)
    open: bool = False


class XsdShapes(XsdFiles):
    """Makes classes of what the files define; each component is made once."""

    def __init__(self, folders: tuple[Path, ...]) -> None:
        super().__init__(folders)
        self.names = Names()
        self.classes: dict[str, ImportedClass] = {}
        self.enums: dict[str, ImportedEnum] = {}
        self.types: dict[str, ImportedType] = {}
        self.complex: dict[int, str] = {}
        self.simple: dict[Name, Values] = {}
        self.waiting: deque[tuple[str, Element]] = deque()
        self.depth = 0
        self.steps = 0
        self.within: list[Element] = []

    # -- the whole -------------------------------------------------------------------------------

    def make(self) -> None:
        """Everything that the first file describes, and what that needs."""
        self.names.reserve(local for kind in ("complexType", "simpleType", "element") for _, local in self.known[kind])
        roots = [name for name in (self._root(key) for key in self._top()) if name]
        for key, element in list(self.known["complexType"].items()):
            self._complex(element, key[1])
        for key in list(self.known["simpleType"]):
            self._simple(key)
        while self.waiting:
            name, element = self.waiting.popleft()
            self.classes[name] = self._class(name, element)
        self._opened()
        self.classes, loosened = finite(designated_by_type(self.classes))
        for owner, slot in loosened:
            text = f"'{slot}' is not required: every '{owner}' would need another inside it"
            self.findings.append(Diagnostic("IMP010", text, severity=Severity.WARNING))
        named = [self._root(key) for key in self.main if key[1].lower() == self.stem.lower()]
        roots = [name for name in named if name] or roots
        if len(set(roots)) == 1:
            self.classes[roots[0]] = replace(self.classes[roots[0]], tree_root=True)
        elif roots:
            self.tell("IMP012", f"documents have one of {len(roots)} root elements: {', '.join(roots[:12])}",
                      self.known["element"][self.main[0]], "name the class with --class", note=True)  # fmt: skip

    def _opened(self) -> None:
        """A type that extends one with a wildcard has the wildcard too; LinkML does not inherit it."""
        for name, cls in self.classes.items():
            above: ImportedClass | None = cls
            while above is not None and above.extra is None:
                above = self.classes.get(above.is_a or "")
            if above is not None:
                self.classes[name] = replace(cls, extra=above.extra)

    def _top(self) -> list[Name]:
        """The elements of the first file that no other element has inside; all of them if each is inside another."""
        used: set[Name] = set()
        waiting = [each for kind in self.known.values() for each in kind.values()]
        while waiting:
            element = waiting.pop()
            waiting += element.children
            if element.local == "element" and (reference := element.get("ref")):
                used.add(element.qname(reference))
        return [key for key in self.main if key not in used] or self.main

    def _root(self, key: Name) -> str | None:
        element = self.known["element"][key]
        if (given := element.get("type")) is not None:
            found = self.known["complexType"].get(element.qname(given))
            return self._complex(found, element.qname(given)[1]) if found is not None else None
        inner = element.first("complexType")
        return self._complex(inner, key[1]) if inner is not None else None

    def _complex(self, element: Element, name: str) -> str:
        known = self.complex.get(id(element))
        if known is None:
            known = self.complex[id(element)] = self.names.give(name)
            self.waiting.append((known, element))
        return known

    # -- classes ---------------------------------------------------------------------------------

    def _class(self, name: str, element: Element) -> ImportedClass:
        gathered = _Slots()
        parent = self._content(name, element, gathered)
        return ImportedClass(
            name, tuple(gathered.slots.values()), description=_documentation(element), is_a=parent,
            abstract=element.get("abstract") == "true", conditions=tuple(gathered.conditions),
            extra=ANYTHING if gathered.open else None,
        )  # fmt: skip

    def _content(self, name: str, element: Element, gathered: _Slots) -> str | None:
        """What a complex type has; the name of the class that it extends."""
        if any(each is element for each in self.within):
            raise UsageError(Diagnostic("IMP003", "the type is derived from itself", element.location))
        self.within.append(element)
        try:
            return self._derived(name, element, gathered)
        finally:
            self.within.pop()

    def _derived(self, name: str, element: Element, gathered: _Slots) -> str | None:
        outer = element.first("simpleContent", "complexContent")
        if "true" in (element.get("mixed"), outer.get("mixed") if outer is not None else None):
            self.tell("IMP011", "text between elements is not carried, only where there are none", element)
            self._add(gathered, ImportedSlot("value", _TEXT, description="The text itself."))
        if outer is None:
            self._particles(name, element, gathered)
            return None
        inner = outer.first("extension", "restriction")
        if inner is None:
            return None
        base = inner.qname(inner.get("base") or "")
        found = self.known["complexType"].get(base)
        if outer.local == "simpleContent":
            if found is None:
                values = self._values(base, inner)
            else:
                self._content(name, found, gathered)
                values = gathered.slots.get("value", ImportedSlot("value", _TEXT)).values
            if inner.local == "restriction":
                values = self._narrowed(inner, values, element, self.names.place(name, "value"))
            needed = self._never_empty(values)
            gathered.slots["value"] = ImportedSlot("value", values, description="The text itself.", required=needed)
            self._particles(name, inner, gathered)
            return None
        if inner.local == "extension" and found is not None:
            above = self._complex(found, base[1])
            self._particles(name, inner, gathered)
            return above
        self._particles(name, inner, gathered)
        if found is not None:
            self._inherited_attributes(name, found, gathered)
        return None

    def _inherited_attributes(self, name: str, base: Element, gathered: _Slots) -> None:
        """A restriction has the attributes of what it restricts, though it does not repeat them."""
        more = _Slots()
        self._content(name, base, more)
        for key, slot in more.slots.items():
            if ("xml", "attribute") in slot.annotations:
                gathered.slots.setdefault(key, slot)

    def _particles(
        self, name: str, element: Element, gathered: _Slots, *, needed: bool = True, many: bool = False
    ) -> None:
        """Elements and attributes of a content model, groups included."""
        self.depth += 1
        self.steps += 1
        if self.steps > _STEPS:
            text = f"the content of all types together has more than {_STEPS} groups"
            raise LimitError(Diagnostic("IMP002", text, element.location))
        if self.depth > _DEPTH:
            self.depth -= 1
            self.tell("IMP010", f"groups are nested deeper than {_DEPTH}", element)
            return
        for child in element.children:
            if child.local == "element":
                self._element(name, child, gathered, needed=needed, many=many)
            elif child.local in _GROUPS:
                self._group(name, child, gathered, needed=needed, many=many)
            elif child.local == "attribute":
                self._attribute(name, child, gathered)
            elif child.local == "attributeGroup" and (reference := child.get("ref")):
                found = self.known["attributeGroup"].get(child.qname(reference))
                if found is not None:
                    self._particles(name, found, gathered)
            elif child.local in ("any", "anyAttribute"):
                gathered.open = True
        self.depth -= 1

    def _group(self, name: str, child: Element, gathered: _Slots, *, needed: bool, many: bool) -> None:
        low, high = _occurs(child)
        needed, many = needed and low > 0, many or high is None or high > 1
        if child.local == "group":
            found = self.known["group"].get(child.qname(child.get("ref") or ""))
            if found is not None:
                self._particles(name, found, gathered, needed=needed, many=many)
            return
        if child.local != "choice":
            self._particles(name, child, gathered, needed=needed, many=many)
            return
        inside = _Slots()
        self._particles(name, child, inside, needed=False, many=many)
        gathered.open = gathered.open or inside.open
        before = set(gathered.slots)
        for slot in inside.slots.values():
            self._add(gathered, slot)
        plain = all(each.local == "element" and _occurs(each)[0] > 0 for each in child.children
                    if each.local != "annotation")  # fmt: skip
        if needed and plain and inside.slots and not before & set(inside.slots):
            gathered.conditions.append(Condition(tuple((key,) for key in inside.slots)))
            self.tell("IMP015", "'choice' is carried as any_of: several of its elements are taken together too", child,
                      note=True)  # fmt: skip
        elif len(inside.slots) > 1:
            self.tell("IMP015", "the elements of 'choice' may stand together, or none of them", child, note=True)

    def _element(self, name: str, child: Element, gathered: _Slots, *, needed: bool, many: bool) -> None:
        low, high = _occurs(child)
        if high == 0:
            return
        several = many or high is None or high > 1
        required = needed and low > 0 and child.get("nillable") != "true"
        reference = child.get("ref")
        targets: list[tuple[str, Element]] = [(child.get("name") or "", child)]
        if reference is not None:
            key = child.qname(reference)
            targets = [(key[1], self.known["element"].get(key, child)), *self._instead(key)]
        for local, element in targets:
            values, inlined = self._typed(element, self.names.place(name, local), local)
            self._add(gathered, ImportedSlot(
                local, values, description=_documentation(child) or _documentation(element),
                required=required and len(targets) == 1, multivalued=several, inlined=inlined,
                minimum_cardinality=low if several and not many and needed else None,
                maximum_cardinality=high if several and not many else None,
                annotations=(("default", default),) if (default := element.get("default")) else (),
            ))  # fmt: skip
        if len(targets) > 1:
            self.tell(
                "IMP015", f"each of {len(targets)} elements of a substitution group may stand here", child, note=True
            )

    def _instead(self, key: Name) -> Iterator[tuple[str, Element]]:
        """The elements of the substitution groups below an element."""
        waiting, seen = [key], {key}
        while waiting:
            for other in self.substitutes.get(waiting.pop(), ()):
                if other not in seen:
                    seen.add(other)
                    waiting.append(other)
                    yield other[1], self.known["element"][other]

    def _attribute(self, name: str, child: Element, gathered: _Slots) -> None:
        if child.get("use") == "prohibited":
            return
        reference = child.get("ref")
        local = child.get("name") or (child.qname(reference)[1] if reference else "")
        element = self.known["attribute"].get(child.qname(reference), child) if reference else child
        values = _TEXT
        if (given := element.get("type")) is not None:
            values = self._values(element.qname(given), element)
        elif (inner := element.first("simpleType")) is not None:
            values = self._restricted(inner, self.names.place(name, local))
        if (fixed := child.get("fixed")) and values.range in ("string", *self.enums):
            values = replace(values, equals_string=fixed)
        self._add(gathered, ImportedSlot(
            local, values, description=_documentation(child) or _documentation(element),
            required=child.get("use") == "required", annotations=(("xml", "attribute"),),
        ), child)  # fmt: skip

    def _add(self, gathered: _Slots, slot: ImportedSlot, element: Element | None = None) -> None:
        """A slot; one that stands twice in a content model may have several values."""
        known = gathered.slots.get(slot.name)
        if not is_slot_name(slot.name):
            if element is not None:
                self.tell("IMP017", "the name cannot be the name of a slot", element)
            return
        if known is None:
            gathered.slots[slot.name] = slot
        elif ("xml", "attribute") in slot.annotations:
            if element is not None:
                self.tell("IMP017", f"an attribute has the name of an element, '{slot.name}'", element)
        else:
            values = known.values if known.values == slot.values else ANY
            gathered.slots[slot.name] = replace(
                known, values=values, inlined=known.inlined and values is not ANY, multivalued=True,
                required=known.required or slot.required, minimum_cardinality=None, maximum_cardinality=None,
            )  # fmt: skip

    # -- types -----------------------------------------------------------------------------------

    def _typed(self, element: Element, place: str, local: str) -> tuple[Values, bool]:
        """What an element holds, and whether that is an object."""
        if (given := element.get("type")) is not None:
            key = element.qname(given)
            found = self.known["complexType"].get(key)
            if found is not None:
                return Values(range=self._complex(found, key[1])), True
            return self._fixed(self._values(key, element), element), False
        inner = element.first("complexType", "simpleType")
        if inner is None:
            return ANY, False
        if inner.local == "complexType":
            top = any(each is element for each in self.known["element"].values())
            return Values(range=self._complex(inner, local if top else place)), True
        return self._fixed(self._restricted(inner, place), element), False

    def _fixed(self, values: Values, element: Element) -> Values:
        fixed = element.get("fixed")
        return replace(values, equals_string=fixed) if fixed and values.range == "string" else values

    def _values(self, key: Name, element: Element) -> Values:
        """A simple type by its name."""
        space, local = key
        if space == XSD:
            return ANY if local == "anyType" else BUILTIN.get(local, _TEXT)
        if key in self.known["simpleType"]:
            return self._simple(key)
        if space != "http://www.w3.org/XML/1998/namespace":
            self.tell("IMP014", f"the type '{local}' is not in the files: any value is taken", element)
            return ANY
        return _TEXT

    def _simple(self, key: Name) -> Values:
        known = self.simple.get(key)
        if known is None:
            self.simple[key] = _TEXT
            known = self.simple[key] = self._restricted(self.known["simpleType"][key], key[1], named=True)
        return known

    def _restricted(self, element: Element, place: str, *, named: bool = False) -> Values:
        """A simple type: an enum, a type with a name, or what it restricts with facets."""
        union, listed = element.first("union"), element.first("list")
        if union is not None:
            return self._union(union, place)
        restriction = element.first("restriction")
        if listed is not None or restriction is None:
            self.tell("IMP010", "'list' is not carried: its values are one text", element)
            return _TEXT
        inner = restriction.first("simpleType")
        base = restriction.get("base")
        values = (
            self._restricted(inner, place)
            if inner is not None
            else self._values(restriction.qname(base or ""), element)
        )
        return self._narrowed(restriction, values, element, place, named=named)

    def _narrowed(
        self, restriction: Element, values: Values, element: Element, place: str, *, named: bool = False
    ) -> Values:
        """What a restriction leaves of values."""
        codes = list(restriction.all("enumeration"))
        if codes and (values.range in ("string", *self.enums) or values.range in self.types):
            name = self.names.give(place)
            told = {each.get("value") or "": _documentation(each) for each in codes}
            self.enums[name] = ImportedEnum(name, tuple(told.items()), _documentation(element))
            return Values(range=name)
        if codes:
            return self._numbers(values, codes)
        facets = [
            (each.local, each.attributes.get("value", "")) for each in restriction.children if each.local in FACETS
        ]
        if not facets:
            return values
        base_values = self.types[values.range].values if values.range in self.types else values
        found = faceted(
            base_values, facets, lambda facet, why: self.tell("IMP010", f"'{facet}' is not carried: {why}", element)
        )
        if not named or found.range == "Any" or found.all_of or found.none_of or found == base_values:
            return found
        name = self.names.give(place)
        self.types[name] = ImportedType(name, found, _documentation(element))
        return Values(range=name)

    def _never_empty(self, values: Values) -> bool:
        """Whether no value is the empty text: it has to be there then."""
        if values.range in self.enums:
            return "" not in dict(self.enums[str(values.range)].values)
        base = self.types[values.range].values if values.range in self.types else values
        if base.range == "string":
            return base.pattern is not None and not compile_pattern(base.pattern)("")
        return base.range != "Any"

    def _numbers(self, values: Values, codes: list[Element]) -> Values:
        """An enumeration of numbers."""
        parts = [faceted(Values(range=values.range), [("minInclusive", each.get("value") or ""),
                 ("maxInclusive", each.get("value") or "")], lambda *_: None) for each in codes]  # fmt: skip
        if values.range not in ("integer", "decimal") or any(part.minimum_value is None for part in parts):
            self.tell("IMP010", "'enumeration' is not carried: LinkML's codes are text or numbers", codes[0])
            return values
        return replace(values, any_of=tuple(Values(equals_number=part.minimum_value) for part in parts))

    def _union(self, union: Element, place: str) -> Values:
        members = [self._values(union.qname(name), union) for name in (union.get("memberTypes") or "").split()]
        members += [self._restricted(each, f"{place}Option{at}") for at, each in enumerate(union.all("simpleType"), 1)]
        if members and all(each.range in self.enums and each == Values(range=each.range) for each in members):
            name = self.names.give(place)
            codes = {text: told for each in members for text, told in self.enums[str(each.range)].values}
            self.enums[name] = ImportedEnum(name, tuple(codes.items()))
            return Values(range=name)
        if members and _TEXT not in members and all(self._is_text(each) for each in members):
            return Values(any_of=tuple(dict.fromkeys(members)))
        self.tell("IMP011", "'union' of several types: any text is taken", union)
        return _TEXT

    def _is_text(self, values: Values) -> bool:
        base = self.types[values.range].values if values.range in self.types else values
        return base.range == "string" or base.range in self.enums

    def description(self, name: str, identifier: str, root: Element) -> Description:
        """Everything that was made."""
        classes = sorted(self.classes.values(), key=lambda each: not each.tree_root)
        prefixes = {prefix: iri for prefix, iri in self.prefixes.items() if prefix not in (name, "linkml")}
        return Description(
            name, identifier, description=_documentation(root), version=root.get("version"),
            prefixes=tuple(sorted(prefixes.items())), classes=tuple(classes), enums=tuple(self.enums.values()),
            types=tuple(self.types.values()), findings=tuple(dict.fromkeys(self.findings)),
        )  # fmt: skip


def _occurs(element: Element) -> tuple[int, int | None]:
    low, high = element.get("minOccurs") or "1", element.get("maxOccurs") or "1"
    least = int(low) if low.isdecimal() and len(low) < 10 else 1
    return least, int(high) if high.isdecimal() and len(high) < 10 else None if high == "unbounded" else 1


def _documentation(element: Element) -> str | None:
    """The text of the documentation of a component."""
    note = element.first("annotation")
    found = [_all_text(each) for each in note.all("documentation")] if note is not None else []
    return " ".join(" ".join(found).split()) or None


def _all_text(element: Element) -> str:
    return " ".join([element.text, *(_all_text(child) for child in element.children)])
