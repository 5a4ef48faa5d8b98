"""Writes docs/misconceptions.md from the catalogue. ``python docs/misconceptions.py``."""

from __future__ import annotations

import sys
from pathlib import Path

from generated import write_or_compare

from archcalc.answers.misconceptions import CATALOGUE, CONVENTION, Belief

HEAD = """# What a wrong answer may be consistent with

`python docs/misconceptions.py` writes this page from `archcalc/answers/misconceptions/`. Each entry is a
changed rule; `archcalc check` runs it on the very layer or network that the question is about, and
compares exactly. Letters are those of `archcalc explain`: W, H and C of the input, F the kernel, K the
filters, S the stride, P the padding of one side, D the dilation, G the groups, J the product of the
strides before.

A quiz names the id in `[marks.misconceptions]` to give a share of the points.

A student may follow a wrong rule for sizes in the layer of the question, in one before it, or in all
layers. Where several readings come to the same number, the student's working decides, and then an
argument that this layer really has (dilation, groups, output padding); `--hint` asks about each of them.
Slips of the pen, published figures, figures of other networks of the family, and numbers that were cut
off are not misconceptions, and `check` tells them apart. Where nothing else explains a count, `check`
solves it for one of its own factors: "would be right for 1,600 inputs". It says so only where few
numbers have such a factor, or where the number stands elsewhere in the network.
"""
TITLES = {
    "parameters": "Parameters",
    "other_parameters": "Parameters of other layers",
    "sizes": "Sizes",
    "channels": "Channels",
    "transposed": "Transposed convolutions",
    "operations": "Operations",
    "fields": "Receptive fields",
    "memory": "Memory",
    "depths": "Depth",
    "rooflines": "Time on a device",
    "sequences": "Sequences",
    "totals": "Totals",
    "matrices": "Values by hand",
    "calculated": "Differences, quotients and percentages",
}


def page() -> str:
    """The whole page."""
    parts = [HEAD]
    for group, title in TITLES.items():
        beliefs = [e for e in CATALOGUE.values() if e.rule.__module__.endswith(f".{group}")]
        other = f"{title}: conventions, which are no errors"
        for scope, heading in ((False, title), (True, other)):
            some = [belief for belief in beliefs if (belief.scope == CONVENTION) == scope]
            if some:
                parts.append(f"## {heading}\n")
                parts += [format_belief(belief) for belief in some]
    return "\n".join(parts)


def format_belief(belief: Belief) -> str:
    """One belief."""
    return (
        f"**{belief.name}** · `{belief.id}` · {belief.wrong}  \n{belief.why}  \n"
        f"*{belief.hint}*  \nSeen: {belief.source}.\n"
    )


if __name__ == "__main__":
    sys.exit(write_or_compare({Path(__file__).with_suffix(".md"): page()}))
