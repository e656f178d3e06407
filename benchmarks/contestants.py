"""What is measured, one contestant a process: ``python contestants.py TASK NAME COUNT`` in the benchmark's environment.

The process prepares itself, says so in one line of JSON, and then does all its records once for each line ``go``
that it reads, saying the seconds of each time. On ``sample`` it says its first instances, so that the caller can
see that all contestants of a task give the same. Only one of them works at a time; the others wait.
"""

from __future__ import annotations

import gc
import json
import logging
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from importlib import metadata
from pathlib import Path
from typing import Any, Final, NamedTuple

import columns
import data
import graphs
import handwritten
import workers
from peers import (
    SAMPLE,
    Contestant,
    Instances,
    folder,
    instances,
    linkml_models,
    linkml_validator,
    our_models,
    ours,
    plain,
    transformer,
    written,
)

__all__ = ["TASKS", "Entry"]

# -- records that are already parsed -----------------------------------------------------------------


def _over(function: Callable[[dict[str, Any]], Any], records: Instances, note: str = "") -> Contestant:
    """A function of one record, over all of them; each instance is dropped as soon as it is made."""

    def go() -> None:
        for record in records:
            function(record)

    return Contestant(go, lambda: [function(record) for record in records[:SAMPLE]], note)


def map_semantics(count: int) -> Contestant:
    """The compiled mapping alone."""
    compiled, records = ours()._compiled, data.parsed(count)
    events: list[tuple[str, str, str]] = []

    def go() -> None:
        for record in records:
            compiled.map(record, "Account", events)

    return Contestant(go, lambda: [compiled.map(record, "Account", events)[0][1] for record in records[:SAMPLE]])


def map_apply(count: int) -> Contestant:
    """``Mapping.apply``: mapped and validated against the target schema."""
    mapping = ours()
    return _over(lambda record: mapping.apply(record, "Account"), data.parsed(count))


def map_bare(count: int) -> Contestant:
    """Written by hand, trusting its input."""
    return _over(handwritten.bare, data.parsed(count))


def map_careful(count: int) -> Contestant:
    """Written by hand, with the promises of the mapping."""
    return _over(handwritten.careful, data.parsed(count))


def map_peer(count: int) -> Contestant:
    """linkml-map's ObjectTransformer, its warnings silenced: it would print sixteen a record."""
    peer = transformer()
    return _over(lambda record: peer.map_object(record, source_type="Account"), data.parsed(count))


# -- instances validated -----------------------------------------------------------------------------


def _valid(check: Callable[[dict[str, Any]], Any], instances: Instances, note: str = "") -> Contestant:
    """A validator, over valid instances; it must refuse the first one with its currency taken away."""

    def sample() -> Instances:
        broken = {slot: value for slot, value in instances[0].items() if slot != "currency"}
        if not check(instances[0]) or check(broken):
            raise AssertionError("the validator does not tell a valid instance from an invalid one")
        return [instance for instance in instances[:SAMPLE] if check(instance)]

    def go() -> None:
        for instance in instances:
            check(instance)

    return Contestant(go, sample, note)


def validate_semantics(count: int) -> Contestant:
    """The compiled checker of the target schema."""
    checker = ours().checker
    return _valid(lambda instance: not checker.check("FinancialAccount", instance), instances(count))


def _accepted(model: Any) -> Callable[[dict[str, Any]], bool]:
    from pydantic import ValidationError

    def accepted(instance: dict[str, Any]) -> bool:
        try:
            model.model_validate(instance)
        except ValidationError:
            return False
        return True

    return accepted


def validate_models(count: int) -> Contestant:
    """Pydantic classes as ``semantics generate`` writes them."""
    return _valid(_accepted(our_models().FinancialAccount), instances(count))


def validate_gen_pydantic(count: int) -> Contestant:
    """Pydantic classes as linkml's ``gen-pydantic`` writes them."""
    return _valid(_accepted(linkml_models().FinancialAccount), instances(count))


def validate_linkml(count: int) -> Contestant:
    """linkml's validator (JSON Schema), prepared once; amounts as floats, which is what it takes for a number."""
    validator = linkml_validator()
    accounts = json.loads(json.dumps(instances(count), default=float))
    return _valid(lambda instance: not validator.validate(instance, "FinancialAccount").results, accounts)


# -- from a file to a file, validated ----------------------------------------------------------------


def _files(count: int) -> tuple[Path, Path]:
    """A file of records, and the name of the output beside it; both vanish with the process."""
    source = folder() / "accounts.ndjson"
    source.write_bytes(b"".join(data.lines(count)))
    return source, folder() / "shared.ndjson"


def _convert(count: int, validate: str) -> Contestant:
    import semantics

    mapping = ours()
    source, output = _files(count)

    def go() -> None:
        report = semantics.convert(mapping, source, output, source_class="Account", validate=validate)
        if report.records["emitted"] != count:
            raise AssertionError("not every record was converted")

    return Contestant(go, lambda: [*_after(go, output)])


def _after(go: Callable[[], object], output: Path) -> Iterator[dict[str, Any]]:
    go()
    yield from written(output)


def files_semantics(count: int) -> Contestant:
    """``semantics.convert``: parsed, mapped, validated, counted in the ledger, written whole or not at all."""
    return _convert(count, "schema")


def files_unvalidated(count: int) -> Contestant:
    """``semantics.convert(validate="none")``."""
    return _convert(count, "none")


def files_hand(count: int) -> Contestant:
    """By hand: orjson, the bare function, the generated Pydantic class, orjson. No ledger, no rejects."""
    import orjson

    try:
        model, note = our_models().FinancialAccount, "validated by the classes of `semantics generate`"
    except ImportError:
        model, note = linkml_models().FinancialAccount, "validated by the classes of gen-pydantic"
    source, output = _files(count)

    def go() -> None:
        with source.open("rb") as lines, output.open("wb") as out:
            for line in lines:
                instance = handwritten.bare(orjson.loads(line))
                model.model_validate(instance)
                out.write(orjson.dumps(instance) + b"\n")

    return Contestant(go, lambda: [*_after(go, output)], note)


def _files_peer(count: int, accepts: Callable[[dict[str, Any]], bool]) -> Contestant:
    """linkml-map's ObjectTransformer between json and json, each instance validated."""
    peer = transformer()
    source, output = _files(count)

    def go() -> None:
        with source.open("rb") as lines, output.open("w", encoding="utf-8") as out:
            for line in lines:
                instance = peer.map_object(json.loads(line), source_type="Account")
                if not accepts(instance):
                    raise AssertionError("not every record was converted")
                out.write(json.dumps(instance, ensure_ascii=False) + "\n")

    return Contestant(go, lambda: [*_after(go, output)])


def files_linkml(count: int) -> Contestant:
    """linkml-map, then linkml-validate."""
    validator = linkml_validator()
    return _files_peer(count, lambda instance: not validator.validate(instance, "FinancialAccount").results)


def files_peer(count: int) -> Contestant:
    """linkml-map, validated by the classes of gen-pydantic, which are quicker than linkml-validate."""
    return _files_peer(count, _accepted(linkml_models().FinancialAccount))


# -- what the ledger costs ---------------------------------------------------------------------------


def ledger_kept(count: int) -> Contestant:
    """``semantics.convert`` as it is."""
    return _convert(count, "schema")


def ledger_none(count: int) -> Contestant:
    """``semantics.convert`` with a ledger that counts records and looks into none; no user can ask for that."""
    from semantics.engine import ledger

    class NoTally(ledger.Tally):
        """Takes no notice of what objects hold."""

        __slots__ = ()

        def add(self, objects: Any) -> None:
            pass

    ledger.Tally = NoTally
    return _convert(count, "schema")


class Entry(NamedTuple):
    """How a contestant is made, how many records make about a quarter of a second of work, and where it lives."""

    make: Callable[[int], Contestant]
    records: int
    home: str = "peers"


TASKS: Final[dict[str, dict[str, Entry]]] = {
    "map": {
        "semantics": Entry(map_semantics, 12_000),
        "semantics, with validation": Entry(map_apply, 6_000),
        "by hand, careful": Entry(map_careful, 20_000),
        "by hand, bare": Entry(map_bare, 40_000),
        "linkml-map": Entry(map_peer, 250),
    },
    "validate": {
        "semantics checker": Entry(validate_semantics, 12_000),
        "semantics generate (Pydantic)": Entry(validate_models, 12_000),
        "gen-pydantic": Entry(validate_gen_pydantic, 6_000),
        "linkml-validate": Entry(validate_linkml, 250),
    },
    "shapes": {
        "semantics checker": Entry(graphs.shapes_checker, 12_000),
        "semantics shapes": Entry(graphs.shapes_semantics, 4_000),
        "pySHACL": Entry(graphs.shapes_pyshacl, 200),
        "pyrudof": Entry(graphs.shapes_pyrudof, 400),
    },
    "files": {
        "semantics": Entry(files_semantics, 18_000),
        "semantics, not validated": Entry(files_unvalidated, 18_000),
        "by hand": Entry(files_hand, 20_000),
        "linkml-map, linkml-validate": Entry(files_linkml, 200),
        "linkml-map, gen-pydantic": Entry(files_peer, 250),
    },
    "graph": {
        "semantics": Entry(graphs.graph_semantics, 6_000),
        "morph-kgc": Entry(graphs.graph_morph, 20_000, "morph-kgc"),
        "linkml-map, dumper, linkml-validate": Entry(graphs.graph_linkml, 100),
    },
    "ledger": {
        "with the ledger": Entry(ledger_kept, 18_000),
        "without": Entry(ledger_none, 18_000),
    },
    "workers": {
        "two workers": Entry(workers.workers_two, 200_000),
        "one worker": Entry(workers.workers_one, 200_000),
    },
    "graph-workers": {
        "semantics": Entry(workers.graph_all, 100_000),
        "morph-kgc": Entry(workers.graph_morph_all, 20_000, "morph-kgc"),
        "morph-kgc, one process": Entry(graphs.graph_morph, 20_000, "morph-kgc"),
    },
    "columns": {
        "semantics": Entry(columns.columns_ours, 1_000_000, "columns"),
        "by hand": Entry(columns.columns_hand, 1_000_000, "columns"),
        "semantics, record by record": Entry(columns.columns_records, 50_000, "columns"),
    },
}
"""Task to contestants. A home is an environment of ``environment.py``; morph-kgc does more work, since each of its runs
reads the mapping anew."""


def _serve(contestant: Contestant, count: int) -> None:
    _say({"ready": True, "count": count, "note": contestant.note, "versions": _versions()})
    for line in sys.stdin:
        if line.strip() == "sample":
            _say([plain(instance) for instance in contestant.sample()])
            continue
        gc.collect()
        processor, wall = _processor(), time.perf_counter()
        contestant.go()
        wall = time.perf_counter() - wall
        _say({"processor": _processor() - processor, "wall": wall})


def _processor() -> float:
    """Seconds of processor time of this process and of its workers that have ended."""
    try:
        import resource
    except ImportError:  # Windows has no workers either
        return time.process_time()
    used = (resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in used)


def _versions() -> dict[str, str]:
    """The versions of what this environment has, under the name by which it is known by here."""
    homes = (
        ("linkml-map", "linkml", "pydantic", "orjson", "jiter", "msgspec", "pyshacl", "pyrudof"),
        ("morph-kgc",),
        ("duckdb", "pyarrow"),
    )
    installed = {found.name.replace("_", "-"): found.version for found in metadata.distributions()}
    names = next(names for names in homes if names[0] in installed)
    found = {name: installed[name] for name in names if name in installed}
    return found | ({"its duckdb": installed["duckdb"]} if names == ("morph-kgc",) else {})


def _say(message: Any) -> None:
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


def main() -> None:
    """Prepare the contestant that the arguments name, and serve."""
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    task, name, scale = sys.argv[1:]
    make, records, _ = TASKS[task][name]
    count = max(100, int(records * float(scale)))
    try:
        contestant = make(count)
    except ImportError as missing:
        _say({"ready": False, "why": f"{missing.name} is not there"})
        return
    _serve(contestant, count)


if __name__ == "__main__":
    main()
