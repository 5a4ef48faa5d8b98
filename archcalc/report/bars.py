"""Bars in half cells."""

from __future__ import annotations

from fractions import Fraction

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
