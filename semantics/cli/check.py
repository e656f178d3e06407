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
@click.option("--fix", is_flag=True, help="Mend what can be mended safely, then check.")
@click.option("--list", "listed", is_flag=True, help="Show the rules, and check nothing.")
@click.option("--explain", metavar="RULE", help="Show the page of a rule (name or code), and check nothing.")
def check(
    paths: tuple[str, ...], form: str, source_schema: str | None, target_schema: str | None, fix: bool, listed: bool,
    explain: str | None,
) -> int:  # fmt: skip
    """Check PATHs (files, folders, names; default: all of the workspace, without the library). Nothing is run.

    Ends with 2 when there is an error, 1 when there are only warnings, 0 otherwise: notes inform.

    A rule weighs what `semantics.toml` says (`[check.rules]`, `[check.paths."PATTERN"]`; in `pyproject.toml` below
    `tool.semantics`): `off`, `note`, `warning` or `error`. A comment `# semantics: ignore[RULE] why` leaves findings
    of its line, or of the line below it, out.
    """
    from collections import Counter

    from semantics.checks.definitions import check_definitions, definition_files
    from semantics.checks.fix import mend_all
    from semantics.checks.output import as_json, as_sarif, as_text
    from semantics.errors import Diagnostic, Severity
    from semantics.workspace import Workspace
    from semantics.yaml_source import each_once

    if listed or explain is not None:
        if form != "text":
            raise click.UsageError(f"findings have the form {form!r}; rules are listed and explained as text")
        click.echo(_rules() if explain is None else _page(explain))
        return 0
    workspace = Workspace.here()
    files = definition_files(paths, workspace)

    def found() -> tuple[Diagnostic, ...]:
        with each_once():
            checked = check_definitions(files, workspace, source_schema=source_schema, target_schema=target_schema)
            return tuple(dict.fromkeys(checked))

    findings = found()
    mended = mend_all(files, findings, workspace) if fix else 0
    if mended:
        findings = found()
    text = {"text": as_text, "json": as_json, "sarif": as_sarif}[form](findings)
    if text:
        click.echo(text)
    counted = Counter(finding.severity for finding in findings)
    errors, warnings, notes = (counted[kind] for kind in (Severity.ERROR, Severity.WARNING, Severity.NOTE))
    if form == "text":
        also = f", {notes} notes" if notes else ""
        if fix:
            click.echo(f"{mended} files mended", err=True)
        click.echo(f"{len(files)} files, {errors} errors, {warnings} warnings{also}", err=True)
    return 2 if errors else 1 if warnings else 0


def _rules() -> str:
    """Every rule on a line: code, severity, name, purpose."""
    from semantics.checks.rules import RULES

    return "\n".join(f"{rule.code}  {rule.severity!s:7}  {rule.id:26}  {rule.purpose}" for rule in RULES)


def _page(name: str) -> str:
    """The page of a rule. Raises :class:`UsageError` where there is no such rule."""
    from semantics.checks.rules import BY_CODE, BY_NAME, rule_named
    from semantics.errors import Diagnostic, UsageError, closest, escaped

    rule = rule_named(name)
    if rule is None:
        hint = closest(name.upper().replace("-", "_"), (*BY_NAME, *BY_CODE)) or "semantics check --list shows the rules"
        raise UsageError(Diagnostic("WRK004", f"there is no rule '{escaped(name)}'", hint=hint))
    return f"# {rule.id}\n\n{rule.page()}"
