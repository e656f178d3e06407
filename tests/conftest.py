"""What all tests share: no cache of the user's, no clock, the data beside the checkout."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest


def _no_network(event: str, arguments: tuple[object, ...]) -> None:
    """Nothing in this process looks up a host or connects to one."""
    if event in ("socket.getaddrinfo", "socket.connect") and "AF_UNIX" not in repr(arguments):
        raise AssertionError(f"a test wanted the network: {event}")


sys.addaudithook(_no_network)
SHARED = Path(__file__).resolve().parents[2] / "shared"


@pytest.fixture(autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test keeps prepared mappings to itself."""
    monkeypatch.setenv("SEMANTICS_CACHE", str(tmp_path_factory.getbasetemp() / "cache"))


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real records and bad inputs; absent in a checkout by itself."""
    if not SHARED.is_dir():
        pytest.skip("../shared is not there: real records and bad inputs are not part of the project")
    return SHARED
