"""Statements, chains, calls, and the branches of merges."""

from __future__ import annotations

from ..diagnostics import Diagnostic
from ..ops.attributes import RESERVED
from ..source import Span
from .calls import Calls
from .cursor import SkipStatementError
from .lexer import END, INT, MARK, NAME, SIZE, SourceLine
from .syntax import Assertion, Body, Branch, Call, Chain, Item, Repeat, Statement, Value

MOST_AXES = 8
HEADS = frozenset(("input", "paper", "note", "family", "year", "report"))


class Statements(Calls):
    """The rules of the grammar for what stands in a body."""

    inside = 0  # parentheses open around what is being read

    def sizes(self) -> tuple[int, ...]:
        """sizes = SIZE | INT, of a tensor"""
        token = self.take()
        sizes = self.numbers(token)
        while self.is_name("x") and self.tokens[self.at + 1].kind in (INT, SIZE):
            self.take()  # 32 x 32 x 3
            sizes += self.numbers(self.take())
        if min(sizes) < 1:
            self.fail("a tensor without values", self.token_span(token), code="shape")
        if len(sizes) > MOST_AXES:
            self.fail(f"a tensor of more than {MOST_AXES} axes", self.token_span(token), code="limit")
        return sizes

    def bad_column(self, line: SourceLine, open_columns: list[int]) -> None:
        """Report a line that starts at no open column, and pass over it and what hangs on it."""
        token = line.tokens[0]
        columns = " or ".join(str(c) for c in open_columns)
        self.diagnostics.add(
            Diagnostic(
                "indent",
                f"this line starts at column {line.column}, where nothing is open",
                self.token_span(token),
                help=f"a line goes on at column {columns}",
            )
        )
        self.at_line += 1
        self.skip_deeper(min(open_columns))

    def body(self, column: int, what: str, span: Span) -> Body:
        """Return the statements indented beyond a column."""
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
        """Read the statements that start at exactly this column, ``depth`` merges deep."""
        while (line := self.line()) is not None and line.column == column:
            self.at_line += 1
            self.begin(line)
            self.depth = depth
            self.inside, self.behind = 0, []
            try:
                found.append(self.statement(column))
                while self.is_mark(";"):
                    self.take()
                    if not self.ends():
                        found.append(self.statement(column))
            except SkipStatementError:
                self.skip_deeper(column)

    def statement(self, column: int) -> Statement:
        """stmt = written [ INDENT { "|" {stmt} } DEDENT ], further ones on a line behind ";" """
        statement = self.written()
        if self.is_mark(";"):
            return statement
        self.finish()
        below = self.line()
        if below is not None and below.column > column:
            if below.tokens[0].text != "|" or below.tokens[0].kind != MARK:
                self.bad_column(below, [column])
            else:
                self.branches(statement.chain, below.column, column)
        return statement

    def written(self) -> Statement:
        """written = ["out"] [NAME ":"] chain ["if" expr], on its line"""
        start = self.tokens[self.at]
        if self.is_mark("|"):
            self.fail(
                "a branch without a merge above it",
                self.token_span(start),
                "branches stand indented below `add`, `mul` or `concat`",
            )
        if self.is_name() and start.text in HEADS and not self.is_mark(":", 1):
            self.fail(f"`{start.text}` stands before the layers of a net", self.token_span(start))
        out = False
        if self.is_name("out") and not self.is_mark(":", 1):
            self.take()
            out = True
        label = label_span = None
        if self.is_name() and self.is_mark(":", 1):
            token = self.take()
            label, label_span = token.text, self.span(token.start)
            if label in RESERVED and label != "x":
                self.fail(f"`{label}` is a word of the language", label_span, code="name")
            self.take()
        chain = self.chain()
        condition = None
        if self.is_name("if"):
            self.take()
            condition = self.formula()
        span = self.span(start.start)
        return Statement(span, chain, out, label, label_span, condition)

    def branches(self, chain: Chain, column: int, outer: int) -> None:
        """Read the ``|`` lines below a merge, all at one column."""
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
                        self.token_span(later),
                        help="write what follows on a line of its own, without `->`",
                    )
                )
            first = line.tokens[1]
            if first.kind == END:
                self.at_line += 1
                self.diagnostics.add(
                    Diagnostic(
                        "syntax",
                        "an empty branch",
                        self.token_span(bar),
                        help="a branch that does nothing is written `identity`",
                    )
                )
                continue
            # What stands behind the bar is a line of its own, at the column where it starts.
            inner = SourceLine(first.column, line.tokens[1:])
            self.lines[self.at_line] = inner
            statements: list[Statement] = []
            self.statements(statements, inner.column, depth)
            if statements:
                span = statements[0].span.to(statements[-1].span)
            else:
                span = self.token_span(first)
            found.append(Branch(span, Body(tuple(statements))))
            while (below := self.line()) is not None and below.column > column:
                self.bad_column(below, [column, inner.column])
        if isinstance(merge, Call):
            merge.branches = (*merge.branches, *found)
        elif isinstance(merge, Repeat):
            self.diagnostics.add(
                Diagnostic(
                    "syntax",
                    "a merge with branches cannot be repeated",
                    merge.span,
                    help="put it into a block, and repeat that",
                )
            )
        else:
            self.diagnostics.add(
                Diagnostic(
                    "syntax",
                    "branches need a merge above them",
                    merge.span,
                    help="the statement above ends in `add`, `mul` or `concat`",
                )
            )

    # Items -----------------------------------------------------------------------------------

    def chain(self) -> Chain:
        """chain = item { "->" item }"""
        start = self.tokens[self.at].start
        items = self.item_and_behind()
        while self.is_mark("->") or self.goes_on(items[-1]):
            if self.is_mark("->"):
                arrow = self.take()
                if self.ends():
                    self.fail(
                        "nothing stands behind the arrow",
                        self.token_span(arrow),
                        "a line that goes on from the one above begins with `->`",
                    )
            items += self.item_and_behind()
        return Chain(self.span(start), tuple(items))

    def item_and_behind(self) -> list[Item]:
        """Return an item, and the activation that one of its settings asks for."""
        item = self.item()
        behind, self.behind = self.behind, []
        return [item, *behind]

    def goes_on(self, last: Item) -> bool:
        """Tell whether another layer stands behind a call, its arrow left out."""
        if self.tokens[self.at].kind != NAME or self.is_name("if"):
            return False
        if isinstance(last, Repeat):
            self.fail(
                "it is not clear what is repeated",
                last.span,
                "put parentheses around it: `3 x (conv 3x3 64 -> relu)`",
            )
        return isinstance(last, Call)

    def item(self) -> Item:
        """item = [atom "x"] ( call | "@" path | "[" shape "]" | "(" chain ")" )"""
        token = self.tokens[self.at]
        self.deeper(token)
        try:
            count = self.count()
            if count is not None:
                self.take()
                inner = self.item()
                if self.behind:
                    inner = Chain(inner.span, (inner, *self.behind))
                    self.behind = []
                return Repeat(self.span(token.start), count, inner)
            if token.kind == MARK:
                if token.text == "@":
                    return self.reference()
                if token.text == "[":
                    return self.assertion()
                if token.text == "(":
                    self.take()
                    self.inside += 1
                    chain = self.chain()
                    self.inside -= 1
                    self.close(token, ")")
                    return Chain(self.span(token.start), chain.items)
            if token.kind == NAME and (token.text not in RESERVED or token.text == "use"):
                call = self.call()
                if self.is_mark("|") and self.is_merge(call):
                    call.branches = self.beside()
                return call
            if token.kind in (SIZE, INT):
                self.fail(
                    "a size stands where a layer is expected",
                    self.token_span(token),
                    f"an assertion is written `[{token.text}]`"
                    + (f", a repeat `{token.text} x (…)`" if token.kind == INT else ""),
                )
            self.unexpected("a layer or block")
        finally:
            self.depth -= 1

    def count(self) -> Value | None:
        """Return the count of a repeat, if one begins here; its ``x`` is next."""
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
        """Return the index of the parenthesis that closes the one here."""
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

    def assertion(self) -> Assertion:
        start = self.take_mark("[")
        if self.tokens[self.at].kind not in (SIZE, INT):
            self.unexpected("a shape such as 56x56x256")
        sizes = self.sizes()
        self.close(start, "]")
        return Assertion(self.span(start.start), sizes)

    def beside(self) -> tuple[Branch, ...]:
        """{ "|" written {";" written} }: the branches of a merge on its own line. Only in
        parentheses a ``;`` goes on with the branch; elsewhere it ends the statement."""
        found: list[Branch] = []
        while self.is_mark("|"):
            bar = self.take()
            self.deeper(bar)
            if self.ends() or self.is_mark("|") or self.is_mark(")"):
                self.fail(
                    "an empty branch",
                    self.token_span(bar),
                    "a branch that does nothing is written `identity`",
                )
            statements = [self.written()]
            while self.inside and self.is_mark(";"):
                self.take()
                statements.append(self.written())
            self.depth -= 1
            span = statements[0].span.to(statements[-1].span)
            found.append(Branch(span, Body(tuple(statements))))
        return tuple(found)
