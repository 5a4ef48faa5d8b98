"""The head lines of a net: its inputs, where it is from, its published figures."""

from __future__ import annotations

from ..amounts import FIGURES
from ..diagnostics import Diagnostic, did_you_mean, nearest
from ..ops.attributes import RESERVED
from ..quantities import CONVENTIONS, MEASURED, REPORTED, SHAPE, SIZES, reported, reports
from .cursor import SkipStatementError
from .definitions import InputHead, Net, ReportHead
from .lexer import FIGURE, FLOAT, INT, MARK, SIZE, STRING, Token
from .statements import HEADS, Statements

# What tools count.
COUNTED = ("macs", "flops")


class Heads(Statements):
    """The rules of the grammar for the head lines of a net."""

    def heads(self, net: Net, inputs: dict[str, InputHead], column: int) -> None:
        """Read the head lines of a net."""
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
        """Report that a net has no ``input``: perhaps the word is misspelt."""
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
        """Read a head line of a net."""
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
                self.diagnostics.twice(f"two inputs are called `{name}`", other.span, span)
        elif word.text == "paper":
            net.papers.append(self.string())
        elif word.text == "note":
            net.notes.append(self.string())
        elif word.text in ("family", "year"):
            first = self.once.setdefault(word.text, word)
            if first is not word:
                self.diagnostics.twice(
                    f"`{word.text}` stands here twice", self.token_span(first), self.token_span(word)
                )
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
        """report = "report" QTY ["of" path] FIGURE [STRING] ["as" (NAME | STRING) {NAME}] ["wrong" STRING]"""
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
        counter = wrong = None
        while not self.ends():
            if self.is_name("as"):
                self.take()
                again = True
                while again:
                    place = self.token_span(self.tokens[self.at])
                    way, by_tool = self.convention(quantity)
                    if counter or (by_tool and conventions):
                        self.fail("a tool counts in one way, and in no other", place, code="report")
                    counter = way if by_tool else counter
                    conventions += [] if by_tool else [way]
                    again = self.is_name() and not self.is_name("wrong") and not self.is_name("as")
            elif self.is_name("wrong"):
                self.take()
                wrong = self.string()
            else:
                self.unexpected('`as CONVENTION` or `wrong "why"`')
        return ReportHead(
            self.span(word.start), quantity, of, of_span, figure, source, tuple(conventions), wrong, counter
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
        value = FIGURES.value(token.text)
        if token.kind != SIZE and (value is None or value > 10**18):
            self.fail("figures go up to 10^18", span, code="limit")
        return token.text

    def convention(self, quantity: str) -> tuple[str, bool]:
        """Return a word behind `as`, and whether it is a tool's name, which may stand in quotes; what is
        measured and not computed has words of its own."""
        token = self.tokens[self.at]
        quoted = token.kind == STRING
        word = self.string() if quoted else self.take_name("a convention").text
        fitting = [word for word, c in CONVENTIONS.items() if quantity in c.quantities]
        if not quoted and (word in fitting or quantity in MEASURED):
            return word, False
        if quantity in COUNTED and self.is_counter(word, quantity, token):
            return word, True
        message = f"no way of counting is called `{word}`"
        if word in CONVENTIONS:
            message = f"`{quantity}` is not counted `as {word}`"
        tools: tuple[str, ...] = ()
        if quantity in COUNTED:
            from ..counters import profiles

            tools = profiles()
        help = did_you_mean(word, [*fitting, *tools])
        if fitting:
            also = ", or as a tool counts" if tools else ""
            help.append(f"`{quantity}` may be counted as {', '.join(fitting)}{also}")
        self.fail(message, self.token_span(token), *help, code="report")

    def is_counter(self, word: str, quantity: str, token: Token) -> bool:
        """Whether a word is the name of a tool that counts in the unit of a quantity."""
        from ..counters import profile, profiles

        if word not in profiles():
            return False
        # FLOPs may be twice what a tool counts, so that its profile need not be read for them.
        if quantity == "macs" and profile(word).unit != "MACs":
            message = f"`{word}` counts {profile(word).unit}, and no MACs"
            self.fail(message, self.token_span(token), code="report")
        return True
