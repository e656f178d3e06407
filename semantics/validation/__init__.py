"""Validation of instances: the compiled checker, the generated classes, SHACL, and one report for all.

Everything here gives the same verdict on the same instance; names load on first use, so that importing
this package costs nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from semantics.validation.checker import Checker, compile_checker
    from semantics.validation.findings import CODES, Violation
    from semantics.validation.pydantic_classes import validate_with_classes
    from semantics.validation.report import Finding, ValidationReport
    from semantics.validation.shacl import validate_graph
    from semantics.validation.uniqueness import UniquenessCheck

__all__ = [
    "CODES",
    "Checker",
    "Finding",
    "UniquenessCheck",
    "ValidationReport",
    "Violation",
    "compile_checker",
    "validate_graph",
    "validate_with_classes",
]

_HOMES: Final = {
    "CODES": "findings",
    "Checker": "checker",
    "Finding": "report",
    "UniquenessCheck": "uniqueness",
    "ValidationReport": "report",
    "Violation": "findings",
    "compile_checker": "checker",
    "validate_graph": "shacl",
    "validate_with_classes": "pydantic_classes",
}


def __getattr__(name: str) -> Any:
    """A public name, from the module that holds it (PEP 562)."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
