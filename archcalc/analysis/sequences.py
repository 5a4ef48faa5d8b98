"""Where a fully connected layer flattens a sequence."""

from __future__ import annotations

from ..graph import Layer


def flattened(layer: Layer) -> Layer | None:
    """The layer that made the sequence which a fully connected layer flattens: a recurrent one,
    attention, an embedding. None where it flattens no sequence, or is no such layer; what keeps the
    positions in between, such as a normalisation, is passed over."""
    if not layer.op.flattens or len(layer.inputs) != 1:
        return None
    at = layer.inputs[0]
    while len(at.output) == 2 and at.output[0] > 1 and at.inputs:
        if at.op.group == "sequence":
            return at
        if at.op.is_convolution or at.inputs[0].output.spatial != at.output.spatial:
            return None
        at = at.inputs[0]
    return None
