"""``semantics editor-schema``: JSON Schemas by which editors complete and check what people write."""

from __future__ import annotations

from pathlib import Path

import click

from semantics.editor.schemas import FOLDER, SCHEMAS

__all__ = ["editor_schema"]


@click.command(short_help="Write the JSON Schemas of mappings and the like, for editors.")
@click.argument("kind", required=False, type=click.Choice(list(SCHEMAS)))
@click.option("-o", "--output", metavar="DIR", help=f"Folder to write those of all kinds to  [default: {FOLDER}].")
def editor_schema(kind: str | None, output: str | None) -> int:
    """Print the JSON Schema (2020-12) of files of a KIND; without one write those of all kinds into a folder."""
    from semantics.editor.schemas import schema_text, write_schemas
    from semantics.errors import Diagnostic, Location, SinkError

    if kind is not None:
        if output is not None:
            raise click.UsageError("one schema goes to standard output; -o takes those of all kinds, without a KIND")
        click.echo(schema_text(kind), nl=False)
        return 0
    folder = output or FOLDER
    try:
        written = write_schemas(Path(folder))
    except OSError as fault:
        reason = fault.strerror or "it is not the name of a file"
        raise SinkError(Diagnostic("SNK002", f"cannot be written: {reason}", Location(folder))) from None
    for path in written:
        click.echo(f"written  {path}")
    click.echo(f"{len(SCHEMAS)} files up to date", err=True)
    return 0
