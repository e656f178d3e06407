"""The table of functions. A function is added by one decorated definition and one line here."""

from __future__ import annotations

from typing import Final

from semantics.expressions.functions import (
    documents,
    durations,
    gs1,
    identifiers,
    kinds,
    lists,
    names,
    numbers,
    patterns,
    statistics,
    text,
    time,
    units,
)
from semantics.expressions.registry import FunctionSpec

__all__ = ["FUNCTIONS", "NOT_YET", "TOPICS"]

TOPICS: Final[dict[str, tuple[FunctionSpec, ...]]] = {
    # case() is part of the grammar, because it is lazy
    "Lists and null": (
        lists.coalesce, lists.is_null, lists.null_if, lists.len_, lists.count, lists.first, lists.last,
        lists.at, lists.single, lists.min_, lists.max_, lists.sum_, numbers.sum_decimal, lists.sorted_, lists.reversed_,
        lists.distinct, lists.any_, lists.all_, statistics.no_nulls,
    ),
    "Statistics": (
        statistics.average, statistics.median, statistics.mode, statistics.variance, statistics.std_dev,
    ),
    "Text": (
        text.str_, text.concat, text.upper, text.lower, text.title, text.capitalize, text.strip,
        text.lstrip, text.rstrip, text.replace, text.substr, text.strlen, text.startswith,
        text.endswith, text.contains, text.split, text.join, text.pad_left,
    ),
    "Regular expressions": (patterns.matches, patterns.extract, patterns.regex_replace),
    "Names": (names.slugify, names.to_snake, names.to_camel, names.to_pascal),
    "Numbers": (
        numbers.int_, numbers.decimal, numbers.float_, numbers.bool_, numbers.abs_, numbers.round_,
        numbers.floor, numbers.ceil,
    ),
    "Kinds": (
        kinds.is_str, kinds.is_int, kinds.is_float, kinds.is_bool, kinds.is_list, kinds.is_numeric,
    ),
    "Dates and times": (
        time.date_, time.datetime_, time.time_, time.parse_date, time.format_date, time.year,
        time.month, time.day, time.to_timezone, time.local_datetime, time.epoch_datetime, time.now_of_run,
        durations.duration, durations.add_duration, durations.duration_between, durations.duration_seconds,
        time.seconds_of_day,
    ),
    "Identifiers": (
        identifiers.iri, identifiers.iri_part, identifiers.percent_decode, identifiers.curie, identifiers.expand,
        identifiers.uuid5, identifiers.hash_sha256, identifiers.hash_integer, identifiers.pseudonym,
        gs1.gs1_digital_link,
    ),
    "Units of measure": (units.convert_unit, units.is_unit, units.unit_of),
    "JSON": (documents.json, documents.from_json),
}  # fmt: skip
"""The functions by subject, in the order of the reference page."""

FUNCTIONS: Final[dict[str, FunctionSpec]] = {spec.name: spec for specs in TOPICS.values() for spec in specs}
"""Every function of the language by name."""

NOT_YET: Final[frozenset[str]] = frozenset()
"""Functions of the language that are not carried out yet: refused by name."""
