"""Published figures as a screen shows them: what was printed, where, and whether it agrees."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..analysis.published_figures import Checked, ways_of_counting
from ..quantities import MEASURED
from .lines import Line, clean
from .sheet import UNBROKEN, Space
from .words import published

# Quantities that no column of a summary shows: their figures wait for -v, unless they are at fault.
ASIDE = ("depth", "units", "bytes")


def telling(published_figures: Sequence[Checked]) -> list[Checked]:
    """The published figures of the whole network that say something about what is on screen:
    the first of each quantity that agrees, those known to be wrong, and all that are at fault."""
    shown: list[Checked] = []
    agreed: set[str] = set()
    for checked in published_figures:
        figure = checked.figure
        if not checked.fault:
            if figure.of is not None or figure.quantity in (*ASIDE, *MEASURED):
                continue
            if checked.agrees:
                if figure.quantity in agreed:
                    continue
                agreed.add(figure.quantity)
        shown.append(checked)
    return shown


def figure_lines(checked: Checked, space: Space) -> Iterator[Line]:
    """A published figure and the verdict on it, the verdict below where both are too wide."""
    width = space.width or UNBROKEN
    figure = checked.figure
    words = published(figure.quantity, figure.printed)
    if figure.of is not None:
        words += f" of {clean(figure.of)}"
    counted = ways_of_counting(figure)
    if counted:
        words += f", {', '.join(counted)}"
    if figure.source:
        words += f" ({clean(figure.source)})"
    mark, agreement = _verdict(checked)
    verdict: Line = [mark, (" ", ""), (agreement, "")] if mark[0] else [(agreement, "aside")]
    if space.width_of(words) + 2 + space.width_of_line(verdict) <= width:
        yield [(words, ""), ("  ", ""), *verdict]
        return
    for number, part in enumerate(space.broken(words, width - 2)):
        yield [("  " if number else "", ""), (part, "")]
    margin = 2 + (space.width_of(mark[0]) + 1 if mark[0] else 0)
    for number, part in enumerate(space.broken(agreement, width - margin)):
        if number or not mark[0]:
            yield [(" " * margin, ""), (part, verdict[-1][1])]
        else:
            yield [("  ", ""), mark, (" ", ""), (part, "")]


def _verdict(checked: Checked) -> tuple[tuple[str, str], str]:
    """A mark with its role, and words; no mark where there is nothing to compare."""
    figure = checked.figure
    if checked.agrees is None:
        measured = figure.quantity in MEASURED
        return ("", ""), "measured, not computed" if measured else "cannot be computed"
    if checked.agrees and checked.fault:
        return ("✗", "bad"), "agrees, though it is marked wrong"
    if checked.agrees:
        return ("✓", "good"), checked.words
    right = f"{checked.computed:,}" if isinstance(checked.computed, int) else checked.computed
    return ("✗", "bad"), f"{right}: {clean(figure.wrong)}" if figure.wrong else str(right)
