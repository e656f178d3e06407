"""The tests of a mapping and their results, and what becomes of the records of its examples."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import msgspec

from semantics.engine.inputs import Inputs
from semantics.engine.mapping import Mapping as ReadyMapping
from semantics.engine.prepare import Prepared
from semantics.engine.tested import TestResult
from semantics.engine.testing import MappingTests, outcomes
from semantics.errors import Diagnostic, SemanticsError
from semantics.kept import noted
from semantics.mapping.tests import LoadedTest, MappingTest, file_beside, mapping_tests
from semantics.records import Filtered, Mapped, Outcome, Record, Rejected
from semantics.site.mapping_pages import Example, TestShown
from semantics.site.names import slug, slugs
from semantics.workspace import Workspace, is_file, shown
from semantics.yaml_source import Plain

__all__ = ["examples_of", "tests_of"]

FILES: Final = 12
"""Files of examples that are tried, in the order of their names."""
OF_FILE: Final = 2
"""Records of a file that are shown."""
RECORDS: Final = 300
"""Records that are read of an example, to be looked up by others."""
BYTES: Final = 300_000
LETTERS: Final = 6_000
"""Of a record or an instance, as it is shown."""
NOW: Final = "2000-01-01T00:00:00Z"
"""The instant of the examples, so that they are the same at any time."""


def tests_of(
    path: Path, prepared: Prepared, workspace: Workspace
) -> tuple[tuple[TestShown, ...], tuple[Diagnostic, ...]]:
    """The tests of a mapping with their results, and what is wrong with them."""
    try:
        tests = mapping_tests(path, shown(path, workspace.roots), shown(file_beside(path), workspace.roots))
    except SemanticsError as fault:
        return (), fault.diagnostics
    if not tests:
        return (), ()
    results = MappingTests(path.stem, prepared, tests, workspace.roots).run()
    anchors = slugs(test.test.name for test in tests)
    for test in tests:
        if test.test.input_file:
            noted((test.folder or Path()) / test.test.input_file)
    return tuple(_shown(test, result, anchors) for test, result in zip(tests, results, strict=True)), ()


def _shown(loaded: LoadedTest, result: TestResult, anchors: Mapping[str, str]) -> TestShown:
    test = loaded.test
    return TestShown(
        name=test.name,
        anchor=f"test-{anchors[test.name]}",
        description=test.description,
        place=result.place,
        passed=result.passed,
        given=f"the records of {test.input_file}" if test.input_file else _text(test.inputs or test.input or {}),
        expected=_expected(test),
        differences=tuple((each.path, each.expected, each.found, each.rule or "") for each in result.differences),
    )


def _expected(test: MappingTest) -> str:
    told = [_text(value) for value in (test.output, test.outputs, test.contains) if value is not None]
    if test.rejected is not None:
        told.append(f"rejected: {', '.join(test.rejected)}")
    if test.filtered is not None:
        told.append("filtered" if test.filtered is True else f"{int(test.filtered)} records filtered")
    return "\n".join(told)


def examples_of(path: Path, prepared: Prepared) -> tuple[Example, ...]:
    """What becomes of the first records of each file in ``examples/NAME`` beside the mapping.

    An example that cannot be read, or needs what only a run has, is passed over: it is there for people.
    """
    folder = path.parent / "examples" / path.stem
    noted(folder)
    if not folder.is_dir():
        return ()
    files = [file for file in sorted(folder.rglob("*")) if is_file(file) and file.stat().st_size <= BYTES][:FILES]
    names = [file.relative_to(folder).as_posix() for file in files]
    anchors = slugs(f"example-{slug(name)}" for name in names)
    records = {name: _read(file, prepared) for name, file in zip(names, files, strict=True)}
    together = [record for found in records.values() for record in found]
    mapping = ReadyMapping(prepared)
    shown_of: list[Example] = []
    for name, found in records.items():
        anchor = anchors[f"example-{slug(name)}"]
        try:
            told = list(outcomes(mapping, found[:OF_FILE], among=together, now=NOW))
        except SemanticsError:
            continue
        shown_of += _examples(name, anchor, told)
    return tuple(shown_of)


def _read(file: Path, prepared: Prepared) -> list[Record]:
    found: list[Record] = []
    try:
        for _, record in Inputs(prepared.plan, [str(file)]).records():
            found.append(record)
            if len(found) >= RECORDS:
                break
    except SemanticsError:
        return []
    return [record for record in found if record.fault is None]


def _examples(name: str, anchor: str, told: Sequence[Outcome]) -> Iterator[Example]:
    for number, outcome in enumerate(told[:OF_FILE], 1):
        match outcome:
            case Mapped(instances=instances):
                result, kind = "\n".join(_text({each.class_name: each.data}) for each in instances), "mapped"
            case Rejected(diagnostics=findings):
                result, kind = "\n".join(f"{each.code}  {each.message}" for each in findings), "rejected"
            case Filtered(reason=reason):
                result, kind = reason, "filtered"
        yield Example(name, anchor if number == 1 else f"{anchor}-{number}", _text(outcome.record.data), result, kind)


def _text(value: Any) -> str:
    """Data as JSON on several lines, with every digit, as far as a page has room for it."""
    plain = msgspec.json.Encoder(decimal_format="number", enc_hook=str).encode(_plain(value))
    text = msgspec.json.format(plain, indent=2).decode()
    return text if len(text) <= LETTERS else f"{text[:LETTERS]}\n… and {len(text) - LETTERS:,} letters more"


def _plain(value: Any) -> Any:
    from decimal import Decimal

    if isinstance(value, Plain):
        return Decimal(value.text)
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, (list, tuple)) else value
