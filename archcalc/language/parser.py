"""Lines of tokens to the syntax tree: recursive descent, one method per rule of the grammar.

A fault is recorded and the rest of its statement skipped, so that one run reports them all.
"""

from __future__ import annotations

import os
import re

from ..diagnostics import NOTE, Collector, Diagnostic, SpecError, fail
from ..ops.attributes import RESERVED, Word
from ..source import Source, Span
from .cursor import SkipStatementError
from .definitions import BlockDefinition, BlockParameter, File, InputHead, Net
from .house_rules import HouseRules
from .labels import check_labels
from .lexer import INT, SIZE, STRING, Token, lex
from .statements import HEADS
from .syntax import Body, Literal, Name, Statement, Value

# Words that begin a definition, and the one that a merge expands.
KEYWORDS = frozenset(("block", "net", "default", "shortcut"))


def parse(source: Source, diagnostics: Collector) -> File:
    """Return a file of definitions."""
    return _remarked(Parser(source, lex(source, diagnostics), diagnostics).file(), diagnostics)


def parse_one_liner(source: Source, diagnostics: Collector, unknowns: bool = False) -> File:
    """``SIZE -> statement``, further statements on lines of their own; a net without a name. With
    ``unknowns`` a value may be ``?``."""
    lines = lex(source, diagnostics, unknowns)
    return _remarked(Parser(source, lines, diagnostics).one_liner(), diagnostics)


def _remarked(file: File, diagnostics: Collector) -> File:
    file.remarks = [note for note in diagnostics.items if note.severity == NOTE]
    return file


class Parser(HouseRules):
    """The rules of the grammar for files, blocks and nets."""

    def file(self) -> File:
        """file = { default | block | net }"""
        file = File(self.source)
        blocks = [line.tokens[1].text for line in self.lines if line.tokens[0].text == "block"]
        self.taken = set(blocks)
        while (line := self.line()) is not None:
            self.at_line += 1
            self.begin(line)
            self.depth = 0
            try:
                word = self.tokens[0].text if self.is_name() else ""
                if word == "default":
                    self.default()
                    if (below := self.line()) is not None and below.column > line.column:
                        self.bad_column(below, [line.column])
                elif word == "block":
                    self.define(file, self.block(line.column))
                elif word == "net":
                    self.define(file, self.net(line.column))
                elif not file.nets and not any(at.tokens[0].text == "net" for at in self.lines):
                    self.at_line -= 1
                    self.layers_alone(file)
                else:
                    token = self.tokens[0]
                    self.fail(
                        "a file holds `default`, `block` and `net`",
                        self.token_span(token),
                        "layers stand indented below `net NAME`",
                    )
            except SkipStatementError:
                self.skip_deeper(line.column)
        if not file.blocks and not file.nets and not self.diagnostics.errors:
            self.diagnostics.add(
                Diagnostic(
                    "syntax",
                    "nothing is defined here",
                    Span(self.source, 0, 0),
                    help="a network is written `net NAME`, its layers indented below",
                )
            )
        return file

    def define(self, file: File, definition: BlockDefinition | Net) -> None:
        definition.file = file
        table = file.blocks if isinstance(definition, BlockDefinition) else file.nets
        first = table.get(definition.name)
        if first is not None:
            kind = "blocks" if isinstance(definition, BlockDefinition) else "nets"
            self.diagnostics.twice(f"two {kind} are called `{definition.name}`", first.span, definition.span)
            return
        table[definition.name] = definition  # type: ignore[assignment]

    def layers_alone(self, file: File) -> None:
        """Read a file of one network that has no line `net NAME`: a chain, or layers below `input`. It
        is called like the file."""
        line = self.line()
        assert line is not None
        token = line.tokens[0]
        if token.kind in (SIZE, INT):
            self.chain_net(file)
            return
        if token.text not in HEADS:
            self.at_line = len(self.lines)  # one complaint is enough
            self.fail(
                "a file holds `default`, `block` and `net`",
                self.token_span(token),
                "layers stand indented below `net NAME`",
                "a file of layers alone begins with `input 224x224x3`",
            )
        name = re.sub(r"\W", "_", os.path.basename(self.source.name).removesuffix(".arch"))
        net = Net(self.token_span(token), name or "net", (), None, (), Body(()))
        inputs: dict[str, InputHead] = {}
        self.heads(net, inputs, line.column)
        net.inputs = tuple(inputs.values())
        if not inputs and "input" not in self.once:
            self.no_input(net)
        net.body = self.body(line.column - 1, "the network", net.span)
        check_labels(net.body, inputs, self.diagnostics)
        self.define(file, net)

    def one_liner(self) -> File:
        file = File(self.source)
        if self.line() is None:
            self.diagnostics.add(Diagnostic("syntax", "nothing is written here", Span(self.source, 0, 0)))
        else:
            self.chain_net(file)
        return file

    def chain_net(self, file: File) -> None:
        """SIZE "->" stmt, and what follows on lines of its own."""
        line = self.line()
        assert line is not None
        statements: list[Statement] = []
        inputs: tuple[InputHead, ...] = ()
        try:
            self.begin(line)
            token = self.tokens[0]
            if token.kind not in (SIZE, INT):
                self.fail(
                    "a one-liner begins with the input's size",
                    self.token_span(token),
                    "as in `32x32x3 -> conv 5x5 10 pad=2`",
                )
            sizes = self.sizes()
            inputs = (InputHead(self.span(token.start), "input", sizes),)
            if self.is_mark("*"):
                star = self.token_span(self.tokens[self.at])
                self.fail("a size is written with the letter x", star, "as in 32x32x3")
            if self.ends() or self.is_mark(";"):
                self.take()
                line.tokens = self.tokens[self.at :]
            else:
                self.take_mark("->")
                # The rest of the line is a statement like any other.
                line.tokens = self.tokens[self.at :]
            if len(line.tokens) <= 1 and self.at_line + 1 < len(self.lines):
                self.at_line += 1
        except SkipStatementError:
            self.at_line += 1
        column = line.column
        self.statements(statements, column)
        if (below := self.line()) is not None:
            self.bad_column(below, [column])
        if not self.diagnostics.errors:
            body = Body(tuple(statements))
            check_labels(body, [i.name for i in inputs], self.diagnostics)
            net = Net(Span(self.source, 0, len(self.source.text)), "", (), None, inputs, body)
            net.file = file
            file.nets[""] = net

    # Definitions -----------------------------------------------------------------------------

    def block(self, column: int) -> BlockDefinition:
        """block = "block" NAME { NAME ["=" atom] } ["|" NAME {NAME}] body"""
        word = self.take()
        name = word
        parameters: tuple[BlockParameter, ...] = ()
        inputs: tuple[str, ...] = ()
        try:
            name = self.take_name("the name of the block")
            if name.text in RESERVED or name.text in HEADS or name.text in KEYWORDS:
                self.fail(f"`{name.text}` is a word of the language", self.token_span(name), code="name")
            parameters = self.parameters()
            if self.is_mark("|"):
                inputs = self.block_inputs(name, parameters)
            self.finish()
        except SkipStatementError:
            pass  # reported; what is wrong with the body can still be said
        span = self.token_span(name)
        names = {p.name for p in parameters} - self.taken
        self.taken |= names
        body = self.body(column, f"block `{name.text}`", span)
        self.taken -= names
        check_labels(body, frozenset(inputs or ("input",)), self.diagnostics)
        return BlockDefinition(span, name.text, parameters, inputs, body)

    def block_inputs(self, block: Token, parameters: tuple[BlockParameter, ...]) -> tuple[str, ...]:
        inputs: dict[str, None] = {}
        known = {parameter.name for parameter in parameters}
        self.take()
        while not self.ends():
            token = self.take_name("the name of an input")
            span = self.token_span(token)
            if token.text in RESERVED and token.text != "x":
                self.fail(f"`{token.text}` is a word of the language", span, code="name")
            if token.text in inputs or token.text in known:
                self.fail(f"`{token.text}` names two things of `{block.text}`", span, code="name")
            inputs[token.text] = None
        if not inputs:
            self.unexpected("the name of an input")
        return tuple(inputs)

    def parameters(self) -> tuple[BlockParameter, ...]:
        """{ NAME ["=" atom] }"""
        found: dict[str, BlockParameter] = {}
        while self.is_name():
            token = self.take()
            span = self.token_span(token)
            if token.text in RESERVED:
                self.fail(f"`{token.text}` is a word of the language, and no parameter", span, code="name")
            default: Value | None = None
            if self.is_mark("="):
                self.take()
                default = self.atom()
            if token.text in found:
                self.diagnostics.twice(
                    f"two parameters are called `{token.text}`", found[token.text].span, span
                )
            found[token.text] = BlockParameter(span, token.text, default)
        return tuple(found.values())

    def net(self, column: int) -> Net:
        """net = "net" NAME [STRING] {kw} {head} {stmt}"""
        net = Net(self.token_span(self.take()), "", (), None, (), Body(()))
        try:
            name = self.take_name("the name of the network")
            net.name, net.span = name.text, self.token_span(name)
            net.title = self.strings() if self.tokens[self.at].kind == STRING else None
            net.parameters = self.parameters()
            self.finish()
        except SkipStatementError:
            pass  # reported; what is wrong with the layers can still be said
        for parameter in net.parameters:
            if parameter.default is None:
                self.diagnostics.add(
                    Diagnostic(
                        "syntax",
                        f"the parameter `{parameter.name}` of a network needs a value",
                        parameter.span,
                        help=f"as in `{parameter.name}=1000`",
                    )
                )
        line = self.line()
        if line is None or line.column <= column:
            self.fail(f"net `{net.name}` is empty", net.span, "its lines stand indented below it")
        inputs: dict[str, InputHead] = {}
        self.heads(net, inputs, line.column)
        net.inputs = tuple(inputs.values())
        if not inputs and "input" not in self.once:
            self.no_input(net)
        names = {p.name for p in net.parameters} - self.taken
        self.taken |= names
        net.body = self.body(column, f"net `{net.name}`", net.span)
        self.taken -= names
        check_labels(net.body, inputs, self.diagnostics)
        return net


def literal(name: str, text: str) -> object:
    """Return the value that the text of an option stands for: a number, a size, yes or no, or a word.

    Raises SpecError.
    """
    diagnostics = Collector()
    parser = Parser(Source(f"--set {name}", text), [], diagnostics)
    lines = lex(parser.source, diagnostics)
    try:
        if len(lines) == 1:
            parser.begin(lines[0])
            value = parser.simple()
            parser.finish()
            diagnostics.check()
            if isinstance(value, Literal):
                return value.value
            if isinstance(value, Name) and len(value.path) == 1:
                return Word(value.text)
    except SkipStatementError:
        pass
    if diagnostics.errors:
        raise SpecError(diagnostics.items)
    raise fail("argument", f"`{text}` is no value for `{name}`", "a number, a size, yes or no, or a word")
