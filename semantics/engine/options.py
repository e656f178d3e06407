"""What the operator asks of a run."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from collections.abc import Mapping as MappingType
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from semantics.engine.checkpoint import SECONDS
from semantics.engine.findings import MAX_LISTED
from semantics.records import Rejected
from semantics.sources import Limits

__all__ = ["MATTER", "RunOptions"]


@dataclass(frozen=True, slots=True)
class RunOptions:
    """What the operator asks of a run.

    ``validate``: "none", "schema" (the model's constraints), "shacl" (the generated shapes) or "both"; ``shapes`` are
    files of further SHACL shapes, in which ``allow_sparql`` lets SPARQL constraints run. ``findings``: a file for what
    is wrong with rejected records, in one of the forms of a report (``findings_format``, else by its name), at most
    ``max_findings`` listed; with values where ``show_values``.
    ``require_references``: a reference that nothing in the run satisfies is an error, not a warning.
    ``max_rejects``: stop after more than so many. ``on_reject`` is told every rejected record, ``on_progress`` how many
    records were read since it was last told, and how many bytes they have. ``join_memory``: megabytes of records to be
    joined that stay in memory (else what ``SEMANTICS_JOIN_MEMORY`` says, else 256); what is more goes to a temporary
    file.
    ``jobs`` workers at most carry records (None: as many as there are processors, once the input shows to be worth it).
    ``resume``: go on with a run that was cut off from its last checkpoint, of which there is one every ``checkpoint``
    seconds.
    ``replay``: the inputs are rejects files; ``related`` are inputs that are read for look-ups alone.
    ``now`` is what ``now_of_run()`` gives (a date-time with an offset), ``pseudonym_key`` the file that holds
    the key of ``pseudonym()``. ``provenance`` is a file for PROV-O (.ttl, .nt, .jsonld), ``provenance_of`` what it
    tells of: "run", or "instances" for each of them too. ``tables`` and ``query`` say what is read of databases: by
    default every table that the mapping knows. ``dialect`` is how tables are written, as far as the operator overrules
    the mapping: fields of :class:`~semantics.plan.tables.TableDialect`. ``graph`` is the IRI of the graph that N-Quads
    are in; ``csv_safe``: texts that a spreadsheet would run as formulas get a ``'`` before them. ``backend``: "auto",
    "python" or "columnar" (:mod:`semantics.engine.columnar`).
    """

    source_format: str | None = None
    target_format: str | None = None
    source_class: str | None = None
    validate: str = "schema"
    shapes: Sequence[str] = ()
    allow_sparql: bool = False
    rejects: str | None = None
    max_rejects: int | None = None
    fail_fast: bool = False
    report: str | None = None
    findings: str | None = None
    findings_format: str | None = None
    max_findings: int = MAX_LISTED
    show_values: bool = False
    require_references: bool = False
    replay: bool = False
    related: Sequence[str | Path] = ()
    now: datetime | str | None = None
    pseudonym_key: str | Path | None = None
    provenance: str | None = None
    provenance_of: str = "run"
    limits: Limits = field(default_factory=Limits)
    dialect: MappingType[str, Any] = field(default_factory=dict)
    graph: str | None = None
    csv_safe: bool = False
    jobs: int | None = 1
    resume: bool = False
    checkpoint: float = SECONDS
    join_memory: int | None = None
    tables: Sequence[str] = ()
    query: str | None = None
    backend: str = "auto"
    on_reject: Callable[[Rejected], None] | None = None
    on_progress: Callable[[int, int], None] | None = None


MATTER: Final = (
    "source_format", "source_class", "validate", "allow_sparql", "fail_fast", "show_values", "require_references",
    "now", "limits", "dialect", "tables", "query", "graph", "csv_safe",
)  # fmt: skip
"""Options that what comes out hangs on: an interrupted run is taken up with the same."""
