"""How long it takes until a command has answered, and what it imports on the way."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import data

__all__ = ["COMMANDS", "HEAVY", "Commands"]

COMMANDS: Final = (
    "python, nothing else",
    "import semantics",
    "semantics --help",
    "semantics convert, one record",
    "linkml-map --help",
    "linkml-map map-data, one record",
)
HEAVY: Final = frozenset({"linkml", "linkml_runtime", "rdflib", "pyshacl"})
"""What no warm command may import."""


class Commands:
    """The commands, run in a folder of their own with a cache of their own."""

    def __init__(self, python: Path, checkout: Path, folder: Path) -> None:
        accounts = Path(__file__).resolve().parent / "accounts"
        self.folder, self.python = folder, str(python)
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("PYTHON")},
            "PYTHONPATH": str(checkout),
            "SEMANTICS_CACHE": str(folder / "cache"),
        }
        (record,) = data.lines(1)
        (folder / "one.ndjson").write_bytes(record)
        (folder / "one.json").write_bytes(record)
        mapping = str(accounts / "mapping.yaml")
        peer = ("-c", "from linkml_map.cli.cli import main; main()")
        self.arguments: dict[str, tuple[str, ...]] = dict(
            zip(
                COMMANDS,
                (
                    ("-c", "pass"),
                    ("-c", "import semantics"),
                    ("-m", "semantics", "--help"),
                    ("-m", "semantics", "convert", mapping, "one.ndjson", "-o", "out.ndjson", "--class", "Account"),
                    (*peer, "--help"),
                    (*peer, "--quiet", "map-data", "-T", mapping, "-s", str(accounts / "source.yaml"),
                     "--target-schema", str(accounts / "target.yaml"), "--source-type", "Account", "one.json"),
                ),
                strict=True,
            )
        )  # fmt: skip

    def seconds(self, command: str) -> tuple[float, float]:
        """Run a command once: (seconds on the clock, seconds of processor time of it and its children)."""
        before, started = os.times(), time.perf_counter()
        self._run(command)
        wall, after = time.perf_counter() - started, os.times()
        return wall, sum(after[2:4]) - sum(before[2:4])

    def imports(self, command: str) -> frozenset[str]:
        """The top-level modules that a command imports, as ``-X importtime`` tells."""
        told = self._run(command, "-X", "importtime")
        return frozenset(_top_level(told))

    def _run(self, command: str, *options: str) -> str:
        done = subprocess.run(
            (self.python, *options, *self.arguments[command]),
            cwd=self.folder, env=self.environment, stdin=subprocess.DEVNULL,
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode:
            raise RuntimeError(f"'{command}' ended with {done.returncode}:\n{done.stderr[-2_000:]}")
        return done.stderr


def _top_level(told: str) -> Iterator[str]:
    for line in told.splitlines():
        if line.startswith("import time:"):
            yield line.rpartition("|")[2].strip().partition(".")[0]
