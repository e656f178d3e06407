"""The default backend: a plan as one Python function a class rule, that a person can read.

The functions are built as an ``ast`` tree in which every name is ours and every text of the mapping, the
schemas or the data is a constant. The tree itself is compiled, never a text, and its statements carry the lines
of the mapping: a traceback or a profile shows the derivation that a statement came from. Printing is for
people (``semantics show --code``), and what is printed must parse back to the same tree.
This package is the one place of the project where Python code is compiled.

A record that a function cannot carry out raises a plain ``ValueError``; the findings are the oracle's.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from threading import Lock
from types import CodeType
from typing import Any, Final

from semantics.backends import Event
from semantics.backends.lookup import Related
from semantics.backends.python import runtime
from semantics.backends.python.rules import ModuleWriter
from semantics.backends.values import checked, walk
from semantics.expressions.linkml_map.operators import entered
from semantics.expressions.linkml_map.structure import Document
from semantics.plan.model import Build, Plan
from semantics.plan.reads import derivations

__all__ = ["CompiledPython", "compile_plan", "source_of"]

_NOTE: Final = re.compile(r"^(\s*)'# (.*)'$")


class Code:
    """The code of a plan, in the parts in which it was asked for: for all that carry the plan out.

    A mapping of many classes is ready at once for files that have few of them.
    """

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.parts: list[CodeType] = []
        self._writer = ModuleWriter(plan)
        self._compiled: set[str] = set()
        self._one = Lock()

    def reach(self, rules: Iterable[str]) -> list[str]:
        """The names of the functions of some rules, which are among the parts from now on."""
        plan = self.plan
        with self._one:
            new = [name for name in _reached(plan, rules) if name not in self._compiled]
            if new:
                file = plan.file or f"<mapping {plan.name}>"
                self.parts.append(compile(_located(self._writer.part(new)), file, "exec"))
                self._compiled.update(new)
        return [self._writer.names[name] for name in rules]


class Functions(Mapping[str, tuple[tuple[str, Any], ...]]):
    """The functions that a record of each source class starts, with their rules: made when the first one comes."""

    def __init__(self, code: Code, related: Related | None) -> None:
        self.code, self._starts = code, code.plan.starts
        self._namespace: dict[str, Any] = {
            **runtime.namespace(code.plan.dialect), runtime.RELATED: related, "__builtins__": {},
        }  # fmt: skip
        self._run = 0
        self._ready: dict[str, tuple[tuple[str, Any], ...]] = {}
        self._one = Lock()

    def of(self, source_class: str) -> tuple[tuple[str, Any], ...]:
        """The functions of a class; none for one that starts no rule."""
        found = self._ready.get(source_class)
        return self._made(source_class) if found is None else found

    def __getitem__(self, source_class: str) -> tuple[tuple[str, Any], ...]:
        if source_class not in self._starts:
            raise KeyError(source_class)
        return self.of(source_class)

    def __contains__(self, source_class: object) -> bool:
        return source_class in self._starts

    def __iter__(self) -> Iterator[str]:
        return iter(self._starts)

    def __len__(self) -> int:
        return len(self._starts)

    def _made(self, source_class: str) -> tuple[tuple[str, Any], ...]:
        rules = self._starts.get(source_class, ())
        names = self.code.reach(rules)
        with self._one:
            for part in self.code.parts[self._run :]:  # in their order: later ones use the tables of those before
                exec(part, self._namespace)  # noqa: S102 - the code is our own tree
                self._run += 1
        found = tuple((rule, self._namespace[name]) for rule, name in zip(rules, names, strict=True))
        if source_class in self._starts:
            self._ready[source_class] = found
        return found


def _reached(plan: Plan, rules: Iterable[str]) -> list[str]:
    """Some rules, and those that they build with."""
    found: dict[str, None] = {}
    pending = list(rules)
    while pending:
        name = pending.pop()
        if name in found:
            continue
        found[name] = None
        for slot in plan.rules[name].slots:
            pending += slot.value.rules if isinstance(slot.value, Build) else ()
            pending += (derive.rule for derive in derivations(slot) if derive.rule is not None)
    return list(found)


def _located(tree: ast.Module) -> ast.Module:
    """The tree with a place at every node: its own, or that of the node around it."""
    pending: list[tuple[ast.AST, int]] = [(tree, 1)]
    while pending:
        node, line = pending.pop()
        own = node.__dict__
        inner = [value for value in own.values() if isinstance(value, (ast.AST, list))]
        if node._attributes:
            line = own.setdefault("lineno", line)
            own.setdefault("end_lineno", line)
            own.setdefault("col_offset", 0)
            own.setdefault("end_col_offset", 0)
        for part in inner:
            if isinstance(part, list):
                pending += [(one, line) for one in part if isinstance(one, ast.AST)]
            elif part._fields or part._attributes:
                pending.append((part, line))
    return tree


@dataclass(frozen=True, slots=True)
class CompiledPython:
    """The functions of a plan by source class."""

    roots: Functions
    over: dict[str, Build] = field(default_factory=dict)
    document: dict[str, Any] | None = None

    def joined(self, related: Related | None) -> CompiledPython:
        """The same code, with joins that look into ``related``."""
        return replace(self, roots=Functions(self.roots.code, related))

    def map(self, data: dict[str, Any], source_class: str, events: list[Event]) -> list[tuple[str, dict[str, Any]]]:
        """The instances of one record. Raises ``ValueError`` when a rule could not be carried out."""
        found = []
        given: tuple[Any, ...] = (data,)
        if self.document is not None:
            data = entered(data)
            given = data, Document(data, source_class, self.document)
        for name, function in self.roots.of(source_class):
            if name in self.over:
                found += [(name, each) for each in self._each(self.over[name], function, data, events)]
                continue
            instance = function(*given, events)
            if instance is not None:
                found.append((name, instance))
        return found

    def _each(self, build: Build, function: Any, data: dict[str, Any], events: list[Event]) -> list[dict[str, Any]]:
        """What a rule makes of the elements of a list."""
        assert build.over is not None
        items = walk(build.over, {build.over.variable: data}) or ()
        made = [function(data, checked(build, item), events) for item in items if item is not None]
        return [instance for instance in made if instance is not None]


def compile_plan(plan: Plan, related: Related | None = None) -> CompiledPython:
    """A plan as Python functions."""
    over = {
        rule.id: Build(rules=(rule.id,), over=rule.over, variable=rule.scopes[-1])
        for rule in plan.rules.values()
        if rule.root and rule.over is not None
    }
    return CompiledPython(Functions(Code(plan), related), over, plan.document)


def source_of(plan: Plan) -> str:
    """The Python code of a plan, as ``semantics show --code`` prints it."""
    tree = ModuleWriter(plan).part(plan.rules)
    helpers = ", ".join(sorted(name for name in _used(tree) if name in runtime.namespace(plan.dialect)))
    origin = "" if plan.dialect == "strict" else f"  # as namespace({plan.dialect!r}) binds them"
    return f"# from semantics.backends.python.runtime import {helpers}{origin}\n\n{_printed(tree)}"


def _printed(tree: ast.Module) -> str:
    """The tree as text, notes as comments; it must read back as the tree that was meant."""
    text = ast.unparse(ast.fix_missing_locations(tree))
    lines = [_NOTE.sub(lambda found: f"{found[1]}# {found[2]}", line) for line in text.splitlines()]
    printed = "\n".join(line for line in lines) + "\n"
    if ast.dump(ast.parse(printed)) != ast.dump(_without_notes(ast.parse(text))):
        raise AssertionError("generated code does not read back as it was built")
    return printed


class _Notes(ast.NodeTransformer):
    def visit_Expr(self, node: ast.Expr) -> ast.AST | None:
        match node.value:
            case ast.Constant(value=str(text)) if text.startswith("# ") and _NOTE.match(repr(text)):
                return None
        return node


def _without_notes(tree: ast.Module) -> ast.Module:
    found: ast.Module = _Notes().visit(tree)
    return found


def _used(tree: ast.Module) -> set[str]:
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
