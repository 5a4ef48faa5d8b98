"""The options with which matrices are given to layers: ``--kernel``, ``--bias`` and what goes with them."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import click

from ..diagnostics import fail

if TYPE_CHECKING:
    from ..loading.chain_kernels import GivenMatrix

kernel_option = click.option(
    "--kernel",
    "kernels",
    multiple=True,
    metavar="[LAYER=]MATRIX",
    help="The kernel of a filter, or the weights of a fully connected layer; once for each filter.",
)
bias_option = click.option(
    "--bias",
    "biases",
    multiple=True,
    metavar="[LAYER=]NUMBERS",
    help="A bias for all filters, or one for each.  [default: 0]",
)
flip_option = click.option(
    "--flip", is_flag=True, help="Turn kernels round first: the convolution of mathematics."
)


class StandardInput:
    """Reads standard input, once."""

    def __init__(self) -> None:
        self.used = False

    def __call__(self) -> bytes:
        from ..loading.matrices import MOST_BYTES

        if self.used:
            raise fail("usage", "standard input can be read once")
        self.used = True
        if sys.stdin is None:
            raise fail("file", "there is no standard input")
        return sys.stdin.buffer.read(MOST_BYTES + 1)


def given_matrices(
    texts: Sequence[str], role: str, layout: str, stdin: Callable[[], bytes]
) -> list[GivenMatrix]:
    """The matrices of an option, each behind the name of a layer or alone. Raises SpecError."""
    from ..loading.applying import given_matrix
    from ..loading.matrices import read_matrix

    return [given_matrix(text, role, lambda one: read_matrix(one, role, layout, stdin)) for text in texts]
