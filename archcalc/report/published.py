"""Published figures as a screen tells them: what was printed, where, and whether it agrees."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..analysis.claims import Checked
from ..quantities import CONVENTIONS, MEASURED
from .lines import Line, clean, width_of, width_of_line
from .words import published
from .wrapping import broken

# Quantities that no column of a summary shows: their figures wait for -v, unless they are at fault.
ASIDE = ("depth", "units", "bytes")


def telling(claims: Sequence[Checked]) -> list[Checked]:
    """Of published figures of the whole network, those that say something about what is on screen:
    the first of each quantity that agrees, those known to be wrong, and all that are at fault."""
    shown: list[Checked] = []
    agreed: set[str] = set()
    for checked in claims:
        claim = checked.claim
        if not checked.fault:
            if claim.of is not None or claim.quantity in (*ASIDE, *MEASURED):
                continue
            if checked.agrees:
                if claim.quantity in agreed:
                    continue
                agreed.add(claim.quantity)
        shown.append(checked)
    return shown


def claim_lines(checked: Checked, width: int) -> Iterator[Line]:
    """A published figure and the verdict on it, the verdict below where both are too wide."""
    claim = checked.claim
    words = published(claim.quantity, claim.printed)
    if claim.of is not None:
        words += f" of {clean(claim.of)}"
    if claim.conventions:
        counted = [convention_words(word) for word in claim.conventions]
        words += f", {', '.join(counted)}"
    if claim.source:
        words += f" ({clean(claim.source)})"
    mark, agreement = _verdict(checked)
    verdict: Line = [mark, (" ", ""), (agreement, "")] if mark[0] else [(agreement, "aside")]
    if width_of(words) + 2 + width_of_line(verdict) <= width:
        yield [(words, ""), ("  ", ""), *verdict]
        return
    for number, part in enumerate(broken(words, width - 2)):
        yield [("  " if number else "", ""), (part, "")]
    margin = 2 + (width_of(mark[0]) + 1 if mark[0] else 0)
    for number, part in enumerate(broken(agreement, width - margin)):
        if number or not mark[0]:
            yield [(" " * margin, ""), (part, verdict[-1][1])]
        else:
            yield [("  ", ""), mark, (" ", ""), (part, "")]


def _verdict(checked: Checked) -> tuple[tuple[str, str], str]:
    """A mark with its role, and words; no mark where there is nothing to compare."""
    claim = checked.claim
    if checked.agrees is None:
        measured = claim.quantity in MEASURED
        return ("", ""), "measured, not computed" if measured else "cannot be computed"
    if checked.agrees and checked.fault:
        return ("✗", "bad"), "agrees, though it is marked wrong"
    if checked.agrees:
        return ("✓", "good"), checked.words
    right = f"{checked.computed:,}" if isinstance(checked.computed, int) else checked.computed
    return ("✗", "bad"), f"{right}: {clean(claim.wrong)}" if claim.wrong else str(right)


def convention_words(convention: str) -> str:
    """A word behind ``as`` for a reader."""
    known = CONVENTIONS.get(convention)
    return known.words if known is not None else convention.replace("_", " ")
