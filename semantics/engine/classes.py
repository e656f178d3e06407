"""The generated Pydantic classes of a schema, found by the schema's name."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from semantics.errors import Diagnostic, UsageError

if TYPE_CHECKING:
    from pydantic import BaseModel

    from semantics.schema.model import SchemaModel

__all__ = ["generated_class"]


def generated_class(schema: SchemaModel, class_name: str) -> type[BaseModel]:
    """The class of the packaged models for a class of ``schema``.

    Raises :class:`UsageError` where the package has no models of that schema: those of one's own
    schemas are made by ``semantics generate`` and imported by their user.
    """
    for module_name in (f"semantics.models.{schema.name}", f"semantics.models.sources.{schema.name}"):
        try:
            module = import_module(module_name)
        except ModuleNotFoundError:
            continue
        found: type[BaseModel] | None = getattr(module, class_name, None)
        if found is not None:
            return found
    raise UsageError(
        Diagnostic("RUN020", f"the package has no generated classes for schema '{schema.name}'",
                   hint="make them with 'semantics generate', then use Model.model_validate(mapping.apply(record))")
    )  # fmt: skip
