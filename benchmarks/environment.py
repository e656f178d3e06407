"""An environment of the benchmark's own: the project's run-time dependencies, the peers, and nothing of the user's.

The project itself is not installed: its checkout is put on the path, so that what is measured is what stands there.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tempfile
import tomllib
import venv
from pathlib import Path
from typing import Final

__all__ = ["CHECKOUT", "PEERS", "python_of"]

CHECKOUT: Final = Path(__file__).resolve().parent.parent
PEERS: Final[dict[str, tuple[str, ...]]] = {
    "peers": ("linkml-map==0.5.4", "linkml==1.12.1", "orjson==3.13.0", "pyshacl==0.40.1", "pyrudof==0.3.35"),
    "morph-kgc": ("morph-kgc==2.10.0",),
    "columns": ("duckdb==2.0.0", "pyarrow==26.0.1"),
}
"""What is measured beside the project, by the environment that it lives in: morph-kgc needs an rdflib that linkml
refuses, and a DuckDB of its own. The project's dependencies are in the others; none of these is among them."""


def python_of(home: str = "peers", folder: Path | None = None) -> Path:
    """The interpreter of an environment, made first if it is not there; ``folder`` overrules where they are kept.

    It is kept between runs under the user's cache folder, by the digest of what is installed in it. Raises
    ``subprocess.CalledProcessError`` when the packages cannot be installed.
    """
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = (*(project["dependencies"] if home != "morph-kgc" else ()), *PEERS[home])
    key = hashlib.sha256("\n".join((sys.version, *wanted)).encode()).hexdigest()[:16]
    place = (folder or _cache() / "semantics-benchmarks") / (home if folder else key)
    python = place / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    finished = place / "finished"
    if not finished.is_file():
        if place.is_dir() and any(place.iterdir()) and not (place / "pyvenv.cfg").is_file():
            raise SystemExit("the folder for the environment holds something else")
        print(f"making the environment of the benchmark (once): {home} ...", file=sys.stderr)
        venv.create(place, with_pip=True, clear=True)
        pip = (str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check")
        subprocess.run((*pip, *wanted), check=True)
        finished.touch()
    return python


def _cache() -> Path:
    told = os.environ.get("XDG_CACHE_HOME")
    home = Path(told) if told else Path.home() / ".cache"
    return home if os.access(home.parent, os.W_OK) else Path(tempfile.gettempdir())
