"""Zstandard in and out: frames, damage, bombs, the extra that reads it (gzip: test_stream.py)."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from semantics.errors import Diagnostic, LimitError, SemanticsError, SourceError, UsageError
from semantics.records import Record
from semantics.sinks.compression import Packing
from semantics.sinks.output import open_output
from semantics.sources import Limits, ReadOptions, open_source, source_format
from semantics.sources.compressed import unpacked

SKIPPABLE = b"\x5e\x2a\x4d\x18\x05\x00\x00\x00notes"


def packed(content: bytes, **parameters: int) -> bytes:
    """One frame, with a checksum."""
    chosen = zstandard.ZstdCompressionParameters(**{"compression_level": 3, "write_checksum": 1, **parameters})
    packing = zstandard.ZstdCompressor(compression_params=chosen).compressobj()
    return packing.compress(content) + packing.flush()


def chunked(document: bytes, size: int) -> Iterator[bytes]:
    return (document[start : start + size] for start in range(0, len(document), size))


def refused(path: Path, fmt: str = "ndjson") -> Diagnostic:
    with pytest.raises(SemanticsError) as ended:
        list(open_source(path, fmt, ReadOptions()))
    return ended.value.diagnostics[0]


def test_the_name_of_a_compressed_file_tells_its_format() -> None:
    assert [source_format(f"a.{end}.zst") for end in ("json", "ndjson", "CSV", "xml", "nt")] == [
        "json", "ndjson", "csv", "xml", "ntriples",
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["a.ndjson.zst", "a.ndjson", "a.ndjson.gz"])
def test_first_bytes_tell_what_a_file_is_whatever_its_name(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    for content in (packed(b'{"a": 1}\n'), SKIPPABLE + packed(b'{"a": 1}')):
        path.write_bytes(content)
        if name.endswith(".gz"):
            assert refused(path).code == "SRC009"
        else:
            assert [{"a": 1}] == [record.data for record in open_source(path, "ndjson")]


@pytest.mark.parametrize("content", [b'{"a": 1}', b"", b"\x28"])
def test_a_plain_file_that_is_named_zst_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.ndjson.zst"
    path.write_bytes(content)
    found = refused(path)
    assert (found.code, found.hint) == ("SRC009", "rename it without .zst if it is plain")


@given(st.lists(st.binary(max_size=40), min_size=1, max_size=4), st.integers(1, 3000), st.data())
def test_frames_are_read_one_after_the_other_and_damage_is_told(
    parts: list[bytes], size: int, data: st.DataObject
) -> None:
    whole = b"".join(packed(part) + SKIPPABLE for part in parts)
    assert b"".join(unpacked(chunked(whole, size), "in", Limits())) == b"".join(parts)
    last = packed(parts[-1])
    cut = data.draw(st.integers(1, len(last) - 1))
    spoilt = bytearray(last)
    spoilt[-1] ^= 1  # the checksum
    for bad in (last[:cut], bytes(spoilt), last + b"x", whole + last[:cut], last + SKIPPABLE[: min(cut, 12)]):
        with pytest.raises(SourceError) as ended:
            list(unpacked(chunked(bad, size), "in", Limits()))
        assert ended.value.diagnostics[0].code == "SRC010"


def test_records_before_the_damage_come_first(tmp_path: Path) -> None:
    path = tmp_path / "a.ndjson.zst"
    lines = b"".join(b'{"number": %d, "text": "%x"}\n' % (n, n * 7919**9) for n in range(60_000))
    whole = packed(lines)
    path.write_bytes(whole[: len(whole) - 100])
    taken: list[Record] = []
    with pytest.raises(SourceError) as ended:
        taken.extend(open_source(path, "ndjson"))
    assert "it is cut: it ends after byte" in ended.value.diagnostics[0].message
    assert len(taken) > 10_000


BOMB = """
import sys
from pathlib import Path
from semantics.errors import LimitError
from semantics.sources import open_source
def peak():
    return int(next(line for line in open("/proc/self/status") if line.startswith("VmHWM")).split()[1])
start = peak()
try:
    list(open_source(Path(sys.argv[1]), "ndjson"))
except LimitError as error:
    print(error.diagnostics[0].code, peak() - start)
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the peak of memory is read from /proc")
def test_a_bomb_is_stopped_in_flat_memory(tmp_path: Path) -> None:
    """A gigabyte of spaces in 33 kB: 1 kB of them may give 32 MB before anybody can say no."""
    path = tmp_path / "bomb.ndjson.zst"
    packing = zstandard.ZstdCompressor().compressobj()
    path.write_bytes(b"".join(packing.compress(b" " * 10_000_000) for _ in range(100)) + packing.flush())
    done = subprocess.run([sys.executable, "-c", BOMB, str(path)], capture_output=True, text=True, check=True)
    code, grown = done.stdout.split()
    assert code == "SRC011"
    assert int(grown) < 100 * 1024


def test_a_frame_that_asks_for_much_memory_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.ndjson.zst"
    path.write_bytes(packed(b"x" * 1000, window_log=28))
    found = refused(path)
    assert found.code == "SRC080"
    assert "--long=27" in str(found.hint)


def test_without_the_extra_the_error_names_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.ndjson.zst"
    path.write_bytes(packed(b'{"a": 1}'))
    monkeypatch.setitem(sys.modules, "zstandard", None)
    found = refused(path)
    assert (found.code, found.hint) == ("SRC081", "pip install 'semantics[zstd]'")
    with pytest.raises(UsageError) as ended:
        open_output(tmp_path / "out.json.zst")
    assert ended.value.diagnostics[0].code == "SRC081"
    assert [found.name for found in tmp_path.iterdir()] == ["a.ndjson.zst"]


@pytest.mark.parametrize("name", ["out.nt.gz", "out.nt.zst"])
def test_compressed_output_has_the_same_bytes_however_it_is_given(tmp_path: Path, name: str) -> None:
    content = b"".join(b"<a> <b> <%d> .\n" % n for n in range(20_000))
    found = []
    for size in (7_000, len(content)):
        (tmp_path / str(size)).mkdir()
        with open_output(tmp_path / str(size) / name) as output:
            for piece in chunked(content, size):
                output.write(piece)
        found.append((tmp_path / str(size) / name).read_bytes())
    assert found[0] == found[1]
    read = b"".join(record.raw or b"" for record in open_source(tmp_path / "7000" / name, "csv", ReadOptions()))
    assert len(read) > 0


def test_blocks_that_are_compressed_by_themselves_are_one_text(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("semantics.sinks.compression.BLOCK", 3)
    blocks: list[bytes] = []
    packing = Packing("a.zst", blocks.append)
    for piece in (b"te", b"xt of", b" many blocks"):
        packing.write(piece)
    packing.finish()
    assert len(blocks) == 7
    assert b"".join(unpacked(iter(blocks), "in", Limits())) == b"text of many blocks"


def test_the_ratio_is_that_of_gzip() -> None:
    with pytest.raises(LimitError) as ended:
        list(unpacked(iter([packed(b" " * 1_000_000)]), "in", Limits(gzip_free=100_000)))
    assert "--max-gzip-ratio" in ended.value.diagnostics[0].message
