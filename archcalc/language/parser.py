"""Lines of tokens to the syntax tree: recursive descent, one method a rule of the grammar.

A fault is recorded and the rest of its statement skipped, so that one run reports them all.
"""

from __future__ import annotations

import os
import re
from collections.abc import Container
from fractions import Fraction
from typing import Any

from ..diagnostics import NOTE, Collector, Diagnostic, SpecError, did_you_mean, fail, nearest
from ..ops import registry
from ..ops.attributes import OpError, Word
from ..quantities import CONVENTIONS, MEASURED, REPORTED, SHAPE, SIZES, reported, reports
from ..source import Source, Span
from .cursor import SkipStatementError
from .definitions import BlockDefinition, BlockParameter, File, InputHead, Net, ReportHead
from .lexer import FIGURE, FLOAT, INT, MARK, SIZE, STRING, Token, lex
from .statements import HEADS, RESERVED, Statements
from .syntax import Argument, Body, Literal, Name, Statement, Value

# Words that begin a definition, and the one that a merge expands.
KEYWORDS = frozenset(("block", "net", "default", "shortcut"))


def parse(source: Source, diagnostics: Collector) -> File:
    """A file of definitions."""
    return _remarked(Parser(source, lex(source, diagnostics), diagnostics).file(), diagnostics)


def parse_one_liner(source: Source, diagnostics: Collector, unknowns: bool = False) -> File:
    """``SIZE -> statement``, further statements on lines of their own; a net without a name. With
    ``unknowns`` a value may be ``?``."""
    lines = lex(source, diagnostics, unknowns)
    return _remarked(Parser(source, lines, diagnostics).one_liner(), diagnostics)


def _remarked(file: File, diagnostics: Collector) -> File:
    file.remarks = [note for note in diagnostics.items if note.severity == NOTE]
    return file


class Parser(Statements):
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
            self.twice(f"two {kind} are called `{definition.name}`", first.span, definition.span)
            return
        table[definition.name] = definition  # type: ignore[assignment]

    def layers_alone(self, file: File) -> None:
        """A file of one network that has no line `net NAME`: a chain, or layers below `input`. It
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
        self.check_labels(net.body, inputs)
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
            self.check_labels(body, [i.name for i in inputs])
            net = Net(Span(self.source, 0, len(self.source.text)), "", (), None, inputs, body)
            net.file = file
            file.nets[""] = net

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
        """A house rule for one layer. Its values are fixed: no parameter is at hand here."""
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
        self.check_labels(body, frozenset(inputs or ("input",)))
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
                self.twice(f"two parameters are called `{token.text}`", found[token.text].span, span)
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
        self.check_labels(net.body, inputs)
        return net

    def heads(self, net: Net, inputs: dict[str, InputHead], column: int) -> None:
        """The head lines of a net."""
        self.once: dict[str, Token] = {}
        while (line := self.line()) is not None and line.column == column:
            token, colon = line.tokens[:2]
            if token.text not in HEADS or (colon.kind == MARK and colon.text == ":"):
                break
            self.at_line += 1
            self.begin(line)
            self.depth = 0
            if token.text == "input":
                self.once.setdefault("input", token)
            try:
                self.head(net, inputs)
            except SkipStatementError:
                self.skip_deeper(column)
                continue
            while (below := self.line()) is not None and below.column > column:
                self.bad_column(below, [column])

    def no_input(self, net: Net) -> None:
        """A net without ``input``: perhaps the word is misspelt."""
        line = self.line()
        first = line.tokens[0] if line is not None else None
        if first is not None and nearest(first.text, ["input"]) is not None:
            message = f"no line of a net begins with `{first.text}`"
            self.diagnostics.add(
                Diagnostic("syntax", message, self.token_span(first), help="did you mean `input`?")
            )
            self.at_line += 1
            return
        self.diagnostics.add(
            Diagnostic(
                "syntax",
                f"net `{net.name}` has no input",
                net.span,
                help="as in `input 224x224x3`, above the layers",
            )
        )

    def head(self, net: Net, inputs: dict[str, InputHead]) -> None:
        """A head line of a net."""
        word = self.take()
        if word.text == "input":
            name = "input"
            if self.is_name() and self.is_mark(":", 1):
                name = self.input_name()
            if self.tokens[self.at].kind not in (SIZE, INT):
                help = ["a name stands before a colon: `input image: 224x224x3`"]
                self.unexpected("a size such as 224x224x3", *(help if self.is_name() else ()))
            sizes = self.sizes()
            span = self.span(word.start)
            head = InputHead(span, name, sizes)
            other = inputs.setdefault(name, head)
            if other is not head:
                self.twice(f"two inputs are called `{name}`", other.span, span)
        elif word.text == "paper":
            net.papers.append(self.string())
        elif word.text == "note":
            net.notes.append(self.string())
        elif word.text in ("family", "year"):
            first = self.once.setdefault(word.text, word)
            if first is not word:
                self.twice(f"`{word.text}` stands here twice", self.token_span(first), self.token_span(word))
            if word.text == "family":
                net.family = self.take_name("a name").text
            elif self.tokens[self.at].kind != INT or len(self.tokens[self.at].text) != 4:
                self.unexpected("a year such as 2015")
            else:
                net.year = int(self.take().text)
        else:
            net.reports.append(self.report(word))
        self.finish()

    def input_name(self) -> str:
        """NAME ":" of an input"""
        token = self.take()
        self.take()
        if token.text in RESERVED and token.text != "x":
            self.fail(f"`{token.text}` is a word of the language", self.token_span(token), code="name")
        return token.text

    def report(self, word: Token) -> ReportHead:
        """report = "report" QTY ["of" path] FIGURE [STRING] ["as" NAME {NAME}] ["wrong" STRING]"""
        token = self.take_name("a quantity")
        quantity = reported(token.text)
        if quantity is None:
            self.fail(
                f"nothing is reported as `{token.text}`",
                self.span(token.start),
                *did_you_mean(token.text, reports()),
                "one of " + ", ".join(reports()),
                code="report",
            )
        of = of_span = None
        if self.is_name("of"):
            self.take()
            start = self.take_name("a label")
            of = ".".join((start.text, *self.path_rest()))
            of_span = self.span(start.start)
        figure = self.figure(quantity)
        source = self.strings() if self.tokens[self.at].kind == STRING else None
        conventions: list[str] = []
        wrong = None
        while not self.ends():
            if self.is_name("as"):
                self.take()
                conventions.append(self.convention(quantity))
                while self.is_name() and not self.is_name("wrong") and not self.is_name("as"):
                    conventions.append(self.convention(quantity))
            elif self.is_name("wrong"):
                self.take()
                wrong = self.string()
            else:
                self.unexpected('`as CONVENTION` or `wrong "why"`')
        return ReportHead(
            self.span(word.start), quantity, of, of_span, figure, source, tuple(conventions), wrong
        )

    def figure(self, quantity: str) -> str:
        """FIGURE: as printed, not larger than is ever printed."""
        token = self.tokens[self.at]
        if token.kind not in (FIGURE, INT, FLOAT, SIZE):
            self.unexpected("a figure such as 138M")
        self.take()
        span = self.token_span(token)
        sizes = quantity in REPORTED and REPORTED[quantity].form in (SIZES, SHAPE)
        if token.kind == SIZE and not sizes:
            self.fail(f"`{quantity}` is one number, not {token.text}", span, code="report")
        if (token.text[-1] == "%") > (quantity in MEASURED):
            self.fail(f"`{quantity}` is not a percentage", span, code="report")
        if token.kind != SIZE and _figure(token.text) > 10**18:
            self.fail("figures go up to 10^18", span, code="limit")
        return token.text

    def convention(self, quantity: str) -> str:
        """A word behind `as`; what is measured and not computed has words of its own."""
        token = self.take_name("a convention")
        fitting = [word for word, c in CONVENTIONS.items() if quantity in c.quantities]
        if token.text not in fitting and quantity not in MEASURED:
            message = f"no way of counting is called `{token.text}`"
            if token.text in CONVENTIONS:
                message = f"`{quantity}` is not counted `as {token.text}`"
            help = did_you_mean(token.text, fitting)
            if fitting:
                help.append(f"`{quantity}` may be counted as {', '.join(fitting)}")
            self.fail(message, self.token_span(token), *help, code="report")
        return token.text

    def check_labels(self, body: Body, inputs: Container[str]) -> None:
        """Every label of a body names one place."""
        seen: dict[str, Span] = {}
        for statement in body.walk():
            label, span = statement.label, statement.label_span
            if label is None or span is None:
                continue
            if label in inputs:
                self.diagnostics.add(Diagnostic("name", f"`{label}` is the name of an input", span))
            if label in seen:
                self.twice(f"two places are called `{label}`", seen[label], span)
            else:
                seen[label] = span
        turns = {s.label: s for s in body.walk() if s.turns is not None}
        for label in seen if turns else ():
            repeat, _, number = label.rpartition("_")
            if repeat in turns and number.isdigit() and number[0] != "0":
                self.check_turn(turns[repeat], int(number), seen[label])

    def check_turn(self, statement: Statement, number: int, where: Span) -> None:
        """The turns of a labelled repeat are called L_1, L_2 …: no other label is."""
        assert statement.turns is not None
        assert statement.label_span is not None
        count = statement.turns.count
        if isinstance(count, Literal) and isinstance(count.value, int) and number > count.value:
            return
        self.diagnostics.add(
            Diagnostic(
                "name",
                f"two places are called `{where.text}`",
                where,
                label="here again",
                others=[(statement.label_span, f"turn {number} of this repeat")],
            )
        )


def literal(name: str, text: str) -> object:
    """The value that the text of an option stands for: a number, a size, yes or no, or a word.

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


def _figure(text: str) -> Fraction:
    """The value of a figure as it is printed, ``138M``, ``84.7%``, ``1.5e6``; of a power of ten
    that is beyond all figures, one that is too large."""
    power = {"K": 3, "M": 6, "G": 9, "B": 9, "T": 12}.get(text[-1], 0)
    number, _, exponent = text.rstrip("KMGBT%").replace("_", "").lower().partition("e")
    if len(exponent) > 3:
        return Fraction(10**19)
    return Fraction(number) * Fraction(10) ** (power + int(exponent or 0))
