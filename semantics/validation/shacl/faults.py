"""What is wrong with shapes: not well-formed, or beyond what is compiled."""

from __future__ import annotations

from collections.abc import Iterable

from semantics.errors import DefinitionError, Diagnostic

__all__ = ["IllFormed", "NotCompiled", "ill_formed"]


class IllFormed(DefinitionError):
    """Shapes that SHACL does not allow. ``about`` is the local name of the property that is at fault."""

    def __init__(self, diagnostics: Diagnostic | Iterable[Diagnostic], about: str = "") -> None:
        super().__init__(diagnostics)
        self.about = about


class NotCompiled(Exception):
    """Shapes that are not compiled: ``reasons`` says what they use, by the local names of SHACL's vocabulary."""

    def __init__(self, reasons: tuple[str, ...]) -> None:
        super().__init__(", ".join(reasons))
        self.reasons = reasons


def ill_formed(reason: str, *, code: str = "VAL041", about: str = "", hint: str | None = None) -> IllFormed:
    """The error for shapes that cannot be used."""
    return IllFormed(Diagnostic(code, f"the shapes cannot be used: {reason}", hint=hint), about)
