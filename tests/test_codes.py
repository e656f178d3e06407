"""The table of diagnostic codes and the code that uses them say the same."""

from __future__ import annotations

import re
from pathlib import Path

import semantics
from semantics.codes import AREAS, CODES
from semantics.validation import CODES as OF_VALIDATION

PACKAGE = Path(semantics.__file__).parent
CODE = re.compile(r"""["']([A-Z]{3,4}[0-9]{3})["']""")


def used() -> dict[str, str]:
    """Every code that stands as a text in the package, with a file where it does; generated code is not read."""
    return {
        code: path.relative_to(PACKAGE).as_posix()
        for path in sorted(PACKAGE.rglob("*.py"))
        if path.name != "codes.py" and "models" not in path.parts
        for code in CODE.findall(path.read_text("utf-8"))
    }


def test_every_code_that_is_used_is_in_the_table() -> None:
    """A new code gets its line in semantics/codes.py."""
    assert {code: where for code, where in used().items() if code not in CODES} == {}


def test_every_code_of_the_table_is_used() -> None:
    """A code that is gone leaves the table."""
    assert sorted(CODES.keys() - used().keys()) == []


def test_validation_means_the_same_by_its_codes() -> None:
    """Two tables, one meaning."""
    assert {code: CODES.get(code) for code in OF_VALIDATION} == OF_VALIDATION


def test_codes_stand_in_order_and_areas_are_explained() -> None:
    """The reference page is made in this order; a meaning is one line without a full stop."""
    areas = [code.rstrip("0123456789") for code in CODES]
    assert list(dict.fromkeys(areas)) == list(AREAS)
    for area in AREAS:
        codes = [code for code in CODES if code.rstrip("0123456789") == area]
        assert codes == sorted(codes)
    assert [code for code, text in CODES.items() if text.endswith(".") or "\n" in text or not text] == []
