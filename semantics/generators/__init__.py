"""Generators: a schema becomes text for other tools. One table lists them and loads them lazily.

All take a :class:`~semantics.schema.model.SchemaModel` and give the same bytes for the same schema, on
any machine and at any time. What an artefact cannot express is listed in :mod:`semantics.generators.gaps`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Final

from semantics.errors import Diagnostic, UsageError, closest

if TYPE_CHECKING:
    from semantics.schema.model import SchemaModel

__all__ = ["DEFAULT", "GENERATORS", "GeneratorSpec", "generate", "generate_package"]


@dataclass(frozen=True, slots=True)
class GeneratorSpec:
    """One kind of text: where its code is (``module:function``), its file suffix, what it is for, since when.

    The function takes a schema and returns the whole text.
    """

    target: str
    suffix: str
    purpose: str
    since: str

    def load(self) -> Callable[[SchemaModel], str]:
        """The function, imported now."""
        module, _, name = self.target.partition(":")
        found: Callable[[SchemaModel], str] = getattr(import_module(module), name)
        return found


GENERATORS: Final[dict[str, GeneratorSpec]] = {
    "pydantic": GeneratorSpec(
        "semantics.generators.pydantic_classes:single_module", ".py",
        "Pydantic v2 classes that take what the checker takes", "0.1.0",
    ),
    "shacl": GeneratorSpec(
        "semantics.generators.shacl:shacl", ".shacl.ttl",
        "closed SHACL shapes of the RDF that instances become", "0.1.0",
    ),
    "json-schema": GeneratorSpec(
        "semantics.generators.json_schema:json_schema", ".schema.json",
        "JSON Schema (2020-12) of instances as JSON", "0.1.0",
    ),
    "jsonld-context": GeneratorSpec(
        "semantics.generators.jsonld_context:jsonld_context", ".context.jsonld",
        "JSON-LD 1.1 context that makes an instance RDF", "0.1.0",
    ),
    "owl": GeneratorSpec(
        "semantics.generators.linkml_texts:owl", ".owl.ttl",
        "OWL ontology in Turtle, by linkml", "0.1.0",
    ),
    "typescript": GeneratorSpec(
        "semantics.generators.linkml_texts:typescript", ".ts",
        "TypeScript interfaces and enums, by linkml", "0.1.0",
    ),
    "sql": GeneratorSpec(
        "semantics.generators.linkml_texts:sql", ".sql",
        "SQL tables (SQLite's dialect), by linkml", "0.1.0",
    ),
}  # fmt: skip
"""Every generator by the name it has on the command line."""

DEFAULT: Final = ("pydantic", "shacl", "json-schema", "jsonld-context")
"""The generators that run when none is named."""


def generate(schema: SchemaModel, only: Sequence[str] | None = None, *, folder: str = "") -> dict[str, str]:
    """The artefacts of one schema: file name (relative, ``/`` between folders) to text.

    ``only`` names generators of :data:`GENERATORS`, :data:`DEFAULT` if it is None; ``folder`` goes in front of
    the names. Every text stands by itself: the Python module carries the classes of imported schemas too.
    Raises :class:`~semantics.errors.UsageError` for a name that is no generator's.

    >>> from semantics.schema import load_schema
    >>> sorted(generate(load_schema({"name": "meter", "classes": {"Meter": {}}})))
    ['meter.context.jsonld', 'meter.py', 'meter.schema.json', 'meter.shacl.ttl']
    """
    from semantics.generators.names import module_name

    stem = _below(_checked_folder(folder), module_name(schema.name))
    return {stem + spec.suffix: _text(spec, schema) for spec in _chosen(only).values()}


def generate_package(
    schemas: Sequence[SchemaModel],
    only: Sequence[str] | None = None,
    *,
    folders: Mapping[str, str] | None = None,
    named: Collection[str] | None = None,
) -> dict[str, str]:
    """The artefacts of several schemas as one Python package, file name to text in order of name.

    ``named`` are those whose own artefacts are wanted (default: all).
    ``folders`` tells the sub-package of a schema by the schema's name (``{"gtfs": "sources"}``); the others
    stand at the top. A module imports the classes of the other schemas of the package; ``_base.py`` is what
    all of them stand on, and every folder gets an ``__init__.py``. Raises
    :class:`~semantics.errors.UsageError` when two schemas would have one file.
    """
    from semantics.generators.names import module_name

    places = {schema.name: _checked_folder((folders or {}).get(schema.name, "")) for schema in schemas}
    _distinct(_below(places[schema.name], module_name(schema.name)) for schema in schemas)
    chosen = _chosen(only)
    found: dict[str, str] = {}
    if "pydantic" in chosen:
        del chosen["pydantic"]
        found |= _modules(schemas, places, named)
    for schema in schemas:
        if named is not None and schema.name not in named:
            continue
        stem = _below(places[schema.name], module_name(schema.name))
        found |= {stem + spec.suffix: _text(spec, schema) for spec in chosen.values()}
    return dict(sorted(found.items()))


def _text(spec: GeneratorSpec, schema: SchemaModel) -> str:
    """The text of one artefact; halves of surrogate pairs, which no file can hold, are replaced."""
    return spec.load()(schema).encode("utf-8", "replace").decode()


def _modules(
    schemas: Sequence[SchemaModel], places: Mapping[str, str], named: Collection[str] | None
) -> dict[str, str]:
    """The Python files of a package, of its modules those that are named."""
    from semantics.generators import pydantic_classes as classes
    from semantics.generators.pydantic_code import SchemaCode

    homes = {schema.name: classes.Home(places[schema.name], SchemaCode(schema)) for schema in schemas}
    found = {f"{classes.BASE_MODULE}.py": classes.base_module()}
    inside: dict[str, list[str]] = {"": []}
    for home in homes.values():
        if named is None or home.code.schema.name in named:
            found[f"{_below(home.folder, home.module)}.py"] = classes.package_module(home, homes)
        parts = home.folder.split("/") if home.folder else []
        for depth in range(len(parts)):
            inside.setdefault("/".join(parts[: depth + 1]), [])
        inside[home.folder].append(home.module)
    for folder, modules in inside.items():
        found[_below(folder, "__init__.py")] = classes.init_module(sorted(modules))
    return found


def _chosen(only: Sequence[str] | None) -> dict[str, GeneratorSpec]:
    names = DEFAULT if only is None else tuple(dict.fromkeys(only))
    for name in names:
        if name not in GENERATORS:
            hint = closest(name, GENERATORS) or f"known: {', '.join(GENERATORS)}"
            raise UsageError(Diagnostic("GEN002", f"there is no generator '{name}'", hint=hint))
    return {name: GENERATORS[name] for name in names}


def _below(folder: str, name: str) -> str:
    return f"{folder}/{name}" if folder else name


def _checked_folder(folder: str) -> str:
    """A folder inside the output: names of Python packages, one below the other."""
    trimmed = folder.strip("/")
    if trimmed and not all(part.isidentifier() for part in trimmed.split("/")):
        raise UsageError(Diagnostic("GEN003", f"'{folder}' is not a folder that a Python package can have"))
    return trimmed


def _distinct(stems: Iterable[str]) -> None:
    seen: set[str] = set()
    for stem in stems:
        # Some file systems do not tell upper from lower case.
        if stem.lower() in seen:
            raise UsageError(
                Diagnostic(
                    "GEN004", f"two schemas would both be written to '{stem}'",
                    hint="give them different names, or folders of their own",
                )
            )  # fmt: skip
        seen.add(stem.lower())
