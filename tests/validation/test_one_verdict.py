"""One verdict: checker, generated classes, JSON Schema and SHACL shapes agree on made-up schemas and instances.

Equality goes both ways. What an artefact cannot express may make it take what the checker refuses, and only where a
declared gap explains every single finding of the checker; what the checker takes, each of them takes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from types import ModuleType
from typing import Any

from hypothesis import HealthCheck, Phase, event, given, seed, settings
from hypothesis import strategies as st

from semantics.generators.gaps import GAPS
from semantics.schema.model import Form, SchemaModel
from semantics.validation import compile_checker
from semantics.validation.findings import Violation

# Shrinking a schema and its instances takes minutes; the message of a failure says what is needed.
COMMON: Any = {
    "deadline": None, "derandomize": True, "phases": [Phase.generate], "suppress_health_check": list(HealthCheck),
}  # fmt: skip
DECLARED = {gap.id for gap in GAPS}
ArtefactsOf = Callable[[SchemaModel], Any]


def told(findings: Any) -> list[str]:
    return [f"{one.code} {one.location.pointer} {one.message}" for one in findings]


def explained(
    artefact: str, verdicts: ModuleType, schema: SchemaModel, instance: Any, findings: tuple[Violation, ...]
) -> bool:
    """Whether a declared gap of the artefact explains each finding of the checker."""
    gaps = [verdicts.gap_of(artefact, schema, instance, finding) for finding in findings]
    for gap in gaps:
        if gap is not None:
            assert gap in DECLARED, gap
            event(gap)
    return None not in gaps


@settings(max_examples=50, **COMMON)
@given(data=st.data())
def test_the_generated_classes_agree(made_cases: Any, artefacts_of: ArtefactsOf, data: st.DataObject) -> None:
    case = data.draw(made_cases)
    made = artefacts_of(case.schema)
    for instance in case.instances:
        before = repr(instance)
        expected, found = made.checked("Main", instance), made.classes("Main", instance)
        assert bool(expected) is bool(found), (instance, told(expected), found)
        assert repr(instance) == before
        assert not any(line.startswith("VAL031") for line in found)


@settings(max_examples=50, **COMMON)
@given(data=st.data())
def test_the_json_schema_agrees(
    made_cases: Any, artefacts_of: ArtefactsOf, verdicts: ModuleType, data: st.DataObject
) -> None:
    case = data.draw(made_cases)
    made = artefacts_of(case.schema)
    for instance in map(verdicts.json_form, filter(verdicts.in_json, case.instances)):
        expected, found = made.checked("Main", instance), made.json(instance)
        if expected and not found:
            assert explained("json-schema", verdicts, case.schema, instance, expected), (instance, told(expected))
        else:
            assert bool(expected) is bool(found), (instance, told(expected), found)


@settings(max_examples=50, **COMMON)
@given(data=st.data())
def test_the_shacl_shapes_agree(
    made_cases: Any, artefacts_of: ArtefactsOf, verdicts: ModuleType, data: st.DataObject
) -> None:
    case = data.draw(made_cases)
    made = artefacts_of(case.schema)
    for instance in case.instances:
        expected, found = made.checked("Main", instance), made.rdf("Main", instance)
        if made.triples.merged:
            event("shacl-one-node")
        elif expected and not found:
            reason = (instance, told(expected), made.triples("Main", instance))
            assert explained("shacl", verdicts, case.schema, instance, expected), reason
        else:
            assert bool(expected) is bool(found), (instance, told(expected), found, made.triples("Main", instance))


# -- that the made-up schemas use everything -------------------------------------------------------

FINDINGS: dict[str, tuple[str, str]] = {
    "required": ("VAL001", "required"),
    "closed classes": ("VAL002", "closed"),
    "types": ("VAL003", "range"),
    "enums": ("VAL004", "range"),
    "pattern": ("VAL005", "pattern"),
    "minimum_value": ("VAL006", "minimum_value"),
    "maximum_value": ("VAL006", "maximum_value"),
    "minimum_cardinality": ("VAL007", "minimum_cardinality"),
    "maximum_cardinality": ("VAL007", "maximum_cardinality"),
    "exact_cardinality": ("VAL007", "exact_cardinality"),
    "lists": ("VAL008", "multivalued"),
    "mappings by identifier": ("VAL008", "inlined"),
    "single values": ("VAL009", "multivalued"),
    "any_of": ("VAL010", "any_of"),
    "none_of": ("VAL010", "none_of"),
    "exactly_one_of": ("VAL010", "exactly_one_of"),
    "rules": ("VAL011", "slot_conditions"),
    "designates_type": ("VAL012", "designates_type"),
    "abstract classes": ("VAL013", "abstract"),
    "references": ("VAL014", "range"),
    "objects": ("VAL015", "range"),
    "equals_string": ("VAL016", "equals_string"),
    "equals_string_in": ("VAL016", "equals_string_in"),
    "equals_number": ("VAL016", "equals_number"),
    "identifiers as keys": ("VAL017", "inlined"),
    "conditions of a class": ("VAL019", "slot_conditions"),
    "identifiers": ("VAL020", "identifier"),
    "unique_keys": ("VAL021", "same"),
    "value_presence": ("VAL022", "value_presence"),
}
"""Construct to the finding that tells that it was broken."""


def used(schema: SchemaModel) -> set[str]:
    """The constructs that a made-up schema uses."""
    found: set[str] = set()
    for cls in schema.classes.values():
        found |= {f"unique key of {len(key.slots)}" for key in cls.unique_keys}
        found |= {"rule" for _ in cls.rules} | {"bidirectional" for rule in cls.rules if rule.bidirectional}
        found |= {"else" for rule in cls.rules if rule.elseconditions} | {"mixin" for _ in cls.mixins}
        found |= {"condition"} if cls.conditions else set()
        found |= {"open"} if cls.extra else set()
        for slot in cls.slots.values():
            found |= {name for name, _ in slot.boolean}
            found |= {"identifier " + str(slot.range)} if slot.identifier else set()
            found |= {"designator " + str(slot.range)} if slot.designates_type else set()
            found |= {str(slot.form)} | ({f"list of {slot.form}"} if slot.many else set())
            found |= {"cardinality above 1"} if (slot.minimum_cardinality or slot.exact_cardinality or 0) > 1 else set()
            for name in ("minimum_value", "maximum_value", "equals_number"):
                bound = getattr(slot, name)
                found |= {f"decimal {name}"} if bound is not None and bound % 1 else set()
            if any(part.minimum_cardinality is not None for _, parts in slot.boolean for part in parts):
                found.add("count in a part")
    return found


USED = {
    "unique key of 1", "unique key of 2", "rule", "bidirectional", "else", "mixin", "condition", "any_of", "all_of",
    "none_of", "exactly_one_of", "identifier uriorcurie", "identifier string", "identifier integer", "identifier Code",
    "identifier decimal", "identifier date", "identifier ncname", "identifier boolean", "identifier float",
    "identifier Kind", "identifier curie", "identifier uri", "designator string", "designator uriorcurie",
    "designator uri", "designator curie", Form.SCALAR, Form.REFERENCE, Form.OBJECT, Form.KEYED, "list of scalar",
    "list of reference", "list of object", "list of keyed", "cardinality above 1", "decimal minimum_value",
    "decimal maximum_value", "decimal equals_number", "count in a part", "open",
}  # fmt: skip


def test_every_construct_is_made(made_cases: Any) -> None:
    """Each construct is in a schema with a valid instance, and in one where it is broken."""
    valid: Counter[str] = Counter()
    broken: Counter[tuple[str, str | None]] = Counter()

    @settings(
        max_examples=150, database=None, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck)
    )
    @given(case=made_cases)
    def count(case: Any) -> None:
        checker = compile_checker(case.schema)
        for instance in case.instances:
            findings: Any = checker.check("Main", instance)
            broken.update((one.code, one.constraint) for one in findings)
            if not findings:
                valid.update(used(case.schema))

    def missing() -> tuple[set[str], set[str]]:
        return {name for name in USED if not valid[name]}, {name for name, told in FINDINGS.items() if not broken[told]}

    for number in (10, *range(10), 11):  # first the seed that comes upon most of what is rare
        seed(number)(count)()
        if missing() == (set(), set()):
            break
    assert missing() == (set(), set())
