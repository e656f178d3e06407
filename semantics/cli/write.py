"""Text to a file that appears whole or not at all, or to standard output."""

from __future__ import annotations

from pathlib import Path

import click

__all__ = ["write_text"]


def write_text(output: str, text: str, *inputs: str | Path) -> None:
    """Write a text to a path, or to standard output for '-'.

    Raises :class:`SinkError`, and :class:`UsageError` for a path that is one of those that were read.
    """
    if output == "-":
        click.echo(text, nl=False)
        return
    from semantics.engine.paths import same_file
    from semantics.errors import Diagnostic, UsageError
    from semantics.sinks.output import open_output

    for path in inputs:
        if same_file(Path(output), Path(path)):
            said = f"'{path}' is both an input and the output"
            raise UsageError(Diagnostic("RUN006", said, hint="choose another output"))
    with open_output(output) as file:
        file.write(text.encode())
