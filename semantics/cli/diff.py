"""``semantics diff``: what a change of models does, and to whom."""

from __future__ import annotations

import click

__all__ = ["diff"]


@click.command(short_help="Say what a change of models breaks.")
@click.argument("old", metavar="OLD")
@click.argument("new", metavar="NEW")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True,
              help="Form of the findings.")  # fmt: skip
@click.option("--allow", multiple=True, metavar="RULE", help="A kind of change that may break something; repeatable.")
@click.option("--allow-breaking", is_flag=True, help="Any change may break something.")
def diff(old: str, new: str, form: str, allow: tuple[str, ...], allow_breaking: bool) -> int:
    """Compare two versions of a model, each a file, a folder or the name of a schema, change by change.

    Each change has a verdict for JSON, RDF, the generated Python, SHACL and mappings: breaking, compatible or
    editorial. Ends with 1 when one is breaking and not allowed, 2 when a model cannot be used, 0 otherwise.
    """
    from semantics.changes.compare import compare_all
    from semantics.changes.output import Told, as_data, as_json, as_text, joined, summary
    from semantics.changes.sides import changed, read_sides, side
    from semantics.changes.table import CHANGE_RULES, known_rules
    from semantics.changes.version import versions
    from semantics.workspace import Workspace
    from semantics.yaml_source import each_once

    allowed = frozenset(CHANGE_RULES) if allow_breaking else known_rules(allow)
    workspace = Workspace.here()
    with each_once():
        sides = side(old, workspace), side(new, workspace)
        pairs = changed(*sides)
        before, after = read_sides(pairs, *sides)
        changes = compare_all(before, after)
    single = len(pairs) == 1
    stated = [next(iter(models.values())).version if single and models else None for models in (before, after)]
    told = Told(changes, versions(changes, *stated), allowed)
    if form == "json":
        click.echo(as_json(as_data(told)))
    else:
        click.echo(joined([as_text(told), summary(told)]))
    return 1 if told.refused else 0
