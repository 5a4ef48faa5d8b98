"""Text to lines of tokens."""

from __future__ import annotations

import re
from typing import NamedTuple

from .diagnostics import Collector, Diagnostic
from .source import Source, Span

# Specs are written by people; what is larger than this is something else.
LONGEST_SOURCE = 2_000_000
LONGEST_NUMBER = 40

NAME = "name"
INT = "int"
FLOAT = "float"
SIZE = "size"
FIGURE = "figure"
STRING = "string"
MARK = "mark"
END = "end"

_TOKEN = re.compile(
    r"""
      (?P<space>[ \r\f]+)
    | (?P<comment>\#[^\n]*)
    | (?P<newline>\n)
    | (?P<tab>\t+)
    | (?P<size>\d[\d_]*(?:x\d[\d_]*)+(?![A-Za-z_0-9]))
    | (?P<figure>\d[\d_]*(?:\.\d+)?(?:[KMGBT](?![A-Za-z_0-9])|%))
    | (?P<float>\d[\d_]*\.\d+(?:[eE][+-]?\d+)?(?![A-Za-z_0-9])|\d[\d_]*[eE][+-]?\d+(?![A-Za-z_0-9]))
    | (?P<int>\d[\d_]*(?![A-Za-z_0-9]))
    | (?P<number>\d[A-Za-z_0-9]*)
    | (?P<name>[A-Za-z_][A-Za-z_0-9]*)
    | (?P<string>"(?:[^"\\\n]|\\["\\])*")
    | (?P<quote>")
    | (?P<mark>->|\.\.|==|!=|<=|>=|//|[-+*/%<>=()\[\]|:@.,])
    | (?P<other>.)
    """,
    re.VERBOSE,
)


class Token(NamedTuple):
    """kind is one of the constants above; for marks, text is the mark."""

    kind: str
    text: str
    start: int
    end: int
    column: int


class Line:
    """A logical line: its tokens, an end token last, and the column at which it starts."""

    __slots__ = ("column", "tokens")

    def __init__(self, column: int, tokens: list[Token]):
        self.column = column
        self.tokens = tokens


def lex(source: Source, diagnostics: Collector) -> list[Line]:
    """The logical lines of a source.

    Inside parentheses and brackets a newline is space; a line that begins with ``->`` continues
    the one above.
    """
    text = source.text
    lines: list[Line] = []
    tokens: list[Token] = []
    depth = 0
    line_start = 0
    fresh = True  # nothing but space so far on this physical line

    def complain(message: str, start: int, end: int, *help: str) -> None:
        diagnostics.add(Diagnostic("syntax", message, Span(source, start, end), help=help))

    if len(text) > LONGEST_SOURCE:
        complain(f"the text is longer than {LONGEST_SOURCE:,} characters", 0, 1)
        return []

    for match in _TOKEN.finditer(text):
        kind = match.lastgroup
        if kind == "space" or kind == "comment":
            continue
        start, end = match.span()
        if kind == "newline":
            line_start = end
            fresh = True
            continue
        if kind == "tab":
            if fresh:
                complain("a tab in the indentation", start, end, "indent with spaces")
            continue
        word = match.group()
        column = start - line_start + 1
        if fresh:
            fresh = False
            if not tokens:
                pass
            elif depth == 0 and word != "->":
                _finish(lines, tokens)
                tokens = []
            elif depth > 0 and word == "|":
                # A branch cannot begin inside a parenthesis: the parenthesis was never closed,
                # and reading on would blame the end of the file.
                _finish(lines, tokens)
                tokens = []
                depth = 0
        if kind == "mark":
            if word in "([":
                depth += 1
            elif word in ")]" and depth:
                depth -= 1
        elif kind == "string":
            pass
        elif kind == "quote":
            stop = text.find("\n", start)
            complain("a string without its closing quote", start, stop if stop >= 0 else len(text))
            continue
        elif kind == "number":
            help = ["a size is written `3x3`, a repeat `3 x (…)`, a figure `1.8G`"]
            complain(f"`{word}` is neither a number nor a size", start, end, *help)
            kind = INT
            word = "1"
        elif kind == "other":
            help = ["arrows are written `->`"] if word in "→⇒" else (
                ["sizes are written with the letter x"] if word == "×" else [])  # fmt: skip
            complain(f"unexpected character {word!r}", start, end, *help)
            continue
        elif kind != "name" and end - start > LONGEST_NUMBER:
            complain("a number with too many digits", start, end)
            kind = INT
            word = "1"
        tokens.append(Token(kind or "", word, start, end, column))
    if tokens:
        _finish(lines, tokens)
    return lines


def _finish(lines: list[Line], tokens: list[Token]) -> None:
    end = tokens[-1].end
    column = tokens[0].column
    tokens.append(Token(END, "", end, end, column))
    lines.append(Line(column, tokens))
