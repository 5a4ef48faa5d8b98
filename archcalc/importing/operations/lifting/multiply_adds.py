"""Multiply-adds of an operation with products, from its shapes."""

from __future__ import annotations

from math import prod

from ..recording import Operation, Value


def multiply_adds(operation: Operation) -> int | None:
    """The multiply-adds of an operation with products, from its shapes; None where there is no rule."""
    values = [value for value in operation.arguments.values() if isinstance(value, Value)]
    name = operation.name
    out = prod(operation.outputs[0].sizes) if operation.outputs else 0
    if name in ("matmul", "bmm", "mm", "mv", "dot", "vdot", "linear") and len(values) >= 2:
        return out * values[0].sizes[-1]
    if name in ("addmm", "baddbmm", "addbmm") and len(values) >= 3:
        return out * values[1].sizes[-1]
    if name.startswith("conv") and len(values) >= 2:
        weight = values[1].sizes
        if "transpose" in name or operation.arguments.get("transposed"):
            return prod(values[0].sizes) * prod(weight[1:])
        return out * prod(weight[1:])
    if name.startswith(("scaled_dot_product", "_scaled_dot_product")) and len(values) >= 3:
        q, k, v = [value.sizes for value in values[:3]]
        return prod(q[:-1]) * k[-2] * (q[-1] + v[-1])
    if name in ("lstm", "gru", "rnn_tanh", "rnn_relu") and "batch_sizes" not in operation.arguments:
        # Every matrix meets the values of every step: those of the layer, and of the direction, before it.
        matrices: list[tuple[int, ...]] = [
            v.sizes for v in operation.arguments.get("params", ()) if len(v.sizes) == 2
        ]
        steps: int = prod(values[0].sizes[:2])
        return steps * sum([prod(sizes) for sizes in matrices])
    if name == "einsum":
        return _of_einsum(operation)
    if name.startswith("onnx."):
        return _of_onnx(operation)
    if name in ("lstm", "gru", "rnn_tanh", "rnn_relu") and operation.target.endswith(".data"):
        weights: list[Value] = [value for value in operation.arguments["params"] if len(value.sizes) == 2]
        return values[0].sizes[0] * sum([prod(weight.sizes) for weight in weights])
    if operation.view or name in FREE:
        return 0
    return None


# Operations that multiply nothing, whatever else they do.
FREE = frozenset(
    "cat stack index index_select gather scatter index_put masked_fill where slice_scatter select_scatter "
    "copy write roll flip repeat fill zeros_like ones_like empty_like arange clone im2col col2im unfold fold "
    "max_pool2d max_pool2d_with_indices argmax topk sort one_hot constant_pad_nd pad nonzero "
    "_pack_padded_sequence".split()
)


# Operators of ONNX that move values, compare them, or fill them in.
FREE_OF_ONNX = frozenset(
    "BitCast BitShift BitwiseNot BitwiseXor Compress EyeLike GatherND Hardmax MaxRoiPool NonZero OneHot "
    "Range ReverseSequence Scatter ScatterElements ScatterND Slice TensorScatter Trilu Unique".split()
)


def _of_onnx(operation: Operation) -> int | None:
    """The multiply-adds of an operator of ONNX that PyTorch has no word for."""
    name = operation.name.partition(".")[2]
    inputs: tuple[Value, ...] = operation.arguments["inputs"]
    if name in FREE_OF_ONNX:
        return 0
    if (
        name == "DeformConv" and len(inputs) > 1
    ):  # the places that it reads are looked up: that takes factors and sums
        return prod(operation.outputs[0].sizes) * prod(inputs[1].sizes[1:])
    if name in ("LSTM", "GRU", "RNN") and len(inputs) > 2:
        # Each matrix of each direction meets the values of every step.
        return prod(inputs[0].sizes[:2]) * sum([prod(matrix.sizes) for matrix in inputs[1:3]])
    return None


def _of_einsum(operation: Operation) -> int | None:
    equation = str(operation.arguments["equation"]).replace(" ", "")
    tensors = operation.arguments["tensors"]
    if len(tensors) != 2 or "." in equation:
        return None
    sizes: dict[str, int] = {}
    for word, tensor in zip(equation.partition("->")[0].split(","), tensors, strict=True):
        for letter, size in zip(word, tensor.sizes, strict=True):
            sizes[letter] = max(size, sizes.get(letter, 1))
    return prod(sizes.values())
