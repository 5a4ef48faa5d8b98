"""The roofline: how long the layers of a network take at least on a device.

A layer moves its bytes at the bandwidth of the memory at most, and does its operations at the peak at most:
the larger of the two bounds its time from below (Williams, Waterman and Patterson, Roofline: An Insightful
Visual Performance Model for Multicore Architectures, 2009). Times are whole picoseconds, rounded down, so
that they stay bounds and add up.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from functools import cached_property
from typing import NamedTuple

from ..graph import Layer
from .scope import Scope
from .totals import DTYPES
from .traffic import LayerTraffic, Traffic

# A second in picoseconds.
SECOND = 10**12
# What bounds the time of a layer.
MEMORY, COMPUTE = "memory", "compute"
# The largest batch that is looked at for the one from which computing takes longer than moving.
LARGEST_BATCH = 10**12


class Device(NamedTuple):
    """A device, as far as a roofline goes.

    Args:
        name: What ``--on`` calls it.
        title: What it is.
        bandwidth: Bytes a second that its memory moves.
        peaks: The most operations a second, by dtype; a multiply-add is two.
        year: When it came out.
        source: Where its figures are printed.
        note: What else is to be known of them.
        aliases: Other names.

    Example:
        >>> from archcalc.analysis.roofline import Device
        >>> Device("board", "a board", 10**9, {"int8": 4 * 10**9}).balance("int8")
        Fraction(4, 1)
    """

    name: str
    title: str
    bandwidth: int
    peaks: Mapping[str, int]
    year: int | None = None
    source: str = ""
    note: str = ""
    aliases: tuple[str, ...] = ()

    def balance(self, dtype: str) -> Fraction:
        """Give the operations per byte above which computing takes longer than moving.

        Args:
            dtype: One of its ``peaks``.

        Returns:
            The quotient of peak and bandwidth.
        """
        return Fraction(self.peaks[dtype], self.bandwidth)


class LayerTime:
    """How long a layer takes at least. None: a layer has no rule for its operations or parameters."""

    __slots__ = ("layer", "traffic", "roofline")

    def __init__(self, layer: Layer, traffic: LayerTraffic, roofline: Roofline):
        self.layer = layer
        self.traffic = traffic
        self.roofline = roofline

    @property
    def name(self) -> str:
        return self.layer.name

    @property
    def bytes(self) -> int | None:
        """Bytes that it moves."""
        return self.traffic.bytes

    @property
    def operations(self) -> int | None:
        """Operations, two for a multiply-add."""
        return self.traffic.operations

    @property
    def intensity(self) -> Fraction | None:
        """Operations per byte; None too where it moves nothing."""
        return quotient(self.operations, self.bytes)

    @property
    def memory(self) -> int | None:
        """Picoseconds that its bytes take."""
        return None if self.bytes is None else self.roofline.moving(self.bytes)

    @property
    def compute(self) -> int | None:
        """Picoseconds that its operations take."""
        return None if self.operations is None else self.roofline.computing(self.operations)

    @property
    def time(self) -> int | None:
        """Picoseconds that it takes at least."""
        if self.memory is None or self.compute is None:
            return None
        return max(self.memory, self.compute)

    @property
    def measured(self) -> int | None:
        """Picoseconds that it took, where that was measured."""
        return self.roofline.measured_layers.get(self.layer)

    @property
    def bound(self) -> str:
        """MEMORY or COMPUTE; empty where it takes no time, or nothing is known."""
        if not self.bytes and not self.operations:
            return ""
        return self.roofline.bound_of(self.bytes, self.operations)

    @property
    def compute_from(self) -> int | None:
        """The smallest batch for which computing takes at least as long as moving; None if there is none."""
        return self.roofline.turn((self.layer,))


def quotient(operations: int | None, bytes: int | None) -> Fraction | None:
    """Operations per byte; None where one is not known, or nothing is moved."""
    return Fraction(operations, bytes) if operations is not None and bytes else None


class Roofline:
    """The bounds of a network on a device.

    Args:
        scope: Its layers, in a batch and a dtype.
        device: The device; it has a peak for the dtype.
        fused: Whether what works value by value is computed together with the product before it.
        measured: Picoseconds that a run took, where one was measured. ``measured_layers`` is then set to
            those of its layers, where these were.

    Raises:
        ValueError: For a dtype of which the device has no peak, and a measured time of nothing.
    """

    def __init__(
        self, scope: Scope, device: Device, *, fused: bool = False, measured: int | None = None
    ) -> None:
        if scope.dtype not in device.peaks:
            known = ", ".join(device.peaks)
            raise ValueError(f"{device.name} has no figure for {scope.dtype}; it has {known}")
        if measured is not None and measured < 1:
            raise ValueError("a measured time is above 0")
        self.scope = scope
        self.device = device
        self.fused = fused
        self.measured = measured
        self.measured_layers: Mapping[Layer, int] = {}
        self.traffic = Traffic(scope.graph, scope.layers, scope.ends, fused)
        self._turns: dict[tuple[Layer, ...], int | None] = {}

    @property
    def title(self) -> str:
        """What the device is."""
        return self.device.title

    @property
    def batch(self) -> int:
        return self.scope.batch

    @property
    def dtype(self) -> str:
        return self.scope.dtype

    @property
    def peak(self) -> int:
        """Operations a second in the dtype."""
        return self.device.peaks[self.dtype]

    def moving(self, bytes: int) -> int:
        """Picoseconds that bytes take."""
        return bytes * SECOND // self.device.bandwidth

    def computing(self, operations: int) -> int:
        """Picoseconds that operations take."""
        return operations * SECOND // self.peak

    def bound_of(self, bytes: int | None, operations: int | None) -> str:
        """What takes longer; computing where both take as long. Empty where one is not known."""
        if bytes is None or operations is None:
            return ""
        return COMPUTE if operations * self.device.bandwidth >= bytes * self.peak else MEMORY

    @cached_property
    def rows(self) -> list[LayerTime]:
        """One row per layer."""
        width = DTYPES[self.dtype]
        return [LayerTime(at, self.traffic.of(at, self.batch, width), self) for at in self.scope.layers]

    @cached_property
    def totals(self) -> RooflineTotals:
        """The sums over the layers."""
        return RooflineTotals(self, self.rows)

    @cached_property
    def _by_layer(self) -> dict[Layer, LayerTime]:
        return {row.layer: row for row in self.rows}

    def of(self, layer: Layer) -> LayerTime:
        """The bounds of a layer; an input takes no time."""
        return self._by_layer.get(layer) or LayerTime(layer, LayerTraffic(0, 0, 0, 0), self)

    def of_scope(self, scope: Scope) -> Roofline:
        """The bounds of other layers on the same device."""
        return Roofline(scope, self.device, fused=self.fused)

    def of_batch(self, batch: int) -> RooflineTotals:
        """The sums over the layers for another batch."""
        width = DTYPES[self.dtype]
        rows = [LayerTime(at, self.traffic.of(at, batch, width), self) for at in self.scope.layers]
        return RooflineTotals(self, rows, batch)

    # Where the bound turns ---------------------------------------------------------------------

    def turn(self, layers: Sequence[Layer]) -> int | None:
        """The smallest batch for which computing layers takes at least as long as moving their bytes; None if
        there is none, and where one of them has no rule."""
        key = tuple(layers)
        if key not in self._turns:
            self._turns[key] = self._turn(key)
        return self._turns[key]

    @property
    def turn_of_all(self) -> int | None:
        """The smallest batch for which the operations of all layers take at least as long as their bytes."""
        return self.turn(self.scope.layers)

    def _turn(self, layers: Sequence[Layer]) -> int | None:
        traced = self.scope.graph.metadata.traced
        limit = 1 if traced is not None and traced.mixed else LARGEST_BATCH
        first, second = self._excess(layers, 1), self._excess(layers, 2)
        if first is None or second is None:
            return None
        if first >= 0:
            moves = any(self.traffic.of(layer, 1, 1).bytes for layer in layers)
            return 1 if moves else None
        # Bytes and operations grow by as much for each element, but for tables of which more is read.
        slope = second - first
        if slope > 0:
            guess = min(1 - first // slope, limit)
            if (self._excess(layers, guess) or 0) >= 0 > (self._excess(layers, guess - 1) or 0):
                return guess
        if (self._excess(layers, limit) or 0) < 0:
            return None
        below, above = 1, limit
        while above - below > 1:
            middle = (below + above) // 2
            below, above = (below, middle) if (self._excess(layers, middle) or 0) >= 0 else (middle, above)
        return above

    def _excess(self, layers: Sequence[Layer], batch: int) -> int | None:
        """By how much computing takes longer than moving, times the bandwidth and the peak; None where a
        layer has no rule."""
        width = DTYPES[self.dtype]
        total = 0
        for layer in layers:
            traffic = self.traffic.of(layer, batch, width)
            if traffic.bytes is None or traffic.operations is None:
                return None
            total += traffic.operations * self.device.bandwidth - traffic.bytes * self.peak
        return total

    # A measured run ----------------------------------------------------------------------------

    @property
    def utilisation(self) -> Fraction | None:
        """The bound of the layers one after the other, as a share of the measured time."""
        return self._share(self.totals.time)

    @property
    def peak_share(self) -> Fraction | None:
        """Operations in the measured time, as a share of the peak."""
        return self._share(self.totals.compute)

    @property
    def bandwidth_share(self) -> Fraction | None:
        """Bytes in the measured time, as a share of the bandwidth."""
        return self._share(self.totals.memory)

    def _share(self, time: int) -> Fraction | None:
        return None if self.measured is None else Fraction(time, self.measured)


class RooflineTotals:
    """Sums over layers. ``uncounted`` are those without a rule, which are left out.

    bytes, operations    all that is moved and computed
    memory, compute      picoseconds that these take
    time                 the layers one after the other
    overlapped           what is left if every layer's moving goes on beside another's computing, and
                         branches run beside each other
    by_bound             of ``time`` what is bound by memory, and by computing
    """

    def __init__(self, roofline: Roofline, rows: Sequence[LayerTime], batch: int | None = None):
        self.roofline = roofline
        self.batch = roofline.batch if batch is None else batch
        self.uncounted = [row for row in rows if row.time is None]
        self.bytes = sum([row.bytes or 0 for row in rows])
        self.operations = sum([row.operations or 0 for row in rows])
        self.memory = roofline.moving(self.bytes)
        self.compute = roofline.computing(self.operations)
        self.overlapped = max(self.memory, self.compute)
        self.time = sum([row.time or 0 for row in rows])
        self.by_bound = {MEMORY: 0, COMPUTE: 0}
        self.layers_by_bound = {MEMORY: 0, COMPUTE: 0}
        for row in rows:
            if row.bound:
                self.by_bound[row.bound] += row.time or 0
                self.layers_by_bound[row.bound] += 1

    @property
    def intensity(self) -> Fraction | None:
        """Operations per byte."""
        return quotient(self.operations, self.bytes)

    @property
    def bound(self) -> str:
        """What bounds the layers where all goes on at once."""
        return self.roofline.bound_of(self.bytes, self.operations)

    @property
    def at_least(self) -> bool:
        """Whether a layer has no rule and is left out."""
        return bool(self.uncounted)
