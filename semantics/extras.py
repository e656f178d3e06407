"""Libraries that are installed on demand: imported when they are needed, and missed with the name of their extra."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from semantics.errors import Diagnostic, UsageError

__all__ = ["imported"]


def imported(module: str, extra: str, code: str) -> Any:
    """The module, imported now. Raises :class:`~semantics.errors.UsageError` with ``code`` where it is not installed.

    >>> imported("decimal", "none", "SNK032").Decimal("1.50")
    Decimal('1.50')
    """
    try:
        return import_module(module)
    except ImportError:
        name = module.partition(".")[0]
        hint = f"pip install 'semantics[{extra}]'"
        raise UsageError(Diagnostic(code, f"this needs {name}, which is not installed", hint=hint)) from None
