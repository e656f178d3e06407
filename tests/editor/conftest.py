"""A language server in a process of its own, with a real client, for all tests of the session."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types as lsp
from pygls.lsp.client import LanguageClient

import semantics


class Editor:
    """What an editor does: it opens and changes files, asks, and is told."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self.client = LanguageClient("tests", "1")
        self.told: dict[str, list[list[lsp.Diagnostic]]] = {}
        self.news = asyncio.Event()
        self.capabilities: lsp.ServerCapabilities | None = None
        self.version = 0

        @self.client.feature(lsp.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)
        def published(params: lsp.PublishDiagnosticsParams) -> None:
            self.told.setdefault(params.uri, []).append(list(params.diagnostics))
            self.news.set()

    def run(self, awaitable: Any) -> Any:
        return self.loop.run_until_complete(asyncio.wait_for(awaitable, 60))

    async def start(self, folders: list[Path], **environment: str) -> None:
        package = Path(semantics.__file__).resolve().parents[1]
        env = {**os.environ, "PYTHONPATH": str(package), **environment}
        await self.client.start_io(sys.executable, "-m", "semantics", "lsp", env=env)
        found = await self.client.initialize_async(
            lsp.InitializeParams(
                capabilities=lsp.ClientCapabilities(),
                workspace_folders=[lsp.WorkspaceFolder(folder.as_uri(), folder.name) for folder in folders],
            )
        )
        self.capabilities = found.capabilities
        self.client.initialized(lsp.InitializedParams())

    async def stop(self) -> int | None:
        await self.client.shutdown_async(None)
        self.client.exit(None)
        process = self.client._server
        assert process is not None
        code = await asyncio.wait_for(process.wait(), 20)
        await self.client.stop()
        return code

    def open(self, uri: str, text: str) -> None:
        self.client.text_document_did_open(
            lsp.DidOpenTextDocumentParams(lsp.TextDocumentItem(uri, lsp.LanguageKind.Yaml, 1, text))
        )

    def change(self, uri: str, text: str) -> None:
        self.version += 1
        self.client.text_document_did_change(
            lsp.DidChangeTextDocumentParams(
                lsp.VersionedTextDocumentIdentifier(self.version, uri),
                [lsp.TextDocumentContentChangeWholeDocument(text)],
            )
        )

    def edit(self, uri: str, start: tuple[int, int], end: tuple[int, int], text: str) -> None:
        self.version += 1
        span = lsp.Range(lsp.Position(*start), lsp.Position(*end))
        self.client.text_document_did_change(
            lsp.DidChangeTextDocumentParams(
                lsp.VersionedTextDocumentIdentifier(self.version, uri),
                [lsp.TextDocumentContentChangePartial(range=span, text=text)],
            )
        )

    def close(self, uri: str) -> None:
        self.client.text_document_did_close(lsp.DidCloseTextDocumentParams(lsp.TextDocumentIdentifier(uri)))

    async def _next(self, uri: str, count: int) -> list[lsp.Diagnostic]:
        while len(self.told.get(uri, ())) <= count:
            self.news.clear()
            await self.news.wait()
        return self.told[uri][-1]

    def findings(self, uri: str, act: Any) -> list[lsp.Diagnostic]:
        """What is told about a file after something was done."""

        async def wait() -> list[lsp.Diagnostic]:
            count = len(self.told.get(uri, ()))
            act()
            return await self._next(uri, count)

        return list(self.run(wait()))


@pytest.fixture(scope="session")
def editor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Editor]:
    loop = asyncio.new_event_loop()
    found = Editor(loop)
    found.run(found.start([tmp_path_factory.mktemp("folder")]))
    yield found
    code = found.run(found.stop())
    loop.run_until_complete(loop.shutdown_asyncgens())
    loop.close()
    assert code == 0
