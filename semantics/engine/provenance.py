"""The provenance of a run as W3C PROV-O: what it used and made, and the record each instance was derived from.

What is written are instances of the packaged schema ``provenance``, by the sinks of RDF. A run has an IRI that is
made of what it is (version, mapping, inputs, options and instant), everything that has no IRI of its own one with a
fragment of it: the same run has the same IRIs wherever it is carried out.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote
from uuid import NAMESPACE_URL, uuid5

from semantics.analysis.explanation import InstanceExplanation, RecordPlace
from semantics.analysis.explanation_trace import explain_record
from semantics.engine.related import PlacedPartners
from semantics.errors import Diagnostic, Location, SourceError, UsageError, closest, escaped
from semantics.records import GroupRecord, Instance, Mapped, Outcome, Record
from semantics.sinks import open_sink, sink_format
from semantics.sinks.rdf_terms import RdfFault, blank_label
from semantics.sinks.subjects import Subjects
from semantics.sources import STDIN
from semantics.version import __version__

if TYPE_CHECKING:
    from semantics.engine.ledger import Ledger
    from semantics.engine.mapping import Mapping
    from semantics.expressions.values import Moment
    from semantics.schema.model import SchemaModel

__all__ = ["EXTENTS", "FORMATS", "OWN", "ProvenanceRecorder", "RunFacts", "digest_of", "provenance_schema"]

OWN: Final = "https://w3id.org/semantics/provenance/"
EXTENTS: Final = ("run", "instances")
FORMATS: Final = ("turtle", "ntriples", "jsonld")
_SHA256: Final = "http://spdx.org/rdf/terms#checksumAlgorithm_sha256"
_CLASSES: Final = ("Activity", "Entity", "Plan", "SoftwareAgent")
_ABOVE: Final = {"Plan": "http://www.w3.org/ns/prov#Entity", "SoftwareAgent": "http://www.w3.org/ns/prov#Agent"}
"""What PROV-O says of these classes is said again: few readers of PROV infer it."""
_NAMED_DIGESTS: Final = frozenset({"mapping", "source_schema", "target_schema"})
_COUNTS: Final = {
    "read": "records_read", "mapped": "records_mapped", "rejected": "records_rejected",
    "filtered": "records_filtered", "emitted": "instances_emitted",
}  # fmt: skip

Data = dict[str, Any]


@dataclass(frozen=True, slots=True)
class RunFacts:
    """What is known of a run before its first record.

    ``inputs`` are files and ``-``, some of which will be ``skipped``; ``rejects`` tells where rejected records
    went, None where there were none; ``joined`` gives the mapping with the partners that it looks up, if it does.
    ``now`` is the instant that was asked for; ``others`` are files that the run may write beside its output,
    ``choices`` the options that change what it gives.
    """

    mapping: Mapping
    inputs: Sequence[str]
    output: str
    instant: Moment
    now: datetime | str | None
    ledger: Ledger
    skipped: Sequence[str]
    rejects: Callable[[], str | None]
    joined: Callable[[], Mapping | None]
    others: tuple[str | None, ...]
    choices: dict[str, Any]


def provenance_schema() -> SchemaModel:
    """The packaged schema of what is written; a workspace cannot put another in its place."""
    from semantics.schema import load_schema
    from semantics.workspace import Workspace, library_root

    return load_schema("provenance", workspace=Workspace((library_root(),)))


class ProvenanceRecorder:
    """Follows a run and writes its provenance to a file, which appears with the output or not at all.

    ``extent`` is "run", or "instances" for each of them too. Raises :class:`UsageError` for a file whose name tells
    no format of RDF (RUN070), an extent that there is not (RUN072), and a file that the run reads or writes (RUN071).
    """

    def __init__(self, path: str, extent: str, facts: RunFacts) -> None:
        told = sink_format(path)
        if told not in FORMATS:
            raise UsageError(Diagnostic("RUN070", f"the name of '{escaped(path)}' tells no format of RDF",
                                        hint="name it .ttl, .nt or .jsonld"))  # fmt: skip
        if extent not in EXTENTS:
            hint = closest(extent, EXTENTS) or "there are run and instances"
            raise UsageError(Diagnostic("RUN072", f"there is no provenance of '{escaped(extent)}'", hint=hint))
        _check_path(path, facts)
        self._facts, self._names = facts, _Names(facts)
        self._each = extent == "instances"
        self._timeless = facts.now is not None or bool(os.environ.get("SOURCE_DATE_EPOCH", "").strip())
        self._digests = {file: digest_of(file) for file in facts.inputs}
        self._subjects = Subjects(facts.mapping.prepared.target)
        self._rules: dict[str, str] = {}
        self._replayed: dict[str, str] = {}
        self._written = 0
        self.run: Final = self._identified()
        self._sink = open_sink(told, Path(path), provenance_schema(), classes=_CLASSES)

    def _identified(self) -> str:
        """The IRI of the run."""
        facts = self._facts
        parts = {
            "semantics": __version__,
            "mapping": [facts.mapping.name, facts.mapping.plan.digests],
            "inputs": [[self._names.of(path), digest] for path, digest in self._digests.items()],
            "output": self._names.of(facts.output),
            "choices": facts.choices,
            "instant": facts.instant.text,
        }
        text = json.dumps(parts, sort_keys=True, ensure_ascii=True)
        return uuid5(NAMESPACE_URL, f"{OWN}{hashlib.sha256(text.encode()).hexdigest()}").urn

    # -- records as they are settled ------------------------------------------------------------------

    def add(self, outcome: Outcome, key: str) -> None:
        """A record is settled: its instances are derived from it, or from the records of its group."""
        if not self._each or not isinstance(outcome, Mapped):
            return
        record = outcome.record
        members = record.members if isinstance(record, GroupRecord) else (record,)
        sources = [self._record(member) for member in members]
        for source in sources:
            self._write("Entity", source)
        partners = self._partners(record)
        for position, instance in enumerate(outcome.instances):
            joined = partners[position] if position < len(partners) else []
            self._instance(instance, f"{key}-{position}", [source["id"] for source in sources], joined)

    def _partners(self, record: Record) -> list[list[tuple[str, str]]]:
        """For each instance of a record the partners that its joins found: the name of the join, and their IRIs."""
        mapping = self._facts.joined()
        if mapping is None or not isinstance(mapping.related, PlacedPartners):
            return []
        told = mapping.class_of(record)
        found = explain_record(
            mapping.plan, mapping.prepared.target, record, str(told), related=mapping.related,
            places=mapping.related.place_of,
        )  # fmt: skip
        mapping.related.forget()
        return [list(dict.fromkeys(self._joined(one))) for one in found.instances if one.made]

    def _joined(self, instance: InstanceExplanation) -> Iterator[tuple[str, str]]:
        """The partners of an instance, and of the objects inside it."""
        for join in instance.joins:
            for place in join.records:
                source = self._place(place)
                self._write("Entity", source)
                yield join.alias, source["id"]
        for slot in instance.slots:
            for inner in slot.instances:
                if inner.made:
                    yield from self._joined(inner)

    def _instance(
        self, instance: Instance, key: str, sources: list[str], joined: Sequence[tuple[str, str]] = ()
    ) -> None:  # fmt: skip
        label = blank_label(key).removeprefix("_:")
        rule = self._rule(instance)
        entity = {
            "id": self._subjects.iri(instance.class_name, instance.data) or f"{self.run}#{label}",
            "was_generated_by": self.run,
            "was_derived_from": list(dict.fromkeys((*sources, *(source for _, source in joined)))),
            "qualified_derivations": [
                *({"entity": source, "had_activity": self.run, "rule": rule} for source in sources),
                *({"entity": source, "had_activity": self.run, "rule": rule, "join": join} for join, source in joined),
            ],
        }  # fmt: skip
        try:
            self._write("Entity", entity)
        except RdfFault:  # an IRI that this format would read as something else
            self._write("Entity", {**entity, "id": f"{self.run}#{label}"})

    def _record(self, record: Record) -> Data:
        return self._place(RecordPlace.of(record))

    def _place(self, record: RecordPlace) -> Data:
        """A record as an entity: part of its file, at its place."""
        name = self._names.of(record.source)
        file = self._file_iri(name)
        if record.source not in self._digests and record.source != STDIN:
            self._replayed.setdefault(file, name)
        found = {
            "id": f"{file}/record/{record.record}",
            "part_of": file,
            "source": name,
            "record": record.record,
            "line": record.line,
            "byte": record.byte,
            "pointer": record.pointer,
        }
        return {slot: value for slot, value in found.items() if value is not None}

    def _rule(self, instance: Instance) -> str:
        """The IRI of the rule that made an instance."""
        place = self._names.place(self._facts.mapping.plan.rules[instance.rule or ""].rule)
        return self._rules.setdefault(place, f"{self.run}#rule/{quote(place, safe='/:')}")

    # -- the end ----------------------------------------------------------------------------------------

    def commit(self) -> None:
        """Write what is known of the whole run, and make the file appear."""
        facts = self._facts
        ended = facts.instant.text if self._timeless else max(facts.instant.text, _now())
        mapping = f"{self.run}#mapping"
        used = {
            "input": self._used(),
            "mapping": [mapping],
            "source-schema": [f"{self.run}#source-schema"],
            "target-schema": [f"{self.run}#target-schema"],
        }
        roles = [(iri, role) for role, iris in used.items() for iri in dict.fromkeys(iris)]
        agent = f"{OWN}semantics-{quote(__version__, safe='')}"
        activity = {
            "id": self.run,
            "label": f"semantics convert {facts.mapping.name}",
            "started_at": facts.instant.text,
            "ended_at": ended,
            "used": [iri for iri, _ in roles],
            "was_associated_with": agent,
            "qualified_association": {"agent": agent, "had_plan": mapping},
            "qualified_usages": [{"entity": iri, "had_role": f"{OWN}{role}"} for iri, role in roles],
            **self._counts(),
        }
        self._write("Activity", activity)
        self._write("SoftwareAgent", {"id": agent, "label": f"semantics {__version__}", "version": __version__})
        for plan in self._plans(mapping):
            self._write("Plan", plan)
        for entity in (*self._schemas(), *self._inputs(), *self._made(ended)):
            self._write("Entity", entity)
        self._sink.finish()
        self._sink.commit()

    def _counts(self) -> dict[str, int]:
        ledger = self._facts.ledger
        counted = {"read": ledger.read, "mapped": ledger.mapped, "rejected": ledger.rejected,
                   "filtered": ledger.filtered, "emitted": ledger.emitted}  # fmt: skip
        return {_COUNTS[name]: count for name, count in counted.items()}

    def _plans(self, mapping: str) -> Iterator[Data]:
        """The mapping, the files that it imports, and the rules that made something."""
        plan = self._facts.mapping.plan
        label = self._names.of(plan.file) if plan.file else plan.name
        yield _summed({"id": mapping, "label": label}, plan.digests.get("mapping"))
        for name, digest in plan.digests.items():
            if name not in _NAMED_DIGESTS:
                shown = self._names.of(name)
                yield _summed({"id": f"{mapping}/{_quoted(shown)}", "label": shown, "part_of": mapping}, digest)
        for place, iri in self._rules.items():
            yield {"id": iri, "place": place, "part_of": mapping}

    def _schemas(self) -> Iterator[Data]:
        plan = self._facts.mapping.plan
        for role, name in (("source_schema", plan.source_schema), ("target_schema", plan.target_schema)):
            iri = f"{self.run}#{role.replace('_', '-')}"
            yield _summed({"id": iri, "label": name}, plan.digests.get(role))

    def _inputs(self) -> Iterator[Data]:
        replayed = {"was_derived_from": list(self._replayed)} if self._replayed else {}
        for path, digest in self._digests.items():
            if path in self._facts.skipped:
                continue
            name = self._names.of(path)
            yield _summed({"id": self._file_iri(name), "label": name, **replayed}, digest)
        for iri, name in self._replayed.items():
            yield {"id": iri, "label": name}

    def _made(self, ended: str) -> Iterator[Data]:
        """The output, and the rejects file if there is one."""
        facts = self._facts
        inputs = self._used()
        for role, path in (("output", facts.output), ("rejects", facts.rejects())):
            if path is None:
                continue
            name = self._names.of(path)
            made = {"id": f"{self.run}#{role}/{_quoted(name)}", "label": name, "was_generated_by": self.run,
                    "generated_at": ended, "was_derived_from": inputs}  # fmt: skip
            yield _summed(made, digest_of(path))

    def _used(self) -> list[str]:
        """The inputs that the mapping had a use for."""
        read = (path for path in self._digests if path not in self._facts.skipped)
        return [self._file_iri(self._names.of(path)) for path in read]

    def _file_iri(self, name: str) -> str:
        return f"{self.run}#input/{_quoted(name)}"

    def _write(self, class_name: str, data: Data) -> None:
        above = _ABOVE.get(class_name)
        named = data if above is None else {"id": data["id"], "also": [above], **data}
        self._sink.write(Instance(class_name, named), str(self._written))
        self._written += 1

    def abort(self) -> None:
        """Leave nothing behind."""
        self._sink.abort()


class _Names:
    """Files as they are named: as on the command line, but never by where they are on this machine.

    Of an absolute path what comes after the working directory remains, else the name alone; a second file of that
    name is counted.
    """

    def __init__(self, facts: RunFacts) -> None:
        self._known: dict[str, str] = {}
        self._taken: dict[str, str] = {}
        for path in facts.inputs:
            self.of(path)

    def of(self, path: str) -> str:
        """The name of a file."""
        path = STDIN if path == "-" else path
        if path not in self._known:
            name = _relative(path)
            for count in range(2, len(self._taken) + 3):
                if self._taken.setdefault(name, path) == path:
                    break
                name = f"{_relative(path)}~{count}"
            self._known[path] = name
        return self._known[path]

    def place(self, rule: str) -> str:
        """A rule (``file:line``) by the name of its file."""
        file, _, line = rule.rpartition(":")
        return f"{_relative(file)}:{line}"


def _relative(path: str) -> str:
    if not Path(path).is_absolute():
        return path
    try:
        return Path(path).relative_to(Path.cwd()).as_posix()
    except ValueError:
        return Path(path).name


def _quoted(name: str) -> str:
    """A file name in the fragment of an IRI; names that are no text in any encoding have their bytes quoted."""
    return quote(os.fsencode(name), safe="/")


def _summed(entity: Data, digest: str | None) -> Data:
    """An entity with its SHA-256, where that is known."""
    entity = {**entity, "label": _text(entity["label"])}
    return entity if digest is None else {**entity, "checksum": {"algorithm": _SHA256, "value": digest}}


def _text(name: str) -> str:
    return name.encode("utf-8", "backslashreplace").decode()


def _now() -> str:
    return datetime.now(UTC).replace(microsecond=0).isoformat().removesuffix("+00:00") + "Z"


def digest_of(path: str) -> str | None:
    """SHA-256 of a file; None of standard input and output, and of what cannot be read again by its nature.

    Raises :class:`SourceError` where reading fails: evidence is never left out in silence.
    """
    if path in ("-", STDIN) or not Path(path).is_file():
        return None
    try:
        with Path(path).open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as fault:
        reason = os.strerror(fault.errno) if fault.errno else "it cannot be read"
        raise SourceError(
            Diagnostic("SRC001", f"no digest can be made of the file: {reason.lower()}", Location(path))
        ) from None


def _check_path(path: str, facts: RunFacts) -> None:
    """The provenance must not overwrite what the run reads, nor what else it writes."""
    target = os.path.realpath(path)
    for other in (*facts.inputs, facts.output, *facts.others):
        if other is not None and other != "-" and os.path.realpath(other) == target:
            message = f"'{escaped(path)}' is also an input or another output of the run"
            raise UsageError(Diagnostic("RUN071", message, hint="choose another file for the provenance"))
