"""The language server: requests of the protocol answered by the functions of this room, on standard input and output.

Nothing here knows a mapping. Findings are worked out off the loop that reads requests, a moment after the last change,
and are sent only for the text that they are about. A fault of one request is an empty answer.
"""

from __future__ import annotations

import asyncio
import gc
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, TypeVar

from lsprotocol import types as lsp
from pygls.lsp.server import LanguageServer
from pygls.uris import from_fs_path, to_fs_path

from semantics.editor.actions import Action, actions
from semantics.editor.desk import Desk, Document
from semantics.editor.features import Completion, Symbol, complete, definition, hover, symbols
from semantics.editor.positions import Lines
from semantics.editor.problems import Problem, problems
from semantics.editor.uses import Use, can_be_named, renaming, uses
from semantics.errors import Severity
from semantics.version import __version__

__all__ = ["make_server", "serve"]

DELAY: Final = 0.2
"""Seconds after the last change before findings are worked out."""
_SEVERITIES: Final = {
    Severity.ERROR: lsp.DiagnosticSeverity.Error,
    Severity.WARNING: lsp.DiagnosticSeverity.Warning,
    Severity.NOTE: lsp.DiagnosticSeverity.Information,
}
_KINDS: Final = {
    "class": lsp.CompletionItemKind.Class, "slot": lsp.CompletionItemKind.Property, "enum": lsp.CompletionItemKind.Enum,
    "value": lsp.CompletionItemKind.EnumMember, "type": lsp.CompletionItemKind.Struct,
    "function": lsp.CompletionItemKind.Function, "key": lsp.CompletionItemKind.Field,
    "name": lsp.CompletionItemKind.Variable, "file": lsp.CompletionItemKind.File,
    "prefix": lsp.CompletionItemKind.Module, "word": lsp.CompletionItemKind.Keyword,
}  # fmt: skip
_SYMBOLS: Final = {
    "class_derivations": lsp.SymbolKind.Class, "classes": lsp.SymbolKind.Class, "enum_derivations": lsp.SymbolKind.Enum,
    "enums": lsp.SymbolKind.Enum, "slot_derivations": lsp.SymbolKind.Property, "slots": lsp.SymbolKind.Property,
    "attributes": lsp.SymbolKind.Property, "permissible_values": lsp.SymbolKind.EnumMember,
    "definitions": lsp.SymbolKind.Function, "code_maps": lsp.SymbolKind.Array, "tests": lsp.SymbolKind.Method,
    "types": lsp.SymbolKind.Struct,
}  # fmt: skip
_Asked = lsp.CompletionParams | lsp.HoverParams | lsp.DefinitionParams
Finder = Callable[[Document, int, Desk], tuple[Use, ...]]
T = TypeVar("T")


def serve() -> None:
    """Answer requests on standard input until the client says that it is enough."""
    logging.disable(logging.CRITICAL)  # what a client sends is its own business
    gc.set_threshold(50_000, 20, 100)  # models stay; looking through them again and again is in vain
    make_server().start_io()


class _Server(LanguageServer):
    """The server with the files that are open in its client."""

    def __init__(self, delay: float = DELAY) -> None:
        super().__init__("semantics", __version__, text_document_sync_kind=lsp.TextDocumentSyncKind.Full)
        self.desk = Desk()
        self.delay = delay
        self.uris: dict[Path, str] = {}
        self.versions: dict[Path, int] = {}
        self.pending: dict[Path, asyncio.Task[None]] = {}
        self.found: dict[Path, tuple[int, tuple[Problem, ...]]] = {}
        self.worker = ThreadPoolExecutor(1, "findings")

    # -- places -----------------------------------------------------------------------------------

    def lines(self, text: str) -> Lines:
        """The lines of a text in the units of the client."""
        with suppress(RuntimeError):
            return Lines(text, str(getattr(self.workspace.position_encoding, "value", "utf-16")))
        return Lines(text)

    def document(self, uri: str) -> Document | None:
        """The open file of a URI."""
        path = _path(uri)
        return None if path is None else self.desk.document(path)

    def range(self, lines: Lines, start: int, end: int) -> lsp.Range:
        """The text between two offsets."""
        return lsp.Range(lsp.Position(*lines.position(start)), lsp.Position(*lines.position(end)))

    def edited(self, text: str, change: lsp.TextDocumentContentChangeEvent) -> str:
        """A text after one change: whole texts are asked for, and parts are taken, too."""
        if isinstance(change, lsp.TextDocumentContentChangeWholeDocument):
            return change.text
        lines, span = self.lines(text), change.range
        start, end = (lines.offset(at.line, at.character) for at in (span.start, span.end))
        return text[:start] + change.text + text[max(start, end) :]

    # -- findings ---------------------------------------------------------------------------------

    def changed(self, uri: str, text: str | None) -> None:
        """A file was opened or changed; ``None``: it was closed."""
        path = _path(uri)
        if path is None:
            return
        before = self.desk.document(path)
        self.versions[path] = self.versions.get(path, 0) + 1
        if text is None:
            self.desk.remove(path)
            self.uris.pop(path, None)
            self._cancel(path)
            self.found.pop(path, None)
            self.text_document_publish_diagnostics(lsp.PublishDiagnosticsParams(uri, []))
        else:
            self.desk.put(path, text)
            self.uris[path] = uri
            self.schedule(path)
        now = self.desk.document(path)
        if any(one is not None and one.kind == "ontology" for one in (before, now)):
            self.all_again(path)

    def all_again(self, but: Path | None = None) -> None:
        """Look at every open file again: something that they rest on may have changed."""
        for other in self.uris:
            if other != but:
                self.schedule(other)

    def schedule(self, path: Path) -> None:
        """Work out the findings of a file when it has not changed for a moment."""
        self._cancel(path)
        self.pending[path] = asyncio.get_running_loop().create_task(self._told(path))

    def _cancel(self, path: Path) -> None:
        task = self.pending.pop(path, None)
        if task is not None:
            task.cancel()

    async def _told(self, path: Path) -> None:
        await asyncio.sleep(self.delay)
        document, version = self.desk.document(path), self.versions.get(path)
        if document is None:
            return
        try:
            found = await asyncio.get_running_loop().run_in_executor(self.worker, problems, document, self.desk)
        except Exception:  # a fault of ours is no fault of the text
            found = ()
        uri = self.uris.get(path)
        if uri is not None and version is not None and self.versions.get(path) == version:
            self.found[path] = version, found
            lines = self.lines(document.text)
            told = [self.diagnostic(problem, lines) for problem in found]
            self.text_document_publish_diagnostics(lsp.PublishDiagnosticsParams(uri, told))

    def current(self, path: Path) -> tuple[Problem, ...]:
        """What was found in a file as it stands; nothing where it has changed since."""
        version, found = self.found.get(path, (None, ()))
        return found if version == self.versions.get(path) else ()

    def diagnostic(self, problem: Problem, lines: Lines) -> lsp.Diagnostic:
        """A finding in the words of the protocol."""
        related = None
        if problem.elsewhere is not None:
            file, line, column = problem.elsewhere
            at = lsp.Position(line - 1, column - 1)
            place = lsp.Location(from_fs_path(str(file.resolve())) or "", lsp.Range(at, at))
            related = [lsp.DiagnosticRelatedInformation(place, problem.finding.message)]
        return lsp.Diagnostic(
            range=self.range(lines, problem.start, problem.end),
            message=problem.message,
            severity=_SEVERITIES[problem.finding.severity],
            code=problem.finding.code,
            source="semantics",
            related_information=related,
        )

    def report_server_error(self, error: Exception, source: Any) -> None:
        """What a client sends wrongly is not told to its user."""


def _path(uri: str) -> Path | None:
    """The file of a URI; None for a text that is none."""
    with suppress(ValueError, OSError, RuntimeError):
        name = to_fs_path(uri)
        return Path(name).resolve() if name and "\0" not in name else None
    return None


def make_server(delay: float = DELAY) -> _Server:
    """A server with all its features."""
    server = _Server(delay)
    _follow(server)
    _answer(server)
    _follow_names(server)
    return server


def _safely(answer: Callable[[], T], otherwise: T) -> T:
    """An answer, or another one where working it out fails: a server lives on."""
    try:
        return answer()
    except Exception:
        return otherwise


def _follow(server: _Server) -> None:
    """Keep up with the files of the client."""

    @server.feature(lsp.TEXT_DOCUMENT_DID_OPEN)
    async def opened(params: lsp.DidOpenTextDocumentParams) -> None:
        server.changed(params.text_document.uri, params.text_document.text)

    @server.feature(lsp.TEXT_DOCUMENT_DID_CHANGE)
    async def changed(params: lsp.DidChangeTextDocumentParams) -> None:
        document = server.document(params.text_document.uri)
        text = document.text if document is not None else ""
        for change in params.content_changes:
            text = server.edited(text, change)
        server.changed(params.text_document.uri, text)

    @server.feature(lsp.TEXT_DOCUMENT_DID_CLOSE)
    async def closed(params: lsp.DidCloseTextDocumentParams) -> None:
        server.changed(params.text_document.uri, None)

    @server.feature(lsp.TEXT_DOCUMENT_DID_SAVE)
    async def saved(params: lsp.DidSaveTextDocumentParams) -> None:
        server.all_again()

    @server.feature(lsp.WORKSPACE_DID_CHANGE_WATCHED_FILES)
    async def watched(params: lsp.DidChangeWatchedFilesParams) -> None:
        server.all_again()


def _answer(server: _Server) -> None:
    """Answer what is asked about a place."""

    def at(params: _Asked) -> tuple[Document, Lines, int] | None:
        document = server.document(params.text_document.uri)
        if document is None:
            return None
        lines = server.lines(document.text)
        return document, lines, lines.offset(params.position.line, params.position.character)

    @server.feature(lsp.TEXT_DOCUMENT_COMPLETION, lsp.CompletionOptions(trigger_characters=[".", " ", "{", "'", '"']))
    def completed(params: lsp.CompletionParams) -> lsp.CompletionList:
        def answer() -> list[lsp.CompletionItem]:
            found = at(params)
            if found is None:
                return []
            document, lines, offset = found
            told = complete(document, offset, server.desk)
            return [_completion(server, one, lines, order) for order, one in enumerate(told)]

        return lsp.CompletionList(is_incomplete=False, items=_safely(answer, []))

    @server.feature(lsp.TEXT_DOCUMENT_HOVER)
    def hovered(params: lsp.HoverParams) -> lsp.Hover | None:
        def answer() -> lsp.Hover | None:
            found = at(params)
            told = hover(found[0], found[2], server.desk) if found is not None else None
            if found is None or told is None:
                return None
            text, start, end = told
            return lsp.Hover(lsp.MarkupContent(lsp.MarkupKind.Markdown, text), server.range(found[1], start, end))

        return _safely(answer, None)

    @server.feature(lsp.TEXT_DOCUMENT_DEFINITION)
    def defined(params: lsp.DefinitionParams) -> lsp.Location | None:
        def answer() -> lsp.Location | None:
            found = at(params)
            place = definition(found[0], found[2], server.desk) if found is not None else None
            if found is None or place is None:
                return None
            if place.file is None:
                return lsp.Location(params.text_document.uri, server.range(found[1], place.start, place.end))
            return _elsewhere(server, place.file, place.line, place.column)

        return _safely(answer, None)

    @server.feature(
        lsp.TEXT_DOCUMENT_CODE_ACTION, lsp.CodeActionOptions(code_action_kinds=[lsp.CodeActionKind.QuickFix])
    )
    def offered(params: lsp.CodeActionParams) -> list[lsp.CodeAction]:
        def answer() -> list[lsp.CodeAction]:
            document = server.document(params.text_document.uri)
            if document is None:
                return []
            lines = server.lines(document.text)
            start, end = (lines.offset(at.line, at.character) for at in (params.range.start, params.range.end))
            found = [one for one in server.current(document.path) if one.start <= end and start <= one.end]
            return [_action(server, one, params.text_document.uri, lines) for one in actions(document.text, found)]

        return _safely(answer, [])

    @server.feature(lsp.TEXT_DOCUMENT_DOCUMENT_SYMBOL)
    def listed(params: lsp.DocumentSymbolParams) -> list[lsp.DocumentSymbol]:
        def answer() -> list[lsp.DocumentSymbol]:
            document = server.document(params.text_document.uri)
            if document is None:
                return []
            lines = server.lines(document.text)
            return [_symbol(server, symbol, lines) for symbol in symbols(document)]

        return _safely(answer, [])


def _follow_names(server: _Server) -> None:
    """Find what uses a name, and rename it; other files are read, so it is done beside the loop."""

    async def found(params: lsp.ReferenceParams | lsp.RenameParams, find: Finder) -> dict[str, list[lsp.Range]]:
        document = server.document(params.text_document.uri)
        if document is None:
            return {}
        lines = server.lines(document.text)
        offset = lines.offset(params.position.line, params.position.character)
        try:
            loop = asyncio.get_running_loop()
            told = await loop.run_in_executor(server.worker, find, document, offset, server.desk)
        except Exception:
            return {}
        ranges: dict[str, list[lsp.Range]] = {}
        for use in told:
            place = server.range(server.lines(use.document.text), use.start, use.end)
            ranges.setdefault(_uri(server, use.document.path), []).append(place)
        return ranges

    @server.feature(lsp.TEXT_DOCUMENT_REFERENCES)
    async def referenced(params: lsp.ReferenceParams) -> list[lsp.Location]:
        ranges = await found(params, uses)
        return [lsp.Location(uri, one) for uri, places in ranges.items() for one in places]

    @server.feature(lsp.TEXT_DOCUMENT_RENAME)
    async def renamed(params: lsp.RenameParams) -> lsp.WorkspaceEdit | None:
        ranges = await found(params, renaming) if can_be_named(params.new_name) else {}
        edits = {uri: [lsp.TextEdit(one, params.new_name) for one in places] for uri, places in ranges.items()}
        return lsp.WorkspaceEdit(changes=edits) if edits else None


def _completion(server: _Server, found: Completion, lines: Lines, order: int) -> lsp.CompletionItem:
    item = found.item
    return lsp.CompletionItem(
        label=item.name,
        kind=_KINDS[item.kind],
        detail=item.detail or None,
        documentation=lsp.MarkupContent(lsp.MarkupKind.Markdown, item.text) if item.text else None,
        sort_text=f"{order:05}",
        text_edit=lsp.TextEdit(server.range(lines, found.start, found.end), item.insert or item.name),
    )


def _action(server: _Server, action: Action, uri: str, lines: Lines) -> lsp.CodeAction:
    edit = lsp.TextEdit(server.range(lines, action.start, action.end), action.text)
    return lsp.CodeAction(
        title=action.title,
        kind=lsp.CodeActionKind.QuickFix,
        diagnostics=[server.diagnostic(action.problem, lines)],
        is_preferred=True,
        edit=lsp.WorkspaceEdit(changes={uri: [edit]}),
    )


def _elsewhere(server: _Server, file: Path, line: int, column: int) -> lsp.Location:
    """A place in another file, in the units of the client."""
    read = server.desk.read(file)
    lines = server.lines(read.text if read is not None else "")
    start = lines.place(line, column) if read is not None else 0
    return lsp.Location(_uri(server, file), server.range(lines, start, start))


def _uri(server: _Server, file: Path) -> str:
    """The URI of a file, as the client has it."""
    return server.uris.get(file.resolve()) or from_fs_path(str(file.resolve())) or ""


def _symbol(server: _Server, symbol: Symbol, lines: Lines) -> lsp.DocumentSymbol:
    inside = [_symbol(server, one, lines) for one in symbol.inside]
    name = server.range(lines, symbol.start, symbol.end)
    whole = lsp.Range(name.start, max([name.end, *(one.range.end for one in inside)], key=_order))
    return lsp.DocumentSymbol(symbol.name, _SYMBOLS[symbol.kind], whole, name, children=inside)


def _order(position: lsp.Position) -> tuple[int, int]:
    return position.line, position.character
