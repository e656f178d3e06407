"""Where things stand in a YAML text, also in one that is not YAML yet: a scanner that takes any text and never fails.

A half-typed line, an open quote or an open brace is taken as far as it goes; what is indented no deeper than the key
that it belongs to ends it, as YAML itself would have it. What it says about sound documents is what a parser says.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from semantics.editor.tokens import Outline, Place, Role, Steps, Token

__all__ = ["outline", "place_at"]

_QUOTED_KEY: Final = re.compile(r"(\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\n]|'')*')[ \t]*:(?=[ \t]|$)", re.MULTILINE)
_PLAIN_KEY: Final = re.compile(r"(?![{}\[\],#&*!|>'\"%@`])[^\n]*?(?=[ \t]*:(?:[ \t]|$))", re.MULTILINE)
_COMMENT: Final = re.compile(r"[ \t]#")
_PROPERTY: Final = re.compile(r"[&!][^\s,\[\]{}]*[ \t]*")
_FLOW_END: Final = re.compile(r"[,\[\]{}\n]|:(?=[\s,\[\]{}]|$)|[ \t]#")
_DOUBLE: Final = re.compile(r"\\.|\"|\n", re.DOTALL)
_SINGLE: Final = re.compile(r"''|'|\n")
_INDENT: Final = re.compile(r"[ \t]*")


@lru_cache(maxsize=32)
def outline(text: str) -> Outline:
    """The scalars of a text.

    >>> [(token.path, token.text) for token in outline("a: {b: [c, 'd").tokens if token.role == "value"]
    [(('a', 'b', 0), 'c'), (('a', 'b', 1), 'd')]
    """
    scanner = _Scanner(text.replace("\r", " "))
    scanner.run()
    return Outline(text, tuple(scanner.tokens))


@lru_cache(maxsize=32)
def place_at(text: str, offset: int) -> Place:
    r"""What is at an offset of a text.

    >>> place_at("a:\n  b: {c: de", 13)
    Place(path=('a', 'b', 'c'), role='value', start=12, text='d', quote='', flow=True)
    >>> place_at("a:\n  b: c\n  ", 12).path
    ('a',)
    """
    scanner = _Scanner(text[:offset].replace("\r", " "))
    scanner.run()
    return scanner.place


@dataclass(slots=True)
class _Block:
    """A mapping or list by indentation, and the step in it that is being read."""

    indent: int
    list: bool
    step: str | int


@dataclass(slots=True)
class _Flow:
    """A mapping or list in braces or brackets; ``(`` is a mapping of one pair that has none."""

    sign: str
    step: str | int | None
    value: bool


class _Scanner:
    """Goes through a text once; ``place`` is what its end is."""

    def __init__(self, text: str) -> None:
        self.text, self.at = text, 0
        self.tokens: list[Token] = []
        self.blocks: list[_Block] = []
        self.flows: list[_Flow] = []
        self.place = Place((), "key", len(text))

    def run(self) -> None:
        while self.at < len(self.text):
            self.line()

    # -- where it is ------------------------------------------------------------------------------

    @property
    def path(self) -> Steps:
        inner = tuple(flow.step for flow in self.flows if flow.step is not None)
        return (*(block.step for block in self.blocks), *inner)

    @property
    def indent(self) -> int:
        """How deep the key or item is indented whose value is being read."""
        return self.blocks[-1].indent if self.blocks else -1

    def end_of_line(self) -> int:
        end = self.text.find("\n", self.at)
        return len(self.text) if end < 0 else end

    @property
    def done(self) -> bool:
        return self.at >= len(self.text)

    def here(self, role: Role, start: int | None = None, quote: str = "", path: Steps | None = None) -> None:
        """The text ends here: note what this place is."""
        begin = len(self.text) if start is None else start
        where = self.path if path is None else path
        self.place = Place(where, role, begin, self.text[begin:], quote, bool(self.flows))

    def told(self, role: Role, start: int, end: int, quote: str = "", path: Steps | None = None) -> None:
        """Note a scalar; a key that is given a path stands in the mapping there."""
        text = self.text[start:end]
        if not quote:
            text = text.rstrip()
            end = start + len(text)
        plain = _plain(text, quote)
        where = self.path if path is None else (*path, plain) if role == "key" else path
        if text or quote:
            self.tokens.append(Token(where, role, start, end, plain, quote))

    # -- by indentation ---------------------------------------------------------------------------

    def line(self) -> None:
        """One line outside of any scalar, with what begins on it."""
        begin = self.at
        content = _INDENT.match(self.text, begin)
        self.at = begin + len(content[0]) if content else begin
        if self.done:
            self.gap(self.at - begin)
            return
        if self.text[self.at] == "\n":
            self.at += 1
            if self.done:
                self.gap(0)
            return
        if self.text[self.at] == "#" or self.text.startswith(("---", "...", "%"), begin):
            self.rest()
            return
        self.content(self.at - begin, begin)

    def gap(self, column: int) -> None:
        """The text ends in the white space of a line: what may begin at this column."""
        blocks = self.under(column)
        before = blocks[-1] if blocks else None
        path = tuple(block.step for block in blocks)
        if before is None or before.indent >= column:
            self.here("key", path=path[:-1])
        else:
            self.here("either", path=path)

    def under(self, column: int) -> list[_Block]:
        """The blocks that are still open where something begins at a column that is no item of a list."""
        left = [block for block in self.blocks if block.indent <= column]
        while left and left[-1].list and left[-1].indent == column:
            left.pop()
        return left

    def rest(self) -> None:
        """Leave out the rest of the line: a comment, or what means nothing."""
        end = self.end_of_line()
        comment = self.text[self.at : end].lstrip()[:1] == "#"
        self.at = end
        if self.done:
            self.here("comment" if comment else "value")
        else:
            self.at += 1
            if self.done:
                self.gap(0)

    def content(self, column: int, begin: int) -> None:
        """What begins at a column: an item, a key, or a value."""
        end = self.end_of_line()
        while self.text[self.at] == "-" and (self.at + 1 == end or self.text[self.at + 1] in " \t"):
            self.item(column)
            self.at += 1
            gap = _INDENT.match(self.text, self.at)
            self.at += len(gap[0]) if gap else 0
            column = self.at - begin
            if self.done:
                self.here("either")
                return
            if self.at == end:
                self.rest()
                return
        found = self.key_here(end)
        if found is None:
            self.blocks = self.under(column)
            making = bool(self.blocks) and self.blocks[-1].indent == column
            self.value("key" if making or not self.blocks else "either")
            return
        start, stop, after, quote = found
        self.blocks = self.under(column)
        name = _plain(self.text[start:stop], quote)
        if self.blocks and self.blocks[-1].indent == column:
            self.blocks[-1].step = name
        else:
            self.blocks.append(_Block(column, False, name))
        self.told("key", start, stop, quote)
        self.at = after
        self.value("value")

    def item(self, column: int) -> None:
        """An item of a list begins at a column."""
        self.blocks = [block for block in self.blocks if block.indent <= column]
        if self.blocks and self.blocks[-1].list and self.blocks[-1].indent == column:
            step = self.blocks[-1].step
            self.blocks[-1].step = step + 1 if isinstance(step, int) else 0
        else:
            self.blocks.append(_Block(column, True, 0))

    def key_here(self, end: int) -> tuple[int, int, int, str] | None:
        """The start and end of a key that stands here, the place after its colon, and its quote."""
        if found := _QUOTED_KEY.match(self.text, self.at, end):
            return self.at + 1, found.end(1) - 1, found.end(), found[1][0]
        found = _PLAIN_KEY.match(self.text, self.at, end)
        if found is None or _COMMENT.search(self.text, self.at, found.end()):
            return None
        return self.at, found.end(), self.text.index(":", found.end()) + 1, ""

    def value(self, role: Role) -> None:
        """What stands after a key or a dash, or alone on a line."""
        while ((gap := _INDENT.match(self.text, self.at)) and gap[0]) or (gap := _PROPERTY.match(self.text, self.at)):
            self.at = gap.end()
        making = role == "key"
        path = self.path[:-1] if making else self.path
        if self.done:
            self.here(role, path=path)
            return
        sign = self.text[self.at]
        if sign in "\n#":
            self.rest()
        elif sign in "|>" and not making:
            self.block_scalar(sign)
        elif sign in "{[" and not making:
            self.flow()
        elif sign in "'\"":
            self.quoted(role, path)
            self.after()
        else:
            end = self.end_of_line()
            comment = _COMMENT.search(self.text, self.at, end)
            stop = comment.start() if comment else end
            self.told(role if making else "value", self.at, stop, path=path)
            if stop == len(self.text):
                self.here(role, self.at, path=path)
                self.at = stop
            else:
                self.at = stop
                self.rest()

    def after(self) -> None:
        """What follows a scalar or a closing brace on its line means nothing here."""
        if not self.done:
            self.rest()

    def block_scalar(self, sign: str) -> None:
        """The lines of a text by indentation."""
        self.at = start = min(self.end_of_line() + 1, len(self.text))
        while not self.done:
            end = self.end_of_line()
            line = self.text[self.at : end]
            if line.strip() and len(line) - len(line.lstrip()) <= self.indent:
                break
            self.at = min(end + 1, len(self.text))
        stop = self.at
        if stop == len(self.text) and not self.text[start:].endswith("\n"):
            self.here("value", start, sign)
        elif stop == len(self.text):
            self.gap(0)
        self.told("value", start, stop, sign)

    # -- in quotes, braces and brackets -----------------------------------------------------------

    def quoted(self, role: Role, path: Steps | None = None) -> str:
        """A scalar in quotes, which may be open; the text of it."""
        quote, start = self.text[self.at], self.at + 1
        pattern = _DOUBLE if quote == '"' else _SINGLE
        self.at = start
        while True:
            found = pattern.search(self.text, self.at)
            if found is None:
                self.at = stop = len(self.text)
                self.here(role, start, quote, path)
                break
            self.at = found.end()
            if found[0] == quote:
                stop = self.at - 1
                if self.done:
                    self.here(role, start, quote, path)
                break
            if found[0] == "\n" and self.ended():
                self.at = stop = found.start()
                break
        self.told("key" if role == "key" else "value", start, stop, quote, path)
        return _plain(self.text[start:stop], quote)

    def ended(self) -> bool:
        """Whether the line that begins here belongs no more to what was begun: it is indented no deeper."""
        at = self.at
        while True:
            gap = _INDENT.match(self.text, at)
            begin = at + len(gap[0]) if gap else at
            if begin >= len(self.text):
                return False
            if self.text[begin] != "\n":
                return begin - at <= max(self.indent, 0) and self.text[begin] not in "]}#"
            at = begin + 1

    def flow(self) -> None:
        """Mappings and lists in braces and brackets, until they are closed or given up."""
        self.open()
        while self.flows and not self.done:
            sign = self.text[self.at]
            if sign == "\n" or sign in " \t\r":
                self.at += 1
                if sign == "\n" and self.ended():
                    self.flows.clear()
                    return
            elif sign == "#" and self.text[self.at - 1] in " \t\n":
                self.at = self.end_of_line()
                if self.done:
                    self.here("comment")
                    self.flows.clear()
                    return
            elif sign in "{[":
                self.open()
            elif sign in "}]":
                self.at += 1
                self.close(sign)
            elif sign == ",":
                self.at += 1
                self.next()
            elif sign == ":":
                self.at += 1
                self.flows[-1].value = True
            else:
                self.scalar()
        if self.flows:
            if self.place.start < len(self.text) or self.place.quote:
                self.flows.clear()  # the place was told by the scalar that ends here
                return
            self.here(self.expected(), path=self.container() if self.expected() == "key" else None)
            self.flows.clear()
        else:
            self.after()

    def expected(self) -> Role:
        top = self.flows[-1]
        return "either" if top.sign == "[" else "value" if top.value else "key"

    def container(self) -> Steps:
        """The path of the innermost mapping in braces."""
        whole = self.path
        return whole if self.flows[-1].step is None else whole[:-1]

    def open(self) -> None:
        sign = self.text[self.at]
        self.flows.append(_Flow(sign, 0 if sign == "[" else None, False))
        self.at += 1

    def close(self, sign: str) -> None:
        """A closing sign ends the innermost thing that it can end, or nothing."""
        opening = {"}": "{", "]": "["}[sign]
        if any(flow.sign == opening for flow in self.flows):
            while self.flows.pop().sign != opening:
                pass

    def next(self) -> None:
        if self.flows[-1].sign == "(":
            self.flows.pop()
        top = self.flows[-1]
        if top.sign == "[":
            top.step = top.step + 1 if isinstance(top.step, int) else 0
        else:
            top.step, top.value = None, False

    def scalar(self) -> None:
        """A scalar in braces or brackets: a key, or a value."""
        role = self.expected()
        path = self.container() if role == "key" else None
        start = self.at
        if self.text[start] in "'\"":
            known = len(self.tokens)
            text = self.quoted(role, path)
        else:
            found = _FLOW_END.search(self.text, start)
            stop = found.start() if found else len(self.text)
            stop = max(stop, start + 1)
            known = len(self.tokens)
            text = self.text[start:stop].strip()
            self.at = stop
            self.told("key" if role == "key" else "value", start, stop, path=path)
            if self.done:
                self.here(role, start, path=path)
        if role == "key":
            self.flows[-1].step = text
            if len(self.tokens) > known:
                self.tokens[-1] = _at(self.tokens[-1], self.path, "key")
        elif role == "either" and self.pair():
            self.flows.append(_Flow("(", text, True))
            if len(self.tokens) > known:
                self.tokens[-1] = _at(self.tokens[-1], self.path, "key")

    def pair(self) -> bool:
        """Whether a colon follows, which makes a mapping of one pair of an element of a list."""
        found = re.compile(r"[ \t]*:(?=[\s,\[\]{}]|$)").match(self.text, self.at)
        if found is not None:
            self.at = found.end()
        return found is not None


def _at(token: Token, path: Steps, role: Role) -> Token:
    return Token(path, role, token.start, token.end, token.text, token.quote)


def _plain(text: str, quote: str) -> str:
    """The text that a scalar stands for, as far as names and expressions need it."""
    if quote == "'":
        return text.replace("''", "'")
    if quote == '"':
        return re.sub(r'\\(["\\/])', r"\1", text)
    if quote in ("|", ">"):
        return " ".join(line.strip() for line in text.split("\n")).strip()
    return text
