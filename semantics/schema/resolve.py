"""From the definitions in the files to the :class:`SchemaModel`: inheritance, ranges, inlining, URIs.

Order of precedence for a slot of a class, nearest first: the class's own ``slot_usage``, its
``attributes``, then those of its mixins and parents, then the schema's ``slots`` (LinkML 1.x,
"induced slots"). Two mixins that disagree on a range are an error, not an order.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from semantics.errors import SchemaError, Severity, closest, escaped
from semantics.schema.expressions import ExpressionReader, names_of, number, text_of
from semantics.schema.load import Element, SchemaFiles, check_keys, elements
from semantics.schema.model import (
    ClassModel,
    EnumModel,
    Form,
    PermissibleValue,
    Rule,
    SchemaModel,
    SlotModel,
    TypeModel,
    UniqueKey,
)
from semantics.schema.types import BUILTIN_PREFIXES, BUILTIN_TYPES

__all__ = ["resolve_schema"]

_BASES: Final = {
    "str": "string", "int": "integer", "float": "float", "Bool": "boolean", "bool": "boolean",
    "Decimal": "decimal", "XSDTime": "time", "XSDDate": "date", "XSDDateTime": "datetime",
    "URIorCURIE": "uriorcurie", "Curie": "curie", "URI": "uri", "NCName": "ncname",
    "ElementIdentifier": "uriorcurie", "NodeIdentifier": "uriorcurie",
}  # fmt: skip
_XSD_TYPES: Final = {
    "xsd:string": "string", "xsd:integer": "integer", "xsd:int": "integer", "xsd:long": "integer",
    "xsd:decimal": "decimal", "xsd:float": "float", "xsd:double": "double",
    "xsd:boolean": "boolean", "xsd:date": "date", "xsd:dateTime": "datetime", "xsd:time": "time",
    "xsd:anyURI": "uri",
}  # fmt: skip


def resolve_schema(files: SchemaFiles) -> SchemaModel:
    """The model of a schema whose files have been read. Raises :class:`SchemaError` with all findings."""
    resolver = _Resolver(files)
    model = resolver.model()
    errors = [finding for finding in files.findings if finding.severity is Severity.ERROR]
    if errors:
        raise SchemaError(errors)
    return model


class _Resolver:
    def __init__(self, files: SchemaFiles) -> None:
        self.files = files
        data = files.root.data
        self.namespaces = BUILTIN_PREFIXES | files.prefixes
        default = text_of(data.get("default_prefix")) or ""
        schema_id = text_of(data.get("id")) or f"https://w3id.org/semantics/{files.root.name}"
        self.id = schema_id
        self.default_namespace = self.namespaces.get(default) or (
            default if ":" in default else schema_id.rstrip("/#") + "/"
        )
        self.types: dict[str, TypeModel] = dict(BUILTIN_TYPES)
        self.reader = ExpressionReader(files, self._range)
        self.order: dict[str, tuple[str, ...]] = {}

    # -- the whole ---------------------------------------------------------------------------

    def model(self) -> SchemaModel:
        files = self.files
        self._types()
        enums = {name: self._enum(element) for name, element in files.enums.items()}
        self._linearise()
        self._collisions("class", files.classes.values())
        classes = {name: self._class(element) for name, element in files.classes.items()}
        self._finite(classes)
        root = files.root
        return SchemaModel(
            name=root.name,
            id=self.id,
            namespaces=self.namespaces,
            default_namespace=self.default_namespace,
            classes=classes,
            enums=enums,
            types=self.types,
            version=text_of(root.data.get("version")),
            title=text_of(root.data.get("title")),
            description=text_of(root.data.get("description")),
            license=text_of(root.data.get("license")),
            imports=files.imports,
            modules=tuple(files.schemas),
            files=files.digests,
        )

    def _namespace(self, element: Element) -> str:
        """The namespace in front of bare names of the schema that an element came from."""
        origin = self.files.schemas.get(element.schema, self.files.root)
        default = text_of(origin.data.get("default_prefix")) or ""
        schema_id = text_of(origin.data.get("id")) or self.id
        return self.files.prefixes.get(default) or (default if ":" in default else schema_id.rstrip("/#") + "/")

    def _iri(self, element: Element, key: str, fallback: str) -> str:
        """The IRI under ``key``, or the element's name in its schema's namespace."""
        given = text_of(element.data.get(key))
        if given is None:
            return self._namespace(element) + fallback.replace(" ", "_")
        return self._expanded(given, element, key)

    def _expanded(self, given: str, element: Element, *path: str) -> str:
        prefix, colon, local = given.partition(":")
        if colon and prefix in self.namespaces:
            return self.namespaces[prefix] + local
        place = element.location(*path)
        if not colon or not prefix:
            self.files.error("SCH016", f"'{escaped(given)}' is neither a CURIE nor an IRI", place)
        elif not (local.startswith("//") or prefix in {"urn", "mailto", "tag", "did", "info"}):
            hint = closest(prefix, self.namespaces) or f"declare '{prefix}' under prefixes"
            self.files.error("SCH016", f"prefix '{escaped(prefix)}' is not declared", place, hint)
        if set(given) & set('<>"{}|\\^` ') or not given.isprintable():
            self.files.error("SCH016", f"'{escaped(given)}' is not an IRI", place)
        return given

    # -- types and enums ---------------------------------------------------------------------

    def _types(self) -> None:
        for name, element in self.files.types.items():
            if name in BUILTIN_TYPES and not _restates(element, BUILTIN_TYPES[name]):
                self.files.error(
                    "SCH012", f"type '{name}' is defined here and in linkml:types", element.location(),
                    "give the type a name of its own, with typeof",
                )  # fmt: skip
        for name in self.files.types:
            if name not in BUILTIN_TYPES:
                self._type(name, ())

    def _type(self, name: str, below: tuple[str, ...]) -> TypeModel | None:
        element = self.files.types.get(name)
        if name in self.types or element is None:
            return self.types.get(name)
        if name in below:
            chain = " -> ".join((*below[below.index(name) :], name))
            self.files.error("SCH007", f"types form a cycle: {chain}", element.location("typeof"))
            return None
        parent = self._parent_type(element, (*below, name))
        pattern = self.reader.pattern(element)
        low, high = (number(self.files, element, key) for key in ("minimum_value", "maximum_value"))
        one_of = names_of(element.data.get("equals_string_in"))
        if single := text_of(element.data.get("equals_string")):
            one_of = (single,)
        self.types[name] = TypeModel(
            name=name,
            primitive=parent.primitive,
            uri=self._expanded(uri, element, "uri") if (uri := text_of(element.data.get("uri"))) else parent.uri,
            description=text_of(element.data.get("description")),
            patterns=(*parent.patterns, *((pattern,) if pattern else ())),
            minimum_value=low if low is not None else parent.minimum_value,
            maximum_value=high if high is not None else parent.maximum_value,
            equals_string_in=one_of or parent.equals_string_in,
            as_text=parent.as_text if "repr" not in element.data else element.data["repr"] == "str",
            from_schema=element.schema,
            location=element.location(),
        )
        return self.types[name]

    def _parent_type(self, element: Element, below: tuple[str, ...]) -> TypeModel:
        string = BUILTIN_TYPES["string"]
        typeof = text_of(element.data.get("typeof"))
        if typeof is not None:
            parent = self._type(typeof, below)
            if parent is None and typeof not in self.files.types:
                self.files.error(
                    "SCH006", f"type '{escaped(typeof)}' is not defined", element.location("typeof"),
                    closest(typeof, self.types),
                )  # fmt: skip
            return parent or string
        base = text_of(element.data.get("base"))
        if base is not None:
            if base not in _BASES:
                self.files.error(
                    "SCH011", f"'{escaped(base)}' is not a base that LinkML types have",
                    element.location("base"), f"use typeof with one of {', '.join(BUILTIN_TYPES)}",
                )  # fmt: skip
            return BUILTIN_TYPES[_BASES.get(base, "string")]
        return BUILTIN_TYPES[_XSD_TYPES.get(text_of(element.data.get("uri")) or "", "string")]

    def _enum(self, element: Element) -> EnumModel:
        values: dict[str, PermissibleValue] = {}
        for parent in names_of(element.data.get("inherits")) or ():
            if parent in self.files.enums and parent != element.name:
                values |= self._enum(self.files.enums[parent]).values
        data = element.data.get("permissible_values") or {}
        named = _permissible(self.files, element, data)
        for text, value in named:
            meaning = text_of(value.data.get("meaning"))
            values[text] = PermissibleValue(
                text=text,
                description=text_of(value.data.get("description")),
                title=text_of(value.data.get("title")),
                meaning=self._expanded(meaning, value, "meaning") if meaning else None,
                deprecated=text_of(value.data.get("deprecated")),
                location=value.location(),
            )
        return EnumModel(
            name=element.name,
            values=values,
            description=text_of(element.data.get("description")),
            uri=self._iri(element, "enum_uri", element.name),
            from_schema=element.schema,
            location=element.location(),
        )

    # -- inheritance -------------------------------------------------------------------------

    def _linearise(self) -> None:
        """Ancestors of every class, itself first; a cycle is named once."""
        for name in self.files.classes:
            self._ancestors(name, ())

    def _parents(self, element: Element) -> Iterator[str]:
        mixins = names_of(element.data.get("mixins"))
        parent = text_of(element.data.get("is_a"))
        for key, names in (("mixins", mixins), ("is_a", (parent,) if parent else ())):
            for name in names:
                if name in self.files.classes:
                    yield name
                else:
                    self.files.error(
                        "SCH004", f"class '{escaped(name)}' is not defined", element.location(key),
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
            uri=self._iri(element, "class_uri", name),
            slots=slots,
            ancestors=ancestors,
            descendants=tuple(other for other, order in self.order.items() if name in order and other != name),
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
            unique_keys=tuple(self._unique_keys(ancestors)),
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
            for name, attribute in elements(self.files, owner, "attributes", "slot"):
                self._agree(element, name, layers.get(name, ()), attribute, ancestors)
                owners.setdefault(name, ancestor)
                layers.setdefault(name, []).append(attribute)
        for ancestor in reversed(ancestors):
            owner = self.files.classes[ancestor]
            for name, usage in elements(self.files, owner, "slot_usage", "slot"):
                if name not in layers:
                    self.files.error(
                        "SCH005", f"slot_usage of '{escaped(name)}', which is not a slot of the class",
                        usage.location(), closest(name, layers),
                    )  # fmt: skip
                    continue
                layers[name].append(usage)
        self._collisions("slot", (parts[-1] for parts in layers.values()), names=tuple(layers))
        return {
            name: self._slot(name, owners[name], [*self._slot_parents(parts[0]), *parts])
            for name, parts in layers.items()
        }

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
        place = owner.location("slots")
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
        """One induced slot: later parts refine earlier ones."""
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
        uri_home = home.get("slot_uri", first)
        return SlotModel(
            **expression,
            name=name,
            uri=self._iri(uri_home, "slot_uri", name),
            form=self._form(merged),
            owner=owner,
            title=text_of(merged.get("title")),
            description=text_of(merged.get("description")),
            recommended=merged.get("recommended") is True,
            identifier=merged.get("identifier") is True or merged.get("key") is True,
            designates_type=merged.get("designates_type") is True,
            unit=_unit(merged.get("unit")),
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
        if target is None:
            return Form.SCALAR
        if slot.get("inlined_as_list") is True:
            return Form.OBJECT
        if not self._has_identifier(target):
            return Form.OBJECT
        if slot.get("inlined") is not True:
            return Form.REFERENCE
        return Form.KEYED if slot.get("multivalued") is True else Form.OBJECT

    def _has_identifier(self, element: Element) -> bool:
        for ancestor in self.order.get(element.name, ()):
            owner = self.files.classes[ancestor]
            slots = [self.files.slots[n].data for n in names_of(owner.data.get("slots"))
                     if n in self.files.slots]  # fmt: skip
            for key in ("attributes", "slot_usage"):
                part = owner.data.get(key) or {}
                slots += [s or {} for s in (part.values() if isinstance(part, Mapping) else part)]
            if any(s.get("identifier") is True or s.get("key") is True for s in slots):
                return True
        return False

    def _range(self, name: str) -> str | None:
        """What kind of thing a range names: 'type', 'enum', 'class', or None."""
        if name in self.files.classes:
            return "class"
        if name in self.files.enums:
            return "enum"
        return "type" if name in self.types else None

    def _rules(self, ancestors: tuple[str, ...]) -> Iterator[Rule]:
        for ancestor in reversed(ancestors):
            owner = self.files.classes[ancestor]
            for index, data in enumerate(owner.data.get("rules") or ()):
                element = owner.child("rule", "rules", index)
                check_keys(self.files, "rule", element)
                if data.get("deactivated") is not True:
                    parts = {
                        key: self.reader.class_expression(element, key)
                        for key in ("preconditions", "postconditions", "elseconditions")
                    }
                    yield Rule(
                        **parts,
                        bidirectional=data.get("bidirectional") is True,
                        description=text_of(data.get("description")),
                        location=element.location(),
                    )

    def _unique_keys(self, ancestors: tuple[str, ...]) -> Iterator[UniqueKey]:
        for ancestor in reversed(ancestors):
            owner = self.files.classes[ancestor]
            for name, key in elements(self.files, owner, "unique_keys", "unique key"):
                yield UniqueKey(name=name, slots=names_of(key.data.get("unique_key_slots")))

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


def _permissible(files: SchemaFiles, element: Element, data: Any) -> Iterator[tuple[str, Element]]:
    """The permissible values of an enum: any text may be one, so names are not checked."""
    pairs: list[tuple[str, str | int, Any]] = []
    if isinstance(data, Mapping):
        pairs = [(str(text), text, value) for text, value in data.items()]
    elif isinstance(data, list):
        for index, item in enumerate(data):
            text = text_of(item.get("text")) if isinstance(item, Mapping) else text_of(item)
            pairs.append((text or "", index, item if isinstance(item, Mapping) else None))
    for text, step, value in pairs:
        path = (*element.path, "permissible_values", step)
        found = Element(text, value or {}, element.document, path, element.schema)
        if not isinstance(found.data, Mapping):
            files.error("SCH002", f"permissible value '{escaped(text)}' must be a mapping",
                        element.location("permissible_values", step))  # fmt: skip
            continue
        check_keys(files, "permissible value", found)
        yield text, found


def _restates(element: Element, builtin: TypeModel) -> bool:
    """A copy of a built-in type (schemas that carry linkml:types merged in) is no conflict."""
    base = text_of(element.data.get("base"))
    if base is None:
        return "typeof" not in element.data
    parent = BUILTIN_TYPES.get(_BASES.get(base, ""))
    return parent is not None and (parent.primitive is builtin.primitive or base == "str")


def _annotations(data: Any) -> dict[str, str]:
    if not isinstance(data, Mapping):
        return {}
    return {
        str(tag): text
        for tag, value in data.items()
        if (text := text_of(value.get("value") if isinstance(value, Mapping) else value)) is not None
    }


def _unit(data: Any) -> str | None:
    if isinstance(data, Mapping):
        return text_of(data.get("ucum_code")) or text_of(data.get("symbol"))
    return None
