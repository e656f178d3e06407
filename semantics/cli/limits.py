"""Options for the limits that inputs are read within: what a message names, every command that reads has."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import click

__all__ = ["limit_options", "limits_of"]

_LARGEST: Final = {
    "record_bytes": "Largest record.",
    "depth": "Deepest nesting of a record.",
    "keys": "Most keys of an object.",
    "field_bytes": "Largest cell of a table.",
    "attributes": "Most attributes of an XML element.",
    "gzip_ratio": "Largest ratio of decompression.",
}


def limit_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--max-record-bytes`` and the like, and ``--allow-doctype``, to a command."""
    doctype = "Read XML with a DOCTYPE that declares nothing; none is fetched."
    command = click.option("--allow-doctype", is_flag=True, help=doctype)(command)
    for name, text in reversed(_LARGEST.items()):
        option = f"--max-{name.replace('_', '-')}"
        command = click.option(option, type=click.IntRange(min=1), metavar="N", help=text)(command)
    return command


def limits_of(options: dict[str, Any]) -> Any:
    """The limits that were chosen (:class:`semantics.sources.Limits`), taken out of the options."""
    from semantics.sources import Limits

    chosen = {name: value for name in _LARGEST if (value := options.pop(f"max_{name}")) is not None}
    return Limits(**chosen, doctype=options.pop("allow_doctype"))
