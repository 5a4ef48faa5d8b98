"""House rules: ``default conv pad=half bias=no``."""

from __future__ import annotations

from typing import Any

from ..diagnostics import Diagnostic, did_you_mean
from ..ops import registry
from ..ops.attributes import OpError, Word
from .heads import Heads
from .lexer import Token
from .syntax import Argument, Literal, Name


class HouseRules(Heads):
    """The rules of the grammar for settings that hold for the lines below them."""

    def default(self) -> None:
        """default = "default" OP {OP} {kw}"""
        self.take()
        names: list[Token] = []
        while self.is_name() and not self.is_mark("=", 1):
            names.append(self.take())
        if not names:
            self.unexpected("the name of a layer")
        arguments = self.named_only()
        if not arguments:
            self.unexpected("a setting such as `pad=half`")
        # A snapshot: calls above keep the table they were read with.
        self.defaults = {op: dict(settings) for op, settings in self.defaults.items()}
        for name in names:
            self.set_default(name, arguments)

    def set_default(self, name: Token, arguments: list[Argument]) -> None:
        """Enter a house rule for one layer. Its values are fixed: no parameter is at hand here."""
        settings = self.defaults.setdefault(name.text, {})
        op = registry().get(name.text)
        if op is None:
            self.diagnostics.add(
                Diagnostic(
                    "name",
                    f"no layer is called `{name.text}`",
                    self.token_span(name),
                    help=did_you_mean(name.text, registry()),
                )
            )
            return
        for argument in arguments:
            attribute = op.attributes.get(argument.name)
            if attribute is None:
                help = did_you_mean(argument.name, op.attributes)
                help.append("it has " + (", ".join(op.attributes) or "none"))
                self.diagnostics.add(
                    Diagnostic(
                        "argument", f"`{name.text}` has no `{argument.name}`", argument.span, help=help
                    )
                )
                continue
            node = argument.value
            value: Any = None
            if isinstance(node, Literal):
                value = node.value
            elif isinstance(node, Name) and len(node.path) == 1:
                value = Word(node.text)
            else:
                self.diagnostics.add(
                    Diagnostic(
                        "value",
                        "a house rule is a fixed value",
                        node.span,
                        help="a number, a size, a word, yes or no",
                    )
                )
                continue
            try:
                attribute.read(value)
            except OpError as problem:
                self.diagnostics.add(Diagnostic(problem.code, problem.message, node.span, help=problem.help))
                continue
            literal = Literal(node.span, value)
            settings[argument.name] = Argument(argument.span, argument.name, literal)

    def named_only(self) -> list[Argument]:
        arguments: list[Argument] = []
        while not self.ends():
            token = self.take_name("NAME=VALUE")
            self.take_mark("=")
            value = self.atom()
            arguments.append(Argument(self.span(token.start), token.text, value))
        return arguments
