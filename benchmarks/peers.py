"""What contestants are made of: the mapping, the peer's transformer, the classes that both generate, a folder."""

from __future__ import annotations

import atexit
import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from types import ModuleType
from typing import Any, Final

import data
import handwritten

__all__ = [
    "HERE", "MAPPING", "SAMPLE", "SOURCE", "TARGET", "Contestant", "Instances",
    "folder", "instances", "linkml_models", "linkml_validator", "our_models", "ours", "plain", "transformer", "written",
]  # fmt: skip

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


def ours() -> Any:
    """The mapping, loaded by the project."""
    import semantics

    return semantics.load_mapping(MAPPING)


def instances(count: int) -> Instances:
    """Valid instances of the target schema, amounts exact."""
    return [handwritten.careful(record) for record in data.parsed(count)]


def transformer() -> Any:
    """The mapping, loaded by linkml-map; its warnings are silenced by whoever runs it."""
    from linkml_map.transformer.object_transformer import ObjectTransformer
    from linkml_runtime import SchemaView

    made = ObjectTransformer()
    made.source_schemaview = SchemaView(str(SOURCE))
    made.target_schemaview = SchemaView(str(TARGET))
    made.load_transformer_specification(MAPPING)
    return made


def our_models() -> ModuleType:
    """The module that ``semantics generate`` writes for the target schema."""
    import semantics
    from semantics.generators import generate

    files = generate(semantics.load_schema(TARGET), only=["pydantic"])
    return _module({Path(name).name: text for name, text in files.items() if name.endswith(".py")})


def linkml_models() -> ModuleType:
    """The module that ``gen-pydantic`` writes for the target schema."""
    from linkml.generators.pydanticgen import PydanticGenerator

    return _module({"linkml_models.py": PydanticGenerator(str(TARGET)).serialize()})


def linkml_validator() -> Any:
    """linkml's validator by JSON Schema, for instances of the target schema."""
    from linkml.validator import Validator
    from linkml.validator.plugins import JsonschemaValidationPlugin

    return Validator(str(TARGET), validation_plugins=[JsonschemaValidationPlugin(closed=True)])


def _module(files: dict[str, str]) -> ModuleType:
    """The generated module that has the account's class, imported as a user imports it: from a file."""
    name = next(name for name, text in files.items() if "class FinancialAccount(" in text)
    package = f"made_{len(sys.modules)}"
    with TemporaryDirectory() as place:
        (Path(place) / package).mkdir()
        for file, text in {"__init__.py": "", **files}.items():
            (Path(place) / package / file).write_text(text, encoding="utf-8")
        sys.path.insert(0, place)
        try:
            return import_module(f"{package}.{Path(name).stem}")
        finally:
            sys.path.remove(place)


@cache
def folder() -> Path:
    """A folder that is there until the process ends."""
    made = TemporaryDirectory(prefix="semantics-benchmark-")
    atexit.register(made.cleanup)
    return Path(made.name)


def written(output: Path) -> Iterator[dict[str, Any]]:
    """The first instances of a file of NDJSON."""
    with output.open("rb") as lines:
        for line, _ in zip(lines, range(SAMPLE), strict=False):
            yield json.loads(line, parse_float=Decimal)
