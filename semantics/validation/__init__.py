"""Validation of instances: the compiled checker, the generated classes, SHACL, and one report for all.

Everything here gives the same verdict on the same instance; names load on first use, so that importing
this package costs nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from semantics.errors import Violation
    from semantics.validation.checker import Checker, compile_checker
    from semantics.validation.findings import CODES
    from semantics.validation.pydantic_classes import validate_with_classes
    from semantics.validation.report import FORMS, Finding, Listing, ValidationReport, form_of
    from semantics.validation.shacl import validate_graph
    from semantics.validation.uniqueness import UniquenessCheck

__all__ = [
    "CODES",
    "FORMS",
    "Checker",
    "Finding",
    "Listing",
    "UniquenessCheck",
    "ValidationReport",
    "Violation",
    "compile_checker",
    "form_of",
    "validate_graph",
    "validate_with_classes",
]

_HOMES: Final = {
    "CODES": "findings",
    "Checker": "checker",
    "FORMS": "report",
    "Finding": "report",
    "Listing": "report",
    "UniquenessCheck": "uniqueness",
    "ValidationReport": "report",
    "Violation": "findings",
    "compile_checker": "checker",
    "form_of": "report",
    "validate_graph": "shacl",
    "validate_with_classes": "pydantic_classes",
}


def __getattr__(name: str) -> Any:
    """A public name, from the module that holds it (PEP 562)."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
