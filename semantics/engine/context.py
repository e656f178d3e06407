"""What the operator gives to a run: its instant, and the key for pseudonyms; read once, before the first record.

The instant is the one that was asked for, else ``SOURCE_DATE_EPOCH`` (seconds since 1970, the convention for
reproducible builds), else the clock. The key is the content of a file, else ``SEMANTICS_PSEUDONYM_KEY``.
"""

from __future__ import annotations

import hmac
import os
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from semantics.errors import Diagnostic, UsageError
from semantics.expressions.context import RunContext, active, current
from semantics.expressions.values import Moment
from semantics.lexical import FROM_DATA, LexicalError, Primitive, has_offset

__all__ = ["KEY_VARIABLE", "begin", "key_mark", "running"]

KEY_VARIABLE: Final = "SEMANTICS_PSEUDONYM_KEY"
_KEY_BYTES: Final = 16
_KEY_FILE_BYTES: Final = 4096


def begin(
    needs: Collection[str], *, now: datetime | str | None = None, key_file: str | Path | None = None
) -> RunContext | None:
    """The context of a run whose functions need "now" or "key"; None where they need nothing.

    A run inside another shares what that one has. Raises :class:`UsageError` for an instant that is none, and for a
    key that is missing, cannot be read or is too short; never with the key in it.
    """
    if not needs:
        return None
    outer = current()
    moment = outer.now or _instant(now)
    return RunContext(moment, (outer.key or _key(key_file)) if "key" in needs else None)


def key_mark(needs: Collection[str], key_file: str | Path | None = None) -> str:
    """What tells one key from another, and nothing of it; empty where none is needed. Raises as ``begin``."""
    if "key" not in needs:
        return ""
    return hmac.new(current().key or _key(key_file), b"the key of an interrupted run", "sha256").hexdigest()


@contextmanager
def running(
    needs: Collection[str], *, now: datetime | str | None = None, key_file: str | Path | None = None
) -> Iterator[RunContext | None]:
    """The context of :func:`begin`, in force while the block runs."""
    context = begin(needs, now=now, key_file=key_file)
    if context is None:
        yield None
        return
    with active(context):
        yield context


def _instant(given: datetime | str | None) -> Moment:
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "").strip()
    try:
        if isinstance(given, str):
            if not has_offset(FROM_DATA[Primitive.DATETIME](given)):
                raise ValueError
            given = datetime.fromisoformat(given)
        if given is None:
            given = datetime.fromtimestamp(int(epoch), UTC) if epoch else datetime.now(UTC).replace(microsecond=0)
        if given.utcoffset() is None:
            raise ValueError
        text = given.astimezone(UTC).isoformat()
    except (LexicalError, ValueError, OverflowError, OSError):
        what = "SOURCE_DATE_EPOCH" if given is None else "the instant of the run"
        hint = "a number of seconds since 1970" if given is None else "write YYYY-MM-DDThh:mm:ssZ, or with an offset"
        raise UsageError(Diagnostic("EXP014", f"{what} is not a moment", hint=hint)) from None
    return Moment.of(text.removesuffix("+00:00") + "Z")


def _key(file: str | Path | None) -> bytes:
    if file is not None:
        try:
            with Path(file).open("rb") as opened:
                key = opened.read(_KEY_FILE_BYTES + 1).rstrip(b"\r\n")
        except OSError as fault:
            raise UsageError(
                Diagnostic("EXP013", f"the key for pseudonyms cannot be read: {fault.strerror or 'no such file'}")
            ) from None
    else:
        key = os.environ.get(KEY_VARIABLE, "").encode(errors="surrogateescape")
        if not key:
            raise UsageError(
                Diagnostic("EXP012", "pseudonym() needs a key, and the operator gave none",
                           hint=f"set {KEY_VARIABLE}, or pass --pseudonym-key FILE")
            )  # fmt: skip
    if not _KEY_BYTES <= len(key) <= _KEY_FILE_BYTES:
        raise UsageError(
            Diagnostic("EXP013", f"a key for pseudonyms has {_KEY_BYTES} to {_KEY_FILE_BYTES} bytes",
                       hint="make one with: openssl rand -hex 32")
        )  # fmt: skip
    return key
