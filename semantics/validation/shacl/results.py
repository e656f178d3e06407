"""Results of a validation by shapes as findings of the one report. A finding never holds the value."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from semantics.errors import Location, Severity
from semantics.validation.report import Finding
from semantics.validation.shacl.paths import Path, Predicate
from semantics.validation.shacl.terms import SH, iri_of, kind_of

__all__ = ["Known", "Model", "Result", "findings_of"]

_CODES: Final = {
    "MinCount": "VAL001",
    "MaxCount": "VAL007",
    "Closed": "VAL002",
    "Datatype": "VAL003",
    "In": "VAL004",
    "Pattern": "VAL005",
    "MinInclusive": "VAL006",
    "MaxInclusive": "VAL006",
    "MinExclusive": "VAL006",
    "MaxExclusive": "VAL006",
    "Or": "VAL010",
    "And": "VAL010",
    "Not": "VAL010",
    "Xone": "VAL010",
    "Class": "VAL012",
    "NodeKind": "VAL014",
    "HasValue": "VAL016",
}
"""The code of the checker that says the same as a SHACL constraint component."""
_SEVERITIES: Final = {f"{SH}Warning": Severity.WARNING, f"{SH}Info": Severity.NOTE}


@dataclass(frozen=True, slots=True)
class Result:
    """One result of a validation (SHACL 1.0, section 3.6.2). Nodes are terms, and so is the value.

    ``component`` is the local name without its ending, ``shape`` the name of the source shape, ``severity`` an IRI;
    ``message`` is the modeller's own.
    """

    focus: str
    path: Path | None
    component: str
    value: str | None
    shape: str
    severity: str
    message: str | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """What a model knows of a result: class, slot, and the ``file:line`` where it says so."""

    class_name: str | None = None
    slot: str | None = None
    element: str | None = None


Model = Callable[[Result], Known]


def findings_of(
    results: Iterable[Result], locations: Mapping[str, Location] | None = None, model: Model | None = None
) -> list[Finding]:
    """The findings, in the order of their places. ``locations`` and ``model``: see :func:`validate_graph`."""
    return sorted(_findings(results, locations or {}, model or _no_model), key=_order)


def _no_model(_result: Result) -> Known:
    return Known()


def _findings(results: Iterable[Result], locations: Mapping[str, Location], model: Model) -> Iterator[Finding]:
    for result in results:
        focus, path = iri_of(result.focus), result.path
        place = locations.get(focus or result.focus)
        about = "the node" if path is None else f"the path {path}"
        if isinstance(path, Predicate):
            about = f"property {path}"
        kind, known = kind_of(result.value), model(result)
        text = f"{about}: sh:{result.component} does not hold" + (f", found {kind}" if kind else "")
        # A message with a placeholder would bring a value in.
        own = result.message if result.message and "{" not in result.message else None
        yield Finding(
            code=_CODES.get(result.component, "VAL030"),
            message=own or text,
            severity=_SEVERITIES.get(result.severity, Severity.ERROR),
            source=place.file if place else None,
            line=place.line if place else None,
            pointer=place.pointer if place else None,
            path=iri_of(path.term) if isinstance(path, Predicate) else None,
            constraint=f"sh:{result.component}",
            component=f"{SH}{result.component}ConstraintComponent",
            shape=iri_of(result.shape),
            focus=focus if place is None or place.pointer is None else None,
            value_kind=kind,
            class_name=known.class_name,
            slot=known.slot,
            element=known.element,
        )


def _order(finding: Finding) -> tuple[str, ...]:
    parts = (
        finding.source, finding.line and f"{finding.line:012}", finding.pointer, finding.focus,
        finding.path, finding.component, finding.shape, finding.message,
    )  # fmt: skip
    return tuple(part or "" for part in parts)
