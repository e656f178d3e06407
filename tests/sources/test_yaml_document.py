"""YAML as a source: the core schema and nothing more, streamed by documents and items, each record with its bytes."""

from __future__ import annotations

import json
import re
import tracemalloc
from collections.abc import Iterator
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from semantics.errors import Diagnostic, SemanticsError
from semantics.records import Record, Unheld
from semantics.sources import Limits, ReadOptions, Selector, open_source, parse_selector_path
from semantics.sources.json_document import json_records
from semantics.sources.yaml_document import read_again, yaml_records

CORPUS = Path(__file__).resolve().parents[2].parent / "shared" / "badinputs" / "yaml"


def select(path: str, name: str | None = None, **conditions: Any) -> Selector:
    return Selector(parse_selector_path(path), name, **conditions)


def chunked(document: bytes, size: int) -> Iterator[bytes]:
    return (document[start : start + size] for start in range(0, len(document), size))


def read(text: str | bytes, *selectors: Selector, size: int = 1 << 18, **limits: int) -> list[Record]:
    """The records of a text; each must be the same when it is read again by its bytes alone."""
    document = text.encode() if isinstance(text, str) else text
    options = ReadOptions(selectors=selectors, limits=Limits(**limits))
    records = list(yaml_records(chunked(document, size), "in.yaml", options))
    assert [record.number for record in records] == list(range(1, len(records) + 1))
    for record in records:
        if record.raw is not None:
            assert record.byte is not None
            assert record.envelope is not None
            assert record.raw == document[record.byte : record.byte + len(record.raw)]
            again = read_again(record.raw, record.envelope, record.pointer or "", "in.yaml", options.limits)
            assert record.data == again.data
            assert (record.fault and record.fault.code) == (again.fault and again.fault.code)
    return records


def told(records: list[Record]) -> list[tuple[str | None, str | None, Any]]:
    return [(record.pointer, record.class_name, record.data) for record in records]


def codes(records: list[Record]) -> list[str | None]:
    return [record.fault.code if record.fault else None for record in records]


def refused(text: str | bytes, *selectors: Selector, **limits: int) -> Diagnostic:
    with pytest.raises(SemanticsError) as ended:
        read(text, *selectors, **limits)
    return ended.value.diagnostics[0]


# -- what is a record --------------------------------------------------------------------------


def test_items_of_a_list_and_documents_are_records() -> None:
    found = read("- a: 1\n  b: [x, y]\n- c: 'q'  # and a remark\n\n---\nx: 1\n...\n---\n- 2\n---\n")
    assert told(found) == [
        ("/0", None, {"a": 1, "b": ["x", "y"]}), ("/1", None, {"c": "q"}), (None, None, {"x": 1}), ("/0", None, 2),
    ]  # fmt: skip
    assert [(record.line, record.byte, record.raw) for record in found] == [
        (1, 2, b"a: 1\n  b: [x, y]"), (3, 21, b"c: 'q'"), (6, 49, b"x: 1"), (9, 64, b"2"),
    ]  # fmt: skip


def test_selectors_are_those_of_json() -> None:
    text = "Data:\n  Account:\n  - {id: 1}\n  - id: 2\n    Party: {x: 1}\n  - other: 3\n"
    chosen = (
        select("Data.Account[*]", "A", has=("id",)),
        select("Data.Account[*].Party", "P"),
        select("", "E", has=("e",)),
    )
    assert told(read(text, *chosen)) == [
        ("/Data/Account/0", "A", {"id": 1}), ("/Data/Account/1", "A", {"id": 2, "Party": {"x": 1}}),
        ("/Data/Account/1/Party", "P", {"x": 1}), ("/Data/Account/2", None, {"other": 3}),
    ]  # fmt: skip
    assert told(read("- {t: A, n: 1}\n- {t: B}\n- 5\n", select("[*]", class_by="t"))) == [
        ("/0", "A", {"t": "A", "n": 1}), ("/1", "B", {"t": "B"}), ("/2", None, 5),
    ]  # fmt: skip


values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-1000, 1000)
    | st.sampled_from(["", "a b", "é: #", "NO", "1.0", "- x", "~"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "b", "c"]), inner, max_size=3),
    max_leaves=12,
)
SELECTORS = [
    (select("a[*]", "A"),), (select("a.b"), select("a[*].b", "B", has=("c",)), select("", "R", unless=("a",))),
    (select("[*].a", "X"), select("[*]", "Y", has=("b",))), (),
]  # fmt: skip


@given(
    values.filter(lambda value: isinstance(value, dict | list)),
    st.sampled_from(SELECTORS),
    st.booleans(),
    st.integers(1, 99),
)
def test_the_records_are_those_of_the_same_json(
    value: Any, selectors: tuple[Selector, ...], flow: bool, size: int
) -> None:
    """Written in any style and cut in any way. (Where nothing is found in JSON, nothing is in YAML.)"""
    text = yaml.safe_dump(value, default_flow_style=flow, allow_unicode=True).encode()
    options = ReadOptions(selectors=selectors)
    try:
        expected = told(list(json_records(iter([json.dumps(value).encode()]), "in.json", options)))
    except SemanticsError as error:
        assert refused(text, *selectors).code == error.diagnostics[0].code
        return
    assert told(read(text, *selectors, size=size)) == expected


# -- what a scalar is --------------------------------------------------------------------------


def test_scalars_are_those_of_the_core_schema_and_exact() -> None:
    text = "- [NO, yes, on, 1.10, 1e3, 12345678901234567890, 0x1F, 1_000, 2024-01-01, ~, null, True, '1', \"a\\u00e9\", 12:30]"
    (found,) = read(text)
    assert [repr(value) for value in found.data] == [
        "'NO'", "'yes'", "'on'", "Decimal('1.10')", "Decimal('1E+3')", "12345678901234567890", "'0x1F'", "'1_000'",
        "'2024-01-01'", "None", "None", "True", "'1'", "'aé'", "'12:30'",
    ]  # fmt: skip
    assert found.data[3] == Decimal("1.10")


@pytest.mark.parametrize(
    ("item", "code", "place"),
    [
        ("{a: 1, a: 2}", "SRC020", "in.yaml:2:10#/1/a"),
        ("{a: .inf}", "SRC023", "in.yaml:2:7#/1/a"),
        ("[1e400]", "SRC023", "in.yaml:2:4#/1/0"),
        ("[9" + "9" * 5000 + "]", "SRC023", "in.yaml:2:4#/1/0"),
        ("!!python/object/apply:os.system [id]", "SRC084", "in.yaml:2:3#/1"),
        ("{a: !!binary aGk=}", "SRC084", "in.yaml:2:7#/1/a"),
        ("{<<: {a: 1}}", "SRC085", "in.yaml:2:4#/1/<<"),
        ("{[a]: 1, b: 2}", "SRC085", "in.yaml:2:4#/1/"),
        ("[*none]", "SRC086", "in.yaml:2:4#/1/0"),
        ("&a [*a]", "SRC086", "in.yaml:2:7#/1/0"),
        ("{" + ", ".join(f"k{n}: 1" for n in range(12)) + "}", "SRC022", "in.yaml:2:74#/1/k10"),
    ],
)
def test_what_is_not_plain_data_is_a_fault_of_its_record_alone(item: str, code: str, place: str) -> None:
    found = read(f"- ok: 1\n- {item}\n- ok: 2\n", keys=10)
    assert codes(found) == [None, code, None]
    assert found[1].fault is not None
    assert (found[1].data, str(found[1].fault.location)) == (None, place)
    assert found[1].raw == item.encode()


@pytest.mark.parametrize("levels", [129, 900])
def test_a_record_that_is_too_deep_is_no_harm_to_its_neighbours(levels: int) -> None:
    deep = "[" * levels + "]" * levels
    found = read(f"a:\n- 1\n- {deep}\n- 2\n", select("a[*]"))
    assert codes(found) == [None, "SRC021", None]
    assert codes(read(f"- {'[' * 128}{']' * 128}\n")) == [None]


def test_what_is_wrong_outside_of_records_ends_the_reading() -> None:
    found = refused("head: {x: 1, x: 2}\na: [1]\n", select("a[*]"))
    assert str(found) == "in.yaml:1:14#/head/x  SRC020  the key 'x' stands twice in one object"


# -- anchors -----------------------------------------------------------------------------------


def test_an_alias_to_something_outside_of_the_record_goes_with_it() -> None:
    text = "base: &b {x: 1.50}\na:\n- id: 1\n  of: *b\n- &two\n  id: 2\n- [*two, &c 3, *c]\n- *two\n"
    found = read(text, select("a[*]", "A"))
    assert [record.data for record in found] == [
        {"id": 1, "of": {"x": Decimal("1.50")}}, {"id": 2}, [{"id": 2}, 3, 3], {"id": 2},
    ]  # fmt: skip
    assert [(record.envelope or {}).get("anchors") for record in found] == [
        {"b": {"x": Decimal("1.50")}}, None, {"two": {"id": 2}}, {"two": {"id": 2}},
    ]  # fmt: skip


def test_records_inside_of_an_alias_have_their_data_alone() -> None:
    found = read("x: &x {a: [1]}\ny: *x\n", select("y.a[*]", "A"))
    assert [(record.data, record.raw, record.byte) for record in found] == [(1, None, None)]


def test_anchors_end_with_their_document() -> None:
    assert codes(read("a: &x 1\n---\nb: *x\n")) == [None, "SRC086"]


def test_aliases_are_bounded() -> None:
    assert codes(read("- &a 1\n- [" + ", ".join(["*a"] * 101) + "]\n")) == [None, "SRC086"]
    assert codes(read("- &a 1\n" + "- [*a]\n" * 200)) == [None] * 201
    many = "- &a [" + ", ".join(["1"] * 2000) + "]\n"
    assert codes(read(many + "- [" + ", ".join(["*a"] * 60) + "]\n"))[-1] == "SRC086"
    whole = "".join(f"- &a{n} [" + ", ".join(["1"] * 2000) + "]\n" for n in range(60))
    assert refused(whole).code == "SRC086"
    long = "".join(f"- &a{n} {'x' * 400}\n" for n in range(60))
    assert len(read(long)) == 60
    assert refused(long, record_bytes=20_000).code == "SRC086"


# -- what is not YAML --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "code", "place"),
    [
        ("", "SRC002", "in.yaml"),
        ("# a remark\n---\n", "SRC002", "in.yaml"),
        ("just text", "SRC005", "in.yaml:1:1"),
        ("- a: b: c", "SRC083", "in.yaml:1:7"),
        ("- a\n- [1, 2\n", "SRC083", "in.yaml:3:1"),
        ("a:\n\t- b\n", "SRC083", "in.yaml:2:1"),
        ("- a\n- \x01\n", "SRC083", "in.yaml"),
        (b"- a\n- caf\xe9 \n", "SRC003", "in.yaml"),
        ("- a".encode("utf-16"), "SRC003", "in.yaml"),
    ],
)
def test_what_is_not_yaml_is_an_error(text: str | bytes, code: str, place: str) -> None:
    found = refused(text)
    assert (found.code, str(found.location)) == (code, place)


def test_a_byte_that_is_not_utf8_is_named_after_the_records_before_it() -> None:
    text = b"".join(b"- {id: %d}\n" % n for n in range(5000)) + b"- caf\xe9\n"
    taken: list[Record] = []
    with pytest.raises(SemanticsError) as ended:
        taken.extend(yaml_records(chunked(text, 4096), "in.yaml", ReadOptions()))
    assert f"(byte {len(text) - 2})" in str(ended.value)
    assert len(taken) > 4000


def test_the_byte_order_mark_is_passed_over() -> None:
    (found,) = list(yaml_records(iter([b"\xef\xbb\xbfa: 1"]), "in.yaml", ReadOptions()))
    assert (found.byte, found.data) == (3, {"a": 1})


# -- size --------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [7, 100_000])
def test_a_record_over_the_limit_is_a_fault_of_it_alone(size: int) -> None:
    large = "{a: " + "é" * 100_000 + ", b: [1]}"
    text = f"- ok: 1\n- {large}\n- ok: 2\n".encode()
    records = list(yaml_records(chunked(text, size), "in.yaml", ReadOptions(limits=Limits(record_bytes=150_000))))
    assert codes(records) == [None, "SRC024", None]
    found = records[1]
    assert isinstance(found, Unheld)
    raw = large.encode()
    assert (found.byte, found.size, found.sha256, found.raw) == (10, len(raw), sha256(raw).hexdigest(), None)


def test_a_document_around_records_has_the_limit_of_a_record() -> None:
    text = "a:\n" + "- {id: 1, text: some}\n" * 100
    assert len(read(text, select("a[*]"))) == 100
    found = refused(text, select("a[*]"), record_bytes=1000)
    assert found.code == "SRC082"
    assert "--max-record-bytes" in found.message
    assert codes(read(text, record_bytes=1000)) == ["SRC024"]


def test_a_text_beyond_the_limit_ends_the_reading() -> None:
    """The parser gives nothing before it ends."""
    found = refused("- ok: 1\n- '" + "x" * 200_000 + "'\n", record_bytes=1000)
    assert found.code == "SRC082"


def test_nodes_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    from semantics.sources import yaml_nodes

    monkeypatch.setattr(yaml_nodes, "NODES", 50)
    text = "- [" + ", ".join("1" * 60) + "]\n- ok: 1\n"
    assert codes(list(yaml_records(iter([text.encode()]), "in.yaml", ReadOptions()))) == ["SRC087", None]


@pytest.mark.parametrize("separator", [b"- ", b"---\n  "], ids=["items", "documents"])
def test_memory_holds_one_record(separator: bytes) -> None:
    def blocks(count: int) -> Iterator[bytes]:
        for start in range(0, count, 100):
            yield b"".join(
                separator + b"id: %d\n  text: some text\n  list: [1, 2]\n" % n for n in range(start, start + 100)
            )

    tracemalloc.start()
    try:
        assert sum(1 for _ in yaml_records(blocks(10_000), "in.yaml", ReadOptions())) == 10_000
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()


# -- the corpus --------------------------------------------------------------------------------

OUTCOMES: dict[str, tuple[int, dict[int, str], str | None]] = {
    "alias_bomb.yaml": (1, {1: "SRC086"}, None), "recursive_alias.yaml": (1, {1: "SRC086"}, None),
    "deep_flow.yaml": (1, {1: "SRC021"}, None), "py_apply.yaml": (1, {1: "SRC084"}, None),
    "py_module.yaml": (1, {1: "SRC084"}, None), "binary_tag.yaml": (1, {1: "SRC084"}, None),
    "set_tag.yaml": (1, {1: "SRC084"}, None), "norway.yaml": (1, {}, None), "bool_words.yaml": (1, {}, None),
    "version_float.yaml": (1, {}, None), "nan_inf.yaml": (1, {1: "SRC023"}, None),
    "dup_keys.yaml": (1, {1: "SRC020"}, None), "dup_keys_nested.yaml": (1, {1: "SRC020"}, None),
    "int_key.yaml": (1, {1: "SRC020"}, None), "multi_doc.yaml": (2, {}, None), "scalar_root.yaml": (0, {}, "SRC005"),
    "tabs.yaml": (0, {}, "SRC083"), "utf16.yaml": (0, {}, "SRC003"), "huge_scalar.yaml": (1, {}, None),
    "many_anchors.yaml": (1, {}, None), "colon_value.yaml": (0, {}, "SRC083"), "brace_expr.yaml": (1, {}, None),
}  # fmt: skip
"""As data; the index tells what they are as schemas and mappings. ``brace_expr`` is plain data here."""


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the shared corpus of bad inputs is not here")
def test_every_bad_file_has_its_outcome() -> None:
    found: dict[str, tuple[int, dict[int, str], str | None]] = {}
    for file in CORPUS.iterdir():
        records: list[Record] = []
        ended = None
        try:
            records.extend(open_source(file, "yaml"))
        except SemanticsError as error:
            ended = error.diagnostics[0].code
        faults = {record.number: record.fault.code for record in records if record.fault}
        found[file.name] = (len(records), faults, ended)
    assert found == OUTCOMES


def test_the_page_of_bad_inputs_says_the_same() -> None:
    page = (Path(__file__).resolve().parents[2] / "docs" / "bad-inputs.md").read_text("utf-8")
    told = dict(re.findall(r"^\| `yaml/([^`]+)` \| ([^|]+) \|", page, re.MULTILINE))
    words = {
        name: f"error ({ended})" if ended else f"rejected 1 ({faults[1]})" if faults else "accepted"
        for name, (_, faults, ended) in OUTCOMES.items()
    }
    assert told == words
