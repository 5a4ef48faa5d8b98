"""Writes the table of the layers of Keras: ``python docs/keras_layers.py`` (``--check`` compares)."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from inspect import getmodule
from pathlib import Path

from generated import write_or_compare

from archcalc.importing.files._keras.layers.code import REASONS
from archcalc.importing.files._keras.vocabulary import UNKNOWN, LayerClass, operations, vocabulary

PATH = Path(__file__).parent / "keras_layers.md"

HEAD = """# Layers of Keras

This page says what becomes of each class of `keras.layers`, and of each operation of `keras.ops` in a
functional model. [keras.md](keras.md) says how a model is given.

## Layers
"""

OPERATIONS = """
## Operations

What a functional model holds where code calls a function of `keras.ops`, or an operator such as `x + y` or
`x[:, 0]`. The functions of TensorFlow in models of Keras 2 (`TFOpLambda`, `SlicingOpLambda`) are read as
these. An operation that this page does not name becomes `opaque` with the size that the model states: its
operations are unknown, never 0, so that totals are lower bounds.
"""

REFUSED = """
## Refused

| class | why |
|---|---|
"""


def table(known: Mapping[str, LayerClass], left_out: tuple[str, ...]) -> Iterator[str]:
    """The rows of classes, those of a file together."""
    files: dict[str, dict[str, list[str]]] = {}
    for name, kind in known.items():
        if name in left_out:
            continue
        module = getmodule(type(kind))
        of = ((module.__doc__ if module else "") or "").partition("\n")[0].rstrip(".")
        what = (type(kind).__doc__ or "").partition("\n")[0].rstrip(".")
        files.setdefault(of, {}).setdefault(what, []).append(f"`{name}`")
    for of in sorted(files):
        yield f"\n**{of}**\n\n| what they do | classes |\n|---|---|\n"
        for what, names in files[of].items():
            yield f"| {what} | {', '.join(names)} |\n"


def page() -> Iterator[str]:
    """The lines of the page."""
    yield HEAD
    yield from table(vocabulary(), tuple(REASONS))
    yield OPERATIONS
    yield from table(operations(), (UNKNOWN,))
    yield REFUSED
    for name, why in REASONS.items():
        yield f"| `{name}` | {why} |\n"


def main() -> int:
    """Write what this script makes, or compare it with what is there."""
    return write_or_compare({PATH: "".join(page())})


if __name__ == "__main__":
    sys.exit(main())
