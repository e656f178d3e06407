"""Suggestions as the command line and the Python API call them: schemas, experience and published links are found."""

from __future__ import annotations

import csv
import tempfile
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Final

import msgspec

from semantics.engine.prepare import define
from semantics.errors import (
    DefinitionError,
    Diagnostic,
    Location,
    MappingError,
    Severity,
    SourceError,
    UsageError,
    escaped,
)
from semantics.kept import code_stamp, lasting
from semantics.plan.packed import plan_stamp
from semantics.schema import load_schema
from semantics.schema.model import SchemaModel
from semantics.suggestions.draft import Draft
from semantics.suggestions.drafting import draft_of
from semantics.suggestions.propose import Proposals, propose
from semantics.suggestions.samples import Samples, samples_of
from semantics.suggestions.terms import Published
from semantics.suggestions.usage import Experience, experience_of
from semantics.workspace import Workspace, shown
from semantics.yaml_source import read_yaml

__all__ = ["Suggestion", "experiences", "published_links", "suggest"]

_RECORDS: Final = 1000
"""Records of a sample that are looked at."""
_ROUNDS: Final = 12


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What two schemas have in common, and a draft of a mapping, which loads.

    ``schema`` is the text of the source schema where that was made of sample records.
    """

    source: SchemaModel
    target: SchemaModel
    proposals: Proposals
    draft: Draft
    schema: str | None = None

    @property
    def findings(self) -> tuple[Diagnostic, ...]:
        """That there is nothing to propose, where there is not."""
        if self.proposals.active:
            return ()
        text = f"nothing in '{escaped(self.source.name)}' is like anything in '{escaped(self.target.name)}'"
        return (
            Diagnostic("SUG001", text, hint="are the two schemas about the same things?", severity=Severity.WARNING),
        )


def suggest(
    source: str,
    target: str,
    samples: Sequence[str] = (),
    without: Sequence[str] = (),
    *,
    schema_name: str | None = None,
) -> Suggestion:
    """Proposals and a draft for two schemas, given by name or path; the source may be a file of sample records.

    ``without`` names mappings that are no evidence. ``schema_name`` is what the draft calls a schema made of samples.
    """
    workspace = Workspace.here()
    text: str | None = None
    named = source
    if _is_sample(source, workspace):
        from semantics.importers import import_schema

        imported = import_schema(Path(source))
        ours, text = load_schema(imported.schema), imported.text
        samples = tuple(dict.fromkeys((source, *samples)))
        named = schema_name or f"{ours.name}.yaml"
    else:
        ours = load_schema(source)
    theirs = load_schema(target)
    known = [each for each in experiences(workspace) if each.mapping not in without]
    told = _samples(ours, samples)
    found = propose(ours, theirs, known, published_links(workspace), told.seen)
    draft = draft_of(found, ours, theirs, named, target, told)
    draft = _loading(draft, imported.schema if text is not None else source, target)
    return Suggestion(ours, theirs, found, draft, text)


def _is_sample(source: str, workspace: Workspace) -> bool:
    """Whether a source is a file that is no schema of LinkML."""
    return (
        not source.endswith((".yaml", ".yml"))
        and source not in workspace.names("ontologies")
        and Path(source).is_file()
    )


def _samples(schema: SchemaModel, files: Sequence[str]) -> Samples:
    """What sample records tell. Raises :class:`UsageError` where they have nothing of the schema."""
    from semantics.sources import open_source, source_format

    records: list[Mapping[str, Any]] = []
    for file in files:
        for record in islice(open_source(file, source_format(file) or "json"), _RECORDS):
            if record.fault is not None:
                raise SourceError(record.fault)
            if isinstance(record.data, Mapping):
                records.append(record.data)
    slots = {slot for cls in schema.classes.values() for slot in cls.slots}
    found = samples_of(records)
    if files and not slots & found.seen.keys():
        place = Location(Path(files[0]).name)
        text = f"the samples have none of the slots of the schema '{escaped(schema.name)}'"
        raise UsageError(Diagnostic("SUG002", text, place, "are they records of another schema?"))
    return found


def _loading(draft: Draft, source: str | Mapping[str, Any], target: str) -> Draft:
    """The draft with whatever the planner refuses left open."""
    for _ in range(_ROUNDS):
        if not draft.made:
            break
        refused = _refused(draft.text, source, target)
        if not refused:
            return draft
        opened = draft.opened(refused)
        draft = opened if opened != draft else draft.all_open("the planner refuses it for what another derivation says")
    return draft


def _refused(text: str, source: str | Mapping[str, Any], target: str) -> dict[int, str]:
    """The lines of a draft that the planner refuses, and why."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "draft.yaml"
        path.write_text(text, "utf-8")
        try:
            define(path, source_schema=source, target_schema=target)
        except DefinitionError as fault:
            places = [(each.location.line if each.location is not None else None, each) for each in fault.diagnostics]
            return {line or 1: f"{each.code} {each.message}" for line, each in places}
    return {}


_ALIKE: Final = frozenset({"skos:exactMatch", "skos:closeMatch", "skos:broadMatch"})


def experiences(workspace: Workspace) -> list[Experience]:
    """What the mappings of a workspace say; one that does not load says nothing."""
    found = (_experience(name, path, _from(path, workspace)) for name, path in workspace.names("mappings").items())
    return [each for each in found if each is not None]


def _from(path: Path, workspace: Workspace) -> Workspace:
    """The workspace as a mapping has it that lies in one of its folders: what is kept of the library is for all."""
    first = next((at for at, root in enumerate(workspace.roots) if path.is_relative_to(root)), 0)
    return Workspace(workspace.roots[first:])


def _experience(name: str, path: Path, workspace: Workspace) -> Experience | None:
    def look() -> Experience:
        made = define(path, workspace=workspace)
        return experience_of(name, made.plan, made.source, made.target)

    key = "\n".join(("experience", name, shown(path, workspace.roots)))
    version = f"{plan_stamp(workspace)} {code_stamp('suggestions')}"
    try:
        return lasting(key, version, workspace.roots, look, msgspec.json.Decoder(Experience).decode, path)
    except DefinitionError:
        return None


def published_links(workspace: Workspace) -> Published:
    """The terms that the SSSOM sets of a workspace say are alike, by their IRIs."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for root in reversed(workspace.roots):
        for path in sorted((root / "ontologies").rglob("*.sssom.tsv")):
            for subject, related in _links(path.read_text("utf-8", "replace")):
                found[subject].add(related)
                found[related].add(subject)
    return {iri: frozenset(others) for iri, others in found.items()}


def _links(text: str) -> list[tuple[str, str]]:
    lines = text.splitlines()
    head = "\n".join(line[1:] for line in lines if line.startswith("#"))
    try:
        told = read_yaml(head or "{}", error=MappingError).data.get("curie_map")
    except MappingError:
        return []
    prefixes = {str(k): str(v) for k, v in told.items()} if isinstance(told, dict) else {}
    rows = csv.DictReader((line for line in lines if line and not line.startswith("#")), delimiter="\t")

    def iri(curie: str) -> str:
        prefix, _, local = curie.partition(":")
        return prefixes.get(prefix, f"{prefix}:") + local

    return [
        (iri(row["subject_id"]), iri(row["object_id"])) for row in rows
        if row.get("predicate_id") in _ALIKE and row.get("subject_id") and row.get("object_id")
    ]  # fmt: skip
