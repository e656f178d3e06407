"""What stands where in the pictures: the neighbourhood of a class, and the overview of a schema.

Everything is worked out from the model alone, in its order, so that the same model gives the same picture.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Final

from semantics.site.diagram import Box, Diagram, Line, boxed, height_of, width_of
from semantics.site.names import Ref

if TYPE_CHECKING:
    from semantics.site.models import Models

__all__ = ["neighbourhood", "overview"]

GAP: Final = 14.0
"""Between boxes in a column."""
BETWEEN: Final = 64.0
"""Between columns."""
EDGE: Final = 8.0
AROUND: Final = 8
"""Neighbours that are drawn on one side; the list below the picture has all of them."""
SHOWN: Final = 40
"""Classes of an overview: those with the most relations."""
DETAILED, FEW = 6, 12
"""Up to so many classes an overview shows many, or some, of their slots."""
_SWEEPS: Final = 6

Label = tuple[Ref | None, str, tuple[str, ...]]


def neighbourhood(models: Models, ref: Ref) -> Diagram:
    """A class in the middle, what it inherits from above, what inherits from it below, who holds it, what it holds."""
    cls, model = models.classes[ref]
    above: list[Label] = [
        (models.element(name, model), name, ()) for name in ((cls.is_a,) if cls.is_a else ()) + cls.mixins
    ]
    below = _few([(each, each.name, ()) for each in models.children.get(ref, ())])
    users: dict[Ref, list[str]] = {}
    for user, slot in models.users.get(ref, ()):
        users.setdefault(user, []).append(slot)
    held: dict[Ref, list[str]] = {}
    for slot_model in cls.slots.values():
        for each in models.ranges(slot_model, model):
            if each.ref is not None and each.ref.kind != "type":
                held.setdefault(each.ref, []).append(slot_model.name)
    left, right = (_few([(each, each.name, (_slots(names),)) for each, names in found.items()])
                   for found in (users, held))  # fmt: skip
    middle = [*above, (ref, ref.name, (f"{len(cls.slots)} slots",)), *below]
    columns = [_width(left), _width(middle), _width(right)]
    starts = [EDGE, EDGE + columns[0] + (BETWEEN if left else 0), 0.0]
    starts[2] = starts[1] + columns[1] + (BETWEEN if right else 0)
    heights = [_height(left), _height(middle), _height(right)]
    height = max(heights) + 2 * EDGE
    sides = [_column(side, starts[at], columns[at], (height - heights[at]) / 2)
             for at, side in ((0, left), (1, middle), (2, right))]  # fmt: skip
    here = sides[1][len(above)]
    sides[1][len(above)] = here = Box(here.label, here.ref, here.x, here.y, here.width, here.height, "here", here.lines)
    lines = [_across(box, here, f"{box.label} holds {here.label}: {', '.join(box.lines)}") for box in sides[0]]
    lines += [_across(here, box, f"{here.label} holds {box.label}: {', '.join(box.lines)}") for box in sides[2]]
    lines += _spine(sides[1][: len(above)], here, sides[1][len(above) + 1 :])
    told = f"Above: {len(above)}. Below: {len(models.children.get(ref, ()))}. Held by {len(users)}, holds {len(held)}."
    width = starts[2] + (columns[2] if right else 0) + EDGE
    return Diagram(f"What stands around {ref.name}", told, width, height, tuple(box for side in sides for box in side),
                   tuple(lines))  # fmt: skip


def _slots(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{names[0]} and {len(names) - 1} more"


def _few(labels: list[Label]) -> list[Label]:
    """As many as there is room for, and how many more there are."""
    if len(labels) <= AROUND:
        return labels
    return [*labels[: AROUND - 1], (None, f"and {len(labels) - AROUND + 1} more", ())]


def _width(side: Iterable[Label]) -> float:
    return max((width_of(label, *lines) for _, label, lines in side), default=0.0)


def _height(side: Sequence[Label]) -> float:
    return sum(height_of(len(lines)) for _, _, lines in side) + GAP * max(len(side) - 1, 0)


def _column(side: Sequence[Label], x: float, width: float, y: float) -> list[Box]:
    boxes = []
    for ref, label, lines in side:
        style = "more" if ref is None else ref.kind
        box = boxed(ref, label, (x, y), width, lines, style)
        boxes.append(box)
        y += box.height + GAP
    return boxes


def _across(one: Box, other: Box, title: str) -> Line:
    """A curve from the right side of a box to the left side of another."""
    x, y, to, at = one.x + one.width, one.y + one.height / 2, other.x, other.y + other.height / 2
    bend = max((to - x) / 2, 24.0)
    return Line("holds", f"M{x:g} {y:g}C{x + bend:g} {y:g} {to - bend:g} {at:g} {to - 5:g} {at:g}", title)


def _spine(above: Sequence[Box], here: Box, below: Sequence[Box]) -> list[Line]:
    """Lines of inheritance beside the column of a class: up to what it inherits from, and up from what inherits."""
    found = []
    for box, upper in [(box, True) for box in above] + [(box, False) for box in below]:
        parent, child = (box, here) if upper else (here, box)
        near = abs((parent.y + parent.height) - child.y) <= GAP + 1
        if near:
            x = parent.x + parent.width / 2
            path = f"M{x:g} {child.y:g}V{parent.y + parent.height + 9:g}"
        else:
            x, y = child.x, child.y + child.height / 2
            path = f"M{x:g} {y:g}H{x - 12:g}V{parent.y + parent.height / 2:g}H{x - 9:g}"
        found.append(Line("above", path, f"{child.label} is a {parent.label}"))
    return found


# -- the overview of a schema ------------------------------------------------------------------------


def overview(models: Models, classes: Sequence[Ref]) -> tuple[Diagram, int] | None:
    """The classes of a schema and their relations; how many are drawn.

    Few classes stand in layers, with all their relations. Of many, those with the most relations stand as a tree: each
    beside what it is a kind of, or what holds it; what else there is would only be a tangle.
    """
    chosen = _chosen(models, classes)
    if not chosen:
        return None
    name, relations = classes[0].within, _relations(models, chosen)
    if len(chosen) <= FEW:
        boxes = _placed(_ordered(_layers(chosen, relations), relations), _details(models, chosen))
        told = f"{len(chosen)} classes and all relations between them."
    else:
        above = tree(chosen, relations)
        boxes = _as_tree(chosen, above)
        relations = {key: names for key, names in relations.items() if above.get(key[1]) == (key[0], key[2])}
        told = (
            f"{len(chosen)} of {len(classes)} classes, each beside what it is a kind of or what holds it; "
            "the page of a class has all that stands around it."
        )
    lines = [_drawn(boxes[one], boxes[other], kind, names) for (one, other, kind), names in relations.items()]
    width = max(box.x + box.width for box in boxes.values()) + EDGE
    height = max(box.y + box.height for box in boxes.values()) + EDGE
    picture = Diagram(f"Classes of {name}", told, width, height, tuple(boxes[ref] for ref in chosen), tuple(lines))
    return picture, len(chosen)


def _chosen(models: Models, classes: Sequence[Ref]) -> list[Ref]:
    if len(classes) <= SHOWN:
        return list(classes)
    inside = set(classes)
    weight = dict.fromkeys(classes, 0)
    for ref in classes:
        for user, _ in models.users.get(ref, ()):
            if user in inside and user != ref:
                weight[ref] += 1
                weight[user] += 1
        weight[ref] += 2 * sum(child in inside for child in models.children.get(ref, ()))
        weight[ref] += 5 * models.classes[ref][0].tree_root
    most = set(sorted(classes, key=lambda ref: (-weight[ref], ref.name))[:SHOWN])
    return [ref for ref in classes if ref in most]


Relations = dict[tuple[Ref, Ref, str], list[str]]


def _relations(models: Models, chosen: Sequence[Ref]) -> Relations:
    """Who holds whom (with the slots), and who is below whom, among some classes."""
    inside = set(chosen)
    found: Relations = {}
    for ref in chosen:
        for child in models.children.get(ref, ()):
            if child in inside and child != ref:
                found[ref, child, "above"] = ["is a"]
    for ref in chosen:
        for user, slot in models.users.get(ref, ()):
            if user in inside and user != ref:
                found.setdefault((user, ref, "holds"), []).append(slot)
    return found


def _layers(chosen: Sequence[Ref], relations: Relations) -> list[list[Ref]]:
    """Each class to the right of those that hold it, as far as that goes round in no circle; then those alone."""
    after: dict[Ref, list[Ref]] = {ref: [] for ref in chosen}
    for one, other, _ in relations:
        after[one].append(other)
    related = {ref for one, other, _ in relations for ref in (one, other)}
    held = {other for _, other, _ in relations}
    depth: dict[Ref, int] = {}
    order = [ref for ref in chosen if ref in related and ref not in held] + [ref for ref in chosen if ref in related]
    for start in order:
        _deepen(start, 0, after, depth, set())
    layers: list[list[Ref]] = [[] for _ in range(max(depth.values(), default=-1) + 1)]
    for ref in chosen:
        if ref in depth:
            layers[depth[ref]].append(ref)
    alone = [ref for ref in chosen if ref not in related]
    layers = [layer for layer in layers if layer] or [[]]
    shortest = min(range(len(layers)), key=lambda at: len(layers[at])) if len(alone) <= 3 else len(layers)
    layers = layers if shortest < len(layers) else [*layers, []]
    layers[shortest].extend(alone)
    return [layer for layer in layers if layer]


def _deepen(ref: Ref, at: int, after: dict[Ref, list[Ref]], depth: dict[Ref, int], path: set[Ref]) -> None:
    """Push a class, and what it holds, to the right: no deeper than :data:`_DEEPEST`, and not round a circle."""
    if ref in depth and depth[ref] >= at:
        return
    if ref in depth and at > _DEEPEST:
        return
    depth[ref] = min(at, _DEEPEST)
    path.add(ref)
    for other in after[ref]:
        if other not in path:
            _deepen(other, at + 1, after, depth, path)
    path.discard(ref)


_DEEPEST: Final = 5
"""Layers beyond the first: what would stand further right stands in the last."""


def _ordered(layers: list[list[Ref]], relations: Relations) -> list[list[Ref]]:
    """Within their layers near what they are related to, so that fewer lines cross."""
    near: dict[Ref, list[Ref]] = {}
    for one, other, _ in relations:
        near.setdefault(one, []).append(other)
        near.setdefault(other, []).append(one)
    for sweep in range(_SWEEPS):
        place = {ref: (at + 0.5) / len(layer) for layer in layers for at, ref in enumerate(layer)}
        for layer in layers if sweep % 2 == 0 else reversed(layers):
            middles = {ref: (_middle(ref, layer, near, place), place[ref]) for ref in layer}
            layer.sort(key=middles.__getitem__)
            place |= {ref: (at + 0.5) / len(layer) for at, ref in enumerate(layer)}
    return layers


def _middle(ref: Ref, layer: Sequence[Ref], near: dict[Ref, list[Ref]], place: dict[Ref, float]) -> float:
    """Where what a class is related to stands in other layers, on the whole."""
    others = [place[other] for other in near.get(ref, ()) if other not in layer]
    return round(sum(others) / len(others), 6) if others else place[ref]


def tree(chosen: Sequence[Ref], relations: Relations) -> dict[Ref, tuple[Ref, str]]:
    """What each class stands beside: its parent, else the first class from outside on that holds it."""
    below: dict[Ref, dict[Ref, str]] = {ref: {} for ref in chosen}
    kinds = {other for _, other, kind in relations if kind == "above"}
    for one, other, kind in relations:
        if kind == "above" or other not in kinds:
            below[one].setdefault(other, kind)
    held = {other for found in below.values() for other in found}
    heavy = sorted(chosen, key=lambda ref: (ref in held, -len(below[ref])))
    above: dict[Ref, tuple[Ref, str]] = {}
    reached: set[Ref] = set()
    waiting: deque[Ref] = deque(ref for ref in heavy if ref not in held)
    reached.update(waiting)
    for start in heavy:
        if start not in reached:
            reached.add(start)
            waiting.append(start)
        while waiting:
            ref = waiting.popleft()
            for other, kind in below[ref].items():
                if other not in reached:
                    reached.add(other)
                    above[other] = (ref, kind)
                    waiting.append(other)
    return above


def _as_tree(chosen: Sequence[Ref], above: dict[Ref, tuple[Ref, str]]) -> dict[Ref, Box]:
    """Boxes from left to right by how deep they stand, each in the middle of what stands beside it."""
    below: dict[Ref, list[Ref]] = {}
    for ref, (parent, _) in above.items():
        below.setdefault(parent, []).append(ref)
    depths: dict[Ref, int] = {}
    rows: dict[Ref, float] = {}
    row = 0.0
    pending = [(ref, 0, False) for ref in reversed(chosen) if ref not in above]
    while pending:
        ref, depth, inside = pending.pop()
        children = below.get(ref, [])
        if inside:
            rows[ref] = (rows[children[0]] + rows[children[-1]]) / 2
            continue
        depths[ref] = depth
        if children:
            pending += [(ref, depth, True), *((child, depth + 1, False) for child in reversed(children))]
        else:
            rows[ref], row = row, row + 1
    starts, x = [], EDGE
    for depth in range(max(depths.values()) + 1):
        starts.append(x)
        x += max(width_of(ref.name) for ref in chosen if depths[ref] == depth) + BETWEEN
    step = height_of(0) + 10
    return {
        ref: boxed(ref, ref.name, (starts[depths[ref]], EDGE + rows[ref] * step), width_of(ref.name), style="class")
        for ref in chosen
    }


def _details(models: Models, chosen: Sequence[Ref]) -> dict[Ref, tuple[str, ...]]:
    """The lines below the names: slots where classes are few, how many there are where not."""
    room = 10 if len(chosen) <= DETAILED else 5
    found = {}
    for ref in chosen:
        slots = list(models.classes[ref][0].slots.values())
        told = [f"{slot.name}: {slot.range or 'string'}" for slot in slots[:room]]
        rest = len(slots) - len(told)
        found[ref] = (*told, *((f"and {rest} more" if told else f"{rest} slots",) if rest else ()))
    return found


def _placed(layers: list[list[Ref]], lines_of: dict[Ref, tuple[str, ...]]) -> dict[Ref, Box]:
    heights = [sum(height_of(len(lines_of[ref])) for ref in layer) + GAP * (len(layer) - 1) for layer in layers]
    height, x, boxes = max(heights), EDGE, {}
    for layer, taken in zip(layers, heights, strict=True):
        width = max(width_of(ref.name, *lines_of[ref]) for ref in layer)
        y = EDGE + (height - taken) / 2
        for ref in layer:
            boxes[ref] = boxed(ref, ref.name, (x, y), width, lines_of[ref], "class")
            y += boxes[ref].height + GAP
        x += width + BETWEEN
    return boxes


def _drawn(one: Box, other: Box, kind: str, names: Sequence[str]) -> Line:
    """A line between two classes of an overview: a line of inheritance ends at the parent."""
    if kind == "above":
        start, end, title = other, one, f"{other.label} is a {one.label}"
    else:
        start, end, title = one, other, f"{one.label} holds {other.label}: {', '.join(names)}"
    y, at = start.y + start.height / 2, end.y + end.height / 2
    if start.x == end.x:
        x = start.x
        path = f"M{x:g} {y:g}C{x - 34:g} {y:g} {x - 34:g} {at:g} {x - 5:g} {at:g}"
    elif start.x < end.x:
        x, to = start.x + start.width, end.x
        bend = (to - x) / 2
        path = f"M{x:g} {y:g}C{x + bend:g} {y:g} {to - bend:g} {at:g} {to - 6:g} {at:g}"
    else:
        x, to = start.x, end.x + end.width
        bend = (x - to) / 2
        path = f"M{x:g} {y:g}C{x - bend:g} {y:g} {to + bend:g} {at:g} {to + 6:g} {at:g}"
    return Line("above" if kind == "above" else "holds", path, title)
