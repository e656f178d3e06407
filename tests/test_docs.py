"""The documentation says what is so: its blocks run, its links lead somewhere, its pages are up to date."""

from __future__ import annotations

import ast
import contextlib
import doctest
import importlib.util
import io
import json
import os
import re
import stat
import subprocess
import sys
import typing
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from types import ModuleType
from typing import Any

import click
import msgspec
import pytest
from pydantic import BaseModel

import semantics
from semantics import cli
from semantics.backends import BACKENDS
from semantics.engine.mapping import Mapping
from semantics.engine.prepare import prepare
from semantics.mapping import spec

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
PAGES = sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md")])
GUIDE = DOCS / "guide.md"
ANALYSIS = DOCS / "analysis.md"
LEDGER = DOCS / "ledger.md"
SOURCES = DOCS / "sources.md"
SINKS = DOCS / "sinks.md"
PROVENANCE = DOCS / "provenance.md"
VERDICT = DOCS / "one-verdict.md"
VALIDATION = DOCS / "validation.md"
REPORTS = DOCS / "reports.md"
REPLAY = DOCS / "replay.md"
LARGE = DOCS / "large-files.md"
COLUMNAR = DOCS / "columnar.md"
CHANGES = DOCS / "changes.md"
EDITORS = DOCS / "editors.md"
SITE = DOCS / "site.md"
LANGUAGE = DOCS / "language.md"
RUN = [
    GUIDE,
    ANALYSIS,
    LEDGER,
    PROVENANCE,
    REPLAY,
    LARGE,
    SOURCES,
    SINKS,
    VERDICT,
    VALIDATION,
    REPORTS,
    COLUMNAR,
    CHANGES,
    EDITORS,
    SITE,
]
"""The pages whose blocks are run."""

LINK = re.compile(r"\]\(([^)\s]+)\)")
FENCE = re.compile(r"^```(\w*) *([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Block:
    """A fenced block of a page: its language, the words after it, its text and its line."""

    language: str
    info: str
    text: str
    line: int


def blocks(page: Path) -> list[Block]:
    """The fenced blocks of a page, in order."""
    text = page.read_text("utf-8")
    return [
        Block(found[1], found[2], found[3], text.count("\n", 0, found.start()) + 1) for found in FENCE.finditer(text)
    ]


def fits(expected: str, found: str) -> bool:
    """Whether output is as a page shows it: a line ``...`` stands for any lines, ``...`` in a line for any text."""
    parts = []
    for line in expected.rstrip("\n").split("\n"):
        text = line.rstrip()
        parts.append(r"(?:.*\n)*" if text == "..." else ".*".join(map(re.escape, text.split("..."))) + "\n")
    shown = "".join(f"{line.rstrip()}\n" for line in found.rstrip("\n").split("\n"))
    return re.fullmatch("".join(parts), shown) is not None


# -- blocks that run -------------------------------------------------------------------------------


class Shell:
    """Runs the blocks of a page one after the other; the folder one ends in is where the next starts."""

    def __init__(self, folder: Path, programs: Path) -> None:
        self.folder = folder
        self.programs = programs
        programs.mkdir()
        command = programs / "semantics"
        command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m semantics "$@"\n')
        command.chmod(command.stat().st_mode | stat.S_IXUSR)

    def run(self, script: str) -> tuple[int, str]:
        """The exit code, and everything that was printed."""
        place = self.programs / "folder"
        package = Path(semantics.__file__).resolve().parents[1]
        env = {
            **os.environ,
            "PATH": f"{self.programs}{os.pathsep}{os.environ['PATH']}",
            "PYTHONPATH": str(package),
            "NO_COLOR": "1",
            "LC_ALL": "C.UTF-8",
        }
        done = subprocess.run(
            ["bash", "-c", f'{script}\ncode=$?\npwd > "{place}"\nexit $code'],
            cwd=self.folder, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=120, check=False,
        )  # fmt: skip
        self.folder = Path(place.read_text().strip())
        return done.returncode, done.stdout.decode()


def stands_in(text: str, folder: Path) -> bool:
    """Whether some lines stand in a file of a workspace, whatever their indentation there."""
    wanted = [line.strip() for line in text.strip().split("\n")]
    for path in folder.rglob("*.yaml"):
        lines = [line.strip() for line in path.read_text("utf-8").split("\n")]
        if any(lines[start : start + len(wanted)] == wanted for start in range(len(lines))):
            return True
    return False


@pytest.mark.parametrize("page", RUN, ids=lambda page: page.stem)
def test_the_guide_does_what_it_says(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every block in order: commands with their output, parts of files, Python with its results."""
    (tmp_path / "home").mkdir()
    shell = Shell(tmp_path / "home", tmp_path / "bin")
    code, output = 0, ""
    names: dict[str, Any] = {}
    for block in blocks(page):
        where = f"docs/{page.name}:{block.line}"
        match block.language:
            case "bash":
                code, output = shell.run(block.text)
                assert code == 0, f"{where} ended with {code}:\n{output}"
            case "text":
                assert fits(block.text, output), f"{where} shows\n{block.text}\nand this came:\n{output}"
            case "yaml":
                assert stands_in(block.text, shell.folder), f"{where} stands in no file of the workspace"
            case "python":
                monkeypatch.chdir(shell.folder)
                assert not (complaint := _doctest(block, names)), f"{where}\n{complaint}"
            case _:
                pytest.fail(f"{where}: a block of '{block.language}' is never run")


def _doctest(block: Block, names: dict[str, Any]) -> str:
    """What is wrong with the examples of a block; empty when they hold."""
    examples = doctest.DocTestParser().get_doctest(block.text, names, "guide", "docs/guide.md", block.line)
    told = io.StringIO()
    failed, _ = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE).run(
        examples, out=told.write, clear_globs=False
    )
    names.update(examples.globs)
    return told.getvalue() if failed else ""


def test_what_stands_for_anything_stands_for_nothing_else() -> None:
    """The comparison of outputs is not fooled."""
    assert fits("a\n...\nc", "a\nb\nb\nc\n")
    assert fits("a ... c", "a b c")
    assert fits("...\nb", "b")
    assert not fits("a\nc", "a\nb\nc")
    assert not fits("a...", "b")


README_FIRST = (
    "python3 -m venv .venv && .venv/bin/pip install -q . && .venv/bin/semantics convert open-banking "
    "mappings/examples/open-banking/accounts.json --to turtle"
)
README_SECOND = "python3 -m venv .venv && .venv/bin/pip install -q -e '.[test]' && .venv/bin/python -m pytest -n 2"


def test_the_readme_begins_with_the_two_commands() -> None:
    """One command installs and converts, one tests."""
    commands = [block.text.strip() for block in blocks(ROOT / "README.md") if block.language == "bash"]
    assert [README_FIRST, README_SECOND] == commands[:2]


def test_the_first_command_of_the_readme_gives_turtle(tmp_path: Path) -> None:
    """The conversion of the shipped example, from the checkout, with nothing to reject."""
    import rdflib

    conversion = README_FIRST.rpartition(" && ")[2].replace(".venv/bin/", "")
    shell = Shell(ROOT, tmp_path / "bin")
    code, told = shell.run(f"{conversion} 2> {tmp_path / 'messages'}")
    assert code == 0, (tmp_path / "messages").read_text()
    assert len(rdflib.Graph().parse(data=told, format="turtle")) > 10


# -- the language page -----------------------------------------------------------------------------

HEAD = """\
class_derivations:
  Account:
    populated_from: Account
    slot_derivations:
      id: {iri: "data:account/{number}"}
"""


def examples() -> Iterator[tuple[str, str, str, str, str]]:
    """Place, mapping, record, result and related records of every example of the language page."""
    found = [block for block in blocks(LANGUAGE) if block.info not in ("form", "related")]
    related = {block.line: block.text for block in blocks(LANGUAGE) if block.info == "related"}
    for first, second, third in zip(found[::3], found[1::3], found[2::3], strict=True):
        assert [block.language for block in (first, second, third)] == ["yaml", "json", "json"], (
            f"docs/language.md:{first.line}: an example is a mapping, a record and a result"
        )
        joined = [text for line, text in related.items() if first.line < line < third.line]
        yield f"line {first.line}", first.text, second.text, third.text, joined[0] if joined else "{}"


EXAMPLES = list(examples())


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize(
    ("mapping", "record", "result", "related"), [e[1:] for e in EXAMPLES], ids=[e[0] for e in EXAMPLES]
)
def test_an_example_of_the_language_holds(
    mapping: str, record: str, result: str, related: str, backend: str, tmp_path: Path
) -> None:
    """A mapping, one record, and what becomes of it; a part of a mapping stands in an Account."""
    if not mapping.startswith(("class_derivations", "enum_derivations", "source", "prefixes")):
        mapping = HEAD + "".join(f"      {line}\n" for line in mapping.splitlines())
    elif "class_derivations" not in mapping.splitlines()[0]:
        pytest.fail("an example of a whole mapping begins with class_derivations")
    (tmp_path / "example.yaml").write_text(mapping)
    given = json.loads(record, parse_float=Decimal)
    records = given if isinstance(given, list) else [{"number": "1", **given}]
    expected = json.loads(result, parse_float=Decimal)
    suite = ROOT / "tests" / "conformance"
    try:
        prepared = prepare(
            tmp_path / "example.yaml", source_schema=suite / "source.yaml", target_schema=suite / "target.yaml"
        )
    except semantics.DefinitionError as fault:
        assert _text(expected) == _text({"refused": [found.code for found in fault.diagnostics]})
        return
    ready = Mapping(prepared, backend).with_related(json.loads(related, parse_float=Decimal))
    told = [_told(outcome) for outcome in ready.stream(records)]
    assert _text(expected) == _text(told if isinstance(given, list) else told[0])


def _text(data: Any) -> bytes:
    """Data as JSON in which every digit shows and order counts for lists alone."""
    return msgspec.json.Encoder(decimal_format="number", order="sorted").encode(data)


def _told(outcome: semantics.Outcome) -> Any:
    """An outcome as the page writes it: an Account without its head, several instances, codes or a word."""
    match outcome:
        case semantics.Mapped(instances=(instance,)) if instance.class_name == "Account":
            return {name: value for name, value in instance.data.items() if name not in ("id", "type")}
        case semantics.Mapped(instances=several):
            return [{instance.class_name: instance.data} for instance in several]
        case semantics.Rejected(diagnostics=found):
            return {"rejected": [finding.code for finding in found]}
        case _:
            return "filtered"


PARTS = (
    spec.MappingSpec, spec.CopyDirective, spec.SourceSpec, spec.RecordSelector, spec.ClassDerivation,
    spec.JoinSpec, spec.SlotDerivation, spec.EnumDerivation, spec.ValueDerivation, spec.Offset,
    spec.Stringification, spec.AggregationOperation, spec.PivotOperation, spec.TypeTest, spec.Inverse, spec.UnitConversion,
)  # fmt: skip


def test_the_language_page_names_every_key() -> None:
    """What is carried out, what is only kept, and what is not there yet."""
    text = LANGUAGE.read_text("utf-8")
    keys = {key for part in PARTS for key in spec.keys_of(part)} - {"metadata", "name"}
    keys |= spec.METADATA | {word for part in PARTS for word in choices(part)}
    assert sorted(key for key in keys if f"`{key}`" not in text and f'`"{key}"`' not in text) == []


def choices(part: type[BaseModel]) -> Iterator[str]:
    """The words that the keys of a part of a mapping can be."""
    for field in part.model_fields.values():
        for kind in (field.annotation, *typing.get_args(field.annotation)):
            if typing.get_origin(kind) is typing.Literal:
                yield from typing.get_args(kind)


def test_the_examples_stand_on_the_schemas_of_the_conformance_suite() -> None:
    """The page links the schemas from which the names of its examples come."""
    links = LINK.findall(LANGUAGE.read_text("utf-8"))
    assert {f"../tests/conformance/{name}.yaml" for name in ("source", "target")} <= set(links)


def test_every_key_that_is_carried_out_stands_in_a_case() -> None:
    """The table of constructs is made from the suite: no key is called carried out without a case that shows it."""
    page = (ROOT / "docs" / "reference" / "constructs.md").read_text("utf-8")
    assert re.findall(r"^\| `(\w+)` \| carried out \| 0 \|", page, re.MULTILINE) == []


# -- pages and links -------------------------------------------------------------------------------


def prose(page: Path) -> str:
    """A page without its code."""
    return re.sub(r"`[^`\n]*`", "", FENCE.sub("", page.read_text("utf-8")))


def headings(page: Path) -> set[str]:
    """The anchors of a page, as they are made from its headings."""
    titles = re.findall(r"^#+ (.+)$", FENCE.sub("", page.read_text("utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).strip().replace(" ", "-") for title in titles}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(page: Path) -> None:
    """Files and headings inside the project; addresses outside are not asked."""
    broken = []
    for link in LINK.findall(prose(page)):
        if "://" in link or link.startswith("mailto:"):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        if not target.exists() or (anchor and anchor not in headings(target)):
            broken.append(link)
    assert broken == []


def test_every_page_is_in_the_index() -> None:
    """A page is linked from docs/README.md by itself; those of the mappings by their folder."""
    linked = {(DOCS / link.partition("#")[0]).resolve() for link in LINK.findall(prose(DOCS / "README.md"))}
    pages = [page for page in DOCS.rglob("*.md") if page != DOCS / "README.md"]
    assert [page.name for page in pages if page not in linked and page.parent not in linked - {DOCS}] == []


def maker() -> ModuleType:
    """The script that makes the reference pages."""
    found = importlib.util.spec_from_file_location("make_reference", DOCS / "make_reference.py")
    assert found is not None
    assert found.loader is not None
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return module


def test_the_reference_is_up_to_date() -> None:
    """Pages made from tables say what the tables say: run ``just reference`` when this fails."""
    made = maker().pages()
    there = {path.name: path.read_text("utf-8") for path in (DOCS / "reference").glob("*.*")}
    assert sorted(name for name in made.keys() | there.keys() if made.get(name) != there.get(name)) == []


@pytest.mark.parametrize("name", cli.COMMANDS)
def test_every_command_has_help_and_is_documented(name: str) -> None:
    """What it is for, and a place in the index or the guide."""
    command = cli.cli.get_command(click.Context(cli.cli), name)
    assert command is not None
    assert command.help
    written = "".join((DOCS / page).read_text("utf-8") for page in ("README.md", "guide.md"))
    assert f"semantics {name}" in written
    with contextlib.redirect_stdout(io.StringIO()) as shown, pytest.raises(SystemExit) as ended:
        cli.main([name, "--help"])
    assert ended.value.code == 0
    assert "Usage: semantics" in shown.getvalue()


def test_every_recipe_says_what_it_is_for() -> None:
    """In the justfile and in the page for contributors."""
    lines = (ROOT / "justfile").read_text("utf-8").splitlines()
    recipe = re.compile(r"([a-z-]+)( .*)?:$")
    recipes = {found[1]: lines[at - 1] for at, line in enumerate(lines) if (found := recipe.match(line))}
    assert [name for name, above in recipes.items() if not above.startswith("# ")] == []
    text = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    assert sorted(name for name in recipes if f"`just {name}`" not in text) == ["default"]


def test_the_changelog_knows_this_version() -> None:
    """A release is a heading of the changelog."""
    assert f"## [{semantics.__version__}]" in (ROOT / "CHANGELOG.md").read_text("utf-8")


# -- bad inputs ------------------------------------------------------------------------------------


def literal(path: Path, name: str) -> dict[str, Any]:
    """A table of a test module, read without running it."""
    for node in ast.parse(path.read_text("utf-8")).body:
        match node:
            case ast.Assign(targets=[ast.Name(id=found)], value=value) if found == name:
                return dict(ast.literal_eval(value))
            case ast.AnnAssign(target=ast.Name(id=found), value=ast.expr() as value) if found == name:
                return dict(ast.literal_eval(value))
    raise KeyError(name)


def test_the_page_of_bad_inputs_says_what_the_tests_say() -> None:
    """Every file of the corpus has its row, with the outcome that the tests demand."""
    rows = re.findall(r"^\| `([^`]+)` \| ([^|]+) \|", (DOCS / "bad-inputs.md").read_text("utf-8"), re.MULTILINE)
    told = {name: outcome.strip() for name, outcome in rows}
    assert len(told) == len(rows)
    assert literal(ROOT / "tests/sources/test_badinputs.py", "OUTCOMES").keys() <= told.keys()
    words = {"accepts": "accepted", "error": "error"}
    for name, (outcome, _) in literal(ROOT / "tests/engine/test_bad_inputs.py", "DECIDED").items():
        if "jsontestsuite" not in name:
            assert told[name].partition(" (")[0] == words.get(outcome, outcome.replace("rejects", "rejected")), name
