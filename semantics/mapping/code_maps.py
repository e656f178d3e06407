"""Code lists kept beside a mapping: SSSOM, FHIR ConceptMap and two-column tables, read into one form.

A code map takes a source code to the one target code that counts as equal, to nothing (a code that is known to
have no counterpart), or leaves it unmapped. What a file says otherwise, or says twice differently, is a finding
with the line and column in that file.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Final

from semantics.errors import Diagnostic, Location, MappingError, closest, escaped
from semantics.kept import noted
from semantics.mapping.spec import CodeMapSpec
from semantics.yaml_source import read_yaml

__all__ = ["CodeMap", "read_code_map"]

MAX_BYTES: Final = 16_000_000
MAX_CODES: Final = 200_000
MAX_FINDINGS: Final = 20

SSSOM_EQUAL: Final = ("skos:exactMatch", "owl:sameAs", "owl:equivalentClass", "owl:equivalentProperty")
"""Predicates of SSSOM by which two things count as one, unless the mapping names others."""
FHIR_EQUAL: Final = ("equal", "equivalent")
"""Equivalences (R4) and relationships (R5) of a ConceptMap that count, unless the mapping names others."""
_NO_TARGET: Final = frozenset({"unmatched", "disjoint", "not-related-to"})
_KNOWN_PREFIXES: Final = {
    "skos": "http://www.w3.org/2004/02/skos/core#", "owl": "http://www.w3.org/2002/07/owl#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#", "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "semapv": "https://w3id.org/semapv/vocab/", "sssom": "https://w3id.org/sssom/",
}  # fmt: skip


@dataclass(frozen=True)
class CodeMap:
    """A code list: source code to target code (None: known, and without a counterpart).

    ``passes`` and ``fixed`` are what the file itself says of codes that it does not have: they stay as they are,
    or become this code.
    """

    name: str
    file: str
    codes: Mapping[str, str | None]
    passes: bool = False
    fixed: str | None = None


def read_code_map(spec: CodeMapSpec, path: Path, file: str) -> tuple[CodeMap, str]:
    """The code map of a file, and the file's text. Raises :class:`MappingError` with everything that is wrong."""
    place = Location(file)
    try:
        noted(path)
        raw = path.read_bytes()
        text = raw.decode("utf-8-sig")
    except OSError as fault:
        raise MappingError(Diagnostic("MAP056", f"cannot read the code map: {fault.strerror}", place)) from None
    except UnicodeDecodeError as fault:
        raise MappingError(Diagnostic("MAP056", f"byte {fault.start} is not UTF-8", place)) from None
    if len(raw) > MAX_BYTES:
        raise MappingError(Diagnostic("MAP056", f"the code map is larger than {MAX_BYTES} bytes", place))
    rows = _Rows(spec, file)
    form = spec.format or _told(file, text)
    _READERS[form](rows, text)
    if rows.findings:
        raise MappingError(rows.findings[:MAX_FINDINGS])
    return CodeMap(spec.name, file, rows.codes, rows.passes, rows.fixed), text


def _told(file: str, text: str) -> str:
    """The format by the name of the file, and by what it begins with."""
    if file.endswith(".json"):
        return "conceptmap"
    if file.endswith((".tsv", ".sssom")):
        return "sssom" if ".sssom" in file or text.startswith("#") else "tsv"
    return "csv"


At = tuple[int, int] | Callable[[], tuple[int, int]]
"""A line and column, or how to find them out: in a JSON document that is only worth it for a finding."""


def _place(at: At) -> tuple[int, int]:
    return at if isinstance(at, tuple) else at()


@dataclass
class _Rows:
    """The pairs of one file as they are read, and what is wrong with them."""

    spec: CodeMapSpec
    file: str
    codes: dict[str, str | None] = field(default_factory=dict)
    places: dict[str, At] = field(default_factory=dict)
    findings: list[Diagnostic] = field(default_factory=list)
    passes: bool = False
    fixed: str | None = None

    def error(self, message: str, line: int | None = None, column: int | None = None, hint: str | None = None) -> None:
        """Something that the file says is not what it must be."""
        self.findings.append(Diagnostic("MAP056", message, Location(self.file, line, column), hint))

    def option(self, message: str, hint: str | None = None) -> None:
        """The mapping asks for something that this kind of file does not have."""
        self.findings.append(Diagnostic("MAP059", message, Location(self.file), hint))

    def add(self, code: str, target: str | None, at: At) -> None:
        """One pair; a code that has another target already is a conflict, said with both lines."""
        if code in self.codes and self.codes[code] != target:
            first_line, first_column = _place(self.places[code])
            self.findings.append(
                Diagnostic(
                    "MAP057",
                    f"code '{escaped(code[:80])}' has another target in line {first_line}, column {first_column}",
                    Location(self.file, *_place(at)), "keep one of the two",
                )
            )  # fmt: skip
            return
        if len(self.codes) >= MAX_CODES:
            raise MappingError(Diagnostic("MAP056", f"more than {MAX_CODES} codes", Location(self.file, *_place(at))))
        self.codes.setdefault(code, target)
        self.places.setdefault(code, at)


# -- tables ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Cell:
    text: str
    line: int
    column: int


def _table(text: str, delimiter: str, start: int = 0) -> Iterator[list[_Cell]]:
    """The rows of a table (RFC 4180), every cell with its place; empty lines are passed over."""
    quoted = re.compile(r'"((?:[^"]|"")*)"')
    plain = re.compile(rf"[^{re.escape(delimiter)}\r\n]*")
    position, line, line_start = start, text.count("\n", 0, start) + 1, start
    row: list[_Cell] = []
    while position < len(text):
        found = quoted.match(text, position)
        cell = found[1].replace('""', '"') if found else ""
        if found is None:
            found = plain.match(text, position)
            cell = found[0] if found else ""
        row.append(_Cell(cell, line, position - line_start + 1))
        if found is not None and "\n" in found[0]:
            line += found[0].count("\n")
            line_start = position + found[0].rindex("\n") + 1
        position = found.end() if found else position + 1
        if text.startswith(delimiter, position):
            position += 1
            if position < len(text) and text[position] not in "\r\n":
                continue
            row.append(_Cell("", line, position - line_start + 1))
        elif position < len(text) and text[position] not in "\r\n":
            row[-1] = _Cell(row[-1].text + text[position], line, row[-1].column)
            position += 1
            continue
        if len(row) > 1 or row[0].text:
            yield row
        row = []
        position += 2 if text.startswith("\r\n", position) else 1
        line, line_start = line + 1, position
    if row:
        yield row


def _columns(rows: _Rows, header: list[_Cell], defaults: tuple[str, str] | None) -> tuple[int, int] | None:
    """The positions of the columns that a map goes from and to."""
    names = [cell.text.strip() for cell in header]
    for index, name in enumerate(names):
        if name in names[:index]:
            rows.error(f"column '{escaped(name)}' stands twice", header[index].line, header[index].column)
            return None
    wanted = (rows.spec.from_ or (defaults or names[:2] or [""])[0], rows.spec.to or (defaults or [*names, "", ""])[1])
    for name in wanted:
        if name not in names:
            rows.error(f"there is no column '{escaped(name)}'", header[0].line, header[0].column,
                       closest(name, names) or f"columns: {', '.join(names)}")  # fmt: skip
            return None
    return names.index(wanted[0]), names.index(wanted[1])


def _read_table(delimiter: str) -> Callable[[_Rows, str], None]:
    def read(rows: _Rows, text: str) -> None:
        """Two columns: those that the mapping names, else the first two."""
        for key in ("predicates", "from_as", "to_as"):
            if getattr(rows.spec, key):
                rows.option(f"'{key}' is for SSSOM" + (" and ConceptMap" if key == "predicates" else ""))
        table = _table(text, delimiter)
        header = next(table, None)
        if header is None or len(header) < 2:
            rows.error("a code map needs a header with two columns", 1, 1)
            return
        places = _columns(rows, header, None)
        if places is None:
            return
        for row in table:
            if len(row) != len(header):
                rows.error(f"the row has {len(row)} cells, and the header {len(header)}", row[0].line, row[0].column)
                continue
            code, target = row[places[0]], row[places[1]]
            if not code.text:
                rows.error("a row without a code", code.line, code.column)
                continue
            rows.add(code.text, target.text or None, (code.line, code.column))

    return read


def _read_sssom(rows: _Rows, text: str) -> None:
    """SSSOM: the metadata in comment lines, then the mappings, of which those by an equal predicate count."""
    lines = text.splitlines(keepends=True)
    head = next((index for index, line in enumerate(lines) if not line.startswith("#")), len(lines))
    prefixes = {**_KNOWN_PREFIXES, **_curie_map(rows, "".join(line[1:] for line in lines[:head]))}
    table = _table(text, "\t", sum(map(len, lines[:head])))
    header = next(table, None)
    if header is None:
        rows.error("there is no header row", head + 1, 1)
        return
    names = [cell.text.strip() for cell in header]
    places = _columns(rows, header, ("subject_id", "object_id"))
    if "predicate_id" not in names:
        rows.error("there is no column 'predicate_id'", header[0].line, header[0].column)
    if places is None or "predicate_id" not in names:
        return
    equal = {_expanded(name, prefixes) for name in (rows.spec.predicates or SSSOM_EQUAL)}
    for row in table:
        if len(row) > len(names):
            rows.error(f"the row has {len(row)} cells, and the header {len(names)}", row[0].line, row[0].column)
            continue
        row += [_Cell("", row[-1].line, row[-1].column)] * (len(names) - len(row))
        told = dict(zip(names, row, strict=True))
        if told.get("predicate_modifier", _Cell("", 0, 0)).text.strip() == "Not":
            continue
        predicate = told["predicate_id"]
        if not predicate.text.strip():
            rows.error("a mapping without a predicate", predicate.line, predicate.column)
        if _expanded(predicate.text.strip(), prefixes) not in equal:
            continue
        code, target = row[places[0]], row[places[1]]
        if not code.text.strip():
            rows.error("a mapping without a subject", code.line, code.column)
            continue
        absent = target.text.strip() in ("", "sssom:NoTermFound")
        rows.add(
            _identified(rows, code, rows.spec.from_as, prefixes),
            None if absent else _identified(rows, target, rows.spec.to_as, prefixes),
            (code.line, code.column),
        )  # fmt: skip


def _curie_map(rows: _Rows, text: str) -> dict[str, str]:
    """The prefixes of the metadata; nothing else of it is acted on."""
    if not text.strip():
        return {}
    data = read_yaml(text, file=rows.file, error=MappingError).data
    found = data.get("curie_map") or {}
    if not isinstance(found, Mapping) or not all(isinstance(iri, str) for iri in found.values()):
        rows.error("'curie_map' must be a mapping of prefix to IRI", 1, 1)
        return {}
    return {str(prefix): str(iri) for prefix, iri in found.items()}


def _expanded(curie: str, prefixes: Mapping[str, str]) -> str:
    prefix, colon, local = curie.partition(":")
    return prefixes[prefix] + local if colon and prefix in prefixes and not local.startswith("//") else curie


def _identified(rows: _Rows, cell: _Cell, form: str | None, prefixes: Mapping[str, str]) -> str:
    """An identifier as it is looked up: as written, without its prefix, or as an IRI."""
    text = cell.text.strip()
    if form in (None, "curie"):
        return text
    prefix, colon, local = text.partition(":")
    if not colon or not local or (form == "iri" and prefix not in prefixes and not local.startswith("//")):
        rows.error(f"'{escaped(text[:80])}' has no prefix that curie_map declares", cell.line, cell.column)
        return text
    return local if form == "code" else _expanded(text, prefixes)


# -- FHIR ConceptMap ---------------------------------------------------------------------------------

_TOKEN: Final = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\]:,]|[^\s{}\[\]:,"]+')


class _Json:
    """A JSON document in which the place of a value can be asked for."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.places: dict[tuple[str | int, ...], int] | None = None

    def place(self, *path: str | int) -> tuple[int, int]:
        """Line and column of the value at a path (of the nearest one around it that there is)."""
        if self.places is None:
            self.places = self._scan()
        offset = next((self.places[path[:n]] for n in range(len(path), -1, -1) if path[:n] in self.places), 0)
        return self.text.count("\n", 0, offset) + 1, offset - self.text.rfind("\n", 0, offset)

    def _scan(self) -> dict[tuple[str | int, ...], int]:
        """The offset of every value: one walk over the tokens of a document that is known to be JSON."""
        found: dict[tuple[str | int, ...], int] = {}
        path: list[str | int] = []
        kinds: list[str] = []
        key = False
        for token in _TOKEN.finditer(self.text):
            text = token[0]
            if key and text not in "}]":
                path[-1], key = json.loads(text), False
            elif text == ",":
                key = kinds[-1] == "{"
                path[-1] = path[-1] if key else int(path[-1]) + 1
            elif text in "}]":
                kinds.pop()
                path.pop()
                key = False
            elif text != ":":
                found.setdefault(tuple(path), token.start())
                if text in "{[":
                    kinds.append(text)
                    path.append("" if text == "{" else 0)
                    key = text == "{"
        return found


def _read_concept_map(rows: _Rows, text: str) -> None:
    """A ConceptMap resource of FHIR R4 or R5; several groups are one table unless ``from``/``to`` choose systems."""
    document = _Json(text)
    try:
        data = json.loads(text, object_pairs_hook=_unique)
    except RecursionError:
        rows.error("the document is nested too deeply", 1, 1)
        return
    except json.JSONDecodeError as fault:
        rows.error(f"not JSON: {fault.msg.lower()}", fault.lineno, fault.colno)
        return
    except ValueError as fault:
        rows.error(str(fault), 1, 1)
        return
    if not isinstance(data, dict) or data.get("resourceType") != "ConceptMap":
        rows.error("the document is not a ConceptMap", 1, 1, "its 'resourceType' must be ConceptMap")
        return
    for key in ("from_as", "to_as"):
        if getattr(rows.spec, key):
            rows.option(f"'{key}' is for SSSOM: a ConceptMap has codes")
    groups = data.get("group") or []
    if not isinstance(groups, list):
        rows.error("'group' must be a list", *document.place("group"))
        return
    chosen = [(index, group) for index, group in enumerate(groups) if _chosen(rows.spec, group)]
    if not chosen:
        rows.error("no group of the ConceptMap goes between these systems" if groups else "it has no group",
                   *document.place("group"))  # fmt: skip
    for index, group in chosen:
        _read_group(rows, document, group, ("group", index))
    _read_unmapped(rows, document, chosen)


def _unique(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands twice in one object")
    return found


def _chosen(spec: CodeMapSpec, group: Any) -> bool:
    """Whether a group goes between the systems that the mapping names; R4 and R5 both write them as URIs."""
    if not isinstance(group, dict):
        return True
    sides = ((spec.from_, group.get("source")), (spec.to, group.get("target")))
    return all(wanted is None or (isinstance(uri, str) and uri.partition("|")[0] == wanted) for wanted, uri in sides)


def _read_group(rows: _Rows, document: _Json, group: Any, path: tuple[str | int, ...]) -> None:
    elements = group.get("element") if isinstance(group, dict) else None
    if not isinstance(elements, list):
        rows.error("a group must have a list of elements", *document.place(*path))
        return
    equal = frozenset(rows.spec.predicates or FHIR_EQUAL)
    for index, element in enumerate(elements):
        here = (*path, "element", index)
        code = element.get("code") if isinstance(element, dict) else None
        if not isinstance(code, str):
            rows.error("an element must have a code", *document.place(*here))
            continue
        targets = element.get("target") or []
        if not isinstance(targets, list) or not all(isinstance(target, dict) for target in targets):
            rows.error("'target' must be a list of objects", *document.place(*here, "target"))
            continue
        if element.get("noMap") is True:
            rows.add(code, None, partial(document.place, *here, "code"))
        for position, target in enumerate(targets):
            _read_target(rows, document, code, target, (*here, "target", position), equal)


def _read_target(
    rows: _Rows, document: _Json, code: str, target: dict[str, Any], path: tuple[str | int, ...], equal: frozenset[str]
) -> None:
    relation = target.get("relationship", target.get("equivalence"))
    if not isinstance(relation, str):
        rows.error("a target must have a relationship (R5) or an equivalence (R4)", *document.place(*path))
    elif target.get("dependsOn"):
        rows.error("a target that depends on other values is not carried out", *document.place(*path, "dependsOn"))
    elif relation in _NO_TARGET:
        rows.add(code, None, partial(document.place, *path))
    elif relation in equal:
        found = target.get("code")
        if isinstance(found, str):
            rows.add(code, found, partial(document.place, *path, "code"))
        else:
            rows.error("a target must have a code", *document.place(*path), "value sets are not carried out")


def _read_unmapped(rows: _Rows, document: _Json, groups: Sequence[tuple[int, Any]]) -> None:
    """What the groups say of codes that they do not have; several groups must agree."""
    said: list[tuple[str, str | None]] = []
    for index, group in groups:
        unmapped = group.get("unmapped") if isinstance(group, dict) else None
        if unmapped is None:
            continue
        place = document.place("group", index, "unmapped")
        mode = unmapped.get("mode") if isinstance(unmapped, dict) else None
        if mode in ("provided", "use-source-code"):
            said.append(("pass", None))
        elif mode == "fixed" and isinstance(unmapped.get("code"), str):
            said.append(("fixed", unmapped["code"]))
        else:
            rows.error(f"'unmapped' of mode '{escaped(str(mode))}' is not carried out", *place,
                       "say 'unmapped' in the mapping, or give the codes")  # fmt: skip
            return
        if said[0] != said[-1]:
            rows.error("the groups do different things with unmapped codes", *place, "choose one with from and to")
            return
    if said:
        rows.passes, rows.fixed = said[0][0] == "pass", said[0][1]


_READERS: Final[dict[str, Callable[[_Rows, str], None]]] = {
    "sssom": _read_sssom,
    "conceptmap": _read_concept_map,
    "csv": _read_table(","),
    "tsv": _read_table("\t"),
}
"""The formats of code maps."""
