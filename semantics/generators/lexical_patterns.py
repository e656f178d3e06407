"""The lexical forms of :mod:`semantics.lexical` as patterns, for artefacts that know no code.

Every pattern is anchored, plain enough for ECMA-262, XPath, Rust and Python, and takes exactly what
``FROM_DATA`` takes, but for characters beyond Latin-1 in the ones of :data:`APPROXIMATE`.
"""

from __future__ import annotations

from typing import Final

from semantics.lexical import Primitive

__all__ = ["APPROXIMATE", "PATTERNS", "is_portable"]

_YEAR: Final = "([1-9][0-9]{3}|0[1-9][0-9]{2}|00[1-9][0-9]|000[1-9])"
_DAY: Final = "((0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])|(0[13-9]|1[0-2])-(29|30)|(0[13578]|1[02])-31)"
_LEAP: Final = "([0-9]{2}(0[48]|[2468][048]|[13579][26])|(0[48]|[2468][048]|[13579][26])00)-02-29"
_DATE: Final = f"({_YEAR}-{_DAY}|{_LEAP})"
_CLOCK: Final = (
    r"([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]+)?"
    "(Z|[+-](0[0-9]|1[0-3]):[0-5][0-9]|[+-]14:00)?"
)
# Characters that an IRI may not have: controls, spaces, delimiters, invisible and unprintable ones.
_NOT_IRI: Final = (
    '\\x00-\\x20<>"{}|\\\\^`\\x7f-\\xa0\\xad\\u0600-\\u0605\\u061c\\u06dd\\u070f\\u1680\\u180e'
    "\\u2000-\\u200f\\u2028-\\u202f\\u205f-\\u206f\\u3000\\ufeff\\ufff9-\\ufffb"
)
_IRI: Final = f"[A-Za-z][A-Za-z0-9+.-]*:[^{_NOT_IRI}]*"
# All but ASCII punctuation and controls, and the few signs of Latin-1 that are no letters or digits.
_NAME: Final = "[^\\x00-,/:-@\\[-\\^`{-\\xa9\\xab-\\xb1\\xb4\\xb6-\\xb8\\xbb\\xbf\\xd7\\xf7]"
_START: Final = "[^\\x00-@\\[-\\^`{-\\xa9\\xab-\\xb1\\xb4\\xb6-\\xb8\\xbb\\xbf\\xd7\\xf7]"
_CURIE: Final = '[A-Za-z_]%s*:[^\\x00-\\x20<>"{}|\\\\^`\\x7f]*' % _NAME  # noqa: UP031 - braces

PATTERNS: Final[dict[Primitive, str]] = {
    Primitive.DATE: f"^{_DATE}$",
    Primitive.DATETIME: f"^{_DATE}T{_CLOCK}$",
    Primitive.DATE_OR_DATETIME: f"^{_DATE}(T{_CLOCK})?$",
    Primitive.TIME: f"^{_CLOCK}$",
    Primitive.URI: f"^{_IRI}$",
    Primitive.CURIE: f"^{_CURIE}$",
    Primitive.URIORCURIE: f"^({_IRI}|{_CURIE})$",
    Primitive.NCNAME: f"^{_START}{_NAME}*$",
}
"""Text that a primitive takes. Primitives that are not here are numbers, booleans or any text."""

APPROXIMATE: Final = frozenset({Primitive.URI, Primitive.CURIE, Primitive.URIORCURIE, Primitive.NCNAME})
"""Primitives whose pattern is exact for ASCII and Latin-1, and lenient on some characters beyond."""

_NOT_PORTABLE: Final = (
    "(?P", "(?i", "(?m", "(?s", "(?x", "(?u", "(?U", "(?R", "(?-", "(?<", "\\A", "\\z", "\\p", "\\P",
    "\\x{", "\\u{", "\\U", "\\a", "\\<", "\\>", "\\b{", "[[", "[^[", "&&", "--", "~~",
)  # fmt: skip


def is_portable(pattern: str) -> bool:
    """Whether a pattern means the same to the linear-time engine, to ECMA-262 and to XPath.

    Constructs that only the engine has (flags, named groups, classes of classes) are not portable;
    an artefact that cannot say them leaves the pattern out rather than saying another one.

    >>> is_portable("^[A-Z]{3}$"), is_portable("(?i)gbp")
    (True, False)
    """
    return not any(construct in pattern for construct in _NOT_PORTABLE)
