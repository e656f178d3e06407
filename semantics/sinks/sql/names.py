"""Names of tables and columns: any name of a model, unique to databases that do not tell A from a, and short enough."""

from __future__ import annotations

from hashlib import sha256
from typing import Final

__all__ = ["Names"]

LONGEST: Final = 63
"""Bytes of an identifier in PostgreSQL, which cuts longer ones off."""
_DIGITS: Final = 8
_SYSTEM: Final = frozenset({"tableoid", "xmin", "cmin", "xmax", "cmax", "ctid"})
"""Columns that every table of PostgreSQL has already."""


class Names:
    """The names in one scope: the tables of a database, or the columns of a table.

    >>> names = Names()
    >>> [names.take(name) for name in ("unit", "Unit", "unit", "xmin")]
    ['unit', 'Unit_2', 'unit_3', 'xmin_2']
    >>> len(names.take("x" * 100))
    63
    """

    def __init__(self) -> None:
        """Nothing is taken yet but what databases take for themselves."""
        self._taken = set(_SYSTEM)

    def take(self, wanted: str) -> str:
        """``wanted``, or the nearest name that is still free."""
        plain = wanted.replace("\0", "_").encode("utf-8", "replace").decode() or "_"
        if plain.casefold().startswith("sqlite_"):
            plain = f"_{plain}"
        name, count = _short(plain), 1
        while name.casefold() in self._taken:
            count += 1
            name = _short(f"{plain}_{count}")
        self._taken.add(name.casefold())
        return name


def _short(name: str) -> str:
    """A name within the limit; one that is too long ends with a digest of the whole."""
    encoded = name.encode()
    if len(encoded) <= LONGEST:
        return name
    start = encoded[: LONGEST - _DIGITS - 1].decode("utf-8", "ignore")
    return f"{start}_{sha256(encoded).hexdigest()[:_DIGITS]}"
