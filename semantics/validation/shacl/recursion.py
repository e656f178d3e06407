"""Shapes that lead back to themselves: SHACL 1.0 leaves open what they mean (section 3.4.3), and says so."""

from __future__ import annotations

from collections.abc import Iterator

from semantics.validation.shacl.faults import NotCompiled
from semantics.validation.shacl.shapes import Constraint, Qualified, Shape, references

__all__ = ["recursive"]


def recursive(shapes: dict[str, Shape]) -> set[str]:
    """The names of the shapes that lead back to themselves.

    Raises :class:`NotCompiled` where that is through a negation: there is no one answer then.
    """
    to = {name: tuple(references(shape)) for name, shape in shapes.items()}
    circle = _circles(to)
    for name, shape in shapes.items():
        for constraint in shape.constraints:
            if any(circle[each] == circle[name] for each in _negated(constraint)):
                raise NotCompiled((f"a shape that refers to itself through sh:{constraint.component}",))
    size: dict[int, int] = {}
    for number in circle.values():
        size[number] = size.get(number, 0) + 1
    return {name for name, number in circle.items() if size[number] > 1 or name in to[name]}


def _negated(constraint: Constraint) -> Iterator[str]:
    """The shapes that a value must not conform to for the constraint to hold, or may conform to only so often."""
    argument = constraint.argument
    if constraint.component == "Not":
        yield argument
    elif constraint.component == "Xone":
        yield from argument
    elif isinstance(argument, Qualified):
        yield from argument.siblings
        if constraint.component == "QualifiedMaxCount":
            yield argument.shape


def _circles(to: dict[str, tuple[str, ...]]) -> dict[str, int]:
    """The number of the strongly connected component of each node (Tarjan's algorithm, without recursion)."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    found: dict[str, int] = {}
    path: list[str] = []
    for start, first in to.items():
        work = [(start, iter(first))] if start not in index else []
        while work:
            node, rest = work[-1]
            if node not in index:
                index[node] = low[node] = len(index)
                path.append(node)
            for each in rest:
                if each not in index:
                    work.append((each, iter(to[each])))
                    break
                if each not in found:
                    low[node] = min(low[node], index[each])
            else:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[node])
                if low[node] == index[node]:
                    while node not in found:
                        found[path.pop()] = index[node]
    return found
