"""``semantics run``: the conversions of a list."""

from __future__ import annotations

from pathlib import Path

import click

__all__ = ["run"]


@click.command(short_help="Carry out a list of conversions.")
@click.argument("listed", metavar="LIST", type=click.Path(path_type=Path))
@click.argument("names", nargs=-1, metavar="[MAPPING...]")
@click.option("-o", "--output", default=".", show_default=True, type=click.Path(path_type=Path), metavar="DIR",
              help="Folder of the outputs.")  # fmt: skip
@click.option("--jobs", type=click.IntRange(min=1), metavar="N",
              help="Conversions at a time [default: one for each processor].")  # fmt: skip
@click.option("--changed", is_flag=True, help="Leave out what is newer than its inputs, mappings and ontologies.")
def run(listed: Path, names: tuple[str, ...], output: Path, jobs: int | None, changed: bool) -> int:
    """Carry out the conversions of LIST (a YAML file), or those of some mappings of it.

    Each goes into a file of its own in DIR, with its rejects beside it; what one finds wrong stops none of the
    others. Ends with the highest exit code of them.
    """
    from semantics.engine.conversions import carry_out, read_list
    from semantics.errors import Diagnostic, UsageError, closest
    from semantics.processes import processors

    conversions = read_list(listed, output)
    known = list(dict.fromkeys(conversion.mapping for conversion in conversions))
    if unknown := [name for name in names if name not in known]:
        raise UsageError(Diagnostic("RUN130", f"the list has no conversion '{unknown[0]}'",
                                    hint=closest(unknown[0], known)))  # fmt: skip
    chosen = [conversion for conversion in conversions if not names or conversion.mapping in names]
    worst = 0
    for done in carry_out(chosen, jobs or processors(), changed=changed):
        name = done.conversion.output
        if done.code is None:
            click.echo(f"{name}: up to date", err=True)
            continue
        worst = max(worst, done.code)
        if done.code > 1:
            click.echo(done.said.rstrip(), err=True)
        told = next((line for line in done.said.splitlines() if " read = " in line), f"ended with {done.code}")
        click.echo(f"{name}: {told} ({done.seconds:.1f} s)", err=True)
    return worst
