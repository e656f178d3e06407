"""Where everything has its page: addresses made of names, each once, whatever the names are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from semantics.site.material import Material
from semantics.site.models import Models
from semantics.site.names import Addresses, Ref, slugs

__all__ = ["addresses_of"]


def addresses_of(models: Models, material: Material) -> Addresses:
    """The address of each schema, class, enum and type, mapping and derivation, and of what is broken."""
    return Addresses(dict((*_of_models(models), *_of_broken(material))))


def _of_models(models: Models) -> Iterator[tuple[Ref, str]]:
    folders = slugs(models.modules)
    for name, folder in folders.items():
        yield Ref("schema", name), f"models/{folder}.html"
        for found, path in ((models.classes, "{}.html"), (models.enums, "codes/{}.html")):
            refs = [ref for ref in found if ref.within == name]
            for ref, text in _named(refs):
                yield ref, f"models/{folder}/{path.format(text)}"
        for ref, text in _named(ref for ref in models.types if ref.within == name):
            yield ref, f"models/{folder}.html#type-{text}"


def _named(refs: Iterable[Ref]) -> Iterator[tuple[Ref, str]]:
    listed = list(refs)
    names = slugs(ref.name for ref in listed)
    return ((ref, names[ref.name]) for ref in listed)


def _of_broken(material: Material) -> Iterator[tuple[Ref, str]]:
    refs = [Ref("broken", each.kind, each.name) for each in material.broken]
    names = slugs(f"{ref.within}-{ref.name}" for ref in refs)
    for ref in refs:
        yield ref, f"broken/{names[f'{ref.within}-{ref.name}']}.html"
