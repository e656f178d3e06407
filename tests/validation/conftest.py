"""The tests of one verdict share made-up schemas (``making.py``) and the artefacts of a schema (``artefacts.py``)."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from semantics.generators import generate
from semantics.schema.model import SchemaModel


def _beside(name: str) -> ModuleType:
    """A module of this folder: tests are imported from their files, and so is what they share."""
    spec = importlib.util.spec_from_file_location(f"verdict_{name}", Path(__file__).with_name(f"{name}.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[module.__name__] = module
    spec.loader.exec_module(module)
    return module


making, artefacts = _beside("making"), _beside("artefacts")


@pytest.fixture(scope="session")
def made_cases() -> Any:
    """A schema and six instances of its class ``Main``: a Hypothesis strategy."""
    return making.cases()


@pytest.fixture(scope="session")
def made_schemas() -> Any:
    """Schemas as they are written: a Hypothesis strategy."""
    return making.schemas()


@pytest.fixture(scope="session")
def generated() -> Callable[[SchemaModel], dict[str, str]]:
    """What the generators make of a schema: text by file name."""
    return generate


@pytest.fixture(scope="session")
def verdicts() -> ModuleType:
    """``artefacts.py``: the four artefacts of a schema, and where they may differ."""
    return artefacts


@pytest.fixture(scope="session")
def artefacts_of(tmp_path_factory: pytest.TempPathFactory) -> Callable[[SchemaModel], Any]:
    """Checker, generated classes, JSON Schema and SHACL shapes of a schema."""
    folder = tmp_path_factory.mktemp("made")
    return lambda schema: artefacts.Artefacts(schema, folder)
