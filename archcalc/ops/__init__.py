"""The ops: one class each, found by being in this folder.

``registry()`` maps the words of the spec language to classes; ``PENDING`` names the words that the
language has and that no class implements yet.
"""

from __future__ import annotations

import os
from importlib import import_module

from .base import REGISTRY, Op

__all__ = ["PENDING", "Op", "registry"]

# Known words without a class yet, and what they will be. A word leaves this table when its class
# arrives, and the tests see to it.
PENDING = {
    "tconv": "transposed convolution",
    "local": "unshared convolution",
    "lppool": "Lp pooling",
    "layernorm": "layer normalisation",
    "groupnorm": "group normalisation",
    "instancenorm": "instance normalisation",
    "lcn": "local contrast normalisation",
    "prelu": "parametric ReLU",
    "maxout": "maximum over linear pieces",
    "reshape": "another shape for the same values",
    "upsample": "enlarging by a factor",
    "pixel_shuffle": "channels to positions",
    "channel_shuffle": "exchange of channels between groups",
    "bias": "a learned bias a channel, a position or a value",
    "scale": "a learned factor",
    "times": "a constant factor",
    "roi_pool": "pooling of regions",
    "roi_align": "pooling of regions, interpolated",
}

_loaded = False


def registry() -> dict[str, type[Op]]:
    """All ops by their word. Importing the files of this folder is what registers them."""
    global _loaded
    if not _loaded:
        _loaded = True
        for file in sorted(os.listdir(os.path.dirname(__file__))):
            if file.endswith(".py") and file not in ("__init__.py", "base.py"):
                import_module(f"{__name__}.{file[:-3]}")
    return REGISTRY
