"""The analyses of a mapping as the command line and the Python API call them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from collections.abc import Mapping as MappingType
from dataclasses import replace
from pathlib import Path
from typing import Any

from semantics.analysis.composition import Composition
from semantics.analysis.composition import compose as compose_plans
from semantics.analysis.coverage import Coverage, Observed, cover
from semantics.analysis.derived_schema import DerivedSchema
from semantics.analysis.derived_schema import derive_schema as derive
from semantics.analysis.inversion import Inverse
from semantics.analysis.inversion import invert as invert_plan
from semantics.engine.accounts import ANY_KEY, Fate, SourceAccount
from semantics.engine.inputs import Inputs
from semantics.engine.mapping import Mapping
from semantics.engine.prepare import Definition, Prepared, Reference, define, read_with_source
from semantics.engine.tally import Tally
from semantics.plan.model import Plan
from semantics.plan.reads import elements_of

__all__ = ["compose", "coverage", "derive_schema", "invert"]


def coverage(
    mapping: Reference,
    inputs: Sequence[str | Path] = (),
    *,
    source_schema: Reference | None = None,
    target_schema: Reference | None = None,
    source_class: str | None = None,
    source_format: str | None = None,
    dialect: MappingType[str, Any] | None = None,
) -> Coverage:
    """See :func:`semantics.coverage`."""
    found = define(mapping, source_schema=source_schema, target_schema=target_schema)
    static = cover(found.plan, found.source, found.target)
    if not inputs:
        return static
    ready = Mapping(Prepared(found.plan, found.target), check=False)
    tallies: dict[str, Tally] = {}
    elements = elements_of(found.plan)
    records = 0
    paths = [str(path) for path in inputs]
    for _, record in Inputs(found.plan, paths, source_format, source_class, dialect=dialect or {}).records():
        records += 1
        if record.fault is not None:
            continue
        record, told = ready.formed(record)
        if isinstance(told, str):
            tallies.setdefault(told, Tally(elements=elements)).add([record.data])
    observed = (path for name in sorted(tallies) for path in _unread(found.plan, name, tallies[name], static))
    return replace(static, records=records, observed=tuple(observed))


def _unread(plan: Plan, name: str, tally: Tally, static: Coverage) -> Iterator[Observed]:
    """The paths of the records of a class that no rule reads, by the ledger: the topmost of each unread object."""
    fate = Fate("mapped" if name in plan.roots else "joined", name, plan.roots.get(name, ()))
    lost = SourceAccount.of(plan, {fate: tally}).lost
    unread = {path: why["unread"] for path, why in sorted(lost.items()) if why["unread"]}
    known = {slot.path for slot in static.source_slots if slot.source_class == name}
    for path, present in unread.items():
        if path.rpartition(".")[0] not in unread:
            yield Observed(name, path, present, path.replace(f".{ANY_KEY}", "") in known)


def invert(
    mapping: Reference,
    *,
    source_schema: Reference | None = None,
    target_schema: Reference | None = None,
    compat: str | None = None,
) -> Inverse:
    """See :func:`semantics.invert`."""
    found = define(mapping, source_schema=source_schema, target_schema=target_schema, compat=compat)
    if found.plan.dialect != "strict":
        return _invert_compat(found, target_schema)
    names = (found.loaded.spec.source_schema, found.loaded.spec.target_schema)
    inverse = invert_plan(found.plan, found.source, found.target, names)
    return replace(inverse, source_schema=target_schema, target_schema=source_schema)


def _invert_compat(found: Definition, target_schema: Reference | None) -> Inverse:
    """The inverse of a specification of linkml-map: another one, and the schema of what the first makes.

    It has no target schema: with one, that tool arranges collections by the schema and not as the derivation says.
    """
    from semantics.analysis.inverse_linkml_map import invert_specification

    turned = invert_specification(found.loaded.document.data, found.source)
    made = target_schema if target_schema is not None else turned.schema
    return Inverse(turned.mapping, tuple(turned.slots), (), made, None, found.plan.dialect)


def compose(
    first: Reference, second: Reference, *, source_schema: Reference | None = None,
    middle_schema: Reference | None = None, target_schema: Reference | None = None,
) -> Composition:  # fmt: skip
    """See :func:`semantics.compose`."""
    one = define(first, source_schema=source_schema, target_schema=middle_schema)
    two = define(second, source_schema=middle_schema, target_schema=target_schema)
    names = (one.loaded.spec.source_schema, two.loaded.spec.target_schema)
    return compose_plans(one.plan, two.plan, one.source, two.source, two.target, names)


def derive_schema(mapping: Reference, *, source_schema: Reference | None = None) -> DerivedSchema:
    """See :func:`semantics.derive_schema`."""
    loaded, source = read_with_source(mapping, source_schema=source_schema)
    return derive(loaded, source)
