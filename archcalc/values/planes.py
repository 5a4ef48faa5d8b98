"""Arrays as matrices: one for each channel."""

from __future__ import annotations

from typing import Any


def planes_of(x: Any, sequence: bool = False) -> list[Any]:
    """Give an array, channels last, as matrices: one for each channel.

    Args:
        x: The array. A vector is one row; each channel of a signal is one.
        sequence: Whether an array of two axes is a matrix as it stands: positions x channels.

    Example:
        >>> import numpy as np
        >>> from archcalc.values.planes import planes_of
        >>> [plane.shape for plane in planes_of(np.zeros((4, 3, 2)))]
        [(4, 3), (4, 3)]
    """
    if x.ndim == 1:
        return [x[None, :]]
    if x.ndim == 2:
        return [x] if sequence else [x[None, :, c] for c in range(x.shape[1])]
    if x.ndim == 3:
        return [x[:, :, c] for c in range(x.shape[2])]
    return [plane for part in x for plane in planes_of(part)]
