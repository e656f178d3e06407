"""A workbook: the ZIP archive checked before anything is read from it, and its sheets row by row.

The cells are those that calamine reads. It gives cells with an error as empty ones, so that these are looked up in the
XML of the sheet (ECMA-376, part 1, section 18.3.1.4).
"""

from __future__ import annotations

import datetime
import io
import posixpath
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from typing import Any, Final
from xml.parsers import expat

from semantics.errors import Diagnostic, LimitError, Location, SourceError, closest
from semantics.extras import imported
from semantics.safe_xml import Danger, guarded_parser
from semantics.sources.options import Limits
from semantics.sources.stream import Input

__all__ = ["Workbook", "plain_cell"]

_OLE: Final = b"\xd0\xcf\x11\xe0"
_ENCRYPTED: Final = "EncryptedPackage".encode("utf-16-le")
_BLOCK: Final = 1 << 18
_ID: Final = re.compile(r"http://(?:schemas\.openxmlformats|purl\.oclc)\.org/.*/relationships id")
_ERROR: Final = re.compile(r"#[A-Z0-9/_!?]{1,30}")
_MAY_ERR: Final = (b'"e"', b"'e'", b"\xff\xfe", b"\xfe\xff")
"""What stands in the XML of a sheet with an error in it: the type of such a cell, or another encoding."""
_REFERENCE: Final = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")


class Workbook:
    """An open workbook, wholly in memory. Raises what :func:`semantics.sources.xlsx.read` raises."""

    def __init__(self, source: Input, limits: Limits) -> None:
        library = imported("python_calamine", "excel", "SRC095")
        self._name = source.name
        self._content = b"".join(source.blocks(limits))
        self._archive = self._checked(limits)
        try:
            self._book = library.CalamineWorkbook.from_filelike(io.BytesIO(self._content))
        except Exception as fault:  # the library has no one class for what goes wrong, and panics are of none
            raise self._broken(f"it cannot be read ({type(fault).__name__})") from None

    @property
    def sheets(self) -> tuple[str, ...]:
        """The worksheets that hold a cell, hidden ones too, in their order."""
        kinds = {one.name: str(one.typ) for one in self._book.sheets_metadata}
        return tuple(
            name for name in self._book.sheet_names
            if kinds[name].endswith("WorkSheet") and self._sheet(name).height
        )  # fmt: skip

    def only(self) -> str:
        """The one sheet that holds a cell."""
        sheets = self.sheets
        if len(sheets) == 1:
            return sheets[0]
        message = "the workbook has several sheets" if sheets else "the workbook is empty"
        hint = f"say which with --table: {', '.join(sheets[:20])}" if sheets else None
        raise SourceError(Diagnostic("SRC099" if sheets else "SRC002", message, Location(self._name), hint))

    def rows(self, name: str) -> Iterator[tuple[int, list[Any]]]:
        """The rows of a sheet with their numbers (from 1), their cells as :func:`plain_cell` has them."""
        if name not in self._book.sheet_names:
            hint = closest(name, self._book.sheet_names)
            raise SourceError(Diagnostic("SRC099", f"the workbook has no sheet '{name}'", Location(self._name), hint))
        sheet, errors = self._sheet(name), self._errors(name)
        left = sheet.start[1] if sheet.start else 0
        for line, row in enumerate(sheet.iter_rows(), 1):
            cells = [plain_cell(value) for value in row]
            for column, text in errors.pop(line, ()):
                if left <= column < left + len(cells):
                    cells[column - left] = {"error": text}
            yield line, cells

    def _sheet(self, name: str) -> Any:
        try:
            return self._book.get_sheet_by_name(name)
        except Exception as fault:
            raise self._broken(f"its sheet '{name}' cannot be read ({type(fault).__name__})") from None

    # -- the archive -----------------------------------------------------------------------------

    def _checked(self, limits: Limits) -> zipfile.ZipFile:
        """The archive, once all of it is known to be what it says, and not to grow beyond the limit."""
        if self._content.startswith(_OLE):
            protected = _ENCRYPTED in self._content
            found = "a workbook with a password" if protected else "an old workbook (.xls)"
            hint = "save it without a password" if protected else "save it as .xlsx"
            raise SourceError(
                Diagnostic("SRC096", f"expected an .xlsx workbook, found {found}", Location(self._name), hint)
            )
        try:
            archive = zipfile.ZipFile(io.BytesIO(self._content))
            entries = archive.infolist()
            names = [entry.filename for entry in entries]
            if "[Content_Types].xml" not in names or len(set(names)) < len(names):
                raise self._broken("it is no archive of a workbook")
            self._check_size(sum(entry.file_size for entry in entries), limits)
            for entry in entries:
                with archive.open(entry) as part:
                    while part.read(_BLOCK):
                        pass
        except (
            zipfile.BadZipFile,
            NotImplementedError,
            RuntimeError,
            EOFError,
            ValueError,
            OSError,
            zlib.error,
        ) as fault:
            raise self._broken(f"its archive is damaged ({type(fault).__name__})") from None
        return archive

    def _check_size(self, size: int, limits: Limits) -> None:
        if size > limits.gzip_free and size > limits.gzip_ratio * len(self._content):
            message = (
                f"the workbook grows too much: {len(self._content)} bytes give {size} "
                f"(limit: a ratio of {limits.raised_by('gzip_ratio')})"
            )
            raise LimitError(Diagnostic("SRC097", message, Location(self._name)))

    def _broken(self, why: str) -> SourceError:
        hint = "truncated or damaged input: fetch the file again"
        return SourceError(Diagnostic("SRC096", f"this is not an .xlsx workbook: {why}", Location(self._name), hint))

    # -- cells with an error ---------------------------------------------------------------------

    def _errors(self, name: str) -> dict[int, list[tuple[int, str]]]:
        """The cells of a sheet that hold an error: by row (from 1), the column (from 0) and the text."""
        part = self._part(name)
        if part is None or not any(mark in self._archive.read(part) for mark in _MAY_ERR):
            return {}
        found = _ErrorCells()
        self._parse(part, found.begin, found.end, found.text)
        return found.rows

    def _part(self, name: str) -> str | None:
        """The entry of the archive that holds a sheet."""
        relations = self._relations("_rels/.rels")
        book = next((target for kind, _, target in relations if kind.endswith("/officeDocument")), "xl/workbook.xml")
        folder, file = posixpath.split(book.lstrip("/"))
        targets = {ident: target for _, ident, target in self._relations(f"{folder}/_rels/{file}.rels")}
        for sheet in self._elements(book.lstrip("/"), "sheet"):
            if sheet.get("name") == name:
                ident = next((value for key, value in sheet.items() if _ID.fullmatch(key)), "")
                target = targets.get(ident, "")
                path = target.lstrip("/") if target.startswith("/") else posixpath.normpath(f"{folder}/{target}")
                return path if path in self._archive.namelist() else None
        return None

    def _relations(self, part: str) -> list[tuple[str, str, str]]:
        """The relationships that a part of the archive lists: type, identifier, target."""
        return [
            (one.get("Type", ""), one.get("Id", ""), one.get("Target", ""))
            for one in self._elements(part, "Relationship")
        ]

    def _elements(self, part: str, wanted: str) -> list[dict[str, str]]:
        """The attributes of all elements of a local name in a part of the archive; none where there is no such part."""
        found: list[dict[str, str]] = []

        def begin(name: str, attributes: dict[str, str]) -> None:
            if name.rpartition(" ")[2] == wanted:
                found.append(attributes)

        if part in self._archive.namelist():
            self._parse(part, begin)
        return found

    def _parse(
        self, part: str, begin: Callable[[str, dict[str, str]], None], end: Callable[[str], None] | None = None,
        text: Callable[[str], None] | None = None,
    ) -> None:  # fmt: skip
        """The XML of a part of the archive, which has no document type."""
        parser = guarded_parser(self._refused, separator=" ")
        parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = begin, end, text
        try:
            with self._archive.open(part) as opened:
                parser.ParseFile(opened)
        except expat.ExpatError:
            raise self._broken(f"the XML of '{part}' is damaged") from None

    def _refused(self, danger: Danger, message: str, _hint: str) -> None:
        doctype = danger in (Danger.DOCTYPE, Danger.DEFINITIONS)
        raise self._broken("its XML has a document type declaration" if doctype else f"of its XML, {message}")


class _ErrorCells:
    """The cells that hold an error: by row (from 1), column (from 0) and text. One without a place is the next one."""

    def __init__(self) -> None:
        self.rows: dict[int, list[tuple[int, str]]] = {}
        self._row, self._column = 0, -1
        self._texts: list[str] | None = None

    def begin(self, name: str, attributes: dict[str, str]) -> None:
        """An element begins."""
        local, place = name.rpartition(" ")[2], attributes.get("r", "")
        if local == "row":
            self._row, self._column = int(place) if place.isdecimal() else self._row + 1, -1
        elif local == "c":
            found = _REFERENCE.fullmatch(place)
            self._column = _column(found[1]) if found else self._column + 1
            self._texts = [] if attributes.get("t") == "e" else None

    def text(self, data: str) -> None:
        """Some text of a cell."""
        if self._texts is not None:
            self._texts.append(data)

    def end(self, name: str) -> None:
        """An element ends."""
        if name.rpartition(" ")[2] == "c" and self._texts is not None:
            text = "".join(self._texts).strip()
            self.rows.setdefault(self._row, []).append((self._column, text if _ERROR.fullmatch(text) else "error"))
            self._texts = None


def plain_cell(value: Any) -> Any:
    """A value of the spreadsheet library as JSON has it.

    >>> plain_cell(datetime.time(10, 30)), plain_cell(datetime.timedelta(hours=36)), plain_cell("")
    ({'time': '10:30:00'}, {'duration': 'P1DT12H'}, None)
    """
    match value:
        case "" | None:
            return None
        case datetime.datetime():
            return {"datetime": value.isoformat()}
        case datetime.date():
            return {"date": value.isoformat()}
        case datetime.time():
            return {"time": value.isoformat()}
        case datetime.timedelta():
            return {"duration": _duration(value)}
        case float() if value.is_integer() and abs(value) < 1e15:
            return int(value)
    return value


def _duration(value: datetime.timedelta) -> str:
    """A duration in ISO 8601, as XSD has it."""
    sign = "-" if value < datetime.timedelta() else ""
    value = abs(value)
    minutes, seconds = divmod(value.seconds, 60)
    hours, minutes = divmod(minutes, 60)
    fraction = f".{value.microseconds:06}".rstrip("0") if value.microseconds else ""
    clock = "".join(
        f"{part}{unit}"
        for part, unit in ((hours, "H"), (minutes, "M"), (f"{seconds}{fraction}", "S"))
        if part not in (0, "0")
    )
    return f"{sign}P{f'{value.days}D' if value.days else ''}{f'T{clock}' if clock else ''}" if value else "PT0S"


def _column(letters: str) -> int:
    """The number (from 0) of a column.

    >>> _column("A"), _column("AA")
    (0, 26)
    """
    number = 0
    for letter in letters:
        number = 26 * number + ord(letter) - ord("A") + 1
    return number - 1
