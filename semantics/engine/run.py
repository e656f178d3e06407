"""One run: every record of the inputs mapped, checked and written, or rejected; the outputs whole or not at all."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator, Sequence
from contextlib import nullcontext, suppress
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol

from semantics.databases import displayed
from semantics.engine.batches import START, Batch, Position, grouped
from semantics.engine.carrier import Carrier, Part, Refused
from semantics.engine.checkpoint import Checkpoint, Checkpoints, digest_of, journal_path, not_resumable, state_of
from semantics.engine.columnar import ColumnarRun, Refusal, columnar_run, plain_file
from semantics.engine.context import begin, key_mark
from semantics.engine.contradictions import contradictions_told
from semantics.engine.findings import FindingsFile
from semantics.engine.gather import Gathered, memory_of
from semantics.engine.groups import Grouping
from semantics.engine.inputs import Inputs
from semantics.engine.ledger import Ledger
from semantics.engine.mapping import Mapping
from semantics.engine.options import MATTER, RunOptions
from semantics.engine.paths import check_paths, rejects_path
from semantics.engine.references import References, references_of
from semantics.engine.rejects import RejectsFile
from semantics.engine.replay import Replay
from semantics.engine.report import RunReport, slots_of
from semantics.engine.workers import Workers
from semantics.errors import (
    Diagnostic,
    InternalError,
    LimitError,
    RecordError,
    Severity,
    SourceError,
    UsageError,
    closest,
    escaped,
)
from semantics.expressions.context import RunContext, active, instant
from semantics.processes import can_fork, processors
from semantics.records import Outcome, Rejected
from semantics.sinks import open_sink, sink_format
from semantics.sinks.output import Mark, Output, open_output
from semantics.sources.json_lines import LineReader
from semantics.validation import Finding
from semantics.version import __version__

if TYPE_CHECKING:
    from semantics.engine.shapes import ShapeCheck

__all__ = ["run"]

ENOUGH: Final = 1 << 20
"""Bytes of input after which workers are worth their start."""
_IN_VAIN: Final = (SourceError, UsageError, RecordError)
"""Faults after which going on from a checkpoint would come to the same fault."""
VALIDATION: Final = ("none", "schema", "shacl", "both")


def run(mapping: Mapping, inputs: Sequence[str], output: str, options: RunOptions) -> RunReport:
    """Convert ``inputs`` (paths, folders, ``-``) to ``output`` (a path or ``-``) and say what was done.

    Raises :class:`UsageError` before anything is read, :class:`SourceError`, :class:`SinkError` or
    :class:`LimitError` later; then no output appears under its name.
    """
    if options.validate not in VALIDATION:
        message = f"'{escaped(options.validate)}' is no way of validating: there are {', '.join(VALIDATION)}"
        raise UsageError(Diagnostic("RUN004", message, hint=closest(options.validate, VALIDATION)))
    needs = mapping.plan.needs if options.provenance is None else (*mapping.plan.needs, "now")
    conversion = _Conversion(mapping, inputs, output, options)
    try:
        now = options.now
        if now is None and conversion.replay is not None:
            now = conversion.replay.now
        if now is None and conversion.begun is not None:
            now = conversion.begun.now
        context = begin(needs, now=now, key_file=options.pseudonym_key)
        if options.provenance is not None and context is not None:
            conversion.provenance(options.provenance, context)
        with active(context) if context is not None else nullcontext():
            conversion.rejects.made_by = conversion.made_by()
            conversion.go()
            report = conversion.report()
        report = conversion.commit(report)
    except BaseException as fault:
        conversion.abort(fault)
        raise
    finally:
        conversion.close()
    return report


class Recorder(Protocol):
    """Follows a run: is told what became of every record (or group), and what to do when the run ends."""

    def add(self, outcome: Outcome, key: str) -> None:
        """A record is settled: written, rejected or filtered. ``key`` tells it from all others of the run."""

    def commit(self) -> None:
        """The run is over: make what was recorded appear."""

    def abort(self) -> None:
        """The run failed: leave nothing behind."""


class _Conversion:
    def __init__(self, mapping: Mapping, inputs: Sequence[str], output: str, options: RunOptions) -> None:
        self.mapping, self.options, self.output = mapping, options, displayed(output)
        self.started = time.monotonic()
        self.inputs = Inputs(mapping.plan, inputs, options.source_format, options.source_class, options.limits,
                             tables_asked=options.tables, query=options.query, dialect=options.dialect)  # fmt: skip
        self.paths = [path for path, _, _ in self.inputs.files()] if not options.replay else list(inputs)
        self.related = [str(path) for path in options.related]
        self.rejected = rejects_path(options.rejects, self.output, mapping.name)
        check_paths(self.paths, self.inputs.database_files(), output=self.output, rejects=self.rejected,
                    report=options.report)  # fmt: skip
        self.format = options.target_format or sink_format(output) or ("ndjson" if output == "-" else None)
        if self.format is None:
            raise UsageError(
                Diagnostic("RUN003", f"the format of '{displayed(output)}' is not told by its name", hint="pass --to")
            )
        self.replay = Replay(mapping, inputs, self.inputs, self.related) if options.replay else None
        self.gathered = self._gathered()
        self.joined: Mapping | None = None
        self.grouping: Grouping | None = None
        self.ledger = Ledger(mapping.plan, elements=mapping.prepared.elements)
        self.emitted = self.refused = 0
        self.workers: Workers | None = None
        self.rejects = RejectsFile(self.rejected, formats=self.inputs.formats, tables=self.inputs.tables)
        self.findings: FindingsFile | None = None
        self.checkpoints = self._checkpoints()
        self.references = self._references()
        self.shapes = self._shapes()
        self.recorders: tuple[Recorder, ...] = self._recorders()
        self.begun = self.checkpoints.read(self.rejected) if self.checkpoints and options.resume else None
        self.columnar = self._columnar()
        classes = {mapping.plan.rules[name].target_class for rules in mapping.plan.starts.values() for name in rules}
        self.sink = open_sink(
            self.format, output, mapping.prepared.target, classes=sorted(classes),
            mark=None if self.begun is None else self.begun.output,
            options={"graph": options.graph, "csv_safe": options.csv_safe or None},
        )  # fmt: skip
        if self.checkpoints is not None and self.begun is None:
            self.checkpoints.forget()
        if isinstance(self.columnar, ColumnarRun):
            self.sink.abort()
            self.sink = self.columnar.sink(output)
            self.checkpoints = None  # such a run is never taken up in the middle

    def _columnar(self) -> ColumnarRun | Refusal:
        """The run by columns, or why it goes by records."""
        options = self.options
        others = (
            ("the output is no single file", not plain_file(self.output)),
            ("records are run again", options.replay),
            ("other inputs are looked up", bool(self.related)), ("shapes are validated", self.shapes is not None),
            ("every record is followed", bool(self.recorders)),
            ("the provenance of the run is recorded", options.provenance is not None),
            ("references are compared with what is there", self.references is not None),
        )  # fmt: skip
        found = columnar_run(self.mapping, self.inputs, str(self.format), options.backend, others)
        if self.begun is not None and isinstance(found, ColumnarRun):
            return Refusal("an interrupted run is taken up")  # what was interrupted went by records
        return found

    # -- interrupted runs -------------------------------------------------------------------------

    def _checkpoints(self) -> Checkpoints | None:
        """The checkpoints of the run; none where it cannot be taken up in the middle, and has to start anew."""
        options, output = self.options, Path(self.output)
        if options.resume and (self.output == "-" or "-" in self.paths):
            which = "output" if self.output == "-" else "input"
            raise not_resumable(f"standard {which} does not wait for a second run")
        files = self.output != "-" and (output.is_file() or not output.exists()) and output.parent.is_dir()
        inputs = all(Path(path).is_file() for path in self.paths)
        whole = options.findings or options.provenance or options.replay or self.mapping.plan.groups
        if not files or not inputs or whole:
            return None
        states = {f"the input '{path}'": state_of(path) for path in self.paths}
        return Checkpoints(output, lambda: {**states, **self._made_from()}, options.checkpoint)

    def _made_from(self) -> dict[str, str]:
        """Digests of everything but the inputs that what comes out hangs on."""
        options = self.options
        chosen = {name: getattr(options, name) for name in MATTER}
        found = {
            "the mapping or a schema": self.mapping.plan,
            "the options": {**chosen, "format": self.format, "rejects": self.rejected},
            "a file of shapes": [Path(path).read_bytes() for path in options.shapes],
            "the related records": [state_of(path) for path in self.related],
            "the key of pseudonyms": key_mark(self.mapping.plan.needs, options.pseudonym_key),
        }
        return {name: digest_of(part) for name, part in found.items()}

    def _take_up(self, found: Checkpoint) -> None:
        """Go on from a checkpoint."""
        self.ledger.merge(found.ledger)
        if found.rejects is not None:
            self.rejects.open(found.rejects)
        if self.references is not None and found.references is not None:
            self.references.take_up(*found.references)
        if self.shapes is not None:
            self.shapes.warnings = dict(found.warnings)
        self.emitted, self.refused = found.emitted, found.refused
        self.inputs.notes += found.notes
        self.inputs.skipped += found.skipped
        self.inputs.formats |= found.formats
        self.inputs.tables |= found.tables

    def _mark(self, position: Position) -> None:
        """Write a checkpoint, if it is time for one and everything read so far is settled."""
        checkpoints = self.checkpoints
        waiting = self.shapes is not None and self.shapes.waiting
        if checkpoints is None or not checkpoints.due or waiting or position == START:
            return
        output = self.sink.mark()
        if output is None:
            return
        seconds = time.monotonic() - self.started + (self.begun.seconds if self.begun else 0)
        checkpoints.write(
            position=position, output=output, rejects=self.rejects.mark(), ledger=self.ledger.state(),
            references=self.references.mark() if self.references is not None else None,
            warnings=self.shapes.warnings if self.shapes is not None else {},
            emitted=self.emitted, refused=self.refused, notes=self.inputs.notes, skipped=self.inputs.skipped,
            formats=self.inputs.formats, tables=self.inputs.tables, seconds=seconds,
            now=instant().isoformat() if "now" in self.mapping.plan.needs else None,
        )  # fmt: skip

    def _journal(self, mark: Mark | None) -> Output:
        return open_output(journal_path(Path(self.output)), 0o600, mark=mark)

    def provenance(self, path: str, context: RunContext) -> None:
        """Have the provenance of the run written to a file."""
        from semantics.engine.provenance import ProvenanceRecorder, RunFacts

        assert context.now is not None
        options, rejects = self.options, self.rejects
        facts = RunFacts(
            mapping=self.mapping, inputs=self.paths, output=self.output, instant=context.now, now=options.now,
            ledger=self.ledger, skipped=self.inputs.skipped,
            rejects=lambda: str(rejects.path) if rejects.used else None, joined=lambda: self.joined,
            others=(str(rejects.path), options.report),
            choices={"to": self.format, "from": options.source_format, "class": options.source_class,
                     "validate": options.validate, "replay": options.replay},
        )  # fmt: skip
        self.recorders = (*self.recorders, ProvenanceRecorder(path, options.provenance_of, facts))

    def _recorders(self) -> tuple[Recorder, ...]:
        """What else follows the run."""
        options = self.options
        if options.findings is None:
            return ()
        written = (self.output, str(self.rejects.path), options.report, options.provenance)
        self.findings = FindingsFile(
            options.findings, options.findings_format, mapping=self.mapping.name,
            schema=self.mapping.prepared.target.name, limit=options.max_findings, show_values=options.show_values,
            others=(*self.paths, *filter(None, written)),
        )  # fmt: skip
        if self.shapes is not None:
            self.shapes.on_warnings, self.findings.shapes = self.findings.warned, self.shapes.engines
        return (self.findings,)

    def _references(self) -> References | None:
        """What compares references with what is there; None where the mapping writes no reference."""
        return references_of(
            self.mapping.plan, self.mapping.prepared.target, required=self.options.require_references,
            show_values=self.options.show_values,
            journal=self._journal if self.checkpoints is not None else None,
        )  # fmt: skip

    def _gathered(self) -> Gathered | None:
        """What joins look into: the inputs and those that are related, or these alone when records are run again."""
        if not self.mapping.plan.lookups:
            if self.related and self.replay is None:
                raise UsageError(Diagnostic("RUN032", "the mapping has no joins: nothing is looked up in other inputs"))
            return None
        if self.replay is not None and not self.related:
            raise UsageError(Diagnostic("RUN033", "a mapping with joins needs the other records too",
                                        hint="give the inputs of the first run with --related"))  # fmt: skip
        paths = self.related if self.replay is not None else [*self.inputs.paths, *self.related]
        # Partners know where they stand where the provenance tells of it.
        placed = self.options.provenance is not None and self.options.provenance_of == "instances"
        return Gathered(self.mapping, self.inputs, memory_of(self.options.join_memory), paths, placed=placed)

    def made_by(self) -> dict[str, Any]:
        """What each line of the rejects file says of the run."""
        digests = "\n".join(f"{name} {digest}" for name, digest in sorted(self.mapping.plan.digests.items()))
        moment = {"now": instant().isoformat()} if "now" in self.mapping.plan.needs else {}
        return {
            "mapping": self.mapping.name,
            "digest": hashlib.sha256(digests.encode()).hexdigest()[:16],
            **moment,
        }

    def _shapes(self) -> ShapeCheck | None:
        options, target = self.options, self.mapping.prepared.target
        if options.validate not in ("shacl", "both") and not options.shapes:
            return None
        from semantics.engine.shapes import ShapeCheck, files_of

        own = (self.mapping.prepared.shapes,) if options.validate in ("shacl", "both") else ()
        return ShapeCheck(target, (*own, *files_of(options.shapes, sparql=options.allow_sparql)))

    # -- the loop ---------------------------------------------------------------------------------

    def go(self) -> None:
        """Every record once, in order."""
        mapping = self.mapping
        if self.gathered is not None:
            mapping = self.joined = self.gathered.mapping()
        if self.shapes is not None:
            self.shapes.locate = mapping.located
        if mapping.plan.groups:
            self.grouping = Grouping(mapping, memory_of(self.options.join_memory))
        if self.begun is not None:
            self._take_up(self.begun)
        carrier = self._carrier(mapping)
        for part in self._parts(carrier):
            self._take(part)
        self._take(carrier.rest())  # before the groups: one with a record that the shapes reject is rejected too
        if self.grouping is not None:
            if self.replay is not None:
                self.ledger.read += self.replay.settled
            for group in self.grouping.outcomes():
                self._take(carrier.group(group))
            self._take(carrier.rest())
        self.sink.finish()

    def _parts(self, carrier: Carrier) -> Iterator[Part]:
        """What comes of the records, carried here or, once there are enough of them, by workers."""
        if isinstance(self.columnar, ColumnarRun):
            yield from self.columnar.parts(carrier, self.options.jobs)
            return
        batches = self._batches()
        workers = self._workers(carrier)
        done = 0
        for batch in batches:
            if workers is not None and (done >= ENOUGH or self.options.jobs is not None):
                yield from workers.carry(chain((batch,), batches))
            else:
                done += batch.size
                yield carrier.carry(batch)

    def _workers(self, carrier: Carrier) -> Workers | None:
        """The workers that there may be; none where records have to be known together or followed one by one."""
        count = processors() if self.options.jobs is None else self.options.jobs
        alone = self.recorders or self.grouping is not None or self.replay is not None or self.options.shapes
        shared = self.gathered is None or self.gathered.in_memory
        if count == 1 or alone or not shared or not can_fork():
            return None
        self.workers = Workers(carrier, count, self._reader, self._forked)
        return self.workers

    def _reader(self, name: str, number: int) -> LineReader:
        return LineReader(name, self.inputs.options("ndjson"), number)

    def _forked(self) -> None:
        """In a worker: let go of what the run alone writes."""
        self.sink.forget()
        self.rejects.forget()

    def _carrier(self, mapping: Mapping) -> Carrier:
        return Carrier(
            mapping, self.sink.encoder, str(self.format), self.options.limits, self.ledger, self.references,
            self.shapes, self.grouping, follow=bool(self.recorders), together=not self.options.shapes,
        )  # fmt: skip

    def _batches(self) -> Iterator[Batch]:
        if self.replay is None:
            return self.inputs.batches(self.begun.position if self.begun else START)
        return grouped(self.replay.records(self.grouping))

    def _take(self, part: Part) -> None:
        """Write what came of some records, or keep them for a later run, and tell of it."""
        for refused in part.refused:
            self._rejected(refused)
        for piece in part.pieces:
            self.sink.append(piece)
        self.emitted += part.emitted
        for outcome, key in part.outcomes:
            for recorder in self.recorders:
                recorder.add(outcome, key)
        if self.options.on_progress is not None:
            self.options.on_progress(part.records, part.size)
        self._mark(part.end)

    def _rejected(self, refused: Refused) -> None:
        """Keep a record for a later run, and tell of it; of a group all its records."""
        rejected, group, after = refused.rejected, refused.group, self.emitted + refused.after
        if group is None:
            self._keep(rejected, key=refused.key, after=after)
            self._refused(rejected)
            return
        for member in group.members:
            again = Rejected(member.record, rejected.diagnostics)
            facts = {"key": member.key, "group": group.group, "after": after}
            if member.settled:
                self._keep(again, **facts)
                self._refused(again)
            else:
                self.rejects.write(again, **facts, member=True)
        if not group.settled:
            self._refused(rejected)

    def _keep(self, rejected: Rejected, **facts: Any) -> None:
        if self.options.fail_fast:
            return
        if self.gathered is not None and self.replay is None and not self.mapping.looked_up(rejected.record):
            facts["unread"] = True
        self.rejects.write(rejected, **facts)

    def _refused(self, rejected: Rejected) -> None:
        options = self.options
        if options.fail_fast:
            raise RecordError(rejected.diagnostics)
        self.refused += 1
        if options.on_reject is not None:
            options.on_reject(rejected)
        if options.max_rejects is not None and self.refused > options.max_rejects:
            raise LimitError(
                Diagnostic("RUN007", f"more than {options.max_rejects} records were rejected",
                           rejected.record.location, hint="--max-rejects raises the limit")
            )  # fmt: skip

    # -- the end ----------------------------------------------------------------------------------

    def report(self) -> RunReport:
        """The accounts of the run. Raises :class:`InternalError` when they do not add up."""
        ledger = self.ledger
        seconds = time.monotonic() - self.started + (self.begun.seconds if self.begun else 0)
        if not ledger.balanced:
            raise InternalError(
                Diagnostic("INT002", "the counts do not add up: read is not mapped + rejected + filtered")
            )
        return RunReport(
            **slots_of(ledger.source(), ledger.target()),
            run={
                "semantics": __version__,
                "mapping": self.mapping.name,
                "digests": {**self.mapping.plan.digests, "inputs": self._digests()},
                "seconds": round(seconds, 3),
                **self.columnar.facts,
                **({"now": instant().isoformat()} if "now" in self.mapping.plan.needs else {}),
                "output": "-" if self.output == "-" else Path(self.output).name,
            },
            records={
                "read": ledger.read,
                "mapped": ledger.mapped,
                "rejected": ledger.rejected,
                "filtered": ledger.filtered,
                "emitted": ledger.emitted,
            },
            unmapped=ledger.unmapped(),
            rejects=ledger.rejects(),
            reasons=ledger.reasons(),
            filtered=ledger.filters(),
            rejects_file=str(self.rejects.path) if self.rejects.used else None,
            notes=tuple(self.inputs.notes),
            skipped=tuple(self.inputs.skipped),
            groups=dict(ledger.groups),
            shapes=self.shapes.engines if self.shapes is not None else {},
            warnings=self.shapes.warnings if self.shapes is not None else {},
            partners=self.gathered.counts() if self.gathered is not None else {},
            findings=(
                *(self.replay.findings if self.replay is not None else ()),
                *self._missing(),
                *self._flagged(),
            ),
            references=self.references.counts() if self.references is not None else {},
        )

    def _missing(self) -> tuple[Diagnostic, ...]:
        """References to what is not there."""
        if self.references is None:
            return ()
        if self.findings is not None:
            self.findings.note(self.references.findings(), self.references.missing)
        return self.references.summary()

    def _flagged(self) -> tuple[Diagnostic, ...]:
        """What was kept from being a formula."""
        if not self.sink.flagged:
            return ()
        count = self.sink.flagged
        message = f"{count} cell{'' if count == 1 else 's'} that a spreadsheet would run as a formula got a ' in front"
        return (Diagnostic("SNK021", message, severity=Severity.NOTE),)

    def _digests(self) -> dict[str, str | None]:
        """SHA-256 of each input file; worked out for a report that is kept, since it reads them once more."""
        if self.options.report is None:
            return {}
        from semantics.engine.provenance import digest_of as sha256_of

        return {path: sha256_of(path) for path in self.paths if path != "-"}

    def commit(self, report: RunReport) -> RunReport:
        """Make everything appear: the rejects first, so that nothing is lost if the output then fails.

        Gives the report with what was found while the output was made.
        """
        self.rejects.prepare()
        self.sink.prepare()
        report = self._contradicted(report)
        self.rejects.commit()
        self.sink.commit()
        for recorder in self.recorders:
            recorder.commit()
        if self.options.report is not None:
            with open_output(self.options.report) as output:
                output.write(report.to_json())
        if self.checkpoints is not None:
            self.checkpoints.forget()
        return report

    def _contradicted(self, report: RunReport) -> RunReport:
        """The report with what instances of one identifier say that has no place in a table."""
        found = self.sink.contradictions
        if not found:
            return report
        counts = {slot: count for slot, (count, _) in sorted(found.items())}
        told = contradictions_told(found, self.paths if self.replay is None else ())
        if self.findings is not None:
            self.findings.note(map(Finding.of, told), sum(counts.values()))
        return replace(report, contradictions=counts, findings=(*report.findings, *told))

    def close(self) -> None:
        """Remove what was only needed while running."""
        if self.workers is not None:
            self.workers.close()
        for part in (self.gathered, self.grouping, self.references):
            if part is not None:
                part.close()

    def abort(self, fault: BaseException) -> None:
        """Leave nothing half-written but what a checkpoint speaks of, where going on from it may help."""
        keep = self.checkpoints is not None and self.checkpoints.there and not isinstance(fault, _IN_VAIN)
        if self.references is not None:
            self.references.close(keep=keep)
        for part in (self.sink, self.rejects):
            with suppress(OSError):
                part.abort(keep=keep)
        for recorder in self.recorders:
            with suppress(OSError):
                recorder.abort()
        if self.checkpoints is not None and not keep:
            self.checkpoints.forget()
