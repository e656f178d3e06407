"""Where each value of an instance comes from: the oracle carries a record out, and every step is kept.

Values are shown here and nowhere else in the project: explaining is the operator's own question about one record.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, time
from typing import Any, Final

from semantics.backends import RecordFault
from semantics.backends.evaluate import Evaluator
from semantics.backends.lookup import Related
from semantics.expressions.tree import Data, Expr, Literal, Path
from semantics.expressions.unparse import Unwritable, read_of, unparse
from semantics.expressions.values import text_of
from semantics.plan.model import (
    JOINED,
    Build,
    ClassRule,
    Codes,
    Compute,
    Constant,
    Derive,
    Plan,
    Read,
    Several,
    SlotRule,
    Template,
)

__all__ = ["InstanceExplanation", "SlotExplanation", "SourceValue", "Step", "explain_record", "narrowed", "slot_paths"]

_MANNERS: Final[dict[type[Any], str]] = {
    Constant: "constant", Read: "copied", Compute: "computed", Template: "template", Build: "built",
    Derive: "derived", Several: "built",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class SourceValue:
    """A value of the record that was read, and where it stands (RFC 6901, from the record)."""

    path: str
    pointer: str | None
    value: Any


@dataclass(frozen=True, slots=True)
class Step:
    """Something that was done, and what it gave: a part of an expression, a code looked up, a conversion."""

    kind: str
    text: str
    value: Any


@dataclass(frozen=True, slots=True)
class SlotExplanation:
    """How one slot of an instance got its value, or why it has none.

    ``path`` counts from the root instance (``balances[0].amount``), ``rule`` is the ``file:line`` of the derivation.
    """

    path: str
    value: Any
    rule: str
    manner: str
    sources: tuple[SourceValue, ...] = ()
    steps: tuple[Step, ...] = ()
    notes: tuple[str, ...] = ()
    instances: tuple[InstanceExplanation, ...] = ()


@dataclass(frozen=True, slots=True)
class InstanceExplanation:
    """One use of a class derivation: on which object, whether its condition held, and the slots it filled."""

    path: str
    class_name: str
    rule: str
    pointer: str
    made: bool
    wanted: bool = True
    where: str | None = None
    sources: tuple[SourceValue, ...] = ()
    notes: tuple[str, ...] = ()
    slots: tuple[SlotExplanation, ...] = ()


def explain_record(
    plan: Plan, data: dict[str, Any], source_class: str, related: Related | None = None
) -> tuple[InstanceExplanation, ...]:
    """What every root derivation of a source class does with a record. ``data`` is plain data, as for a run.

    Joins look into ``related``.
    """
    recorder = _Recorder()
    evaluator = Evaluator(plan, recorder.tell, related)
    try:
        evaluator.map(data, source_class, [])
    except RecordFault:
        pass  # the faults stand at their slots
    return tuple(recorder.found)


@dataclass(slots=True)
class _Slot:
    rule: SlotRule
    path: str
    pointers: dict[str, str]
    sources: dict[tuple[str, str | None], SourceValue] = field(default_factory=dict)
    steps: list[Step] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    instances: list[InstanceExplanation] = field(default_factory=list)
    made: int = 0


@dataclass(slots=True)
class _Instance:
    rule: ClassRule
    path: str
    pointers: dict[str, str]
    sources: dict[tuple[str, str | None], SourceValue] = field(default_factory=dict)
    slots: list[SlotExplanation] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    wanted: bool = True


class _Recorder:
    """Makes a tree of the stream of events that the oracle tells."""

    def __init__(self) -> None:
        self.found: list[InstanceExplanation] = []
        self.open: list[_Slot | _Instance] = []

    def tell(self, kind: str, node: Any, value: Any) -> None:
        """One event; see :data:`semantics.backends.evaluate.Trace`."""
        match kind:
            case "enter":
                self.open.append(_Instance(node, self._place(), dict(value)))
            case "slot":
                above = self.open[-1].path
                path = f"{above}.{node.slot}" if above else node.slot
                self.open.append(_Slot(node, path, dict(value)))
            case "where":
                self._instance().wanted = value
            case "leave":
                self._leave(value)
            case "node":
                self._node(node, value)
            case "value":
                self._close(value)
            case _:
                self._step(kind, node, value)

    def _instance(self) -> _Instance:
        found = self.open[-1]
        assert isinstance(found, _Instance)
        return found

    def _slot(self) -> _Slot:
        found = self.open[-1]
        assert isinstance(found, _Slot)
        return found

    def _place(self) -> str:
        """The path that the next instance of the open slot would have."""
        if not self.open:
            return ""
        slot = self._slot()
        return f"{slot.path}[{slot.made}]" if slot.rule.many else slot.path

    def _node(self, node: Expr, value: Any) -> None:
        top = self.open[-1]
        asked = read_of(node)
        if asked is not None:
            self._read(asked, value)
        elif isinstance(node, Path):
            if node.variable[:1] != "=" or node.steps:
                self._read(node, value)
        elif isinstance(top, _Slot) and not isinstance(node, (Literal, Data)):
            top.steps.append(Step("expression", _text(node), _plain(value)))

    def _read(self, path: Path, value: Any) -> None:
        top = self.open[-1]
        base = None if path.variable.startswith(JOINED) else top.pointers.get(path.variable)
        pointer = None if base is None else base + "".join(f"/{step}" for step in path.steps)
        found = SourceValue(_text(path), pointer, _plain(value))
        top.sources.setdefault((found.path, pointer), found)

    def _step(self, kind: str, node: Any, value: Any) -> None:
        slot = self._slot()
        match kind, node:
            case "raw", SlotRule(value=Read(path=path)):
                self._read(path, value)
            case "code", SlotRule(codes=Codes() as codes):
                code, found = value
                slot.steps.append(
                    Step("code", f"code {_shown(_plain(code))}", _plain(code if found is True else found))
                )
                if found is None or found is True:
                    slot.notes.append(_uncoded(codes, text_of(code), _shown(_plain(code))))
            case "convert", (step, before) if _plain(before) != _plain(value) or type(before) is not type(value):
                slot.steps.append(Step("conversion", f"as {step.replace('_', ' ')}", _plain(value)))
            case "default", _:
                slot.steps.append(Step("default", "default", _plain(value)))
                slot.notes.append("the value is null, so the default stands")
            case "unwanted", _:
                slot.notes.append("left out: the condition is not true")
            case "fault", _:
                slot.notes.append(f"refused: {value}")

    def _close(self, value: Any) -> None:
        slot = self._slot()
        self.open.pop()
        rule = slot.rule
        if value is None and not slot.notes:
            slot.notes.append(_absence(slot))
        done = SlotExplanation(
            path=slot.path,
            value=_plain(value),
            rule=rule.rule,
            manner=_MANNERS.get(type(rule.value), type(rule.value).__name__.lower()),
            sources=tuple(slot.sources.values()),
            steps=tuple(slot.steps),
            notes=tuple(slot.notes),
            instances=tuple(slot.instances),
        )
        self._instance().slots.append(done)

    def _leave(self, value: dict[str, Any] | None) -> None:
        instance = self._instance()
        self.open.pop()
        rule = instance.rule
        empty = bool(self.open) and value is not None and len(value) <= (rule.designator is not None)
        if not instance.wanted:
            instance.notes.append("left out: the condition is not true")
        elif empty:
            instance.notes.append("left out: it would be empty")
        done = InstanceExplanation(
            path=instance.path,
            class_name=rule.target_class,
            rule=rule.rule,
            pointer=instance.pointers[next(reversed(instance.pointers))],
            made=instance.wanted and not empty,
            wanted=instance.wanted,
            where=None if rule.where is None else _text(rule.where),
            sources=tuple(instance.sources.values()),
            notes=tuple(instance.notes),
            slots=tuple(instance.slots),
        )
        if not self.open:
            self.found.append(done)
            return
        slot = self._slot()
        slot.instances.append(done)
        slot.made += done.made


def _uncoded(codes: Codes, code: str, shown: str) -> str:
    if code in codes.table:
        return f"code {shown} is mapped to null"
    word = {"error": "the record is rejected", "pass": "it passes as it is"}.get(codes.unmapped, "null")
    return f"code {shown} has no entry: {word} (unmapped: {codes.unmapped})"


def _absence(slot: _Slot) -> str:
    """Why a slot has no value although nothing failed."""
    rule = slot.rule
    empty = [found.path for found in slot.sources.values() if found.value in (None, [])]
    named = " and ".join(f"'{name}'" for name in empty)
    match rule.value:
        case Read(path=path):
            return f"source slot '{_text(path)}' is null"
        case Template():
            return f"a value of the template is null: {named or 'an expression'}"
        case Compute():
            return f"the expression is null{f' ({named} is null)' if named else ''}"
        case Build(over=Path() as over) if not slot.instances:
            return f"source slot '{_text(over)}' is null or an empty list"
        case Build():
            return "no derivation made an object"
        case _:
            return "null"


def _text(node: Expr) -> str:
    """An expression as it is shown; a name that no expression can say stands as it is."""
    try:
        return unparse(node)
    except Unwritable:
        return unparse(node, lambda path: ".".join(path.steps or (path.variable,)))


def _plain(value: Any) -> Any:
    """A value as it is shown: moments as their text, everything else as it is."""
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return text_of(value) if isinstance(value, (date, time)) else value


def _shown(value: Any) -> str:
    return f"'{value}'" if isinstance(value, str) else text_of(value)


# -- asking for one slot -----------------------------------------------------------------------------


def narrowed(found: tuple[InstanceExplanation, ...], path: str) -> tuple[SlotExplanation, ...]:
    """The slots at a path (``balances[0].amount``); without the index those of every element."""
    asked = _steps(path)
    return tuple(slot for instance in found for slot in _slots(instance) if _fits(_steps(slot.path), asked))


def slot_paths(found: tuple[InstanceExplanation, ...]) -> tuple[str, ...]:
    """The path of every slot that was derived."""
    return tuple(dict.fromkeys(slot.path for instance in found for slot in _slots(instance)))


def _slots(instance: InstanceExplanation) -> Iterator[SlotExplanation]:
    for slot in instance.slots:
        yield slot
        for inner in slot.instances:
            yield from _slots(inner)


def _steps(path: str) -> list[tuple[str, str | None]]:
    return [(name, index or None) for name, index in re.findall(r"([^.\[\]]+)(?:\[(\d+)\])?", path)]


def _fits(found: list[tuple[str, str | None]], asked: list[tuple[str, str | None]]) -> bool:
    """Whether a path is the one asked for; an index that is not asked for may be any."""
    if len(found) != len(asked):
        return False
    return all(
        a == b and (want is None or got in (want, None)) for (a, got), (b, want) in zip(found, asked, strict=True)
    )
