"""Writes the table of the operators of ONNX: ``python docs/onnx_operators.py`` (``--check`` compares)."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from inspect import getmodule
from pathlib import Path

from generated import write_or_compare

from archcalc.importing.files._onnx.operators.gathering import without_layer
from archcalc.importing.files._onnx.operators.lists import unread
from archcalc.importing.files._onnx.rules import rules

PATH = Path(__file__).parent / "onnx_operators.md"

HEAD = """# Operators of ONNX

This page says what becomes of each operator in an `.onnx` file. An operator with a rule becomes the
operations that PyTorch has for it, and these become layers as those of a traced module do. Operators of
`com.microsoft` are those that the optimizer of onnxruntime writes in the place of several. What only
concerns sizes and indices is computed and is no layer.

A quantised layer counts as the layer that it is: its multiply-adds are those of whole numbers, its weights
are parameters, and its scales and zero points are no parameters.
"""

OPAQUE = """
## Without a layer

archcalc has no layer for these. Each is `opaque`, with the size that the file states and the parameters that
it reads; its operations are unknown, never 0, so that totals are lower bounds. An operator that this page
does not name becomes such a layer too, and so does an option that no layer has: a GRU whose reset gate meets
the state (`linear_before_reset=0`), peepholes, `clip`, an average pool with holes. The multiply-adds of some
of them are known all the same: those of `DeformConv` and of recurrent layers with such options are those of
their products, and those of `Trilu`, `OneHot`, `ScatterND` and others that move or compare values are 0.

`NonZero`, `Unique`, `Compress` and others put out as much as there is of something: unless the file states a
number, they are refused at that node.
"""

REFUSED = """
## Refused

A list of tensors, or one that may be missing, is no tensor. A node with one of these is refused by its name.
"""


def page() -> Iterator[str]:
    """The lines of the page."""
    known = rules()
    files: dict[str, list[str]] = {}
    for (domain, operator), function in known.items():
        if function not in (without_layer, unread):
            module = getmodule(function)
            words = ((module.__doc__ if module else "") or "").partition("\n")[0].rstrip(".")
            files.setdefault(words, []).append(f"`{domain}.{operator}`" if domain else f"`{operator}`")
    yield HEAD
    yield "\n## With a rule\n\n| what they do | operators |\n|---|---|\n"
    for words, names in sorted(files.items()):
        yield f"| {words} | {', '.join(sorted(names))} |\n"
    for text, rule in ((OPAQUE, without_layer), (REFUSED, unread)):
        yield text
        yield f"\n{', '.join(sorted(f'`{name}`' for (_, name), one in known.items() if one is rule))}\n"


def main() -> int:
    """Write what this script makes, or compare it with what is there."""
    return write_or_compare({PATH: "".join(page())})


if __name__ == "__main__":
    sys.exit(main())
