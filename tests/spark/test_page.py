"""The page about Spark does what it says: its blocks are run where Spark can be."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ..test_docs import DOCS, Shell, _doctest, blocks, fits

pytestmark = pytest.mark.spark
PAGE = DOCS / "spark.md"


def test_the_page_about_spark_does_what_it_says(
    spark: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    """Every block of the command line and of Python, in order; those in ``sh`` need a cluster or a network."""
    (tmp_path / "home").mkdir()
    shell = Shell(tmp_path / "home", tmp_path / "bin")
    code, output = 0, ""
    names: dict[str, Any] = {"spark": spark}
    for block in blocks(PAGE):
        where = f"docs/{PAGE.name}:{block.line}"
        match block.language:
            case "bash":
                code, output = shell.run(block.text)
                assert code == 0, f"{where} ended with {code}:\n{output}"
            case "text":
                assert fits(block.text, output), f"{where} shows\n{block.text}\nand this came:\n{output}"
            case "python":
                monkeypatch.chdir(shell.folder)
                # Spark's Java does not follow a change of the folder.
                complaint = _doctest(_absolute(block), names)
                assert not complaint, f"{where}\n{complaint}"
            case _:
                assert block.language == "sh", f"{where}: a block of '{block.language}' is never run"


def _absolute(block: Any) -> Any:
    from dataclasses import replace

    return replace(block, text=block.text.replace('"march.ndjson"', repr(str(Path.cwd() / "march.ndjson"))))
