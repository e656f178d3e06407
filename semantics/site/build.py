"""From a workspace to the files of its site."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from semantics.errors import Diagnostic
from semantics.site.catalogue import addresses_of
from semantics.site.ledgers import Ledger
from semantics.site.links import LinkSet, by_subject
from semantics.site.mapping_pages import Study
from semantics.site.mappings import MANY, CodesPage, DerivationPage, MappingPage, code_pages, flow, uses_of
from semantics.site.material import Broken, Material, findings_of, gather
from semantics.site.model_pages import SchemaPage
from semantics.site.models import Models
from semantics.site.names import Addresses, Ref, slugs
from semantics.site.render import Crumb, Page, Rendered, Renderer, Section, static_files
from semantics.site.search import search_index
from semantics.workspace import Workspace

__all__ = ["Site", "build_site"]

_MODELS = Crumb("Models", "models.html")
_MAPPINGS = Crumb("Mappings", "mappings.html")
_LINKS, _LEDGERS = Crumb("Links", "links.html"), Crumb("Ledgers", "ledgers.html")
_LISTS = Crumb("Code lists", "codes.html")


@dataclass(frozen=True, slots=True)
class Site:
    """A site as bytes by path, and everything that is wrong with what it was made from."""

    files: Mapping[str, bytes]
    findings: tuple[Diagnostic, ...] = ()


@dataclass(frozen=True, slots=True)
class ModelList:
    """All schemas: those of the workspace, then those of the library."""

    own: tuple[SchemaPage, ...]
    library: tuple[SchemaPage, ...]


@dataclass(frozen=True, slots=True)
class Overview:
    """The first page."""

    sections: tuple[Section, ...]
    models: ModelList
    studies: tuple[Study, ...]
    broken: tuple[tuple[Ref, int], ...]


@dataclass(frozen=True, slots=True)
class Lists:
    """All code lists: those beside mappings, and those of models."""

    files: tuple[CodesPage, ...]
    schemas: tuple[SchemaPage, ...]
    anchors: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Studies:
    """All mappings."""

    studies: tuple[Study, ...]


@dataclass(frozen=True, slots=True)
class LinkSets:
    """All sets of links."""

    sets: tuple[LinkSet, ...]


@dataclass(frozen=True)
class LinksPage:
    """A set of links; ``terms`` says where what an IRI names is described."""

    set: LinkSet
    schema: Ref
    terms: Mapping[str, tuple[Ref, str]]


@dataclass(frozen=True, slots=True)
class Ledgers:
    """All ledgers."""

    ledgers: tuple[Ledger, ...]


def build_site(workspace: Workspace, *, title: str = "Models and mappings", library: bool = False,
               reports: Sequence[Path] = ()) -> Site:  # fmt: skip
    """The site of a workspace; what is broken has a page with its findings.

    ``library``: with everything that comes with the package, not only what the workspace refers to. ``reports`` are
    those of runs, before the ones that lie in the workspace.
    """
    return Workshop(workspace, title=title, library=library, reports=reports).build()


class Workshop:
    """Makes the site of a workspace again and again: what has not changed is not made anew.

    ``served``: the pages load themselves again when something changes.
    """

    def __init__(self, workspace: Workspace, *, title: str = "Models and mappings", library: bool = False,
                 reports: Sequence[Path] = (), served: bool = False) -> None:  # fmt: skip
        self.workspace, self.title, self.library, self.served = workspace, title, library, served
        self.reports = tuple(reports)
        self._material: Material | None = None
        self._renderer: Renderer | None = None
        self._rendered: Mapping[str, Rendered] = {}

    def build(self) -> Site:
        """The site as the workspace is now."""
        material = gather(self.workspace, library=self.library, reports=self.reports, before=self._material)
        maker = _Maker(material, _models(material), self.title)
        renderer = Renderer(maker.addresses, maker.sections, self.title, served=self.served)
        before = self._rendered if renderer == self._renderer else {}
        self._rendered = renderer.all(maker.pages(), before)
        self._material, self._renderer = material, renderer
        index = search_index(maker.models, material.studies, maker.files, maker.addresses)
        pages = {path: html for path, (_, html) in self._rendered.items()}
        return Site({**static_files(), "static/index.js": index, **pages}, findings_of(material.broken))


def _models(material: Material) -> Models:
    ordered = sorted(material.schemas.items(), key=lambda item: (item[0] not in material.own, item[0]))
    return Models(
        tuple(model for _, model in ordered),
        files={model.name: material.shown(material.files[name]) for name, model in ordered if name in material.files},
        own=frozenset(model.name for name, model in ordered if name in material.own),
        links=by_subject(material.links),
        linked={model.name: len(each.rows) for each in material.links if (model := material.schemas[each.ref.within])},
        uses=uses_of(material.studies),
    )


class _Maker:
    """Makes the pages of everything that was read."""

    def __init__(self, material: Material, models: Models, title: str) -> None:
        self.material, self.models, self.title = material, models, title
        self.addresses: Addresses = addresses_of(models, material)
        self.files = tuple(code_pages(material.studies))
        studies = material.studies
        counts = (
            ("models", "Models", "models.html", len(models.modules)),
            ("mappings", "Mappings", "mappings.html", len(studies)),
            ("codes", "Code lists", "codes.html", len(models.enums) + len(self.files)),
            ("links", "Links", "links.html", sum(len(each.rows) for each in material.links)),
            ("tests", "Tests", "tests.html", sum(len(study.tests) for study in studies)),
            ("ledger", "Ledgers", "ledgers.html", len(material.ledgers)),
        )
        self.sections = tuple(Section(*each) for each in counts if each[-1])

    def path(self, ref: Ref) -> str:
        """The file of a page."""
        return self.addresses.pages[ref]

    def pages(self) -> Iterator[Page]:
        """Every page, in the order of the navigation."""
        schemas = [self.models.schema_page(name) for name in sorted(self.models.modules)]
        listed = ModelList(tuple(each for each in schemas if each.own), tuple(each for each in schemas if not each.own))
        broken = tuple((Ref("broken", each.kind, each.name), len(each.findings)) for each in self.material.broken)
        yield Page(
            "index.html", "index.html.j2", self.title, Overview(self.sections, listed, self.material.studies, broken)
        )
        yield Page("models.html", "models.html.j2", "Models", listed, section="models")
        yield Page("search.html", "search.html.j2", "Search", None, section="search")
        yield from self._model_pages(schemas)
        yield from self._mapping_pages()
        yield from self._code_pages(schemas)
        yield from self._link_pages()
        yield from self._ledger_pages()
        yield from map(self._broken_page, self.material.broken)

    def _model_pages(self, schemas: list[SchemaPage]) -> Iterator[Page]:
        crumbs = {}
        for schema in schemas:
            name = schema.ref.within
            crumbs[name] = (_MODELS, Crumb(schema.title, self.path(schema.ref)))
            yield Page(self.path(schema.ref), "schema.html.j2", schema.title, schema, (_MODELS,), "models")
        for ref in self.models.classes:
            page = self.models.class_page(ref)
            yield Page(self.path(ref), "class.html.j2", ref.name, page, crumbs[ref.within], "models")
        for ref in self.models.enums:
            enum = self.models.enum_page(ref)
            yield Page(self.path(ref), "enum.html.j2", ref.name, enum, crumbs[ref.within], "models")

    def _mapping_pages(self) -> Iterator[Page]:
        studies = Studies(self.material.studies)
        if not studies.studies:
            return
        yield Page("mappings.html", "mappings.html.j2", "Mappings", studies, section="mappings")
        if any(study.tests for study in studies.studies):
            yield Page("tests.html", "results.html.j2", "Tests", studies, section="tests")
        ledgers = {name: each.ref for each in self.material.ledgers for name in each.mappings}
        for study in studies.studies:
            path = self.path(study.ref)
            picture = flow(study)
            folded = picture is not None and len(picture.lines) > MANY
            page = MappingPage(study, picture, folded, self._sets(study), ledgers.get(study.name))
            yield Page(path, "mapping.html.j2", study.title, page, (_MAPPINGS,), "mappings")
            crumbs = (_MAPPINGS, Crumb(study.title, path))
            if study.tests:
                tests = self.path(Ref("tests", study.name))
                yield Page(tests, "tests.html.j2", f"Tests of {study.name}", study, crumbs, "tests")
            for each in () if study.whole else study.derivations:
                title = f"{each.target.text} in {study.name}"
                yield Page(
                    self.path(each.ref), "derivation.html.j2", title, DerivationPage(study, each), crumbs, "mappings"
                )

    def _sets(self, study: Study) -> tuple[tuple[str, Ref], ...]:
        """The SSSOM sets of the schemas that a mapping is about."""
        sets = {self.material.schemas[each.ref.within].name: each.ref for each in self.material.links}
        return tuple((name, sets[name]) for name in (study.target, study.source) if name in sets)

    def _link_pages(self) -> Iterator[Page]:
        if not self.material.links:
            return
        yield Page("links.html", "links.html.j2", "Links", LinkSets(self.material.links), section="links")
        for each in self.material.links:
            schema = self.material.schemas[each.ref.within]
            page = LinksPage(each, Ref("schema", schema.name), self.models.terms)
            yield Page(self.path(each.ref), "link_set.html.j2", f"Links of {schema.name}", page, (_LINKS,), "links")

    def _ledger_pages(self) -> Iterator[Page]:
        if not self.material.ledgers:
            return
        listed = Ledgers(self.material.ledgers)
        yield Page("ledgers.html", "ledgers.html.j2", "Ledgers", listed, section="ledger")
        for each in self.material.ledgers:
            yield Page(self.path(each.ref), "ledger.html.j2", f"Ledger: {each.name}", each, (_LEDGERS,), "ledger")

    def _code_pages(self, schemas: list[SchemaPage]) -> Iterator[Page]:
        listed = Lists(self.files, tuple(schemas), slugs(schema.ref.within for schema in schemas))
        if self.files or self.models.enums:
            yield Page("codes.html", "lists.html.j2", "Code lists", listed, section="codes")
        for each in self.files:
            yield Page(self.path(each.ref), "codes.html.j2", each.codes.name, each, (_LISTS,), "codes")

    def _broken_page(self, broken: Broken) -> Page:
        ref = Ref("broken", broken.kind, broken.name)
        return Page(self.path(ref), "broken.html.j2", broken.name, broken, (Crumb("Overview", "index.html"),))
