"""Findings as SARIF 2.1.0 (OASIS Standard, March 2020), which code-scanning tools read."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from semantics.codes import AREAS, CODES
from semantics.errors import Severity
from semantics.version import __version__

__all__ = ["Place", "Result", "sarif", "uri_of"]

_SCHEMA: Final = "https://json.schemastore.org/sarif-2.1.0.json"
_AREA: Final = re.compile(r"[A-Z]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A line of a file; ``says`` is what stands there, in a few words."""

    file: str
    line: int | None = None
    column: int | None = None
    says: str | None = None

    @classmethod
    def told(cls, text: str | None, says: str) -> tuple[Place, ...]:
        """The place that ``file:line`` names; none where there is no file.

        >>> Place.told("map.yaml:3", "mapping rule")
        (Place(file='map.yaml', line=3, column=None, says='mapping rule'),)
        """
        file, _, line = (text or "").rpartition(":")
        return (cls(file=file, line=int(line), says=says),) if file and line.isdecimal() else ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One finding. ``logical`` are (kind, name) pairs of what it is about, by the kinds of SARIF, section 3.33.7.

    ``identity`` tells the finding from all others of its code and file, and stays the same from run to run as long
    as the input does: of this the fingerprint is made, never of a value.
    """

    code: str
    message: str
    severity: Severity = Severity.ERROR
    place: Place | None = None
    logical: Sequence[tuple[str, str]] = ()
    related: Sequence[Place] = ()
    identity: Sequence[str] = ()
    properties: Mapping[str, Any] = field(default_factory=dict)


def sarif(
    results: Sequence[Result], *, notices: Sequence[str] = (), properties: Mapping[str, Any] | None = None,
    rules: Mapping[str, Mapping[str, Any]] | None = None,
) -> str:  # fmt: skip
    """A log with one run. ``notices`` are what the tool says about the run itself, ``properties`` plain data.

    ``rules`` is what is known of codes beyond their meaning, in the words of SARIF, section 3.49.
    Equal results give equal text; no time and no name of a machine stands in it.
    """
    codes = sorted({result.code for result in results})
    told = [_rule(code) | dict((rules or {}).get(code, {})) for code in codes]
    seen: Counter[str] = Counter()
    run: dict[str, Any] = {
        "tool": {"driver": {"name": "semantics", "version": __version__, "rules": told}},
        "columnKind": "unicodeCodePoints",
        "results": [_result(result, codes, seen) for result in results],
    }
    if notices:
        said = [{"level": "warning", "message": {"text": text}} for text in notices]
        run["invocations"] = [{"executionSuccessful": True, "toolExecutionNotifications": said}]
    if properties:
        run["properties"] = dict(properties)
    log = {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(log, indent=2, allow_nan=False) + "\n"


def _rule(code: str) -> dict[str, Any]:
    meaning = _sentence(CODES.get(code, code))
    letters = _AREA.match(code)
    area = AREAS.get(letters[0] if letters else "")
    return {
        "id": code,
        "shortDescription": {"text": meaning},
        "help": {"text": f"{code}: {meaning}{f' {area}' if area else ''}"},
    }


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."


def _result(result: Result, codes: Sequence[str], seen: Counter[str]) -> dict[str, Any]:
    data: dict[str, Any] = {
        "ruleId": result.code,
        "ruleIndex": codes.index(result.code),
        "level": str(result.severity),
        "message": {"text": result.message},
    }
    location: dict[str, Any] = {}
    if result.place is not None:
        location = _location(result.place)
    if result.logical:
        location["logicalLocations"] = [{"fullyQualifiedName": name, "kind": kind} for kind, name in result.logical]
    if location:
        data["locations"] = [location]
    related = [found for place in result.related if (found := _location(place))]
    if related:
        data["relatedLocations"] = [{"id": number, **found} for number, found in enumerate(related, start=1)]
    data["partialFingerprints"] = {"semantics/v1": _fingerprint(result, seen)}
    if result.properties:
        data["properties"] = dict(result.properties)
    return data


def _fingerprint(result: Result, seen: Counter[str]) -> str:
    """A digest of what the result is about; results that are about the same are numbered."""
    file = result.place.file if result.place else ""
    told = "\0".join((result.code, file, *result.identity)).encode("utf-8", "surrogatepass")
    digest = hashlib.sha256(told).hexdigest()[:32]
    seen[digest] += 1
    return f"{digest}:{seen[digest]}"


def _location(place: Place) -> dict[str, Any]:
    """A place as SARIF says it (section 3.28); nothing where it is in no file."""
    artifact = uri_of(place.file)
    if artifact is None:
        return {}
    physical: dict[str, Any] = {"artifactLocation": artifact}
    if place.line is not None:
        physical["region"] = {"startLine": place.line}
        if place.column is not None:
            physical["region"]["startColumn"] = place.column
    return {"physicalLocation": physical, **({"message": {"text": place.says}} if place.says else {})}


def uri_of(file: str) -> dict[str, str] | None:
    """The URI of a file, from the folder of the run on where it is below it; None where it is no file.

    >>> uri_of("data/a b.json")
    {'uri': 'data/a%20b.json', 'uriBaseId': '%SRCROOT%'}
    >>> uri_of("<stdin>")
    """
    if not file or file == "-" or file.startswith("<"):
        return None
    path = Path(file)
    if path.is_absolute():
        if not path.is_relative_to(Path.cwd()):
            return {"uri": f"file://{_quoted(path)}"}
        path = path.relative_to(Path.cwd())
    return {"uri": _quoted(path), "uriBaseId": "%SRCROOT%"}


def _quoted(path: Path) -> str:
    return quote(path.as_posix().encode("utf-8", "surrogateescape" if _from_system(path) else "replace"))


def _from_system(path: Path) -> bool:
    """Whether every lone surrogate stands for a byte of a file name (PEP 383)."""
    return all(not "\ud800" <= char <= "\udfff" or "\udc80" <= char <= "\udcff" for char in str(path))
