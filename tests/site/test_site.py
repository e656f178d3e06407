"""The site of a workspace: its pages, its links, its bytes."""

from __future__ import annotations

from pathlib import Path

import pytest

from semantics.errors import SinkError
from semantics.site.folder import MARKER, write_site


def test_a_folder_that_is_no_site_is_left_alone(tmp_path: Path) -> None:
    """SIT001: what somebody keeps there is not replaced."""
    (tmp_path / "kept.txt").write_text("mine")
    with pytest.raises(SinkError) as fault:
        write_site({"index.html": b"new"}, tmp_path)
    assert [finding.code for finding in fault.value.diagnostics] == ["SIT001"]
    assert [path.name for path in tmp_path.iterdir()] == ["kept.txt"]


def test_a_site_takes_the_place_of_an_older_one(tmp_path: Path) -> None:
    """Nothing of the old one is left, and nothing else lies beside it."""
    folder = tmp_path / "site"
    write_site({"index.html": b"old", "models/a.html": b"old"}, folder)
    write_site({"index.html": b"new"}, folder)
    assert sorted(path.name for path in folder.iterdir()) == [MARKER, "index.html"]
    assert [path.name for path in tmp_path.iterdir()] == ["site"]


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    """SIT002, and nothing is left behind."""
    (tmp_path / "file").write_text("")
    with pytest.raises(SinkError) as fault:
        write_site({"index.html": b""}, tmp_path / "file" / "site")
    assert [finding.code for finding in fault.value.diagnostics] == ["SIT002"]
