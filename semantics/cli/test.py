"""``semantics test``: the tests of mappings."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from semantics.engine.tested import TestResult
    from semantics.errors import Diagnostic

__all__ = ["test"]


@click.command(short_help="Run the tests of mappings.")
@click.argument("mappings", nargs=-1, metavar="[MAPPING...]")
@click.option("--filter", "wanted", metavar="TEXT", help="Only tests whose name holds TEXT.")
@click.option(
    "--junit", "report", type=click.Path(dir_okay=False), metavar="FILE", help="Write the results as JUnit XML."
)
@click.option("--source-schema", metavar="S", help="Source schema, instead of the mapping's.")
@click.option("--target-schema", metavar="S", help="Target schema, instead of the mapping's.")
@click.option("-v", "--verbose", is_flag=True, help="Name the tests that pass, too.")
def test(
    mappings: tuple[str, ...], wanted: str | None, report: str | None, source_schema: str | None,
    target_schema: str | None, verbose: bool,
) -> int:  # fmt: skip
    """Run the tests of each MAPPING (a name or a path; default: all of the workspace).

    Tests stand in the mapping under 'tests', or beside it in NAME.tests.yaml. Each runs on both backends. Ends with
    2 when a mapping or its tests cannot be used, 1 when a test fails, 0 otherwise.
    """
    from semantics.engine.testing import load_tests
    from semantics.errors import DefinitionError, Diagnostic, UsageError
    from semantics.workspace import Workspace

    workspace = Workspace.here()
    results: list[TestResult] = []
    broken: list[tuple[str, tuple[Diagnostic, ...]]] = []
    for name in mappings or tuple(Workspace(workspace.roots[:1]).names("mappings")):
        try:
            found = load_tests(name, workspace=workspace, source_schema=source_schema, target_schema=target_schema)
        except DefinitionError as fault:
            broken.append((name, fault.diagnostics))
            click.secho(f"BROKEN  {name}", fg="red", bold=True)
            click.echo("\n".join(f"  {line}" for finding in fault.diagnostics for line in str(finding).splitlines()))
            continue
        for result in found.run(wanted):
            results.append(result)
            _show(result, verbose)
    if report is not None:
        _write(Path(report), results, broken)
    if not results and not broken and (mappings or wanted is not None):
        hint = "write 'tests' in the mapping, or a file NAME.tests.yaml beside it"
        raise UsageError(Diagnostic("RUN040", "there is no such test" if wanted else "there are no tests", hint=hint))
    failed = sum(not result.passed for result in results)
    summary = f"{len(results) - failed} passed, {failed} failed" + (f", {len(broken)} broken" if broken else "")
    click.secho(summary, fg="red" if failed or broken else "green", bold=True)
    return 2 if broken else 1 if failed else 0


def _show(result: TestResult, verbose: bool) -> None:
    """A failed test with its differences; one that passes where it is asked for."""
    if result.passed:
        if verbose:
            click.echo(f"{click.style('ok', fg='green')}      {result.mapping}: {result.name}")
        return
    click.echo(f"{click.style('FAILED', fg='red', bold=True)}  {result.mapping}: {result.name}  ({result.place})")
    for difference in result.differences:
        click.echo(f"    {difference.path}")
        click.echo(f"      expected  {click.style(difference.expected, fg='green')}")
        click.echo(f"      found     {click.style(difference.found, fg='red')}")
        if difference.rule:
            click.echo(f"      rule      {difference.rule}")


def _write(path: Path, results: list[TestResult], broken: list[tuple[str, tuple[Diagnostic, ...]]]) -> None:
    """The report for a build server."""
    from semantics.engine.junit import junit
    from semantics.errors import Diagnostic, Location, SinkError

    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(junit(results, broken), "utf-8")
    except OSError as fault:
        reason = fault.strerror or "it is not the name of a file"
        raise SinkError(Diagnostic("RUN041", f"the report cannot be written: {reason}", Location(str(path)))) from None
