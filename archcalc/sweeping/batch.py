"""What comes of some designs: their quantities as columns, and why some of them are no networks."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import numpy as np


class Refusal(NamedTuple):
    """Why designs are no networks.

    code     the kind of fault, as of a diagnostic
    place    the text that it points at; empty where it points at none
    message  what is wrong with the first such design
    example  the number of that design
    """

    code: str
    place: str
    message: str
    example: int

    @property
    def kind(self) -> tuple[str, str]:
        """What refusals of one kind have in common, whatever their numbers."""
        return self.code, self.place


class DesignBatch(NamedTuple):
    """Quantities of designs, each a column with a row a design.

    numbers   the designs, as their space numbers them: int64, in ascending order
    columns   by quantity; int64, or objects where a number is beyond it, is no whole number, or is not
              known (None). Of a design that is no network they are 0 or None
    sizes     the output, channels last, a row a design; 0 in front where a design has fewer axes than others
    refused   int32: 0 where a design is a network, else n for ``refusals[n - 1]``
    refusals  why not
    holds     whether a network meets the condition; all of them without one
    """

    numbers: np.ndarray
    columns: dict[str, np.ndarray]
    sizes: np.ndarray
    refused: np.ndarray
    refusals: tuple[Refusal, ...]
    holds: np.ndarray

    def output(self, row: int) -> tuple[int, ...]:
        """The output of one design."""
        return tuple([int(n) for n in self.sizes[row] if n])

    def rows(self, which: np.ndarray) -> DesignBatch:
        """Some of the designs, by a mask or by their places in ascending order."""
        return self._replace(
            numbers=self.numbers[which],
            columns={name: column[which] for name, column in self.columns.items()},
            sizes=self.sizes[which],
            refused=self.refused[which],
            holds=self.holds[which],
        )
