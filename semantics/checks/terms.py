"""Rules of schemas about terms: bindings, meanings, prefixes, and the SSSOM sets that are kept beside a model."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from semantics.checks.schema_rule import TERMS, Found, SchemaSubject, parts, schema_rule
from semantics.checks.sssom import SssomSet, read_set
from semantics.errors import Location, Severity, closest, escaped
from semantics.schema.load import Element
from semantics.schema.types import CURI_MAPS

__all__ = ["duplicate_term", "enum_without_meaning", "sssom_set", "sssom_subject", "unbound_class",
           "undeclared_prefix", "unused_prefix"]  # fmt: skip

_CURIE = re.compile(r"([A-Za-z_][\w.-]*):(\S+)")
_OTHERS = frozenset({"http", "https", "urn", "mailto", "tag", "did", "info", "doi"})


@schema_rule("UNBOUND_CLASS", "CHK045", "terms", Severity.NOTE)
def unbound_class(subject: SchemaSubject) -> Iterator[Found]:
    """A class has no class_uri, and nothing binds it to a known term.

    Without a term two models that mean the same cannot find out. A decision for a term of one's own is a class_uri
    too; a row in the SSSOM set beside the model counts, and so do exact_mappings and the like. A schema that binds
    none of its classes only says what a file holds, and is left alone.

    Bad:
        classes:
          Order: {class_uri: "schema:Order", description: What somebody buys.}
          Customer: {description: Somebody who buys.}
    Good:
        classes:
          Order: {class_uri: "schema:Order", description: What somebody buys.}
          Customer: {class_uri: "schema:Person", description: Somebody who buys.}
    """
    bound = _bound(subject)
    for cls in subject.classes():
        if bound and cls.name not in bound:
            yield Found(f"class '{escaped(cls.name)}' is bound to no term", cls.location(),
                        "give it a class_uri, or a row in the SSSOM set of the model")  # fmt: skip


def _bound(subject: SchemaSubject) -> set[str]:
    """The classes that have a term; none in a schema that only says what a file holds."""
    linked = {row.subject for one in _sets(subject) for row in one.rows}
    return {cls.name for cls in subject.classes()
            if cls.data.get("class_uri") or any(cls.data.get(key) for key in TERMS)
            or subject.model.classes[cls.name].uri in linked}  # fmt: skip


@schema_rule("ENUM_WITHOUT_MEANING", "CHK047", "terms", Severity.NOTE)
def enum_without_meaning(subject: SchemaSubject) -> Iterator[Found]:
    """None of the values of an enum has a meaning, and the enum has no enum_uri.

    A value with a meaning is an IRI in RDF, and equal to that of another model; a value without one is a text.
    A schema that binds none of its classes to terms is left alone.

    Bad:
        Colour: {permissible_values: {red: {}, blue: {}}}
    Good:
        Colour: {permissible_values: {red: {meaning: "ex:red"}, blue: {meaning: "ex:blue"}}}
    """
    for enum in subject.enums() if _bound(subject) else ():
        values = list(parts(enum, "permissible_values"))
        terms = any(value.data.get("meaning") for value in values)
        if values and not terms and not enum.data.get("enum_uri") and not any(enum.data.get(key) for key in TERMS):
            yield Found(f"no value of enum '{escaped(enum.name)}' has a meaning", enum.location(),
                        "give the values a meaning, or the enum an enum_uri")  # fmt: skip


@schema_rule("DUPLICATE_TERM", "CHK048", "terms")
def duplicate_term(subject: SchemaSubject) -> Iterator[Found]:
    """Two elements are bound to one term.

    In RDF they are one thing: two classes cannot be told apart, two slots of a class become one property, two values
    of an enum one value.

    Bad:
        permissible_values: {open: {meaning: "ex:open"}, opened: {meaning: "ex:open"}}
    Good:
        permissible_values: {open: {meaning: "ex:open"}, opened: {meaning: "ex:opened"}}
    """
    given = [cls for cls in subject.files.classes.values() if cls.data.get("class_uri")]
    own = set(map(id, subject.classes()))
    seen: dict[str, str] = {}
    for cls in given:
        other = seen.setdefault(subject.model.classes[cls.name].uri, cls.name)
        if other != cls.name and id(cls) in own:
            yield Found(f"classes '{escaped(other)}' and '{escaped(cls.name)}' are bound to one term",
                        cls.location("class_uri"), "a term for each, or say it by close_mappings")  # fmt: skip
    for enum in subject.enums():
        yield from _doubled_values(subject, enum)
    for cls in subject.classes():
        yield from _doubled_slots(subject, cls)


def _doubled_values(subject: SchemaSubject, enum: Element) -> Iterator[Found]:
    seen: dict[str, str] = {}
    for value in parts(enum, "permissible_values"):
        made = subject.model.enums[enum.name].values.get(value.name)
        if made is None or not made.meaning:
            continue
        other = seen.setdefault(made.meaning, value.name)
        if other != value.name:
            yield Found(f"values '{escaped(other)}' and '{escaped(value.name)}' have one meaning",
                        value.location("meaning"))  # fmt: skip


def _doubled_slots(subject: SchemaSubject, cls: Element) -> Iterator[Found]:
    """Slots of one property, told at the class that brings the second of them."""
    seen: dict[str, str] = {}
    mine = {part.name: part for part in parts(cls, "attributes")}
    for slot in subject.model.classes[cls.name].slots.values():
        other = seen.setdefault(slot.uri, slot.name)
        if other != slot.name and slot.owner == cls.name:
            place = mine[slot.name].location("slot_uri") if slot.name in mine else cls.item("slots", slot.name)
            both = f"'{escaped(other)}' and '{escaped(slot.name)}'"
            yield Found(
                f"slots {both} of '{escaped(cls.name)}' are one property", place, "give one of them another slot_uri"
            )


@schema_rule("UNUSED_PREFIX", "CHK052", "prefixes", fixable=True)
def unused_prefix(subject: SchemaSubject) -> Iterator[Found]:
    """A prefix is declared, and nothing in the schema or the workspace is written with it.

    Prefixes stand in every context and every Turtle file that is made from the model.

    Bad:
        prefixes:
          foaf: http://xmlns.com/foaf/0.1/
        classes:
          Customer: {class_uri: "schema:Person"}
    Good:
        prefixes:
          schema: https://schema.org/
        classes:
          Customer: {class_uri: "schema:Person"}
    """
    own = subject.own
    used = {str(own.data.get("default_prefix", ""))}
    for _, text in _texts({key: value for key, value in own.data.items() if key != "prefixes"}, ()):
        match = _CURIE.match(text)
        used.add(match[1] if match else text)
    for text in subject.sets.values():
        used |= set(re.findall(r"([A-Za-z_][\w.-]*):\S", text))
    declared = own.data.get("prefixes")
    for prefix in declared if isinstance(declared, Mapping) else ():
        if prefix not in used and not subject.mentioned(f"{prefix}:"):
            yield Found(f"prefix '{escaped(prefix)}' is declared and never used", own.location("prefixes", prefix),
                        "remove it")  # fmt: skip


@schema_rule("UNDECLARED_PREFIX", "CHK053", "prefixes")
def undeclared_prefix(subject: SchemaSubject) -> Iterator[Found]:
    """A prefix is used in mappings of an element, or named as one to be emitted, and is not declared.

    It stands for nothing, so the link leads nowhere. In class_uri, slot_uri, enum_uri and meaning it is refused
    (`SCH016`). Nothing is said of a schema whose default_curi_maps names maps that are not here: they may declare it.

    Bad:
        Customer: {exact_mappings: ["foaf:Person"]}
    Good:
        prefixes: {foaf: "http://xmlns.com/foaf/0.1/"}
        classes:
          Customer: {exact_mappings: ["foaf:Person"]}
    """
    own, known = subject.own, subject.model.namespaces
    maps = own.data.get("default_curi_maps")
    if any(name not in CURI_MAPS for name in (maps if isinstance(maps, list) else ())):
        return
    for path, text in _texts(own.data, ()):
        keys = {step for step in path if isinstance(step, str)}
        match = _CURIE.fullmatch(text)
        if "annotations" in keys or path[-1] == text:
            continue
        if path[-1] == "default_prefix":
            prefix = text if ":" not in text else None
        elif isinstance(path[-1], int) and path[-2] in ("id_prefixes", "emit_prefixes"):
            prefix = text
        elif isinstance(path[-1], int) and path[-2] in TERMS and match and not match[2].startswith("//"):
            prefix = match[1]
        else:
            continue
        if prefix is not None and prefix not in known and prefix not in _OTHERS:
            yield Found(f"prefix '{escaped(prefix)}' is not declared", own.location(*path),
                        closest(prefix, known) or f"declare '{escaped(prefix)}' under prefixes")  # fmt: skip


def _texts(data: object, path: tuple[str | int, ...]) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Every text of plain data with its path, keys among them."""
    if isinstance(data, Mapping):
        for key, value in data.items():
            yield (*path, key), str(key)
            yield from _texts(value, (*path, key))
    elif isinstance(data, list):
        for index, item in enumerate(data):
            yield from _texts(item, (*path, index))
    elif isinstance(data, str):
        yield path, data


@schema_rule("SSSOM_SUBJECT", "CHK054", "terms")
def sssom_subject(subject: SchemaSubject) -> Iterator[Found]:
    """The SSSOM set that is kept beside a model links something that the model does not have.

    The element was renamed or removed and its link was forgotten. The set is `mappings/NAME.sssom.tsv` or
    `NAME.sssom.tsv` beside the schema.

    Bad:
        # subject_id    predicate_id      object_id
        # shop:Cusomer  skos:exactMatch   schema:Person
    Good:
        # subject_id    predicate_id      object_id
        # shop:Customer skos:exactMatch   schema:Person
    """
    model, namespace = subject.model, subject.model.default_namespace
    known = {cls.uri for cls in model.classes.values()} | {enum.uri for enum in model.enums.values()}
    known |= {slot.uri for cls in model.classes.values() for slot in cls.slots.values()}
    known |= {value.meaning for enum in model.enums.values() for value in enum.values.values()}
    names = {*model.classes, *model.enums, *(name for cls in model.classes.values() for name in cls.slots),
             *(value for enum in model.enums.values() for value in enum.values), *subject.files.slots}  # fmt: skip
    for one in _sets(subject):
        for row in one.rows:
            local = row.subject.removeprefix(namespace)
            if (
                local != row.subject
                and row.subject not in known
                and not names.intersection((local, local.split("/")[-1]))
            ):
                yield Found(f"the model has no '{escaped(row.written)}'", Location(one.file, row.line),
                            closest(local, names))  # fmt: skip


@schema_rule("SSSOM_SET", "CHK055", "terms")
def sssom_set(subject: SchemaSubject) -> Iterator[Found]:
    """An SSSOM set lacks a column or a justification, uses a prefix that its curie_map has not, or says a link twice.

    Other tools refuse such a file, or read less in it than was meant.

    Bad:
        # curie_map: {shop: "https://example.org/shop/"}
        # shop:Customer skos:exactMatch schema:Person
    Good:
        # curie_map: {shop: "https://example.org/shop/", schema: "https://schema.org/"}
        # shop:Customer skos:exactMatch schema:Person
    """
    for one in _sets(subject):
        for line, fault in one.faults:
            yield Found(fault, Location(one.file, line))


def _sets(subject: SchemaSubject) -> Iterable[SssomSet]:
    return [read_set(name, text) for name, text in subject.sets.items()]
