"""Calls of layers and blocks: a name with its values and settings."""

from __future__ import annotations

from ..diagnostics import NOTE, Collector, Diagnostic
from ..ops.attributes import Size
from ..ops.base import Op
from ..source import Source, Span
from .formulas import Formulas
from .lexer import END, FLOAT, INT, MARK, NAME, SIZE, SourceLine, Token
from .spelling import (
    activation_of,
    arranged,
    attribute_called,
    behind_is_layer,
    function_called,
    is_flag,
    ops_called,
    renamed,
    setting_of,
)
from .syntax import Argument, Call, Literal, Name, Value


class Calls(Formulas):
    """The rules of the grammar for calls."""

    def __init__(self, source: Source, lines: list[SourceLine], diagnostics: Collector):
        super().__init__(source, lines, diagnostics)
        self.taken: set[str] = set()  # names of blocks, and of parameters here
        self.behind: list[Call] = []  # layers that settings of the last call ask for
        self.defaults: dict[str, dict[str, Argument]] = {}

    def call(self) -> Call:
        """call = NAME {atom} {kw}"""
        name = self.take()
        name_span = self.span(name.start)
        positional: list[Value] = []
        named: dict[str, Argument] = {}
        op = self.op_called(name.text)
        while True:
            token = self.tokens[self.at]
            if token.kind == END or (token.kind == NAME and token.text == "if"):
                break
            if token.kind == MARK and token.text == "," and (positional or named):
                self.take()  # as papers set them: 3x3, 64
                continue
            if token.kind == MARK and token.text not in ("(", "[", "@", "-"):
                break
            if token.kind == NAME and self.is_mark("=", 1):
                self.take()
                self.take()
            elif op is not None and self.begins_setting(op, token):
                self.take()  # stride 2
            elif op is not None and self.begins_layer(op, token):
                break
            elif op is not None and self.is_setting(op, token) not in (None, *named):
                word = self.is_setting(op, token)
                assert word is not None
                if is_flag(op, token.text):  # causal
                    self.take()
                    value: Value = Literal(self.span(token.start), True)
                else:  # same
                    value = self.value()
                named[word] = Argument(self.span(token.start), word, value)
                continue
            else:
                positional.append(self.value())
                continue
            argument = Argument(self.span(token.start), token.text, self.value())
            argument.span = self.span(token.start)
            other = named.setdefault(token.text, argument)
            if other is not argument:
                self.diagnostics.twice(
                    f"`{token.text}` is given twice", other.span, argument.span, "argument"
                )
        if op is None and len(positional) == 1 and not named and isinstance(positional[0], Name):
            word = function_called(name.text, positional[0].text)
            if word is not None:  # Activation relu
                return Call(self.span(name.start), word, name_span, (), (), self.defaults)
        span = self.span(name.start)
        settings: tuple[Argument, ...] = tuple(named.values())
        values = tuple(positional)
        if op is not None:
            settings = self.settings(op, settings, span)
            values, hints = arranged(op, values)
            if hints is not None:
                words = " ".join(str(v.value) if isinstance(v, Literal) else "…" for v in values)
                message = f"the values are read as `{op.name} {words}`"
                at = values[0].span.to(values[-1].span)
                self.diagnostics.add(Diagnostic("reading", message, at, severity=NOTE, help=hints))
        return Call(span, name.text, name_span, values, settings, self.defaults)

    def value(self) -> Value:
        """Return an atom; `3 x 3` is a size like `3x3`."""
        token = self.tokens[self.at]
        if token.kind != INT or not self.is_name("x", 1):
            return self.atom()
        text = self.take().text
        while self.is_name("x") and self.tokens[self.at + 1].kind in (INT, SIZE):
            self.take()
            text += f"x{self.take().text}"
        if "x" not in text:
            self.unexpected("a value")
        span = self.span(token.start)
        return Literal(span, Size(self.bounded(int(part), token) for part in text.split("x")))

    def op_called(self, name: str) -> type[Op] | None:
        """Return the layer that a word means, if it is one and no block or parameter is called so; where
        the shape will decide, one of them."""
        if name in self.taken:
            return None
        called = ops_called(name)
        return called[0] if called else None

    def begins_setting(self, op: type[Op], token: Token) -> bool:
        """Tell whether a setting stands here without its sign: `stride 2`."""
        if token.kind != NAME or token.text in self.taken:
            return False
        if attribute_called(op, token.text) is None:
            return False
        ahead = self.tokens[self.at + 1]
        if is_flag(op, token.text):
            return ahead.kind == NAME and ahead.text.lower() in ("yes", "no", "true", "false")
        return ahead.kind in (INT, SIZE, FLOAT) or (
            ahead.kind == NAME and ahead.text != "if" and not self.begins_layer(op, ahead)
        )

    def is_setting(self, op: type[Op], token: Token) -> str | None:
        """Return the setting that a word alone stands for: `conv 3x3 32 same`, `attention 8 causal`."""
        if token.kind != NAME or token.text in self.taken:
            return None
        return setting_of(op, token.text)

    def begins_layer(self, op: type[Op], token: Token) -> bool:
        """Tell whether another layer begins here, its arrow left out: `conv 3x3 32 relu`."""
        return token.kind == NAME and behind_is_layer(op, token.text, self.taken)

    def settings(self, op: type[Op], arguments: tuple[Argument, ...], span: Span) -> tuple[Argument, ...]:
        """Settings under their own names; an activation among them is a layer behind this one."""
        kept = []
        for argument in arguments:
            word = activation_of(op, argument)
            if word is None:
                kept.append(argument)
            else:
                self.behind.append(Call(argument.span, word, argument.value.span, (), (), self.defaults))
        return renamed(op, kept)

    def is_merge(self, call: Call) -> bool:
        """Tell whether a call is one of a merge, and no block is called so."""
        op = self.op_called(call.name)
        return op is not None and op.merge
