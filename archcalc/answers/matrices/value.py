"""Matrices as values of questions: immutable, comparable, and written as a student writes them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from typing import Any, NamedTuple

from ...values.planes import planes_of

# Decimals that a fraction may have to be written with a point; and significant digits of a float.
MOST_DECIMALS, FLOAT_DIGITS = 6, 6


class CellPosition(NamedTuple):
    """The position of a cell, counted from 0."""

    channel: int
    row: int
    column: int


@dataclass(frozen=True)
class MatrixValue:
    """One matrix, or one for each channel.

    shape  channels, rows, columns
    cells  ints, Fractions that are not whole, or floats: channel by channel and row by row
    """

    shape: tuple[int, int, int]
    cells: tuple[Any, ...]

    @classmethod
    def of_array(cls, x: Any, sequence: bool = False) -> MatrixValue:
        """The value of an array, channels last; see ``planes_of``."""
        planes = planes_of(x, sequence)
        cells = [cell for plane in planes for cell in plane.ravel().tolist()]
        return cls((len(planes), *planes[0].shape), tuple(cells))

    @property
    def exact(self) -> bool:
        """Whether no cell is a float."""
        return not any(isinstance(cell, float) for cell in self.cells)

    @property
    def single(self) -> bool:
        """Whether it has one cell."""
        return len(self.cells) == 1

    @property
    def size(self) -> str:
        """Rows and columns as a reader has them: ``3x3``, ``3x3 in 2 channels``."""
        return size_words(self.shape)

    def positions(self) -> Iterator[CellPosition]:
        """The positions of the cells, in their order."""
        for at in product(*map(range, self.shape)):
            yield CellPosition(*at)

    def place(self, at: CellPosition) -> str:
        """A position for a reader: ``(0, 2)``; of several channels ``(0, 2) of channel 1``."""
        behind = f" of channel {at.channel + 1}" if self.shape[0] > 1 else ""
        return f"({at.row}, {at.column}){behind}"

    def rows(self) -> list[list[list[Any]]]:
        """The cells as nested lists: channels, rows, columns."""
        channels, rows, columns = self.shape
        each = iter(self.cells)
        return [[[next(each) for _ in range(columns)] for _ in range(rows)] for _ in range(channels)]

    def plain(self) -> Any:
        """As JSON has it: nested lists, fractions as texts; one number for one cell."""
        made = [[[_plain(cell) for cell in row] for row in plane] for plane in self.rows()]
        if self.single:
            return made[0][0][0]
        return made[0] if len(made) == 1 else made

    def bracketed(self) -> str:
        """As Python writes nested lists: ``[[1, 2], [3, 4]]``."""
        planes = []
        for plane in self.rows():
            rows = [f"[{', '.join(map(number_text, row))}]" for row in plane]
            planes.append(f"[{', '.join(rows)}]")
        return planes[0] if len(planes) == 1 else f"[{', '.join(planes)}]"

    def __str__(self) -> str:
        planes = ["; ".join([" ".join(map(number_text, row)) for row in plane]) for plane in self.rows()]
        return " | ".join(planes)


def size_words(shape: Sequence[int]) -> str:
    """Rows and columns as a reader has them, with the channels where there are several."""
    channels, rows, columns = shape
    return f"{rows}x{columns}" + (f" in {channels} channels" if channels > 1 else "")


def number_text(value: Any) -> str:
    """A number as a student writes it: ``-3``, ``0.25``, ``1/3``, ``0.0900306``."""
    if isinstance(value, float):
        return f"{value:.{FLOAT_DIGITS}g}"
    if isinstance(value, Fraction):
        scaled = value * 10**MOST_DECIMALS
        if scaled.denominator == 1:
            sign, digits = "-" if scaled < 0 else "", str(abs(scaled.numerator)).rjust(MOST_DECIMALS + 1, "0")
            return f"{sign}{digits[:-MOST_DECIMALS]}.{digits[-MOST_DECIMALS:]}".rstrip("0").rstrip(".")
    return str(value)


def _plain(cell: Any) -> Any:
    return str(cell) if isinstance(cell, Fraction) else cell
