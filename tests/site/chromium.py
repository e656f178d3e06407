"""A headless Chromium, spoken to through pipes (Chrome DevTools Protocol): no port, no driver."""

from __future__ import annotations

import base64
import json
import os
import select
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
SECONDS = 60.0
PLUMBED = (
    "import os, sys; os.dup2(int(sys.argv[1]), 3); os.dup2(int(sys.argv[2]), 4); os.execv(sys.argv[3], sys.argv[3:])"
)
"""The browser hears through its third file and answers through its fourth."""


def program() -> str | None:
    """The browser, where there is one."""
    return next((found for name in NAMES if (found := shutil.which(name))), None)


class Chromium:
    """One page of a browser."""

    def __init__(self, profile: Path) -> None:
        to_child, self._write = os.pipe()
        self._read, from_child = os.pipe()
        command = [
            str(program()), "--headless=new", "--no-sandbox", "--disable-gpu", "--remote-debugging-pipe",
            "--disable-background-networking", "--no-first-run", f"--user-data-dir={profile}", "about:blank",
        ]  # fmt: skip
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-S", "-c", PLUMBED, str(to_child), str(from_child), *command],
            pass_fds=(to_child, from_child), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        os.close(to_child)
        os.close(from_child)
        self._number, self._rest, self._session = 0, b"", None
        self.said: list[str] = []
        """What the page complained about: errors, and what its policy refused."""
        targets = self.call("Target.getTargets")["targetInfos"]
        page = next(target["targetId"] for target in targets if target["type"] == "page")
        self._session = self.call("Target.attachToTarget", targetId=page, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log"):
            self.call(f"{domain}.enable")

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Ask the browser for something, and wait for its answer."""
        self._number += 1
        session = {"sessionId": self._session} if self._session else {}
        request = {"id": self._number, "method": method, "params": parameters, **session}
        os.write(self._write, json.dumps(request).encode() + b"\0")
        while (told := self._next()).get("id") != self._number:
            self._event(told)
        assert "error" not in told, told
        return dict(told["result"])

    def _next(self) -> dict[str, Any]:
        while b"\0" not in self._rest:
            assert select.select([self._read], [], [], SECONDS)[0], "the browser does not answer"
            read = os.read(self._read, 1 << 20)
            assert read, "the browser has ended"
            self._rest += read
        told, _, self._rest = self._rest.partition(b"\0")
        return dict(json.loads(told))

    def _event(self, told: dict[str, Any]) -> None:
        if told.get("method") == "Log.entryAdded":
            self.said.append(told["params"]["entry"]["text"])
        elif told.get("method") == "Runtime.exceptionThrown":
            self.said.append(told["params"]["exceptionDetails"]["text"])
        elif told.get("method") == "Page.loadEventFired":
            self._loaded = True

    def open(self, address: str, width: int = 1280, height: int = 900, *, dark: bool = False) -> None:
        """Open a page in a window of some size."""
        self.said.clear()
        self._loaded = False
        self.call(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 600
        )
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.call("Emulation.setEmulatedMedia", features=[scheme])
        another = "loaderId" in self.call("Page.navigate", url=address)  # else a place on the same page
        while another and not self._loaded:
            self._event(self._next())

    def value(self, script: str) -> Any:
        """What an expression gives in the page."""
        return self.call("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)["result"].get(
            "value"
        )

    def picture(self, file: Path, *, whole: bool = False) -> None:
        """A picture of the window, or of the whole page."""
        told = self.call("Page.captureScreenshot", captureBeyondViewport=whole)
        file.write_bytes(base64.b64decode(told["data"]))

    def close(self) -> None:
        """End the browser."""
        self._process.terminate()
        self._process.wait(20)
        os.close(self._write)
        os.close(self._read)
