"""Whether Spark can be used here: PySpark with what it needs, and Java."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from importlib import import_module
from pathlib import Path
from typing import Final

from semantics.errors import Diagnostic, UsageError

__all__ = ["java_needed", "required"]

JAVA: Final = 17
"""The oldest version of Java that PySpark 4 runs on."""
_NEEDED: Final = ("pyspark", "pyarrow", "pandas")


def required() -> None:
    """Raises :class:`UsageError` (``SPK001``) that names the extra, where PySpark or what it needs is missing."""
    for name in _NEEDED:
        try:
            import_module(name)
        except ImportError:
            raise UsageError(
                Diagnostic("SPK001", f"Spark needs the package '{name}', which is not installed",
                           hint="pip install 'semantics[spark]'")
            ) from None  # fmt: skip


def java_needed() -> None:
    """Raises :class:`UsageError` (``SPK002``) where there is no Java, or one that is too old."""
    home = os.environ.get("JAVA_HOME")
    program = str(Path(home) / "bin" / "java") if home else shutil.which("java")
    hint = f"install Java {JAVA} or later; JAVA_HOME says where it is"
    if program is None or not Path(program).is_file():
        raise UsageError(Diagnostic("SPK002", "Spark needs Java, and there is none", hint=hint))
    told = subprocess.run([program, "-version"], capture_output=True, check=False, text=True, timeout=60)  # noqa: S603
    version = re.search(r'version "(\d+)', told.stderr + told.stdout)
    if told.returncode != 0 or version is None or int(version[1]) < JAVA:
        found = f"found version {version[1]}" if version else "this one does not tell its version"
        raise UsageError(Diagnostic("SPK002", f"Spark needs Java {JAVA} or later; {found}", hint=hint))
