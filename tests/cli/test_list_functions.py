"""``semantics list functions``: every function, with its signature, purpose and an example."""

from __future__ import annotations

from click.testing import CliRunner

from semantics.cli.listing import listing
from semantics.expressions.functions import FUNCTIONS, TOPICS


def test_every_function_is_listed_under_its_subject() -> None:
    found = CliRunner().invoke(listing, ["functions"], standalone_mode=False)
    assert found.exception is None
    lines = found.output.splitlines()
    assert [line for line in lines if line and not line.startswith(" ")] == list(TOPICS)
    for spec in FUNCTIONS.values():
        at = lines.index(f"  {spec.signature}")
        assert lines[at + 1].strip() == spec.purpose
        assert " = " in lines[at + 2]
