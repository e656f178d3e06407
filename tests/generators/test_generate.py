"""The table of generators, one schema and a whole package, and that the bytes never change."""

from __future__ import annotations

import hashlib
import inspect
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from semantics.errors import UsageError
from semantics.generators import DEFAULT, GENERATORS, gaps, generate, generate_package
from semantics.schema import load_schema
from semantics.schema.model import SchemaModel

from .conftest import RICH

ROOT = Path(__file__).resolve().parents[2]


def robots(**more: Any) -> SchemaModel:
    """A sector model on top of the core."""
    return load_schema({
        "name": "robots", "id": "https://e.org/robots", "imports": ["linkml:types", "core"], "default_prefix": "r",
        "prefixes": {"r": "https://e.org/robots/", "core": "https://w3id.org/semantics/core/", "linkml": "https://w3id.org/linkml/"},
        "types": {"Mass": {"typeof": "decimal", "minimum_value": 0}},
        "classes": {"Robot": {"is_a": "Agent", "attributes": {
            "boss": {"range": "Person"}, "weight": {"range": "Mass"}, "cost": {"range": "MonetaryAmount"}}}, **more},
    })  # fmt: skip


# -- the table -----------------------------------------------------------------------------------


def test_every_generator_of_the_table_loads_and_takes_a_schema() -> None:
    for name, spec in GENERATORS.items():
        assert len(inspect.signature(spec.load()).parameters) == 1, name
        assert spec.suffix.startswith(".")
        assert spec.purpose
        assert spec.since
    assert len({spec.suffix for spec in GENERATORS.values()}) == len(GENERATORS)
    assert {each.generator for each in gaps.GAPS} == set(GENERATORS)


def test_the_table_imports_no_heavy_library() -> None:
    code = (
        "import sys; from semantics.generators import generate; from semantics.schema import load_schema; "
        "generate(load_schema({'name': 'm', 'classes': {'A': {}}})); "
        "print([each for each in ('linkml', 'linkml_runtime', 'rdflib', 'pyshacl', 'pydantic') if each in sys.modules])"
    )
    assert run(code) == "[]\n"


def test_unknown_generators_are_refused_with_the_nearest_name() -> None:
    with pytest.raises(UsageError) as refusal:
        generate(load_schema("core"), ["shackl"])
    assert [(each.code, each.hint) for each in refusal.value.diagnostics] == [("GEN002", "did you mean 'shacl'?")]


def test_one_schema_gives_the_files_asked_for(rich: SchemaModel) -> None:
    assert sorted(generate(rich)) == ["rich.context.jsonld", "rich.py", "rich.schema.json", "rich.shacl.ttl"]
    assert list(generate(rich, ["shacl"], folder="sources")) == ["sources/rich.shacl.ttl"]


@pytest.mark.parametrize(
    "name", ["../../evil", "a/b", "con", "class", "_base", "__init__", "a b", "\N{LATIN SMALL LETTER E WITH ACUTE}"]
)
def test_no_schema_name_leaves_the_folder_or_hides_a_file(name: str) -> None:
    schema = load_schema({"name": name, "classes": {"A": {}}})
    [file] = generate(schema, ["pydantic"])
    assert "/" not in file
    assert file.removesuffix(".py").isidentifier()
    assert file not in ("_base.py", "__init__.py")


# -- bytes ---------------------------------------------------------------------------------------


def run(code: str, **environment: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120,
        cwd=environment.pop("cwd", str(ROOT)), env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
    )  # fmt: skip
    return done.stdout


def test_the_bytes_are_the_same_in_every_run(tmp_path: Path) -> None:
    """Whatever the hash seed, the locale, the time zone and the directory."""
    (tmp_path / "rich.json").write_text(json.dumps(RICH))
    code = (
        "import hashlib, json, sys; from semantics.generators import generate, GENERATORS; from semantics.schema import load_schema; "
        f"rich = json.load(open({str(tmp_path / 'rich.json')!r})); "
        "files = {**generate(load_schema(rich), list(GENERATORS)), **generate(load_schema('core'))}; "
        "print(json.dumps({name: hashlib.sha256(text.encode()).hexdigest() for name, text in files.items()}))"
    )
    first = run(code, PYTHONHASHSEED="1", TZ="UTC")
    second = run(code, PYTHONHASHSEED="4711", TZ="Asia/Tokyo", LC_ALL="C", cwd=str(tmp_path))
    assert json.loads(first) == json.loads(second)
    here = generate(load_schema("core"))
    assert {name: hashlib.sha256(text.encode()).hexdigest() for name, text in here.items()}.items() <= json.loads(
        first
    ).items()


def test_no_artefact_holds_a_path_or_a_date() -> None:
    for name, text in generate(load_schema("gtfs")).items():
        assert str(ROOT) not in text, name
        assert "ontologies/" not in text


# -- packages ------------------------------------------------------------------------------------


def test_a_package_has_every_file_and_its_folders() -> None:
    found = generate_package([load_schema("core"), load_schema("gtfs")], folders={"gtfs": "sources"})
    stems = {"core", "sources/gtfs"}
    files = {stem + GENERATORS[name].suffix for stem in stems for name in DEFAULT}
    assert set(found) == files | {"_base.py", "__init__.py", "sources/__init__.py"}
    assert list(found) == sorted(found)
    assert set(generate_package([load_schema("gtfs")], ["shacl"])) == {"gtfs.shacl.ttl"}


def test_a_module_imports_the_classes_of_other_modules(
    load_package: Callable[..., Callable[[str], ModuleType]],
) -> None:
    module = load_package([load_schema("core"), robots()], folders={"robots": "sectors"})
    core, mine = module("core"), module("sectors.robots")
    assert (mine.Person, mine.MonetaryAmount, mine.CreditDebit) == (core.Person, core.MonetaryAmount, core.CreditDebit)
    robot = mine.Robot(id="r:1", weight=3, cost=core.MonetaryAmount(value=5, currency="GBP"))
    assert robot.model_dump(mode="json", exclude_none=True) == {
        "id": "r:1", "type": "Robot", "weight": 3, "cost": {"value": 5, "currency": "GBP"},
    }  # fmt: skip
    assert type(core.Agent.model_validate({"id": "r:1", "type": "Robot"})) is mine.Robot
    assert mine.Robot.__module__.endswith("sectors.robots")


def test_a_class_that_differs_here_is_defined_here(load_package: Callable[..., Callable[[str], ModuleType]]) -> None:
    """What refers to it is defined here too; all else is imported."""
    base = {"id": "https://e.org/", "classes": {
        "A": {"attributes": {"x": {"range": "B"}}}, "B": {"attributes": {"y": {"range": "E"}}}, "C": {"attributes": {"z": {}}}},
        "enums": {"E": {"permissible_values": {"e": {}}}}}  # fmt: skip
    first = load_schema({"name": "first", **base})
    changed = {**base["classes"], "B": {"attributes": {"y": {"range": "E"}, "more": {}}}}  # type: ignore[dict-item]
    second = load_schema({"name": "second", **base, "classes": changed})
    # As if the second schema had imported the first and seen another B.
    import msgspec

    moved = {name: msgspec.structs.replace(cls, from_schema="first") for name, cls in second.classes.items()}
    enums = {name: msgspec.structs.replace(enum, from_schema="first") for name, enum in second.enums.items()}
    second = msgspec.structs.replace(second, classes=moved, enums=enums, modules=("first", "second"))
    module = load_package([first, second])
    one, two = module("first"), module("second")
    assert [getattr(one, name) is getattr(two, name) for name in "ABCE"] == [False, False, True, True]
    assert two.A.model_validate({"x": {"y": "e", "more": "m"}}).x.more == "m"


def test_two_schemas_for_one_file_and_impossible_folders_are_refused() -> None:
    a, b = (load_schema({"name": name, "classes": {"A": {}}}) for name in ("a-b", "A_b"))
    with pytest.raises(UsageError) as refusal:
        generate_package([a, b])
    assert [each.code for each in refusal.value.diagnostics] == ["GEN004"]
    for folder in ("../x", "a/../b", "a b", "/"):
        if folder != "/":
            with pytest.raises(UsageError) as refusal:
                generate(a, folder=folder)
            assert [each.code for each in refusal.value.diagnostics] == ["GEN003"]


def test_every_real_schema_becomes_a_package_that_imports(
    load_package: Callable[..., Callable[[str], ModuleType]],
) -> None:
    names = ("core", "open_banking", "gtfs", "fhir_r4")
    module = load_package([load_schema(name) for name in names], folders=dict.fromkeys(names[1:], "sources"))
    patient = {
        "resourceType": "Patient",
        "id": "a",
        "_birthDate": {"id": "b"},
        "contained": [{"resourceType": "Organization", "id": "o"}],
    }
    fhir = module("sources.fhir_r4")
    found = fhir.Resource.model_validate(patient)
    assert type(found) is fhir.Patient
    assert found.model_dump(mode="json", exclude_none=True) == patient
    account = module("sources.open_banking").OBAccount6(AccountId="22289", Currency="GBP")
    assert account.model_dump(exclude_none=True) == {"AccountId": "22289", "Currency": "GBP"}
    assert module("core").Person(id="core:p").type == "Person"
    assert module("sources.gtfs").__doc__
