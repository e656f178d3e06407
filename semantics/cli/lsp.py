"""``semantics lsp``: the language server, for editors."""

from __future__ import annotations

import click

__all__ = ["lsp"]


@click.command(short_help="Serve an editor: completion, hover, definitions, findings.")
@click.option("--stdio", is_flag=True, help="Speak on standard input and output: the only way, and the default.")
def lsp(stdio: bool) -> int:
    """Speak the Language Server Protocol on standard input and output, for an editor to start.

    It completes and explains mappings, their tests and LinkML schemas, and tells what `semantics check` finds as one
    types. It opens no socket.
    """
    import sys

    from semantics.editor.server import serve

    if sys.stdin.isatty():
        click.echo("this speaks with an editor, which starts it: docs/editors.md", err=True)
    serve()
    return 0
