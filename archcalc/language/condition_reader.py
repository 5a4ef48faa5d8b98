"""Reading conditions on the quantities of a network, ``macs < 1G and not family = resnet``, and what is
computed of them, ``params(conv1) / params(total)``.

Its operators are those of the language, `precedence` says how tightly they bind:

comparison  = sum {("<" | "<=" | "=" | "==" | "!=" | ">=" | ">") sum}
operand     = NUMBER | "-" operand | [PLACE "."] QUANTITY | QUANTITY "(" PLACE ")" | TEXT
            | "percent" "(" sum ")" | "(" condition ")"

A number may end in K, M, G, T or a unit of memory. Comparisons chain: ``1M < params <= 5M`` are
two. A text is a word or stands in quotes; case, ``-`` and ``_`` do not matter in it. What a network
does not have, a year for one, is not equal to, less or greater than anything.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any, NamedTuple, NoReturn

from ..amounts import CONDITION_NUMBERS
from ..arithmetic import RuleNumber, value_of
from ..diagnostics import Diagnostic, SpecError, did_you_mean, nearest
from ..source import Source, Span
from .bounds import Bounds
from .condition_columns import COMPARE, UNMEASURED, apart, combined, compared, missed
from .condition_parts import (
    NUMBER,
    TEXT,
    TRUTH,
    WORD,
    ConditionComparison,
    ConditionPart,
    all_of,
    loosely,
    loosely_rows,
    one_of,
    turned_round,
    undecided,
)
from .precedence import PrecedenceReader
from .zoo_path import normal

LONGEST = 4096
MOST_DIGITS = 40
DEEPEST = 64
# A hundred times what stands in brackets behind it.
PERCENT = "percent"

_TOKEN = re.compile(
    r"""\s*(?:
      (?P<name>[^\W\d]\w*(?:\.\w+)*)
    | (?P<number>\d[\w.]*)
    | (?P<text>"[^"]*"|'[^']*')
    | (?P<mark><=|>=|==|!=|[-+*/<>=()≤≥≠])
    | (?P<end>\Z)
    | (?P<other>&&|\|\||.)
    )""",
    re.VERBOSE,
)
# The sizes of a volume: equal to an output, or not.
_VOLUME = re.compile(r"(?<!\d)\d+(?:x\d+)+")
_SAME = {"≤": "<=", "≥": ">=", "≠": "!=", "==": "="}
_HINTS = {
    "&": "conditions are joined by `and`",
    "&&": "conditions are joined by `and`",
    "|": "conditions are joined by `or`",
    "||": "conditions are joined by `or`",
    "!": "a condition is turned round by `not`",
    ",": "`_` groups the digits of a number, as in 1_000_000",
    "%": "`top1` and `top5` are in per cent: 75 is enough",
}


class ConditionToken(NamedTuple):
    kind: str
    text: str
    span: Span


class ConditionReader(PrecedenceReader[ConditionToken, ConditionPart]):
    """Reads what conditions and calculations are made of; both have their own kind of a whole.

    text     as written
    numbers  the quantities that are numbers
    texts    those that are texts, each with the values it can have
    called   other names of them, each with the one that the records have
    placed   what ``conv1.params`` is called in the records; it raises SpecError for what is not there
    option   where the text is from, for messages
    named    the quantities that it names, in their order
    written  how each of them is written
    comparisons  those that it is made of, in their order

    Raises SpecError that points at the place.
    """

    whole_called = "the condition"

    def __init__(
        self,
        text: str,
        numbers: Sequence[str],
        texts: Mapping[str, Sequence[str]] | None = None,
        called: Mapping[str, str] | None = None,
        placed: Callable[[str], str] | None = None,
        option: str = "--where",
    ):
        self.text = text
        self._placed = placed
        self.comparisons: list[ConditionComparison] = []
        self._source = Source(option, text)
        self._kinds = {**dict.fromkeys(texts or {}, TEXT), **dict.fromkeys(numbers, NUMBER)}
        self._names = {normal(word): name for word, name in (called or {}).items()}
        self._names.update({normal(name): name for name in self._kinds})
        self._texts = texts or {}
        self.named: list[str] = []
        self.written: dict[str, str] = {}
        self._depth = 0
        self._at = 0
        if len(text) > LONGEST:
            start = Span(self._source, 0, 1)
            self._fail(f"longer than {LONGEST:,} characters", start, code="limit")
        self._tokens = self._lex()
        whole = self.expression()
        if self.token().kind != "end":
            help = []
            if whole.kind == TRUTH:
                help = ["conditions are joined by `and` and `or`", "a text of several words stands in quotes"]
            self._unexpected("the end" if whole.kind == TRUTH else self.whole_wanted, *help)
        self._whole = self.complete(whole)

    # What may stand behind a number that is the whole.
    whole_wanted = "a comparison"

    def complete(self, whole: ConditionPart) -> ConditionPart:
        """Return all that was read, which must be of the right kind."""
        raise NotImplementedError

    # Tokens ----------------------------------------------------------------------------------

    def _lex(self) -> list[ConditionToken]:
        tokens = []
        for match in _TOKEN.finditer(self._source.text):
            kind = match.lastgroup or ""
            span = Span(self._source, *match.span(kind))
            word = match[kind]
            if kind == "other":
                if word in "\"'":
                    self._fail("a text without its closing quote", span)
                hint = _HINTS.get(word)
                self._fail(f"unexpected character {word!r}", span, *([hint] if hint else []))
            tokens.append(ConditionToken(kind, _SAME.get(word, word), span))
            if kind == "end":
                break
        return tokens

    def _fail(self, message: str, span: Span, *help: str, code: str = "syntax") -> NoReturn:
        raise SpecError([Diagnostic(code, message, span, help=help)])

    def _unexpected(self, wanted: str, *help: str) -> NoReturn:
        token = self.token()
        found = f"{self.whole_called} ends" if token.kind == "end" else f"found `{token.text}`"
        self._fail(f"expected {wanted}, {found}", token.span, *help)

    # Grammar ---------------------------------------------------------------------------------

    def token(self) -> ConditionToken:
        return self._tokens[self._at]

    def operator(self) -> str:
        token = self.token()
        return token.text.lower() if token.kind in ("mark", "name") else ""

    def take_operator(self, left: ConditionPart | None, chained: bool) -> ConditionToken:
        sign = self.token()
        self._at += 1
        if left is None:
            self._deeper(sign)
        elif sign.text.lower() in ("and", "or"):
            self._truth(left)
        return sign

    def negated(self, sign: ConditionToken, operand: ConditionPart) -> ConditionPart:
        self._depth -= 1
        return turned_round(sign.span, self._truth(operand))

    def joined(
        self,
        start: ConditionToken,
        left: ConditionPart,
        sign: ConditionToken,
        right: ConditionPart,
        middle: ConditionPart | None,
    ) -> ConditionPart:
        operator = sign.text.lower()
        if operator in ("and", "or"):
            join = all_of if operator == "and" else one_of
            return join(self._truth(left), self._truth(right))
        if operator not in COMPARE:
            return self._arithmetic(left, sign, right)
        if middle is None:
            return self._compared(left, sign, right)
        return all_of(left, self._compared(middle, sign, right))

    def operand(self) -> ConditionPart:
        token = self.token()
        if token.kind == "end" or token.text.lower() in ("and", "or", "not"):
            self._unexpected("a quantity or a number")
        self._at += 1
        if token.kind == "number" and _VOLUME.fullmatch(token.text):
            return ConditionPart(TEXT, token.span, lambda record: token.text, rows=lambda columns: token.text)
        if token.kind == "number":
            number = self._number(token)
            exact = Bounds.exactly(number)
            return ConditionPart(
                NUMBER, token.span, lambda record: number, lambda record: exact, rows=lambda columns: number
            )
        if token.kind == "text":
            text = token.text[1:-1]
            return ConditionPart(TEXT, token.span, lambda record: text, rows=lambda columns: text)
        if token.kind == "name":
            return self._name(token)
        if token.text == "-":
            self._deeper(token)
            nothing = Bounds.exactly(0)
            zero = ConditionPart(
                NUMBER, token.span, lambda record: 0, lambda record: nothing, rows=lambda columns: 0
            )
            found = self._arithmetic(zero, token, self.operand())
            self._depth -= 1
            return found
        if token.text != "(":
            self._at -= 1
            self._unexpected("a quantity or a number")
        self._deeper(token)
        inner = self.expression()
        self._closed()
        self._depth -= 1
        return inner

    def _deeper(self, token: ConditionToken) -> None:
        self._depth += 1
        if self._depth > DEEPEST:
            self._fail(f"nested more than {DEEPEST} deep", token.span, code="limit")

    def _number(self, token: ConditionToken) -> int | Fraction:
        number = CONDITION_NUMBERS.value(token.text.replace("µ", "u").replace("μ", "u"))
        if number is None:
            self._fail(
                f"`{token.text}` is no number",
                token.span,
                "numbers may end in K, M, G, T, in KB … TB or KiB … TiB",
            )
        if sum(map(str.isdigit, token.text.lower().partition("e")[0])) > MOST_DIGITS:
            self._fail("a number with too many digits", token.span, code="limit")
        return number.numerator if number.denominator == 1 else number

    def _name(self, token: ConditionToken) -> ConditionPart:
        name = self._names.get(normal(token.text))
        reads = name is not None or self._placed is not None or token.text.lower() == PERCENT
        if reads and self.token().text == "(" and "." not in token.text:
            return self._of(token)
        if name is None and "." in token.text and self._placed is not None:
            name = self._place(token)
        if name is None:
            return ConditionPart(WORD, token.span, lambda record: token.text, rows=lambda columns: token.text)
        return self._quantity(name, token.span)

    def _quantity(self, name: str, span: Span) -> ConditionPart:
        """A quantity of the records."""
        if name not in self.named:
            self.named.append(name)
            self.written[name] = span.text
        return ConditionPart(
            self._kinds.get(name) or self._kinds.get(name.rpartition(".")[2], NUMBER),
            span,
            lambda record: record.get(name),
            lambda record: record.get(name, Bounds()),
            named=(name,),
            rows=lambda columns: columns[name],
        )

    def _of(self, token: ConditionToken) -> ConditionPart:
        """``params(conv1)``, which is ``conv1.params``; ``percent(…)``, which is a hundred times it."""
        opened = self.token()
        self._at += 1
        if token.text.lower() == PERCENT:
            self._deeper(opened)
            inner = self._number_part(self.expression())
            self._closed()
            self._depth -= 1
            hundred = Bounds.exactly(100)
            times = ConditionToken("mark", "*", token.span)
            factor = ConditionPart(
                NUMBER, token.span, lambda record: 100, lambda record: hundred, rows=lambda columns: 100
            )
            return self._arithmetic(factor, times, inner)._replace(span=token.span.to(inner.span))
        place = self.token()
        if place.kind != "name":
            self._unexpected("a layer", "as in `params(conv1)`, or `params(total)`")
        self._at += 1
        end = self._closed()
        span = token.span.to(end.span)
        if self._placed is None:
            self._fail("there are quantities of whole networks here, and none of layers", place.span)
        return self._quantity(self._place(ConditionToken("name", f"{place.text}.{token.text}", span)), span)

    def _closed(self) -> ConditionToken:
        if self.operator() != ")":
            self._unexpected("`)`")
        self._at += 1
        return self._tokens[self._at - 1]

    def _place(self, token: ConditionToken) -> str:
        """Return what a quantity of a place is called in the records."""
        assert self._placed is not None
        try:
            return self._placed(token.text)
        except SpecError as error:
            first = error.diagnostics[0]
            self._fail(first.message, token.span, *first.help, code=first.code)

    # Kinds -----------------------------------------------------------------------------------

    def _no_quantity(self, part: ConditionPart, *help: str) -> NoReturn:
        word = part.span.text
        self._fail(
            f"no quantity is called `{word}`",
            part.span,
            *did_you_mean(word.lower(), [*self._kinds, *self._names]),
            *help,
            f"there are {', '.join(self._kinds)}",
            code="name",
        )

    def _truth(self, part: ConditionPart) -> ConditionPart:
        """Return the part, which must be a condition."""
        if part.kind == WORD:
            self._no_quantity(part)
        if part.kind != TRUTH:
            example = "as in `family = resnet`" if part.kind == TEXT else "as in `macs < 1G`"
            self._fail(f"`{part.span.text}` is {part.kind}, and no condition", part.span, example)
        return part

    def _number_part(self, part: ConditionPart, *help: str) -> ConditionPart:
        """Return the part, which must be a number."""
        if part.kind == WORD:
            self._no_quantity(part, *help)
        if part.kind != NUMBER:
            self._fail(f"`{part.span.text}` is {part.kind}, and no number", part.span)
        return part

    def _arithmetic(self, left: ConditionPart, sign: ConditionToken, right: ConditionPart) -> ConditionPart:
        help = f"a text with `{sign.text}` in it stands in quotes"
        parts = [self._number_part(part, help) for part in (left, right)]
        one, other = (part.value for part in parts)

        def value(record: Mapping[str, Any]) -> Any:
            a, b = one(record), other(record)
            if a is None or b is None or (sign.text == "/" and value_of(b) == 0):
                return None
            if sign.text == "/":
                return a / b if isinstance(a, RuleNumber) or isinstance(b, RuleNumber) else Fraction(a) / b
            return a + b if sign.text == "+" else a - b if sign.text == "-" else a * b

        def known(record: Mapping[str, Bounds]) -> Bounds:
            a, b = (part.known(record) for part in parts)
            return a.combined(sign.text, b)  # type: ignore[no-any-return]

        return ConditionPart(
            NUMBER,
            left.span.to(right.span),
            value,
            known,
            named=left.named + right.named,
            rows=lambda columns: combined(sign.text, *(part.rows(columns) for part in parts)),
        )

    def _compared(self, left: ConditionPart, sign: ConditionToken, right: ConditionPart) -> ConditionPart:
        one, other = left.value, right.value
        compare = COMPARE[sign.text]
        known = undecided
        sides = left.rows, right.rows
        if TEXT in (left.kind, right.kind):
            self._texts_compared(left, sign, right)
            one, other = loosely(one), loosely(other)
            sides = loosely_rows(left.rows), loosely_rows(right.rows)
        else:
            self._number_part(left), self._number_part(right)
            self.comparisons.append(ConditionComparison(left, sign.text, right))
            known = self.comparisons[-1].holds

        def value(record: Mapping[str, Any]) -> bool:
            a, b = one(record), other(record)
            if a is None or b is None or isinstance(a, str) is not isinstance(b, str):
                return False
            return bool(compare(a, b))

        def gap(record: Mapping[str, Any]) -> Fraction:
            a, b = one(record), other(record)
            if value(record):
                return Fraction(0)
            if isinstance(a, str) or isinstance(b, str) or a is None or b is None:
                return UNMEASURED  # more than numbers can miss by
            return apart(a, b)

        def rows(columns: Mapping[str, Any]) -> Any:
            return compared(sign.text, sides[0](columns), sides[1](columns))

        def gaps(columns: Mapping[str, Any]) -> Any:
            return missed(sides[0](columns), sides[1](columns), rows(columns))

        ceiling = left if sign.text in ("<", "<=") else right if sign.text in (">", ">=") else None
        fixed = right if ceiling is left else left
        bounded = ceiling is not None and self._is_quantity(ceiling) and self._is_fixed(fixed)
        lost = (lambda record: not value(record)) if bounded else (lambda record: False)
        return ConditionPart(TRUTH, left.span.to(right.span), value, known, gap, lost, rows=rows, gaps=gaps)

    def _is_quantity(self, part: ConditionPart) -> bool:
        """Tell whether a part is a quantity and nothing else."""
        return part.kind == NUMBER and normal(part.span.text) in self._names

    @staticmethod
    def _is_fixed(part: ConditionPart) -> bool:
        """Tell whether a part is a number as written."""
        return part.kind == NUMBER and part.span.text[:1].isdigit()

    def _texts_compared(self, left: ConditionPart, sign: ConditionToken, right: ConditionPart) -> None:
        """Complain of what a text cannot be compared with."""
        for part, other in ((left, right), (right, left)):
            if part.kind not in (TEXT, WORD):
                self._fail(f"`{other.span.text}` is a text, `{part.span.text}` {part.kind}", part.span)
            known = self._texts.get(self._names.get(normal(other.span.text), ""))
            if not known or self._names.get(normal(part.span.text)) is not None:
                continue
            word = part.value({})
            if normal(word) not in {normal(text) for text in known}:
                near = nearest(normal(word), {normal(text): text for text in known})
                meant = [f"did you mean `{text}`?" for text in known if normal(text) == near]
                what = other.span.text.lower()
                self._fail(f"no {what} is called `{word}`", part.span, *meant[:1], code="name")
        if sign.text not in ("=", "!="):
            self._fail("texts are equal or not: `=`, `!=`", sign.span)
