"""Where everything has its page: addresses made of names, each once, whatever the names are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from semantics.site.material import Material
from semantics.site.models import Models
from semantics.site.names import Addresses, Ref, slot_anchors, slugs

__all__ = ["addresses_of"]


def addresses_of(models: Models, material: Material) -> Addresses:
    """The address of each schema, class, enum and type, mapping and derivation, and of what is broken."""
    slots = ((ref, anchor) for ref, (cls, _) in models.classes.items() for anchor in slot_anchors(cls.slots).values())
    pages = dict((*_of_models(models), *_of_mappings(material), *_of_others(material)))
    return Addresses(pages, frozenset(slots))


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


def _of_mappings(material: Material) -> Iterator[tuple[Ref, str]]:
    folders = slugs(study.name for study in material.studies)
    for study in material.studies:
        folder = folders[study.name]
        yield study.ref, f"mappings/{folder}.html"
        if study.tests:
            yield Ref("tests", study.name), f"mappings/{folder}/tests.html"
        form = "mappings/{}.html#derivation-{}" if study.whole else "mappings/{}/derivations/{}.html"
        for ref, text in _named(each.ref for each in study.derivations):
            yield ref, form.format(folder, text)
    files = slugs(sorted({each.file for study in material.studies for each in study.lists}))
    for file, text in files.items():
        yield Ref("codes", file), f"codes/{text}.html"


def _of_others(material: Material) -> Iterator[tuple[Ref, str]]:
    for folder, refs in (
        ("links", [each.ref for each in material.links]),
        ("ledger", [e.ref for e in material.ledgers]),
    ):
        within = slugs(ref.within for ref in refs)
        for ref in refs:
            yield ref, f"{folder}/{within[ref.within]}.html"
    refs = [Ref("broken", each.kind, each.name) for each in material.broken]
    names = slugs(f"{ref.within}-{ref.name}" for ref in refs)
    for ref in refs:
        yield ref, f"broken/{names[f'{ref.within}-{ref.name}']}.html"
