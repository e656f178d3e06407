"""A real client speaks with the server: what is asked is answered, what is wrong is told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types as lsp

from semantics.cli.init import _FILES

MAPPING = _FILES["mappings/meters.yaml"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    root = tmp_path / "a b ü"
    for name, text in _FILES.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, "utf-8")
    return root


def test_a_mistake_is_told_where_it_stands_and_taken_back_when_it_is_mended(editor: Any, folder: Path) -> None:
    uri = (folder / "mappings" / "meters.yaml").as_uri()
    assert "%20" in uri
    assert editor.findings(uri, lambda: editor.open(uri, MAPPING)) == []
    wrong = MAPPING.replace("title: Meter", "title: '🙂ü' # Meter").replace(
        "phenomenon_time: {populated_from: read_on}", "phenomenon_time: {title: '🙂ü', populated_from: reed_on}"
    )
    (finding,) = editor.findings(uri, lambda: editor.change(uri, wrong))
    line = next(at for at, text in enumerate(wrong.split("\n")) if "reed_on" in text)
    before = wrong.split("\n")[line].index("reed_on")
    assert (finding.code, finding.severity) == ("MAP013", lsp.DiagnosticSeverity.Error)
    assert (finding.range.start.line, finding.range.start.character) == (line, before + 1)
    assert finding.range.end.character == before + 1 + len("reed_on")
    assert "did you mean 'read_on'?" in finding.message
    assert editor.findings(uri, lambda: editor.change(uri, MAPPING)) == []
    assert editor.findings(uri, lambda: editor.close(uri)) == []


def at(text: str, mark: str) -> tuple[str, lsp.Position]:
    """A text without its cursor, and where that was, in UTF-16."""
    before = text[: text.index(mark)]
    line = before.rpartition("\n")[2]
    return text.replace(mark, ""), lsp.Position(before.count("\n"), len(line.encode("utf-16-le")) // 2)


def opened(editor: Any, folder: Path, text: str, name: str = "mappings/meters.yaml") -> tuple[Any, lsp.Position]:
    uri = (folder / name).as_uri()
    plain, position = at(text, "█")
    editor.open(uri, plain)
    return lsp.TextDocumentIdentifier(uri), position


def test_slots_are_completed_in_a_line_that_is_half_typed(editor: Any, folder: Path) -> None:
    text = MAPPING.replace("id: {iri:", "observed_property: {title: '🙂ü', expr: \"upper(me█\n      id: {iri:")
    document, position = opened(editor, folder, text)
    found = editor.run(editor.client.text_document_completion_async(lsp.CompletionParams(document, position)))
    items = {item.label: item for item in found.items}
    assert {"meter", "read_on", "kwh", "upper"} <= items.keys()
    edit = items["meter"].text_edit
    assert (edit.new_text, edit.range.end) == ("meter", position)
    assert edit.range.start.character == position.character - 2
    assert "Number on the meter." in items["meter"].documentation.value


def test_hovering_tells_what_the_model_says(editor: Any, folder: Path) -> None:
    text = MAPPING.replace("{populated_from: read_on}", "{comments: '🙂ü', populated_from: read█_on}")
    document, position = opened(editor, folder, text)
    found = editor.run(editor.client.text_document_hover_async(lsp.HoverParams(document, position)))
    assert "Day of the reading." in found.contents.value
    assert "cardinality: 0..1" in found.contents.value
    assert (found.range.start.character, found.range.end.character) == (position.character - 4, position.character + 3)


def test_a_definition_leads_to_the_line_of_the_schema(editor: Any, folder: Path) -> None:
    document, position = opened(editor, folder, MAPPING.replace("populated_from: kwh}", "populated_from: kw█h}", 1))
    found = editor.run(editor.client.text_document_definition_async(lsp.DefinitionParams(document, position)))
    schema = folder / "ontologies" / "meters.yaml"
    assert found.uri == schema.as_uri()
    assert schema.read_text("utf-8").splitlines()[found.range.start.line].strip() == "kwh:"


def test_what_is_typed_into_a_schema_is_known_in_the_mapping_before_it_is_saved(editor: Any, folder: Path) -> None:
    uri, schema = ((folder / name).as_uri() for name in ("mappings/meters.yaml", "ontologies/meters.yaml"))
    old = (folder / "ontologies" / "meters.yaml").read_text("utf-8")
    text = MAPPING.replace("populated_from: kwh", "populated_from: energy")
    (finding,) = editor.findings(uri, lambda: editor.open(uri, text))
    assert finding.code == "MAP013"
    editor.open(schema, old)
    new = f"{old}      energy:\n        description: Energy.\n        range: decimal\n"
    assert editor.findings(uri, lambda: editor.change(schema, new)) == []


def test_a_broken_schema_is_told_where_it_is_named(editor: Any, folder: Path) -> None:
    uri, schema = ((folder / name).as_uri() for name in ("mappings/meters.yaml", "ontologies/meters.yaml"))
    (folder / "ontologies" / "meters.yaml").write_text("id: https://example.org/x\nname: meters\nclases: {}\n")
    (finding,) = editor.findings(uri, lambda: editor.open(uri, MAPPING))
    assert (finding.code, finding.range.start) == ("SCH001", at(MAPPING.replace(": meters", ": █meters"), "█")[1])
    (related,) = finding.related_information
    assert (related.location.uri, related.location.range.start.line) == (schema, 2)


def test_the_parts_of_a_mapping_are_listed(editor: Any, folder: Path) -> None:
    document, _ = opened(editor, folder, MAPPING + "█")
    found = editor.run(editor.client.text_document_document_symbol_async(lsp.DocumentSymbolParams(document)))
    assert [symbol.name for symbol in found] == ["Observation"]
    assert [symbol.name for symbol in found[0].children][:2] == ["id", "feature_of_interest"]


@pytest.mark.parametrize("uri", ["untitled:Untitled-1", "file:///c%3A/a%20b/x.yaml", "file:///%00", "nonsense"])
def test_a_text_that_is_no_file_here_is_answered_with_nothing(editor: Any, uri: str) -> None:
    editor.open(uri, "services: {a: {image: b}}\n")
    document = lsp.TextDocumentIdentifier(uri)
    position = lsp.Position(0, 12)
    hovered = editor.run(editor.client.text_document_hover_async(lsp.HoverParams(document, position)))
    completed = editor.run(editor.client.text_document_completion_async(lsp.CompletionParams(document, position)))
    assert (hovered, list(completed.items)) == (None, [])
    editor.close(uri)


def test_other_yaml_is_left_alone(editor: Any, folder: Path) -> None:
    uri = (folder / "compose.yaml").as_uri()
    assert editor.findings(uri, lambda: editor.open(uri, "services: {a: {image: b}}\n")) == []


def test_the_name_that_was_meant_is_one_action_away(editor: Any, folder: Path) -> None:
    uri = (folder / "mappings" / "meters.yaml").as_uri()
    wrong = MAPPING.replace("{populated_from: read_on}", "{comments: '🙂', populated_from: reed_on}")
    (finding,) = editor.findings(uri, lambda: editor.open(uri, wrong))
    asked = lsp.CodeActionParams(lsp.TextDocumentIdentifier(uri), finding.range, lsp.CodeActionContext([finding]))
    (action,) = editor.run(editor.client.text_document_code_action_async(asked))
    (edit,) = action.edit.changes[uri]
    assert (action.title, edit.new_text, edit.range) == ("Write 'read_on'", "read_on", finding.range)


def test_what_check_would_mend_is_offered(editor: Any, folder: Path) -> None:
    uri = (folder / "ontologies" / "meters.yaml").as_uri()
    text = (folder / "ontologies" / "meters.yaml").read_text("utf-8")
    text = text.replace('{meters: "https://example.org/meters/"}', "\n  meters: https://example.org/meters/")
    wrong = text.replace("\n  meters:", "\n  unused: https://example.org/unused/\n  meters:")
    (finding,) = [one for one in editor.findings(uri, lambda: editor.open(uri, wrong)) if one.code == "CHK052"]
    asked = lsp.CodeActionParams(lsp.TextDocumentIdentifier(uri), finding.range, lsp.CodeActionContext([finding]))
    (action,) = editor.run(editor.client.text_document_code_action_async(asked))
    (edit,) = action.edit.changes[uri]
    lines = wrong.split("\n")
    kept = "\n".join(lines[: edit.range.start.line]) + "\n" + lines[edit.range.start.line][: edit.range.start.character]
    rest = lines[edit.range.end.line][edit.range.end.character :] + "\n" + "\n".join(lines[edit.range.end.line + 1 :])
    assert kept + edit.new_text + rest == text


def test_findings_are_those_of_the_last_of_many_edits(editor: Any, folder: Path) -> None:
    """Edits of a part of the text, after an emoji, faster than findings are worked out: no older text is told about."""
    uri = (folder / "mappings" / "meters.yaml").as_uri()
    text = MAPPING.replace("{populated_from: read_on}", "{comments: '🙂\u2028ü', populated_from: read_on}")
    assert editor.findings(uri, lambda: editor.open(uri, text)) == []
    line = next(at for at, one in enumerate(text.split("\n")) if "🙂" in one)
    column = len(text.split("\n")[line].partition("read_on")[0].encode("utf-16-le")) // 2

    def type_letters() -> None:
        for at, letter in enumerate("xyzw"):
            editor.edit(uri, (line, column + at), (line, column + at), letter)

    before = len(editor.told[uri])
    (finding,) = editor.findings(uri, type_letters)
    assert "'xyzwread_on'" in finding.message
    assert finding.range.start.character == column
    assert editor.findings(uri, lambda: editor.edit(uri, (line, column), (line, column + 4), "")) == []
    assert len(editor.told[uri]) == before + 2


def test_lines_may_end_as_they_do_on_windows(editor: Any, folder: Path) -> None:
    text = MAPPING.replace("id: {iri:", 'observed_property: {expr: "upper(me█\n      id: {iri:').replace("\n", "\r\n")
    document, position = opened(editor, folder, text)
    found = editor.run(editor.client.text_document_completion_async(lsp.CompletionParams(document, position)))
    assert {"meter", "read_on", "upper"} <= {item.label for item in found.items}


def test_a_slot_is_renamed_wherever_it_is_used_and_nowhere_else(editor: Any, folder: Path) -> None:
    """In the mapping (not in its comments), in the schema and in the tests."""
    text = MAPPING.replace("{populated_from: kwh}", "{populated_from: kw█h, comments: [kwh]}")
    document, position = opened(editor, folder, text)
    schema, tested = ((folder / name).as_uri() for name in ("ontologies/meters.yaml", "mappings/meters.tests.yaml"))
    asked = lsp.ReferenceParams(lsp.ReferenceContext(True), document, position)
    found = editor.run(editor.client.text_document_references_async(asked))
    assert sorted(one.uri for one in found) == sorted([document.uri] * 2 + [tested, schema])
    renamed = lsp.RenameParams(document, position, "energy")
    edit = editor.run(editor.client.text_document_rename_async(renamed))
    assert {uri: len(edits) for uri, edits in edit.changes.items()} == {document.uri: 2, schema: 1, tested: 1}
    assert editor.run(editor.client.text_document_rename_async(lsp.RenameParams(document, position, "a b"))) is None


def test_what_the_library_defines_is_not_renamed(editor: Any, folder: Path) -> None:
    document, position = opened(editor, folder, MAPPING.replace("phenomenon_time:", "phenomenon█_time:"))
    assert editor.run(editor.client.text_document_rename_async(lsp.RenameParams(document, position, "time"))) is None
