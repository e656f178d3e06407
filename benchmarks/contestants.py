"""What is measured, one contestant a process: ``python contestants.py TASK NAME COUNT`` in the benchmark's environment.

The process prepares itself, says so in one line of JSON, and then does all its records once for each line ``go``
that it reads, saying the seconds of each time. On ``sample`` it says its first instances, so that the caller can
see that all contestants of a task give the same. Only one of them works at a time; the others wait.
"""

from __future__ import annotations

import atexit
import gc
import json
import logging
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from importlib import import_module, metadata
from pathlib import Path
from tempfile import TemporaryDirectory
from types import ModuleType
from typing import Any, Final

import data
import handwritten

__all__ = ["TASKS", "plain"]

HERE: Final = Path(__file__).resolve().parent / "accounts"
SOURCE, TARGET, MAPPING = HERE / "source.yaml", HERE / "target.yaml", HERE / "mapping.yaml"
SAMPLE: Final = 50
Instances = list[dict[str, Any]]


@dataclass(frozen=True)
class Contestant:
    """``go`` does all records once; ``sample`` gives the first instances; ``note`` says what the figures hold."""

    go: Callable[[], object]
    sample: Callable[[], Instances]
    note: str = ""


def plain(value: Any) -> Any:
    """An instance with every number in one form; everything else must be equal as it stands."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, (int, float, Decimal)) and not isinstance(value, bool):
        return f"number {Decimal(str(value)).normalize():f}"
    return value


# -- records that are already parsed -----------------------------------------------------------------


def _over(function: Callable[[dict[str, Any]], Any], records: Instances, note: str = "") -> Contestant:
    """A function of one record, over all of them; each instance is dropped as soon as it is made."""

    def go() -> None:
        for record in records:
            function(record)

    return Contestant(go, lambda: [function(record) for record in records[:SAMPLE]], note)


def _ours() -> Any:
    import semantics

    return semantics.load_mapping(MAPPING)


def map_semantics(count: int) -> Contestant:
    """The compiled mapping alone."""
    compiled, records = _ours()._compiled, data.parsed(count)
    events: list[tuple[str, str, str]] = []

    def go() -> None:
        for record in records:
            compiled.map(record, "Account", events)

    return Contestant(go, lambda: [compiled.map(record, "Account", events)[0][1] for record in records[:SAMPLE]])


def map_apply(count: int) -> Contestant:
    """``Mapping.apply``: mapped and validated against the target schema."""
    mapping = _ours()
    return _over(lambda record: mapping.apply(record, "Account"), data.parsed(count))


def map_bare(count: int) -> Contestant:
    """Written by hand, trusting its input."""
    return _over(handwritten.bare, data.parsed(count))


def map_careful(count: int) -> Contestant:
    """Written by hand, with the promises of the mapping."""
    return _over(handwritten.careful, data.parsed(count))


def map_peer(count: int) -> Contestant:
    """linkml-map's ObjectTransformer, its warnings silenced: it would print sixteen a record."""
    transformer = _transformer()
    return _over(lambda record: transformer.map_object(record, source_type="Account"), data.parsed(count))


def _transformer() -> Any:
    from linkml_map.transformer.object_transformer import ObjectTransformer
    from linkml_runtime import SchemaView

    transformer = ObjectTransformer()
    transformer.source_schemaview = SchemaView(str(SOURCE))
    transformer.target_schemaview = SchemaView(str(TARGET))
    transformer.load_transformer_specification(MAPPING)
    return transformer


# -- instances validated -----------------------------------------------------------------------------


def _instances(count: int) -> Instances:
    return [handwritten.careful(record) for record in data.parsed(count)]


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
    checker = _ours().checker
    return _valid(lambda instance: not checker.check("FinancialAccount", instance), _instances(count))


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
    return _valid(_accepted(_our_models().FinancialAccount), _instances(count))


def validate_gen_pydantic(count: int) -> Contestant:
    """Pydantic classes as linkml's ``gen-pydantic`` writes them."""
    return _valid(_accepted(_linkml_models().FinancialAccount), _instances(count))


def validate_linkml(count: int) -> Contestant:
    """linkml's validator (JSON Schema), prepared once; amounts as floats, which is what it takes for a number."""
    from linkml.validator import Validator
    from linkml.validator.plugins import JsonschemaValidationPlugin

    validator = Validator(str(TARGET), validation_plugins=[JsonschemaValidationPlugin(closed=True)])
    instances = json.loads(json.dumps(_instances(count), default=float))
    return _valid(lambda instance: not validator.validate(instance, "FinancialAccount").results, instances)


def _our_models() -> ModuleType:
    """The module that ``semantics generate`` writes for the target schema."""
    import semantics
    from semantics.generators import generate

    files = generate(semantics.load_schema(TARGET), only=["pydantic"])
    return _module({Path(name).name: text for name, text in files.items() if name.endswith(".py")})


def _linkml_models() -> ModuleType:
    """The module that ``gen-pydantic`` writes for the target schema."""
    from linkml.generators.pydanticgen import PydanticGenerator

    return _module({"linkml_models.py": PydanticGenerator(str(TARGET)).serialize()})


def _module(files: dict[str, str]) -> ModuleType:
    """The generated module that has the account's class, imported as a user imports it: from a file."""
    name = next(name for name, text in files.items() if "class FinancialAccount(" in text)
    package = f"made_{len(sys.modules)}"
    with TemporaryDirectory() as folder:
        (Path(folder) / package).mkdir()
        for file, text in {"__init__.py": "", **files}.items():
            (Path(folder) / package / file).write_text(text, encoding="utf-8")
        sys.path.insert(0, folder)
        try:
            return import_module(f"{package}.{Path(name).stem}")
        finally:
            sys.path.remove(folder)


# -- from a file to a file, validated ----------------------------------------------------------------


def _files(count: int) -> tuple[Path, Path]:
    """A file of records, and the name of the output beside it; both vanish with the process."""
    folder = Path(_folder())
    source = folder / "accounts.ndjson"
    source.write_bytes(b"".join(data.lines(count)))
    return source, folder / "shared.ndjson"


@cache
def _folder() -> str:
    """A folder that is there until the process ends."""
    made = TemporaryDirectory(prefix="semantics-benchmark-")
    atexit.register(made.cleanup)
    return made.name


def _written(output: Path) -> Iterator[dict[str, Any]]:
    with output.open("rb") as lines:
        for line, _ in zip(lines, range(SAMPLE), strict=False):
            yield json.loads(line, parse_float=Decimal)


def _convert(count: int, validate: str) -> Contestant:
    import semantics

    mapping = _ours()
    source, output = _files(count)

    def go() -> None:
        report = semantics.convert(mapping, source, output, source_class="Account", validate=validate)
        if report.records["emitted"] != count:
            raise AssertionError("not every record was converted")

    return Contestant(go, lambda: [*_after(go, output)])


def _after(go: Callable[[], object], output: Path) -> Iterator[dict[str, Any]]:
    go()
    yield from _written(output)


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
        model, note = _our_models().FinancialAccount, "validated by the classes of `semantics generate`"
    except ImportError:
        model, note = _linkml_models().FinancialAccount, "validated by the classes of gen-pydantic"
    source, output = _files(count)

    def go() -> None:
        with source.open("rb") as lines, output.open("wb") as out:
            for line in lines:
                instance = handwritten.bare(orjson.loads(line))
                model.model_validate(instance)
                out.write(orjson.dumps(instance) + b"\n")

    return Contestant(go, lambda: [*_after(go, output)], note)


def files_peer(count: int) -> Contestant:
    """linkml-map's ObjectTransformer between json and json, validated by the classes of gen-pydantic."""
    transformer, model = _transformer(), _linkml_models().FinancialAccount
    source, output = _files(count)

    def go() -> None:
        with source.open("rb") as lines, output.open("w", encoding="utf-8") as out:
            for line in lines:
                instance = transformer.map_object(json.loads(line), source_type="Account")
                model.model_validate(instance)
                out.write(json.dumps(instance, ensure_ascii=False) + "\n")

    return Contestant(go, lambda: [*_after(go, output)])


TASKS: Final[dict[str, dict[str, tuple[Callable[[int], Contestant], int]]]] = {
    "map": {
        "semantics": (map_semantics, 12_000),
        "semantics, with validation": (map_apply, 6_000),
        "by hand, careful": (map_careful, 20_000),
        "by hand, bare": (map_bare, 40_000),
        "linkml-map": (map_peer, 250),
    },
    "validate": {
        "semantics checker": (validate_semantics, 12_000),
        "semantics generate (Pydantic)": (validate_models, 12_000),
        "gen-pydantic": (validate_gen_pydantic, 6_000),
        "linkml-validate": (validate_linkml, 250),
    },
    "files": {
        "semantics": (files_semantics, 6_000),
        "semantics, not validated": (files_unvalidated, 6_000),
        "by hand": (files_hand, 10_000),
        "linkml-map": (files_peer, 250),
    },
}
"""Task to contestants: how each is made, and how many records make about a quarter of a second of work."""


def _serve(contestant: Contestant, count: int) -> None:
    _say({"ready": True, "count": count, "note": contestant.note, "versions": _versions()})
    for line in sys.stdin:
        if line.strip() == "sample":
            _say([plain(instance) for instance in contestant.sample()])
            continue
        gc.collect()
        processor, wall = time.process_time(), time.perf_counter()
        contestant.go()
        _say({"processor": time.process_time() - processor, "wall": time.perf_counter() - wall})


def _versions() -> dict[str, str]:
    names = ("linkml-map", "linkml", "pydantic", "orjson", "jiter", "msgspec")
    return {name: metadata.version(name) for name in names}


def _say(message: Any) -> None:
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


def main() -> None:
    """Prepare the contestant that the arguments name, and serve."""
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    task, name, scale = sys.argv[1:]
    make, records = TASKS[task][name]
    count = max(100, int(records * float(scale)))
    try:
        contestant = make(count)
    except ImportError as missing:
        _say({"ready": False, "why": f"{missing.name} is not there"})
        return
    _serve(contestant, count)


if __name__ == "__main__":
    main()
