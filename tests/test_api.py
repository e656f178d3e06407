"""The Python API, as an integration developer uses it."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

import semantics

ACCOUNT = {
    "AccountId": "31820",
    "Currency": "GBP",
    "Status": "Enabled",
    "Nickname": "Household",
    "Servicer": {"SchemeName": "UK.OBIE.BICFI", "Identification": "80200112344562"},
}


def test_a_record_becomes_an_instance() -> None:
    """``apply`` gives the first instance as plain data."""
    mapping = semantics.load_mapping("open-banking")
    instance = mapping.apply(ACCOUNT, source_class="OBAccount6")
    assert instance is not None
    assert instance["type"] == "FinancialAccount"
    assert instance["currency"] == "GBP"


def test_an_outcome_is_a_value() -> None:
    """``try_apply`` and ``stream`` never raise for a record."""
    mapping = semantics.load_mapping("open-banking")
    mapped = mapping.try_apply(ACCOUNT, source_class="OBAccount6")
    assert isinstance(mapped, semantics.Mapped)
    assert mapped.instance == mapping.apply(ACCOUNT, source_class="OBAccount6")
    bad = {**ACCOUNT, "Currency": 5}
    rejected = mapping.try_apply(bad, source_class="OBAccount6")
    assert isinstance(rejected, semantics.Rejected)
    assert [type(found) for found in mapping.stream([ACCOUNT, bad], "OBAccount6")] == [
        semantics.Mapped,
        semantics.Rejected,
    ]
    with pytest.raises(semantics.RecordError) as fault:
        mapping.apply(bad, source_class="OBAccount6")
    assert fault.value.diagnostics == rejected.diagnostics
    finding = fault.value.diagnostics[0]
    assert finding.location is not None
    assert finding.location.pointer == "/Currency"
    assert finding.rule is not None
    assert "open-banking.yaml:" in finding.rule
    with pytest.raises(semantics.RecordError):
        mapping.apply(ACCOUNT, source_class="Nothing")


def test_a_model_is_the_generated_class() -> None:
    """``model`` gives an object of ``semantics.models``."""
    from semantics.models.finance import FinancialAccount

    account = semantics.load_mapping("open-banking").model(ACCOUNT, source_class="OBAccount6")
    assert isinstance(account, FinancialAccount)
    assert account.currency == "GBP"


def test_files_are_converted(tmp_path: Path) -> None:
    """``convert`` says what it did."""
    source = tmp_path / "in.json"
    source.write_text(
        '{"Data": {"Account": [{"AccountId": "1", "Currency": "GBP"}, {"AccountId": "2", "Currency": 2}]}}'
    )
    report = semantics.convert("open-banking", source, tmp_path / "out.ttl", validate="both")
    assert report.records == {"read": 2, "mapped": 1, "rejected": 1, "filtered": 0, "emitted": 1}
    assert report.exit_code == 1
    with pytest.raises(semantics.UsageError):
        semantics.convert("open-banking", source, tmp_path / "out.ttl", valdate="both")


def test_data_is_validated() -> None:
    """``validate`` reports findings with a pointer, and never a value."""
    good = {"value": Decimal("10.00"), "currency": "GBP"}
    assert semantics.validate("core", good, cls="MonetaryAmount").conforms
    report = semantics.validate("core", [good, {"value": "SECRET", "currency": "pounds"}], cls="MonetaryAmount")
    assert not report.conforms
    assert sorted((found.pointer, found.record) for found in report.findings) == [("/currency", 2), ("/value", 2)]
    assert "SECRET" not in report.to_text() + report.to_json() + report.to_html() + report.to_turtle()


def test_expressions_are_tried_by_themselves() -> None:
    """``evaluate`` gives a value, or says what is wrong."""
    assert semantics.evaluate("a.b + 1", {"a": {"b": Decimal("1.10")}}) == Decimal("2.10")
    for text in ("a.c", "a +", "1 / 0", "b"):
        with pytest.raises(semantics.ExpressionError):
            semantics.evaluate(text, {"a": {"b": 1}})


def test_a_traceback_names_the_derivation() -> None:
    """A profile or traceback of a compiled mapping has the lines of the mapping itself."""
    mapping = semantics.load_mapping("open-banking")
    try:
        mapping._compiled.map({**ACCOUNT, "Currency": 5}, "OBAccount6", [])
    except ValueError as fault:
        text = "".join(traceback.format_exception(fault))
    rule = mapping.plan.rules[mapping.plan.roots["OBAccount6"][0]]
    (currency,) = [slot for slot in rule.slots if slot.slot == "currency"]
    assert f'open-banking.yaml", line {currency.origin.line}, in {rule.id}' in text


def test_the_version_stands_once() -> None:
    """The package says the version that its metadata says."""
    import tomllib

    project = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text())["project"]
    assert semantics.__version__ == project["version"]


def test_a_way_of_validating_that_there_is_not_is_refused_with_the_nearest() -> None:
    with pytest.raises(semantics.UsageError) as fault:
        semantics.validate("core", {}, cls="Quantity", manner="shcl")
    (found,) = fault.value.diagnostics
    assert (found.code, found.hint) == ("RUN004", "did you mean 'shacl'?")


@pytest.mark.parametrize(("load", "what"), [(semantics.load_mapping, "mapping"), (semantics.load_schema, "schema")])
def test_what_is_no_mapping_and_no_schema_is_told_so(load: Callable[[Any], object], what: str) -> None:
    with pytest.raises(TypeError, match=f"^a {what} is given by its name, its path or its data, and this is None$"):
        load(None)
