"""The scanner says what a parser says, and something sensible where there is nothing to parse yet."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from semantics.editor.scanner import outline, place_at
from semantics.errors import MappingError, SemanticsError
from semantics.yaml_source import read_yaml

ROOT = Path(__file__).resolve().parents[2]
FILES = [ROOT / "mappings/camt.yaml", ROOT / "mappings/gtfs.tests.yaml", ROOT / "ontologies/mobility.yaml",
         *sorted(ROOT.glob("tests/conformance/*/*/mapping.yaml"))[::4]]  # fmt: skip


def test_keys_and_values_stand_where_the_parser_says() -> None:
    for file in FILES:
        text = file.read_text("utf-8")
        try:
            document = read_yaml(text, error=MappingError)
        except SemanticsError:
            continue
        begins = [0]
        for line in text.split("\n"):
            begins.append(begins[-1] + len(line) + 1)
        found = {(token.path, token.role == "key"): token for token in outline(text).tokens}
        for marks, is_key in ((document.keys, True), (document.values, False)):
            for path, mark in marks.items():
                token = found.get((path, is_key))
                if token is None:
                    assert not is_key, (file, path)
                elif token.quote not in ("|", ">"):
                    begin = begins[mark.line - 1] + mark.column - 1 + bool(token.quote)
                    assert token.start == begin, (file, path, mark)


CASES = {
    "a key in the making": ("class_derivations:\n  A:\n    pop█", ("class_derivations", "A"), "either"),
    "a line that is empty yet": ("a:\n  b:\n    █", ("a", "b"), "either"),
    "a line beside keys": ("a:\n  b: c\n  █", ("a",), "key"),
    "a value": ("a:\n  b: c█", ("a", "b"), "value"),
    "a value that is empty yet": ("a:\n  b: █", ("a", "b"), "value"),
    "after a line that was left open": ('a:\n  b: {c: "d\n  e: █', ("a", "e"), "value"),
    "after braces that were left open": ("a:\n  b: {c: d, \n  e: {f: █", ("a", "e", "f"), "value"),
    "an open quote": ("a: {b: 'x + █", ("a", "b"), "value"),
    "a key in braces": ("a: {b: c, █", ("a",), "key"),
    "a key in braces that has begun": ("a: {b: c, d█", ("a",), "key"),
    "after braces were closed": ("a: {b: {c: d}, █", ("a",), "key"),
    "an item": ("a:\n  - b: c\n  - █", ("a", 1), "either"),
    "a key of an item": ("a:\n  - b: c\n    █", ("a", 0), "key"),
    "an item that stands at the margin": ("a:\n- b\n- c█", ("a", 1), "either"),
    "an element of a list": ("a: [b, █", ("a", 1), "either"),
    "a text in folds": ("a: >-\n  b\n  c█", ("a",), "value"),
    "a comment": ("a: b # c█", ("a",), "comment"),
    "a key in quotes": ('"a b": █', ("a b",), "value"),
    "a pair in a list": ("a: [b: █", ("a", 0, "b"), "value"),
    "braces over lines": ("a: {b: c,\n    d: █}", ("a", "d"), "value"),
    "after a text over lines": ('a: "b\n  c"\nd: █', ("d",), "value"),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_a_place_is_known_in_a_text_that_is_not_finished(name: str) -> None:
    text, path, role = CASES[name]
    offset = text.index("█")
    place = place_at(text.replace("█", ""), offset)
    assert (place.path, place.role) == (path, role)


@given(st.text(alphabet="ab:- \n'\"{}[],|>#&*!\\\té🙂", max_size=60))
@settings(max_examples=150, deadline=None)
def test_any_text_has_an_outline_and_a_place_everywhere(text: str) -> None:
    found = outline(text)
    assert all(0 <= token.start <= token.end <= len(text) for token in found.tokens)
    for offset in range(len(text) + 1):
        place = place_at(text, offset)
        assert text[place.start : offset] == place.text
