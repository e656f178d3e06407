"""What is doubtful in a mapping is told with its place and does not stop it."""

from __future__ import annotations

from pathlib import Path

from semantics.engine.prepare import prepare
from semantics.errors import Severity

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
