"""Reads a mapping file: the spellings of linkml-map brought to one form, every key known, every mark kept.

The compact and list forms become lists of named derivations before validation; ``paths`` remembers
where each of them stands in the file, so that every later finding has its line and column.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel, ValidationError

from semantics.errors import Diagnostic, MappingError, closest, escaped, ordered
from semantics.expressions.definitions import head_of
from semantics.mapping.code_maps import CodeMap, read_code_map
from semantics.mapping.forms import form_of, wrong_forms
from semantics.mapping.imports import Finder, with_imports
from semantics.mapping.inheritance import inherit
from semantics.mapping.loaded import LoadedMapping, ReadFile
from semantics.mapping.spec import (
    METADATA,
    NOT_YET,
    OF_RANGE,
    REFUSED,
    AggregationOperation,
    ClassDerivation,
    CodeMapSpec,
    CopyDirective,
    Dialect,
    EnumDerivation,
    Inverse,
    JoinSpec,
    MappingSpec,
    Offset,
    PivotOperation,
    RecordSelector,
    SchemaReference,
    SlotDerivation,
    SourceSpec,
    Stringification,
    TypeTest,
    UnitConversion,
    ValueDerivation,
    keys_of,
    text_of_key,
)
from semantics.mapping.spellings import article, bare, entries, table_entries
from semantics.mapping.tests import read_tests
from semantics.workspace import Workspace, shown
from semantics.yaml_source import MarkedDocument, made_of, read_yaml

__all__ = ["LoadedMapping", "read_mapping"]

Path_ = tuple[str | int, ...]
_PARTS: Final[dict[str, type[BaseModel]]] = {
    "unit_conversion": UnitConversion, "offset": Offset, "stringification": Stringification,
    "aggregation_operation": AggregationOperation, "pivot_operation": PivotOperation, "inverse_of": Inverse,
}  # fmt: skip
_TABLES: Final = ("value_mappings", "expression_mappings", "expression_to_value_mappings",
                  "expression_to_expression_mappings")  # fmt: skip


def read_mapping(
    source: Path | Mapping[str, Any],
    *,
    name: str | None = None,
    file: str | None = None,
    workspace: Workspace | None = None,
    part: bool = False,
    going_on: bool = False,
) -> LoadedMapping:
    """Read and validate a mapping (a file, or its data): its imports merged, its derivations complete.

    ``file`` is how messages name it; ``workspace`` is where imports are looked up besides its own folder. With
    ``part`` a file with nothing but what others import is not an error; with ``going_on`` keys of derivations that
    are not known are left out, and are findings of the result for :meth:`LoadedMapping.together`. Raises
    :class:`MappingError` with all findings.
    """
    first = _read_one(source, name=name, file=file, going_on=going_on)
    try:
        loaded = _complete(first, source if isinstance(source, Path) else None, workspace, part=part)
    except MappingError:
        with first.together():
            raise
    return replace(loaded, findings=first.findings, incomplete=first.incomplete)


def _complete(loaded: LoadedMapping, path: Path | None, workspace: Workspace | None, *, part: bool) -> LoadedMapping:
    """The mapping with what it imports and inherits, and its code lists."""
    finder = Finder(workspace, path.parent if path is not None else None)
    if loaded.spec.imports:
        loaded = with_imports(loaded, path, finder, lambda found, shown: _read_one(found, file=shown))
    loaded = _with_code_maps(inherit(loaded), path, finder)
    if not loaded.spec.class_derivations and not (part and loaded.is_part):
        message = "the mapping derives no class: it would produce nothing"
        raise MappingError(Diagnostic("MAP003", message, loaded.location(), "add class_derivations"))
    return loaded


def _with_code_maps(loaded: LoadedMapping, path: Path | None, finder: Finder) -> LoadedMapping:
    """The mapping with its code lists read; each stands beside the file that names it, or in the workspace."""
    folders: dict[str | None, Path] = {file.name: file.path.parent for file in loaded.files}
    if path is not None:
        folders[loaded.document.file] = path.parent
    maps: dict[str, CodeMap] = {}
    files, findings = list(loaded.files), list[Diagnostic]()
    for name, spec in loaded.spec.code_maps.items():
        place = loaded.location("code_maps", name, "file")
        try:
            found = finder.find(spec.file, folders.get(place.file), place, what="code map")
            maps[name], text = _code_map(spec, found, shown(found, finder.workspace.roots))
            files.append(ReadFile.of(found, maps[name].file, text))
        except MappingError as fault:
            findings += fault.diagnostics
    if findings:
        raise MappingError(findings)
    return replace(loaded, code_maps=maps, files=tuple(files)) if maps else loaded


def _code_map(spec: CodeMapSpec, path: Path, file: str) -> tuple[CodeMap, str]:
    return made_of(("code map", path, file, spec.model_dump_json()), lambda: read_code_map(spec, path, file))


def _read_one(
    source: Path | Mapping[str, Any], *, name: str | None = None, file: str | None = None, going_on: bool = False
) -> LoadedMapping:
    """One file, as it is written."""
    if not isinstance(source, Path):
        return _read_document(MarkedDocument(dict(source), None), name, going_on)
    path = source

    def make() -> LoadedMapping:
        return _read_document(read_yaml(path, file=file, error=MappingError), name or path.stem, going_on)

    return made_of(("mapping", path, file, name, going_on), make)


def _read_document(document: MarkedDocument, name: str | None, going_on: bool) -> LoadedMapping:
    """The mapping in a document."""
    normal = _Normaliser(document)
    data = normal.mapping(name or "mapping")
    spec: MappingSpec | None = None
    try:
        spec = None if len(normal.findings) > normal.left_out else MappingSpec.model_validate(data)
    except ValidationError as fault:
        normal.findings += wrong_forms(fault, document, normal.paths)
    try:
        read_tests(document)
    except MappingError as fault:
        normal.findings += fault.diagnostics
    findings = ordered(normal.findings)
    if spec is None or (findings and not going_on) or () in normal.incomplete:
        raise MappingError(findings)
    places = {path: (document, place) for path, place in normal.paths.items()}
    return LoadedMapping(spec, document, places, findings=findings, incomplete=frozenset(normal.incomplete))


class _Normaliser:
    """Brings every spelling to one, and collects what cannot be."""

    def __init__(self, document: MarkedDocument) -> None:
        self.document = document
        self.findings: list[Diagnostic] = []
        self.left_out = 0
        self.incomplete: list[Path_] = []
        self.paths: dict[Path_, Path_] = {}

    def error(self, code: str, message: str, path: Path_, hint: str | None = None, *, quote: bool = False) -> None:
        found = self.document.line_of(path) or None if quote else None
        self.findings.append(Diagnostic(code, message, self.document.location(path), hint, found))

    def derivation_keys(self, kind: str, part: type[BaseModel], data: Mapping[str, Any], path: Path_) -> None:
        """The keys of a part that is read without those that are not known.

        It is incomplete without them, unless they look like nothing that matters to what a class is made of.
        """
        before = len(self.findings)
        self.keys(kind, part, data, path)
        for found in self.findings[before:]:
            self.left_out += 1
            meant = found.hint if found.code == "MAP001" else found.code
            outer = part in (MappingSpec, ClassDerivation)
            if not outer or (meant and meant not in {f"did you mean '{key}'?" for key in METADATA}):
                self.incomplete.append(path)

    def keys(self, kind: str, part: type[BaseModel], data: Mapping[str, Any], path: Path_) -> None:
        """Every key is known, or refused by name: as not yet carried out, or as unknown."""
        known, later, refused = keys_of(part), NOT_YET.get(kind, frozenset()), REFUSED.get(kind, {})
        for key in data:
            if key in known or key in METADATA:
                continue
            if key in refused:
                self.error("MAP034", f"'{key}' has no meaning on {article(kind)}", (*path, key), refused[key])
            elif key in later:
                self.error("MAP002", f"'{key}' ({kind}) is part of the language but not carried out yet", (*path, key))
            else:
                self.error("MAP001", f"'{escaped(str(key))}' is not a key of {article(kind)}", (*path, key),
                           closest(str(key), known | later) or _metadata_near(str(key)))  # fmt: skip

    # -- the parts ----------------------------------------------------------------------------

    def mapping(self, name: str) -> dict[str, Any]:
        data = self.document.data
        self.derivation_keys("mapping", MappingSpec, data, ())
        spec: dict[str, Any] = {key: data[key] for key in data if key in keys_of(MappingSpec)}
        spec["name"] = data.get("name") or name
        spec["metadata"] = {key: data[key] for key in data if key in METADATA}
        prefixes = self.table(data.get("prefixes"), ("prefixes",), ("prefixes",))
        if not isinstance(prefixes, Mapping):
            self.error("MAP004", "'prefixes' must be a mapping of prefix to IRI", ("prefixes",))
            prefixes = {}
        spec["prefixes"] = prefixes
        if "source" in data:
            spec["source"] = self.source(data["source"] or {}, ("source",))
        for key in ("source_schema", "target_schema"):
            if isinstance(data.get(key), Mapping):
                spec[key] = next(
                    (data[key][part] for part in ("file", "name", "source_file") if data[key].get(part)), None
                )
                self.keys("schema reference", SchemaReference, data[key], (key,))
                spec.setdefault("references", {})[key] = dict(data[key])
        spec["class_derivations"] = self.classes(
            data.get("class_derivations"), ("class_derivations",), ("class_derivations",)
        )
        spec["enum_derivations"] = dict(self.named(
                data.get("enum_derivations"), ("enum_derivations",), ("enum_derivations",),
                "enum derivation", EnumDerivation,
            ))  # fmt: skip
        spec["code_maps"] = dict(
            self.named(data.get("code_maps"), ("code_maps",), ("code_maps",), "code map", CodeMapSpec)
        )
        if "definitions" in data:
            spec["definitions"] = self.definitions(data["definitions"], ("definitions",))
        for enum, derivation in spec["enum_derivations"].items():
            derivation["permissible_value_derivations"] = dict(
                self.named(
                    derivation.get("permissible_value_derivations"),
                    (*self.paths[("enum_derivations", enum)], "permissible_value_derivations"),
                    ("enum_derivations", enum, "permissible_value_derivations"),
                    "value derivation", ValueDerivation,
                )
            )  # fmt: skip
            if "expression_to_value_mappings" in derivation:
                key, where = "expression_to_value_mappings", self.paths[("enum_derivations", enum)]
                derivation[key] = self.table(derivation[key], (*where, key), ("enum_derivations", enum, key))
        return spec

    def definitions(self, data: Any, path: Path_) -> Any:
        """Named expressions by their heads: each name once, and one that an expression can say."""
        from semantics.expressions.functions import FUNCTIONS

        table = self.table(data, path, path)
        seen: set[str] = set()
        for head in table if isinstance(table, Mapping) else ():
            where = self.paths[(*path, head)]
            found = head_of(head)
            self.scalar(table, head, where)
            if found is None or found[0] in FUNCTIONS:
                self.error("MAP086", f"'{escaped(head)}' cannot be the name of a definition", where,
                           "name or name(parameter, ...), and no word or function of expressions")  # fmt: skip
            elif found[0] in seen:
                self.error("MAP007", f"definition '{found[0]}' stands twice", where, "keep one of the two")
            seen.add(found[0] if found else head)
        return table

    def source(self, data: Any, path: Path_) -> dict[str, Any]:
        if not isinstance(data, Mapping):
            self.error("MAP004", "'source' must be a mapping", path)
            return {}
        self.keys("source", SourceSpec, data, path)
        if isinstance(data.get("dialect"), Mapping):
            self.keys("dialect", Dialect, data["dialect"], (*path, "dialect"))
        spec = dict(data)
        if data.get("unknown") == "error" and data.get("format") not in ("csv", "tsv", "xlsx"):
            message = "'unknown: error' is part of the language but not carried out yet for documents"
            hint = "only tables refuse unknown columns; what is unknown in documents is counted"
            self.error("MAP002", message, (*path, "unknown"), hint)
        if isinstance(data.get("records"), list):
            for index, entry in enumerate(data["records"]):
                known = keys_of(RecordSelector)
                for key in entry if isinstance(entry, Mapping) else ():
                    if key not in known:
                        self.error("MAP001", f"'{escaped(str(key))}' is not a key of a record selector",
                                   (*path, "records", index, key), closest(str(key), known))  # fmt: skip
        return spec

    def classes(self, data: Any, path: Path_, spec_path: Path_, start: int = 0) -> list[dict[str, Any]]:
        derivations = []
        pairs = self.named(data, path, spec_path, "class derivation", ClassDerivation, by_position=True, start=start)
        for position, derivation in pairs:
            here = (*spec_path, position)
            file_path = self.paths[here]
            derivation["slot_derivations"] = self.slots(
                derivation.get("slot_derivations"), (*file_path, "slot_derivations"),
                (*here, "slot_derivations"),
            )  # fmt: skip
            self.parts(derivation, file_path)
            if isinstance(derivation.get("when_type"), Mapping):
                self.keys("type test", TypeTest, derivation["when_type"], (*file_path, "when_type"))
            directives = derivation.get("copy_directives")
            if isinstance(directives, list):
                directives = dict(enumerate(directives))
                derivation["copy_directives"] = {str(index): item for index, item in directives.items()}
            for key, directive in directives.items() if isinstance(directives, Mapping) else ():
                self.paths[(*here, "copy_directives", str(key))] = place = (*file_path, "copy_directives", key)
                if isinstance(directive, Mapping):
                    self.keys("copy directive", CopyDirective, directive, place)
            if derivation.get("joins") is not None:
                derivation["joins"] = self.joins(derivation["joins"], (*file_path, "joins"), (*here, "joins"))
            derivations.append(derivation)
        return derivations

    def joins(self, data: Any, path: Path_, spec_path: Path_) -> dict[str, Any]:
        """Joins by alias; in a list each names its ``alias`` itself."""
        joins = dict(self.named(data, path, spec_path, "join", JoinSpec, key="alias"))
        for alias, join in joins.items():
            where = self.paths[(*spec_path, alias)]
            if join.get("alias") not in (None, alias):
                self.error("MAP004", f"the alias of join '{escaped(alias)}' is the key it stands under",
                           (*where, "alias"))  # fmt: skip
            for key in ("source_key", "lookup_key", "join_on"):
                self.scalar(join, key, (*where, key))
        return joins

    def slots(self, data: Any, path: Path_, spec_path: Path_) -> dict[str, Any]:
        slots = dict(self.named(data, path, spec_path, "slot derivation", SlotDerivation))
        for name, slot in slots.items():
            here = (*spec_path, name)
            file_path = self.paths[here]
            if "value" in slot and slot["value"] is None:
                self.error("MAP017", "a constant cannot be null", (*file_path, "value"), "leave the slot out")
            if "unmapped" in slot and slot["unmapped"] is None:
                slot["unmapped"] = "null"  # YAML reads the policy's name as its null
            inside = (*here, "class_derivations")
            nested = self.classes(slot.pop("class_derivations", None), (*file_path, "class_derivations"), inside)
            nested += self.objects(slot, (*file_path, "object"), inside, start=len(nested))
            older_form = slot.pop("object_derivations", None) or ()
            for index, older in older_form.items() if isinstance(older_form, Mapping) else enumerate(older_form):
                where = (*file_path, "object_derivations", index)
                if not isinstance(older, Mapping) or not set(older) <= {"name", "class_derivations"}:
                    self.error("MAP004", "an object derivation holds class_derivations and nothing else", where)
                    continue
                data = older.get("class_derivations")
                nested += self.classes(data, (*where, "class_derivations"), inside, start=len(nested))
            if nested:
                slot["class_derivations"] = nested
            for key in _TABLES:
                if key in slot:
                    slot[key] = self.table(slot[key], (*file_path, key), (*here, key))
            if slot.get("missing_values") == []:
                del slot["missing_values"]  # what lists nothing says nothing
            self.parts(slot, file_path)
            for key in ("expr", "where", "iri", "populated_from", "for_each"):
                self.scalar(slot, key, (*file_path, key))
        return slots

    def objects(self, slot: dict[str, Any], path: Path_, spec_path: Path_, start: int) -> list[dict[str, Any]]:
        """``object``: the slots of one object (or a list of such) of the class that the slot holds."""
        if "object" not in slot:
            return []
        given = slot.pop("object")
        listed = isinstance(given, list)
        found: list[dict[str, Any]] = []
        if start:
            self.error("MAP014", "'object' and 'class_derivations' each give the slot objects", path, "keep one")
        for index, inner in enumerate(given if listed else [given]):
            where: Path_ = (*path, index) if listed else path
            if not isinstance(inner, Mapping) or not inner:
                self.error("MAP004", f"'object' must be a mapping of slots, and this is {form_of(inner)}", where)
                continue
            here = (*spec_path, start + len(found))
            self.paths[here] = self.paths[(*here, "slot_derivations")] = where
            found.append({"name": OF_RANGE, "slot_derivations": self.slots(inner, where, (*here, "slot_derivations"))})
        return found

    def parts(self, derivation: Mapping[str, Any], path: Path_) -> None:
        """The keys of what a derivation holds under one key."""
        for key, part in _PARTS.items():
            if isinstance(derivation.get(key), Mapping):
                self.keys(key.replace("_", " "), part, derivation[key], (*path, key))

    def table(self, data: Any, path: Path_, spec_path: Path_) -> Any:
        """A table in any spelling of linkml-map: a mapping, a list of one-key mappings, or ``{key: .., value: ..}``."""
        if data is None:
            return {}
        if not isinstance(data, Mapping) and not (isinstance(data, list) and all(isinstance(x, Mapping) for x in data)):
            return data
        before = len(self.findings)
        found: dict[Any, Any] = {}
        for name, value, where in table_entries(data, path):
            key = text_of_key(name)
            if key is None:
                self.error("MAP004", f"an entry of '{path[-1]}' must have a key", where)
            elif isinstance(value, Mapping) and text_of_key(value.get("key", value.get("prefix_prefix", key))) != key:
                self.error("MAP004", f"the key of '{escaped(str(key))}' is the one it stands under", where)
            elif key in found:
                self.error("MAP007", f"'{escaped(str(key))}' stands twice", where)
            else:
                found[key] = bare(value)
                self.paths[(*spec_path, key)] = where
        self.left_out += len(self.findings) - before
        return found

    def scalar(self, data: Mapping[str, Any], key: str, path: Path_) -> None:
        """Unquoted braces and comments are read by YAML, not by the mapping: say so."""
        value = data.get(key)
        if isinstance(value, (Mapping, list)):
            what, hint = "a mapping", "quote it: YAML reads an unquoted { } as a mapping"
            if isinstance(value, list):
                what, hint = "a list", "write one text; quote it where it begins with '['"
            if isinstance(value, list) and key == "populated_from":
                hint = "'sources' takes several paths: the first with a value counts"
            self.error("MAP005", f"'{key}' must be text, and this is {what}", path, hint, quote=True)
        mark = self.document.values.get(path)
        if isinstance(value, str) and mark is not None and mark.plain:
            lines = self.document.lines
            rest = lines[mark.end_line - 1][mark.end_column - 1 :] if mark.end_line <= len(lines) else ""
            if rest.lstrip().startswith("#"):
                self.error("MAP006", f"YAML takes the rest of the line of '{key}' as a comment", path,
                           "quote the whole value", quote=True)  # fmt: skip

    def named(
        self, data: Any, path: Path_, spec_path: Path_, kind: str, part: type[BaseModel], *,
        by_position: bool = False, key: str = "name", start: int = 0,
    ) -> Iterator[tuple[Any, dict[str, Any]]]:  # fmt: skip
        """Derivations in any spelling: a mapping, a list with ``name`` (or ``key``), a list of one-key mappings."""
        if data is None:
            return
        if not isinstance(data, (Mapping, list)):
            self.error("MAP004", f"'{path[-1]}' must be a mapping of derivations", path)
            return
        seen: dict[str, Path_] = {}
        position = start - 1
        for name, value, where in entries(data, path, key):
            short = isinstance(value, str) and part is SlotDerivation
            if short:
                value = {"populated_from": value}
            if not name or (value is not None and not isinstance(value, Mapping)):
                self.error("MAP004", f"a {kind} must be a mapping with a name", where)
                continue
            if not by_position and name in seen:
                first = self.document.location(seen[name]).line
                self.error("MAP007", f"{kind} '{escaped(name)}' stands twice (first on line {first})", where,
                           "keep one of the two")  # fmt: skip
            if key == "name" and isinstance(value, Mapping) and str(value.get(key) or name) != name:
                self.error("MAP004", f"the name of {kind} '{escaped(name)}' is the key it stands under", (*where, key))
            seen[name] = where
            position += 1
            step: Any = position if by_position else name
            self.paths[(*spec_path, step)] = where
            if short:
                self.paths[(*spec_path, step, "populated_from")] = where
            derivation = {**(value or {}), "name": name}
            self.derivation_keys(kind, part, derivation, where)
            known = keys_of(part)
            kept = {key: derivation[key] for key in derivation if key in METADATA and key not in known}
            yield step, {key: derivation[key] for key in derivation if key in known} | {"metadata": kept}


def _metadata_near(key: str) -> str | None:
    """A hint at a key of the metadata; they are many and like much, so one must begin alike."""
    return closest(key, {known for known in METADATA if known[:1] == key[:1]})
