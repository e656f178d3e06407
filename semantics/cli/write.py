"""Text to a file that appears whole or not at all, or to standard output."""

from __future__ import annotations

import click

__all__ = ["write_text"]


def write_text(output: str, text: str) -> None:
    """Write a text to a path, or to standard output for '-'. Raises :class:`SinkError`."""
    if output == "-":
        click.echo(text, nl=False)
        return
    from semantics.sinks.output import open_output

    with open_output(output) as file:
        file.write(text.encode())
