"""Writes docs/quantities.md from the table that every command reads.

``python docs/quantities.py`` writes the file; with ``--check`` it only says whether it is that of
today.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from generated import write_or_compare

from archcalc.quantities import CONVENTIONS, QUANTITIES, REPORTED

PATH = Path(__file__).parent / "quantities.md"
HEAD = """\
# Quantities

archcalc computes these quantities of a layer and of a network. Every command knows the same names:
`check` and quizzes ask for them (`conv1.params`, `total.macs`), `explain` shows where they come from,
conditions of `solve`, `sweep` and `list` compare them, `report` lines of a spec hold published figures
against them, `--columns` of `summary`, `compare`, `sweep` and `list` shows them, and the JSON has them. Case,
`-` and `_` do not matter.

Of a network, a sum is that over its layers, `rf`, `stride` and `start` are those of the last layer that
does not see everything, and `size` and `output` are those of its output. Where a chain is asked about
and no layer is named, a sum is that of the whole chain and everything else is that of its last layer.
| name | of | what it is | also called |
|---|---|---|---|
"""
TAIL = """
In `report` lines of a spec there are two more: `total`, the parameters with the buffers, as Keras
counts, and `bytes`, the bytes of the parameters in fp32. A figure that was counted in another way
says so behind `as`:

"""


def document() -> Iterator[str]:
    """The page in pieces."""
    yield HEAD
    for quantity in QUANTITIES.values():
        of = [word for word, has in (("layer", quantity.layer), ("network", quantity.of_network)) if has]
        called = ", ".join([f"`{word}`" for word in quantity.called if word.isidentifier()])
        means = quantity.means[:1].upper() + quantity.means[1:]
        yield f"| `{quantity.name}` | {', '.join(of)} | {means}. | {called} |\n"
    yield TAIL
    for word, convention in CONVENTIONS.items():
        names = [f"`{name}`" for name in convention.quantities if name in REPORTED]
        shown = ", ".join(names) if len(names) < 8 else "sums"
        yield f"- `as {word}`: {convention.words} ({shown})\n"
    yield "- `as fvcore`, or the name of another [counter](counters.md): as that tool counts "
    yield "(`macs`, `flops`)\n"
    yield """
The backward pass computes the gradients of the weights that are trained, and of what arrives at a
layer where something before it is trained. Each takes as many MACs as the forward pass: a
convolution or linear layer takes twice the forward pass, the first layer and one behind frozen
ones only that of the weights, a frozen one only that of its input. Products of two computed
matrices, as in attention, take two each. Recurrent layers take twice the forward pass; the
gradient of the first state, zero, is counted with the others. PyTorch's `FlopCounterMode` counts
the same, but for grouped convolutions, whose weights' gradient it takes groups times too often.
"""


def main() -> int:
    """Write what this script makes, or compare it with what is there."""
    return write_or_compare({PATH: "".join(document())})


if __name__ == "__main__":
    sys.exit(main())
