"""Bytes in: files, standard input, gzip, encodings."""

from __future__ import annotations

import gzip
import io
import os
import sys
import threading
import tracemalloc
import zlib
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from semantics.errors import Diagnostic, LimitError, SourceError
from semantics.sources import Limits, ReadOptions, open_source
from semantics.sources.compressed import inflated
from semantics.sources.stream import Overlong, json_blocks, physical_lines, utf8_blocks


def chunked(document: bytes, size: int) -> Iterator[bytes]:
    return (document[start : start + size] for start in range(0, len(document), size))


def refused(path: Path, fmt: str = "ndjson", limits: Limits | None = None) -> Diagnostic:
    with pytest.raises((SourceError, LimitError)) as ended:
        list(open_source(path, fmt, ReadOptions(limits=limits or Limits())))
    return ended.value.diagnostics[0]


# -- files -------------------------------------------------------------------------------------


def test_a_missing_file_is_an_error_with_the_nearest_name(tmp_path: Path) -> None:
    (tmp_path / "meters.ndjson").touch()
    found = refused(tmp_path / "meter.ndjson")
    assert (found.code, found.hint) == ("SRC001", "did you mean 'meters.ndjson'?")
    assert found.message == "the input cannot be read: no such file or directory"


def test_a_directory_is_no_input(tmp_path: Path) -> None:
    assert refused(tmp_path).message == "the input cannot be read: is a directory"
    assert refused(tmp_path / "no" / "such").hint is None


def test_an_input_that_fails_midway_says_after_which_byte(monkeypatch: pytest.MonkeyPatch) -> None:
    class Failing(io.BytesIO):
        def read1(self, size: int | None = -1, /) -> bytes:
            if data := super().read1(10):
                return data
            raise OSError(5, "Input/output error")

    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=Failing(b'{"a":1}\n{"a":2}\n')))
    records = open_source("-", "ndjson")
    assert next(records).data == {"a": 1}
    with pytest.raises(SourceError) as ended:
        list(records)
    assert str(ended.value) == "<stdin>  SRC001  the input cannot be read after byte 16: input/output error"


def test_standard_input_is_read_and_left_open(monkeypatch: pytest.MonkeyPatch) -> None:
    buffer = io.BytesIO(gzip.compress(b'[{"a":1}]'))
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=buffer))
    assert [(record.source, record.data) for record in open_source("-", "json")] == [("<stdin>", {"a": 1})]
    assert not buffer.closed


def test_a_record_of_a_pipe_comes_before_the_pipe_ends(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.ndjson"
    os.mkfifo(pipe)
    seen, done = threading.Event(), threading.Event()

    def write() -> None:
        with pipe.open("wb", buffering=0) as file:
            file.write(b'{"a": 1}\n{"a": 2}\n')
            done.wait(10)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        records = open_source(pipe, "ndjson")
        assert next(records).data == {"a": 1}
        seen.set()
    finally:
        done.set()
        writer.join()
    assert [record.data for record in records] == [{"a": 2}]


# -- gzip --------------------------------------------------------------------------------------


def test_gzip_is_told_by_its_name_or_its_first_bytes(tmp_path: Path) -> None:
    for name in ("a.ndjson.gz", "a.ndjson"):
        (tmp_path / name).write_bytes(gzip.compress(b'{"a":1}\n'))
        assert [record.data for record in open_source(tmp_path / name, "ndjson")] == [{"a": 1}]


@pytest.mark.parametrize("content", [b'{"a":1}\n', b"", b"\x1f"])
def test_a_file_named_gz_that_is_not_gzip_is_an_error(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "a.ndjson.gz"
    path.write_bytes(content)
    assert refused(path).code == "SRC009"


@given(st.lists(st.binary(max_size=50), min_size=1, max_size=4), st.integers(1, 30), st.integers(0, 3))
def test_members_one_after_the_other_are_one_stream(parts: list[bytes], size: int, padding: int) -> None:
    packed = b"".join(gzip.compress(part) for part in parts) + b"\0" * padding
    assert b"".join(inflated(chunked(packed, size), "in", Limits())) == b"".join(parts)


@given(st.binary(min_size=1, max_size=200), st.data())
def test_a_stream_that_is_cut_or_damaged_never_passes(content: bytes, data: st.DataObject) -> None:
    packed = gzip.compress(content)
    cut = data.draw(st.integers(1, len(packed) - 1))
    spoilt = bytearray(packed)
    spoilt[-8 + data.draw(st.integers(0, 3))] ^= 1  # the checksum
    for bad in (packed[:cut], bytes(spoilt), packed + b"x", packed + packed[:cut]):
        with pytest.raises(SourceError) as ended:
            list(inflated(chunked(bad, 7), "in", Limits()))
        assert ended.value.diagnostics[0].code == "SRC010"


def test_a_bomb_is_stopped_in_flat_memory(tmp_path: Path) -> None:
    packer = zlib.compressobj(9, wbits=31)
    path = tmp_path / "bomb.ndjson.gz"
    path.write_bytes(b"".join(packer.compress(b" " * 1_000_000) for _ in range(100)) + packer.flush())
    tracemalloc.start()
    try:
        found = refused(path)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert found.code == "SRC011"
    assert "--max-gzip-ratio" in found.message
    assert peak < 20_000_000


def test_the_ratio_counts_beyond_the_free_bytes_alone() -> None:
    packed = gzip.compress(b" " * 1_000_000)
    ratio = 1_000_000 // len(packed)
    assert sum(map(len, inflated(iter([packed]), "in", Limits(gzip_ratio=1, gzip_free=1_000_000)))) == 1_000_000
    assert sum(map(len, inflated(iter([packed]), "in", Limits(gzip_ratio=2 * ratio, gzip_free=1)))) == 1_000_000
    with pytest.raises(LimitError):
        list(inflated(iter([packed]), "in", Limits(gzip_ratio=ratio // 2, gzip_free=999_999)))


# -- text --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "named"),
    [
        ("[1]".encode("utf-16"), "UTF-16LE"),
        ("[1]".encode("utf-16-le"), "UTF-16LE"),
        ("[1]".encode("utf-16-be"), "UTF-16BE"),
        ("\ufeff[1]".encode("utf-16-be"), "UTF-16BE"),
        ("[1]".encode("utf-32"), "UTF-32LE"),
        (b"PK\x03\x04rest", "ZIP"),
    ],
)
@pytest.mark.parametrize("fmt", ["json", "ndjson", "csv"])
def test_what_is_not_utf8_text_is_named(start: bytes, named: str, fmt: str, tmp_path: Path) -> None:
    path = tmp_path / "in"
    path.write_bytes(start)
    if fmt == "json" and start[:4] in ("\ufeff[".encode("utf-16-le"), "\ufeff[".encode("utf-16-be")):
        return  # a byte order mark says it: see below
    found = refused(path, fmt)
    assert found.code == "SRC003"
    assert named in found.message


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=8), st.integers(1, 4), st.sampled_from(["le", "be"]))
def test_json_in_utf16_says_so_by_its_mark(text: str, size: int, order: str) -> None:
    content = f"\ufeff[{text}]".encode(f"utf-16-{order}")
    skipped, blocks = json_blocks(chunked(content, size), "in")
    assert (skipped, b"".join(blocks)) == (0, f"[{text}]".encode())


def test_what_is_marked_as_utf16_and_is_not_is_an_error() -> None:
    _, blocks = json_blocks(iter(["\ufeff[1]".encode("utf-16-le")[:-1]]), "in")
    with pytest.raises(SourceError, match="UTF-16-LE"):
        list(blocks)


@given(st.binary(max_size=8), st.integers(1, 4))
def test_a_byte_order_mark_is_taken_away_once(content: bytes, size: int) -> None:
    skipped, blocks = utf8_blocks(chunked(b"\xef\xbb\xbf\xef\xbb\xbf" + content, size), "in")
    assert (skipped, b"".join(blocks)) == (3, b"\xef\xbb\xbf" + content)


@given(st.binary(max_size=60).map(lambda text: text.replace(b"a", b"\n")), st.integers(1, 20), st.integers(1, 12))
def test_lines_are_cut_at_newlines_for_any_chunking(text: bytes, size: int, limit: int) -> None:
    expected = text.split(b"\n")
    if not expected[-1]:
        expected.pop()
    assert list(physical_lines(chunked(text, size), limit)) == [
        line if len(line) <= limit else Overlong(len(line), line.count(b'"')) for line in expected
    ]
