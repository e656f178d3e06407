"""Numbers as people write them: another character before the fraction, and one between groups of digits."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final

from semantics.errors import shape
from semantics.lexical import LexicalError, Primitive
from semantics.plan.tables import TableDialect

__all__ = ["number_reader"]

_NUMBERS: Final = frozenset({Primitive.INTEGER, Primitive.DECIMAL, Primitive.FLOAT})
_GROUPS: Final = re.compile(r"[+-]?[0-9]{1,3}(?:_[0-9]{2,3})*_[0-9]{3}")
"""Groups of three digits, or of two before the last as in India."""


def number_reader(primitive: Primitive, convert: Callable[[str], Any], dialect: TableDialect) -> Callable[[str], Any]:
    """What reads the cells of a column of numbers in a dialect; any other column is read as before.

    >>> from semantics.lexical import FROM_TEXT
    >>> dialect = TableDialect(decimal_char=",", group_char=".")
    >>> number_reader(Primitive.DECIMAL, FROM_TEXT[Primitive.DECIMAL], dialect)("-1.234,50")
    Decimal('-1234.50')
    """
    point, group = dialect.decimal_char, dialect.group_char
    if primitive not in _NUMBERS or (point == "." and not group):
        return convert
    # What has no meaning in this dialect must not gain one: a '.' that is neither stays wrong.
    table = str.maketrans({".": "\0", "_": "\0", **({group: "_"} if group else {}), point: "."})

    def read(cell: str) -> Any:
        text = cell.translate(table)
        whole, mark, fraction = text.partition(".")
        if "\0" in text or "_" in fraction or ("_" in whole and not _GROUPS.fullmatch(whole)):
            raise LexicalError(f"expected a number with '{point}' before its fraction, found {shape(cell)}")
        return convert(whole.replace("_", "") + mark + fraction)

    return read
