"""How good suggestions are: every mapping of the library is suggested without what is known of it, and compared.

Left out of the evidence for a mapping: itself, what has its source schema, and the rules of files that it shares. Its
forests are grown from all others, one mapping left out after the other. Sources without their descriptions, and tables
made of their classes, are suggested and learned from besides, and measured apart.

    python benchmarks/suggest.py            # the table
    python benchmarks/suggest.py --fit      # and the forests of all mappings, into semantics/suggestions/forests.json
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from math import sqrt
from multiprocessing import get_context
from typing import Any

import lightgbm
import msgspec
import numpy as np
from msgspec.structs import replace
from suggest_tables import tables

from semantics.engine.prepare import define
from semantics.engine.suggest import experiences, published_links
from semantics.schema.model import SchemaModel
from semantics.suggestions.forest import FORESTS, Forest, Tree
from semantics.suggestions.likeness import FEATURES
from semantics.suggestions.measure import Measured, Truth, truth_of
from semantics.suggestions.propose import ACTIVE, Ready, chosen, closer, ready, surrounded
from semantics.suggestions.support import CONTEXT, Surroundings
from semantics.suggestions.usage import without
from semantics.workspace import Workspace, library_root

LOOKS = ((*FEATURES,), (*FEATURES, *CONTEXT))
TREES = 120
WHOLE, BARE, TABLE = "whole", "bare", "table"
COUNTS: Mapping[str, float] = {WHOLE: 1.0, BARE: 0.5, TABLE: 0.4}
"""How much a case counts when forests are grown, beside a whole schema."""
SMALL = 12_000
"""Pairs up to which the forests also learn from a mapping without the descriptions of its source."""
GROWING: Mapping[str, Any] = {
    "objective": "binary", "learning_rate": 0.1, "num_leaves": 31, "min_data_in_leaf": 40, "lambda_l2": 10,
    "feature_fraction": 0.5, "bagging_fraction": 0.7, "bagging_freq": 1, "seed": 1,
    "deterministic": True, "force_row_wise": True, "num_threads": 1, "verbosity": -1,
}  # fmt: skip
SPEAKS_FOR: frozenset[str] = frozenset({
    "same name", "same name or alias", "words of the names", "descriptions", "names with classes", "all words", "kinds",
    "same IRI", "same codes", "units", "used so elsewhere", "nearest use elsewhere", "any name covered",
    "target's name covered", "words that stand for each other elsewhere", "chance", "odds", "classes fit",
    "classes fit best",
})  # fmt: skip
"""Evidence that never speaks against a pair, whatever the rest is."""


@dataclass
class Case:
    """A mapping: its pairs, which of them are right, and their chances so far; and the rows of those looked at.

    It is ``whole``, or ``bare``: without descriptions in its source, as sample records have none, or a ``table``.
    """

    name: str
    kind: str
    ready: Ready
    truth: Truth
    right: np.ndarray
    surroundings: Surroundings
    chances: list[float]
    near: Sequence[int]
    rows: np.ndarray


def cases() -> Iterator[Case]:
    """Every mapping of the library with a source schema that no mapping before it has; small ones are bare, too."""
    workspace = Workspace((library_root(),))
    known = experiences(workspace)
    links = published_links(workspace)
    seen: set[str] = set()
    for own in known:
        if own.source_schema in seen:
            continue
        seen.add(own.source_schema)
        found = define(own.mapping, workspace=workspace)
        truth = truth_of(found.plan, found.source, found.target)
        prepared = ready(found.source, found.target, without(known, own), links)
        yield case_of(own.mapping, WHOLE, prepared, truth)
        if len(prepared.pairs) < SMALL:
            bare = ready(undescribed(found.source), found.target, without(known, own), links)
            yield case_of(own.mapping, BARE, bare, truth)
        for table, told in tables(own.mapping, found.source, truth):
            yield case_of(own.mapping, TABLE, ready(table, found.target, without(known, own), links), told)


def case_of(name: str, kind: str, found: Ready, truth: Truth) -> Case:
    """A case before the first look."""
    right = np.array([
        bool(truth.right(pair.source.described.term, pair.source.leaf, pair.target.term)) for pair in found.pairs
    ])  # fmt: skip
    around, count = Surroundings(found.source, found.target), len(right)
    rows = np.array(found.own, dtype=np.float32)
    return Case(name, kind, found, truth, right, around, [1.0] * count, range(count), rows)


def undescribed(schema: SchemaModel) -> SchemaModel:
    """A schema without descriptions and titles."""
    classes = {
        name: replace(
            cls, description=None,
            slots={key: replace(slot, description=None, title=None) for key, slot in cls.slots.items()},
        )
        for name, cls in schema.classes.items()
    }  # fmt: skip
    return replace(schema, classes=classes)


# -- growing -----------------------------------------------------------------------------------------


def grown(cases: Sequence[Case], names: Sequence[str]) -> Forest:
    """Gradient boosting; a mapping counts by the root of its size."""
    rows = np.vstack([case.rows for case in cases])
    right = np.concatenate([case.right[case.near] for case in cases])
    weights = np.concatenate([
        np.full(len(case.rows), COUNTS[case.kind] / sqrt(len(case.truth.wanted))) for case in cases
    ])  # fmt: skip
    growing = {**GROWING, "monotone_constraints": [int(name in SPEAKS_FOR) for name in names]}
    data = lightgbm.Dataset(rows, right, weight=weights / weights.mean())
    found = lightgbm.train(growing, data, TREES).dump_model()
    return Forest(tuple(names), tuple(_tree(each["tree_structure"]) for each in found["tree_info"]))


def _tree(root: Mapping[str, Any]) -> Tree:
    """A tree as it is kept: numbers with five digits, which is what the evidence is worth."""
    nodes: list[list[Any]] = []

    def add(node: Mapping[str, Any]) -> int:
        at = len(nodes)
        nodes.append([-1, 0, 0, 0, _short(node.get("leaf_value", node.get("internal_value", 0.0)))])
        if "split_feature" in node:
            nodes[at][:2] = node["split_feature"], _short(node["threshold"])
            nodes[at][2:4] = add(node["left_child"]), add(node["right_child"])
        return at

    add(root)
    return Tree(*(tuple(column) for column in zip(*nodes, strict=True)))


def _short(value: float) -> float:
    short = float(f"{value:.5g}")
    return int(short) if short.is_integer() else short


def _left_out(name: str) -> dict[int, list[float]]:
    """The chances of the cases of a mapping by a forest that knows all others."""
    forest = grown([case for case in FOUND if case.name != name], LOOKS[LOOK])
    return {
        at: [forest.chance(row) for row in case.rows.tolist()] for at, case in enumerate(FOUND) if case.name == name
    }


def fitted(found: list[Case], fit: bool) -> list[Forest]:
    """Leaves every case with chances by forests that know nothing of it; gives those of all, for each look."""
    global FOUND, LOOK
    forests: list[Forest] = []
    for number, names in enumerate(LOOKS):
        if number:
            for case in found:
                case.near = closer(case.chances)
                rows = surrounded(case.ready, case.near, case.chances, case.surroundings)
                case.rows = np.array(rows, dtype=np.float32)
        FOUND, LOOK = found, number
        with ProcessPoolExecutor(os.cpu_count(), get_context("fork")) as pool:
            for told in pool.map(_left_out, dict.fromkeys(case.name for case in found)):
                for which, chances in told.items():
                    case = found[which]
                    case.chances = [0.0] * len(case.right)
                    for at, chance in zip(case.near, chances, strict=True):
                        case.chances[at] = chance
        if fit:
            forests.append(grown(found, names))
        say(f"look {number + 1}: " + line("", total(measured(found).values())))
        for kind in (BARE, TABLE):
            say(f"        {kind}: " + line("", total(measured(found, kind=kind).values())))
    return forests


FOUND: list[Case] = []
LOOK = 0


# -- measuring ---------------------------------------------------------------------------------------

NOTHING = Measured(0, 0, 0, 0)


def measured(found: Iterable[Case], least: float = ACTIVE, kind: str = WHOLE) -> dict[str, Measured]:
    """What the chances of each case make of it; those of one kind, by mapping."""
    result: dict[str, Measured] = {}
    for case in (each for each in found if each.kind == kind):
        pairs = case.ready.pairs
        active = (pairs[n] for n in sorted(chosen(pairs, case.chances, least)))
        proposed = ((pair.source.described.term, pair.source.leaf, pair.target.term) for pair in active)
        result[case.name] = result.get(case.name, NOTHING) + case.truth.measure(proposed)
    return result


def by_name(found: Iterable[Case]) -> dict[str, Measured]:
    """What equal names alone make of it, in classes that the suggestions hold for likely."""
    result = {}
    for case in (each for each in found if each.kind == WHOLE):
        pairs = case.ready.pairs
        active = chosen(pairs, case.chances)
        classes = {(pairs[n].source.described.term.cls, pairs[n].target.term.cls) for n in active}
        equal = (
            (pair.source.described.term, pair.source.described.term, pair.target.term) for pair in pairs
            if (pair.source.described.term.cls, pair.target.term.cls) in classes
            and folded(pair.source.described.term.slot) == folded(pair.target.term.slot)
        )  # fmt: skip
        result[case.name] = case.truth.measure(equal)
    return result


def folded(name: str) -> str:
    """A name without case and separators."""
    return "".join(character for character in name.lower() if character.isalnum())


def total(each: Iterable[Measured]) -> Measured:
    """All of them as one."""
    return sum(each, NOTHING)


def line(name: str, found: Measured, names: Measured | None = None) -> str:
    """A row of the table."""
    row = f"{name:18} {found.precision:9.2f} {found.recall:7.2f} {found.f1:6.2f} {found.wanted:6}"
    return row if names is None else f"{row} {names.precision:10.2f} {names.recall:7.2f} {names.f1:6.2f}"


def macro(each: Sequence[Measured]) -> tuple[float, float, float]:
    """The means over mappings."""
    count = len(each)
    return (
        sum(m.precision for m in each) / count, sum(m.recall for m in each) / count, sum(m.f1 for m in each) / count
    )  # fmt: skip


def say(text: str) -> None:
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def written(forests: Sequence[Forest]) -> str:
    """The forests as JSON, a tree on a line."""
    each = []
    for forest in forests:
        trees = ",\n".join(msgspec.json.encode(tree).decode() for tree in forest.trees)
        each.append(f'{{"names":{msgspec.json.encode(forest.names).decode()},"trees":[\n{trees}]}}')
    return "[" + ",\n".join(each) + "]\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--fit", action="store_true", help="write the forests")
    arguments = parser.parse_args()
    found = list(cases())
    say(f"{len(found)} cases, {sum(len(case.right) for case in found)} pairs")
    forests = fitted(found, arguments.fit)
    ours, names = measured(found), by_name(found)
    print(f"{'mapping':18} precision  recall     F1  wanted  by name: P       R     F1")
    for name in ours:
        print(line(name, ours[name], names[name]))
    print(line("all", total(ours.values()), total(names.values())))
    print("mean               " + "   ".join(f"{each:.2f}" for each in macro(list(ours.values()))))
    for kind in (BARE, TABLE):
        apart = measured(found, kind=kind).values()
        print(line(kind, total(apart)) + "   mean " + " ".join(f"{each:.2f}" for each in macro(list(apart))))
    for least in (0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.6):
        at = measured(found, least)
        means = " ".join(f"{each:.2f}" for each in macro(list(at.values())))
        say(f"from {least}: {line('', total(at.values()))} mean {means}")
    if arguments.fit:
        FORESTS.write_text(written(forests))


if __name__ == "__main__":
    main()
