"""``aggregation_operation``: many values as one, by a function of the language."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from semantics.expressions.tree import Call, Comprehension, Expr, Literal, Path
from semantics.expressions.types import NUMBERS, Kind, Type
from semantics.mapping.spec import AggregationOperation
from semantics.plan.names import Names
from semantics.plan.scope import SchemaScope

__all__ = ["Aggregator"]

Path_ = tuple[str | int, ...]
_FUNCTIONS: Final = {
    "SUM": "sum", "AVERAGE": "average", "COUNT": "count", "MIN": "min", "MAX": "max", "STD_DEV": "std_dev",
    "VARIANCE": "variance", "MEDIAN": "median", "MODE": "mode", "SET": "distinct", "LIST": None, "ARRAY": None,
}  # fmt: skip
_ELEMENT: Final = "element()"
_OBJECTS: Final = Type(Kind.ANY, many=True)
_ZERO: Final = Literal(value=0, type=Type(Kind.INTEGER))


@dataclass(frozen=True)
class Aggregator:
    """Lowers aggregations; a list of values has lost its nulls, so where they count they are asked for again."""

    names: Names

    def members(self, how: AggregationOperation, base: Expr, scope: SchemaScope, path: Path_) -> Expr | None:
        """The values with their nulls, where those are to be seen: a slot of each object of a list."""
        if how.null_handling in (None, "IGNORE"):
            return base
        match base:
            case Path(variable="record", steps=(last,)) if scope.members and base.type.many:
                over = Path(variable="record", steps=(scope.members,), lists=(True,), type=_OBJECTS)
            case Path(variable=variable, steps=(*before, last), lists=(*lists, False)) if base.type.many:
                over = Path(variable=variable, steps=tuple(before), lists=tuple(lists), wrap=base.wrap, type=_OBJECTS)
            case _:
                self.names.findings.error("MAP046", f"{how.null_handling} needs a slot of the objects of a list: "
                                          "a plain list has no nulls", (*path, "null_handling"))  # fmt: skip
                return None
        element = Path(variable=_ELEMENT, steps=(last,), lists=(False,), wrap=base.wrap, type=base.type.one)
        return Comprehension(source=over, variable=_ELEMENT, element=element, type=base.type)

    def aggregated(self, how: AggregationOperation, base: Expr, scope: SchemaScope, path: Path_) -> Expr | None:
        """The one value, or the list, that the operation makes of many."""
        if how.operator == "CUSTOM":
            self.names.findings.error("MAP046", "a CUSTOM aggregation is code of its own", (*path, "operator"),
                                      "write it with expr")  # fmt: skip
            return None
        if how.invalid_value_handling not in (None, "ERROR_OUT"):
            self.names.findings.error("MAP046", "a value that is not of its type rejects the record",
                                      (*path, "invalid_value_handling"), "ERROR_OUT, or leave it out")  # fmt: skip
            return None
        if not base.type.many and base.type.kind not in (Kind.ANY, Kind.NULL):
            message = f"there is one value here ({base.type}), and nothing to aggregate"
            self.names.findings.error("MAP046", message, path, "aggregate a list, or the records of a group (group_by)")
            return None
        tree = base
        if how.null_handling == "ERROR_OUT":
            tree = Call(function="no_nulls", arguments=(tree,))
        elif how.null_handling == "TREAT_AS_ZERO":
            if base.type.kind not in NUMBERS:
                self.names.findings.error("MAP046", f"null is no zero in a {base.type}", (*path, "null_handling"))
                return None
            one = Path(variable=_ELEMENT, type=base.type.one)
            filled = Call(function="coalesce", arguments=(one, _ZERO), type=base.type.one)
            tree = Comprehension(source=base, variable=_ELEMENT, element=filled, type=base.type)
        function = _FUNCTIONS[how.operator]
        if function is not None:
            tree = Call(function=function, arguments=(tree,))
        return self.names.checked(tree, scope, path)
