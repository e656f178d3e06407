"""``semantics explain``: where the values of one record come from."""

from __future__ import annotations

from typing import Any

import click

from semantics.cli.tables import dialect_of, table_options

__all__ = ["explain"]


@click.command(short_help="Show where each value of a record comes from.")
@click.argument("mapping")
@click.argument("sources", nargs=-1, required=True, metavar="INPUT...")
@click.option("--record", type=click.IntRange(min=1), default=1, show_default=True, metavar="N", help="Which record.")
@click.option("--slot", metavar="PATH", help="One slot of what it gives, such as 'balances[0].amount'.")
@click.option("--class", "source_class", metavar="CLASS", help="Source class, where the record does not tell it.")
@click.option("--from", "source_format", metavar="FMT", help="Format of the input, where its name does not tell it.")
@click.option("--source-schema", metavar="S", help="Source schema, instead of the mapping's.")
@click.option("--target-schema", metavar="S", help="Target schema, instead of the mapping's.")
@click.option("--compat", metavar="TOOL", help="The mapping has the semantics of another tool (linkml-map).")
@click.option("--now", metavar="MOMENT", help="What now_of_run() gives [default: SOURCE_DATE_EPOCH, else the clock].")
@click.option("--pseudonym-key", metavar="FILE", help="Key of pseudonym() [default: SEMANTICS_PSEUDONYM_KEY].")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True,
              help="Form of the explanation.")  # fmt: skip
@table_options
def explain(
    mapping: str, sources: tuple[str, ...], record: int, slot: str | None, source_class: str | None,
    source_format: str | None, source_schema: str | None, target_schema: str | None, compat: str | None,
    now: str | None, pseudonym_key: str | None, form: str, **options: Any,
) -> int:  # fmt: skip
    """Explain what MAPPING makes of a record of INPUT: rule, source, intermediate values, and why a slot is null.

    Of several inputs the record is one of the first; joins and groups find their records in all of them. Values of the
    record are shown. Ends with 1 when the record is rejected.
    """
    from semantics.analysis.explanation import to_data
    from semantics.analysis.explanation_text import instance_lines, slot_lines
    from semantics.analysis.output import as_json
    from semantics.engine.convert import load_mapping
    from semantics.engine.explain import explain as explain_one

    ready = load_mapping(mapping, source_schema=source_schema, target_schema=target_schema, compat=compat)
    found = explain_one(ready, sources, record=record, slot=slot, source_class=source_class,
                        source_format=source_format, now=now, pseudonym_key=pseudonym_key,
                        dialect=dialect_of(options))  # fmt: skip
    if form == "json":
        click.echo(as_json(to_data(found)))
    else:
        place = f", line {found.line}" if found.line else ""
        pointer = f", {found.pointer}" if found.pointer else ""
        told = f" ({found.source_class})" if found.source_class else ""
        click.echo(f"record {found.record} of {found.source}{place}{pointer}{told}: {found.outcome}")
        for finding in found.findings:
            click.echo(f"  {finding}")
        for instance in found.instances:
            click.echo("\n" + "\n".join(instance_lines(instance)))
        for one in found.slots:
            click.echo("\n" + "\n".join(slot_lines(one)))
    return 1 if found.outcome == "rejected" else 0
