"""What the generated classes stand on: closed models, exact scalars, constraints and rules.

Standard library and pydantic (with its core) only. An instance is plain data with the slots' own names as keys; a
class takes exactly what the checker of the schema takes. Dates, times and IRIs are text in their
XSD form, because ``datetime`` objects would lose an offset's spelling and the digits of a second;
Python's date objects are taken too, and become that text. Numbers keep every digit
(``model_dump()``); in JSON form a decimal is a number where a double holds it, else text.
"""

from __future__ import annotations

from collections.abc import Callable as _Callable
from datetime import date as _date
from datetime import datetime as _datetime
from datetime import time as _time
from decimal import Decimal as _PlainDecimal
from decimal import InvalidOperation as _InvalidOperation
from enum import StrEnum as _StrEnum
from typing import Annotated as _Annotated
from typing import Any as _Any
from typing import ClassVar as _ClassVar
from typing import NamedTuple as _NamedTuple

from pydantic import AfterValidator as _AfterValidator
from pydantic import BaseModel as _BaseModel
from pydantic import BeforeValidator as _BeforeValidator
from pydantic import ConfigDict as _ConfigDict
from pydantic import Field as _Field
from pydantic import GetCoreSchemaHandler as _GetCoreSchemaHandler
from pydantic import ModelWrapValidatorHandler as _ModelWrapValidatorHandler
from pydantic import PlainSerializer as _PlainSerializer
from pydantic import SerializerFunctionWrapHandler as _SerializerFunctionWrapHandler
from pydantic import TypeAdapter as _TypeAdapter
from pydantic import ValidationError as _ValidationError
from pydantic import ValidatorFunctionWrapHandler as _ValidatorFunctionWrapHandler
from pydantic import WrapSerializer as _WrapSerializer
from pydantic import WrapValidator as _WrapValidator
from pydantic import model_validator as _model_validator
from pydantic_core import InitErrorDetails as _InitErrorDetails
from pydantic_core import PydanticCustomError as _CustomError

_MAX_EXPONENT = 308
_MAX_INTEGER_BITS = 4096


# -- numbers ---------------------------------------------------------------------------------------


def _as_integer(value: _Any) -> int:
    """A whole number; a decimal or float without a fraction is one, a boolean is not."""
    if type(value) is int and value.bit_length() <= _MAX_INTEGER_BITS:
        return value
    if type(value) is float and value.is_integer():
        return int(value)
    if isinstance(value, _PlainDecimal) and _in_range(value) and value == value.to_integral_value():
        return int(value)
    raise ValueError("expected an integer")


def _as_decimal(value: _Any) -> _PlainDecimal:
    """An exact number; a float counts as its shortest decimal form."""
    if type(value) is int and value.bit_length() <= _MAX_INTEGER_BITS:
        return _PlainDecimal(value)
    number = _PlainDecimal(repr(value)) if type(value) is float else value
    if isinstance(number, _PlainDecimal) and _in_range(number):
        return number
    raise ValueError("expected a decimal number")


def _as_float(value: _Any) -> float:
    """A finite binary number."""
    if type(value) in (int, float) or isinstance(value, _PlainDecimal):
        try:
            number = float(value)
        except OverflowError:
            number = float("inf")
        if number - number == 0:
            return number
    raise ValueError("expected a number")


def _in_range(number: _PlainDecimal) -> bool:
    return number.is_finite() and (not number or abs(number.adjusted()) <= _MAX_EXPONENT)


def _exact(value: _Any) -> _PlainDecimal | None:
    """The number to compare by, None for what is no number."""
    if type(value) is float:
        value = _PlainDecimal(repr(value))
    elif type(value) is int:
        value = _PlainDecimal(value)
    return value if isinstance(value, _PlainDecimal) and value.is_finite() else None


def _json_number(number: _Any) -> _Any:
    """A decimal for JSON: a whole number, a double that holds it exactly, or else text."""
    if not isinstance(number, _PlainDecimal):
        return number
    if number == number.to_integral_value():
        return int(number)
    binary = float(number)
    return binary if _PlainDecimal(repr(binary)) == number else format(number, "f")


def _json_value(value: _Any) -> _Any:
    """Plain data for JSON, with the decimals in it as numbers."""
    if isinstance(value, dict):
        return {key: _json_value(member) for key, member in value.items()}
    if isinstance(value, list):
        return [_json_value(member) for member in value]
    return _json_number(value)


# -- text ------------------------------------------------------------------------------------------


def _as_text(value: _Any) -> _Any:
    """The XSD form of Python's date and time objects; anything else as it is."""
    return value.isoformat() if isinstance(value, (_date, _datetime, _time)) else value


def _is_word(char: str) -> bool:
    return char.isalnum() or char == "_"


def _is_iri(text: str) -> bool:
    scheme, colon, rest = text.partition(":")
    return (
        bool(colon)
        and scheme[:1].isascii()
        and scheme[:1].isalpha()
        and all(char.isascii() and (char.isalnum() or char in "+.-") for char in scheme)
        and not set(rest) & _NOT_IRI
        and text.isprintable()
    )


def _is_curie(text: str) -> bool:
    prefix, colon, rest = text.partition(":")
    first = prefix[:1]
    return (
        bool(colon)
        and (first == "_" or (first.isascii() and first.isalpha()))
        and all(_is_word(char) or char in ".-" for char in prefix)
        and not set(rest) & _NOT_IRI
    )


_NOT_IRI = frozenset(map(chr, range(0x21))) | frozenset('<>"{}|\\^`\x7f')


def _iri(text: str) -> str:
    if not _is_iri(text):
        raise ValueError("expected an absolute IRI")
    return text


def _curie(text: str) -> str:
    if not _is_curie(text):
        raise ValueError("expected a CURIE (prefix:name)")
    return text


def _iri_or_curie(text: str) -> str:
    if not (_is_iri(text) or _is_curie(text)):
        raise ValueError("expected an IRI or CURIE")
    return text


def _ncname(text: str) -> str:
    first = text[:1]
    if _is_word(first) and not first.isdecimal() and all(_is_word(c) or c in ".-" for c in text):
        return text
    raise ValueError("expected an XML name without colon")


_DAY = (
    "(([1-9][0-9]{3}|0[1-9][0-9]{2}|00[1-9][0-9]|000[1-9])-((0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])"
    "|(0[13-9]|1[0-2])-(29|30)|(0[13578]|1[02])-31)"
    "|([0-9]{2}(0[48]|[2468][048]|[13579][26])|(0[48]|[2468][048]|[13579][26])00)-02-29)"
)
_CLOCK = (
    r"([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]+)?"
    "(Z|[+-](0[0-9]|1[0-3]):[0-5][0-9]|[+-]14:00)?"
)

_LEXICAL = (f"^{_DAY}$", f"^{_DAY}T{_CLOCK}$", f"^{_DAY}(T{_CLOCK})?$", f"^{_CLOCK}$")
_Integer = _Annotated[int, _BeforeValidator(_as_integer)]
_Decimal = _Annotated[
    _PlainDecimal,
    _BeforeValidator(_as_decimal),
    _PlainSerializer(_json_number, when_used="json"),
]
_Float = _Annotated[float, _BeforeValidator(_as_float)]
_Date = _Annotated[str, _Field(pattern=_LEXICAL[0]), _BeforeValidator(_as_text)]
_DateTime = _Annotated[str, _Field(pattern=_LEXICAL[1]), _BeforeValidator(_as_text)]
_DateOrDateTime = _Annotated[str, _Field(pattern=_LEXICAL[2]), _BeforeValidator(_as_text)]
_Time = _Annotated[str, _Field(pattern=_LEXICAL[3]), _BeforeValidator(_as_text)]
_Uri = _Annotated[str, _AfterValidator(_iri)]
_Curie = _Annotated[str, _AfterValidator(_curie)]
_UriOrCurie = _Annotated[str, _AfterValidator(_iri_or_curie)]
_NcName = _Annotated[str, _AfterValidator(_ncname)]


def _present(value: _Any) -> _Any:
    if value is None:
        raise ValueError("expected a value")
    return value


_Anything = _Annotated[_Any, _BeforeValidator(_present), _PlainSerializer(_json_value, when_used="json")]


class _TextEnum(_StrEnum):
    """A closed code list; a member is the text of its code."""

    @classmethod
    def __get_pydantic_core_schema__(cls, source: _Any, handler: _GetCoreSchemaHandler) -> _Any:
        """Takes the text of a code as well as a member, in strict models too."""
        found: _Any = handler(source)
        found["strict"] = False
        return found


# -- constraints on one value ----------------------------------------------------------------------


def _adapter(kind: _Any) -> _Callable[[_Any], bool]:
    """A test of values against an annotation; it is compiled when it is first asked."""
    compiled: list[_TypeAdapter[_Any]] = []

    def test(value: _Any) -> bool:
        if not compiled:
            # Annotated or not, a model has its own configuration.
            inner = getattr(kind, "__origin__", kind)
            is_model = isinstance(inner, type) and issubclass(inner, _BaseModel)
            compiled.append(
                _TypeAdapter(kind)
                if is_model
                else _TypeAdapter(kind, config=_ConfigDict(strict=True, hide_input_in_errors=True))
            )
        try:
            compiled[0].validate_python(value)
        except _ValidationError:
            return False
        return True

    return test


def _check(test: _Callable[[_Any], bool], expected: str) -> _WrapValidator:
    """A test of the value as it is given, once it is of its type."""

    def check(value: _Any, handler: _ValidatorFunctionWrapHandler) -> _Any:
        found = handler(value)
        if not test(value):
            raise ValueError(f"expected {expected}")
        return found

    return _WrapValidator(check)


def _pattern(pattern: str) -> _WrapValidator:
    """A search in text, or in the plain form of a number or boolean."""
    found = _adapter(_Annotated[str, _Field(pattern=pattern)])

    def test(value: _Any) -> bool:
        if isinstance(value, bool):
            return found("true" if value else "false")
        if isinstance(value, (int, float, _PlainDecimal)):
            number = _exact(value)
            return number is not None and found(format(number, "f"))
        return found(_as_text(value))

    return _check(test, "text that matches the pattern")


def _bounds(low: str | None, high: str | None, *, binary: bool = False) -> _WrapValidator:
    """A number within bounds, both included; ``binary`` compares as a double does."""
    least, most = (None if bound is None else _PlainDecimal(bound) for bound in (low, high))

    def test(value: _Any) -> bool:
        number = _comparable(value, binary=binary)
        if number is None:
            return False
        return (least is None or number >= least) and (most is None or number <= most)

    words = [f"at least {low}"] if low is not None else []
    words += [f"at most {high}"] if high is not None else []
    return _check(test, f"a number {' and '.join(words)}")


def _comparable(value: _Any, *, binary: bool) -> _PlainDecimal | None:
    number = _exact(value)
    if number is None or not binary:
        return number
    try:
        return _exact(float(number))
    except (OverflowError, _InvalidOperation):
        return None


def _equals(*texts: str) -> _WrapValidator:
    """Text that is one of ``texts``."""
    return _check(lambda value: isinstance(value, str) and value in texts, "one of the texts of the schema")


def _equals_number(number: str, *, binary: bool = False) -> _WrapValidator:
    """The one number that the schema gives."""
    wanted = _PlainDecimal(number)
    return _check(lambda value: _comparable(value, binary=binary) == wanted, f"the number {number}")


def _any_of(*kinds: _Any) -> _WrapValidator:
    """A value that at least one annotation takes."""
    tests = [_adapter(kind) for kind in kinds]
    return _check(lambda value: any(test(value) for test in tests), "what one of the parts of any_of takes")


def _all_of(*kinds: _Any) -> _WrapValidator:
    """A value that every annotation takes."""
    tests = [_adapter(kind) for kind in kinds]
    return _check(lambda value: all(test(value) for test in tests), "what all parts of all_of take")


def _none_of(*kinds: _Any) -> _WrapValidator:
    """A value that no annotation takes."""
    tests = [_adapter(kind) for kind in kinds]
    return _check(lambda value: not any(test(value) for test in tests), "what no part of none_of takes")


def _exactly_one_of(*kinds: _Any) -> _WrapValidator:
    """A value that one annotation takes, and one only."""
    tests = [_adapter(kind) for kind in kinds]
    return _check(lambda value: sum(test(value) for test in tests) == 1, "what one part of exactly_one_of takes")


# -- mappings by identifier ------------------------------------------------------------------------


def _keyed(name: str, slot: str, *, kind: str | None = None) -> _WrapValidator:
    """Objects by identifier, who may leave it out: field ``name``, written ``slot``, of each object.

    ``kind``: that of identifiers whose values have more than one spelling.
    """

    def validate(value: _Any, handler: _ValidatorFunctionWrapHandler) -> _Any:
        if not isinstance(value, dict):
            return handler(value)
        full, without, faults = {}, [], []
        for key, item in value.items():
            identity = key if kind is None else _key_value(key, kind)
            if identity is None:
                faults.append(_fault("key", key))
            elif isinstance(item, dict):
                own = item.get(slot)
                if own is None:
                    item = {**item, slot: identity}
                    without.append(key)
                elif own != identity:
                    faults.append(_fault("key_mismatch", key))
            full[key] = item
        if faults:
            raise _ValidationError.from_exception_data("objects by identifier", faults, hide_input=True)
        found = handler(full)
        for key in without:
            found[key].__pydantic_fields_set__.discard(name)
        return found

    return _WrapValidator(validate)


def _unkeyed(name: str, slot: str) -> _WrapSerializer:
    """Leaves the identifier out again where the data did."""

    def serialise(value: _Any, handler: _SerializerFunctionWrapHandler) -> _Any:
        found = handler(value)
        for key, item in value.items():
            if name not in item.model_fields_set:
                found[key].pop(slot, None)
                found[key].pop(name, None)
        return found

    return _WrapSerializer(serialise)


def _key_value(key: _Any, kind: str) -> _Any:
    """The identifier that a key is the text of; None where it is none."""
    if not isinstance(key, str) or len(key) > 1300 or not _KEYS[kind](key):
        return None
    if kind == "boolean":
        return key in ("true", "1")
    try:
        return _KINDS[kind](int(key) if kind == "integer" else _PlainDecimal(key))
    except ValueError:
        return None


def _fault(kind: str, *steps: _Any) -> _InitErrorDetails:
    """A fault inside a collection, at a place in it."""
    return _InitErrorDetails(type=_CustomError(kind, _SAID[kind]), loc=steps, input=None)


_SAID: dict[str, _Any] = {
    "identifier": "expected another identifier than that of an object before it",
    "unique_key": "expected another value than that of an object before it",
    "key": "expected an identifier as key",
    "designation": "the type designator names no class that may stand here",
    "abstract": "an abstract class has no instances: the type designator must name a class",
    "rule": "a rule of the class does not hold",
    "condition": "a condition of the class does not hold",
    "values": "a boolean constraint on the values together does not hold",
    "key_mismatch": "expected the identifier that the object has inside as key",
}
_KINDS: dict[str, _Callable[[_Any], _Any]] = {"integer": _as_integer, "decimal": _as_decimal, "float": _as_float}
_KEYS = {
    "integer": _adapter(_Annotated[str, _Field(pattern="^[+-]?[0-9]+$")]),
    "decimal": _adapter(_Annotated[str, _Field(pattern="^[+-]?([0-9]+([.][0-9]*)?|[.][0-9]+)$")]),
    "float": _adapter(_Annotated[str, _Field(pattern="^[+-]?([0-9]+([.][0-9]*)?|[.][0-9]+)([eE][+-]?[0-9]+)?$")]),
    "boolean": _adapter(_Annotated[str, _Field(pattern="^(true|false|1|0)$")]),
}


# -- collections of distinct objects ---------------------------------------------------------------


def _distinct() -> _AfterValidator:
    """Objects of which no two have one identifier, or one unique key."""

    def check(found: _Any) -> _Any:
        seen: set[tuple[_Any, ...]] = set()
        faults = []
        for step, item in found.items() if isinstance(found, dict) else enumerate(found):
            for name, home, *fields in type(item)._unique:
                key = (name, home, *(_told_by(getattr(item, field)) for field in fields))
                if None not in key and key in seen:
                    slot = type(item)._slot_names.get(fields[0], fields[0])
                    own = () if name or isinstance(found, dict) else (slot,)
                    faults.append(_fault("unique_key" if name else "identifier", step, *own))
                seen.add(key)
        if faults:
            raise _ValidationError.from_exception_data("distinct objects", faults, hide_input=True)
        return found

    return _AfterValidator(check)


def _told_by(value: _Any) -> _Any:
    """A value to compare objects by; None for what is no single value."""
    if isinstance(value, bool):
        return (value,)
    return value if isinstance(value, str) else _exact(value)


# -- rules -----------------------------------------------------------------------------------------


class _Slot:
    """A condition on a slot: between ``low`` and ``high`` values, each of ``kind``."""

    def __init__(self, slot: str, low: int, high: int | None, kind: _Any, form: str = "one") -> None:
        self.slot, self.low, self.high, self.form = slot, low, high, form
        self.test = _adapter(kind)

    def holds(self, data: dict[str, _Any]) -> bool:
        """Whether the slot of an object fulfils the condition."""
        value = data.get(self.slot)
        values = [] if value is None else [value]
        if self.form == "list" and isinstance(value, list):
            values = value
        elif self.form == "keyed" and isinstance(value, dict):
            values = list(value.values())
        if len(values) < self.low or (self.high is not None and len(values) > self.high):
            return False
        return all(self.test(item) for item in values)

    def place(self, data: dict[str, _Any]) -> tuple[str, ...]:
        """The slot of an object, where it is there."""
        return (self.slot,) if self.slot in data else ()


class _When(_NamedTuple):
    """A condition on an object: on its slots, and boolean combinations of conditions."""

    slots: tuple[_Any, ...] = ()
    any_of: tuple[_Any, ...] = ()
    all_of: tuple[_Any, ...] = ()
    none_of: tuple[_Any, ...] = ()
    exactly_one_of: tuple[_Any, ...] = ()
    never: bool = False

    def holds(self, data: dict[str, _Any]) -> bool:
        """Whether an object fulfils everything that is said here."""
        if self.never or not all(part.holds(data) for part in (*self.slots, *self.all_of)):
            return False
        if any(part.holds(data) for part in self.none_of):
            return False
        if self.any_of and not any(part.holds(data) for part in self.any_of):
            return False
        one = self.exactly_one_of
        return not one or sum(part.holds(data) for part in one) == 1

    def faults(self, data: dict[str, _Any]) -> list[tuple[str, ...]]:
        """Where it does not hold: the slots, or the object itself."""
        found: list[tuple[str, ...]] = [()] if self.never else []
        found += [part.place(data) for part in self.slots if not part.holds(data)]
        if not self._replace(slots=(), never=False).holds(data):
            found.append(())
        return found


class _Rule(_NamedTuple):
    """If ``before`` holds ``after`` must, else ``otherwise``; ``back``: ``after`` only if ``before``."""

    before: _When
    after: _When
    otherwise: _When = _When()
    back: bool = False
    kind: str = "rule"
    slot: str | None = None

    def holds(self, data: dict[str, _Any]) -> bool:
        """Whether an object keeps the rule."""
        if self.before.holds(data):
            return self.after.holds(data)
        return self.otherwise.holds(data) and not (self.back and self.after.holds(data))

    def faults(self, data: dict[str, _Any]) -> list[_InitErrorDetails]:
        """What does not hold, and where."""
        if self.before.holds(data):
            places = self.after.faults(data)
        else:
            places = self.otherwise.faults(data)
            if self.back and self.after.holds(data):
                places += self.before.faults(data)
        if self.slot is not None:
            places = [(self.slot,) if self.slot in data else ()] if places else []
        return [_fault(self.kind, *place) for place in dict.fromkeys(places)]


# -- models ----------------------------------------------------------------------------------------


class _Own(dict[str, _Any]):
    """Data given to a constructor: it can only mean the class that is called."""


class _Model(_BaseModel):
    """A closed class. Keys are the schema's slot names; fields of another name are constructor words too."""

    model_config = _ConfigDict(
        extra="forbid",
        strict=True,
        hide_input_in_errors=True,
        serialize_by_alias=True,
        ser_json_inf_nan="constants",
        defer_build=True,
        protected_namespaces=(),
    )
    _slot_names: _ClassVar[dict[str, str]] = {}
    _rules: _ClassVar[tuple[_Rule, ...]] = ()
    _unique: _ClassVar[tuple[tuple[str, ...], ...]] = ()

    def __init__(self, /, **data: _Any) -> None:
        names = type(self)._slot_names
        given = _Own((names.get(key, key), value) for key, value in data.items())
        self.__pydantic_validator__.validate_python(given, self_instance=self)

    # Says that this constructor only validates, as that of BaseModel does.
    __init__.__pydantic_base_init__ = True  # type: ignore[attr-defined]

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: _Any) -> None:
        """Learns which fields are not named like their slot."""
        fields = cls.model_fields.items()
        cls._slot_names = {name: found.serialization_alias for name, found in fields if found.serialization_alias}


class _Chosen(_Model):
    """A class that is abstract, or one of several that a type designator chooses from."""

    _abstract: _ClassVar[bool] = False
    _designator: _ClassVar[str | None] = None
    _designations: _ClassVar[tuple[str, ...]] = ()
    _must_designate: _ClassVar[bool] = False
    _known: _ClassVar[dict[tuple[_Any, str], _Any]] = {}

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: _Any) -> None:
        """Forgets which class a designation chose: there is one more now."""
        super().__pydantic_init_subclass__(**kwargs)
        _Chosen._known.clear()

    @_model_validator(mode="wrap")
    @classmethod
    def _choose(cls, data: _Any, handler: _ModelWrapValidatorHandler[_Any]) -> _Any:
        """Validates as the class that the data name; an abstract class has no instances."""
        if not isinstance(data, dict):
            return handler(data)
        given = data.get(cls._designator) if cls._designator else None
        if given is not None and given not in cls.__dict__.get("_designations", ()):
            chosen = None if type(data) is _Own or not isinstance(given, str) else cls._below(given)
            if chosen is None:
                kind = "abstract" if cls._names_abstract(given) else "designation"
                faults = [_fault(kind, cls._designator)]
                raise _ValidationError.from_exception_data(cls.__name__, faults, hide_input=True)
            return chosen.__pydantic_validator__.validate_python(data)
        if cls.__dict__.get("_abstract", False):
            raise ValueError("an abstract class has no instances: the type designator must name a class")
        if given is None and cls._must_designate and type(data) is not _Own:
            raise ValueError("the type designator is missing")
        if type(data) is _Own and given is None and cls._designator:
            data = _Own(data)
            data[cls._designator] = cls._designations[0]
        return handler(data)

    @classmethod
    def _names_abstract(cls, given: _Any) -> bool:
        """Whether this class or one below it has that name, and no instances."""
        waiting: list[type[_Chosen]] = [cls]
        for below in waiting:
            waiting += below.__subclasses__()
        return any(below.__name__ == given and below.__dict__.get("_abstract", False) for below in waiting)

    @classmethod
    def _below(cls, given: str) -> _Any:
        """The concrete subclass of that designation; the one of this module if several have it."""
        if (cls, given) in _Chosen._known:
            return _Chosen._known[cls, given]
        found: dict[tuple[str, str], type[_Chosen]] = {}
        waiting = list(cls.__subclasses__())
        while waiting:
            below = waiting.pop(0)
            waiting += below.__subclasses__()
            own = below.__dict__
            if given in own.get("_designations", ()) and not own.get("_abstract", False):
                found[below.__module__, below.__qualname__] = below
        near = [below for below in found.values() if below.__module__ == cls.__module__]
        candidates = near or list(found.values())
        if near or len(candidates) == 1:
            _Chosen._known[cls, given] = candidates[0]
            return candidates[0]
        return None


class _Ruled(_Model):
    """A class with rules: conditions on several slots together."""

    @_model_validator(mode="wrap")
    @classmethod
    def _keep(cls, data: _Any, handler: _ModelWrapValidatorHandler[_Any]) -> _Any:
        """Checks the rules after the slots."""
        found = handler(data)
        judged = type(found) is cls and isinstance(data, dict)
        if judged and not all(rule.holds(data) for rule in cls._rules):
            faults = [fault for rule in cls._rules for fault in rule.faults(data)]
            raise _ValidationError.from_exception_data(cls.__name__, faults, hide_input=True)
        return found


def _ruled(cls: type[_Model], *rules: _Rule) -> None:
    """Give a class its rules; done when all classes that the rules speak of are there."""
    cls._rules = rules
