"""Parquet and Arrow files as records: batch by batch, whatever their bytes claim."""

from __future__ import annotations

import gzip
import io
import random
import sys
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.feather as feather
import pyarrow.parquet as pq
import pytest

from semantics.errors import LimitError, SemanticsError, SourceError, UsageError
from semantics.records import Record
from semantics.sources import Limits, ReadOptions, TableShape, open_source, source_format

ROWS: list[dict[str, Any]] = [
    {
        "id": f"ex:{number}",
        "amount": Decimal(number) / 4,
        "kind": "abc"[number % 3],
        "names": ["x", "y"] * (number % 3),
        "inner": {"n": number, "t": "z" * (number % 7)},
        "by_key": {"k": number},
    }
    for number in range(300)
]
SCHEMA = pa.schema(
    [
        ("id", pa.string()), ("amount", pa.decimal128(12, 2)), ("kind", pa.string()), ("names", pa.list_(pa.string())),
        ("inner", pa.struct([("n", pa.int64()), ("t", pa.string())])), ("by_key", pa.map_(pa.string(), pa.int64())),
    ]
)  # fmt: skip
TABLE = pa.Table.from_pylist(ROWS, SCHEMA)


def write_parquet(path: Path, table: Any = TABLE, **options: Any) -> None:
    pq.write_table(table, path, **{"row_group_size": 100, **options})


def write_file(path: Path, table: Any = TABLE) -> None:
    with pa.ipc.new_file(path, table.schema) as writer:
        writer.write_table(table, max_chunksize=70)


def write_stream(path: Path, table: Any = TABLE) -> None:
    with pa.ipc.new_stream(path, table.schema) as writer:
        writer.write_table(table, max_chunksize=70)


def write_feather(path: Path, table: Any = TABLE) -> None:
    feather.write_feather(table, path, compression="zstd")


WRITERS: dict[str, tuple[str, Callable[[Path], None]]] = {
    "parquet": ("in.parquet", write_parquet),
    "old parquet": ("in.pq", lambda path: write_parquet(path, version="1.0", compression="snappy")),
    "plain parquet": ("in.parquet", lambda path: write_parquet(path, use_dictionary=False, compression="none")),
    "arrow": ("in.arrow", write_file),
    "stream": ("in.arrows", write_stream),
    "feather": ("in.feather", write_feather),
}


def read(path: Path, fmt: str | None = None, **options: Any) -> list[Record]:
    return list(open_source(path, fmt or str(source_format(path.name)), ReadOptions(**options)))


def code_of(caught: pytest.ExceptionInfo[SemanticsError]) -> str:
    return caught.value.diagnostics[0].code


# -- records -----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", WRITERS)
def test_rows_are_records_in_their_order(tmp_path: Path, name: str) -> None:
    file, write = WRITERS[name]
    write(tmp_path / file)
    found = read(tmp_path / file)
    assert ROWS == [record.data for record in found]
    assert list(range(1, 301)) == [record.number for record in found]
    assert {(str(tmp_path / file), None)} == {(record.source, record.fault) for record in found}


def test_the_columns_tell_the_class(tmp_path: Path) -> None:
    headers = []

    def tabular(header: tuple[str, ...], name: str) -> TableShape:
        headers.append(header)
        return TableShape("Thing", (None,) * len(header))

    write_parquet(tmp_path / "in.parquet", TABLE.slice(0, 2))
    assert {"Thing"} == {record.class_name for record in read(tmp_path / "in.parquet", tabular=tabular)}
    assert [tuple(SCHEMA.names)] == headers


@pytest.mark.parametrize("name", ["parquet", "arrow", "stream"])
def test_standard_input_and_compressed_files_are_read_too(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, write = WRITERS[name]
    write(tmp_path / file)
    raw = (tmp_path / file).read_bytes()
    (tmp_path / f"{file}.gz").write_bytes(gzip.compress(raw))
    assert ROWS == [record.data for record in read(tmp_path / f"{file}.gz")]
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(raw)))
    assert ROWS == [record.data for record in open_source("-", str(source_format(file)))]


@pytest.mark.parametrize("write", [write_parquet, write_file])
def test_a_table_without_rows_has_no_records(tmp_path: Path, write: Callable[..., None]) -> None:
    write(tmp_path / "in", TABLE.slice(0, 0))
    assert [] == read(tmp_path / "in", "parquet" if write is write_parquet else "arrow")


def test_a_row_that_cannot_be_read_is_a_fault_of_its_own(tmp_path: Path) -> None:
    table = pa.table({"id": ["a", "b", "c"], "ratio": [1.0, float("nan"), 2.0]})
    write_parquet(tmp_path / "in.parquet", table)
    first, bad, last = read(tmp_path / "in.parquet")
    assert ({"id": "a", "ratio": 1.0}, {"id": "c", "ratio": 2.0}) == (first.data, last.data)
    assert bad.fault is not None and bad.fault.location is not None
    assert (2, "SRC102", "/ratio", None) == (bad.number, bad.fault.code, bad.fault.location.pointer, bad.data)


# -- files that are not what they should be ----------------------------------------------------


@pytest.mark.parametrize(
    ("fmt", "content", "code", "hint"),
    [
        ("parquet", b"", "SRC002", None),
        ("parquet", b"id,name\n1,a\n", "SRC103", None),
        ("parquet", b"PAR1", "SRC103", None),
        ("parquet", b"PAR1" * 10, "SRC103", None),
        ("parquet", b"ARROW1\0\0", "SRC103", "read it as arrow"),
        ("arrow", b"PAR1PAR1", "SRC103", "read it as parquet"),
        ("arrow", b"FEA1FEA1", "SRC103", "Feather of version 1: write it anew as Arrow"),
        ("arrow", b"ARROW1\0\0", "SRC103", None),
        ("arrow", b'{"id": 1}\n', "SRC103", None),
    ],
)
def test_a_file_of_another_format_is_refused(
    tmp_path: Path, fmt: str, content: bytes, code: str, hint: str | None
) -> None:
    (tmp_path / "in").write_bytes(content)
    with pytest.raises(SourceError) as caught:
        read(tmp_path / "in", fmt)
    assert (code, hint) == (code_of(caught), caught.value.diagnostics[0].hint)


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(SourceError) as caught:
        read(tmp_path / "none.parquet")
    assert "SRC001" == code_of(caught)


def test_a_file_that_grows_beyond_the_limit_is_refused_before_it_is_decompressed(tmp_path: Path) -> None:
    bomb = pa.table({"id": pa.array(["x" * 1_000_000] * 30)})
    write_parquet(tmp_path / "in.parquet", bomb, use_dictionary=False, compression="zstd")
    with pytest.raises(LimitError) as caught:
        read(tmp_path / "in.parquet")
    assert ("SRC104", "limit: 200; --max-gzip-ratio raises it") == (
        code_of(caught),
        caught.value.diagnostics[0].hint,
    )
    assert 30 == len(read(tmp_path / "in.parquet", limits=Limits(gzip_ratio=1_000_000)))


def test_a_long_text_in_every_row_is_held_once(tmp_path: Path) -> None:
    texts = pa.DictionaryArray.from_arrays(pa.array([0] * 3000, pa.int32()), ["x" * 900_000])
    write_parquet(tmp_path / "in.parquet", pa.table({"id": texts}), row_group_size=3000, store_schema=False)
    found = [record.data["id"] for record in read(tmp_path / "in.parquet")]
    assert (3000, 1) == (len(found), len(set(map(id, found[:3000]))))


def mutated(raw: bytes, seed: int) -> bytes:
    """Bytes with a few faults, half of them in the description at the end."""
    chance, found = random.Random(seed), bytearray(raw)
    for _ in range(chance.choice([1, 1, 2, 5])):
        at = chance.randrange(len(found)) if chance.random() < 0.5 else -1 - chance.randrange(min(2000, len(found)))
        match chance.randrange(5):
            case 0:
                found[at] = chance.randrange(256)
            case 1:
                found[at] ^= 1 << chance.randrange(8)
            case 2:
                del found[at : at + chance.randrange(1, 20)]
            case 3:
                found[at:at] = chance.randbytes(chance.randrange(1, 8))
            case _:
                found[at : at + 4] = b"\xff\xff\xff\x7f"
    return bytes(found)


def outcome(path: Path, fmt: str) -> Iterator[str]:
    try:
        for record in read(path, fmt):
            if record.fault is not None:
                yield record.fault.code
    except SemanticsError as fault:
        yield fault.diagnostics[0].code


@pytest.mark.parametrize("name", WRITERS)
def test_a_mutated_file_is_read_or_refused_and_never_a_crash(tmp_path: Path, name: str) -> None:
    file, write = WRITERS[name]
    write(tmp_path / file)
    raw, fmt = (tmp_path / file).read_bytes(), str(source_format(file))
    codes: set[str] = set()
    for seed in range(40):
        (tmp_path / file).write_bytes(mutated(raw, seed))
        codes.update(outcome(tmp_path / file, fmt))
    assert "SRC103" in codes
    assert codes <= {f"SRC{number:03d}" for number in (3, 20, 21, 22, 24, 31, 44, 101, 102, 103, 104)}


def test_without_pyarrow_the_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    (tmp_path / "in.parquet").write_bytes(b"PAR1")
    with pytest.raises(UsageError) as caught:
        read(tmp_path / "in.parquet")
    (found,) = caught.value.diagnostics
    assert ("SRC100", "pip install 'semantics[arrow]'") == (found.code, found.hint)
