"""Questions about the values that layers put out for numbers that are given."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from ...diagnostics import did_you_mean, fail
from ...graph import Layer
from ..assumptions import Assumption, Hypothesis
from ..conventions import Conventions
from ..diagnosis import Diagnosis
from ..methods import AssumedShapes, Method
from ..methods.matrices import MatrixMethod
from ..question import Question, Subject
from ..working import Named, Working, unnamed
from ..written_kinds import WrittenMatrix
from .asking import ASK, VALUES
from .value import CellPosition, MatrixValue

if TYPE_CHECKING:
    from ...loading.applying import Applied

# Cells of an answer at most, and cells below which two misconceptions at once say nothing.
MOST_CELLS, LEAST_FOR_PAIRS = 10_000, 4
# Products of the layers above which two misconceptions at once are not tried, and none at all.
MOST_FOR_PAIRS, MOST_FOR_READINGS = 100_000, 5_000_000


@dataclass(eq=False)
class MatrixQuestion(Question):
    """The values that a layer puts out.

    applied  the layers, run on what is given
    flip     whether kernels are turned round
    at       the one cell that is asked for; None for all
    """

    applied: Applied | None = None
    flip: bool = False
    at: CellPosition | None = None

    @classmethod
    def of(
        cls, subject: Subject, applied: Applied, ask: str, conventions: Conventions, flip: bool = False
    ) -> MatrixQuestion:
        """The question that a text asks, about the last layer where it names none. Raises SpecError."""
        found = ASK.fullmatch(ask.strip())
        if found is None:
            raise fail(
                "name", f"`{ask}` does not ask for values", "as in values, pool1.values or values[1,2]"
            )
        graph = applied.graph
        layer: Layer | None = graph.output
        if found["layer"]:
            layer = graph.layer(graph.called(found["layer"]))
            if layer is None:
                help = (*did_you_mean(found["layer"], graph.names()), f"there are {', '.join(graph.names())}")
                raise fail("name", f"no layer is called `{found['layer']}`", *help)
        asked = cls(subject, layer, VALUES, conventions, applied=applied, flip=flip)
        whole = asked.whole
        if found["at"] is not None:
            asked.at = _position(found["at"], whole)
        elif len(whole.cells) > MOST_CELLS:
            raise fail(
                "limit", f"{asked.name} has {len(whole.cells):,} cells", "ask for one, as in values[1,2]"
            )
        return asked

    @cached_property
    def _values(self) -> tuple[Any, ...]:
        """The layers up to the one asked about."""
        assert self.applied is not None
        assert self.layer is not None
        above = {*self.graph.ancestors(self.layer), self.layer}
        return tuple([values for values in self.applied.values if values.layer in above])

    @cached_property
    def whole(self) -> MatrixValue:
        """All that the layer puts out."""
        assert self.applied is not None
        return MatrixValue.of_array(self._values[-1].output, self.applied.sequence)

    @property
    def is_row(self) -> bool:
        """Whether what comes out has one axis, so that a row and a column say the same: a vector, and what
        layers make of a single row."""
        assert self.applied is not None
        output, given = self._values[-1].output, self.applied.input
        of_row = (given.ndim < 3 or given.shape[0] == 1) and self.whole.shape[:2] == (1, 1)
        return output.ndim == 1 or of_row

    def array_of(self, written: WrittenMatrix) -> Any:
        """What a student states as the output of the layer, as an array; None where it has another size."""
        from ...arrays.exact import exact_number, filled

        output = self._values[-1].output
        if len(written.cells) != output.size or (written.shape != self.whole.shape and not self.is_row):
            return None
        import numpy as np

        cells = filled([exact_number(cell.value) for cell in written.cells], self.whole.shape)
        if output.ndim == 1:
            return cells.reshape(output.shape)
        if output.ndim == 2:
            assert self.applied is not None
            return cells[0] if self.applied.sequence else cells[:, 0, :].T
        return np.moveaxis(cells, 0, -1) if output.ndim == 3 else None

    def method(self, assumed_shapes: AssumedShapes, named: Named = unnamed) -> Method | None:
        assert self.applied is not None
        return MatrixMethod(self._values, self.applied.sequence, self.flip, self.at)

    @property
    def plain(self) -> Any:
        if self.at is None:
            return self.whole
        _, rows, columns = self.whole.shape
        number = (self.at.channel * rows + self.at.row) * columns + self.at.column
        return MatrixValue((1, 1, 1), (self.whole.cells[number],))

    @property
    def cell(self) -> str:
        """The cell that is asked for, as a question names it: ``[1,2]``; empty for all."""
        if self.at is None:
            return ""
        channel = f",{self.at.channel}" if self.whole.shape[0] > 1 else ""
        return f"[{self.at.row},{self.at.column}{channel}]"

    @property
    def name(self) -> str:
        return f"{self.where}.{VALUES}{self.cell}"

    @property
    def short(self) -> str:
        return self.name

    @property
    def words(self) -> str:
        if self.at is None:
            return f"{self.where} values"
        channel = f" of channel {self.at.channel + 1}" if self.whole.shape[0] > 1 else ""
        return f"the value in row {self.at.row}, column {self.at.column}{channel} of {self.where}"

    @property
    def label(self) -> str:
        return VALUES

    @property
    def unit(self) -> str:
        return ""

    @property
    def layers(self) -> list[Layer]:
        return [values.layer for values in self._values]

    @property
    def uncounted(self) -> list[Layer]:
        return []

    @property
    def with_heads(self) -> int | None:
        return None

    @property
    def with_norm(self) -> tuple[int, str] | None:
        return None

    @property
    def other_numbers(self) -> list[tuple[Any, str]]:
        return []

    @property
    def addends(self) -> list[Layer]:
        return []


def _position(text: str, whole: MatrixValue) -> CellPosition:
    """The cell that a text names: row and column, and of several channels the channel. Raises SpecError."""
    channels, rows, columns = whole.shape
    try:
        parts = [int(part) for part in text.split(",")]
    except ValueError:
        raise fail(
            "argument", f"`{text.strip()[:40]}` is no position", "as in values[1,2]: row and column"
        ) from None
    if len(parts) == 1 and rows == 1:
        parts.insert(0, 0)
    if len(parts) == 2 and channels == 1:
        parts.append(0)
    if len(parts) != 3:
        wanted = "row and column" if channels == 1 else "row, column and channel"
        raise fail("argument", f"`{text.strip()[:40]}` is no position in {whole.size}", f"it is {wanted}")
    row, column, channel = parts
    if not (0 <= row < rows and 0 <= column < columns and 0 <= channel < channels):
        message = f"`{text.strip()[:40]}` lies outside {whole.size}"
        raise fail("argument", message, "positions are counted from 0")
    return CellPosition(channel, row, column)


class MatrixDiagnosis(Diagnosis):
    """What there is to know of a question about values."""

    def __init__(self, asked: MatrixQuestion, method: Method | None = None):
        super().__init__(asked, method=method)
        self.applied = asked.applied
        self.flip = asked.flip

    @property
    def _propagates(self) -> bool:
        """The layers are run one after the other: what is changed in one goes on by itself."""
        return False

    @property
    def method(self) -> MatrixMethod:
        """How the right value comes about."""
        made = self.made()
        assert isinstance(made, MatrixMethod)
        return made

    def shown(self, hypothesis: Hypothesis | None) -> Working | None:
        """Nothing: a working of so many sums is a screen of its own."""
        return None

    @cached_property
    def singles(self) -> dict[Any, list[Hypothesis]]:
        """Values that one misconception comes to; of large inputs nobody works them out by hand."""
        return {} if self._products > MOST_FOR_READINGS else super().singles

    @property
    def _products(self) -> int:
        """Products of all layers."""
        return sum(layer.facts.macs or 0 for layer in self.asked.layers)

    @cached_property
    def pairs(self) -> dict[Any, list[Hypothesis]]:
        """Values that two misconceptions come to; of a few cells they come to anything."""
        value: MatrixValue | None = self.value
        few = value is None or len(value.cells) < LEAST_FOR_PAIRS
        table: dict[Any, list[Hypothesis]] = {}
        if few or self._products > MOST_FOR_PAIRS:
            return table
        found = [known for known in self._assumed if known.assumption.belief.pairs]
        order = list(dict.fromkeys([known.assumption.belief for known in found]))
        for first, method, _ in found:
            for second in order[order.index(first.belief) + 1 :]:
                for variant in second.applied(method):
                    value = variant.method.value
                    if value not in self.singles:
                        self._enter(table, value, (first, Assumption(second, variant.name)))
        return table
