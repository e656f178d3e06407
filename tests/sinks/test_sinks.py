"""The table of sinks, and a run through each of them from opening to commit."""

from __future__ import annotations

import gzip
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest

from semantics.errors import SinkError, UsageError
from semantics.lexical import LexicalError
from semantics.records import Instance
from semantics.schema import load_schema
from semantics.schema.model import SchemaModel
from semantics.sinks import SINKS, open_encoder, open_sink, sink_format
from semantics.sinks.base import EncodedSink

ROOT = Path(__file__).resolve().parents[2]
STREAMED = [name for name, spec in SINKS.items() if spec.builder is None]
THINGS = [Instance("Thing", {"id": f"ex:{n}", "names": ["a", "b"], "value": {"unit": "kg"}}) for n in range(3)]


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("out.json", "json"), ("a/out.ndjson", "ndjson"), ("out.jsonl.gz", "ndjson"), ("OUT.NT", "ntriples"),
        ("x.y.ttl", "turtle"), ("out.jsonld", "jsonld"), ("out.JSONLD.GZ", "jsonld"), (Path("out.ttl.gz"), "turtle"),
        ("out", None), ("-", None), ("json", None), ("out.gz", None), ("out.json.bak", None), ("a.ttl/out", None),
    ],
)  # fmt: skip
def test_the_file_name_tells_the_format(path: str | Path, name: str | None) -> None:
    assert name == sink_format(path)


def test_no_extension_belongs_to_two_formats() -> None:
    extensions = [extension for spec in SINKS.values() for extension in spec.extensions]
    assert sorted(set(extensions)) == sorted(extensions)


def test_an_unknown_format_is_refused_with_the_nearest_name(schema: SchemaModel, tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        open_sink("turtel", tmp_path / "out", schema)
    (diagnostic,) = caught.value.diagnostics
    assert ("SNK001", "did you mean 'turtle'?") == (diagnostic.code, diagnostic.hint)
    assert [] == list(tmp_path.iterdir())


@pytest.mark.parametrize("suffix", ["", ".gz"])
@pytest.mark.parametrize("name", STREAMED)
def test_what_a_sink_writes_is_its_pieces_put_together(
    schema: SchemaModel, tmp_path: Path, name: str, suffix: str
) -> None:
    target = tmp_path / f"out{SINKS[name].extensions[0]}{suffix}"
    sink = open_sink(name, target, schema, classes=["Thing"])
    for number, thing in enumerate(THINGS):
        sink.write(thing, f"1-{number}-0")
    assert not target.exists()
    sink.finish()
    sink.commit()
    encoder = open_encoder(name, schema, classes=["Thing"])
    pieces = [encoder.encode(thing, f"1-{number}-0") for number, thing in enumerate(THINGS)]
    written = target.read_bytes()
    whole = gzip.decompress(written) if suffix else written
    head = encoder.head_of(pieces) if hasattr(encoder, "head_of") else encoder.head
    assert head + encoder.between.join(pieces) + encoder.tail == whole
    assert [target] == list(tmp_path.iterdir())


@pytest.mark.parametrize("name", STREAMED)
def test_an_empty_run_commits_an_empty_document(schema: SchemaModel, tmp_path: Path, name: str) -> None:
    sink = open_sink(name, tmp_path / "out", schema, classes=["Thing"])
    sink.finish()
    sink.commit()
    assert open_encoder(name, schema, classes=["Thing"]).empty == (tmp_path / "out").read_bytes()


@pytest.mark.parametrize("name", ["ntriples", "turtle", "jsonld"])
def test_an_instance_that_is_refused_leaves_no_trace_in_the_output(
    schema: SchemaModel, tmp_path: Path, name: str
) -> None:
    written = []
    for attempt in (False, True):
        sink = open_sink(name, tmp_path / "out", schema)
        if attempt:
            with pytest.raises(LexicalError):
                sink.write(Instance("Thing", {"names": ["a"], "count": "x"}), "1-0-0")
        sink.write(THINGS[0], "1-1-0")
        sink.finish()
        sink.commit()
        written.append((tmp_path / "out").read_bytes())
    assert written[0] == written[1]


def test_an_abort_leaves_nothing(schema: SchemaModel, tmp_path: Path) -> None:
    sink = open_sink("json", tmp_path / "out.json", schema)
    sink.write(THINGS[0], "1-1-0")
    sink.abort()
    assert [] == list(tmp_path.iterdir())


def test_pieces_made_by_workers_are_appended_as_they_are(schema: SchemaModel, tmp_path: Path) -> None:
    sink = open_sink("json", tmp_path / "out.json", schema)
    assert isinstance(sink, EncodedSink)
    for piece in (b"1", b"2"):
        sink.append(piece)
    sink.finish()
    sink.commit()
    assert b"[\n1,\n2\n]\n" == (tmp_path / "out.json").read_bytes()


def test_two_sinks_to_one_file_exclude_each_other(schema: SchemaModel, tmp_path: Path) -> None:
    sink = open_sink("json", tmp_path / "out", schema)
    with pytest.raises(SinkError, match="another run"):
        open_sink("turtle", tmp_path / "out", schema)
    sink.abort()


def test_hash_order_has_no_part_in_the_bytes(tmp_path: Path) -> None:
    program = """
import sys
from semantics.records import Instance
from semantics.schema import load_schema
from semantics.sinks import SINKS, open_encoder
core = load_schema("core")
person = Instance("Person", {"id": "core:p", "type": "Person", "identifiers": [{"value": "1"}]})
for name in SINKS:
    encoder = open_encoder(name, core, classes=["Person"])
    sys.stdout.buffer.write(encoder.head + encoder.encode(person, "1-1-0") + encoder.tail)
heavy = {"rdflib", "linkml", "pyshacl", "pydantic", "pyoxigraph"} & set(sys.modules)
assert not heavy, heavy
"""
    made = [
        subprocess.run(
            [sys.executable, "-c", program], env={"PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)}, cwd=tmp_path,
            stdout=subprocess.PIPE, check=True,
        ).stdout
        for seed in ("1", "2")
    ]  # fmt: skip
    assert made[0] == made[1]
    assert made[0].count(b"Person") > 4


def test_a_short_turtle_output_declares_only_the_prefixes_it_uses(tmp_path: Path) -> None:
    """What fits in the first block is read before its head is written; a long output declares all."""
    from semantics.schema import load_schema

    core = load_schema("core")
    amount = Instance("MonetaryAmount", {"value": Decimal("1.50"), "currency": "GBP"})
    for count, expected in ((1, ["schema:"]), (20_000, ["core:", "schema:", "xsd:"])):
        sink = open_sink("turtle", tmp_path / "out.ttl", core, classes=["MonetaryAmount"])
        for number in range(count):
            sink.write(amount, f"1-{number}-0")
        sink.finish()
        sink.commit()
        head = [
            line.split()[1] for line in (tmp_path / "out.ttl").read_text().splitlines() if line.startswith("@prefix")
        ]
        assert expected == head


@pytest.mark.parametrize("name", STREAMED)
def test_an_undeclared_key_of_an_open_class_is_written_or_the_instance_is_refused(name: str) -> None:
    open_class = {"extra_slots": {"allowed": True}, "attributes": {"id": {"identifier": True}}}
    model = load_schema({"name": "m", "classes": {"Thing": open_class}})
    encoder = open_encoder(name, model, classes=("Thing",))
    instance = Instance("Thing", {"id": "m:1", "undeclared": "there"})
    if name in ("json", "ndjson"):
        assert b"there" in encoder.encode(instance, "1-1-0")
    else:
        with pytest.raises(LexicalError, match=r"no such slot|no column"):
            encoder.encode(instance, "1-1-0")
