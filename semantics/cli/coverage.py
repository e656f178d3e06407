"""``semantics coverage``: what a mapping does not touch."""

from __future__ import annotations

from typing import Any

import click

from semantics.cli.tables import dialect_of, table_options

__all__ = ["coverage"]


@click.command(short_help="List what a mapping does not read, write or map.")
@click.argument("mapping")
@click.argument("inputs", nargs=-1, metavar="[INPUT...]")
@click.option("--class", "source_class", metavar="CLASS", help="Source class, where the records do not tell it.")
@click.option("--from", "source_format", metavar="FMT", help="Format of the inputs, where names do not tell it.")
@click.option("--source-schema", metavar="S", help="Source schema, instead of the mapping's.")
@click.option("--target-schema", metavar="S", help="Target schema, instead of the mapping's.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True,
              help="Form of the tables.")  # fmt: skip
@table_options
def coverage(
    mapping: str, inputs: tuple[str, ...], source_class: str | None, source_format: str | None,
    source_schema: str | None, target_schema: str | None, form: str, **options: Any,
) -> int:  # fmt: skip
    """List source slots that MAPPING never reads, target slots it never writes, and codes it never maps.

    With INPUTs also what real records hold and no rule reads. It is a report, not a verdict: the exit code is 0.
    """
    from semantics.analysis.coverage_text import coverage_text
    from semantics.analysis.output import as_json
    from semantics.engine.analyse import coverage as cover

    found = cover(
        mapping, inputs, source_schema=source_schema, target_schema=target_schema,
        source_class=source_class, source_format=source_format, dialect=dialect_of(options),
    )  # fmt: skip
    click.echo(as_json(found) if form == "json" else coverage_text(found))
    return 0
