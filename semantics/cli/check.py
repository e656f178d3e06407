"""``semantics check``: findings about schemas and mappings."""

from __future__ import annotations

import click

__all__ = ["check"]


@click.command(short_help="Find what is wrong with schemas and mappings.")
@click.argument("paths", nargs=-1, metavar="[PATH...]")
@click.option("--format", "form", type=click.Choice(["text", "json", "sarif"]), default="text", show_default=True,
              help="Form of the findings.")  # fmt: skip
@click.option("--source-schema", metavar="S", help="Source schema of the mappings, instead of their own.")
@click.option("--target-schema", metavar="S", help="Target schema of the mappings, instead of their own.")
def check(paths: tuple[str, ...], form: str, source_schema: str | None, target_schema: str | None) -> int:
    """Check PATHs (files, folders, names; default: the whole workspace). Nothing is run.

    Ends with 2 when there is an error, 1 when there are only warnings, 0 otherwise: notes inform.

    A rule weighs what `semantics.toml` says (`[check.rules]`, `[check.paths."PATTERN"]`; in `pyproject.toml` below
    `tool.semantics`): `off`, `note`, `warning` or `error`. A comment `# semantics: ignore[RULE] why` leaves findings
    of its line, or of the line below it, out.
    """
    from collections import Counter

    from semantics.checks.definitions import check_definitions, definition_files
    from semantics.checks.output import as_json, as_sarif, as_text
    from semantics.errors import Severity
    from semantics.workspace import Workspace
    from semantics.yaml_source import each_once

    workspace = Workspace.here()
    files = definition_files(paths, workspace)
    with each_once():
        told = check_definitions(files, workspace, source_schema=source_schema, target_schema=target_schema)
        findings = tuple(dict.fromkeys(told))
    text = {"text": as_text, "json": as_json, "sarif": as_sarif}[form](findings)
    if text:
        click.echo(text)
    counted = Counter(finding.severity for finding in findings)
    errors, warnings, notes = (counted[kind] for kind in (Severity.ERROR, Severity.WARNING, Severity.NOTE))
    if form == "text":
        also = f", {notes} notes" if notes else ""
        click.echo(f"{len(files)} files, {errors} errors, {warnings} warnings{also}", err=True)
    return 2 if errors else 1 if warnings else 0
