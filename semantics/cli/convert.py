"""``semantics convert``: files through a mapping."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
from collections.abc import Iterator
from types import FrameType
from typing import TYPE_CHECKING, Any, Final

import click

from semantics.cli.formats import INPUTS, OUTPUTS
from semantics.cli.limits import limit_options, limits_of
from semantics.cli.tables import dialect_of, table_options

if TYPE_CHECKING:
    from semantics.engine.gates import Conditions
    from semantics.engine.mapping import Mapping
    from semantics.engine.report import RunReport
    from semantics.records import Rejected

__all__ = ["convert"]

SHOWN = 10


@click.command(short_help="Map records into the shared model.")
@click.argument("mapping")
@click.argument("inputs", nargs=-1, required=True, metavar="INPUT...")
@click.option("-o", "--output", default="-", metavar="OUT", help="Where instances go; '-' is standard output.")
@click.option(
    "--from",
    "source_format",
    type=click.Choice(INPUTS),
    help="Format of the inputs.",
)
@click.option("--to", "target_format", type=click.Choice(OUTPUTS), help="Format of the output.")
@click.option("--graph", metavar="IRI", help="Graph that N-Quads are in [default: the default graph].")
@click.option("--csv-safe", is_flag=True, help="Keep text in CSV from being run as a formula: ' before it, counted.")
@click.option("--table", "tables", multiple=True, metavar="NAME",
              help="Table of a database, or sheet, to read; may be repeated [default: all known ones].")  # fmt: skip
@click.option("--query", metavar="SQL", help="Rows to read of a database: one SELECT.")
@click.option(
    "--class", "source_class", metavar="CLASS", help="Source class of the records, where they do not tell it."
)
@click.option("--validate", type=click.Choice(["none", "schema", "shacl", "both"]), default="schema",
              show_default=True, help="How instances are checked.")  # fmt: skip
@click.option("--shapes", multiple=True, metavar="FILE", help="Further SHACL shapes (Turtle); may be repeated.")
@click.option("--allow-sparql", is_flag=True, help="Let SPARQL constraints of these shapes run.")
@click.option(
    "--rejects", metavar="FILE", help="Where rejected records go [default: OUT.rejects.ndjson, MAPPING.… for '-']."
)
@click.option("--max-rejects", type=click.IntRange(min=0), metavar="N", help="Stop when more records are rejected.")
@click.option("--fail-fast", is_flag=True, help="Stop at the first rejected record.")
@click.option("--now", metavar="MOMENT", help="What now_of_run() gives [default: SOURCE_DATE_EPOCH, else the clock].")
@click.option("--pseudonym-key", metavar="FILE", help="Key of pseudonym() [default: SEMANTICS_PSEUDONYM_KEY].")
@click.option("--source-schema", metavar="S", help="Source schema, instead of the mapping's.")
@click.option("--target-schema", metavar="S", help="Target schema, instead of the mapping's.")
@click.option("--report", metavar="FILE", help="Write the report of the run as JSON.")
@click.option("--require", "conditions", metavar="CONDITIONS", multiple=True,
              help='What must hold of the run, such as "unmapped=0,dropped<=0.1%"; else it ends with 1.')  # fmt: skip
@click.option("--provenance", metavar="FILE", help="Write the provenance of the run as PROV-O (.ttl, .nt, .jsonld).")
@click.option("--provenance-of", type=click.Choice(["run", "instances"]), default="run", show_default=True,
              help="What the provenance tells of: the run, or each instance too.")  # fmt: skip
@click.option("--findings", metavar="FILE",
              help="Write what is wrong with rejected records (.txt, .json, .html, .sarif, .xml, .ttl).")  # fmt: skip
@click.option("--findings-format", type=click.Choice(["text", "json", "html", "sarif", "junit", "turtle"]),
              help="Form of the findings, where the name does not tell it.")  # fmt: skip
@click.option("--max-findings", type=click.IntRange(min=0), default=10_000, show_default=True, metavar="N",
              help="Findings that are listed at most; all are counted.")  # fmt: skip
@click.option("--backend", type=click.Choice(["auto", "python", "columnar"]), default="auto", show_default=True,
              help="What carries the mapping out: records, or columns where that is the same and quicker.")  # fmt: skip
@click.option("--engine", type=click.Choice(["local", "spark"]), default="local", show_default=True,
              help="What runs the mapping: this program, or Spark (files of NDJSON into a folder).")  # fmt: skip
@click.option("--master", metavar="MASTER", help="Spark's master [default: that of spark-submit, else local[*]].")
@click.option("--jobs", type=click.IntRange(min=1), metavar="N",
              help="Workers at most [default: one for each processor, where the input is large].")  # fmt: skip
@click.option("--resume", is_flag=True, help="Go on with an interrupted run of the same command.")
@click.option("--replay", is_flag=True, help="The inputs are rejects files: run their records again.")
@click.option("--related", multiple=True, metavar="INPUT",
              help="Records that are only looked up; with --replay the inputs of the first run.")  # fmt: skip
@click.option("--compat", metavar="TOOL", help="Run the mapping with the semantics of another tool (linkml-map).")
@table_options
@limit_options
@click.option("--require-references", is_flag=True,
              help="A reference that nothing in the run satisfies is an error, not a warning.")  # fmt: skip
@click.option("--join-memory", type=click.IntRange(min=0), metavar="MB",
              help="Records to be joined that stay in memory, the rest goes to disk [default: 256].")  # fmt: skip
@click.option("--progress/--no-progress", default=None, help="Show progress [default: on a terminal].")
@click.option("--show-values", is_flag=True, help="Let messages and findings quote values of records.")
def convert(mapping: str, inputs: tuple[str, ...], output: str, **options: Any) -> int:
    """Map the records of every INPUT (a file, a folder, a database, or '-') with MAPPING (a name or a path).

    What a file holds is told by its content. The output appears whole or not at all; records that cannot be
    mapped or are not valid go to the rejects file, with their bytes and the reason.
    """
    from semantics.engine.convert import load_mapping
    from semantics.engine.gates import read_conditions
    from semantics.errors import Diagnostic, UsageError

    engine = options.pop("engine")
    if engine == "spark":
        from semantics.cli.on_spark import refuse

        refuse(options)
    elif options["master"] is not None:
        raise UsageError(Diagnostic("RUN123", "--master goes with --engine spark"))
    conditions = options.pop("conditions")
    required = read_conditions(",".join(conditions)) if conditions else None
    limits, dialect = limits_of(options), dialect_of(options)
    progress = options.pop("progress")
    loaded = load_mapping(mapping, **{key: options.pop(key) for key in ("source_schema", "target_schema", "compat")})
    for warning in loaded.prepared.warnings:
        click.echo(str(warning), err=True)
    read = {"limits": limits, "dialect": dialect}
    if engine == "spark":
        from semantics.cli.on_spark import on_spark

        report = on_spark(loaded, inputs, output, {**options, **read})
    else:
        report = _here(loaded, inputs, output, {**options, **read}, progress)
    click.echo(report.to_text(), err=True)
    if options["report"] is not None:
        click.echo(f"everything that was counted: semantics ledger {options['report']}", err=True)
    gated = _gated(required, report) if required is not None else 0
    return report.exit_code or gated


def _here(
    mapping: Mapping, inputs: tuple[str, ...], output: str, options: dict[str, Any], progress: bool | None
) -> RunReport:
    """Run the conversion in this program."""
    from semantics.cli.progress import progressing
    from semantics.engine.checkpoint import left
    from semantics.engine.convert import convert as run_conversion

    options.pop("master")
    talker = _Talker(show_values=options["show_values"])
    try:
        with _terminated(), progressing(inputs, progress) as ticking:
            report = run_conversion(
                mapping, list(inputs), output, **options, on_reject=talker.rejected, on_progress=ticking
            )
    except BaseException:
        if left(output):
            click.echo("what is done so far is kept: the same command with --resume goes on from there", err=True)
        raise
    talker.end()
    return report


def _gated(required: Conditions, report: RunReport) -> int:
    """The exit code by what was required of the run; the output is written, so nothing here ends with 2."""
    from semantics.cli.gate import gate
    from semantics.errors import UsageError

    try:
        return gate(required, report)
    except UsageError as fault:
        for finding in fault.diagnostics:
            click.echo(str(finding), err=True)
        return 1


class _Talker:
    """Says the first few rejections; all of them are in the rejects file."""

    def __init__(self, *, show_values: bool) -> None:
        self.show_values = show_values
        self.count = 0

    def rejected(self, rejected: Rejected) -> None:
        """Print what was wrong with a record, for the first few."""
        self.count += 1
        if self.count > SHOWN:
            return
        for finding in rejected.diagnostics:
            click.echo(str(finding), err=True)
        if self.show_values and rejected.record.raw is not None:
            from semantics.errors import escaped

            click.echo(f"    {escaped(rejected.record.raw.decode('utf-8', 'backslashreplace')[:2_000])}", err=True)

    def end(self) -> None:
        """Say how many more there were."""
        if self.count > SHOWN:
            click.echo(f"... and {self.count - SHOWN} more rejected records", err=True)


class _TerminatedError(BaseException):
    """SIGTERM has come: no fault of a record, for which it would be taken if it were an exception like others."""


_SIGNALS: Final[dict[type[BaseException], signal.Signals]] = {
    KeyboardInterrupt: signal.SIGINT, _TerminatedError: signal.SIGTERM,
}  # fmt: skip


@contextlib.contextmanager
def _terminated() -> Iterator[None]:
    """SIGTERM ends the run like an interrupt does, with its own exit code."""

    def stop(_signal: int, _frame: FrameType | None) -> None:
        raise _TerminatedError

    def again(lost: sys.UnraisableHookArgs) -> None:
        number = _SIGNALS.get(lost.exc_type)
        if number is None:
            hook(lost)
        else:  # it came while an object was being let go of, where Python drops what is raised
            threading.Timer(0.01, os.kill, (os.getpid(), number)).start()

    hook = sys.unraisablehook
    try:
        previous = signal.signal(signal.SIGTERM, stop)
    except ValueError:  # not the main thread: somebody else handles signals
        yield
        return
    sys.unraisablehook = again
    try:
        yield
    except _TerminatedError:
        raise click.exceptions.Exit(143) from None
    except RuntimeError as fault:  # what Python makes of anything that comes while the names of a class are set
        if isinstance(fault.__cause__, KeyboardInterrupt):
            raise KeyboardInterrupt from None
        if isinstance(fault.__cause__, _TerminatedError):
            raise click.exceptions.Exit(143) from None
        raise
    finally:
        sys.unraisablehook = hook
        signal.signal(signal.SIGTERM, previous)
