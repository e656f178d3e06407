"""A schema is read strictly and resolved once; LinkML's own SchemaView is the reference for what it means."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pytest

import semantics
from semantics.schema import load_schema, read_schema
from semantics.schema.model import Form, SchemaModel
from semantics.workspace import Workspace, library_root

SHARED = Path(__file__).resolve().parents[3] / "shared" / "badinputs" / "schema"
NAMES = sorted(Workspace((library_root(),)).names("ontologies"))

REFUSED = {
    "anyof_nest_500": "YAML007", "dunder_class_slot": "SCH008", "import_absolute": "SCH003", "import_curie_remote": "SCH003",
    "import_file_url": "SCH003", "import_http": "SCH003", "import_override": "SCH012", "import_traversal": "SCH003",
    "inline_cycle": "SCH015", "isa_cycle": "SCH007", "mixin_conflict": "SCH013", "name_collision": "SCH009",
    "redos_patterns": "SCH010", "slot_name_code": "SCH008", "type_base_import": "SCH011",
}  # fmt: skip


@pytest.mark.parametrize("path", sorted(SHARED.glob("*.yaml")) if SHARED.is_dir() else [], ids=lambda path: path.stem)
def test_bad_schemas_are_refused_with_a_place(path: Path) -> None:
    """Each with its code and line; what may be accepted is kept as text."""
    code = REFUSED.get(path.stem)
    if code is None:
        assert load_schema(path).classes is not None
        return
    with pytest.raises(semantics.SchemaError) as fault:
        load_schema(path)
    assert {found.code for found in fault.value.diagnostics} == {code}
    assert all(found.location and found.location.line for found in fault.value.diagnostics)


def test_hostile_permissible_values_stay_what_they_are(shared: Path) -> None:
    """Ten values, whatever they look like."""
    values = load_schema(shared / "badinputs/schema/enum_value_quote.yaml").enums["E"].values
    assert len(values) == 10
    assert {"", "None", "mro", "line1\nline2"} <= values.keys()
    assert next(iter(load_schema(shared / "badinputs/schema/norway_enum.yaml").enums["Country"].values)) == "NO"


def test_yaml_verdicts(shared: Path) -> None:
    """YAML 1.2 core, one document, bounded, no tags, no merge keys, no duplicate keys."""
    from semantics.yaml_source import read_yaml

    accepted = set()
    for path in sorted((shared / "badinputs/yaml").iterdir()):
        try:
            read_yaml(path, error=semantics.SchemaError)
            accepted.add(path.stem)
        except semantics.SchemaError as fault:
            assert fault.diagnostics[0].code.startswith("YAML")
    assert accepted == {"bool_words", "brace_expr", "huge_scalar", "many_anchors", "norway", "version_float"}


@cache
def _read_by_linkml(path: str, **options: Any) -> Any:
    """A file as LinkML reads it, once: nearly all schemas import the same ones."""
    from linkml_runtime.linkml_model.meta import SchemaDefinition
    from linkml_runtime.loaders.yaml_loader import YAMLLoader

    return YAMLLoader().load(path, target_class=SchemaDefinition, **options)


@pytest.mark.parametrize("name", NAMES)
def test_induced_slots_are_those_of_linkml(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Names, ranges, cardinality, inlining and inheritance as linkml's SchemaView works them out.

    The slots of classes that a schema imports are compared where these classes stand.
    """
    from linkml_runtime.utils import schemaview

    monkeypatch.setattr(schemaview, "load_schema_wrap", _read_by_linkml)
    path = Workspace((library_root(),)).find(name, "ontologies")
    model = load_schema(path)
    view = schemaview.SchemaView(str(path))
    assert set(model.classes) == set(view.all_classes())
    for class_name, cls in model.classes.items():
        assert set(cls.ancestors) == set(view.class_ancestors(class_name))
        if cls.from_schema != model.name:
            continue
        theirs = {slot.name: slot for slot in view.class_induced_slots(class_name)}
        assert set(cls.slots) == set(theirs)
        for slot_name, slot in cls.slots.items():
            other = theirs[slot_name]
            assert slot.range == other.range, (class_name, slot_name)
            assert slot.many == bool(other.multivalued), (class_name, slot_name)
            assert bool(slot.required) == bool(other.required or other.identifier), (class_name, slot_name)
            if slot.range in model.classes:
                assert (slot.form is not Form.REFERENCE) == view.is_inlined(other), (class_name, slot_name)


@pytest.mark.parametrize("name", NAMES)
def test_packaged_schemas_are_described_and_bound(name: str) -> None:
    """Every class and slot has a description; the shared models bind every value to a meaning."""
    model, warnings = read_schema(name, workspace=Workspace((library_root(),)))
    assert warnings == ()
    own = name in {"core", "finance", "health", "mobility"}
    for cls in model.classes.values():
        assert cls.description, cls.name
        for slot in cls.slots.values():
            assert slot.description, f"{cls.name}.{slot.name}"
        if own:
            uris = [slot.uri for slot in cls.slots.values()]
            assert len(uris) == len(set(uris)), cls.name
    for enum in model.enums.values():
        assert all(value.meaning for value in enum.values.values()) or not own, enum.name


@pytest.mark.parametrize("name", ["core", "finance", "health", "mobility", "provenance"])
def test_shared_models_bind_every_class_and_slot_explicitly(name: str) -> None:
    """No class or slot of the shared models falls back on a made-up IRI."""
    from semantics.yaml_source import read_yaml

    data = read_yaml(Workspace((library_root(),)).find(name, "ontologies"), error=semantics.SchemaError).data
    slots = dict(data.get("slots") or {})
    for class_name, cls in data["classes"].items():
        assert "class_uri" in cls, class_name
        slots |= {f"{class_name}.{slot}": given for slot, given in (cls.get("attributes") or {}).items()}
    assert [slot for slot, given in slots.items() if "slot_uri" not in given] == []


def test_a_model_survives_its_cache() -> None:
    """Written as JSON and read back it is equal, and equal models have equal bytes."""
    import msgspec

    from semantics.schema.model import to_json

    model = load_schema("finance")
    assert msgspec.json.decode(to_json(model), type=SchemaModel) == model
    assert to_json(load_schema("finance")) == to_json(model)


def test_an_import_by_curie_or_address_is_the_file_of_that_name_beside_it(tmp_path: Path) -> None:
    (tmp_path / "units.yaml").write_text("name: units\nclasses: {Unit: {}}\n")
    for reference in ("linkml:units", "other:latest/schema/units", "https://example.org/1.0/units.yaml"):
        (tmp_path / "meter.yaml").write_text(f"name: meter\nimports: ['{reference}']\n")

        assert set(load_schema(tmp_path / "meter.yaml").classes) == {"Unit"}


def test_what_published_models_are_written_with_is_read() -> None:
    """Values with nothing but a description, values with a parent, prefixes of the semantic web."""
    model = load_schema({
        "name": "s", "default_curi_maps": ["semweb_context"],
        "enums": {"E": {"permissible_values": {"1:n": "One to many.", "n:m": {"is_a": "1:n", "meaning": "owl:Class"}}}},
    })  # fmt: skip

    one, other = model.enums["E"].values.values()
    assert (one.text, one.description) == ("1:n", "One to many.")
    assert other.meaning == "http://www.w3.org/2002/07/owl#Class"


def test_a_slot_cannot_be_required_and_absent() -> None:
    """A contradiction is said when the schema is read, not by a class that nobody can instantiate."""
    slot = {"required": True, "value_presence": "ABSENT"}
    with pytest.raises(semantics.SchemaError) as fault:
        load_schema({"id": "https://example.org/s", "name": "s", "classes": {"A": {"attributes": {"x": slot}}}})
    assert [found.code for found in fault.value.diagnostics] == ["SCH019"]
