"""Record batches of Arrow as plain rows, exactly.

Pure functions without a file in sight: the Parquet and Arrow sources, a columnar backend and Spark share them.

| Arrow | plain data |
| --- | --- |
| null | no key; in a list None |
| bool, integers, floats | ``bool``, ``int``, ``float``; one that is not finite is a fault of its row |
| decimals | ``Decimal`` with the zeros of its column |
| strings, dictionaries of them | ``str`` |
| binary | ``str`` in base64, a UUID in its usual form |
| date, time, timestamp | ``str`` as XML Schema writes it, with a zone's offset at that moment |
| duration | ``str``, an XSD duration in seconds |
| list, struct, map with text keys | ``list``, ``dict``, ``dict`` |

Unions, intervals, views of lists and maps with other keys are refused.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from decimal import Context, Decimal
from itertools import pairwise
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from semantics.arrow_fields import ANY_SCALE, FORM, JSON, SCALE
from semantics.errors import Diagnostic, Location, SourceError, escaped
from semantics.extras import imported
from semantics.lexical import decimal_text
from semantics.sources.options import Limits
from semantics.sources.values import Unreadable, pointer_part, value_reader

__all__ = ["ArrowRows", "RowFault", "pyarrow"]

_EXACT: Final = Context(prec=100)
_EPOCH: Final = date(1970, 1, 1).toordinal()
_START: Final = datetime(1970, 1, 1)
_UNITS: Final = {"s": (1, 0), "ms": (1_000, 3), "us": (1_000_000, 6), "ns": (1_000_000_000, 9)}
_UTC: Final = frozenset({"UTC", "Etc/UTC", "Z", "GMT", "+00:00"})
_SHOWN: Final = 60

Read = Callable[[Any], list[Any]]
"""Takes an array and gives its values, None for null. Raises :class:`RowFault` for any that has none."""


def pyarrow(module: str = "pyarrow") -> Any:
    """The library, or a module of it. Raises :class:`~semantics.errors.UsageError` (``SRC100``) without it."""
    return imported(module, "arrow", "SRC100")


@dataclass(eq=False)
class RowFault(Exception):
    """Why a row could not be read, and the pointer to the value where it is known."""

    code: str
    message: str
    pointer: str = ""


class ArrowRows:
    """Reads batches of one ``pyarrow.Schema``. ``name`` is what messages call the data.

    Raises :class:`~semantics.errors.SourceError` for a schema that no rows can be made of: ``SRC101`` where a column
    is of a type that is not read, ``SRC031`` where two have one name, ``SRC021`` and ``SRC022`` beyond the limits.

    >>> import pyarrow as pa
    >>> batch = pa.RecordBatch.from_pylist([{"id": "a", "on": date(2024, 5, 29)}, {"id": "b", "on": None}])
    >>> list(ArrowRows(batch.schema, "data").rows(batch))
    [{'id': 'a', 'on': '2024-05-29'}, {'id': 'b'}]
    """

    def __init__(self, schema: Any, name: str, limits: Limits | None = None) -> None:
        self._limits = limits or Limits()
        self._place = Location(name)
        self._pa, self._compute = pyarrow(), pyarrow("pyarrow.compute")
        self._json = value_reader(self._limits)
        self.names: Final = tuple(schema.names)
        self._columns = [self._field(field, 1, ()) for field in self._fields(schema, ())]

    def rows(self, batch: Any) -> Iterator[dict[str, Any] | RowFault]:
        """The rows of a batch in their order; for one that cannot be read, why.

        Raises :class:`~semantics.errors.SourceError` (``SRC103``) where a column points beyond its dictionary.
        """
        self._check_indices(batch)
        count = batch.num_rows
        if count == 1:
            batch = self._decoded(batch)
        limit, size = self._limits.record_bytes, self._size(batch)
        fault = RowFault("SRC024", f"a row of {size} bytes (limit: {self._limits.raised_by('record_bytes')})")
        if size <= limit:
            try:
                yield from self._converted(batch)
                return
            except RowFault as found:
                found.__traceback__ = found.__context__ = None
                fault = found
        if count <= 1:
            yield fault
            return
        yield from self.rows(batch.slice(0, count // 2))
        yield from self.rows(batch.slice(count // 2))

    def _converted(self, batch: Any) -> list[dict[str, Any]]:
        columns = []
        for name, read, array in zip(self.names, self._columns, batch.columns, strict=True):
            columns.append(_below(name, read, array))
        if not columns:
            return [{} for _ in range(batch.num_rows)]
        return [
            {name: value for name, value in zip(self.names, row, strict=True) if value is not None}
            for row in zip(*columns, strict=True)
        ]

    def _check_indices(self, batch: Any) -> None:
        for array in batch.columns:
            if self._pa.types.is_dictionary(array.type):
                ends = self._compute.min_max(array.indices)
                low, high = ends["min"].as_py(), ends["max"].as_py()
                if low is not None and not 0 <= low <= high < len(array.dictionary):
                    raise SourceError(Diagnostic("SRC103", "a column points beyond its dictionary", self._place))

    def _size(self, batch: Any) -> int:
        """The bytes that a row of a batch has at most: all of the batch, or the longest value of a dictionary."""
        size = 0
        for array in batch.columns:
            if self._pa.types.is_dictionary(array.type):
                size += array.indices.nbytes + self._longest(array.dictionary)
            else:
                size += array.nbytes
        return size

    def _longest(self, array: Any) -> int:
        if not _has_length(self._pa.types, array.type):
            return 16
        return self._compute.max(self._compute.binary_length(array)).as_py() or 0

    def _decoded(self, batch: Any) -> Any:
        """A batch without dictionaries in its columns."""
        types = self._pa.types
        arrays = [one.dictionary_decode() if types.is_dictionary(one.type) else one for one in batch.columns]
        return self._pa.RecordBatch.from_arrays(arrays, names=list(self.names))

    # -- the schema ----------------------------------------------------------------------------

    def _fields(self, holder: Any, path: tuple[str, ...]) -> list[Any]:
        """The fields of a schema or struct, each with a name of its own."""
        fields = [holder.field(index) for index in range(len(holder) if path == () else holder.num_fields)]
        if len(fields) > self._limits.keys:
            message = f"{len(fields)} columns (limit: {self._limits.raised_by('keys')})"
            raise SourceError(Diagnostic("SRC022", message, self._place))
        names = [field.name for field in fields]
        if twice := next((name for name in names if names.count(name) > 1), None):
            found = ".".join((*path, twice))[:_SHOWN]
            raise SourceError(Diagnostic("SRC031", "two columns have the same name", self._place, found=found))
        return fields

    def _field(self, field: Any, depth: int, path: tuple[str, ...]) -> Read:
        """What reads the arrays of a field."""
        path = (*path, field.name)
        if depth > self._limits.depth:
            message = f"columns are nested too deeply (limit: {self._limits.raised_by('depth')})"
            raise SourceError(Diagnostic("SRC021", message, self._place))
        metadata = field.metadata or {}
        read = self._typed(field.type, depth, path)
        kind = field.type.value_type if self._pa.types.is_dictionary(field.type) else field.type
        if metadata.get(FORM) == JSON and _is_text(self._pa.types, kind):
            return self._parsed(read)
        if metadata.get(SCALE) == ANY_SCALE and self._pa.types.is_decimal(kind):
            return lambda array: [None if value is None else _trimmed(value) for value in read(array)]
        return read

    def _typed(self, kind: Any, depth: int, path: tuple[str, ...]) -> Read:
        types = self._pa.types
        if isinstance(kind, self._pa.BaseExtensionType):
            return self._extension(kind, depth, path)
        if types.is_dictionary(kind):
            values = self._typed(kind.value_type, depth, path)
            return lambda array: self._picked(values, array) if types.is_dictionary(array.type) else values(array)
        if types.is_struct(kind):
            return self._struct(kind, depth, path)
        if types.is_map(kind):
            return self._map(kind, depth, path)
        if types.is_list(kind) or types.is_large_list(kind) or types.is_fixed_size_list(kind):
            return self._list(kind, depth, path)
        read = self._scalar(kind)
        if read is None:
            column = escaped(".".join(path))[:_SHOWN]
            message = f"column '{column}' is of a type that is not read: {str(kind)[:_SHOWN]}"
            raise SourceError(Diagnostic("SRC101", message, self._place))
        return read

    def _picked(self, values: Read, array: Any) -> list[Any]:
        """The values of a dictionary array. Each is made once, and only if it is there: dictionaries may be long."""
        indices = array.indices
        if len(array.dictionary) <= len(indices):
            found = values(array.dictionary)
            return [None if index is None else found[index] for index in indices.to_pylist()]
        used = indices.unique().drop_null()
        made = dict(zip(used.to_pylist(), values(array.dictionary.take(used)), strict=True))
        return [made.get(index) for index in indices.to_pylist()]

    def _extension(self, kind: Any, depth: int, path: tuple[str, ...]) -> Read:
        """A type that stands on another one: values are read as that, but a UUID as it is written."""
        read = self._typed(kind.storage_type, depth, path)
        if getattr(kind, "extension_name", "") == "arrow.uuid":
            return lambda array: [
                None if value is None else str(UUID(bytes=value)) for value in array.storage.to_pylist()
            ]
        return lambda array: read(array.storage)

    # -- objects and lists ---------------------------------------------------------------------

    def _struct(self, kind: Any, depth: int, path: tuple[str, ...]) -> Read:
        fields = self._fields(kind, path)
        members = [(field.name, self._field(field, depth + 1, path)) for field in fields]
        names = [name for name, _ in members]

        def read(array: Any) -> list[Any]:
            flat = array.flatten()
            columns = [_below(name, one, child) for (name, one), child in zip(members, flat, strict=True)]
            rows = zip(*columns, strict=True) if columns else (() for _ in range(len(array)))
            made = [{name: value for name, value in zip(names, row, strict=True) if value is not None} for row in rows]
            if array.null_count:
                return [row if there else None for row, there in zip(made, array.is_valid().to_pylist(), strict=True)]
            return made

        return read

    def _list(self, kind: Any, depth: int, path: tuple[str, ...]) -> Read:
        item = self._field(kind.value_field, depth + 1, path)
        # Lists of a fixed size have no offsets of their own.
        as_list = self._pa.large_list(kind.value_field) if self._pa.types.is_fixed_size_list(kind) else None

        def read(array: Any) -> list[Any]:
            array = array if as_list is None else array.cast(as_list)
            return _cut(array, item(_items(array, array.values)))

        return read

    def _map(self, kind: Any, depth: int, path: tuple[str, ...]) -> Read:
        key, value = self._field(kind.key_field, depth + 1, path), self._field(kind.item_field, depth + 1, path)
        if not _is_text(self._pa.types, kind.key_type):
            message = f"column '{escaped('.'.join(path))[:_SHOWN]}' is a map whose keys are not text"
            raise SourceError(Diagnostic("SRC101", message, self._place))

        def read(array: Any) -> list[Any]:
            keys = _cut(array, key(_items(array, array.keys)))
            items = _cut(array, value(_items(array, array.items)))
            made = []
            for names, values in zip(keys, items, strict=True):
                found = None if names is None else dict(zip(names, values, strict=True))
                if found is not None and (len(found) < len(names) or None in found):
                    raise RowFault("SRC020", "a key stands twice in a map, or is null")
                made.append(found)
            return made

        return read

    # -- single values -------------------------------------------------------------------------

    def _scalar(self, kind: Any) -> Read | None:
        """What reads a column of single values; None for a type that is not read."""
        types = self._pa.types
        if types.is_null(kind) or types.is_boolean(kind) or types.is_integer(kind):
            return _as_is
        if types.is_decimal(kind):
            return _decimals
        if types.is_floating(kind):
            return self._finite
        if _is_text(types, kind):
            return self._text
        if _has_length(types, kind):
            return self._bytes
        if types.is_date(kind):
            whole = self._pa.int32() if types.is_date32(kind) else self._pa.int64()
            day = _day if types.is_date32(kind) else _milliseconds
            return lambda array: _each(day, array.cast(whole))
        if types.is_time(kind) or types.is_timestamp(kind) or types.is_duration(kind):
            whole = self._pa.int32() if types.is_time32(kind) else self._pa.int64()
            written = self._moment(kind)
            return lambda array: _each(written, array.cast(whole))
        return None

    def _moment(self, kind: Any) -> Callable[[int], str]:
        """What writes a time, timestamp or duration, given as a number of its unit."""
        types, (unit, digits) = self._pa.types, _UNITS[kind.unit]
        if types.is_time(kind):
            return lambda value: _clock(value, unit, digits)
        if types.is_duration(kind):
            return lambda value: _duration(value, unit)
        zone = None if kind.tz is None or kind.tz in _UTC else self._zone(kind.tz)
        suffix = "" if kind.tz is None else "Z"
        return lambda value: _timestamp(value, unit, digits, suffix, zone)

    def _zone(self, name: str) -> tzinfo:
        try:
            return datetime.strptime(name, "%z").tzinfo or UTC if name[:1] in "+-" else ZoneInfo(name)
        except (ValueError, OSError, KeyError):
            message = f"there is no time zone '{escaped(name)[:_SHOWN]}'"
            raise SourceError(Diagnostic("SRC101", message, self._place)) from None

    def _finite(self, array: Any) -> list[Any]:
        if self._compute.all(self._compute.is_finite(array)).as_py() is False:
            raise RowFault("SRC102", "a number is not finite (NaN or infinite)")
        return _as_is(array)

    def _text(self, array: Any) -> list[Any]:
        self._check_length(array)
        try:
            return _as_is(array)
        except UnicodeDecodeError:
            raise RowFault("SRC003", "a text is not UTF-8") from None

    def _bytes(self, array: Any) -> list[Any]:
        self._check_length(array)
        return [None if value is None else base64.b64encode(value).decode() for value in array.to_pylist()]

    def _check_length(self, array: Any) -> None:
        if array.nbytes > self._limits.field_bytes and self._longest(array) > self._limits.field_bytes:
            raise RowFault("SRC044", f"a value is too long (limit: {self._limits.raised_by('field_bytes')})")

    def _parsed(self, read: Read) -> Read:
        """What reads a column of text that holds JSON."""

        def parsed(array: Any) -> list[Any]:
            try:
                return [None if text is None else self._json(text.encode()) for text in read(array)]
            except Unreadable as fault:
                raise RowFault(fault.code, f"the text holds no JSON value: {fault.message}") from None

        return parsed


def _below(name: str, read: Read, array: Any) -> list[Any]:
    """The values of a field, with its name in the pointer of a fault."""
    try:
        return read(array)
    except RowFault as fault:
        fault.pointer = pointer_part(name) + fault.pointer
        raise


def _is_text(types: Any, kind: Any) -> bool:
    return bool(types.is_string(kind) or types.is_large_string(kind) or types.is_string_view(kind))


def _has_length(types: Any, kind: Any) -> bool:
    """Whether a type is text or bytes."""
    binary = types.is_binary(kind) or types.is_large_binary(kind) or types.is_binary_view(kind)
    return bool(binary or types.is_fixed_size_binary(kind) or _is_text(types, kind))


# -- arrays ------------------------------------------------------------------------------------


def _as_is(array: Any) -> list[Any]:
    found: list[Any] = array.to_pylist()
    return found


def _decimals(array: Any) -> list[Any]:
    try:
        return _as_is(array)
    except ArithmeticError:
        raise RowFault("SRC102", "a decimal has more digits than its column") from None


def _items(array: Any, values: Any) -> Any:
    """The part of the items of lists that these lists hold."""
    offsets = array.offsets
    if not len(array):
        return values.slice(0, 0)
    start, end = offsets[0].as_py(), offsets[-1].as_py()
    return values.slice(start, end - start)


def _cut(array: Any, items: list[Any]) -> list[Any]:
    """The items of lists, list by list; None for a list that is null."""
    if not len(array):
        return []
    offsets = array.offsets.to_pylist()
    first = offsets[0]
    cut: list[Any] = [items[a - first : b - first] for a, b in pairwise(offsets)]
    if array.null_count:
        return [one if there else None for one, there in zip(cut, array.is_valid().to_pylist(), strict=True)]
    return cut


def _each(written: Callable[[int], str], array: Any) -> list[Any]:
    try:
        return [None if value is None else written(value) for value in array.to_pylist()]
    except (OverflowError, ValueError):
        raise RowFault("SRC102", "a date or time is none of the years 1 to 9999, or none of the day") from None


# -- values ------------------------------------------------------------------------------------


def _trimmed(number: Decimal) -> Decimal:
    """A number without zeros at the end of its fraction.

    >>> _trimmed(Decimal("7.200")), _trimmed(Decimal("100.00"))
    (Decimal('7.2'), Decimal('100'))
    """
    short = number.normalize(_EXACT)
    return short if short.as_tuple().exponent <= 0 else short.quantize(Decimal(1), context=_EXACT)  # type: ignore[operator]


def _day(days: int) -> str:
    return date.fromordinal(_EPOCH + days).isoformat()


def _milliseconds(value: int) -> str:
    days, rest = divmod(value, 86_400_000)
    if rest:
        raise ValueError
    return _day(days)


def _fraction(rest: int, digits: int) -> str:
    """A part of a second behind its point, without zeros at its end.

    >>> _fraction(500, 3), _fraction(0, 3)
    ('.5', '')
    """
    return f".{rest:0{digits}d}".rstrip("0") if rest else ""


def _clock(value: int, unit: int, digits: int) -> str:
    seconds, rest = divmod(value, unit)
    minutes, second = divmod(seconds, 60)
    return time(minutes // 60, minutes % 60, second).isoformat() + _fraction(rest, digits)


def _timestamp(value: int, unit: int, digits: int, suffix: str, zone: tzinfo | None) -> str:
    seconds, rest = divmod(value, unit)
    moment = _START + timedelta(seconds=seconds)
    fraction = _fraction(rest, digits)
    if zone is None:
        return moment.isoformat() + fraction + suffix
    local = moment.replace(tzinfo=UTC).astimezone(zone)
    offset = local.utcoffset() or timedelta()
    if offset.seconds % 60:  # local mean time of the past: no offset of XML Schema
        return moment.isoformat() + fraction + "Z"
    text = local.isoformat()
    return text[:-6] + fraction + text[-6:]


def _duration(value: int, unit: int) -> str:
    """A duration in seconds (XSD 1.1, ``dayTimeDuration``).

    >>> _duration(-1500, 1000), _duration(90, 1)
    ('-PT1.5S', 'PT90S')
    """
    seconds = _trimmed(_EXACT.divide(Decimal(abs(value)), Decimal(unit)))
    return f"{'-' if value < 0 else ''}PT{decimal_text(seconds)}S"
