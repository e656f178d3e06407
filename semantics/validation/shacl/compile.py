"""Shapes compiled to closures: a quick yes or no for what conforms, and every result for what does not.

A node shape looks up what to check for each property that a node *has*, so its cost is that of the data and not that
of the shape. What a shape says of a node is remembered for one validation; a shape that leads back to itself through
the data takes what is being found out to hold (the greatest fixpoint), which needs that no negation lies between.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from semantics.errors import Diagnostic, SourceError
from semantics.validation.shacl.components import ON_SETS, ON_TERMS, ON_VALUES, SetTest, TermTest, ValueTest
from semantics.validation.shacl.faults import ill_formed
from semantics.validation.shacl.graph import Graph, read_record
from semantics.validation.shacl.paths import Path, Predicate, follow
from semantics.validation.shacl.recursion import recursive
from semantics.validation.shacl.results import Result
from semantics.validation.shacl.shapes import Shape, read_shapes, references, shapes_graph
from semantics.validation.shacl.terms import RDF_TYPE

__all__ = ["CompiledShapes", "compile_graph", "compile_shapes", "describes"]

Holds = Callable[[Graph, str], bool]
Over = Callable[[Graph, str, Sequence[str]], bool]
"""Whether the value nodes of a focus node conform to a property shape."""


@dataclass(slots=True, eq=False)
class CompiledShape:
    """One shape: ``holds`` says whether a node conforms, ``over`` the same of value nodes that are known."""

    shape: Shape
    follow: Callable[[Graph, str], Sequence[str]] | None = None
    terms: list[tuple[str, TermTest]] = field(default_factory=list)
    tests: list[tuple[str, ValueTest]] = field(default_factory=list)
    sets: list[tuple[str, SetTest]] = field(default_factory=list)
    properties: list[CompiledShape] = field(default_factory=list)
    over: Over = lambda _graph, _focus, _values: True
    holds: Holds = lambda _graph, _focus: True

    def results(self, graph: Graph, focus: str) -> Iterator[Result]:
        """Everything that is wrong with a node."""
        values = (focus,) if self.follow is None else self.follow(graph, focus)
        for component, offences in self.sets:
            for value, predicate in offences(graph, focus, values):
                yield self._result(focus, component, value, Predicate(predicate) if predicate else self.shape.path)
        for component, fits in self.terms:
            for value in values:
                if not fits(value):
                    yield self._result(focus, component, value, self.shape.path)
        for component, test in self.tests:
            for value in values:
                if not test(graph, value):
                    yield self._result(focus, component, value, self.shape.path)
        for inner in self.properties:
            for value in values:
                yield from inner.results(graph, value)

    def _result(self, focus: str, component: str, value: str | None, path: Path | None) -> Result:
        shape = self.shape
        return Result(focus, path, component, value, shape.name, shape.severity, shape.message)


class CompiledShapes:
    """A shapes graph that is ready to validate; made once, used for any number of graphs."""

    def __init__(self, compiled: dict[str, CompiledShape]) -> None:
        self.shapes: Final = tuple(each.shape for each in compiled.values())
        self.by_class: Final[dict[str, tuple[CompiledShape, ...]]] = {}
        self._others: list[CompiledShape] = []
        for each in compiled.values():
            targets = each.shape.targets
            for class_ in targets.classes:
                self.by_class[class_] = (*self.by_class.get(class_, ()), each)
            if targets.nodes or targets.subjects_of or targets.objects_of:
                self._others.append(each)

    def record(self, data: bytes) -> list[Result]:
        """What is wrong with one record, given as canonical N-Triples; nothing where it conforms.

        Only nodes that the record describes, and literals, are focus nodes: ``sh:targetNode`` and
        ``sh:targetObjectsOf`` ask nothing of other records.
        """
        return self.validate(read_record(data), described=True)

    def validate(self, graph: Graph, *, described: bool = False) -> list[Result]:
        """Every result, by focus node and shape in the order of the text. ``described``: see :meth:`record`.

        Raises :class:`~semantics.errors.SourceError` for data that is nested too deeply.
        """
        try:
            failing = list(self._failing(graph, described=described))[::-1]
            return [result for shape, node in failing for result in shape.results(graph, node)]
        except RecursionError:
            raise SourceError(
                Diagnostic("VAL040", "the RDF cannot be validated: its nodes are nested too deeply")
            ) from None

    def _failing(self, graph: Graph, *, described: bool = False) -> Iterator[tuple[CompiledShape, str]]:
        """The shapes and focus nodes that do not go together."""
        by_class, ancestors = self.by_class, graph.superclasses
        # Backwards: what stands inside is mostly written after what it stands in, and is then known already.
        for node in reversed(graph.forward):
            types = graph.forward[node].get(RDF_TYPE)
            if types is None:
                continue
            if len(types) == 1 and not ancestors:
                shapes = by_class.get(types[0], ())
            else:
                classes = dict.fromkeys(above for type_ in types for above in ancestors.get(type_, (type_,)))
                shapes = tuple(dict.fromkeys(shape for class_ in classes for shape in by_class.get(class_, ())))
            for shape in shapes:
                if not shape.holds(graph, node):
                    yield shape, node
        for shape in self._others:
            yield from ((shape, node) for node in _foci(shape, graph, described) if not shape.holds(graph, node))


def describes(graph: Graph, node: str) -> bool:
    """Whether the graph says what there is to say of a node: a literal says it itself."""
    return node[0] == '"' or node in graph.forward


def _foci(shape: CompiledShape, graph: Graph, described: bool) -> Iterator[str]:
    """The focus nodes that no class gives a shape."""
    targets = shape.shape.targets
    found = dict.fromkeys(targets.nodes)
    for predicate in targets.subjects_of:
        found |= dict.fromkeys(node for node, properties in graph.forward.items() if predicate in properties)
    for predicate in targets.objects_of:
        found |= dict.fromkeys(node for node, properties in graph.backward.items() if predicate in properties)
    if described:
        found = dict.fromkeys(node for node in found if describes(graph, node))
    return (node for node in found if not any(graph.is_instance(node, class_) for class_ in targets.classes))


# -- compiling -----------------------------------------------------------------------------------


def compile_shapes(text: str | bytes) -> CompiledShapes:
    r"""The shapes of a shapes graph in Turtle, compiled.

    Raises :class:`~semantics.errors.DefinitionError` (VAL041, VAL042) for shapes that cannot be used, and
    :class:`~semantics.validation.shacl.faults.NotCompiled` for SHACL-SPARQL and the like, and for shapes that
    refer to themselves through a negation.

    >>> shapes = compile_shapes('''
    ...     @prefix sh: <http://www.w3.org/ns/shacl#> .
    ...     <urn:s> sh:targetClass <urn:C> ; sh:property [ sh:path <urn:p> ; sh:minCount 1 ] .''')
    >>> a = b"<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"
    >>> [result.component for result in shapes.record(b"<urn:a> " + a + b" <urn:C> .\n")]
    ['MinCount']
    """
    return compile_graph(shapes_graph(text))


def compile_graph(graph: Graph) -> CompiledShapes:
    """The same for a shapes graph that is read already."""
    return CompiledShapes(_Compiler(read_shapes(graph)).compiled)


class _Compiler:
    """Compiles shapes that may refer to one another in any order."""

    def __init__(self, shapes: dict[str, Shape]) -> None:
        self.shapes = shapes
        self.compiled = {name: CompiledShape(shape) for name, shape in shapes.items()}
        for one in self.compiled.values():
            self._fill(one)
        # Node shapes take over what their property shapes say of values, so those come first.
        for one in sorted(self.compiled.values(), key=lambda one: one.shape.path is None):
            if one.shape.path is None:
                one.holds = _node_holds(one)
            else:
                one.over = _over(one)
                one.holds = _path_holds(one)
        self._remember()

    def _fill(self, one: CompiledShape) -> None:
        build = self.compiled.__getitem__
        if one.shape.path is not None:
            one.follow = follow(one.shape.path)
        for constraint in one.shape.constraints:
            component, argument = constraint.component, constraint.argument
            if component == "Property":
                one.properties.append(self._property(argument))
            elif component == "Node" and self.shapes[argument].path is not None:
                raise ill_formed("a value of sh:node is a property shape", about="node")
            elif component in ON_TERMS:
                one.terms.append((component, ON_TERMS[component](argument)))
            elif component in ON_VALUES:
                one.tests.append((component, ON_VALUES[component](argument, build)))
            else:
                one.sets.append((component, ON_SETS[component](argument, build)))

    def _property(self, name: str) -> CompiledShape:
        if self.shapes[name].path is None:
            raise ill_formed("a value of sh:property has no sh:path", about="property")
        return self.compiled[name]

    def _remember(self) -> None:
        uses = Counter(each for shape in self.shapes.values() for each in references(shape))
        circles = recursive(self.shapes)
        for number, (name, one) in enumerate(self.compiled.items()):
            if name in circles:
                one.holds = _fixpoint(number, one.holds)
            elif uses[name] + bool(one.shape.targets) > 1:
                one.holds = _remembered(number, one.holds)


# -- closures ------------------------------------------------------------------------------------


def _remembered(number: int, holds: Holds) -> Holds:
    """The same, asked once for a node in one validation."""

    def remembered(graph: Graph, node: str) -> bool:
        verdicts, key = graph.verdicts, (number, node)
        found = verdicts.get(key)
        if found is None:
            found = verdicts[key] = holds(graph, node)
        return found

    return remembered


def _fixpoint(number: int, holds: Holds) -> Holds:
    """The same for a shape that leads back to itself: what is being found out is taken to hold.

    Where it then does not, what was concluded from it meanwhile is forgotten, and found out anew when needed.
    """

    def found_out(graph: Graph, node: str) -> bool:
        verdicts, key = graph.verdicts, (number, node)
        if key in verdicts:
            known = verdicts[key]
            if known is not None:
                return known
            graph.assumed.add(key)
            return True
        verdicts[key] = None
        found = verdicts[key] = holds(graph, node)
        if not found and key in graph.assumed:
            later = list(verdicts)
            for each in later[later.index(key) + 1 :]:
                if verdicts[each]:
                    del verdicts[each]
        return found

    return found_out


def _path_holds(one: CompiledShape) -> Holds:
    over, path = one.over, one.shape.path
    if isinstance(path, Predicate):
        term = path.term
        return lambda graph, focus: over(graph, focus, graph.objects(focus, term))
    values = one.follow
    assert values is not None
    return lambda graph, focus: over(graph, focus, values(graph, focus))


def _term_test(one: CompiledShape) -> TermTest | None:
    """What a shape says of the terms of values, as one test."""
    tests = [test for _, test in one.terms]
    if len(tests) < 2:
        return tests[0] if tests else None
    if len(tests) == 2:
        first, second = tests
        return lambda value: first(value) and second(value)
    return lambda value: all(test(value) for test in tests)


def _value_test(one: CompiledShape) -> ValueTest | None:
    """What a shape says of values in the graph, as one test."""
    tests = [test for _, test in one.tests]
    if len(tests) < 2:
        return tests[0] if tests else None

    def test(graph: Graph, value: str) -> bool:
        for each in tests:  # noqa: SIM110 - without a generator
            if not each(graph, value):
                return False
        return True

    return test


def _over(one: CompiledShape) -> Over:
    """What a property shape says of value nodes; the commonest form, one value with a test, by the shortest way."""
    counts = {each.component: each.argument for each in one.shape.constraints if each.component in _COUNTS}
    low, high = counts.get("MinCount", 0), counts.get("MaxCount")
    sets = [test for component, test in one.sets if component not in _COUNTS]
    fits, test, properties = _term_test(one), _value_test(one), one.properties
    if high == 1 and fits is not None and test is None and not sets and not properties:
        alone = fits

        def single(_graph: Graph, _focus: str, values: Sequence[str]) -> bool:
            if len(values) == 1:
                return low <= 1 and bool(alone(values[0]))
            return not values and low < 1

        return single

    def over(graph: Graph, focus: str, values: Sequence[str]) -> bool:
        if len(values) < low or (high is not None and len(values) > high):
            return False
        if fits is not None:
            for value in values:
                if not fits(value):
                    return False
        if test is not None:
            for value in values:
                if not test(graph, value):
                    return False
        for inner in properties:
            for value in values:
                if not inner.holds(graph, value):
                    return False
        for offences in sets:  # noqa: SIM110 - without a generator
            if offences(graph, focus, values):
                return False
        return True

    return over


_COUNTS: Final = frozenset({"MinCount", "MaxCount"})
_ASKS_FOR_VALUES: Final = frozenset({"HasValue", "Equals", "QualifiedMinCount"})
"""Components that may be violated where there is no value."""
_NO_PROPERTIES: Final[dict[str, list[str]]] = {}


def _node_holds(one: CompiledShape) -> Holds:
    """What a node shape says of a node: property shapes by the property they are about."""
    fits, test = _term_test(one), _value_test(one)
    closed: frozenset[str] | None = next(
        (each.argument for each in one.shape.constraints if each.component == "Closed"), None
    )
    sets = [offences for component, offences in one.sets if component != "Closed"]
    by_property, required, rest = _sorted(one.properties)

    def others(graph: Graph, node: str) -> bool:
        for inner in rest:
            if not inner.holds(graph, node):
                return False
        for offences in sets:
            if offences(graph, node, (node,)):
                return False
        if fits is not None and not fits(node):
            return False
        return test is None or bool(test(graph, node))

    more = others if rest or sets or fits or test else None

    def open_(graph: Graph, node: str) -> bool:
        properties = graph.forward.get(node, _NO_PROPERTIES)
        for predicate in required:
            if predicate not in properties:
                return False
        for predicate, over in by_property.items():
            values = properties.get(predicate)
            if values is not None and not over(graph, node, values):
                return False
        return more is None or more(graph, node)

    if closed is None:
        return open_
    allowed = closed

    def shut(graph: Graph, node: str) -> bool:
        properties = graph.forward.get(node, _NO_PROPERTIES)
        for predicate in required:
            if predicate not in properties:
                return False
        for predicate, values in properties.items():
            over = by_property.get(predicate)
            if over is None:
                if predicate not in allowed:
                    return False
            elif not over(graph, node, values):
                return False
        return more is None or more(graph, node)

    return shut


def _sorted(properties: list[CompiledShape]) -> tuple[dict[str, Over], tuple[str, ...], list[CompiledShape]]:
    """Property shapes: those that only a property which is there can violate, which have to be there, the rest."""
    by_property: dict[str, list[Over]] = {}
    required: dict[str, None] = {}
    rest: list[CompiledShape] = []
    for one in properties:
        constraints = {each.component: each.argument for each in one.shape.constraints}
        if not isinstance(one.shape.path, Predicate) or _ASKS_FOR_VALUES & constraints.keys():
            rest.append(one)
            continue
        term = one.shape.path.term
        by_property.setdefault(term, []).append(one.over)
        if constraints.get("MinCount", 0) > 0:
            required[term] = None
    return {term: _all(overs) for term, overs in by_property.items()}, tuple(required), rest


def _all(overs: list[Over]) -> Over:
    if len(overs) == 1:
        return overs[0]

    def together(graph: Graph, focus: str, values: Sequence[str]) -> bool:
        for over in overs:  # noqa: SIM110 - without a generator
            if not over(graph, focus, values):
                return False
        return True

    return together
