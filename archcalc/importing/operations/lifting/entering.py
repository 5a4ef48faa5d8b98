"""The inputs of a module as layers."""

from __future__ import annotations

from ....graph import Layer
from ....ops.rearranging import Input
from ....shape import Shape
from ..recording import Recording, Value
from .placements import ONE_BATCH, Placement

# What slides over a map or makes it larger, and the most channels that an image comes with.
WINDOWS = ("conv", "max_pool", "avg_pool", "adaptive", "upsample")
MOST_COLOURS = 4
# What an image goes through before that: it is normalized, and laid into a batch.
SAME_MAP = frozenset(
    "sub div mul add unsqueeze select stack clone to _to_copy copy write archcalc.write".split()
)
# What leaves the axes of a tensor as they are, beside padding.
SAME_AXES = frozenset("sub div mul add neg relu tanh sigmoid clamp dropout clone to _to_copy".split())
RECURRENT = ("lstm", "gru", "rnn_tanh", "rnn_relu")
# What leaves the batch and the positions of a sequence as they are.
SAME_POSITIONS = SAME_AXES | {"embedding", "linear", "layer_norm", "rms_norm", "gelu", "silu"}


def entered(recording: Recording, value: Value) -> tuple[Layer, Placement]:
    """The layer of an input, and the input over it: maps with the channels last, everything else as it is."""
    sizes = value.sizes
    batch = _batch_axis(recording, value)
    rest = tuple([size for axis, size in enumerate(sizes) if axis != batch])
    batched = batch is not None
    is_map = _is_map(recording, value, len(rest)) if batched else _is_single_image(recording, value)
    if value.dtype.startswith("float") and is_map:
        shape = Shape([*rest[1:], rest[0]])
        axes: list[int] = [len(rest) - 1, *range(len(rest) - 1)]
    else:
        shape = Shape(rest or (1,))
        axes = list(range(len(rest)))
    op = Input(shape)
    layer = Layer(value.name, op, (), op.facts(()))
    below = Placement(layer, ())
    dims = [below.whole(axis) for axis in axes]
    if batch is not None:
        dims.insert(batch, (ONE_BATCH,))
    return layer, Placement(layer, dims)


def _batch_axis(recording: Recording, value: Value) -> int | None:
    """The axis along which the batch of an input stands: the first; of a sequence that a recurrence reads
    which has the positions first, the second. None where there is none."""
    sizes = value.sizes
    first = 0 if sizes and sizes[0] == 1 else None
    if len(sizes) < 2 or sizes[1] != 1:
        return first
    same = {value}
    for operation in recording.operations:
        if same.isdisjoint(operation.inputs):
            continue
        if operation.name in RECURRENT:
            return first if operation.arguments.get("batch_first", True) else 1
        if operation.name in SAME_POSITIONS:
            same.update(operation.outputs)
    return first


def _is_map(recording: Recording, value: Value, axes: int) -> bool:
    """Whether the channels of an input come first: of images, unless what reads it says otherwise; of a
    signal where a window reads it."""
    if axes < 2:
        return False
    same = {value}
    for operation in recording.operations:
        if same.isdisjoint(operation.inputs):
            continue
        if operation.name.startswith((*WINDOWS, "batch_norm", "group_norm", "instance_norm")):
            return True
        if operation.name in ("linear", "layer_norm", "rms_norm", *RECURRENT):
            return False
        if "pad" in operation.name or operation.name in SAME_AXES:
            same.update(operation.outputs)
    return axes in (3, 4)


def _is_single_image(recording: Recording, value: Value) -> bool:
    """Whether it is an image without a batch, as detectors take them: a window reads it, once it was
    normalized and had a batch before it."""
    if len(value.sizes) != 3 or value.sizes[0] > MOST_COLOURS:
        return False
    same = {value}
    for operation in recording.operations:
        if same.isdisjoint(operation.inputs):
            continue
        if operation.name.startswith(WINDOWS):
            return True
        if operation.name not in SAME_MAP:
            return False
        same.update(operation.outputs)
    return False
