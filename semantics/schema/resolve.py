"""From the definitions in the files to the :class:`SchemaModel`: inheritance, ranges, inlining, URIs.

Order of precedence for a slot of a class, nearest first: the class's own ``slot_usage``, its
``attributes``, then those of its mixins and parents, then the schema's ``slots`` (LinkML 1.x,
"induced slots"). Two mixins that disagree on a range are an error, not an order.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from semantics.errors import SchemaError, Severity, closest, escaped, ordered
from semantics.schema.counting import together
from semantics.schema.expressions import ExpressionReader, names_of, text_of
from semantics.schema.iris import Iris
from semantics.schema.load import Element, SchemaFiles, check_keys, elements, mapping_below, parts
from semantics.schema.model import (
    LINKML_ANY,
    ClassModel,
    Form,
    Rule,
    SchemaModel,
    SlotModel,
    UniqueKey,
)
from semantics.schema.scalars import ScalarResolver

__all__ = ["resolve_schema"]


def resolve_schema(files: SchemaFiles) -> SchemaModel:
    """The model of a schema whose files have been read. Raises :class:`SchemaError` with all findings."""
    resolver = _Resolver(files)
    model = resolver.model()
    errors = ordered(finding for finding in files.findings if finding.severity is Severity.ERROR)
    if errors:
        raise SchemaError(errors)
    return model


class _Resolver:
    def __init__(self, files: SchemaFiles) -> None:
        self.files = files
        self.iris = Iris(files)
        self.reader = ExpressionReader(files, self._range)
        self.scalars = ScalarResolver(files, self.iris, self.reader)
        self.order: dict[str, tuple[str, ...]] = {}
        self.parts: dict[tuple[str, str], tuple[tuple[str, Element], ...]] = {}
        self.slots: dict[tuple[str, str, tuple[int, ...]], SlotModel] = {}
        self.below: dict[str, list[str]] = {}
        self.identified: dict[str, bool] = {}

    # -- the whole ---------------------------------------------------------------------------

    def model(self) -> SchemaModel:
        files = self.files
        types = self.scalars.all_types()
        enums = {name: self.scalars.enum(element) for name, element in files.enums.items()}
        self._linearise()
        self._collisions("class", files.classes.values())
        classes = {name: self._class(element) for name, element in files.classes.items()}
        self._finite(classes)
        root = files.root
        return SchemaModel(
            name=root.name,
            id=self.iris.schema_id,
            namespaces=self.iris.namespaces,
            default_namespace=self.iris.default_namespace,
            classes=classes,
            enums=enums,
            types=types,
            version=text_of(root.data.get("version")),
            title=text_of(root.data.get("title")),
            description=text_of(root.data.get("description")),
            license=text_of(root.data.get("license")),
            imports=files.imports,
            modules=tuple(files.schemas),
            files=files.digests,
        )

    # -- inheritance -------------------------------------------------------------------------

    def _linearise(self) -> None:
        """Ancestors of every class, itself first; a cycle is named once."""
        for name in self.files.classes:
            self._ancestors(name, ())
        for name, ancestors in self.order.items():
            for ancestor in ancestors:
                if ancestor != name:
                    self.below.setdefault(ancestor, []).append(name)

    def _parents(self, element: Element) -> Iterator[str]:
        mixins = names_of(element.data.get("mixins"))
        parent = text_of(element.data.get("is_a"))
        for key, names in (("mixins", mixins), ("is_a", (parent,) if parent else ())):
            for name in names:
                if name in self.files.classes:
                    yield name
                else:
                    self.files.error(
                        "SCH004", f"class '{escaped(name)}' is not defined", element.item(key, name),
                        closest(name, self.files.classes),
                    )  # fmt: skip

    def _ancestors(self, name: str, below: tuple[str, ...]) -> tuple[str, ...]:
        if name in self.order:
            return self.order[name]
        element = self.files.classes[name]
        if name in below:
            cycle = below[below.index(name) :]
            first = cycle.index(min(cycle))
            chain = " -> ".join((*cycle[first:], *cycle[:first], min(cycle)))
            message = f"classes inherit from one another: {chain}"
            if not any(finding.message == message for finding in self.files.findings):
                self.files.error("SCH007", message, element.location("is_a"))
            return ()
        if len(below) > 64:
            self.files.error("SCH014", "classes inherit deeper than 64 levels", element.location())
            return ()
        found: dict[str, None] = {name: None}
        for parent in self._parents(element):
            found |= dict.fromkeys(self._ancestors(parent, (*below, name)))
        self.order[name] = tuple(found)
        return self.order[name]

    # -- classes -----------------------------------------------------------------------------

    def _class(self, element: Element) -> ClassModel:
        data, name = element.data, element.name
        ancestors = self.order.get(name, (name,))
        slots = self._slots(element, ancestors)
        identifiers = [slot.name for slot in slots.values() if slot.identifier]
        designators = [slot.name for slot in slots.values() if slot.designates_type]
        conditions = self.reader.condition(element)
        return ClassModel(
            name=name,
            uri=self.iris.of(element, "class_uri", name),
            slots=slots,
            extra=self._extra(element),
            ancestors=ancestors,
            descendants=tuple(self.below.get(name, ())),
            is_a=text_of(data.get("is_a")),
            mixins=names_of(data.get("mixins")),
            abstract=data.get("abstract") is True,
            mixin=data.get("mixin") is True,
            tree_root=data.get("tree_root") is True,
            title=text_of(data.get("title")),
            description=text_of(data.get("description")),
            identifier=identifiers[0] if identifiers else None,
            designator=designators[0] if designators else None,
            rules=tuple(self._rules(ancestors)),
            conditions=conditions,
            unique_keys=tuple(self._unique_keys(ancestors, slots)),
            deprecated=text_of(data.get("deprecated")),
            aliases=names_of(data.get("aliases")),
            see_also=names_of(data.get("see_also")),
            annotations=_annotations(data.get("annotations")),
            from_schema=element.schema,
            location=element.location(),
        )

    def _slots(self, element: Element, ancestors: tuple[str, ...]) -> dict[str, SlotModel]:
        """The induced slots: inherited ones first, in the order of declaration."""
        layers: dict[str, list[Element]] = {}
        owners: dict[str, str] = {}
        for ancestor in reversed(ancestors):
            owner = self.files.classes[ancestor]
            for name in names_of(owner.data.get("slots")):
                if name not in self.files.slots:
                    self._unknown_slot(owner, name)
                    continue
                owners.setdefault(name, ancestor)
                layers.setdefault(name, []).insert(0, self.files.slots[name])
            for name, attribute in self._parts_of(owner, "attributes"):
                self._agree(element, name, layers.get(name, ()), attribute, ancestors)
                owners.setdefault(name, ancestor)
                layers.setdefault(name, []).append(attribute)
        for ancestor in reversed(ancestors):
            owner = self.files.classes[ancestor]
            for name, usage in self._parts_of(owner, "slot_usage"):
                if name not in layers:
                    self.files.error(
                        "SCH005", f"slot_usage of '{escaped(name)}', which is not a slot of the class",
                        usage.location(), closest(name, layers),
                    )  # fmt: skip
                    continue
                layers[name].append(usage)
        self._collisions("slot", (layer[-1] for layer in layers.values()), names=tuple(layers))
        return {
            name: self._slot(name, owners[name], [*self._slot_parents(layer[0]), *layer])
            for name, layer in layers.items()
        }

    def _extra(self, element: Element) -> SlotModel | None:
        """What an open class takes under a key that is none of its slots; None where it is closed."""
        if element.data.get("extra_slots") is None:
            return None
        given = mapping_below(self.files, element, "extra_slots")
        if given is None:
            return None
        check_keys(self.files, "extra_slots", given)
        allowed, expression = given.data.get("allowed"), None
        if allowed is not None and not isinstance(allowed, bool):
            self.files.error("SCH002", "'allowed' must be true or false", given.location("allowed"))
        if given.data.get("range_expression") is not None:
            expression = mapping_below(self.files, given, "range_expression")
        if expression is None:
            return SlotModel(name="", uri="", range="Any", location=given.location()) if allowed is True else None
        if allowed is not None:
            self.files.error(
                "SCH020", f"extra_slots of '{escaped(element.name)}' says both 'allowed' and 'range_expression'",
                given.location("allowed"), "leave 'allowed' out: it makes the other one mean nothing",
            )  # fmt: skip
        check_keys(self.files, "expression", expression)
        found = SlotModel(
            **self.reader.expression(expression) | {"required": None},
            name="",
            uri="",
            form=self._form(expression.data),
            location=expression.location(),
        )
        if together("", found) is not None:
            text = f"a count in a boolean constraint of extra_slots of '{escaped(element.name)}' is not enforced"
            self.files.warn("SCH030", text, expression.location())
        return found

    def _parts_of(self, owner: Element, key: str) -> tuple[tuple[str, Element], ...]:
        """What a class itself says about slots: read once, however many classes are below it."""
        known = self.parts.get((owner.name, key))
        if known is None:
            known = self.parts[owner.name, key] = tuple(elements(self.files, owner, key, "slot"))
        return known

    def _slot_parents(self, element: Element) -> list[Element]:
        """The chain of ``is_a`` of a schema-level slot, farthest first."""
        chain: list[Element] = []
        parent = text_of(element.data.get("is_a"))
        while parent and parent in self.files.slots and len(chain) < 64:
            chain.insert(0, self.files.slots[parent])
            parent = text_of(self.files.slots[parent].data.get("is_a"))
        return chain

    def _unknown_slot(self, owner: Element, name: str) -> None:
        message = f"slot '{escaped(name)}' is not defined"
        place = owner.item("slots", name)
        if not any(f.message == message and f.location == place for f in self.files.findings):
            self.files.error("SCH005", message, place, closest(name, self.files.slots))

    def _agree(
        self,
        element: Element,
        name: str,
        known: Iterable[Element],
        attribute: Element,
        ancestors: tuple[str, ...],
    ) -> None:
        """Two branches of a class's ancestry may not give one attribute two ranges."""
        mine = str(attribute.path[1]) if len(attribute.path) > 1 else ""
        for other in known:
            theirs = str(other.path[1]) if len(other.path) > 1 else ""
            related = theirs in self.order.get(mine, ()) or mine in self.order.get(theirs, ())
            refined = name in (element.data.get("slot_usage") or {}) or mine == element.name
            if related or refined or other.data.get("range") == attribute.data.get("range"):
                continue
            self.files.error(
                "SCH013",
                f"'{escaped(theirs)}' and '{escaped(mine)}' give slot '{escaped(name)}' different ranges",
                element.location(),
                f"settle it with slot_usage in '{escaped(element.name)}'",
            )

    def _slot(self, name: str, owner: str, parts: list[Element]) -> SlotModel:
        """One induced slot; classes for which it is made of the same parts share it."""
        key = (name, owner, tuple([id(part) for part in parts]))  # the parts live as long as the files and this
        known = self.slots.get(key)
        if known is None:
            known = self.slots[key] = self._merged(name, owner, parts)
        return known

    def _merged(self, name: str, owner: str, parts: list[Element]) -> SlotModel:
        """A slot of its parts: later ones refine earlier ones."""
        merged: dict[str, Any] = {}
        home: dict[str, Element] = {}
        for part in parts:
            for key, value in part.data.items():
                if key not in {"is_a", "mixins", "name"}:
                    merged[key], home[key] = value, part
        first, last = parts[0], parts[-1]
        merged.setdefault("range", self._default_range(first))
        element = Element(name, merged, last.document, last.path, last.schema)
        expression = self.reader.expression(element, home)
        if merged.get("identifier") is True or merged.get("key") is True:
            expression["required"] = True
        if expression["required"] and expression["value_presence"] == "ABSENT":
            self.files.error(
                "SCH019",
                f"slot '{escaped(name)}' of '{escaped(owner)}' must and must not have a value",
                last.location(),
            )
        uri_home = home.get("slot_uri", first)
        unit, scheme = _unit(merged.get("unit"))
        return SlotModel(
            **expression,
            name=name,
            uri=self.iris.of(uri_home, "slot_uri", name),
            form=self._form(merged),
            owner=owner,
            attribute=all(part.path[0] == "classes" for part in parts),
            title=text_of(merged.get("title")),
            description=text_of(merged.get("description")),
            recommended=merged.get("recommended") is True,
            identifier=merged.get("identifier") is True or merged.get("key") is True,
            designates_type=merged.get("designates_type") is True,
            unit=unit,
            unit_scheme=scheme,
            deprecated=text_of(merged.get("deprecated")),
            aliases=names_of(merged.get("aliases")),
            see_also=names_of(merged.get("see_also")),
            annotations=_annotations(merged.get("annotations")),
            location=last.location(),
        )

    def _default_range(self, element: Element) -> str:
        origin = self.files.schemas.get(element.schema, self.files.root)
        return text_of(origin.data.get("default_range")) or "string"

    def _form(self, slot: Mapping[str, Any]) -> Form:
        """How values of the slot stand in an instance (LinkML, "inlining")."""
        target = self.files.classes.get(text_of(slot.get("range")) or "")
        if target is None or text_of(target.data.get("class_uri")) in ("linkml:Any", LINKML_ANY):
            return Form.SCALAR
        if slot.get("inlined_as_list") is True:
            return Form.OBJECT
        if not self._has_identifier(target):
            return Form.OBJECT
        if slot.get("inlined") is not True:
            return Form.REFERENCE
        return Form.KEYED if slot.get("multivalued") is True else Form.OBJECT

    def _has_identifier(self, element: Element) -> bool:
        if element.name not in self.identified:
            self.identified[element.name] = self._finds_identifier(element)
        return self.identified[element.name]

    def _finds_identifier(self, element: Element) -> bool:
        for ancestor in self.order.get(element.name, ()):
            owner = self.files.classes[ancestor]
            slots = [self.files.slots[n].data for n in names_of(owner.data.get("slots"))
                     if n in self.files.slots]  # fmt: skip
            for key in ("attributes", "slot_usage"):
                part = owner.data.get(key) or {}
                found = part.values() if isinstance(part, Mapping) else part if isinstance(part, list) else ()
                slots += [s for s in found if isinstance(s, Mapping)]
            if any(s.get("identifier") is True or s.get("key") is True for s in slots):
                return True
        return False

    def _range(self, name: str) -> str | None:
        """What kind of thing a range names: 'type', 'enum', 'class', or None."""
        if name in self.files.classes:
            return "class"
        if name in self.files.enums:
            return "enum"
        return "type" if name in self.scalars.types else None

    def _rules(self, ancestors: tuple[str, ...]) -> Iterator[Rule]:
        for ancestor in reversed(ancestors):
            owner = self.files.classes[ancestor]
            for element in parts(self.files, owner, "rules"):
                check_keys(self.files, "rule", element)
                if element.data.get("deactivated") is not True:
                    conditions = {
                        key: self.reader.class_expression(element, key)
                        for key in ("preconditions", "postconditions", "elseconditions")
                    }
                    yield Rule(
                        **conditions,
                        bidirectional=element.data.get("bidirectional") is True,
                        description=text_of(element.data.get("description")),
                        location=element.location(),
                    )

    def _unique_keys(self, ancestors: tuple[str, ...], slots: Mapping[str, SlotModel]) -> Iterator[UniqueKey]:
        for ancestor in reversed(ancestors):
            owner = self.files.classes[ancestor]
            for name, key in elements(self.files, owner, "unique_keys", "unique key"):
                names = names_of(key.data.get("unique_key_slots"))
                for unknown in (each for each in names if each not in slots):
                    self.files.error(
                        "SCH005", f"slot '{escaped(unknown)}' of a unique key is not a slot of the class",
                        key.item("unique_key_slots", unknown), closest(unknown, slots),
                    )  # fmt: skip
                yield UniqueKey(name=name, slots=names)

    # -- checks over the whole ----------------------------------------------------------------

    def _collisions(self, kind: str, found: Iterable[Element], *, names: tuple[str, ...] | None = None) -> None:
        """Names that generated code could not tell apart are an error that names both."""
        seen: dict[str, str] = {}
        for index, element in enumerate(found):
            name = names[index] if names else element.name
            plain = "".join(char if char.isalnum() or char == "_" else "_" for char in name)
            other = seen.setdefault(plain, name)
            if other != name:
                message = f"{kind}s '{escaped(other)}' and '{escaped(name)}' would have one name in code"
                if not any(finding.message == message for finding in self.files.findings):
                    self.files.error("SCH009", message, element.location(), "rename one of the two")

    def _finite(self, classes: dict[str, ClassModel]) -> None:
        """A class whose required, inlined slots lead back to itself has no finite instance."""
        needs = {
            name: [slot.range for slot in cls.slots.values()
                   if slot.required and not slot.many and slot.form is Form.OBJECT and slot.range]
            for name, cls in classes.items()
        }  # fmt: skip
        for name in classes:
            queue, seen = list(needs[name]), set()
            while queue:
                current = queue.pop()
                if current == name:
                    self.files.error(
                        "SCH015", f"every '{escaped(name)}' needs another inside it: no instance can exist",
                        self.files.classes[name].location(), "make the slot optional, or a reference",
                    )  # fmt: skip
                    break
                if current not in seen:
                    seen.add(current)
                    queue += [] if classes[current].descendants else needs.get(current, [])


def _annotations(data: Any) -> dict[str, str]:
    if not isinstance(data, Mapping):
        return {}
    return {
        str(tag): text
        for tag, value in data.items()
        if (text := text_of(value.get("value") if isinstance(value, Mapping) else value)) is not None
    }


def _unit(data: Any) -> tuple[str | None, str | None]:
    """The unit of a slot, and the field of LinkML's ``UnitOfMeasure`` that holds it: a code before a symbol or name."""
    for field in ("ucum_code", "iec61360code", "symbol", "abbreviation", "descriptive_name"):
        if isinstance(data, Mapping) and (found := text_of(data.get(field))) is not None:
            return found, field
    return None, None
