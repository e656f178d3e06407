"""Tests of a mapping as data: what goes in, and what must come of it; beside the mapping or in it.

A test says ``input`` (one record), ``inputs`` (several) or ``input_file``, and what is expected: ``output`` (the one
instance), ``outputs`` (all of them, each under its class), ``contains`` (parts of them), ``rejected`` (codes) or
``filtered``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from semantics.errors import Diagnostic, Location, MappingError, closest, escaped
from semantics.mapping.forms import form_of, wrong_forms
from semantics.mapping.spec import Text, keys_of
from semantics.workspace import is_file
from semantics.yaml_source import MarkedDocument, Plain, read_yaml

__all__ = ["SUFFIX", "LoadedTest", "MappingTest", "file_beside", "mapping_tests", "read_tests", "read_tests_file"]

SUFFIX: Final = ".tests.yaml"
"""How the name of a file of tests ends: ``meters.tests.yaml`` tests ``meters.yaml``."""
_INPUTS: Final = ("input", "inputs", "input_file")
_OUTPUTS: Final = ("output", "outputs", "contains", "rejected", "filtered")


class MappingTest(BaseModel):
    """One test. ``exact``: numbers must be written alike, too (``1.50`` is not ``1.5``)."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, hide_input_in_errors=True)

    name: Text
    description: Text | None = None
    input: dict[str, Any] | None = None
    inputs: list[dict[str, Any]] | None = None
    input_file: Text | None = None
    class_: Text | None = Field(default=None, alias="class")
    related: dict[str, list[dict[str, Any]]] = {}
    now: Text | None = None
    output: dict[str, Any] | None = None
    outputs: list[dict[str, Any]] | None = None
    contains: dict[str, Any] | list[dict[str, Any]] | None = None
    rejected: list[Text] | None = None
    filtered: bool | int | None = None
    exact: bool = False


@dataclass(frozen=True, slots=True)
class LoadedTest:
    """A test, and where it stands; ``folder`` is where its ``input_file`` is looked up."""

    test: MappingTest
    location: Location
    folder: Path | None = None


def file_beside(mapping: Path) -> Path:
    """The file of tests that belongs to a mapping, whether it is there or not."""
    return mapping.with_name(f"{mapping.stem}{SUFFIX}")


def read_tests_file(path: Path, file: str | None = None) -> tuple[LoadedTest, ...]:
    """The tests of a file of tests. Raises :class:`MappingError` with everything that is wrong."""
    document = read_yaml(path, file=file, error=MappingError)
    extra = [key for key in document.data if key not in ("tests", "title", "description")]
    if extra:
        raise MappingError(
            Diagnostic("TST001", f"'{escaped(key)}' is not a key of a file of tests", document.location((key,)),
                       closest(key, ("tests", "title", "description")))
            for key in extra
        )  # fmt: skip
    return read_tests(document, path.parent)


def read_tests(document: MarkedDocument, folder: Path | None = None) -> tuple[LoadedTest, ...]:
    """The tests under the key ``tests`` of a document. Raises :class:`MappingError` with all findings."""
    given = document.data.get("tests")
    if given is None:
        return ()
    if not isinstance(given, list):
        raise MappingError(
            Diagnostic("TST001", f"'tests' must be a list, and this is {form_of(given)}", document.location(("tests",)))
        )
    reader = _Reader(document)
    found = [reader.read(item, ("tests", index)) for index, item in enumerate(given)]
    if reader.findings:
        raise MappingError(reader.findings)
    return tuple(
        LoadedTest(test, document.location(("tests", index)), folder)
        for index, test in enumerate(found)
        if test is not None
    )


class _Reader:
    def __init__(self, document: MarkedDocument) -> None:
        self.document = document
        self.findings: list[Diagnostic] = []
        self.names: set[str] = set()

    def error(self, code: str, message: str, path: tuple[str | int, ...], hint: str | None = None) -> None:
        line = self.document.line_of(path) or None
        self.findings.append(Diagnostic(code, message, self.document.location(path), hint, line))

    def read(self, data: Any, path: tuple[str | int, ...]) -> MappingTest | None:
        """One test; None when something is wrong with it (and noted)."""
        if not isinstance(data, Mapping) or not data.get("name"):
            self.error("TST001", "a test must be a mapping with a name", path)
            return None
        before = len(self.findings)
        known = keys_of(MappingTest)
        for key in data:
            if key not in known:
                self.error("TST001", f"'{escaped(str(key))}' is not a key of a test", (*path, key),
                           closest(str(key), known))  # fmt: skip
        self._says(data, path)
        name = str(data["name"])
        if name in self.names:
            self.error("TST002", f"two tests are called '{escaped(name)}'", path)
        self.names.add(name)
        if len(self.findings) > before:
            return None
        try:
            return MappingTest.model_validate({key: plain(value) for key, value in data.items()})
        except ValidationError as fault:
            self.findings += wrong_forms(fault, self.document, {(): path}, code="TST001")
            return None

    def _says(self, data: Mapping[str, Any], path: tuple[str | int, ...]) -> None:
        """One input, and something to expect of it."""
        inputs = [key for key in _INPUTS if data.get(key) is not None]
        if len(inputs) != 1:
            said = " and ".join(f"'{key}'" for key in inputs) or "nothing"
            self.error("TST003", f"a test needs one of input, inputs and input_file, and this one has {said}", path)
        outputs = [key for key in _OUTPUTS if data.get(key) is not None]
        shapes = [key for key in outputs if key in ("output", "outputs", "contains")]
        if not outputs:
            self.error(
                "TST003", "a test must say what it expects: output, outputs, contains, rejected or filtered", path
            )
        elif len(shapes) > 1:
            self.error("TST003", f"'{shapes[0]}' and '{shapes[1]}' say the same thing twice", (*path, shapes[1]))
        elif inputs == ["input"] and len(outputs) > 1:
            self.error("TST003", f"of one record comes '{outputs[0]}' or '{outputs[1]}', not both", (*path, outputs[1]))


def plain(value: Any) -> Any:
    """Data of a test as a JSON parser would give it; a number keeps its digits."""
    if isinstance(value, Plain):
        return Plain(value.text)
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return value


def mapping_tests(mapping: Path, file: str | None = None, beside: str | None = None) -> tuple[LoadedTest, ...]:
    """All tests of a mapping file: those in it, then those of the file beside it."""
    document = read_yaml(mapping, file=file, error=MappingError)
    other = file_beside(mapping)
    found = read_tests(document, mapping.parent)
    return (*found, *(read_tests_file(other, beside) if is_file(other) else ()))
