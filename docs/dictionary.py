"""Writes docs/dictionary.md: what a layer is called in archcalc, in Keras and in PyTorch.

``python docs/dictionary.py`` writes the file; with ``--check`` it only says whether it is that of today. The
words of PyTorch are those of each op's own example, as ``archcalc export`` writes it.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from generated import write_or_compare

from archcalc.network import load
from archcalc.ops import registry
from archcalc.report.screens.op_page import place_of

PATH = Path(__file__).parent / "dictionary.md"
HEAD = """\
# Dictionary

What a layer is called here, in Keras and in PyTorch, by an example of each. An empty cell says that the other
library has no such layer. [layers.md](layers.md) has their arguments and rules.
"""


def document() -> Iterator[str]:
    """The page in pieces."""
    yield HEAD
    group = ""
    ops = sorted(registry().values(), key=lambda op: (place_of(op.group), op.__module__))
    for op in ops:
        if not op.example:
            continue
        if op.group != group:
            group = op.group
            yield f"\n## {group[:1].upper()}{group[1:]}\n\n| archcalc | Keras | PyTorch |\n|---|---|---|\n"
        graph = load("-", stdin=op.example).graph
        layer = next((layer for layer in graph.layers if type(layer.op) is op), None)
        spec = op.name if layer is None else (layer.text or op.name)
        code = None if layer is None else layer.op.torch_code(*[at.output for at in layer.inputs])
        words = "" if code is None else (code.module or code.apply)
        keras = op.keras.format("2") if op.keras else ""
        cells = [f"`{text}`" if text else "" for text in (spec, keras, words)]
        yield "| " + " | ".join([cell.replace("|", "\\|") for cell in cells]) + " |\n"


if __name__ == "__main__":
    sys.exit(write_or_compare({PATH: "".join(document())}))
