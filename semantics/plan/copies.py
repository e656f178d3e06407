"""``copy_directives``: slots of the source class that a derivation copies besides those that it derives."""

from __future__ import annotations

from semantics.errors import closest, escaped
from semantics.mapping.spec import ClassDerivation, SlotDerivation
from semantics.plan.findings import Findings
from semantics.schema.model import ClassModel

__all__ = ["copied", "with_copies"]

Path_ = tuple[str | int, ...]


def copied(derivation: ClassDerivation, source: ClassModel) -> tuple[str, ...]:
    """The names of the slots that the directives copy, in the order of the source class."""
    chosen: set[str] = set()
    for directive in derivation.copy_directives.values():
        if directive.copy_all:
            chosen |= source.slots.keys()
        chosen -= set(directive.exclude)
        if directive.exclude_all:
            chosen = set()
        chosen |= set(directive.include)
    return tuple(name for name in source.slots if name in chosen)


def with_copies(
    derivation: ClassDerivation, source: ClassModel | None, path: Path_, findings: Findings
) -> ClassDerivation:
    """The derivation with a slot derivation for every slot that is copied; its own come first."""
    if not derivation.copy_directives or source is None:
        return derivation
    for key, directive in derivation.copy_directives.items():
        for word in ("exclude", "include"):
            for index, name in enumerate(getattr(directive, word)):
                if name not in source.slots:
                    findings.error(
                        "MAP013", f"'{escaped(name)}' is not a slot of class '{source.name}'",
                        (*path, "copy_directives", key, word, index), closest(name, source.slots),
                    )  # fmt: skip
    own = derivation.slot_derivations
    more = {name: SlotDerivation(name=name) for name in copied(derivation, source) if name not in own}
    return derivation.model_copy(update={"slot_derivations": {**own, **more}})
