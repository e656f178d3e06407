"""Where two mappings do not meet: what the first makes for nobody, and what the second waits for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import semantics
from semantics.errors import Severity


def schema(name: str, classes: str, *slots: str) -> str:
    """A schema whose classes all have the same slots."""
    attributes = "".join(f"      {slot}: \n" for slot in slots)
    listed = "".join(f"  {cls}:\n    attributes:\n{attributes}" for cls in classes.split())
    return f"id: https://example.org/{name}\nname: {name}\nclasses:\n{listed}"


def test_what_does_not_meet_is_told_at_the_rule_of_the_mapping_that_says_it(tmp_path: Path) -> None:
    files = {
        "a.yaml": schema("a", "A", "x"), "b.yaml": schema("b", "B Extra", "x", "y", "z"),
        "other.yaml": schema("other", "B Extra", "x", "y", "z"), "c.yaml": schema("c", "C", "x", "y"),
        "first.yaml": """\
source_schema: a.yaml
target_schema: b.yaml
class_derivations:
  B:
    populated_from: A
    slot_derivations:
      x:
      z: {populated_from: x}
  Extra:
    populated_from: A
    slot_derivations: {x: }
""",
        "second.yaml": """\
source_schema: other.yaml
target_schema: c.yaml
class_derivations:
  C:
    populated_from: B
    slot_derivations:
      x:
      y:
""",
    }  # fmt: skip
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    found: Any = semantics.compose(tmp_path / "first.yaml", tmp_path / "second.yaml")
    told = sorted(
        (item.code, Path(item.location.file).name, item.location.line, item.severity) for item in found.findings
    )
    assert told == [
        ("CHK021", "second.yaml", 1, Severity.WARNING),
        ("CHK022", "first.yaml", 9, Severity.WARNING),
        ("CHK023", "first.yaml", 8, Severity.WARNING),
        ("CHK024", "second.yaml", 8, Severity.WARNING),
    ]
