"""A mapping that is ready to use: one record in, an outcome out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from collections.abc import Mapping as MappingType
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from itertools import chain
from threading import Lock
from typing import TYPE_CHECKING, Any, Final

from semantics.backends import ORACLE, Event, RecordFault
from semantics.backends.lookup import NoTables, Related
from semantics.engine.context import begin, running
from semantics.engine.filters import refusal
from semantics.engine.forms import RecordForm, known_by
from semantics.engine.groups import Grouping, alone
from semantics.engine.origins import Origins, modelled, resolved
from semantics.engine.prepare import Prepared
from semantics.engine.related import Keys, Partners
from semantics.engine.tell import tell_class
from semantics.errors import Diagnostic, Location, RecordError, UsageError, closest, escaped, shape
from semantics.expressions.context import active
from semantics.records import Filtered, Instance, Mapped, Outcome, Record, Rejected

if TYPE_CHECKING:
    from pydantic import BaseModel

    from semantics.plan.model import Plan
    from semantics.validation.assured import AcceptAll
    from semantics.validation.checker import Checker

__all__ = ["Mapping"]

Data = MappingType[str, Any]

_FIXES: Final = {
    "REC010": "say 'many: true', or with 'pick' which partner is meant",
    "REC011": "give the record that is looked up too, or leave out 'required'",
}
"""What can be done in the mapping about a record that was rejected, where that does not depend on the record."""


class _Checks(dict[str, "AcceptAll"]):
    """The test of the instances of each rule, made when the first of them comes.

    The oracle takes nothing that the plan says for granted: its instances are checked as if anybody had made them.
    """

    def __init__(self, mapping: Mapping) -> None:
        super().__init__()
        self._mapping, self._one = mapping, Lock()
        self._remaining = None if mapping.backend == ORACLE else mapping.checker.remaining(mapping.plan)

    def __missing__(self, rule: str) -> AcceptAll:
        whole = partial(self._mapping.accepts, self._mapping.target_classes[rule])
        with self._one:
            test = self[rule] = (self._remaining and self._remaining.get(rule)) or whole
        return test


@dataclass(frozen=True)
class Mapping:
    """A mapping ready to use; made by :func:`semantics.load_mapping`.

    It is immutable and may be shared between threads. ``check`` says whether instances are
    validated against the target model (they are, unless told otherwise).
    """

    prepared: Prepared
    backend: str = "python"
    check: bool = True
    related: Partners | None = field(default=None, compare=False)

    @property
    def plan(self) -> Plan:
        """The plan that is carried out."""
        return self.prepared.plan

    @property
    def name(self) -> str:
        """The mapping's name."""
        return self.plan.name

    @cached_property
    def _compiled(self) -> Any:
        if self.plan.lookups and self.related is None and self.plan.dialect != "strict":
            return self.prepared.compiled(self.backend, self.tables)
        if self.plan.lookups and self.related is None:
            names = ", ".join(sorted(self.plan.partners))
            raise UsageError(Diagnostic("RUN030", f"the mapping joins records of {names}, and none were given",
                                        hint="give them with Mapping.with_related(), or convert files"))  # fmt: skip
        return self.prepared.compiled(self.backend, self.related)

    @property
    def tables(self) -> Related | None:
        """What joins look into; in compat mode a record without a key needs nothing to look into."""
        lacking = self.related is None and self.plan.lookups and self.plan.dialect != "strict"
        return NoTables() if lacking else self.related

    @cached_property
    def _oracle(self) -> Any:
        return self._compiled if self.backend == ORACLE else self.prepared.compiled(ORACLE, self.tables)

    @cached_property
    def _record_classes(self) -> frozenset[str]:
        return frozenset((*self.plan.record_classes, *self.plan.groups))

    @cached_property
    def _skips_empty_rows(self) -> bool:
        """Whether rows without a single cell are left out: in tables of a dialect whose tool leaves them out."""
        return self.plan.dialect != "strict" and self.plan.tables is None

    @property
    def keys(self) -> Keys:
        """The keys under which records are looked up by the joins of the mapping."""
        return self.prepared.keys

    def with_related(self, records: MappingType[str, Iterable[Data]]) -> Mapping:
        """The mapping with records that its joins can find, by their source class.

        Raises :class:`UsageError` for a class that no join looks up, and
        :class:`~semantics.errors.RecordError` for a record whose key cannot be read.
        """
        partners = Partners(self.keys)
        for name, found in records.items():
            if name not in self.keys:
                known = tuple(sorted(self.plan.partners))
                hint = closest(name, known) or f"joins look up: {', '.join(known) or 'nothing'}"
                raise UsageError(Diagnostic("RUN032", f"no join looks up '{escaped(name)}'", hint=hint))
            for number, data in enumerate(found, start=1):
                record, _ = self.formed(Record(dict(data), number=number, class_name=name))
                if (fault := self.keys.fault(record.data, name)) is not None:
                    raise RecordError((self._located(fault, record),))
                partners.add(record.data, name)
        return replace(self, related=partners)

    def for_tables(self) -> Mapping:
        """The mapping as it is for rows of tables, where its dialect maps those otherwise than objects."""
        tables = self.plan.tables
        return self if tables is None else replace(self, prepared=replace(self.prepared, plan=tables))

    @property
    def checker(self) -> Checker:
        """The compiled checker of the target model."""
        return self.prepared.checker

    # -- one record -----------------------------------------------------------------------------

    def apply(self, record: Data, source_class: str | None = None) -> dict[str, Any] | None:
        """The first instance that a record gives, as a dict of the target class; None when it is filtered.

        ``record`` is plain data (what a JSON parser gives; numbers with a point best as ``Decimal``).
        ``source_class`` is needed only where the record does not tell its class. Raises
        :class:`~semantics.errors.RecordError` whose ``diagnostics`` hold every finding.
        """
        match self.try_apply(record, source_class):
            case Mapped() as mapped:
                return mapped.instance
            case Rejected(diagnostics=found):
                raise RecordError(found)
            case _:
                return None

    def try_apply(self, record: Data | Record, source_class: str | None = None) -> Outcome:
        """What becomes of a record: ``Mapped``, ``Rejected`` (with every finding) or ``Filtered``."""
        if not isinstance(record, Record):
            record = Record(record, class_name=source_class)
        elif source_class is not None:
            record = record.of_class(source_class)
        with running(self.plan.needs):
            outcome = self.outcome(record, [])
        if self.plan.groups and alone(self, record, outcome):
            raise UsageError(Diagnostic("RUN035", "this record is mapped together with others, in a group",
                                        hint="give all records to stream(), or convert files"))  # fmt: skip
        return outcome

    def stream(self, records: Iterable[Data | Record], source_class: str | None = None) -> Iterator[Outcome]:
        """The outcome of each record, in order, one at a time; records are numbered from 1.

        All of them are one run: ``now_of_run()`` is the same moment for each. Where the mapping groups records,
        the outcomes of the groups come last, each with the place of its first record; a record that only
        counts in a group has none of its own.
        """
        context = begin(self.plan.needs)
        outcomes = self._outcomes(records, source_class)
        while True:
            with active(context) if context is not None else nullcontext():
                outcome = next(outcomes, None)
            if outcome is None:
                return
            yield outcome

    def _outcomes(self, records: Iterable[Data | Record], source_class: str | None) -> Iterator[Outcome]:
        grouping = Grouping(self) if self.plan.groups else None
        try:
            for number, data in enumerate(records, start=1):
                record = data if isinstance(data, Record) else Record(data, number=number)
                record = record if source_class is None else record.of_class(source_class)
                outcome = self.outcome(record, [])
                told = outcome if grouping is None else grouping.take(record, outcome)
                if told is not None:
                    yield told
            if grouping is not None:
                yield from (group.outcome for group in grouping.outcomes())
        finally:
            if grouping is not None:
                grouping.close()

    def model(self, record: Data, source_class: str | None = None) -> BaseModel | None:
        """The first instance as an object of the generated Pydantic class of the target schema."""
        from semantics.engine.classes import generated_class

        match self.try_apply(record, source_class):
            case Mapped() as mapped:
                cls = generated_class(self.prepared.target, mapped.instances[0].class_name)
                return cls.model_validate(mapped.instance)
            case Rejected(diagnostics=found):
                raise RecordError(found)
            case _:
                return None

    # -- the run --------------------------------------------------------------------------------

    def outcome(self, record: Record, events: list[Event]) -> Outcome:
        """Like :meth:`try_apply`, with what the ledger wants to know appended to ``events``."""
        if record.fault is not None:
            return Rejected(record, (record.fault,))
        record, told = self.formed(record)
        if isinstance(told, Diagnostic):
            return Rejected(record, (self._located(told, record),))
        if self.plan.lookups and (fault := self.keys.fault(record.data, told)) is not None:
            return Rejected(record, (self._located(fault, record),))
        if self._skips_empty_rows and not any(value is not None for value in record.data.values()):
            return Filtered(record, "empty row", told)
        compiled, noted = self._compiled, len(events)
        try:
            found = compiled.map(record.data, told, events)
        except Exception as fault:
            del events[noted:]
            return self._explained(record, told, fault, events)
        if not found:
            return Filtered(record, self._refusals[told], told)
        classes = self.target_classes
        instances = tuple([Instance(classes[name], data, name) for name, data in found])
        if self.check:
            checks = self.checks
            wrong = {at: each for at, each in enumerate(instances) if not checks[each.rule or ""]((each.data,))}
            if wrong and (findings := self._invalid(wrong, record)):
                del events[noted:]
                return Rejected(record, findings)
        return Mapped(record, instances)

    @cached_property
    def _refusals(self) -> dict[str, str]:
        """Why a record gives nothing, by its source class: every rule that it starts has said no."""
        return {name: refusal(self.plan, name) for name in self._record_classes}

    @cached_property
    def target_classes(self) -> dict[str, str]:
        """The target class of each rule."""
        return {name: rule.target_class for name, rule in self.plan.rules.items()}

    @cached_property
    def checks(self) -> MappingType[str, AcceptAll]:
        """By rule, the test of its instances: what is left beyond what the plan is sure of, or the whole check."""
        return _Checks(self)

    def accepts(self, class_name: str, instances: Sequence[dict[str, Any]]) -> bool:
        """Whether all of some instances are valid."""
        return all(self.checker.accepts(class_name, data) for data in instances)

    @cached_property
    def functions(self) -> MappingType[str, tuple[tuple[str, Callable[..., Any]], ...]]:
        """The compiled rules of each source class, for records that are mapped one by one and strictly; else none.

        Each takes a record and the list that events go to, and gives an instance or None, or raises.
        """
        plan = self.plan
        several = any(rule.over is not None for rule in plan.rules.values())
        if self.backend != "python" or plan.dialect != "strict" or plan.groups or several or self._form.changes:
            return {}
        found: MappingType[str, tuple[tuple[str, Callable[..., Any]], ...]] = self._compiled.roots
        return found

    def has_keys(self, data: dict[str, Any], source_class: str) -> bool:
        """Whether the keys can be read under which others look a record up."""
        return not self.plan.lookups or self.keys.fault(data, source_class) is None

    @cached_property
    def _selectors_tell(self) -> bool:
        """Whether every selector says the class: then an element without one fits none of them."""
        selectors = self.plan.source.selectors
        return bool(selectors) and all(found.class_name or found.class_by for found in selectors)

    @cached_property
    def _told(self) -> dict[tuple[str, ...], str | Diagnostic]:
        return {}

    def tell(self, data: dict[str, Any]) -> str | Diagnostic:
        """The class of a record that does not come with it: once for all records with the same keys."""
        if self.plan.forms is not None:
            data = known_by(self.plan.forms, data)
        if any(selector.class_by is not None for selector in self.plan.source.selectors) or None in data.values():
            return tell_class(self.plan, data)
        key = tuple(data)
        told = self._told.get(key)
        if told is None:
            told = tell_class(self.plan, data)
            if len(self._told) < 1_000:
                self._told[key] = told
        return told

    def class_of(self, record: Record) -> str | Diagnostic:
        """The source class of a record, or why it cannot be told or is not one that the mapping derives from."""
        if type(record.data) is not dict:
            return Diagnostic("REC007", f"a record must be an object, found {shape(record.data)}")
        if record.class_name is None and record.pointer is not None and self._selectors_tell:
            return Diagnostic("REC008", "no record selector of the mapping fits this element of a list",
                              hint="see source: records: (has, unless, class)")  # fmt: skip
        told = record.class_name or self.tell(record.data)
        if isinstance(told, Diagnostic) or told in self._record_classes:
            return told
        known = self.plan.record_classes
        name = escaped(told) if told.isidentifier() else "(not a class name)"
        return Diagnostic("REC005", f"the mapping derives nothing from class '{name}'",
                          hint=closest(told, known) or f"it derives from: {', '.join(known[:8])}")  # fmt: skip

    def formed(self, record: Record) -> tuple[Record, str | Diagnostic]:
        """A record in the form that the source schema has, and its class, or why it has none that is mapped from."""
        try:
            record = self._form.of_standard(record, self.tell)
            told = self.class_of(record)
            return (record, told) if isinstance(told, Diagnostic) else (self._form.of_class(record, told), told)
        except Exception as fault:
            return record, _internal(fault)

    @cached_property
    def _form(self) -> RecordForm:
        return RecordForm(self.plan)

    def looked_up(self, record: Record) -> bool:
        """Whether nothing keeps joins from finding a record, should its class be one that they look up."""
        if record.fault is not None:
            return record.class_name is not None and record.class_name not in self.keys
        record, told = self.formed(record)
        return isinstance(told, str) and self.keys.fault(record.data, told) is None

    def _explained(self, record: Record, source_class: str, fault: Exception, events: list[Event]) -> Outcome:
        """A record that failed: the oracle finds everything that is wrong with it."""
        if not isinstance(fault, RecordFault):
            try:
                self._oracle.map(record.data, source_class, [])
            except RecordFault as told:
                fault = told
            except Exception as other:
                fault = other
        if isinstance(fault, RecordFault):
            found = (replace(one, hint=one.hint or _FIXES.get(one.code)) for one in fault.diagnostics)
            return Rejected(record, tuple(self._located(one, record) for one in found))
        return Rejected(record, (self._located(_internal(fault), record),))

    def _invalid(self, instances: MappingType[int, Instance], record: Record) -> tuple[Diagnostic, ...]:
        """What is wrong with instances of a record, by their numbers among its instances."""
        origins = self._origins(record)
        found = ((at, each, self.checker.check(each.class_name, each.data)) for at, each in instances.items())
        return tuple(chain.from_iterable(origins.placed(findings, each, at) for at, each, findings in found))

    def _origins(self, record: Record) -> Origins:
        return Origins(record, str(self.class_of(record)), self.plan, self.tables)

    def located(self, findings: Sequence[Diagnostic], instance: Instance, record: Record) -> Iterator[Diagnostic]:
        """Findings about an instance of a record, each with the rule that made the value and the place it read."""
        return self._origins(record).placed(findings, instance)

    def _located(self, finding: Diagnostic, record: Record) -> Diagnostic:
        inner = resolved(record.data, (finding.location.pointer if finding.location else None) or "")
        place = record.location
        where = Location(place.file, place.line, place.column, (place.pointer or "") + inner or None)
        return replace(modelled(finding, self.prepared.target), location=where)


def _internal(fault: Exception) -> Diagnostic:
    return Diagnostic("INT001", f"the program failed on this record ({type(fault).__name__})",
                      hint="please report it, with the mapping")  # fmt: skip
