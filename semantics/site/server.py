"""The site while it is worked on: served from memory on this machine alone, made anew when a file changes."""

from __future__ import annotations

import mimetypes
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Condition, Event, Thread
from typing import Final
from urllib.parse import parse_qs, unquote, urlsplit

from semantics.errors import Diagnostic, UsageError
from semantics.site.build import Site

__all__ = ["DEFAULT_PORT", "HOST", "Live", "Watch", "serving"]

HOST: Final = "127.0.0.1"
DEFAULT_PORT: Final = 8000
_CHANGES: Final = "/.changes"
_BEAT: Final = 15.0
"""Seconds after which a page that waits for a change hears that there is none yet."""
_HEADERS: Final = {
    "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin", "Content-Security-Policy": "frame-ancestors 'none'",
}  # fmt: skip
_DEFINITIONS: Final = ("ontologies", "mappings", "reports")
_NOT_WATCHED: Final = frozenset({"__pycache__", "node_modules"})
_SETTLED: Final = 500
"""Milliseconds after which it is looked whether anything has changed that was not told."""
_SCRIPT: Final = b"static/reload.js"


class Live:
    """The site as it is now, and its version; who waits for another one is told."""

    def __init__(self, site: Site) -> None:
        self.site, self.version = site, 1
        self._changed = Condition()

    def replace(self, site: Site) -> None:
        """Another site; the same is no change."""
        with self._changed:
            if site.files != self.site.files:
                self.version += 1
                self._changed.notify_all()
            self.site = site

    def wait(self, version: int, seconds: float = _BEAT) -> int:
        """The version, as soon as it is another one, or after some time."""
        with self._changed:
            self._changed.wait_for(lambda: self.version != version, seconds)
            return self.version


class _Handler(BaseHTTPRequestHandler):
    """GET and HEAD of what the site has, for those who asked this machine for it."""

    server_version, sys_version = "semantics", ""

    def __init__(self, live: Live, *arguments: object) -> None:
        self.live = live
        super().__init__(*arguments)  # type: ignore[arg-type]

    def do_GET(self) -> None:
        self._answer(body=True)

    def do_HEAD(self) -> None:
        self._answer(body=False)

    def _answer(self, *, body: bool) -> None:
        port = self.connection.getsockname()[1]
        if self.headers.get("Host", "") not in {f"{name}:{port}" for name in (HOST, "localhost")}:
            # a name of somebody else's that leads here: their pages must not read this site
            self._send(HTTPStatus.MISDIRECTED_REQUEST, b"this server is for its own machine\n", "text/plain", body)
            return
        asked = urlsplit(self.path)
        if asked.path == _CHANGES:
            self._tell(asked.query, body)
            return
        path = unquote(asked.path).removeprefix("/") or "index.html"
        content = self.live.site.files.get(path)
        if content is None:
            self._send(HTTPStatus.NOT_FOUND, b"there is no such page\n", "text/plain", body)
            return
        if path.endswith(".html"):
            content = content.replace(_SCRIPT, _SCRIPT + b"?v=%d" % self.live.version)
        self._send(HTTPStatus.OK, content, mimetypes.guess_type(path)[0] or "application/octet-stream", body)

    def _send(self, status: HTTPStatus, content: bytes, kind: str, body: bool) -> None:
        self.send_response(status)
        for name, value in _HEADERS.items():
            self.send_header(name, value)
        self.send_header("Content-Type", f"{kind}; charset=utf-8" if "text" in kind or "script" in kind else kind)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if body:
            self.wfile.write(content)

    def _tell(self, query: str, body: bool) -> None:
        """Server-sent events: a word when the version is no longer the one that the page has."""
        given = parse_qs(query).get("v", ["0"])[0]
        known = int(given) if given.isdecimal() and len(given) < 10 else 0
        self.send_response(HTTPStatus.OK)
        for name, value in _HEADERS.items():
            self.send_header(name, value)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        while body and self.live.wait(known) == known:
            self.wfile.write(b": nothing yet\n\n")
        if body:
            self.wfile.write(b"data: changed\n\n")

    def handle(self) -> None:
        with suppress(ConnectionError):
            super().handle()

    def log_message(self, format: str, *arguments: object) -> None:
        """Requests are not told."""


@contextmanager
def serving(live: Live, port: int | None = None) -> Iterator[int]:
    """Serve a site; gives the port: the one asked for, else 8000, else one that is free.

    Raises :class:`UsageError` where the port that was asked for cannot be had.
    """
    server = _opened(live, port)
    Thread(target=server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True).start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()


def _opened(live: Live, port: int | None) -> ThreadingHTTPServer:
    handler: Callable[..., BaseHTTPRequestHandler] = partial(_Handler, live)
    for tried in (DEFAULT_PORT, 0) if port is None else (port,):
        with suppress(OSError, OverflowError):
            return ThreadingHTTPServer((HOST, tried), handler)
    raise UsageError(Diagnostic("SIT003", f"port {port} cannot be had", hint="leave out --port, or give another one"))


class Watch:
    """Tells when files of a workspace have changed; what lies ``apart`` from it, or is hidden, is none of it."""

    def __init__(self, root: Path, apart: Path | None = None) -> None:
        self.root, self.apart = root.resolve(), apart
        self._before = self._stamps()

    def changes(self, stop: Event | None = None) -> Iterator[None]:
        """Something each time that files have changed, until ``stop`` is set."""
        from watchfiles import watch

        first = True
        watched = watch(self.root, watch_filter=self._counts, debounce=200, step=50, stop_event=stop,
                        yield_on_timeout=True, rust_timeout=_SETTLED)  # fmt: skip
        for found in watched:
            # what changed before the watching had begun is told by nobody else
            if found or (first and self._stamps() != self._before):
                yield
            first = False

    def _counts(self, _change: object, path: str) -> bool:
        file = Path(path)
        if self.apart is not None and file.is_relative_to(self.apart):
            return False
        parts = file.relative_to(self.root).parts if file.is_relative_to(self.root) else file.parts[-1:]
        return not any(part.startswith(".") or part in _NOT_WATCHED for part in parts)

    def _stamps(self) -> dict[str, tuple[int, int]]:
        """What tells one state of the definitions from another."""
        found = {}
        for path in (path for kind in _DEFINITIONS for path in (self.root / kind).rglob("*")):
            with suppress(OSError):
                told = path.stat()
                found[str(path)] = told.st_mtime_ns, told.st_size
        return found
