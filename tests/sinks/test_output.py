"""Outputs appear whole or not at all, one run at a time, with bytes that depend on nothing but the data."""

from __future__ import annotations

import errno
import gzip
import io
import os
import random
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import zstandard

from semantics.errors import SinkError
from semantics.sinks.output import BUFFER, AtomicFile, DirectOutput, Disk, Mark, open_output, resumable

OLD = b"what was there before\n"
ROOT = Path(__file__).resolve().parents[2]


def plain(written: bytes, suffix: str) -> bytes:
    """What an output holds, without its compression."""
    if suffix == ".zst":
        return bytes(zstandard.ZstdDecompressor().stream_reader(written).readall())
    return gzip.decompress(written) if suffix else written


def code_of(caught: pytest.ExceptionInfo[SinkError]) -> str:
    (diagnostic,) = caught.value.diagnostics
    return diagnostic.code


def leftovers(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.name.endswith(".partial"))


# -- whole or not at all -----------------------------------------------------------------------


def test_a_committed_file_holds_all_bytes_and_leaves_nothing_beside_it(tmp_path: Path) -> None:
    target = tmp_path / "out.nt"
    output = AtomicFile(target)
    for number in range(5):
        output.write(b"%d" % number * BUFFER)
    assert not target.exists()
    output.commit()
    assert b"".join(b"%d" % number * BUFFER for number in range(5)) == target.read_bytes()
    assert ["out.nt"] == [path.name for path in tmp_path.iterdir()]


def test_the_old_file_stays_as_it_is_until_the_commit(tmp_path: Path) -> None:
    target = tmp_path / "out.nt"
    target.write_bytes(OLD)
    with AtomicFile(target) as output:
        output.write(b"x" * (3 * BUFFER))
        assert OLD == target.read_bytes()
    assert b"x" * (3 * BUFFER) == target.read_bytes()


@pytest.mark.parametrize("name", ["out.nt", "out.nt.gz", "out.nt.zst"])
def test_an_abort_leaves_the_old_file_and_nothing_else(tmp_path: Path, name: str) -> None:
    target = tmp_path / name
    target.write_bytes(OLD)
    output = AtomicFile(target)
    output.write(b"x" * (3 * BUFFER))
    output.abort()
    output.abort()
    assert (OLD, [name]) == (target.read_bytes(), [path.name for path in tmp_path.iterdir()])


def test_an_exception_in_the_block_aborts(tmp_path: Path) -> None:
    def run() -> None:
        with AtomicFile(tmp_path / "out.nt") as output:
            output.write(b"x")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run()
    assert [] == list(tmp_path.iterdir())


def test_a_commit_after_the_end_is_refused(tmp_path: Path) -> None:
    output = AtomicFile(tmp_path / "out.nt")
    output.abort()
    with pytest.raises(ValueError, match="closed"):
        output.commit()


def test_a_new_file_has_the_permissions_of_the_umask_and_rejects_are_private(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        for name, mode in (("open.nt", 0o666), ("private.ndjson", 0o600)):
            AtomicFile(tmp_path / name, mode).commit()
    finally:
        os.umask(before)
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
    assert {"open.nt": 0o640, "private.ndjson": 0o600} == modes


def test_permissions_of_the_file_that_is_replaced_are_kept(tmp_path: Path) -> None:
    target = tmp_path / "out.nt"
    target.write_bytes(OLD)
    target.chmod(0o604)
    AtomicFile(target).commit()
    assert 0o604 == stat.S_IMODE(target.stat().st_mode)


def test_a_symbolic_link_stays_and_its_file_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    link = tmp_path / "latest.nt"
    link.symlink_to("data/2024.nt")
    with AtomicFile(link) as output:
        output.write(b"x")
    assert (True, b"x") == (link.is_symlink(), (tmp_path / "data" / "2024.nt").read_bytes())


def test_the_temporary_file_is_never_opened_through_a_link(tmp_path: Path) -> None:
    """A link that somebody has put under its name is taken away, and what it leads to stays as it is."""
    victim = tmp_path / "victim"
    victim.write_bytes(OLD)
    trap = tmp_path / ".out.nt.partial"
    trap.symlink_to(victim)
    with AtomicFile(tmp_path / "out.nt") as output:
        output.write(b"new")
    assert (OLD, b"new") == (victim.read_bytes(), (tmp_path / "out.nt").read_bytes())
    (tmp_path / ".out.nt.partial").symlink_to(victim)
    assert not resumable(tmp_path / "out.nt", Mark(1))
    with pytest.raises(SinkError) as caught:
        AtomicFile(tmp_path / "out.nt", mark=Mark(1))
    assert ("SNK002", OLD) == (code_of(caught), victim.read_bytes())


def test_a_file_goes_on_from_its_mark(tmp_path: Path) -> None:
    """What was written behind the mark is cut away, compressed or not."""
    for name in ("out.nt", "out.nt.gz", "out.nt.zst"):
        (tmp_path / "whole").mkdir(exist_ok=True)
        with AtomicFile(tmp_path / "whole" / name) as output:
            output.write(b"first")
            output.write(b"second")
        begun = AtomicFile(tmp_path / name)
        begun.write(b"first")
        mark = begun.mark()
        begun.write(b"lost" * 1_000_000)
        begun.abort(keep=True)
        assert mark is not None
        assert resumable(tmp_path / name, mark)
        with AtomicFile(tmp_path / name, mark=mark) as output:
            output.write(b"second")
        assert (tmp_path / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()


def test_a_very_long_name_is_fine(tmp_path: Path) -> None:
    target = tmp_path / ("é" * 126)
    AtomicFile(target).commit()
    assert [target] == list(tmp_path.iterdir())


# -- what cannot be written --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("none/out.nt", "No such file or directory"),
        (".", "Is a directory"),
        ("a\0b", "it is not the name of a file"),
        ("x" * 300, "File name too long"),
    ],
)
def test_an_output_that_cannot_be_made_says_why(tmp_path: Path, name: str, reason: str) -> None:
    with pytest.raises(SinkError) as caught:
        open_output(tmp_path / name)
    (diagnostic,) = caught.value.diagnostics
    assert ("SNK002", f"cannot be written: {reason}", 4) == (
        diagnostic.code,
        diagnostic.message,
        caught.value.exit_code,
    )
    assert str(tmp_path / name) == diagnostic.location.file if diagnostic.location else None


@contextmanager
def nobody() -> Iterator[None]:
    """Without the rights of root, if we have them."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


def test_a_read_only_directory_is_refused() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "out.nt").write_bytes(OLD)
        folder.chmod(0o555)
        with nobody(), pytest.raises(SinkError) as caught:
            AtomicFile(folder / "out.nt")
        folder.chmod(0o755)
        assert ("SNK002", OLD, []) == (code_of(caught), (folder / "out.nt").read_bytes(), leftovers(folder))


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the system has no /dev/full")
@pytest.mark.parametrize("size", [1, 3 * BUFFER])
def test_a_full_device_is_a_clear_error(size: int) -> None:
    output = open_output("/dev/full")

    def run() -> None:
        output.write(b"x" * size)
        output.commit()

    with pytest.raises(SinkError, match="No space left on device") as caught:
        run()
    output.abort()
    assert ("SNK003", True) == (code_of(caught), stat.S_ISCHR(Path("/dev/full").stat().st_mode))


def test_a_device_is_never_replaced_by_a_file() -> None:
    with open_output(os.devnull) as output:
        output.write(b"x")
    with pytest.raises(SinkError):
        AtomicFile(os.devnull)
    assert stat.S_ISCHR(Path(os.devnull).stat().st_mode)


# -- two runs ----------------------------------------------------------------------------------


def test_a_second_run_to_the_same_output_is_refused_until_the_first_has_ended(tmp_path: Path) -> None:
    target = tmp_path / "out.nt"
    first = AtomicFile(target)
    with pytest.raises(SinkError) as caught:
        AtomicFile(tmp_path / "." / "out.nt")
    assert "SNK004" == code_of(caught)
    AtomicFile(tmp_path / "other.nt").abort()
    first.write(b"first")
    first.commit()
    with AtomicFile(target) as second:
        second.write(b"second")
    assert (b"second", []) == (target.read_bytes(), leftovers(tmp_path))


def test_a_lock_whose_file_was_replaced_in_between_is_not_believed(tmp_path: Path) -> None:
    class Racing(Disk):
        """Another run ends, and removes the lock file, between our opening it and locking it."""

        ended = False

        def lock(self, descriptor: int) -> None:
            if not self.ended:
                self.ended = True
                next(tmp_path.glob(".*~lock.partial")).unlink()
            super().lock(descriptor)

    first = AtomicFile(tmp_path / "out.nt", disk=Racing())
    with pytest.raises(SinkError):
        AtomicFile(tmp_path / "out.nt")
    first.abort()


WRITER = """
import sys
from semantics.sinks.output import AtomicFile
output = AtomicFile(sys.argv[1])
print("begun", flush=True)
while True:
    output.write(b"y" * 5000)
"""


@contextmanager
def other_run(target: Path) -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen([sys.executable, "-c", WRITER, str(target)], stdout=subprocess.PIPE, cwd=ROOT) as process:
        assert process.stdout
        assert b"begun\n" == process.stdout.readline()
        try:
            yield process
        finally:
            process.send_signal(signal.SIGKILL)
            process.wait()


def test_a_kill_in_mid_write_leaves_the_old_file_and_the_name_free(tmp_path: Path) -> None:
    target = tmp_path / "out.nt"
    target.write_bytes(OLD)
    chance = random.Random(7)
    for _ in range(4):
        with other_run(target):
            with pytest.raises(SinkError) as caught:
                AtomicFile(target)
            assert "SNK004" == code_of(caught)
            time.sleep(chance.random() / 20)
        assert OLD == target.read_bytes()
        assert {"out.nt"} == {path.name for path in tmp_path.iterdir()} - set(leftovers(tmp_path))
    with AtomicFile(target) as output:
        output.write(b"new")
    assert (b"new", False) == (target.read_bytes(), (tmp_path / ".out.nt~lock.partial").exists())


# -- every call can fail -----------------------------------------------------------------------


class Failing(Disk):
    """The call with this number fails, the way that is asked for."""

    def __init__(self, number: int, fault: int | str) -> None:
        self.left, self.fault, self.failed = number, fault, ""

    def _maybe(self, name: str) -> None:
        self.left -= 1
        if self.left == 0:
            self.failed = name
            if isinstance(self.fault, int):
                raise OSError(self.fault, os.strerror(self.fault))

    def __getattribute__(self, name: str) -> Any:
        found = super().__getattribute__(name)
        if name.startswith("_") or name not in vars(Disk):
            return found

        def call(*arguments: Any) -> Any:
            if name == "write" and self.fault == "short":
                arguments = (arguments[0], memoryview(arguments[1])[: 1 + self.left % 1000])
            else:
                self._maybe(name)
            return found(*arguments)

        return call


@pytest.mark.parametrize("suffix", ["", ".gz", ".zst"])
@pytest.mark.parametrize("fault", [errno.ENOSPC, errno.EIO, errno.EINTR])
def test_whichever_call_fails_the_output_is_old_or_whole_and_the_error_is_clear(
    tmp_path: Path, fault: int, suffix: str
) -> None:
    content = random.Random(1).randbytes(2 * BUFFER + 17)
    failures = []
    for number in range(1, 100):
        folder = tmp_path / str(number)
        folder.mkdir()
        target = folder / f"out.nt{suffix}"
        target.write_bytes(OLD)
        disk = Failing(number, fault)
        error = None
        try:
            with AtomicFile(target, disk=disk) as output:
                output.write(content[:100])
                output.write(content[100:])
        except SinkError as found:
            error = found.diagnostics[0]
        if not disk.failed:
            break
        failures.append(disk.failed)
        written = target.read_bytes()
        if written != OLD:
            assert content == plain(written, suffix)
            assert error is None or "SNK005" == error.code
        else:
            assert error is not None
        if disk.failed not in {"unlink", "lock", "same"}:
            assert [] == leftovers(folder)
        AtomicFile(target).commit()
    assert {"open", "write", "fsync", "rename", "unlink", "close", "lock", "same", "chmod"} == set(failures)
    assert error is None


@pytest.mark.parametrize("suffix", ["", ".gz", ".zst"])
def test_the_name_is_taken_after_the_bytes_are_on_the_disk(tmp_path: Path, suffix: str) -> None:
    class Recording(Failing):
        def _maybe(self, name: str) -> None:
            calls.append(name)

    calls: list[str] = []
    with AtomicFile(tmp_path / f"out{suffix}", disk=Recording(0, 0)) as output:
        output.write(b"x")
    assert ["write", "fsync", "close", "rename", "open", "fsync", "close", "unlink", "close"] == calls[-9:]


def test_short_writes_lose_nothing(tmp_path: Path) -> None:
    content = random.Random(2).randbytes(BUFFER + 5)
    with AtomicFile(tmp_path / "out.nt", disk=Failing(10**9, "short")) as output:
        output.write(content)
    assert content == (tmp_path / "out.nt").read_bytes()


# -- gzip --------------------------------------------------------------------------------------


def test_compressed_bytes_depend_on_the_data_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    content = b"the same line\n" * 50_000
    made = []
    for name, clock, chunk in (("a.nt.gz", 1.0, 7_000), ("b.nt.gz", 2e9, 7_000), ("c.nt.GZ", 3e9, 123_456)):
        monkeypatch.setattr(time, "time", lambda clock=clock: clock)
        with AtomicFile(tmp_path / name) as output:
            for start in range(0, len(content), chunk):
                output.write(content[start : start + chunk])
        made.append((tmp_path / name).read_bytes())
    assert content == gzip.decompress(made[0])
    assert made[0] == made[1] == made[2]


# -- standard output ---------------------------------------------------------------------------


def test_standard_output_gets_all_bytes_after_what_was_printed(capfdbinary: Any) -> None:
    print("first")
    with open_output("-") as output:
        output.write(b"\xff" + b"x" * BUFFER)
    assert b"first\n\xff" + b"x" * BUFFER == capfdbinary.readouterr().out


def test_standard_output_without_a_descriptor_is_written_too(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(stream, encoding="utf-8"))
    with open_output("-") as output:
        output.write(b"\xffbytes")
    assert b"\xffbytes" == stream.getvalue()


def test_an_abort_adds_nothing_to_standard_output(capfdbinary: Any) -> None:
    output = open_output("-")
    output.write(b"x")
    output.abort()
    assert b"" == capfdbinary.readouterr().out


def test_standard_output_that_is_closed_is_a_clear_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", None)
    with pytest.raises(SinkError) as caught:
        open_output("-")
    assert "SNK002" == code_of(caught)


@pytest.mark.parametrize("act", ["write", "commit"])
def test_a_reader_that_has_gone_comes_through_as_a_broken_pipe(monkeypatch: pytest.MonkeyPatch, act: str) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w") as stream:
        monkeypatch.setattr(sys, "stdout", stream)
        output = DirectOutput()
        if act == "commit":
            output.write(b"x")
        steps: dict[str, Callable[[], None]] = {
            "write": lambda: output.write(b"x" * (2 * BUFFER)),
            "commit": output.commit,
        }
        with pytest.raises(BrokenPipeError):
            steps[act]()
        output.abort()


def test_a_named_pipe_is_written_straight_through(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with subprocess.Popen(["cat", str(pipe)], stdout=subprocess.PIPE) as reader:
        with open_output(pipe) as output:
            output.write(b"through")
        assert reader.stdout
        assert b"through" == reader.stdout.read()
    assert stat.S_ISFIFO(pipe.stat().st_mode)
