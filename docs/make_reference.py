"""Makes the pages of ``docs/reference/`` from the tables of the code, so that they cannot say anything else.

``python docs/make_reference.py`` (or ``just reference``) writes them; a test compares them with what this
script would write and fails when one is stale.
"""

from __future__ import annotations

import importlib.util
import json
import sys
from collections.abc import Iterable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any, Final

import click
from pydantic import BaseModel

from semantics import cli
from semantics.backends import BACKENDS
from semantics.backends.columnar.functions import TRANSLATED
from semantics.backends.columnar.gaps import GAPS as COLUMNAR_GAPS
from semantics.changes.change import Artefact
from semantics.changes.change import Kind as ChangeKind
from semantics.changes.table import CHANGE_RULES
from semantics.checks.rules import RULES
from semantics.codes import AREAS, CODES
from semantics.editor.schemas import SCHEMAS as EDITOR_SCHEMAS
from semantics.editor.schemas import file_name, schema_text
from semantics.engine.report_schema import report_schema
from semantics.errors import (
    DefinitionError,
    InternalError,
    LimitError,
    RecordError,
    SchemaError,
    SinkError,
    SourceError,
)
from semantics.expressions import bounds
from semantics.expressions.functions import NOT_YET as FUNCTIONS_NOT_YET
from semantics.expressions.functions import TOPICS
from semantics.expressions.registry import FunctionSpec
from semantics.expressions.types import Kind, Type
from semantics.generators import DEFAULT, GENERATORS
from semantics.generators.gaps import GAPS
from semantics.importers import IMPORTERS
from semantics.lexical import MAX_EXPONENT
from semantics.mapping.spec import (
    NOT_YET,
    REFUSED,
    ClassDerivation,
    EnumDerivation,
    MappingSpec,
    SlotDerivation,
    SourceSpec,
    ValueDerivation,
    keys_of,
)
from semantics.patterns import MAX_PATTERN
from semantics.sinks import SINKS
from semantics.sources import SOURCES, Limits
from semantics.testing import Case, cases
from semantics.yaml_source import LIMITS as YAML_LIMITS
from semantics.yaml_source import read_yaml

ROOT: Final = Path(__file__).resolve().parents[1]
MADE: Final = "<!-- Made by docs/make_reference.py from the code. Do not edit: run `just reference`. -->"


def pages() -> dict[str, str]:
    """File name to text of every page."""
    return {
        "functions.md": functions(),
        "formats.md": formats(),
        "commands.md": commands(),
        "diagnostics.md": diagnostics(),
        "rules.md": rules(),
        "constructs.md": constructs(),
        "report.schema.json": report(),
        **{file_name(kind): schema_text(kind) for kind in EDITOR_SCHEMAS},
        "verdict.md": verdict(),
        "columnar.md": columnar(),
        "changes.md": changes(),
        **_beside("model_pages").pages(page, table),
    }


def _beside(name: str) -> Any:
    """A module of this folder, which is no package."""
    found = importlib.util.spec_from_file_location(name, Path(__file__).with_name(f"{name}.py"))
    assert found is not None
    assert found.loader is not None
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return module


def columnar() -> str:
    """What the columnar backend carries out of the functions, and its gaps."""
    rows = [(name, reason) for name, reason in sorted(COLUMNAR_GAPS.items())]
    return page(
        "The columnar backend",
        "What it is, and when a run goes by columns, is told in [By columns](../columnar.md).",
        "## Gaps",
        "A mapping with any of these is carried out record by record. `semantics convert --backend columnar` names "
        "them with their lines.",
        table(("gap", "what, and why"), rows),
        "## Functions",
        "These have a counterpart that gives the same for every value, or for most: rows with others go one by one.",
        ", ".join(map(code, sorted(TRANSLATED))),
    )


def changes() -> str:
    """Every kind of change with its verdict for each artefact."""
    parts = [
        "What `semantics diff` finds, and what it is for whom, is told in [Changes of a model](../changes.md). A name "
        "goes with `--allow`. Each has two models between which it is found, and a near one where it is not, in "
        "`tests/changes/data`; where data are beside them, the checker has the last word on the verdict for JSON.",
    ]
    for kind in ChangeKind:
        rows = [
            (code(rule.id), _words(rule.purpose), rule.category, *(rule.verdicts.of(each).value for each in Artefact))
            for rule in CHANGE_RULES.values()
            if rule.kind is kind
        ]
        heads = ("name", "what changed", "category", *(artefact.value for artefact in Artefact))
        parts += [f"## {kind.capitalize()}", table(heads, rows)]
    return page("Kinds of change", *parts)


def report() -> str:
    """The JSON Schema of what ``--report`` writes."""
    return json.dumps(report_schema(), indent=2) + "\n"


def page(title: str, *parts: str) -> str:
    """A page of parts with an empty line between them."""
    return "\n\n".join([MADE, f"# {title}", *parts]) + "\n"


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A Markdown table; pipes in its cells are escaped."""
    titles = list(head)
    lines = [titles, ["---"] * len(titles), *(list(row) for row in rows)]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in lines)


def code(text: str) -> str:
    """Text as code."""
    return f"`` {text} ``" if "`" in text else f"`{text}`"


def _words(text: str) -> str:
    """Prose of a table, with what Markdown would read as markup kept as it is."""
    return text.replace("_", "\\_").replace("*", "\\*").replace("<", "&lt;")


def listed(names: Iterable[str]) -> str:
    """Names as code, in the order of the alphabet."""
    return ", ".join(code(name) for name in sorted(names))


# -- one verdict -------------------------------------------------------------------------------


def verdict() -> str:
    """What each artefact says of one fault for each construct, from the data of the tests; and the gaps."""
    text = (ROOT / "tests" / "validation" / "constructs.yaml").read_text("utf-8")
    cases = read_yaml(f"constructs:\n{text}", file="constructs.yaml", error=SchemaError).data["constructs"]
    rows = []
    for case in cases:
        found, place = case["finding"]
        others = [f"takes it: {code(case[name])}" if name in case else "refuses" for name in ("json-schema", "shacl")]
        classes = code(case.get("classes", found))
        rows.append((case["construct"], code(found), code(place or "/"), classes, *others))
    gaps = [(code(gap.id), _words(gap.construct), _words(gap.instead), gap.verdict) for gap in GAPS if gap.verdict]
    return page(
        "One verdict: what each artefact checks",
        "The checker is the measure: it sees everything. Each row is a schema with one construct and an instance with "
        "one fault (`tests/validation/constructs.yaml`), given to all four. The code and the place (a JSON Pointer; "
        "`/` is the instance itself) are the checker's. See [One verdict](../one-verdict.md).",
        table(("construct", "checker", "at", "classes", "JSON Schema", "SHACL"), rows),
        "## Gaps",
        "Where an artefact's verdict differs. **lenient**: it takes what the checker refuses. **stricter**: it refuses "
        "what the checker takes. Each has an example in the tests, and a gap that is closed makes its test fail.",
        table(("gap", "what it cannot say", "what it does instead", "verdict"), gaps),
    )


# -- functions ---------------------------------------------------------------------------------


def functions() -> str:
    """The functions of expressions by topic, with their examples, which are tests."""
    parts = [
        "Functions are called by name: `upper(name)`. Every example here is a test.",
        "**Null.** A null argument makes the result null, unless the function says that it takes nulls. "
        "A list that is read from a record holds no nulls.",
        "**Lists.** A function on single values goes over a list by itself: `upper(tags)` is the list of all "
        "tags in capitals.",
        "**Notation.** `?` is an argument that may be left out, `...` one that may be repeated, `|` separates "
        "kinds, `[number]` is a list. A `number` is an integer, decimal or float; a `temporal` is a date or datetime; "
        "a `scalar` is any single value; a `comparable` is any but a boolean; `any` is anything.",
        "`case((condition, value), ...)` is part of the grammar. It gives the value of the first pair whose "
        "condition is true, else null; only that value is worked out. See [the language](../language.md#expressions).",
    ]
    for topic, specs in TOPICS.items():
        rows = [
            (code(spec.signature), _result(spec), _purpose(spec), "<br>".join(_example(*it) for it in spec.examples))
            for spec in specs
        ]
        parts += [f"## {topic}", table(("function", "gives", "meaning", "examples"), rows)]
    parts += [
        "`lookup('name', code)` is part of the grammar too: the target of a code by a "
        "[code map](../language.md#code-maps) of the mapping."
    ]
    if FUNCTIONS_NOT_YET:
        parts += ["## Not carried out yet", f"These are refused by name (`EXP008`): {listed(FUNCTIONS_NOT_YET)}."]
    return page("Functions", *parts)


def _result(spec: FunctionSpec) -> str:
    """The kind that a function gives, where that does not depend on its arguments."""
    needed = [wanted for wanted in spec.parameters if not wanted.optional]
    found = {
        str(spec.returns(tuple(Type(kind, wanted.many) for wanted in given)))
        for kind in (Kind.INTEGER, Kind.STRING)
        for given in (needed, spec.parameters)
    }
    return found.pop() if len(found) == 1 else "as its arguments"


def _purpose(spec: FunctionSpec) -> str:
    return spec.purpose.replace("``", "`") + (" Takes nulls." if spec.nulls == "accepts" else "")


def _example(expression: str, value: str) -> str:
    return code(f"{expression} = {value}")


# -- formats -----------------------------------------------------------------------------------


def formats() -> str:
    """What can be read, written and generated, and how large it may be."""
    rows = [
        (code(name), " ".join(map(code, spec.extensions)), spec.purpose, "yes" if spec.streaming else "no")
        for name, spec in SOURCES.items()
    ]
    sinks = [(code(name), " ".join(map(code, spec.extensions)), spec.purpose) for name, spec in SINKS.items()]
    generators = [
        (code(name), code(f"NAME{spec.suffix}"), spec.purpose, "yes" if name in DEFAULT else "")
        for name, spec in GENERATORS.items()
    ]
    return page(
        "Formats",
        "The format is told by the name of the file; `--from` and `--to` overrule it.",
        "## Read",
        table(("format", "file names", "what it is", "memory stays flat"), rows),
        "Input that is compressed by gzip or Zstandard is told by its name (`.gz`, `.zst`) or its first bytes. "
        "Text is UTF-8; a byte order mark is passed over. "
        "`semantics validate` reads Turtle (`.ttl`) and N-Triples (`.nt`) too.",
        "## Written",
        table(("format", "file names", "what it is"), sinks),
        "A name that ends in `.gz` or `.zst` is compressed. Without `-o` the output goes to standard output, "
        "as `ndjson` unless `--to` says otherwise.",
        "## Generated from a schema",
        table(("generator", "file", "what it is", "by default"), generators),
        "### What these files cannot say",
        "The checker of `semantics validate` checks all that a schema says. A generated file says less where its "
        "own language has no words for it. It then takes more than the checker does, unless the table says otherwise.",
        table(
            ("generator", "what it cannot say", "what it does instead"),
            ((code(gap.generator), _words(gap.construct), _words(gap.instead)) for gap in GAPS),
        ),
        "## Imported as a schema",
        "`semantics import` makes a LinkML schema of these; `--from` overrules what the content tells.",
        table(("`--from`", "what it reads"), ((code(name), spec.purpose) for name, spec in IMPORTERS.items())),
        "## Limits",
        "Only whoever runs a command can raise these limits; a mapping or a schema cannot.",
        table(("limit", "value", "raised by"), _limits()),
        "These are fixed:",
        table(("limit", "value"), _fixed()),
    )


def _limits() -> Iterator[tuple[str, str, str]]:
    limits = Limits()
    for name, meaning in (
        ("record_bytes", "bytes of a record"),
        ("depth", "levels of nesting in a record (at most 200)"),
        ("keys", "keys of one object"),
        ("field_bytes", "bytes of a cell"),
        ("gzip_ratio", "bytes that one compressed byte may give"),
    ):
        yield meaning, f"{getattr(limits, name):,}", code(f"--max-{name.replace('_', '-')}")


def _fixed() -> Iterator[tuple[str, str]]:
    yield "bytes of a schema or mapping file", f"{YAML_LIMITS['bytes']:,}"
    yield "levels of nesting in it", f"{YAML_LIMITS['depth']:,}"
    yield "nodes in it, aliases expanded", f"{YAML_LIMITS['nodes']:,}"
    yield "aliases in it", f"{YAML_LIMITS['aliases']:,}"
    yield "characters of a pattern", f"{MAX_PATTERN:,}"
    yield "characters of an expression", f"{bounds.SOURCE_CHARACTERS:,}"
    yield "levels of nesting in an expression", f"{bounds.DEPTH:,}"
    yield "parts of an expression", f"{bounds.NODES:,}"
    yield "bits of an integer", f"{bounds.INTEGER_BITS:,}"
    yield "power of ten of a number", f"{MAX_EXPONENT:,}"
    yield "exponent after `**`", f"{bounds.EXPONENT:,}"
    yield "characters of a text that an expression makes", f"{bounds.TEXT_CHARACTERS:,}"
    yield "items of a list that an expression makes", f"{bounds.LIST_ITEMS:,}"


# -- commands ----------------------------------------------------------------------------------

EXIT_CODES: Final = (
    (0, "all is well"),
    (RecordError.exit_code, "the command finished; records were rejected, or findings reported"),
    (DefinitionError.exit_code, "the command, the mapping or a schema is wrong; nothing was written"),
    (SourceError.exit_code, "an input cannot be read"),
    (SinkError.exit_code, "an output cannot be written"),
    (LimitError.exit_code, "a limit was hit"),
    (InternalError.exit_code, "the program is at fault"),
    (130, "interrupted by Ctrl-C"),
    (143, "ended by SIGTERM"),
)


def commands() -> str:
    """Every command with its arguments and options, as the command line has them."""
    parts = [
        "`semantics COMMAND --help` says the same on the terminal. A schema or a mapping is a name in the "
        "workspace or a path; `-` is standard input or output. Data goes to standard output or to `-o`; messages go "
        "to standard error.",
        "The workspace is the folder where the command runs, with its `ontologies/` and `mappings/`; then the library "
        "that comes with the package.",
    ]
    for name, (target, summary) in cli.COMMANDS.items():
        module, _, function = target.partition(":")
        parts += _command(name, getattr(import_module(module), function), summary)
    parts += [
        "## Exit codes",
        table(("code", "meaning"), ((str(number), meaning) for number, meaning in EXIT_CODES)),
        "When the reader of a pipe goes away (`| head`), the command ends quietly with 141.",
        "## Environment",
        table(
            ("variable", "meaning"),
            (
                (
                    "`SEMANTICS_CACHE`",
                    "folder of what is kept between runs, such as mappings and models; empty: nothing is",
                ),
                ("`SEMANTICS_PSEUDONYM_KEY`", "key of `pseudonym()`, 16 bytes or more; `--pseudonym-key` comes first"),
                ("`SOURCE_DATE_EPOCH`", "what `now_of_run()` gives, in seconds since 1970; `--now` comes first"),
                ("`SEMANTICS_TRACEBACK`", "set: a fault of the program shows its traceback"),
                ("`NO_COLOR`", "set: no colours"),
            ),
        ),
    ]
    return page("Commands", *parts)


def _command(name: str, command: click.Command, summary: str) -> Iterator[str]:
    arguments = [param for param in command.params if isinstance(param, click.Argument)]
    options = [param for param in command.params if isinstance(param, click.Option)]
    words = ["semantics", name, *(["[OPTIONS]"] if options else []), *map(_argument, arguments)]
    yield f"## `semantics {name}`"
    yield summary
    yield f"    {' '.join(words)}"
    yield _paragraphs(command.help or "")
    if options:
        yield table(("option", "meaning"), ((code(_spelled(option)), _meaning(option)) for option in options))


def _argument(argument: click.Argument) -> str:
    if argument.metavar:
        return argument.metavar
    if isinstance(argument.type, click.Choice):
        choices = "|".join(argument.type.choices)
        return choices if argument.required else f"[{choices}]"
    word = (argument.name or "").upper()
    return word if argument.required else f"[{word}]"


def _paragraphs(text: str) -> str:
    return "\n\n".join(" ".join(part.split()) for part in text.split("\n\n"))


def _spelled(option: click.Option) -> str:
    names = ", ".join(option.opts) + "".join(f"/{name}" for name in option.secondary_opts)
    if option.is_flag:
        return names
    if isinstance(option.type, click.Choice):
        return f"{names} {'|'.join(option.type.choices)}"
    return f"{names} {option.metavar or option.type.name.upper()}"


def _meaning(option: click.Option) -> str:
    default: Any = option.default
    shown = bool(option.show_default) and isinstance(default, (str, int)) and not option.is_flag
    return (option.help or "") + (f" [default: {default}]" if shown else "")


# -- diagnostics -------------------------------------------------------------------------------


def diagnostics() -> str:
    """Every code by area."""
    parts = [
        "A finding is `place  CODE  message`, then what was found and a hint. Messages never hold a value of a record, "
        "only its shape (`string, 14 characters`); `--show-values` is the operator's choice.",
        "A code keeps its meaning. The message may become clearer.",
    ]
    for area, meaning in AREAS.items():
        rows = [(code(name), text) for name, text in CODES.items() if name.rstrip("0123456789") == area]
        parts += [f"## {area}", meaning, table(("code", "meaning"), rows)]
    return page("Diagnostics", *parts)


# -- rules -------------------------------------------------------------------------------------


def rules() -> str:
    """Every rule of ``semantics check``: a table, then the page of each."""
    rows = [(f"[{code(rule.code)}](#{rule.id.lower()})", code(rule.id), str(rule.severity), _words(rule.purpose),
             "yes" if rule.fixable else "") for rule in RULES]  # fmt: skip
    parts = [
        "What `semantics check` looks for in schemas and mappings that can be used. `semantics check --explain RULE` "
        "shows the same on the terminal. Errors (`SCH`, `MAP`, …) are in [Diagnostics](diagnostics.md).",
        table(("code", "rule", "by default", "what it finds", "`--fix`"), rows),
        "## What a rule weighs",
        "`semantics.toml` in the workspace, or in any folder between it and the file, gives a rule another severity: "
        "`off`, `note`, `warning` or `error`. What is nearer to the file holds. In `pyproject.toml` the tables are "
        "called `tool.semantics.check.rules` and `tool.semantics.check.paths`. Warnings of schemas and mappings can be "
        "named by their codes; errors stay errors.",
        '```toml\n[check.rules]\nMISSING_DESCRIPTION = "warning"\n\n[check.paths."ontologies/legacy/*"]\n'
        'SLOT_NAME = "off"\n```',
        "## Leaving a finding out",
        "A comment with a reason, on the line of the finding or above it:",
        "```yaml\nclasses:\n  # semantics: ignore[CLASS_NAME] the name is the standard's\n  iCal: {}\n```",
    ]
    for rule in RULES:
        parts += [f"## {rule.id}", rule.page()]
    return page("Rules of the checks", *parts)


# -- constructs --------------------------------------------------------------------------------


def constructs() -> str:
    """What holds, construct by construct: the cases of the conformance suite, and what is not there yet."""
    found = list(cases(ROOT / "tests" / "conformance"))
    backends = ", ".join(map(code, BACKENDS))
    parts = [
        f"The conformance suite has {len(found)} cases. A case is a folder with a mapping, records and what must "
        f"become of them (or the findings that must stop it). Every case runs on every backend: {backends}. "
        "The first is the oracle: it defines what a plan means.",
        "## Key by key",
        "Every key of a mapping, counted in the cases: how many end in instances, and how many in findings.",
        *_keys(found),
    ]
    for folder in sorted({case.folder.parent for case in found}):
        rows = [(_sentence(case), _kind(case)) for case in found if case.folder.parent == folder]
        parts += [
            f"## {folder.name}",
            (folder / "about.md").read_text("utf-8").strip(),
            table(("case", "outcome"), rows),
        ]
    return page("Constructs", *parts)


LEVELS: Final[dict[str, tuple[type[BaseModel], str]]] = {
    "mapping": (MappingSpec, "the mapping itself"),
    "source": (SourceSpec, "`source`"),
    "class derivation": (ClassDerivation, "each of `class_derivations`"),
    "slot derivation": (SlotDerivation, "each of `slot_derivations`"),
    "enum derivation": (EnumDerivation, "each of `enum_derivations`"),
    "value derivation": (ValueDerivation, "each of `permissible_value_derivations`"),
}


def _keys(found: list[Case]) -> Iterator[str]:
    """A table for each level of a mapping: its keys, and in how many cases of the suite each stands."""
    used: dict[tuple[str, str], list[int]] = {}
    for case in found:
        stopped = (case.folder / "errors.yaml").is_file()
        data = read_yaml(case.folder / "mapping.yaml", error=SchemaError).data
        for place in set(_used("mapping", data)):
            used.setdefault(place, [0, 0])[stopped] += 1
    for level, (part, where) in LEVELS.items():
        rows = []
        for key in sorted({*keys_of(part), *NOT_YET[level], *REFUSED[level]} - {"metadata", "name"}):
            made, stopped = used.get((level, key), [0, 0])
            if key in REFUSED[level]:
                rows.append((code(key), f"refused: {REFUSED[level][key]}", "", str(stopped)))
            elif key in NOT_YET[level]:
                rows.append((code(key), "refused by name (`MAP002`): not carried out yet", "", str(stopped)))
            else:
                rows.append((code(key), "carried out", str(made), str(stopped)))
        yield f"Keys of {where}:"
        yield table(("key", "what holds", "cases with instances", "cases with findings"), rows)


_BELOW: Final = {
    ("mapping", "class_derivations"): "class derivation", ("mapping", "enum_derivations"): "enum derivation",
    ("class derivation", "slot_derivations"): "slot derivation",
    ("slot derivation", "class_derivations"): "class derivation",
    ("enum derivation", "permissible_value_derivations"): "value derivation",
}  # fmt: skip


def _used(level: str, data: Any) -> Iterator[tuple[str, str]]:
    """The keys that a mapping uses, with their levels."""
    if not isinstance(data, dict):
        return
    for key, value in data.items():
        yield level, key
        if (level, key) == ("mapping", "source"):
            yield from _used("source", value)
        below = _BELOW.get((level, key))
        if below is not None:
            items = value.values() if isinstance(value, dict) else map(_bare, value or ())
            for item in items:
                yield from _used(below, item)


def _bare(item: Any) -> Any:
    """An entry of a list of derivations: with its name inside, or as its only key."""
    one = isinstance(item, dict) and len(item) == 1
    return next(iter(item.values())) if one else item


def _sentence(case: Case) -> str:
    link = f"../../{case.folder.relative_to(ROOT).as_posix()}/mapping.yaml"
    return f"[{case.folder.name.replace('_', ' ')}]({link})"


def _kind(case: Case) -> str:
    return "refused before the first record" if (case.folder / "errors.yaml").is_file() else "records in, instances out"


def main() -> None:
    """Write every page."""
    folder = ROOT / "docs" / "reference"
    folder.mkdir(exist_ok=True)
    for name, text in pages().items():
        (folder / name).write_text(text, "utf-8")
        sys.stdout.write(f"written  {(folder / name).relative_to(ROOT)}\n")


if __name__ == "__main__":
    main()
