"""A program that has everything imported and forks: each fork runs one ``semantics`` command line, as if called anew.

It reads orders from standard input, one JSON object a line, and answers on standard output: ``{"pid"}`` when the
command has begun, ``{"status"}`` (as of ``waitpid``) when it has ended. Each command has a process group of its own.
Started with the library of ``trouble.c`` before it (LD_PRELOAD) it arms that in the fork.
"""

from __future__ import annotations

import ctypes
import gc
import json
import os
import signal
import sys
from typing import Any, NoReturn


def carried_out(order: dict[str, Any]) -> NoReturn:
    """Be the command: its folder, its streams, its environment; then run it to its end."""
    os.setsid()
    os.chdir(order["folder"])
    for number, (name, flags) in enumerate(
        [(order["stdin"], os.O_RDONLY), (order["stdout"], os.O_WRONLY), (order["stderr"], os.O_WRONLY)]
    ):
        descriptor = os.open(name, flags | (os.O_CREAT | os.O_APPEND if flags else 0), 0o600)
        os.dup2(descriptor, number)
        os.close(descriptor)
    os.environ.update(order["environment"])
    for name, most in order["limits"].items():
        import resource

        resource.setrlimit(getattr(resource, name), (most, most))
    if (trouble := order["trouble"]) is not None:
        library = ctypes.CDLL(os.environ["LD_PRELOAD"])
        library.arm(
            *(os.fsencode(trouble[key]) for key in ("below", "log")), ctypes.c_long(trouble["number"]),
            trouble["fault"], trouble["mode"], os.fsencode(trouble["calls"]),
        )  # fmt: skip
    if order["watched"] is not None:
        watch(order["watched"])
    if order["deadly"] is not None:
        make_deadly(order["deadly"])
    if order["checkpoint"] is not None:
        check_often(order["checkpoint"])
    from semantics.cli import main

    main(order["arguments"])
    raise AssertionError("the command line ends with its exit code")


def watch(log: str) -> None:
    """Note what is opened, and what else reaches out of the program: an event of Python's a line."""
    descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    outside = ("socket.", "subprocess.", "os.system", "os.exec", "os.posix_spawn", "ctypes.", "webbrowser.", "ftplib.")

    def seen(event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open":
            name, _, flags = arguments
            writes = isinstance(flags, int) and flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
            if isinstance(name, int):
                return
            where = os.path.abspath(os.fsdecode(name)) if isinstance(name, (str, bytes)) else str(name)  # noqa: PTH100
            os.write(descriptor, f"{'write' if writes else 'read'} {where}\n".encode("utf-8", "backslashreplace"))
        elif event.startswith(outside):
            os.write(descriptor, f"{event} {arguments!r}\n".encode("utf-8", "backslashreplace"))

    sys.addaudithook(seen)


def make_deadly(word: str) -> None:
    """Whichever process capitalizes this word is killed."""
    from semantics.expressions.functions import FUNCTIONS

    spec = FUNCTIONS["capitalize"]
    harmless = spec.body

    def deadly(text: str) -> str:
        if text == word:
            os.kill(os.getpid(), signal.SIGKILL)
        return str(harmless(text))

    object.__setattr__(spec, "body", deadly)


def check_often(seconds: float) -> None:
    """Have the run write a checkpoint after so many seconds and few records: its blocks and batches are small."""
    from semantics.engine import batches, convert
    from semantics.sources import compressed, stream

    own = convert.convert
    convert.convert = lambda *given, **options: own(*given, checkpoint=seconds, **options)
    stream._BLOCK = compressed._BLOCK = 5_000
    batches.RECORDS = 50


def serve() -> None:
    """Carry out one order after the other, as long as there are any."""
    answers = os.fdopen(os.dup(1), "wb", buffering=0)
    for line in sys.stdin.buffer:
        order = json.loads(line)
        pid = os.fork()
        if not pid:
            answers.close()
            carried_out(order)
        answers.write(json.dumps({"pid": pid}).encode() + b"\n")
        _, status = os.waitpid(pid, 0)
        answers.write(json.dumps({"status": status}).encode() + b"\n")


def warm_up(arguments: list[str]) -> None:
    """Import everything that a conversion imports, by running one."""
    from semantics.cli import _run

    if (code := _run(arguments)) not in (0, 1):
        raise SystemExit(code)


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for folder, command in json.loads(sys.argv[1]):
        os.chdir(folder)
        warm_up(command)
    gc.collect()
    gc.freeze()
    serve()
