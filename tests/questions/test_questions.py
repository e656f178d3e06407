"""Questions across sectors: asked of the mapped real records in SPARQL and in SQL, both give the answer that is kept.

A folder holds ``question.yaml`` (title, text, and which files of ``../shared/sources`` go through which mapping, with
``examples`` of the mapping of which no record is published),
``question.rq``, ``question.sql`` and ``answer.csv``. Every mapping's output is one SQLite file, attached under the
mapping's name with ``_`` for ``-``; the graphs are one. The page ``docs/reference/questions.md`` is made of these folders.
"""

from __future__ import annotations

import csv
import sqlite3
from contextlib import closing
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import pytest

import semantics
from semantics.engine.mapping import Mapping
from semantics.errors import SchemaError
from semantics.yaml_source import read_yaml

EXAMPLES = Path(__file__).parents[2] / "mappings" / "examples"
QUESTIONS = sorted(path.parent for path in Path(__file__).parent.glob("*/question.yaml"))

_Rows = list[tuple[str, ...]]


def plain(value: Any) -> str:
    """A value as text, numbers without zeros at the end."""
    text = "" if value is None else str(value)
    try:
        number = Decimal(text)
    except InvalidOperation:
        return text
    return f"{number.normalize():f}" if number.is_finite() else text


def answer(folder: Path) -> tuple[tuple[str, ...], _Rows]:
    """The names of the columns, and the rows that are kept."""
    with (folder / "answer.csv").open(encoding="utf-8", newline="") as file:
        head, *rows = csv.reader(file)
    return tuple(head), [tuple(map(plain, row)) for row in rows]


@pytest.mark.parametrize("folder", [pytest.param(path, id=path.name) for path in QUESTIONS])
def test_graph_and_tables_give_the_answer(folder: Path, shared: Path, tmp_path: Path) -> None:
    """In the order that the questions ask for."""
    import pyoxigraph as ox

    runs = read_yaml(folder / "question.yaml", error=SchemaError).data["runs"]
    store = ox.Store()
    with closing(sqlite3.connect(":memory:")) as database:
        for run in runs:
            name = run["mapping"]
            files = [path for pattern in run["files"] for path in sorted((shared / "sources").glob(pattern))]
            files += [path for pattern in run.get("examples", ()) for path in sorted((EXAMPLES / name).glob(pattern))]
            assert files, run
            mapping = Mapping(semantics.load_mapping(name).prepared, "evaluate")  # quick to begin with
            graph, tables = tmp_path / f"{name}.nt", tmp_path / f"{name}.sqlite"
            for output in (graph, tables):
                semantics.convert(mapping, files, output)
            store.load(graph.read_bytes(), ox.RdfFormat.N_TRIPLES)
            database.execute(f"ATTACH ? AS {name.replace('-', '_')}", (f"{tables}",))
        solutions = store.query((folder / "question.rq").read_text(encoding="utf-8"))
        assert isinstance(solutions, ox.QuerySolutions)
        head = tuple(variable.value for variable in solutions.variables)
        graph_says = [tuple(plain(cell.value if cell is not None else None) for cell in row) for row in solutions]
        cursor = database.execute((folder / "question.sql").read_text(encoding="utf-8"))
        tables_say = [tuple(map(plain, row)) for row in cursor]
        columns = tuple(column[0] for column in cursor.description)
    kept = answer(folder)
    assert kept[1]
    assert (head, graph_says) == kept
    assert (columns, tables_say) == kept
