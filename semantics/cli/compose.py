"""``semantics compose``: two mappings as one."""

from __future__ import annotations

import click

__all__ = ["compose"]


@click.command(short_help="Make one mapping of two that follow one another.")
@click.argument("first")
@click.argument("second")
@click.option("-o", "--output", default="-", metavar="OUT", help="Write the mapping to a file ('-': standard output).")
@click.option("--source-schema", metavar="S", help="Source schema of FIRST, instead of its own.")
@click.option("--middle-schema", metavar="S", help="Schema between the two, instead of their own.")
@click.option("--target-schema", metavar="S", help="Target schema of SECOND, instead of its own.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True,
              help="Form of the findings.")  # fmt: skip
def compose(
    first: str, second: str, output: str, source_schema: str | None, middle_schema: str | None,
    target_schema: str | None, form: str,
) -> int:  # fmt: skip
    """Compose FIRST (A to B) and SECOND (B to C) into a mapping from A to C.

    What cannot be composed exactly is refused with its line. Ends with 1 when there are warnings: slots that are made
    and never read, read and never made, or required and not filled.
    """
    from semantics.checks.output import as_json, as_text
    from semantics.cli.write import write_text
    from semantics.engine.analyse import compose as compose_mappings
    from semantics.workspace import Workspace

    found = compose_mappings(
        first, second, source_schema=source_schema, middle_schema=middle_schema, target_schema=target_schema
    )
    write_text(output, found.to_yaml(), *(Workspace.here().find(name, "mappings") for name in (first, second)))
    if found.findings:
        click.echo(as_json(found.findings) if form == "json" else as_text(found.findings), err=True)
    return 1 if found.findings else 0
