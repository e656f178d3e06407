"""The version that a change asks for."""

from __future__ import annotations

import pytest

from semantics.changes.version import Level, next_version, versions


@pytest.mark.parametrize(
    ("version", "level", "expected"),
    [
        ("1.2.3", Level.MAJOR, "2.0.0"),
        ("1.2.3", Level.MINOR, "1.3.0"),
        ("1.2.3", Level.PATCH, "1.2.4"),
        ("1.2.3", Level.NONE, "1.2.3"),
        ("v1.2", Level.PATCH, "1.2.1"),
        ("2", Level.MAJOR, "3.0.0"),
        ("0.3.1", Level.MAJOR, "0.4.0"),
        ("0.3.1", Level.MINOR, "0.3.2"),
        ("1.0.0-rc.1", Level.PATCH, "1.0.1"),
        ("spring", Level.MAJOR, None),
        (None, Level.MAJOR, None),
    ],
)
def test_the_number_that_is_asked_for_goes_up(version: str | None, level: Level, expected: str | None) -> None:
    assert next_version(version, level) == expected


def test_models_that_are_the_same_ask_for_nothing() -> None:
    assert versions((), "1.2.3", "1.2.3").enough is True
    assert versions((), None, None).enough is None
