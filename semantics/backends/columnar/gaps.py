"""What the columnar backend does not carry out, and why: a plan with any of it is left to the other backends.

A gap is declared, never guessed around: where a query cannot be shown to give what the oracle gives, for every
value that a column can hold, the construct stands here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from semantics.errors import Location

__all__ = ["GAPS", "Gap", "Unproven"]

GAPS: Final[dict[str, str]] = {
    "dialect": "a mapping in the dialect of another tool: its values have no types before they are there",
    "joins": "records that are looked up: a join goes over all records, a chunk holds some",
    "groups": "records that are put together, for the same reason",
    "several rules": "a source class that starts several rules: one row would give several instances",
    "recursion": "rules that build on themselves: a query has a fixed depth",
    "whole objects": "an instance that one expression gives, or whose nulls are kept",
    "recalled slots": "slots that read other slots of the instance",
    "references": "slots that refer to other objects: whether these are there is asked of all records together",
    "keyed objects": "objects in a mapping by their identifier: columns have no such type",
    "computed codes": "codes whose value is an expression",
    "several classes": "a slot whose objects are made by several rules",
    "elements": "an element of a list by its position",
    "lists": "expressions over lists",
    "events in lists": "defaults and codes without an entry inside the objects of a list, which are counted one by one",
    "comprehension": "a list made by an expression",
    "function": "a function that has no counterpart of which it is known that it gives the same for every value",
    "division": "a quotient that may not end: it is rounded to 34 digits, which no decimal type of a column does",
    "power": "powers",
    "binary numbers": "a binary number that becomes text or an exact one: its shortest decimal form is needed",
    "digits": "exact numbers of more than 38 digits",
    "trailing zeros": "the text of a number whose digits after the point differ from row to row",
    "moments": "date-times that are compared or computed with: two texts may stand for one moment",
    "times": "times of day",
    "kinds": "a value of a kind that its place always refuses, or of any kind",
    "column type": "a column whose type is not one that the ordinary reader is known to read in the same way",
    "column names": "columns or slots whose names differ only in case, or hold NUL",
    "pattern": "a pattern that may mean something else to the other engine of regular expressions",
    "constraint": "a constraint of the model that is not a test of one value",
    "class conditions": "rules and conditions of a class",
    "unique objects": "objects in a list that have to be told apart",
    "abstract class": "a class that has no instances of its own, or is told by its data",
    "constant": "a constant that no column holds",
    "size": "an expression that would be too large as a query",
}
"""Every gap by its name, with the reason; the reference page is made from it."""


@dataclass(frozen=True, slots=True)
class Gap:
    """A place of a plan that this backend does not carry out: which gap, what stands there, and where."""

    name: str
    what: str
    origin: Location | None = None

    def __str__(self) -> str:
        place = f"{self.origin.file or '<mapping>'}:{self.origin.line or 1}: " if self.origin is not None else ""
        return f"{place}{self.what}: {GAPS[self.name]}"


class Unproven(Exception):
    """An expression, rule or column that falls into a gap."""

    def __init__(self, name: str, what: str = "") -> None:
        self.name, self.what = name, what
        if name not in GAPS:
            raise ValueError(f"no gap is named {name}")
        super().__init__(f"{name}: {what}")
