"""What can be reported of a network, and the conventions in which papers count it."""

from __future__ import annotations

# Quantities that follow from the spec.
COMPUTED = (
    "params", "trainable", "total", "macs", "flops", "connections", "units", "rf", "depth", "bytes",
)  # fmt: skip
# Quantities that come with the training: accuracies, in per cent.
MEASURED = ("top1", "top5")
QUANTITIES = (*COMPUTED, *MEASURED)

_COUNTS = ("params", "trainable", "total", "macs", "flops", "connections", "units", "bytes")


class Convention:
    """A word behind ``as``: what it changes, in words for a reader, and of which quantities."""

    __slots__ = ("words", "quantities")

    def __init__(self, words: str, quantities: tuple[str, ...]):
        self.words = words
        self.quantities = quantities


CONVENTIONS = {
    "weights": Convention("without biases", ("params", "bytes")),
    "conv": Convention("convolutions only", _COUNTS),
    "heads": Convention("side heads included", (*_COUNTS, "depth")),
    "bias": Convention("one more for each bias", ("macs", "flops")),
    "kibi": Convention("K = 1024", _COUNTS),
}

# Units of memory.
UNITS = {
    "b": 1, "kb": 10**3, "mb": 10**6, "gb": 10**9, "tb": 10**12,
    "kib": 2**10, "mib": 2**20, "gib": 2**30, "tib": 2**40,
}  # fmt: skip
# What a count may end in.
SUFFIXES = {"k": 10**3, "m": 10**6, "g": 10**9, "t": 10**12}
