"""Names of generated things: Python identifiers, enum members, file names.

Whatever a schema calls an element, the name here is a plain identifier, is reserved by nobody, and
is had by no other element; the same schema always gives the same names.
"""

from __future__ import annotations

import keyword
import unicodedata
from collections.abc import Container, Iterable
from typing import Final

__all__ = [
    "RESERVED_FIELDS",
    "RESERVED_MEMBERS",
    "allocated",
    "identifier",
    "member",
    "members",
    "module_name",
]

RESERVED_FIELDS: Final = frozenset({
    "construct", "copy", "dict", "from_orm", "json", "model_computed_fields", "model_config",
    "model_construct", "model_copy", "model_dump", "model_dump_json", "model_extra", "model_fields",
    "model_fields_set", "model_json_schema", "model_parametrized_name", "model_post_init",
    "model_rebuild", "model_validate", "model_validate_json", "model_validate_strings", "parse_file",
    "parse_obj", "parse_raw", "schema", "schema_json", "update_forward_refs", "validate",
})  # fmt: skip
"""Attributes of pydantic's ``BaseModel``: a field may not have the name of one."""

RESERVED_MEMBERS: Final = frozenset({
    "capitalize", "casefold", "center", "count", "encode", "endswith", "expandtabs", "find", "format",
    "format_map", "index", "isalnum", "isalpha", "isascii", "isdecimal", "isdigit", "isidentifier",
    "islower", "isnumeric", "isprintable", "isspace", "istitle", "isupper", "join", "ljust", "lower",
    "lstrip", "maketrans", "mro", "name", "names", "partition", "removeprefix", "removesuffix",
    "replace", "rfind", "rindex", "rjust", "rpartition", "rsplit", "rstrip", "split", "splitlines",
    "startswith", "strip", "swapcase", "title", "translate", "upper", "value", "values", "zfill",
})  # fmt: skip
"""Attributes of ``str`` and of ``Enum``: a member of their name would hide them."""

_DEVICES: Final = frozenset({"con", "prn", "aux", "nul"} | {f"{port}{n}" for port in ("com", "lpt") for n in range(10)})
_LONGEST: Final = 80


def identifier(name: str) -> str:
    """A Python identifier as near to ``name`` as can be; it never starts with an underscore.

    >>> identifier("birth date"), identifier("_id"), identifier("class"), identifier("1st")
    ('birth_date', 'id_', 'class_', 'n1st')
    """
    folded = unicodedata.normalize("NFKC", name)
    kept = "".join(char if ("a" + char).isidentifier() else "_" for char in folded)
    plain = unicodedata.normalize("NFKC", kept).lstrip("_")[:_LONGEST]
    if plain and not plain[0].isidentifier():
        # A mark that comes to stand after the letter may melt into it.
        plain = unicodedata.normalize("NFKC", f"n{plain}")
    if not plain.isidentifier():
        plain = "unnamed"
    return f"{plain}_" if kept.startswith("_") or keyword.iskeyword(plain) else plain


def member(text: str) -> str:
    """The name of an enum member for a permissible value.

    >>> member("a-b"), member(""), member("None"), member("<=")
    ('a_b', 'empty', 'None_', 'less_than_sign_equals_sign')
    """
    if not text:
        return "empty"
    if not any(char.isalnum() for char in text):
        text = " ".join(unicodedata.name(char, "character").lower() for char in text[:4])
    found = identifier(text)
    return f"{found}_" if found in RESERVED_MEMBERS else found


def module_name(name: str) -> str:
    """The stem of the files of a schema: a module name that is safe on every file system.

    >>> module_name("open-banking"), module_name("../evil"), module_name("con")
    ('open_banking', 'evil_', 'con_')
    """
    found = identifier("".join(char if char.isascii() else "_" for char in name))
    return f"{found}_" if found.lower() in _DEVICES else found


def allocated(names: Iterable[str], reserved: Container[str] = ()) -> dict[str, str]:
    """A different identifier for every name. Names that need no change keep theirs, whatever the order.

    ``reserved`` are identifiers that nobody may have.

    >>> allocated(["a b", "a_b", "copy"], {"copy"})
    {'a b': 'a_b_2', 'a_b': 'a_b', 'copy': 'copy_'}
    """
    return _distinct({name: identifier(name) for name in names}, reserved)


def members(texts: Iterable[str]) -> dict[str, str]:
    """A different member name for every permissible value."""
    return _distinct({text: member(text) for text in texts}, RESERVED_MEMBERS)


def _distinct(wanted: dict[str, str], reserved: Container[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    taken: set[str] = set()
    changed = []
    for name, candidate in wanted.items():
        if candidate == name and candidate not in reserved:
            found[name] = candidate
            taken.add(candidate)
        else:
            changed.append(name)
    for name in changed:
        base = candidate = f"{wanted[name]}_" if wanted[name] in reserved else wanted[name]
        number = 1
        while candidate in taken or candidate in reserved:
            number += 1
            candidate = f"{base}_{number}" if not base.endswith("_") else f"{base}{number}"
        taken.add(candidate)
        found[name] = candidate
    return {name: found[name] for name in wanted}
