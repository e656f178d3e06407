"""What linkml-map does to a value around its expressions, as functions that only a plan can call.

The tool decides much of this by the shape that a value happens to have, so these functions look at shapes too:
how a value is read by its range, how one value and lists go together, how objects are kept by
key, how references are followed. A null goes in as a null; faults are
:class:`~semantics.expressions.bounds.EvaluationError` and never quote a value.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any, Final, NoReturn

from semantics.errors import shape
from semantics.expressions import bounds
from semantics.expressions.bounds import EvaluationError

__all__ = ["STRUCTURE", "Document"]

Model = dict[str, dict[str, Any]]
"""Classes by name: ``identifier``, and ``slots`` whose range is a class, by name."""


class Document:
    """A whole record, in which references are looked up by class and identifier; indexed when first asked."""

    __slots__ = ("data", "found", "model", "source_class")

    def __init__(self, data: dict[str, Any], source_class: str, model: Model) -> None:
        self.data, self.source_class, self.model = data, source_class, model
        self.found: dict[tuple[str, Any], dict[str, Any]] | None = None

    def look_up(self, class_name: str, identifier: Any) -> dict[str, Any] | None:
        """The object that an identifier stands for, or None."""
        if self.found is None:
            self.found = {}
            for name, key, item in _objects_in(self.model, self.source_class, self.data):
                self.found[name, key] = item
        if isinstance(identifier, (list, dict)):
            return None
        return self.found.get((class_name, identifier))


def _objects_in(model: Model, class_name: str, root: Any) -> Iterator[tuple[str, Any, dict[str, Any]]]:
    """Every object with an identifier, with its class, in the order in which they stand."""
    pending: list[tuple[str, Any]] = [(class_name, root)]
    while pending:
        name, value = pending.pop()
        if isinstance(value, list):
            pending += [(name, item) for item in reversed(value)]
        elif isinstance(value, dict) and name in model:
            about = model[name]
            key = value.get(about["identifier"]) if about["identifier"] else None
            if key is not None and not isinstance(key, (dict, list)):
                yield name, key, value
            for slot, of in reversed(list(about["slots"].items())):
                inner = value.get(slot)
                if of["many"] and isinstance(inner, dict):
                    inner = _unkeyed(inner, of["key"])
                if inner is not None:
                    pending.append((of["range"], inner))


def _unkeyed(items: dict[str, Any], key: str | None) -> list[Any]:
    """Objects kept by key as a list, each with its key inside."""
    if key is None:
        return list(items.values())
    return [{**item, key: name} if isinstance(item, dict) else item for name, item in items.items()]


# -- reading --------------------------------------------------------------------------------------


def get(record: dict[str, Any], name: str) -> Any:
    """The raw value of a slot."""
    return _told(record.get(name), name)


def named(record: dict[str, Any], name: str, known: bool) -> Any:
    """A slot by its name in an expression: one that the schema does not know must not be there."""
    if not known and name in record:
        raise EvaluationError(f"the record has '{name}', which is not a slot of the schema")
    return _told(record.get(name), name)


def slot(value: Any, name: str) -> Any:
    """A slot of an object, or of each object of a list."""
    if isinstance(value, dict):
        return value.get(name)
    if isinstance(value, list):
        return [slot(item, name) for item in value]
    return None if value is None else fail(f"slot '{name}' was asked of {shape(value)}")


def objects(value: Any, document: Document, class_name: str, many: bool) -> Any:
    """Objects to take slots of: those kept by key as a list, references followed inside the record."""
    if many and isinstance(value, dict):
        about = document.model.get(class_name)
        value = _unkeyed(value, about["key"] if about else None)
    if isinstance(value, list):
        return [_followed(item, document, class_name) for item in value]
    return _followed(value, document, class_name)


def _followed(value: Any, document: Document, class_name: str) -> Any:
    if isinstance(value, (dict, list)) or value is None:
        return value
    found = document.look_up(class_name, value)
    return value if found is None else found


def path(record: dict[str, Any], document: Document, steps: list[str], inline: bool, class_name: str | None) -> Any:
    """A dotted ``populated_from``: through what stands inside, else through the reference in its first slot."""
    first = record.get(steps[0])
    if inline or isinstance(first, (dict, list)):
        return _inside(record, steps)
    if class_name is None:
        return fail(f"'{'.'.join(steps)}' goes neither through a reference nor through an object")
    found: Any = None if first is None else document.look_up(class_name, str(first))
    for step in steps[1:]:
        found = found.get(step) if isinstance(found, dict) else None
    return found


def _inside(record: dict[str, Any], steps: list[str]) -> Any:
    value: Any = record
    for step in steps:
        if not isinstance(value, dict):
            raise EvaluationError(f"'{step}' of '{'.'.join(steps)}' was asked of {shape(value)}")
        value = value.get(step)
        if isinstance(value, list):
            raise EvaluationError(f"'{step}' of '{'.'.join(steps)}' is a list, and the path goes through one object")
        if value is None:
            return None
    return value


def only(record: dict[str, Any], names: list[str]) -> Any:
    """The value of the one slot among several that has one (``sources``)."""
    found = [value for name in names if (value := record.get(name)) is not None]
    if len(found) > 1:
        raise EvaluationError(f"{len(found)} of the sources have a value")
    return found[0] if found else None


def key(value: Any) -> Any:
    """A key as rows are looked up by it: its text."""
    return None if value is None else str(value)


class Merged(dict[str, Any]):
    """An object and a row that is joined with it as one; ``tables`` are the rows that it is made from, by name."""

    __slots__ = ("tables",)
    tables: dict[str, dict[str, Any]]


def merged(record: dict[str, Any], row: dict[str, Any] | None, key: str | None, ours: str, theirs: str) -> Any:
    """An object with the row that is joined with it; a column of both, the key apart, is told by its table only."""
    if row is None:
        return None
    both = {name for name in record if name in row and name != key}
    found = Merged({**row, **record, **dict.fromkeys(both, _AMBIGUOUS)})
    known = record.tables if isinstance(record, Merged) else {ours: record}
    found.tables = {**known, theirs: row}
    return found


def row_of(record: dict[str, Any], table: str) -> Any:
    """One of the rows that an object is made from."""
    return record.tables.get(table) if isinstance(record, Merged) else None


_AMBIGUOUS: Final = object()


def _told(value: Any, name: str) -> Any:
    return fail(f"'{name}' is in both tables: write Table.{name}") if value is _AMBIGUOUS else value


def fail(message: str) -> NoReturn:
    """What cannot be carried out, found only when it is reached."""
    raise EvaluationError(message)


# -- changing one value -----------------------------------------------------------------------------


def missing(value: Any, codes: list[str]) -> Any:
    """Null where the text of the value is one of the codes (``missing_values``)."""
    return None if value is None or str(value) in codes else value


def table(value: Any, entries: dict[str, Any]) -> Any:
    """The value that the text of a value stands for; null where it stands for none."""
    return None if value is None else fresh(entries.get(str(value)))


def has(entries: dict[str, Any], value: Any) -> bool:
    """Whether the text of a value has an entry."""
    return str(value) in entries


def is_code(value: Any, code: str) -> bool:
    """Whether a value is written as a code."""
    return str(value) == code


def given(only_one: Any, value: Any) -> bool:
    """Whether this is the source that has the value; ``only_one`` has been asked for, so that several are a fault."""
    return value is not None


def offset(value: Any, by: Any, step: float, back: bool) -> Any:
    """A multiple of another value, added or taken off; nothing where there is no other value."""
    if value is None or by is None:
        return value
    return value - step * by if back else value + step * by


def unit(value: Any, about: dict[str, Any]) -> Any:
    """A magnitude in another unit (``unit_conversion``): of a number, or of an object with a unit of its own."""
    if value is None:
        return None
    schema_unit, source = about["schema_unit"], about["source_unit"]
    if schema_unit == "":
        fail("the source slot has a unit without a code")
    if schema_unit and source and schema_unit != source:
        fail(f"the source slot is in '{schema_unit}', and the derivation takes it for '{source}'")
    source = schema_unit or source
    if about["source_unit_slot"]:
        magnitude, source = _measured(value, about, source)
    elif source:
        magnitude = value
    else:
        fail("neither the schema nor the derivation says the unit")
    try:
        magnitude = float(magnitude)
    except (TypeError, ValueError):
        return None if about["none_if_non_numeric"] else fail("a magnitude is not a number")
    target = about["target_unit"] or source
    result = magnitude if source == target else _converted(magnitude, source, target, about["schema_scheme"])
    if about["target_magnitude_slot"]:
        return {about["target_magnitude_slot"]: result, about["target_unit_slot"]: target}
    return result


def _measured(value: Any, about: dict[str, Any], source: str | None) -> tuple[Any, str]:
    """The magnitude and unit of an object that has both."""
    found = value.get(about["source_unit_slot"])
    if not found:
        fail("an object to convert has no unit")
    if source and found != source:
        fail(f"an object to convert is not in '{source}'")
    magnitude = value.get(about["source_magnitude_slot"])
    return (fail("an object to convert has no magnitude") if magnitude is None else magnitude), found


def _converted(magnitude: float, source: str, target: str, scheme: str | None) -> float:
    from semantics.units import UnitError, peer_convert

    try:
        return peer_convert(magnitude, source, scheme, target)
    except UnitError as fault:
        raise EvaluationError(str(fault)) from None


def typed(value: Any, many: bool, target: str | None, prefixes: dict[str, str]) -> Any:
    """A value of a type as another type wants it: each element of a list, each value of a mapping."""

    def one(item: Any) -> Any:
        match target:
            case "string":
                return str(item)
            case "integer":
                return int(item)
            case "float" | "double":
                return float(item)
            case "uri":
                return _expanded(item, prefixes)
            case "curie":
                return _compressed(item, prefixes)
            case _:
                return item

    return _each(value, many, one)


def _each(value: Any, many: bool, one: Callable[[Any], Any]) -> Any:
    if not many:
        return one(value)
    if isinstance(value, list):
        return [one(item) for item in value]
    if isinstance(value, dict):
        return {key: one(item) for key, item in value.items()}
    return [one(value)]


def _expanded(value: Any, prefixes: dict[str, str]) -> str | None:
    prefix, colon, rest = value.partition(":")
    if not colon:
        fail("a CURIE has a colon")
    return prefixes[prefix] + rest if prefix in prefixes else None


def _compressed(value: Any, prefixes: dict[str, str]) -> str | None:
    if not isinstance(value, str):
        return None
    fitting = [
        (len(base), f"{prefix}:{value[len(base) :]}") for prefix, base in prefixes.items() if value.startswith(base)
    ]
    return max(fitting)[1] if fitting else None


def permissible(value: Any, many: bool, wraps: bool, tables: list[dict[str, Any]]) -> Any:
    """A value by the enum derivations that it may belong to; ``wraps``: one value for a list becomes a list."""
    return _each(value, many and (wraps or isinstance(value, list)), lambda item: coded(item, tables))


def is_list(value: Any) -> bool:
    """Whether a value is a list."""
    return isinstance(value, list)


def coded(value: Any, tables: list[dict[str, Any]]) -> Any:
    """One value by enum derivations: ``codes`` each has, ``mirror``: what it does not know stays as it is."""
    for derivation in tables:
        if derivation.get("fault"):
            fail(derivation["fault"])
        if isinstance(value, str) and value in derivation["codes"]:
            return derivation["codes"][value]
        if derivation["mirror"]:
            return str(value)
    return None


def cast(value: Any, target: str) -> Any:
    """Every value inside a list or mapping as the type that the derivation names."""
    if isinstance(value, list):
        return [cast(item, target) for item in value]
    if isinstance(value, dict):
        return {key: cast(item, target) for key, item in value.items()}
    kind = _CASTS.get(target)
    return value if kind is None or isinstance(value, kind) else kind(value)


_CASTS: Final[dict[str, type]] = {"integer": int, "float": float, "string": str, "boolean": bool}


# -- one and many -----------------------------------------------------------------------------------


def arranged(value: Any, to_many: bool, to_one: bool, how: dict[str, Any] | None) -> Any:
    """One value as a list, or a list as one value; ``how`` a text and a list stand for each other."""
    if value is None:
        return None
    if to_many and not isinstance(value, list):
        return [value] if how is None else _taken_apart(value, how["delimiter"], how["syntax"])
    if not to_one or not isinstance(value, list):
        return value
    if how is not None:
        return _joined(value, how["delimiter"], how["syntax"])
    if len(value) > 1:
        raise EvaluationError(f"{len(value)} values for a slot that holds one")
    return value[0] if value else None


def _joined(value: list[Any], delimiter: str | None, syntax: str | None) -> Any:
    """A list as one text."""
    if delimiter:
        bounds.text_characters(sum(map(len, value)) + len(delimiter) * len(value))
        return delimiter.join(value)
    if syntax == "JSON":
        return json.dumps(value)
    if syntax == "YAML":
        import yaml

        return yaml.dump(value, default_flow_style=True).strip()
    return fail("a list becomes a text with a delimiter, or as JSON or YAML")


def _taken_apart(value: Any, delimiter: str | None, syntax: str | None) -> Any:
    """One text as a list."""
    if delimiter:
        parts = value.split(delimiter)
        bounds.list_items(len(parts))
        return [] if parts == [""] else parts
    if syntax == "JSON":
        return json.loads(value)
    if syntax == "YAML":
        return _yaml(value)
    return fail("a text becomes a list by a delimiter, or as JSON or YAML")


def _yaml(text: str) -> Any:
    """A text in YAML as plain data; what would be larger than its text is refused."""
    import yaml

    bounds.text_characters(len(text))
    if "&" in text and "*" in text:
        raise EvaluationError("YAML in a value may not have aliases")
    return yaml.safe_load(text)


def reshaped(value: Any, by: str | None, as_list: bool, key: str | None) -> Any:
    """A list of objects as a mapping by a slot that they lose, or a mapping as a list of objects that have its key."""
    if by and isinstance(value, list):
        return {item[by]: {name: inner for name, inner in item.items() if name != by} for item in value}
    if not as_list or not isinstance(value, dict):
        return value
    return list(value.values()) if key is None else [{**item, key: name} for name, item in value.items()]


# -- wide and long ----------------------------------------------------------------------------------


def melt(record: dict[str, Any], variable: str, value: str, slots: list[str] | None, ids: list[str]) -> Any:
    """One row for each slot of a wide record that has a value."""
    base = {name: record[name] for name in ids if name in record}
    names = [name for name in record if name not in ids] if slots is None else slots
    return [{**base, variable: name, value: record[name]} for name in names if record.get(name) is not None]


def unmelt(
    record: dict[str, Any], variable: str, value: str, unit: str | None, template: list[str] | None, ids: list[str]
) -> dict[str, Any]:
    """A wide record of one row, or of the first list of rows that the record holds."""
    rows = None
    if variable not in record or value not in record:
        lists = (item for item in record.values() if isinstance(item, list) and item)
        rows = next((item for item in lists if isinstance(item[0], dict) and variable in item[0]), None)
    several = rows is not None
    found: dict[str, Any] = {}
    if not several:
        found = {name: record[name] for name in ids if name in record}
    for row in rows if rows is not None else [record]:
        named_by = row.get(variable)
        if named_by is not None and template is None:
            fail("'slot_name_template' has {variable} and {unit} only")
        if named_by is not None and template is not None:
            parts = {"variable": named_by, "unit": row[unit] if unit and unit in row else ""}
            found["".join(str(parts[part[1:]]) if part[:1] == "{" else part for part in template)] = row.get(value)
    if rows:
        found |= {name: rows[0][name] for name in ids if name in rows[0]}
    return found


def fresh(value: Any) -> Any:
    """A constant of a plan as a value of its own."""
    match value:
        case list():
            return [fresh(item) for item in value]
        case dict():
            return {key: fresh(item) for key, item in value.items()}
        case _:
            return value


def _guarded(body: Callable[..., Any]) -> Callable[..., Any]:
    def call(*arguments: Any) -> Any:
        try:
            return body(*arguments)
        except EvaluationError:
            raise
        except RecursionError:
            raise EvaluationError("a value is nested too deeply") from None
        except Exception:
            raise EvaluationError(
                f"{_SPOKEN.get(body.__name__, body.__name__)} does not go with {shape(arguments[0])}"
            ) from None

    return call


_SPOKEN: Final = {
    "typed": "the range of the slot", "cast": "the range of the derivation", "offset": "an offset",
    "arranged": "one or many", "reshaped": "reshaping",
    "melt": "a melt", "unmelt": "an unmelt",
}  # fmt: skip

STRUCTURE: Final[dict[str, Callable[..., Any]]] = {
    f"map.{body.__name__}": _guarded(body)
    for body in (
        get, named, objects, path, only, key, merged, row_of, fail, missing, table, has, is_code, is_list,
        given, unit, offset, typed, permissible, coded, cast,
        slot, arranged, reshaped, melt, unmelt, fresh,
    )
}  # fmt: skip
"""Every function by the name that a plan calls it; no expression can spell one (a name has no dot)."""
