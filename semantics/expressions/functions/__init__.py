"""The table of functions. A function is added by one decorated definition and one line here."""

from __future__ import annotations

from typing import Final

from semantics.expressions.functions import lists, numbers, text, time, units
from semantics.expressions.registry import FunctionSpec

__all__ = ["FUNCTIONS", "NOT_YET"]

FUNCTIONS: Final[dict[str, FunctionSpec]] = {
    spec.name: spec
    for spec in (
        # null and choice (case() is part of the grammar, because it is lazy)
        lists.coalesce, lists.is_null, lists.null_if,
        # text
        text.str_, text.concat, text.upper, text.lower, text.title, text.capitalize, text.strip,
        text.lstrip, text.rstrip, text.replace, text.substr, text.strlen, text.startswith,
        text.endswith, text.contains, text.split, text.join, text.matches, text.pad_left,
        # numbers
        numbers.int_, numbers.decimal, numbers.float_, numbers.bool_, numbers.abs_, numbers.round_,
        numbers.floor, numbers.ceil,
        # lists
        lists.len_, lists.first, lists.last, lists.single, lists.min_, lists.max_, lists.sum_, lists.sorted_,
        lists.reversed_, lists.distinct, lists.any_, lists.all_,
        # dates and times
        time.date_, time.datetime_, time.time_, time.parse_date, time.format_date, time.year,
        time.month, time.day, time.seconds_of_day,
        # units of measure
        units.convert_unit, units.is_unit, units.unit_of,
    )
}  # fmt: skip
"""Every function of the language by name, in the order of the reference page."""

NOT_YET: Final = frozenset({
    "slot", "uuid5", "slugify", "to_snake", "to_camel", "to_pascal", "is_str", "is_int", "is_float",
    "is_bool", "is_list", "is_numeric", "duration", "add_duration", "to_timezone", "now_of_run",
    "extract", "regex_replace", "count", "lookup", "iri", "curie", "expand", "hash_sha256", "pseudonym",
    "json", "sum_decimal",
})  # fmt: skip
"""Functions of the language that are not carried out yet: refused by name."""
