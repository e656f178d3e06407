"""Findings of an analysis as people and programs read them: plain tables, and JSON with exact numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from semantics.expressions.values import text_of

__all__ = ["as_json", "as_yaml", "table"]


def as_json(found: Any) -> str:
    """Dataclasses and plain data as indented JSON; decimals keep every digit.

    >>> from decimal import Decimal
    >>> print(as_json({"a": Decimal("1.10")}))
    {
      "a": 1.10
    }
    """
    raw = msgspec.json.Encoder(enc_hook=text_of, decimal_format="number").encode(found)
    return msgspec.json.format(raw, indent=2).decode()


def table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """A table of plain text: columns as wide as their longest cell, two spaces between them.

    >>> print(table(("slot", "read"), [("id", 12)]))
    slot  read
    id    12
    """
    cells = [[str(cell) for cell in row] for row in (head, *rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(head))]
    lines = ("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in cells)
    return "\n".join(line.rstrip() for line in lines)


def as_yaml(data: dict[str, Any]) -> str:
    """Plain data as block YAML, keys in the order they were put in.

    >>> print(as_yaml({"a": {"b": "NO"}}), end="")
    a:
      b: 'NO'
    """
    import yaml

    return str(yaml.safe_dump(data, sort_keys=False, allow_unicode=True, width=116))
