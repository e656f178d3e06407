"""Whatever is typed, every question has an answer."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from semantics.cli.init import _FILES
from semantics.editor.actions import actions
from semantics.editor.desk import Desk
from semantics.editor.features import complete, definition, hover, symbols
from semantics.editor.problems import problems

ROOT = Path(__file__).resolve().parents[2]
DESK = Desk()
TEXTS = {
    ROOT / "mappings" / "any.yaml": _FILES["mappings/meters.yaml"].replace(
        "source_schema: meters", "source_schema: gtfs"
    ),
    ROOT / "mappings" / "gtfs.tests.yaml": _FILES["mappings/meters.tests.yaml"],
    ROOT / "ontologies" / "any.yaml": _FILES["ontologies/meters.yaml"],
}
PIECES = ["", "\n", "  ", "- ", ": ", "{", "}", "[", "]", '"', "'", "#", "|\n", "&a ", "*a", "🙂", "é", "\t", "\u2028", "\0",
          "slot('", "a.b.", "{+", "class_derivations:\n", "object: ", "[*]", "null", "\ud800"]  # fmt: skip


@given(st.sampled_from(list(TEXTS)), st.lists(st.tuples(st.floats(0, 1), st.integers(0, 40), st.sampled_from(PIECES)), max_size=6),
       st.floats(0, 1))  # fmt: skip
@settings(max_examples=40, deadline=None)
def test_any_edit_of_a_file_is_answered(path: Path, edits: list[tuple[float, int, str]], cursor: float) -> None:
    text = TEXTS[path]
    for where, length, piece in edits:
        at = int(where * len(text))
        text = text[:at] + piece + text[at + length :]
    DESK.put(path, text)
    try:
        document = DESK.document(path)
        assert document is not None
        offset = int(cursor * len(text))
        for one in complete(document, offset, DESK):
            assert 0 <= one.start <= one.end == offset
            assert "\n" not in text[one.start : one.end]
        told = hover(document, offset, DESK)
        assert told is None or told[1] <= offset <= told[2]
        definition(document, offset, DESK)
        symbols(document)
        found = problems(document, DESK)
        assert all(0 <= one.start <= one.end <= len(text) for one in found)
        assert all(0 <= one.start <= one.end <= len(text) for one in actions(text, found))
    finally:
        DESK.remove(path)
