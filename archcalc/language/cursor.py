"""A place in the tokens of a line, and what every rule of the grammar needs there."""

from __future__ import annotations

from typing import NoReturn

from ..diagnostics import Collector, Diagnostic
from ..source import Source, Span
from .lexer import END, MARK, NAME, STRING, SourceLine, Token

# Nesting beyond this is not written by hand, and the parser and the expansion are recursive.
DEEPEST = 64


# What to write in the place of marks that other languages have.
_INSTEAD = {
    ",": "values are separated by spaces, as in `conv 3x3 64 stride=2`",
    "(": "values stand without parentheses and commas, as in `conv 3x3 64 stride=2`",
    "=": "a label is written `name: …`, a setting `stride=2`",
    ":": "a label is one name at the beginning of a statement",
    "|": "branches stand behind `add`, `mul` or `concat`, or on lines of their own below it",
    ";": "the next line goes on",
}


class SkipStatementError(Exception):
    """The rest of the statement cannot be read; it has been reported."""


class Cursor:
    """Reads the tokens of one line after the other."""

    def __init__(self, source: Source, lines: list[SourceLine], diagnostics: Collector):
        self.source = source
        self.lines = lines
        self.at_line = 0
        self.diagnostics = diagnostics
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
        raise SkipStatementError

    def unexpected(self, wanted: str, *help: str) -> NoReturn:
        token = self.tokens[self.at]
        found = "the line ends" if token.kind == END else f"found `{token.text}`"
        self.fail(f"expected {wanted}, {found}", Span(self.source, token.start, token.end), *help)

    def begin(self, line: SourceLine) -> None:
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

    def close(self, opening: Token, mark: str) -> None:
        """Take the mark that closes a parenthesis or bracket."""
        if self.is_mark(mark):
            self.take()
            return
        token = self.tokens[self.at]
        found = "the line ends" if token.kind == END else f"found `{token.text}`"
        self.diagnostics.add(
            Diagnostic(
                "syntax",
                f"expected `{mark}`, {found}",
                Span(self.source, token.start, token.end),
                others=[(Span(self.source, opening.start, opening.end), "opened here")],
                help=_INSTEAD["("] if token.text == "," and mark == ")" else (),
            )
        )
        raise SkipStatementError

    def take_name(self, what: str) -> Token:
        if not self.is_name():
            self.unexpected(what)
        return self.take()

    def ends(self) -> bool:
        return self.tokens[self.at].kind == END

    def finish(self) -> None:
        """Complain if something is left on the line."""
        if self.ends():
            return
        token = self.tokens[self.at]
        help = _INSTEAD.get(token.text)
        self.fail(
            f"expected the end of the line, found `{token.text}`",
            Span(self.source, token.start, token.end),
            *([help] if help else []),
        )

    def deeper(self, token: Token) -> None:
        self.depth += 1
        if self.depth > DEEPEST + 1:  # a statement that stands in nothing is the first
            self.fail(
                f"nested more than {DEEPEST} deep", Span(self.source, token.start, token.end), code="limit"
            )

    # Lines -----------------------------------------------------------------------------------

    def line(self) -> SourceLine | None:
        return self.lines[self.at_line] if self.at_line < len(self.lines) else None

    def skip_deeper(self, column: int) -> None:
        """Pass over all lines indented beyond a column."""
        while (line := self.line()) is not None and line.column > column:
            self.at_line += 1

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
