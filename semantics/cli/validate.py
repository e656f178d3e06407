"""``semantics validate``: instances against a model."""

from __future__ import annotations

from pathlib import Path

import click

__all__ = ["validate"]


@click.command(short_help="Check instances against a model.")
@click.argument("schema")
@click.argument("inputs", nargs=-1, required=True, metavar="INPUT...")
@click.option("--class", "class_name", metavar="CLASS", help="Class of the instances, where they do not tell it.")
@click.option(
    "--with", "manner", type=click.Choice(["schema", "shacl", "both"]), help="How [default: schema; shacl for RDF]."
)
@click.option(
    "--shapes", "shapes_file", type=click.Path(exists=True, dir_okay=False), help="Further SHACL shapes (Turtle)."
)
@click.option("--from", "fmt", type=click.Choice(["json", "ndjson", "csv", "tsv"]), help="Format of the inputs.")
@click.option("--report", metavar="FILE", help="Write the report to a file.")
@click.option("--format", "form", type=click.Choice(["text", "json", "turtle", "html"]), default="text",
              show_default=True, help="Form of the report.")  # fmt: skip
def validate(
    schema: str, inputs: tuple[str, ...], class_name: str | None, manner: str | None, shapes_file: str | None,
    fmt: str | None, report: str | None, form: str,
) -> int:  # fmt: skip
    """Validate every INPUT (JSON, NDJSON, CSV; or Turtle, N-Triples) against SCHEMA (a name or a path)."""
    from semantics.engine.validate import RDF_FORMATS, validate_files
    from semantics.schema import load_schema

    rdf = all(Path(path).suffix in RDF_FORMATS for path in inputs)
    result = validate_files(
        load_schema(schema), list(inputs), class_name, manner=manner or ("shacl" if rdf else "schema"),
        fmt=fmt, shapes=Path(shapes_file).read_text("utf-8") if shapes_file else None,
    )  # fmt: skip
    text = {"text": result.to_text, "json": result.to_json, "turtle": result.to_turtle, "html": result.to_html}[form]()
    if report is None:
        click.echo(text.rstrip("\n"))
    else:
        from semantics.sinks.output import open_output

        with open_output(report) as output:
            output.write(text.encode())
        click.echo(result.summary, err=True)
    return 0 if result.conforms else 1
