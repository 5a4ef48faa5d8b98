"""The ways in which a written answer may be taken: sizes in some order of the axes, or a number in some
unit, and under which convention."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from fractions import Fraction
from typing import Any, NamedTuple

from ..quantities import BYTES, DURATION, ON_DEVICE, SHAPE, TABLE
from ..quantities import SIZES as _SIZES
from ..shape import Shape
from .calculated_kinds import BYTES as DIFFERENCE_IN_BYTES
from .calculated_kinds import PERCENTAGE
from .durations import TIME
from .question import Question
from .ratios import hundredths
from .vocabulary import FACTORS
from .written import Written, WrittenNumber, WrittenSizes

# Quantities in bytes, those that are times, and those of sizes.
STORED = (*[q.name for q in (*TABLE, *ON_DEVICE.values()) if q.form == BYTES], DIFFERENCE_IN_BYTES)
TIMES = tuple([q.name for q in ON_DEVICE.values() if q.form == DURATION])
SIZES = tuple([q.name for q in TABLE if q.form in (_SIZES, SHAPE)])
_IN_THREES = re.compile(r"(?<![\d.,])[1-9]\d{0,2},(?!000)\d{3}(?![\d.,])")
_SCALED = re.compile(r"\d ?([kmgt])(?:b|o|bytes?)\b", re.IGNORECASE)


def _megabyte(written: WrittenNumber, binary: bool) -> str:
    """How large a unit is by the other convention. 1 KB and 1 kB are told apart, as they are written."""
    power = "KMGT".find(written.scale) + 1
    found = _SCALED.search(written.text)
    letter = found[1] if found and found[1].upper() == written.scale == "K" else written.scale
    return f"1 {letter}B is {f'2^{10 * power}' if binary else f'10^{3 * power}'} bytes"


class AnswerForm(NamedTuple):
    """One way of taking an answer: a whole value, or a number; and what makes it right, if that is
    not what holds: the words of another convention, and its ``id``."""

    value: Any
    number: WrittenNumber | None = None
    convention: str = ""
    id: str = ""

    def agrees(self, value: Any) -> bool:
        """Whether a value is what was written, in the precision in which it was."""
        if self.number is None:
            return same(self.value, value)
        return isinstance(value, (int, Fraction)) and self.number.covers(value)

    @property
    def exact(self) -> bool:
        """Whether one value was written, and not what was rounded to it. Around ``760.0`` and
        ``0.760K`` only one whole number fits."""
        number = self.number
        return number is None or number.exact or number.high - number.low <= 1

    def is_exactly(self, value: Any) -> bool:
        """Whether it is a value itself, and no rounded one: 144 KiB are 147,456 bytes, and 143.36 kB are
        143,360."""
        number = self.number
        if number is not None and isinstance(value, Fraction):
            return number.value == value and not number.approximate
        stored = number is not None and (number.unit == "bytes" or number.scale.endswith("i"))
        return self.exact or (stored and number is not None and number.value == value)


def forms_of(asked: Question, written: WrittenNumber | WrittenSizes, right: Any) -> Iterator[AnswerForm]:
    """The ways of taking an answer, the one that the conventions say first."""
    if isinstance(written, WrittenSizes):
        if asked.quantity in SIZES:
            yield from _volumes(asked, written, right)
        return
    if asked.quantity in SIZES and written.exact and written.value.denominator == 1:
        size = int(written.value)
        if _without_channel(asked, (size,)):
            yield AnswerForm(Shape((size, 1)))
            return
        yield AnswerForm((size,) if isinstance(right, tuple) else size)
        yield from _channels_alone(asked, (size,), right)
        return
    if asked.quantity == PERCENTAGE and not written.unit and written.working is None:
        yield AnswerForm(None, hundredths(written))  # per cent are asked for: 12.5 has lost its sign
    scale, unit = asked.stated_unit
    if scale and not written.scale and not written.unit:
        yield from forms_of(asked, written.in_unit(scale, unit, FACTORS[scale]), right)
        if written.exact and _IN_THREES.search(written.text):
            # 3,577 in millions, of one who may write a decimal comma.
            fine, step = written.value / 1000, Fraction(1, 2000)
            read = written._replace(value=fine, low=fine - step, high=fine + step)
            yield from forms_of(asked, read.in_unit(scale, unit, FACTORS[scale]), right)
    if asked.quantity in TIMES:
        if written.unit == TIME:
            yield _timed(asked, written, right)
        return
    if asked.quantity in STORED:
        written = written.in_bytes()
    if asked.quantity not in STORED or written.scale[:1] not in ("K", "M", "G", "T"):
        yield AnswerForm(None, written)
        return
    if written.unit not in ("bytes", "") or written.scale.endswith("i"):
        yield AnswerForm(None, written)
        return
    ways = [written, written.binary()]
    if asked.conventions["megabyte"] == "binary":
        ways.reverse()
    yield AnswerForm(None, ways[0])
    other = _megabyte(written, asked.conventions["megabyte"] == "decimal")
    yield AnswerForm(None, ways[1], other, "megabyte")


def _timed(asked: Question, written: WrittenNumber, right: Any) -> AnswerForm:
    """A time. The right value is that of whole picoseconds, rounded down in every layer: what is not rounded
    may be up to one of them larger for each."""
    wide = written._replace(low=written.low - len(asked.layers), high=max(written.high, written.value + 1))
    if isinstance(right, Fraction) and written.high - written.low <= 1 and wide.covers(right):
        return AnswerForm(right)
    return AnswerForm(None, wide)


def _volumes(asked: Question, written: WrittenSizes, right: Any) -> Iterator[AnswerForm]:
    dims = written.dims
    if asked.quantity == "rf":
        # A filter reads all channels: 31x31x3 on an image of three is 31x31.
        image = asked.graph.inputs[0].output
        if len(dims) == len(image) > 2 and image.channels in (dims[0], dims[-1]):
            dims = dims[:-1] if dims[-1] == image.channels else dims[1:]
    if asked.quantity in ("rf", "stride", "start", "pad"):
        if len(dims) > len(asked.graph.inputs[0].output):
            return  # 7, 11, 19, 27 are not along the axes
        yield AnswerForm(dims[0] if len(set(dims)) == 1 else dims)
        return
    yield from _channels_alone(asked, dims, right)
    if _without_channel(asked, dims):
        yield AnswerForm(Shape((*dims, 1)))
        return
    axes = len(asked.layer.output) if asked.layer is not None else len(dims)
    batch = asked.summary.batch
    if len(dims) == axes + 1 and dims[0] in (1, batch):
        dims = dims[1:]
    first = asked.conventions["layout"] == "chw" and not written.named
    if axes == 1 and len(dims) == 4 and dims[0] in (1, batch):
        dims = dims[1:]  # of a vector with its positions
    if asked.quantity == "output" and axes == 1 < len(dims) and dims[0] > 1 == max(dims[1:]):
        # The positions of a vector, behind it: 512x1x1, and a column.
        convention = "channels first" if len(dims) > 2 else "as a column"
        id = "layout" if len(dims) > 2 else "column"
        yield AnswerForm(Shape(dims[:1]), None, "" if first and len(dims) > 2 else convention, id)
    orders = [("channels last", dims), ("channels first", (*dims[1:], dims[0]))]
    if first:
        orders.reverse()
    if written.named or len(dims) != axes or axes == 1:
        orders = orders[:1] if not first else orders[1:]
    for place, (words, sizes) in enumerate(orders):
        convention = words if place else ""
        if asked.quantity == "output":
            yield AnswerForm(Shape(sizes), None, convention, "layout")
        else:
            spatial = sizes[:-1] if len(sizes) == axes > 1 else dims
            yield AnswerForm(
                spatial[0] if len(set(spatial)) == 1 else tuple(spatial), None, convention, "layout"
            )


def _without_channel(asked: Question, dims: tuple[int, ...]) -> bool:
    """Whether these are the sizes of a volume of one channel, which may be left out: 26x26 for
    26x26x1, whichever way the axes are ordered."""
    output = asked.layer.output if asked.layer is not None else ()
    single = asked.quantity == "output" and len(output) > 1 and output[-1] == 1
    return single and len(dims) == len(output) - 1


def _channels_alone(asked: Question, dims: tuple[int, ...], right: Any) -> Iterator[AnswerForm]:
    """A bare number of a volume with a height and a width: its channels, as a column ``out`` of a
    layer table gives them."""
    volume = asked.quantity == "output" and isinstance(right, Shape) and len(right) > 1
    if asked.layer is not None and asked.layer.op.holds_states:
        return  # that would be the state of one step
    if volume and dims == (right.channels,):
        yield AnswerForm(right, None, "its channels alone", "channels-alone")


def same(written: Any, value: Any) -> bool:
    """Whether two values say the same: 1x1x4096 is the vector of 4096, 7 is 7x7."""
    if isinstance(value, Shape) and isinstance(written, tuple):
        return bare(written) == bare(value)
    if isinstance(value, int) and isinstance(written, tuple):
        return set(written) == {value}
    if isinstance(value, tuple) and isinstance(written, int):
        return set(value) == {written}
    return bool(written == value)


def bare(sizes: Iterable[int]) -> tuple[int, ...]:
    """The sizes without leading axes of a single position."""
    kept = list(sizes)
    while len(kept) > 1 and kept[0] == 1 and all(n == 1 for n in kept[:-1]):
        kept.pop(0)
    return tuple(kept)


def shape_meant(asked: Question, written: Written) -> Shape | None:
    """The volume that an answer to ``output`` or ``size`` states; None where it states none."""
    layer = asked.layer
    if layer is None or not isinstance(written, (WrittenSizes, WrittenNumber)):
        return None
    right = layer.output if asked.quantity == "output" else None
    forms = list(forms_of(asked, written, right))
    for form in forms:
        if form.agrees(layer.output):
            return layer.output
    value = forms[0].value if forms else None
    if asked.quantity == "size" and value is not None:
        axes = len(layer.output) - 1
        sizes = (value,) * axes if isinstance(value, int) else tuple(value)
        value = (*sizes, layer.output.channels) if len(sizes) == axes else None
    if isinstance(value, int):
        value = (value,)
    if not isinstance(value, tuple):
        return None
    sizes = bare(value) if len(layer.output) == 1 else value
    return Shape(sizes) if len(sizes) == len(layer.output) and min(sizes) > 0 else None
