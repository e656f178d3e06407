"""Asking for one slot of an explanation, by a path as people write it or as findings do.

``balances[0].amount``, ``balances.0.amount`` and ``/balances/0/amount`` are the same; without the index every
element counts. An object under a key is named by its key: ``prices[GBP].amount``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Any, Final

from semantics.analysis.explanation import InstanceExplanation, SlotExplanation
from semantics.schema.model import SchemaModel
from semantics.validation.report import Finding

__all__ = ["narrowed", "slot_paths", "tokens_of", "with_findings"]

_TOKEN: Final = re.compile(r"\[([^\]]*)\]|([^.\[\]]+)")


def tokens_of(path: str) -> tuple[str, ...]:
    """The names, indices and keys of a path.

    >>> tokens_of("balances[0].amount"), tokens_of("/a~1b/0")
    (('balances', '0', 'amount'), ('a/b', '0'))
    """
    if path.startswith("/"):
        return tuple(part.replace("~1", "/").replace("~0", "~") for part in path.split("/")[1:])
    return tuple(key or name for key, name in _TOKEN.findall(path))


def narrowed(found: Iterable[InstanceExplanation], path: str, target: SchemaModel) -> tuple[SlotExplanation, ...]:
    """The slots at a path; where nothing stands there in this record, the slots above, which say why.

    None where no rule fills such a slot and no class of the model has one.
    """
    asked = tokens_of(path)
    known = {name for cls in target.classes.values() for name in cls.slots}
    above: list[SlotExplanation] = []
    slots = _among(found, lambda instance: _in_instance(instance, asked, above)) if asked else []
    if slots or not any(token in known for token in asked[1:]):
        return tuple(slots)
    note = f"nothing stands at '{path}' in this record"
    return tuple(replace(slot, notes=(*slot.notes, note)) for slot in above)


def _among(
    instances: Iterable[InstanceExplanation], look: Callable[[InstanceExplanation], Iterator[SlotExplanation]]
) -> list[SlotExplanation]:
    """What is found in the objects that were made; where there is none, in those that were not."""
    several = list(instances)
    made = [slot for instance in several if instance.made for slot in look(instance)]
    return made or [slot for instance in several if not instance.made for slot in look(instance)]


def _in_instance(
    instance: InstanceExplanation, asked: tuple[str, ...], above: list[SlotExplanation]
) -> Iterator[SlotExplanation]:
    name, *rest = asked
    for slot in instance.slots:
        if slot.slot == name:
            yield from _in_slot(slot, tuple(rest), above)
    if name in instance.unfilled and not rest:
        yield _unfilled(instance, name)


def _in_slot(slot: SlotExplanation, asked: tuple[str, ...], above: list[SlotExplanation]) -> Iterator[SlotExplanation]:
    if not asked:
        yield slot
        return
    found = list(_inside(slot, asked, above))
    if not found:
        above.append(slot)
    yield from found


def _inside(slot: SlotExplanation, asked: tuple[str, ...], above: list[SlotExplanation]) -> Iterator[SlotExplanation]:
    first, *rest = asked

    def look(instance: InstanceExplanation) -> Iterator[SlotExplanation]:
        if instance.key == first and rest:
            yield from _in_instance(instance, tuple(rest), above)
        elif instance.key == first:
            yield _element(slot, first, (instance,))
        else:
            yield from _in_instance(instance, asked, above)

    yield from _among(slot.instances, look)
    if not slot.instances and not rest and _item(slot.value, first) is not None:
        yield _element(slot, first, ())


def _element(slot: SlotExplanation, key: str, instances: tuple[InstanceExplanation, ...]) -> SlotExplanation:
    """A slot cut down to one element of its value."""
    pointer = f"{slot.pointer}/{key.replace('~', '~0').replace('/', '~1')}"
    value = _item(slot.value, key)
    return replace(slot, path=f"{slot.path}[{key}]", pointer=pointer, value=value, instances=instances)


def _item(value: Any, key: str) -> Any:
    if isinstance(value, dict):
        return value.get(key)
    if isinstance(value, list) and key.isdecimal() and int(key) < len(value):
        return value[int(key)]
    return None


def _unfilled(instance: InstanceExplanation, name: str) -> SlotExplanation:
    """A slot of the class that no rule fills."""
    return SlotExplanation(
        path=f"{instance.path}.{name}" if instance.path else name,
        pointer=f"{instance.pointer}/{name}",
        class_name=instance.class_name,
        slot=name,
        value=None,
        rule=instance.rule,
        column=instance.column,
        element=None,
        manner="unfilled",
        notes=("no rule fills it",),
        findings=tuple(found for found in instance.findings if found.slot == name),
    )


def slot_paths(found: Iterable[InstanceExplanation]) -> tuple[str, ...]:
    """The path of every slot that was derived."""
    return tuple(dict.fromkeys(slot.path for instance in found for slot in _slots(instance)))


def _slots(instance: InstanceExplanation) -> Iterator[SlotExplanation]:
    for slot in instance.slots:
        yield slot
        for inner in slot.instances:
            yield from _slots(inner)


# -- findings ----------------------------------------------------------------------------------------------


def with_findings(instance: InstanceExplanation, findings: Iterable[Finding]) -> InstanceExplanation:
    """An instance with what validation found in it, each finding at the innermost slot that it is about.

    A finding about a slot that no rule fills stands at the object that lacks it. Pointers of findings count objects
    that stand under keys.
    """
    for finding in findings:
        instance = _at_instance(instance, finding, tokens_of(finding.pointer) if finding.pointer else ())
    return instance


def _at_instance(instance: InstanceExplanation, finding: Finding, place: tuple[str, ...]) -> InstanceExplanation:
    # A slot that is absent is found at the object; its own rule, where it has one, is to blame.
    name = place[0] if place else finding.slot
    for position, slot in enumerate(instance.slots):
        if slot.slot == name:
            done = _at_slot(slot, finding, place[1:])
            return replace(instance, slots=(*instance.slots[:position], done, *instance.slots[position + 1 :]))
    return replace(instance, findings=(*instance.findings, replace(finding, rule=finding.rule or instance.rule)))


def _at_slot(slot: SlotExplanation, finding: Finding, place: tuple[str, ...]) -> SlotExplanation:
    made = [position for position, inner in enumerate(slot.instances) if inner.made]
    several = any(slot.instances[position].key is not None for position in made)
    if several and place and place[0].isdecimal() and int(place[0]) < len(made):
        return _inside_slot(slot, made[int(place[0])], finding, place[1:])
    if made and not several and (place or finding.class_name not in (slot.class_name, None)):
        return _inside_slot(slot, made[0], finding, place)
    return replace(slot, findings=(*slot.findings, replace(finding, rule=finding.rule or slot.rule)))


def _inside_slot(slot: SlotExplanation, position: int, finding: Finding, place: tuple[str, ...]) -> SlotExplanation:
    instances = list(slot.instances)
    instances[position] = _at_instance(instances[position], finding, place)
    return replace(slot, instances=tuple(instances))
