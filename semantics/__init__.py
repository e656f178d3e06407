"""Semantic interoperability and schema mapping for smart data schemes and trusted data spaces.

>>> import semantics
>>> mapping = semantics.load_mapping("open-banking")
>>> semantics.evaluate("upper(name)", {"name": "Ada"})
'ADA'
"""

from __future__ import annotations

from collections.abc import Mapping as _MappingType
from collections.abc import Sequence
from datetime import datetime as _datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from semantics.errors import (
    DefinitionError,
    Diagnostic,
    ExpressionError,
    InternalError,
    LimitError,
    Location,
    MappingError,
    RecordError,
    SchemaError,
    SemanticsError,
    Severity,
    SinkError,
    SourceError,
    UsageError,
)
from semantics.version import __version__

if TYPE_CHECKING:
    from semantics.analysis.composition import Composition
    from semantics.analysis.coverage import Coverage
    from semantics.analysis.derived_schema import DerivedSchema
    from semantics.analysis.inversion import Inverse
    from semantics.engine.explain import Explanation
    from semantics.engine.mapping import Mapping
    from semantics.engine.report import RunReport
    from semantics.records import Filtered, Instance, Mapped, Outcome, Record, Rejected
    from semantics.schema.model import SchemaModel
    from semantics.validation import ValidationReport

__all__ = [
    "DefinitionError",
    "Diagnostic",
    "ExpressionError",
    "Filtered",
    "Instance",
    "InternalError",
    "LimitError",
    "Location",
    "Mapped",
    "MappingError",
    "Outcome",
    "Record",
    "RecordError",
    "Rejected",
    "SchemaError",
    "SemanticsError",
    "Severity",
    "SinkError",
    "SourceError",
    "UsageError",
    "__version__",
    "compose",
    "convert",
    "coverage",
    "derive_schema",
    "evaluate",
    "explain",
    "invert",
    "load_mapping",
    "load_schema",
    "validate",
]

_Reference = str | Path | _MappingType[str, Any]


def __getattr__(name: str) -> Any:
    """The types of records and outcomes, on first use: ``semantics --help`` needs none of them (PEP 562)."""
    if name not in ("Filtered", "Instance", "Mapped", "Outcome", "Record", "Rejected"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from semantics import records

    return getattr(records, name)


def load_mapping(
    mapping: _Reference | Inverse,
    *,
    source_schema: _Reference | None = None,
    target_schema: _Reference | None = None,
    compat: str | None = None,
    check: bool | None = None,
) -> Mapping:
    """A mapping ready to use: by name in the workspace, by path, or as data.

    The schemas are those that the mapping names unless others are given. ``compat`` is
    the tool whose semantics it is run with ("linkml-map"), instead of the language's own. ``check`` says whether
    instances are validated: they are, except with another tool's semantics. Raises
    :class:`DefinitionError` with every finding.

    >>> load_mapping("open-banking").name
    'open-banking'
    """
    from semantics.engine.convert import load_mapping

    return load_mapping(mapping, source_schema=source_schema, target_schema=target_schema, compat=compat, check=check)


def convert(
    mapping: _Reference | Mapping,
    inputs: str | Path | Sequence[str | Path],
    output: str | Path,
    **options: Any,
) -> RunReport:
    """Convert files: ``convert("open-banking", "accounts.json", "out.ttl", validate="both")``.

    ``options`` are those of :class:`semantics.engine.run.RunOptions`, and ``source_schema``,
    ``target_schema``. Rejected records go to ``OUT.rejects.ndjson`` unless ``rejects`` says otherwise.
    Raises :class:`SemanticsError`; its ``exit_code`` is what the command line would end with.
    """
    from semantics.engine.convert import convert

    return convert(mapping, inputs, output, **options)


def load_schema(schema: _Reference) -> SchemaModel:
    """The resolved, frozen model of a schema: by name in the workspace, by path, or as data.

    >>> load_schema("core").classes["Person"].identifier
    'id'
    """
    from semantics.schema import load_schema

    return load_schema(schema)


def validate(
    schema: _Reference | SchemaModel, data: Any, cls: str | None = None, *, manner: str = "schema",
    show_values: bool = False,
) -> ValidationReport:  # fmt: skip
    """Validate an instance (dict) or a list of them against a class of a schema.

    ``manner`` is "schema" (the compiled checker), "shacl" (the generated shapes) or "both". Findings hold the values
    found, shortened, where ``show_values`` says so. The report can be had in six forms: ``report.to("sarif")``.

    >>> validate("core", {"value": "1.50"}, cls="Quantity").conforms
    False
    """
    from semantics.engine.validate import validate_data
    from semantics.schema.model import SchemaModel

    model = schema if isinstance(schema, SchemaModel) else load_schema(schema)
    return validate_data(model, data, cls, manner, show_values=show_values)


def evaluate(
    expr: str,
    bindings: _MappingType[str, Any] | None = None,
    compat: str | None = None,
    *,
    prefixes: _MappingType[str, str] | None = None,
    now: _datetime | str | None = None,
) -> Any:
    """The value of one expression over plain bindings; raises :class:`ExpressionError`.

    ``prefixes`` (prefix to IRI) are those of ``curie()``, ``expand()`` and ``iri()``; ``now`` is what
    ``now_of_run()`` gives, else the clock at this call. ``pseudonym()`` takes the operator's key from
    ``SEMANTICS_PSEUDONYM_KEY``.

    >>> evaluate("a + b", {"a": 1, "b": 2})
    3
    """
    from semantics.engine.convert import evaluate

    return evaluate(expr, bindings, compat, prefixes=prefixes, now=now)


def explain(
    mapping: _Reference | Mapping,
    source: str | Path | _MappingType[str, Any] | Sequence[str | Path] | Sequence[_MappingType[str, Any]],
    *,
    record: int = 1,
    slot: str | None = None,
    source_class: str | None = None,
    source_format: str | None = None,
    now: _datetime | str | None = None,
    pseudonym_key: str | Path | None = None,
) -> Explanation:
    """Where the values of one record come from: rule, source path, steps with their values, why a slot is null.

    ``source`` is a record as plain data, or an input of which record number ``record`` is taken; of several inputs
    the first, the others hold what joins and groups need. ``slot`` asks for one slot (``balances[0].amount``,
    ``/balances/0/amount``). Raises :class:`UsageError` where there is no such record, or no class has such a slot.

    >>> found = explain("open-banking", {"AccountId": "7"}, slot="id", source_class="OBAccount6").slots[0]
    >>> found.manner, found.sources[0].value
    ('template', '7')
    """
    from semantics.engine.explain import explain
    from semantics.engine.mapping import Mapping

    ready = mapping if isinstance(mapping, Mapping) else load_mapping(mapping)
    return explain(
        ready, source, record=record, slot=slot, source_class=source_class, source_format=source_format, now=now,
        pseudonym_key=pseudonym_key,
    )  # fmt: skip


def coverage(
    mapping: _Reference,
    inputs: Sequence[str | Path] = (),
    *,
    source_schema: _Reference | None = None,
    target_schema: _Reference | None = None,
) -> Coverage:
    """What a mapping does not touch: source slots never read, target slots never written, codes never mapped.

    With ``inputs`` also the paths that real records hold and no rule reads, with their counts.

    >>> "SupplementaryData" in {slot.path for slot in coverage("open-banking").unread}
    True
    """
    from semantics.engine.analyse import coverage

    return coverage(mapping, inputs, source_schema=source_schema, target_schema=target_schema)


def invert(
    mapping: _Reference,
    *,
    source_schema: _Reference | None = None,
    target_schema: _Reference | None = None,
    compat: str | None = None,
) -> Inverse:
    """The mapping back, and for every slot the verdict: lossless, lossy or one-way, with the reason.

    :func:`load_mapping` takes it, or its ``mapping`` (data) with the schemas swapped. With ``compat="linkml-map"`` a
    specification of that tool is turned around as one. Raises :class:`UsageError` where nothing comes back.

    >>> found = invert("gtfs")
    >>> {slot.verdict for slot in found.slots} <= {"lossless", "lossy", "one-way"}
    True
    """
    from semantics.engine.analyse import invert

    return invert(mapping, source_schema=source_schema, target_schema=target_schema, compat=compat)


def compose(
    first: _Reference,
    second: _Reference,
    *,
    source_schema: _Reference | None = None,
    middle_schema: _Reference | None = None,
    target_schema: _Reference | None = None,
) -> Composition:
    """One mapping that does what two do one after the other, for every record that the first maps.

    Its ``mapping`` is data that :func:`load_mapping` takes; ``findings`` tell what is made and never read, and read
    and never made. Raises :class:`MappingError` with the line of everything that cannot be composed exactly.
    """
    from semantics.engine.analyse import compose

    return compose(
        first, second, source_schema=source_schema, middle_schema=middle_schema, target_schema=target_schema
    )  # fmt: skip


def derive_schema(mapping: _Reference, *, source_schema: _Reference | None = None) -> DerivedSchema:
    """The target schema that a mapping implies, as LinkML (``schema``: data that :func:`load_schema` takes).

    A target schema need not exist. Raises :class:`MappingError` for names that the source schema does not have.

    >>> derive_schema("gtfs").schema["classes"]["TransportTrip"]["attributes"]["short_name"]
    {'range': 'string', 'description': 'Public name of the single trip, such as a train number.'}
    """
    from semantics.engine.analyse import derive_schema

    return derive_schema(mapping, source_schema=source_schema)
