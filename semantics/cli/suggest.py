"""``semantics suggest``: a draft mapping from two schemas and sample records."""

from __future__ import annotations

from pathlib import Path

import click

__all__ = ["suggest"]


@click.command(short_help="Propose a mapping between two schemas, as a draft.")
@click.argument("source")
@click.argument("target")
@click.option("--samples", multiple=True, metavar="FILE", help="Records of the source; may be repeated.")
@click.option("-o", "--output", default="-", metavar="DRAFT", help="Write to a file ('-': standard output).")
@click.option("--format", "form", type=click.Choice(["yaml", "sssom", "json", "text"]),
              help="A draft mapping, or the proposals alone [default: by the name of DRAFT, else yaml].")  # fmt: skip
@click.option("--without", multiple=True, metavar="MAPPING", help="A mapping that is no evidence; may be repeated.")
def suggest(
    source: str, target: str, samples: tuple[str, ...], output: str, form: str | None, without: tuple[str, ...]
) -> int:
    """Propose which slots of SOURCE go to which slots of TARGET, both schemas by name or path.

    SOURCE may be a file of sample records instead: its schema is made of them, and written beside DRAFT. The draft
    loads as it is; what is not sure is left open in comments. Nothing is fetched, and no value of a sample is written.
    Ends with 1 where nothing is proposed.
    """
    from semantics.cli.write import write_text
    from semantics.engine.suggest import suggest as find
    from semantics.suggestions.output import as_json, as_sssom, as_text
    from semantics.workspace import Workspace

    workspace = Workspace.here()
    for name in without:
        workspace.find(name, "mappings")
    form = form or _by_name(output)
    beside = Path(output).with_suffix(".source.yaml") if output != "-" else None
    found = find(source, target, samples, without, schema_name=beside.name if beside is not None else None)
    known = workspace.names("ontologies")
    inputs = (*samples, *(known.get(name, name) for name in (source, target)))
    texts = {
        "yaml": lambda: found.draft.text, "json": lambda: as_json(found.proposals),
        "sssom": lambda: as_sssom(found.proposals, found.source, found.target),
        "text": lambda: as_text(found.proposals),
    }  # fmt: skip
    write_text(output, texts[form](), *inputs)
    if found.schema is not None and form == "yaml":
        if beside is not None:
            write_text(str(beside), found.schema, *inputs)
        else:
            click.echo("the schema of the records is written where -o says where the draft goes", err=True)
    if form == "yaml":
        click.echo(as_text(found.proposals), err=True, nl=False)
    for finding in found.findings:
        click.echo(str(finding), err=True)
    return 1 if found.findings else 0


def _by_name(output: str) -> str:
    """The form that the name of the output tells."""
    name = output.lower()
    if name.endswith(".json"):
        return "json"
    return "sssom" if name.endswith((".sssom.tsv", ".tsv", ".sssom")) else "text" if name.endswith(".txt") else "yaml"
