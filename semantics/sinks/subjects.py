"""The IRI of an instance, as every RDF sink writes it, without writing the instance."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from semantics.lexical import LexicalError
from semantics.sinks.rdf_values import Identity, identity_of

if TYPE_CHECKING:
    from semantics.schema.model import SchemaModel

__all__ = ["Subjects"]


class Subjects:
    """The subjects of the instances of a schema."""

    def __init__(self, schema: SchemaModel) -> None:
        self._schema: Final = schema
        self._identities: dict[str, tuple[str, Identity] | None] = {}

    def iri(self, class_name: str, data: dict[str, Any]) -> str | None:
        """The IRI of an instance whose class is at least ``class_name``; None where it has none, or none is valid.

        >>> from semantics.schema import load_schema
        >>> Subjects(load_schema("core")).iri("Person", {"id": "https://example.org/p/1", "type": "Person"})
        'https://example.org/p/1'
        """
        identity = self._identity(self._told(class_name, data))
        if identity is None or data.get(identity[0]) is None:
            return None
        try:
            return identity[1](data[identity[0]])
        except LexicalError:
            return None

    def _told(self, class_name: str, data: dict[str, Any]) -> str:
        """The class of an object by its type designator, where that names one."""
        cls = self._schema.classes.get(class_name)
        told = data.get(cls.designator) if cls is not None and cls.designator else None
        return told if type(told) is str and told in self._schema.classes else class_name

    def _identity(self, name: str) -> tuple[str, Identity] | None:
        if name not in self._identities:
            cls = self._schema.classes.get(name)
            identifier = cls.identifier if cls is not None else None
            self._identities[name] = (
                None if cls is None or identifier is None
                else (identifier, identity_of(self._schema, cls.slots[identifier]))
            )  # fmt: skip
        return self._identities[name]
