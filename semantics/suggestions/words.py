"""Names and sentences as words that can be compared: compound names in parts, abbreviations spelled out."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

__all__ = ["ABBREVIATIONS", "PHRASES", "names_words", "sentence_words"]

_PARTS: Final = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|[0-9]+")
_WORD: Final = re.compile(r"[^\W\d_]+|[0-9]+")

ABBREVIATIONS: Final[dict[str, str]] = {
    "abstract": "description", "acct": "account", "addl": "additional", "addr": "address", "adr": "address",
    "agt": "agent", "amt": "amount", "arr": "arrival", "attr": "attribute", "avg": "average", "bal": "balance",
    "begin": "start", "begins": "start", "begun": "start", "bic": "bank identifier", "bkg": "booking",
    "brnch": "branch", "calc": "calculation", "cap": "capacity", "cat": "category", "ccy": "currency", "cd": "code",
    "cdt": "credit", "cdtr": "creditor", "char": "characteristic", "chrgs": "charges", "city": "locality",
    "clr": "clearing", "cntr": "counter", "color": "colour", "comment": "note", "coord": "coordinate",
    "ctct": "contact", "ctrl": "control", "ctry": "country", "curr": "currency", "cust": "customer",
    "customer": "buyer", "datetime": "date time", "dbt": "debit", "dbtr": "debtor", "def": "definition",
    "dep": "departure", "dept": "department", "desc": "description", "dest": "destination", "dim": "dimension",
    "dir": "direction", "dist": "distance", "dob": "birth date", "doc": "document", "dt": "date", "dtls": "details",
    "dtm": "time", "dur": "duration", "elctrnc": "electronic", "email": "mail", "ended": "end", "ends": "end",
    "eng": "energy", "env": "environment", "est": "estimate", "eta": "estimated arrival time",
    "etd": "estimated departure time", "exp": "expiry", "finish": "end", "firstname": "given name",
    "forename": "given name", "fr": "from", "freq": "frequency", "frm": "from", "geolocation": "location",
    "grp": "group", "gtin": "trade item identifier", "homepage": "website", "hrs": "hours", "id": "identifier",
    "ident": "identifier", "identification": "identifier", "ids": "identifier", "img": "image", "ind": "indicator",
    "inf": "information", "info": "information", "inst": "institution", "instr": "instruction", "intrst": "interest",
    "inv": "invoice", "iri": "identifier", "issr": "issuer", "kind": "type", "lang": "language",
    "lastname": "family name", "lat": "latitude", "lei": "legal entity identifier", "len": "length",
    "licence": "license", "lng": "longitude", "loc": "location", "lon": "longitude", "manuf": "manufacturer",
    "max": "maximum", "med": "medication", "mfr": "manufacturer", "min": "minimum", "mktg": "marketing",
    "msg": "message", "municipality": "locality", "nb": "number", "nbr": "number", "nm": "name", "no": "number",
    "ntry": "entry", "num": "number", "obs": "observation", "org": "organisation", "organization": "organisation",
    "orgtr": "originator", "orig": "original", "ownr": "owner", "param": "parameter", "pct": "percent",
    "percentage": "percent", "perf": "performance", "phne": "phone", "phone": "telephone", "pmt": "payment",
    "pos": "position", "postalcode": "postal code", "postcode": "postal code", "prc": "price", "prd": "period",
    "pref": "preferred", "prev": "previous", "prtl": "partial", "prtry": "proprietary", "pstl": "postal",
    "pty": "party", "purchaser": "buyer", "purp": "purpose", "qty": "quantity", "rcvr": "receiver", "rec": "record",
    "ref": "reference", "refs": "reference", "rel": "relation", "remark": "note", "req": "request", "rltd": "related",
    "rmt": "remittance", "rmtinf": "remittance information", "rptg": "reporting", "rsn": "reason", "seq": "sequence",
    "sex": "gender", "sku": "stock item identifier", "spec": "specification", "src": "source", "started": "start",
    "starts": "start", "stat": "status", "std": "standard", "stmt": "statement", "strd": "structured",
    "sts": "status", "summary": "description", "supplier": "seller", "surname": "family name", "svc": "service",
    "tel": "telephone", "temp": "temperature", "through": "end", "till": "end", "timestamp": "time", "tm": "time",
    "town": "locality", "tp": "type", "ttl": "total", "twn": "town", "tx": "transaction", "txn": "transaction",
    "txs": "transaction", "until": "end", "uri": "identifier", "url": "address", "ustrd": "unstructured",
    "val": "value", "vat": "tax", "vendor": "seller", "vin": "vehicle identifier", "vol": "volume", "web": "website",
    "weight": "mass", "wgt": "mass", "xchg": "exchange", "yr": "year", "zip": "postal code",
}  # fmt: skip
"""Abbreviations that standards use in names, and words that mean the same in them, to the words compared."""

PHRASES: Final[dict[tuple[str, ...], tuple[str, ...]]] = {
    ("birth", "day"): ("birth", "date"), ("company", "name"): ("organisation", "name"),
    ("cell", "phone"): ("mobile", "telephone"), ("date", "of", "birth"): ("birth", "date"),
    ("date", "of", "death"): ("death", "date"), ("e", "mail"): ("mail",), ("first", "name"): ("given", "name"),
    ("fore", "name"): ("given", "name"), ("house", "no"): ("building", "number"),
    ("house", "number"): ("building", "number"), ("last", "name"): ("family", "name"),
    ("middle", "name"): ("additional", "name"), ("post", "code"): ("postal", "code"),
    ("sur", "name"): ("family", "name"), ("zip", "code"): ("postal", "code"),
}  # fmt: skip
"""Words that stand together in names, to the words compared."""

_STOP: Final = frozenset({
    "a", "about", "all", "also", "an", "and", "any", "are", "as", "at", "be", "been", "but", "by", "can", "do",
    "does", "each", "for", "from", "had", "has", "have", "how", "if", "in", "into", "is", "it", "its", "may", "no",
    "not", "of", "on", "one", "only", "or", "other", "others", "out", "per", "so", "such", "than", "that", "the",
    "their", "them", "there", "these", "they", "this", "those", "to", "up", "was", "were", "what", "when", "where",
    "whether", "which", "who", "whose", "with",
})  # fmt: skip


def names_words(*names: str) -> tuple[str, ...]:
    """The words of a name in their order.

    >>> names_words("CdtrAcctId")
    ('creditor', 'account', 'identifier')
    >>> names_words("postal_addresses", "HTTPServer2")
    ('postal', 'address', 'http', 'server', '2')
    >>> names_words("last_name")
    ('family', 'name')
    """
    return tuple(word for name in names for part in _spelled(name) for word in _plain(part))


def _spelled(name: str) -> list[str]:
    """The parts of a name, those that stand for others replaced."""
    parts = [part.lower() for part in _PARTS.findall(name)]
    at = 0
    while at < len(parts):
        length = next((n for n in (3, 2) if tuple(parts[at : at + n]) in PHRASES), 0)
        if length:
            parts[at : at + length] = PHRASES[tuple(parts[at : at + length])]
        at += 1
    return parts


def sentence_words(text: str | None) -> tuple[str, ...]:
    """The words of a description that say something, each once.

    >>> sentence_words("The date on which the account was opened.")
    ('date', 'account', 'open')
    """
    if not text:
        return ()
    words: Iterable[str] = (word for part in _WORD.findall(text.lower()) if part not in _STOP for word in _plain(part))
    return tuple(dict.fromkeys(words))


@lru_cache(maxsize=50_000)
def _plain(word: str) -> tuple[str, ...]:
    """A word without its ending, or the words that an abbreviation stands for."""
    spelled = ABBREVIATIONS.get(word)
    if spelled is None:
        singular = _singular(word)
        spelled = ABBREVIATIONS.get(singular, singular)
    return tuple(_stem(each) for each in spelled.split())


def _singular(word: str) -> str:
    if len(word) > 4 and word.endswith("ies"):
        return f"{word[:-3]}y"
    if len(word) > 4 and word.endswith(("sses", "xes", "ches", "shes")):
        return word[:-2]
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word


def _stem(word: str) -> str:
    """British and American spelling alike, past and present alike."""
    word = word.replace("isation", "ization")
    for ending, least in (("ing", 6), ("ed", 5)):
        if word.endswith(ending) and len(word) >= least:
            word = word[: -len(ending)]
            break
    if word.endswith("ise"):
        word = f"{word[:-3]}ize"
    if len(word) > 4 and word.endswith("e"):
        word = word[:-1]
    return word
