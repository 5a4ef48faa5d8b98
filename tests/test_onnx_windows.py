"""Windows of ONNX with every kind of padding, drawn at random: sizes against what onnxruntime computes, and
multiply-adds against a count of the products one by one."""

from __future__ import annotations

import random
from itertools import product
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
import pytest

onnx = pytest.importorskip("onnx", reason="the onnx package is not installed")
ort = pytest.importorskip("onnxruntime", reason="onnxruntime is not installed")

from onnx import TensorProto, helper, numpy_helper  # noqa: E402

import archcalc  # noqa: E402

pytestmark = pytest.mark.slow


def drawn(rng: random.Random, operator: str) -> tuple[dict[str, Any], tuple[int, ...], tuple[int, ...]]:
    """Attributes of a window, the sizes of the map and of the weight."""
    axes = rng.choice([1, 2, 2, 3])
    kernel = [rng.randint(1, 4) for _ in range(axes)]
    given: dict[str, Any] = {"kernel_shape": kernel, "strides": [rng.randint(1, 3) for _ in range(axes)]}
    if operator in ("Conv", "MaxPool", "ConvTranspose") and rng.random() < 0.4:
        given["dilations"] = [rng.randint(1, 2) for _ in range(axes)]
    way = rng.choice(["pads", "pads", "SAME_UPPER", "SAME_LOWER", "VALID", ""])
    if way == "pads":
        given["pads"] = [rng.randrange(k) for k in kernel + kernel]
    elif way:
        given["auto_pad"] = way
    pool = operator.endswith("Pool")
    if pool and rng.random() < 0.5 and way in ("pads", ""):
        given["ceil_mode"] = 1
    if operator == "AveragePool":
        given["count_include_pad"] = rng.randrange(2)
    if operator == "ConvTranspose" and way in ("pads", "") and rng.random() < 0.5:
        given["output_padding"] = [rng.randrange(s) for s in given["strides"]]
    # Of these two the runtime has other sizes than the standard, and than onnx.shape_inference: it forgets
    # holes, and does not fill up what a kernel shorter than its step leaves open.
    if way.startswith("SAME") and operator == "MaxPool":
        given.pop("dilations", None)
    if way.startswith("SAME") and operator == "ConvTranspose":
        given["strides"] = [min(s, k) for s, k in zip(given["strides"], kernel, strict=True)]
    sizes = [rng.randint(6, 11) for _ in range(axes)]
    groups = rng.choice([1, 1, 2]) if not pool else 1
    if groups > 1:
        given["group"] = groups
    weight = (6, 4 // groups, *kernel) if operator == "Conv" else (4, 6 // groups, *kernel)
    return given, (1, 4, *sizes), () if pool else weight


def products(x: tuple[int, ...], weight: tuple[int, ...], out: tuple[int, ...], transposed: bool) -> int:
    """Products of a convolution, padding counted as any other value: a kernel for each output, or of a
    transposed one for each input."""
    positions = list(product(*[range(n) for n in (x if transposed else out)[2:]]))
    channels = x[1] if transposed else out[1]
    return len(positions) * channels * prod(weight[1:])


@pytest.mark.parametrize("operator", ["Conv", "ConvTranspose", "MaxPool", "AveragePool", "LpPool"])
@pytest.mark.parametrize("opset", [11, 18, 22])
def test_windows_are_those_of_onnxruntime(operator: str, opset: int, tmp_path: Path) -> None:
    """Defeats: a rim on the wrong side, which is no matter until the kernel is even; the last window of a
    pool that rounds up and begins in the rim; and a rim that is a layer of its own."""
    rng = random.Random(f"{operator} {opset}")
    path = tmp_path / "net.onnx"
    seen = 0
    for _ in range(60):
        given, x, weight = drawn(rng, operator)
        if operator == "LpPool" and opset < 18:
            given.pop("ceil_mode", None)
        names, held = ["x"], []
        if weight:
            names.append("w")
            held.append(numpy_helper.from_array(np.ones(weight, np.float32), "w"))
        node = helper.make_node(operator, names, ["y"], name="window", **given)
        infos = [
            helper.make_tensor_value_info(n, TensorProto.FLOAT, s)
            for n, s in (("x", x), ("y", [None] * len(x)))
        ]
        graph = helper.make_graph([node], "one", infos[:1], infos[1:], held)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8)
        options = ort.SessionOptions()
        options.log_severity_level = 4
        try:
            session = ort.InferenceSession(
                model.SerializeToString(), options, providers=["CPUExecutionProvider"]
            )
            (made,) = session.run(None, {"x": np.ones(x, np.float32)})
        except Exception:  # what the runtime refuses is no witness
            continue
        if 0 in made.shape:
            continue
        seen += 1
        onnx.save(model, path)
        net = archcalc.load(str(path))
        out = net.graph.output.output
        assert (out[-1], *out[:-1]) == made.shape[1:] or tuple(out) == made.shape[1:2], (
            given,
            x,
            out,
            made.shape,
        )
        words = [layer.op.name for layer in net.graph.layers]
        assert "opaque" not in words, (given, x)
        if weight:
            wanted = products(x, weight, made.shape, operator == "ConvTranspose")
            assert net.summary().totals["macs"] == wanted or "zeropad" in words, (given, x)
    assert seen > 30


MODES = ["nearest", "linear", "cubic"]
PLACES = ["half_pixel", "asymmetric", "align_corners", "pytorch_half_pixel", "half_pixel_symmetric"]


def resized(rng: random.Random, opset: int) -> tuple[Any, tuple[int, ...]]:
    """A model that resizes a map, by factors or to sizes, and the sizes of the map."""
    x = (1, 4, rng.randint(3, 9), rng.randint(3, 9))
    given: dict[str, Any] = {"mode": rng.choice(MODES), "coordinate_transformation_mode": rng.choice(PLACES)}
    axes = [0, 1, 2, 3]
    if opset >= 18 and rng.random() < 0.5:
        axes = given["axes"] = rng.choice([[2, 3], [3, 2], [3]])
    none = numpy_helper.from_array(np.array([], np.float32), "none")
    if rng.random() < 0.5:
        factors = [1.0 if n < 2 else rng.choice([2.0, 0.5, 1.5, 0.6, 3.0, 1 / 3]) for n in axes]
        held, names = np.array(factors, np.float32), ["x", "none", "by"]
    else:
        sizes = [x[n] if n < 2 else rng.randint(2, 15) for n in axes]
        held, names = np.array(sizes, np.int64), ["x", "none", "none", "by"]
        if "axes" in given:
            given["keep_aspect_ratio_policy"] = rng.choice(["stretch", "not_larger", "not_smaller"])
    node = helper.make_node("Resize", names, ["y"], **given)
    ends = [helper.make_tensor_value_info(n, TensorProto.FLOAT, s) for n, s in (("x", x), ("y", None))]
    tensors = [none, numpy_helper.from_array(held, "by")]
    graph = helper.make_graph([node], "one", ends[:1], ends[1:], tensors)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8), x


@pytest.mark.parametrize("opset", [11, 13, 18, 19])
def test_maps_are_resized_as_by_onnxruntime(opset: int, tmp_path: Path) -> None:
    """Defeats: a factor that is rounded up, sizes of some axes taken for those of all, and one side of a map
    that does not follow the other."""
    rng = random.Random(opset)
    path = tmp_path / "net.onnx"
    for _ in range(40):
        model, x = resized(rng, opset)
        session = ort.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
        (made,) = session.run(None, {"x": np.ones(x, np.float32)})
        onnx.save(model, path)
        net = archcalc.load(str(path))
        _, channels, height, width = made.shape
        assert net.graph.output.output == (height, width, channels), onnx.printer.to_text(model)
        assert "opaque" not in [layer.op.name for layer in net.graph.layers]
