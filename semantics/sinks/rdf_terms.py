"""RDF terms as text: literals escaped by table, IRIs and language tags checked by their grammar.

Every term of N-Triples and Turtle is written here and nowhere else, so that no value can end a term early.
"""

from __future__ import annotations

import re
from ipaddress import IPv6Address
from typing import Final

from semantics.errors import shape
from semantics.lexical import LexicalError

__all__ = [
    "RDF_JSON",
    "RDF_LANG_STRING",
    "RDF_TYPE",
    "RdfFault",
    "blank_label",
    "checked_iri",
    "checked_text",
    "escape_literal",
    "is_strict_iri",
    "is_web_iri",
    "label_step",
    "language_literal",
]

_RDF: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
RDF_TYPE: Final = _RDF + "type"
RDF_JSON: Final = _RDF + "JSON"
RDF_LANG_STRING: Final = _RDF + "langString"


class RdfFault(LexicalError):
    """A value has no form in RDF; ``pointer`` tells where it stands in the instance (RFC 6901).

    In an object of objects by identifier, the pointer counts from 0 instead of naming the identifier.
    """

    def __init__(self, message: str, pointer: str = "") -> None:
        super().__init__(message)
        self.pointer: Final = pointer

    @classmethod
    def within(cls, fault: LexicalError, *steps: str | int | None) -> RdfFault:
        """``fault`` as seen from one object further out; a step of None is left out."""
        inner = fault.pointer if isinstance(fault, RdfFault) else ""
        parts = (str(step).replace("~", "~0").replace("/", "~1") for step in steps if step is not None)
        return cls(str(fault), "".join(f"/{part}" for part in parts) + inner)


# -- literals ----------------------------------------------------------------------------------

_ESCAPES: Final[dict[int, str]] = {
    **{code: f"\\u{code:04X}" for code in (*range(0x20), 0x7F)},
    ord("\t"): "\\t",
    ord("\b"): "\\b",
    ord("\n"): "\\n",
    ord("\r"): "\\r",
    ord("\f"): "\\f",
    ord('"'): '\\"',
    ord("\\"): "\\\\",
}
"""Canonical N-Triples: these characters are escaped, all others stand as they are."""


def escape_literal(text: str) -> str:
    r"""``text`` as it stands between the quotes of a literal (N-Triples, canonical form).

    Raises :class:`RdfFault` for half of a surrogate pair, and for what is no text.

    >>> print(escape_literal('say "hi"\n'))
    say \"hi\"\n
    """
    if type(text) is not str:
        raise RdfFault(f"expected a string, found {shape(text)}")
    if text.isprintable():
        return text.replace("\\", "\\\\").replace('"', '\\"')
    return checked_text(text).translate(_ESCAPES)


def checked_text(text: str) -> str:
    """``text``, if it can be encoded. Raises :class:`RdfFault` for half of a surrogate pair."""
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError:
            raise RdfFault("text holds half of a surrogate pair, which no encoding can carry") from None
    return text


# RFC 5646, section 2.1, without the irregular tags that it keeps for old times' sake.
_LANGUAGE: Final = re.compile(
    r"(?:[a-z]{2,3}(?:-[a-z]{3}){0,3}|[a-z]{4,8})"
    r"(?:-[a-z]{4})?(?:-(?:[a-z]{2}|[0-9]{3}))?(?:-(?:[a-z0-9]{5,8}|[0-9][a-z0-9]{3}))*"
    r"(?:-[0-9a-wy-z](?:-[a-z0-9]{2,8})+)*(?:-x(?:-[a-z0-9]{1,8})+)?"
    r"|x(?:-[a-z0-9]{1,8})+",
    re.IGNORECASE | re.ASCII,
)


def language_literal(text: str, tag: str) -> str:
    """A literal with a language tag, which must be well-formed (BCP 47). Raises :class:`RdfFault`.

    >>> language_literal("chat", "fr-CA")
    '"chat"@fr-CA'
    """
    if not _LANGUAGE.fullmatch(tag):
        raise RdfFault(f"expected a language tag of BCP 47, found {len(tag)} characters")
    return f'"{escape_literal(text)}"@{tag}'


# -- IRIs --------------------------------------------------------------------------------------


def _iri_pattern() -> re.Pattern[str]:
    """An absolute IRI by the grammar of RFC 3987, section 2.2, without characters that cannot be seen."""
    planes = "".join(f"{chr(n << 16)}-{chr((n << 16) + 0xFFFD)}" for n in range(1, 14))
    wide = "\u00a0-\u200a\u2010-\u2027\u202f-\u205f\u2070-\ud7ff\uf900-\ufdcf\ufdf0-\ufefe\uff00-\uffef"
    plain = rf"A-Za-z0-9\-._~!$&'()*+,;={wide}{planes}\U000e1000-\U000efffd"
    private = "\ue000-\uf8ff\U000f0000-\U000ffffd\U00100000-\U0010fffd"

    def run(characters: str) -> str:
        return f"[{characters}]*(?:%[0-9A-Fa-f]{{2}}[{characters}]*)*"

    host = rf"(?:\[(?:(?P<address>[0-9A-Fa-f:.]+)|[vV][0-9A-Fa-f]+\.[A-Za-z0-9\-._~!$&'()*+,;=:]+)\]|{run(plain)})"
    authority = rf"//(?:{run(plain + ':')}@)?{host}(?::[0-9]*)?(?=[/?#]|\Z)"
    path = run(plain + ":@/")
    query = run(plain + ":@/?" + private)
    return re.compile(
        rf"[A-Za-z][A-Za-z0-9+.\-]*:(?:{authority}|(?!//)){path}(?:\?{query})?(?:#{run(plain + ':@/?')})?"
    )


_IRI: Final = _iri_pattern()
_WEB_IRI: Final = re.compile(
    r"https?://[A-Za-z0-9.\-]+/[A-Za-z0-9\-._~:/@!$&'()*+,;=]*(?:#[A-Za-z0-9\-._~:/@!$&'()*+,;=]*)?"
)
is_web_iri: Final = _WEB_IRI.fullmatch
"""Tells the plain kind of IRI that most are: a quick test that knows only part of them."""


def is_strict_iri(text: str) -> bool:
    """Whether ``text`` is an absolute IRI that every RDF parser takes (RFC 3987).

    >>> is_strict_iri("https://example.org/a?b#c"), is_strict_iri("https://example.org/%zz")
    (True, False)
    """
    found = _IRI.fullmatch(text)
    return found is not None and (found["address"] is None or _is_address(found["address"]))


def _is_address(text: str) -> bool:
    """Whether what stands in brackets is an address of IPv6."""
    try:
        IPv6Address(text)
    except ValueError:
        return False
    return True


def checked_iri(text: str) -> str:
    """``text``, if it is an absolute IRI. Raises :class:`RdfFault`."""
    if _WEB_IRI.fullmatch(text) is None and not is_strict_iri(text):
        raise RdfFault(f"expected an IRI, found {len(text)} characters that are none (RFC 3987)")
    return text


# -- blank nodes -------------------------------------------------------------------------------

_STEP: Final = re.compile(r"[A-Za-z0-9_]+")


def _spelled(text: str) -> str:
    """``text`` in letters, digits, ``_`` and ``-`` alone; different texts stay different."""
    return "".join(char if _STEP.fullmatch(char) else f"-{ord(char):x}-" for char in text)


def blank_label(key: str) -> str:
    """The label of an instance's own blank node: a function of its key, never of a counter.

    >>> blank_label("1-17-0")
    '_:b1-17-0'
    """
    if key.isascii() and key.replace("-", "").isalnum():
        return f"_:b{key}"
    return f"_:x{_spelled(key)}"


def label_step(name: str) -> str:
    """What a slot's name adds to the label of the blank nodes in it.

    >>> label_step("net weight")
    '.net-20-weight'
    """
    return f".{_spelled(name)}"
