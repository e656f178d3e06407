"""Every case of the conformance suite, on every backend."""

from pathlib import Path

import pytest

from semantics.testing import BACKENDS, Case, assert_case, cases

CASES = list(cases(Path(__file__).parent / "conformance"))


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_case(case: Case, backend: str) -> None:
    """What a mapping says comes about, the same on every backend."""
    assert_case(case, backend)


def test_there_are_cases_for_every_construct() -> None:
    """The suite cannot shrink to nothing unnoticed."""
    assert len(CASES) >= 60
