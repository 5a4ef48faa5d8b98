"""The small models that the onnx package carries: each is read, or refused for a reason."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

onnx = pytest.importorskip("onnx", reason="the onnx package is not installed")

import archcalc  # noqa: E402
from archcalc.diagnostics import SpecError  # noqa: E402

DATA = Path(onnx.__file__).parent / "backend" / "test" / "data"
KINDS = ("pytorch-converted", "pytorch-operator", "simple")
MODELS = [path for kind in KINDS for path in sorted((DATA / kind).glob("*/model.onnx"))]

_BATCH = "the first axis of the second matrix is no batch, and archcalc takes it for one"
_SHAPE = "the shape is an input, and what it holds is not known before the network runs"
_LIST = "a list of tensors is no tensor"
# What is refused: why, and a part of the message.
REFUSED = {
    "test_operator_addmm": (_BATCH, "have no product"),
    "test_operator_mm": (_BATCH, "have no product"),
    **{f"test_expand_shape_model{n}": (_SHAPE, "depends on values, and is not known") for n in range(1, 5)},
    "test_sequence_model6": (_LIST, "no output depends on an input"),
    "test_sequence_model7": (_LIST, "there is no place 1 in a list of 1"),
    "test_sequence_model8": (_LIST, "depends on values, and is not known"),
}
_VIEW = "what only arranges values anew makes no layer, so the sizes are those from before it"
_WITHIN = "a tensor of the file has the batch in it, and one element is broadcast against all of it"
# What has other sizes than the file states: why, and its sizes here.
OTHER_SIZES: dict[str, tuple[str, list[int]]] = {
    "test_sequence_model4": ("the file does not state how long one of its axes is", [4, 9]),
    "test_PixelShuffle": (_VIEW, [4, 4, 9]),
    "test_operator_flatten": (_VIEW, [2, 3, 4]),
    "test_PoissonNLLLLoss_no_reduce": (_WITHIN, [10, 10]),
    "test_operator_non_float_params": (_WITHIN, [2, 2]),
    "test_operator_params": (_WITHIN, [2, 2]),
}
# What has other parameters than it has stored numbers, and how many it has.
PARAMS = {
    "test_operator_non_float_params": (0, "whole numbers are not learned"),
    **{f"test_sequence_model{n}": (0, "places in a list are not learned") for n in range(1, 4)},
}


def test_the_package_carries_models() -> None:
    """Defeats: a sweep over a folder that is not there, which passes with nothing read."""
    assert len(MODELS) > 80
    names = {path.parent.name for path in MODELS}
    assert {*REFUSED, *OTHER_SIZES, *PARAMS} <= names


@pytest.mark.parametrize("path", MODELS, ids=[path.parent.name for path in MODELS])
def test_sizes_and_parameters_are_those_of_the_file(path: Path) -> None:
    """Sizes are those that the file states for its first output, without the batch, and parameters are its
    initializers, without the mean and the variance of batch norms. Defeats: a reader that drops a weight,
    counts a buffer, or rounds the size behind a window the wrong way."""
    name = path.parent.name
    if name in REFUSED:
        with pytest.raises(SpecError, match=REFUSED[name][1]):
            archcalc.load(str(path))
        return
    net = archcalc.load(str(path))
    model = onnx.load(str(path))
    stored = {one.name: math.prod(one.dims) for one in model.graph.initializer}
    for node in model.graph.node:
        if node.op_type == "BatchNormalization":
            for buffer in node.input[3:5]:
                stored.pop(buffer)
    wanted = PARAMS[name][0] if name in PARAMS else sum(stored.values())
    assert net.summary().totals["params"] == wanted
    dims = model.graph.output[0].type.tensor_type.shape.dim
    sizes = [dim.dim_value for dim in dims][1 if len(dims) > 1 else 0 :]
    wanted_sizes = OTHER_SIZES[name][1] if name in OTHER_SIZES else sizes
    # Axes of size 1 may be anywhere, and channels stand last.
    found = sorted(size for size in net.graph.output.output if size != 1)
    assert found == sorted(size for size in wanted_sizes if size != 1)
    assert (name in OTHER_SIZES) == (found != sorted(size for size in sizes if size != 1))
