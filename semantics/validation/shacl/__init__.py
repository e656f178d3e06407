"""SHACL Core (W3C Recommendation, 20 July 2017): shapes compiled to closures, with pySHACL as the reference.

:func:`compile_shapes` makes a validator out of a shapes graph; :func:`validate_graph` validates RDF in one call, by
the compiled shapes or, where something is not compiled, by pySHACL. Names load on first use.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from semantics.validation.shacl.compile import CompiledShapes, compile_shapes
    from semantics.validation.shacl.faults import NotCompiled
    from semantics.validation.shacl.graph import Graph, read_rdf, read_record
    from semantics.validation.shacl.results import Result, findings_of
    from semantics.validation.shacl.validate import Engine, validate_graph

__all__ = [
    "CompiledShapes",
    "Engine",
    "Graph",
    "NotCompiled",
    "Result",
    "compile_shapes",
    "findings_of",
    "read_rdf",
    "read_record",
    "validate_graph",
]

_HOMES: Final = {
    "CompiledShapes": "compile",
    "Engine": "validate",
    "Graph": "graph",
    "NotCompiled": "faults",
    "Result": "results",
    "compile_shapes": "compile",
    "findings_of": "results",
    "read_rdf": "graph",
    "read_record": "graph",
    "validate_graph": "validate",
}


def __getattr__(name: str) -> Any:
    """A public name, from the module that holds it (PEP 562)."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
