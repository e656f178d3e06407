"""Mappings and schemas mangled at random: loaded, or refused as ours; never anything else."""

from __future__ import annotations

import copy
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import semantics
from semantics.errors import SchemaError
from semantics.yaml_source import Plain, read_yaml

SUITE = Path(__file__).parents[1] / "conformance"
ODD: list[Any] = [
    None, True, 0, -1, 10**30, Plain("1.5"), "", "x", "a.b", "{x}", "__class__", "é\u202e", "a" * 300, [], [1], ["a"],
    [None], [[]], {}, {"a": 1}, {"name": "x"}, {"x": None}, "Account", "Kind", "owner", "[*]", "$", "a[0]",
    "data:{number}", "1", "null",
]  # fmt: skip
KEYS = (
    "name", "expr", "iri", "value", "for_each", "as", "where", "emit", "populated_from", "unmapped", "default", "range",
    "class_derivations", "slot_derivations", "identifier", "multivalued", "is_a", "mixins", "attributes", "slot_usage",
    "any_of", "permissible_values", "pattern", "required", "typeof", "source", "records", "prefixes", "rules",
    "enum_derivations", "slot_conditions", "unique_keys",
)  # fmt: skip


def read(path: Path) -> dict[str, Any]:
    """The data of a YAML file."""
    return read_yaml(path, error=SchemaError).data


def places(data: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every path in a document."""
    if path:
        yield path
    steps = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for step, inner in steps:
        yield from places(inner, (*path, step))


def mangled(data: dict[str, Any], dice: random.Random) -> dict[str, Any]:
    """A copy with one to three things replaced, added, renamed or removed."""
    data = copy.deepcopy(data)
    for _ in range(dice.randint(1, 3)):
        found = list(places(data))
        if not found:
            break
        *way, last = dice.choice(found)
        holder: Any = data
        for step in way:
            holder = holder[step]
        chance = dice.random()
        if chance < 0.6:
            holder[last] = copy.deepcopy(dice.choice(ODD))
        elif chance < 0.8 and isinstance(holder, dict):
            holder[dice.choice(KEYS)] = copy.deepcopy(dice.choice(ODD))
        elif isinstance(holder, dict):
            holder[str(dice.choice(ODD))] = holder.pop(last)
        else:
            del holder[last]
    return data


@pytest.mark.parametrize("seed", range(20))
def test_what_is_mangled_is_loaded_or_refused(seed: int) -> None:
    """No exception but ours, and every finding says something."""
    dice = random.Random(seed)
    source, target = read(SUITE / "source.yaml"), read(SUITE / "target.yaml")
    mappings = [
        read(path) for path in sorted(SUITE.rglob("mapping.yaml"))[::4] if not path.with_name("errors.yaml").exists()
    ]
    for _ in range(25):
        parts = [dice.choice(mappings), source, target]
        victim = dice.choice((0, 0, 1, 2))
        parts[victim] = mangled(parts[victim], dice)
        try:
            mapping = semantics.load_mapping(parts[0], source_schema=parts[1], target_schema=parts[2])
        except semantics.DefinitionError as fault:
            assert all(found.code and found.message for found in fault.diagnostics)
            continue
        outcome = mapping.try_apply({"number": "1", "owner": "a", "entries": [{"value": 1}]})
        assert "INT001" not in [found.code for found in getattr(outcome, "diagnostics", ())]
