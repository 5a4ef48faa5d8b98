"""Layers that read whole vectors, word tables, and recurrent layers.

Sources: src/caffe/layers/inner_product_layer.cpp, embed_layer.cpp, lstm_layer.cpp, rnn_layer.cpp.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..blobs import Blob
from ..calls import CaffeCall
from ..forms import CaffeLayer
from ..vocabulary import LayerType


def units_of(call: CaffeCall) -> int:
    """Return how many values a layer puts out. Raises SpecError."""
    units = call.settings.number("num_output", 0)
    if not units:
        raise call.refused("it has no num_output", call.settings.span)
    return units


def merged_behind(call: CaffeCall, blob: Blob, axis: int) -> Blob:
    """Return a blob whose axes from one on are a single one, in Caffe's order. Raises SpecError."""
    blob = call.plain(blob)
    if len(blob.axes) == axis + 1:
        return blob
    inside = [f"a{at}" for at, place in enumerate(blob.axes) if place is not None]
    kept = [f"a{at}" for at, place in enumerate(blob.axes[:axis]) if place is not None]
    rest = [name for name in inside if name not in kept]
    pattern = f"{' '.join(inside)} -> {' '.join([*kept, f'({chr(32).join(rest)})'])}"
    axes = (*blob.axes[:axis], len(kept))
    return call.op("rearrange", blob, part="merged", axes=axes, pattern=pattern)


class InnerProduct(LayerType):
    """A fully connected layer of all axes from one on; those before it stay."""

    types = ("InnerProduct",)
    param = "inner_product_param"

    def write(self, call: CaffeCall) -> list[Blob]:
        units, bias = units_of(call), call.settings.true("bias_term", True)
        call.settings.true("transpose", False)  # the order of the weights in memory, and no figure
        made: list[Blob] = []
        for x in call.blobs:
            axis = call.axis(x)
            if None not in x.axes[:axis]:
                raise call.refused("it reads all images of a batch together", "axis")
            options: dict[str, Any] = {"units": units, "bias": bias, "frozen": call.layer.frozen(1 + bias)}
            part = f"{len(made) + 1}" if made else ""
            like = made[0] if made else None
            if axis == 1:
                x = call.plain(x) if len(x.axes) > 2 and x.axes[1] == 0 else x
                made.append(call.op("fc", x, part=part, like=like, axes=(None, 0), **options))
                continue
            x = merged_behind(call, x, axis)
            made.append(call.op("linear", x, part=part, like=like, **options))
        return made


class Embed(LayerType):
    """A word table, with a bias that is added to each vector."""

    types = ("Embed",)
    param = "embed_param"

    def write(self, call: CaffeCall) -> Blob:
        x = call.plain(call.x)
        words = call.settings.number("input_dim", 0)
        if not words:
            raise call.refused("it has no input_dim", call.settings.span)
        if len(x.written.output) != 1:
            raise call.refused(f"a table of words reads a sentence, and {x.text} arrives")
        bias = call.settings.true("bias_term", True)
        made = call.op(
            "embedding",
            x,
            axes=(*x.axes, 1),
            vocabulary=words,
            size=units_of(call),
            frozen=call.layer.frozen(1 + bias),
        )
        return call.op("bias", made, part="bias", frozen=call.layer.frozen(2)) if bias else made


class CaffeRecurrent(LayerType):
    """Recurrent layers: of blobs T x N x …, with a blob T x N that says where sequences go on.

    Their step has one map of what arrives, with a bias, and one of the state, without. Behind the state of an
    RNN stands one more map, whose tanh it puts out.
    """

    types = ("LSTM", "RNN")
    param = "recurrent_param"

    def reads(self, layer: CaffeLayer) -> Sequence[str]:
        """Where sequences go on is no value that is computed with."""
        return [*layer.bottoms[:1], *layer.bottoms[2:]]

    def write(self, call: CaffeCall) -> Blob:
        x = call.blobs[0]
        if len(call.layer.bottoms) > 2:
            raise call.refused(
                "a recurrent layer that reads a third blob at each step is not read",
                call.layer.message.place("bottom"),
            )
        if call.settings.true("expose_hidden", False):
            raise call.refused("states that come and go as blobs are not read", "expose_hidden")
        if len(x.axes) < 3 or x.axes[1] is not None:
            raise call.refused(
                f"it reads blobs of steps, sequences and values, and {x.text} arrives",
                call.layer.message.place("bottom"),
                "the input of a recurrent layer has the sizes of its steps first, and then the batch",
            )
        x = merged_behind(call, x, 2)
        units = units_of(call)
        if call.layer.word == "LSTM":
            return call.op("lstm", x, units=units, frozen=call.layer.frozen(3))
        made = call.op("rnn", x, units=units, frozen=call.layer.frozen(5))
        made = call.op("linear", made, part="output", units=units, frozen=call.layer.frozen(5))
        return call.op("tanh", made, part="tanh")
