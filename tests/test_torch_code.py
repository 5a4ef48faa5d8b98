"""Every op's code in PyTorch: shapes, names, places of outputs, what it keeps; and whole networks.

What the values are is tested elsewhere, against references that know no PyTorch.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from random_networks import networks
from test_saved_torch import OPS, Draw, measure, owned

import archcalc
from archcalc.diagnostics import SpecError
from archcalc.language.library import Library
from archcalc.ops.attributes import OpError, Size, Word
from archcalc.ops.base import Op
from archcalc.ops.traits import INPLACE, NEW
from archcalc.shape import Shape

torch = pytest.importorskip("torch", reason="PyTorch is not installed")

from torch.utils.flop_counter import FlopCounterMode  # noqa: E402

from archcalc.witness.build import NAMES, build, random_inputs, reads_several, torch_code_of  # noqa: E402
from archcalc.witness.inputs import channels_first  # noqa: E402

CONFIGURATIONS = 25  # of each op

# Attributes and input shapes, by op.
Drawn = tuple[dict[str, Any], list[tuple[int, ...]]]
DRAWS: dict[str, Callable[[Draw], Drawn]] = {}


def draws(*names: str) -> Callable[..., Any]:
    """The draw of the ops of these names."""

    def put(make: Callable[..., Drawn]) -> Callable[..., Drawn]:
        for name in names:
            DRAWS[name] = make if len(names) == 1 else (lambda draw, name=name: make(draw, name))
        return make

    return put


def word(draw: Draw, *words: str) -> Word:
    return Word(draw.choice(words))


def padding(draw: Draw, most: int = 3) -> Any:
    """Of every kind that the language has."""
    kind = draw.choice(["valid", "half", "same", "one", "axis", "ends"])
    if kind in ("valid", "half", "same"):
        return Word(kind)
    count = {"one": 1, "axis": draw.axes, "ends": 2 * draw.axes}[kind]
    numbers = [draw.randint(0, most) for _ in range(count)]
    return numbers[0] if count == 1 else Size(numbers)


@draws("conv", "dwconv", "local")
def convolution(draw: Draw, name: str) -> Drawn:
    groups = draw.choice([1, 1, 2, 3]) if name == "conv" else 1
    channels = groups * draw.randint(1, 3)
    shape = draw.map(channels, 1, 8)
    values: dict[str, Any] = {
        "kernel": draw.size(1, 4),
        "stride": draw.size(1, 3),
        "dilation": draw.size(1, 3),
        "pad": padding(draw),
        "round": draw.rounding(),
        "bias": draw.flag(),
    }
    if name == "dwconv":
        values["multiplier"] = draw.randint(1, 3)
    else:
        filters = values["filters"] = groups * draw.randint(1, 3)
        if name == "conv":
            values["groups"] = groups
            if groups == 1 and draw.flag():
                rows = [draw.choices("01", k=filters) for _ in range(channels)]
                rows[0][0] = "1"
                values["connect"] = " ".join(map("".join, rows))
    return values, [shape]


@draws("tconv")
def transposed(draw: Draw) -> Drawn:
    groups = draw.choice([1, 1, 2])
    shape = draw.map(groups * draw.randint(1, 3), 1, 6)
    pad = padding(draw)
    values = {
        "kernel": draw.size(1, 4),
        "stride": draw.size(1, 3),
        "dilation": draw.size(1, 3),
        "pad": pad,
        "output_pad": 0 if pad == "same" else draw.size(0, 2),
        "groups": groups,
        "filters": groups * draw.randint(1, 3),
        "bias": draw.flag(),
        "bilinear": draw.flag(),
        "frozen": draw.flag(),
    }
    return values, [shape]


@draws("maxpool", "avgpool", "lppool", "subsample")
def pool(draw: Draw, name: str) -> Drawn:
    shape = draw.map(2, 1, 8)
    values: dict[str, Any] = {"kernel": draw.size(1, 4), "pad": padding(draw), "round": draw.rounding()}
    if draw.flag():
        values["stride"] = draw.size(1, 4)
    if name == "maxpool":
        values["dilation"] = draw.size(1, 2)
    if name == "avgpool":
        values["count_pad"] = draw.flag()
    if name == "lppool":
        values["p"] = draw.randint(1, 3)
    return values, [shape]


@draws(
    "attention",
    "bias",
    "bn",
    "class_token",
    "flatten",
    "gap",
    "gmp",
    "identity",
    "instancenorm",
    "layernorm",
    "lcn",
    "positions",
    "prelu",
    "scale",
    "softmax",
    "upsample",
    "zeropad",
)
def plain(draw: Draw, name: str) -> Drawn:
    """Some attributes of their own, and any shape that they take."""
    shape = draw.any(4) if name in VECTORS else draw.map(4, 2)
    if name == "class_token":
        shape = draw.randint(1, 7), 4
    values = {key: make(draw) for key, make in ATTRIBUTES.get(name, {}).items()}
    return {key: value for key, value in values.items() if value is not None}, [shape]


VECTORS = ("identity", "flatten", "bn", "scale", "layernorm", "prelu", "softmax")
ATTRIBUTES: dict[str, dict[str, Callable[[Draw], Any]]] = {
    "instancenorm": {"affine": Draw.flag},
    "bn": {"scale": Draw.flag, "shift": Draw.flag, "frozen": Draw.flag},
    "lcn": {"size": lambda draw: draw.randint(1, 5)},
    "scale": {"shift": Draw.flag},
    "layernorm": {"affine": Draw.flag},
    "bias": {"per": lambda draw: word(draw, "channel", "position", "all")},
    "prelu": {"shared": Draw.flag},
    "zeropad": {"pad": lambda draw: draw.size(0, 2)},
    "upsample": {
        "factor": lambda draw: draw.size(1, 3),
        "mode": lambda draw: word(draw, "nearest", "bilinear"),
        "align_corners": lambda draw: False,
    },
    "attention": {
        "heads": lambda draw: draw.choice([2, 4]),
        "bias": Draw.flag,
        "kv": lambda draw: draw.choice([None, 1, 2]),
        "key": lambda draw: draw.choice([None, 3]),
        "value": lambda draw: draw.choice([None, 5]),
    },
}


@draws(
    "relu",
    "relu6",
    "selu",
    "gelu",
    "silu",
    "sigmoid",
    "tanh",
    "softplus",
    "hardswish",
    "hardsigmoid",
    "leaky_relu",
    "elu",
    "times",
    "dropout",
)
def activation(draw: Draw, name: str) -> Drawn:
    factor = draw.choice([Fraction(1, 10), 0, 1, Fraction(1, 3)])
    key = {"leaky_relu": "slope", "elu": "alpha", "times": "factor", "dropout": "p"}.get(name)
    if name == "dropout":
        factor = min(factor, Fraction(1, 2))
    return {key: factor} if key else {}, [draw.any(3)]


@draws("maxout", "channel_shuffle", "groupnorm")
def pieces(draw: Draw, name: str) -> Drawn:
    number = draw.randint(1, 3)
    values: dict[str, Any] = {"pieces" if name == "maxout" else "groups": number}
    if name == "groupnorm":
        values["affine"] = draw.flag()
    return values, [draw.any(number * draw.randint(2, 4))]


@draws("lrn")
def response_norm(draw: Draw) -> Drawn:
    across = word(draw, "channels", "positions")
    shape = draw.any(4) if across == "channels" else draw.map(4)
    k, alpha = draw.choice([1, 2]), draw.choice([Fraction(1, 10), Fraction(1, 10000)])
    return {"size": draw.randint(1, 5), "across": across, "k": k, "alpha": alpha}, [shape]


@draws("fc", "linear", "rbf")
def dense(draw: Draw, name: str) -> Drawn:
    values: dict[str, Any] = {"units": draw.randint(1, 9)}
    if name != "rbf":
        values["bias"] = draw.flag()
    return values, [draw.any(3)]


@draws("adaptive_avgpool", "adaptive_maxpool")
def adaptive(draw: Draw, name: str) -> Drawn:
    shape = draw.map(3, 1)
    return {"size": draw.size(1, 5)}, [shape]


@draws("pixel_shuffle")
def pixel_shuffle(draw: Draw) -> Drawn:
    axes, factor = draw.randint(1, 3), draw.randint(1, 3)
    spatial = [draw.randint(1, 4) for _ in range(axes)]
    return {"factor": factor}, [(*spatial, factor**axes * draw.randint(1, 2))]


@draws("parameter")
def parameter(draw: Draw) -> Drawn:
    sizes = [draw.randint(1, 4) for _ in range(draw.randint(1, 3))]
    return {"shape": Size(sizes)}, [draw.any(3)]


@draws("pixel_unshuffle")
def pixel_unshuffle(draw: Draw) -> Drawn:
    axes, factor = draw.randint(1, 3), draw.randint(1, 3)
    spatial = [factor * draw.randint(1, 3) for _ in range(axes)]
    return {"factor": factor}, [(*spatial, draw.randint(1, 3))]


@draws("resize")
def resize(draw: Draw) -> Drawn:
    shape = draw.map(3)
    mode = word(draw, "nearest", "bilinear")
    if draw.random() < 0.5:
        return {"by": draw.choice([2, 1, Fraction(3, 2), Fraction(5, 2)]), "mode": mode}, [shape]
    size = Size(draw.randint(1, 8) for _ in shape[:-1])
    return {"size": size, "mode": mode}, [shape]


@draws("crop")
def crop(draw: Draw) -> Drawn:
    shape = draw.map(3)
    offset = Size(draw.randint(0, n - 1) for n in shape[:-1])
    size = Size(n - draw.randint(o, n - 1) for n, o in zip(shape, offset, strict=False))
    return {"size": size, "offset": offset}, [shape]


@draws("take")
def take(draw: Draw) -> Drawn:
    shape = draw.any(4)
    offset = draw.randint(0, shape[-1] - 1)
    return {"channels": draw.randint(1, shape[-1] - offset), "offset": offset}, [shape]


@draws("slice", "select")
def part(draw: Draw, name: str) -> Drawn:
    shape = draw.map(4, 2)
    axis = draw.randint(-len(shape), len(shape) - 1)
    n = shape[axis]
    if name == "select":
        return {"index": draw.randint(-n, n - 1), "axis": axis}, [shape]
    start = draw.randint(0, n - 1)
    stop = draw.randint(start + 1, n)
    return {"start": start - n, "stop": stop, "step": draw.randint(1, 3), "axis": axis}, [shape]


@draws("flip", "repeat", "gather")
def whole_axis(draw: Draw, name: str) -> Drawn:
    shape = draw.any(4)
    axis = draw.randint(-len(shape), len(shape) - 1)
    if name == "flip":
        return {"axis": axis}, [shape]
    if name == "gather":
        return {"count": draw.randint(1, 6), "axis": axis}, [shape]
    return {"times": draw.randint(1, 3), "axis": axis, "mode": word(draw, "all", "each")}, [shape]


@draws("reflectpad", "replicatepad", "circularpad")
def rim(draw: Draw, name: str) -> Drawn:
    return {"pad": draw.size(0, 2)}, [draw.map(3, 3)]


@draws("im2col")
def im2col(draw: Draw) -> Drawn:
    shape = draw.randint(3, 7), draw.randint(3, 7), draw.randint(1, 3)
    draw.axes = 2
    return {"kernel": draw.size(1, 3), "stride": draw.size(1, 3), "pad": padding(draw)}, [shape]


@draws("col2im")
def col2im(draw: Draw) -> Drawn:
    kernel, stride, windows = draw.randint(1, 3), draw.randint(1, 3), (draw.randint(1, 4), draw.randint(1, 4))
    size = Size((n - 1) * stride + kernel for n in windows)
    values = {"size": size, "kernel": kernel, "stride": stride}
    return values, [(*windows, kernel * kernel * draw.randint(1, 2))]


@draws("roll")
def roll(draw: Draw) -> Drawn:
    shape = draw.map(3)
    return {"shift": draw.size(-3, 5)}, [shape]


@draws("rearrange")
def rearrange(draw: Draw) -> Drawn:
    patterns = ["(h p=2) w c -> w h (p c)", "h w c -> w h c", "h w c -> c (h w)", "h w (c d=2) -> (h d) w c"]
    sizes = 2 * draw.randint(1, 3), draw.randint(1, 5), 2 * draw.randint(1, 3)
    return {"pattern": draw.choice(patterns)}, [sizes]


@draws("reshape")
def reshape(draw: Draw) -> Drawn:
    """To other axes, to a vector, with the channels kept or not."""
    shape = draw.any(4)
    sizes = list(shape)
    draw.shuffle(sizes)
    saved = Size((*sorted(shape[:-1]), shape[-1]))
    values = Shape(shape).values
    return {"shape": draw.choice([Size(sizes), saved, Size((values,)), Size((values, 1))])}, [shape]


@draws("add", "mul", "concat", "stack")
def merge(draw: Draw, name: str) -> Drawn:
    shape = draw.any(3)
    count = draw.randint(2, 4)
    if name == "stack":
        return {"axis": draw.randint(-1, len(shape))}, [shape] * count
    if name == "concat":
        axis = draw.choice([-1, 0, len(shape) - 1])
        shapes = [list(shape) for _ in range(count)]
        for other in shapes:
            other[axis] = draw.randint(1, 4)
        return {"axis": axis}, [tuple(other) for other in shapes]
    shapes = [shape if draw.flag() else (3,) for _ in range(count)]
    shapes[draw.randrange(count)] = shape
    return {}, shapes


@draws("shortcut")
def strided_identity(draw: Draw) -> Drawn:
    shape = draw.map(draw.randint(2, 4))
    return {"stride": draw.size(1, 3), "channels": shape[-1] + draw.choice([0, 0, 3])}, [shape]


@draws("embedding")
def embedding(draw: Draw) -> Drawn:
    return {"vocabulary": draw.randint(1, 9), "size": draw.randint(1, 9)}, [(draw.randint(1, 9),)]


@draws("rnn", "lstm", "gru")
def recurrent(draw: Draw, name: str) -> Drawn:
    channels = draw.randint(1, 5)
    values = {
        "units": draw.randint(1, 5),
        "biases": word(draw, "one", "two", "none"),
        "returns": word(draw, "sequence", "last"),
        "bidirectional": draw.random() < 0.4,
        "layers": draw.choice([1, 1, 2, 3]),
    }
    if name == "lstm" and values["units"] > 1 and draw.random() < 0.4:
        values["proj"] = draw.randint(1, values["units"] - 1)
    return values, [(draw.randint(1, 6), channels) if draw.random() < 0.8 else (channels,)]


# Where PyTorch only has a layer that makes a new tensor.
WITHOUT_FORM_IN_PLACE = (
    *("prelu", "gelu", "softplus", "softmax", "log_softmax", "logsigmoid", "softsign", "tanhshrink"),
    *("softshrink", "hardshrink", "rrelu"),
)
# Layers whose input has its channels last in memory: a copy would be kept in the input's place.
RECURRENT = ("rnn", "lstm", "gru")
CHANNELS_LAST = ("linear", "layernorm", "attention", "positions")


class Case:
    """A random configuration of an op, its input shapes, and its code."""

    def __init__(self, op: Op, shapes: list[tuple[int, ...]]):
        self.op = op
        self.shapes = tuple(map(Shape, shapes))
        self.facts = op.facts(self.shapes)
        torch_code = op.torch_code(*self.shapes)
        assert torch_code is not None, op
        self.torch_code = torch_code

    def module(self, source: str | None, device: str, training: bool) -> Any:
        """A module of the source."""
        if source is None:
            return None
        with torch.device(device):
            return eval(source, NAMES).train(training)

    def applied(self, apply: str, module: Any) -> Callable[..., Any]:
        """The code as a function of the inputs."""
        several = self.op.merge or len(self.shapes) > 1
        function = eval(f"lambda m, {'xs' if several else 'x'}: {apply}", NAMES)
        return lambda *xs: function(module, list(xs) if several else xs[0])

    def inputs(self, device: str = "cpu", batch: int = 3) -> list[Any]:
        """Tensors that are no leaves."""
        found = []
        for shape in self.shapes:
            sizes = channels_first(shape, batch)
            if self.op.indices_below is not None:
                found.append(torch.randint(self.op.indices_below, sizes, dtype=torch.int32, device=device))
            elif self.op.name in CHANNELS_LAST:
                last = torch.randn(batch, *shape, device=device, requires_grad=True)
                found.append(last.clone().movedim(-1, 1))
            else:
                found.append(torch.randn(sizes, device=device, requires_grad=True).clone())
        return found


def cases(name: str) -> list[Case]:
    """Random configurations of an op that make a layer; its example where it has no draw here."""
    if name not in DRAWS:
        layers = archcalc.load(OPS[name].example or "").graph.main()
        return [Case(at.op, [x.output for x in at.inputs]) for at in layers if at.op.name == name]
    found = []
    for seed in range(CONFIGURATIONS):
        draw = Draw(f"{name} {seed}")
        values, shapes = DRAWS[name](draw)
        try:
            found.append(Case(OPS[name](**values), shapes))
        except OpError:
            continue
    return found


WITH_CODE = sorted(name for name, kind in OPS.items() if kind.torch_code is not Op.torch_code)


@pytest.fixture(params=WITH_CODE)
def some(request: Any) -> list[Case]:
    """Random configurations of each op."""
    torch.manual_seed(0)
    found = cases(request.param)
    assert len(found) > (CONFIGURATIONS // 3 if request.param in DRAWS else 0)
    return found


def test_every_op_has_torch_code_or_a_reason() -> None:
    """Defeats: a new op that nobody thought of PyTorch for."""
    for name, kind in OPS.items():
        assert name in WITH_CODE or kind.no_torch_reason, name
    assert set(DRAWS) <= set(WITH_CODE)


@pytest.mark.slow
def test_shapes(some: list[Case]) -> None:
    """At inference and in training, on the CPU and without values.

    Defeats: SAME as half; a floor where a window hangs over; `ceil_mode` that lets a window start
    on the trailing padding; crops and output padding exchanged; channels last.
    """
    for case in some:
        for device in ("cpu", "meta"):
            for training in (False, True):
                if training and case.op.name == "instancenorm":
                    continue  # PyTorch refuses a single position there
                module = case.module(case.torch_code.module, device, training)
                output = case.applied(case.torch_code.apply, module)(*case.inputs(device))
                assert tuple(output.shape) == channels_first(case.facts.output, 3), case.op


def test_names_of_tensors(some: list[Case]) -> None:
    """Parameters and buffers, by name and shape. Defeats: a mask or a table among the buffers,
    biases that PyTorch has twice, buffers that are trained."""
    for case in some:
        module = case.module(case.torch_code.module, "meta", False)
        expected = {t.name: (tuple(t.shape), t.learned) for t in case.facts.tensors or ()}
        found = {}
        if module is not None:
            found = {name: (tuple(t.shape), True) for name, t in module.named_parameters()}
            for name, t in module.named_buffers():
                if name != "num_batches_tracked":
                    found[name] = tuple(t.shape), False
            assert set(module.state_dict()) - {"num_batches_tracked"} == set(found)
        assert found == expected, case.op


@pytest.mark.slow
def test_multiply_adds(some: list[Case]) -> None:
    """What PyTorch's own counter sees. Defeats: terms of a group counted for all; what is cut off
    left out; matrix products that hide from the counter, or that are none."""
    for case in some:
        module = case.module(case.torch_code.module, "meta", False)
        with FlopCounterMode(display=False) as counter, torch.no_grad():
            case.applied(case.torch_code.apply, module)(*case.inputs("meta"))
        op: Any = case.op
        if case.facts.macs is None:  # a sort: nobody knows how many comparisons, and nothing is multiplied
            assert not op.matrix_product
            assert not counter.get_total_flops()
            continue
        macs = case.facts.macs
        if getattr(op, "connect", None) is not None:  # the zeros of the table are multiplied too
            macs = macs * op.filters * case.shapes[0].channels // op.kernels(case.shapes[0])
        if op.name == "affine_grid" and not counter.get_total_flops():
            continue  # its product is inside of one operator, which the counter does not know
        assert counter.get_total_flops() == 2 * 3 * macs, case.op


def test_where_outputs_go(some: list[Case]) -> None:
    """In a storage of their own, unless the code says otherwise; over the input where asked.

    Defeats: a view that the next layer writes over; "in place" that is not.
    """
    for case in some:
        op, torch_code = case.op, case.torch_code
        module = case.module(torch_code.module, "cpu", False)
        with torch.no_grad():
            inputs = case.inputs()
            output = case.applied(torch_code.apply, module)(*inputs)
        storage = output.untyped_storage()
        inplace = any(storage.data_ptr() == x.untyped_storage().data_ptr() for x in inputs)
        assert torch_code.aliases or not inplace, op
        assert op.storage != NEW or not torch_code.aliases
        if op.storage == NEW and not inplace:
            assert storage.nbytes() == output.nbytes, op  # nothing else is held by it
        if torch_code.inplace is None:
            assert op.storage != INPLACE or op.name in WITHOUT_FORM_IN_PLACE
            continue
        if torch_code.inplace.module is not None:
            module = case.module(torch_code.inplace.module, "cpu", False)
        with torch.no_grad():
            written = case.applied(torch_code.inplace.apply, module)(*inputs)
        assert written.data_ptr() == inputs[0].data_ptr()
        assert torch.equal(inputs[0], output), op


def test_what_is_kept(some: list[Case]) -> None:
    """The code keeps what the op says, byte for byte.

    Defeats: a natural form in the rule and another one in the module that is built.
    """
    for case in some:
        saved = case.facts.saved
        if saved is None:
            assert case.op.no_saved_rule
            continue
        if case.op.name == "instancenorm" and case.shapes[0].positions == 1:
            continue
        if case.op.name in RECURRENT:
            continue  # batch_first copies the input; test_saved_torch measures without it
        module = case.module(case.torch_code.module, "cpu", True)
        frozen = module is not None and case.op.held_fixed
        if frozen:
            module.requires_grad_(False)
        inputs = case.inputs()
        measured = measure(case.applied(case.torch_code.apply, module), inputs, owned(module))
        if case.op.name == "embedding":
            assert measured.extras == 0
            continue
        expected = saved.inputs or saved.input_gradient or (saved.trained and not frozen) or saved.in_place
        # Where channels that lie apart are laid side by side first, it is the copy that is kept.
        copied = case.op.name == "sdpa" and case.op.copies(("channels first",), *case.shapes)
        assert measured.inputs == [expected and not copied] * len(inputs), case.op
        if not measured.inplace:
            assert measured.output == saved.output, case.op
        if copied:
            measured.extras -= sum(x.untyped_storage().nbytes() for x in inputs)
        bytes_kept = sum(e.values * (e.width or 4) * (1 if e.fixed else 3) for e in saved.extras)
        assert measured.extras == bytes_kept, case.op


def test_sources_are_readable(some: list[Case]) -> None:
    """Defeats: tensors in the source, tables of padding, floats with sixteen digits."""
    for case in some:
        op: Any = case.op
        for torch_code in (case.torch_code, case.torch_code.inplace):
            source = f"{torch_code.module} {torch_code.apply}" if torch_code else ""
            if getattr(op, "connect", None) is not None:
                source = source.replace(str(op.connect), "")
            assert len(source) < 160, "what is longer is a class in archcalc/witness/modules"
            assert "tensor(" not in source
            if Fraction(1, 3) not in vars(op).values():
                assert not re.search(r"\d\.\d{6}", source)


# Networks ----------------------------------------------------------------------------------------


def load(text: str, **options: Any) -> Any:
    return archcalc.load("-", stdin=text, **options).graph


def without_torch_code(graph: Any) -> list[str]:
    """The layers that PyTorch has no counterpart of."""
    return [
        layer.name
        for layer in graph.layers
        if layer.op.torch_code(*[source.output for source in layer.inputs]) is None
    ]


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(Library().zoo))
def test_networks_of_the_zoo(name: str) -> None:
    """Built without values, heads and all: the shape of every layer, every tensor by name, shared
    ones once, frozen ones frozen."""
    graph = archcalc.load(name).graph
    if without_torch_code(graph):
        with pytest.raises(SpecError, match="has no counterpart in PyTorch"):
            build(graph, graph.layers, device="meta")
        return
    built = build(graph, graph.layers, device="meta")
    shapes = {}

    def seen(layer: Any, output: Any) -> None:
        shapes[layer] = tuple(output.shape)

    with torch.no_grad():
        ends = built(*random_inputs(graph, 2, "meta"), seen=seen)
    assert shapes == {layer: channels_first(layer.output, 2) for layer in graph.layers}
    assert list(ends) == ["main", *graph.heads]
    expected = {
        f"{layer.name}.{tensor.name}": (
            tuple(tensor.shape),
            tensor.learned and not layer.frozen and not layer.op.held_fixed,
        )
        for layer in graph.layers
        if not layer.shared
        for tensor in layer.facts.tensors or ()
    }
    found = {key: (tuple(t.shape), t.requires_grad) for key, t in built.named_parameters()}
    found |= {
        key: (tuple(t.shape), False)
        for key, t in built.named_buffers()
        if not key.endswith("num_batches_tracked")
    }
    assert found == expected


@pytest.mark.slow
@given(networks())
@settings(max_examples=100, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_writing_in_place_changes_no_value(text: str) -> None:
    """What the built network puts out is what its layers put out one by one, each on what the
    others made, with nothing ever written over.

    Defeats: an activation over a tensor, or a view of one, that somebody else still reads.
    """
    graph = load(text)
    assume(not without_torch_code(graph))
    torch.manual_seed(0)
    built = build(graph, graph.layers)
    inputs = random_inputs(graph, 2)
    outputs = dict(zip(graph.inputs, [x.clone() for x in inputs], strict=True))
    with torch.no_grad():
        for layer in graph.layers:
            torch_code = torch_code_of(layer)
            module = built.module_of(layer)
            if module is None and torch_code.module is not None:
                module = eval(torch_code.module, NAMES).eval()
            several = reads_several(layer)
            what = "xs" if several else "x"
            xs = [outputs[source].clone() for source in layer.inputs]
            apply = eval(f"lambda m, {what}: {torch_code.apply}", NAMES)
            outputs[layer] = apply(module, xs if several else xs[0])
        ends = built(*[x.clone() for x in inputs])
    assert torch.allclose(ends["main"], outputs[graph.output], equal_nan=True, atol=1e-5)


def test_views_that_are_written_over() -> None:
    """A flattened tensor and a dropout that drops nothing are the input itself to PyTorch.

    Defeats: a relu over them, which the other reader of the input would see.
    """
    for first in ("flatten", "dropout 0.5", "reshape 4x3x2", "crop 3x4"):
        graph = load(
            f"net n\n  input x: 3x4x2\n  a: @x -> bias\n  b: @a -> {first} -> relu\n"
            "  c: @a -> flatten\n  d: @b -> flatten\n  concat @c @d\n"
        )
        x = torch.randn(2, 2, 3, 4)
        with torch.no_grad():
            ends = build(graph)(x.clone())
        assert torch.equal(ends["main"][:, :24], x.flatten(1)), first


def test_shared_weights_on_other_sizes() -> None:
    """SAME pads a map of 7 evenly at stride 2 and one of 8 unevenly: one module cannot do both.

    Defeats: the padding of the first taken for the second; weights made twice.
    """
    graph = load(
        "net n\n  input x: 7x7x2\n  input y: 8x8x2\n  a: @x -> conv 3x3 4 stride=2 pad=same\n"
        "  b: @y -> conv 3x3 4 stride=2 pad=same like=a\n  concat @a @b\n"
    )
    built = build(graph)
    assert sum(p.numel() for p in built.parameters()) == 4 * 2 * 9 + 4
    x, y = random_inputs(graph, 1)
    weight, bias = built.parameters()
    with torch.no_grad():
        weight += 1
        found = built(x, y)["main"]
        a = torch.nn.functional.conv2d(x, weight, bias, stride=2, padding=1)
        y = torch.nn.functional.pad(y, [0, 1, 0, 1])
        b = torch.nn.functional.conv2d(y, weight, bias, stride=2)
    assert torch.allclose(found, torch.cat([a, b], 1), atol=1e-6)


def test_what_has_no_counterpart() -> None:
    """One line that names the layer and says why. Defeats: proposals made up."""
    for text, why in [
        ("input x: 8x8x2\n  @x -> roi_pool 2x2 proposals=3", "proposals"),
        ("input x: 4x4x4x4x2\n  @x -> conv 1 3", "three axes"),
    ]:
        with pytest.raises(SpecError, match=why) as caught:
            build(load(f"net n\n  {text}\n"))
        assert "conv" in str(caught.value) or "roi_pool" in str(caught.value)
