"""A validation report as SHACL says it: ``sh:ValidationReport`` in Turtle, by a strict writer.

Every result has exactly one focus node, severity and constraint component, as SHACL 1.0, section 3.6.2
demands. A finding in a record has a blank focus node that says where the record stands; values are left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from semantics.codes import CODES
from semantics.errors import Severity
from semantics.lexical import is_iri
from semantics.validation.report import Finding, ValidationReport

__all__ = ["COMPONENTS", "SH", "turtle"]

SH: Final = "http://www.w3.org/ns/shacl#"
OWN: Final = "https://w3id.org/semantics/validation#"

COMPONENTS: Final[dict[str, str]] = {
    "VAL001": "MinCount",
    "VAL002": "Closed",
    "VAL003": "Datatype",
    "VAL004": "In",
    "VAL005": "Pattern",
    "VAL007": "MaxCount",
    "VAL012": "Class",
    "VAL013": "Class",
    "VAL014": "NodeKind",
    "VAL015": "Class",
    "VAL016": "In",
    "VAL022": "MaxCount",
}
_BY_CONSTRAINT: Final[dict[str, str]] = {
    "minimum_value": "MinInclusive",
    "maximum_value": "MaxInclusive",
    "minimum_cardinality": "MinCount",
    "any_of": "Or",
    "all_of": "And",
    "none_of": "Not",
    "exactly_one_of": "Xone",
}
_SEVERITIES: Final = {
    Severity.ERROR: "Violation",
    Severity.WARNING: "Warning",
    Severity.NOTE: "Info",
}


def turtle(report: ValidationReport) -> str:
    """The report in Turtle; equal reports give equal text."""
    results = [f"  sh:result [\n{_result(finding)}\n  ]" for finding in report.findings]
    conforms = "false" if report.findings or not report.conforms else "true"
    body = " ;\n".join([f"[] a sh:ValidationReport ;\n  sh:conforms {conforms}", *results])
    return f"@prefix sh: <{SH}> .\n@prefix val: <{OWN}> .\n\n{body} .\n"


def _result(finding: Finding) -> str:
    return " ;\n".join(f"    {line}" for line in _statements(finding))


def _statements(finding: Finding) -> Iterator[str]:
    yield "a sh:ValidationResult"
    yield f"sh:focusNode {_focus(finding)}"
    if finding.path is not None and is_iri(finding.path):
        yield f"sh:resultPath {iri(finding.path)}"
    yield f"sh:resultSeverity sh:{_SEVERITIES[finding.severity]}"
    yield f"sh:sourceConstraintComponent {_component(finding)}"
    if finding.shape is not None and is_iri(finding.shape):
        yield f"sh:sourceShape {iri(finding.shape)}"
    yield f"sh:resultMessage {literal(finding.message)}"
    yield f"val:code {literal(finding.code)}"
    data = finding.to_data()
    for name in ("class", "slot", "constraint", "element", "rule", "value", "hint"):
        if name in data:
            yield f"val:{name} {literal(data[name])}"


def _focus(finding: Finding) -> str:
    if finding.focus is not None and is_iri(finding.focus):
        return iri(finding.focus)
    parts = []
    if finding.source is not None:
        parts.append(f"val:source {literal(finding.source)}")
    if finding.record is not None:
        parts.append(f"val:record {finding.record}")
    if finding.line is not None:
        parts.append(f"val:line {finding.line}")
    if finding.pointer is not None:
        parts.append(f"val:pointer {literal(finding.pointer)}")
    return f"[ {' ; '.join(parts)} ]" if parts else "[]"


def _component(finding: Finding) -> str:
    if finding.component is not None and is_iri(finding.component):
        return iri(finding.component)
    name = _BY_CONSTRAINT.get(finding.constraint or "") or COMPONENTS.get(finding.code)
    if name:
        return f"sh:{name}ConstraintComponent"
    return f"val:{finding.code if finding.code in CODES else 'finding'}"


def iri(text: str) -> str:
    """An IRI reference of Turtle; the caller has seen that it is an IRI."""
    return f"<{text}>"


def literal(text: str) -> str:
    r"""A string of Turtle; what cannot be printed is escaped (Turtle 1.1, section 2.5.1).

    >>> literal('a "b"')
    '"a \\"b\\""'
    """
    return f'"{"".join(_ESCAPES.get(char) or _char(char) for char in text)}"'


_ESCAPES: Final = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def _char(char: str) -> str:
    if "\ud800" <= char <= "\udfff":
        return "\ufffd"
    if char == " " or char.isprintable():
        return char
    return f"\\u{ord(char):04X}" if ord(char) < 0x10000 else f"\\U{ord(char):08X}"
