"""``semantics invert``: the mapping back, as far as it is certified."""

from __future__ import annotations

import click

__all__ = ["invert"]


@click.command(short_help="Turn a mapping around, slot by slot as far as that is certified.")
@click.argument("mapping")
@click.option("-o", "--output", metavar="OUT", help="Write the mapping back to a file ('-': standard output).")
@click.option("--source-schema", metavar="S", help="Source schema, instead of the mapping's.")
@click.option("--target-schema", metavar="S", help="Target schema, instead of the mapping's.")
@click.option("--compat", metavar="TOOL", help="Read the mapping as another tool does: linkml-map.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True,
              help="Form of the verdicts.")  # fmt: skip
def invert(
    mapping: str, output: str | None, source_schema: str | None, target_schema: str | None, compat: str | None,
    form: str,
) -> int:  # fmt: skip
    """Say for every slot of MAPPING whether its source comes back: lossless, lossy or one-way, and why.

    With -o the mapping back is written: the slots that are lossless, and those of which something comes back.
    """
    from semantics.analysis.output import as_json
    from semantics.cli.write import write_text
    from semantics.engine.analyse import invert as turn_around
    from semantics.workspace import Workspace

    found = turn_around(mapping, source_schema=source_schema, target_schema=target_schema, compat=compat)
    if output is not None:
        write_text(output, found.to_yaml(), Workspace.here().find(mapping, "mappings"))
    if output != "-":
        click.echo(
            as_json({"mapping": found.mapping, "slots": found.slots, "missing": found.missing})
            if form == "json"
            else found.to_text()
        )
    return 0
