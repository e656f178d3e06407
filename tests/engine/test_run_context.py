"""What the operator gives to a run: the instant of now_of_run(), the key of pseudonym()."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import semantics
from semantics.engine.mapping import Mapping
from semantics.expressions.context import RunContext, current

SCHEMA = {
    "id": "https://example.org/s",
    "name": "s",
    "types": {
        "string": {"uri": "xsd:string", "base": "str"},
        "datetime": {"uri": "xsd:dateTime", "base": "XSDDateTime"},
    },
    "prefixes": {"xsd": "http://www.w3.org/2001/XMLSchema#"},
    "classes": {"P": {"attributes": {"id": {"identifier": True, "range": "string"}, "at": {"range": "datetime"}}}},
}
KEY = "0123456789abcdef0123456789abcdef"


def mapping(expr: str, slot: str = "id", **extra: Any) -> Mapping:
    slots = {"id": {"populated_from": "id"}, slot: {"expr": expr}}
    spec = {"class_derivations": {"P": {"slot_derivations": slots}}, **extra}
    return semantics.load_mapping(spec, source_schema=SCHEMA, target_schema=SCHEMA)


@pytest.fixture
def records(tmp_path: Path) -> Path:
    path = tmp_path / "in.ndjson"
    path.write_text('{"id": "a"}\n{"id": "b"}\n')
    return path


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SEMANTICS_PSEUDONYM_KEY", raising=False)
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)


def converted(ready: Mapping, source: Path, **options: Any) -> list[dict[str, Any]]:
    out = source.parent / "out.ndjson"
    assert semantics.convert(ready, source, out, **options).exit_code == 0
    return [json.loads(line) for line in out.read_text().splitlines()]


def code(fault: pytest.ExceptionInfo[semantics.UsageError]) -> str:
    return fault.value.diagnostics[0].code


def test_one_instant_for_a_run(records: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Given, from the environment, or the clock once; always in UTC."""
    ready = mapping("now_of_run()", "at")
    assert ready.plan.needs == ("now",)
    found = converted(ready, records, now="2025-01-31T12:00:00+02:00", report=records.parent / "report.json")
    assert [row["at"] for row in found] == ["2025-01-31T10:00:00Z"] * 2
    assert json.loads((records.parent / "report.json").read_text())["run"]["now"] == "2025-01-31T10:00:00Z"
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "86400")
    assert converted(ready, records)[1]["at"] == "1970-01-02T00:00:00Z"
    assert converted(ready, records, now="2025-01-31T12:00:00Z")[0]["at"] == "2025-01-31T12:00:00Z"
    monkeypatch.delenv("SOURCE_DATE_EPOCH")
    outcomes = [outcome.instance["at"] for outcome in ready.stream([{"id": "a"}, {"id": "b"}])]  # type: ignore[union-attr]
    assert len(set(outcomes)) == 1
    assert current() == RunContext()


@pytest.mark.parametrize("now", ["2025-01-31", "2025-01-31T10:00:00", "tomorrow", ""])
def test_an_instant_must_be_one(records: Path, now: str) -> None:
    with pytest.raises(semantics.UsageError) as fault:
        converted(mapping("now_of_run()", "at"), records, now=now)
    assert code(fault) == "EXP014"


def test_the_epoch_must_be_a_number(monkeypatch: pytest.MonkeyPatch) -> None:
    for value in ("soon", "9" * 30):
        monkeypatch.setenv("SOURCE_DATE_EPOCH", value)
        with pytest.raises(semantics.UsageError) as fault:
            semantics.evaluate("now_of_run()")
        assert code(fault) == "EXP014"


def test_pseudonyms_are_keyed(records: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The key comes from a file or the environment; another key or purpose gives other pseudonyms."""
    ready = mapping("pseudonym(id, 'people')")
    assert ready.plan.needs == ("key",)
    file = tmp_path / "key"
    file.write_text(KEY + "\n")
    found = [row["id"] for row in converted(ready, records, pseudonym_key=file)]
    assert len(set(found)) == 2 and all(len(text) == 64 for text in found)
    monkeypatch.setenv("SEMANTICS_PSEUDONYM_KEY", KEY)
    assert [row["id"] for row in converted(ready, records)] == found
    assert semantics.evaluate("pseudonym('a', 'people')") == found[0]
    assert ready.apply({"id": "a"}) == {"id": found[0]}
    assert semantics.evaluate("pseudonym('a', 'accounts')") != found[0]
    monkeypatch.setenv("SEMANTICS_PSEUDONYM_KEY", KEY[::-1])
    assert semantics.evaluate("pseudonym('a', 'people')") != found[0]


def test_a_pseudonym_is_what_the_standard_says(monkeypatch: pytest.MonkeyPatch) -> None:
    """HMAC (RFC 2104) under a key that is itself the HMAC of the purpose."""
    import hashlib
    import hmac

    monkeypatch.setenv("SEMANTICS_PSEUDONYM_KEY", KEY)
    own = hmac.new(KEY.encode(), b"people", hashlib.sha256).digest()
    assert semantics.evaluate("pseudonym(7.0, 'people')") == hmac.new(own, b"7.0", hashlib.sha256).hexdigest()


def test_without_a_key_nothing_is_read(records: Path, tmp_path: Path) -> None:
    """A missing, short or unreadable key ends the run before the first record, and is never quoted."""
    ready = mapping("pseudonym(id, 'people')")
    with pytest.raises(semantics.UsageError) as fault:
        converted(ready, records)
    assert code(fault) == "EXP012"
    with pytest.raises(semantics.UsageError) as fault:
        ready.apply({"id": "a"})
    assert code(fault) == "EXP012"
    short = tmp_path / "short"
    short.write_text("hunter2\n")
    for file in (short, tmp_path / "absent", tmp_path):
        with pytest.raises(semantics.UsageError) as fault:
            converted(ready, records, pseudonym_key=file)
        assert code(fault) == "EXP013"
        assert "hunter2" not in str(fault.value)
    assert not (tmp_path / "out.ndjson").exists()


def test_the_key_is_not_shown() -> None:
    assert "secret" not in repr(RunContext(key=b"secret"))


def test_a_mapping_that_needs_nothing_asks_for_nothing(records: Path) -> None:
    ready = mapping("upper(id)")
    assert ready.plan.needs == ()
    assert [row["id"] for row in converted(ready, records)] == ["A", "B"]


def test_prefixes_of_the_mapping_and_the_target_schema(records: Path) -> None:
    """curie(), expand() and iri() know the prefixes of both; the mapping's win."""
    prefixes = {"ex": "https://example.org/id/"}
    found = converted(mapping("curie(iri('ex:', id))", prefixes=prefixes), records)
    assert [row["id"] for row in found] == ["ex:a", "ex:b"]
    found = converted(mapping("expand(concat('xsd:', id))"), records)
    assert found[0]["id"] == "http://www.w3.org/2001/XMLSchema#a"
    with pytest.raises(semantics.DefinitionError) as fault:
        mapping("expand('ex:a')")
    assert fault.value.diagnostics[0].code == "EXP011"


def test_prefixes_of_evaluate() -> None:
    assert semantics.evaluate("expand('ex:a')", prefixes={"ex": "https://e.org/"}) == "https://e.org/a"
    assert semantics.evaluate("[expand(c) for c in cs]", {"cs": ["xsd:a"]}) == ["http://www.w3.org/2001/XMLSchema#a"]
    with pytest.raises(semantics.ExpressionError):
        semantics.evaluate("expand('ex:a', ['ex', 'https://e.org/'])")


def test_a_group_needs_what_its_conditions_need() -> None:
    """Every expression of a plan counts, wherever it stands."""
    spec = {"class_derivations": {"P": {"where": "now_of_run() > at", "slot_derivations": {"id": {"value": "a"}}}}}
    assert semantics.load_mapping(spec, source_schema=SCHEMA, target_schema=SCHEMA).plan.needs == ("now",)
    slots = {"slot_derivations": {"id": {"expr": "who"}}}
    grouped = {"group_by": {"who": "pseudonym(id, 'groups')"}, **slots}
    ready = semantics.load_mapping({"class_derivations": {"P": grouped}}, source_schema=SCHEMA, target_schema=SCHEMA)
    assert ready.plan.needs == ("key",)
