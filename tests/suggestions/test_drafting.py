"""Drafts of proposals that are given: where a value goes, what an object needs besides, and what is left open."""

from __future__ import annotations

import pytest

from semantics.schema import load_schema
from semantics.schema.model import SchemaModel
from semantics.suggestions.correspondences import Term
from semantics.suggestions.drafting import draft_of
from semantics.suggestions.name_units import UNITS
from semantics.suggestions.propose import Proposal, Proposals
from semantics.suggestions.samples import NO_SAMPLES, Samples, Seen
from semantics.units import parse_unit

TABLE = """
id: https://example.org/rows
name: rows
prefixes: {linkml: "https://w3id.org/linkml/"}
imports: [linkml:types]
default_range: string
classes:
  Row:
    attributes:
      code: {}
      net: {range: decimal}
      vat: {range: decimal}
      currency: {}
      fee_eur: {range: decimal}
      mass_kg: {range: decimal}
      height_ft: {range: decimal}
      maker: {}
      size: {}
      gross_total: {range: decimal}
      stages: {range: Stage, multivalued: true, inlined: true, inlined_as_list: true}
      dealers: {multivalued: true}
  Stage:
    attributes:
      order_id: {}
      stage_id: {}
      number: {}
      dealer: {}
"""
MODEL = """
id: https://example.org/goods
name: goods
prefixes: {linkml: "https://w3id.org/linkml/"}
imports: [linkml:types]
default_range: string
classes:
  Money:
    attributes:
      value: {range: decimal, required: true}
      currency: {required: true}
      kind: {}
  Quantity:
    attributes:
      value: {range: decimal, required: true}
      unit: {}
  Step:
    attributes:
      order: {}
  Label:
    attributes:
      text: {required: true}
  Party:
    attributes:
      id: {identifier: true, range: uriorcurie}
  Goods:
    attributes:
      id: {identifier: true, range: uriorcurie}
      net_total: {range: Money, inlined: true}
      tax_total: {range: Money, inlined: true}
      line_total: {range: Money, inlined: true}
      charge: {range: Money, inlined: true}
      price: {range: Money, inlined: true}
      fee: {range: Money, inlined: true}
      mass: {range: Quantity, inlined: true}
      volume: {range: Quantity, inlined: true}
      area: {range: Quantity, inlined: true}
      length: {range: Quantity, inlined: true}
      power: {range: Quantity, inlined: true}
      energy: {range: Quantity, inlined: true}
      height: {range: decimal, unit: {ucum_code: m}}
      maker: {range: Party}
      sellers: {range: Party, multivalued: true}
      steps: {range: Step, multivalued: true, inlined: true, inlined_as_list: true}
      size: {range: Size}
      labels: {range: Label, inlined: true, inlined_as_list: true, multivalued: true}
enums:
  Size:
    permissible_values: {very_large: {}, small: {}}
"""


@pytest.fixture(scope="module")
def schemas(tmp_path_factory: pytest.TempPathFactory) -> tuple[SchemaModel, SchemaModel]:
    folder = tmp_path_factory.mktemp("goods")
    for name, text in (("rows", TABLE), ("goods", MODEL)):
        (folder / f"{name}.yaml").write_text(text, "utf-8")
    return load_schema(folder / "rows.yaml"), load_schema(folder / "goods.yaml")


def _lines(
    schemas: tuple[SchemaModel, SchemaModel], *pairs: tuple[str, str], holding: dict[tuple[str, str], float] | None = None,
    samples: Samples = NO_SAMPLES,
) -> list[str]:  # fmt: skip
    """The lines of a draft of some proposals; one with a question mark is an alternative that is less likely."""
    proposals = []
    for name, target in pairs:
        cls, _, slot = name.rpartition(".")
        read, sure = Term(cls or "Row", slot), not target.startswith("?")
        made, chance = Term(*target.removeprefix("?").split(".")), 0.9 if sure else 0.3
        proposals.append(
            Proposal(read, read, made, chance, sure, "skos:closeMatch", "semapv:LexicalMatching", ("all words",))
        )
    known = {(Term("Row", slot), Term("Goods", held)): chance for (slot, held), chance in (holding or {}).items()}
    draft = draft_of(Proposals(tuple(proposals), {"Row": {"Goods": 1.0}}, known), *schemas, "rows", "goods", samples)
    return [line.strip() for line in draft.text.splitlines()]


def _line(lines: list[str], start: str) -> str:
    return next(line for line in lines if line.startswith(start))


def test_a_number_goes_into_the_object_of_the_slot_that_most_speaks_for(
    schemas: tuple[SchemaModel, SchemaModel],
) -> None:
    lines = _lines(
        schemas, ("fee_eur", "Goods.fee"), ("mass_kg", "Quantity.value"),
        holding={("mass_kg", "volume"): 0.02, ("mass_kg", "mass"): 0.1},
    )  # fmt: skip
    assert _line(lines, "mass:").startswith('mass: {object: {value: "mass_kg", unit: {value: "kg"}}}')


def test_the_name_of_a_slot_that_holds_objects_speaks_for_it(schemas: tuple[SchemaModel, SchemaModel]) -> None:
    assert _line(_lines(schemas, ("fee_eur", "Goods.fee"), ("mass_kg", "Quantity.value")), "mass:")


def test_where_nothing_says_which_slot_holds_a_number_it_is_left_open(
    schemas: tuple[SchemaModel, SchemaModel],
) -> None:
    lines = _lines(schemas, ("fee_eur", "Goods.fee"), ("vat", "Quantity.value"))
    assert "nothing says which slot it is" in _line(lines, "# open:")
    assert not [line for line in lines if 'value: "vat"' in line and not line.startswith("#")]


def test_one_currency_is_that_of_every_sum(schemas: tuple[SchemaModel, SchemaModel]) -> None:
    lines = _lines(schemas, ("net", "Goods.net_total"), ("vat", "Goods.tax_total"), ("currency", "Money.currency"))
    assert _line(lines, "tax_total:").startswith('tax_total: {object: {value: "vat", currency: "currency"}}')
    assert 'currency: "currency"' in _line(lines, "net_total:")


def test_the_currency_that_a_name_says_is_written(schemas: tuple[SchemaModel, SchemaModel]) -> None:
    lines = _lines(schemas, ("fee_eur", "Goods.fee"))
    assert _line(lines, "fee:").startswith('fee: {object: {value: "fee_eur", currency: {value: "EUR"}}}')


def test_a_sum_without_a_currency_is_left_open(schemas: tuple[SchemaModel, SchemaModel]) -> None:
    assert "an object in it needs 'currency'" in _line(_lines(schemas, ("net", "Goods.net_total")), "# open: net_total")


def test_a_number_in_another_unit_is_converted(schemas: tuple[SchemaModel, SchemaModel]) -> None:
    lines = _lines(schemas, ("height_ft", "Goods.height"))
    assert _line(lines, "height:").startswith(
        'height: {populated_from: "height_ft", unit_conversion: {source_unit: "[ft_i]"}}'
    )


def test_texts_become_identifiers_where_several_are_wanted(schemas: tuple[SchemaModel, SchemaModel]) -> None:
    line = _line(_lines(schemas, ("dealers", "Goods.sellers")), "sellers:")
    assert line.startswith("""sellers: {expr: "[iri('draft:Party/', each) for each in dealers]"}""")


def test_objects_are_made_inside_others_only_where_a_line_makes_them_there(
    schemas: tuple[SchemaModel, SchemaModel],
) -> None:
    row, stage = ("code", "Label.text"), ("Stage.number", "Step.order")
    assert "emit: nested" in _lines(schemas, row, stage, ("stages", "Goods.steps"))
    assert "emit: nested" not in _lines(schemas, row, stage)


def test_a_part_joins_the_one_object_that_has_room_for_it(schemas: tuple[SchemaModel, SchemaModel]) -> None:
    lines = _lines(schemas, ("net", "Goods.net_total"), ("currency", "Money.currency"), ("code", "Money.kind"))
    assert _line(lines, "net_total:").startswith(
        'net_total: {object: {value: "net", currency: "currency", kind: "code"}}'
    )


def test_where_nothing_says_which_object_an_alternative_with_a_slot_of_its_own_is_taken(
    schemas: tuple[SchemaModel, SchemaModel],
) -> None:
    lines = _lines(schemas, ("fee_eur", "Goods.fee"), ("code", "Quantity.unit"), ("code", "?Goods.maker"))
    assert _line(lines, "maker:").startswith('maker: {iri: "draft:Party/{code}"}')
    assert not [line for line in lines if "nothing says which slot it is" in line]


def test_a_text_becomes_an_identifier_where_one_is_wanted(schemas: tuple[SchemaModel, SchemaModel]) -> None:
    assert _line(_lines(schemas, ("maker", "Goods.maker")), "maker:").startswith('maker: {iri: "draft:Party/{maker}"}')


def test_texts_in_the_samples_are_mapped_to_codes_that_are_the_same_words(
    schemas: tuple[SchemaModel, SchemaModel],
) -> None:
    samples = Samples({"size": Seen("text", (), ("Very Large", "small"))})
    line = _line(_lines(schemas, ("size", "Goods.size"), samples=samples), "size:")
    assert 'value_mappings: {"Very Large": "very_large", "small": "small"}' in line


def test_texts_in_the_samples_that_are_no_codes_leave_a_slot_of_codes_open(
    schemas: tuple[SchemaModel, SchemaModel],
) -> None:
    lines = _lines(schemas, ("size", "Goods.size"), samples=Samples({"size": Seen("text", (), ("XL", "S"))}))
    assert "no code of the two is the same" in _line(lines, "# open: size:")


def test_two_slots_become_two_objects_of_a_list(schemas: tuple[SchemaModel, SchemaModel]) -> None:
    line = _line(_lines(schemas, ("code", "Label.text"), ("size", "Label.text")), "labels:")
    assert line.startswith('labels: {object: [{text: "code"}, {text: "size"}]}')


def test_a_word_that_most_slots_have_says_nothing_of_one(schemas: tuple[SchemaModel, SchemaModel]) -> None:
    lines = _lines(schemas, ("fee_eur", "Goods.fee"), ("gross_total", "Money.value"))
    assert "nothing says which slot it is" in _line(lines, "# open: ")


@pytest.mark.parametrize(
    ("keys", "made"),
    [
        ((), "Row/{code}"),
        ((("maker",), ("code",)), "Row/{code}"),
        ((("maker",),), "Row/{maker}"),
        ((("maker", "currency"),), "Row/{maker}/{currency}"),
    ],
)
def test_an_identifier_is_made_of_what_tells_the_samples_apart(
    schemas: tuple[SchemaModel, SchemaModel], keys: tuple[tuple[str, ...], ...], made: str
) -> None:
    assert f'"draft:{made}"' in _line(_lines(schemas, ("maker", "Goods.maker"), samples=Samples(keys=keys)), "id:")


def test_the_identifier_of_a_class_is_rather_that_with_its_name(schemas: tuple[SchemaModel, SchemaModel]) -> None:
    """Not the order that it belongs to, though that comes first."""
    lines = _lines(schemas, ("Stage.number", "Goods.maker"))
    assert '"draft:Stage/{stage_id}"' in _line(lines, "id:")


@pytest.mark.parametrize("code", sorted(set(UNITS.values())))
def test_the_units_that_names_say_are_those_of_ucum(code: str) -> None:
    assert parse_unit(code)
