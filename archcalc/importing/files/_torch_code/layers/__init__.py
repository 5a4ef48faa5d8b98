"""The classes of ``torch.nn``: a file for each family, which enters its classes into the vocabulary."""

from . import containers, norms, pointwise, products, windows

__all__ = ["containers", "norms", "pointwise", "products", "windows"]
