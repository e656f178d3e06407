"""``semantics docs``: a site of the workspace."""

from __future__ import annotations

from pathlib import Path

import click

__all__ = ["docs"]


@click.command(short_help="Make a site of the models and mappings.")
@click.option("-o", "--output", metavar="DIR", default="site", show_default=True, help="Folder of the site.")
@click.option("--title", metavar="TEXT", default="Models and mappings", show_default=True, help="Title of the site.")
@click.option("--library", is_flag=True, help="With all of the library, not only what the workspace refers to.")
@click.option("--report", "reports", metavar="FILE", multiple=True,
              help="Report of a run, for its ledger; repeatable [default: the last of each mapping in reports/].")  # fmt: skip
def docs(output: str, title: str, library: bool, reports: tuple[str, ...]) -> int:
    """Make a site of the workspace: pages that work from a file, without a network.

    Ends with 1 when a schema or mapping cannot be used: its page says why, and the site has all others.
    """
    from semantics.site.build import build_site
    from semantics.site.folder import write_site
    from semantics.workspace import Workspace

    site = build_site(Workspace.here(), title=title, library=library, reports=tuple(map(Path, reports)))
    write_site(site.files, Path(output))
    for finding in site.findings:
        click.echo(str(finding), err=True)
    click.echo(f"{len(site.files)} files written to {output}", err=True)
    return 1 if site.findings else 0
