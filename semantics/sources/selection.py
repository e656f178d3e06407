"""The selectors of records as a tree: which end at a node of a document, and which go on below it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final

from semantics.sources.options import EACH, Selector

__all__ = ["Selection", "selection"]

_ANY: Final = "*"
"""The step that is any key, where no selector names the key itself."""


@dataclass(slots=True)
class Selection:
    """Selectors as a tree of steps: which end here, and which go on by which key or through each element."""

    ends: list[Selector] = field(default_factory=list)
    keys: dict[str, Selection] = field(default_factory=dict)
    each: Selection | None = None

    def below(self, data: Any) -> bool:
        """Whether anything inside of ``data`` could be selected."""
        if isinstance(data, dict):
            return bool(self.keys) and (_ANY in self.keys or not self.keys.keys().isdisjoint(data))
        return isinstance(data, list)

    def under(self, key: str) -> Selection | None:
        """The selectors that go on under a key: those that name it, or else those for any key."""
        return self.keys.get(key) or self.keys.get(_ANY)

    @property
    def below_all(self) -> bool:
        """Whether selectors go on from here."""
        return bool(self.keys) or self.each is not None

    @property
    def always(self) -> Selector | None:
        """The selector that ends here and takes whatever stands here, if it comes before any that asks for keys."""
        first = self.ends[0] if self.ends else None
        asks = first is None or first.has or first.unless or first.class_by
        return None if asks else first

    def told(self, data: Any) -> tuple[bool, str | None]:
        """Whether a selector that ends here takes ``data`` for a record, and the class that it tells."""
        for selector in self.ends:
            if not selector.has and not selector.unless and not selector.class_by:
                return True, selector.class_name
            if not isinstance(data, dict) or any(data.get(key) is None for key in selector.has):
                continue
            if any(data.get(key) is not None for key in selector.unless):
                continue
            if not selector.class_by:
                return True, selector.class_name
            name = data.get(selector.class_by)
            if isinstance(name, str) and name:
                return True, name
        return False, None

    def at(self, pointer: str, data: Any) -> tuple[bool, str | None]:
        """:meth:`told` of the node at a pointer (RFC 6901) of a document, in whose root list it may be one of many."""
        steps = [part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:]]
        if self.each is None and steps and steps[0].isdigit() and steps[0] not in self.keys:
            steps = steps[1:]
        node = self
        for step in steps:
            below = node.under(step) or (node.each if step.isdigit() else None)
            if below is None:
                return False, None
            node = below
        return node.told(data)


def selection(selectors: Iterable[Selector]) -> Selection:
    """The tree of ``selectors``; none at all selects each document itself, its class untold.

    >>> tree = selection([Selector(("data", "*", "feeds", EACH), "Feed")])
    >>> tree.at("/data/hu/feeds/0", {}), tree.at("/data/feeds/0", {})
    ((True, 'Feed'), (False, None))
    """
    root = Selection()
    for selector in tuple(selectors) or (Selector(),):
        node = root
        for step in selector.path:
            if step is EACH:
                node.each = node.each or Selection()
                node = node.each
            else:
                node = node.keys.setdefault(str(step), Selection())
        node.ends.append(selector)
    return root
