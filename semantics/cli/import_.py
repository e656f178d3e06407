"""``semantics import``: a LinkML schema from what a sector publishes."""

from __future__ import annotations

from pathlib import Path

import click

from semantics.importers import IMPORTERS

__all__ = ["import_"]


@click.command(name="import", short_help="Make a LinkML schema of what a sector publishes.")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--from", "kind", type=click.Choice(list(IMPORTERS)), help="What the file is [default: by its content].")
@click.option(
    "-o", "--output", default="-", metavar="SCHEMA", help="Write the schema to a file ('-': standard output)."
)
@click.option("--refs", multiple=True, metavar="FOLDER", type=click.Path(exists=True, file_okay=False, path_type=Path),
              help="A further folder in which references are looked for; may be repeated.")  # fmt: skip
def import_(file: Path, kind: str | None, output: str, refs: tuple[Path, ...]) -> int:
    """Make a LinkML schema of FILE: its classes, slots, code lists and types, with what is said of each.

    Nothing is fetched: references are followed in the folder of FILE, and in those of --refs. What LinkML does not say
    is told on standard error, with its place. Ends with 1 where the schema takes other records than FILE.
    """
    from semantics.cli.write import write_text
    from semantics.errors import Severity
    from semantics.importers import import_schema

    found = import_schema(file, kind, refs)
    write_text(output, found.text, file)
    for finding in found.findings:
        click.echo(str(finding), err=True)
    return 1 if any(finding.severity is not Severity.NOTE for finding in found.findings) else 0
