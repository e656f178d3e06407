"""How a function of the language is declared: once, with everything that checks, backends and pages need."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from types import NoneType
from typing import Any, Final, Literal

from semantics.errors import shape
from semantics.expressions.bounds import EvaluationError
from semantics.expressions.types import Kind, Type

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
    _lists: tuple[int, ...] = field(init=False)

    def __post_init__(self) -> None:
        whole = any(wanted.many or Kind.ANY in wanted.kinds for wanted in self.parameters)
        lists = tuple(at for at, wanted in enumerate(self.parameters) if wanted.many and not wanted.single)
        put = object.__setattr__
        put(self, "scalar", bool(self.parameters) and not whole)
        put(self, "_lists", lists)
        put(self, "_needed", None if self.repeats else len(self.parameters) + (self.context == "prefixes"))

    @property
    def signature(self) -> str:
        """The parameters as they were declared, for messages and pages."""
        parts = [*map(str, self.parameters), *(["..."] if self.repeats else [])]
        return f"{self.name}({', '.join(parts)})"

    def call(self, *arguments: Any) -> Any:
        """Carry the function out: nulls, distribution over lists and cost as declared."""
        if self.nulls == "propagates":
            for value in arguments[: self._needed]:
                if value is None:
                    return None
        if self.scalar:
            for value in arguments:
                if value.__class__ is list:
                    return self._distribute(arguments)
        for position in self._lists:
            if position < len(arguments) and type(arguments[position]) not in (list, NoneType):
                raise EvaluationError(f"{self.name}() needs a list, found {shape(arguments[position])}")
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
