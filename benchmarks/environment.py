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
PEERS: Final = ("linkml-map>=0.5,<0.6", "orjson>=3.10")
"""Never among the project's own dependencies."""


def python_of(folder: Path | None = None) -> Path:
    """The interpreter of the environment, made first if it is not there; ``folder`` overrules where it is kept.

    It is kept between runs under the user's cache folder, by the digest of what is installed in it. Raises
    ``subprocess.CalledProcessError`` when the packages cannot be installed.
    """
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = (*project["dependencies"], *PEERS)
    key = hashlib.sha256("\n".join((sys.version, *wanted)).encode()).hexdigest()[:16]
    home = folder or _cache() / "semantics-benchmarks" / key
    python = home / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    finished = home / "finished"
    if not finished.is_file():
        if home.is_dir() and any(home.iterdir()) and not (home / "pyvenv.cfg").is_file():
            raise SystemExit("the folder for the environment holds something else")
        print("making the environment of the benchmark (once) ...", file=sys.stderr)
        venv.create(home, with_pip=True, clear=True)
        pip = (str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check")
        subprocess.run((*pip, *wanted), check=True)
        finished.touch()
    return python


def _cache() -> Path:
    told = os.environ.get("XDG_CACHE_HOME")
    home = Path(told) if told else Path.home() / ".cache"
    return home if os.access(home.parent, os.W_OK) else Path(tempfile.gettempdir())
