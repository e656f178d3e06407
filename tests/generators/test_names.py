from __future__ import annotations

import keyword
import unicodedata

from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from semantics.generators.names import (
    RESERVED_FIELDS,
    RESERVED_MEMBERS,
    allocated,
    identifier,
    members,
    module_name,
)


@given(st.lists(st.text(), unique=True))
def test_every_name_gets_an_identifier_of_its_own(names: list[str]) -> None:
    found = allocated(names, RESERVED_FIELDS)
    assert set(found) == set(names)
    assert len(set(found.values())) == len(names)
    for each in found.values():
        assert each.isidentifier()
        assert unicodedata.normalize("NFKC", each) == each
        assert not keyword.iskeyword(each)
        assert not each.startswith("_")
        assert each not in RESERVED_FIELDS


@given(st.lists(st.text(), unique=True))
def test_every_permissible_value_gets_a_member_of_its_own(texts: list[str]) -> None:
    found = members(texts)
    assert set(found) == set(texts)
    assert len(set(found.values())) == len(texts)
    assert not set(found.values()) & RESERVED_MEMBERS
    assert all(unicodedata.normalize("NFKC", each) == each for each in found.values())
    assert all(each.isidentifier() and not keyword.iskeyword(each) for each in found.values())


@given(st.text())
def test_a_module_name_is_a_plain_file_name(name: str) -> None:
    found = module_name(name)
    assert found.isidentifier()
    assert found.isascii()
    assert not found.startswith("_")


def test_clean_names_stay_whatever_comes_before_them() -> None:
    assert allocated(["a b", "a-b", "a_b"]) == {"a b": "a_b_2", "a-b": "a_b_3", "a_b": "a_b"}


def test_compatibility_characters_are_folded_as_python_folds_them() -> None:
    assert identifier("\ufb01le") == "file"
    assert allocated(["\ufb01le", "file"]) == {"\ufb01le": "file_2", "file": "file"}


def test_device_names_of_file_systems_are_no_module_names() -> None:
    assert [module_name(each) for each in ("con", "NUL", "com1")] == ["con_", "NUL_", "com1_"]


def test_the_reserved_names_are_those_of_the_installed_pydantic() -> None:
    public = {each for each in dir(BaseModel) if not each.startswith("_")}
    assert public - RESERVED_FIELDS == set()


def test_the_reserved_members_are_those_of_str() -> None:
    assert {each for each in dir(str) if not each.startswith("_")} - RESERVED_MEMBERS == set()
