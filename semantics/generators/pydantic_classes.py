"""Pydantic v2 classes of a schema: one module a schema, built as a syntax tree, verified, readable.

A module imports pydantic and the standard library. By itself it carries everything that it needs,
the classes of imported schemas and :mod:`semantics.generators.model_base` included; in a package it
imports both. The verdict of a class is that of the checker: see the docstring of ``model_base``.

Where linkml's own generator falls short, and what is done here instead, is told in
:data:`semantics.generators.gaps.LINKML`; the worst of it is that it pastes text of the schema into code.
"""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from semantics.generators.names import module_name
from semantics.generators.pydantic_code import Element, SchemaCode, assigned, docstring
from semantics.generators.pydantic_types import PRELUDE
from semantics.generators.python_text import printed, verify
from semantics.schema.model import SchemaModel

__all__ = ["BASE_MODULE", "Home", "base_module", "init_module", "package_module", "single_module"]

BASE_MODULE: Final = "_base"
_CALLS: Final = frozenset({
    "_Field", "_Rule", "_Slot", "_When", "_all_of", "_any_of", "_bounds", "_distinct", "_equals", "_equals_number",
    "_exactly_one_of", "_keyed", "_none_of", "_pattern", "_ruled", "_unkeyed",
})  # fmt: skip
_PYDANTIC: Final = {"_Field": "Field", "_SerializeAsAny": "SerializeAsAny"}
_TYPING: Final = {"_Annotated": "Annotated", "_ClassVar": "ClassVar", "_Never": "Never"}


@dataclass(frozen=True)
class Home:
    """Where in the package the module of a schema is: its folder (``""`` or ``sources``) and its code."""

    folder: str
    code: SchemaCode

    @property
    def module(self) -> str:
        """The name of the module inside its folder."""
        return module_name(self.code.schema.name)


def single_module(schema: SchemaModel) -> str:
    """A module that stands by itself."""
    code = SchemaCode(schema)
    head = ast.Module([_header(schema), _import("__future__", {"annotations": "annotations"})], [])
    prelude = _prelude(frozenset(code.elements))
    body = ast.Module([*_imports(code, code.elements.values()), *_body(code, code.elements)], [])
    _verify(body, code)
    return f"{printed(head)}\n{prelude}\n\n{printed(body)}"


def package_module(home: Home, others: Mapping[str, Home]) -> str:
    """A module of a package: it imports the classes of other schemas from their modules.

    ``others`` are the modules of the package by the names of their schemas. A class that another module
    has in the very same form is imported; one that differs there is defined here.
    """
    code = home.code
    foreign = _importable(home, others)
    own = {key: element for key, element in code.elements.items() if key not in foreign}
    statements: list[ast.stmt] = [
        _header(code.schema),
        _import("__future__", {"annotations": "annotations"}),
        *_imports(code, own.values()),
    ]
    used = frozenset().union(*(element.refers for element in own.values())) & PRELUDE
    if used:
        level, module = _relative(home.folder, "", BASE_MODULE)
        statements.append(_import(module, {each: each for each in sorted(used)}, level))
    for schema_name in dict.fromkeys(foreign.values()):
        other = others[schema_name]
        level, module = _relative(home.folder, other.folder, other.module)
        found = sorted(key for key, origin in foreign.items() if origin == schema_name)
        statements.append(_import(module, {each: each for each in found}, level))
    tree = ast.Module([*statements, *_body(code, own)], [])
    _verify(tree, code)
    return printed(tree)


def base_module() -> str:
    """The text of the module that all modules of a package stand on."""
    return Path(__file__).with_name("model_base.py").read_text(encoding="utf-8")


def init_module(modules: Iterable[str]) -> str:
    """The ``__init__`` of a folder: says what is there, and imports nothing."""
    listed = ", ".join(modules)
    text = f"Generated classes, one module a schema{f': {listed}' if listed else ''}. Do not edit."
    return printed(ast.Module([docstring(text, 0)], []))


# -- what is imported from where -----------------------------------------------------------------


def _importable(home: Home, others: Mapping[str, Home]) -> dict[str, str]:
    """The identifiers that other modules define in the same form, with the schema they come from."""
    mine = home.code
    found: dict[str, str] = {}
    for identifier, element in mine.elements.items():
        origin = mine.origins[identifier]
        other = others.get(origin)
        if other is None or origin == mine.schema.name or mine.schema.name in other.code.schema.modules:
            continue
        theirs = other.code.elements.get(identifier)
        same_home = other.code.origins.get(identifier) == origin
        if theirs is not None and same_home and theirs.text == element.text:
            found[identifier] = origin
    while True:
        broken = [key for key in found if any(ref in mine.elements and ref not in found
                                              for ref in mine.elements[key].refers)]  # fmt: skip
        if not broken:
            return found
        for key in broken:
            del found[key]


def _relative(own: str, folder: str, module: str) -> tuple[int, str]:
    """Level and path of a relative import from one folder of the package into another."""
    depth = len(own.split("/")) if own else 0
    return depth + 1, ".".join([*folder.split("/"), module] if folder else [module])


def _import(module: str, names: Mapping[str, str], level: int = 0) -> ast.stmt:
    aliases = [ast.alias(found, None if found == alias else alias) for alias, found in names.items()]
    return ast.ImportFrom(module, aliases, level)


def _imports(code: SchemaCode, elements: Iterable[Element]) -> list[ast.stmt]:
    """The imports from the standard library and pydantic that the elements need."""
    used: frozenset[str] = frozenset().union(*(element.refers for element in elements))
    found: list[ast.stmt] = []
    if code.names.aliased:
        found.append(_import("builtins", {f"_{each}": each for each in sorted(code.names.aliased)}))
    typing = {alias: each for alias, each in _TYPING.items() if alias in used}
    if typing:
        found.append(_import("typing", typing))
    pydantic = {alias: each for alias, each in _PYDANTIC.items() if alias in used}
    if pydantic:
        found.append(_import("pydantic", pydantic))
    return found


# -- the parts of a module -----------------------------------------------------------------------


def _header(schema: SchemaModel) -> ast.stmt:
    """The module's docstring: what the schema is for, and which version of it this is."""
    title = schema.title or schema.name
    version = f" {schema.version}" if schema.version else ""
    parts = [
        f"{title}." if not title.endswith(".") else title,
        *([schema.description] if schema.description else []),
        f"Generated by `semantics generate` from the schema '{schema.name}'{version}. Do not edit.",
        f"sha256: {schema.digest()}",
    ]
    return docstring("\n\n".join(" ".join(part.split()) for part in parts), 0)


def _body(code: SchemaCode, own: Mapping[str, Element]) -> list[ast.stmt]:
    public = sorted({*code.enums, *code.classes, *code.types})
    names = ast.List([ast.Constant(each) for each in public], ast.Load())
    everything = assigned("__all__", names)
    rules = [element.rules for element in own.values() if element.rules]
    return [everything, *(element.statement for element in own.values()), *rules]


def _verify(tree: ast.Module, code: SchemaCode) -> None:
    plain = {"bool", "dict", "list", "str", "tuple"} - code.names.aliased
    verify(tree, _CALLS, plain | PRELUDE)


@cache
def _prelude(taken: frozenset[str]) -> str:
    """The text of ``model_base`` without its docstring; built-ins that classes have taken are aliased."""
    tree = ast.parse(base_module())
    tree.body = tree.body[2:]
    hidden = sorted(name for name in taken if hasattr(builtins, name))
    if not hidden:
        text = base_module()
        start = text.index("from __future__ import annotations\n")
        return text[start:].partition("\n\n")[2]
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id in hidden:
            node.id = f"_{node.id}"
    head = ast.Module([_import("builtins", {f"_{each}": each for each in hidden})], [])
    return re.sub(r"\n{3,}", "\n\n", f"{ast.unparse(head)}\n{ast.unparse(tree)}\n")
