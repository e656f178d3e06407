"""IRIs of a schema: namespaces of its prefixes, CURIEs expanded, names placed in their schema's namespace."""

from __future__ import annotations

from semantics.errors import closest, escaped
from semantics.schema.expressions import names_of, text_of
from semantics.schema.load import Element, SchemaFiles
from semantics.schema.types import BUILTIN_PREFIXES, CURI_MAPS

__all__ = ["Iris"]


class Iris:
    """Gives elements their IRIs; what is not one is noted as a finding.

    ``elsewhere`` are maps of prefixes that the schema names and that are not here.
    """

    def __init__(self, files: SchemaFiles) -> None:
        self.files = files
        data = files.root.data
        maps = [name for each in files.schemas.values() for name in names_of(each.data.get("default_curi_maps"))]
        self.elsewhere = [name for name in maps if name not in CURI_MAPS]
        mapped = {prefix: iri for name in maps for prefix, iri in CURI_MAPS.get(name, {}).items()}
        self.namespaces = BUILTIN_PREFIXES | mapped | files.prefixes
        self.schema_id = text_of(data.get("id")) or f"https://w3id.org/semantics/{files.root.name}"
        self.default_namespace = self._default(text_of(data.get("default_prefix")) or "", self.schema_id)

    def _default(self, prefix: str, schema_id: str) -> str:
        """The namespace in front of bare names: that of the default prefix, else the schema's own."""
        return self.namespaces.get(prefix) or (prefix if ":" in prefix else schema_id.rstrip("/#") + "/")

    def _namespace(self, element: Element) -> str:
        """The namespace in front of bare names of the schema that an element came from."""
        origin = self.files.schemas.get(element.schema, self.files.root)
        schema_id = text_of(origin.data.get("id")) or self.schema_id
        return self._default(text_of(origin.data.get("default_prefix")) or "", schema_id)

    def of(self, element: Element, key: str, fallback: str) -> str:
        """The IRI under ``key``, or the element's name in its schema's namespace."""
        given = text_of(element.data.get(key))
        if given is None:
            return self._namespace(element) + fallback.replace(" ", "_")
        return self.expanded(given, element, key)

    def expanded(self, given: str, element: Element, *path: str) -> str:
        """The IRI that a CURIE or IRI in a definition stands for."""
        prefix, colon, local = given.partition(":")
        if colon and prefix in self.namespaces:
            return self.namespaces[prefix] + local
        place = element.location(*path)
        if not colon or not prefix:
            self.files.error("SCH016", f"'{escaped(given)}' is neither a CURIE nor an IRI", place)
        elif not (local.startswith("//") or prefix in {"urn", "mailto", "tag", "did", "info"}):
            hint = closest(prefix, self.namespaces) or f"declare '{prefix}' under prefixes"
            note = self.files.warn if self.elsewhere else self.files.error  # one of those maps may declare it
            note("SCH016", f"prefix '{escaped(prefix)}' is not declared", place, hint)
        elif set(given) & set('<>"{}|\\^` ') or not given.isprintable():
            self.files.error("SCH016", f"'{escaped(given)}' is not an IRI", place)
        return given
