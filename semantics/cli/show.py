"""``semantics show``: a mapping, its plan, its code."""

from __future__ import annotations

import click

__all__ = ["show"]


@click.command(short_help="Show a mapping, its plan or its code.")
@click.argument("mapping")
@click.option("--code", "view", flag_value="code", help="The Python functions that carry it out.")
@click.option("--plan", "view", flag_value="plan", help="The resolved plan, as JSON.")
@click.option("--source-schema", metavar="S", help="Source schema, instead of the mapping's.")
@click.option("--target-schema", metavar="S", help="Target schema, instead of the mapping's.")
def show(mapping: str, view: str | None, source_schema: str | None, target_schema: str | None) -> int:
    """Show MAPPING (a name or a path): what it derives from what, or the code or plan behind it."""
    from semantics.engine.prepare import prepare

    plan = prepare(mapping, source_schema=source_schema, target_schema=target_schema).plan
    if view == "code":
        from semantics.backends.python import source_of

        click.echo(source_of(plan), nl=False)
    elif view == "plan":
        import msgspec

        from semantics.schema.model import to_json

        click.echo(msgspec.json.format(to_json(plan), indent=2).decode())
    else:
        for name, rules in plan.starts.items():
            for identifier in rules:
                rule = plan.rules[identifier]
                click.echo(f"{name} -> {rule.target_class}  ({rule.rule})")
                for slot in rule.slots:
                    reads = ", ".join(path.partition(".")[2] or path for path in slot.reads) or "a constant"
                    kind = type(slot.value).__name__.lower()
                    elsewhere = slot.origin.file != rule.origin.file
                    place = f"  ({slot.origin.file}:{slot.origin.line})" if elsewhere else ""
                    click.echo(f"    {slot.slot:28} {kind:9} {reads}{place}")
    return 0
