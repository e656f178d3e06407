"""The JSON Schemas of the files that people write, by kind: what editors complete and check without more."""

from __future__ import annotations

import json
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any, Final

__all__ = ["FOLDER", "SCHEMAS", "file_name", "schema_text", "write_schemas"]

FOLDER: Final = ".semantics"
"""The folder of a workspace that holds what editors need."""

SCHEMAS: Final[dict[str, tuple[str, str]]] = {
    "mapping": ("semantics.editor.mapping_schema:mapping_schema", "mappings/*.yaml"),
    "tests": ("semantics.editor.mapping_schema:tests_schema", "mappings/*.tests.yaml"),
    "ontology": ("semantics.editor.ontology_schema:ontology_schema", "ontologies/*.yaml"),
    "settings": ("semantics.editor.ontology_schema:settings_schema", "semantics.toml"),
}
"""By kind: the function that makes the schema, and the files that it is about."""


def schema_text(kind: str) -> str:
    """The schema of a kind as JSON: the same bytes each time."""
    module, _, name = SCHEMAS[kind][0].partition(":")
    make: Callable[[], dict[str, Any]] = getattr(import_module(module), name)
    return json.dumps(make(), indent=1, ensure_ascii=False) + "\n"


def file_name(kind: str) -> str:
    """How the file of a schema is called."""
    return f"{kind}.schema.json"


def write_schemas(folder: Path) -> tuple[Path, ...]:
    """Write every schema that is not there as it should be; the files that were written. Raises :class:`OSError`."""
    written = []
    for kind in SCHEMAS:
        path, text = folder / file_name(kind), schema_text(kind)
        if not path.is_file() or path.read_bytes() != text.encode():
            folder.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
            written.append(path)
    return tuple(written)
