"""Tests of mappings, carried out: on the default backend and on the oracle, differences told by path."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any, Final

from semantics.backends import ORACLE
from semantics.engine.context import running
from semantics.engine.groups import Grouping
from semantics.engine.inputs import Inputs
from semantics.engine.mapping import Mapping as ReadyMapping
from semantics.engine.prepare import Prepared, Reference, prepare
from semantics.engine.tested import Difference, TestResult
from semantics.errors import Diagnostic, Location, MappingError, SemanticsError
from semantics.expressions.context import RunContext, active
from semantics.mapping.tests import LoadedTest, MappingTest, file_beside, mapping_tests
from semantics.plan.model import Build, ClassRule, Plan
from semantics.records import Filtered, Instance, Mapped, Outcome, Record, Rejected
from semantics.workspace import Workspace, is_file, shown
from semantics.yaml_source import Plain

__all__ = ["MappingTests", "load_tests", "outcomes"]

_KEY: Final = b"a key for tests, and for nothing else"
_NOTHING: Final = object()


@dataclass(frozen=True)
class MappingTests:
    """A mapping with its tests, ready to run; without tests it is not even planned."""

    name: str
    prepared: Prepared | None
    tests: tuple[LoadedTest, ...]
    roots: tuple[Path, ...] = ()

    def run(self, wanted: str | None = None, backends: Sequence[str] = ("python", ORACLE)) -> Iterator[TestResult]:
        """The result of every test whose name holds ``wanted``, in order, on backends that have to agree."""
        if self.prepared is None or not self.tests:
            return
        ready = [ReadyMapping(self.prepared, backend) for backend in backends]
        for test in self.tests:
            if wanted is None or wanted in test.test.name:
                yield TestResult(self.name, test.test.name, str(test.location), tuple(self._differences(ready, test)))

    def _differences(self, backends: Sequence[ReadyMapping], loaded: LoadedTest) -> Iterator[Difference]:
        try:
            records = self.records(loaded, backends[0].plan)
            first, *others = (list(_outcomes(mapping, records, loaded)) for mapping in backends)
        except SemanticsError as fault:
            yield Difference("(the records)", "records that can be read", "; ".join(map(str, fault.diagnostics)))
            return
        yield from _compared(backends[0].plan, loaded, first)
        for other in others:
            if [_told(outcome) for outcome in first] != [_told(outcome) for outcome in other]:
                yield Difference("(backends)", _text([_told(o) for o in other]), _text([_told(o) for o in first]))

    def outcomes(self, loaded: LoadedTest) -> list[Outcome]:
        """What the oracle makes of the records of a test. Raises :class:`SemanticsError` for what cannot be read."""
        mapping = self._oracle()
        return list(_outcomes(mapping, self.records(loaded, mapping.plan), loaded))

    def outcomes_of_file(self, path: Path, most: int) -> list[Outcome]:
        """What the oracle makes of the first records of a file. Raises :class:`SemanticsError` likewise."""
        mapping = self._oracle()
        records = [record for _, record in islice(Inputs(mapping.plan, [str(path)]).records(), most)]
        return list(_outcomes(mapping, records, LoadedTest(MappingTest(name=path.name), Location(str(path)))))

    def _oracle(self) -> ReadyMapping:
        assert self.prepared is not None
        return ReadyMapping(self.prepared, ORACLE)

    def records(self, loaded: LoadedTest, plan: Plan) -> list[Record]:
        """The records that a test gives. Raises :class:`MappingError` for an input file that is not there."""
        test = loaded.test
        if test.input_file is None:
            given = test.inputs if test.inputs is not None else [test.input or {}]
            return [Record(_data(item), number=n, class_name=test.class_) for n, item in enumerate(given, start=1)]
        path = ((loaded.folder or Path()) / test.input_file).resolve()
        inside = any(path.is_relative_to(root.resolve()) for root in (loaded.folder or Path(), *self.roots))
        if not inside or not is_file(path):
            what = "is not to be found" if inside else "lies outside the folder of the tests and the workspace"
            raise MappingError(Diagnostic("TST004", f"input_file '{test.input_file}' {what}", loaded.location))
        return [record for _, record in Inputs(plan, [str(path)], source_class=test.class_).records()]


def load_tests(
    mapping: str | Path,
    *,
    workspace: Workspace | None = None,
    source_schema: Reference | None = None,
    target_schema: Reference | None = None,
) -> MappingTests:
    """A mapping (by name or path) and its tests. Raises :class:`DefinitionError` for what is wrong with them."""
    workspace = workspace or Workspace.here()
    path = mapping if isinstance(mapping, Path) else workspace.find(mapping, "mappings")
    beside = shown(file_beside(path), workspace.roots)
    tests = mapping_tests(path, shown(path, workspace.roots), beside)
    if not tests:
        return MappingTests(path.stem, None, ())
    prepared = prepare(path, source_schema=source_schema, target_schema=target_schema, workspace=workspace)
    return MappingTests(prepared.plan.name, prepared, tests, workspace.roots)


# -- running -----------------------------------------------------------------------------------------


def _outcomes(mapping: ReadyMapping, records: Sequence[Record], loaded: LoadedTest) -> Iterator[Outcome]:
    """The outcomes of the records of a test."""
    related = {name: [_data(item) for item in given] for name, given in loaded.test.related.items()}
    return outcomes(mapping, records, related=related, now=loaded.test.now)


def outcomes(
    mapping: ReadyMapping, records: Sequence[Record], *, among: Sequence[Record] = (),
    related: Mapping[str, list[dict[str, Any]]] | None = None, now: str | None = None,
) -> Iterator[Outcome]:  # fmt: skip
    """The outcomes of all records as one run, with the partners of joins among them, ``among`` others and ``related``.

    Pseudonyms are made with a key that is there for tests.
    """
    with active(RunContext(None, _KEY)), running(mapping.plan.needs, now=now):
        if mapping.plan.lookups:
            mapping = _joined(mapping, (*records, *among), dict(related or {}))
        grouping = Grouping(mapping) if mapping.plan.groups else None
        try:
            for record in records:
                outcome: Outcome | None = mapping.outcome(record, [])
                outcome = outcome if grouping is None or outcome is None else grouping.take(record, outcome)
                if outcome is not None:
                    yield outcome
            if grouping is not None:
                yield from (group.outcome for group in grouping.outcomes())
        finally:
            if grouping is not None:
                grouping.close()


def _joined(mapping: ReadyMapping, records: Sequence[Record], related: dict[str, list[dict[str, Any]]]) -> ReadyMapping:
    for record in records:
        record, told = mapping.formed(record)
        if isinstance(told, str) and told in mapping.keys and record.data not in related.get(told, ()):
            related.setdefault(told, []).append(record.data)
    return mapping.with_related(related)


def _data(value: Any) -> Any:
    """Data of a test as records have them: numbers with a point are decimals."""
    if isinstance(value, Plain):
        return Decimal(value.text)
    if isinstance(value, Mapping):
        return {key: _data(item) for key, item in value.items()}
    return [_data(item) for item in value] if isinstance(value, list) else value


# -- comparing ---------------------------------------------------------------------------------------


def _compared(plan: Plan, loaded: LoadedTest, outcomes: Sequence[Outcome]) -> Iterator[Difference]:
    test = loaded.test
    rejected = [finding for o in outcomes if isinstance(o, Rejected) for finding in o.diagnostics]
    codes = [finding.code for finding in rejected]
    if test.rejected is not None and sorted(codes) != sorted(test.rejected):
        yield Difference("(rejected)", _text(sorted(test.rejected)), _reasons(rejected) or "not rejected")
    elif test.rejected is None and rejected:
        yield Difference("(outcome)", "a record that is mapped", f"rejected: {_reasons(rejected)}", rejected[0].rule)
        return
    filtered = sum(isinstance(outcome, Filtered) for outcome in outcomes)
    if test.filtered is not None and int(test.filtered) != filtered:
        yield Difference("(filtered)", _text(test.filtered), _text(filtered))
    instances = [instance for o in outcomes if isinstance(o, Mapped) for instance in o.instances]
    comparison = _Comparison(plan, test.exact)
    if test.output is not None:
        yield from comparison.one(test.output, instances, partial=False)
    elif test.outputs is not None:
        yield from comparison.all(test.outputs, instances)
    elif isinstance(test.contains, dict):
        yield from comparison.one(test.contains, instances, partial=True)
    elif test.contains is not None:
        yield from comparison.some(test.contains, instances)
    elif instances and test.rejected is None and filtered:
        yield Difference("(outcome)", "no instance", _text([instance.class_name for instance in instances]))


def _reasons(findings: Sequence[Diagnostic]) -> str:
    return "; ".join(f"{finding.code} {finding.message}" for finding in findings)


@dataclass(frozen=True)
class _Comparison:
    """Compares instances with what is expected of them; every difference has the rule that made the place."""

    plan: Plan
    exact: bool

    def one(self, expected: dict[str, Any], instances: Sequence[Instance], *, partial: bool) -> Iterator[Difference]:
        """The one instance that there must be."""
        if len(instances) != 1:
            names = [instance.class_name for instance in instances]
            yield Difference("(outcome)", "one instance", f"{len(names)} instances {_text(names)}" if names else "none")
            return
        rule = self.plan.rules.get(instances[0].rule or "")
        yield from self.value(expected, instances[0].data, "", rule, partial)

    def all(self, expected: Sequence[dict[str, Any]], instances: Sequence[Instance]) -> Iterator[Difference]:
        """All instances, in order, each under its class."""
        for index in range(max(len(expected), len(instances))):
            told = expected[index] if index < len(expected) else None
            found = instances[index] if index < len(instances) else None
            name, data = _headed(told, self.plan)
            if found is None or told is None or (name is not None and found.class_name != name):
                yield Difference(f"[{index}]", name or "no instance" if told is None else _text(told),
                                 found.class_name if found else "no instance")  # fmt: skip
                continue
            yield from self.value(data, found.data, f"[{index}]", self.plan.rules.get(found.rule or ""), False)

    def some(self, expected: Sequence[dict[str, Any]], instances: Sequence[Instance]) -> Iterator[Difference]:
        """Instances that must be among those that there are; the nearest is shown where one is not."""
        for index, told in enumerate(expected):
            name, data = _headed(told, self.plan)
            tried = [
                list(self.value(data, found.data, f"[{index}]", self.plan.rules.get(found.rule or ""), True))
                for found in instances
                if name is None or found.class_name == name
            ]
            if not tried:
                names = [instance.class_name for instance in instances]
                yield Difference(f"[{index}]", f"a {name or 'instance'}", _text(names))
            elif all(tried):
                yield from min(tried, key=len)

    def value(
        self, expected: Any, found: Any, path: str, rule: ClassRule | None, partial: bool
    ) -> Iterator[Difference]:
        """What differs at a path and below; null and absent are the same, and a class need not be said twice."""
        if isinstance(expected, dict) and isinstance(found, dict):
            made = rule.designator if rule is not None else None
            more = (name for name in found if name not in expected and name != made)
            names = [*expected, *(() if partial else more)]
            for name in names:
                if found.get(name) is None and expected.get(name) is None:
                    continue
                below = f"{path}.{name}" if path else name
                inner, place = self._below(rule, name)
                told, there = expected.get(name, _NOTHING), found.get(name, _NOTHING)
                for difference in self.value(told, there, below, inner, partial):
                    yield difference if difference.rule else replace(difference, rule=place)
        elif isinstance(expected, list) and isinstance(found, list) and len(expected) == len(found):
            for index, (told, there) in enumerate(zip(expected, found, strict=True)):
                yield from self.value(told, there, f"{path}[{index}]", rule, partial)
        elif not self._same(expected, found):
            yield Difference(path, _text(expected), _text(found))

    def _below(self, rule: ClassRule | None, name: str) -> tuple[ClassRule | None, str | None]:
        """The rule of the objects in a slot (where only one can be), and the place of the slot's own rule."""
        if rule is None:
            return None, None
        slot = next((slot for slot in rule.slots if slot.slot == name), None)
        if slot is None:
            return None, rule.rule
        place = f"{slot.origin.file or '<mapping>'}:{slot.origin.line or 1}"
        if isinstance(slot.value, Build) and len(slot.value.rules) == 1:
            return self.plan.rules[slot.value.rules[0]], place
        return None, place

    def _same(self, expected: Any, found: Any) -> bool:
        if expected is _NOTHING or found is _NOTHING:
            return False
        if isinstance(expected, bool) or isinstance(found, bool):
            return expected is found
        if isinstance(found, (int, float, Decimal)) and isinstance(expected, (int, Decimal)):
            number = Decimal(repr(found)) if isinstance(found, float) else Decimal(found)
            return str(expected) == _text(found) if self.exact else Decimal(str(expected)) == number
        return bool(expected == found)


def _headed(told: dict[str, Any] | None, plan: Plan) -> tuple[str | None, Any]:
    """An expected instance as its class and slots; the class may be left out."""
    if told is not None and len(told) == 1:
        ((name, data),) = told.items()
        if any(rule.target_class == name for rule in plan.rules.values()) and (data is None or isinstance(data, dict)):
            return name, data or {}
    return None, told


def _told(outcome: Outcome) -> Any:
    match outcome:
        case Mapped(instances=instances):
            return [{instance.class_name: instance.data} for instance in instances]
        case Rejected(diagnostics=found):
            return {"rejected": [finding.code for finding in found]}
        case _:
            return "filtered"


def _text(value: Any) -> str:
    """A value as JSON in one line, with every digit."""
    import msgspec

    if value is _NOTHING:
        return "nothing"
    return msgspec.json.Encoder(decimal_format="number").encode(_data(value)).decode()
