"""The version of the package; the one place where it stands besides ``pyproject.toml`` (a test compares them)."""

from typing import Final

__all__ = ["__version__"]

__version__: Final = "0.1.0"
