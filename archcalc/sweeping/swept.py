"""What a sweep found, as rows and columns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Any, NamedTuple, overload

import numpy as np

from ..diagnostics import SpecError
from ..ops.attributes import show
from ..shape import Shape
from .batch import DesignBatch
from .best import Ranking
from .findings import Findings
from .one_by_one import refused_as
from .plan import SweepPlan
from .running import Course
from .space import Axis

# Rows are made Python's so many at a time.
_AT_ONCE = 1 << 13


class SweptDesign(NamedTuple):
    """A design that a sweep found.

    Attributes:
        number: Its number in the space.
        values: What differs from design to design, by name.
        output: The shape of its output.
        quantities: What was computed of it, by the names of the columns.
        alike: How many designs are equal to it in all that a front compares, itself among them.
    """

    number: int
    values: dict[str, Any]
    output: Shape
    quantities: dict[str, Any]
    alike: int = 1


class Swept:
    """What a sweep found.

    Args:
        plan: What was asked for.
        course: How far it came, with the designs that were kept.

    Attributes:
        plan: What was asked for.
        course: How far it came: ``complete``, ``designs``, ``seconds``.
        found: The counts: ``designs``, ``networks``, ``met``, ``refused``.

    Example:
        >>> from archcalc.sweeping.plan import SweepCall, SweepPlan
        >>> from archcalc.sweeping.request import SweepRequest
        >>> from archcalc.sweeping.swept import Swept
        >>> request = SweepRequest("32x32x3 -> conv {3, 5} {8, 16}", {}, quantities=("params",))
        >>> plan = SweepPlan(SweepCall(request, sort="-params"))
        >>> found = Swept(plan, plan.run().all())
        >>> found.header, next(iter(found.rows)).values
        (['kernel', 'filters', 'output', 'params'], {'kernel': 5, 'filters': 16})
    """

    def __init__(self, plan: SweepPlan, course: Course):
        self.plan = plan
        self.course = course
        self.found: Findings = course.found
        self.batch: DesignBatch = course.found.rows
        sort = () if plan.selection.refused else plan.selection.sort
        self.order = Ranking(sort, plan.space).order(self.batch)
        if plan.selection.top is not None:
            self.order = self.order[: plan.selection.top]

    @property
    def rows(self) -> Sequence[SweptDesign]:
        """The designs in the order that was asked for; each is made when it is looked at."""
        return SweptRows(self)

    @property
    def header(self) -> list[str]:
        """What the columns are called: what differs, the output, the quantities."""
        return header_of(self.plan)

    def records(self) -> Iterator[list[Any]]:
        """The rows of the table, in the order of its columns."""
        for start in range(0, len(self.order), _AT_ONCE):
            at = self.order[start : start + _AT_ONCE]
            alike = None if self.found.alike is None else self.found.alike[at]
            yield from rows_of(self.plan, self.batch.rows(at), alike)


class SweptRows(Sequence[SweptDesign]):
    """The designs that a sweep found, made when they are looked at."""

    def __init__(self, swept: Swept):
        self._swept = swept

    def __len__(self) -> int:
        return len(self._swept.order)

    @overload
    def __getitem__(self, at: int) -> SweptDesign: ...

    @overload
    def __getitem__(self, at: slice) -> list[SweptDesign]: ...

    def __getitem__(self, at: int | slice) -> SweptDesign | list[SweptDesign]:
        if isinstance(at, slice):
            return [self[n] for n in range(*at.indices(len(self)))]
        swept = self._swept
        row = int(swept.order[at])
        number = int(swept.batch.numbers[row])
        columns = swept.batch.columns
        plan = swept.plan
        return SweptDesign(
            number,
            plan.space.design(number),
            Shape(swept.batch.output(row)),
            {head: plain(columns[name][row]) for head, name in zip(plan.heads, plan.quantities, strict=True)},
            1 if swept.found.alike is None else int(swept.found.alike[row]),
        )


def flat(value: Any) -> Any:
    """What a thing that differs may be, as a table has it: a number, yes or no, else as it is typed."""
    return value if isinstance(value, int) else show(value)


def decimal(axis: Axis) -> bool:
    """Whether what differs is numbers, not all of them whole, that floats show as they are typed: then a data
    frame has them as floats. JSON has texts, as it has them for every fraction."""
    kinds = {type(value) for value in axis.values}
    return (
        Fraction in kinds
        and kinds <= {int, Fraction}
        and all(Fraction(repr(float(value))) == value for value in axis.values)
    )


def plain(value: Any) -> Any:
    """A number of a column as one of Python's."""
    return value.item() if isinstance(value, np.generic) else value


def reason(plan: SweepPlan, number: int) -> str:
    """Why a design is no network, in its own numbers: a batch knows the first of a kind alone."""
    try:
        plan.sweep.summary(plan.space.design(number))
    except SpecError as error:
        return refused_as(error, number).message
    return ""


def header_of(plan: SweepPlan) -> list[str]:
    """What the columns of a sweep are called."""
    axes = [axis.name for axis in plan.space.axes]
    if plan.selection.refused:
        return [*axes, "reason"]
    return [*axes, plan.output_head, *plan.heads, *(["alike"] if plan.selection.pareto else [])]


def columns_of(plan: SweepPlan, batch: DesignBatch, alike: np.ndarray | None = None) -> list[list[Any]]:
    """The columns of some designs, as lists of Python's values."""
    found = []
    for axis, places in zip(plan.space.axes, plan.space.places(batch.numbers), strict=True):
        values = np.empty(len(axis.values), object)
        values[:] = [flat(value) for value in axis.values]
        found.append(values[places].tolist())
    if plan.selection.refused:
        return [*found, [reason(plan, number) for number in batch.numbers.tolist()]]
    found.append(_outputs(batch.sizes))
    found += [batch.columns[name].tolist() for name in plan.quantities]
    return found if alike is None else [*found, alike.tolist()]


def rows_of(plan: SweepPlan, batch: DesignBatch, alike: np.ndarray | None = None) -> Iterator[list[Any]]:
    """The rows of some designs, as lists of Python's values."""
    return map(list, zip(*columns_of(plan, batch, alike), strict=True))


def _outputs(sizes: np.ndarray) -> list[Shape]:
    """The outputs, of which there are few that differ."""
    kinds, which = np.unique(sizes, axis=0, return_inverse=True)
    shapes = np.empty(len(kinds), object)
    shapes[:] = [Shape([int(n) for n in kind if n]) for kind in kinds]
    outputs: list[Shape] = shapes[which.reshape(-1)].tolist()
    return outputs
