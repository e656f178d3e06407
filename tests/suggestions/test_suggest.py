"""Two little schemas with what is proposed for them: the draft loads, and says what is open."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

import semantics
from semantics.cli import main
from semantics.engine.suggest import suggest

SOURCE = """
id: https://example.org/shop
name: shop
prefixes: {linkml: "https://w3id.org/linkml/"}
imports: [linkml:types]
default_range: string
classes:
  Customer:
    description: A customer of the shop.
    attributes:
      custId: {identifier: true, description: Number of the customer.}
      familyName: {description: Family name.}
      givenName: {description: Given name.}
      birthDt: {description: Date of birth.}
      zzz: {description: Qwertz.}
"""
TARGET = """
id: https://example.org/people
name: people
prefixes: {linkml: "https://w3id.org/linkml/"}
imports: [linkml:types]
default_range: string
classes:
  Person:
    description: A person, such as a customer.
    attributes:
      id: {identifier: true, range: uriorcurie}
      family_name: {description: Family name of the person.}
      given_name: {description: Given name of the person.}
      birth_date: {range: date, description: Date of birth.}
"""
OTHER = """
id: https://example.org/other
name: other
prefixes: {linkml: "https://w3id.org/linkml/"}
imports: [linkml:types]
classes:
  Q:
    attributes:
      q1: {range: boolean}
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace without mappings: words and structure are all the evidence."""
    root = tmp_path_factory.mktemp("shop")
    (root / "shop.yaml").write_text(SOURCE, "utf-8")
    (root / "people.yaml").write_text(TARGET, "utf-8")
    (root / "records.json").write_text(
        json.dumps([{"custId": "1", "familyName": "Secretname", "birthDt": "1990-01-02"}]), "utf-8"
    )
    return root


def _run(*arguments: str) -> int:
    with pytest.raises(SystemExit) as ended:
        main(["suggest", *arguments])
    return int(ended.value.code or 0)


def test_a_draft_loads_and_maps_what_is_alike(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    assert _run("shop.yaml", "people.yaml", "--samples", "records.json", "-o", "draft.yaml") == 0
    mapping = semantics.load_mapping("draft.yaml")
    made = mapping.apply({"custId": "1", "familyName": "Byron", "givenName": "Ada", "birthDt": "1815-12-10"})
    assert {key: made[key] for key in ("family_name", "given_name", "birth_date")} == {
        "family_name": "Byron", "given_name": "Ada", "birth_date": "1815-12-10",
    }  # fmt: skip


def test_what_is_not_carried_is_said_and_no_value_of_a_sample_is(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    text = suggest("shop.yaml", "people.yaml", ["records.json"]).draft.text
    assert "# open: zzz is not carried" in text
    assert "Secretname" not in text
    reasons = [line for line in text.splitlines() if "populated_from:" in line and "#" in line]
    assert all(re.search(r"skos:\w+Match semapv:\w+: \w", line) for line in reasons)


def test_the_same_schemas_give_the_same_bytes(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    assert suggest("shop.yaml", "people.yaml").draft.text == suggest("shop.yaml", "people.yaml").draft.text


def test_proposals_come_as_sssom_and_as_json(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(folder)
    assert _run("shop.yaml", "people.yaml", "--format", "sssom") == 0
    rows = [line.split("\t") for line in capsys.readouterr().out.splitlines() if not line.startswith("#")]
    row = next(dict(zip(rows[0], each, strict=True)) for each in rows[1:] if each[1] == "Customer.familyName")
    assert row["object_label"] == "Person.family_name"
    assert row["mapping_justification"].startswith("semapv:")
    assert 0 < float(row["confidence"]) <= 1
    assert _run("shop.yaml", "people.yaml", "--format", "json") == 0
    assert any(each["proposed"] for each in json.loads(capsys.readouterr().out))


def test_records_alone_are_a_source_and_their_schema_is_written_beside_the_draft(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    assert _run("records.json", "people.yaml", "-o", "from-records.yaml") == 0
    assert (folder / "from-records.source.yaml").is_file()
    semantics.load_mapping("from-records.yaml")


def test_schemas_about_different_things_end_with_1_and_say_so(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(folder)
    (folder / "other.yaml").write_text(OTHER, "utf-8")
    assert _run("other.yaml", "people.yaml") == 1
    assert "SUG001" in capsys.readouterr().err


def test_samples_of_another_schema_end_with_2(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(folder)
    (folder / "strange.json").write_text('{"a": 1}', "utf-8")
    assert _run("shop.yaml", "people.yaml", "--samples", "strange.json") == 2
    assert "SUG002" in capsys.readouterr().err


def test_an_unknown_schema_ends_with_2(capsys: pytest.CaptureFixture[str]) -> None:
    assert _run("no_such_schema", "core") == 2
    assert "WRK002" in capsys.readouterr().err


def test_a_flat_row_goes_to_the_class_that_holds_what_its_cells_belong_into(tmp_path: Path) -> None:
    """Given and family name belong into a name, city and postcode into an address: only a person has both."""
    (tmp_path / "members.csv").write_text(
        "member_no,first_name,last_name,email,city,post_code,joined_on,monthly_fee,currency\n"
        "1,Ada,Byron,ada@example.org,Leeds,LS1 4AP,2024-01-02,12.50,GBP\n"
    )
    text = suggest(str(tmp_path / "members.csv"), "core").draft.text
    assert "  - Person:" in text
    assert 'id: {iri: "draft:Members/{member_no}"}' in text
    for part in ('postcode: "post_code"', 'locality: "city"', 'family_name: "last_name"', 'given_name: "first_name"'):
        assert part in text
    assert 'contact_points: {object: {kind: {value: "email"}, value: "email"}}' in text


def test_records_that_are_source_and_samples_at_once_tell_what_identifies_them(tmp_path: Path) -> None:
    """Looked at twice, no record would differ from all others."""
    table = tmp_path / "branches.csv"
    table.write_text("label,city,country\nA1,Leeds,GB\nB2,York,GB\n")
    text = suggest(str(table), "core", [str(table)]).draft.text
    assert 'id: {iri: "draft:Branches/{label}"}' in text


def test_a_table_of_bills_becomes_bills_with_their_sums_in_its_currency(tmp_path: Path) -> None:
    table = tmp_path / "invoices.csv"
    table.write_text(
        "invoice_number,issue_date,due_date,net_total,vat_total,currency\n"
        "I1,2024-01-01,2024-01-31,100.00,20.00,GBP\nI2,2024-01-02,2024-02-01,200.00,40.00,GBP\n"
    )
    text = suggest(str(table), "commerce").draft.text
    assert "  - Invoice:" in text
    assert 'tax_total: {object: {value: "vat_total", currency: "currency"}}' in text
