"""What is doubtful in a mapping is told with its place and does not stop it."""

from __future__ import annotations

from pathlib import Path

import pytest

from semantics.engine.prepare import prepare
from semantics.errors import MappingError, Severity

SUITE = Path(__file__).resolve().parents[1] / "conformance"
POSTING = """\
class_derivations:
  Account:
    populated_from: Account
    slot_derivations:
      id: {iri: "data:account/{number}"}
      postings:
        for_each: entries
        class_derivations:
          Posting:
            slot_derivations: {text: }
"""


def test_a_required_slot_without_a_derivation_is_told_where_its_class_is_derived(tmp_path: Path) -> None:
    (tmp_path / "m.yaml").write_text(POSTING)
    made = prepare(tmp_path / "m.yaml", source_schema=SUITE / "source.yaml", target_schema=SUITE / "target.yaml")
    (found,) = made.warnings
    assert (found.code, found.severity, str(found.location)) == ("MAP030", Severity.WARNING, f"{tmp_path}/m.yaml:9:11")
    assert found.message == "required slot 'amount' of class 'Posting' has no derivation"
    assert found.hint == "every instance would be rejected: derive it"


def test_a_definition_that_nothing_uses_is_told_where_it_stands(tmp_path: Path) -> None:
    """One that is used by another only, and one that came with an import, count as they are used."""
    (tmp_path / "common.yaml").write_text('definitions: {shared: "owner", other: "code"}\n')
    (tmp_path / "m.yaml").write_text(
        'imports: [common]\ndefinitions: {holder: "upper(shared)", inner(x): "lower(x)", alone: "inner(code)"}\n'
        'class_derivations: {Account: {slot_derivations: {id: {iri: "data:account/{number}"}, name: holder}}}\n'
    )
    made = prepare(tmp_path / "m.yaml", source_schema=SUITE / "source.yaml", target_schema=SUITE / "target.yaml")
    told = [(found.code, found.location and found.location.column) for found in made.warnings]
    assert told == [("MAP088", 40), ("MAP088", 62)]


def test_definitions_that_grow_into_one_another_are_bounded(tmp_path: Path) -> None:
    """Each of them is small; what they stand for together is not made."""
    doubled = "".join(f'  d{n}: "concat(d{n + 1}, d{n + 1})"\n' for n in range(30))
    (tmp_path / "m.yaml").write_text(
        f'definitions:\n{doubled}  d30: "owner"\n'
        'class_derivations: {Account: {slot_derivations: {id: {iri: "data:account/{number}"}, name: d0}}}\n'
    )
    with pytest.raises(MappingError) as fault:
        prepare(tmp_path / "m.yaml", source_schema=SUITE / "source.yaml", target_schema=SUITE / "target.yaml")
    assert [(found.code, found.location and found.location.line) for found in fault.value.diagnostics] == [
        ("EXP001", 33)
    ]
