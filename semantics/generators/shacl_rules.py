"""Rules and conditions of a class in SHACL: tests on a node, joined by ``sh:or``, ``sh:and`` and ``sh:not``.

A test is either known beforehand (``True``, ``False``: whether a class is below another) or it is the
constraints of a shape. What RDF cannot judge raises :class:`~semantics.generators.shacl_values.Inexact`,
and the whole rule is left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

from semantics.generators.constraints import (
    Count,
    Kind,
    condition_count,
    conditions_of,
    designations,
    designator_of,
    part_of,
    rules_of,
    value_of,
)
from semantics.generators.shacl_values import NEVER, Inexact, Pairs, Values, whole
from semantics.generators.turtle import SH, Iri, Items, Node, Term
from semantics.schema.model import (
    ClassExpression,
    ClassModel,
    Form,
    Rule,
    SchemaModel,
    SlotExpression,
)

__all__ = ["exactly_said", "rule_pairs"]

Test = Pairs | bool


def rule_pairs(values: Values, cls: ClassModel) -> Pairs:
    """The constraints of the node shape of ``cls``; rules that RDF cannot judge are left out."""
    found: list[tuple[str, Term]] = []
    for rule in rules_of(cls):
        with suppress(Inexact):
            found += [pair for test in _rule(values, cls, rule) for pair in _pairs(test)]
    for stated, _ in conditions_of(values.schema, cls):
        with suppress(Inexact):
            found += _pairs(_test(values, cls, stated, strict=False))
    return tuple(found)


def exactly_said(values: Values, cls: ClassModel) -> bool:
    """Whether the shape of a class says all of its rules and conditions."""
    try:
        for rule in rules_of(cls):
            _rule(values, cls, rule)
        for condition, _ in conditions_of(values.schema, cls):
            _test(values, cls, condition, strict=False)
    except Inexact:
        return False
    return True


def _rule(values: Values, cls: ClassModel, rule: Rule) -> list[Test]:
    before, after, otherwise = (
        _test(values, cls, part or ClassExpression(), strict=True)
        for part in (rule.preconditions, rule.postconditions, rule.elseconditions)
    )
    tests = [_either([_negated(before), after])]
    other = [otherwise, *([_negated(after)] if rule.bidirectional else [])]
    tests.append(_either([before, _both(other)]))
    return tests


def _test(values: Values, cls: ClassModel, expression: ClassExpression, *, strict: bool) -> Test:
    if expression.is_a is not None and not values.schema.is_a(cls.name, expression.is_a):
        return False
    tests: list[Test] = [
        _slot_test(values, cls, name, condition, strict=strict)
        for name, condition in expression.slot_conditions.items()
    ]

    def parts(name: str) -> Iterator[Test]:
        for part in getattr(expression, name):
            yield _test(values, cls, part, strict=strict or name == "none_of")

    tests += parts("all_of")
    tests += [_negated(test) for test in parts("none_of")]
    if expression.any_of:
        tests.append(_either(list(parts("any_of"))))
    if expression.exactly_one_of:
        tests.append(_one(list(parts("exactly_one_of"))))
    return _both(tests)


def _slot_test(values: Values, cls: ClassModel, name: str, condition: SlotExpression, *, strict: bool) -> Test:
    slot = cls.slots.get(name)
    count = condition_count(condition, strict=strict)
    if slot is None:
        return count.minimum == 0
    if slot == designator_of(cls):
        return _designated(values.schema, cls, condition, count)
    shared = [other for other in cls.slots.values() if other.uri == slot.uri]
    home = value_of(values.schema, slot)
    # Equal values are one triple, and only objects are never equal.
    repeats = slot.many and home.kind is not Kind.OBJECT
    if slot.identifier or len(shared) > 1 or (repeats and (count.minimum > 1 or (count.maximum or 0) > 0)):
        raise Inexact
    value = part_of(values.schema, condition, slot.form if slot else Form.SCALAR)
    found: list[tuple[str, Term]] = [(f"{SH}path", Iri(slot.uri))]
    if count.minimum:
        found.append((f"{SH}minCount", whole(count.minimum)))
    if count.maximum is not None and (slot.many or count.maximum == 0):
        found.append((f"{SH}maxCount", whole(count.maximum)))
    found += values.value(value, exact=True, home=home)
    return ((f"{SH}property", Node(tuple(found))),) if len(found) > 1 else True


def _designated(schema: SchemaModel, cls: ClassModel, condition: SlotExpression, count: Count) -> Test:
    """A condition on the type designator, whose value is known where it has to be there."""
    slot = designator_of(cls)
    names = designations(schema, cls, cls)
    if slot is None or not slot.required or len(names) != 1 or count.maximum == 0:
        raise Inexact
    plain = SlotExpression(
        required=condition.required,
        equals_string=condition.equals_string,
        equals_string_in=condition.equals_string_in,
    )
    if plain != condition:
        raise Inexact
    wanted = [condition.equals_string] if condition.equals_string is not None else []
    among = condition.equals_string_in
    return all(text == names[0] for text in wanted) and (not among or names[0] in among)


# -- logic ---------------------------------------------------------------------------------------


def _pairs(test: Test) -> Pairs:
    if isinstance(test, bool):
        return () if test else NEVER
    return test


def _negated(test: Test) -> Test:
    return not test if isinstance(test, bool) else ((f"{SH}not", Node(test)),)


def _both(tests: list[Test]) -> Test:
    if any(test is False for test in tests):
        return False
    kept = [test for test in tests if not isinstance(test, bool)]
    return tuple(pair for test in kept for pair in test) if kept else True


def _either(tests: list[Test]) -> Test:
    if any(test is True for test in tests):
        return True
    kept = [test for test in tests if not isinstance(test, bool)]
    if len(kept) < 2:
        return kept[0] if kept else False
    return ((f"{SH}or", Items(tuple(Node(test) for test in kept))),)


def _one(tests: list[Test]) -> Test:
    certain = sum(test is True for test in tests)
    kept = [test for test in tests if not isinstance(test, bool)]
    if certain > 1:
        return False
    if certain:
        return _both([_negated(test) for test in kept])
    if len(kept) < 2:
        return kept[0] if kept else False
    return ((f"{SH}xone", Items(tuple(Node(test) for test in kept))),)
