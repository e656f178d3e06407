"""The inverse of a mapping: what is called lossless comes back, on schemas, mappings and records that Hypothesis makes."""

from __future__ import annotations

import json
from datetime import time
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import semantics
from semantics.analysis.inversion import Inverse
from semantics.cli import main
from semantics.engine.prepare import prepare
from semantics.errors import DefinitionError
from semantics.records import Mapped

DATA = Path(__file__).parent / "data"
MAPPING = DATA / "mapping.yaml"

RANGES = ("string", "integer", "decimal", "float", "boolean", "date", "datetime", "time", "Code")
CODES = ("a", "b", "NO", "c d")
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=6) | st.sampled_from(
    ["a/b", "x?y=z", "%2F", "-", " ", "12", "31.01.2025"]
)
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "string": texts,
    "integer": st.integers(-(10**40), 10**40) | st.integers(-5, 5),
    "decimal": st.decimals(-(10**9), 10**9, places=3)
    | st.just(Decimal("1234567890123456789012345678901234567890.12345")),
    "float": st.sampled_from([Decimal("0.1"), 3, Decimal("-2.50")]),
    "boolean": st.booleans(),
    "date": st.dates().map(lambda day: day.isoformat()),
    "datetime": st.sampled_from(["2025-01-31T10:00:00Z", "2025-01-31T10:00:00.50+01:00"]),
    "time": st.sampled_from(["10:00:00", "10:00:00.5Z"]),
    "Code": st.sampled_from(CODES),
}
NUMBERS = ("integer", "decimal", "float")
STEPS = {
    "integer": ("({}) * 4", "({}) * -3", "({}) + 7", "1 - ({})", "-({})", "({}) * 0.5", "({}) / 4", "decimal({})", "str({})", "({}) // 2"),
    "decimal": ("({}) * 100", "({}) * 0.3", "({}) - 1.5", "-({})", "({}) / 8", "str({})", "abs({})", "round({}, 1)", "3 - ({})"),
    "float": ("({}) * 2", "-({})", "str({})", "({}) + 1"),
    "string": ("concat('x-', {})", "concat({}, '/', 'y')", "str({})", "({}) + '!'", "'(' + ({}) + ')'", "upper({})", "int({})", "split({}, '-')",
               "coalesce({}, 'none')", "parse_date({}, 'dd.MM.yyyy')", "concat({}, '')", "null_if({}, 'a')", "date({})", "replace({}, 'a', 'b')"),
    "boolean": ("str({})",),
    "date": ("str({})", "date({})"),
    "datetime": ("str({})", "datetime({})"),
    "time": ("str({})",),
    "Code": ("concat('x', {})", "'1' if {} == 'a' else '2'", "case(({0} == 'a', '1'), ({0} == 'b', '2'))"),
}  # fmt: skip
GIVES = {
    "str": "string",
    "decimal": "decimal",
    "int": "integer",
    "date": "date",
    "concat": "string",
    "datetime": "datetime",
}


@st.composite
def expressions(draw: st.DrawFn, name: str, kind: str) -> str:
    """One or two operations on a slot, one inside the other."""
    text = name
    for _ in range(draw(st.integers(1, 2))):
        step = draw(st.sampled_from(STEPS[kind]))
        text = step.format(text)
        kind = GIVES.get(step.split("(")[0], kind if "0." not in step and "/" not in step else "decimal")
        if kind == "Code" or step.startswith("split"):
            break
    return text


@st.composite
def derivations(draw: st.DrawFn, names: dict[str, str], at: str = "") -> dict[str, Any]:
    """How one target slot is filled from the slots of an object."""
    name = draw(st.sampled_from(sorted(names)))
    kind = names[name]
    form = draw(st.sampled_from(("copy", "copy", "expr", "expr", "codes", "iri", "default", "value")))
    found: dict[str, Any] = {"populated_from": f"{at}{name}"}
    if form == "expr":
        return {"expr": draw(expressions(f"{at}{name}", kind))}
    if form == "codes" and kind in ("Code", "string", "integer", "boolean"):
        keys = CODES if kind == "Code" else ("a", "1", "true", "-2")
        taken = draw(st.lists(st.sampled_from(keys), min_size=1, unique=True))
        found["value_mappings"] = {key: draw(st.sampled_from(["X", "Y", "Z", "12", None])) for key in taken}
        found["unmapped"] = draw(st.sampled_from(["error", "null", "pass"]))
    if form == "iri":
        others = draw(st.lists(st.sampled_from(sorted(names)), min_size=1, max_size=3))
        between = [draw(st.sampled_from(["/", "-", "/v/", "#", "?q=", "--/"])) for _ in others]
        text = "".join(
            f"{{{draw(st.sampled_from(['', '', '+']))}{at}{o}}}{b}" for o, b in zip(others, between, strict=True)
        )
        return {"iri": f"https://example.org/{text if draw(st.booleans()) else text.removesuffix(between[-1])}"}
    if form == "default" and kind in ("string", "integer"):
        found["default"] = "1"
    return {"value": "1"} if form == "value" else found


def slots(draw: st.DrawFn, prefix: str, ranges: tuple[str, ...] = RANGES) -> dict[str, str]:
    count = draw(st.integers(2, 4))
    return {f"{prefix}{at}": draw(st.sampled_from(ranges)) for at in range(count)}


WIDE = (*RANGES, "string", "string", "string", "decimal", "decimal", "uriorcurie")


def fitting(source: Any, target: Any, spec: dict[str, Any], was: str = "Src", made: str = "Tgt") -> dict[str, Any]:
    """The mapping without the derivations that are refused, each tried by itself."""
    row, inner_class = f"{made}Row", f"{made}Inner"

    def plans(slots: dict[str, Any]) -> bool:
        body = {"populated_from": f"{was}Row", "slot_derivations": slots}
        try:
            prepare({"name": "w", "class_derivations": {row: body}}, source_schema=source, target_schema=target)
        except DefinitionError:
            return False
        return True

    kept: dict[str, Any] = {}
    for name, derivation in spec["class_derivations"][row]["slot_derivations"].items():
        nested = derivation.get("class_derivations", {}).get(inner_class)
        if nested is None:
            if plans({name: derivation}):
                kept[name] = derivation
            continue
        below = {
            inner: found
            for inner, found in nested["slot_derivations"].items()
            if plans(
                {
                    name: {
                        **derivation,
                        "class_derivations": {inner_class: {**nested, "slot_derivations": {inner: found}}},
                    }
                }
            )
        }
        if below:
            kept[name] = {**derivation, "class_derivations": {inner_class: {**nested, "slot_derivations": below}}}
    return {"name": "w", "class_derivations": {row: {"populated_from": f"{was}Row", "slot_derivations": kept}}}


def schema(name: str, own: dict[str, str], inner: dict[str, str], lists: tuple[str, ...]) -> dict[str, Any]:
    attributes: dict[str, Any] = {
        slot: {"range": kind, **({"multivalued": True} if slot in lists else {})} for slot, kind in own.items()
    }
    attributes["one"] = {"range": f"{name}Inner", "inlined": True}
    attributes["many"] = {"range": f"{name}Inner", "multivalued": True, "inlined_as_list": True}
    return {
        "id": f"https://example.org/{name}", "name": name.lower(), "default_prefix": f"https://example.org/{name}/",
        "classes": {
            f"{name}Row": {"attributes": attributes},
            f"{name}Inner": {"attributes": {slot: {"range": kind} for slot, kind in inner.items()}},
        },
        "enums": {"Code": {"permissible_values": dict.fromkeys(CODES)}},
    }  # fmt: skip


@st.composite
def worlds(draw: st.DrawFn) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any], list[dict[str, Any]]]:
    """A source schema, a target schema, a mapping between them, and records."""
    own, inner = slots(draw, "s"), slots(draw, "i")
    out, below = slots(draw, "t", WIDE), slots(draw, "u", WIDE)
    lists = tuple(draw(st.lists(st.sampled_from([*own, *out]), max_size=2)))
    source, target = schema("Src", own, inner, lists), schema("Tgt", out, below, lists)
    single = {name: kind for name, kind in own.items() if name not in lists} or own
    names = {name: kind for name, kind in single.items() if draw(st.integers(0, 3))} or single
    filled: dict[str, Any] = {name: draw(derivations(names if draw(st.integers(0, 4)) else own)) for name in out}
    nested: dict[str, Any] = {"slot_derivations": {name: draw(derivations(inner)) for name in below}}
    if draw(st.booleans()):
        nested["where"] = f"{draw(st.sampled_from(sorted(inner)))} is not null"
    form = draw(st.sampled_from(("over", "for_each", "flat", "path", "listed")))
    if form == "over":
        filled["one"] = {"populated_from": "one", "class_derivations": {"TgtInner": nested}}
    elif form == "for_each":
        filled["many"] = {"for_each": "many", "as": "element", "class_derivations": {"TgtInner": nested}}
    elif form in ("flat", "listed"):
        nested["slot_derivations"] = {name: draw(derivations(single)) for name in below}
        nested.pop("where", None)
        filled["one" if form == "flat" else "many"] = {"class_derivations": {"TgtInner": nested}}
    else:
        filled["t0"] = draw(derivations(inner, "one."))
    spec = {"name": "w", "class_derivations": {"TgtRow": {"populated_from": "SrcRow", "slot_derivations": filled}}}
    element = st.fixed_dictionaries({}, optional={name: VALUES[kind] for name, kind in inner.items()})
    record = st.fixed_dictionaries({}, optional={
        **{name: st.lists(VALUES[kind], max_size=3) if name in lists else VALUES[kind] for name, kind in own.items()},
        "one": element, "many": st.lists(element, max_size=3),
    })  # fmt: skip
    return source, target, fitting(source, target, spec), draw(st.lists(record, min_size=1, max_size=4))


def values(data: Any, path: list[str]) -> list[Any]:
    """The values at a path, lists gone through, nulls left out."""
    if isinstance(data, list):
        return [found for item in data for found in values(item, path)]
    if not path:
        return [] if data is None else [float(data) if isinstance(data, float) else data]
    return values(data.get(path[0]), path[1:]) if isinstance(data, dict) else []


def comparable(found: list[Any], kind: str) -> list[Any]:
    """Values of a range as what they stand for: floats as floats, times of day as times."""
    if kind == "time":
        return [time.fromisoformat(value) for value in found]
    return [float(value) for value in found] if kind == "float" else found


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(worlds())
def test_every_slot_that_is_called_lossless_comes_back(world: Any) -> None:
    source, target, spec, records = world
    try:
        mapping = semantics.load_mapping(spec, source_schema=source, target_schema=target, check=False)
        inverse = semantics.invert(spec, source_schema=source, target_schema=target)
    except DefinitionError:
        return
    back = semantics.load_mapping(inverse.mapping, source_schema=target, target_schema=source, check=False)
    for record in records:
        outcome = mapping.try_apply(record)
        if not isinstance(outcome, Mapped):
            continue
        returned = back.try_apply(outcome.instance)
        assert isinstance(returned, Mapped), (inverse.to_text(), outcome.instance, returned)
        for slot in inverse.slots:
            for path in slot.restores if slot.verdict == "lossless" else ():
                kind = {**source["classes"]["SrcRow"]["attributes"], **source["classes"]["SrcInner"]["attributes"]}
                name = kind[path.split(".")[-1]]["range"]
                was, now = (comparable(values(data, path.split(".")), name) for data in (record, returned.instance))
                assert was == now, (slot, inverse.to_yaml())


def inverse() -> Inverse:
    return semantics.invert(MAPPING)


def test_the_verdict_on_each_slot_has_a_reason() -> None:
    found = {slot.slot: (slot.verdict, slot.restores, slot.reason) for slot in inverse().slots}
    assert found["id"] == ("lossless", ("number",), None)
    assert found["cents"] == ("lossless", ("total",), None)
    assert found["pages"] == ("lossless", ("pages",), None)
    assert found["channel"] == ("lossless", (), None)
    assert found["status"] == (
        "lossy", ("state",), "'paid' and 'sent' both become 'DONE'; a code without an entry becomes null"
    )  # fmt: skip
    assert found["remark"] == ("lossy", ("note",), "a null and the value that stands in for it become one")
    assert found["lines.article"] == ("lossy", ("items.sku",), "only where item.amount > 0".replace("item.", ""))
    assert found["lines.sale"] == ("one-way", (), "it is of the object around")
    assert found["customer.label"] == ("one-way", (), "upper() cannot be undone")
    assert inverse().missing == ()


def test_the_mapping_back_gives_the_record() -> None:
    mapping = semantics.load_mapping(MAPPING)
    record = {
        "number": "7/a", "placed_on": "2025-01-31", "total": Decimal("12.30"), "state": "open", "note": "n", "pages": 3,
        "buyer": {"name": "Ada", "email": "a@example.org"}, "items": [{"sku": "A", "amount": 2}, {"sku": "B", "amount": 1}],
    }  # fmt: skip
    schemas = {"source_schema": DATA / "target.yaml", "target_schema": DATA / "source.yaml"}
    back = semantics.load_mapping(inverse().mapping, **schemas).apply(mapping.apply(record) or {})
    assert back == {**record, "buyer": {"email": "a@example.org"}}


def test_instances_that_cannot_be_told_apart_are_not_brought_back() -> None:
    spec = {
        "class_derivations": [
            {"Customer": {"populated_from": "Buyer", "slot_derivations": {"label": {"populated_from": "name"}}}},
            {"Customer": {"populated_from": "Item", "slot_derivations": {"label": {"populated_from": "sku"}}}},
        ]
    }
    schemas = {"source_schema": DATA / "source.yaml", "target_schema": DATA / "target.yaml"}
    with pytest.raises(semantics.UsageError, match="RUN052"):
        semantics.invert(spec, **schemas)
    for derivation, kind in zip(spec["class_derivations"], ("buyer", "item"), strict=True):
        derivation["Customer"]["slot_derivations"]["mail"] = {"value": kind}
    found = semantics.invert(spec, **schemas)
    assert [d[name]["where"] for d in found.mapping["class_derivations"] for name in d] == [
        "mail == 'buyer'", "mail == 'item'"
    ]  # fmt: skip


def test_the_command_shows_the_table_and_writes_the_mapping(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def run(*arguments: str) -> str:
        with pytest.raises(SystemExit) as ended:
            main(["invert", str(MAPPING), *arguments])
        assert ended.value.code == 0
        return capsys.readouterr().out

    out = tmp_path / "back.yaml"
    text = run("-o", str(out))
    assert "Sale      cents" in text
    assert "5 lossless, 5 lossy, 2 one-way" in text
    schemas = {"source_schema": DATA / "target.yaml", "target_schema": DATA / "source.yaml"}
    assert semantics.load_mapping(out, **schemas).apply({"id": "https://example.org/sale/7"}) == {"number": "7"}
    found = json.loads(run("--format", "json"))
    assert found["mapping"]["class_derivations"][0]["Order"]["populated_from"] == "Sale"
    assert found["slots"][0]["verdict"] == "lossless"
