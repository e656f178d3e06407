"""``semantics list``: what there is."""

from __future__ import annotations

from collections.abc import Iterator

import click

__all__ = ["listing"]


@click.command("list", short_help="List what there is.")
@click.argument("what", type=click.Choice(["schemas", "mappings", "formats", "functions"]), required=False)
def listing(what: str | None) -> int:
    """List the schemas and mappings of the workspace, the formats, or the functions of expressions."""
    if what == "functions":
        _functions()
        return 0
    for kind in [what] if what else ["schemas", "mappings", "formats"]:
        if not what:
            click.secho(f"{kind}:", bold=True)
        rows = list({"schemas": _schemas, "mappings": _mappings, "formats": _formats}[kind]())
        width = max((len(name) for name, _ in rows), default=0)
        for name, text in rows:
            click.echo(f"{'' if what else '  '}{name:{width}}  {text}".rstrip())
    return 0


def _titles(kind: str) -> Iterator[tuple[str, str]]:
    from semantics.errors import SchemaError, SemanticsError
    from semantics.workspace import Workspace
    from semantics.yaml_source import read_yaml

    for name, path in Workspace.here().names(kind).items():  # type: ignore[arg-type]
        try:
            data = read_yaml(path, error=SchemaError).data
        except SemanticsError:
            yield name, "(cannot be read; see 'semantics check')"
            continue
        text = str(data.get("title") or data.get("description") or "").strip()
        yield name, text.splitlines()[0] if text else ""


def _schemas() -> Iterator[tuple[str, str]]:
    yield from _titles("ontologies")


def _mappings() -> Iterator[tuple[str, str]]:
    yield from _titles("mappings")


def _formats() -> Iterator[tuple[str, str]]:
    from semantics.sinks import SINKS
    from semantics.sources import SOURCES

    for name in dict.fromkeys((*SOURCES, *SINKS)):
        ways = [way for way, table in (("in", SOURCES), ("out", SINKS)) if name in table]
        spec = SOURCES.get(name) or SINKS[name]
        yield name, f"{'/'.join(ways):7} {' '.join(spec.extensions):18} {spec.purpose}"


def _functions() -> None:
    """By subject: how each is called, what it means, and an example."""
    from semantics.expressions.functions import TOPICS

    for number, (topic, specs) in enumerate(TOPICS.items()):
        click.secho(("\n" if number else "") + topic, bold=True)
        for spec in specs:
            text, value = spec.examples[0]
            click.echo(f"  {spec.signature}\n      {spec.purpose}\n      {text} = {value}")
