"""The fast lane comes to what the long way comes to."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import semantics
from semantics.engine.batches import RECORDS, TOGETHER, grouped
from semantics.engine.implied import Implied
from semantics.engine.lane import Lane
from semantics.engine.mapping import Mapping
from semantics.records import Instance, Record
from semantics.schema import load_schema

SCHEMA: dict[str, Any] = {
    "id": "https://example.org/lane",
    "name": "lane",
    "default_prefix": "https://example.org/lane/",
    "classes": {
        "House": {
            "tree_root": True,
            "attributes": {
                "id": {"identifier": True},
                "rooms": {"range": "Room", "multivalued": True, "inlined_as_list": True},
                "size": {"range": "decimal", "minimum_value": 1},
                "kind": {"range": "Kind"},
            },
        },
        "Room": {"attributes": {"id": {"identifier": True}, "name": {"required": True, "pattern": "^[a-z]*$"}}},
    },
    "enums": {"Kind": {"permissible_values": {"a": {}, "b": {}}}},
}
MAPPING: dict[str, Any] = {
    "name": "lane",
    "class_derivations": {
        "House": {
            "where": "size is null or size < 100",
            "slot_derivations": {
                "id": None, "rooms": None, "size": {"expr": "size + 1"},
                "kind": {"populated_from": "kind", "value_mappings": {"A": "a"}, "unmapped": "null"},
            },
        },
        "Room": {"slot_derivations": {"id": None, "name": None}},
    },
}  # fmt: skip
SOURCE = json.loads(json.dumps(SCHEMA).replace('"minimum_value": 1', '"minimum_value": 0'))
SOURCE["classes"]["House"]["attributes"]["kind"] = {}

ODD = [
    b"{broken", b"", b"  ", b"[]", b"3", b'{"id":"h1","id":"h2"}', b'{"id" : "h1", "size" :3}', b'{"id":"h2","extra":"\\":"}',
    b'{"id":"h2","extra":":x"}', b'{"i\\u0064":"h1","id":"h2"}', b'{"id":"h1"} ', b'\xef\xbb\xbf{"id":"h1"}', b'{"id":"h1"}\r',
    b'{"id":"h1","size":1e400}', b'{"id":"h1","size":1.50}', b'{"id":"h1","size":NaN}', b'{"id":"\xff"}', b'{"id":"\\ud800"}',
    b'{"id":"h1","extra":' + b"[" * 127 + b"]" * 127 + b"}", b'{"id":"h1","extra":' + b"[" * 128 + b"]" * 128 + b"}",
    b'{"id":"h1","extra":' + b'{"a":' * 128 + b"1" + b"}" * 128 + b"}", b'{"id":"h1","extra":[{"a":1,"a":2}]}',
    b'{"id":"h1","extra":[[{"a":1,"a":2}]]}', b'{"id":"h1","size":' + b"9" * 5000 + b"}",
    b'{"id":"h1","extra":"\\"","extra":"\\\\"}', b'{"id":"h1","extra":["a","\\\\\\"b"],"extra":1}', b'{"id" :"h1","id"\t:"h2"}',
    b'{"id":"h1","extra":{"n":[0.5,1e400]}}', b'{"id":"h1","extra":[1e-7000,"x"]}', b'{"id":"h1","extra":["a","b",null,1.5]}',
    b'{"id":"h1","extra":{' + b",".join(b'"k%d":1' % n for n in range(10_001)) + b"}}",
]  # fmt: skip
"""Lines that a reader has to look at twice."""

rooms = st.fixed_dictionaries(
    {"id": st.sampled_from(["r1", "r2", "h1"])}, optional={"name": st.sampled_from(["x", "Y"])}
)
houses = st.fixed_dictionaries(
    {"id": st.sampled_from(["h1", "h2"])},
    optional={
        "rooms": st.lists(rooms, max_size=3), "size": st.sampled_from([0, 3, 200, -7, "x", None]),
        "kind": st.sampled_from(["A", "zz", None]), "extra": st.sampled_from([1, None, {"deep": [{"er": 1}]}]),
    },
)  # fmt: skip


def told(folder: Path, records: list[Any], **options: Any) -> tuple[bytes, list[str], dict[str, Any]]:
    """The output, the rejected records with their codes, and the report of a run, times left out."""
    lines = [record if isinstance(record, bytes) else json.dumps(record).encode() for record in records]
    (folder / "in.ndjson").write_bytes(b"\n".join(lines) + b"\n")
    out = folder / f"out.{options.pop('to')}"
    rejects = folder / "rejects.ndjson"
    rejects.unlink(missing_ok=True)
    mapping = semantics.load_mapping(MAPPING, source_schema=SOURCE, target_schema=SCHEMA)
    semantics.convert(mapping, folder / "in.ndjson", out, report=str(folder / "report.json"),
                      rejects=str(rejects), **options)  # fmt: skip
    report = json.loads((folder / "report.json").read_bytes())
    report["run"].pop("seconds")
    lost = rejects.read_text().splitlines() if rejects.exists() else []
    return out.read_bytes(), lost, report


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("lane")


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(st.lists(houses | st.sampled_from(ODD), max_size=80), st.sampled_from(["ndjson", "json", "nt", "ttl"]),
       st.sampled_from(["none", "schema", "shacl", "both"]))  # fmt: skip
def test_the_lane_gives_what_the_long_way_gives(folder: Path, records: list[Any], to: str, validate: str) -> None:
    """Output, rejects and report are the same bytes, whatever is wrong with some of the records."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Lane, "take", lambda self, batch: iter([batch.read()]))
        slow = told(folder, records, to=to, validate=validate)
    assert told(folder, records, to=to, validate=validate) == slow


def test_regular_records_go_by_the_lane(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a hundred records one is bad: none but its few neighbours are carried through one by one."""
    alone: list[Record] = []
    outcome = Mapping.outcome

    def counted(self: Any, record: Record, events: list[Any]) -> Any:
        alone.append(record)
        return outcome(self, record, events)

    monkeypatch.setattr(Mapping, "outcome", counted)
    records: list[dict[str, Any]] = [{"id": f"h{number}", "size": 3} for number in range(100)]
    records[50]["size"] = "x"
    for validate in ("schema", "both"):
        alone.clear()
        told(folder, records, to="nt", validate=validate)
        assert 1 <= len(alone) <= 6


def test_what_was_read_before_a_fault_comes_before_it() -> None:
    """The records in front of a damaged place are carried through before the run ends."""

    def source() -> Iterator[tuple[str, Record]]:
        yield from ((f"1-{number}", Record({}, number=number)) for number in range(RECORDS + 3))
        raise OSError

    found = grouped(source())
    whole = next(found)
    assert len(whole.records) == RECORDS
    assert [key for part in whole.cut() for key, _ in part.read()] == list(whole.keys())
    assert max(len(part.records) for part in whole.cut()) == TOGETHER
    assert len(next(found).records) == 3
    with pytest.raises(OSError):
        next(found)


@pytest.mark.parametrize("line", ODD)
def test_an_odd_line_is_read_among_others_as_it_is_alone(folder: Path, line: bytes) -> None:
    """Reading many lines at once finds repeated keys, limits and broken lines as reading one does."""
    lines = [b'{"id":"h1"}', line, b'{"id":"h2"}']
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Lane, "take", lambda self, batch: iter([batch.read()]))
        slow = told(folder, lines, to="ndjson")
    assert told(folder, lines, to="ndjson") == slow


@settings(max_examples=200, deadline=None)
@given(st.lists(houses, min_size=1, max_size=2))
def test_what_is_implied_is_so(instances: list[dict[str, Any]]) -> None:
    """Valid instances of which the shapes are said to hold conform to them; some that share a node do not."""
    from semantics.engine.shapes import ShapeCheck, generated
    from semantics.validation import compile_checker

    schema = load_schema(SCHEMA)
    checker = compile_checker(schema)
    shapes = ShapeCheck(schema, [generated(schema)])
    made = [{key: value for key, value in data.items() if key != "extra"} for data in instances]
    exact = [{**data, "size": Decimal(3)} if "size" in data else data for data in made]
    if not all(checker.accepts("House", data) for data in exact):
        return
    triples = shapes.triples([Instance("House", data) for data in exact], "1-1")
    assert triples is not None
    if Implied(schema).all([("House", data) for data in exact]):
        assert not shapes.check(triples)
    assert not Implied(schema).one("House")
    assert Implied(schema).one("Room")
