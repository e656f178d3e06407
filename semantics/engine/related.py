"""Records that others look up: indexed by the keys of a plan's joins, in one pass before the run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from semantics.backends.interpret import CODE_MAPS, interpret
from semantics.backends.lookup import key_texts
from semantics.backends.values import translation
from semantics.engine.store import Store
from semantics.errors import Diagnostic, Location
from semantics.expressions.bounds import EvaluationError
from semantics.expressions.dialects import DIALECTS
from semantics.expressions.tree import Expr, Path
from semantics.expressions.types import Kind
from semantics.lexical import LexicalError
from semantics.plan.model import Plan
from semantics.records import Record

__all__ = ["Keys", "Partners", "PlacedPartners", "key_reader"]

_CLASSES: Final = {Kind.STRING: str, Kind.INTEGER: int}


def key_reader(key: Expr, plan: Plan) -> Callable[[dict[str, Any]], Any]:
    """What gives the key of a record: the value of a slot straight away, anything else by interpretation."""
    dialect, around = DIALECTS[plan.dialect], {CODE_MAPS: translation(plan, [])}

    def interpreted(data: dict[str, Any]) -> Any:
        return interpret(key, {"record": data, **around}, None, dialect)

    if not isinstance(key, Path) or len(key.steps) != 1 or key.type.many or key.type.kind not in _CLASSES:
        return interpreted
    slot, expected = key.steps[0], _CLASSES[key.type.kind]

    def read(data: dict[str, Any]) -> Any:
        value = data.get(slot)
        return value if value is None or value.__class__ is expected else interpreted(data)

    return read


class Keys:
    """The keys under which the records of each class are looked up."""

    def __init__(self, plan: Plan) -> None:
        self._of: dict[str, list[tuple[str, Callable[[dict[str, Any]], Any]]]] = {}
        for name, lookup in plan.lookups.items():
            for cls in lookup.classes:
                self._of.setdefault(cls, []).append((name, key_reader(lookup.key, plan)))

    def __contains__(self, source_class: str) -> bool:
        return source_class in self._of

    def of(self, data: dict[str, Any], source_class: str) -> list[tuple[str, str]]:
        """(index, key) of a record. Raises ``ValueError`` where a key cannot be read."""
        return [(name, text) for name, read in self._of.get(source_class, ()) for text in key_texts(read(data))]

    def fault(self, data: dict[str, Any], source_class: str) -> Diagnostic | None:
        """Why a record could not be looked up by others, if so."""
        try:
            self.of(data, source_class)
        except (EvaluationError, LexicalError) as fault:
            return Diagnostic("REC012", f"a key by which '{source_class}' is looked up: {fault}", Location(None))
        return None


@dataclass(slots=True)
class Partners:
    """What the joins of a plan look into; see :class:`semantics.backends.lookup.Related`."""

    keys: Keys
    store: Store = field(default_factory=Store)

    def add(self, data: dict[str, Any], source_class: str) -> None:
        """Keep a record, if something looks its class up and its keys can be read."""
        if pairs := self._pairs(data, source_class):
            self.store.add(data, pairs)

    def take(self, record: Record, source_class: str) -> None:
        """Keep a record that was read."""
        self.add(record.data, source_class)

    def _pairs(self, data: dict[str, Any], source_class: str) -> list[tuple[str, str]]:
        if source_class not in self.keys:
            return []
        try:
            return self.keys.of(data, source_class)
        except (EvaluationError, LexicalError):
            return []  # the run rejects it, with the reason

    def find(self, lookup: str, key: str, most: int) -> list[dict[str, Any]]:
        """The records under a key of an index, at most so many."""
        return self.store.find(lookup, key, most)


@dataclass(slots=True)
class PlacedPartners(Partners):
    """Partners that know where they stand, for those who ask where a value comes from."""

    _found: dict[int, tuple[dict[str, Any], Record]] = field(default_factory=dict)

    def take(self, record: Record, source_class: str) -> None:
        """Keep a record that was read, with its place."""
        if pairs := self._pairs(record.data, source_class):
            place = [record.source, record.number, record.line, record.byte, record.pointer]
            self.store.add([record.data, *place], pairs)

    def find(self, lookup: str, key: str, most: int) -> list[dict[str, Any]]:
        """The records under a key of an index, at most so many; their places are remembered until :meth:`forget`."""
        rows = []
        for row in self.store.find(lookup, key, most):
            data = row[0]
            self._found[id(data)] = (data, Record(*row))
            rows.append(data)
        return rows

    def place_of(self, data: dict[str, Any]) -> Record | None:
        """The record that some data, which :meth:`find` gave, are of."""
        data_and_record = self._found.get(id(data))
        return None if data_and_record is None else data_and_record[1]

    def forget(self) -> None:
        """Let go of what was found so far."""
        self._found.clear()
