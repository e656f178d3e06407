"""``semantics watch``: what an edit does, as it is made."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from queue import Empty, SimpleQueue
from time import perf_counter
from typing import TYPE_CHECKING, Final

import click

if TYPE_CHECKING:
    from semantics.watching import Desk, Sampled, Tested, Told

__all__ = ["watch"]

_MOST: Final = 20
"""How many paths of a sample are shown."""


@click.command(short_help="Say what an edit does, as it is made.")
@click.argument("mappings", nargs=-1, metavar="[MAPPING...]")
@click.option("--record", type=click.Path(exists=True, dir_okay=False), metavar="FILE",
              help="Its first records are the sample [default: what the first test of a mapping puts in].")  # fmt: skip
@click.option("--generate/--no-generate", "generated", default=None,
              help="Whether generated files are kept up to date [default: where there are some].")  # fmt: skip
def watch(mappings: tuple[str, ...], record: str | None, generated: bool | None) -> int:
    """Watch the workspace, and say after every edit what it does, until Ctrl-C.

    Edited files are checked, then the MAPPINGs (default: all) that rest on them are tried: what becomes of a sample
    record, path by path, and which tests fail now; then what else rests on them is checked, and generated files are
    brought up to date. Values of the sample are shown.
    """
    from semantics.watching import Desk
    from semantics.watching.edits import edits
    from semantics.workspace import Workspace

    path = Path(record) if record is not None else None
    desk = Desk(Workspace.here(), mappings, path, generated)
    beside = {desk.root, *((path.resolve().parent,) if path is not None else ())}
    with edits(desk.folders(), sorted(beside)) as queue:
        _Screen().show(desk, queue)
    return 0


class _Screen:
    """Shows what is told; findings that a reaction has shown once are not shown again."""

    def __init__(self) -> None:
        self.shown: set[str] = set()

    def show(self, desk: Desk, queue: SimpleQueue[frozenset[Path]]) -> None:
        """All that is told, newest edits first: whatever else there was to tell goes on, or begins anew, after them."""
        start: Iterator[Told] | None = desk.start()
        edited: frozenset[Path] = frozenset()
        click.secho(f"watching {', '.join(f'{folder.name}/' for folder in desk.folders())}; Ctrl-C ends", dim=True)
        while True:
            edited |= desk.relevant(_arrived(queue, wait=start is None and not edited))
            if edited:
                edited = self._reaction(desk, edited, queue)
            elif start is not None:
                told = next(start, None)
                if told is None:
                    start = None
                    click.secho("ready", dim=True)
                else:
                    self._tell(told)

    def _reaction(self, desk: Desk, edited: frozenset[Path], queue: SimpleQueue[frozenset[Path]]) -> frozenset[Path]:
        """What comes of edits; where it is left for newer ones, all that are to be looked at then."""
        self.shown.clear()
        began = perf_counter()
        names = sorted(path.name for path in edited)
        click.secho(f"\n{', '.join(names[:5])}{', ...' if len(names) > 5 else ''}", bold=True)
        pieces = desk.react(edited)
        for told in pieces:
            self._tell(told)
            if not queue.empty() and (newer := desk.relevant(_arrived(queue, wait=False))):
                pieces.close()
                return edited | newer
        click.secho(f"  {perf_counter() - began:.2f} s", dim=True)
        return frozenset()

    def _tell(self, told: Told) -> None:
        from semantics.watching import Checked, Generated, Refused, Sampled, Tested

        match told:
            case Checked(files=files, findings=findings, direct=direct):
                fresh = [str(finding) for finding in findings if str(finding) not in self.shown]
                self.shown.update(fresh)
                for text in fresh:
                    click.echo("\n".join(f"  {line}" for line in text.splitlines()))
                if direct or len(files) > 1:
                    count = f"{len(findings)} findings" if findings else "no findings"
                    click.secho(f"  checked  {_names(files)}: {count}", fg="red" if told.errors else "green")
            case Refused(mapping=name, findings=findings):
                fresh = [str(finding) for finding in findings if str(finding) not in self.shown]
                self.shown.update(fresh)
                click.secho(f"  refused  {name}", fg="red")
                for text in fresh:
                    click.echo("\n".join(f"    {line}" for line in text.splitlines()))
            case Sampled():
                _sample(told)
            case Tested():
                _tests(told)
            case Generated(files=files):
                click.echo(f"  written  {_names(files)}")


def _arrived(queue: SimpleQueue[frozenset[Path]], *, wait: bool) -> frozenset[Path]:
    """All edits that have arrived; the next one where there is nothing else to do."""
    found = queue.get() if wait else frozenset()
    while True:
        try:
            found |= queue.get_nowait()
        except Empty:
            return found


def _names(files: tuple[str, ...]) -> str:
    return ", ".join(files) if len(files) <= 3 else f"{len(files)} files"


def _sample(told: Sampled) -> None:
    """What an edit did to the sample; the first time there is nothing to compare with."""
    if told.effects is None:
        return
    if not told.effects:
        click.echo(f"  sample   {told.mapping}: nothing changes ({told.sample})")
        return
    click.echo(f"  sample   {told.mapping}: {told.sample}")
    for effect in told.effects[:_MOST]:
        before = click.style("nothing" if effect.before is None else effect.before, fg="red")
        after = click.style("nothing" if effect.after is None else effect.after, fg="green")
        click.echo(f"    {effect.path}  {before} -> {after}")
    if len(told.effects) > _MOST:
        click.echo(f"    and {len(told.effects) - _MOST} more")


def _tests(told: Tested) -> None:
    failed = told.failed
    text = f"{len(told.results) - len(failed)} passed, {len(failed)} failed"
    click.secho(f"  tests    {told.mapping}: {text}", fg="red" if failed else "green")
    for result in failed:
        click.echo(f"    {click.style('FAILED', fg='red')}  {result.name}  ({result.place})")
        for difference in result.differences:
            rule = f"  ({difference.rule})" if difference.rule else ""
            click.echo(f"      {difference.path}: expected {difference.expected}, found {difference.found}{rule}")
