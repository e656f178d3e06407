"""``semantics diff``: what a change of models does, and to whom."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from semantics.changes.sides import Side
    from semantics.workspace import Workspace

__all__ = ["diff"]


@click.command(short_help="Say what a change of models breaks.")
@click.argument("models", nargs=-1, metavar="OLD NEW")
@click.option("--against", "revision", metavar="REV",
              help="OLD as it was at a git revision; NEW may be left out then, or both (the workspace).")  # fmt: skip
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True,
              help="Form of the findings.")  # fmt: skip
@click.option("--allow", multiple=True, metavar="RULE", help="A kind of change that may break something; repeatable.")
@click.option("--allow-breaking", is_flag=True, help="Any change may break something, mappings too.")
@click.option(
    "--mappings/--no-mappings", "tried", default=True, help="Whether the mappings of the workspace are tried."
)
def diff(
    models: tuple[str, ...], revision: str | None, form: str, allow: tuple[str, ...], allow_breaking: bool, tried: bool
) -> int:
    """Compare two versions of a model, each a file, a folder or the name of a schema, change by change.

    Each change has a verdict for JSON, RDF, the generated Python, SHACL and mappings: breaking, compatible or
    editorial. Where one may break mappings, those of the workspace are planned against the new model, and their
    tests are run.

    Ends with 1 when a change is breaking and not allowed or a mapping is broken, 2 when a model cannot be used, 0
    otherwise.
    """
    from semantics.changes.compare import compare_all
    from semantics.changes.output import Told, as_data, as_json, as_text, joined, summary
    from semantics.changes.sides import changed, known_as, read_sides
    from semantics.changes.table import CHANGE_RULES, demands_alone, known_rules, names_alone, new_names
    from semantics.changes.version import versions
    from semantics.engine.effects import Effects, effects
    from semantics.engine.effects_text import effects_data, effects_text
    from semantics.workspace import Workspace
    from semantics.yaml_source import each_once

    allowed = frozenset(CHANGE_RULES) if allow_breaking else known_rules(allow)
    workspace = Workspace.here()
    with TemporaryDirectory(prefix="semantics-diff-") as folder, each_once():
        sides = _sides(models, revision, workspace, Path(folder))
        pairs = changed(*sides)
        before, after = read_sides(pairs, *sides)
        changes = compare_all(before, after)
        single = len(pairs) == 1
        stated = [next(iter(each.values())).version if single and each else None for each in (before, after)]
        told = Told(changes, versions(changes, *stated), allowed)
        named = known_as(pairs, workspace) if tried and told.reaches_mappings else {}
        reached = Effects(0, ())
        if named:
            names, steady = names_alone(changes, before, after), demands_alone(changes, before, after)
            reached = effects(named, workspace, new_names(changes), Path(folder), names, steady=steady)
    if form == "json":
        click.echo(as_json({**as_data(told), "mappings": effects_data(reached)}))
    else:
        mappings = f"; {len(reached.broken)} of {reached.tried} mappings broken" if reached.tried else ""
        mappings = "; no mapping breaks" if tried and changes and not told.reaches_mappings else mappings
        click.echo(joined([as_text(told), effects_text(reached), summary(told) + mappings]))
    return 1 if told.refused or (reached.broken and not allow_breaking) else 0


def _sides(models: tuple[str, ...], revision: str | None, workspace: Workspace, folder: Path) -> tuple[Side, Side]:
    """Both sides of the comparison, the old one from git where a revision is given."""
    from semantics.changes.revision import take_out
    from semantics.changes.sides import at_revision, side

    if revision is None:
        if len(models) != 2:
            raise click.UsageError("two models are compared: OLD NEW, or one with --against REV")
        return side(models[0], workspace), side(models[1], workspace)
    if len(models) > 2:
        raise click.UsageError("two models are compared")
    asked = models or (str(workspace.own()),)
    path = at_revision(asked[0], workspace)
    root = workspace.roots[0]
    found, base = take_out(revision, path, root, folder / "revision")
    others = tuple(each for each in workspace.roots if each != root)
    return side(found, type(workspace)((base, *others))), side(asked[-1], workspace, bare=True)
