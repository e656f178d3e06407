"""``semantics convert --engine spark``: files through a mapping into a folder, as Spark writes it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from semantics.engine.inputs import Inputs
from semantics.engine.mapping import Mapping
from semantics.engine.report import RunReport
from semantics.errors import Diagnostic, LimitError, SinkError, UsageError
from semantics.sinks import sink_format
from semantics.sources import Limits
from semantics.spark.conversion import convert
from semantics.spark.faults import told_by_spark
from semantics.spark.files import names_of, opened
from semantics.spark.session import session

if TYPE_CHECKING:
    from semantics.spark.result import SparkResult

__all__ = ["SparkOptions", "run"]


@dataclass(frozen=True, slots=True)
class SparkOptions:
    """What the operator asks of a run on Spark; as :class:`~semantics.engine.run.RunOptions`, as far as it goes.

    ``master`` is Spark's. ``on_reject`` is told the lines of the rejects, as data.
    """

    master: str | None = None
    source_format: str | None = None
    target_format: str | None = None
    source_class: str | None = None
    validate: str = "schema"
    rejects: str | None = None
    max_rejects: int | None = None
    require_references: bool = False
    report: str | None = None
    now: str | None = None
    pseudonym_key: str | None = None
    limits: Limits = field(default_factory=Limits)
    on_reject: Callable[[dict[str, Any]], None] | None = None


def run(mapping: Mapping, inputs: Sequence[str], output: str, options: SparkOptions) -> RunReport:
    """Convert files of NDJSON or Parquet into a folder ``output``; rejected records go beside it.

    Nothing is written before the whole input is mapped. Raises :class:`UsageError` for what cannot be carried out,
    :class:`SinkError` where the folder is there already, and what :func:`semantics.spark.convert` raises.
    """
    if output == "-":
        raise UsageError(Diagnostic("RUN121", "Spark writes a folder: name it with --output"))
    if "://" not in output and Path(output).exists():
        raise SinkError(
            Diagnostic("SPK008", f"'{output}' is there already", hint="remove it, or choose another folder")
        )
    asked = Inputs(mapping.plan, list(inputs), options.source_format, options.source_class, options.limits)
    names, format_name = names_of(asked)
    with session(options.master) as spark:
        files = opened(spark, names, format_name)
        result = convert(
            files.frame, mapping, to=_to(options, output), validate=options.validate,
            require_references=options.require_references, source_class=options.source_class, now=options.now,
            pseudonym_key=options.pseudonym_key, limits=options.limits, name=next(iter(names)), files=files,
        )  # fmt: skip
        report = result.report()
        _limited(report, options)
        rejects = _write_rejects(result, output, options) if report.records["rejected"] else None
        with told_by_spark():
            _write(result, output)
        result.close()
    facts = {**report.run, "output": output if "://" in output else Path(output).name}
    report = replace(report, run=facts, rejects_file=rejects, notes=tuple(asked.notes), skipped=tuple(asked.skipped))
    if options.report is not None:
        from semantics.sinks.output import open_output

        with open_output(options.report) as file:
            file.write(report.to_json())
    return report


def _to(options: SparkOptions, output: str) -> str:
    """What the instances are made: columns for Parquet, else text."""
    told = options.target_format or sink_format(output.rstrip("/")) or "ndjson"
    return "columns" if told == "parquet" else told


def _write(result: SparkResult, output: str) -> None:
    """The instances as the folder of files; of Parquet one in it for each class, where there are several."""
    if result.to != "columns":
        result.instances.write.text(output)
    elif len(result.classes) == 1:
        result.instances.write.parquet(output)
    else:
        for name in result.classes_found():
            result.instances_of(name).write.parquet(f"{output}/{name}.parquet")


def _limited(report: RunReport, options: SparkOptions) -> None:
    limit = options.max_rejects
    if limit is not None and report.records["rejected"] > limit:
        raise LimitError(
            Diagnostic("RUN007", f"more than {limit} records were rejected", hint="--max-rejects raises the limit")
        )


def _write_rejects(result: SparkResult, output: str, options: SparkOptions) -> str:
    """The rejects as one file beside the output; as a folder where that is not on this machine."""
    from semantics.sinks.output import open_output

    path = options.rejects or f"{output}.rejects.ndjson"
    if "://" in path:
        with told_by_spark():
            result.rejects_text.write.text(path)
        return path
    with open_output(path, 0o600) as file:
        for line in result.lines():
            file.write(line.encode() + b"\n")
            if options.on_reject is not None:
                options.on_reject(msgspec.json.decode(line))
    return path
