"""A real client speaks with the server: what is asked is answered, what is wrong is told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types as lsp

from semantics.cli.init import _FILES

MAPPING = _FILES["mappings/meters.yaml"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    root = tmp_path / "a b ü"
    for name, text in _FILES.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, "utf-8")
    return root


def test_a_mistake_is_told_where_it_stands_and_taken_back_when_it_is_mended(editor: Any, folder: Path) -> None:
    uri = (folder / "mappings" / "meters.yaml").as_uri()
    assert "%20" in uri
    assert editor.findings(uri, lambda: editor.open(uri, MAPPING)) == []
    wrong = MAPPING.replace("title: Meter", "title: '🙂ü' # Meter").replace(
        "phenomenon_time: {populated_from: read_on}", "phenomenon_time: {title: '🙂ü', populated_from: reed_on}"
    )
    (finding,) = editor.findings(uri, lambda: editor.change(uri, wrong))
    line = next(at for at, text in enumerate(wrong.split("\n")) if "reed_on" in text)
    before = wrong.split("\n")[line].index("reed_on")
    assert (finding.code, finding.severity) == ("MAP013", lsp.DiagnosticSeverity.Error)
    assert (finding.range.start.line, finding.range.start.character) == (line, before + 1)
    assert finding.range.end.character == before + 1 + len("reed_on")
    assert "did you mean 'read_on'?" in finding.message
    assert editor.findings(uri, lambda: editor.change(uri, MAPPING)) == []
    assert editor.findings(uri, lambda: editor.close(uri)) == []
