"""``semantics ledger``: the accounts of runs as tables, as a page with pictures, and as a gate."""

from __future__ import annotations

import click

from semantics.cli.gate import gate

__all__ = ["ledger"]


@click.command(short_help="Show the accounts of runs, and demand something of them.")
@click.argument("reports", nargs=-1, required=True, metavar="REPORT...")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True,
              help="Form of the accounts.")  # fmt: skip
@click.option("--html", "page", metavar="FILE", help="Write a page with pictures instead.")
@click.option("--require", "conditions", metavar="CONDITIONS", multiple=True,
              help='What must hold, such as "unmapped=0,dropped<=0.1%"; ends with 1 where it does not.')  # fmt: skip
def ledger(reports: tuple[str, ...], form: str, page: str | None, conditions: tuple[str, ...]) -> int:
    """Show what every REPORT of a run (``convert --report``) accounts for; several are added up.

    For each path of the source what was present, read, carried and dropped, and why; for each slot of the target what
    was written, null and defaulted; codes that were not mapped; why records were rejected or filtered.
    """
    from functools import reduce
    from operator import add

    from semantics.engine.gates import read_conditions
    from semantics.engine.report import RunReport

    required = read_conditions(",".join(conditions)) if conditions else None
    report = reduce(add, [RunReport.load(path) for path in reports])
    if page is not None:
        from semantics.engine.ledger_page import ledger_page
        from semantics.sinks.output import open_output

        with open_output(page) as output:
            output.write(ledger_page(report).encode())
    elif form == "json":
        click.echo(report.to_json().decode(), nl=False)
    elif required is None:
        from semantics.engine.ledger_text import ledger_text

        click.echo(ledger_text(report))
    return gate(required, report) if required is not None else 0
