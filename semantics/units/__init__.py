"""Units of measure: the codes of UCUM, what they are in base units, and exact conversion between them.

UCUM (The Unified Code for Units of Measure, version 2.2) is carried as data and read by a small parser of
its grammar: the libraries there are either convert through binary floats or take a second to import, and a
unit code from a record must never reach anything that evaluates text.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from semantics.units.converting import Conversion, conversion, convert
    from semantics.units.peer import peer_convert
    from semantics.units.schemes import SCHEMES, read_unit, ucum_of
    from semantics.units.ucum import Unit, UnitError, parse_unit

__all__ = [
    "SCHEMES",
    "Conversion",
    "Unit",
    "UnitError",
    "conversion",
    "convert",
    "parse_unit",
    "peer_convert",
    "read_unit",
    "ucum_of",
]

_HOMES: Final = {
    "Conversion": "converting", "conversion": "converting", "convert": "converting", "peer_convert": "peer",
    "SCHEMES": "schemes", "read_unit": "schemes", "ucum_of": "schemes", "Unit": "ucum", "UnitError": "ucum",
    "parse_unit": "ucum",
}  # fmt: skip


def __getattr__(name: str) -> Any:
    """Names of this package are loaded when they are asked for: few mappings convert units."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = found
    return found
