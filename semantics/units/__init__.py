"""Units of measure: the codes of UCUM, what they are in base units, and exact conversion between them.

UCUM (The Unified Code for Units of Measure, version 2.2) is carried as data and read by a small parser of
its grammar: the libraries there are either convert through binary floats or take a second to import, and a
unit code from a record must never reach anything that evaluates text.
"""

from semantics.units.conversion import Conversion, conversion, convert
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
