"""How a function of the language is declared: once, with everything that checks, backends and pages need."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Literal

from semantics.expressions.types import Kind, Type

__all__ = ["FunctionSpec", "Parameter", "define", "parameter"]

NullRule = Literal["propagates", "accepts"]


@dataclass(frozen=True, slots=True)
class Parameter:
    """What a function takes at one place: the kinds it accepts, one value or a list."""

    kinds: frozenset[Kind]
    many: bool = False
    optional: bool = False

    def __str__(self) -> str:
        word = next((word for word, kinds in _WORDS.items() if kinds == self.kinds), None)
        name = word or " | ".join(sorted(self.kinds))
        return (f"list of {name}" if self.many else name) + ("?" if self.optional else "")


@dataclass(frozen=True, slots=True)
class FunctionSpec:
    """A function: its meaning, types, null rule, cost rule and examples (which are tests and documentation).

    ``nulls``: with "propagates" a null argument makes the result null without a call. ``cost`` raises
    :class:`~semantics.expressions.bounds.BoundError` from the arguments before the call. ``settled`` is
    given the constant arguments at load (None for the others) and raises what is wrong with them for good.
    ``repeats`` says that the last parameter may be given any number of times.
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

    @property
    def scalar(self) -> bool:
        """Whether the function works on single values only, and so distributes over lists."""
        whole = any(parameter.many or Kind.ANY in parameter.kinds for parameter in self.parameters)
        return bool(self.parameters) and not whole

    @property
    def signature(self) -> str:
        """The parameters as documentation shows them."""
        parts = [str(parameter) for parameter in self.parameters]
        return f"{self.name}({', '.join(parts)}{', ...' if self.repeats else ''})"

    def call(self, *arguments: Any) -> Any:
        """Carry the function out: nulls, distribution over lists and cost as declared."""
        if self.nulls == "propagates" and any(
            argument is None and index < self._needed for index, argument in enumerate(arguments)
        ):
            return None
        if self.scalar and any(type(argument) is list for argument in arguments):
            return self._distribute(arguments)
        if self.cost is not None:
            self.cost(*arguments)
        return self.body(*arguments)

    @property
    def _needed(self) -> int:
        return 1_000 if self.repeats else len(self.parameters)

    def _distribute(self, arguments: tuple[Any, ...]) -> list[Any]:
        """The function on each element; several lists go side by side and must be equally long."""
        from semantics.expressions.bounds import EvaluationError

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
    """A parameter from its notation: ``string``, ``number``, ``[number]`` (a list), ``integer?`` (optional)."""
    optional = text.endswith("?")
    bare = text.rstrip("?")
    many = bare.startswith("[")
    kinds: frozenset[Kind] = frozenset()
    for word in map(str.strip, bare.strip("[]").split("|")):
        kinds |= _WORDS.get(word) or frozenset({Kind(word)})
    return Parameter(kinds, many, optional)


def define(
    signature: str,
    returns: str | Callable[[tuple[Type, ...]], Type],
    *examples: tuple[str, str],
    nulls: NullRule = "propagates",
    cost: Callable[..., None] | None = None,
    settled: Callable[..., object] | None = None,
    since: str = "0.1",
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
            name, purpose, parameters, rule, body, nulls, cost, settled, repeats, since, tuple(examples)
        )

    return wrap


def _constant(text: str) -> Callable[[tuple[Type, ...]], Type]:
    many = text.startswith("[")
    found = Type(Kind(text.strip("[]")), many)
    return lambda _: found
