"""What sizes an operation of PyTorch gives, by a rule for each, without PyTorch."""

from __future__ import annotations

from . import moves, norms, parts, pointwise, products, recurrent, reductions, windows
from .tensors import SIZE_RULES, OperationError, Shaped

__all__ = [
    "OperationError",
    "SIZE_RULES",
    "Shaped",
    "moves",
    "norms",
    "parts",
    "pointwise",
    "products",
    "recurrent",
    "reductions",
    "windows",
]
