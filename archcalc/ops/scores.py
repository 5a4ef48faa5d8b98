"""What every attention computes: scores, their softmax, and the sums that they weight."""

from __future__ import annotations

from ..arithmetic import Number
from ..periodic import LONGEST, Periodic, PeriodTooLongError, affine
from .facts import OperationCounts
from .window import Window, worked_out


def score_operations(
    rows: Number, read: Number, products: Number, sums: Number, scaled: bool = True, added: bool = False
) -> OperationCounts:
    """The operations behind queries, keys and values.

    Args:
        rows: Queries of all heads: each has a row of scores, and a softmax over it.
        read: Scores in a row.
        products: Multiply-adds of the scores and of the sums that they weight.
        sums: Values of the weighted sums.
        scaled: Whether each score is multiplied by a factor.
        added: Whether a mask or a bias is added to each score.
    """
    scores, others = rows * read, rows * (read - 1)
    return OperationCounts(
        mul_add=products,
        mul=scores if scaled else 0,
        add=others + scores if added else others,
        compare=others,
        div=scores,
        special=scores,
        outputs=scores + sums,
    )


class BlockWindow(Window):
    """The window of attention within blocks that lie side by side: all positions of the unit's block, or,
    with ``causal``, those up to its own."""

    def __init__(self, size: Number, block: Number, causal: bool = False):
        super().__init__(size, block)
        self.causal = causal

    @property
    def words(self) -> str:
        return "the positions of its block" + (", up to its own" if self.causal else "")

    @worked_out
    def first(self) -> Periodic:
        return self._ends(0)

    @worked_out
    def last(self) -> Periodic:
        return affine(1, 0) if self.causal else self._ends(self.kernel - 1)

    def _ends(self, place: int) -> Periodic:
        if self.kernel > LONGEST:
            raise PeriodTooLongError
        return Periodic((place,) * self.kernel, self.kernel)

    @property
    def pointwise(self) -> bool:
        return bool(self.kernel == 1)


class GridWindow(Window):
    """The window of attention within a grid: so many positions, spread evenly over the axis, the unit's
    own among them. ``dilation`` is the distance between them."""

    def __init__(self, size: Number, grid: Number):
        super().__init__(size, grid, dilation=size // grid)

    @property
    def words(self) -> str:
        return "the positions of its grid"

    @worked_out
    def irregular(self) -> bool:
        # A unit behind the first of a stretch begins where that one does.
        return bool(self.dilation > 1)

    @worked_out
    def first(self) -> Periodic:
        return self._ends(0)

    @worked_out
    def last(self) -> Periodic:
        return self._ends((self.kernel - 1) * self.dilation)

    def _ends(self, place: int) -> Periodic:
        if self.dilation > LONGEST:
            raise PeriodTooLongError
        return Periodic(tuple([place + at for at in range(self.dilation)]), 0)

    @property
    def slope(self) -> Number:
        return 0

    @property
    def pointwise(self) -> bool:
        return False
