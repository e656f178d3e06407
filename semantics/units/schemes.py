"""Other ways to write units, brought to UCUM: codes of UN/ECE Recommendation 20, and symbols as people write them."""

from __future__ import annotations

from typing import Final

from semantics.errors import closest
from semantics.units.rec20 import REC20
from semantics.units.symbols import ucum_of_symbols
from semantics.units.ucum import Unit, UnitError, parse_unit

__all__ = ["SCHEMES", "read_unit", "ucum_of"]

SCHEMES: Final = frozenset({"ucum", "rec20", "symbol"})
"""``ucum`` is the default; the others stand in front of a code with a colon: ``rec20:KWH``."""


def read_unit(text: str) -> Unit:
    """The unit of a UCUM code, or of ``scheme:code``. Raises :class:`UnitError`.

    >>> read_unit("rec20:KWH") == read_unit("kW.h")
    True
    """
    return parse_unit(ucum_of(text, "ucum"))


def ucum_of(code: str, scheme: str) -> str:
    """The UCUM code for a code of a scheme. Raises :class:`UnitError`.

    >>> ucum_of("KGM", "rec20"), ucum_of("km/h", "symbol"), ucum_of("°C", "symbol")
    ('kg', 'km/h', 'Cel')
    """
    match scheme:
        case "ucum":
            named, colon, rest = code.partition(":")
            if colon and named in SCHEMES - {"ucum"}:
                return ucum_of(rest, named)
            parse_unit(code)
            return code
        case "rec20":
            if code in REC20:
                return REC20[code]
            hint = closest(code, REC20)
            raise UnitError("a unit has a code that this table of Recommendation 20 does not have", code, advice=hint)
        case "symbol":
            return ucum_of_symbols(code)
        case _:
            raise UnitError("a unit has a scheme that is not known")
