"""The site while it is worked on: served to this machine alone, and made anew when a file changes."""

from __future__ import annotations

import http.client
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread

import pytest

from semantics.errors import UsageError
from semantics.site.build import Workshop
from semantics.site.server import HOST, Live, Watch, serving
from semantics.workspace import Workspace

Make = Callable[[Path, dict[str, str]], Workspace]


def asked(port: int, path: str, method: str = "GET", host: str | None = None) -> tuple[int, str]:
    """The status and text of an answer."""
    connection = http.client.HTTPConnection(HOST, port, timeout=20)
    connection.putrequest(method, path, skip_host=True)
    connection.putheader("Host", host or f"{HOST}:{port}")
    connection.endheaders()
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    return answer.status, text


@pytest.fixture(scope="module")
def workshop(tmp_path_factory: pytest.TempPathFactory, make_workspace: Make, small: dict[str, str]) -> Workshop:
    return Workshop(make_workspace(tmp_path_factory.mktemp("served"), small), served=True)


@pytest.fixture(scope="module")
def live(workshop: Workshop) -> Live:
    return Live(workshop.build())


@contextmanager
def watched(workshop: Workshop, live: Live) -> Iterator[None]:
    """Files are watched, as the command does it."""
    stop = Event()

    watch = Watch(workshop.workspace.roots[0])

    def work() -> None:
        for _ in watch.changes(stop):
            live.replace(workshop.build())

    thread = Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(20)


@pytest.mark.usefixtures("loopback")
def test_a_page_changes_when_its_file_does_and_is_told_so(workshop: Workshop, live: Live) -> None:
    file = workshop.workspace.roots[0] / "ontologies" / "meters.yaml"
    text = file.read_text("utf-8")
    with serving(live, 0) as port, watched(workshop, live):
        before = asked(port, "/models/meters/Meter.html")[1]
        assert "A measuring device." in before
        assert f"static/reload.js?v={live.version}" in before
        told: list[str] = []
        waiting = Thread(target=lambda: told.append(asked(port, f"/.changes?v={live.version}")[1]))
        waiting.start()
        other = file.with_name(".meters.yaml")
        other.write_text(text.replace("A measuring device", "Another device"), "utf-8")
        other.replace(file)  # perhaps before the watching has begun
        waiting.join(20)
        assert told == ["data: changed\n\n"]
        assert "Another device." in asked(port, "/models/meters/Meter.html")[1]


@pytest.mark.usefixtures("loopback")
def test_the_server_is_for_its_own_machine_and_only_tells(live: Live) -> None:
    with serving(live, 0) as port:
        assert asked(port, "/")[0] == 200
        assert asked(port, "/index.html?x=1", host=f"localhost:{port}")[0] == 200
        assert asked(port, "/", host="evil.example")[0] == 421, "a name that was made to lead here"
        assert asked(port, "/", host=f"evil.example:{port}")[0] == 421
        assert asked(port, "/", "HEAD") == (200, "")
        assert asked(port, "/", "POST")[0] == 501
        for path in ("/../mappings/meters.yaml", "/%2e%2e/mappings/meters.yaml", "//etc/passwd", "/static", "/%00"):
            assert asked(port, path)[0] == 404
        with pytest.raises(UsageError) as fault, serving(live, port):
            pass
        assert fault.value.diagnostics[0].code == "SIT003"


def test_what_has_not_changed_is_not_made_anew(tmp_path: Path, make_workspace: Make, small: dict[str, str]) -> None:
    """Pages and mappings that a change has nothing to do with are the very same objects."""
    workshop = Workshop(make_workspace(tmp_path, small))
    before = workshop.build()
    file = tmp_path / "mappings" / "meters.tests.yaml"
    file.write_text(file.read_text("utf-8").replace("this one is wrong", "this one is amiss"), "utf-8")
    after = workshop.build()
    changed = {path for path in after.files if after.files[path] is not before.files.get(path)}
    assert "mappings/meters/tests.html" in changed
    assert [path for path in changed if path.startswith(("models/", "codes/", "links/"))] == []
