"""From nodes of JSON Schema to classes, slots, enums and types; what JSON Schema and OpenAPI have in common."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from semantics.errors import Diagnostic, Severity, closest
from semantics.importers.description import (
    ANYTHING,
    Description,
    ImportedClass,
    ImportedEnum,
    ImportedSlot,
    ImportedType,
    Values,
)
from semantics.importers.documents import Documents, Node
from semantics.importers.gathering import Gathered, Gatherer, Property, types_of
from semantics.importers.keywords import CARRIED, FORMATS, constraints, scalar_range
from semantics.importers.naming import Names, capitalised, is_slot_name

__all__ = ["Found", "Shapes"]

ANY: Final = Values(range="Any")
_DEPTH: Final = 64


@dataclass(frozen=True, slots=True)
class Found:
    """What stands at a place: the values, whether in a list, and whether null is one of them."""

    values: Values
    many: bool = False
    keyed: bool = False
    inlined: bool = False
    nullable: bool = False
    low: int | None = None
    high: int | None = None
    unique: bool = False


class Shapes:
    """Translates nodes; classes that are met on the way are made after one another, each once."""

    def __init__(self, documents: Documents) -> None:
        self.documents = documents
        self.gatherer = Gatherer(documents)
        self.names = Names()
        self.findings: list[Diagnostic] = []
        self.unknown: dict[str, tuple[Diagnostic, int]] = {}
        self.named: dict[tuple[str, tuple[str, ...]], Found] = {}
        self.waiting: deque[tuple[str, Node]] = deque()
        self.classes: dict[str, ImportedClass] = {}
        self.enums: dict[str, ImportedEnum] = {}
        self.types: dict[str, ImportedType] = {}
        self.made: dict[str, Gathered] = {}
        self.roots: set[str] = set()
        self.entries: dict[str, str] = {}
        self.objects: set[str] = set()
        self.any_object: str | None = None
        self.depth = 0

    # -- findings --------------------------------------------------------------------------------

    def tell(self, code: str, message: str, node: Node, hint: str | None = None, *, note: bool = False) -> None:
        """Note what LinkML does not say, with its place."""
        severity = Severity.NOTE if note else Severity.WARNING
        self.findings.append(Diagnostic(code, message, node.location, hint, severity=severity))

    def lost(self, keyword: str, reason: str, node: Node) -> None:
        """Note a keyword that is not carried."""
        self.tell("IMP010", f"'{keyword}' is not carried: {reason}", node)

    def _keywords(self, node: Node) -> None:
        """Count the keywords that no specification has, each told once with how often it stands."""
        for key in node.data:
            if key not in CARRIED:
                first, count = self.unknown.get(key, (Diagnostic("IMP013", "", node.location), 0))
                self.unknown[key] = (first, count + 1)

    # -- names -----------------------------------------------------------------------------------

    def root(self, node: Node, name: str) -> None:
        """The class of the records themselves."""
        found = self.referred(node, name)
        if found.values.range in self.objects and not found.many and not found.keyed:
            self.roots.add(str(found.values.range))
            return
        members = [part.range for part in found.values.any_of]
        if members and found.values.range is None and self.objects.issuperset(members):
            self._union(node, name)
        elif found.keyed:
            self.roots.add(str(self._object(node, name).values.range))
        else:
            self.tell("IMP012", "the records of this schema are not objects of one class", node,
                      "name the class of the records with --class")  # fmt: skip

    def _union(self, node: Node, name: str) -> None:
        """Records of several kinds are one class with the slots of all of them."""
        given = self.names.give(name)
        self.roots.add(given)
        self.waiting.append((given, node))
        self.tell("IMP011", f"records of several kinds become one class, '{given}', with the slots of all", node)

    def referred(self, node: Node, name: str) -> Found:
        """What a definition with a name of its own is; each is made once."""
        known = self.named.get(node.key)
        if known is not None:
            return known
        if self.gatherer.is_object(node):
            return self._object(node, name)
        self.named[node.key] = Found(ANY)  # a definition of itself by itself is anything
        found = self.named[node.key] = self._settled(self.found(node, name), node, name)
        return found

    def _object(self, node: Node, name: str) -> Found:
        """A class of its own, made when it is its turn."""
        given = self.names.give(name)
        self.objects.add(given)
        found = self.named[node.key] = Found(Values(range=given), inlined=True)
        self.waiting.append((given, node))
        return found

    def _settled(self, found: Found, node: Node, name: str) -> Found:
        """A scalar with a name and constraints of its own is a type."""
        values = found.values
        said = values.pattern or values.minimum_value is not None or values.maximum_value is not None
        if found.many or not said or values.any_of or values.all_of or values.none_of or values.range is None:
            return found
        given = self.names.give(name)
        description = node.data.get("description") if isinstance(node.data, Mapping) else None
        self.types[given] = ImportedType(given, values, _text(description))
        return replace(found, values=Values(range=given))

    # -- places ----------------------------------------------------------------------------------

    def found(self, node: Node, place: str) -> Found:
        """What may stand at a place; ``place`` names what is made for it alone."""
        self.depth += 1
        try:
            if self.depth > _DEPTH:
                self.tell("IMP010", f"nested deeper than {_DEPTH}: any value is taken", node)
                return Found(ANY)
            return self._found(node, place)
        finally:
            self.depth -= 1

    def _found(self, node: Node, place: str) -> Found:
        data = node.data
        if not isinstance(data, Mapping):
            return Found(ANY)
        if isinstance(reference := data.get("$ref"), str):
            return self._reference(node, reference, place)
        self._keywords(node)
        types = types_of(data)
        nullable = "null" in types or data.get("nullable") is True
        found = self._kind(node, place, [kind for kind in types if kind != "null"])
        return replace(found, nullable=found.nullable or nullable)

    def _reference(self, node: Node, reference: str, place: str) -> Found:
        target = self.documents.resolve(node, reference)
        if target is None:
            self.tell("IMP014", f"the reference '{reference}' is in none of the folders: any value is taken", node,
                      "nothing is fetched: put the file beside the schema, or name its folder with --refs")  # fmt: skip
            return Found(ANY)
        found = self.referred(target, _last(target, place))
        nullable = node.data.get("nullable") is True
        return replace(found, nullable=found.nullable or nullable)

    def _kind(self, node: Node, place: str, types: list[str]) -> Found:
        data = node.data
        if "not" in data:
            self.lost("not", "LinkML would need a class for what is not meant", node)
        if self.gatherer.is_object(node):
            return self._nested(node, place)
        if "const" in data or "enum" in data:
            return self._enumerated(node, place)
        for key in ("oneOf", "anyOf"):
            if data.get(key) and not (key == "oneOf" and _only_required(data[key])):
                return self._choice(node, key, place)
        if data.get("allOf"):
            return self._joined(node, place)
        if len(types) > 1:
            parts = [self.found(Node({**data, "type": kind}, node.document, node.path, node.base), place)
                     for kind in types]  # fmt: skip
            return self._either(parts, node)
        kind = types[0] if types else _implied(data)
        if kind == "array":
            return self._array(node, place)
        if kind == "object":
            return self._map(node, place)
        if kind is None and not data.keys() & {"format", "pattern", "minLength", "maxLength"}:
            return Found(ANY, nullable="null" in types_of(data))
        range_ = scalar_range(kind, data.get("format"))
        if range_ is None:
            return Found(ANY)
        return Found(constraints(data, range_, lambda keyword, why: self.lost(keyword, why, node)))

    def _nested(self, node: Node, place: str) -> Found:
        """An object described where it stands: a class named after the place."""
        return self.referred(node, place)

    def _enumerated(self, node: Node, place: str) -> Found:
        codes = [node.data["const"]] if "const" in node.data else node.data["enum"]
        if not isinstance(codes, Sequence) or isinstance(codes, str):
            return Found(ANY)
        nullable = None in codes
        codes = [code for code in codes if code is not None]
        texts = [code for code in codes if isinstance(code, str)]
        if codes and len(texts) == len(codes):
            if len(texts) == 1:
                return Found(Values(range="string", equals_string=texts[0]), nullable=nullable)
            given = self.names.give(place)
            self.enums[given] = ImportedEnum(
                given, tuple((text, None) for text in dict.fromkeys(texts)), _text(node.data.get("description"))
            )
            return Found(Values(range=given), nullable=nullable)
        return self._mixed(codes, node, nullable)

    def _mixed(self, codes: list[Any], node: Node, nullable: bool) -> Found:
        parts: list[Values] = []
        for code in codes:
            if isinstance(code, bool):
                parts.append(Values(range="boolean"))
            elif isinstance(code, str):
                parts.append(Values(range="string", equals_string=code))
            elif isinstance(code, (list, dict)):
                parts.append(ANY)
            else:
                range_ = "integer" if isinstance(code, int) else "decimal"
                parts.append(Values(range=range_, equals_number=code))
        parts = list(dict.fromkeys(parts))
        if ANY in parts or (any(part.range == "boolean" for part in parts) and len(set(map(str, codes))) < 2):
            self.lost("enum", "LinkML's codes are text or numbers", node)
        if ANY in parts or not parts:
            return Found(ANY, nullable=nullable)
        ranges = {part.range for part in parts}
        if len(ranges) == 1 and len(parts) > 1:
            alike = tuple(replace(part, range=None) for part in parts)
            return Found(Values(range=ranges.pop(), any_of=alike), nullable=nullable)
        return Found(parts[0] if len(parts) == 1 else Values(any_of=tuple(parts)), nullable=nullable)

    # -- choices ---------------------------------------------------------------------------------

    def _choice(self, node: Node, key: str, place: str) -> Found:
        """``oneOf`` and ``anyOf``: a code list where each is one code, else any of the parts."""
        branches = [node.below(key, at) for at in range(len(node.data[key]))]
        codes = [branch.data.get("const") for branch in branches if isinstance(branch.data, Mapping)]
        if len(codes) == len(branches) > 1 and all(isinstance(code, str) for code in codes):
            given = self.names.give(place)
            told = [_text(branch.data.get("description") or branch.data.get("title")) for branch in branches]
            self.enums[given] = ImportedEnum(
                given, tuple(zip(map(str, codes), told, strict=True)), _text(node.data.get("description"))
            )
            return Found(Values(range=given))
        nulls = [branch for branch in branches if _is_null(branch.data)]
        rest = [branch for branch in branches if branch not in nulls]
        shared = {name: node.data[name] for name in ("type", "items") if name in node.data}
        parts = []
        for number, branch in enumerate(rest, 1):
            if isinstance(branch.data, Mapping) and shared and "$ref" not in branch.data:
                branch = Node({**shared, **branch.data}, branch.document, branch.path, branch.base)
            title = branch.data.get("title") if isinstance(branch.data, Mapping) else None
            own = place if len(rest) == 1 else place + capitalised(str(title)) if title else f"{place}Option{number}"
            parts.append(self.found(branch, own))
        if key == "oneOf" and len(rest) > 1:
            self.tell("IMP015", "'oneOf' is carried as any_of: what fits several parts is taken too", node, note=True)
        found = self._either(parts, node)
        return replace(found, nullable=found.nullable or bool(nulls))

    def _either(self, parts: list[Found], node: Node) -> Found:
        """One of several; lists and single values together are more than LinkML can say."""
        parts = list(dict.fromkeys(parts))
        nullable = any(part.nullable for part in parts)
        if not parts:
            return Found(ANY, nullable=nullable)
        if len(parts) == 1:
            return parts[0]
        shapes = {(part.many, part.keyed) for part in parts}
        if len(shapes) > 1 or (True in {part.keyed for part in parts}):
            self.tell("IMP011", "one value or several, or objects by key or not: any value is taken", node)
            return Found(ANY, nullable=nullable)
        flat: list[Values] = []
        for part in parts:
            alone = part.values.any_of and part.values == Values(any_of=part.values.any_of)
            flat += part.values.any_of if alone else [part.values]
        flat = list(dict.fromkeys(flat))
        many = parts[0].many
        if ANY in flat:
            self.tell("IMP011", "one of the alternatives takes any value, so any value is taken", node, note=True)
            return Found(ANY, many=many, nullable=nullable)
        plain = {each.range for each in flat if each == Values(range=each.range)}
        flat = [each for each in flat if each == Values(range=each.range) or each.range not in plain]
        values = flat[0] if len(flat) == 1 else Values(any_of=tuple(flat))
        return Found(values, many=many, nullable=nullable, inlined=any(part.inlined for part in parts))

    def _joined(self, node: Node, place: str) -> Found:
        """``allOf`` of what is no object: the last that says a range, with what the others add."""
        parts = [self.found(node.below("allOf", at), place) for at in range(len(node.data["allOf"]))]
        rest = {key: value for key, value in node.data.items() if key != "allOf"}
        if rest.keys() & {"type", "pattern", "enum", "const", "minLength", "maxLength", "minimum", "maximum", "format"}:
            parts.append(self.found(Node(rest, node.document, node.path, node.base), place))
        said = [part for part in dict.fromkeys(parts) if part.values != ANY or part.many]
        if not said:
            return Found(ANY)
        narrow = [part for part in said if part.values != Values(range="string")] or said[:1]
        if len(narrow) == 1 or any(part.many != narrow[0].many for part in narrow):
            return narrow[-1]
        first, *others = narrow
        return replace(first, values=replace(first.values, all_of=(*first.values.all_of, *(o.values for o in others))))

    # -- lists and maps --------------------------------------------------------------------------

    def _array(self, node: Node, place: str) -> Found:
        data = node.data
        low, high = (_whole(data.get(key)) for key in ("minItems", "maxItems"))
        items = data.get("items")
        if "prefixItems" in data or isinstance(items, list):
            self.lost("prefixItems", "LinkML's lists have one kind of value at every position", node)
            return Found(ANY, many=True, low=low, high=high)
        if not isinstance(items, Mapping) or not items:
            return Found(ANY, many=True, low=low, high=high)
        inner = self.found(node.below("items"), place)
        values = inner.values
        if inner.many or inner.keyed:
            self.tell("IMP011", "a list of lists: LinkML's values are single, so any value is taken", node)
            values = ANY
        if inner.nullable:
            self.tell("IMP011", "values of the list may be null, which no list of LinkML holds", node)
        unique = data.get("uniqueItems") is True
        return Found(values, many=True, inlined=inner.inlined and values is not ANY, low=low, high=high, unique=unique)

    def _map(self, node: Node, place: str) -> Found:
        """An object without properties of its own: by key, one kind of object; else anything."""
        inner = node.data.get("additionalProperties")
        patterns = node.data.get("patternProperties")
        step: tuple[str, ...] = ("additionalProperties",)
        if not isinstance(inner, Mapping) and isinstance(patterns, Mapping) and len(patterns) == 1:
            key = next(iter(patterns))
            inner, step = patterns[key], ("patternProperties", key)
        if not isinstance(inner, Mapping) or not inner:
            return self._bare(node, place)
        found = self.found(node.below(*step), f"{place}Value")
        name = found.values.range
        if found.many or found.keyed or not found.inlined or name not in self.objects:
            return self._bare(node, place)
        entry = self.names.give(f"{place}Entry")
        key = ImportedSlot("map_key", Values(range="string"), description="The key of the entry.", identifier=True)
        self.entries[entry] = name
        self.classes[entry] = ImportedClass(entry, (key,), is_a=name, description=f"{name} under its key.")
        return Found(Values(range=entry), many=True, keyed=True)

    def _bare(self, node: Node, place: str) -> Found:
        """An object without properties of its own: a class without slots, one for all objects of any kind."""
        gathered = self.gatherer.gather(node)
        if not (gathered.closed or gathered.further):
            if self.any_object is None:
                self.any_object = self.names.give("AnyObject")
                self.classes[self.any_object] = ImportedClass(
                    self.any_object, description="An object with any keys.", extra=ANYTHING
                )
            return Found(Values(range=self.any_object), inlined=True)
        return self._object(node, place)

    # -- classes ---------------------------------------------------------------------------------

    def finish(self) -> None:
        """Make the classes that were met."""
        while self.waiting:
            name, node = self.waiting.popleft()
            self.classes[name] = self._class(name, node)
        for entry, name in self.entries.items():
            self.classes[entry] = replace(self.classes[entry], extra=self.classes[name].extra)
        for key, (first, count) in self.unknown.items():
            text = f"the keyword '{key}' is not carried ({count} places, this is the first)"
            hint = closest(key, CARRIED)
            self.findings.append(Diagnostic("IMP013", text, first.location, hint, severity=Severity.NOTE))

    def _class(self, name: str, node: Node) -> ImportedClass:
        self._keywords(node)
        gathered = self.made[name] = self.gatherer.gather(node)
        for keyword, reason, where in gathered.lost:
            self.lost(keyword, reason, where)
        parent, inherited = None, frozenset[str]()
        if gathered.parent is not None and not self._above(gathered.parent, node):
            parent = self.referred(gathered.parent, _last(gathered.parent, f"{name}Base")).values.range
            inherited = self.gatherer.names(gathered.parent)
        slots, named = self._slots(name, gathered, inherited)
        self._discriminated(node, slots)
        extra = self._extra(name, gathered, node) if named else ANYTHING
        return ImportedClass(
            name, tuple(slots.values()), _title(gathered.title, name), gathered.description, is_a=parent,
            tree_root=name in self.roots, conditions=gathered.conditions, extra=extra,
            deprecated=node.data.get("deprecated") is True,
        )  # fmt: skip

    def _extra(self, name: str, gathered: Gathered, node: Node) -> ImportedSlot | None:
        """What a class takes under keys that it does not name; None where it is closed."""
        if gathered.by_pattern:
            self.lost("patternProperties", "which of its keys have which values is not asked", node)
        if gathered.closed:
            parts = gathered.by_pattern
        elif gathered.further:
            parts = [*gathered.by_pattern, *gathered.further]
        else:
            return ANYTHING
        if not parts:
            return None
        found = self._either([self.found(part, f"{name}Value") for part in parts], node)
        if found.values == ANY and not found.many:
            return ANYTHING
        return ImportedSlot("", found.values, multivalued=found.many, keyed=found.keyed, inlined=found.inlined,
                            minimum_cardinality=found.low, maximum_cardinality=found.high)  # fmt: skip

    def _discriminated(self, node: Node, slots: dict[str, ImportedSlot]) -> None:
        """A discriminator whose values are the names of classes designates the type; any other is only told."""
        given = node.data.get("discriminator")
        key = given.get("propertyName") if isinstance(given, Mapping) else None
        if not isinstance(given, Mapping) or key not in slots:
            return
        mapping = given.get("mapping") if isinstance(given.get("mapping"), Mapping) else {}
        assert isinstance(mapping, Mapping)
        fits = slots[key].values in (Values(range="string"), ANY) and not slots[key].inherited
        for value, reference in mapping.items():
            target = self.documents.resolve(node, str(reference))
            named = self.referred(target, _last(target, str(value))).values.range if target is not None else None
            fits = fits and named == value
        if fits:
            slots[key] = replace(slots[key], values=Values(range="string"), designates_type=True)
        else:
            self.tell("IMP019", f"the discriminator '{key}' does not name classes: it is a slot like any other", node,
                      note=True)  # fmt: skip

    def _above(self, parent: Node, node: Node) -> bool:
        """Whether a parent has the class itself above it."""
        seen, at = set(), parent
        while at.key not in seen:
            if at.key == node.key:
                return True
            seen.add(at.key)
            above = self.gatherer.gather(at).parent
            if above is None:
                return False
            at = above
        return True

    def _slots(self, name: str, gathered: Gathered, inherited: frozenset[str]) -> tuple[dict[str, ImportedSlot], bool]:
        """The slots, and whether every property could be one."""
        slots: dict[str, ImportedSlot] = {}
        plain: dict[str, str] = {}
        named = True
        for key, given in gathered.properties.items():
            where = given.nodes[0]
            if not is_slot_name(key):
                self.tell("IMP017", "the name of a property cannot be the name of a slot", where)
                named = False
                continue
            spelled = "".join(char if char.isalnum() or char == "_" else "_" for char in key)
            if plain.setdefault(spelled, key) != key:
                self.tell("IMP017", f"'{plain[spelled]}' and '{key}' would have one name in code", where)
                named = False
                continue
            slots[key] = self._slot(key, given, f"{name}{capitalised(key)}", inherited=key in inherited)
        for key in gathered.required:
            if key in inherited and key not in slots and is_slot_name(key):
                slots[key] = ImportedSlot(key, required=True, inherited=True)
            elif key not in slots and is_slot_name(key):
                slots[key] = ImportedSlot(key, ANY, required=True)
        return slots, named

    def _slot(self, key: str, given: Property, place: str, *, inherited: bool) -> ImportedSlot:
        parts = [self.found(node, place) for node in given.nodes]
        data = [node.data for node in given.nodes if isinstance(node.data, Mapping)]
        found = self._either(parts, given.nodes[0]) if given.either else self._narrowed(parts)
        false = any(node.data is False for node in given.nodes)
        empty = found.many and not found.low
        required = given.required and not found.nullable and not empty
        if given.required and not required:
            why = "null" if found.nullable else "an empty list"
            self.tell("IMP018", f"'{key}' has to be there but may be {why}, which LinkML takes for no value: it is only"
                      " recommended", given.nodes[0], note=True)  # fmt: skip
        described = next((text for each in data if (text := _text(each.get("description")))), None)
        titled = next((text for each in data if (text := _text(each.get("title")))), None)
        return ImportedSlot(
            key, found.values, _title(titled, key), described, required=required,
            recommended=given.required and not required, multivalued=found.many, keyed=found.keyed,
            inlined=found.inlined, minimum_cardinality=found.low, maximum_cardinality=found.high, unique=found.unique,
            absent=false, deprecated=any(each.get("deprecated") is True for each in data), inherited=inherited,
            annotations=_annotations(data),
        )  # fmt: skip

    def _narrowed(self, parts: list[Found]) -> Found:
        """A property described several times is the last description that says more than 'anything'."""
        said = [part for part in parts if part.values != ANY] or parts
        return said[-1]

    def description(self, name: str, identifier: str, node: Node) -> Description:
        """Everything that was made."""
        data = node.data if isinstance(node.data, Mapping) else {}
        classes = sorted(self.classes.values(), key=lambda each: not each.tree_root)
        return Description(
            name, identifier, _text(data.get("title")), _text(data.get("description")), _text(data.get("version")),
            classes=tuple(classes), enums=tuple(self.enums.values()), types=tuple(self.types.values()),
            findings=tuple(dict.fromkeys(self.findings)),
        )  # fmt: skip


def _only_required(branches: Any) -> bool:
    return isinstance(branches, list) and all(
        isinstance(each, Mapping) and set(each) == {"required"} for each in branches
    )


def _last(node: Node, place: str) -> str:
    """The name of a definition: its title where its path has none, else the last step of its path."""
    steps = [step for step in node.path if not step.isdigit()]
    if steps and steps[-1] not in ("items", "additionalProperties", "allOf", "oneOf", "anyOf", "schema"):
        return steps[-1]
    if not steps:
        title = node.data.get("title") if isinstance(node.data, Mapping) else None
        stem = node.document.file.removesuffix(".json").removesuffix(".yaml").removesuffix(".yml")
        return str(title or stem.removesuffix("-schema").removesuffix(".schema"))
    return place


def _implied(data: Mapping[str, Any]) -> str | None:
    """The type that keywords imply where none is given."""
    if "items" in data or "prefixItems" in data:
        return "array"
    if data.keys() & {"additionalProperties", "patternProperties"}:
        return "object"
    return "number" if data.keys() & {"minimum", "maximum", "exclusiveMinimum", "multipleOf"} else None


def _is_null(data: Any) -> bool:
    if not isinstance(data, Mapping):
        return False
    return (
        data.get("type") in ("null", ["null"])
        or data.get("enum") == [None]
        or ("const" in data and data["const"] is None)
    )


def _whole(value: Any) -> int | None:
    return int(value) if isinstance(value, int) and not isinstance(value, bool) else None


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value.strip() else None


def _title(title: str | None, name: str) -> str | None:
    return None if title == name else title


def _annotations(data: Sequence[Mapping[str, Any]]) -> tuple[tuple[str, str], ...]:
    """What is said of the values and constrains none: a format that is no type, a default, who may write."""
    found: dict[str, str] = {}
    for each in data:
        form = each.get("format")
        if isinstance(form, str) and form not in FORMATS:
            found["format"] = form
        if isinstance(each.get("default"), (str, int)):
            default = each["default"]
            found["default"] = str(default).lower() if isinstance(default, bool) else str(default)
        for key in ("readOnly", "writeOnly"):
            if each.get(key) is True:
                found[key] = "true"
    return tuple(found.items())
