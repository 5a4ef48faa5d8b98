"""Numbers and shapes as screens write them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, SupportsFloat

from ..quantities import BYTES, REPORTED, SHAPE, SIZES
from ..shape import Shape

if TYPE_CHECKING:
    from ..analysis.receptive import FieldExtent
    from ..graph import Graph, Layer


def count(number: int | None, at_least: bool = False) -> str:
    """``34,944``; ``?`` where there is no rule; ``≥ 34,944`` for a sum that leaves out a layer."""
    if number is None:
        return "?"
    return f"≥ {number:,}" if at_least else f"{number:,}"


def counted_besides(layers: Iterable[Layer]) -> list[str]:
    """The other kinds of layers that have MACs, as footers call them."""
    names = [layer.op.counted_as for layer in layers if layer.op.matrix_product]
    return [name for name in dict.fromkeys(names) if name]


def macs_of(besides: Iterable[str], batch: int = 1) -> str:
    """The layers whose MACs are counted: ``MACs of conv and fc, no bias``. ``besides``: what else is in."""
    *first, last = ["conv", "fc", *dict.fromkeys(besides)]
    products = f"MACs of {', '.join(first)} and {last}, no bias"
    return f"{products}, for a batch of {batch:,}" if batch != 1 else products


# Powers of a thousand, and their letters.
_THOUSANDS = ("", "K", "M", "G", "T", "P", "E")


def brief(number: int | None, at_least: bool = False) -> str:
    """``1.85G``: a count in three digits, where the width is too small; below a thousand as it is."""
    if number is None or -1000 < number < 1000:
        return count(number, at_least)
    from itertools import count as upward

    sign = "-" if number < 0 else ""
    size = abs(number)
    for power in upward(1):
        value = Fraction(size, 1000**power)
        places = 2 if value < Fraction(9995, 1000) else 1 if value < Fraction(9995, 100) else 0
        figure = round(value * 10**places)  # exact: a float would round twice
        if figure < 1000 or power == len(_THOUSANDS) - 1:
            break
    whole, part = divmod(figure, 10**places)
    text = f"{sign}{whole:,}" + (f".{part:0{places}}" if places else "") + _THOUSANDS[power]
    return f"≥ {text}" if at_least else text


# Units of memory, and the decimals that a table shows of each.
_UNITS = {"MiB": (2**20, 2), "KiB": (2**10, 2), "bytes": (1, 0)}


def unit_for(bytes: int) -> str:
    """The largest unit of which ``bytes`` are at least one: MiB, KiB or bytes."""
    return next((unit for unit, (size, _) in _UNITS.items() if bytes >= size), "bytes")


def binary(bytes: int, unit: str, places: int = 2) -> str:
    """``12.25``: bytes in MiB of 2^20 or KiB of 2^10, rounded; ``<0.01`` for more than nothing."""
    if not bytes:
        return "0"
    size, most = _UNITS[unit]
    places = min(places, most)
    # Exactly: what is computed for a large batch is beyond all floats.
    rounded = round(Fraction(bytes * 10**places, size))
    if not rounded:
        return f"<{10**-places:.{places}f}"
    whole, behind = divmod(rounded, 10**places)
    return f"{whole:,}.{behind:0{places}}" if places else f"{whole:,}"


def amount(bytes: int) -> str:
    """``527.8 MiB``, ``18.4 KiB``, ``40 bytes``."""
    unit = unit_for(bytes)
    return f"{binary(bytes, unit, 1)} {unit}"


# Units of time, in picoseconds.
_DURATIONS = {"s": 10**12, "ms": 10**9, "µs": 10**6, "ns": 10**3, "ps": 1}


def duration_unit(picoseconds: int) -> str:
    """The largest unit of which a duration is at least one."""
    return next((unit for unit, size in _DURATIONS.items() if picoseconds >= size), "ps")


def duration_in(picoseconds: int, unit: str, places: int = 2) -> str:
    """``104.85``: a duration in a unit, rounded; ``<0.01`` for more than nothing."""
    if not picoseconds:
        return "0"
    places = 0 if unit == "ps" else places
    rounded = round(Fraction(picoseconds * 10**places, _DURATIONS[unit]))
    if not rounded:
        return f"<{10**-places:.{places}f}"
    whole, behind = divmod(rounded, 10**places)
    return f"{whole:,}.{behind:0{places}}" if places else f"{whole:,}"


def duration(picoseconds: int) -> str:
    """``104.85 µs``."""
    unit = duration_unit(picoseconds)
    return f"{duration_in(picoseconds, unit)} {unit}"


def quotient_words(value: Fraction | None) -> str:
    """``0.50``, ``34.9``, ``1,250``: a quotient in three digits, or as many as it has before the point."""
    if value is None:
        return ""
    places = 2 if value < Fraction(9995, 1000) else 1 if value < Fraction(9995, 100) else 0
    rounded = round(value * 10**places)
    if value and not rounded:
        return "<0.01"
    whole, behind = divmod(rounded, 10**places)
    return f"{whole:,}.{behind:0{places}}" if places else f"{whole:,}"


def rate(ones: int, unit: str) -> str:
    """``3,350 GB/s``, ``989.4 TFLOPS``: a rate as data sheets write it, with the digits that it has."""
    for power in (12, 9, 6, 3, 0):
        if ones >= 10**power:
            break
    value = Fraction(ones, 10**power)
    if power == 12 and unit == "B/s":
        power, value = 9, value * 1000
    letter = {12: "T", 9: "G", 6: "M", 3: "K", 0: ""}[power]
    whole, part = divmod(round(value * 1000), 1000)
    digits = f"{whole:,}" + (f".{part:03}".rstrip("0") if part else "")
    return f"{digits} {letter}{unit}"


def volume(shape: Shape, layout: str = "hwc") -> str:
    """``55x55x96``, or channels first."""
    if layout == "chw":
        return "x".join(map(str, (shape[-1], *shape[:-1])))
    return str(shape)


# The axes of an image and of a volume, in words.
AXES = {1: ("width",), 2: ("height", "width"), 3: ("time", "height", "width")}


def per_axis(values: Sequence[object], between: str = "x") -> str:
    """One value where all axes agree, else all of them: ``11x7``."""
    texts = [str(value) for value in values]
    return texts[0] if len(set(texts)) == 1 else between.join(texts)


def volume_in(graph: Graph, shape: Shape, layout: str = "hwc") -> str:
    """A volume of a network, ``?`` for sizes where its input has none."""
    if not graph.metadata.unsized or len(shape) == 1:
        return volume(shape, layout)
    sizes = [*["?"] * len(shape.spatial), str(shape.channels)]
    return "x".join(sizes if layout == "hwc" else [sizes[-1], *sizes[:-1]])


def called_where(shape: Shape) -> str:
    """The name of an input of this shape."""
    return "image" if len(shape.spatial) == 2 else "input"


def interval(ends: tuple[int, int] | None) -> str:
    """``6..217``, or one position, or that it is none."""
    if ends is None:
        return "none"
    low, high = ends
    return str(low) if low == high else f"{low}..{high}"


def positions(numbers: Iterable[int | None]) -> list[str]:
    """One position per axis; ``-`` where there is none."""
    return ["-" if number is None else str(number) for number in numbers]


# What stands behind the size of a receptive field, and what it means.
FIELD_MARKS = {
    "~": "~ paths of different strides or centres meet",
    "*": "* a gate that sees everything is left out",
    "+": "+ a norm's statistics over the whole map are left out",
}


def marks_explained(sizes: Iterable[str]) -> list[str]:
    """The meanings of the marks on these sizes."""
    found = set("".join(sizes))
    return [words for mark, words in FIELD_MARKS.items() if mark in found]


def field_size(extent: FieldExtent | None) -> str:
    """The receptive field in a table: ``427``, ``11x7``, ``all``, with its marks."""
    if extent is None:
        return "?"
    if extent.whole:
        return "all"
    return marked_size(extent.size, extent.aligned, extent.gated, extent.normed)


def marked_size(size: Sequence[int], aligned: bool, gated: bool, normed: bool = False) -> str:
    """The receptive field of a layer that does not see everything."""
    marks = ("" if aligned else "~") + ("*" if gated else "") + ("+" if normed else "")
    return per_axis(size) + marks if size else ""


def stride(value: int | Fraction | None) -> str:
    """A stride: ``32``, ``1/2``, or nothing where strides differ."""
    return "" if value is None else str(value)


# Published figures whose words are no unit behind the figure; ``{}`` is the figure as printed.
_PUBLISHED = {"depth": "{} layers deep", "bytes": "{}B of parameters", "top1": "{} top-1", "top5": "{} top-5"}


def published(quantity: str, figure: str) -> str:
    """A published figure in words, by the name under which it is reported."""
    form = _PUBLISHED.get(quantity)
    if form is not None:
        return form.format(printed(figure))
    known = REPORTED[quantity]
    if known.form in (SIZES, SHAPE):
        return f"{known.words} {printed(figure)}"
    words = quantity if quantity == "units" else known.words
    return f"{printed(figure)} {words}" if known.form != BYTES else (f"{known.words} {printed(figure)}B")


def printed(figure: str) -> str:
    """A published figure as a screen writes it: commas for underscores."""
    return figure.replace("_", ",")


def in_percent(part: Fraction | None) -> str:
    """``62 %``, ``0.4 %``: a share in whole per cent, below one with a decimal; empty for nothing."""
    if part is None or not part:
        return percent(part)
    return percent(part) if part >= Fraction(1, 100) else f"{max(float(part) * 100, 0.1):.1f} %"


def percent(share: SupportsFloat | None) -> str:
    """``62 %``; empty for nothing."""
    return "" if share is None else f"{float(share) * 100:.0f} %"


def coefficient(value: SupportsFloat | None) -> str:
    """``0.41``; empty for nothing."""
    return "" if value is None else f"{float(value):.2f}"
