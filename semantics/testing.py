"""For people who write mappings or backends: a case is a folder of data, run by one call.

A case folder holds ``mapping.yaml``, ``source.yaml``, ``target.yaml`` (the schemas may stand one folder
up, shared by several cases) and either

* ``input.json`` (a list of records), a table ``input.csv`` or ``input.tsv``, or a document (``document.json``,
  ``document.xml``), with
  ``expected.json`` (for each record a list of instances ``{"Class": {...}}``, the word ``"filtered"``, or
  ``{"rejected": ["CODE", ...]}``), and, where the mapping joins records of other classes, ``related.json``
  (``{"Class": [record, ...]}``); of records that are grouped the groups stand in their place, after all others, or
* ``errors.yaml``: ``findings``, a list of ``{code, line}`` that loading the mapping must end with. A finding may
  say more, which must then be so too: its ``column``, the name of its ``file``, and its ``hint``.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec

from semantics.backends import BACKENDS
from semantics.engine.inputs import Inputs
from semantics.engine.mapping import Mapping
from semantics.engine.prepare import prepare
from semantics.errors import DefinitionError, Diagnostic, Location, SchemaError
from semantics.records import Filtered, Mapped, Outcome, Rejected
from semantics.yaml_source import read_yaml

__all__ = ["BACKENDS", "Case", "assert_case", "assert_mapping", "cases"]


@dataclass(frozen=True, slots=True)
class Case:
    """One folder of a conformance suite."""

    folder: Path

    @property
    def name(self) -> str:
        """Feature and case, as the test is called."""
        return f"{self.folder.parent.name}/{self.folder.name}"

    def file(self, name: str) -> Path:
        """A file of the case, or of the feature that it belongs to, or of the suite."""
        for folder in (self.folder, self.folder.parent, self.folder.parent.parent):
            if (folder / name).is_file():
                return folder / name
        raise FileNotFoundError(f"{self.name} has no {name}")

    def mapping(self, backend: str) -> Mapping:
        """The mapping of the case on a backend."""
        prepared = prepare(
            self.folder / "mapping.yaml",
            source_schema=self.file("source.yaml"),
            target_schema=self.file("target.yaml"),
        )
        return Mapping(prepared, backend, check=prepared.plan.dialect == "strict")


def cases(root: Path) -> Iterator[Case]:
    """Every case below a folder, in the order of names."""
    for mapping in sorted(root.rglob("mapping.yaml")):
        yield Case(mapping.parent)


def assert_case(case: Case, backend: str) -> None:
    """Run a case on a backend; the difference is in the assertion."""
    if (case.folder / "errors.yaml").is_file():
        expected = read_yaml(case.folder / "errors.yaml", error=SchemaError).data["findings"]
        found = _findings(case, backend)
        asked = [{key: item.get(key) for key in wanted} for item, wanted in zip(found, expected, strict=False)]
        assert (asked, len(found)) == (expected, len(expected)), f"found {found}, expected {expected}"
        return
    expected = json.loads((case.folder / "expected.json").read_text("utf-8"), parse_float=Decimal)
    mapping = case.mapping(backend)
    if (case.folder / "related.json").is_file():
        related = json.loads((case.folder / "related.json").read_text("utf-8"), parse_float=Decimal)
        mapping = mapping.with_related(related)
    told = [_told(outcome) for outcome in mapping.stream(_records(case, mapping))]
    assert _text(told) == _text(expected), f"found {_text(told)}, expected {_text(expected)}"


def _records(case: Case, mapping: Mapping) -> Iterable[Any]:
    """The records of a case: plain data, or the rows of a table as the engine reads them."""
    if (case.folder / "input.json").is_file():
        return json.loads((case.folder / "input.json").read_text("utf-8"), parse_float=Decimal)  # type: ignore[no-any-return]
    (path,) = (*case.folder.glob("input.*sv"), *case.folder.glob("document.*"))
    return (record for _, record in Inputs(mapping.plan, [str(path)]).records())


def assert_mapping(mapping: str | Path, *, filter: str | None = None) -> int:
    """Run the tests of a mapping (a name or a path), as ``semantics test`` does; the differences are in the assertion.

    Gives the number of tests that ran. Raises :class:`~semantics.errors.DefinitionError` for a mapping, or for tests,
    that cannot be used.

    >>> assert_mapping("gtfs", filter="after midnight")
    1
    """
    from semantics.engine.junit import lines_of
    from semantics.engine.testing import load_tests

    results = list(load_tests(mapping).run(filter))
    failed = [result for result in results if not result.passed]
    told = "\n".join(
        f"{result.mapping}: {result.name} ({result.place})\n" + "\n".join(map(lines_of, result.differences))
        for result in failed
    )
    assert not failed, told
    return len(results)


def _findings(case: Case, backend: str) -> list[dict[str, Any]]:
    try:
        case.mapping(backend)
    except DefinitionError as fault:
        return [_said(finding) for finding in fault.diagnostics]
    return []


def _said(finding: Diagnostic) -> dict[str, Any]:
    """What a case can say of a finding."""
    place = finding.location or Location()
    file = Path(place.file).name if place.file else None
    return {"code": finding.code, "line": place.line, "column": place.column, "file": file, "hint": finding.hint}


def _told(outcome: Outcome) -> Any:
    match outcome:
        case Mapped(instances=instances):
            return [{instance.class_name: instance.data} for instance in instances]
        case Rejected(diagnostics=found):
            return {"rejected": [finding.code for finding in found]}
        case Filtered():
            return "filtered"


def _text(data: Any) -> str:
    """Data as JSON text in which every digit shows, so that 1.50 is not 1.5."""
    encoded = msgspec.json.Encoder(decimal_format="number", order="sorted").encode(data)
    return msgspec.json.format(encoded, indent=2).decode()
