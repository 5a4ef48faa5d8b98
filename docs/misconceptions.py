"""Writes docs/misconceptions.md from the catalogue. ``python docs/misconceptions.py``."""

from __future__ import annotations

from pathlib import Path

from archcalc.answers.misconceptions import CATALOGUE, CONVENTION, Belief

HEAD = """# What a wrong answer may be consistent with

Written from `archcalc/answers/misconceptions/` by `python docs/misconceptions.py`. Every entry is
a rule, changed; `archcalc check` runs it on the very layer or network that was asked about, and
compares exactly. Letters are those of `archcalc explain`: W, H and C of the input, F the kernel, K
the filters, S the stride, P the padding of one side, D the dilation, G the groups, J the product of
the strides before.

The id is what a quiz's `[marks.misconceptions]` gives a share of the points for.

A rule for sizes is followed in the layer that is asked about, in one before it, or in all of them.
Where several readings come to the same number, what was shown of the working decides, then what
uses an argument that this layer really has (dilation, groups, output padding); `--hint` asks after
each of them. Slips of the pen, published figures, those of other networks of the family, and
numbers that were cut off are no misconceptions, and are told apart from them. What nothing else
explains is solved for one of the count's own factors: "would be right for 1,600 inputs". That is
said only where few numbers have such a factor, or it stands elsewhere in the network.
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
    "sequences": "Sequences",
    "totals": "Totals",
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
    Path(__file__).with_suffix(".md").write_text(page(), encoding="utf-8")
