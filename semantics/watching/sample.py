"""What comes of sample records, path by path, and what an edit changes of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from semantics.records import Filtered, Mapped, Outcome, Rejected

__all__ = ["Effect", "difference", "paths_of"]


@dataclass(frozen=True, slots=True)
class Effect:
    """A path of what is made, with the text of its value before and after; None where there is none."""

    path: str
    before: str | None
    after: str | None


def paths_of(outcomes: Sequence[Outcome]) -> dict[str, str]:
    """Every value that comes of records, as JSON by its path, in the order of the instances."""
    found: dict[str, str] = {}
    for outcome in outcomes:
        head = f"record {outcome.record.number}" if len(outcomes) > 1 else ""
        match outcome:
            case Mapped(instances=instances):
                names = [instance.class_name for instance in instances]
                for index, instance in enumerate(instances):
                    nth = (
                        f"[{names[:index].count(instance.class_name)}]" if names.count(instance.class_name) > 1 else ""
                    )
                    _flatten(instance.data, " ".join(filter(None, (head, instance.class_name + nth))), found)
            case Rejected(diagnostics=diagnostics):
                found[head or "record"] = "rejected: " + ", ".join(finding.code for finding in diagnostics)
            case Filtered():
                found[head or "record"] = "filtered"
    return found


def _flatten(value: Any, path: str, found: dict[str, str]) -> None:
    if isinstance(value, Mapping):
        for name, inner in value.items():
            _flatten(inner, f"{path}.{name}", found)
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            _flatten(inner, f"{path}[{index}]", found)
    elif value is not None:
        found[path] = msgspec.json.Encoder(decimal_format="number").encode(value).decode()


def difference(before: Mapping[str, str], after: Mapping[str, str]) -> tuple[Effect, ...]:
    """What is not the same, in the order of what is there now; what has gone comes last.

    >>> difference({"a": "1", "b": "2"}, {"b": "3", "c": "4"})
    (Effect(path='b', before='2', after='3'), Effect(path='c', before=None, after='4'), \
Effect(path='a', before='1', after=None))
    """
    changed = [Effect(path, before.get(path), text) for path, text in after.items() if before.get(path) != text]
    return (*changed, *(Effect(path, text, None) for path, text in before.items() if path not in after))
