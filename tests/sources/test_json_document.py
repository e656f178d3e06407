"""A JSON document gives the records that the selectors find, each with its exact bytes and place."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from semantics.errors import SourceError
from semantics.records import Record
from semantics.sources import Limits, ReadOptions, Selector, parse_selector_path
from semantics.sources.json_document import json_records
from semantics.sources.structure import record_slices


def select(path: str, name: str | None = None, by: str | None = None, has: tuple[str, ...] = ()) -> Selector:
    return Selector(parse_selector_path(path), name, by, has)


def read(document: bytes, *selectors: Selector, limits: Limits | None = None) -> list[Record]:
    options = ReadOptions(selectors=selectors, limits=limits or Limits())
    records = list(json_records(iter([document]), "in.json", options))
    for record in records:
        assert record.byte is not None
        assert record.raw is None or document[record.byte : record.byte + len(record.raw)] == record.raw
    return records


def told(records: list[Record]) -> list[tuple[str | None, str | None, Any]]:
    return [(record.pointer, record.class_name, record.data) for record in records]


ACCOUNTS = b"""{
  "Links": {"Self": "x"},
  "Data": {"Account": [
    {"AccountId": "1"},
    {"AccountId": "2", "Servicer": {"Id": "s"}}
  ]}
}"""


def test_without_selectors_the_root_or_its_elements_are_the_records() -> None:
    assert told(read(b' {"a": 1} ')) == [(None, None, {"a": 1})]
    assert told(read(b'[{"a": 1}, 2, null, []]')) == [
        ("/0", None, {"a": 1}),
        ("/1", None, 2),
        ("/2", None, None),
        ("/3", None, []),
    ]
    assert read(b" [ ] ") == []


def test_a_record_knows_its_place() -> None:
    first, second = read(b"\xef\xbb\xbf" + ACCOUNTS, select("Data.Account[*]", "Account"))
    assert (first.number, first.line, first.raw) == (1, 4, b'{"AccountId": "1"}')
    assert (second.number, second.line, second.pointer) == (2, 5, "/Data/Account/1")
    assert (second.source, second.class_name) == ("in.json", "Account")


def test_a_pointer_escapes_its_keys() -> None:
    assert [record.pointer for record in read(b'{"a/b~": [1]}', select('"a/b~"[*]'))] == ["/a~1b~0/0"]


def test_a_key_is_the_same_however_it_is_escaped() -> None:
    assert told(read(b'{"\\u0061": [1]}', select("a[*]"))) == [("/a/0", None, 1)]


def test_the_first_selector_that_fits_names_the_class() -> None:
    document = b'{"entry": [{"resource": {"type": "P", "x": 1}}, {"resource": {"type": "Q"}}, {"no": 1}]}'
    found = read(
        document,
        select("entry[*].resource", "WithX", has=("x",)),
        select("entry[*].resource", by="type"),
    )
    assert [(record.pointer, record.class_name) for record in found] == [
        ("/entry/0/resource", "WithX"),
        ("/entry/1/resource", "Q"),
    ]


def test_all_selectors_apply_and_records_may_stand_in_records() -> None:
    found = read(
        ACCOUNTS,
        select("Data.Account[*].Servicer", "Servicer"),
        select("Data.Account[*]", "Account"),
        select("", "Envelope", has=("Data",)),
    )
    assert [(record.class_name, record.pointer) for record in found] == [
        ("Envelope", None),
        ("Account", "/Data/Account/0"),
        ("Account", "/Data/Account/1"),
        ("Servicer", "/Data/Account/1/Servicer"),
    ]


def test_a_step_may_be_any_key_that_no_selector_names() -> None:
    document = b'{"data": {"hu": {"feeds": [1]}, "at": 5, "feeds": [2], "fr": {"other": [3]}}}'
    selectors = (select("data.*.feeds[*]", "Listed"), select("data.feeds[*]", "Feed"))
    assert told(read(document, *selectors)) == [("/data/hu/feeds/0", "Listed", 1), ("/data/feeds/0", "Feed", 2)]


def test_a_null_is_absent() -> None:
    document = b'{"Data": null, "x": null, "y": 1}'
    assert told(read(document, select("Data", "D"), select("", "X", has=("x",)), select("", "Y", has=("y",)))) == [
        (None, "Y", {"Data": None, "x": None, "y": 1})
    ]


def test_a_class_is_told_by_text_alone() -> None:
    document = b'[{"t": "A"}, {"t": 1}, {"t": ""}, {"t": null}, 5]'
    assert [record.class_name for record in read(document, select("[*]", by="t"))] == ["A", None, None, None, None]


def test_a_bare_record_and_an_envelope_are_told_apart() -> None:
    both = (select("Data.Account[*]", "Account"), select("", "Account", has=("AccountId",)))
    assert [record.pointer for record in read(ACCOUNTS, *both)] == ["/Data/Account/0", "/Data/Account/1"]
    assert [record.pointer for record in read(b'{"AccountId": "1"}', *both)] == [None]


def test_unless_keys_are_what_a_record_must_not_have() -> None:
    document = b'[{"x": 1}, {"x": 1, "y": null}, {"x": 1, "y": 2}]'
    selectors = (Selector(parse_selector_path("[*]"), "X", unless=("y",)), select("[*]", "Y", has=("y",)))
    assert [record.class_name for record in read(document, *selectors)] == ["X", "X", "Y"]


def test_the_elements_of_a_root_list_are_documents() -> None:
    found = read(
        b'[{"Data": {"Account": [{"a": 1}, {"a": 2}]}}, {"Data": {"Account": [3]}}]', select("Data.Account[*]")
    )
    assert [record.pointer for record in found] == ["/0/Data/Account/0", "/0/Data/Account/1", "/1/Data/Account/0"]


def test_elements_that_fit_no_condition_are_records_of_no_class() -> None:
    """Nothing is lost uncounted, in a document that was recognised, and the order stays."""
    found = read(
        b'{"a": [{"y": 1}, {"x": 2}, {"z": 3}], "b": {"q": 1}}', select("a[*]", "X", has=("x",)), select("b.c")
    )
    assert told(found) == [("/a/0", None, {"y": 1}), ("/a/1", "X", {"x": 2}), ("/a/2", None, {"z": 3})]
    assert [record.number for record in found] == [1, 2, 3]


def test_a_document_of_a_list_in_which_nothing_is_found_is_a_record_of_no_class() -> None:
    assert told(read(b'[{"q": 1}, {"a": [2]}]', select("a[*]", "A"))) == [("/0", None, {"q": 1}), ("/1/a/0", "A", 2)]


@pytest.mark.parametrize(
    "document",
    [
        b'{"Data": {}}',
        b'{"Data": {"Account": {"id": 1}}}',
        b'{"data": {"account": [1]}}',
        b'{"Data": null}',
        b'[{"q": 1}]',
        b'{"Data": {"Account": [{"y": 1}]}}',
    ],
)
def test_a_document_with_nothing_that_is_looked_for_is_an_error(document: bytes) -> None:
    with pytest.raises(SourceError) as ended:
        read(document, select("Data.Account[*]", "A", has=("x",)), select("Data.Meter"))
    finding = ended.value.diagnostics[0]
    assert finding.code == "SRC006"
    assert finding.hint == "looked for records at: 'Data.Account[*]' with 'x'; 'Data.Meter'"


def test_an_empty_list_was_found() -> None:
    assert read(b'{"Data": {"Account": []}}', select("Data.Account[*]")) == []
    assert read(b"[]", select("Data.Account[*]")) == []


# -- faults and errors -------------------------------------------------------------------------


@pytest.mark.parametrize("levels", [129, 2_000, 100_000])
@pytest.mark.parametrize(("opening", "closing"), [(b"[", b"]"), (b'{"a":', b"}")])
def test_a_record_may_be_arbitrarily_deep_without_harm_to_its_neighbours(
    levels: int, opening: bytes, closing: bytes
) -> None:
    deep = opening * levels + b"1" + closing * levels
    found = read(b'[{"id": 1},' + deep + b',{"id": 2}]')
    assert [record.fault.code if record.fault else None for record in found] == [None, "SRC021", None]
    assert found[1].raw == deep


def test_a_deep_value_outside_of_records_is_no_trouble() -> None:
    deep = b"[" * 5_000 + b"]" * 5_000
    assert told(read(b'{"x": ' + deep + b', "a": [1], "y": ' + deep + b"}", select("a[*]"))) == [("/a/0", None, 1)]


def test_depth_is_counted_within_the_record() -> None:
    document = b'{"a": {"b": [' + b"[" * 128 + b"]" * 128 + b"]}}"
    assert [record.fault for record in read(document, select("a.b[*]"))] == [None]


def test_a_faulty_record_has_its_class_bytes_and_place() -> None:
    document = b'{"e": [\n {"t": "A", "n": 1},\n {"t": "B", "n": {"k": 1, "k": 2}},\n {"t": "C", "n": 1e999}]}'
    _, twice, huge = read(document, select("e[*]", by="t", has=("n",)))
    assert (twice.class_name, huge.class_name) == ("B", "C")
    assert twice.raw == b'{"t": "B", "n": {"k": 1, "k": 2}}'
    assert twice.data is None
    assert str(twice.fault) == "in.json:3:31#/e/1/n/k  SRC020  the key 'k' stands twice in one object"
    assert huge.fault is not None
    assert str(huge.fault.location) == "in.json:4:2#/e/2/n"


def test_a_record_over_the_size_limit_is_a_fault_of_it_alone() -> None:
    document = json.dumps([{"a": 1}, {"a": "x" * 50}, {"a": 2}]).encode()
    found = read(document, limits=Limits(record_bytes=58))
    assert [record.fault.code if record.fault else None for record in found] == [None, "SRC024", None]
    assert found[1].raw is None
    assert len(read(document, limits=Limits(record_bytes=59))) == 3
    assert [record.fault for record in read(document, limits=Limits(record_bytes=59))] == [None] * 3


BROKEN: list[tuple[bytes, int, str]] = [
    (b'{"a": [1, 2,], "b": 1}', 12, "expected a value"),
    (b'{"a": [1 2], "b": 1}', 9, "expected ',' or ']'"),
    (b'{"a": [1], }', 11, "expected a key"),
    (b'{"a": [1] "b"}', 10, "expected ',' or '}'"),
    (b'{"a" [1]}', 5, "expected ':'"),
    (b'{"a": [1], "b": tru}', 19, ""),
    (b'{"a": [1], "b": {"c": [1,]}}', 25, "trailing comma"),
    (b'{"a": [1], "b": "x\ny"}', 18, "control character"),
    (b'{"a": [1]} x', 11, "expected the end"),
    (b'{"a": [1]', 9, "end of the input"),
    (b'{"a": [1], "b": {"c"', 20, "in the middle"),
    (b'{"a": [1, {"x": "y', 18, "in the middle"),
    (b'{"a": [1, {"x": ]}', 16, "expected value"),
    (b'{"a": [1], \xff: 1}', 11, "not UTF-8"),
    (b'{"a": [1], "b": "\xe9"}', 17, "not UTF-8"),
    (b'{"a": [1], "\\ud800": 1}', 18, "hex escape"),
    (b'{"a": [1], "a": [2]}', 11, "stands twice"),
    (b'{"a": [1], "b": ' + b"[" * 300 + b"1," + b"]" * 300 + b"}", 318, "expected a value"),
]


@pytest.mark.parametrize(("document", "offset", "said"), BROKEN)
@pytest.mark.parametrize("before", [b"", b"\n\n ", b"\xef\xbb\xbf"])
def test_what_is_wrong_outside_of_records_is_an_error_with_its_place(
    document: bytes, offset: int, said: str, before: bytes
) -> None:
    with pytest.raises(SourceError) as ended:
        read(before + document, select("a[*]"))
    finding = ended.value.diagnostics[0]
    at = offset + len(before)
    assert finding.location is not None
    assert said in finding.message
    assert f"(byte {at})" in finding.message
    line = (before + document).count(b"\n", 0, at) + 1
    column = at - (before + document).rfind(b"\n", 0, at) - (3 if before.startswith(b"\xef") else 0)
    assert (finding.location.line, finding.location.column) == (line, column)


def test_records_before_the_error_came_first() -> None:
    records: Iterator[Record] = json_records(iter([b'[{"a":1},{"a":2},{"a"']), "in.json", ReadOptions())
    assert [next(records).data, next(records).data] == [{"a": 1}, {"a": 2}]
    with pytest.raises(SourceError):
        next(records)


@pytest.mark.parametrize("document", [b"", b" \n\t", b"\xef\xbb\xbf"])
def test_an_empty_input_is_an_error(document: bytes) -> None:
    with pytest.raises(SourceError) as ended:
        read(document)
    assert ended.value.diagnostics[0].code == "SRC002"


def test_many_faults_on_one_long_line_take_linear_time() -> None:
    document = b"[" + b",".join([b'{"a":1,"a":2}'] * 20_000) + b"]"
    found = read(document)
    assert {record.fault.code for record in found if record.fault} == {"SRC020"}
    last = found[-1].fault
    assert last is not None
    assert str(last.location) == f"in.json:1:{len(document) - 3 + 1}#/19999/a"


# -- against a plain parser --------------------------------------------------------------------

json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-1000, 1000) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from('abc[]"\\é'), inner, max_size=3),
    max_leaves=15,
)
paths = st.lists(st.sampled_from(["a", "b", "[*]"]), max_size=3).map(
    lambda steps: ".".join(steps).replace(".[*]", "[*]")
)


def walked(value: Any, steps: tuple[Any, ...], pointer: str = "") -> Iterator[tuple[str, Any]]:
    """The nodes that a path leads to, over parsed data."""
    if not steps:
        yield pointer, value
    elif isinstance(steps[0], str):
        if isinstance(value, dict) and value.get(steps[0]) is not None:
            yield from walked(value[steps[0]], steps[1:], f"{pointer}/{steps[0]}")
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from walked(item, steps[1:], f"{pointer}/{index}")


@given(json_values.filter(lambda value: isinstance(value, dict)), paths, st.sampled_from([None, 2]), st.booleans())
def test_the_records_are_those_a_plain_walk_finds(value: Any, path: str, indent: int | None, ascii_only: bool) -> None:
    document = json.dumps(value, indent=indent, ensure_ascii=ascii_only).encode("utf-8", "replace")
    selector = select(path)
    found = list(record_slices(document, [selector]))
    assert [(one.pointer, one.data) for one in found] == list(walked(value, selector.path))
    assert [json.loads(document[one.start : one.end]) for one in found] == [one.data for one in found]


@given(json_values.filter(lambda value: isinstance(value, dict | list)), st.data())
def test_a_document_that_is_cut_or_spoilt_is_refused(value: Any, data: st.DataObject) -> None:
    document = json.dumps(value).encode()
    cut = data.draw(st.integers(0, len(document) - 1))
    spoilt = document[:cut] + data.draw(st.sampled_from([b"", b"}", b",", b"\x00", b"'"]))
    assume(spoilt != document)
    with pytest.raises(SourceError):
        read(spoilt, select("a[*]"), select("a.b"))
