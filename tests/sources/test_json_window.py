"""A JSON document passes through a window: the same records however it is cut into blocks, in flat memory."""

from __future__ import annotations

import json
import tracemalloc
from collections.abc import Iterator
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from semantics.errors import SourceError
from semantics.records import Record, Unheld
from semantics.sources import Limits, ReadOptions, Selector, jump, parse_selector_path, structure
from semantics.sources.json_document import json_records
from semantics.sources.jump import passed
from semantics.sources.values import Unreadable
from semantics.sources.window import Window


def select(path: str, name: str | None = None, **conditions: Any) -> Selector:
    return Selector(parse_selector_path(path), name, **conditions)


def chunked(document: bytes, size: int) -> Iterator[bytes]:
    return (document[start : start + size] for start in range(0, len(document), size))


def read(document: bytes, *selectors: Selector, size: int = 1 << 18, **limits: int) -> list[Record]:
    options = ReadOptions(selectors=selectors, limits=Limits(**limits))
    return list(json_records(chunked(document, size), "in.json", options))


@pytest.fixture
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything is too large to be held."""
    monkeypatch.setattr(structure, "_PIECE", 6)
    monkeypatch.setattr(structure, "_EARLY", 40)
    monkeypatch.setattr(jump, "_LARGEST", 6)


# -- however it is cut -------------------------------------------------------------------------

texts = st.sampled_from(["", "a", "[]{},:", 'q"\\', "é€", "\U0001f600", "\ud7ff", "x" * 30, "\\u", "\n"])
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**20), 10**20) | texts,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["a", "b", "c", 'é"[']), inner, max_size=4)
    ),
    max_leaves=25,
)
SELECTORS = [
    (),
    (select("a[*]", "A"),),
    (select("a.b"), select("a[*].b", "B", has=("c",)), select("", "R", unless=("a",))),
    (
        select("", by, class_by="b") if (by := None) is None else select(""),
        select("a[*].a[*]", "N"),
        select("a[*]", "A"),
    ),
    (select("[*].a", "X"), select("[*]", "Y", has=("b",))),
]


def outcome(document: bytes, size: int, selectors: tuple[Selector, ...], **limits: int) -> tuple[list[Any], str | None]:
    """What comes of a document, faults and what ended the reading with their places."""
    found: list[Any] = []
    options = ReadOptions(selectors=selectors, limits=Limits(**limits))
    try:
        found.extend(
            (r.data, r.number, r.line, r.byte, r.pointer, r.raw, r.class_name, str(r.fault), getattr(r, "sha256", None))
            for r in json_records(chunked(document, size), "in.json", options)
        )
    except SourceError as error:
        return found, str(error)
    return found, None


@pytest.mark.usefixtures("_small")
@given(
    values,
    st.integers(1, 40),
    st.sampled_from(SELECTORS),
    st.sampled_from([None, 1]),
    st.booleans(),
    st.sampled_from([15, 60, 1000, 1000]),
)
def test_the_records_do_not_depend_on_the_blocks(
    value: Any, size: int, selectors: tuple[Selector, ...], indent: int | None, ascii_only: bool, limit: int
) -> None:
    document = json.dumps(value, indent=indent, ensure_ascii=ascii_only).encode()
    whole = outcome(document, len(document), selectors, record_bytes=limit)
    assert outcome(document, size, selectors, record_bytes=limit) == whole


@pytest.mark.usefixtures("_small")
@given(values, st.integers(1, 40), st.sampled_from(SELECTORS), st.booleans(), st.data())
def test_neither_does_what_is_wrong(
    value: Any, size: int, selectors: tuple[Selector, ...], ascii_only: bool, data: st.DataObject
) -> None:
    """The records before, and that it is wrong; of two faults another may be told first, where more is held."""
    document = json.dumps(value, ensure_ascii=ascii_only).encode()
    cut = data.draw(st.integers(0, len(document) - 1))
    end = document[cut + data.draw(st.integers(0, 1)) :] if data.draw(st.booleans()) else b""
    spoilt = document[:cut] + data.draw(st.sampled_from([b"", b"}", b",", b"\x00", b"\xff", b'"', b"\\ud800"])) + end
    assume(spoilt)
    found, error = outcome(spoilt, size, selectors)
    whole, expected = outcome(spoilt, len(spoilt), selectors)
    assert (error is None) == (expected is None)
    assert found == whole


@pytest.mark.usefixtures("_small")
@given(values, st.integers(1, 40), st.sampled_from(SELECTORS), st.integers(1, 60))
def test_the_digests_of_records_over_the_limit_are_those_of_their_bytes(
    value: Any, size: int, selectors: tuple[Selector, ...], limit: int
) -> None:
    document = json.dumps(value).encode()
    options = ReadOptions(selectors=selectors, limits=Limits(record_bytes=limit))
    try:
        for record in json_records(chunked(document, size), "in.json", options):
            assert record.byte is not None
            if isinstance(record, Unheld):
                raw = document[record.byte : record.byte + record.size]
                assert (record.raw, record.sha256) == (None, sha256(raw).hexdigest())
                assert record.size > min(limit, structure._EARLY)  # what is around others has to tell early
            else:
                assert record.raw == document[record.byte : record.byte + len(record.raw or b"")]
                assert len(record.raw or b"") <= limit
    except SourceError as error:
        assert error.diagnostics[0].code in ("SRC005", "SRC006", "SRC004")


@pytest.mark.usefixtures("_small")
@given(values, st.integers(1, 40), st.booleans())
def test_what_is_passed_over_ends_where_it_ends(value: Any, size: int, ascii_only: bool) -> None:
    document = json.dumps(value, ensure_ascii=ascii_only).encode()
    assume(document[:1] in (b"{", b"[", b'"'))
    window = Window(chunked(document + b", 1", size))
    window.more(0)
    assert passed(window, 0) == len(document)


BROKEN = [
    (b'{"a": [1, {"b": 2}, {"c": 3]}', 27),
    (b'{"a": [1, {"b": 2}, {"c" 3}]}', 25),
    (b"[1, 2, 3, 4, , 5]", 13),
    (b'["long text that is no \\x escape of any kind"]', 24),
    (b'["half of a pair \\ud83d, the rest is missing"]', 23),
    (b'["a newline in a long text \n of a list"]', 27),
    (b'["not UTF-8 in a long text \xff of a list"]', 27),
    (b'{"long key that is never followed by its colon", 1}', 47),
    (b'{"long key of an object, twice with a colon": : 1}', 46),
    (b"[[[[1, 2, 3], [4, 5, 6]], [7, 8", 31),
    (b'["this text is never ended', 26),
]


@pytest.mark.usefixtures("_small")
@pytest.mark.parametrize(("value", "offset"), BROKEN)
@pytest.mark.parametrize("size", [1, 7, 1000])
def test_what_is_passed_over_is_checked(value: bytes, offset: int, size: int) -> None:
    window = Window(chunked(value, size))
    window.more(0)
    with pytest.raises(Unreadable) as ended:
        passed(window, 0)
    assert ended.value.broken
    assert abs(ended.value.offset - offset) <= 2, ended.value


# -- what is too large -------------------------------------------------------------------------


def test_a_record_over_the_limit_comes_after_those_inside_of_it() -> None:
    inner = b", ".join(b'{"n": %d}' % n for n in range(20))
    document = b'{"id": "e", "items": [' + inner + b'], "kind": "Envelope"}'
    selectors = (select("items[*]", "Item"), select("", class_by="kind", has=("id",)))
    whole = read(document, *selectors)
    assert (len(whole), whole[0].class_name) == (21, "Envelope")
    found = read(document, *selectors, size=10, record_bytes=100)
    assert [record.class_name for record in found] == ["Item"] * 20 + ["Envelope"]
    last = found[-1]
    assert isinstance(last, Unheld)
    assert (last.number, last.byte, last.line, last.pointer, last.size) == (21, 0, 1, None, len(document))
    assert last.sha256 == sha256(document).hexdigest()
    assert (
        str(last.fault)
        == f"in.json:1:1  SRC024  a record of {len(document)} bytes (limit: 100; --max-record-bytes raises it)"
    )


@pytest.mark.parametrize(("first", "classes"), [(True, ["E", "I", "I"]), (False, ["I", "I", "E"])])
def test_a_large_record_around_others_is_known_by_the_keys_it_begins_with(first: bool, classes: list[str]) -> None:
    """Else memory could not be flat: whatever is around records might turn out to be one at its end."""
    long = '"' + "x" * 600_000 + '"'
    inner = f'"items": [{long}, {long}]'
    text = f'{{"id": 1, {inner}}}' if first else f'{{{inner}, "id": 1}}'
    found = read(text.encode(), select("items[*]", "I"), select("", "E", has=("id",)))
    assert [record.class_name for record in found] == classes
    outer = found[0 if first else 2]
    if first:
        assert outer.raw == text.encode()
        return
    assert isinstance(outer, Unheld)
    assert (outer.size, outer.sha256) == (len(text), sha256(text.encode()).hexdigest())
    assert "not known by the keys among its first" in str(outer.fault)


def test_an_envelope_that_is_no_record_itself_is_no_trouble_at_any_size() -> None:
    inner = b", ".join(b'{"n": %d}' % n for n in range(20))
    document = b'{"items": [' + inner + b'], "kind": "Envelope"}'
    found = read(document, select("items[*]", "Item"), select("", class_by="kind", unless=("items",)), record_bytes=50)
    assert [record.class_name for record in found] == ["Item"] * 20


def test_a_document_of_a_list_that_is_too_large_is_a_fault_of_it_alone() -> None:
    document = b'[{"a": [1]}, {"q": "' + b"x" * 200 + b'"}, {"a": [2]}]'
    found = read(document, select("a[*]", "A"), size=16, record_bytes=100)
    assert [(record.pointer, record.data, record.fault.code if record.fault else None) for record in found] == [
        ("/0/a/0", 1, None), ("/1", None, "SRC024"), ("/2/a/0", 2, None),
    ]  # fmt: skip


def test_elements_that_fit_nothing_are_held_up_to_the_limit_of_a_record() -> None:
    """Beyond it they are given, and the document is still refused if it holds nothing else."""
    unfit = b", ".join(b'{"n": %d}' % n for n in range(100))
    chosen = select("[*]", "X", has=("x",))
    assert len(read(b"[" + unfit + b', {"x": 1}]', chosen, record_bytes=3000)) == 101
    for limit, count in ((100_000, 0), (3000, 94)):
        options = ReadOptions(selectors=(chosen,), limits=Limits(record_bytes=limit))
        given_: list[Record] = []
        with pytest.raises(SourceError) as ended:
            given_.extend(json_records(iter([b"[" + unfit + b"]"]), "in.json", options))
        assert ended.value.diagnostics[0].code == "SRC006"
        assert (len(given_) > 0) == (count > 0)


def test_an_object_around_records_has_a_limit_of_keys() -> None:
    document = b"{" + b", ".join(b'"k%d": 1' % n for n in range(12)) + b', "a": [1]}'
    assert len(read(document, select("a[*]"))) == 1
    with pytest.raises(SourceError) as ended:
        read(document, select("a[*]"), keys=10)
    assert "SRC022" in str(ended.value)
    assert "--max-keys" in str(ended.value)


def test_a_document_may_begin_with_any_amount_of_white_space() -> None:
    document = b" \n" * 500_000 + b'{"a": [1]}' + b"\n " * 500_000
    (found,) = read(document, select("a[*]"))
    assert (found.byte, found.line) == (1_000_007, 500_001)


def test_records_come_before_the_document_has_ended() -> None:
    def blocks() -> Iterator[bytes]:
        yield b'{"a": [{"n": 1}, {"n": 2}, {"n"'
        raise AssertionError("no more is asked for")

    records = json_records(blocks(), "in.json", ReadOptions(selectors=(select("a[*]"),)))
    assert [next(records).data, next(records).data] == [{"n": 1}, {"n": 2}]


# -- memory ------------------------------------------------------------------------------------


def peak(blocks: Iterator[bytes], *selectors: Selector, **limits: int) -> tuple[int, int]:
    """How many records a document has, and the most memory that reading it took, in bytes."""
    options = ReadOptions(selectors=selectors, limits=Limits(**limits))
    tracemalloc.start()
    try:
        count = sum(1 for _ in json_records(blocks, "in.json", options))
        return count, tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def listed(count: int, before: bytes = b'{"Data": {"Account": [', after: bytes = b"]}}") -> Iterator[bytes]:
    yield before
    for start in range(0, count, 100):
        lines = [b'{"id": "%d", "name": "somebody", "list": [1, 2, {"x": "y"}]}' % n for n in range(start, start + 100)]
        yield (b"," if start else b"") + b",".join(lines)
    yield after


ACCOUNT = select("Data.Account[*]", "Account")


def long_text() -> Iterator[bytes]:
    yield from (b'{"Data": {"Account": ["', *(b"\\u00e9 and a text" * 5000 for _ in range(30)), b'", 2]}}')


def long_texts() -> Iterator[bytes]:
    yield b'{"Data": {"Account": [[1'
    for _ in range(40):
        yield b', "' + b"text" * 100_000 + b'"'
    yield b"], 2]}}"


@pytest.mark.parametrize(
    ("document", "selectors", "count"),
    [
        (listed(30_000), (ACCOUNT,), 30_000),
        (listed(30_000, b"[", b"]"), (), 30_000),
        (listed(30_000, b"[", b"]"), (select("list[*]"),), 90_000),
        (listed(30_000), (ACCOUNT, select("Data", "D", has=("Id",)), select("", "E", unless=("Data",))), 30_000),
        (listed(30_000, b'{"history": [', b'], "Data": {"Account": [1]}}'), (ACCOUNT,), 1),
        (listed(30_000, b'{"Data": {"Account": [[', b"], 2]}}"), (ACCOUNT,), 2),
        (long_text(), (ACCOUNT,), 2),
        (long_texts(), (ACCOUNT,), 2),
        (iter((b'{"Data": {"Account": [[1', *(b", 1234.5" * 9000 for _ in range(200)), b"], 2]}}")), (ACCOUNT,), 2),
    ],
    ids=["records", "root", "documents", "candidates", "passed-over", "over-the-limit", "text", "texts", "numbers"],
)
def test_memory_does_not_grow_with_the_document(
    document: Iterator[bytes], selectors: tuple[Selector, ...], count: int
) -> None:
    """Two megabytes, of which no record may have more than 200 kB."""
    found, most = peak(document, *selectors, record_bytes=200_000)
    assert found == count
    assert most < 7_000_000


def test_what_may_be_a_record_around_others_is_not_held() -> None:
    """Six megabytes, below the limit of a record."""
    chosen = (ACCOUNT, select("Data", "D", has=("Id",)), select("", "E", unless=("Data",)))
    found, most = peak(listed(90_000), *chosen)
    assert found == 90_000
    assert most < 7_000_000
