"""Keys of GS1: EPC URNs (Tag Data Standard) and GS1 Digital Links of one thing become one IRI."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote

from semantics.expressions import bounds
from semantics.expressions.registry import define
from semantics.lexical import percent_encoded

_RESOLVER: Final = "https://id.gs1.org"

_CHARACTERS: Final = r"[!\"%&'()*+,./0-9:;<=>?A-Z_a-z-]"
"""The 82 characters of serial numbers, lots and the like (General Specifications, figure 7.11-1)."""

_QUALIFIERS: Final = {
    "10": re.compile(_CHARACTERS + "{1,20}"),  # batch or lot
    "21": re.compile(_CHARACTERS + "{1,20}"),  # serial number
    "22": re.compile(_CHARACTERS + "{1,20}"),  # consumer product variant
    "235": re.compile(_CHARACTERS + "{1,28}"),  # serialised extension controlled by a third party
    "254": re.compile(_CHARACTERS + "{1,20}"),  # extension of a GLN
    "7040": re.compile(r"[0-9][!-z]{3}"),  # unique identifier of a facility by EU 2018/574
    "8011": re.compile("0|[1-9][0-9]{0,11}"),  # serial number of a component or part
    "8019": re.compile("[0-9]{1,10}"),  # instance of a service relation
}


@dataclass(frozen=True)
class _Key:
    """One key: the application identifier, the form of its value, and what may follow in a Digital Link."""

    ai: str
    value: re.Pattern[str]
    checked: int = 0
    """How many digits at the head end with a check digit."""
    followed_by: tuple[str, ...] = ()


def _key(ai: str, value: str, checked: int = 0, *followed_by: str) -> _Key:
    return _Key(ai, re.compile(value), checked, followed_by)


_KEYS: Final = {
    key.ai: key
    for key in (
        _key("00", "[0-9]{18}", 18),
        _key("01", "[0-9]{14}", 14, "22", "10", "21", "235"),
        _key("253", f"[0-9]{{13}}{_CHARACTERS}{{0,17}}", 13),
        _key("255", "[0-9]{13,25}", 13),
        _key("401", f"[0-9]{{4}}{_CHARACTERS}{{1,26}}"),
        _key("402", "[0-9]{17}", 17),
        _key("414", "[0-9]{13}", 13, "254", "7040"),
        _key("417", "[0-9]{13}", 13, "7040"),
        _key("8003", f"0[0-9]{{13}}{_CHARACTERS}{{0,16}}", 14),
        _key("8004", f"[0-9]{{4}}{_CHARACTERS}{{1,26}}"),
        _key("8006", "[0-9]{18}", 14, "22", "10", "21"),
        _key("8010", "[0-9]{4}[#/0-9A-Z-]{1,26}", 0, "8011"),
        _key("8013", f"[0-9]{{4}}{_CHARACTERS}{{1,21}}"),
        _key("8017", "[0-9]{18}", 18, "8019"),
        _key("8018", "[0-9]{18}", 18, "8019"),
    )
}


@dataclass(frozen=True)
class _Scheme:
    """How the fields of an EPC URN make a key: company prefix, reference, then what tells one of a kind from others."""

    ai: str
    digits: int = 0
    """How many digits company prefix and reference have together; 0 where the reference is any text."""
    head: str = ""
    """``first`` puts the first digit of the reference before the company prefix; any other text stands there."""
    fields: int = 2
    qualifier: str = ""
    """The application identifier of the last field; none where it is the end of the value itself."""


_SCHEMES: Final = {
    "sgtin": _Scheme("01", 13, "first", 3, "21"),
    "lgtin": _Scheme("01", 13, "first", 3, "10"),
    "upui": _Scheme("01", 13, "first", 3, "235"),
    "itip": _Scheme("8006", 13, "first", 5, "21"),
    "sscc": _Scheme("00", 17, "first"),
    "sgln": _Scheme("414", 12, "", 3, "254"),
    "pgln": _Scheme("417", 12),
    "grai": _Scheme("8003", 12, "0", 3),
    "gdti": _Scheme("253", 12, "", 3),
    "sgcn": _Scheme("255", 12, "", 3),
    "gsrn": _Scheme("8018", 17),
    "gsrnp": _Scheme("8017", 17),
    "gsin": _Scheme("402", 16),
    "giai": _Scheme("8004"),
    "ginc": _Scheme("401"),
    "cpi": _Scheme("8010", fields=3, qualifier="8011"),
}

_URN: Final = re.compile(r"urn:epc:(id|class|idpat):([a-z]+):([0-9]{6,12})\.([^\s]*)", re.IGNORECASE)
_LINK: Final = re.compile(r"https?://[^/?#\s]+/([^?#\s]*)", re.IGNORECASE)
_DIGITS: Final = re.compile("[0-9]*")


def _check_digit(digits: str) -> str:
    """The check digit of GS1 keys: weights 3 and 1 from the right, what is missing to a multiple of ten."""
    return str(-sum(int(digit) * (3, 1)[place % 2] for place, digit in enumerate(reversed(digits))) % 10)


def _link(ai: str, value: str, qualifiers: dict[str, str]) -> str | None:
    """The Digital Link of a key, if it is one."""
    key = _KEYS[ai]
    if not key.value.fullmatch(value):
        return None
    if key.checked and _check_digit(value[: key.checked - 1]) != value[key.checked - 1]:
        return None
    if not all(ai in key.followed_by and _QUALIFIERS[ai].fullmatch(text) for ai, text in qualifiers.items()):
        return None
    told_by = [ai for ai in ("21", "235") if ai in qualifiers][:1]  # a serial number needs no lot beside it
    parts = [
        f"/{ai}/{percent_encoded(qualifiers[ai])}"
        for ai in told_by or key.followed_by
        if ai in qualifiers and (ai, qualifiers[ai]) != ("254", "0")  # an extension of 0 is the location itself
    ]
    return "".join([_RESOLVER, "/", ai, "/", percent_encoded(value), *parts])


def _of_urn(kind: str, scheme: _Scheme, prefix: str, rest: str) -> str | None:
    fields = rest.split(".", scheme.fields - 2)
    if len(fields) != scheme.fields - 1:
        return None
    reference, *middle, last = fields if scheme.fields > 2 else [*fields, ""]
    if scheme.digits:
        if not _DIGITS.fullmatch(reference) or len(prefix) + len(reference) != scheme.digits:
            return None
        digits = prefix + reference
        if scheme.head == "first":
            digits = reference[:1] + prefix + reference[1:]
        value = scheme.head.replace("first", "") + digits + _check_digit(digits) + "".join(middle)
    else:
        value = prefix + unquote(reference)
    if scheme.fields == 2 or (kind == "idpat" and last == "*"):
        return _link(scheme.ai, value, {})
    if not last:
        return None
    last = unquote(last)
    if scheme.qualifier:
        return _link(scheme.ai, value, {scheme.qualifier: last})
    return _link(scheme.ai, value + last, {})


def _of_path(path: str) -> Iterator[str | None]:
    """What the path of a Digital Link may mean: a key may stand below other steps of the address."""
    steps = [unquote(step) for step in path.rstrip("/").split("/")]
    for start in range(len(steps) - 1):
        ai, value, *rest = steps[start:]
        names = rest[::2]
        if ai not in _KEYS or len(rest) % 2 or len(set(names)) < len(names) or not set(names) <= set(_QUALIFIERS):
            continue
        if ai == "01" and len(value) in (8, 12, 13):
            value = value.zfill(14)
        yield _link(ai, value, dict(zip(names, rest[1::2], strict=True)))


def _cost(text: str) -> None:
    bounds.text_characters(3 * len(text))


@define("gs1_digital_link(string)", "string",
        ("gs1_digital_link('urn:epc:id:sgtin:0614141.812345.6789')", "'https://id.gs1.org/01/80614141123458/21/6789'"),
        ("gs1_digital_link('https://example.org/p/01/9506000134352?17=271231')", "'https://id.gs1.org/01/09506000134352'"),
        ("gs1_digital_link('urn:epc:id:sgln:0614141.00777.0')", "'https://id.gs1.org/414/0614141007776'"),
        ("gs1_digital_link('urn:epc:idpat:sgtin:0614141.812345.*')", "'https://id.gs1.org/01/80614141123458'"),
        ("gs1_digital_link('https://example.org/about')", "null"), cost=_cost)  # fmt: skip
def gs1_digital_link(text: str) -> str | None:
    """The one IRI of a GS1 key that an EPC URN, a class or pattern of EPCs, or a GS1 Digital Link names; else null."""
    urn = _URN.fullmatch(text)
    if urn is not None:
        scheme = _SCHEMES.get(urn[2].lower())
        return _of_urn(urn[1].lower(), scheme, urn[3], urn[4]) if scheme is not None else None
    link = _LINK.match(text)
    return next((found for found in _of_path(link[1]) if found is not None), None) if link is not None else None
