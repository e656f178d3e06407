"""The findings of a run in a file: every rejected record with its reasons, in one of the forms of a report."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from semantics.engine.paths import same_file
from semantics.errors import Diagnostic, UsageError, closest, escaped
from semantics.records import Filtered, Outcome, Rejected
from semantics.validation import FORMS, Finding, Listing, ValidationReport, form_of

if TYPE_CHECKING:
    from semantics.sinks.output import Output

__all__ = ["MAX_LISTED", "FindingsFile", "chosen_form"]

MAX_LISTED: Final = 10_000
"""Findings that a report lists unless told otherwise; all of them are counted."""


def chosen_form(path: str | None, form: str | None, others: Iterable[str] = ()) -> str:
    """The form that a report is written in: as asked, as the file's name tells, or text for standard output.

    Raises :class:`UsageError` where neither says it, or where the file is one of the ``others`` of the command.
    """
    if path not in (None, "-"):
        for other in others:
            if other != "-" and same_file(Path(str(path)), Path(other)):
                raise UsageError(Diagnostic("RUN062", f"'{escaped(other)}' is used twice: the report would replace it",
                                            hint="choose another file for the report"))  # fmt: skip
    if form is not None:
        if form not in FORMS:
            known = closest(form, FORMS) or f"there are {', '.join(FORMS)}"
            raise UsageError(Diagnostic("RUN061", f"a report has no form '{escaped(form)}'", hint=known))
        return form
    told = "text" if path in (None, "-") else form_of(str(path))
    if told is None:
        ends = ", ".join(names[0] for names in FORMS.values())
        message = f"the form of the report '{escaped(str(path))}' is not told by its name"
        raise UsageError(Diagnostic("RUN060", message, hint=f"end it with one of {ends}, or say the form"))
    return told


class FindingsFile:
    """Follows a run and writes what was found in its records (see :class:`semantics.engine.run.Recorder`).

    All findings are counted and the first ``limit`` listed, so memory does not grow with the input. With
    ``show_values`` the file holds values of records and is readable by its owner alone (mode 0600).
    """

    def __init__(
        self, path: str, form: str | None = None, *, mapping: str, schema: str, limit: int = MAX_LISTED,
        show_values: bool = False, others: Sequence[str] = (),
    ) -> None:  # fmt: skip
        self.path, self.form = path, chosen_form(path, form, others)
        self.mapping, self.schema, self.show_values = mapping, schema, show_values
        self.shapes: Mapping[str, str] = {}
        self._warned: dict[str, Sequence[Diagnostic]] = {}
        self._listing = Listing(limit)
        self._output: Output | None = None

    def add(self, outcome: Outcome, key: str) -> None:
        """Count a record, and list what was found in it. Raises :class:`~semantics.errors.SinkError` at the first."""
        if self._output is None:
            self._open()
        if outcome.__class__ is Filtered:
            return
        found = outcome.diagnostics if isinstance(outcome, Rejected) else self._warned.pop(key, ())
        self._listing.record(outcome.record, found, show_values=self.show_values)

    def warned(self, key: str, found: Sequence[Diagnostic]) -> None:
        """Take what was found in the record of this key that does not reject it, before it is settled."""
        self._warned[key] = found

    def note(self, findings: Iterable[Finding], total: int) -> None:
        """List findings about the run as a whole, of which there are ``total``."""
        self._listing.note(findings, total)

    def report(self) -> ValidationReport:
        """What was found so far."""
        return replace(self._listing.report(schema=self.schema, mapping=self.mapping), shapes=self.shapes)

    def commit(self) -> None:
        """Write the report and make it appear."""
        output = self._output or self._open()
        output.write(self.report().to(self.form).encode())
        output.commit()

    def abort(self) -> None:
        """Leave nothing behind."""
        if self._output is not None:
            self._output.abort()

    def _open(self) -> Output:
        """The output; opened with the first record, so that a run does not end with a file it cannot write."""
        from semantics.sinks.output import open_output

        self._output = open_output(self.path, 0o600 if self.show_values else 0o666)
        return self._output
