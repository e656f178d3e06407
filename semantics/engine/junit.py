"""Results of tests as JUnit XML, the form that build servers read."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from xml.etree import ElementTree

from semantics.engine.testing import Difference, TestResult
from semantics.errors import Diagnostic

__all__ = ["junit"]


def junit(results: Sequence[TestResult], broken: Sequence[tuple[str, Sequence[Diagnostic]]] = ()) -> bytes:
    """The results as one document: a suite a mapping; a mapping that cannot be tested is one case in error.

    Characters that XML 1.0 cannot hold are written as their escapes. No times: equal results give equal bytes.
    """
    failures = sum(not result.passed for result in results)
    root = ElementTree.Element(
        "testsuites", name="semantics", tests=str(len(results) + len(broken)), failures=str(failures),
        errors=str(len(broken)),
    )  # fmt: skip
    for mapping, cases in itertools.groupby(results, key=lambda result: result.mapping):
        group = list(cases)
        failed = sum(not result.passed for result in group)
        suite = ElementTree.SubElement(
            root, "testsuite", name=_xml(mapping), tests=str(len(group)), failures=str(failed), errors="0", skipped="0"
        )
        for result in group:
            file, _, line = _xml(result.place).partition(":")
            case = ElementTree.SubElement(
                suite,
                "testcase",
                classname=_xml(mapping),
                name=_xml(result.name),
                file=file,
                line=line.partition(":")[0],
            )
            if not result.passed:
                summary = f"{len(result.differences)} differences"
                failure = ElementTree.SubElement(case, "failure", message=summary, type="difference")
                failure.text = _xml("\n".join(map(lines_of, result.differences)))
    for mapping, findings in broken:
        suite = ElementTree.SubElement(
            root, "testsuite", name=_xml(mapping), tests="1", failures="0", errors="1", skipped="0"
        )
        case = ElementTree.SubElement(suite, "testcase", classname=_xml(mapping), name="the mapping can be used")
        error = ElementTree.SubElement(case, "error", message=f"{len(findings)} findings", type="definition")
        error.text = _xml("\n".join(map(str, findings)))
    ElementTree.indent(root)
    text: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return text + b"\n"


def lines_of(difference: Difference) -> str:
    """A difference as lines of text."""
    rule = f"\n  rule      {difference.rule}" if difference.rule else ""
    return f"{difference.path}\n  expected  {difference.expected}\n  found     {difference.found}{rule}"


def _xml(text: str) -> str:
    """Text without what XML 1.0 (section 2.2) has no way to say."""
    return "".join(char if _allowed(ord(char)) else f"\\u{ord(char):04x}" for char in text)


def _allowed(code: int) -> bool:
    return code in (0x9, 0xA, 0xD) or 0x20 <= code <= 0xD7FF or 0xE000 <= code <= 0xFFFD or code >= 0x10000
