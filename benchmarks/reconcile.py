"""How many published figures `reconcile` explains, how often it explains one that means nothing, and how long
it takes.

``python -m benchmarks.reconcile`` prints, of all figures of MACs and FLOPs that the specs report, the share
that has an explanation of at most two assumptions, without looking at the reports themselves; then of
random figures near the right one the share that is explained all the same; then the slowest network. A random
figure that a tool prints, or that is ours, is counted apart: it is explained, and rightly so.
"""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from archcalc.graph import PublishedFigure
from archcalc.language.library import Library
from archcalc.loading import LoadedNetwork
from archcalc.reconciling.search import FigureExplanation, Reconciliation

SEED, RANDOM = 20261130, 200


class Reported(NamedTuple):
    """A published figure, and what explains it."""

    network: str
    figure: PublishedFigure
    explanation: FigureExplanation | None


def published() -> Iterator[Reported]:
    """The published figures of MACs and FLOPs of whole networks, each explained without what the specs
    report."""
    for name in Library().zoo:
        network = LoadedNetwork.of(name)
        for figure in network.graph.published_figures:
            if figure.quantity in ("macs", "flops") and figure.of is None:
                unit = figure.quantity if figure.quantity == "flops" else "macs"
                text = f"{unit}={figure.printed}"
                found = Reconciliation(network, [text], name, by_records=False).figures[0]
                yield Reported(name, figure, found.explanations[0] if found.explanations else None)


def random_figures(number: int, digits: int) -> Iterator[tuple[str, str, FigureExplanation | None]]:
    """Figures of so many digits within a tenth of the right MACs of random networks."""
    draw = random.Random(SEED + digits)
    zoo = list(Library().zoo)
    made = 0
    while made < number:
        name = draw.choice(zoo)
        network = LoadedNetwork.of(name)
        macs = sum([layer.facts.macs or 0 for layer in network.graph.main()])
        if not macs:
            continue
        made += 1
        value = macs * (1 + draw.uniform(-0.1, 0.1))
        text = f"{value:.{digits - 1}e}"
        found = Reconciliation(network, [f"macs={text}"], name).figures[0]
        yield name, text, next((one for one in found.explanations if one.believed), None)


def slowest() -> tuple[str, float, float]:
    """The network of which a figure that nothing explains takes longest, with the time of its summary: of the
    CPU, so that what else the machine does is left out."""
    worst = ("", 0.0, 0.0)
    for name in Library().zoo:
        network = LoadedNetwork.of(name)
        start = time.process_time()
        macs = sum([layer.facts.macs or 0 for layer in network.graph.main()])
        network_summary = time.process_time() - start
        start = time.process_time()
        Reconciliation(network, [str(macs * 1037 // 1000 + 1)], name)
        taken = time.process_time() - start
        if taken > worst[1]:
            worst = name, taken, network_summary
    return worst


def main() -> None:
    """Print the three measurements."""
    reported = list(published())
    numbers = Counter(
        "none" if one.explanation is None else len(one.explanation.assumptions) for one in reported
    )
    few = sum([number for key, number in numbers.items() if key in (0, 1, 2)])
    believed = sum([1 for one in reported if one.explanation is not None and one.explanation.believed])
    print(f"published figures: {len(reported)}, explained with at most two assumptions {few}", end="")
    print(f" ({few / len(reported):.1%}), more than a guess {believed} ({believed / len(reported):.1%})")
    for one in reported:
        if one.explanation is None or len(one.explanation.assumptions) > 2:
            why = one.figure.wrong or ""
            print(f"  {one.network} {one.figure.quantity} {one.figure.printed}: not explained. {why}")
    for digits in (3, 4, 5, 7):
        found = [one for one in random_figures(RANDOM, digits) if one[2] is not None]
        known = [one for one in found if one[2] is not None and one[2].documented]
        print(f"{RANDOM} random figures of {digits} digits: {len(found) - len(known)} guesses taken,", end="")
        print(f" {len(known)} printed by a tool or ours by chance")
        for name, text, one in found:
            if one is not None and not one.documented:
                print(f"  {name} {text}: {[assumption.words for assumption in one.assumptions]}")
    name, taken, summary = slowest()
    print(f"slowest: {name} {taken:.2f} s, its summary {summary:.2f} s")


if __name__ == "__main__":
    main()
