"""Pages as HTML: the templates of this room, every text escaped, nothing undefined."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

from semantics.engine.ledger_page import PICTURES, ledger_body
from semantics.errors import escaped
from semantics.site.labour import in_two
from semantics.site.names import Addresses, Ref

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup

    from semantics.engine.report import RunReport

__all__ = ["STATIC", "Crumb", "Page", "Rendered", "Renderer", "Section", "static_files"]

STATIC: Final = ("site.css", "site.js", "search.js", "reload.js")
"""Files that every site has as they are."""
_SAFE: Final = ("http://", "https://")


@dataclass(frozen=True, slots=True)
class Crumb:
    """A step on the way to a page: its name and its address, from the top of the site."""

    name: str
    path: str


@dataclass(frozen=True, slots=True)
class Page:
    """One page: where it stands, its template, and the frozen data that the template shows as ``page``."""

    path: str
    template: str
    title: str
    data: Any
    crumbs: tuple[Crumb, ...] = ()
    section: str = ""


Rendered = tuple[Page, bytes]
"""A page and its bytes."""


@dataclass(frozen=True, slots=True)
class Section:
    """An entry of the navigation, with how many things it has."""

    key: str
    name: str
    path: str
    count: int


@dataclass(frozen=True)
class Renderer:
    """Makes HTML of pages. ``served``: pages that load themselves again when something changes."""

    addresses: Addresses
    sections: tuple[Section, ...]
    title: str
    served: bool = False

    def html(self, page: Page) -> bytes:
        """The bytes of a page."""
        root = "../" * page.path.count("/")
        pages = self.addresses.pages

        def href(ref: Ref | None) -> str | None:
            found = pages.get(ref) if ref is not None else None
            return None if found is None else root + found

        def place(ref: Ref, anchor: str) -> str:
            """Where a slot stands on the page of its class; a mapping may have patched it in, and then it has none."""
            return f"#{anchor}" if (ref, anchor) in self.addresses.slots else ""

        template = _environment().get_template(page.template)
        text = template.render(page=page.data, title=page.title, crumbs=page.crumbs, section=page.section, root=root,
                               href=href, place=place, site=self, served=self.served)  # fmt: skip
        return text.encode("utf-8", "replace")

    def all(self, pages: Iterable[Page], before: Mapping[str, Rendered]) -> dict[str, Rendered]:
        """Every page with its bytes, by its path; a page that is as it was ``before`` is not made again."""
        listed = list(pages)
        missing = [page for page in listed if (same := before.get(page.path)) is None or same[0] != page]
        made = {page.path: (page, html) for page, html in zip(missing, in_two(self.html, missing), strict=True)}
        return {page.path: made.get(page.path) or before[page.path] for page in listed}


@cache
def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    made = Environment(
        loader=PackageLoader("semantics.site", "templates"), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=False, finalize=_finalized,
    )  # fmt: skip
    made.filters |= {"paragraphs": paragraphs, "number": lambda count: f"{count:,}", "g": lambda n: f"{n:g}"}
    made.globals["ledger_body"] = _ledger
    made.globals |= {"followed": followed, "ref_of": Ref}
    return made


def _finalized(value: Any) -> Any:
    """What stands for a value in a page: without characters that no page may have."""
    if type(value) is not str or value.isascii():
        return value
    return "\n".join(map(escaped, value.split("\n")))


def followed(iri: str) -> bool:
    """Whether an IRI can be a link: an address of the web, and nothing that runs.

    >>> followed("https://schema.org/name"), followed("javascript:alert(1)"), followed("https://a b")
    (True, False, False)
    """
    return iri.startswith(_SAFE) and iri.isprintable() and " " not in iri


def paragraphs(text: str | None) -> list[str]:
    r"""Prose as its paragraphs.

    >>> paragraphs("One\nline.\n\nTwo.")
    ['One line.', 'Two.']
    """
    return [" ".join(part.split()) for part in (text or "").split("\n\n") if part.strip()]


def _ledger(report: RunReport) -> Markup:
    """What a ledger draws: HTML in which every text is escaped already."""
    from markupsafe import Markup

    return Markup("\n".join(ledger_body(report)))  # noqa: S704


def static_files() -> dict[str, bytes]:
    """The style sheet and the scripts."""
    folder = files("semantics.site") / "static"
    return {
        **{f"static/{name}": (folder / name).read_bytes() for name in STATIC},
        "static/ledger.css": PICTURES.encode(),
    }
