"""Columns of cells are read at once as each cell is read by itself."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from semantics.lexical import COLUMN_FROM_TEXT, FROM_TEXT, LexicalError, Primitive
from semantics.sources import TableShape
from semantics.sources.columns import Columns

odd = st.sampled_from([
    "1", "-0", "+5", "1.50", ".5", "5.", "1e3", "NaN", "1_0", " 1", "٣", "9" * 30, "1\n2", "", "true", "false", "0", "yes",
    "2024-01-05", "2024-02-30", "2024-02-29", "0000-01-01", "2024-01-05T10:00:00Z", "2024-01-05T10:00:00", "2024-1-5", "\n",
])  # fmt: skip


@pytest.mark.parametrize("primitive", sorted(COLUMN_FROM_TEXT))
@given(cells=st.lists(odd | st.integers().map(str) | st.dates().map(str), min_size=1, max_size=5))
def test_a_column_gives_what_its_cells_give(primitive: Primitive, cells: list[str]) -> None:
    read = FROM_TEXT[primitive]

    def one(cell: str) -> Any:
        try:
            return None if not cell else (value := read(cell), type(value), str(value))
        except LexicalError as fault:
            return str(fault)

    rows, faults = Columns(("a",), TableShape(None, (read,)), "t").read(
        [[cell] for cell in cells], [1] * len(cells), {}
    )
    found: list[Any] = []
    for position, row in enumerate(rows):
        value = row["a"] if row is not None else None
        fault = faults.get(position)
        told = fault.message.removeprefix("column 'a': ") if fault else None
        found.append(told or (None if value is None else (value, type(value), str(value))))
    assert found == [one(cell) for cell in cells]
    filled = [cell for cell in cells if cell]
    together = COLUMN_FROM_TEXT[primitive](filled) if filled else None
    if together is not None:
        assert list(map(repr, together)) == [repr(read(cell)) for cell in filled]
