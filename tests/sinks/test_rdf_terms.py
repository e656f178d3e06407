"""No text can end a literal, an IRI or a label early."""

from __future__ import annotations

import re

import pyoxigraph as ox
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from semantics.sinks.rdf_terms import (
    RdfFault,
    blank_label,
    checked_iri,
    escape_literal,
    is_strict_iri,
    is_web_iri,
    label_step,
    language_literal,
)


def objects(text: str) -> list[object]:
    return [quad.object for quad in ox.parse(f"<a:b> <a:c> {text} .\n", format=ox.RdfFormat.N_TRIPLES)]


@given(st.text())
@example('" . <http://e/evil> <http://e/p> "x')
@example("\\")
@example("".join(map(chr, range(0x20))) + "\x7f\x85\u2028\ufeff\uffff")
def test_every_text_is_one_literal_that_reads_back_as_it_was(text: str) -> None:
    assert [ox.Literal(text)] == objects(f'"{escape_literal(text)}"')


@given(st.text())
def test_escaped_text_has_no_character_that_ends_a_literal(text: str) -> None:
    assert re.fullmatch(r'(?:[^"\\\x00-\x1f\x7f]|\\[tbnrf"\\]|\\u[0-9A-F]{4})*', escape_literal(text))


def test_escapes_are_the_canonical_ones() -> None:
    assert r"\t\b\n\r\f\"\\ \u0000\u001B\u007F é" == escape_literal('\t\b\n\r\f"\\ \x00\x1b\x7f é')


@pytest.mark.parametrize("value", ["\ud800", "x\udc00y", 5, None])
def test_what_is_no_text_is_refused(value: str) -> None:
    with pytest.raises(RdfFault):
        escape_literal(value)


IRI_CHARACTERS = st.sampled_from("abz09-._~:/?#[]@!$&'()*+,;=%2Fé\u202e\ue000 <>\"{}|\\^`\x00\ufffe\u200b\U0001f600")


@given(st.sampled_from(["http://", "https://a/", "urn:", "a:", ""]), st.text(IRI_CHARACTERS))
@example("http://", "[::1]:80/a")
@example("http://", "[::1/")
@example("https://a/", "%zz")
@example("a:", "//b")
def test_an_iri_that_is_let_through_is_one_for_a_strict_parser(start: str, rest: str) -> None:
    iri = start + rest
    if is_web_iri(iri):
        assert is_strict_iri(iri)
    if is_strict_iri(iri):
        assert [ox.NamedNode(iri)] == objects(f"<{iri}>")
        assert iri == checked_iri(iri)


@pytest.mark.parametrize(
    "iri",
    [
        "http://example.org/", "http://example.org", "urn:isbn:0451450523", "mailto:a@b.c", "a:", "geo:51.5,-0.1",
        "http://[2001:db8::1]:8080/x?y=/?#z", "https://例え.jp/引き#割り", "file:///a", "did:web:a%3A80", "http://a:b@c/",
    ],
)  # fmt: skip
def test_iris_of_every_kind_are_let_through(iri: str) -> None:
    assert is_strict_iri(iri)


@pytest.mark.parametrize(
    "iri",
    [
        "", "a", "/a", "//a/b", "_:b", "1a:b", "http://a b", "http://a/>", "http://a/\n", "http://a/%", "http://a/%g0",
        "http://a/[", "http://a#b#c", "http://a:b/", "http://a\\b", "http://a/\ud800", "http://a/\u202e", "http://a/\ue000",
        "http://a/`", "http://a/{x}", "http://a/|", "http://a/^", 'http://a/"', "http://a/ ", "http://a/\x7f",
    ],
)  # fmt: skip
def test_what_is_no_iri_is_refused_without_showing_it(iri: str) -> None:
    with pytest.raises(RdfFault) as caught:
        checked_iri(iri)
    assert f"expected an IRI, found {len(iri)} characters that are none (RFC 3987)" == str(caught.value)


@pytest.mark.parametrize("tag", ["en", "pt-BR", "zh-cmn-Hans-CN", "de-1996", "sl-rozaj-biske", "x-own", "en-a-bbb-x-a"])
def test_well_formed_language_tags_are_written(tag: str) -> None:
    assert [ox.Literal('a"b', language=tag)] == objects(language_literal('a"b', tag))


@pytest.mark.parametrize("tag", ["", "e", "en-", "en .\n<evil:a>", "en_GB", "1a", "abcdefghi", "en-é", "x", "en-a"])
def test_other_language_tags_are_refused(tag: str) -> None:
    with pytest.raises(RdfFault, match="language tag"):
        language_literal("text", tag)


@given(st.text(), st.text())
@example("a b", "a-20-b")
def test_labels_are_valid_and_different_for_different_keys(one: str, other: str) -> None:
    labels = [blank_label(text) + label_step(step) for text in (one, other) for step in (one, other) if step]
    for label in labels:
        assert objects(label)
    assert (one == other) == (blank_label(one) == blank_label(other))
    assert (one == other) == (label_step(one) == label_step(other))


def test_usual_labels_can_be_read() -> None:
    assert ("_:b2-17-0", ".valid_during") == (blank_label("2-17-0"), label_step("valid_during"))


def test_a_fault_tells_where_it_is_and_keeps_the_text() -> None:
    inner = RdfFault("what is wrong")
    outer = RdfFault.within(RdfFault.within(inner, "a/b~c", 0), "x", None)
    assert ("what is wrong", "/x/a~1b~0c/0") == (str(outer), outer.pointer)
