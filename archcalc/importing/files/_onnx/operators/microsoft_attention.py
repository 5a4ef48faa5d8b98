"""Attention of onnxruntime: its heads in one tensor or in three, and what it keeps of the tokens before."""

from __future__ import annotations

from typing import Any

from ....operations.recording import Value
from ..nodes import OnnxNode
from ..reader import OnnxReader
from ..rules import Outputs, rule
from .attention import attended, in_heads, out_of_heads, rotated
from .microsoft import MICROSOFT


@rule("Attention", domain=MICROSOFT)
def fused_attention(reader: OnnxReader, node: OnnxNode) -> Outputs:
    """Queries, keys and values by one matrix, and their attention."""
    return fused_attention_of(reader, node, past=4, mask=5)


def fused_attention_of(reader: OnnxReader, node: OnnxNode, past: int, mask: int | None) -> Outputs:
    """Queries, keys and values by one matrix, and their attention.

    Args:
        reader: Who reads the file.
        node: The node.
        past: Which input is the keys and values of the tokens before.
        mask: Which input is added to the scores; None for none.
    """
    x, weight, bias = node.value(0), node.weight(1), node.weight(2)
    if weight is None or node.int("do_rotary"):
        return node.unknown()
    made = reader.do("matmul", x, weight)
    if bias is not None:
        made = reader.do("add", made, bias)
    total = made.sizes[-1]
    widths = node.ints("qkv_hidden_sizes") or (total // 3,) * 3
    if len(widths) != 3 or sum(widths) != total:
        node.refuse(f"queries, keys and values of {widths} are not the {total} channels of its weight")
    heads = node.int("num_heads", 1)
    parts = reader.do("split_with_sizes", made, widths, -1)
    query, key, value = [in_heads(reader, node, part, heads) for part in parts]
    if node.has(past):
        before = node.value(past)
        key, value = [
            reader.do("cat", (reader.do("select", before, 0, n), one), 2)
            for n, one in enumerate((key, value))
        ]
    kept = []
    if len(node.outputs) > 1 and node.outputs[1] and reader.is_wanted(node.outputs[1]):
        kept = [reader.do("stack", (key, value), 0)]
    return (_of_heads(reader, node, query, key, value, mask), *kept)


@rule("MultiHeadAttention", domain=MICROSOFT)
def multi_head_attention(reader: OnnxReader, node: OnnxNode) -> Outputs:
    query = node.value(0)
    heads = node.int("num_heads", 1)
    parts: list[Value]
    if len(query.sizes) == 5:  # all three, each head by itself
        apart = [reader.do("select", query, 3, n) for n in range(3)]
        parts = [reader.do("transpose", one, 1, 2) for one in apart]
    elif node.has(1) and len(node.tensor(1).sizes) == 5:
        apart = [reader.do("select", node.value(1), 3, n) for n in range(2)]
        parts = [in_heads(reader, node, query, heads), *[reader.do("transpose", one, 1, 2) for one in apart]]
    elif not (node.has(1) and node.has(2)) or len(query.sizes) != 3:
        return node.unknown()
    else:
        given = [query, node.value(1), node.value(2)]
        bias = node.weight(3)
        if bias is not None:
            widths = tuple([part.sizes[-1] if len(part.sizes) == 3 else 0 for part in given])
            if 0 in widths:
                return node.unknown()
            each = reader.do("split_with_sizes", bias, widths, 0)
            given = [reader.do("add", part, one) for part, one in zip(given, each, strict=True)]
        # Keys and values of what was encoded come in their heads already.
        parts = [part if len(part.sizes) == 4 else in_heads(reader, node, part, heads) for part in given]
    query, key, value = parts
    if node.has(6) and node.has(7):
        key, value = [reader.do("cat", (node.value(at), one), 2) for at, one in ((6, key), (7, value))]
    return (_of_heads(reader, node, query, key, value, 5), key, value)[: len(node.outputs)]


def _of_heads(
    reader: OnnxReader, node: OnnxNode, query: Value, key: Value, value: Value, mask: int | None
) -> Any:
    scale = node.float("scale") or None
    causal = bool(node.int("unidirectional"))
    added = None if mask is None else node.optional(mask)
    made = attended(reader, query, key, value, added, causal=causal, scale=scale)
    return out_of_heads(reader, made)


@rule("GroupQueryAttention", domain=MICROSOFT)
def group_query_attention(reader: OnnxReader, node: OnnxNode) -> Outputs:
    """Causal attention of heads that share keys and values, positions turned before it."""
    heads, groups = node.int("num_heads", 1), node.int("kv_num_heads", 1)
    if node.float("softcap") or (node.has(10) and node.tensor(10).depends):
        return node.unknown()
    x = node.value(0)
    if node.has(1) and node.has(2):
        parts = [x, node.value(1), node.value(2)]
    else:
        width = x.sizes[-1] // (heads + 2 * groups)
        parts = list(reader.do("split_with_sizes", x, (heads * width, groups * width, groups * width), -1))
    counts = (heads, groups, groups)
    query, key, value = [in_heads(reader, node, one, n) for one, n in zip(parts, counts, strict=True)]
    if node.int("do_rotary"):
        if not (node.has(7) and node.has(8)):
            node.refuse("it turns positions, and has no cosines and sines")
        steps = query.sizes[-2]
        at = [reader.do("slice", reader.value(node.tensor(n)), 0, 0, steps) for n in (7, 8)]
        turned = bool(node.int("rotary_interleaved"))
        query, key = [rotated(reader, one, at, 2 * at[0].sizes[-1], turned) for one in (query, key)]
    if node.has(3) and node.has(4):
        key, value = [reader.do("cat", (node.value(at), one), 2) for at, one in ((3, key), (4, value))]
    scale = node.float("scale") or None
    made = attended(reader, query, key, value, node.optional(10), causal=True, scale=scale)
    return (out_of_heads(reader, made), key, value)[: len(node.outputs)]
