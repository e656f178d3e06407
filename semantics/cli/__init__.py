"""The command line: parse, call, print. Every command is a module of its own, loaded when it is used."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from importlib import import_module
from typing import Any, Final, TextIO

import click

from semantics.version import __version__

__all__ = ["COMMANDS", "cli", "main"]

COMMANDS: Final[dict[str, tuple[str, str]]] = {
    "convert": ("semantics.cli.convert:convert", "Map records into the shared model, checked, as JSON or RDF."),
    "run": ("semantics.cli.run:run", "Carry out a list of conversions."),
    "validate": (
        "semantics.cli.validate:validate",
        "Check instances against a model: by its constraints or its shapes.",
    ),
    "check": ("semantics.cli.check:check", "Find what is wrong with schemas and mappings; nothing is run."),
    "diff": ("semantics.cli.diff:diff", "Say what a change of models breaks, and for whom."),
    "explain": ("semantics.cli.explain:explain", "Show where each value of a record comes from, step by step."),
    "coverage": ("semantics.cli.coverage:coverage", "List what a mapping does not read, write or map."),
    "ledger": ("semantics.cli.ledger:ledger", "Show the accounts of runs, and demand something of them."),
    "invert": ("semantics.cli.invert:invert", "Turn a mapping around, slot by slot as far as that is certified."),
    "test": ("semantics.cli.test:test", "Run the tests of mappings."),
    "watch": ("semantics.cli.watch:watch", "Say what an edit of the workspace does, as it is made."),
    "compose": ("semantics.cli.compose:compose", "Make one mapping of two that follow one another."),
    "derive-schema": ("semantics.cli.derive_schema:derive_schema", "Write the target schema that a mapping implies."),
    "generate": ("semantics.cli.generate:generate", "Write classes, shapes, JSON Schema and context of a schema."),
    "docs": ("semantics.cli.docs:docs", "Make a site of the models and mappings."),
    "list": ("semantics.cli.listing:listing", "List schemas, mappings, formats or functions."),
    "show": ("semantics.cli.show:show", "Show a mapping: as it is, as its plan, or as the code that runs."),
    "import": ("semantics.cli.import_:import_", "Make a LinkML schema of what a sector publishes."),
    "lsp": ("semantics.cli.lsp:lsp", "Serve an editor: completion, hover, definitions, findings as one types."),
    "editor-schema": (
        "semantics.cli.editor_schema:editor_schema",
        "Write the JSON Schemas of mappings and the like, for editors.",
    ),
    "suggest": ("semantics.cli.suggest:suggest", "Propose a mapping between two schemas, as a draft."),
    "init": ("semantics.cli.init:init", "Start a workspace of one's own, with a first example."),
}
"""Command name to its function and one line of help."""


class _Lazy(click.Group):
    """A group that knows its commands' names and help without importing them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name][0].partition(":")
        found: click.Command = getattr(import_module(module), name)
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, summary) for name, (_, summary) in COMMANDS.items()])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        from semantics.errors import closest

        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            hint = closest(args[0], COMMANDS)
            ctx.fail(f"there is no command '{args[0]}'" + (f"; {hint}" if hint else ""))
        return super().resolve_command(ctx, args)


@click.command(cls=_Lazy, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, prog_name="semantics")
def cli() -> None:
    """Semantic interoperability and schema mapping for smart data schemes and trusted data spaces."""


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and end with its exit code; no traceback reaches a user."""
    sys.exit(_run(sys.argv[1:] if arguments is None else arguments))


def _run(arguments: list[str]) -> int:
    from semantics.errors import SemanticsError

    try:
        plain = False if os.environ.get("NO_COLOR") else None
        code: Any = cli.main(args=arguments, prog_name="semantics", standalone_mode=False, color=plain)
    except click.exceptions.Exit as fault:
        return fault.exit_code
    except click.Abort:
        _say("interrupted")
        return 130
    except click.ClickException as fault:
        fault.show()
        return fault.exit_code
    except SemanticsError as fault:
        _say(*map(str, fault.diagnostics))
        return fault.exit_code
    except (BrokenPipeError, SystemExit) as fault:
        # The reader has gone: nothing more can be said, and nothing is wrong. Click would end with 1 then.
        if isinstance(fault, SystemExit) and not fault.code:
            return 0
        _silence(sys.stdout, sys.stderr)
        return 141
    except KeyboardInterrupt:
        _say("interrupted")
        return 130
    except Exception as fault:
        return _internal(fault)
    return int(code or 0)


def _say(*lines: str) -> bool:
    """Say something on standard error; False where that cannot be written."""
    try:
        for line in lines:
            click.echo(line, err=True)
    except OSError:
        _silence(sys.stderr)
        return False
    return True


def _silence(*streams: TextIO) -> None:
    """Let what is still said go nowhere: when the program ends, Python writes what it has kept back."""
    for stream in streams:
        with suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _internal(fault: Exception) -> int:
    """A fault of the program: said in one line; the traceback only where it is asked for.

    Where that cannot be said, there is no fault but that of standard error: an output that cannot be written.
    """
    if os.environ.get("SEMANTICS_TRACEBACK"):
        raise fault
    where = fault.__traceback__
    while where is not None and where.tb_next is not None:
        where = where.tb_next
    place = f" in {where.tb_frame.f_code.co_name}, line {where.tb_lineno}" if where else ""
    said = _say(
        f"INT001  the program failed ({type(fault).__name__}{place})",
        "  hint: please report it; SEMANTICS_TRACEBACK=1 shows the details",
    )
    return 70 if said or not isinstance(fault, OSError) else 4
