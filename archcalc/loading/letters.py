"""Chains with letters in the place of numbers: ``m x n x 3 -> conv f x f k stride=s pad=p``.

A letter is one letter, perhaps with a number or a subscript: ``f``, ``k1``, ``C_in``. It stands where the
language wants a whole number. The chain is read with numbers in the place of the letters; which numbers
the layers accept is found by trying.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from random import Random
from typing import NamedTuple

from ..algebra.letter_numbers import LetterNumber, letter
from ..diagnostics import Collector, SpecError, TooManyProblemsError, fail
from ..language.expand import BUDGET, Expansion
from ..language.lexer import ARROW, MERGES
from ..language.library import Library
from ..language.parser import parse_one_liner
from ..source import Source
from . import N
from .inputs import written_in

# The signs of one chain, and its letters, at most.
LONGEST = 10_000
MOST_LETTERS = 16
# How many sets of numbers are tried for one that the layers accept.
TRIES = 400

_ONE = r"(?:(?![xX])[A-Za-zΑ-Ωα-ω])(?:_[A-Za-z0-9]{1,4}|_?[0-9]{1,2}|[₀-₉]{1,2})?"
_LETTER = re.compile(_ONE)
_TOKEN = re.compile(
    rf'(?P<string>"[^"\n]*")|(?P<comment>\#[^\n]*)|(?P<arrow>{ARROW.pattern})'
    r"|(?P<word>[^\W\d][\w₀-₉]*|\d[\w.]*)|(?P<sign>[^\s])"
)
# Words joined by signs between sizes: ``fxf``, ``mxnx3``, ``3xn``.
_JOINED = re.compile(rf"(?:\d+|{_ONE})(?:x(?:\d+|{_ONE}))+")
# Between numbers the sign of a size stands close, between letters it needs space.
_CROSS = re.compile(r"(?<=\d)(×)(?=\d)|(?:(?<!\s)\s+)?×\s*")
_PARTS = re.compile(rf"\d+|x(?=\d|{_ONE})|{_ONE}")


class LetterToken(NamedTuple):
    """A letter in the text of a chain.

    name   the letter
    start, end  where it stands
    before      the word before it, of an argument its name; empty for none
    head        whether it is a size of the input
    turns       whether it is a number of turns
    kernel      whether it is the first argument of a layer
    """

    name: str
    start: int
    end: int
    before: str
    head: bool
    turns: bool = False
    kernel: bool = False


class LetteredSource(Source):
    """A chain in which certain numbers stand for letters."""

    __slots__ = ("letters",)

    def __init__(self, text: str, letters: Mapping[int, LetterNumber]):
        super().__init__("<command line>", text)
        self.letters = letters

    def number(self, value: int) -> int:
        return self.letters.get(value, value)


class LetteredChain:
    """A chain with letters.

    text    as it was written
    places  its letters, in the order of the text
    names   the letters, each once
    turns   the letter that counts turns of a repeat; empty for none
    odd     the letters that stand for odd numbers alone
    heads   the letters of the input's size
    """

    def __init__(self, text: str, places: list[LetterToken]):
        self.text = text
        self.places = places
        self.names = list(dict.fromkeys([place.name for place in places]))
        counts = dict.fromkeys([place.name for place in places if place.turns])
        self.turns = next(iter(counts), "")
        if len(self.names) > MOST_LETTERS:
            raise fail("limit", f"a chain has {MOST_LETTERS} letters at most, and here are {len(self.names)}")
        if len(counts) > 1:
            raise fail(
                "argument",
                f"{' and '.join(counts)} both count turns: one letter can do that",
                "write the other as a number",
            )
        halves = re.search(r"\bhalf\b", text) is not None
        # Half of a kernel is the padding that keeps a size where the kernel is odd.
        self.odd = {place.name for place in places if place.kernel and halves}
        self.heads = {place.name for place in places if place.head}

    @classmethod
    def find(cls, target: str) -> LetteredChain | None:
        """Return the chain that a target is, None where it has no letters. Raises SpecError for a letter
        that means something else in the language."""
        if not ARROW.search(target) or len(target) > LONGEST:
            return None
        text = ARROW.sub("->", " ".join(target.split()))
        text = _CROSS.sub(lambda sign: "x" if sign[1] else " x ", text).replace("−", "-")
        places = list(_places(text))
        return cls(text, places) if places else None

    def with_numbers(self, values: Mapping[str, int]) -> str:
        """Return the chain with numbers for its letters."""
        text = self.text
        for place in reversed(self.places):
            text = text[: place.start] + str(values[place.name]) + text[place.end :]
        return text

    def load(self, kind: type[N], values: Mapping[str, int], layout: str = "hwc") -> N:
        """Return the network for certain numbers. Raises SpecError."""
        return kind.of(self.with_numbers(values), layout=layout)

    def in_letters(self, kind: type[N], values: Mapping[str, int], layout: str = "hwc") -> N:
        """Return the network whose numbers remember their letters: ``values`` are different numbers that
        stand nowhere else in the text. Raises SpecError."""
        known = {value: letter(name, value) for name, value in values.items() if name != self.turns}
        diagnostics = Collector()
        try:
            file = parse_one_liner(LetteredSource(self.with_numbers(values), known), diagnostics)
        except TooManyProblemsError:
            raise SpecError(diagnostics.items) from None
        diagnostics.check()
        net = file.nets[""]
        written_in(net, layout)
        graph = Expansion(Library(), diagnostics, BUDGET).network(net, {}, {})
        graph.metadata.name = self.text
        return kind(graph)

    # Numbers that the letters may stand for ----------------------------------------------------

    def bases(self) -> Iterator[dict[str, int]]:
        """Yield numbers for the letters, all different, and different from those in the text."""
        taken = {
            int(number) for number in re.findall(r"\d+", self.with_numbers(dict.fromkeys(self.names, 0)))
        }
        random = Random(1)
        for number in range(TRIES):
            used = set(taken)
            found: dict[str, int] = {}
            for name in self.names:
                choices: Sequence[int] = _BIG if name in self.heads and number < TRIES // 2 else _SMALL
                if number >= 40:
                    choices = range(41, 200) if name in self.heads else range(2, 40)
                if self._only(name, "stride", "pad", "dilation"):
                    choices = range(2, 8)
                free = [n for n in choices if n not in used and (n % 2 or name not in self.odd)]
                if not free:
                    free = [value for value in range(2, 300) if value not in used]
                found[name] = random.choice(free)
                used.add(found[name])
            yield found

    def samples(self, random: Random) -> Iterator[dict[str, int]]:
        """Yield numbers for the letters without end: small ones, equal ones, ones that fit, steps of 1."""
        while True:
            equal = random.random() < 0.25
            side = random.randint(4, 60)
            found = {}
            for name in self.names:
                if name == self.turns:
                    found[name] = random.randint(2, 7)
                elif name in self.odd:
                    found[name] = random.choice((1, 3, 3, 5, 7, 9))
                elif self._only(name, "pad"):
                    found[name] = random.randint(0, 4)
                elif self._only(name, "stride", "dilation"):
                    found[name] = random.choice((1, 2, 2, 3, 3, 4, 5))
                elif name in self.heads:
                    found[name] = side if equal else random.randint(4, 60)
                else:
                    found[name] = random.randint(1, 9) if random.random() < 0.6 else random.randint(2, 24)
            yield found

    def larger(self, name: str, value: int, random: Random) -> int:
        """Return a larger number in the place of one: odd where it is odd."""
        if name == self.turns or self._only(name, "pad", "stride", "dilation"):
            return value + random.randint(0, 3)
        return value + 2 * random.randint(10, 60) + (400 if name in self.heads else 0)

    def accepted(
        self, kind: type[N], wanted: int, seed: int = 0, layout: str = "hwc"
    ) -> list[tuple[dict[str, int], N]]:
        """Return sets of numbers that the layers accept, with their networks. Raises SpecError where none
        is found."""
        found: list[tuple[dict[str, int], N]] = []
        refused: SpecError | None = None
        samples = self.samples(Random(seed))
        for _ in range(TRIES):
            values = next(samples)
            try:
                found.append((values, self.load(kind, values, layout)))
            except SpecError as error:
                refused = refused or error
            if len(found) == wanted:
                break
        if not found:
            assert refused is not None
            raise self.refused(refused)
        return found

    def refused(self, error: SpecError) -> SpecError:
        """Return the error for a chain that accepts no numbers."""
        first = error.diagnostics[0]
        help = [f"numbers were put in for {', '.join(self.names)}, and the layers accept none"]
        if first.code == "name":
            help = ["a letter in the place of a number is one letter, as in `k`, `k1` or `C_in`"]
        if first.code == "syntax" and re.search(r"=\s*\([^()]*\)\s*[-+*/]", self.text):
            help = ["a calculation stands in brackets of its own, as in `pad=((f-1)/2)`"]
        first.help = (*first.help, *help)
        return SpecError([first])

    def _only(self, name: str, *arguments: str) -> bool:
        """Whether a letter stands for values of certain arguments, and for nothing else."""
        return all(place.before in arguments for place in self.places if place.name == name)


_BIG = (211, 223, 227, 229, 233, 239, 241, 251, 257, 263, 269, 271, 277, 281, 283, 293, 307, 311)
_SMALL = (5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43)


def lettered(target: str) -> bool:
    """Tell whether a target is a chain with letters. Raises SpecError as ``LetteredChain.find``."""
    return LetteredChain.find(target) is not None


def one_quantity(words: Sequence[str]) -> SpecError | None:
    """Return the error for words behind a chain in letters that are a second target or an expression of
    quantities; None where they are none."""
    for word in words:
        ask = word.partition("=")[0]
        if ARROW.search(word) or re.search(r"[(*/]|[\w)]\s+-\s", ask):
            return fail(
                "argument",
                "in letters one quantity of one chain is asked for, and no calculation of several",
                "with numbers in the place of the letters differences and quotients are worked out",
            )
    return None


def needs_numbers(target: str) -> SpecError | None:
    """Return the error for a target with letters where no formulas are made; None where its input has no
    letters. Raises SpecError as ``LetteredChain.find``."""
    chain = LetteredChain.find(target)
    if chain is None or not chain.heads:
        return None
    return fail(
        "argument",
        f"numbers are needed for {', '.join(chain.names)}",
        "`explain` gives formulas in letters, and `check` marks them",
    )


def _places(text: str) -> Iterator[LetterToken]:
    """Yield the letters of a chain."""
    from ..ops import registry

    arrow = ARROW.search(text)
    assert arrow is not None
    tokens = [one for one in _TOKEN.finditer(text) if one.lastgroup not in ("string", "comment")]
    words = {"": "", **dict.fromkeys(registry(), "")}
    layer = True  # whether a layer's name would stand here
    opened: list[bool] = []
    argument = ""
    position = 0  # among the arguments of a layer
    for number, token in enumerate(tokens):
        word, kind = token[0], token.lastgroup
        head = token.start() < arrow.start()
        after = tokens[number + 1][0] if number + 1 < len(tokens) else ""
        begins, layer = layer and not head, False
        if (
            kind == "word"
            and word not in ("x", "X")
            and number
            and tokens[number - 1][0] not in ("x", "X", "×")
        ):
            position = 0 if begins else position + 1
        if kind == "arrow" or word in ("|", ";"):
            layer, argument = True, ""
        elif word == "(":
            before = tokens[number - 1][0] if number else ""
            items = begins or before in ("x", "×", "X", *MERGES)
            opened.append(items)
            layer = items
        elif word == ")":
            layer = bool(opened and opened.pop() and after in ("|", ";"))
        elif kind != "word" or word in words:
            if word == "=" and kind == "sign":
                argument = tokens[number - 1][0]
            elif word in words:
                argument = ""
        elif after in ("=", ":") or (number and tokens[number - 1][0] in ("@", ".")) or after == ".":
            layer = after == ":"
        elif begins and after not in ("x", "X", "×"):
            argument = ""
        elif word in ("x", "X"):
            layer = begins or (number >= 2 and _begins(tokens, number))
            if argument and number and tokens[number - 1][0] == "=":
                raise fail(
                    "argument",
                    f"`{word}` is the sign between sizes, and no letter for a value",
                    f"call the value of {argument} by another letter",
                )
        elif _LETTER.fullmatch(word):
            turns = begins and after in ("x", "X", "×")
            kernel = position == 1 and not argument and not head
            yield LetterToken(word, token.start(), token.end(), argument, head, turns, kernel)
            argument = argument if turns else ""
        elif _JOINED.fullmatch(word):
            for part in _PARTS.finditer(word):
                if part[0] != "x" and not part[0].isdigit():
                    start = token.start() + part.start()
                    kernel = position == 1 and not argument and not head
                    yield LetterToken(part[0], start, start + len(part[0]), argument, head, False, kernel)


def _begins(tokens: list[re.Match[str]], number: int) -> bool:
    """Whether the sign at a place stands behind a count of turns: an item begins behind it."""
    return tokens[number - 2].lastgroup == "arrow" and tokens[number - 1].lastgroup == "word"
