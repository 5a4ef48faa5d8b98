"""Attention, and what is added to its tokens."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812


class SelfAttention(nn.Module):
    """Multi-head self-attention over all positions, with nn.MultiheadAttention's parameters."""

    def __init__(self, channels: int, heads: int, bias: bool = True, causal: bool = False):
        super().__init__()
        self.heads, self.causal = heads, causal
        self.in_proj_weight = nn.Parameter(torch.empty(3 * channels, channels))
        nn.init.xavier_uniform_(self.in_proj_weight)
        self.in_proj_bias = nn.Parameter(torch.zeros(3 * channels)) if bias else None
        self.out_proj = nn.Linear(channels, channels, bias=bias)

    def forward(self, x: Tensor) -> Tensor:
        tokens = x.flatten(2).transpose(1, 2)
        mapped = F.linear(tokens, self.in_proj_weight, self.in_proj_bias)
        # N, T, three times heads times channels of a head: the heads go in front of the tokens.
        q, k, v = mapped.view(*tokens.shape[:2], 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        heads = F.scaled_dot_product_attention(q, k, v, is_causal=self.causal)
        found: Tensor = self.out_proj(heads.transpose(1, 2).flatten(2))
        return found.transpose(1, 2).reshape(x.shape)


class Attention(nn.Module):
    """Multi-head attention to the positions of a tensor, with fewer heads of keys and values, and
    lengths of their own."""

    def __init__(
        self,
        channels: int,
        read: int,
        heads: int,
        kv: int,
        key: int,
        value: int,
        bias: bool = True,
        causal: bool = False,
    ):
        super().__init__()
        self.heads, self.kv, self.causal = heads, kv, causal
        self.q_proj_weight = nn.Parameter(torch.empty(heads * key, channels))
        self.k_proj_weight = nn.Parameter(torch.empty(kv * key, read))
        self.v_proj_weight = nn.Parameter(torch.empty(kv * value, read))
        for weight in (self.q_proj_weight, self.k_proj_weight, self.v_proj_weight):
            nn.init.xavier_uniform_(weight)
        self.sizes = [heads * key, kv * key, kv * value]
        self.in_proj_bias = nn.Parameter(torch.zeros(sum(self.sizes))) if bias else None
        self.out_proj = nn.Linear(heads * value, channels, bias=bias)

    def forward(self, x: Tensor, other: Tensor) -> Tensor:
        biases: Any = [None] * 3
        if self.in_proj_bias is not None:
            biases = torch.split(self.in_proj_bias, self.sizes)
        parts: list[Tensor] = []
        for tensor, weight, bias, heads in (
            (x, self.q_proj_weight, biases[0], self.heads),
            (other, self.k_proj_weight, biases[1], self.kv),
            (other, self.v_proj_weight, biases[2], self.kv),
        ):
            tokens = tensor.flatten(2).transpose(1, 2)
            mapped = F.linear(tokens, weight, bias)
            mapped = mapped.view(*mapped.shape[:2], heads, -1).transpose(1, 2)
            parts.append(mapped.repeat_interleave(self.heads // heads, 1))
        q, k, v = parts
        joined = F.scaled_dot_product_attention(q, k, v, is_causal=self.causal)
        found: Tensor = self.out_proj(joined.transpose(1, 2).flatten(2))
        return found.transpose(1, 2).reshape(x.shape)


class ClassToken(nn.Module):
    """A learned token in front of a sequence."""

    def __init__(self, channels: int):
        super().__init__()
        self.class_token = nn.Parameter(torch.zeros(1, channels))

    def forward(self, x: Tensor) -> Tensor:
        return torch.cat([self.class_token.t().expand(len(x), -1, -1), x], 2)


class Positions(nn.Module):
    """One vector per position, learned or a buffer, added to what stands there. Sizes are channels
    last."""

    pos_embedding: Tensor

    def __init__(self, *sizes: int, learned: bool = True):
        super().__init__()
        values = torch.empty(sizes).normal_(std=0.02)
        if learned:
            self.pos_embedding = nn.Parameter(values)
        else:
            self.register_buffer("pos_embedding", values)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.pos_embedding.movedim(-1, 0)


def matmul_last(tensors: Any, transpose: bool = False) -> Any:
    """The matrix product of two tensors, whose last axes are their positions' last and their channels."""
    a, b = [x.movedim(1, -1) for x in tensors]
    if max(a.dim(), b.dim()) > 3:
        while a.dim() != b.dim():  # axes in front, behind the batch
            a, b = (a.unsqueeze(1), b) if a.dim() < b.dim() else (a, b.unsqueeze(1))
        if not (a.is_contiguous() and b.is_contiguous()):
            a, b = (
                a.clone(memory_format=torch.contiguous_format),
                b.clone(memory_format=torch.contiguous_format),
            )
    return torch.matmul(a, b.transpose(-1, -2) if transpose else b).movedim(-1, 1)


class ScaledAttention(nn.Module):
    """softmax(Q K^T / sqrt(d)) V in each head: over all positions, or within windows or grids of them.

    Queries, keys and values are three tensors, or lie side by side in the channels of two or one.
    ``window`` and ``grid`` have a size, or one per axis. ``bias`` adds zeros, in the place of a mask.
    """

    def __init__(
        self,
        heads: int,
        kv: int | None = None,
        window: int | tuple[int, ...] | None = None,
        grid: int | tuple[int, ...] | None = None,
        causal: bool = False,
        bias: bool = False,
        scale: bool = True,
        factor: float | None = None,
    ):
        super().__init__()
        self.heads, self.kv = heads, kv or heads
        self.window, self.grid = window, grid
        self.causal, self.bias = causal, bias
        self.factor = factor if scale else 1.0

    def forward(self, *tensors: Tensor) -> Tensor:
        q, k, v = self.parts(tensors)
        sizes = q.shape[2:]
        if self.window is None and self.grid is None:
            tokens = [x.flatten(2).transpose(1, 2) for x in (q, k, v)]
            if not all(x.stride(-1) == 1 for x in tokens):
                tokens = [x.contiguous() for x in tokens]
        else:
            tokens = [self.blocks(x) for x in (q, k, v)]
        parts: Any = zip(tokens, (self.heads, self.kv, self.kv), strict=True)
        q, k, v = (x.unflatten(2, (heads, -1)).transpose(1, 2) for x, heads in parts)
        if self.kv < self.heads:
            k, v = (x.repeat_interleave(self.heads // self.kv, 1) for x in (k, v))
        mask = q.new_zeros(q.shape[2], k.shape[2]) if self.bias else None
        hides = self.causal and mask is None
        if self.causal and mask is not None:
            mask = mask.masked_fill(torch.ones_like(mask).triu(1) > 0, -torch.inf)
        y: Any = F.scaled_dot_product_attention(q, k, v, mask, is_causal=hides, scale=self.factor)
        y = y.transpose(1, 2).flatten(2)
        if self.window is None and self.grid is None:
            y = y.transpose(1, 2).unflatten(2, sizes)
        else:
            y = self.joined(y, sizes)
        found: Tensor = y
        return found

    def parts(self, tensors: Any) -> Any:
        """Queries, keys and values."""
        if len(tensors) == 3:
            return tensors
        if len(tensors) == 2:
            keys = tensors[0].shape[1] // self.heads * self.kv
            return tensors[0], tensors[1][:, :keys], tensors[1][:, keys:]
        length = tensors[0].shape[1] // (self.heads + 2 * self.kv)
        return torch.split(tensors[0], [self.heads * length, self.kv * length, self.kv * length], 1)

    def sides(self, sizes: Any) -> list[tuple[int, int]]:
        """How each axis is parted in two: blocks and positions of a block, or, of a grid, the reverse."""
        given: Any = self.window or self.grid
        each = [given] * len(sizes) if isinstance(given, int) else given
        both = zip(sizes, each, strict=True)
        return [(n // size, size) if self.window else (size, n // size) for n, size in both]

    def order(self, axes: int) -> list[int]:
        """Of axes that are each parted in two behind batch and channels: those of the blocks in front,
        then those within a block, the channels last."""
        outer, inner = [2 + 2 * axis for axis in range(axes)], [3 + 2 * axis for axis in range(axes)]
        return [0, *outer, *inner, 1] if self.window else [0, *inner, *outer, 1]

    def blocks(self, x: Any) -> Any:
        """The tokens of each block, the blocks beside the batch."""
        sizes = x.shape[2:]
        for axis, parts in reversed(list(enumerate(self.sides(sizes)))):
            x = x.unflatten(2 + axis, parts)
        x = x.permute(self.order(len(sizes))).clone(memory_format=torch.contiguous_format)
        return x.flatten(0, len(sizes)).flatten(1, -2)

    def joined(self, y: Any, sizes: Any) -> Any:
        """The tokens back in their places."""
        parts = [part for both in self.sides(sizes) for part in both]
        order = self.order(len(sizes))
        whole = [-1, y.shape[-1], *parts]
        y = y.reshape([whole[at] for at in order])
        y = y.permute([order.index(at) for at in range(len(order))])
        y = y.movedim(1, -1).clone(memory_format=torch.contiguous_format).movedim(-1, 1)
        return y.flatten(2).unflatten(2, sizes)
