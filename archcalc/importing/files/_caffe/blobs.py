"""Tensors of Caffe, which calls them blobs, while the spec is written."""

from __future__ import annotations

from .. import WrittenLayer


class Blob:
    """A tensor of Caffe: what the spec has of it, and which axis is which.

    Attributes:
        written: The layer of the spec that puts it out.
        axes: For each axis of Caffe where it stands in the spec; None for the batch, which a spec has not.
        indices: Whether it holds the places of maxima, which only an unpooling layer reads.
    """

    __slots__ = ("written", "axes", "indices")

    def __init__(self, written: WrittenLayer, axes: tuple[int | None, ...], indices: bool = False):
        self.written = written
        self.axes = axes
        self.indices = indices

    @classmethod
    def channels_last(cls, written: WrittenLayer) -> Blob:
        """Return what a layer of the spec puts out as a blob: batch, channels, positions."""
        last = len(written.output) - 1
        return cls(written, (None, last, *range(last)))

    @classmethod
    def in_order(cls, written: WrittenLayer) -> Blob:
        """Return what a layer of the spec puts out as a blob with the same axes behind the batch."""
        return cls(written, (None, *range(len(written.output))))

    @property
    def sizes(self) -> tuple[int | None, ...]:
        """Its sizes in Caffe; None for the batch."""
        shape = tuple(self.written.output)
        return tuple([None if at is None else shape[at] for at in self.axes])

    @property
    def text(self) -> str:
        """Its sizes as Caffe writes them: `N 3 224 224`."""
        return " ".join(["N" if size is None else str(size) for size in self.sizes])
