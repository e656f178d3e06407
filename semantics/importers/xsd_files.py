"""The files of an XML Schema: what they define, by name, and what of it is not carried."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from semantics.errors import Diagnostic, LimitError, Severity, SourceError, escaped
from semantics.importers.documents import read_bytes
from semantics.importers.xml_tree import XSD, Element, parsed
from semantics.importers.xsd_values import KEPT, SILENT, TOLD

__all__ = ["Name", "XsdFiles"]

_KINDS: Final = ("element", "complexType", "simpleType", "group", "attributeGroup", "attribute")
_FILES: Final = 200

Name = tuple[str, str]


class XsdFiles:
    """Reads a schema and those that it includes and imports; nothing outside of the folders."""

    def __init__(self, folders: tuple[Path, ...]) -> None:
        self.folders = folders
        self.known: dict[str, dict[Name, Element]] = {kind: {} for kind in _KINDS}
        self.seen: set[Path] = set()
        self.prefixes: dict[str, str] = {}
        self.substitutes: dict[Name, list[Name]] = {}
        self.findings: list[Diagnostic] = []
        self.main: list[Name] = []
        self.stem = ""

    def tell(self, code: str, message: str, element: Element, hint: str | None = None, *, note: bool = False) -> None:
        """Note what LinkML does not say, with its place."""
        severity = Severity.NOTE if note else Severity.WARNING
        self.findings.append(Diagnostic(code, message, element.location, hint, severity=severity))

    def read(self, root: Element, path: Path, home: str | None = None) -> None:
        """The components of a schema and of those that it includes and imports."""
        first = not self.seen
        self.stem = self.stem or path.stem
        self.seen.add(path.resolve())
        self._told(root)
        space = root.get("targetNamespace") or home or ""
        if home and not root.get("targetNamespace"):
            self._settle(root, home)
        for prefix, iri in root.prefixes.items():
            if prefix and iri not in self.prefixes.values() and iri != XSD:
                self.prefixes.setdefault(prefix, iri)
        if space and space not in self.prefixes.values():
            self.prefixes[f"ns{len(self.prefixes) + 1}"] = space
        for child in root.children:
            name = child.get("name")
            if child.local in ("include", "import", "redefine"):
                self._beside(child, path, space if child.local != "import" else None)
            elif child.local in _KINDS and name:
                key = (space, name)
                self.known[child.local].setdefault(key, child)
                if child.local == "element":
                    if first:
                        self.main.append(key)
                    if head := child.get("substitutionGroup"):
                        self.substitutes.setdefault(child.qname(head), []).append(key)

    def _told(self, root: Element) -> None:
        """Tell the elements of a schema that are not carried, each kind once."""
        waiting, seen = [root], set[str]()
        while waiting:
            element = waiting.pop()
            if element.local in ("documentation", "appinfo"):
                continue
            waiting += reversed(element.children)
            if element.local in seen or element.local in KEPT | SILENT:
                continue
            seen.add(element.local)
            if element.local in TOLD:
                self.tell("IMP010", f"'{element.local}' is not carried: {TOLD[element.local]}", element)
            else:
                self.tell("IMP013", f"'{escaped(element.local)}' is no element of XML Schema 1.0", element, note=True)

    def _settle(self, element: Element, space: str) -> None:
        element.home = space
        for child in element.children:
            self._settle(child, space)

    def _beside(self, element: Element, path: Path, home: str | None) -> None:
        """A file that is included or imported, if it is in the folders."""
        place = element.get("schemaLocation")
        if place is None:
            return
        found = self._find(place, path)
        if found is None:
            self.tell("IMP014", f"'{place}' is in none of the folders: what it defines is taken as anything", element,
                      "nothing is fetched: put the file beside the schema, or name its folder with --refs")  # fmt: skip
            return
        if found in self.seen:
            return
        if len(self.seen) > _FILES:
            raise LimitError(Diagnostic("IMP002", f"the schema has more than {_FILES} files", element.location))
        tree = parsed(read_bytes(found), found.name)
        if tree.tag == f"{XSD}}}schema":
            self.read(tree, found, home)
        else:
            raise SourceError(Diagnostic("IMP001", "the file is no XML Schema", tree.location))

    def _find(self, place: str, path: Path) -> Path | None:
        roots = [folder.resolve() for folder in self.folders]
        if "://" not in place:
            near = (path.parent / place).resolve()
            if near.is_file() and any(near.is_relative_to(root) for root in roots):
                return near
        last = place.rpartition("/")[2]
        for root in roots:
            for each in sorted(root.rglob(last)) if last and not set(last) & set("*?[") else ():
                if each.is_file() and each.resolve().is_relative_to(root):
                    return each.resolve()
        return None
