"""Results as JUnit XML, the form that build servers read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Literal
from xml.etree import ElementTree

__all__ = ["Case", "Problem", "Suite", "junit", "xml_text"]

_KINDS: Final = ("failure", "error")


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Why a case did not pass: a failure of what is tested, or an error that kept it from being tested."""

    kind: Literal["failure", "error"] = "failure"
    type: str
    message: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One case; it passes without a problem. ``output`` is told in any case."""

    name: str
    classname: str
    file: str | None = None
    line: str | None = None
    problem: Problem | None = None
    output: str | None = None


@dataclass(frozen=True, slots=True)
class Suite:
    """Cases that belong together."""

    name: str
    cases: Sequence[Case]


def junit(suites: Iterable[Suite]) -> str:
    """The suites as one document. No times: equal results give equal text.

    Characters that XML 1.0 cannot hold are written as their escapes.
    """
    told = list(suites)
    every = [case for suite in told for case in suite.cases]
    root = ElementTree.Element("testsuites", {"name": "semantics", **_counts(every)})
    for suite in told:
        named = {"name": xml_text(suite.name), **_counts(suite.cases), "skipped": "0"}
        parent = ElementTree.SubElement(root, "testsuite", named)
        for case in suite.cases:
            _case(parent, case)
    ElementTree.indent(root)
    return f"<?xml version='1.0' encoding='utf-8'?>\n{ElementTree.tostring(root, encoding='unicode')}\n"


def _counts(cases: Sequence[Case]) -> dict[str, str]:
    kinds = [case.problem.kind for case in cases if case.problem is not None]
    return {"tests": str(len(cases)), **{f"{kind}s": str(kinds.count(kind)) for kind in _KINDS}}


def _case(parent: ElementTree.Element, case: Case) -> None:
    known = {"classname": case.classname, "name": case.name, "file": case.file, "line": case.line}
    attributes = {name: xml_text(value) for name, value in known.items() if value is not None}
    element = ElementTree.SubElement(parent, "testcase", attributes)
    if case.problem is not None:
        why = case.problem
        inner = ElementTree.SubElement(element, why.kind, message=xml_text(why.message), type=xml_text(why.type))
        inner.text = xml_text(why.text)
    if case.output is not None:
        ElementTree.SubElement(element, "system-out").text = xml_text(case.output)


def xml_text(text: str) -> str:
    """Text without what XML 1.0 (section 2.2) has no way to say."""
    return "".join(char if _allowed(ord(char)) else f"\\u{ord(char):04x}" for char in text)


def _allowed(code: int) -> bool:
    return code in (0x9, 0xA, 0xD) or 0x20 <= code <= 0xD7FF or 0xE000 <= code <= 0xFFFD or code >= 0x10000
