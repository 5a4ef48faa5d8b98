"""Products of tensors, and attention between them."""

from __future__ import annotations

from string import ascii_lowercase

from .....ops.attributes import Word
from ..calls import Call, Value, per_axis
from ..operands import literal, literal_sizes, tensor
from ..settings import shown
from ..vocabulary import OperationClass


class MatmulOperation(OperationClass):
    """The matrix product of two tensors."""

    names = ("Matmul",)
    signature = "transpose=False"

    def write(self, call: Call) -> Value:
        first, second = call.argument(0, "x1"), call.argument(1, "x2")
        if isinstance(first, Value) and isinstance(second, Value):
            a, b = call.in_order(first), call.in_order(second)
            if a.rank < 3 or b.rank < 3:
                raise call.refused("a product with a vector of each image is over the batch")
            return call.op("matmul", a, b, transpose=call.settings.flag("transpose") or None)
        literal_first = not isinstance(first, Value)
        found = second if literal_first else first
        if not isinstance(found, Value):
            raise call.refused("it is of two tensors")
        x = call.in_order(found)
        sizes = literal_sizes(first if literal_first else second)
        if len(sizes) != 2:
            raise call.refused("a product with literal values is of a matrix")
        weight, letters = literal(call, sizes), ascii_lowercase[: len(x.shape)]
        if literal_first:
            front, row, column = letters[:-2], letters[-2:-1], letters[-1]
            return call.op("einsum", weight, x, equation=f"z{row},{letters}->{front}z{column}")
        return call.op("einsum", x, weight, equation=f"{letters},{letters[-1]}z->{letters[:-1]}z")


class EinsumOperation(OperationClass):
    """Products of tensors in Einstein's notation."""

    names = ("Einsum",)
    signature = "subscripts"

    def write(self, call: Call) -> Value:
        text = call.settings.value("subscripts")
        left, arrow, right = text.replace(" ", "").partition("->") if isinstance(text, str) else ("", "", "")
        names, given = left.split(","), [*call.positional]
        if not arrow or "." in text or len(names) != len(given) or not all(names):
            raise call.settings.refused("subscripts", f"the equation `{shown(text)}` is not read")
        batch = {name[0] for name, one in zip(names, given, strict=True) if isinstance(one, Value)}
        if len(batch) != 1 or right[:1] not in batch:
            raise call.settings.refused("subscripts", "the first axis is that of the batch, and stays")
        values, letters = [], []
        for name, one in zip(names, given, strict=True):
            if isinstance(one, Value):
                values.append(call.in_order(one))
                letters.append(name[1:])
            else:
                values.append(tensor(call, one))
                letters.append(name)
        if len(right) < 2:
            raise call.settings.refused("subscripts", "one value of each image is not read")
        return call.op("einsum", *values, equation=f"{','.join(letters)}->{right[1:]}")


class DotProductAttentionOperation(OperationClass):
    """Attention between tensors whose last two axes are heads, and what is in them."""

    names = ("DotProductAttention",)
    signature = "is_causal=False, flash_attention=None, attn_logits_soft_cap=None"

    def write(self, call: Call) -> Value:
        given = [call.argument(at, name) for at, name in enumerate(("query", "key", "value"))]
        values = [call.in_order(one) for one in given if isinstance(one, Value)]
        if len(values) != 3 or any(one.rank != 4 for one in values):
            raise call.refused("it reads positions, heads and what is in them, of three tensors")
        if call.settings.value("attn_logits_soft_cap") is not None:
            raise call.settings.refused("attn_logits_soft_cap", "scores with a cap are not read")
        added = any(isinstance(call.argument(at, name), Value) for at, name in ((3, "bias"), (4, "mask")))
        if added:
            call.note("a mask or bias is counted, and where it comes from is not")
        heads, pairs = values[0].shape[1], values[1].shape[1]
        parts = [
            call.op("rearrange", one, part=part, pattern="t h d -> t (h d)")
            for one, part in zip(values, ("queries", "keys", "values"), strict=True)
        ]
        joined = call.op(
            "sdpa",
            *parts,
            heads=heads,
            kv=None if pairs == heads else pairs,
            causal=call.settings.flag("is_causal") or None,
            bias=added or None,
        )
        return call.op("rearrange", joined, part="heads", pattern=f"t (h={heads} d) -> t h d")


class ArrangedImagesOperation(OperationClass):
    """Channels to positions and back, in the order of TensorFlow."""

    names = ("DepthToSpace", "SpaceToDepth")
    signature = "block_size, data_format=None"

    def write(self, call: Call) -> Value:
        n = call.settings.count("block_size")
        x = call.channels_last(call.x, call.settings.channels_first())
        if len(x.shape) != 3:
            raise call.refused("it works on maps")
        if call.layer.class_name == "DepthToSpace":
            return call.op("rearrange", x, pattern=f"h w (a={n} b={n} c) -> (h a) (w b) c")
        return call.op("rearrange", x, pattern=f"(h a={n}) (w b={n}) c -> h w (a b c)")


class ResizedImagesOperation(OperationClass):
    """Images of another size."""

    names = ("Resize",)
    signature = (
        "size, interpolation='bilinear', antialias=False, crop_to_aspect_ratio=False, data_format=None"
    )

    def write(self, call: Call) -> Value:
        settings = call.settings
        mode = settings.word("interpolation", ("nearest", "bilinear", "bicubic"))
        x = call.channels_last(call.x, settings.channels_first())
        return call.op(
            "resize",
            x,
            size=per_axis(settings.sizes("size", 2)),
            mode=None if mode == "nearest" else Word(mode),
        )
