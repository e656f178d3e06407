"""Keys of GS1: what URNs and Digital Links of one thing become, and what is no key."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import semantics


def link(text: str) -> Any:
    return semantics.evaluate("gs1_digital_link(x)", {"x": text})


# The same key as a URN and as a link, by the rules of the Tag Data Standard and the General Specifications.
KEYS = [
    ("urn:epc:id:sgtin:0614141.112345.400", "/01/10614141123459/21/400"),
    ("urn:epc:id:sgtin:0614141.812345.32a%2Fb", "/01/80614141123458/21/32a%2Fb"),
    ("urn:epc:id:sgtin:0614141.812345.a.b", "/01/80614141123458/21/a.b"),
    ("urn:epc:idpat:sgtin:0614141.812345.*", "/01/80614141123458"),
    ("urn:epc:class:lgtin:4012345.012345.998877", "/01/04012345123456/10/998877"),
    ("urn:epc:id:sscc:0614141.1234567890", "/00/106141412345678908"),
    ("urn:epc:id:sgln:0614141.12345.400", "/414/0614141123452/254/400"),
    ("urn:epc:id:sgln:0614141.12345.0", "/414/0614141123452"),
    ("urn:epc:idpat:sgln:0614141.12345.*", "/414/0614141123452"),
    ("urn:epc:id:sgln:061414112345..400", "/414/0614141123452/254/400"),
    ("urn:epc:id:pgln:0614141.12345", "/417/0614141123452"),
    ("urn:epc:id:grai:0614141.12345.400", "/8003/00614141123452400"),
    ("urn:epc:idpat:grai:0614141.12345.*", "/8003/00614141123452"),
    ("urn:epc:id:giai:0614141.12345400", "/8004/061414112345400"),
    ("urn:epc:id:gsrn:0614141.1234567890", "/8018/061414112345678902"),
    ("urn:epc:id:gsrnp:0614141.1234567890", "/8017/061414112345678902"),
    ("urn:epc:id:gdti:0614141.12345.400", "/253/0614141123452400"),
    ("urn:epc:id:sgcn:4012345.67890.04711", "/255/401234567890104711"),
    ("urn:epc:id:cpi:0614141.5PQ7%2FZ43.12345", "/8010/06141415PQ7%2FZ43/8011/12345"),
    ("urn:epc:id:ginc:0614141.xyz47%2F11", "/401/0614141xyz47%2F11"),
    ("urn:epc:id:gsin:0614141.123456789", "/402/06141411234567890"),
    ("urn:epc:id:itip:4012345.012345.01.02.987", "/8006/040123451234560102/21/987"),
    ("urn:epc:idpat:itip:4012345.012345.01.02.*", "/8006/040123451234560102"),
    ("urn:epc:id:upui:1234567.089456.51qIgY)%3C%26Jp3*j7SDB", "/01/01234567894560/235/51qIgY%29%3C%26Jp3%2Aj7SDB"),
]


@pytest.mark.parametrize(("urn", "path"), KEYS)
def test_a_urn_and_a_link_of_one_thing_are_one_iri(urn: str, path: str) -> None:
    assert link(urn) == f"https://id.gs1.org{path}"
    assert link(f"http://shop.example.com/x{path}?linkType=all#top") == f"https://id.gs1.org{path}"


@pytest.mark.parametrize(
    ("written", "path"),
    [
        ("https://example.org/01/95060001343521", None),  # a check digit that is not right
        ("https://example.org/01/9506000134352", "/01/09506000134352"),
        ("https://example.org/01/614141123452", "/01/00614141123452"),
        ("https://id.gs1.org/01/09506000134352/22/2A/10/L(1)", "/01/09506000134352/22/2A/10/L%281%29"),
        ("https://id.gs1.org/01/09506000134352/10/L1/21/7", "/01/09506000134352/21/7"),  # the serial number tells it
        ("https://id.gs1.org/414/9506000134352/254/0", "/414/9506000134352"),
        ("https://id.gs1.org/417/9506000134352/", "/417/9506000134352"),
        ("https://id.gs1.org/8018/061414112345678902/8019/5", "/8018/061414112345678902/8019/5"),
    ],
)
def test_a_link_takes_its_canonical_form(written: str, path: str | None) -> None:
    assert link(written) == (path and f"https://id.gs1.org{path}")


@pytest.mark.parametrize(
    "text",
    [
        "", "urn:epc:id:gid:1.2.3", "urn:epc:id:usdod:CAGEY.5678", "urn:epc:id:sgtin:0614141.12345.1",
        "urn:epc:id:sgtin:0614141.112345", "urn:epc:id:sgtin:0614141.112345.", "urn:epc:id:sscc:0614141.*",
        "urn:epc:idpat:sgtin:0614141.*.*", "urn:epc:idpat:sgtin:*.*.*", "urn:epc:id:cpi:0614141.5PQ.007",
        "urn:epc:id:sgtin:0614141.112345.abcdefghijklmnopqrstu", "urn:uuid:0614141", "https://example.org/01/ab",
        "https://id.gs1.org/01/09506000134352/10", "https://id.gs1.org/01/09506000134352/254/1", "09506000134352",
        "https://id.gs1.org/01/09506000134352/21/a%20b",
    ],
)  # fmt: skip
def test_what_is_no_key_is_null(text: str) -> None:
    assert link(text) is None


@given(
    st.text(max_size=40)
    | st.builds("urn:epc:id:{}:{}".format, st.sampled_from(["sgtin", "sscc", "giai"]), st.text(max_size=30))
)
def test_any_text_is_a_key_or_none_and_a_link_stays(text: str) -> None:
    found = link(text)
    assert found is None or link(found) == found
