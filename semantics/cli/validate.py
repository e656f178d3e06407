"""``semantics validate``: instances against a model."""

from __future__ import annotations

from typing import Any

import click

from semantics.cli.formats import INPUTS
from semantics.cli.limits import limit_options, limits_of
from semantics.cli.tables import dialect_of, table_options

__all__ = ["validate"]


@click.command(short_help="Check instances against a model.")
@click.argument("schema")
@click.argument("inputs", nargs=-1, required=True, metavar="INPUT...")
@click.option("--class", "class_name", metavar="CLASS", help="Class of the instances, where they do not tell it.")
@click.option(
    "--with", "manner", type=click.Choice(["schema", "shacl", "both"]), help="How [default: schema; shacl for RDF]."
)
@click.option("--shapes", multiple=True, metavar="FILE", help="Further SHACL shapes (Turtle); may be repeated.")
@click.option("--allow-sparql", is_flag=True, help="Let SPARQL constraints of these shapes run.")
@click.option("--from", "fmt", type=click.Choice(INPUTS), help="Format of the inputs.")
@click.option("--report", metavar="FILE", help="Write the report to a file, in the form that its name tells.")
@click.option("--format", "form", type=click.Choice(["text", "json", "html", "sarif", "junit", "turtle"]),
              help="Form of the report [default: by the name of --report, else text].")  # fmt: skip
@click.option("--max-findings", type=click.IntRange(min=0), default=10_000, show_default=True, metavar="N",
              help="Findings that are listed at most; all are counted.")  # fmt: skip
@click.option("--require-references", is_flag=True,
              help="A reference that nothing in the inputs satisfies is an error, not a warning.")  # fmt: skip
@table_options
@limit_options
@click.option("--progress/--no-progress", default=None, help="Show progress [default: on a terminal].")
@click.option("--show-values", is_flag=True, help="Let the report quote values, shortened.")
def validate(
    schema: str, inputs: tuple[str, ...], class_name: str | None, manner: str | None, shapes: tuple[str, ...],
    allow_sparql: bool, fmt: str | None, report: str | None, form: str | None,
    max_findings: int, progress: bool | None, show_values: bool, require_references: bool,
    **options: Any,
) -> int:  # fmt: skip
    """Validate every INPUT against SCHEMA (a name or a path).

    Records (JSON, NDJSON, tables, XML) are validated as instances of a class, RDF (Turtle, N-Triples) as it is,
    by shapes. Ends with 1 when something is not valid.
    """
    from semantics.cli.progress import progressing
    from semantics.engine.findings import chosen_form
    from semantics.engine.validate import graph_format, validate_files
    from semantics.schema import load_schema

    rdf = all(graph_format(path, fmt) is not None for path in inputs)
    chosen = chosen_form(report, form, inputs)
    with progressing(inputs, progress, "validating") as ticking:
        result = validate_files(
            load_schema(schema), list(inputs), class_name, manner=manner or ("shacl" if rdf else "schema"),
            fmt=fmt, shapes=shapes, allow_sparql=allow_sparql, limits=limits_of(options), dialect=dialect_of(options),
            show_values=show_values, max_findings=max_findings, on_progress=ticking,
            require_references=require_references,
        )  # fmt: skip
    text = result.to(chosen)
    if report is None:
        click.echo(text.rstrip("\n"))
    else:
        from semantics.sinks.output import open_output

        with open_output(report, *((0o600,) if show_values else ())) as output:
            output.write(text.encode())
        click.echo(result.summary, err=True)
    return 0 if result.conforms else 1
