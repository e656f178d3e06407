"""Named expressions: what a mapping says once, put in the place of its name wherever that is used.

A definition without parameters stands for an expression over the record; one with parameters is used like a function,
and sees its arguments besides the record. Nothing of it is left in the tree that is checked, so no backend knows it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

import msgspec

from semantics.errors import Diagnostic, ExpressionError, Location
from semantics.expressions import bounds
from semantics.expressions.parse import parse
from semantics.expressions.tree import Attribute, Call, Comprehension, Expr, Path, rebuilt, walk

__all__ = ["Definition", "definition", "expanded", "head_of", "names_in"]

Resolve = Callable[[Path, str], Expr]
_NAME: Final = r"[A-Za-z][A-Za-z0-9_]*"
_HEAD: Final = re.compile(rf"({_NAME})(?:\(\s*({_NAME}(?:\s*,\s*{_NAME})*)\s*\))?")
_TAKEN: Final = frozenset({"null", "true", "false", "case", "slot", "value", "lookup", "record", "and", "or", "not"})
_OF_SLOTS: Final = frozenset({"slot", "value"})


@dataclass(frozen=True, slots=True)
class Definition:
    """A named expression; in ``body`` the definitions that it uses itself are still names."""

    name: str
    parameters: tuple[str, ...]
    body: Expr


def head_of(text: str) -> tuple[str, tuple[str, ...]] | None:
    """The name of a definition and its parameters, from the key that it stands under; None for anything else.

    >>> head_of("twin(id, kind)"), head_of("account"), head_of("a + b")
    (('twin', ('id', 'kind')), ('account', ()), None)
    """
    found = _HEAD.fullmatch(text)
    if found is None:
        return None
    parameters = tuple(part.strip() for part in (found[2] or "").split(",") if part.strip())
    names = (found[1], *parameters)
    return None if set(names) & _TAKEN or len(set(names)) < len(names) else (found[1], parameters)


def definition(name: str, parameters: tuple[str, ...], text: str) -> Definition:
    """The definition that a text gives. Raises :class:`ExpressionError` where it is no expression.

    What only a slot derivation can ask is refused: a definition means the same wherever it is used.
    """
    body = parse(text)
    for node in walk(body):
        if isinstance(node, Call) and node.function in _OF_SLOTS:
            raise _fault("MAP086", f"{node.function}() has no meaning in a definition", node, "give it as an argument")
    return Definition(name, parameters, body)


def names_in(node: Expr) -> set[str]:
    """The names with which the paths of a tree begin, and those of the functions that it calls.

    >>> sorted(names_in(parse("twin(a.b) + c")))
    ['a', 'c', 'twin']
    """
    found: set[str] = set()
    for part in walk(node):
        match part:
            case Path(variable="", steps=(name, *_)) | Call(function=name):
                found.add(name)
    return found


def expanded(
    node: Expr, definitions: Mapping[str, Definition], resolve: Resolve, *, taken: Callable[[str], bool]
) -> Expr:
    """The tree with the definitions in it replaced by what they stand for.

    ``resolve`` gives what a path of a definition (named in its second argument) is in the record; ``taken`` tells
    names that are known in the place of use: there a definition would hide them, and is refused.
    """
    if not definitions:
        return node
    return _Expansion(definitions, resolve, taken).used(node, frozenset())


@dataclass
class _Expansion:
    definitions: Mapping[str, Definition]
    resolve: Resolve
    taken: Callable[[str], bool]
    trail: list[str] = field(default_factory=list)
    made: int = 0

    def used(self, node: Expr, bound: frozenset[str]) -> Expr:
        """A node in its place of use, where ``bound`` are variables of comprehensions."""
        match node:
            case Path(variable="", steps=(name, *steps)) if name in self.definitions and name not in bound:
                if self.taken(name):
                    raise _fault("MAP087", f"'{name}' is a definition, and known here by itself", node,
                                 "give the definition another name")  # fmt: skip
                return self._followed(self._put(name, None, node), steps, node)
            case Call(function=name, arguments=arguments) if name in self.definitions:
                return self._put(name, tuple(self.used(part, bound) for part in arguments), node)
            case Comprehension():
                inner = bound | {node.variable}
                return msgspec.structs.replace(
                    node, source=self.used(node.source, bound), element=self.used(node.element, inner),
                    condition=None if node.condition is None else self.used(node.condition, inner),
                )  # fmt: skip
            case _:
                return rebuilt(node, lambda part: self.used(part, bound))

    def _put(self, name: str, arguments: tuple[Expr, ...] | None, at: Expr) -> Expr:
        """What a definition stands for with its arguments."""
        found = self.definitions[name]
        if name in self.trail:
            circle = " -> ".join((*self.trail[self.trail.index(name) :], name))
            raise _fault("MAP087", f"definitions use one another in a circle: {circle}", at)
        if len(arguments or ()) != len(found.parameters) or (arguments is None) != (not found.parameters):
            said = f"{name}({', '.join(found.parameters)})" if found.parameters else name
            raise _fault("MAP087", f"'{name}' is not used as it is defined", at, f"write {said}")
        self.trail.append(name)
        given = dict(zip(found.parameters, arguments or (), strict=True))
        tree = self._body(found.body, given, {}, at)
        self.trail.pop()
        return tree

    def _body(self, node: Expr, given: dict[str, Expr], bound: dict[str, str], at: Expr) -> Expr:
        """A part of a definition; its variables of comprehensions are ``bound`` to names that no argument has."""
        self.made += 1
        if self.made > bounds.NODES:
            raise _fault("EXP001", f"the expression has more than {bounds.NODES} parts with its definitions", at)

        def inner(part: Expr) -> Expr:
            return self._body(part, given, bound, at)

        match node:
            case Path(variable="", steps=(name, *steps)) if name in bound:
                return msgspec.structs.replace(node, steps=(bound[name], *steps), column=at.column)
            case Path(variable="", steps=(name, *steps)) if name in given:
                self.made += sum(1 for _ in walk(given[name]))
                return self._followed(given[name], steps, at)
            case Path(variable="", steps=(name, *steps)) if name in self.definitions:
                return self._followed(self._put(name, None, at), steps, at)
            case Path(variable=""):
                return self.resolve(msgspec.structs.replace(node, column=at.column), self.trail[-1])
            case Call(function=name, arguments=arguments) if name in self.definitions:
                return self._put(name, tuple(map(inner, arguments)), at)
            case Comprehension():
                source = inner(node.source)
                bound = {**bound, node.variable: _fresh(node.variable, given)}
                return msgspec.structs.replace(
                    node, column=at.column, variable=bound[node.variable], source=source, element=inner(node.element),
                    condition=None if node.condition is None else inner(node.condition),
                )  # fmt: skip
        return msgspec.structs.replace(rebuilt(node, inner), column=at.column)

    def _followed(self, tree: Expr, steps: list[str], at: Expr) -> Expr:
        """What a name stands for, and the slots that are asked of it."""
        if isinstance(tree, Path) and not tree.variable and steps:
            return msgspec.structs.replace(tree, steps=(*tree.steps, *steps), column=at.column)
        for step in steps:
            tree = Attribute(base=tree, name=step, column=at.column)
        return tree


def _fresh(name: str, given: Mapping[str, Expr]) -> str:
    """A name for a variable that none of the arguments reads."""
    read = {node.steps[0] for tree in given.values() for node in walk(tree) if isinstance(node, Path) and node.steps}
    while name in read:
        name += "_"
    return name


def _fault(code: str, message: str, at: Expr, hint: str | None = None) -> ExpressionError:
    return ExpressionError(Diagnostic(code, message, Location("<expression>", 1, at.column), hint))
