"""The pass before a run that joins: records that others look up are read first, wherever the inputs hold them."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from semantics.engine.inputs import Inputs
from semantics.engine.mapping import Mapping
from semantics.engine.related import Partners, PlacedPartners
from semantics.engine.store import BUDGET, Store, full_disk
from semantics.errors import Diagnostic, UsageError

__all__ = ["MEMORY", "Gathered", "memory_of"]

MEMORY: Final = "SEMANTICS_JOIN_MEMORY"
"""The environment variable that says how many megabytes of records to be joined stay in memory."""


def memory_of(asked: int | None) -> int:
    """The budget in bytes: what was asked for in megabytes, else what the environment says, else 256 MB."""
    text = str(asked) if asked is not None else os.environ.get(MEMORY, "")
    if not text:
        return BUDGET
    if not (text.isascii() and text.isdigit()):
        raise UsageError(Diagnostic("RUN034", f"{MEMORY} is a whole number of megabytes"))
    return int(text) * 1024 * 1024


class Gathered:
    """The partners of a run, gathered from its inputs; standard input is copied, so that it can be read twice."""

    def __init__(
        self, mapping: Mapping, inputs: Inputs, budget: int, paths: Sequence[str] | None = None, *, placed: bool = False
    ) -> None:  # fmt: skip
        """Nothing is read yet. Partners are looked for in ``paths``, or else in the ``inputs`` of the run.

        ``placed``: partners know their place.
        """
        self._unbound, self._inputs, self._paths = mapping, inputs, inputs.paths if paths is None else paths
        self._partners = (PlacedPartners if placed else Partners)(mapping.keys, Store(budget))
        self._counts: Counter[str] = Counter()
        self._folder: Path | None = None

    def mapping(self) -> Mapping:
        """The mapping with its partners, after reading the inputs once for them."""
        mapping = self._unbound
        if "-" in self._paths:
            self._inputs.spool = self._copied()
        first = replace(self._inputs, paths=self._paths, notes=[], skipped=[], tables={}, formats={})
        for _, record in first.records(mapping.plan.partners):
            if record.fault is not None:
                continue
            record, told = mapping.formed(record)
            if isinstance(told, str) and told in mapping.keys:
                self._counts[told] += 1
                self._partners.take(record, told)
        self._there(first)
        return replace(mapping, related=self._partners)

    def _there(self, inputs: Inputs) -> None:
        """In a dialect where tables are told by their names, a joined table that is not there is a mistake."""
        plan = self._unbound.plan
        if plan.dialect == "strict":
            return
        names = {inputs.stem(path) for path, _, _ in inputs.files()}
        for lookup in plan.lookups.values():
            if not names & set(lookup.classes):
                missing = " or ".join(lookup.classes)
                raise UsageError(Diagnostic("RUN036", f"the mapping joins '{missing}', and no input is named so"))

    def _copied(self) -> Path:
        """Standard input as a file that only the owner can read (mode 0600 in a folder of its own)."""
        try:
            self._folder = Path(tempfile.mkdtemp(prefix="semantics-"))
            copy = self._folder / "input"
            with os.fdopen(os.open(copy, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
                shutil.copyfileobj(sys.stdin.buffer, file)
        except OSError as fault:
            raise full_disk(fault) from None
        return copy

    @property
    def in_memory(self) -> bool:
        """Whether all partners are in memory, where processes can share them."""
        return not self._partners.store.spilled

    def counts(self) -> dict[str, int]:
        """How many records of each class could be looked up."""
        return dict(sorted(self._counts.items()))

    def close(self) -> None:
        """Remove temporary files."""
        self._partners.store.close()
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
