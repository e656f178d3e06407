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
    from semantics.editor.server import serve

    serve()
    return 0
