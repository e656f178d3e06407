"""Schemas as pages: every class and enum is described once, where it is defined, with what stands around it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from semantics.schema.model import ClassModel, EnumModel, PermissibleValue, SchemaModel, SlotModel, TypeModel
from semantics.site.model_pages import (
    ClassPage,
    EnumPage,
    Link,
    ListedClass,
    Range,
    SchemaPage,
    SlotRow,
    Term,
    TypeRow,
    ValueRow,
)  # fmt: skip
from semantics.site.names import Ref, slot_anchors, slugs
from semantics.site.pictures import neighbourhood, overview
from semantics.site.words import cardinality, constraints, first_sentence, flags, rule_text

__all__ = ["Models", "Uses"]

_LINKML = frozenset({"types", "linkml:types"})


@dataclass(frozen=True)
class Uses:
    """What mappings do with models: which derivations fill, make and read what, which mappings use which schema."""

    filled: Mapping[tuple[Ref, str], tuple[Ref, ...]] = field(default_factory=dict)
    made: Mapping[Ref, tuple[Ref, ...]] = field(default_factory=dict)
    read: Mapping[Ref, tuple[Ref, ...]] = field(default_factory=dict)
    sources: Mapping[str, tuple[Ref, ...]] = field(default_factory=dict)
    targets: Mapping[str, tuple[Ref, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Models:
    """All schemas of a site.

    ``schemas`` stand in the order in which they are listed, ``files`` says where each is, ``own`` names those of the
    user's workspace. ``links`` are those of SSSOM by the IRI of their subject.
    """

    schemas: tuple[SchemaModel, ...]
    files: Mapping[str, str] = field(default_factory=dict)
    own: frozenset[str] = frozenset()
    links: Mapping[str, tuple[Link, ...]] = field(default_factory=dict)
    linked: Mapping[str, int] = field(default_factory=dict)
    uses: Uses = field(default_factory=Uses)

    # -- what there is ------------------------------------------------------------------------------

    @cached_property
    def modules(self) -> dict[str, SchemaModel]:
        """Every module by its name, with the model that it is read from: its own, else one that imports it."""
        found: dict[str, SchemaModel] = {}
        for model in self.schemas:
            found.setdefault(model.name, model)
        for model in self.schemas:
            homes = (
                *(cls.from_schema for cls in model.classes.values()),
                *(e.from_schema for e in model.enums.values()),
            )
            for home in dict.fromkeys(homes):
                found.setdefault(home or model.name, model)
        return found

    @cached_property
    def classes(self) -> dict[Ref, tuple[ClassModel, SchemaModel]]:
        """Every class, with the model in which its words are looked up."""
        found: dict[Ref, tuple[ClassModel, SchemaModel]] = {}
        for model in self._models():
            for cls in model.classes.values():
                found.setdefault(class_ref(model, cls), (cls, model))
        return found

    @cached_property
    def enums(self) -> dict[Ref, tuple[EnumModel, SchemaModel]]:
        """Every enum, likewise."""
        found: dict[Ref, tuple[EnumModel, SchemaModel]] = {}
        for model in self._models():
            for enum in model.enums.values():
                found.setdefault(Ref("enum", enum.from_schema or model.name, enum.name), (enum, model))
        return found

    @cached_property
    def types(self) -> dict[Ref, tuple[TypeModel, SchemaModel]]:
        """Every type that a schema defines by itself."""
        found: dict[Ref, tuple[TypeModel, SchemaModel]] = {}
        for model in self._models():
            for each in model.types.values():
                if not each.builtin and each.from_schema not in _LINKML:
                    found.setdefault(Ref("type", each.from_schema or model.name, each.name), (each, model))
        return found

    def _models(self) -> tuple[SchemaModel, ...]:
        """The models, those first from which a module of their name is read."""
        return tuple({id(model): model for model in (*self.modules.values(), *self.schemas)}.values())

    @cached_property
    def terms(self) -> dict[str, tuple[Ref, str]]:
        """Where what an IRI names is described: a class, or the slot of the first class that introduces it."""
        found: dict[str, tuple[Ref, str]] = {}
        for ref, (cls, model) in self.classes.items():
            home = self.modules[ref.within].default_namespace
            found |= {iri: (ref, "") for iri in (cls.uri, home + cls.name) if iri not in found}
            anchors = slot_anchors(cls.slots)
            for slot in own_slots(cls, model):
                for iri in (slot.uri, home + slot.name):
                    found.setdefault(iri, (ref, anchors[slot.name]))
        for ref, (enum, _) in self.enums.items():
            for iri in (enum.uri or "", self.modules[ref.within].default_namespace + enum.name):
                found.setdefault(iri, (ref, ""))
        return found

    # -- what stands around it ------------------------------------------------------------------------

    @cached_property
    def children(self) -> dict[Ref, tuple[Ref, ...]]:
        """The classes directly below each class, in whichever schema they are."""
        found: dict[Ref, dict[Ref, None]] = {}
        for ref, (cls, model) in self.classes.items():
            for parent in parents_of(cls, model):
                found.setdefault(class_ref(model, parent), {})[ref] = None
        return {ref: tuple(sorted(below)) for ref, below in found.items()}

    @cached_property
    def users(self) -> dict[Ref, tuple[tuple[Ref, str], ...]]:
        """Who has each class or enum as the range of a slot: the class that introduces the slot, and the slot."""
        found: dict[Ref, dict[tuple[Ref, str], None]] = {}
        for ref, (cls, model) in self.classes.items():
            for slot in own_slots(cls, model):
                for each in self.ranges(slot, model):
                    if each.ref is not None:
                        found.setdefault(each.ref, {})[ref, slot.name] = None
        return {ref: tuple(sorted(users)) for ref, users in found.items()}

    def ranges(self, slot: SlotModel, model: SchemaModel) -> tuple[Range, ...]:
        """The ranges of a slot, those of its alternatives where it has some."""
        names = [part.range for _, parts in slot.boolean for part in parts if part.range] or [slot.range or "string"]
        return tuple(Range(name, self.element(name, model)) for name in dict.fromkeys(names))

    def element(self, name: str, model: SchemaModel) -> Ref | None:
        """What a range means in a model: a class, an enum or a type with a page."""
        if (cls := model.classes.get(name)) is not None:
            return class_ref(model, cls)
        if (enum := model.enums.get(name)) is not None:
            return Ref("enum", enum.from_schema or model.name, name)
        each = model.types.get(name)
        ref = Ref("type", (each.from_schema if each is not None else "") or model.name, name)
        return ref if ref in self.types else None

    def links_of(self, iri: str, name: str, within: str) -> tuple[Link, ...]:
        """The links of a term: by its own IRI, and by its name in the namespace of its schema."""
        home = self.modules.get(within)
        names = (iri,) if home is None else (iri, home.default_namespace + name)
        return tuple(dict.fromkeys(link for each in names for link in self.links.get(each, ())))

    # -- pages ------------------------------------------------------------------------------------------

    def class_page(self, ref: Ref) -> ClassPage:
        """The page of a class."""
        cls, model = self.classes[ref]
        return ClassPage(
            ref=ref,
            title=cls.title,
            description=cls.description,
            term=_term(cls.uri, model),
            kinds=tuple(
                word for word, holds in
                (("abstract", cls.abstract), ("mixin", cls.mixin), ("root of documents", cls.tree_root)) if holds
            ),
            ancestors=tuple(_range_of(parent, model) for parent in parents_of(cls, model)),
            children=tuple(Range(each.name, each) for each in self.children.get(ref, ())),
            slots=tuple(self._slots(ref, cls, model)),
            users=tuple((Range(user.name, user), slot) for user, slot in self.users.get(ref, ())),
            rules=tuple(text for rule in cls.rules if (text := rule_text(rule))),
            aliases=cls.aliases,
            see_also=tuple(_term(model.expand(iri), model) for iri in cls.see_also),
            deprecated=cls.deprecated,
            diagram=neighbourhood(self, ref),
            links=self.links_of(cls.uri, cls.name, ref.within),
            made_by=self.uses.made.get(ref, ()),
            read_by=self.uses.read.get(ref, ()),
        )  # fmt: skip

    def _slots(
        self, ref: Ref, cls: ClassModel, model: SchemaModel
    ) -> Iterator[tuple[Range | None, tuple[SlotRow, ...]]]:
        """The slots of a class: its own, then by the class that introduced them."""
        anchors = slot_anchors(cls.slots)
        owners = dict.fromkeys((cls.name, *(slot.owner for slot in cls.slots.values())))
        for owner in owners:
            rows = tuple(
                self._slot(slot, anchors[slot.name], self.uses.filled.get((ref, slot.name), ()), model)
                for slot in cls.slots.values() if (slot.owner or cls.name) == owner
            )  # fmt: skip
            if rows:
                above = model.classes.get(owner)
                yield (
                    None if owner == cls.name else Range(owner, class_ref(model, above) if above is not None else None),
                    rows,
                )

    def _slot(self, slot: SlotModel, anchor: str, filled: tuple[Ref, ...], model: SchemaModel) -> SlotRow:
        return SlotRow(
            name=slot.name,
            anchor=anchor,
            ranges=self.ranges(slot, model),
            cardinality=cardinality(slot),
            term=_term(slot.uri, model),
            title=slot.title,
            description=slot.description,
            unit=slot.unit,
            flags=flags(slot),
            constraints=constraints(slot),
            aliases=slot.aliases,
            deprecated=slot.deprecated,
            links=self.links_of(slot.uri, slot.name, self._home(slot, model)),
            filled=filled,
        )

    def _home(self, slot: SlotModel, model: SchemaModel) -> str:
        """The schema of the class that introduced a slot."""
        owner = model.classes.get(slot.owner)
        return (owner.from_schema if owner is not None else "") or model.name

    def enum_page(self, ref: Ref) -> EnumPage:
        """The page of an enum."""
        enum, model = self.enums[ref]
        anchors = slugs(enum.values)
        return EnumPage(
            ref=ref,
            description=enum.description,
            term=_term(enum.uri, model) if enum.uri else None,
            values=tuple(self._value(value, f"value-{anchors[value.text]}", model) for value in enum.values.values()),
            users=tuple((Range(user.name, user), slot) for user, slot in self.users.get(ref, ())),
        )

    def _value(self, value: PermissibleValue, anchor: str, model: SchemaModel) -> ValueRow:
        return ValueRow(
            value.text, anchor, value.title, value.description,
            _term(model.expand(value.meaning), model) if value.meaning else None, value.deprecated,
            self.links.get(model.expand(value.meaning), ()) if value.meaning else (),
        )  # fmt: skip

    def schema_page(self, name: str) -> SchemaPage:
        """The page of a schema, or of a module that is only there as an import."""
        model = self.modules[name]
        itself = model.name == name
        classes = [ref for ref in self.classes if ref.within == name]
        picture = overview(self, classes)
        types = [(ref, *found) for ref, found in self.types.items() if ref.within == name]
        anchors = slugs(ref.name for ref, _, _ in types)
        return SchemaPage(
            ref=Ref("schema", name),
            title=(model.title if itself else None) or name,
            description=model.description if itself else None,
            iri=_term(model.id if itself else name, model),
            version=model.version if itself else None,
            license=model.license if itself else None,
            file=self.files.get(name),
            own=name in self.own,
            imports=self._imports(model) if itself else (),
            imported_by=tuple(
                Ref("schema", other) for other, found in sorted(self.modules.items())
                if found.name == other != name and Ref("schema", name) in self._imports(found)
            ),
            prefixes=tuple(sorted(model.namespaces.items())) if itself else (),
            classes=tuple(self._listed(classes)),
            enums=tuple(
                (ref, len(enum.values), first_sentence(enum.description))
                for ref, (enum, _) in sorted(self.enums.items()) if ref.within == name
            ),
            types=tuple(
                TypeRow(ref.name, f"type-{anchors[ref.name]}", str(each.primitive), _term(each.uri, home),
                        each.description, constraints(each))
                for ref, each, home in types
            ),
            diagram=picture[0] if picture else None,
            shown=picture[1] if picture else 0,
            sources=self.uses.sources.get(name, ()),
            targets=self.uses.targets.get(name, ()),
            links=self.linked.get(name, 0),
        )  # fmt: skip

    def _imports(self, model: SchemaModel) -> tuple[Ref, ...]:
        """The modules that a schema names among its imports, where they are known."""
        named = model.imports.get(model.name, ()) or tuple(module for module in model.modules if module != model.name)
        return tuple(Ref("schema", name) for name in dict.fromkeys(named) if name in self.modules)

    def _listed(self, classes: list[Ref]) -> Iterator[ListedClass]:
        """The classes of a schema as trees: each below its first parent there."""
        here = set(classes)
        below: dict[Ref | None, list[Ref]] = {}
        for ref in classes:
            cls, model = self.classes[ref]
            parents = [found for parent in parents_of(cls, model) if (found := class_ref(model, parent)) in here]
            below.setdefault(parents[0] if parents else None, []).append(ref)
        waiting = [(ref, 0) for ref in reversed(below.get(None, []))]
        while waiting:
            ref, depth = waiting.pop()
            cls, _ = self.classes[ref]
            yield ListedClass(ref, depth, len(cls.slots), cls.abstract or cls.mixin, first_sentence(cls.description))
            waiting += [(each, depth + 1) for each in reversed(below.get(ref, []))]


def class_ref(model: SchemaModel, cls: ClassModel) -> Ref:
    """What a class of a model is known by."""
    return Ref("class", cls.from_schema or model.name, cls.name)


def parents_of(cls: ClassModel, model: SchemaModel) -> tuple[ClassModel, ...]:
    """The class that a class is a kind of, then its mixins."""
    names = (cls.is_a, *cls.mixins) if cls.is_a else cls.mixins
    return tuple(model.classes[name] for name in names if name in model.classes)


def own_slots(cls: ClassModel, model: SchemaModel) -> Iterator[SlotModel]:
    """The slots that a class introduces, or has with a range of its own."""
    parents = parents_of(cls, model)
    for slot in cls.slots.values():
        inherited = next((found for parent in parents if (found := parent.slots.get(slot.name))), None)
        if inherited is None or inherited.range != slot.range:
            yield slot


def _range_of(cls: ClassModel, model: SchemaModel) -> Range:
    return Range(cls.name, class_ref(model, cls))


def _term(iri: str, model: SchemaModel) -> Term:
    return Term(iri, model.compact(iri) or iri)
