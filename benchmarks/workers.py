"""The tasks that are measured on the clock: several workers against one, and against peers that use all processors."""

from __future__ import annotations

from typing import Any

import data
import graphs
from peers import Contestant, folder, ours, written

__all__ = ["graph_all", "graph_morph_all", "workers_one", "workers_two"]


def _jobs(count: int, jobs: int | None) -> Contestant:
    """Files to files by so many workers; of so many records that their start does not count."""
    import semantics

    mapping: Any = ours()
    source, output = folder() / "accounts.ndjson", folder() / "shared.ndjson"
    with source.open("wb") as file:
        file.writelines(data.many(count))

    def go() -> None:
        report = semantics.convert(mapping, source, output, source_class="Account", jobs=jobs)
        if report.records["emitted"] != count:
            raise AssertionError("not every record was converted")

    def sample() -> list[dict[str, Any]]:
        go()
        return [*written(output), {"bytes": output.stat().st_size}]

    return Contestant(go, sample, f"{count} records")


def workers_one(count: int) -> Contestant:
    """``semantics.convert(jobs=1)``."""
    return _jobs(count, 1)


def workers_two(count: int) -> Contestant:
    """``semantics.convert(jobs=2)``."""
    return _jobs(count, 2)


def graph_all(count: int) -> Contestant:
    """``semantics.convert(validate="both", jobs=None)``: as many workers as there are processors."""
    return graphs.graph_semantics(count, jobs=None)


def graph_morph_all(count: int) -> Contestant:
    """morph-kgc as it is set up by itself: two processes for each processor, DuckDB with a thread for each."""
    return graphs.graph_morph(count, alone=False)
