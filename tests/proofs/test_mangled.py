"""Examples of every mapping of the package, mangled: each record is mapped, filtered or rejected, and nothing crashes.

The mangled files stay well-formed for the most part, so that what is wrong reaches as far inside as it can: parts are
taken away, doubled, or replaced by something of another shape. A failure names the seed that makes it again.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from random import Random
from typing import Any, Final
from xml.etree import ElementTree

import pyoxigraph
import pytest

import semantics
from semantics.engine.inputs import Inputs
from semantics.engine.mapping import Mapping
from semantics.errors import SemanticsError
from semantics.records import Rejected
from semantics.workspace import Workspace, library_root

EXAMPLES: Final = library_root() / "mappings" / "examples"
NAMES: Final = tuple(Workspace((library_root(),)).names("mappings"))
PLAIN: Final = (None, True, 0, 1, -5, 2.5, 10**30, "", " ", "a", "é", "2024-01-01", "2024-01-01T00:00:00Z", "12:00", "PT1H",
                "urn:x:y", "https://e.x/", "_:b", "-1", "1e400", "@", "{}", "\ud83d\ude00")  # fmt: skip
WORDS: Final = ("id", "type", "@id", "@type", "@value", "@list", "@context", "attributes", "$", "lang", "value", "values",
                "unitCode", "properties", "geometry", "coordinates", "location", "prefix", "entity", "bundle", "name",
                "elementId", "elements", "object", "metadata", "0", "", " ")  # fmt: skip


def mangled(raw: bytes, suffix: str, random: Random) -> bytes:
    """A file with something else in it."""
    found = FORMS[suffix](raw, random)
    if random.random() < 0.05:
        at = random.randrange(len(found) + 1)
        found = (
            found[:at] + random.choice([b"", b"\x00", b"\xff", b'"', b"<", b"{"]) + found[at + random.randrange(4) :]
        )
    return found


# -- JSON ------------------------------------------------------------------------------------------


def _json(raw: bytes, random: Random) -> bytes:
    return json.dumps(_changed(json.loads(raw), random, _words(raw))).encode()


def _lines(raw: bytes, random: Random) -> bytes:
    return b"\n".join(_json(line, random) for line in raw.splitlines() if line.strip())


def _words(raw: bytes) -> list[str]:
    """Keys that the standard itself uses, and those that formats give a meaning to."""
    found: set[str] = set()
    json.loads(raw, object_hook=found.update)  # the innermost first, each replaced by nothing
    return [*WORDS, *sorted(found)]


def _changed(value: Any, random: Random, words: list[str], depth: int = 0) -> Any:
    if random.random() < 0.04:
        return _anything(random, words, depth)
    if isinstance(value, dict):
        kept = {key: _changed(item, random, words, depth + 1) for key, item in value.items() if random.random() > 0.03}
        extra = {random.choice(words): _anything(random, words, depth)} if random.random() < 0.06 else {}
        return {**kept, **extra}
    if isinstance(value, list):
        items = [_changed(item, random, words, depth + 1) for item in value]
        return items * 2 if random.random() < 0.02 else items
    return value


def _anything(random: Random, words: list[str], depth: int) -> Any:
    kind = random.random() if depth < 8 else 0
    if kind < 0.5:
        return random.choice(PLAIN)
    if kind < 0.75:
        return [_anything(random, words, depth + 2) for _ in range(random.randrange(4))]
    return {random.choice(words): _anything(random, words, depth + 2) for _ in range(random.randrange(4))}


# -- other forms -----------------------------------------------------------------------------------


def _xml(raw: bytes, random: Random) -> bytes:
    root = ElementTree.fromstring(raw)
    everything = list(root.iter())
    leaves = [ElementTree.Element("x"), *(item for item in everything if not len(item))]
    for parent in everything:
        for child in list(parent):
            chance = random.random()
            if chance < 0.02:
                parent.remove(child)
            elif chance < 0.04:
                parent.append(deepcopy(child))
            elif chance < 0.05:
                child.append(deepcopy(random.choice(leaves)))
            elif chance < 0.06:
                child.tag = random.choice(everything).tag
        if random.random() < 0.04:
            parent.text = str(random.choice(PLAIN)).encode("utf-8", "replace").decode()
        if parent.attrib and random.random() < 0.1:
            parent.set(
                random.choice(list(parent.attrib)), str(random.choice(PLAIN)).encode("utf-8", "replace").decode()
            )
        if random.random() < 0.03:
            parent.set(random.choice(["{http://www.w3.org/2001/XMLSchema-instance}nil", "id", "x"]), "true")
    return ElementTree.tostring(root)


def _table(raw: bytes, random: Random) -> bytes:
    rows = list(csv.reader(io.StringIO(raw.decode("utf-8-sig"))))
    for row in rows:
        for column in range(len(row)):
            if random.random() < 0.03:
                row[column] = random.choice([str(value) for value in PLAIN if value != "\ud83d\ude00"])
        if row and random.random() < 0.02:
            row.pop(random.randrange(len(row)))
        if random.random() < 0.02:
            row.append("x")
    found = io.StringIO()
    csv.writer(found, lineterminator="\n").writerows(rows)
    return found.getvalue().encode()


def _turtle(raw: bytes, random: Random) -> bytes:
    quads = [(q.subject, q.predicate, q.object) for q in pyoxigraph.parse(raw, format=pyoxigraph.RdfFormat.TURTLE)]
    lines = []
    for subject, predicate, term in quads:
        chance = random.random()
        if chance < 0.04:
            continue
        if chance < 0.1:
            term = random.choice(quads)[random.choice([0, 2])]
        elif chance < 0.14:
            term = random.choice([pyoxigraph.BlankNode(), pyoxigraph.Literal("x"), pyoxigraph.Literal(5), predicate])
        elif chance < 0.18:
            predicate = random.choice(quads)[1]
        elif chance < 0.2:
            subject = random.choice(quads)[0]
        lines.append(f"{subject} {predicate} {term} .\n")
    return "".join(lines).encode()


Run = Callable[[Mapping, Path], set[str]]
FORMS: Final[dict[str, Callable[[bytes, Random], bytes]]] = {
    ".json": _json, ".jsonld": _json, ".ndjson": _lines, ".xml": _xml, ".txt": _table, ".ttl": _turtle,
}  # fmt: skip


# -- the claim -------------------------------------------------------------------------------------


def crashes(mapping: Mapping, name: str, seeds: range, folder: Path, run: Run) -> list[str]:
    """What became of mangled files that should not: the seed, the file and what was raised."""
    files = sorted(file for file in (EXAMPLES / name).iterdir() if file.suffix in FORMS)
    found = []
    for seed in seeds:
        file = files[seed % len(files)]
        path = folder / file.name
        path.write_bytes(mangled(file.read_bytes(), file.suffix, Random(seed)))
        try:
            codes = run(mapping, path)
        except SemanticsError as error:
            codes = {finding.code for finding in error.diagnostics}
        except Exception as error:
            codes = {f"INT: {type(error).__name__}"}
        found += [f"{seed} {file.name} {code}" for code in codes if code.startswith("INT")]
    return found


def _read_and_mapped(mapping: Mapping, path: Path) -> set[str]:
    """The codes of the records of a file that are rejected."""
    outcomes = (mapping.outcome(record, []) for _, record in Inputs(mapping.plan, [str(path)]).records())
    return {one.code for outcome in outcomes if isinstance(outcome, Rejected) for one in outcome.diagnostics}


def _converted(mapping: Mapping, path: Path) -> set[str]:
    """The same of a whole run, which accounts for every record."""
    report = semantics.convert(mapping, path, path.parent / "out.ndjson")
    assert report.records["read"] == sum(report.records[fate] for fate in ("mapped", "rejected", "filtered"))
    return set(report.rejects)


@pytest.mark.parametrize("name", NAMES)
def test_mangled_examples_are_mapped_or_rejected(name: str, tmp_path: Path) -> None:
    """A few of each."""
    mapping = semantics.load_mapping(name)
    alone = mapping.with_related({}) if mapping.plan.lookups else mapping
    assert crashes(alone, name, range(6), tmp_path, _read_and_mapped) == []


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_runs_over_mangled_examples_end(name: str, tmp_path: Path) -> None:
    """Every file of the examples in many ways."""
    assert crashes(semantics.load_mapping(name), name, range(6, 300), tmp_path, _converted) == []
