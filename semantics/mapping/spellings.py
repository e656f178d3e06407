"""The spellings of linkml-map: lists, mappings and long forms read alike."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

__all__ = ["article", "bare", "entries", "table_entries"]

Path_ = tuple[str | int, ...]


def article(kind: str) -> str:
    """A kind of part with its article.

    >>> article("enum derivation")
    'an enum derivation'
    """
    return f"{'an' if kind[0] in 'aeio' else 'a'} {kind}"


def bare(entry: Any) -> Any:
    """The value of an entry; ``{key: .., value: ..}`` and ``{prefix_prefix: .., prefix_reference: ..}`` are long forms.

    >>> bare({"key": "a", "value": 1})
    1
    """
    for key, value in (("key", "value"), ("prefix_prefix", "prefix_reference")):
        if isinstance(entry, Mapping) and entry and set(entry) <= {key, value}:
            return entry.get(value)
    return entry


def entries(data: Mapping[str, Any] | list[Any], path: Path_, key: str = "name") -> Iterator[tuple[str, Any, Path_]]:
    """Derivations with their names and places: a mapping, a list with ``name`` (or ``key``), one-key mappings."""
    if isinstance(data, Mapping):
        yield from ((str(name), value, (*path, name)) for name, value in data.items())
        return
    for index, item in enumerate(data):
        where = (*path, index)
        compact = isinstance(item, Mapping) and len(item) == 1
        if isinstance(item, Mapping) and key in item and not (compact and _is_body(item[key])):
            yield str(item[key]), item, where
        elif compact:
            ((name, value),) = item.items()
            yield str(name), value, (*where, name)
        else:
            yield "", item, where


def _is_body(value: Any) -> bool:
    """Whether ``name`` is itself the name of what stands there: ``- name: {populated_from: x}``."""
    return value is None or isinstance(value, Mapping)


def table_entries(data: Mapping[Any, Any] | list[Any], path: Path_) -> Iterator[tuple[Any, Any, Path_]]:
    """Keys and values of a table with their places; the key of an entry that has none is None."""
    if isinstance(data, Mapping):
        yield from ((key, value, (*path, key)) for key, value in data.items())
        return
    for index, item in enumerate(data):
        where = (*path, index)
        named = next((key for key in ("key", "prefix_prefix") if isinstance(item, Mapping) and key in item), None)
        if named is not None:
            yield item[named], item, where
        elif isinstance(item, Mapping) and len(item) == 1:
            ((key, value),) = item.items()
            yield key, value, (*where, key)
        else:
            yield None, item, where
