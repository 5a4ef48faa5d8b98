"""What sizes an operation of PyTorch gives, by a rule for each, without PyTorch."""

from __future__ import annotations

from . import moves, pointwise, products, reductions, windows
from .tensors import SIZE_RULES, OperationError, Shaped

__all__ = [
    "OperationError",
    "SIZE_RULES",
    "Shaped",
    "moves",
    "pointwise",
    "products",
    "reductions",
    "windows",
]
