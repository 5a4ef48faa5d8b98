"""What layers do to literal numbers: a network run on values that are given, exactly where that can be.

``run`` gives the values of every layer. Each op states its rule in ``Op.evaluate``; the arithmetic is in
``archcalc.arrays``.
"""

from .as_matrix import LayerMatrix, layer_matrix
from .running import LayerValues, run

__all__ = ["LayerMatrix", "LayerValues", "layer_matrix", "run"]
