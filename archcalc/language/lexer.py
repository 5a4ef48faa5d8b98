"""Text to lines of tokens."""

from __future__ import annotations

import re
from typing import NamedTuple

from ..diagnostics import Collector, Diagnostic, TooManyProblemsError
from ..source import Source, Span
from ..texts import LONGEST_SOURCE

# The words behind which branches stand; the lexer has to know them to find lost parentheses.
MERGES = frozenset(("add", "mul", "concat", "stack"))

# Digits of a whole number, and digits behind a point.
LONGEST_NUMBER = 40
# Letters of a name, and of a full name, which holds those of all that it is in.
LONGEST_NAME, LONGEST_PATH = 200, 500

NAME = "name"
INT = "int"
FLOAT = "float"
SIZE = "size"
FIGURE = "figure"
STRING = "string"
MARK = "mark"
END = "end"

# A group that is repeated costs memory for each time, so that a number of times is enough; a string
# that holds a backslash begins as a `quote`.
_TOKEN = re.compile(
    r"""
    [ \f\xa0]*(?:
      (?P<newline>(?:\#[^\n]*)?\n)
    | (?P<name>[A-Za-z_][A-Za-z_0-9]*)
    | (?P<point>(?<![\w.)\]])\.[0-9]+(?:[eE][+-]?[0-9]+)?(?!MORE))
    | (?P<mark>-->|=>|[–—−]>|->|\.\.|==|!=|<=|>=|//|[-+*/%<>=()\[\]|:@.,;])
    | (?P<size>INT(?:[xX×]-?INT){1,20}(?!MORE))
    | (?P<figure>INT(?:\.[0-9]+)?(?:[KMGBT](?!MORE)|%))
    | (?P<float>INT\.[0-9]+(?:[eE][+-]?[0-9]+)?(?!MORE)|INT[eE][+-]?[0-9]+(?!MORE))
    | (?P<int>INT(?!MORE))
    | (?P<number>[0-9][A-Za-z_0-9]*(?:\.[0-9][A-Za-z_0-9]*){0,20})
    | (?P<string>"[^"\\\n]*")
    | (?P<comment>\#[^\n]*)
    | (?P<tab>\t+)
    | (?P<quote>")
    | (?P<other>.)
    )""".replace("INT", "[0-9]+(?:_[0-9]+){0,20}").replace("MORE", r"[A-Za-z_0-9]|\.[0-9]"),
    re.VERBOSE,
)
_NUMBERS = (INT, FLOAT, SIZE, FIGURE)
_IN_STRING = re.compile(r'["\\\n]')
# What a terminal would obey instead of showing: controls, line separators, changes of direction.
_UNSHOWN = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
# The arrow, and what is written for it.
ARROW = re.compile(r"-->|=>|[–—−]>|->|[→⇒⟶]")
# Signs that slides and word processors put in the place of others, and can mean nothing else.
_SAME = {
    "→": (MARK, "->"),
    "⇒": (MARK, "->"),
    "⟶": (MARK, "->"),
    "−": (MARK, "-"),
    "–": (MARK, "-"),
    "×": (NAME, "x"),
}
# What other languages have, and what is meant: the token to read on with, a hint.
_INSTEAD: dict[str, tuple[str, str, str]] = {
    "?": (INT, "1", "archcalc solve finds the value of a `?`"),
    "&": (NAME, "and", "conditions are joined by `and`"),
    "!": (NAME, "not", "a condition is turned round by `not`"),
    "\\": ("", "", "a line goes on where the next one begins with `->`, and in parentheses"),
    "{": ("", "", "the layers of a block or net are indented below it"),
}
# Behind `3x`: what is repeated.
_REPEATED = re.compile(r" *[A-Za-z_(@\[]")
_QUOTES = {"'": "'", "‘": "’", "“": "”", "„": "“"}


class Token(NamedTuple):
    """kind is one of the constants above; for marks, text is the mark."""

    kind: str
    text: str
    start: int
    end: int
    column: int


class SourceLine:
    """A logical line: its tokens, an end token last, and the column at which it starts."""

    __slots__ = ("column", "tokens")

    def __init__(self, column: int, tokens: list[Token]):
        self.column = column
        self.tokens = tokens


def lex(source: Source, diagnostics: Collector, unknowns: bool = False) -> list[SourceLine]:
    """Return the logical lines of a source. With ``unknowns`` a ``?`` is a name, ``?`` and its offset.

    Inside parentheses and brackets a newline is space; a line that begins with ``->`` continues
    the one above.
    """
    text = source.text
    lines: list[SourceLine] = []
    tokens: list[Token] = []
    depth = 0
    merging = [False]  # for each open parenthesis, whether a merge stands in it
    line_start = 0
    fresh = True  # nothing but space so far on this physical line
    first = 0  # index in tokens of the first one of this physical line
    tabbed = False
    new = tuple.__new__  # most of the time goes into tokens, and a NamedTuple's own is slower

    def complain(message: str, start: int, end: int, *help: str, code: str = "syntax") -> None:
        diagnostics.add(Diagnostic(code, message, Span(source, start, end), help=help))

    if len(text) > LONGEST_SOURCE:
        complain(f"the text is longer than {LONGEST_SOURCE:,} characters", 0, 1, code="limit")
        raise TooManyProblemsError

    at = 0
    while at >= 0:
        jump = 0  # where to read on, behind what no token is
        for match in _TOKEN.finditer(text, at):
            kind = match.lastgroup or ""
            start, end = match.span(kind)
            if kind == "newline":
                line_start = end
                fresh = True
                continue
            if kind == "comment":
                continue
            if kind == "tab":
                if fresh and not tabbed:
                    tabbed = True  # one is enough: where one line has a tab, most have
                    complain("a tab in the indentation", start, end, "indent with spaces")
                continue
            word = text[start:end]
            column = start - line_start + 1
            if fresh:
                fresh = False
                first = len(tokens)
                if not tokens:
                    pass
                elif depth == 0:
                    if not ARROW.fullmatch(word):
                        _finish(lines, tokens)
                        tokens, first = [], 0
                        merging = [False]
                elif (word == "|" and not merging[-1]) or (
                    column == 1 and word in ("net", "block", "default")
                ):
                    # No parenthesis goes on here: it was never closed, and reading on would blame
                    # the end of the file.
                    _finish(lines, tokens)
                    tokens, first, depth, merging = [], 0, 0, [False]
            if kind == "mark":
                if word[-1] == ">" and ARROW.fullmatch(word):
                    word = "->"
                if word in "([":
                    depth += 1
                    merging.append(False)
                elif word in ")]":
                    if depth:
                        depth -= 1
                        merging.pop()
                elif word == ":" and depth and first and first == len(tokens) - 1:
                    # A label begins a statement, so here too a parenthesis was never closed.
                    label = tokens.pop()
                    _finish(lines, tokens)
                    tokens, first, depth, merging = [label], 0, 0, [False]
            elif kind == "name":
                if end - start > LONGEST_NAME:
                    problem = f"a name of more than {LONGEST_NAME} letters"
                    complain(problem, start, end, code="limit")
                    word = word[:LONGEST_NAME]
                if depth and word in MERGES:
                    merging[-1] = True
            elif kind == "size":
                word = word.lower().replace("×", "x")
            elif kind == "point":
                kind, word = FLOAT, f"0{word}"
            elif kind == "string" or (kind == "quote" and (stop := _string_end(text, start)) > 0):
                if kind == "quote":
                    kind, jump = STRING, stop
                    word = text[start:stop]
                    end = stop
                hidden = _UNSHOWN.search(word)
                if hidden is not None:
                    at = start + hidden.start()
                    complain("a control character in a string", at, at + 1)
                    word = _UNSHOWN.sub(" ", word)
            elif kind == "quote":
                stop = text.find("\n", start)
                end = jump = stop if stop >= 0 else len(text)
                complain("a string without its closing quote", start, end)
                kind, word = STRING, '""'
            elif kind == "number":
                if word[-1] in "xX" and word[:-1].isdigit():
                    # `3x (…)` is a repeat; in front of a number it may be half a size.
                    if not _REPEATED.match(text, end):
                        help = "a repeat is written `3 x (…)`"
                        complain(f"`{word}` is no number", start, end, help)
                    digits = word[: min(len(word) - 1, LONGEST_NUMBER)]
                    tokens.append(Token(INT, digits, start, end - 1, column))
                    kind, word, start = NAME, "x", end - 1
                else:
                    help = "a size is written `3x3`, a repeat `3 x (…)`, a figure `1.8G`"
                    shown = word if len(word) <= LONGEST_NUMBER else f"{word[:LONGEST_NUMBER]}…"
                    complain(f"`{shown}` is neither a number nor a size", start, end, help)
                    kind, word = INT, "1"
            elif kind == "other" and word in " \f\xa0":
                continue  # the end of the text
            elif kind == "other" and unknowns and word == "?":
                kind, word = NAME, f"?{start}"
            elif kind == "other":
                if word in _QUOTES:
                    line_end = text.find("\n", start)
                    stop = text.find(_QUOTES[word], end, line_end if line_end >= 0 else len(text))
                    if stop >= 0:
                        hidden = _UNSHOWN.search(text, end, stop)
                        if hidden is not None:
                            at = hidden.start()
                            complain("a control character in a string", at, at + 1)
                        word = _UNSHOWN.sub(" ", text[end:stop]).replace("\\", "\\\\")
                        word = word.replace('"', '\\"')
                        end = stop + 1
                        tokens.append(Token(STRING, f'"{word}"', start, end, column))
                        jump = end
                        break
                if word in _SAME:
                    tokens.append(Token(*_SAME[word], start, end, column))
                    continue
                kind, instead, hint = _INSTEAD.get(word, ("", "", ""))
                complain(f"unexpected character {word!r}", start, end, *([hint] if hint else []))
                if not kind:
                    continue
                word = instead
            elif kind == "figure" and word[-1] == "%" and (not tokens or tokens[0].text != "report"):
                # Outside a report, what looks like a percentage is the operator.
                number = FLOAT if "." in word else INT
                tokens.append(Token(number, word[:-1], start, end - 1, column))
                kind, word, start = MARK, "%", end - 1
            elif end - start > LONGEST_NUMBER and kind in _NUMBERS and _too_many_digits(word):
                complain("a number with too many digits", start, end, code="limit")
                kind = INT
                word = "1"
            tokens.append(new(Token, (kind, word, start, end, column)))
            if jump:
                break
        at = jump or -1
    if tokens:
        _finish(lines, tokens)
    return lines


def _string_end(text: str, start: int) -> int:
    """Return where a string ends that may hold backslashes; -1 where it does not end on its line."""
    at = start + 1
    while (found := _IN_STRING.search(text, at)) is not None:
        if found[0] == '"':
            return found.end()
        if found[0] == "\n" or text[found.end() : found.end() + 1] not in ('"', "\\"):
            return -1
        at = found.end() + 1
    return -1


def _too_many_digits(word: str) -> bool:
    """Tell whether a number of a token, or what stands before or behind its point, is too long."""
    parts = re.split("[^0-9]+", word.replace("_", ""))
    return max(map(len, parts)) > LONGEST_NUMBER


def _finish(lines: list[SourceLine], tokens: list[Token]) -> None:
    end = tokens[-1].end
    column = tokens[0].column
    tokens.append(Token(END, "", end, end, column))
    lines.append(SourceLine(column, tokens))
