"""Class rules as Python functions: one function a rule, one short block a slot."""

from __future__ import annotations

import ast
import keyword
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Final, TypeVar

from semantics.backends.python.compat import WRITERS
from semantics.backends.python.expressions import (
    EVENTS,
    ExpressionWriter,
    call,
    const,
    constant,
    is_get,
    literal,
    name,
    thunk,
)
from semantics.backends.python.runtime import RELATED, namespace
from semantics.errors import Location
from semantics.expressions.types import Kind, Type
from semantics.plan.model import (
    FINISHED,
    MADE,
    Build,
    ClassRule,
    Compute,
    Constant,
    Derive,
    Join,
    Plan,
    Read,
    Several,
    SlotRule,
    Template,
)

__all__ = ["ModuleWriter"]

_Line = TypeVar("_Line", bound=ast.stmt)
_EVENTS: Final = EVENTS
_OUT: Final = "out"
_VALUE: Final = "value"
_OURS: Final = frozenset({_EVENTS, _OUT, _VALUE, "code", "made", "item", "element", RELATED})


def _names(plan: Plan) -> dict[str, str]:
    """The name of the function of each rule, by its id."""
    names: dict[str, str] = {}
    taken = {*_OURS, *namespace(plan.dialect)}
    for identifier in plan.rules:
        names[identifier] = _unique(identifier, taken)
    return names


def _unique(text: str, taken: set[str]) -> str:
    """An identifier of our own making for a name of the mapping."""
    plain = "".join(char if char.isascii() and char.isalnum() else "_" for char in text).strip("_")
    if not plain or not plain.isidentifier() or keyword.iskeyword(plain):
        plain = f"rule_{plain}"
    while plain in taken:
        plain += "_"
    taken.add(plain)
    return plain


def _assign(target: str, value: ast.expr) -> ast.stmt:
    return ast.Assign([ast.Name(target, ast.Store())], value)


def _present(identifier: str) -> ast.expr:
    return ast.Compare(name(identifier), [ast.IsNot()], [const(None)])


def _if(test: ast.expr, *body: ast.stmt) -> ast.stmt:
    return ast.If(test, list(body), [])


def _placed(line: _Line, origin: Location) -> _Line:
    """A statement with the line of the mapping that it comes from, as tracebacks and profiles show it."""
    line.lineno = line.end_lineno = origin.line or 1
    line.col_offset = line.end_col_offset = 0
    return line


def _is(identifier: str, kind: str) -> ast.expr:
    return ast.Compare(ast.Attribute(name(identifier), "__class__", ast.Load()), [ast.Is()], [name(kind)])


def _store(slot: str, value: ast.expr) -> ast.stmt:
    return ast.Assign([ast.Subscript(name(_OUT), const(slot), ast.Store())], value)


@dataclass
class ModuleWriter:
    """The functions of one plan; code tables are shared and stand in front of them.

    ``names`` are the functions of the rules, by their ids.
    """

    plan: Plan
    names: dict[str, str] = field(init=False)
    tables: list[ast.stmt] = field(default_factory=list)
    known: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.names = _names(self.plan)

    def part(self, rules: Iterable[str]) -> ast.Module:
        """The functions of some rules, with the tables that no part before had."""
        before = len(self.tables)
        functions = [self.function(self.plan.rules[rule]) for rule in rules]
        return ast.Module([*self.tables[before:], *functions], [])

    def table(self, slot: SlotRule) -> str:
        """The name of the code table of a slot; equal tables stand once."""
        codes = slot.codes
        assert codes is not None
        return self._table([const(code) for code in codes.table], [literal(value) for value in codes.table.values()])

    def _table(self, codes: list[ast.expr], targets: list[ast.expr]) -> str:
        rows = ast.Dict([*codes], targets)
        text = ast.dump(rows)
        if text not in self.known:
            self.known[text] = f"CODES_{len(self.known) + 1}"
            self.tables.append(_assign(self.known[text], rows))
        return self.known[text]

    def data(self, value: Any) -> ast.expr:
        """The name of a constant of some shape, or a plain one itself; equal constants stand once."""
        if not isinstance(value, (list, dict)):
            return constant(value)
        written = constant(value)
        text = ast.dump(written)
        if text not in self.known:
            self.known[text] = f"DATA_{len(self.known) + 1}"
            self.tables.append(_assign(self.known[text], written))
        return name(self.known[text])

    @cached_property
    def code_maps(self) -> dict[str, str]:
        """The names of the code maps that expressions look up: a table, and what is done with other codes."""
        names = {}
        for number, (title, found) in enumerate(self.plan.code_maps.items(), start=1):
            table = self._table(
                [const(code) for code in found.codes], [const(target) for target in found.codes.values()]
            )
            parts = [name(table), const(title), const(found.passes), const(found.otherwise)]
            names[title] = f"CODE_MAP_{number}"
            self.tables.append(_assign(names[title], ast.Tuple(parts, ast.Load())))
        return names

    def function(self, rule: ClassRule) -> ast.FunctionDef:
        """One rule: its condition, its slots, its result."""
        taken = {*_OURS, *namespace(self.plan.dialect), *self.names.values()}
        variables = {variable: _unique(variable, taken) for variable in rule.scopes}
        variables |= {join.variable: _unique(join.alias, taken) for join in rule.joins}
        named = {**variables, MADE: _OUT, FINISHED: _VALUE}
        objects = frozenset({*rule.objects, MADE})
        expressions = WRITERS[self.plan.dialect](named, objects, self.data, self.code_maps)
        writer = _RuleWriter(self, rule, expressions)
        arguments = [ast.arg(variables[scope]) for scope in rule.scopes] + [ast.arg(_EVENTS)]
        function = ast.FunctionDef(
            name=self.names[rule.id],
            args=ast.arguments([], arguments, None, [], [], None, []),
            body=writer.body(),
            decorator_list=[],
        )
        return _placed(function, rule.origin)


@dataclass
class _RuleWriter:
    module: ModuleWriter
    rule: ClassRule
    expressions: ExpressionWriter

    def body(self) -> list[ast.stmt]:
        rule = self.rule
        source = f" from {rule.source_class}" if rule.source_class else ""
        lines: list[ast.stmt] = [ast.Expr(const(_plain(f"{rule.target_class}{source}  ({rule.rule})")))]
        wanted: list[ast.stmt] = []
        if rule.where is not None:
            test = ast.UnaryOp(ast.Not(), self.expressions.condition(rule.where))
            wanted = [_if(test, ast.Return(const(None)))]
        joins = [self._join(join) for join in rule.joins]
        lines += [*joins, *wanted] if rule.joins_first else [*wanted, *joins]
        if rule.whole is not None:
            return [*lines, ast.Return(self.expressions.result(rule.whole))]
        lines.append(_assign(_OUT, ast.Dict([], [])))
        for slot in rule.slots:
            lines.append(_note(f"{slot.slot}  ({self._place(slot)})"))
            block = self.kept(slot) if rule.keep_nulls else self.slot(slot)
            if slot.where is not None:
                block = [_if(self.expressions.condition(slot.where), *block)]
            lines += [_placed(line, slot.origin) for line in block]
        if rule.arranged is not None:
            lines.append(_assign(_OUT, call("arranged", name(_OUT), const(rule.arranged))))
        if rule.root or rule.keep_nulls:
            lines.append(ast.Return(name(_OUT)))
        else:
            more = ast.Compare(call("len", name(_OUT)), [ast.Gt()], [const(len(rule.fixed))])
            lines.append(ast.Return(ast.IfExp(more, name(_OUT), const(None))))
        return lines

    def _join(self, join: Join) -> ast.stmt:
        """The partner, or partners, of a join under the name of its variable."""
        asked = [name(RELATED), const(join.lookup), self.expressions.value(join.key)]
        if join.many:
            rows = call("partners", *asked)
        else:
            rows = call("partner", *asked, *([const(join.pick)] if join.pick else []))
        return _assign(self.expressions.variables[join.variable], call("found", rows) if join.required else rows)

    # -- slots whose nulls are kept ---------------------------------------------------------------

    def kept(self, slot: SlotRule) -> list[ast.stmt]:
        """The value as it comes, finished where it is something, and stored."""
        match slot.value:
            case Compute(expression=expression):
                value: ast.expr = self.expressions.result(expression)
            case Derive() as derive:
                value = self._derived(derive)
            case Several(parts=parts):
                value = call("several", ast.List([self._derived(part) for part in parts], ast.Load()), const(slot.many))
            case _:
                raise TypeError("a slot whose nulls are kept is computed or derived")
        if slot.finish is None:
            return [_store(slot.slot, value)]
        finish = _if(_present(_VALUE), _assign(_VALUE, self.expressions.result(slot.finish)))
        return [_assign(_VALUE, value), finish, _store(slot.slot, name(_VALUE))]

    def _derived(self, derive: Derive) -> ast.expr:
        """A value with its objects replaced by what a rule makes of them."""
        outer = [name(self.expressions.variables[scope]) for scope in self.rule.scopes]
        made = call("fn_map_fail", const(derive.fault))
        if derive.rule is not None:
            made = call(self.module.names[derive.rule], name("item"), *outer[1:], name(_EVENTS))
        each = ast.Lambda(ast.arguments([], [ast.arg("item"), ast.arg("_")], None, [], [], None, []), made)
        return call("derived", self.expressions.value(derive.value), const(derive.many), each)

    # -- slots ------------------------------------------------------------------------------------

    def _place(self, slot: SlotRule) -> str:
        """The line of a slot's rule, with its file where that is not the one of the class."""
        line = f"line {slot.origin.line}"
        return line if slot.origin.file == self.rule.origin.file else f"{slot.origin.file}, {line}"

    def slot(self, slot: SlotRule) -> list[ast.stmt]:
        """The block of one slot."""
        match slot.value:
            case Constant() as constant:
                return [_store(slot.slot, _items(constant, slot.many))]
            case Build() as build:
                return self._build(slot, build)
            case Template() as template:
                return self._finish(slot, self._template(template))
            case Read(path=path):
                raw, kind = self.expressions.raw(path), path.type
                if is_get(raw) and not _checks_lists(slot) and not _looks_up(slot):
                    raw = call("one", raw)
                return self._converted(slot, raw, kind)
            case Compute(expression=expression):
                return self._converted(slot, self.expressions.result(expression), expression.type)
            case Derive() | Several():
                raise TypeError("objects are derived only where nulls are kept")

    def _converted(self, slot: SlotRule, raw: ast.expr, kind: Type) -> list[ast.stmt]:
        """Codes and conversions on one value, on each of a list, or on whatever comes."""
        if kind.kind is Kind.ANY or kind.kind is Kind.NULL:
            value: ast.expr = call("spread", raw, self._lambda(slot))
            return self._finish(slot, value if slot.many else call("single", value))
        if kind.many:
            return self._finish(slot, call("spread", raw, self._lambda(slot)))
        if slot.codes is None and slot.convert in ((), ("any",)):
            return self._finish(slot, raw)
        lines = [_assign(_VALUE, raw)]
        if _looks_up(slot):
            return [*lines, *self._looked_up(slot)]
        target = ast.List([name(_VALUE)], ast.Load()) if slot.many else name(_VALUE)
        if slot.codes is None and slot.convert == ("string",) and slot.default is None and not slot.many:
            other = _if(_present(_VALUE), _store(slot.slot, call("as_string", name(_VALUE))))
            return [*lines, ast.If(_is(_VALUE, "str"), [_store(slot.slot, name(_VALUE))], [other])]
        if slot.codes is None and slot.default is None:
            made = self._one(slot, name(_VALUE))
            stored = ast.List([made], ast.Load()) if slot.many else made
            return [*lines, _if(_present(_VALUE), _store(slot.slot, stored))]
        lines.append(_if(_present(_VALUE), _assign(_VALUE, self._one(slot, name(_VALUE)))))
        lines += self._default(slot)
        return [*lines, _if(_present(_VALUE), _store(slot.slot, target))]

    def _looked_up(self, slot: SlotRule) -> list[ast.stmt]:
        """A code straight from its table; what is not a text or not in it goes the long way."""
        assert slot.codes is not None
        where = const(f"{self.rule.target_class}.{slot.slot}")
        table = name(self.module.table(slot))
        direct = ast.Call(ast.Attribute(table, "get", ast.Load()), [name(_VALUE)], [])
        found = ast.IfExp(_is(_VALUE, "str"), direct, const(None))
        long = call("code_of", call("one", name(_VALUE)), table, const(slot.codes.unmapped), where, name(_EVENTS))
        store = _store(slot.slot, name("code"))
        other = _if(_present(_VALUE), _assign("code", long), _if(_present("code"), store))
        return [_assign("code", found), ast.If(_present("code"), [store], [other])]

    def _lambda(self, slot: SlotRule) -> ast.Lambda:
        arguments = ast.arguments([], [ast.arg("item")], None, [], [], None, [])
        return ast.Lambda(arguments, self._one(slot, name("item")))

    def _one(self, slot: SlotRule, value: ast.expr) -> ast.expr:
        """One present value: its code looked up, its conversion steps applied."""
        if slot.codes is None:
            return self._steps(slot, value)
        where = const(f"{self.rule.target_class}.{slot.slot}")
        table = name(self.module.table(slot))
        if slot.codes.computed:
            return self._chosen(slot, value, table, where)
        if slot.codes.unmapped == "pass":
            arguments = ast.arguments([], [ast.arg("code")], None, [], [], None, [])
            convert = ast.Lambda(arguments, self._steps(slot, name("code")))
            return call("passing", value, table, where, name(_EVENTS), convert)
        return call("code_of", value, table, const(slot.codes.unmapped), where, name(_EVENTS))

    def _chosen(self, slot: SlotRule, value: ast.expr, table: ast.expr, where: ast.expr) -> ast.expr:
        """A code whose value is a constant, or an expression that is carried out only when it is asked for."""
        assert slot.codes is not None
        computed = slot.codes.computed
        bodies = [thunk(self.expressions.value(tree)) for tree in computed.values()]
        choices = ast.Dict([const(code) for code in computed], list(bodies))
        arguments = ast.arguments([], [ast.arg("code")], None, [], [], None, [])
        convert = ast.Lambda(arguments, self._steps(slot, name("code")))
        return call("chosen", value, table, choices, const(slot.codes.unmapped), where, name(_EVENTS), convert)

    def _steps(self, slot: SlotRule, value: ast.expr) -> ast.expr:
        for step in slot.convert:
            if step != "any":
                value = call(f"as_{step}", value)
        return value

    def _finish(self, slot: SlotRule, value: ast.expr) -> list[ast.stmt]:
        """Store a value that needs no more converting."""
        lines = [_assign(_VALUE, value), *self._default(slot)]
        stored: ast.expr = name(_VALUE)
        if slot.many:
            stored = ast.IfExp(_is(_VALUE, "list"), name(_VALUE), ast.List([name(_VALUE)], ast.Load()))
        return [*lines, _if(_present(_VALUE), _store(slot.slot, stored))]

    def _default(self, slot: SlotRule) -> list[ast.stmt]:
        if slot.default is None:
            return []
        event = const(("defaulted", f"{self.rule.target_class}.{slot.slot}", ""))
        noted = ast.Expr(ast.Call(ast.Attribute(name(_EVENTS), "append", ast.Load()), [event], []))
        test = ast.Compare(name(_VALUE), [ast.Is()], [const(None)])
        return [_if(test, noted, _assign(_VALUE, _items(slot.default, False)))]

    def _template(self, template: Template) -> ast.expr:
        parts: list[ast.expr] = []
        for part in template.parts:
            if part.value is None:
                parts.append(const(part.text))
            else:
                value = self.expressions.value(part.value)
                parts.append(ast.Tuple([value, const(part.keep_reserved)], ast.Load()))
        return call("iri", *parts)

    # -- objects ------------------------------------------------------------------------------------

    def _build(self, slot: SlotRule, build: Build) -> list[ast.stmt]:
        """Objects from rules: of the scope, of one object, or a loop over what there is to go over."""
        own = (MADE, FINISHED)
        outer = [name(identifier) for scope, identifier in self.expressions.variables.items() if scope not in own]
        over = self._over(build)
        single = build.over is not None and not slot.many and len(build.rules) == 1
        if single and build.over is not None and build.over.type.kind is Kind.OBJECT and slot.keyed is None:
            return self._one_object(slot, build, outer, over)
        making = [line for rule in build.rules for line in self._made(rule, build, outer)]
        lines: list[ast.stmt] = [_assign("made", ast.List([], ast.Load()))]
        if over is None or build.over is None:
            lines += making
        else:
            source = call("objects" if build.over.type.kind is Kind.OBJECT else "elements", over)
            lines.append(ast.For(ast.Name("item", ast.Store()), source, making, []))
        if slot.keyed is not None:
            return [*lines, *_keyed(slot, slot.keyed)]
        stored = name("made") if slot.many else call("single", name("made"))
        return [*lines, _if(name("made"), _store(slot.slot, stored))]

    def _over(self, build: Build) -> ast.expr | None:
        """What a build goes over, unread; None where it is the scope itself."""
        if build.over is None:
            return None
        over = self.expressions.raw(build.over)
        return over if build.index is None else call("index", over, const(build.index))

    def _call(self, identifier: str, build: Build, outer: list[ast.Name]) -> ast.expr:
        arguments: list[ast.expr] = [*outer] if build.over is None else [name("item")]
        if build.variable:
            arguments = [*outer, name("item")]
        if self.module.plan.rules[identifier].over is not None:
            arguments.append(name("element"))
        return call(self.module.names[identifier], *arguments, name(_EVENTS))

    def _filled(self, identifier: str) -> ast.expr:
        """Whether a rule gave an object with something in it; a root rule gives empty ones too."""
        rule = self.module.plan.rules[identifier]
        if not rule.root:
            return _present(_VALUE)
        if not rule.fixed:
            return name(_VALUE)
        more = ast.Compare(call("len", name(_VALUE)), [ast.Gt()], [const(len(rule.fixed))])
        return ast.BoolOp(ast.And(), [_present(_VALUE), more])

    def _kept(self, build: Build) -> ast.expr:
        """The object, or its identifier where only a reference is wanted."""
        if build.identifier is None:
            return name(_VALUE)
        return ast.Subscript(name(_VALUE), const(build.identifier), ast.Load())

    def _made(self, identifier: str, build: Build, outer: list[ast.Name]) -> list[ast.stmt]:
        append = ast.Call(ast.Attribute(name("made"), "append", ast.Load()), [self._kept(build)], [])
        rule = self.module.plan.rules[identifier]
        lines = [
            _assign(_VALUE, self._call(identifier, build, outer)),
            _if(self._filled(identifier), ast.Expr(append)),
        ]
        if rule.over is None:
            return lines
        variables = self.expressions.variables
        if build.over is not None:
            variables = {**variables, build.variable or rule.scopes[0]: "item"}
        elements = replace(self.expressions, variables=variables).raw(rule.over)
        source = call("objects" if rule.over.type.kind is Kind.OBJECT else "elements", elements)
        return [ast.For(ast.Name("element", ast.Store()), source, lines, [])]

    def _one_object(self, slot: SlotRule, build: Build, outer: list[ast.Name], over: ast.expr | None) -> list[ast.stmt]:
        """One object from one object, without a list between."""
        assert over is not None
        (identifier,) = build.rules
        other = ast.UnaryOp(ast.Not(), _is("item", "dict"))
        return [
            _assign("item", over),
            _if(
                _present("item"),
                _if(other, _assign("item", call("as_object", name("item")))),
                _assign(_VALUE, self._call(identifier, build, outer)),
                _if(self._filled(identifier), _store(slot.slot, self._kept(build))),
            ),
        ]


def _keyed(slot: SlotRule, key: str) -> list[ast.stmt]:
    """Objects in a mapping by one of their slots."""
    inside = ast.Compare(const(key), [ast.In()], [name("item")])
    loop = ast.comprehension(ast.Name("item", ast.Store()), name("made"), [inside], 0)
    keyed = ast.DictComp(ast.Subscript(name("item"), const(key), ast.Load()), name("item"), [loop])
    return [_assign(_VALUE, keyed), _if(name(_VALUE), _store(slot.slot, name(_VALUE)))]


def _looks_up(slot: SlotRule) -> bool:
    """Whether a slot holds one code from a table, and no default has to be thought of."""
    codes = slot.codes
    simple = codes is not None and codes.unmapped != "pass" and not codes.computed
    return simple and slot.default is None and not slot.many


def _checks_lists(slot: SlotRule) -> bool:
    """Whether the conversion refuses a list by itself."""
    return slot.codes is None and bool(slot.convert) and slot.convert[0] not in ("any", "text", "text_dates")


def _note(text: str) -> ast.stmt:
    """A constant that the printer turns into a comment."""
    return ast.Expr(const(f"# {_plain(text)}"))


def _plain(text: str) -> str:
    """A text for a comment or docstring: one line, no quotes."""
    return "".join(char if char.isprintable() and char not in "'\"\\" else "?" for char in text)


def _items(constant: Constant, many: bool) -> ast.expr:
    items = [literal(item) for item in constant.items]
    return ast.List(items, ast.Load()) if many or len(items) > 1 else items[0]
