"""Functions that make and take apart identifiers: UUIDs, IRIs and CURIEs, digests and pseudonyms."""

from __future__ import annotations

import hashlib
import hmac
import json
import uuid
from functools import lru_cache
from typing import Any
from urllib.parse import unquote

from semantics.expressions import bounds, context
from semantics.expressions.bounds import EvaluationError
from semantics.expressions.registry import define
from semantics.expressions.values import text_of
from semantics.lexical import is_iri, percent_encoded


def _lengths(*values: Any) -> None:
    bounds.text_characters(sum(len(value) for value in values if isinstance(value, str)))


@define("uuid5(string, scalar)", "string",
        ("uuid5('https://example.org/X', 'foo')", "'07966d04-81f4-5c57-94af-f67480d61d9d'"),
        ("uuid5('https://example.org/X', null)", "null"), cost=_lengths)  # fmt: skip
def uuid5(namespace: str, name: Any) -> str:
    """The UUID (version 5) of a name in a namespace; the namespace is itself named by its UUID as a URL (RFC 9562)."""
    return str(uuid.uuid5(uuid.uuid5(uuid.NAMESPACE_URL, namespace), text_of(name)))


# -- IRIs ----------------------------------------------------------------------------------------

_SCHEMES = frozenset({"urn", "mailto", "tag", "did", "info"})
"""Schemes whose IRIs have no ``//`` and so look like CURIEs."""


@lru_cache(maxsize=64)
def _namespaces(prefixes: str) -> dict[str, str]:
    """Prefix to IRI, the longest IRIs first."""
    table: dict[str, str] = json.loads(prefixes)
    return dict(sorted(table.items(), key=lambda item: (-len(item[1]), item[0])))


def _expanded(prefixes: str, text: str, function: str) -> str:
    prefix, colon, local = text.partition(":")
    namespace = _namespaces(prefixes).get(prefix) if colon else None
    if namespace is not None and not local.startswith("//"):
        return namespace + local
    if is_iri(text) and (local.startswith("//") or prefix in _SCHEMES):
        return text
    raise EvaluationError(f"{function}() was given neither an IRI nor a CURIE with a declared prefix")


def _iri(text: str, function: str) -> str:
    if not is_iri(text):
        raise EvaluationError(f"{function}() would give no absolute IRI")
    return text


def _expand_settled(prefixes: str, text: str | None) -> None:
    if text is not None:
        _iri(_expanded(prefixes, text, "expand"), "expand")


@define("expand(string)", "string", ("expand('xsd:date')", "'http://www.w3.org/2001/XMLSchema#date'"),
        ("expand('https://example.org/a')", "'https://example.org/a'"), ("expand([])", "[]"),
        cost=_lengths, settled=_expand_settled, context="prefixes")  # fmt: skip
def expand(prefixes: str, text: str) -> str:
    """The IRI of a CURIE by the declared prefixes; an IRI stays as it is."""
    return _iri(_expanded(prefixes, text, "expand"), "expand")


def _curie_settled(prefixes: str, text: str | None) -> None:
    if text is not None:
        curie.body(prefixes, text)


@define("curie(string)", "string", ("curie('http://www.w3.org/2001/XMLSchema#date')", "'xsd:date'"),
        ("curie('xsd:date')", "'xsd:date'"), cost=_lengths, settled=_curie_settled, context="prefixes")  # fmt: skip
def curie(prefixes: str, text: str) -> str:
    """The shortest CURIE of an IRI by the declared prefixes; an error where none fits."""
    iri = expand.body(prefixes, text)
    for prefix, namespace in _namespaces(prefixes).items():
        if iri.startswith(namespace) and not iri.startswith("//", len(namespace)):
            return f"{prefix}:{iri[len(namespace) :]}"
    raise EvaluationError("curie(): no declared prefix fits the IRI")


def _iri_settled(prefixes: str, start: str | None, *_: Any) -> None:
    if start is not None:
        _iri(_expanded(prefixes, start, "iri"), "iri")


@define("iri(string, scalar?, ...)", "string",
        ("iri('https://example.org/id/', 'GB 29')", "'https://example.org/id/GB%2029'"),
        ("iri('xsd:', 'date')", "'http://www.w3.org/2001/XMLSchema#date'"), ("iri('urn:x:', null)", "null"),
        cost=_lengths, settled=_iri_settled, context="prefixes")  # fmt: skip
def iri(prefixes: str, start: str, *parts: Any) -> str:
    """An absolute IRI: its start (a declared prefix is expanded), then values, percent-encoded."""
    encoded = [percent_encoded(text_of(part)) for part in parts]
    if not all(encoded):
        raise EvaluationError("iri(): an empty text would make two things one")
    bounds.text_characters(len(start) + sum(map(len, encoded)))
    return _iri(_expanded(prefixes, start, "iri") + "".join(encoded), "iri")


# -- digests -------------------------------------------------------------------------------------


@define("hash_sha256(scalar)", "string",
        ("hash_sha256('abc')", "'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'"),
        ("hash_sha256('')", "'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'"),
        cost=_lengths)  # fmt: skip
def hash_sha256(value: Any) -> str:
    """The SHA-256 digest of a plain text (UTF-8), in hexadecimal. Who can guess the text can find it again."""
    return hashlib.sha256(text_of(value).encode()).hexdigest()


@define("hash_integer(scalar)", "integer", ("hash_integer('abc')", "6718257250126850037"),
        ("hash_integer(null)", "null"), cost=_lengths)  # fmt: skip
def hash_integer(value: Any) -> int:
    """A whole number from 1 to 2^63 - 1 made of the SHA-256 digest of a plain text: a key for tables that want one."""
    return int.from_bytes(hashlib.sha256(text_of(value).encode()).digest()[:8]) >> 1 or 1


def _purpose(value: Any, purpose: str | None) -> None:
    if purpose is not None and not purpose.strip():
        raise EvaluationError("pseudonym() needs a purpose")


def _pseudonym_cost(value: Any, purpose: str) -> None:
    _lengths(value, purpose)
    _purpose(value, purpose)


@define("pseudonym(scalar, string)", "string", ("strlen(pseudonym('GB29', 'accounts'))", "64"),
        ("pseudonym('GB29', 'accounts') == pseudonym('GB29', 'cards')", "false"),
        ("pseudonym(null, 'accounts')", "null"), cost=_pseudonym_cost, settled=_purpose, context="key")  # fmt: skip
def pseudonym(value: Any, purpose: str) -> str:
    """A pseudonym of a plain text under the operator's key: HMAC-SHA-256 in hexadecimal, another for every purpose."""
    own = hmac.digest(context.pseudonym_key(), purpose.encode(), "sha256")
    return hmac.digest(own, text_of(value).encode(), "sha256").hex()


@define("iri_part(scalar)", "string", ("iri_part('a b/c')", "'a%20b%2Fc'"), ("iri_part(1.50)", "'1.50'"))
def iri_part(value: Any) -> str:
    """A value as it stands in an IRI: percent-encoded (RFC 6570); an empty one would make two things one."""
    text = text_of(value)
    if not text:
        raise EvaluationError("an empty text cannot identify anything")
    bounds.text_characters(3 * len(text))
    return percent_encoded(text)


@define("percent_decode(string)", "string", ("percent_decode('a%20b%2Fc')", "'a b/c'"),
        ("percent_decode('100%25')", "'100%'"))  # fmt: skip
def percent_decode(text: str) -> str:
    """The value that was percent-encoded for an IRI."""
    try:
        return unquote(text, errors="strict")
    except UnicodeDecodeError:
        raise EvaluationError("percent_decode() needs the encoding of UTF-8") from None
