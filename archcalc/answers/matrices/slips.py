"""Slips of the pen in a matrix: in one cell, or in a number of the input that was read as another one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Any, NamedTuple

from ...values.changed import ChangedLayer
from ..methods.matrices import MatrixMethod
from ..written_kinds import WrittenCell
from .value import CellPosition, MatrixValue, number_text

# Terms of a sum in which a slip is looked for, and products of layers that are run for a number misread.
MOST_TERMS, MOST_PRODUCTS, MOST_NUMBERS = 100, 20_000, 200
# Of other forms: a carry.
_CARRIES = (10, -10, 100, -100)


def cell_slips(
    method: MatrixMethod, right: MatrixValue, cells: Sequence[WrittenCell], number: int
) -> list[str]:
    """What may have happened in the one cell that is wrong, in words; nothing where nothing is known.

    Args:
        method: How the right values come about.
        right: All right values.
        cells: What was written.
        number: Which cell is wrong.
    """
    at = method.at or list(right.positions())[number]
    written, value = cells[number], right.cells[number]
    found = ["the sign is lost"] if value != 0 and written.covers(-value) else []
    found += _of_terms(method, at, written, value)
    found += [
        f"{abs(step)} too {'many' if step > 0 else 'few'}: a carry"
        for step in _CARRIES
        if not found and written.covers(value + step)
    ]
    found += [f"the number of {words} again" for words in _neighbours(right, cells, number)]
    place = f"{right.place(at)}: " if method.at is None else ""
    return [f"{place}{words}" for words in dict.fromkeys(found)]


def _of_terms(method: MatrixMethod, at: CellPosition, written: WrittenCell, value: Any) -> Iterator[str]:
    """A product that was left out, taken twice, or lost its sign, where the last layer adds products up."""
    values = method.values[-1]
    position = (at.row, at.column, at.channel)
    if values.output.ndim != 3 or method.turned:
        return
    step = values.steps.at(position)
    if step.kind != "sum" or len(step.terms) > MOST_TERMS:
        return
    for words, change in (("left out", -1), ("taken twice", 1), ("with the other sign", -2)):
        for term in step.terms:
            if term.product and written.covers(value + change * term.product):
                weight = "" if term.weight is None else f"·{_factor(term.weight)}"
                yield f"{number_text(term.value)}{weight} {words}"
                break


def _factor(weight: Any) -> str:
    text = number_text(weight)
    return f"({text})" if text.startswith("-") else text


def _neighbours(right: MatrixValue, cells: Sequence[WrittenCell], number: int) -> Iterator[str]:
    """The neighbours whose number stands in a cell."""
    places = list(right.positions())
    at = places[number]
    for near, cell in zip(places, right.cells, strict=True):
        steps = abs(near.row - at.row) + abs(near.column - at.column)
        if near.channel == at.channel and steps == 1 and cells[number].covers(cell):
            yield right.place(near)


class NumberResponse(NamedTuple):
    """What becomes of the values where one number of the input or of a kernel is larger by 1.

    words  which number
    value  what it is
    steps  by how much each cell is larger
    """

    words: str
    value: Any
    steps: tuple[Fraction, ...]


def number_responses(method: MatrixMethod) -> list[NumberResponse]:
    """The response to each number of the input and of the kernels; none where layers are no convolutions.

    A convolution is linear in each of its numbers: who misreads one is off by a multiple of its response.
    """
    if method.at is not None or any(not v.layer.op.is_convolution for v in method.values):
        return []
    right = method.whole
    macs = sum(values.layer.facts.macs or 0 for values in method.values)
    if right is None or macs > MOST_PRODUCTS or not right.exact:
        return []
    found = []
    for words, value, changed in _larger_by_one(method):
        made = changed.whole
        if made is not None and made.shape == right.shape:
            both = zip(made.cells, right.cells, strict=True)
            steps = [Fraction(after) - Fraction(before) for after, before in both]
            found.append(NumberResponse(words, value, tuple(steps)))
    return found


def misread_number(
    right: MatrixValue, responses: Sequence[NumberResponse], cells: Sequence[WrittenCell]
) -> list[str]:
    """The number that, read as another one, gives every cell that was written; in words."""
    if len(right.cells) != len(cells) or not right.exact:
        return []
    off = [cell.value - Fraction(value) for cell, value in zip(cells, right.cells, strict=True)]
    wanted = [number for number, difference in enumerate(off) if difference]
    if len(wanted) < 2:
        return []
    found = []
    for words, value, steps in responses:
        if not steps[wanted[0]]:
            continue
        times = off[wanted[0]] / steps[wanted[0]]
        if times.denominator == 1 and all(times * step == one for step, one in zip(steps, off, strict=True)):
            misread = number_text(_tidy(value + times))
            found.append(f"{words} read as {misread}, and it is {number_text(value)}")
    return found


def _tidy(value: Any) -> Any:
    exact = Fraction(value)
    return exact.numerator if exact.denominator == 1 else exact


def _larger_by_one(method: MatrixMethod) -> Iterator[tuple[str, Any, MatrixMethod]]:
    """The method with each number of the input and of the kernels larger by 1, with words for it."""
    import numpy as np

    first = method.values[0]
    ((source, x),) = zip(first.layer.inputs, first.inputs, strict=True)
    x = method.inputs.get(source, x)
    if x.size <= MOST_NUMBERS:
        for at in np.ndindex(x.shape):
            larger = x.copy()
            larger[at] += 1
            place = ", ".join(map(str, at[:-1]))
            channel = f" of channel {at[-1] + 1}" if x.shape[-1] > 1 else ""
            yield f"the number at ({place}){channel} of the input", x[at], method.but(inputs={source: larger})
    for values in method.values:
        tensors = method.tensors(values)
        weight = tensors.get("weight")
        if weight is None or weight.size > MOST_NUMBERS:
            continue
        for at in np.ndindex(weight.shape):
            larger = weight.copy()
            larger[at] += 1
            change = ChangedLayer(method.op(values), {**tensors, "weight": larger})
            place = ", ".join(map(str, at[2:]))
            where = f"the kernel of {values.layer.name}" if len(method.values) > 1 else "the kernel"
            which = f" of filter {at[0] + 1}" if weight.shape[0] > 1 else ""
            changed = method.but(changed={**method.changed, values.layer: change})
            yield f"the number at ({place}) of {where}{which}", weight[at], changed
