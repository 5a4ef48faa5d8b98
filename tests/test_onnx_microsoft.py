"""Operators of onnxruntime: sizes against what it computes, figures against the layers that they stand for,
and files that its optimizer and its quantizer have written against those that they were given."""

from __future__ import annotations

import contextlib
import io
import logging
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest

onnx = pytest.importorskip("onnx", reason="the onnx package is not installed")
ort = pytest.importorskip("onnxruntime", reason="onnxruntime is not installed")

from onnx import TensorProto, helper, numpy_helper  # noqa: E402

import archcalc  # noqa: E402

MICROSOFT = "com.microsoft"
FLOAT, BYTE = np.float32, np.uint8
X = (1, 7, 16)


def held(*sizes: int, kind: Any = FLOAT) -> Any:
    """A tensor of the file."""
    return np.random.default_rng(5).integers(1, 5, sizes).astype(kind)


def one(value: float, kind: Any = FLOAT) -> Any:
    return np.asarray(value, kind)


STEP, ZERO = one(0.1), one(3, BYTE)


class Case:
    """A node, and what it comes to.

    Attributes:
        inputs: The sizes of what the network is given, with a type where it is none with a point; an array is
            a tensor of the file, None is an input that is left out.
        params: The parameters of the layers.
        macs: Their multiply-adds.
        layers: Their ops, those that only arrange values left out.
        outputs: How many outputs it has.
    """

    def __init__(
        self, operator: str, *inputs: Any, params: int, macs: int, layers: str, outputs: int = 1, **more: Any
    ):
        self.operator = operator
        self.inputs = inputs
        self.params = params
        self.macs = macs
        self.layers = layers
        self.outputs = outputs
        self.attributes = more

    def model(self) -> tuple[Any, dict[str, Any]]:
        """The model, and what it is given."""
        names = [f"x{n}" if x is not None else "" for n, x in enumerate(self.inputs)]
        stored, infos, given = [], [], {}
        for name, x in zip(names, self.inputs, strict=True):
            if isinstance(x, np.ndarray):
                stored.append(numpy_helper.from_array(x, name))
            elif x is not None:
                sizes, kind = x if isinstance(x[0], tuple) else (x, FLOAT)
                given[name] = np.ones([1 if n == "N" else n for n in sizes], kind)
                infos.append(
                    helper.make_tensor_value_info(
                        name, helper.np_dtype_to_tensor_dtype(np.dtype(kind)), sizes
                    )
                )
        outputs = [f"y{n}" for n in range(self.outputs)]
        node = helper.make_node(
            self.operator, names, outputs, name="node", domain=MICROSOFT, **self.attributes
        )
        ends = [helper.make_tensor_value_info(y, TensorProto.UNDEFINED, None) for y in outputs]
        for end in ends:
            end.ClearField("type")
        graph = helper.make_graph([node], "one", infos, ends, stored)
        opsets = [helper.make_opsetid("", 20), helper.make_opsetid(MICROSOFT, 1)]
        return helper.make_model(graph, opset_imports=opsets, ir_version=9), given


TABLE = held(4, 16)
CACHES = held(16, 4), held(16, 4)
CASES = {
    "Gelu": Case("Gelu", X, params=0, macs=0, layers="gelu"),
    "BiasGelu": Case("BiasGelu", X, held(16), params=16, macs=0, layers="bias gelu"),
    "FastGelu": Case("FastGelu", X, held(16), params=16, macs=0, layers="bias gelu"),
    "QuickGelu": Case("QuickGelu", X, params=0, macs=0, layers="times sigmoid mul"),
    "FusedGemm": Case("FusedGemm", (1, 16), held(16, 5), held(5), activation="Relu", params=85, macs=80,
                      layers="fc relu"),
    "FusedMatMul": Case("FusedMatMul", X, held(5, 16), transB=1, alpha=0.5, params=80, macs=560,
                        layers="linear times"),
    "FusedConv": Case("FusedConv", (1, 3, 8, 8), held(4, 3, 3, 3), held(4), activation="Relu", params=112,
                      macs=108 * 36, layers="conv relu"),
    "SkipLayerNormalization": Case("SkipLayerNormalization", X, X, held(16), held(16), held(16), params=48,
                                   macs=0, layers="add bias layernorm"),
    "SkipSimplifiedLayerNormalization": Case("SkipSimplifiedLayerNormalization", X, X, held(16), params=16,
                                             macs=0, layers="add rmsnorm"),
    "EmbedLayerNormalization": Case(
        *("EmbedLayerNormalization", ((1, 7), np.int32), ((1, 7), np.int32)),
        *(held(20, 16), held(9, 16), held(2, 16), held(16), held(16)),
        outputs=2, params=31 * 16 + 32, macs=0, layers="embedding embedding layernorm"),
    "Attention": Case("Attention", X, held(16, 48), held(48), num_heads=4, params=16 * 48 + 48,
                      macs=7 * 16 * 48 + 2 * 49 * 16, layers="linear sdpa"),
    "Attention of one direction": Case("Attention", X, held(16, 48), held(48), num_heads=4, unidirectional=1,
                                       params=16 * 48 + 48, macs=7 * 16 * 48 + 2 * 49 * 16, layers="sdpa"),
    "Attention with tokens before": Case(
        "Attention", ("N", 7, 16), held(16, 48), held(48), None, (2, "N", 4, 3, 4), num_heads=4, outputs=2,
        params=16 * 48 + 48, macs=7 * 16 * 48 + 2 * 7 * 10 * 16, layers=""),
    "MultiHeadAttention": Case("MultiHeadAttention", X, X, X, held(48), num_heads=4, params=48,
                               macs=2 * 49 * 16, layers="sdpa"),
    "MultiHeadAttention of what was encoded": Case(
        "MultiHeadAttention", X, (1, 4, 9, 4), (1, 4, 9, 4), num_heads=4, params=0, macs=2 * 7 * 9 * 16,
        layers=""),
    "MultiHeadAttention with tokens before": Case(
        "MultiHeadAttention", X, X, X, None, None, None, (1, 4, 3, 4), (1, 4, 3, 4), num_heads=4, outputs=3,
        params=0, macs=2 * 7 * 10 * 16, layers=""),
    "GroupQueryAttention": Case(
        "GroupQueryAttention", X, (1, 7, 8), (1, 7, 8), None, None, np.array([6], np.int32),
        np.array(7, np.int32), num_heads=2, kv_num_heads=1, params=0, macs=2 * 49 * 16, layers="sdpa",
        outputs=3),
    "GroupQueryAttention of one tensor": Case(
        "GroupQueryAttention", (1, 7, 32), None, None, None, None, np.array([6], np.int32),
        np.array(7, np.int32), num_heads=2, kv_num_heads=1, params=0, macs=2 * 49 * 16, layers="sdpa",
        outputs=3),
    "MatMulNBits": Case(
        "MatMulNBits", (1, 7, 32), held(5, 2, 8, kind=BYTE), held(10), K=32, N=5, bits=4, block_size=16,
        params=160, macs=1120, layers="linear"),
    "GatherBlockQuantized": Case(
        "GatherBlockQuantized", held(20, 16, kind=BYTE), ((1, 7), np.int64), held(20, 2), block_size=16,
        bits=4, quantize_axis=1, params=640, macs=0, layers="embedding"),
    "QLinearAdd": Case("QLinearAdd", (X, BYTE), STEP, ZERO, (X, BYTE), STEP, ZERO, STEP, ZERO, params=0,
                       macs=0, layers="add"),
    "QLinearMul": Case("QLinearMul", (X, BYTE), STEP, ZERO, (X, BYTE), STEP, ZERO, STEP, ZERO, params=0,
                       macs=0, layers="mul"),
    "QLinearSigmoid": Case("QLinearSigmoid", (X, BYTE), STEP, ZERO, one(1 / 256), one(0, BYTE), params=0,
                           macs=0, layers="sigmoid"),
    "QLinearLeakyRelu": Case("QLinearLeakyRelu", (X, BYTE), STEP, ZERO, STEP, ZERO, alpha=0.2, params=0,
                             macs=0, layers="leaky_relu"),
    "QLinearSoftmax": Case("QLinearSoftmax", (X, BYTE), STEP, ZERO, one(1 / 256), one(0, BYTE), axis=-1,
                           opset=13, params=0, macs=0, layers="softmax"),
    "QLinearConcat": Case("QLinearConcat", STEP, ZERO, (X, BYTE), STEP, ZERO, (X, BYTE), STEP, ZERO, axis=2,
                          params=0, macs=0, layers="concat"),
    "QLinearGlobalAveragePool": Case("QLinearGlobalAveragePool", ((1, 4, 6, 6), BYTE), STEP, ZERO, STEP, ZERO,
                                     params=0, macs=0, layers="gap"),
    "QLinearAveragePool": Case("QLinearAveragePool", ((1, 4, 6, 6), BYTE), STEP, ZERO, STEP, ZERO,
                               kernel_shape=[2, 2], strides=[2, 2], params=0, macs=0, layers="avgpool"),
    "QGemm": Case("QGemm", ((1, 16), BYTE), STEP, ZERO, held(16, 5, kind=BYTE), STEP, ZERO,
                  held(5, kind=np.int32), STEP, ZERO, params=85, macs=80, layers="fc"),
    "MatMulIntegerToFloat": Case("MatMulIntegerToFloat", (X, BYTE), held(16, 5, kind=BYTE), STEP, STEP, ZERO,
                                 ZERO, held(5), params=85, macs=560, layers="linear"),
    "DynamicQuantizeMatMul": Case("DynamicQuantizeMatMul", X, held(16, 5, kind=BYTE), STEP, ZERO, held(5),
                                  params=85, macs=560, layers="linear"),
    "QAttention": Case("QAttention", (X, BYTE), held(16, 48, kind=BYTE), held(48), STEP, STEP, None, ZERO,
                       ZERO, num_heads=4, params=816, macs=7 * 16 * 48 + 2 * 49 * 16, layers="sdpa"),
}  # fmt: skip
# Operators that onnxruntime has on a graphics processor alone, and the sizes that they put out.
ELSEWHERE = {
    "BiasAdd": (Case("BiasAdd", X, held(16), X, params=16, macs=0, layers="bias add"), X),
    "GroupNorm": (
        Case("GroupNorm", (1, 6, 5, 8), held(8), held(8), groups=4, activation=1, channels_last=1, params=16,
             macs=0, layers="groupnorm silu"), (1, 6, 5, 8)),
    "SkipGroupNorm": (
        Case("SkipGroupNorm", (1, 6, 5, 8), held(8), held(8), (1, 6, 5, 8), held(8), groups=4, activation=0,
             channels_last=1, params=24, macs=0, layers="add groupnorm"), (1, 6, 5, 8)),
    "BiasSoftmax": (
        Case("BiasSoftmax", (1, 2, 7, 7), (1, 2, 7, 7), axis=3, params=0, macs=0, layers="add softmax"),
        (1, 2, 7, 7)),
    "QuantizeLinear": (Case("QuantizeLinear", X, STEP, ZERO, params=0, macs=0, layers=""), X),
}  # fmt: skip


def figures(case: Case, folder: Path, sizes: tuple[int, ...]) -> None:
    """Hold what is read of a case against what is stated of it."""
    path = folder / "node.onnx"
    onnx.save(case.model()[0], path)
    net = archcalc.load(str(path))
    totals = net.summary().totals
    words = [layer.op.name for layer in net.graph.layers]
    assert "opaque" not in words
    assert (totals["params"], totals["macs"]) == (case.params, case.macs)
    place = 0
    for word in case.layers.split():
        assert word in words[place:], words
        place += words[place:].index(word) + 1
    if case.outputs == 1 and words and words[-1] not in ("reshape", "rearrange", "flatten"):
        assert net.graph.output.output.values == np.prod(sizes)


@pytest.mark.parametrize("name", CASES)
def test_one_operator_of_onnxruntime(name: str, tmp_path: Path) -> None:
    """The layers that an operator stands for, with their parameters and multiply-adds, and the size that
    onnxruntime computes. Defeats: a scale or a zero that is counted as learned, weights of four bits of which
    a byte is one, and tokens before that are not read."""
    case = CASES[name]
    model, given = case.model()
    options = ort.SessionOptions()
    options.log_severity_level = 4
    session = ort.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    figures(case, tmp_path, session.run(None, given)[0].shape)


@pytest.mark.parametrize("name", ELSEWHERE)
def test_one_operator_of_a_graphics_processor(name: str, tmp_path: Path) -> None:
    case, sizes = ELSEWHERE[name]
    figures(case, tmp_path, sizes)


def test_channels_in_blocks_are_refused_with_the_way_out(tmp_path: Path) -> None:
    """Their weights are filled up with zeros, which are no parameters. Defeats: counting those."""
    node = helper.make_node("Conv", ["x", "w"], ["y"], domain="com.microsoft.nchwc", name="blocked")
    x, y = [helper.make_tensor_value_info(n, TensorProto.FLOAT, (1, 16, 8, 8)) for n in "xy"]
    weight = numpy_helper.from_array(held(16, 16, 1, 1), "w")
    path = tmp_path / "blocked.onnx"
    onnx.save(helper.make_model(helper.make_graph([node], "one", [x], [y], [weight])), path)
    with pytest.raises(archcalc.SpecError, match="blocked") as refused:
        archcalc.load(str(path))
    assert "ORT_ENABLE_EXTENDED" in refused.value.diagnostics[0].help[0]


# Whole files ---------------------------------------------------------------------------------------


def modules() -> dict[str, tuple[Any, Any]]:
    torch = pytest.importorskip("torch", reason="PyTorch is not installed")
    pytest.importorskip("onnxscript", reason="onnxscript is not installed")
    nn, functional = torch.nn, torch.nn.functional

    class Convolutions(nn.Module):  # type: ignore[misc, name-defined, unused-ignore]
        def __init__(self) -> None:
            super().__init__()
            self.conv1, self.norm = nn.Conv2d(3, 8, 3, padding=1), nn.BatchNorm2d(8)
            self.conv2 = nn.Conv2d(8, 8, 3, padding=1)
            self.conv3, self.fc = nn.Conv2d(8, 16, 3, stride=2, padding=1, groups=8), nn.Linear(16, 5)

        def forward(self, x: Any) -> Any:
            x = torch.relu(self.norm(self.conv1(x)))
            x = torch.relu(x + self.conv2(x))
            x = functional.leaky_relu(functional.hardswish(self.conv3(x)))
            return self.fc(x.mean((2, 3)))

    class Block(nn.Module):  # type: ignore[misc, name-defined, unused-ignore]
        def __init__(self) -> None:
            super().__init__()
            self.q, self.k, self.v, self.out = [nn.Linear(32, 32) for _ in range(4)]
            self.norm1, self.norm2 = nn.LayerNorm(32), nn.LayerNorm(32)
            self.fc1, self.fc2 = nn.Linear(32, 64), nn.Linear(64, 32)

        def forward(self, x: Any) -> Any:
            q, k, v = [map(x).view(-1, 16, 4, 8).transpose(1, 2) for map in (self.q, self.k, self.v)]
            scores = torch.softmax(q @ k.transpose(-1, -2) / 8**0.5, -1)
            read = self.out((scores @ v).transpose(1, 2).reshape(-1, 16, 32))
            x = self.norm1(x + read)
            return self.norm2(x + self.fc2(functional.gelu(self.fc1(x))))

    class Encoder(nn.Module):  # type: ignore[misc, name-defined, unused-ignore]
        def __init__(self) -> None:
            super().__init__()
            self.words, self.places = nn.Embedding(100, 32), nn.Parameter(torch.rand(1, 16, 32))
            self.norm, self.blocks = nn.LayerNorm(32), nn.Sequential(Block(), Block())

        def forward(self, words: Any) -> Any:
            return self.blocks(self.norm(self.words(words) + self.places))

    torch.manual_seed(2)
    made = {
        "convolutions": (Convolutions().eval(), torch.rand(1, 3, 16, 16)),
        "encoder": (Encoder().eval(), torch.ones(1, 16, dtype=torch.long)),
    }
    for module, _ in made.values():
        for parameter in module.parameters():
            parameter.data.uniform_(0.1, 0.9)
    return made


def totals_of(path: Path) -> tuple[int, int]:
    net = archcalc.load(str(path))
    assert not [layer.text for layer in net.graph.layers if layer.op.name == "opaque"]
    totals = net.summary().totals
    return totals["params"], totals["macs"]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["convolutions", "encoder"])
@pytest.mark.parametrize("dynamo", [False, True])
def test_what_onnxruntime_writes_is_the_same_network(name: str, dynamo: bool, tmp_path: Path) -> None:
    """What the optimizer and the quantizer make of a file has its parameters and multiply-adds. Defeats: a
    bias that is merged into an operator and lost, scales that are counted, and products of whole numbers that
    are none."""
    import torch
    from onnxruntime import quantization
    from onnxruntime.quantization.matmul_nbits_quantizer import MatMulNBitsQuantizer

    logging.getLogger().setLevel(logging.ERROR)
    module, example = modules()[name]
    plain = tmp_path / "plain.onnx"
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        torch.onnx.export(module, (example,), str(plain), input_names=["x"], dynamo=dynamo, verbose=False)
        wanted = totals_of(plain)
        assert wanted[1] == archcalc.trace(module, example).summary().totals["macs"]

        def written(source: Path, level: str) -> Path:
            options = ort.SessionOptions()
            options.log_severity_level = 4
            options.graph_optimization_level = getattr(ort.GraphOptimizationLevel, f"ORT_ENABLE_{level}")
            path = tmp_path / f"{source.stem}_{level}.onnx"
            options.optimized_model_filepath = str(path)
            ort.InferenceSession(str(source), options, providers=["CPUExecutionProvider"])
            return path

        class Reader(quantization.CalibrationDataReader):  # type: ignore[misc, unused-ignore]
            def __init__(self) -> None:
                self.left = iter([{"x": example.numpy()}])

            def get_next(self) -> Any:
                return next(self.left, None)

        files = [written(plain, "BASIC"), written(plain, "EXTENDED")]
        for form in ("QDQ", "QOperator"):
            path = tmp_path / f"{form}.onnx"
            kind = quantization.QuantFormat[form]
            quantization.quantize_static(str(plain), str(path), Reader(), quant_format=kind)
            files += [path, written(path, "EXTENDED")]
        path = tmp_path / "dynamic.onnx"
        quantization.quantize_dynamic(str(plain), str(path), weight_type=quantization.QuantType.QUInt8)
        files += [path, written(path, "EXTENDED")]
        packed = MatMulNBitsQuantizer(onnx.load(plain), block_size=16)
        packed.process()
        path = tmp_path / "packed.onnx"
        packed.model.save_model_to_file(str(path))
        files += [path, written(path, "EXTENDED")]
    assert {file.stem: totals_of(file) for file in files} == {file.stem: wanted for file in files}
