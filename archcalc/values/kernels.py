"""Kernels of convolutions one behind the other, made into one."""

from __future__ import annotations

from typing import Any


def composed_kernel(first: Any, second: Any, stride: int = 1) -> Any:
    """Return the one kernel that does what two do, one behind the other, without padding between them.

    It is the full convolution of both, ``h * g``: two of 3x3 make one of 5x5, 3x1 and 1x3 make 3x3. This
    holds for layers of cross-correlation, as networks have them, and for those of convolution alike.

    Args:
        first: The kernel that is applied first: along the axes of positions alone, or in PyTorch's layout,
            filters x channels x kernel.
        second: The other one, with as many axes.
        stride: The stride of the first layer: the positions of the second kernel are so far apart.

    Raises:
        ValueError: Where the numbers of axes differ, or the second reads other channels than the first
            puts out.

    Example:
        >>> from archcalc.values import composed_kernel
        >>> composed_kernel([[1], [3], [2]], [[3, 0, 1]]).tolist()
        [[3, 0, 1], [9, 0, 3], [6, 0, 2]]
    """
    import numpy as np

    from ..arrays.exact import array_of, sums_of_products, tidied

    h, g = array_of(first), array_of(second)
    if h.ndim != g.ndim or not h.ndim:
        raise ValueError(f"one kernel has {h.ndim} axes, the other {g.ndim}")
    plain = h.ndim < 3
    if plain:
        h, g = h[None, None], g[None, None]
    if g.shape[1] != h.shape[0]:
        raise ValueError(f"the first kernel puts out {h.shape[0]} channels, the second reads {g.shape[1]}")
    sizes = [a + (b - 1) * stride for a, b in zip(h.shape[2:], g.shape[2:], strict=True)]

    def sums(x: Any, w: Any) -> Any:
        made = np.zeros((w.shape[0], x.shape[1], *sizes), dtype=x.dtype)
        for place in np.ndindex(w.shape[2:]):
            at: tuple[Any, ...] = (slice(None), slice(None), *place)
            part = (w[at] @ x.reshape(x.shape[0], -1)).reshape(w.shape[0], *x.shape[1:])
            reached = [slice(p * stride, p * stride + n) for p, n in zip(place, x.shape[2:], strict=True)]
            into: tuple[Any, ...] = (Ellipsis, *reached)
            made[into] += part
        return made

    found = tidied(sums_of_products(sums, h, g, h[0, 0].size * h.shape[0]))
    return found[0, 0] if plain else found
