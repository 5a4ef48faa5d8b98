"""From tensors to layers that hold their values in the order that is asked for."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Sequence
from typing import Any

from ....graph import Layer
from ....ops.attributes import Size
from . import patterns
from .given import UnliftedError
from .placements import (
    BATCH,
    COPIES,
    ONE_BATCH,
    Atom,
    Cut,
    Dim,
    Placement,
    has_batch,
    merged,
    regrouped,
    size_of,
    without_batch,
)


class Arranging:
    """What makes layers of tensors that lie over others."""

    @abstractmethod
    def layer(self, name: str, inputs: Sequence[Layer], /, **attributes: Any) -> Layer:
        """A layer of an op, which was entered."""

    @abstractmethod
    def kept(self, key: object, make: Callable[[], Layer]) -> Layer:
        """The layer that was made for a key before, else the one that is made now."""

    def forced(self, source: Layer | Cut) -> Layer:
        """The layer itself, of a part one that cuts it out."""
        if isinstance(source, Layer):
            return source
        at = source

        def make() -> Layer:
            if at.axis == len(at.layer.output) - 1:
                return self.layer("take", [at.layer], channels=at.count, offset=at.start)
            return self.layer("slice", [at.layer], start=at.start, stop=at.start + at.count, axis=at.axis)

        return self.kept(("cut", at.layer, at.axis, at.start, at.count), make)

    def arranged(self, view: Placement, groups: Sequence[Dim]) -> Layer:
        """A layer with an axis for each group of parts, and all values in it. Raises UnliftedError."""
        groups = [merged([atom for atom in group if atom.axis != BATCH]) for group in groups]
        if any(atom.axis == COPIES for group in groups for atom in group):
            return self._copied(view, groups)
        shape = view.shape
        sizes = [size_of(group) for group in groups] or [1]
        if len(sizes) == 1 and len(shape) > 1 and patterns.channels_first(shape, groups[0] if groups else ()):
            source = self.forced(view.source)
            return self.kept(("flatten", source), lambda: self.layer("flatten", [source]))
        if patterns.in_order(shape, groups):
            if tuple(sizes) == tuple(shape):
                return self.forced(view.source)
            source = self.forced(view.source)
            return self.kept(
                ("reshape", source, tuple(sizes)), lambda: self.layer("reshape", [source], shape=Size(sizes))
            )
        source = self.forced(view.source)
        fold = patterns.shuffled(shape, groups)
        if fold is not None:
            return self.kept(
                ("shuffle", source, fold), lambda: self.layer("channel_shuffle", [source], groups=fold)
            )
        text = patterns.written(shape, groups or [()])
        if text is None:
            raise UnliftedError("a tensor that holds a part of a layer only")
        return self.kept(("rearrange", source, text), lambda: self.layer("rearrange", [source], pattern=text))

    def _copied(self, view: Placement, groups: Sequence[Dim]) -> Layer:
        """The same with copies along some axes: first an axis of one position for each, then copies along it,
        then the axes that belong together as one."""
        segments: list[Dim] = []
        sizes = []
        for group in groups:
            sizes.append(size_of(group))
            waiting: list[Atom] = []
            for atom in group:
                if atom.axis == COPIES:
                    if waiting:
                        segments.append(tuple(waiting))
                    segments.append((atom,))
                    waiting = []
                else:
                    waiting.append(atom)
            if waiting or not group:
                segments.append(tuple(waiting))
        copied = [segment[0].size if segment and segment[0].axis == COPIES else 1 for segment in segments]
        kept = [
            merged(segment) if times == 1 else () for segment, times in zip(segments, copied, strict=True)
        ]
        layer = self.arranged(view, kept)
        for axis, times in enumerate(copied):
            if times > 1:
                layer = self._repeated(layer, axis, times)
        if tuple(layer.output) == tuple(sizes):
            return layer
        return self.kept(
            ("reshape", layer, tuple(sizes)), lambda: self.layer("reshape", [layer], shape=Size(sizes))
        )

    def _repeated(self, layer: Layer, axis: int, times: int) -> Layer:
        return self.kept(
            ("repeat", layer, axis, times), lambda: self.layer("repeat", [layer], times=times, axis=axis)
        )

    def with_channels(self, view: Placement, dim: int) -> tuple[Layer, Placement]:
        """A layer whose channels are one axis of the tensor, and the tensor over it.

        All other axes stay as they lie, whatever they are, since the op works at each position.
        """
        dim %= len(view.dims)
        channels = without_batch(view.dims[dim])
        lies = not has_batch(view.dims[dim]) and view.complete and self.covers(view)
        if lies and channels == view.whole(len(view.shape) - 1):
            layer = self.forced(view.source)
            return layer, view.on(layer)
        others = [n for n in range(len(view.dims)) if n != dim]
        axes = [n for n in others if without_batch(view.dims[n]) or not has_batch(view.dims[n])]
        layer = self.arranged(view, [*[view.dims[n] for n in axes], channels])
        return layer, laid(layer, view.dims, [*axes, dim])

    def covers(self, view: Placement) -> bool:
        """Whether the tensor has all values of the layer."""
        return size_of([a for d in view.dims for a in d if a.axis >= 0]) == int(view.shape.values)

    def as_map(self, view: Placement, axes: int) -> tuple[Layer, Placement]:
        """A layer for windows along the last ``axes`` axes of the tensor; the channels are the axis before
        them, and whatever stands before those is an axis in front."""
        count = len(view.dims)
        channel = count - axes - 1
        if channel < 0:
            raise UnliftedError("too few axes")
        front = [n for n in range(channel) if without_batch(view.dims[n])]
        order = [*front, *range(channel + 1, count), channel]
        layer = self.arranged(view, [view.dims[n] for n in order])
        return layer, laid(layer, view.dims, order)

    def in_order(self, view: Placement) -> tuple[Layer, Placement, list[int]]:
        """A layer with the axes of the tensor in their order, the batch left out; the tensor over it; and the
        axes of the tensor that the layer has."""
        axes = [n for n, dim in enumerate(view.dims) if without_batch(dim) or not has_batch(dim)]
        layer = self.arranged(view, [view.dims[n] for n in axes])
        return layer, laid(layer, view.dims, axes), axes

    def natural(self, view: Placement) -> tuple[Layer, Placement, list[int]]:
        """As ``in_order``, but the axis that holds channels comes last, as everywhere in archcalc."""
        axes = [n for n, dim in enumerate(view.dims) if without_batch(dim) or not has_batch(dim)]
        last = len(view.shape) - 1
        channels = [n for n in axes if any(atom.axis == last for atom in view.dims[n])]
        if channels:
            axes.remove(channels[-1])
            axes.append(channels[-1])
        layer = self.arranged(view, [view.dims[n] for n in axes])
        return layer, laid(layer, view.dims, axes), axes

    def reshaped(self, view: Placement, sizes: Sequence[int]) -> Placement:
        """The same values in other axes. Raises UnliftedError."""
        dims = regrouped(view.dims, sizes)
        if dims is None:
            layer, ordered, _ = self.in_order(view)
            flat = self.arranged(
                Placement(layer, ordered.dims), [tuple([a for d in ordered.dims for a in d])]
            )
            dims = regrouped(Placement(flat, [(ONE_BATCH,), Placement(flat, ()).whole(0)]).dims, sizes)
            if dims is None:
                raise UnliftedError("a view that splits nothing evenly")
            return Placement(flat, dims)
        return Placement(view.source, dims)


def laid(layer: Layer, dims: Sequence[Dim], order: Sequence[int]) -> Placement:
    """A tensor over a layer whose axes are the axes ``order`` of the tensor: where the batch stood, it stays,
    and axes that the layer lacks have one position."""
    below = Placement(layer, ())
    shape = layer.output
    found: list[Dim] = [((ONE_BATCH,) if has_batch(dim) else ()) for dim in dims]
    if len(shape) == len(order):
        for axis, dim in enumerate(order):
            found[dim] = (*found[dim], *below.whole(axis))
    return Placement(layer, found)
