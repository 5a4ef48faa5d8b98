"""How the values of a tensor lie in memory, where that decides what PyTorch copies.

A tensor is ``N, C, H, W``, whatever lies where. One element of the batch is looked at; a copy that
only a batch of several needs is not counted.
"""

from __future__ import annotations

from ..arithmetic import value_of
from ..shape import Shape

# Channel after channel, as a convolution puts its output; position after position, the channels of
# each together, as a linear map of the channels does; or some of the channels of each position.
FIRST, LAST, PART = "channels first", "channels last", "a part of the channels"


def lies(arrangement: str, wanted: str, x: Shape) -> bool:
    """Whether a tensor lies as FIRST or LAST have it; of one channel or one position both do."""
    if arrangement == PART:
        return False
    return arrangement == wanted or value_of(x.positions) == 1 or value_of(x.channels) == 1
