"""The shapes of a shapes graph as frozen data: targets, path, and constraints with their arguments read.

Only what a shape with a target leads to is read. A property of SHACL's vocabulary that is not part of SHACL 1.0 is
an error; what is part of it but is not compiled is told to the caller by :class:`NotCompiled`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any, Final

from semantics.errors import SourceError, closest
from semantics.validation.shacl.faults import IllFormed, NotCompiled, ill_formed
from semantics.validation.shacl.graph import Graph, read_rdf
from semantics.validation.shacl.paths import Path, Predicate, read_list, read_path
from semantics.validation.shacl.terms import RDF_TYPE, RDFS, SH, XSD, datatype_of, iri_of, language_of, sh, text_of

__all__ = [
    "REFUSED", "Constraint", "Qualified", "Shape", "Targets", "message_of", "read_shapes", "references", "shapes_graph",
]  # fmt: skip

TRUE: Final = f'"true"^^<{XSD}boolean>'


@dataclass(frozen=True, slots=True)
class Constraint:
    """One constraint: the local name of its component without its ending, and what it demands.

    The argument is a number, a term, a tuple of terms, a pair (pattern, flags), :class:`Qualified`, or the name of
    another shape, as the component has it.
    """

    component: str
    argument: Any


@dataclass(frozen=True, slots=True)
class Qualified:
    """``sh:qualifiedValueShape`` with a count, and the shapes of which a counted value may fulfil none."""

    shape: str
    count: int
    siblings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Targets:
    """What a shape is about (SHACL 1.0, section 2.1.3), as terms."""

    classes: tuple[str, ...] = ()
    nodes: tuple[str, ...] = ()
    subjects_of: tuple[str, ...] = ()
    objects_of: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.classes or self.nodes or self.subjects_of or self.objects_of)


@dataclass(frozen=True, slots=True)
class Shape:
    """A node shape, or with a path a property shape. ``name`` is its term in the shapes graph."""

    name: str
    path: Path | None = None
    targets: Targets = field(default_factory=Targets)
    constraints: tuple[Constraint, ...] = ()
    severity: str = f"{SH}Violation"
    message: str | None = None


# -- the vocabulary ------------------------------------------------------------------------------

_Read = Callable[[Graph, str, str], Any]
"""Reads a value of a property, given the graph, the value and the property's local name."""


def _term(_graph: Graph, value: str, _name: str) -> str:
    return value


def _iri(_graph: Graph, value: str, name: str) -> str:
    if value[0] != "<":
        raise ill_formed(f"a value of sh:{name} is not an IRI", about=name)
    return value


def _resource(_graph: Graph, value: str, name: str) -> str:
    if value[0] == '"':
        raise ill_formed(f"a value of sh:{name} is a literal", about=name)
    return value


def _count(_graph: Graph, value: str, name: str) -> int:
    text = text_of(value)
    if value[0] != '"' or datatype_of(value) != f"{XSD}integer" or len(text) > 18 or not text.lstrip("+-").isdecimal():
        raise ill_formed(f"a value of sh:{name} is not an integer", about=name)
    return int(text)


def _literal(_graph: Graph, value: str, name: str) -> str:
    if value[0] != '"':
        raise ill_formed(f"a value of sh:{name} is not a literal", about=name)
    return value


def _string(_graph: Graph, value: str, name: str) -> str:
    if value[0] != '"' or datatype_of(value) != f"{XSD}string":
        raise ill_formed(f"a value of sh:{name} is not a string", about=name)
    return text_of(value)


def _terms(graph: Graph, value: str, name: str) -> tuple[str, ...]:
    return read_list(graph, value, f"sh:{name}")


def _languages(graph: Graph, value: str, name: str) -> tuple[str, ...]:
    return tuple(_string(graph, each, name).lower() for each in _terms(graph, value, name))


def _flag(_graph: Graph, value: str, name: str) -> bool:
    # SHACL asks for the term true: "1"^^xsd:boolean is a boolean, and switches nothing on.
    if value[0] != '"' or datatype_of(value) != f"{XSD}boolean":
        raise ill_formed(f"a value of sh:{name} is not a boolean", about=name)
    return value == TRUE


@dataclass(frozen=True, slots=True)
class _Parameter:
    """A property that states a constraint by itself: its component, how its value is read, how often it may stand.

    ``shapes``: the value is a shape ("one") or a list of them ("list"). ``path``: property shapes alone have it.
    """

    component: str
    read: _Read
    single: bool = False
    path: bool = False
    shapes: str = ""


_PARAMETERS: Final[dict[str, _Parameter]] = {
    "class": _Parameter("Class", _iri),
    "datatype": _Parameter("Datatype", _iri, single=True),
    "nodeKind": _Parameter("NodeKind", _iri, single=True),
    "minCount": _Parameter("MinCount", _count, single=True, path=True),
    "maxCount": _Parameter("MaxCount", _count, single=True, path=True),
    "minExclusive": _Parameter("MinExclusive", _literal, single=True),
    "minInclusive": _Parameter("MinInclusive", _literal, single=True),
    "maxExclusive": _Parameter("MaxExclusive", _literal, single=True),
    "maxInclusive": _Parameter("MaxInclusive", _literal, single=True),
    "minLength": _Parameter("MinLength", _count, single=True),
    "maxLength": _Parameter("MaxLength", _count, single=True),
    "pattern": _Parameter("Pattern", _string),
    "languageIn": _Parameter("LanguageIn", _languages, single=True),
    "uniqueLang": _Parameter("UniqueLang", _flag, single=True, path=True),
    "equals": _Parameter("Equals", _iri),
    "disjoint": _Parameter("Disjoint", _iri),
    "lessThan": _Parameter("LessThan", _iri, path=True),
    "lessThanOrEquals": _Parameter("LessThanOrEquals", _iri, path=True),
    "not": _Parameter("Not", _resource, shapes="one"),
    "and": _Parameter("And", _terms, shapes="list"),
    "or": _Parameter("Or", _terms, shapes="list"),
    "xone": _Parameter("Xone", _terms, shapes="list"),
    "node": _Parameter("Node", _resource, shapes="one"),
    "property": _Parameter("Property", _resource, shapes="one"),
    "hasValue": _Parameter("HasValue", _term),
    "in": _Parameter("In", _terms, single=True),
    "closed": _Parameter("Closed", _flag, single=True),
    "qualifiedValueShape": _Parameter("Qualified", _resource, path=True, shapes="one"),
}
"""The properties of SHACL Core that state a constraint (SHACL 1.0, section 4)."""
_BESIDE: Final = frozenset({
    "flags", "ignoredProperties", "qualifiedMinCount", "qualifiedMaxCount", "qualifiedValueShapesDisjoint",
})  # fmt: skip
"""Properties that add to one of those."""
_OTHER: Final = frozenset({
    "path", "targetClass", "targetNode", "targetSubjectsOf", "targetObjectsOf", "severity", "message", "deactivated",
    "name", "description", "order", "group", "defaultValue", "alternativePath", "inversePath", "zeroOrMorePath",
    "oneOrMorePath", "zeroOrOnePath", "declare", "prefix", "namespace", "shapesGraph", "suggestedShapesGraph",
})  # fmt: skip
"""Properties that state no constraint."""
REFUSED: Final = (
    "sparql", "js", "rule", "target", "values", "expression", "prefixes", "select", "ask", "construct", "update",
    "jsFunctionName", "jsLibrary", "jsLibraryURL", "validator", "nodeValidator", "propertyValidator", "parameter",
    "entailment", "filterShape", "nodes", "reifierShape",
)  # fmt: skip
"""SHACL-SPARQL, SHACL-JS and SHACL Advanced Features: another engine's business, or nobody's."""
_TARGETS: Final = {
    "classes": "targetClass", "nodes": "targetNode", "subjects_of": "targetSubjectsOf", "objects_of": "targetObjectsOf",
}  # fmt: skip


# -- reading -------------------------------------------------------------------------------------


def shapes_graph(text: str | bytes) -> Graph:
    """The graph of shapes in Turtle. Raises :class:`~semantics.errors.DefinitionError` (VAL041) for other text."""
    try:
        return read_rdf(text, "turtle")
    except SourceError as fault:
        found = fault.diagnostics[0]
        reason = found.message.removeprefix("the RDF cannot be read: ")
        raise IllFormed(replace(found, code="VAL041", message=f"the shapes cannot be used: {reason}")) from None


def read_shapes(graph: Graph) -> dict[str, Shape]:
    """The shapes that have a target, in the order of the text, and those that they refer to, by name.

    Raises :class:`~semantics.errors.DefinitionError` for shapes that are not well-formed, :class:`NotCompiled`
    for what is beyond SHACL Core.
    """
    used = {predicate for _, predicate, _ in graph.triples()}
    beyond = tuple(name for name in REFUSED if sh(name) in used)
    if beyond:
        raise NotCompiled(tuple(f"sh:{name}" for name in beyond))
    found: dict[str, Shape] = {}
    todo = [name for name in graph.forward if _targets(graph, name)]
    while todo:
        name = todo.pop(0)
        if name not in found:
            shape = found[name] = _shape(graph, name)
            todo += [each for each in references(shape) if each not in found]
    return found


def _shape(graph: Graph, name: str) -> Shape:
    properties = graph.forward.get(name, {})
    if not properties and name[0] != "_":  # a node without a name and properties is the shape that all conform to
        raise ill_formed(f"the shape {_shown(name)} is referred to and not described")
    _check_words(properties)
    paths = properties.get(sh("path"), [])
    if len(paths) > 1:
        raise ill_formed(f"the shape {_shown(name)} has more than one sh:path", about="path")
    if _PROPERTY_SHAPE in properties.get(RDF_TYPE, ()) and not paths:
        raise ill_formed(f"the property shape {_shown(name)} has no sh:path", about="path")
    deactivated = _single(graph, name, "deactivated", _flag, default=False)
    return Shape(
        name=name,
        path=read_path(graph, paths[0]) if paths else None,
        targets=_targets(graph, name),
        constraints=() if deactivated else tuple(_constraints(graph, name, property_shape=bool(paths))),
        severity=_single(graph, name, "severity", _iri, default=sh("Violation"))[1:-1],
        message=message_of(graph, name),
    )


_NODE_SHAPE: Final = sh("NodeShape")
_PROPERTY_SHAPE: Final = sh("PropertyShape")
_CLASSES: Final = f"<{RDFS}Class>"


def _targets(graph: Graph, name: str) -> Targets:
    found = {kind: list(graph.objects(name, sh(told))) for kind, told in _TARGETS.items()}
    if graph.is_instance(name, _CLASSES) and _is_shape(graph, name):
        found["classes"].append(name)
    for kind in ("classes", "subjects_of", "objects_of"):
        for value in found[kind]:
            _iri(graph, value, _TARGETS[kind])
    return Targets(**{kind: tuple(dict.fromkeys(values)) for kind, values in found.items()})


def _is_shape(graph: Graph, name: str) -> bool:
    """Whether a class is a shape too, by its type or by what it states (SHACL 1.0, section 2.1)."""
    types = graph.objects(name, RDF_TYPE)
    return (
        _NODE_SHAPE in types or _PROPERTY_SHAPE in types or any(graph.objects(name, sh(word)) for word in _PARAMETERS)
    )


def _single(graph: Graph, name: str, word: str, read: _Read, *, default: Any) -> Any:
    values = graph.objects(name, sh(word))
    if len(values) > 1:
        raise ill_formed(f"the shape {_shown(name)} has sh:{word} more than once", about=word)
    return read(graph, values[0], word) if values else default


def message_of(graph: Graph, name: str) -> str | None:
    """The modeller's text: in English or without a language, if there are several."""
    told = sorted(graph.objects(name, sh("message")), key=lambda term: (language_of(term) not in ("", "en"), term))
    return text_of(_literal(graph, told[0], "message")) if told else None


def _constraints(graph: Graph, name: str, *, property_shape: bool) -> Iterator[Constraint]:
    for word, parameter in _PARAMETERS.items():
        values = graph.objects(name, sh(word))
        if len(values) > 1 and parameter.single:
            raise ill_formed(f"the shape {_shown(name)} has sh:{word} more than once", about=word)
        if values and parameter.path and not property_shape:
            raise ill_formed(f"sh:{word} is for property shapes, and {_shown(name)} has no sh:path", about=word)
        for value in values:
            yield from _READERS.get(word, _plain)(graph, name, word, parameter.read(graph, value, word))


def _plain(_graph: Graph, _name: str, word: str, argument: Any) -> Iterator[Constraint]:
    yield Constraint(_PARAMETERS[word].component, argument)


def _pattern(graph: Graph, name: str, _word: str, pattern: str) -> Iterator[Constraint]:
    yield Constraint("Pattern", (pattern, _single(graph, name, "flags", _string, default="")))


def _if_true(_graph: Graph, _name: str, word: str, wanted: bool) -> Iterator[Constraint]:
    if wanted:
        yield Constraint(_PARAMETERS[word].component, None)


def _closed(graph: Graph, name: str, _word: str, wanted: bool) -> Iterator[Constraint]:
    """Closed: the properties that the shape's own property shapes name, and those that are passed over."""
    if not wanted:
        return
    allowed = list(_single(graph, name, "ignoredProperties", _terms, default=()))
    for inner in graph.objects(name, sh("property")):
        paths = graph.objects(inner, sh("path"))
        if len(paths) == 1 and isinstance(path := read_path(graph, paths[0]), Predicate):
            allowed.append(path.term)
    yield Constraint("Closed", frozenset(allowed))


def _qualified(graph: Graph, name: str, word: str, shape: str) -> Iterator[Constraint]:
    siblings: tuple[str, ...] = ()
    if _single(graph, name, "qualifiedValueShapesDisjoint", _flag, default=False):
        parents = graph.subjects(sh("property"), name)
        around = [each for parent in parents for each in graph.objects(parent, sh("property"))]
        found = [each for other in around for each in graph.objects(other, sh(word))]
        siblings = tuple(each for each in dict.fromkeys(found) if each != shape)
    counts = {kind: _single(graph, name, f"qualified{kind}Count", _count, default=None) for kind in ("Min", "Max")}
    if counts == {"Min": None, "Max": None}:
        raise ill_formed(f"the shape {_shown(name)} has sh:{word} and no count for it", about=word)
    for kind, count in counts.items():
        if count is not None:
            yield Constraint(f"Qualified{kind}Count", Qualified(shape, count, siblings))


_READERS: Final[dict[str, Callable[[Graph, str, str, Any], Iterator[Constraint]]]] = {
    "pattern": _pattern,
    "uniqueLang": _if_true,
    "closed": _closed,
    "qualifiedValueShape": _qualified,
}
"""The properties that other properties add to; all others are a constraint as they stand."""


def references(shape: Shape) -> Iterator[str]:
    """The shapes that a shape refers to."""
    lists = {parameter.component for parameter in _PARAMETERS.values() if parameter.shapes == "list"}
    ones = {parameter.component for parameter in _PARAMETERS.values() if parameter.shapes == "one"}
    for constraint in shape.constraints:
        if constraint.component in lists:
            yield from constraint.argument
        elif constraint.component in ones:
            yield constraint.argument
        elif isinstance(constraint.argument, Qualified):
            yield constraint.argument.shape
            yield from constraint.argument.siblings


def _check_words(properties: dict[str, list[str]]) -> None:
    """Every property of SHACL's vocabulary is one that SHACL has: a wrong letter switches nothing off."""
    known = {*_PARAMETERS, *_BESIDE, *_OTHER}
    for predicate in properties:
        if predicate.startswith(f"<{SH}") and (word := predicate[1 + len(SH) : -1]) not in known:
            hint = closest(word, sorted(known))
            raise ill_formed(f"SHACL has no property sh:{word}", about=word, hint=hint)


def _shown(name: str) -> str:
    iri = iri_of(name)
    return f"<{iri}>" if iri else "without a name"
