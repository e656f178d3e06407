"""Options that say how a table is written; they overrule what the mapping says of its source."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import click

__all__ = ["dialect_of", "table_options", "told_of_tables"]

_TAB: Final = {"tab": "\t", "\\t": "\t"}
_OPTIONS: Final[dict[str, tuple[str, str, dict[str, Any]]]] = {
    "encoding": ("--encoding", "Encoding of tables, an IANA name such as windows-1252.", {"metavar": "NAME"}),
    "delimiter": ("--delimiter", "What stands between cells: a character, or 'tab'.", {"metavar": "CHAR"}),
    "quote_char": ("--quote", "What a cell may be quoted with; '' for nothing.", {"metavar": "CHAR"}),
    "double_quote": ("--backslash", "A quote in a quoted cell is behind a backslash, not twice.",
                     {"flag_value": False, "is_flag": True}),
    "header": ("--header/--no-header", "Whether the first row is a header.", {}),
    "columns": ("--columns", "Names of the columns, where there is no header: id,name,...", {"metavar": "NAMES"}),
    "comment_prefix": ("--comment", "What a line begins with that is passed over.", {"metavar": "TEXT"}),
    "skip_rows": ("--skip-rows", "Lines to pass over before everything.", {"metavar": "N", "type": click.IntRange(0)}),
    "trim": ("--trim", "Take spaces and tabs around cells away.", {"flag_value": True, "is_flag": True}),
    "decimal_char": ("--decimal", "What stands before the fraction of a number.", {"metavar": "CHAR"}),
    "group_char": ("--thousands", "What may stand between groups of digits.", {"metavar": "CHAR"}),
    "flattened": ("--flattened", "Dotted columns are nested objects; lists stand in cells as JSON.",
                  {"flag_value": True, "is_flag": True}),
}  # fmt: skip


def table_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--encoding``, ``--delimiter`` and the like to a command."""
    for name, (option, text, how) in reversed(_OPTIONS.items()):
        command = click.option(option, f"dialect_{name}", default=None, help=text, **how)(command)
    return command


def told_of_tables(options: dict[str, Any]) -> list[str]:
    """The names of those of these options that were given."""
    given = [name for name in _OPTIONS if options[f"dialect_{name}"] is not None]
    return [_OPTIONS[name][0].partition("/")[0].removeprefix("--") for name in given]


def dialect_of(options: dict[str, Any]) -> dict[str, Any]:
    """What was told of tables (fields of :class:`~semantics.plan.tables.TableDialect`), taken out of the options."""
    told = {name: value for name in _OPTIONS if (value := options.pop(f"dialect_{name}")) is not None}
    if "delimiter" in told:
        told["delimiter"] = _TAB.get(told["delimiter"], told["delimiter"])
    if "columns" in told:
        told["columns"] = tuple(told["columns"].split(","))
    return told
