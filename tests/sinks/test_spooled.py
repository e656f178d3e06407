"""Files that are made of a spool at the end: exact rows, all or nothing, one run at a time."""

from __future__ import annotations

import errno
import io
import os
import signal
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from semantics.errors import SinkError, UsageError
from semantics.extras import imported
from semantics.lexical import LexicalError
from semantics.records import Instance
from semantics.schema.model import SchemaModel
from semantics.sinks.base import EncodedSink
from semantics.sinks.output import AtomicFile, Disk
from semantics.sinks.spooled import Batch, SpooledFile, SpoolEncoder, open_spooled, packed, unpacked

OLD = b"what was there before\n"
ROOT = Path(__file__).resolve().parents[2]
ROWS: list[tuple[str, Any]] = [
    ("Thing", {"id": "ex:1", "amount": Decimal("7887.20"), "none": None, "yes": True, "ratio": 0.1}),
    ("Thing", {"big": 10**40, "small": -(2**63), "under": -(2**63) - 1, "list": [Decimal("1E+3"), ["é"], {}]}),
    ("Other", [1, Decimal("-0.00"), "2024-05-29"]),
]


class Lines:
    """Writes a line for each row; in memory it keeps the batches that it was given."""

    def __init__(self, fault: BaseException | None = None) -> None:
        self.batches: list[Batch] = []
        self.fault = fault

    def build(self, batches: Iterator[Batch], partial: Path) -> None:
        assert not partial.exists()
        with partial.open("w") as file:
            for batch in batches:
                self.batches.append(batch)
                file.writelines(f"{class_name} {data}\n" for class_name, data in batch)
            if self.fault is not None:
                raise self.fault


def code_of(caught: pytest.ExceptionInfo[Any]) -> str:
    return str(caught.value.diagnostics[0].code)


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


# -- rows --------------------------------------------------------------------------------------


def test_rows_come_back_exactly_as_they_were_written() -> None:
    ((*found,),) = unpacked(io.BytesIO(b"".join(packed(*row) for row in ROWS)))
    assert ROWS == found
    assert [repr(row) for row in ROWS] == [repr(row) for row in found]


def test_a_batch_holds_no_more_than_it_may() -> None:
    spool = b"".join(packed("A", "x" * 100) for _ in range(10))
    by_rows = [len(batch) for batch in unpacked(io.BytesIO(spool), rows=4)]
    by_bytes = [len(batch) for batch in unpacked(io.BytesIO(spool), size=250)]
    assert ([4, 4, 2], [3, 3, 3, 1]) == (by_rows, by_bytes)


@pytest.mark.parametrize("cut", [1, 5, 30])
def test_a_spool_that_ends_within_a_row_is_damaged(cut: int) -> None:
    with pytest.raises(SinkError) as caught:
        list(unpacked(io.BytesIO(packed("A", "x" * 40) + packed("A", "y" * 40)[:cut])))
    assert "SNK031" == code_of(caught)


def test_what_no_row_can_hold_is_a_fault_of_its_instance(schema: SchemaModel) -> None:
    deep: list[Any] = []
    for _ in range(5000):
        deep = [deep]
    for value in ("\ud800", deep):
        with pytest.raises(LexicalError):
            SpoolEncoder(schema).encode(Instance("A", {"a": value}), "1-1-0")


# -- all or nothing ----------------------------------------------------------------------------


def test_the_file_is_made_of_all_rows_in_their_order_and_nothing_stays_beside_it(
    tmp_path: Path, schema: SchemaModel
) -> None:
    target, builder = tmp_path / "out.rows", Lines()
    sink = EncodedSink(SpoolEncoder(schema), open_spooled(target, builder, form="rows"))
    for class_name, data in ROWS:
        sink.write(Instance(class_name, data), "1-1-0")
    sink.finish()
    sink.prepare()
    assert ([ROWS], False) == (builder.batches, target.exists())
    sink.commit()
    assert "".join(f"{name} {data}\n" for name, data in ROWS) == target.read_text()
    assert {"out.rows"} == names(tmp_path)


def test_no_rows_make_an_empty_file(tmp_path: Path) -> None:
    SpooledFile(tmp_path / "out.rows", Lines()).commit()
    assert b"" == (tmp_path / "out.rows").read_bytes()


def test_an_abort_leaves_the_old_file_before_and_after_the_file_was_made(tmp_path: Path) -> None:
    for prepared in (False, True):
        (tmp_path / "out.rows").write_bytes(OLD)
        output = SpooledFile(tmp_path / "out.rows", Lines())
        output.write(packed(*ROWS[0]))
        if prepared:
            output.prepare()
        output.abort()
        assert (OLD, {"out.rows"}) == ((tmp_path / "out.rows").read_bytes(), names(tmp_path))


@pytest.mark.parametrize("fault", [OSError(errno.ENOSPC, "full"), KeyboardInterrupt()])
def test_a_builder_that_fails_leaves_the_old_file_and_nothing_else(tmp_path: Path, fault: BaseException) -> None:
    (tmp_path / "out.rows").write_bytes(OLD)

    def run() -> None:
        with SpooledFile(tmp_path / "out.rows", Lines(fault)) as output:
            output.write(packed(*ROWS[0]))

    with pytest.raises(SinkError if isinstance(fault, OSError) else KeyboardInterrupt):
        run()
    assert (OLD, {"out.rows"}) == ((tmp_path / "out.rows").read_bytes(), names(tmp_path))


class Failing(Disk):
    """The call with this number fails."""

    def __init__(self, number: int) -> None:
        self.left, self.failed = number, ""

    def __getattribute__(self, name: str) -> Any:
        found = super().__getattribute__(name)
        if name.startswith("_") or name not in vars(Disk):
            return found

        def call(*arguments: Any) -> Any:
            self.left -= 1
            if self.left == 0:
                self.failed = name
                raise OSError(errno.EIO, os.strerror(errno.EIO))
            return found(*arguments)

        return call


def test_whichever_call_fails_the_output_is_old_or_whole(tmp_path: Path) -> None:
    failures = []
    for number in range(1, 100):
        folder = tmp_path / str(number)
        folder.mkdir()
        target = folder / "out.rows"
        target.write_bytes(OLD)
        disk, error = Failing(number), None
        try:
            with SpooledFile(target, Lines(), disk=disk) as output:
                output.write(packed(*ROWS[0]))
        except SinkError as found:
            error = found.diagnostics[0]
        if not disk.failed:
            break
        failures.append(disk.failed)
        if target.read_bytes() != OLD:
            assert f"Thing {ROWS[0][1]}\n" == target.read_text()
            assert error is None or "SNK005" == error.code
        else:
            assert error is not None
        if disk.failed not in {"unlink", "lock", "same"}:
            assert {"out.rows"} == names(folder)
    assert {"open", "write", "fsync", "rename", "unlink", "close", "lock", "chmod"} <= set(failures)


KILLED = """
import os, signal, sys
from semantics.sinks.spooled import SpooledFile, packed
class Dies:
    def build(self, batches, partial):
        partial.write_text("half of it")
        os.kill(os.getpid(), signal.SIGKILL)
with SpooledFile(sys.argv[1], Dies()) as output:
    output.write(packed("A", {}))
"""


def test_a_kill_while_the_file_is_made_leaves_the_old_file_and_the_name_free(tmp_path: Path) -> None:
    target = tmp_path / "out.rows"
    target.write_bytes(OLD)
    died = subprocess.run([sys.executable, "-c", KILLED, str(target)], cwd=ROOT, check=False)
    assert (-signal.SIGKILL, OLD) == (died.returncode, target.read_bytes())
    assert all(name.endswith(".partial") for name in names(tmp_path) - {"out.rows"})
    with SpooledFile(target, Lines()) as output:
        output.write(packed("A", 1))
    assert b"A 1\n" == target.read_bytes()


# -- two runs, permissions ---------------------------------------------------------------------


@pytest.mark.parametrize("other", [AtomicFile, lambda path: SpooledFile(path, Lines())])
def test_a_second_run_to_the_same_output_is_refused(tmp_path: Path, other: Callable[[Path], AtomicFile]) -> None:
    first = SpooledFile(tmp_path / "out.rows", Lines())
    first.prepare()
    with pytest.raises(SinkError) as caught:
        other(tmp_path / "out.rows")
    assert "SNK004" == code_of(caught)
    first.commit()
    other(tmp_path / "out.rows").abort()


def test_permissions_of_the_file_that_is_replaced_are_kept(tmp_path: Path) -> None:
    target = tmp_path / "out.rows"
    target.write_bytes(OLD)
    target.chmod(0o604)
    SpooledFile(target, Lines()).commit()
    assert 0o604 == stat.S_IMODE(target.stat().st_mode)


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ("-", "rows cannot be written to standard output"),
        (os.devnull, "rows cannot be written to a pipe or device"),
        ("out.rows.gz", "a rows file is not compressed as a whole"),
    ],
)
def test_an_output_that_is_no_file_is_refused(target: str, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        open_spooled(target, Lines(), form="rows")
    assert ("SNK030", message) == (code_of(caught), caught.value.diagnostics[0].message)


def test_a_library_that_is_missing_is_named_with_its_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    with pytest.raises(UsageError) as caught:
        imported("pyarrow.parquet", "arrow", "SNK032")
    (found,) = caught.value.diagnostics
    assert ("SNK032", "pip install 'semantics[arrow]'") == (found.code, found.hint)
