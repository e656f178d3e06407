"""How a function of the language is declared: once, with everything that checks, backends and pages need."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, Final, Literal

from semantics.errors import shape
from semantics.expressions.bounds import EvaluationError
from semantics.expressions.types import Kind, Type
from semantics.expressions.values import Moment

__all__ = ["FunctionSpec", "Parameter", "define", "parameter"]

NullRule = Literal["propagates", "accepts"]
Context = Literal["prefixes", "now", "key"]


@dataclass(frozen=True, slots=True)
class Parameter:
    """What a function takes at one place: the kinds it accepts, one value or a list.

    ``single`` says of a list that one value may stand for it. ``notation`` is the text it was declared by.
    """

    kinds: frozenset[Kind]
    many: bool = False
    optional: bool = False
    single: bool = True
    notation: str = ""

    def __str__(self) -> str:
        return self.notation


@dataclass(frozen=True, slots=True)
class FunctionSpec:
    """A function: its meaning, types, null rule, cost rule and examples (which are tests and documentation).

    ``nulls``: with "propagates" a null argument makes the result null without a call. ``cost`` raises
    :class:`~semantics.expressions.bounds.BoundError` from the arguments before the call; a function without
    one does work, and gives a result, no larger than its arguments. ``settled`` is
    given the constant arguments at load (None for the others) and raises what is wrong with them for good.
    ``repeats`` says that the last parameter may be given any number of times.

    ``context`` names what a function needs beside its arguments: the declared "prefixes", which the check puts
    in front of the arguments as a constant (of column 0: it is not in the text), or the instant of the run
    ("now") or the "key" for pseudonyms, which it takes from :mod:`~semantics.expressions.context`.
    """

    name: str
    purpose: str
    parameters: tuple[Parameter, ...]
    returns: Callable[[tuple[Type, ...]], Type]
    body: Callable[..., Any]
    nulls: NullRule = "propagates"
    cost: Callable[..., None] | None = None
    settled: Callable[..., object] | None = None
    repeats: bool = False
    since: str = "0.1"
    examples: tuple[tuple[str, str], ...] = ()
    context: Context | None = None
    scalar: bool = field(init=False)
    """Whether the function works on single values only, and so distributes over lists."""
    _needed: int | None = field(init=False)
    _accepted: tuple[frozenset[type] | None, ...] = field(init=False)

    def __post_init__(self) -> None:
        whole = any(wanted.many or Kind.ANY in wanted.kinds for wanted in self.parameters)
        front = (None,) if self.context == "prefixes" else ()
        accepted = tuple(map(_classes, self.parameters))
        put = object.__setattr__
        put(self, "scalar", bool(self.parameters) and not whole)
        put(self, "_accepted", front + accepted + accepted[-1:] * (_REPEATED if self.repeats else 0))
        put(self, "_needed", None if self.repeats else len(front + accepted))

    @property
    def signature(self) -> str:
        """The parameters as they were declared, for messages and pages."""
        parts = [*map(str, self.parameters), *(["..."] if self.repeats else [])]
        return f"{self.name}({', '.join(parts)})"

    def call(self, *arguments: Any) -> Any:
        """Carry the function out: nulls, distribution over lists, kinds and cost as declared."""
        if len(arguments) > len(self._accepted):
            return self._carefully(arguments)
        for value, accepted in zip(arguments, self._accepted, strict=False):
            if value is None or (accepted is not None and value.__class__ not in accepted):
                return self._carefully(arguments)
        if self.cost is not None:
            self.cost(*arguments)
        return self.body(*arguments)

    def _carefully(self, arguments: tuple[Any, ...]) -> Any:
        """The same for arguments that are not plainly what was declared."""
        if self.nulls == "propagates" and any(value is None for value in arguments[: self._needed]):
            return None
        if self.scalar and any(type(value) is list for value in arguments):
            return self._distribute(arguments)
        more = self._accepted[-1:] * (len(arguments) - len(self._accepted))
        for value, accepted in zip(arguments, self._accepted + more, strict=False):
            if value is not None and accepted is not None and value.__class__ not in accepted:
                what = "needs a list, found" if accepted == _LIST else "does not take"
                raise EvaluationError(f"{self.name}() {what} {shape(value)}")
        if self.cost is not None:
            self.cost(*arguments)
        return self.body(*arguments)

    def _distribute(self, arguments: tuple[Any, ...]) -> list[Any]:
        """The function on each element; several lists go side by side and must be equally long."""
        lengths = {len(argument) for argument in arguments if type(argument) is list}
        if len(lengths) > 1:
            raise EvaluationError(f"{self.name}() was given lists of different lengths")
        return [self.call(*(a[i] if type(a) is list else a for a in arguments)) for i in range(lengths.pop())]


_WORDS: Final[dict[str, frozenset[Kind]]] = {
    "number": frozenset({Kind.INTEGER, Kind.DECIMAL, Kind.FLOAT}),
    "temporal": frozenset({Kind.DATE, Kind.DATETIME}),
    "scalar": frozenset(set(Kind) - {Kind.OBJECT, Kind.ANY, Kind.NULL}),
    "comparable": frozenset(set(Kind) - {Kind.OBJECT, Kind.ANY, Kind.NULL, Kind.BOOLEAN}),
    "any": frozenset({Kind.ANY}),
}


_CLASSES: Final[dict[Kind, frozenset[type]]] = {
    Kind.STRING: frozenset({str}),
    Kind.INTEGER: frozenset({int}),
    Kind.DECIMAL: frozenset({Decimal}),
    Kind.FLOAT: frozenset({float}),
    Kind.BOOLEAN: frozenset({bool}),
    Kind.DATE: frozenset({date}),
    Kind.DATETIME: frozenset({datetime, Moment}),
    Kind.TIME: frozenset({time}),
    Kind.OBJECT: frozenset({dict}),
}
"""How values of each kind are held inside an expression."""


_LIST: Final = frozenset({list})
_REPEATED: Final = 16
"""How many times an argument may be repeated on the short way."""


def _classes(wanted: Parameter) -> frozenset[type] | None:
    """What a value of a parameter may be, but for null; None where nothing is to be checked."""
    if wanted.many and not wanted.single:
        return _LIST
    if Kind.ANY in wanted.kinds:
        return None
    single = frozenset().union(*(_CLASSES[kind] for kind in wanted.kinds))
    return single | _LIST if wanted.many else single


def parameter(text: str) -> Parameter:
    """A parameter from its notation: ``string``, ``number``, ``[number]`` (a list), ``integer?`` (optional).

    ``[number] | number`` is a list, or one value that stands for it.
    """
    words = [word.strip() for word in text.rstrip("?").split("|")]
    many = [word.startswith("[") for word in words]
    kinds: frozenset[Kind] = frozenset()
    for word in words:
        kinds |= _WORDS.get(word.strip("[]")) or frozenset({Kind(word.strip("[]"))})
    return Parameter(kinds, any(many), text.endswith("?"), not all(many), text)


def define(
    signature: str,
    returns: str | Callable[[tuple[Type, ...]], Type],
    *examples: tuple[str, str],
    nulls: NullRule = "propagates",
    cost: Callable[..., None] | None = None,
    settled: Callable[..., object] | None = None,
    since: str = "0.1",
    context: Context | None = None,
) -> Callable[[Callable[..., Any]], FunctionSpec]:
    """Turn a Python function into a :class:`FunctionSpec`; its docstring is the function's purpose.

    ``signature`` is ``name(parameter, ...)`` in the notation of :func:`parameter`, with a final
    ``...`` when the last one repeats. ``returns`` is a kind, ``[kind]``, or a rule from argument types.
    """
    name, _, inside = signature.rstrip(")").partition("(")
    words = [word.strip() for word in inside.split(",") if word.strip()]
    repeats = bool(words) and words[-1] == "..."
    parameters = tuple(map(parameter, words[:-1] if repeats else words))
    rule = _constant(returns) if isinstance(returns, str) else returns

    def wrap(body: Callable[..., Any]) -> FunctionSpec:
        purpose = (body.__doc__ or "").strip().splitlines()[0]
        return FunctionSpec(
            name, purpose, parameters, rule, body, nulls, cost, settled, repeats, since, tuple(examples), context
        )

    return wrap


def _constant(text: str) -> Callable[[tuple[Type, ...]], Type]:
    many = text.startswith("[")
    found = Type(Kind(text.strip("[]")), many)
    return lambda _: found
