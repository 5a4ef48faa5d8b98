"""The quantities of many designs at a time."""

from __future__ import annotations

import numpy as np

from . import one_by_one
from .batch import DesignBatch
from .request import Sweep


def evaluated(sweep: Sweep, numbers: np.ndarray) -> DesignBatch:
    """Compute the quantities of designs.

    Args:
        sweep: Whose designs they are.
        numbers: The designs, as the space of the sweep numbers them, in ascending order.

    Returns:
        A row for each design, in the same order.

    Raises:
        SpecError: For a fault that all designs have, as a quantity that there is not.

    Example:
        >>> import numpy as np
        >>> from archcalc.sweeping.engine import evaluated
        >>> from archcalc.sweeping.request import Sweep, SweepRequest
        >>> sweep = Sweep(SweepRequest("32x32x3 -> conv {3, 5} 8", {}))
        >>> evaluated(sweep, np.arange(sweep.space.size)).columns["params"].tolist()
        [224, 608]
    """
    return one_by_one.evaluated(sweep, numbers)
