"""How good suggestions are: every mapping of the library is suggested without what is known of it, and compared.

Left out of the evidence for a mapping: itself, what has its source schema, and the rules of files that it shares. Its
weights are fitted on other mappings: the library is cut into five parts, and each is measured with weights of the
other four.

    python benchmarks/suggest.py            # the table
    python benchmarks/suggest.py --fit      # and the weights of all mappings, into semantics/suggestions/weights.py
"""

from __future__ import annotations

import argparse
import random
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import exp, sqrt

from semantics.engine.prepare import define
from semantics.engine.suggest import experiences, published_links
from semantics.suggestions.likeness import FEATURES
from semantics.suggestions.measure import Measured, Truth, truth_of
from semantics.suggestions.propose import ACTIVE, Ready, chosen, ready
from semantics.suggestions.support import CONTEXT, Surroundings, standings
from semantics.suggestions.usage import without
from semantics.workspace import Workspace, library_root

WEIGHTS = library_root() / "semantics/suggestions/weights.py"
PARTS = 5
LOOKS = 2
Row = tuple[float, ...]
Table = dict[str, float]


@dataclass
class Case:
    """A mapping: its pairs, which of them are right, and the chances of the look before."""

    name: str
    ready: Ready
    truth: Truth
    right: list[bool]
    surroundings: Surroundings
    chances: list[float]
    rows: Sequence[Row]


def cases() -> Iterator[Case]:
    """Every mapping of the library with a source schema that no mapping before it has."""
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
        right = [
            bool(truth.right(pair.source.described.term, pair.source.leaf, pair.target.term)) for pair in prepared.pairs
        ]
        around = Surroundings(found.source, found.target)
        yield Case(own.mapping, prepared, truth, right, around, [0.0] * len(right), prepared.own)


# -- fitting -----------------------------------------------------------------------------------------


def fit(cases: Iterable[Case], names: Sequence[str]) -> Table:
    """Logistic regression by stochastic descent (AdaGrad), over standardised evidence; a mapping counts by its root."""
    rng = random.Random(1)
    sample: list[tuple[Row, bool, float]] = []
    for case in cases:
        few = min(1.0, 1800 / max(1, len(case.right)))
        share = 1 / sqrt(max(1, len(case.truth.wanted)))
        for row, right in zip(case.rows, case.right, strict=True):
            if right or rng.random() < few:
                sample.append((row, right, share if right else share / few))
    mean, scale = _scales(sample, len(names))
    level = sum(weight for *_, weight in sample) / len(sample)
    data = [
        ([(x - m) / s for x, m, s in zip(row, mean, scale, strict=True)], float(y), w / level) for row, y, w in sample
    ]
    weights, seen = [0.0] * (len(names) + 1), [1e-8] * (len(names) + 1)
    for _ in range(7):
        rng.shuffle(data)
        for row, right, weight in data:
            total = weights[-1] + sum(map(float.__mul__, weights, row))
            error = weight * (1 / (1 + exp(-max(-30.0, min(30.0, total)))) - right)
            steps = [error * value for value in row] + [error]
            seen = [s + g * g for s, g in zip(seen, steps, strict=True)]
            weights = [w - 0.2 * g / sqrt(s) for w, g, s in zip(weights, steps, seen, strict=True)]
    table = {name: round(w / s, 4) for name, w, s in zip(names, weights, scale, strict=False)}
    base = weights[-1] - sum(w * m / s for w, m, s in zip(weights, mean, scale, strict=False))
    return {"": round(base, 4), **table}


def _scales(sample: Sequence[tuple[Row, bool, float]], count: int) -> tuple[list[float], list[float]]:
    mean = [sum(row[at] for row, *_ in sample) / len(sample) for at in range(count)]
    spread = [sqrt(sum((row[at] - mean[at]) ** 2 for row, *_ in sample) / len(sample)) for at in range(count)]
    return mean, [each if each > 1e-9 else 1.0 for each in spread]


def chances(rows: Sequence[Row], table: Mapping[str, float], names: Sequence[str]) -> list[float]:
    """The chance of each row by some weights."""
    weights, base = [table[name] for name in names], table[""]
    return [1 / (1 + exp(-max(-40.0, min(40.0, base + sum(map(float.__mul__, weights, row)))))) for row in rows]


def fitted(found: list[Case]) -> list[Table]:
    """Leaves every case with chances by weights that were not fitted on it; gives the weights of all, for each look."""
    names: tuple[str, ...] = tuple(FEATURES)
    tables: list[Table] = []
    for number in range(LOOKS):
        if number:
            names = (*FEATURES, *CONTEXT)
            for case in found:
                stands = standings(case.ready.pairs, case.chances, case.surroundings)
                values = tuple(CONTEXT.values())
                case.rows = [
                    (*row, *(value(stand) for value in values))
                    for row, stand in zip(case.ready.own, stands, strict=True)
                ]
        tables.append(fit(found, names))
        for part in range(PARTS):
            left = [case for at, case in enumerate(found) if at % PARTS == part]
            table = fit((case for at, case in enumerate(found) if at % PARTS != part), names)
            for case in left:
                case.chances = chances(case.rows, table, names)
        say(f"look {number + 1}: " + line("", total(measured(found).values())))
    return tables


# -- measuring ---------------------------------------------------------------------------------------


def measured(found: Iterable[Case], least: float = ACTIVE) -> dict[str, Measured]:
    """What the chances of each case make of it."""
    result = {}
    for case in found:
        pairs = case.ready.pairs
        active = (pairs[n] for n in sorted(chosen(pairs, case.chances, least)))
        proposed = ((pair.source.described.term, pair.source.leaf, pair.target.term) for pair in active)
        result[case.name] = case.truth.measure(proposed)
    return result


def by_name(found: Iterable[Case]) -> dict[str, Measured]:
    """What equal names alone make of it, in classes that the suggestions hold for likely."""
    result = {}
    for case in found:
        pairs = case.ready.pairs
        active = chosen(pairs, case.chances)
        classes = {(pairs[n].source.described.term.cls, pairs[n].target.term.cls) for n in active}
        equal = (
            (pair.source.leaf, pair.source.leaf, pair.target.term) for pair in pairs
            if pair.source.inner is None
            and (pair.source.described.term.cls, pair.target.term.cls) in classes
            and folded(pair.source.leaf.slot) == folded(pair.target.term.slot)
        )  # fmt: skip
        result[case.name] = case.truth.measure(equal)
    return result


def folded(name: str) -> str:
    """A name without case and separators."""
    return "".join(character for character in name.lower() if character.isalnum())


def total(each: Iterable[Measured]) -> Measured:
    """All of them as one."""
    return sum(each, Measured(0, 0, 0, 0))


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


def written(tables: Sequence[Table]) -> str:
    """The module of the weights."""
    lines = [
        '"""How much each piece of evidence counts: written by ``benchmarks/suggest.py --fit``."""', "",
        "from __future__ import annotations", "", "from collections.abc import Mapping", "from typing import Final", "",
        '__all__ = ["WEIGHTS"]', "", "WEIGHTS: Final[tuple[Mapping[str, float], ...]] = (",
    ]  # fmt: skip
    for table in tables:
        lines.append("    {")
        lines += [f'        "{name}": {weight},' for name, weight in table.items()]
        lines.append("    },")
    return "\n".join(
        [*lines, ")", '"""For each look the weight of each feature; that of no name is where the sum starts."""', ""]
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--fit", action="store_true", help="write the weights")
    arguments = parser.parse_args()
    found = list(cases())
    say(f"{len(found)} mappings, {sum(len(case.right) for case in found)} pairs")
    tables = fitted(found)
    ours, names = measured(found), by_name(found)
    print(f"{'mapping':18} precision  recall     F1  wanted  by name: P       R     F1")
    for name in ours:
        print(line(name, ours[name], names[name]))
    print(line("all", total(ours.values()), total(names.values())))
    print("mean               " + "   ".join(f"{each:.2f}" for each in macro(list(ours.values()))))
    for least in (0.3, 0.4, 0.5):
        at = measured(found, least)
        means = " ".join(f"{each:.2f}" for each in macro(list(at.values())))
        say(f"from {least}: {line('', total(at.values()))} mean {means}")
    if arguments.fit:
        WEIGHTS.write_text(written(tables))


if __name__ == "__main__":
    main()
