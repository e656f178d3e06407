"""The calls of the public Python API that run things: mappings loaded, files converted, expressions tried."""

from __future__ import annotations

from collections.abc import Mapping as MappingType
from collections.abc import Sequence
from dataclasses import fields, is_dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from semantics.databases import DATABASES, database_kind, named_database
from semantics.engine.context import running
from semantics.engine.mapping import Mapping
from semantics.engine.options import RunOptions
from semantics.engine.prepare import Reference, prepare
from semantics.engine.report import RunReport
from semantics.engine.run import run
from semantics.errors import Diagnostic, ExpressionError, Location, UsageError, closest, escaped
from semantics.expressions.bounds import EvaluationError
from semantics.expressions.check import check
from semantics.expressions.parse import parse
from semantics.expressions.types import ANY, NULL, Kind, Type, joined
from semantics.lexical import LexicalError
from semantics.plan.tables import TABLES
from semantics.sources import source_format

if TYPE_CHECKING:
    from semantics.analysis.inversion import Inverse

__all__ = ["convert", "evaluate", "load_mapping"]

_OPTIONS: Final = {field.name for field in fields(RunOptions)}


def load_mapping(
    mapping: Reference | Inverse,
    *,
    source_schema: Reference | None = None,
    target_schema: Reference | None = None,
    compat: str | None = None,
    check: bool | None = None,
) -> Mapping:
    """See :func:`semantics.load_mapping`."""
    if not isinstance(mapping, (str, Path, MappingType)):
        from semantics.analysis.inversion import Inverse

        if isinstance(mapping, Inverse):
            source_schema = source_schema if source_schema is not None else mapping.source_schema
            target_schema = target_schema if target_schema is not None else mapping.target_schema
            compat, mapping = compat or mapping.compat, mapping.mapping
    if compat is not None:
        _dialect(compat)
    prepared = prepare(mapping, source_schema=source_schema, target_schema=target_schema, compat=compat)
    return Mapping(prepared, check=prepared.plan.dialect == "strict" if check is None else check)


def _dialect(compat: str | None) -> str:
    """The dialect that a ``compat`` asks for. Raises :class:`UsageError` for a tool that is not known."""
    from semantics.expressions.dialects import DIALECTS

    name = compat or "strict"
    if name not in DIALECTS:
        hint = closest(name, DIALECTS)
        raise UsageError(Diagnostic("RUN023", f"there is no compat '{escaped(name)}'", hint=hint))
    return name


def convert(
    mapping: Reference | Mapping, inputs: str | Path | Sequence[str | Path], output: str | Path, **options: Any
) -> RunReport:
    """See :func:`semantics.convert`."""
    schemas = {key: options.pop(key, None) for key in ("source_schema", "target_schema", "compat")}
    if (jobs := options.get("jobs")) is not None and jobs < 1:
        raise UsageError(Diagnostic("RUN024", "there must be at least one worker"))
    unknown = set(options) - _OPTIONS
    if unknown:
        name = min(unknown)
        raise UsageError(Diagnostic("RUN025", f"convert() has no option '{name}'", hint=closest(name, _OPTIONS)))
    ready = mapping if isinstance(mapping, Mapping) else load_mapping(mapping, **schemas)
    chosen = RunOptions(**options)
    if chosen.validate in ("none", "shacl") and ready.check:
        ready = Mapping(ready.prepared, ready.backend, check=False)
    paths = [str(path) for path in ([inputs] if isinstance(inputs, (str, Path)) else inputs)]
    if (chosen.query is not None or chosen.tables) and not _has_database(paths, chosen):
        raise UsageError(Diagnostic("SRC113", "a table or query is asked for, and no input is a database or workbook"))
    tables = _rows_rejected if chosen.replay else _is_tables
    if ready.plan.tables is not None and any(tables(path, chosen.source_format) for path in paths):
        ready = ready.for_tables()
    return run(ready, paths, _output(str(output)), chosen)


def _output(output: str) -> str:
    """The output: a path, also where a connection string names a file."""
    if "://" not in output or database_kind(output) in (None, "postgresql"):
        return output
    return named_database(output).place


def _is_tables(path: str, given: str | None) -> bool:
    """Whether an input is a table, or a folder of them."""
    return Path(path).is_dir() or (given or source_format(path)) in (*TABLES, *DATABASES)


def _has_database(paths: Sequence[str], options: RunOptions) -> bool:
    kinds = (*DATABASES, "xlsx")
    return not options.replay and any((options.source_format or source_format(path)) in kinds for path in paths)


def _rows_rejected(path: str, _given: str | None) -> bool:
    """Whether a rejects file begins with a row of a table."""
    from semantics.engine.replay import first_entry, is_sheet_row

    entry = first_entry(path)
    return "columns" in entry or entry.get("format") in DATABASES or is_sheet_row(entry)


# -- one expression by itself ------------------------------------------------------------------------


def evaluate(
    expr: str,
    bindings: MappingType[str, Any] | None = None,
    compat: str | None = None,
    *,
    prefixes: MappingType[str, str] | None = None,
    now: datetime | str | None = None,
) -> Any:
    """See :func:`semantics.evaluate`."""
    from semantics.backends.interpret import interpret
    from semantics.expressions.context import prefix_text
    from semantics.expressions.dialects import DIALECTS
    from semantics.plan.needs import needs_of
    from semantics.schema.types import BUILTIN_PREFIXES

    dialect = _dialect(compat)
    plain = {name: _plain(value) for name, value in (bindings or {}).items()}
    scope = _Bindings(plain, prefix_text({**BUILTIN_PREFIXES, **(prefixes or {})}))
    tree = check(parse(expr, dialect=dialect), scope, dialect=dialect)
    try:
        with running(needs_of(tree), now=now):
            return DIALECTS[dialect].plain(interpret(tree, plain, dialect=DIALECTS[dialect]))
    except (EvaluationError, LexicalError) as fault:
        raise ExpressionError(Diagnostic("EXP009", str(fault), Location("<expression>"))) from None


def _plain(value: Any, depth: int = 0) -> Any:
    """Plain data of a binding: a model or dataclass becomes a dict, anything else than data is refused."""
    from decimal import Decimal

    if depth > 64:
        raise UsageError(Diagnostic("EXP010", "a binding is nested deeper than 64 levels"))
    if value is None or isinstance(value, (str, bool, int, float, Decimal)):
        return value
    if isinstance(value, MappingType):
        return {str(key): _plain(item, depth + 1) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item, depth + 1) for item in value]
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: _plain(value.__dict__.get(field.name), depth + 1) for field in fields(value)}
    if type(value).__module__ != "builtins" and isinstance(getattr(type(value), "model_fields", None), dict):
        own = vars(value)
        return {name: _plain(own.get(name), depth + 1) for name in type(value).model_fields}
    raise UsageError(Diagnostic("EXP010", f"a binding must be plain data, found {type(value).__name__}"))


class _Bindings:
    """Names and types as the bindings show them: what is not there is not known."""

    wrap = False
    code_maps = ()

    def __init__(self, bindings: dict[str, Any], prefixes: str = "{}") -> None:
        self.bindings, self.prefixes = bindings, prefixes
        self.shapes: dict[str, list[dict[str, Any]]] = {}

    def resolve(self, name: str) -> tuple[str, tuple[str, ...], Type] | None:
        """A bound name."""
        if name not in self.bindings:
            return None
        return name, (), self._type(self.bindings[name], name)

    def step(self, base: Type, name: str) -> Type | None:
        """A key of a bound object."""
        found = [shape[name] for shape in self.shapes.get(base.of or "", ()) if name in shape]
        return self._type(found[0], f"{base.of}.{name}") if found else None

    def reading(self, path: Any) -> None:
        """Bindings are read as they are."""

    def names(self, base: Type | None = None) -> tuple[str, ...]:
        """The bound names, or the keys of an object."""
        if base is None:
            return tuple(self.bindings)
        return tuple(dict.fromkeys(key for shape in self.shapes.get(base.of or "", ()) for key in shape))

    def _type(self, value: Any, name: str) -> Type:
        if isinstance(value, list):
            self.shapes[name] = [item for item in value if isinstance(item, dict)]
            inner = joined([self._one(item, name) for item in value]) or ANY
            return Type(inner.kind, many=True, of=inner.of)
        if isinstance(value, dict):
            self.shapes[name] = [value]
        return self._one(value, name)

    def _one(self, value: Any, name: str) -> Type:
        from decimal import Decimal

        match value:
            case None:
                return NULL
            case bool():
                return Type(Kind.BOOLEAN)
            case int():
                return Type(Kind.INTEGER)
            case Decimal():
                return Type(Kind.DECIMAL)
            case float():
                return Type(Kind.FLOAT)
            case dict():
                return Type(Kind.OBJECT, of=name)
            case list():
                return ANY
            case _:
                return Type(Kind.STRING)
