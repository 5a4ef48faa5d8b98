"""Blocks of a sheet that show how a figure comes about."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from .lines import Line
from .screens.formulas import formula_pair, signs_of
from .sheet import PAGE, NotesBlock, SheetBlock, Space, TextBlock

if TYPE_CHECKING:
    from ..analysis.derivation import Formula
    from ..arithmetic import Expression


class Step(NamedTuple):
    """A formula of a working: whether it says what it makes, and what it comes to, in words.

    Of a formula in somebody's own letters, ``forms`` are the ways of writing it, and there are no numbers.
    """

    formula: Formula
    named: bool
    result: str
    forms: tuple[Expression, ...] = ()

    @property
    def texts(self) -> tuple[str, ...]:
        """The formula in symbols, and below it in numbers with its result, sign below sign."""
        if self.forms:
            signs = signs_of(PAGE)
            signs = signs._replace(more="", times=signs.close)
            name = f"{self.formula.of} = " if self.named and self.formula.of else ""
            first, *more = ["".join([token[0] for token in signs.tokens(form)]) for form in self.forms]
            return f"{name}{first}", *[f"{'= ':>{len(name)}}{text}" for text in more]
        above, below = formula_pair(self.formula, PAGE, self.named)
        sign = "" if self.named and self.formula.of else "  "
        return f"{sign}{above.rstrip()}", f"{'= ' if sign else ''}{below} = {self.result}"


class WorkingBlock(SheetBlock):
    """The formulas of a quantity, the numbers put in, the result.

    quantity  what it is
    answer    what it comes to, in words
    steps     its formulas
    notes     what is to be known of it
    source    where its rule is from
    """

    kind = "working"

    def __init__(self, quantity: str, answer: str, steps: Sequence[Step], notes: Sequence[str], source: str):
        self.quantity = quantity
        self.answer = answer
        self.steps = steps
        self.notes = notes
        self.source = source

    def lines(self, space: Space, edge: int) -> Iterator[Line]:
        """The working as lines."""
        yield [(self.quantity, "title"), ("  ", ""), (self.answer, "title")]
        for step in self.steps:
            for text in step.texts:
                yield [(f"  {text}", "")]
        for note in [*self.notes, *([f"from {self.source}"] if self.source else [])]:
            yield [(f"  {note}", "aside")]
        yield []

    def as_text(self) -> TextBlock:
        """The working as plain lines, for formats without a way of their own to show it."""
        return TextBlock(lambda space: self.lines(space, 0))


class Legend(SheetBlock):
    """The meanings of the symbols of formulas.

    symbols  each with its meaning
    parts    the same in words, symbols of the same meaning together
    """

    kind = "legend"

    def __init__(self, symbols: Mapping[str, str], parts: Sequence[str]):
        self.symbols = symbols
        self.parts = parts

    def lines(self, space: Space, edge: int) -> Iterator[Line]:
        """The legend as notes."""
        return self.as_notes().lines(space, edge)

    def as_notes(self) -> NotesBlock:
        """The legend as notes, for formats without a way of their own to show it."""
        return NotesBlock(self.parts)
