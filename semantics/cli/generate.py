"""``semantics generate``: classes, shapes, JSON Schema and context of schemas."""

from __future__ import annotations

from pathlib import Path

import click

__all__ = ["generate"]


@click.command(short_help="Write classes, shapes, JSON Schema and context of a schema.")
@click.argument("schemas", nargs=-1, metavar="[SCHEMA...]")
@click.option("-o", "--output", metavar="DIR", help="Folder to write to [default: models/, or the package's own].")
@click.option("--only", metavar="NAMES", help="Some of pydantic,shacl,json-schema,jsonld-context,owl,typescript,sql.")
@click.option("--check", is_flag=True, help="Write nothing; end with 1 when a file is not up to date.")
def generate(schemas: tuple[str, ...], output: str | None, only: str | None, check: bool) -> int:
    """Generate the artefacts of every SCHEMA (a name or a path; default: all of the workspace)."""
    from semantics.engine.generate import artefacts

    chosen = [name.strip() for name in only.split(",")] if only else None
    found = artefacts(schemas, chosen, Path(output) if output else None)
    changed = found.stale() if check else found.write()
    for name in changed:
        click.echo(f"{'stale  ' if check else 'written'}  {found.folder / name}")
    if check and changed:
        click.echo(f"{len(changed)} of {len(found.files)} files are not up to date: run 'semantics generate'", err=True)
        return 1
    click.echo(f"{len(found.files)} files up to date", err=True)
    return 0
