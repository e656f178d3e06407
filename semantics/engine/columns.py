"""What the ordinary reader would make of columns, without a row being made: whether it reads them all, and counts.

A record of a table that cannot be read is a fault of its row. Here it is only asked whether there is any such row in
some rows; then they are read one by one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from semantics.engine.tally import TallyState

if TYPE_CHECKING:
    import pyarrow as pa

    from semantics.backends.columnar import Counts
    from semantics.sources import Limits

__all__ = ["made_state", "readable", "source_state"]

_FIRST_DAY, _LAST_DAY = -719_162, 2_932_896
"""The first day of the year 1 and the last of the year 9999, counted from 1970."""

_DAY = 86_400
_SECOND = {"s": 1, "ms": 1_000, "us": 1_000_000, "ns": 1_000_000_000}


def readable(rows: pa.Table, limits: Limits) -> bool:
    """Whether the ordinary reader reads every row: texts are UTF-8, numbers finite, days are such, sizes allowed."""
    import pyarrow as pa

    try:
        rows.validate(full=True)
    except pa.ArrowInvalid:
        return False
    longest = 0
    for column in rows.columns:
        for array in column.chunks:
            size = _longest(array, limits)
            if size is None:
                return False
            longest += size
    return longest <= limits.record_bytes


def _longest(array: Any, limits: Limits) -> int | None:
    """The bytes of the longest value, or more; None where one cannot be read."""
    import pyarrow as pa
    import pyarrow.compute as pc

    is_, type_ = pa.types, array.type
    if is_.is_struct(type_):
        sizes = [_longest(child, limits) for child in array.flatten()]
        return None if None in sizes else sum(size for size in sizes if size is not None)
    if is_.is_list(type_) or is_.is_large_list(type_):
        size = _longest(array.flatten(), limits)
        most = pc.max(pc.list_value_length(array)).as_py() or 0
        return None if size is None else size * most
    if is_.is_dictionary(type_):
        return _longest(array.dictionary, limits)
    if is_.is_floating(type_):
        return None if pc.all(pc.is_finite(array)).as_py() is False else 8
    if is_.is_date32(type_):
        ends = pc.min_max(array.cast(pa.int32())).as_py()
        low, high = ends["min"], ends["max"]
        return 4 if low is None or (low >= _FIRST_DAY and high <= _LAST_DAY) else None
    if is_.is_timestamp(type_) or is_.is_time(type_):
        ends = pc.min_max(array.cast(pa.int32() if is_.is_time32(type_) else pa.int64())).as_py()
        second = _SECOND[type_.unit]
        # A day less at either end: a zone may move it there.
        low, high = (0, _DAY - 1) if is_.is_time(type_) else ((_FIRST_DAY + 1) * _DAY, _LAST_DAY * _DAY)
        return 8 if ends["min"] is None or (ends["min"] >= low * second and ends["max"] // second <= high) else None
    if is_.is_string(type_) or is_.is_large_string(type_) or is_.is_string_view(type_):
        # Few columns hold a long text: the sum of all is asked first.
        if array.nbytes <= min(limits.field_bytes, limits.record_bytes // 64):
            return int(array.nbytes)
        size = pc.max(pc.binary_length(array)).as_py() or 0
        return size if size <= limits.field_bytes else None
    return 16


def source_state(rows: pa.Table) -> TallyState:
    """How often each column of some rows holds a value, and what is inside objects, as a tally counts it."""
    present, inner = _fields(zip(rows.column_names, (_whole(column) for column in rows.columns), strict=True))
    return (rows.num_rows, [], present, inner)


def _fields(fields: Any) -> tuple[dict[str, int], dict[str, TallyState]]:
    present: dict[str, int] = {}
    inner: dict[str, TallyState] = {}
    for name, array in fields:
        count = len(array) - array.null_count
        if count:
            present[name] = count
            if (below := _below(array)) is not None:
                inner[name] = below
    return present, inner


def _below(array: Any) -> TallyState | None:
    """What is inside the objects of a column, which may stand in lists."""
    import pyarrow as pa

    if pa.types.is_list(array.type) or pa.types.is_large_list(array.type):
        array = array.flatten()
    if not pa.types.is_struct(array.type):
        return None
    there = array.filter(array.is_valid()) if array.null_count else array
    names = [there.type.field(index).name for index in range(there.type.num_fields)]
    present, inner = _fields(zip(names, there.flatten(), strict=True))
    return (len(there), [], present, inner) if len(there) else None


def _whole(column: Any) -> Any:
    import pyarrow as pa

    if column.num_chunks == 1:
        return column.chunk(0)
    return pa.concat_arrays(column.chunks) if column.num_chunks else pa.array([], column.type)


def made_state(counts: Counts) -> TallyState:
    """What a query counted of the objects that it made, as a tally counts it."""
    present = {name: count for name, count in counts.present.items() if count}
    return (counts.total, [], present, {name: made_state(below) for name, below in counts.inner.items() if below.total})
