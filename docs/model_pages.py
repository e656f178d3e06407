"""Pages of ``docs/reference/`` about the model, the mappings and the questions, made from what is in their files."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Final

from semantics.engine.testing import load_tests
from semantics.errors import MappingError, SchemaError
from semantics.schema import load_schema
from semantics.schema.model import ClassModel, SchemaModel
from semantics.workspace import Workspace, library_root
from semantics.yaml_source import read_yaml

__all__ = ["pages"]

ROOT: Final = Path(__file__).resolve().parents[1]
LIBRARY: Final = Workspace((library_root(),))
Table = Callable[[Iterable[str], Iterable[Iterable[str]]], str]
Page = Callable[..., str]


def pages(page: Page, table: Table) -> dict[str, str]:
    """File name to text, by the functions that make a page and a table."""
    return {
        "model.md": model(page, table),
        "mappings.md": mappings(page, table),
        "questions.md": questions(page, table),
    }


# -- the model ---------------------------------------------------------------------------------------


def modules() -> dict[str, SchemaModel]:
    """The modules of the model, those first that others build on."""
    names = [path.stem for path in sorted((ROOT / "ontologies").glob("*.yaml"))]
    loaded = {name: load_schema(name, workspace=LIBRARY) for name in names}
    return dict(sorted(loaded.items(), key=lambda item: (len(item[1].modules), item[0])))


def model(page: Page, table: Table) -> str:
    """The modules and their classes, each with its term."""
    found = modules()
    rows = []
    parts = []
    for name, schema in found.items():
        own = [each for each in schema.classes.values() if each.from_schema in (name, schema.id)]
        imports = ", ".join(f"`{each}`" for each in schema.modules if each not in (name, "linkml:types", "types"))
        rows.append((f"[{name}](#{name})", str(schema.title), imports, str(len(own))))
        lines = [
            (f"`{each.name}`", f"`{each.is_a}`" if each.is_a else "", _term(each, schema), _first(each.description))
            for each in own
        ]
        parts += [f"## {name}", " ".join(str(schema.description).split()),
                  table(("class", "is a", "term", "what it is"), lines)]  # fmt: skip
    return page(
        "The common model",
        "Every module is an ontology in `ontologies/`; its links to other vocabularies, beyond the terms below, are "
        "the SSSOM sets in `ontologies/mappings/`. A slot name has one meaning and one term, whichever class uses it.",
        table(("module", "title", "imports", "classes"), rows),
        *parts,
    )


def _term(each: ClassModel, schema: SchemaModel) -> str:
    """The class's IRI as a CURIE of the schema's prefixes, with the longest namespace."""
    fitting = [(space, prefix) for prefix, space in schema.namespaces.items() if each.uri.startswith(space)]
    if not fitting:
        return f"`{each.uri}`"
    space, prefix = max(fitting, key=lambda one: len(one[0]))
    return f"`{prefix}:{each.uri[len(space) :]}`"


def _first(description: str | None) -> str:
    """The first sentence of a description."""
    text = " ".join((description or "").split())
    head, dot, _ = text.partition(". ")
    return (head + "." if dot else text).replace("_", "\\_").replace("*", "\\*").replace("<", "&lt;")


# -- mappings ----------------------------------------------------------------------------------------


def mappings(page: Page, table: Table) -> str:
    """What comes with the package, by the model that it is mapped into."""
    rows = []
    for name, path in LIBRARY.names("mappings").items():
        said = read_yaml(path, error=MappingError).data
        tests = len(load_tests(name, workspace=LIBRARY).tests)
        link = f"[{name}](../mappings/{name}.md)" if (ROOT / "docs" / "mappings" / f"{name}.md").exists() else name
        rows.append((link, str(said.get("title", "")), _schema(said, "source_schema"), _schema(said, "target_schema"),
                     str(tests)))  # fmt: skip
    return page(
        "Mappings",
        "What each carries and what not is on its page. The records of a standard that are published are converted by "
        "the tests (`tests/standards/NAME.yaml`), and what they lose is compared with what is stated there.",
        table(("mapping", "what it maps", "source schema", "into", "tests"), rows),
    )


def _schema(said: dict[str, Any], key: str) -> str:
    found = said.get(key, "")
    return f"`{found.get('name', '') if isinstance(found, dict) else found}`"


# -- questions ---------------------------------------------------------------------------------------


def questions(page: Page, table: Table) -> str:
    """Each question with both of its forms, and the answer."""
    parts = []
    for folder in sorted((ROOT / "tests" / "questions").glob("*/")):
        if not (folder / "question.yaml").exists():
            continue
        said = read_yaml(folder / "question.yaml", error=SchemaError).data
        with (folder / "answer.csv").open(encoding="utf-8", newline="") as file:
            head, *rows = csv.reader(file)
        parts += [
            f"## {said['title']}", " ".join(str(said["text"]).split()),
            "Mapped by " + ", ".join(f"`{run['mapping']}`" for run in said["runs"]) + ". In SPARQL, on the graph:",
            f"```sparql\n{(folder / 'question.rq').read_text('utf-8').strip()}\n```",
            "In SQL, on the tables:", f"```sql\n{(folder / 'question.sql').read_text('utf-8').strip()}\n```",
            "Both say:", table(head, rows),
        ]  # fmt: skip
    return page(
        "Questions across sectors",
        "Records of several standards, mapped into the common model, answer one question. The records are those that "
        "the standards publish, with examples of this project where the text says so; a test asks each question of "
        "the graph (`semantics convert ... -o NAME.nt`) and of the tables (`-o NAME.sqlite`, attached under the name "
        "of the mapping), and compares both with the answer below.",
        *parts,
    )
