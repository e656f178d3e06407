"""What may stand at a path of a file, by the JSON Schema of its kind: keys with their texts, and closed choices."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any, Final

from semantics.editor.mapping_schema import mapping_schema, tests_schema
from semantics.editor.ontology_schema import ontology_schema
from semantics.editor.tokens import Steps

__all__ = ["Grammar", "grammar"]

Schema = dict[str, Any]

_MADE: Final = {"mapping": mapping_schema, "tests": tests_schema, "ontology": ontology_schema}


class Grammar:
    """A schema, looked up by path."""

    def __init__(self, schema: Schema) -> None:
        self.schema = schema

    def _plain(self, schema: Schema) -> Iterator[Schema]:
        """A schema without references and choices: each of its alternatives."""
        if "$ref" in schema:
            yield from self._plain(self.schema["$defs"][schema["$ref"].rpartition("/")[2]])
        for word in ("anyOf", "allOf"):
            for part in schema.get(word, ()):
                yield from self._plain(part)
        if "else" in schema:  # what is said of mappings that another tool reads is not completed
            yield from self._plain(schema["else"])
        if schema.keys() & {"properties", "additionalProperties", "items", "enum", "const", "type"}:
            yield schema

    def at(self, path: Steps) -> list[Schema]:
        """Every alternative of what stands at a path; a key that a part knows is that key and no name."""
        found = list(self._plain(self.schema))
        for step in path:
            if isinstance(step, int):
                below = [part["items"] for part in found if isinstance(part.get("items"), dict)]
            else:
                below = [part["properties"][step] for part in found if step in part.get("properties", {})]
                below = below or [
                    part["additionalProperties"] for part in found if isinstance(part.get("additionalProperties"), dict)
                ]
            found = [plain for part in below for plain in self._plain(part)]
        return found

    def keys(self, path: Steps) -> dict[str, str]:
        """The keys of the mapping at a path, each with its text as Markdown."""
        found: dict[str, str] = {}
        for part in self.at(path):
            for key, schema in part.get("properties", {}).items():
                found.setdefault(key, schema.get("markdownDescription") or schema.get("description", ""))
        return found

    def values(self, path: Steps) -> list[str]:
        """The words of a closed choice at a path."""
        found: dict[str, None] = {}
        for part in self.at(path):
            words = part.get("enum", [part["const"]] if "const" in part else [])
            if part.get("type") in ("boolean", ["boolean", "null"]):
                words = ["true", "false"]
            found |= dict.fromkeys(word for word in words if isinstance(word, str))
        return list(found)

    def text(self, path: Steps) -> str | None:
        """The text of the key by which a path ends, where it is a key of the language."""
        key = path[-1] if path else None
        return self.keys(path[:-1]).get(key) if isinstance(key, str) else None

    def part(self, path: Steps) -> str:
        """The name of the part whose keys stand at a path."""
        return next((part["title"] for part in self.at(path) if "title" in part), "")


@cache
def grammar(kind: str) -> Grammar:
    """The grammar of a kind of file.

    >>> grammar("mapping").values(("source", "unknown"))
    ['error', 'report']
    >>> "expr" in grammar("mapping").keys(("class_derivations", 0, "A", "slot_derivations", "b"))
    True
    """
    return Grammar(_MADE[kind]())
