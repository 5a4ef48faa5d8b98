"""Writes the zoo beside its published figures: ``python docs/zoo.py`` (``--check`` compares)."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path

from generated import write_or_compare

from archcalc import Network, load
from archcalc.analysis.published_figures import Checked, ways_of_counting
from archcalc.language.library import Library
from archcalc.quantities import CONVENTIONS, MEASURED, REPORTED
from archcalc.reconciling.evidence import BELIEVED
from archcalc.reconciling.search import Reconciliation
from archcalc.report.formats.markdown import escaped
from archcalc.report.screens.list import ZooEntry, by_family, years
from archcalc.report.terminal import ARXIV
from archcalc.report.words import amount, count, marked_size, printed, volume

PATH = Path(__file__).parent / "zoo.md"

# The quantities of published figures, as the head of a line.
NAMES = {
    "params": "parameters",
    "trainable": "trainable parameters",
    "total": "parameters and buffers",
    "macs": "MACs",
    "flops": "FLOPs",
    "connections": "connections",
    "units": "units",
    "rf": "receptive field",
    "depth": "depth",
    "bytes": "bytes of parameters",
    "top1": "top-1",
    "top5": "top-5",
}
INTRODUCTION = """\
# The zoo

This page shows the published figures of each network of the zoo beside the computed ones. `python
docs/zoo.py` writes it from the specs; `archcalc summary NAME -v` shows the same for one network,
`archcalc show NAME` prints its spec.

A figure **agrees** if it is the computed value: to the last digit, **rounded** to the printed digits, or
**cut off** there (papers do both). Where it **differs**, the last column says why: what [`archcalc
reconcile`](reconcile.md) finds, where it finds it beyond doubt, and else the words of the spec. Accuracies
come from training and are repeated for the record; the source says whether it prints an accuracy or an error.

Parameters are the learned values, and each counts once; the moving statistics of batch norm are buffers.
MACs are the multiply-adds of convolutions and fully connected layers without biases, and FLOPs are twice
as many. Depth is the largest number of such layers on a path from input to output. The receptive field
is that of the last layer that does not see everything. Activations and peak are those of one image in
fp32. Where a figure was counted in another way, the line below the quantity says how:
"""


class Member:
    """A network with its entry in the list and its published figures."""

    def __init__(self, network: Network):
        summary = network.summary()
        self.network = network
        self.metadata = network.graph.metadata
        self.entry = ZooEntry.of(summary)
        self.published_figures: list[Checked] = summary.published_figures


def zoo() -> list[tuple[str, list[Member]]]:
    """The networks by family, in the order of ``archcalc list``."""
    library = Library()
    library.read_zoo()
    members = [Member(load(name, library=library)) for name in library.zoo]
    entries = {id(member.entry): member for member in members}
    ordered = [entries[id(entry)] for entry in by_family([m.entry for m in members])]
    return [(family, list(group)) for family, group in groupby(ordered, lambda m: m.entry.family)]


def document(families: list[tuple[str, list[Member]]]) -> Iterator[str]:
    """The whole text."""
    yield INTRODUCTION + "\n"
    for word, convention in CONVENTIONS.items():
        yield f"- {convention.words} (`as {word}`)\n"
    yield "- as a tool counts, by its [profile](counters.md) (`as fvcore`)\n"
    everyone = [member for _, members in families for member in members]
    published_figures = [(member, checked) for member in everyone for checked in member.published_figures]
    differ = [(member, checked) for member, checked in published_figures if checked.agrees is False]
    measured = sum(checked.figure.quantity in MEASURED for _, checked in published_figures)
    agree = sum(checked.agrees is True for _, checked in published_figures)
    yield (
        f"\n{len(everyone)} networks, {len(published_figures)} published figures: {agree} agree, "
        f"{len(differ)} differ, {measured} are accuracies.\n\n"
    )
    for family, members in families:
        links = ", ".join([f"[{m.entry.name}](#{m.entry.name})" for m in members])
        yield f"- [{family}](#{anchor(heading(family, members))}): {links}\n"
    yield "\n## Figures that differ\n\n"
    heads = ["network", "quantity", "published", "source", "computed", "why"]
    yield from table(
        heads,
        [
            [
                f"[{member.entry.name}](#{member.entry.name})",
                *cells(checked)[:4],
                escaped(computed_reason(member, checked) or checked.figure.wrong or "not known"),
            ]
            for member, checked in differ
        ],
    )
    for family, members in families:
        yield f"\n## {escaped(heading(family, members))}\n"
        for member in members:
            yield from one(member)


# The quantities that `archcalc reconcile` looks for, by its own words.
RECONCILED = {"macs": "macs", "flops": "flops", "params": "params", "total": "params"}


def computed_reason(member: Member, checked: Checked) -> str:
    """Why a figure differs, where ``archcalc reconcile`` finds it and neither a publication nor the number of
    its digits leaves a doubt; else nothing, and the words of the spec hold."""
    figure = checked.figure
    if figure.quantity not in RECONCILED:
        return ""
    label = f"{figure.of}." if figure.of else ""
    text = f"{label}{RECONCILED[figure.quantity]}={figure.printed}"
    for found in Reconciliation(member.network, [text], target=member.entry.name).figures[0].explanations:
        misprint = any(one.id == "misprint" for one in found.assumptions)  # a slip in a sum looks like one
        if found.believed and not misprint and (found.sources or found.chance <= BELIEVED):
            title = f" ({found.title})" if found.title else ""
            return f"{', '.join([one.words for one in found.assumptions])}: {found.value:,}{title}"
    return ""


def heading(family: str, members: list[Member]) -> str:
    """A family and its years, which no network is called."""
    return f"{family}, {years([m.entry for m in members], ' to ') or 'without a year'}"


def anchor(heading: str) -> str:
    """What GitHub calls a heading in a link."""
    return re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")


def one(member: Member) -> Iterator[str]:
    """A network: where it is from, its totals, its figures."""
    metadata, entry, totals = member.metadata, member.entry, member.entry.totals
    yield f"\n### {entry.name}\n\n{escaped(metadata.title or '')}  \n"
    if metadata.papers:
        papers = [escaped(paper) for paper in metadata.papers]
        links = [ARXIV.sub(r"[\g<0>](https://arxiv.org/abs/\1)", paper) for paper in papers]
        yield "; ".join(links) + "\n"
    for note in metadata.notes:
        yield f"\n{escaped(note)}\n"
    size = entry.field and marked_size(entry.field["size"], entry.field["aligned"], entry.field["gated"])
    facts = [
        f"input {'; '.join([volume(shape) for shape in entry.inputs])}",
        f"{count(totals['params'])} parameters",
        f"{count(totals['buffers'])} buffers" if totals["buffers"] else "",
        f"{count(totals['macs'])} MACs",
        f"depth {totals['depth']}",
        f"receptive field {escaped(size)}" if size else "",
        f"activations {amount(totals['activation_bytes'])}",
        f"peak {amount(totals['peak_bytes'])}",
    ]
    yield f"\n{' · '.join([fact for fact in facts if fact])}\n"
    if not member.published_figures:
        yield "\nNo published figures.\n"
        return
    yield "\n"
    heads = ["quantity", "published", "source", "computed", "verdict"]
    yield from table(heads, [cells(checked) for checked in member.published_figures])


def cells(checked: Checked) -> list[str]:
    """A published figure: quantity, figure, source, computed, verdict."""
    figure = checked.figure
    quantity = NAMES.get(figure.quantity) or REPORTED[figure.quantity].words
    quantity += f" of {escaped(figure.of)}" if figure.of else ""
    if counted := ways_of_counting(figure):
        shown = ", ".join(counted)
        quantity += f", {shown}" if figure.quantity in MEASURED else f"<br>{shown}"
    value = checked.computed
    computed = f"{value:,}" if isinstance(value, int) else str(value or "")
    return [quantity, printed(figure.printed), escaped(figure.source or ""), computed, verdict(checked)]


def verdict(checked: Checked) -> str:
    """What is to be said of a figure."""
    if checked.agrees is None:
        return "measured" if checked.figure.quantity in MEASURED else "cannot be computed"
    if checked.agrees:
        return checked.words
    return f"**differs**: {escaped(checked.figure.wrong or 'not known why')}"


def table(heads: list[str], rows: Iterable[list[str]]) -> Iterator[str]:
    """A table with pipes; figures stand on the right."""
    right = {"published", "computed"}
    for row in [heads, ["--:" if head in right else "---" for head in heads], *rows]:
        yield "| " + " | ".join(row) + " |\n"


def main() -> int:
    """Write what this script makes, or compare it with what is there."""
    return write_or_compare({PATH: "".join(document(zoo()))})


if __name__ == "__main__":
    sys.exit(main())
