"""Bars in half cells."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from .fitting import GONE, NARROW
from .grid import Column, Yield
from .lines import Line


def half_bar(value: int | None, largest: int, cells: int, left: bool) -> str:
    """One wing of a butterfly, ``cells`` wide. More than zero is at least a hairline."""
    if not value or not largest:
        return " " * cells
    halves = round(Fraction(value * 2 * cells, largest))
    if halves == 0:
        bar = "╶" if left else "╴"
    else:
        half = halves % 2
        bar = "━" * (halves // 2)
        bar = "╺" * half + bar if left else bar + "╸" * half
    return bar.rjust(cells) if left else bar.ljust(cells)


def butterfly(counts: Mapping[str, int | None], most: Mapping[str, int], cells: int) -> Line:
    """Parameters to the left of an axis, MACs to the right, each side to its own scale."""
    return [
        (half_bar(counts["params"], most["params"], cells, True), "params"),
        ("│", "aside"),
        (half_bar(counts["macs"], most["macs"], cells, False), "macs"),
    ]


def bars_column(narrowest: int) -> Column:
    """The column of such bars, each side ``narrowest`` cells at least, in front of the MACs."""
    steps = Yield(2, NARROW, least=2 * narrowest + 1, by=2), Yield(3, GONE, "bars")
    return Column("", gap=1, name="bars", beside="macs", drawn=True, yields=steps)


def span_picture(size: int, image: int, widest: int, cells: int) -> Line:
    """A receptive field about the middle of an image between two verticals.

    ``cells`` (odd) hold the widest field of the table; what lies outside the image is a thin line.
    """
    scale = max(widest, image) / cells
    inner = min(cells - 2, int(image / scale))
    inner = max(3, inner - (inner % 2 == 0))
    rim = (cells - inner) // 2 - 1
    if size <= image:
        halves = min(max(0, round(size / (image / inner) - 1)), inner - 1)
        full, half = divmod(halves, 2)
        bar = "╺" * half + "━" * (2 * full + 1) + "╸" * half
        return [(" " * rim + "│", "aside"), (bar.center(inner), ""), ("│" + " " * rim, "aside")]
    beyond = min(rim, max(0, round((size / scale - inner) / 2 - 1)))
    return [
        (" " * (rim - beyond) + "─" * beyond + "┼", "aside"),
        ("━" * inner, ""),
        ("┼" + "─" * beyond + " " * (rim - beyond), "aside"),
    ]


def image_edges(image: int, widest: int, cells: int) -> str:
    """The head above the picture: 0 and the size of the image over its edges."""
    scale = max(widest, image) / cells
    inner = min(cells - 2, int(image / scale))
    inner = max(3, inner - (inner % 2 == 0))
    rim = (cells - inner) // 2 - 1
    right = str(image)
    head = [" "] * (cells + len(right))
    head[rim] = "0"
    start = rim + inner + 2 - len(right) // 2 - 1
    head[start : start + len(right)] = right
    return "".join(head).rstrip().ljust(cells)
