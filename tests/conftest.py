"""What all tests share: no cache of the user's, no clock, the data beside the checkout."""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

ALLOWED: list[str] = []
"""Addresses of this machine, where a test starts programs that talk to each other through them."""


def _no_network(event: str, arguments: tuple[object, ...]) -> None:
    """Nothing in this process looks up a host or connects to one."""
    if event in ("socket.getaddrinfo", "socket.connect") and "AF_UNIX" not in repr(arguments):
        if ALLOWED and any(host in repr(arguments) for host in ALLOWED):
            return
        raise AssertionError(f"a test wanted the network: {event}")


sys.addaudithook(_no_network)
SHARED = Path(__file__).resolve().parents[2] / "shared"


# How long a test takes depends on what else the machine does: no test fails of it.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")


# A job in the background is started with Ctrl-C ignored, and so would be the programs that tests interrupt.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


# Programs that tests start keep their compiled code, whatever the one that starts the tests does.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)


@pytest.fixture(autouse=True, scope="session")
def _own_cache(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Prepared mappings are kept for the tests alone: once for all processes that run them."""
    base = tmp_path_factory.getbasetemp()
    os.environ["SEMANTICS_CACHE"] = str((base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "cache")


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real records and bad inputs; absent in a checkout by itself."""
    if not SHARED.is_dir():
        pytest.skip("../shared is not there: real records and bad inputs are not part of the project")
    return SHARED


# -- a PostgreSQL server of one's own ------------------------------------------------------------


def _program(name: str) -> str | None:
    """A program of PostgreSQL, where it is installed."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return shutil.which(name) or next((str(folder / name) for folder in folders if (folder / name).is_file()), None)


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """The folder of the socket of a server that is started for these tests, and ended after them."""
    initdb, postgres = _program("initdb"), _program("postgres")
    if initdb is None or postgres is None:
        pytest.skip("the programs of a PostgreSQL server are not installed")
    pytest.importorskip("psycopg", reason="psycopg is not installed")
    user: dict[str, Any] = {}
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    if os.geteuid() == 0:  # PostgreSQL refuses to be run by root
        owner = next((name for name in ("postgres", "nobody") if _has_user(name)), None)
        if owner is None:
            pytest.skip("PostgreSQL does not run as root, and there is no other user")
        entry = pwd.getpwnam(owner)
        os.chown(folder, entry.pw_uid, entry.pw_gid)
        user = {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
    data = folder / "data"
    quiet: dict[str, Any] = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": folder, **user}
    make = [initdb, "-D", str(data), "-A", "trust", "-U", "postgres", "-E", "UTF8", "--locale=C", "--no-sync"]
    subprocess.run(make, check=True, **quiet)
    settings = ["listen_addresses=", f"unix_socket_directories={folder}", "fsync=off", "shared_buffers=16MB"]
    server = subprocess.Popen([postgres, "-D", str(data), *(f"--{one}" for one in settings)], **quiet)
    try:
        _wait_for(str(folder), server)
        yield str(folder)
    finally:
        server.send_signal(signal.SIGINT)
        server.wait(30)
        shutil.rmtree(folder, ignore_errors=True)


def _has_user(name: str) -> bool:
    try:
        pwd.getpwnam(name)
    except KeyError:
        return False
    return True


def _wait_for(folder: str, server: subprocess.Popen[bytes]) -> None:
    import psycopg

    for _ in range(300):
        assert server.poll() is None, "the server has ended"
        try:
            psycopg.connect(f"postgresql://postgres@/postgres?host={folder}").close()
        except psycopg.OperationalError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError("the server does not answer")


@pytest.fixture
def postgresql(postgresql_server: str) -> Iterator[str]:
    """The connection string of an empty database."""
    import psycopg

    name = f"db{secrets.token_hex(4)}"
    home = f"postgresql://postgres@/postgres?host={postgresql_server}"
    with psycopg.connect(home, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    yield f"postgresql://postgres:geheim@/{name}?host={postgresql_server}"
    with psycopg.connect(home, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


# -- connections on this machine -----------------------------------------------------------------


@pytest.fixture(scope="session")
def loopback() -> Iterator[None]:
    """Lets this process connect to this machine, and to no other."""
    ALLOWED.append("127.0.0.1")
    yield
    ALLOWED.clear()
