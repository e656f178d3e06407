"""Made-up JSON Schemas and records for them: Hypothesis strategies."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

Json = dict[str, Any]
KEYS = ["a", "b", "c", "@id"]
TEXTS = ["", "a", "ab", "GBP", "2024-02-29", "x y"]
NUMBERS = [0, 1, 2, 3.5, -1, 10]


def some(draw: st.DrawFn, one_in: int) -> bool:
    return bool(draw(st.integers(1, one_in)) == 1)


@st.composite
def scalars(draw: st.DrawFn) -> Json:
    """A text, a number, a boolean, a code."""
    kind = draw(st.sampled_from(["string", "string", "integer", "number", "boolean", "enum", "const", "codes"]))
    if kind == "enum":
        return {"enum": draw(st.lists(st.sampled_from(TEXTS), min_size=1, max_size=3, unique=True))}
    if kind == "codes":
        return {"enum": draw(st.lists(st.sampled_from([*TEXTS, *NUMBERS, True]), min_size=1, max_size=4))}
    if kind == "const":
        return {"const": draw(st.sampled_from([*TEXTS, *NUMBERS, True, False]))}
    found: Json = {"type": kind}
    if kind == "string":
        for key in ("minLength", "maxLength"):
            if some(draw, 4):
                found[key] = draw(st.integers(0, 3))
        if some(draw, 4):
            found["pattern"] = draw(st.sampled_from(["^a", "b$", "[0-9]"]))
    elif kind != "boolean":
        for key in ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"):
            if some(draw, 5):
                found[key] = draw(st.sampled_from(NUMBERS))
    return found


@st.composite
def objects(draw: st.DrawFn, inner: st.SearchStrategy[Any]) -> Json:
    """An object with properties, or with other keys, or both."""
    names = draw(st.lists(st.sampled_from(KEYS), max_size=3, unique=True))
    found: Json = {"type": "object", "properties": {name: draw(inner) for name in names}}
    if names and some(draw, 2):
        found["required"] = draw(st.lists(st.sampled_from(names), min_size=1, unique=True))
    if some(draw, 2):
        found["additionalProperties"] = draw(st.one_of(st.booleans(), inner))
    if some(draw, 10):
        found["patternProperties"] = {"^x-": draw(inner)}
    if not names:
        del found["properties"]
    return found


@st.composite
def combined(draw: st.DrawFn, inner: st.SearchStrategy[Any]) -> Json:
    """Several schemas of which one, some or all hold, perhaps with more beside them."""
    key = draw(st.sampled_from(["anyOf", "oneOf", "allOf"]))
    found: Json = {key: draw(st.lists(inner, min_size=1, max_size=3))}
    return found | draw(scalars()) if some(draw, 6) else found


def nodes() -> st.SearchStrategy[Any]:
    """Any schema."""
    leaves = st.one_of(scalars(), scalars(), st.sampled_from([True, {}, {"$ref": "#/$defs/A"}, {"$ref": "#/$defs/B"}]))
    return st.recursive(
        leaves,
        lambda inner: st.one_of(
            objects(inner),
            objects(inner),
            combined(inner),
            st.builds(lambda items, low: {"type": "array", "items": items, "minItems": low}, inner, st.integers(0, 2)),
        ),
        max_leaves=6,
    )


@st.composite
def schemas(draw: st.DrawFn) -> Json:
    """A schema whose records are objects, with two definitions that may refer to one another."""
    root = draw(objects(nodes()).filter(lambda each: "properties" in each))
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **root,
        "$defs": {"A": draw(nodes()), "B": draw(nodes())},
    }


@st.composite
def records(draw: st.DrawFn, schema: Any, root: Json, depth: int = 4) -> Any:
    """A record that a schema may take, or nearly."""
    if depth == 0 or not isinstance(schema, dict) or some(draw, 12):
        return draw(st.sampled_from([*TEXTS, *NUMBERS, True, {"a": 1}, ["a"]]))
    if "$ref" in schema:
        return draw(records(root["$defs"][schema["$ref"][-1]], root, depth - 1))
    for key in ("anyOf", "oneOf", "allOf"):
        if key in schema:
            parts = schema[key]
            if key == "allOf" and all(isinstance(part, dict) and "properties" in part for part in parts):
                made = [draw(records(part, root, depth - 1)) for part in parts]
                return {key: value for each in made if isinstance(each, dict) for key, value in each.items()}
            return draw(records(draw(st.sampled_from(parts)), root, depth - 1))
    if "enum" in schema or "const" in schema:
        return draw(st.sampled_from(schema.get("enum", [schema.get("const")])))
    match schema.get("type"):
        case "object":
            given = schema.get("properties", {})
            found = {}
            for name, part in given.items():
                if name in schema.get("required", ()) or some(draw, 2):
                    found[name] = draw(records(part, root, depth - 1))
            if some(draw, 3):
                found["other"] = draw(records(schema.get("additionalProperties", True), root, depth - 1))
            return found
        case "array":
            size = draw(st.integers(1, 3))
            return [draw(records(schema.get("items", True), root, depth - 1)) for _ in range(size)]
        case "string":
            return draw(st.sampled_from(TEXTS))
        case "boolean":
            return draw(st.booleans())
        case "integer" | "number":
            return draw(st.sampled_from(NUMBERS))
    return draw(st.sampled_from([*TEXTS, *NUMBERS, True]))
