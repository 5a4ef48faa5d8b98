"""Lines of tokens to the syntax tree: recursive descent, one method a rule of the grammar.

A fault is recorded and the rest of its statement skipped, so that one run reports them all.
"""

from __future__ import annotations

from fractions import Fraction
from typing import NoReturn

from ..ops.base import Size
from .diagnostics import Collector, Diagnostic
from .lexer import END, FIGURE, FLOAT, INT, MARK, NAME, SIZE, STRING, Line, Token, lex
from .source import Source, Span
from .syntax import (
    Argument,
    Assertion,
    Block,
    Body,
    Branch,
    Call,
    Chain,
    File,
    InputHead,
    Item,
    Literal,
    Name,
    Net,
    Operation,
    Parameter,
    Reference,
    Repeat,
    ReportHead,
    Statement,
    Turns,
    Value,
)

RESERVED = frozenset("x if in out and or not yes no use".split())
HEADS = frozenset("input paper note family year report".split())
QUANTITIES = (
    "params total macs flops connections units rf depth bytes top1 top5"  # as in language.md
).split()
FUNCTIONS = {"min": None, "max": None, "divisible": 2, "size": None}

# Nesting beyond this is not written by hand, and the parser and the expansion are recursive.
DEEPEST = 40


class _Skip(Exception):
    """The rest of the statement cannot be read; it has been reported."""


def parse(source: Source, diagnostics: Collector) -> File:
    """A file of definitions."""
    return _Parser(source, lex(source, diagnostics), diagnostics).file()


def parse_one_liner(source: Source, diagnostics: Collector) -> File:
    """``SIZE -> statement``, and further statements on lines of their own, as a net without name."""
    return _Parser(source, lex(source, diagnostics), diagnostics).one_liner()


class _Parser:
    def __init__(self, source: Source, lines: list[Line], diagnostics: Collector):
        self.source = source
        self.lines = lines
        self.at_line = 0
        self.diagnostics = diagnostics
        self.defaults: dict[str, dict[str, Argument]] = {}
        self.depth = 0
        self.tokens: list[Token] = []
        self.at = 0

    # Tokens ----------------------------------------------------------------------------------

    def span(self, start: int, end: int | None = None) -> Span:
        """From an offset to the end of the last token read."""
        if end is None:
            end = self.tokens[self.at - 1].end if self.at else self.tokens[0].end
        return Span(self.source, start, max(end, start))

    def fail(self, message: str, span: Span, *help: str, code: str = "syntax") -> NoReturn:
        self.diagnostics.add(Diagnostic(code, message, span, help=help))
        raise _Skip

    def unexpected(self, wanted: str) -> NoReturn:
        token = self.tokens[self.at]
        found = "the line ends" if token.kind == END else f"found `{token.text}`"
        self.fail(f"expected {wanted}, {found}", Span(self.source, token.start, token.end))

    def begin(self, line: Line) -> None:
        """Start reading a line."""
        self.tokens = line.tokens
        self.at = 0

    def is_mark(self, text: str, ahead: int = 0) -> bool:
        at = self.at + ahead
        if at >= len(self.tokens):
            return False
        token = self.tokens[at]
        return token.kind == MARK and token.text == text

    def is_name(self, text: str | None = None, ahead: int = 0) -> bool:
        at = self.at + ahead
        if at >= len(self.tokens):
            return False
        token = self.tokens[at]
        return token.kind == NAME and (text is None or token.text == text)

    def take(self) -> Token:
        token = self.tokens[self.at]
        self.at += 1
        return token

    def take_mark(self, text: str) -> Token:
        if not self.is_mark(text):
            self.unexpected(f"`{text}`")
        return self.take()

    def take_name(self, what: str) -> Token:
        if not self.is_name():
            self.unexpected(what)
        return self.take()

    def ends(self) -> bool:
        return self.tokens[self.at].kind == END

    def finish(self) -> None:
        """Complain if something is left on the line."""
        if not self.ends():
            self.unexpected("the end of the line")

    def deeper(self, token: Token) -> None:
        self.depth += 1
        if self.depth > DEEPEST:
            self.fail(
                f"nested more than {DEEPEST} deep",
                Span(self.source, token.start, token.end),
                code="limit",
            )

    # Lines -----------------------------------------------------------------------------------

    def line(self) -> Line | None:
        return self.lines[self.at_line] if self.at_line < len(self.lines) else None

    def skip_deeper(self, column: int) -> None:
        """Pass over all lines indented beyond a column."""
        while (line := self.line()) is not None and line.column > column:
            self.at_line += 1

    def file(self) -> File:
        """file = { default | block | net }"""
        file = File(self.source)
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
                else:
                    token = self.tokens[0]
                    self.fail(
                        "a file holds `default`, `block` and `net`",
                        Span(self.source, token.start, token.end),
                        "layers stand indented below `net NAME`",
                    )
            except _Skip:
                self.skip_deeper(line.column)
        if not file.blocks and not file.nets and not self.diagnostics.errors:
            self.diagnostics.add(
                Diagnostic("syntax", "nothing is defined here", Span(self.source, 0, 0),
                           help="a network is written `net NAME`, its layers indented below")
            )  # fmt: skip
        return file

    def define(self, file: File, definition: Block | Net) -> None:
        definition.file = file
        table = file.blocks if isinstance(definition, Block) else file.nets
        first = table.get(definition.name)
        if first is not None:
            kind = "blocks" if isinstance(definition, Block) else "nets"
            self.twice(f"two {kind} are called `{definition.name}`", first.span, definition.span)
            return
        table[definition.name] = definition  # type: ignore[assignment]

    def twice(self, message: str, first: Span, second: Span) -> None:
        self.diagnostics.add(
            Diagnostic("name", message, second, label="here again", others=[(first, "first here")])
        )

    def one_liner(self) -> File:
        file = File(self.source)
        line = self.line()
        if line is None:
            self.diagnostics.add(Diagnostic("syntax", "nothing is written here", Span(self.source, 0, 0)))
            return file
        statements: list[Statement] = []
        inputs: tuple[InputHead, ...] = ()
        try:
            self.begin(line)
            token = self.tokens[0]
            if token.kind not in (SIZE, INT):
                self.fail(
                    "a one-liner begins with the input's size",
                    Span(self.source, token.start, token.end),
                    "as in `32x32x3 -> conv 5x5 10 pad=2`",
                )
            inputs = (InputHead(Span(self.source, token.start, token.end), "input", self.sizes()),)
            self.take_mark("->")
            # The rest of the line is a statement like any other.
            line.tokens = self.tokens[self.at :]
        except _Skip:
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
        return file

    def bad_column(self, line: Line, open_columns: list[int]) -> None:
        """A line that starts at no open column; it and what hangs on it are passed over."""
        token = line.tokens[0]
        columns = " or ".join(str(c) for c in open_columns)
        self.diagnostics.add(
            Diagnostic(
                "indent",
                f"this line starts at column {line.column}, where nothing is open",
                Span(self.source, token.start, token.end),
                help=f"a line goes on at column {columns}",
            )
        )
        self.at_line += 1
        self.skip_deeper(min(open_columns))

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
            settings = self.defaults.setdefault(name.text, {})
            for argument in arguments:
                settings[argument.name] = argument
        self.check_default(names, arguments)

    def check_default(self, names: list[Token], arguments: list[Argument]) -> None:
        from ..ops import PENDING, registry

        ops = registry()
        for name in names:
            span = Span(self.source, name.start, name.end)
            if name.text in PENDING:
                continue
            op = ops.get(name.text)
            if op is None:
                from .diagnostics import did_you_mean

                self.diagnostics.add(
                    Diagnostic("name", f"no layer is called `{name.text}`", span,
                               help=did_you_mean(name.text, ops))
                )  # fmt: skip
                continue
            for argument in arguments:
                if argument.name not in op.attributes:
                    self.diagnostics.add(
                        Diagnostic(
                            "argument", f"`{name.text}` has no `{argument.name}`", argument.span
                        )
                    )

    def named_only(self) -> list[Argument]:
        arguments: list[Argument] = []
        while not self.ends():
            token = self.take_name("NAME=VALUE")
            self.take_mark("=")
            value = self.atom()
            arguments.append(Argument(self.span(token.start), token.text, value))
        return arguments

    # Definitions -----------------------------------------------------------------------------

    def block(self, column: int) -> Block:
        """block = "block" NAME { NAME ["=" atom] } ["|" NAME {NAME}] body"""
        self.take()
        name = self.take_name("the name of the block")
        span = self.span(name.start)
        parameters = self.parameters()
        inputs: list[str] = []
        if self.is_mark("|"):
            self.take()
            while not self.ends():
                token = self.take_name("the name of an input")
                if token.text in RESERVED and token.text != "x":
                    self.fail(
                        f"`{token.text}` is a word of the language",
                        self.span(token.start), code="name",
                    )  # fmt: skip
                if token.text in inputs or any(p.name == token.text for p in parameters):
                    self.fail(
                        f"`{token.text}` names two things of `{name.text}`",
                        self.span(token.start), code="name",
                    )  # fmt: skip
                inputs.append(token.text)
            if not inputs:
                self.unexpected("the name of an input")
        self.finish()
        body = self.body(column, f"block `{name.text}`", span)
        self.check_labels(body, inputs)
        return Block(span, name.text, parameters, tuple(inputs), body)

    def parameters(self) -> tuple[Parameter, ...]:
        found: list[Parameter] = []
        while self.is_name():
            token = self.take()
            span = self.span(token.start)
            if token.text in RESERVED:
                self.fail(f"`{token.text}` is a word of the language", span, code="name")
            for other in found:
                if other.name == token.text:
                    self.twice(f"two parameters are called `{token.text}`", other.span, span)
                    raise _Skip
            default: Value | None = None
            if self.is_mark("="):
                self.take()
                default = self.atom()
            found.append(Parameter(span, token.text, default))
        return tuple(found)

    def net(self, column: int) -> Net:
        """net = "net" NAME [STRING] {kw} {head} {stmt}"""
        self.take()
        name = self.take_name("the name of the network")
        span = self.span(name.start)
        title = self.strings() if self.tokens[self.at].kind == STRING else None
        parameters = self.parameters()
        for parameter in parameters:
            if parameter.default is None:
                self.diagnostics.add(
                    Diagnostic("syntax", f"the parameter `{parameter.name}` of a network needs a value",
                               parameter.span, help=f"as in `{parameter.name}=1000`")
                )  # fmt: skip
        self.finish()
        inputs: list[InputHead] = []
        net = Net(span, name.text, parameters, title, (), Body(()))
        line = self.line()
        if line is None or line.column <= column:
            self.fail(f"net `{name.text}` is empty", span)
        inner = line.column
        while (line := self.line()) is not None and line.column == inner:
            token = line.tokens[0]
            colon = line.tokens[1]
            if token.text not in HEADS or (colon.kind == MARK and colon.text == ":"):
                break
            self.at_line += 1
            self.begin(line)
            try:
                self.head(net, inputs)
            except _Skip:
                self.skip_deeper(inner)
        net.inputs = tuple(inputs)
        if not inputs:
            self.diagnostics.add(
                Diagnostic("syntax", f"net `{name.text}` has no input", span,
                           help="as in `input 224x224x3`")
            )  # fmt: skip
        net.body = self.body(column, f"net `{name.text}`", span)
        self.check_labels(net.body, [i.name for i in inputs])
        return net

    def head(self, net: Net, inputs: list[InputHead]) -> None:
        """A head line of a net."""
        word = self.take()
        if word.text == "input":
            name = "input"
            if self.is_name() and self.is_mark(":", 1):
                name = self.take().text
                self.take()
            if self.tokens[self.at].kind not in (SIZE, INT):
                self.unexpected("a size such as 224x224x3")
            sizes = self.sizes()
            span = self.span(word.start)
            for other in inputs:
                if other.name == name:
                    self.twice(f"two inputs are called `{name}`", other.span, span)
                    raise _Skip
            inputs.append(InputHead(span, name, sizes))
        elif word.text == "paper":
            net.papers.append(self.string())
        elif word.text == "note":
            net.notes.append(self.string())
        elif word.text == "family":
            net.family = self.take_name("a name").text
        elif word.text == "year":
            if self.tokens[self.at].kind != INT:
                self.unexpected("a year")
            net.year = int(self.take().text)
        else:
            net.reports.append(self.report(word))
        self.finish()

    def report(self, word: Token) -> ReportHead:
        """report = "report" QTY ["of" path] FIGURE [STRING] ["as" NAME {NAME}] ["wrong" STRING]"""
        token = self.take_name("a quantity")
        if token.text not in QUANTITIES:
            from .diagnostics import did_you_mean

            self.fail(
                f"nothing is reported as `{token.text}`",
                self.span(token.start),
                *did_you_mean(token.text, QUANTITIES),
                "one of " + ", ".join(QUANTITIES),
                code="report",
            )
        of = of_span = None
        if self.is_name("of"):
            self.take()
            start = self.take_name("a label")
            of = ".".join((start.text, *self.path_rest()))
            of_span = self.span(start.start)
        figure = self.tokens[self.at]
        if figure.kind not in (FIGURE, INT, FLOAT, SIZE):
            self.unexpected("a figure such as 138M")
        self.take()
        source = self.strings() if self.tokens[self.at].kind == STRING else None
        conventions: list[str] = []
        wrong = None
        while not self.ends():
            if self.is_name("as"):
                self.take()
                conventions.append(self.take_name("a convention").text)
                while self.is_name() and not self.is_name("wrong") and not self.is_name("as"):
                    conventions.append(self.take().text)
            elif self.is_name("wrong"):
                self.take()
                wrong = self.string()
            else:
                self.unexpected('`as CONVENTION` or `wrong "why"`')
        return ReportHead(
            self.span(word.start), token.text, of, of_span, figure.text, source,
            tuple(conventions), wrong,
        )  # fmt: skip

    def string(self) -> str:
        if self.tokens[self.at].kind != STRING:
            self.unexpected("a quoted string")
        return self.strings()

    def strings(self) -> str:
        """Adjacent strings join with a space."""
        parts: list[str] = []
        while self.tokens[self.at].kind == STRING:
            text = self.take().text[1:-1]
            parts.append(text.replace('\\"', '"').replace("\\\\", "\\"))
        return " ".join(parts)

    def sizes(self) -> tuple[int, ...]:
        token = self.take()
        sizes = tuple(int(part) for part in token.text.split("x"))
        if 0 in sizes:
            self.fail("a tensor without values", self.span(token.start), code="shape")
        if len(sizes) > 8:
            self.fail("a tensor of more than 8 axes", self.span(token.start), code="limit")
        return sizes

    def check_labels(self, body: Body, inputs: list[str]) -> None:
        seen: dict[str, Span] = {}
        for statement in body.walk():
            label, span = statement.label, statement.label_span
            if label is None or span is None:
                continue
            if label in inputs:
                self.diagnostics.add(
                    Diagnostic("name", f"`{label}` is the name of an input", span)
                )
            if label in seen:
                self.twice(f"two places are called `{label}`", seen[label], span)
            else:
                seen[label] = span

    # Statements ------------------------------------------------------------------------------

    def body(self, column: int, what: str, span: Span) -> Body:
        """The statements indented beyond a column."""
        line = self.line()
        if line is None or line.column <= column:
            self.fail(f"{what} has no layers", span, "its layers stand indented below it")
        statements: list[Statement] = []
        inner = line.column
        while True:
            self.statements(statements, inner)
            below = self.line()
            if below is None or below.column <= column:
                break
            self.bad_column(below, [inner])
        return Body(tuple(statements))

    def statements(self, found: list[Statement], column: int, depth: int = 0) -> None:
        """The statements that start at exactly this column, ``depth`` merges deep."""
        while (line := self.line()) is not None and line.column == column:
            self.at_line += 1
            self.begin(line)
            self.depth = depth
            try:
                found.append(self.statement(column))
            except _Skip:
                self.skip_deeper(column)

    def statement(self, column: int) -> Statement:
        """stmt = ["out"] [NAME ":"] chain ["if" expr] [ INDENT { "|" {stmt} } DEDENT ]"""
        start = self.tokens[self.at]
        if self.is_mark("|"):
            self.fail(
                "a branch without a merge above it",
                Span(self.source, start.start, start.end),
                "branches stand indented below `add`, `mul` or `concat`",
            )
        if self.is_name() and start.text in HEADS and not self.is_mark(":", 1):
            self.fail(
                f"`{start.text}` stands before the layers of a net",
                Span(self.source, start.start, start.end),
            )
        out = False
        if self.is_name("out") and not self.is_mark(":", 1):
            self.take()
            out = True
        label = label_span = None
        if self.is_name() and self.is_mark(":", 1):
            token = self.take()
            label, label_span = token.text, self.span(token.start)
            if label in RESERVED:
                self.fail(f"`{label}` is a word of the language", label_span, code="name")
            self.take()
        chain = self.chain()
        condition = None
        if self.is_name("if"):
            self.take()
            condition = self.expression()
        self.finish()
        span = self.span(start.start)
        below = self.line()
        if below is not None and below.column > column:
            if below.tokens[0].text != "|" or below.tokens[0].kind != MARK:
                self.bad_column(below, [column])
            else:
                self.branches(chain, below.column, column)
        return Statement(span, chain, out, label, label_span, condition)

    def branches(self, chain: Chain, column: int, outer: int) -> None:
        """The ``|`` lines below a merge, all at one column."""
        merge = chain.items[-1]
        found: list[Branch] = []
        depth = self.depth + 1
        while (line := self.line()) is not None and line.column > outer:
            bar = line.tokens[0]
            if line.column != column or bar.kind != MARK or bar.text != "|":
                self.bad_column(line, [column])
                continue
            self.depth = depth - 1
            self.deeper(bar)
            later = next((t for t in line.tokens[1:] if t.text == "->" and t.column <= column), None)
            if later is not None:
                self.diagnostics.add(
                    Diagnostic(
                        "syntax",
                        "a merge with branches ends its statement",
                        Span(self.source, later.start, later.end),
                        help="write what follows on a line of its own, without `->`",
                    )
                )
            first = line.tokens[1]
            if first.kind == END:
                self.at_line += 1
                self.diagnostics.add(
                    Diagnostic("syntax", "an empty branch",
                               Span(self.source, bar.start, bar.end),
                               help="a branch that does nothing is written `identity`")
                )  # fmt: skip
                continue
            # What stands behind the bar is a line of its own, at the column where it starts.
            inner = Line(first.column, line.tokens[1:])
            self.lines[self.at_line] = inner
            statements: list[Statement] = []
            self.statements(statements, inner.column, depth)
            if statements:
                span = statements[0].span.to(statements[-1].span)
            else:
                span = Span(self.source, first.start, first.end)
            found.append(Branch(span, Body(tuple(statements))))
            while (below := self.line()) is not None and below.column > column:
                self.bad_column(below, [column, inner.column])
        if isinstance(merge, Call):
            merge.branches = tuple(found)
        else:
            self.diagnostics.add(
                Diagnostic("syntax", "branches need a merge above them", merge.span,
                           help="the statement above ends in `add`, `mul` or `concat`")
            )  # fmt: skip

    # Items -----------------------------------------------------------------------------------

    def chain(self) -> Chain:
        """chain = item { "->" item }"""
        start = self.tokens[self.at].start
        items = [self.item()]
        while self.is_mark("->"):
            self.take()
            items.append(self.item())
        return Chain(self.span(start), tuple(items))

    def item(self) -> Item:
        """item = [atom "x"] ( call | "@" path | "[" shape "]" | "(" chain ")" )"""
        token = self.tokens[self.at]
        self.deeper(token)
        try:
            count = self.count()
            if count is not None:
                self.take()
                inner = self.item()
                return Repeat(self.span(token.start), count, inner)
            if token.kind == MARK:
                if token.text == "@":
                    return self.reference()
                if token.text == "[":
                    return self.assertion()
                if token.text == "(":
                    self.take()
                    chain = self.chain()
                    self.take_mark(")")
                    return Chain(self.span(token.start), chain.items)
            if token.kind == NAME:
                return self.call()
            if token.kind in (SIZE, INT):
                self.fail(
                    "a size stands where a layer is expected",
                    Span(self.source, token.start, token.end),
                    f"an assertion is written `[{token.text}]`, a repeat `{token.text} x (…)`"
                    if token.kind == INT else f"an assertion is written `[{token.text}]`",
                )  # fmt: skip
            self.unexpected("a layer or block")
        finally:
            self.depth -= 1

    def count(self) -> Value | None:
        """The count of a repeat, if one begins here; its ``x`` is next."""
        token = self.tokens[self.at]
        if token.kind == INT and self.is_name("x", 1):
            return self.atom()
        if token.kind == NAME and self.is_name("x", 1):
            return self.atom()
        if token.kind == MARK and token.text == "(":
            close = self.partner()
            if close is not None and self.is_name("x", close + 1 - self.at):
                return self.atom()
        return None

    def partner(self) -> int | None:
        """Index of the parenthesis that closes the one here."""
        depth = 0
        for at in range(self.at, len(self.tokens)):
            token = self.tokens[at]
            if token.kind != MARK:
                continue
            if token.text in "([":
                depth += 1
            elif token.text in ")]":
                depth -= 1
                if depth == 0:
                    return at
        return None

    def reference(self) -> Reference:
        at = self.take_mark("@")
        name = self.take_name("a label")
        path = ".".join((name.text, *self.path_rest()))
        return Reference(self.span(at.start), path)

    def path_rest(self) -> list[str]:
        parts: list[str] = []
        while self.is_mark("."):
            self.take()
            parts.append(self.take_name("a name").text)
        return parts

    def assertion(self) -> Assertion:
        start = self.take_mark("[")
        if self.tokens[self.at].kind not in (SIZE, INT):
            self.unexpected("a shape such as 56x56x256")
        sizes = self.sizes()
        self.take_mark("]")
        return Assertion(self.span(start.start), sizes)

    def call(self) -> Call:
        """call = NAME {atom} {kw}"""
        name = self.take()
        name_span = self.span(name.start)
        positional: list[Value] = []
        named: list[Argument] = []
        while True:
            token = self.tokens[self.at]
            if token.kind == END or (token.kind == NAME and token.text == "if"):
                break
            if token.kind == MARK and token.text not in ("(", "[", "@"):
                break
            if token.kind == NAME and self.is_mark("=", 1):
                self.take()
                self.take()
                value = self.atom()
                argument = Argument(self.span(token.start), token.text, value)
                for other in named:
                    if other.name == argument.name:
                        self.twice(f"`{token.text}` is given twice", other.span, argument.span)
                        raise _Skip
                named.append(argument)
                continue
            positional.append(self.atom())
        return Call(
            self.span(name.start), name.text, name_span, tuple(positional), tuple(named),
            self.defaults,
        )  # fmt: skip

    # Values ----------------------------------------------------------------------------------

    def atom(self) -> Value:
        """atom = INT | FLOAT | SIZE | path | STRING | "@" path | "(" expr ")" | "[" turns "]" """
        token = self.tokens[self.at]
        self.deeper(token)
        try:
            if token.kind == MARK:
                if token.text == "@":
                    return self.reference()
                if token.text == "(":
                    self.take()
                    value = self.expression()
                    self.take_mark(")")
                    return value
                if token.text == "[":
                    return self.turns()
                if token.text == "-":
                    self.fail(
                        "a negative number stands in parentheses",
                        Span(self.source, token.start, token.end),
                    )
            return self.simple()
        finally:
            self.depth -= 1

    def simple(self) -> Value:
        token = self.tokens[self.at]
        kind = token.kind
        if kind == INT:
            self.take()
            return Literal(self.span(token.start), int(token.text))
        if kind == SIZE:
            self.take()
            numbers = token.text.split("x")
            if len(numbers) > 16 or any(len(n) > 18 for n in numbers):
                self.fail("a size with too many digits", self.span(token.start), code="limit")
            return Literal(self.span(token.start), Size(int(n) for n in numbers))
        if kind == FLOAT:
            self.take()
            mantissa, _, exponent = token.text.replace("_", "").lower().partition("e")
            if exponent and abs(int(exponent)) > 30:
                self.fail("a number out of range", self.span(token.start), code="limit")
            value = Fraction(mantissa) * Fraction(10) ** int(exponent or 0)
            return Literal(self.span(token.start), _plain(value))
        if kind == STRING:
            text = self.strings()
            return Literal(self.span(token.start), text)
        if kind == FIGURE:
            self.fail(
                f"`{token.text}` is a figure for `report`; write the number out",
                Span(self.source, token.start, token.end),
            )
        if kind == NAME:
            self.take()
            if token.text in ("yes", "no"):
                return Literal(self.span(token.start), token.text == "yes")
            path = (token.text, *self.path_rest())
            return Name(self.span(token.start), path)
        self.unexpected("a value")

    def turns(self) -> Turns:
        start = self.take_mark("[")
        values: list[Value] = []
        fill: int | None = None
        while True:
            values.append(self.atom())
            if self.is_mark(".."):
                dots = self.take()
                if fill is not None:
                    self.fail("only one value can fill the turns", self.span(dots.start))
                fill = len(values) - 1
            if not self.is_mark(","):
                break
            self.take()
        self.take_mark("]")
        return Turns(self.span(start.start), tuple(values), fill)

    # Expressions, loosest first --------------------------------------------------------------

    def expression(self) -> Value:
        token = self.tokens[self.at]
        self.deeper(token)
        try:
            return self.infix(0)
        finally:
            self.depth -= 1

    LEVELS: tuple[tuple[str, ...], ...] = (
        ("or",),
        ("and",),
        ("not",),
        ("==", "!=", "<", "<=", ">", ">="),
        ("+", "-"),
        ("*", "/", "//", "%"),
    )

    def infix(self, level: int) -> Value:
        if level == len(self.LEVELS):
            return self.unary()
        token = self.tokens[self.at]
        operators = self.LEVELS[level]
        if operators == ("not",):
            if self.is_name("not"):
                self.take()
                self.deeper(token)
                operand = self.infix(level)
                self.depth -= 1
                return Operation(self.span(token.start), "not", (operand,))
            return self.infix(level + 1)
        left = self.infix(level + 1)
        count = 0
        while self.tokens[self.at].text in operators and self.tokens[self.at].kind in (MARK, NAME):
            operator = self.take()
            count += 1
            if operators[0] == "==" and count > 1:
                self.fail("comparisons do not chain", self.span(operator.start), "use `and`")
            if count > 200:
                self.fail("too many terms", self.span(operator.start), code="limit")
            right = self.infix(level + 1)
            left = Operation(self.span(token.start), operator.text, (left, right))
        return left

    def unary(self) -> Value:
        token = self.tokens[self.at]
        if self.is_mark("-"):
            self.take()
            self.deeper(token)
            operand = self.unary()
            self.depth -= 1
            return Operation(self.span(token.start), "neg", (operand,))
        if self.is_mark("("):
            self.take()
            value = self.expression()
            self.take_mark(")")
            return value
        if self.is_mark("@"):
            self.unexpected("a value")
        if token.kind == NAME and self.is_mark("(", 1):
            return self.function()
        return self.simple()

    def function(self) -> Value:
        name = self.take()
        if name.text not in FUNCTIONS:
            self.fail(
                f"there is no function `{name.text}`",
                self.span(name.start),
                "there are " + ", ".join(FUNCTIONS),
                code="name",
            )
        self.take_mark("(")
        operands = [self.expression()]
        while self.is_mark(","):
            self.take()
            operands.append(self.expression())
        self.take_mark(")")
        wanted = FUNCTIONS[name.text]
        if wanted is not None and len(operands) != wanted:
            self.fail(f"`{name.text}` takes {wanted} values", self.span(name.start))
        return Operation(self.span(name.start), name.text, tuple(operands))


def _plain(value: Fraction) -> int | Fraction:
    return value.numerator if value.denominator == 1 else value


def literal(name: str, text: str) -> object:
    """The value that the text of an option stands for: a number, a size, yes or no, or a word.

    Raises SpecError.
    """
    from ..ops.base import Word
    from .diagnostics import SpecError, fail

    diagnostics = Collector()
    parser = _Parser(Source(f"--set {name}", text), [], diagnostics)
    lines = lex(parser.source, diagnostics)
    try:
        if len(lines) == 1:
            parser.begin(lines[0])
            value = parser.simple()
            parser.finish()
            if isinstance(value, Literal):
                return value.value
            if isinstance(value, Name) and len(value.path) == 1:
                return Word(value.text)
    except _Skip:
        pass
    if diagnostics.errors:
        raise SpecError(diagnostics.items)
    raise fail("argument", f"`{text}` is no value for `{name}`", "a number, a size, yes or no, or a word")
