"""Misconceptions of the values that layers put out for numbers that are given.

What is believed of sizes (a stride, a padding, a dilation) changes values too: those beliefs stand in
``sizes``, and are run on the layers as well.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ...ops import registry
from ...values import LayerValues
from ...values.changed import ChangedLayer
from ...values.running import flipped
from ..methods.matrices import MatrixMethod, ValuesChange
from .belief import Variant, belief

_TASKS = "tasks worked by hand in courses on convolutional networks"


def _variants(method: MatrixMethod, name: str, change: ValuesChange) -> Iterator[Variant]:
    for words, changed in method.each(name, change):
        yield Variant(words, changed)


def _kernels(method: MatrixMethod, name: str, change: Any) -> Iterator[Variant]:
    """The method with other kernels in its convolutions; ``change`` gets the layer and its kernel."""

    def changed(values: LayerValues) -> ChangedLayer | None:
        tensors = method.tensors(values)
        if not values.layer.op.is_convolution or "weight" not in tensors:
            return None
        made = change(values, tensors["weight"])
        return None if made is None else ChangedLayer(method.op(values), {**tensors, "weight": made})

    return _variants(method, name, changed)


@belief(
    "the kernel turned round",
    quantities="values",
    wrong="Σ x[i − u] · w[u] where Σ x[i + u] · w[u] is asked for, or the reverse",
    why="Layers of neural networks do not turn the kernel round: they compute a cross-correlation. The "
    "convolution of mathematics turns it by half a turn first.",
    hint="Does the task turn the kernel round before it slides over the input?",
    source="a lecture's example of associativity, whose grid is a correlation and is called a convolution",
)
def kernel_turned(method: MatrixMethod) -> Iterator[Variant]:
    name = "the kernel not turned round" if method.flip else "the kernel turned round"
    return _kernels(method, name, lambda values, weight: flipped(values.layer, {"weight": weight})["weight"])


@belief(
    "rows and columns of the kernel exchanged",
    quantities="values",
    wrong="w[v, u] in the place of w[u, v]",
    why="The kernel is laid on the input as it is written, its first row on the upper row of the window.",
    hint="Which number of the kernel lies on the upper right corner of the window?",
    source=_TASKS,
)
def kernel_transposed(method: MatrixMethod) -> Iterator[Variant]:
    def change(values: LayerValues, weight: Any) -> Any:
        square = weight.ndim == 4 and weight.shape[2] == weight.shape[3]
        return weight.swapaxes(2, 3) if square else None

    return _kernels(method, "rows and columns of the kernel exchanged", change)


@belief(
    "minus signs of the kernel left out",
    quantities="values",
    wrong="Σ x · |w|",
    why="A negative number of the kernel takes its product off the sum.",
    hint="What does a minus in the kernel do to the product?",
    source=_TASKS,
)
def kernel_signs_ignored(method: MatrixMethod) -> Iterator[Variant]:
    return _kernels(method, "minus signs of the kernel left out", lambda values, weight: abs(weight))


@belief(
    "rows and columns of the result exchanged",
    quantities="values",
    wrong="y[j, i] in the place of y[i, j]",
    why="The window moves along a row first: a row of the result holds what it found beside each other.",
    hint="In which direction does the window move from one number of a row to the next?",
    source=_TASKS,
)
def result_transposed(method: MatrixMethod) -> MatrixMethod | None:
    first = method.values[0].inputs[0]
    if first.ndim == 3 and first.shape[0] == 1:  # what is made of a row says the same as a column
        return None
    return method.but(turned=not method.turned)


@belief(
    "the input read by columns",
    quantities="values",
    wrong="x[j, i] in the place of x[i, j]",
    why="The first row of the input is its upper row, and not its first column.",
    hint="Is the first line of the input a row or a column?",
    source=_TASKS,
)
def input_transposed(method: MatrixMethod) -> MatrixMethod | None:
    inputs = dict(method.inputs)
    for values in method.values:
        for layer, x in zip(values.layer.inputs, values.inputs, strict=True):
            if not layer.inputs and layer not in method.changed and x.ndim == 3 and layer.op.name == "input":
                inputs.setdefault(layer, x.swapaxes(0, 1))
    return method.but(inputs=inputs) if inputs != dict(method.inputs) else None


@belief(
    "padded with the values at the edge",
    quantities="values",
    wrong="x[0] or x[1] beside x[0], in the place of 0",
    why="The padding of a convolution is zeros, where nothing else is stated.",
    hint="Which numbers stand in the padding?",
    source="OpenCV's and scipy's borders, which are no zeros",
)
def padded_with_edge(method: MatrixMethod) -> Iterator[Variant]:
    for mode, name in (
        ("replicate", "padded with the values at the edge"),
        ("reflect", "padded with the values mirrored at the edge"),
    ):

        def change(values: LayerValues, mode: str = mode) -> ChangedLayer | None:
            op = method.op(values)
            if "pad_mode" not in op.attributes or op.argument("pad_mode") == mode or not op.argument("pad"):
                return None
            return ChangedLayer(op.with_attributes(pad_mode=mode), method.tensors(values))

        yield from _variants(method, name, change)


# The op that pools in another way, and the words for what is taken in the place of what.
_POOLS = {
    "maxpool": (
        ("avgpool", {}, "the average"),
        ("maxpool", None, "the smallest"),
        ("lppool", {"p": 1}, "the sum"),
    ),
    "avgpool": (
        ("maxpool", {}, "the largest"),
        ("maxpool", None, "the smallest"),
        ("lppool", {"p": 1}, "the sum"),
    ),
    "gmp": (("gap", {}, "the average"), ("gmp", None, "the smallest")),
    "gap": (("gmp", {}, "the largest"), ("gmp", None, "the smallest")),
}
_TAKEN = {"maxpool": "the largest", "avgpool": "the average", "gmp": "the largest", "gap": "the average"}


@belief(
    "pooled in another way",
    quantities="values",
    wrong="Σ x / F², min x or Σ x in the place of max x; max x in the place of Σ x / F²",
    why="Max pooling takes the largest value of each window, average pooling the mean of its values.",
    hint="What does this pooling take of each window?",
    source=_TASKS,
)
def pooled_otherwise(method: MatrixMethod) -> Iterator[Variant]:
    for place in range(3):

        def change(values: LayerValues, place: int = place) -> ChangedLayer | None:
            op = method.op(values)
            others = _POOLS.get(op.name, ())
            if place >= len(others):
                return None
            name, given, _ = others[place]
            made = registry()[name]
            shared = {key: op.argument(key) for key in made.attributes if key in op.attributes}
            shared = {key: value for key, value in shared.items() if value is not None}
            return ChangedLayer(made(**shared, **(given or {})), {}, given is None)

        kinds = {method.op(values).name for values in method.values} & _POOLS.keys()
        for kind in sorted(kinds):
            if place < len(_POOLS[kind]):
                words = f"{_POOLS[kind][place][2]} in the place of {_TAKEN[kind]}"

                def of_kind(values: LayerValues, kind: str = kind, change: ValuesChange = change) -> Any:
                    return change(values) if method.op(values).name == kind else None

                yield from _variants(method, words, of_kind)


@belief(
    "divided by another number of cells",
    quantities="values",
    wrong="Σ x / (cells on the input), or Σ x / F² at the rim",
    why="Where the padding counts, an average pooling divides by all cells of the window; where it does not, "
    "by those on the input.",
    hint="By how many cells is a window divided that hangs over the rim?",
    source="PyTorch's count_include_pad; TensorFlow leaves the padding out",
)
def padding_in_mean(method: MatrixMethod) -> Iterator[Variant]:
    for counted, name in (
        (True, "divided by the cells on the input alone"),
        (False, "divided by the padding too"),
    ):

        def change(values: LayerValues, counted: bool = counted) -> ChangedLayer | None:
            op = method.op(values)
            if "count_pad" not in op.attributes or op.argument("count_pad") is not counted:
                return None
            return ChangedLayer(op.with_attributes(count_pad=not counted), method.tensors(values))

        yield from _variants(method, name, change)


@belief(
    "bias not added",
    quantities="values",
    wrong="Σ x · w in the place of Σ x · w + b",
    why="The bias of a filter is added to each sum of its products.",
    hint="What is added to the sum of products?",
    source=_TASKS,
)
def bias_not_added(method: MatrixMethod) -> Iterator[Variant]:
    def change(values: LayerValues) -> ChangedLayer | None:
        tensors = method.tensors(values)
        if "bias" not in tensors or values.layer.op.is_norm or not (tensors["bias"] != 0).any():
            return None
        return ChangedLayer(method.op(values), {**tensors, "bias": tensors["bias"] * 0})

    return _variants(method, "bias not added", change)


@belief(
    "activation left out",
    quantities="values",
    wrong="z in the place of f(z)",
    why="The activation changes what the layer before it puts out: ReLU makes negative values 0.",
    hint="Is anything done with the sums before they go on?",
    source=_TASKS,
)
def activation_left_out(method: MatrixMethod) -> Iterator[Variant]:
    def change(values: LayerValues) -> ChangedLayer | None:
        return ChangedLayer(None, {}) if values.layer.op.group == "activation" else None

    kinds = {values.layer.op.name for values in method.values if values.layer.op.group == "activation"}
    name = "ReLU left out" if kinds == {"relu"} else "activation left out"
    return _variants(method, name, change)


@belief(
    "minus signs left out by ReLU",
    quantities="values",
    wrong="|z| in the place of max(0, z)",
    why="ReLU makes a negative value 0, and not positive.",
    hint="What becomes of a negative value?",
    source=_TASKS,
)
def absolute_values(method: MatrixMethod) -> Iterator[Variant]:
    def change(values: LayerValues) -> ChangedLayer | None:
        if values.layer.op.name != "relu":
            return None
        return ChangedLayer(registry()["leaky_relu"](slope=-1), {})

    return _variants(method, "absolute values in the place of ReLU", change)


@belief(
    "channels not added up",
    quantities="values",
    wrong="a map for each channel, or that of one channel alone, in the place of their sum",
    why="A filter reads all channels: what it finds in each of them is added up to one map.",
    hint="How many maps does one filter put out, whatever the number of channels?",
    source=_TASKS,
)
def channels_not_added(method: MatrixMethod) -> Iterator[Variant]:
    def apart(values: LayerValues) -> ChangedLayer | None:
        op, tensors = method.op(values), method.tensors(values)
        weight = tensors.get("weight")
        if op.name != "conv" or op.argument("groups") != 1 or op.argument("connect") is not None:
            return None
        if weight is None or weight.shape[1] < 2 or weight.shape[0] != 1:
            return None
        made = registry()["dwconv"]
        given = {key: op.argument(key) for key in made.attributes if key in op.attributes}
        given = {key: value for key, value in given.items() if value is not None}
        more = {"bias": tensors["bias"].repeat(weight.shape[1])} if "bias" in tensors else {}
        return ChangedLayer(made(**given), {**tensors, "weight": weight.swapaxes(0, 1), **more})

    yield from _variants(method, "channels not added up", apart)
    most = max([v.tensors["weight"].shape[1] for v in method.values if _reads_channels(v)], default=0)
    for channel in range(min(most, 16) if most > 1 else 0):

        def one(values: LayerValues, weight: Any, channel: int = channel) -> Any:
            if not _reads_channels(values) or not 1 < weight.shape[1] > channel:
                return None
            made = weight * 0
            made[:, channel] = weight[:, channel]
            return made

        yield from _kernels(method, f"channel {channel + 1} read alone", one)


def _reads_channels(values: LayerValues) -> bool:
    return values.layer.op.is_convolution and values.tensors.get("weight") is not None


@belief(
    "one filter alone",
    quantities="values",
    wrong="a map in the place of K maps",
    why="Each filter puts out a map of its own: there are as many as filters.",
    hint="How many maps do several filters put out?",
    source=_TASKS,
)
def one_filter_alone(method: MatrixMethod) -> Iterator[Variant]:
    most = max(
        [v.tensors["weight"].shape[0] for v in method.values if v.layer.op.name == "conv" and v.tensors],
        default=0,
    )
    for filter in range(min(most, 16) if most > 1 else 0):

        def change(values: LayerValues, filter: int = filter) -> ChangedLayer | None:
            op, tensors = method.op(values), method.tensors(values)
            if op.name != "conv" or op.argument("groups") != 1 or op.argument("connect") is not None:
                return None
            if not 1 < tensors["weight"].shape[0] > filter:
                return None
            kept = {name: tensor[filter : filter + 1] for name, tensor in tensors.items()}
            return ChangedLayer(op.with_attributes(filters=1), kept)

        yield from _variants(method, f"filter {filter + 1} alone", change)


@belief(
    "filters exchanged",
    quantities="values",
    wrong="the maps in another order",
    why="The maps stand in the order of the filters.",
    hint="Which map is that of the first filter?",
    source=_TASKS,
)
def filters_exchanged(method: MatrixMethod) -> Iterator[Variant]:
    def change(values: LayerValues) -> ChangedLayer | None:
        op, tensors = method.op(values), method.tensors(values)
        if op.name != "conv" or op.argument("groups") != 1 or tensors["weight"].shape[0] != 2:
            return None
        return ChangedLayer(op, {name: tensor[::-1] for name, tensor in tensors.items()})

    return _variants(method, "filters exchanged", change)


@belief(
    "windows side by side",
    quantities="values",
    wrong="S = F",
    why="The window of a convolution moves by its stride, 1 where nothing is said. Those of a pooling lie "
    "side by side.",
    hint="How far does the window move at a time?",
    source=_TASKS,
)
def windows_side_by_side(method: MatrixMethod) -> Iterator[Variant]:
    def change(values: LayerValues) -> ChangedLayer | None:
        op = method.op(values)
        if not op.is_convolution or "kernel" not in op.attributes:
            return None
        kernel, stride = op.argument("kernel"), op.argument("stride")
        if kernel == stride or kernel == 1 or op.group != "convolution" or op.name == "tconv":
            return None
        return ChangedLayer(op.with_attributes(stride=kernel), method.tensors(values))

    return _variants(method, "windows side by side", change)
