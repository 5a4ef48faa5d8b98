"""Operators of ONNX beside those of convolutional networks, each in a model of one node.

Sizes are held against ONNX's reference implementation, layers against what archcalc has for each."""

from __future__ import annotations

import subprocess
import sys
import warnings
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

onnx = pytest.importorskip("onnx", reason="the onnx package is not installed")

from onnx import TensorProto, helper, numpy_helper  # noqa: E402
from onnx.reference import ReferenceEvaluator  # noqa: E402

import archcalc  # noqa: E402

OPSET = 23
FLOAT = np.float32


class Case:
    """A model of one node.

    Attributes:
        operator: Its operator, with the domain in front where it is not ONNX's own.
        inputs: The sizes of its inputs; an array is a weight of the file, None is one left out.
        layers: The ops that come of it.
        params: The parameters of them all.
        outputs: How many outputs it has.
        opset: The version of ONNX's operators.
        attributes: Its attributes.
    """

    def __init__(
        self,
        operator: str,
        *inputs: Any,
        layers: str,
        params: int = 0,
        outputs: int = 1,
        opset: int = OPSET,
        **more: Any,
    ):
        self.domain, _, self.operator = operator.rpartition("::")
        self.inputs = inputs
        self.layers = layers
        self.params = params
        self.outputs = outputs
        self.opset = opset
        self.attributes = more

    def model(self) -> Any:
        names = [f"x{n}" if one is not None else "" for n, one in enumerate(self.inputs)]
        given, held = [], []
        for name, one in zip(names, self.inputs, strict=True):
            if isinstance(one, np.ndarray):
                held.append(numpy_helper.from_array(one, name))
            elif one is not None:
                sizes, kind = one if isinstance(one[0], tuple) else (one, TensorProto.FLOAT)
                given.append(helper.make_tensor_value_info(name, kind, sizes))
        node = helper.make_node(
            self.operator,
            names,
            [f"y{n}" for n in range(self.outputs)],
            name="node",
            domain=self.domain,
            **self.attributes,
        )
        out = [helper.make_tensor_value_info("y0", TensorProto.FLOAT, None)]
        graph = helper.make_graph([node], "one", given, out, held)
        opsets = [helper.make_opsetid("", self.opset)]
        if self.domain:
            opsets.append(helper.make_opsetid(self.domain, 1))
        return helper.make_model(graph, opset_imports=opsets, ir_version=10)

    def expected(self) -> tuple[int, ...]:
        """The sizes of the output as the reference implementation gives them."""
        given = {}
        random = np.random.default_rng(3)
        for n, one in enumerate(self.inputs):
            if one is None or isinstance(one, np.ndarray):
                continue
            sizes, kind = one if isinstance(one[0], tuple) else (one, TensorProto.FLOAT)
            values = random.uniform(0.1, 0.9, sizes)
            given[f"x{n}"] = values.astype(helper.tensor_dtype_to_np_dtype(kind))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = ReferenceEvaluator(self.model()).run(None, given)
        return tuple(found[0].shape)


def weights(*sizes: int, kind: Any = FLOAT) -> Any:
    """A weight of the file, all of its values different."""
    return (np.arange(int(np.prod(sizes))) % 100 + 1).reshape(sizes).astype(kind)


INTS = TensorProto.INT64
X = (1, 4, 6, 5)
SEQUENCE = (1, 7, 8)
ONE = {
    **{
        name: f"map {name.lower()}"
        for name in "Abs Exp Floor Ceil Log Neg Reciprocal Round Sign Sqrt".split()
    },
    **{name: f"map {name.lower()}" for name in "Sin Cos Tan Sinh Cosh Asinh Atanh Erf".split()},
    **{"Asin": "map asin", "Acos": "map acos", "Atan": "map atan", "Tanh": "tanh", "Softplus": "softplus"},
    **{
        "Softsign": "map abs map add 1 map div",
        "Mish": "mish",
        "Elu": "elu",
        "Selu": "selu",
        "Celu": "celu",
        "Gelu": "gelu",
    },
    **{"ThresholdedRelu": "threshold 1", "Shrink": "hardshrink", "Identity": ""},
}
CASES: dict[str, Case] = {
    **{name: Case(name, X, layers=text) for name, text in ONE.items() if text},
    "a steeper elu": Case("Elu", X, alpha=0.25, layers="elu alpha=0.25"),
    "soft shrinkage": Case("Shrink", X, lambd=0.25, bias=0.25, layers="softshrink lambda=0.25"),
    "gelu by tanh": Case("Gelu", X, approximate="tanh", layers="gelu approximate=tanh"),
    "one slope": Case("PRelu", X, weights(1), params=1, layers="prelu shared=yes"),
    "a slope per channel": Case("PRelu", X, weights(4, 1, 1), params=4, layers="prelu"),
    "a slope per column": Case("PRelu", X, weights(5), params=5, layers="map scale map"),
    "a power": Case("Pow", X, np.array(2.0, FLOAT), layers="map pow 2"),
    "a comparison": Case("Greater", X, np.array(2.0, FLOAT), layers="map gt 2"),
    "the greatest of three": Case("Max", X, X, X, layers="map max map max"),
    "a mean of two": Case("Mean", X, X, layers="add map div 2"),
    "a choice": Case("Where", (X, TensorProto.BOOL), X, X, layers="map where"),
    "a remainder": Case("Mod", X, np.array(0.5, FLOAT), fmod=1, layers="map fmod 0.5"),
    "layer norm": Case("LayerNormalization", SEQUENCE, weights(8), weights(8), params=16, layers="layernorm"),
    "layer norm without a shift": Case(
        "LayerNormalization", SEQUENCE, weights(8), params=8, layers="layernorm"
    ),
    "layer norm over two axes": Case(
        "LayerNormalization", SEQUENCE, weights(7, 8), axis=1, params=56, layers="layernorm"
    ),
    "a causal convolution": Case(
        *("CausalConvWithState", (1, 8, 7), weights(8, 1, 4), weights(8)),
        opset=27,
        activation="silu",
        params=40,
        layers="dwconv silu",
    ),
    "rms norm over two axes": Case(
        "RMSNormalization", SEQUENCE, weights(7, 8), axis=1, params=56, layers="map pow reduce map add mul"
    ),
    "a gate": Case("SwiGLU", SEQUENCE, SEQUENCE, opset=28, layers="silu mul"),
    "capped scores": Case(
        *("Attention", SEQUENCE, SEQUENCE, SEQUENCE),
        q_num_heads=2,
        kv_num_heads=2,
        softcap=20.0,
        is_causal=1,
        layers="matmul times softmax matmul",
    ),
    "keys of tokens before": Case(
        *("Attention", (1, 2, 7, 4), (1, 2, 7, 4), (1, 2, 7, 4), None, (1, 2, 3, 4), (1, 2, 3, 4)),
        outputs=3,
        layers="concat concat sdpa 2",
    ),
    "rms norm": Case("RMSNormalization", SEQUENCE, weights(8), params=8, layers="rmsnorm"),
    "group norm": Case(
        "GroupNormalization", X, weights(4), weights(4), num_groups=2, params=8, layers="groupnorm 2"
    ),
    "length one": Case("LpNormalization", SEQUENCE, axis=-1, p=2, opset=22, layers="reduce norm map div"),
    "words": Case("Gather", weights(20, 8), ((1, 7), INTS), params=160, layers="embedding 20 8"),
    "one row": Case("Gather", SEQUENCE, np.array(3), axis=1, layers="select 3"),
    "some rows": Case("Gather", SEQUENCE, np.array([1, 2, 3]), axis=1, layers="slice"),
    "rows in another order": Case("Gather", SEQUENCE, np.array([3, 1]), axis=1, layers="gather 2"),
    "the place of the greatest": Case("ArgMax", SEQUENCE, axis=2, keepdims=0, layers="reduce argmax"),
    "the greatest three": Case("TopK", SEQUENCE, np.array([3]), axis=1, outputs=2, layers="topk 3"),
    "a running sum": Case("CumSum", SEQUENCE, np.array(1), layers="cumsum"),
    "a running sum from behind": Case("CumSum", SEQUENCE, np.array(1), reverse=1, layers="flip cumsum flip"),
    "a grid": Case("GridSample", X, (1, 3, 2, 2), mode="linear", layers="grid_sample"),
    "centre": Case("CenterCropPad", X, np.array([4, 8]), axes=[2, 3], layers="slice zeropad"),
    "an equation": Case("Einsum", SEQUENCE, SEQUENCE, equation="bij,bkj->bik", layers="einsum"),
    "attention": Case(
        *("Attention", SEQUENCE, SEQUENCE, SEQUENCE), q_num_heads=2, kv_num_heads=2, layers="sdpa 2"
    ),
    "attention of shared heads": Case(
        *("Attention", SEQUENCE, (1, 7, 4), (1, 7, 4)), q_num_heads=4, kv_num_heads=2, layers="sdpa 4 kv=2"
    ),
    "lstm": Case(
        *("LSTM", (7, 1, 8), weights(2, 20, 8), weights(2, 20, 5), weights(2, 40)),
        direction="bidirectional",
        hidden_size=5,
        params=2 * 20 * 13 + 80,
        layers="lstm 5",
    ),
    "lstm that begins with zeros": Case(
        *("LSTM", (7, 1, 8), weights(1, 320, 8), weights(1, 320, 80), None, None),
        *[np.zeros((1, 1, 80), FLOAT)] * 2,
        hidden_size=80,
        params=320 * 88,
        layers="lstm 80",
    ),
    "gru": Case(
        *("GRU", (7, 1, 8), weights(1, 15, 8), weights(1, 15, 5)),
        linear_before_reset=1,
        hidden_size=5,
        params=15 * 13,
        layers="gru 5",
    ),
    "rnn from behind": Case(
        *("RNN", (7, 1, 8), weights(1, 5, 8), weights(1, 5, 5)),
        direction="reverse",
        hidden_size=5,
        params=5 * 13,
        layers="flip rnn 5 flip",
    ),
    "a convolution of whole numbers": Case(
        *("ConvInteger", (X, TensorProto.UINT8), weights(3, 4, 3, 3, kind=np.uint8)),
        params=108,
        layers="conv 3x3 3",
    ),
    "a product of whole numbers": Case(
        *("MatMulInteger", (SEQUENCE, TensorProto.UINT8), weights(8, 3, kind=np.uint8)),
        params=24,
        layers="linear 3",
    ),
}


def read(model: Any, folder: Path) -> archcalc.Network:
    """The network of a model that is written to a file."""
    path = folder / "model.onnx"
    onnx.save(model, path)
    return archcalc.load(str(path))


def words(layers: Sequence[Any]) -> str:
    return " ".join(
        [layer.text for layer in layers if layer.op.name not in ("reshape", "rearrange", "flatten")]
    )


@pytest.mark.parametrize("name", CASES)
def test_one_node(name: str, tmp_path: Path) -> None:
    """An operator becomes the layers that archcalc has for it, with the sizes of ONNX's own implementation
    and the parameters that the file holds. Defeats: an operator without a rule, of which nothing is known, a
    size that is taken from an attribute of another version, and a constant that is counted as learned."""
    case = CASES[name]
    net = read(case.model(), tmp_path)
    layers = net.graph.layers
    for word in case.layers.split("  "):
        assert word.split()[0] in words(layers), words(layers)
    assert "opaque" not in words(layers)
    made = words(layers).split()
    wanted = case.layers.split()
    place = 0
    for word in wanted:
        assert word in made[place:], (words(layers), case.layers)
        place += made[place:].index(word) + 1
    assert net.summary().totals["params"] == case.params
    values = int(np.prod(case.expected()))
    assert net.graph.output.output.values == values


def inferred(model: Any) -> Any:
    """A model whose outputs have their sizes."""
    return onnx.shape_inference.infer_shapes(model)


@pytest.mark.parametrize(
    "case",
    [
        Case(
            "GRU",
            (7, 1, 8),
            weights(1, 15, 8),
            weights(1, 15, 5),
            hidden_size=5,
            layers="macs=1365",
            params=15 * 13,
        ),
        Case(
            *("LSTM", (7, 1, 8), weights(2, 20, 8), weights(2, 20, 5), weights(2, 40), None, None, None),
            weights(2, 15),
            direction="bidirectional",
            hidden_size=5,
            layers="macs=3640",
            params=2 * 20 * 13 + 80 + 30,
        ),
        Case("Hardmax", SEQUENCE, layers="macs=0"),
        Case("Trilu", SEQUENCE, layers="macs=0"),
        Case("CumSum", SEQUENCE, np.array(1), exclusive=1, layers=""),
        Case("AveragePool", X, kernel_shape=[2, 2], dilations=[2, 2], layers=""),
        Case("ScatterND", SEQUENCE, np.array([[0]]), weights(1, 7, 8), params=56, layers="macs=0"),
        Case("DeformConv", X, weights(6, 2, 3, 3), (1, 18, 4, 3), group=2, params=108, layers="macs=1296"),
    ],
    ids=lambda case: case.operator,
)
def test_what_has_no_layer_is_opaque(case: Case, tmp_path: Path) -> None:
    """An operator or option that no layer of archcalc is has the size that the file states, its
    parameters, and multiply-adds that are those of its products, or unknown: of a GRU seven steps of 15x8 and
    15x5. Defeats: a reset gate in the wrong place, and work that is 0 because nobody knows it."""
    recurrent = case.operator in ("GRU", "LSTM")  # their sizes are known without the file
    net = read(case.model() if recurrent else inferred(case.model()), tmp_path)
    (layer,) = net.graph.layers
    assert layer.op.name == "opaque"
    assert (layer.facts.operations is None) == (not case.layers)
    assert case.layers in layer.text
    assert net.summary().totals["params"] == case.params
    assert layer.output.values == int(np.prod(case.expected()))


REFUSED = {
    "a list that may be missing": Case("Optional", SEQUENCE, layers=""),
    "a condition": Case("NonZero", SEQUENCE, layers=""),
    "a row that is not there": Case("Gather", SEQUENCE, np.array(9), axis=1, layers=""),
    "weights of other units": Case("LSTM", (7, 1, 8), weights(1, 20, 8), weights(1, 20, 4), layers=""),
    "no groups": Case("GroupNormalization", X, weights(4), weights(4), num_groups=3, layers=""),
    "uneven heads": Case("Attention", *[SEQUENCE] * 3, q_num_heads=3, kv_num_heads=3, layers=""),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_refused_names_its_node(name: str, tmp_path: Path) -> None:
    """One message that names the node. Defeats: an error of Python, and a size that is made up."""
    with pytest.raises(archcalc.SpecError, match="node node "):
        read(REFUSED[name].model(), tmp_path)


def test_the_most_boxes_that_are_kept(tmp_path: Path) -> None:
    """Ten of each of two classes, and a note. Defeats: one box, which an axis without a number is taken
    for, and a number that is taken for sure."""
    case = Case(
        *("NonMaxSuppression", (1, 30, 4), (1, 2, 30), np.array([10]), np.array([0.5], FLOAT)), layers=""
    )
    net = read(case.model(), tmp_path)
    assert str(net.graph.output.output) == "20x3"
    assert net.graph.layers[-1].facts.operations is None
    assert "how many boxes node keeps depends on the image" in str(net.summary())
    case = Case("NonMaxSuppression", (1, 30, 4), (1, 2, 30), layers="")
    with pytest.raises(archcalc.SpecError, match="does not state a largest number"):
        read(case.model(), tmp_path)


def branched(condition: bool) -> Any:
    """A model with a branch of which one is known, and a loop of three turns that shares a weight."""
    float_info = [
        helper.make_tensor_value_info(n, TensorProto.FLOAT, (1, 8)) for n in ("then", "else", "v", "w")
    ]
    then = helper.make_graph([helper.make_node("Relu", ["x"], ["then"])], "a", [], [float_info[0]])
    other = helper.make_graph([helper.make_node("Tanh", ["x"], ["else"])], "b", [], [float_info[1]])
    turn = helper.make_tensor_value_info("turn", INTS, ())
    go, on = [helper.make_tensor_value_info(n, TensorProto.BOOL, ()) for n in ("go", "on")]
    body = helper.make_graph(
        [helper.make_node("MatMul", ["v", "m"], ["w"]), helper.make_node("Identity", ["go"], ["on"])],
        "c",
        [turn, go, float_info[2]],
        [on, float_info[3]],
        [numpy_helper.from_array(weights(8, 8), "m")],
    )
    nodes = [
        helper.make_node("If", ["which"], ["y"], name="branch", then_branch=then, else_branch=other),
        helper.make_node("Loop", ["turns", "", "y"], ["z"], name="loop", body=body),
    ]
    held = [numpy_helper.from_array(np.array(v), n) for n, v in (("which", condition), ("turns", 3))]
    x, z = [helper.make_tensor_value_info(n, TensorProto.FLOAT, (1, 8)) for n in "xz"]
    graph = helper.make_graph(nodes, "branched", [x], [z], held)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=10)


@pytest.mark.parametrize(("condition", "word"), [(True, "relu"), (False, "tanh")])
def test_a_known_branch_and_a_loop_of_few_turns(condition: bool, word: str, tmp_path: Path) -> None:
    """The branch that runs, and three products with one weight. Defeats: both branches side by side, and a
    weight for each turn."""
    net = read(branched(condition), tmp_path)
    assert [layer.op.name for layer in net.graph.layers] == [word, "fc", "fc", "fc"]
    totals = net.summary().totals
    assert (totals["params"], totals["macs"]) == (64, 192)


def test_the_page_of_operators() -> None:
    """docs/onnx_operators.md is what its script writes."""
    script = Path(__file__).parent.parent / "docs" / "onnx_operators.py"
    made = subprocess.run(
        [sys.executable, str(script), "--check"], capture_output=True, text=True, check=False
    )
    assert made.returncode == 0, made.stderr


def network(path: Path, *nodes: Any, stored: Sequence[Any] = ()) -> Any:
    """The network of a file whose input is ``x``, maps of 6 channels, and whose output is ``y``."""
    ends = [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in "y"]
    given = helper.make_tensor_value_info("x", TensorProto.FLOAT, ["N", 6, 8, 8])
    graph = helper.make_graph(nodes, "net", [given], ends, list(stored))
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)]), str(path))
    return archcalc.load(str(path))


def test_a_local_response_norm_is_a_layer(tmp_path: Path) -> None:
    """Defeats: its squares, sums and power as layers of their own, and factors as 24 bits hold them."""
    norm = helper.make_node("LRN", ["x"], ["y"], size=5, alpha=1e-3, beta=0.75, bias=2.0)
    (layer,) = [one for one in network(tmp_path / "net.onnx", norm).graph.layers if one.op.name != "input"]
    assert (layer.op.name, layer.op.size, str(layer.output)) == ("lrn", 5, "8x8x6")
    assert (layer.op.alpha, layer.op.beta, layer.op.k) == (Fraction(1, 1000), Fraction(3, 4), 2)


def test_copies_at_the_end_are_in_the_output(tmp_path: Path) -> None:
    """Defeats: a network that ends in copies with the size from before them, in a file and in a module."""
    repeats = numpy_helper.from_array(np.array([1, 1, 2, 3]), "t")
    nodes = helper.make_node("Relu", ["x"], ["r"]), helper.make_node("Tile", ["r", "t"], ["y"])
    assert str(network(tmp_path / "net.onnx", *nodes, stored=[repeats]).graph.output.output) == "16x24x6"
    torch = pytest.importorskip("torch", reason="PyTorch is not installed")

    class Repeated(torch.nn.Module):  # type: ignore[misc, name-defined, unused-ignore]
        def forward(self, x: Any) -> Any:
            return x.relu().repeat(1, 1, 2, 3)

    assert str(archcalc.trace(Repeated(), torch.zeros(1, 6, 8, 8)).graph.output.output) == "16x24x6"
