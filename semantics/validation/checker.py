"""The checker of instances: a schema compiled once into tables, run on every record.

The valid path only says yes. When it does not, the instance is walked again, slowly, and everything
that is wrong with it is noted.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from threading import Lock
from typing import TYPE_CHECKING, Any

from semantics.errors import Diagnostic, shape
from semantics.schema.model import SchemaModel
from semantics.validation.classes import ClassTable
from semantics.validation.findings import MAX_FINDINGS, Enough, Notes, Place, Violation, known_names
from semantics.validation.scalars import ValueCheck

if TYPE_CHECKING:
    from semantics.plan.model import Plan
    from semantics.validation.assured import RemainingChecks

__all__ = ["Checker", "compile_checker"]


class Checker:
    """Checks instances of the classes of one schema; made by :func:`compile_checker`.

    A class is compiled on its first use. A checker may be shared by threads.
    """

    def __init__(self, schema: SchemaModel, *, limit: int = MAX_FINDINGS) -> None:
        self.schema = schema
        self.limit = limit
        self._table = ClassTable(schema)
        self._lock = Lock()
        self._roots: dict[str, ValueCheck] = {}
        self._tests: dict[str, Callable[[Any], bool]] = {}

    def check(self, class_name: str, instance: Mapping[str, Any]) -> tuple[Diagnostic, ...]:
        """What is wrong with an instance of ``class_name``, or of the class below it that it designates.

        Empty when it is valid. Findings are :class:`~semantics.validation.findings.Violation`, at most
        ``limit`` of them and a note where there are more (``VAL023``), each with an RFC 6901 pointer into the
        instance and never with a value of it. No data raises: what is not plain data is reported like any other fault.
        """
        test = self._tests.get(class_name)
        if test is None:
            test = self._compile(class_name)
            if test is None:
                return self._unknown(class_name)
        memo = self._table.memo
        try:
            if test(instance):
                return ()
        except RecursionError:
            pass
        finally:
            if memo:
                memo.clear()
        return self._explain(class_name, instance)

    def accepts(self, class_name: str, instance: Mapping[str, Any]) -> bool:
        """Whether an instance is valid."""
        return not self.check(class_name, instance)

    def remaining(self, plan: Plan) -> RemainingChecks:
        """By rule of a plan, the test that is left of instances that it makes; see :mod:`assured`.

        Where it holds all of them are valid; where it does not, or there is none, :meth:`check` decides.
        """
        from semantics.validation.assured import RemainingChecks

        return RemainingChecks(self._table, plan)

    def _compile(self, class_name: str) -> Callable[[Any], bool] | None:
        if not isinstance(class_name, str) or class_name not in self.schema.classes:
            return None
        with self._lock:
            root = self._roots[class_name] = self._table.root(class_name)
            self._tests[class_name] = root.exact
        return root.exact

    def _unknown(self, class_name: str) -> tuple[Diagnostic, ...]:
        notes = Notes(self.limit)
        hint = known_names(str(class_name), list(self.schema.classes))
        Place(notes).note("VAL012", "class", f"schema '{self.schema.name}' has no such class", hint=hint)
        return tuple(notes.found)

    def _explain(self, class_name: str, instance: Any) -> tuple[Violation, ...]:
        notes = Notes(self.limit)
        place = Place(notes).of_class(self.schema.classes[class_name])
        data = instance
        if isinstance(instance, Mapping) and not isinstance(instance, dict):
            data = dict(instance)
        try:
            self._roots[class_name].explain(data, place)
        except Enough:
            pass
        except RecursionError:
            notes.found[self.limit - 1 :] = []
            notes.omitted = 0
            place.note("VAL018", "depth", f"nested too deeply to be checked: {shape(data)}")
        finally:
            if self._table.memo:
                self._table.memo.clear()
        return notes.told()


def compile_checker(schema: SchemaModel, *, limit: int = MAX_FINDINGS) -> Checker:
    """The checker of a schema. ``limit`` is the number of findings listed for one instance.

    >>> from semantics.schema import load_schema
    >>> meter = {"name": "m", "classes": {"Meter": {"attributes": {"unit": {"required": True}}}}}
    >>> for finding in compile_checker(load_schema(meter)).check("Meter", {"units": "kWh"}):
    ...     print(finding.code, finding.location.pointer, finding.hint)
    VAL002 /units did you mean 'unit'?
    VAL001  None
    """
    return Checker(schema, limit=limit)
