"""What both screens of `archcalc time` say: what is assumed, where bounds turn, and what the device is."""

from __future__ import annotations

from fractions import Fraction

from ...analysis.roofline import Roofline, RooflineTotals
from ..fitting import FOLDED
from ..grid import Column, Yield
from ..lines import clean_line
from ..words import quotient_words, rate

# The most names of layers in a sentence.
MOST_NAMES = 6
LAYER = Column(
    "layer",
    name="layer",
    yields=(Yield(2, FOLDED, least=32), Yield(9, FOLDED, least=16), Yield(12, FOLDED, least=8)),
)


def decimal(value: Fraction | None) -> float | str:
    """A quotient as flat tables have it: of six digits."""
    return "" if value is None else float(f"{float(value):.6g}")


def assumptions(roofline: Roofline) -> list[str]:
    """What the figures take for granted."""
    free = [row for row in roofline.rows if row.traffic.free and row.layer not in roofline.traffic.head]
    found = ["a bound and no forecast"]
    if roofline.fused:
        found.append(
            "what works value by value is computed with the product before it, norms are folded into it"
        )
    else:
        found.append("nothing fused")
    found.append(
        "nothing stays in a cache: a layer reads its inputs and parameters whole and writes its output"
    )
    if free:
        idle = sum(row.layer.op.idle for row in free)
        parts = [f"{idle:,} {'do' if idle > 1 else 'does'} nothing at inference"] if idle else []
        views = len(free) - idle
        parts += [f"{views:,} {'are views' if views > 1 else 'is a view'}"] if views else []
        found.append(f"layers that move nothing: {', '.join(parts)}")
    return found


def turn_words(roofline: Roofline) -> str:
    """Where computing all takes as long as moving all."""
    turn = roofline.turn_of_all
    if roofline.totals.at_least:
        return "not known: a layer has no rule"
    if turn is None:
        return "at no batch does computing all take as long as moving all"
    if turn == 1:
        return "computing all takes longer than moving all at every batch"
    return f"from batch {turn:,} on computing all takes longer than moving all"


def uncounted_words(totals: RooflineTotals) -> list[str]:
    """The layers without a rule."""
    names = [clean_line(row.name) for row in totals.uncounted]
    if not names:
        return []
    more = f" and {len(names) - MOST_NAMES} more" if len(names) > MOST_NAMES else ""
    return [f"without a rule, and left out of the sums: {', '.join(names[:MOST_NAMES])}{more}"]


def device_words(roofline: Roofline) -> list[str]:
    """The figures of the device, and their source."""
    device = roofline.device
    balance = quotient_words(device.balance(roofline.dtype))
    peak = rate(roofline.peak, "FLOPS" if "int" not in roofline.dtype else "OPS")
    figures = f"{rate(device.bandwidth, 'B/s')}, {peak} in {roofline.dtype}"
    found = [f"{figures}: in balance at {balance} operations per byte"]
    if device.source:
        found.append(clean_line(device.source))
    return found + ([clean_line(device.note)] if device.note else [])
