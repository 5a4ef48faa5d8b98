"""Attention as one operator, and the turning of positions."""

from __future__ import annotations

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
    scores = len(node.outputs) > 3 and bool(node.outputs[3])
    if scores or node.float("softcap") or node.has(LENGTHS):
        return node.unknown()
    made = attended(
        reader,
        query,
        key,
        value,
        node.optional(MASK),
        causal=bool(node.int("is_causal")),
        scale=node.float("scale") if node.says("scale") else None,
    )
    made = out_of_heads(reader, made) if joined else made
    return (made, key, value)[: len(node.outputs)]


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
    width = x.sizes[-1]
    turning = node.int("rotary_embedding_dim") or width
    at = [reader.value(node.tensor(place)) for place in places[:2]]
    if node.has(places[2]):
        positions = node.value(places[2])
        if len(positions.sizes) == 2:
            at = [reader.do("embedding", table, positions) for table in at]
    at = [reader.do("unsqueeze", one, 1) if len(one.sizes) == 3 else one for one in at]
    rest = None
    if turning < width:
        x, rest = [reader.do("slice", x, 3, *ends) for ends in ((0, turning), (turning, width))]
    half = turning // 2
    if node.int("interleaved"):
        pairs = reader.do("unflatten", x, 3, (half, 2))
        one, two = [reader.do("select", pairs, 4, n) for n in (0, 1)]
    else:
        one, two = [reader.do("slice", x, 3, *ends) for ends in ((0, half), (half, turning))]
    cosine, sine = at
    real = reader.do("sub", reader.do("mul", one, cosine), reader.do("mul", two, sine))
    imaginary = reader.do("add", reader.do("mul", one, sine), reader.do("mul", two, cosine))
    if node.int("interleaved"):
        made: Value = reader.do("flatten", reader.do("stack", (real, imaginary), 4), 3)
    else:
        made = reader.do("cat", (real, imaginary), 3)
    if rest is not None:
        made = reader.do("cat", (made, rest), 3)
    return out_of_heads(reader, made) if joined else made


@rule("Einsum")
def einsum(reader: OnnxReader, node: OnnxNode) -> Outputs:
    return reader.do("einsum", node.text("equation"), node.values())
