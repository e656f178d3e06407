"""Two mappings as one: equal to running one after the other, on schemas, mappings and records that Hypothesis makes."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import semantics
from semantics.cli import main
from semantics.errors import DefinitionError
from semantics.records import Filtered, Mapped

DATA = Path(__file__).parent / "data"
_spec = importlib.util.spec_from_file_location("worlds", Path(__file__).parent / "test_inversion.py")
assert _spec is not None
assert _spec.loader is not None
made = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(made)

CONDITIONS = ("{} is not null", "{} is null", "not ({} is null)")


@st.composite
def chains(draw: st.DrawFn) -> Any:
    """Three schemas, two mappings, records of the first."""
    source, target, first, records = draw(made.worlds())
    attributes = target["classes"]["TgtRow"]["attributes"]
    own = {n: s["range"] for n, s in attributes.items() if n not in ("one", "many") and not s.get("multivalued")}
    own = {name: "string" if kind == "uriorcurie" else kind for name, kind in own.items()}
    inner = target["classes"]["TgtInner"]["attributes"].items()
    inner = {name: "string" if s["range"] == "uriorcurie" else s["range"] for name, s in inner}
    if not own:
        own = dict(inner)
    out, below = made.slots(draw, "v", made.WIDE), made.slots(draw, "w", made.WIDE)
    lists = tuple(draw(st.lists(st.sampled_from([*out]), max_size=1)))
    end = made.schema("End", out, below, lists)
    filled: dict[str, Any] = {name: draw(made.derivations(own)) for name in out}
    nested: dict[str, Any] = {"slot_derivations": {name: draw(made.derivations(inner)) for name in below}}
    if draw(st.booleans()):
        nested["where"] = draw(st.sampled_from(CONDITIONS)).format(draw(st.sampled_from(sorted(inner))))
    form = draw(st.sampled_from(("over", "for_each", "flat", "path", "loop", "through")))
    if form == "over":
        filled["one"] = {"populated_from": "one", "class_derivations": {"EndInner": nested}}
    elif form == "for_each":
        filled["many"] = {"for_each": "many", "as": "part", "class_derivations": {"EndInner": nested}}
    elif form == "flat":
        nested = {"slot_derivations": {name: draw(made.derivations(own)) for name in below}}
        filled["one"] = {"class_derivations": {"EndInner": nested}}
    elif form == "path":
        filled["v0"] = draw(made.derivations(inner, "one."))
    elif form == "loop":
        name = draw(st.sampled_from(sorted(inner)))
        text = draw(
            st.sampled_from(["len([x.{0} for x in many])", "first([x.{0} for x in many if x.{0} is not null])"])
        )
        filled["v0"] = {"expr": text.format(name)}
    else:
        filled["v0"] = {
            "expr": draw(st.sampled_from(["len(many.{})", "first(many.{})", "count(many.{})"])).format(
                draw(st.sampled_from(sorted(inner)))
            )
        }
    top: dict[str, Any] = {"populated_from": "TgtRow", "slot_derivations": filled}
    second = made.fitting(target, end, {"name": "x", "class_derivations": {"EndRow": top}}, "Tgt", "End")
    body = second["class_derivations"]["EndRow"]
    if draw(st.booleans()) and any(f"{name}" in own for name in own):
        body["where"] = draw(st.sampled_from(CONDITIONS)).format(
            draw(st.sampled_from(sorted(attributes.keys() - {"one", "many"})))
        )
    if draw(st.booleans()):
        first["class_derivations"]["TgtRow"]["where"] = draw(
            st.sampled_from(["s0 is not null", "s1 is null or s0 is null"])
        )
    return source, target, end, first, second, records


def told(outcome: Any) -> Any:
    match outcome:
        case Mapped(instances=found):
            return [(one.class_name, one.data) for one in found]
        case Filtered():
            return "filtered"
    return "rejected"


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(chains())
def test_the_composition_does_what_both_do_one_after_the_other(world: Any) -> None:
    source, middle, end, one, two, records = world
    try:
        first = semantics.load_mapping(one, source_schema=source, target_schema=middle, check=False)
        second = semantics.load_mapping(two, source_schema=middle, target_schema=end, check=False)
        found = semantics.compose(one, two, source_schema=source, middle_schema=middle, target_schema=end)
    except DefinitionError as fault:
        assert all(finding.code.startswith(("CHK", "MAP", "EXP")) for finding in fault.diagnostics)
        return
    composed = semantics.load_mapping(found.mapping, source_schema=source, target_schema=end, check=False)
    for record in records:
        between = first.try_apply(record)
        if isinstance(between, Mapped):
            wanted = told(second.try_apply(between.instance))
            assert told(composed.try_apply(record)) == wanted, (found.to_yaml(), between.instance)
        elif isinstance(between, Filtered):
            assert told(composed.try_apply(record)) == "filtered"


def test_an_object_of_which_nothing_but_constants_is_left_is_not_made() -> None:
    """The first mapping never writes what the second reads for it."""

    def schema(name: str, **attributes: Any) -> dict[str, Any]:
        row = {f"{name}Row": {"attributes": attributes}, "Inner": {"attributes": {"read": {}, "said": {}}}}
        return {"id": f"https://example.org/{name}", "name": name, "classes": row}

    models = [schema("A", a={}), schema("B", a={}, b={}), schema("C", a={}, one={"range": "Inner", "inlined": True})]
    source, middle, end = ({**model, "default_prefix": f"{model['id']}/"} for model in models)
    inner = {"Inner": {"slot_derivations": {"read": {"populated_from": "b"}, "said": {"value": "x"}}}}
    first = {"name": "x", "class_derivations": {"BRow": {"populated_from": "ARow", "slot_derivations": {"a": None}}}}
    slots = {"a": None, "one": {"class_derivations": inner}}
    second = {"name": "x", "class_derivations": {"CRow": {"populated_from": "BRow", "slot_derivations": slots}}}
    made = semantics.load_mapping(second, source_schema=middle, target_schema=end).apply({"a": "1"})
    found = semantics.compose(first, second, source_schema=source, middle_schema=middle, target_schema=end)
    composed = semantics.load_mapping(found.mapping, source_schema=source, target_schema=end)
    assert composed.apply({"a": "1"}) == made == {"a": "1"}


INVOICE = """\
source_schema: target.yaml
target_schema: invoice.yaml
class_derivations:
  Invoice:
    populated_from: Sale
    where: "status is not null"
    slot_derivations:
      reference: {populated_from: id}
      euros: {expr: "cents / 100"}
      state: {populated_from: status, value_mappings: {PENDING: due, DONE: settled, CANCELLED: void}}
      buyer: {populated_from: customer.label}
      channel:
      articles: {expr: "join(', ', lines.article)"}
      positions:
        for_each: lines
        as: line
        class_derivations:
          Position: {slot_derivations: {text: {expr: "concat(line.count, ' x ', line.article)"}}}
"""
TARGET = """\
id: https://example.org/invoice
name: invoice
default_prefix: https://example.org/invoice/
classes:
  Invoice:
    attributes:
      reference: {}
      euros: {range: decimal}
      state: {}
      buyer: {}
      channel: {}
      articles: {}
      positions: {range: Position, multivalued: true, inlined_as_list: true}
      missing: {}
  Position: {attributes: {text: {}}}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("source.yaml", "target.yaml", "mapping.yaml"):
        (tmp_path / name).write_text((DATA / name).read_text())
    (tmp_path / "invoice.yaml").write_text(TARGET)
    (tmp_path / "second.yaml").write_text(INVOICE)
    return tmp_path


def test_codes_objects_elements_and_expressions_through_both(folder: Path) -> None:
    found = semantics.compose(folder / "mapping.yaml", folder / "second.yaml", source_schema=folder / "source.yaml", middle_schema=folder / "target.yaml", target_schema=folder / "invoice.yaml")  # fmt: skip
    ((name, body),) = found.mapping["class_derivations"][0].items()
    slots = body["slot_derivations"]
    assert (name, body["populated_from"]) == ("Invoice", "Order")
    assert slots["reference"] == {"iri": "https://example.org/sale/{number}"}
    assert slots["euros"] == {"expr": "total * 100 / 100"}
    assert slots["state"]["populated_from"] == "state"
    assert slots["state"]["value_mappings"] == {"open": "due", "paid": "settled", "sent": "settled"}
    assert slots["buyer"] == {"expr": "case((buyer is not null and buyer.name is not null, upper(buyer.name)))"}
    assert slots["positions"]["for_each"] == "items"
    never = {finding.message for finding in found.findings if finding.code == "CHK023"}
    assert "'Sale.remark' is made and never read" in never
    assert all(finding.location and finding.location.line for finding in found.findings if finding.code == "CHK023")


def test_what_cannot_be_composed_is_refused_with_its_line(folder: Path) -> None:
    path = folder / "mapping.yaml"
    path.write_text(path.read_text().replace('unmapped: "null"', "unmapped: error"))
    second = folder / "second.yaml"
    second.write_text(second.read_text().replace("state: {populated_from: status,", 'state: {expr: "str(status)",'))
    schemas = {
        "source_schema": folder / "source.yaml",
        "middle_schema": folder / "target.yaml",
        "target_schema": folder / "invoice.yaml",
    }
    with pytest.raises(semantics.MappingError) as caught:
        semantics.compose(path, second, **schemas)
    refused = [finding for finding in caught.value.diagnostics if finding.code == "CHK020"]
    assert "unmapped: error" in refused[0].message
    assert refused[0].location is not None
    assert refused[0].location.line == 4
    assert refused[0].hint is not None
    assert "made at" in refused[0].hint


def test_the_command_writes_the_mapping(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    schemas = [
        "--source-schema",
        str(folder / "source.yaml"),
        "--middle-schema",
        str(folder / "target.yaml"),
        "--target-schema",
        str(folder / "invoice.yaml"),
    ]
    out = folder / "composed.yaml"
    with pytest.raises(SystemExit) as ended:
        main(["compose", str(folder / "mapping.yaml"), str(folder / "second.yaml"), "-o", str(out), *schemas])
    assert ended.value.code == 1
    assert "CHK023  warning: 'Sale.day' is made and never read" in capsys.readouterr().err
    record = {
        "number": "7",
        "total": 12,
        "state": "sent",
        "items": [{"sku": "A", "amount": 2}, {"sku": "B", "amount": 0}],
    }
    composed = semantics.load_mapping(out, source_schema=folder / "source.yaml", target_schema=folder / "invoice.yaml")
    assert composed.apply(record) == {
        "reference": "https://example.org/sale/7", "euros": 12, "state": "settled", "channel": "web", "articles": "A",
        "positions": [{"text": "2 x A"}],
    }  # fmt: skip
