"""Protocol buffers in their text form, which Caffe writes: fields by name, with the place of each.

Source: https://protobuf.dev/reference/protobuf/textformat-spec
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from ....diagnostics import nearest
from ....source import Source, Span
from .. import refused

# One token: a string, a name or number, or a sign; spaces, and a comment up to the end of its line.
_TOKEN = re.compile(r"""\s+|#[^\n]*|[{}<>\[\]:,;]|"[^"\n\\]*"|'[^'\n\\]*'|[^\s{}<>\[\]:,;"'#]+""")
# A number with a point, as the format writes it: 1e-05, .5, 2., 0.1f.
_DECIMAL = re.compile(r"[+-]?(?:[0-9]{1,12}(?:\.[0-9]{0,20})?|\.[0-9]{1,20})(?:[eE][+-]?[0-9]{1,2})?f?")
_DEEPEST = 50
_MOST_FIELDS = 500_000


@dataclass
class Message:
    """Fields in their order; a field may stand several times."""

    span: Span
    fields: dict[str, list[FieldValue]] = field(default_factory=dict)
    asked: set[str] = field(default_factory=set)

    def all(self, name: str) -> list[FieldValue]:
        """The values of a field."""
        self.asked.add(name)
        return self.fields.get(name, [])

    def misspelled(self) -> Iterator[tuple[str, str]]:
        """Yield the fields that nobody has read and that are called nearly as one that is read and is not
        here: the field, and that name. Fillers, which only training needs, are none of them."""
        missing = self.asked.difference(self.fields)
        for name in self.fields:
            passed = name in self.asked or name.endswith("_filler")
            near = None if passed else nearest(name, missing)
            if near is not None:
                yield name, near

    def first(self, name: str) -> FieldValue | None:
        """The last value of a field that stands once: it holds, as in the format itself."""
        found = self.all(name)
        return found[-1] if found else None

    def messages(self, *names: str) -> Iterator[Message]:
        """The messages below the fields of these names. Raises SpecError for a plain value."""
        for name in names:
            for one in self.all(name):
                if not isinstance(one.value, Message):
                    raise refused(f"`{name}` is a message in braces", one.span)
                yield one.value

    def message(self, name: str) -> Message:
        """The message below a field; an empty one where there is none."""
        return next(iter(list(self.messages(name))[-1:]), Message(self.span))

    def text(self, name: str, default: str = "") -> str:
        """A field that is a word or a string. Raises SpecError."""
        found = self.first(name)
        if found is None:
            return default
        if not isinstance(found.value, str):
            raise refused(f"`{name}` is a plain value", found.span)
        return found.value

    def texts(self, name: str) -> list[str]:
        """A field that stands several times. Raises SpecError."""
        return [Message(self.span, {name: [one]}).text(name) for one in self.all(name)]

    def place(self, name: str) -> Span:
        """Where a field stands; the message where it has none."""
        found = self.first(name)
        return found.span if found is not None else self.span

    def numbers(self, name: str, least: int = 0) -> list[int]:
        """A field of whole numbers, as many as there are. Raises SpecError."""
        found = []
        for one in self.all(name):
            if not isinstance(one.value, str) or not re.fullmatch(r"-?\d{1,10}", one.value):
                raise refused(f"`{name}` is no whole number", one.span)
            value = int(one.value)
            if not least <= value <= 10**9:
                raise refused(f"`{name}` is {value}, and not between {least} and 1,000,000,000", one.span)
            found.append(value)
        return found

    def number(self, name: str, default: int, least: int = 0) -> int:
        """A field that is a whole number. Raises SpecError."""
        return (self.numbers(name, least) or [default])[-1]

    def true(self, name: str, default: bool) -> bool:
        """A field that is true or false. Raises SpecError."""
        text = self.text(name, "true" if default else "false").lower()
        if text not in ("true", "false", "t", "f", "1", "0"):
            raise refused(f"`{name}` is true or false", self.place(name))
        return text in ("true", "t", "1")

    def decimal(self, name: str, default: str) -> Fraction:
        """A field that is a number with a point. Raises SpecError."""
        return decimals(self, name)[-1] if self.all(name) else Fraction(default)

    def word(self, name: str, words: Sequence[str], default: str) -> str:
        """A field that is one of some words; the format takes the number of a word too. Raises SpecError."""
        text = self.text(name, default)
        found = {**{str(at): word for at, word in enumerate(words)}, **{word: word for word in words if word}}
        if not found.get(text.upper()):
            raise refused(
                f"`{name}` is one of {', '.join(filter(None, words))}, and not `{text[:40]}`",
                self.place(name),
            )
        return found[text.upper()]


def decimals(message: Message, name: str) -> list[Fraction]:
    """Return the values of a field of numbers with a point. Raises SpecError."""
    found = []
    for one in message.all(name):
        if not isinstance(one.value, str) or not _DECIMAL.fullmatch(one.value):
            raise refused(f"`{name}` is no number", one.span)
        found.append(Fraction(one.value.rstrip("f")))
    return found


@dataclass
class FieldValue:
    """A value, and where it stands with its name."""

    value: str | Message
    span: Span


class _Token:
    __slots__ = ("text", "start", "end")

    def __init__(self, text: str, start: int, end: int):
        self.text = text
        self.start = start
        self.end = end


def _tokens(source: Source) -> Iterator[_Token]:
    text, at = source.text, 0
    while at < len(text):
        found = _TOKEN.match(text, at)
        if found is None:
            raise refused("a string that does not end on its line", Span(source, at, at + 1))
        if not found[0][0].isspace() and found[0][0] != "#":
            yield _Token(found[0], at, found.end())
        at = found.end()


def parsed(source: Source) -> Message:
    """Read a text.

    Args:
        source: The text.

    Returns:
        The outermost message.

    Raises:
        SpecError: Where it is no such text, or a very deep or very long one.
    """
    tokens = _tokens(source)
    whole = Message(Span(source, 0, 0))
    open_messages: list[tuple[Message, str, _Token]] = [(whole, "", _Token("", 0, 0))]
    count = 0
    token = next(tokens, None)
    while token is not None:
        current, closing, _ = open_messages[-1]
        if token.text in (",", ";"):
            token = next(tokens, None)
            continue
        if token.text == closing and closing:
            open_messages.pop()
            token = next(tokens, None)
            continue
        if not re.fullmatch(r"[A-Za-z_]\w*", token.text):
            raise refused(f"a field has a name, and not `{token.text[:40]}`", _span(source, token, token))
        count += 1
        if count > _MOST_FIELDS:
            raise refused(f"the file has more than {_MOST_FIELDS:,} fields", _span(source, token, token))
        name, value = token, next(tokens, None)
        colon = value is not None and value.text == ":"
        if colon:
            value = next(tokens, None)
        if value is None:
            raise refused(f"`{name.text}` has no value", _span(source, name, name))
        if value.text in "{<":
            if len(open_messages) > _DEEPEST:
                raise refused("messages stand too deep in each other", _span(source, name, name))
            below = Message(_span(source, name, name))
            current.fields.setdefault(name.text, []).append(FieldValue(below, below.span))
            open_messages.append((below, "}" if value.text == "{" else ">", name))
        elif not colon or value.text in "}>:,;]":
            raise refused(f"`{name.text}` has no value", _span(source, name, value))
        elif value.text == "[":
            for item in iter(lambda: next(tokens, None), None):
                if item.text == "]":
                    break
                if item.text != ",":
                    _keep(source, current, name, item)
            else:
                raise refused(f"the list of `{name.text}` has no end", _span(source, name, name))
        else:
            _keep(source, current, name, value)
        token = next(tokens, None)
    if len(open_messages) > 1:
        last = open_messages[-1][2]
        raise refused(f"`{last.text}` has no closing brace", _span(source, last, last))
    return whole


def _keep(source: Source, message: Message, name: _Token, value: _Token) -> None:
    text = value.text[1:-1] if value.text[0] in "\"'" else value.text
    message.fields.setdefault(name.text, []).append(FieldValue(text, _span(source, name, value)))


def _span(source: Source, first: _Token, last: _Token) -> Span:
    return Span(source, first.start, last.end)
