"""Attention as one operator, and the turning of positions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ....operations.recording import Value
from ..nodes import OnnxNode
from ..reader import OnnxReader
from ..rules import Outputs, rule

MASK, PAST_KEY, PAST_VALUE, LENGTHS = 3, 4, 5, 6


def in_heads(reader: OnnxReader, node: OnnxNode, value: Value, heads: int) -> Any:
    """Tokens with their channels in heads, the heads in front of the tokens."""
    if heads < 1 or value.sizes[-1] % heads:
        node.refuse(f"{value.sizes[-1]} channels are not {heads} equal heads")
    apart = reader.do("unflatten", value, -1, (heads, value.sizes[-1] // heads))
    return reader.do("transpose", apart, 1, 2)


def out_of_heads(reader: OnnxReader, value: Value) -> Any:
    """The heads of each token side by side again."""
    return reader.do("flatten", reader.do("transpose", value, 1, 2), 2)


def attended(
    reader: OnnxReader,
    query: Value,
    key: Value,
    value: Value,
    mask: Value | None = None,
    *,
    causal: bool = False,
    scale: float | None = None,
) -> Any:
    """Attention of heads."""
    if mask is not None and mask.depends:
        if causal:
            # What a position may not read is hidden by the mask as well.
            allowed = reader.builder.constant((query.sizes[-2], key.sizes[-2]), None, "bool", "causal")
            mask, causal = _both(reader, mask, allowed), False
        key, value = [spread(reader, one, query.sizes[1]) for one in (key, value)]
    return reader.do(
        "scaled_dot_product_attention",
        query,
        key,
        value,
        mask,
        0.0,
        causal,
        scale=scale,
        enable_gqa=query.sizes[1] != key.sizes[1],
    )


def spread(reader: OnnxReader, value: Value, heads: int) -> Any:
    """Heads of keys or values, each as often as heads of queries read it."""
    groups = value.sizes[1]
    if groups == heads:
        return value
    return reader.do("repeat_interleave", value, heads // max(groups, 1), 1)


class Scores:
    """Attention whose scores are worked over, or are put out, as the products that it is made of.

    Args:
        node: The node.
        query: The queries in their heads.
        key: The keys in their heads.
        mask: What is added to the scores, or says which of them count.
    """

    def __init__(self, node: OnnxNode, query: Value, key: Value, mask: Value | None):
        reader = node.reader
        scale = node.float("scale") if node.says("scale") else query.sizes[-1] ** -0.5
        made = reader.do("matmul", query, reader.do("transpose", key, -1, -2))
        stages = [made if scale == 1 else reader.do("mul", made, scale)]
        # From version 25 on the scores are capped first, and then the mask is added.
        steps = [self._capped, self._masked] if node.version >= 25 else [self._masked, self._capped]
        self._reader, self._cap, self._mask = reader, node.float("softcap"), mask
        for step in steps:
            stages.append(step(stages[-1]))
        self.weights = reader.do("softmax", stages[-1], -1, None)
        stages.append(self.weights)
        mode = node.int("qk_matmul_output_mode")
        if not 0 <= mode < len(stages):
            node.refuse(f"there is no qk_matmul_output_mode {mode}")
        self.shown: Value = stages[mode]

    def _masked(self, scores: Any) -> Any:
        if self._mask is None:
            return scores
        if self._mask.dtype == "bool":
            return self._reader.do("where", self._mask, scores, float("-inf"))
        return self._reader.do("add", scores, self._mask)

    def _capped(self, scores: Any) -> Any:
        if not self._cap:
            return scores
        return self._reader.do(
            "mul", self._reader.do("tanh", self._reader.do("div", scores, self._cap)), self._cap
        )


def of_length(reader: OnnxReader, mask: Value | None, lengths: Value, steps: int) -> Any:
    """A mask that hides the keys behind the length of each sequence as well."""
    places = reader.builder.constant((steps,), None, lengths.dtype, "places")
    inside = reader.do("lt", places, reader.do("unsqueeze", lengths, 1))
    inside = reader.do("unsqueeze", reader.do("unsqueeze", inside, 1), 1)
    if mask is None:
        return inside
    if mask.sizes[-1] < steps:  # it need only reach as far as the longest sequence
        behind = False if mask.dtype == "bool" else float("-inf")
        mask = reader.do("constant_pad_nd", mask, (0, steps - mask.sizes[-1]), behind)
    if mask.dtype == "bool":
        return reader.do("logical_and", mask, inside)
    return reader.do("where", inside, mask, float("-inf"))


@rule("Attention")
def attention(reader: OnnxReader, node: OnnxNode) -> Outputs:
    query, key, value = [node.value(at) for at in range(3)]
    joined = len(query.sizes) == 3
    if joined:
        heads, groups = node.int("q_num_heads"), node.int("kv_num_heads")
        query = in_heads(reader, node, query, heads)
        key, value = [in_heads(reader, node, one, groups) for one in (key, value)]
    if node.has(PAST_KEY) and node.has(PAST_VALUE):
        key = reader.do("cat", (node.value(PAST_KEY), key), 2)
        value = reader.do("cat", (node.value(PAST_VALUE), value), 2)
    mask = node.optional(MASK)
    if node.has(LENGTHS):
        mask = of_length(reader, mask, node.value(LENGTHS), key.sizes[-2])
    causal, sizes = bool(node.int("is_causal")), (query.sizes[-2], key.sizes[-2])
    if max(node.int("left_window_size", -1), node.int("right_window_size", -1)) >= 0:
        # What a position may read is a constant of its own; what is hidden is computed and thrown away.
        band = reader.builder.constant(sizes, None, "bool", "window")
        mask, causal = band if mask is None else _both(reader, mask, band), False
    scores = len(node.outputs) > 3 and bool(node.outputs[3])
    if scores or node.float("softcap"):
        if causal:
            below = reader.builder.constant(sizes, None, "bool", "causal")
            mask = below if mask is None else _both(reader, mask, below)
        found = Scores(node, query, spread(reader, key, query.sizes[1]), mask)
        made = reader.do("matmul", found.weights, spread(reader, value, query.sizes[1]))
        shown: tuple[Value, ...] = (found.shown,)
    else:
        scale = node.float("scale") if node.says("scale") else None
        made, shown = attended(reader, query, key, value, mask, causal=causal, scale=scale), ()
    made = out_of_heads(reader, made) if joined else made
    return (made, key, value, *shown)[: len(node.outputs)]


def _both(reader: OnnxReader, mask: Value, allowed: Value) -> Any:
    """A mask that hides what another does not allow, too."""
    if mask.dtype == "bool":
        return reader.do("logical_and", mask, allowed)
    return reader.do("where", allowed, mask, float("-inf"))


@rule("RotaryEmbedding")
def rotary_embedding(reader: OnnxReader, node: OnnxNode) -> Outputs:
    return turned(reader, node, (1, 2, 3), batched=True)


@rule("RotaryEmbedding", domain="com.microsoft")
def fused_rotary_embedding(reader: OnnxReader, node: OnnxNode) -> Outputs:
    return turned(reader, node, (2, 3, 1), batched=False)


def turned(reader: OnnxReader, node: OnnxNode, places: tuple[int, int, int], *, batched: bool) -> Any:
    """Each pair of channels turned by an angle of its position.

    Args:
        reader: Who reads the file.
        node: The node.
        places: Which inputs are the cosines, the sines, and the positions.
        batched: Whether cosines without positions are those of each token.
    """
    x = node.value(0)
    joined = len(x.sizes) == 3
    heads = node.int("num_heads")
    if joined and not heads and not batched:
        heads = x.sizes[-1] // (2 * node.tensor(places[0]).sizes[-1])
    if joined:
        x = in_heads(reader, node, x, heads)
    turning = node.int("rotary_embedding_dim") or x.sizes[-1]
    at = [reader.value(node.tensor(place)) for place in places[:2]]
    if node.has(places[2]):
        positions = node.value(places[2])
        if len(positions.sizes) == 2:
            at = [reader.do("embedding", table, positions) for table in at]
    at = [reader.do("unsqueeze", one, 1) if len(one.sizes) == 3 else one for one in at]
    made = rotated(reader, x, at, turning, bool(node.int("interleaved")))
    return out_of_heads(reader, made) if joined else made


def rotated(reader: OnnxReader, x: Value, at: Sequence[Value], turning: int, interleaved: bool) -> Any:
    """Heads whose channels are turned in pairs.

    Args:
        reader: Who reads the file.
        x: The heads.
        at: The cosines and the sines of their positions.
        turning: How many channels are turned.
        interleaved: Whether neighbours are a pair, and not a channel and the one half of them behind it.
    """
    rest = None
    if turning < x.sizes[-1]:
        x, rest = [reader.do("slice", x, 3, *ends) for ends in ((0, turning), (turning, x.sizes[-1]))]
    half = turning // 2
    if interleaved:
        pairs = reader.do("unflatten", x, 3, (half, 2))
        one, two = [reader.do("select", pairs, 4, n) for n in (0, 1)]
    else:
        one, two = [reader.do("slice", x, 3, *ends) for ends in ((0, half), (half, turning))]
    cosine, sine = at
    real = reader.do("sub", reader.do("mul", one, cosine), reader.do("mul", two, sine))
    imaginary = reader.do("add", reader.do("mul", one, sine), reader.do("mul", two, cosine))
    if interleaved:
        made: Value = reader.do("flatten", reader.do("stack", (real, imaginary), 4), 3)
    else:
        made = reader.do("cat", (real, imaginary), 3)
    return made if rest is None else reader.do("cat", (made, rest), 3)


@rule("Einsum")
def einsum(reader: OnnxReader, node: OnnxNode) -> Outputs:
    return reader.do("einsum", node.text("equation"), node.values())
