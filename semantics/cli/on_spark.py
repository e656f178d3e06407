"""``semantics convert --engine spark``: what of the command goes to Spark, and what cannot."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import click

from semantics.cli.tables import told_of_tables

if TYPE_CHECKING:
    from semantics.engine.mapping import Mapping
    from semantics.engine.report import RunReport

__all__ = ["on_spark"]

SHOWN: Final = 10
_NOT_THERE: Final = (
    "shapes", "allow_sparql", "fail_fast", "provenance", "findings", "findings_format", "resume", "replay", "related",
    "join_memory", "jobs", "graph", "csv_safe",
)  # fmt: skip
"""Options of a local run that are not carried out on Spark."""
_TAKEN: Final = (
    "source_format", "target_format", "source_class", "validate", "require_references", "rejects", "max_rejects",
    "report", "now", "pseudonym_key", "limits",
)  # fmt: skip


def refuse(options: dict[str, Any]) -> None:
    """Raises :class:`~semantics.errors.UsageError` (``RUN120``) for options that go with a local run alone."""
    from semantics.errors import Diagnostic, UsageError

    asked = [name for name in _NOT_THERE if options.get(name) not in (None, False, ())]
    asked += told_of_tables(options)
    if options.get("backend", "auto") != "auto":
        asked.append("backend")
    if asked:
        found = tuple(
            Diagnostic("RUN120", f"--{name.replace('_', '-')} is not carried out with --engine spark",
                       hint="say how many workers with --master 'local[N]'" if name == "jobs" else None)
            for name in asked
        )  # fmt: skip
        raise UsageError(found)


def on_spark(mapping: Mapping, inputs: tuple[str, ...], output: str, options: dict[str, Any]) -> RunReport:
    """Run the conversion on Spark, and say the first few rejections."""
    from semantics.spark.run import SparkOptions, run

    said = _Said(show_values=options["show_values"])
    chosen = {name: options[name] for name in _TAKEN}
    report = run(mapping, inputs, output, SparkOptions(master=options["master"], on_reject=said, **chosen))
    if said.count > SHOWN:
        click.echo(f"... and {said.count - SHOWN} more rejected records", err=True)
    return report


class _Said:
    """Says the first few rejections; all of them are in the rejects file."""

    def __init__(self, *, show_values: bool) -> None:
        self.show_values, self.count = show_values, 0

    def __call__(self, entry: dict[str, Any]) -> None:
        from semantics.errors import Diagnostic, Location, escaped

        self.count += 1
        if self.count > SHOWN:
            return
        for found in (entry, *entry.get("more", ())):
            place = Location(entry["source"], entry["line"], None, found["pointer"])
            slot = ".".join(found[key] for key in ("class", "slot") if key in found)
            element = f"{slot} ({found['element']})" if "element" in found else None
            click.echo(
                str(Diagnostic(found["code"], found["message"], place, None, element, rule=found["rule"])), err=True
            )
        if self.show_values and entry["raw"] is not None:
            click.echo(f"    {escaped(entry['raw'][:2_000])}", err=True)
