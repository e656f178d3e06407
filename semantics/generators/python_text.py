"""Python syntax trees as readable text, and the check that nothing but models stands in them.

A tree is printed piece by piece with :func:`ast.unparse`; only white space, line breaks and the cutting
of long strings are added, and the text is parsed again and compared with the tree. What is printed is
an allow-list of node types, called names and imported modules: a generated module can define
classes and constants, and can do nothing else when it is imported.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator
from typing import Final

from semantics.errors import Diagnostic, InternalError

__all__ = ["MODULES", "WIDTH", "printed", "verify"]

WIDTH: Final = 100
"""Longest line, where the pieces allow it."""

_NARROWEST: Final = 20
"""Width that a piece of a string has at least, however deep it stands."""

MODULES: Final = frozenset({"__future__", "builtins", "enum", "typing", "pydantic"})
"""What a generated module imports from, besides the modules of its own package."""

_OPEN: Final = frozenset({"extra='allow'", "extra='forbid'"})
_NODES: Final = (
    ast.Module, ast.ImportFrom, ast.alias, ast.ClassDef, ast.Assign, ast.AnnAssign, ast.Expr, ast.Call,
    ast.keyword, ast.Name, ast.Load, ast.Store, ast.Constant, ast.Subscript, ast.Tuple, ast.List,
    ast.BinOp, ast.BitOr, ast.UnaryOp, ast.USub,
)  # fmt: skip


# -- printing ------------------------------------------------------------------------------------


def printed(tree: ast.Module) -> str:
    """The text of a module, two blank lines between classes; it parses to an equal tree.

    Raises :class:`~semantics.errors.InternalError` when it does not.
    """
    lines: list[str] = []
    previous: ast.stmt | None = None
    for statement in tree.body:
        lines += [""] * _gap(previous, statement)
        lines += _statement(statement, 0)
        previous = statement
    text = "\n".join(lines) + "\n"
    if not _same(ast.parse(text), tree):
        raise _refused("the printed module is not the module that was built")
    return text


def _same(first: object, second: object) -> bool:
    """Whether two trees are equal, places aside; a field that is not there is empty."""
    if isinstance(first, ast.AST):
        if type(first) is not type(second):
            return False
        fields = first._fields
        return all(_same(getattr(first, key, None), getattr(second, key, None)) for key in fields)
    if isinstance(first, list) and isinstance(second, list):
        return len(first) == len(second) and all(map(_same, first, second))
    return (type(first) is type(second) and first == second) or (not first and second is None)


def _gap(previous: ast.stmt | None, statement: ast.stmt) -> int:
    if previous is None:
        return 0
    if isinstance(previous, ast.ClassDef) or isinstance(statement, ast.ClassDef):
        return 2
    if type(previous) is type(statement):
        return 0
    return 1


def _statement(statement: ast.stmt, depth: int) -> Iterator[str]:
    margin = "    " * depth
    match statement:
        case ast.ClassDef(name=name, bases=bases, keywords=words, body=body):
            parents = ", ".join(ast.unparse(part) for part in (*bases, *words)).replace("'", '"')
            yield f"{margin}class {name}({parents}):"
            documented = isinstance(body[0], ast.Expr) and len(body) > 1
            for index, inner in enumerate(body):
                if index == 1 and documented:
                    yield ""
                yield from _statement(inner, depth + 1)
        case ast.Expr(value=ast.Constant(value=str())):
            yield from _indented(ast.unparse(ast.Module([statement], [])), margin)
        case ast.ImportFrom(module=module, names=names, level=level):
            text = ast.unparse(statement)
            if len(text) <= WIDTH:
                yield text
                return
            yield f"from {'.' * level}{module or ''} import ("
            yield from (f"    {ast.unparse(name)}," for name in names)
            yield ")"
        case ast.Assign(targets=[target], value=value):
            yield from _laid_out(f"{margin}{ast.unparse(target)} = ", value, "", depth)
        case ast.AnnAssign(target=target, annotation=annotation, value=None):
            yield from _laid_out(f"{margin}{ast.unparse(target)}: ", annotation, "", depth)
        case ast.AnnAssign(target=target, annotation=annotation, value=value):
            assert value is not None
            *first, last = _laid_out(f"{margin}{ast.unparse(target)}: ", annotation, "", depth)
            yield from first
            yield from _laid_out(f"{last} = ", value, "", depth)
        case ast.Expr(value=value):
            yield from _laid_out(margin, value, "", depth)
        case _:
            yield from _indented(ast.unparse(statement), margin)


def _indented(text: str, margin: str) -> Iterator[str]:
    """Lines of a statement that ``ast.unparse`` printed; lines inside a string keep their own indent."""
    first, *rest = text.split("\n")
    yield f"{margin}{first}"
    yield from rest


def _laid_out(before: str, node: ast.expr, after: str, depth: int) -> Iterator[str]:
    """``before``, the expression, ``after``: on one line if it fits, else one line a part."""
    flat = f"{before}{ast.unparse(node)}{after}"
    if len(flat) <= WIDTH:
        yield flat
        return
    deeper = "    " * (depth + 1)
    match node:
        case ast.Call(func=func, args=args, keywords=keywords) if args or keywords:
            yield f"{before}{ast.unparse(func)}("
            for arg in args:
                yield from _laid_out(deeper, arg, ",", depth + 1)
            for keyword in keywords:
                yield from _laid_out(f"{deeper}{keyword.arg}=", keyword.value, ",", depth + 1)
            yield f"{'    ' * depth}){after}"
        case ast.Subscript(value=value, slice=ast.Tuple(elts=parts)) if len(parts) > 1:
            yield f"{before}{ast.unparse(value)}["
            for part in parts:
                yield from _laid_out(deeper, part, ",", depth + 1)
            yield f"{'    ' * depth}]{after}"
        case ast.List(elts=parts) if parts:
            yield f"{before}["
            for part in parts:
                yield from _laid_out(deeper, part, ",", depth + 1)
            yield f"{'    ' * depth}]{after}"
        case ast.Tuple(elts=parts) if parts:
            yield f"{before}("
            for part in parts:
                yield from _laid_out(deeper, part, ",", depth + 1)
            yield f"{'    ' * depth}){after}"
        case ast.Constant(value=str(text)) if len(text) > 1:
            yield f"{before}("
            yield from (f"{deeper}{piece}" for piece in _cut(text, max(WIDTH - len(deeper), _NARROWEST)))
            yield f"{'    ' * depth}){after}"
        case _:
            yield flat


def _cut(text: str, width: int) -> Iterator[str]:
    """String literals that together are ``text``, cut after spaces where there are some.

    None is cut below one character, however deep it stands and however narrow that leaves the line.
    """
    start = 0
    while start < len(text):
        end = min(len(text), start + WIDTH)
        while end > start + 1 and len(repr(text[start:end])) > width:
            end = start + max(1, (end - start) * 9 // 10)
        if end < len(text) and (space := text.rfind(" ", start, end)) > start:
            end = space + 1
        yield repr(text[start:end])
        start = end


# -- verifying -----------------------------------------------------------------------------------


def verify(tree: ast.Module, calls: Collection[str], builtins: Collection[str]) -> None:
    """Check that a module only imports what it may, and defines classes and constants.

    ``calls`` are the names that may be called, ``builtins`` those that may be used without an
    import. Raises :class:`~semantics.errors.InternalError` otherwise: that is a fault of the generator.
    """
    known = set(builtins) | _bound(tree)
    for node in ast.walk(tree):
        if not isinstance(node, _NODES):
            raise _refused(f"{type(node).__name__} has no place in a generated module")
        match node:
            case ast.ImportFrom(module=module, level=0) if module not in MODULES:
                raise _refused(f"a generated module does not import from {module}")
            case ast.Call(func=ast.Name(id=name)) if name not in calls:
                raise _refused(f"a generated module does not call {name}")
            case ast.Call(func=func) if not isinstance(func, ast.Name):
                raise _refused("a generated module calls nothing but plain names")
            case ast.Name(id=name) if name not in known:
                raise _refused(f"a generated module does not know {name}")
            case ast.ClassDef(decorator_list=decorators, keywords=words) if decorators or not _opening(words):
                raise _refused("generated classes have no decorators, and no keyword but whether they are open")
            case _:
                pass


def _opening(words: list[ast.keyword]) -> bool:
    """Whether the keywords of a class say nothing but whether it is open."""
    return all(ast.unparse(word) in _OPEN for word in words)


def _bound(tree: ast.Module) -> set[str]:
    """Every name that the module defines or imports, and the fields of its classes."""
    found: set[str] = set()
    for node in ast.walk(tree):
        match node:
            case ast.alias(name=name, asname=asname):
                found.add(asname or name)
            case ast.ClassDef(name=name) | ast.Name(id=name, ctx=ast.Store()):
                found.add(name)
            case _:
                pass
    return found


def _refused(why: str) -> InternalError:
    return InternalError(Diagnostic("GEN001", why))
