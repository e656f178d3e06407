"""``semantics docs``: a site of the workspace."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from semantics.site.build import Site, Workshop

__all__ = ["docs"]

_REPORT = "Report of a run, for its ledger; repeatable [default: the last of each mapping in reports/]."


@click.command(short_help="Make a site of the models and mappings.")
@click.option("-o", "--output", metavar="DIR", help="Folder of the site [default: site].")
@click.option("--title", metavar="TEXT", default="Models and mappings", show_default=True, help="Title of the site.")
@click.option("--library", is_flag=True, help="With all of the library, not only what the workspace refers to.")
@click.option("--report", "reports", metavar="FILE", multiple=True, help=_REPORT)
@click.option("--serve", is_flag=True, help="Serve it to this machine, and make it anew when files change.")
@click.option(
    "--port", type=click.IntRange(0, 65535), metavar="N", help="Port to serve at [default: 8000, or a free one]."
)
def docs(output: str | None, title: str, library: bool, reports: tuple[str, ...], serve: bool, port: int | None) -> int:
    """Make a site of the workspace: pages that work from a file, without a network.

    Ends with 1 when a schema or mapping cannot be used: its page says why, and the site has all others. With --serve
    nothing is written, unless -o says where.
    """
    from semantics.site.build import Workshop
    from semantics.workspace import Workspace

    workshop = Workshop(
        Workspace.here(), title=title, library=library, reports=tuple(map(Path, reports)), served=serve
    )  # fmt: skip
    if serve:
        return _serve(workshop, output, port)
    site = workshop.build()
    _write(site, output or "site")
    return 1 if site.findings else 0


def _write(site: Site, output: str) -> None:
    from semantics.site.folder import write_site

    write_site(site.files, Path(output))
    _tell(site)
    click.echo(f"{len(site.files)} files written to {output}", err=True)


def _tell(site: Site) -> None:
    for finding in site.findings:
        click.echo(str(finding), err=True)


def _serve(workshop: Workshop, output: str | None, port: int | None) -> int:
    """Serve until it is interrupted; a file that cannot be read just now leaves the site as it was."""
    from semantics.errors import SemanticsError
    from semantics.site.server import HOST, Live, Watch, serving

    watch = Watch(workshop.workspace.roots[0], Path(output or "site").resolve())
    live = Live(workshop.build())
    with serving(live, port) as found:
        click.echo(f"http://{HOST}:{found}/  (end it with Ctrl-C)")
        _write(live.site, output) if output else _tell(live.site)
        for _ in watch.changes():
            try:
                site = workshop.build()
            except SemanticsError as fault:
                click.echo("\n".join(map(str, fault.diagnostics)), err=True)
                continue
            live.replace(site)
            _write(site, output) if output else _tell(site)
    return 0
