"""``semantics derive-schema``: the target schema that a mapping implies."""

from __future__ import annotations

import click

__all__ = ["derive_schema"]


@click.command(name="derive-schema", short_help="Write the target schema that a mapping implies.")
@click.argument("mapping")
@click.option("-o", "--output", default="-", metavar="OUT", help="Write the schema to a file ('-': standard output).")
@click.option("--source-schema", metavar="S", help="Source schema, instead of the mapping's.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True,
              help="LinkML as YAML or as JSON.")  # fmt: skip
def derive_schema(mapping: str, output: str, source_schema: str | None, form: str) -> int:
    """Derive the schema of what MAPPING makes: its classes and slots, with ranges, cardinality and enums.

    The target schema that the mapping names need not exist. Ends with 1 where a range could only be guessed.
    """
    from semantics.analysis.output import as_json
    from semantics.cli.write import write_text
    from semantics.engine.analyse import derive_schema as derive
    from semantics.workspace import Workspace

    found = derive(mapping, source_schema=source_schema)
    text = found.to_yaml() if form == "text" else as_json(found.schema) + "\n"
    write_text(output, text, Workspace.here().find(mapping, "mappings"))
    for finding in found.findings:
        click.echo(str(finding), err=True)
    return 1 if found.findings else 0
