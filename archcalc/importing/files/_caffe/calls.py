"""A layer of Caffe on its way into the spec: what it reads, its settings, and the lines that it becomes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ....diagnostics import SpecError
from ....ops import registry
from ....ops.attributes import Size
from ....shape import Shape
from ....source import Span
from .. import SizeOf, SpecWriter, WrittenLayer, refused
from .blobs import Blob
from .forms import CaffeLayer
from .messages import Message

_LETTERS = "abcdefghij"


class SharedWeights:
    """The layers of the spec that have parameters of a name, and the names of all their parameters."""

    def __init__(self) -> None:
        self._owners: dict[str, tuple[tuple[str, ...], list[WrittenLayer]]] = {}

    def of(self, layer: CaffeLayer) -> list[WrittenLayer] | None:
        """Return the layers whose parameters a layer has, in their order; None for one with its own.

        Raises:
            SpecError: Where it shares some of its parameters, and not others.
        """
        named = [name for name in layer.shared if name]
        found = next((self._owners[name] for name in named if name in self._owners), None)
        if found is None:
            return None
        if found[0] != layer.shared:
            raise refused(
                f"{layer.name} shares some of its parameters, and not others: `{named[0][:60]}`",
                layer.message.place("param"),
            )
        return found[1]

    def keep(self, layer: CaffeLayer, written: list[WrittenLayer]) -> None:
        """Keep the layers of the spec that have the parameters of a layer."""
        for name in layer.shared:
            if name:
                self._owners.setdefault(name, (layer.shared, written))


class CaffeCall:
    """A layer, with what it reads.

    Attributes:
        layer: The layer.
        blobs: What it reads.
        settings: The message of its settings.
        batch: How many images the file has in a batch.
    """

    def __init__(
        self,
        writer: SpecWriter,
        shared: SharedWeights,
        layer: CaffeLayer,
        blobs: Sequence[Blob],
        param: str,
        batch: int,
    ):
        self.layer = layer
        self.blobs = list(blobs)
        self.settings = layer.message.message(param) if param else Message(layer.span)
        self.batch = batch
        self._writer = writer
        self._shared = shared
        self._owners = shared.of(layer)
        self._weighted: list[WrittenLayer] = []
        self._chained = ""

    # Messages ----------------------------------------------------------------------------------

    def refused(self, message: str, place: Span | str = "", *help: str) -> SpecError:
        """Return the error about the layer, at a place or at one of its settings."""
        span = place if isinstance(place, Span) else self.settings.place(place) if place else self.layer.span
        return refused(f"{self.layer.name}: {message}", span, *help)

    def note(self, message: str, *help: str) -> None:
        """Keep what the spec does not say of the layer."""
        self._writer.note(f"{self.layer.name}: {message}", self.layer.span, *help)

    # What arrives ------------------------------------------------------------------------------

    @property
    def x(self) -> Blob:
        """The blob that it reads, of one that reads one. Raises SpecError."""
        if len(self.blobs) != 1:
            raise self.refused(
                f"it reads one blob, and {len(self.blobs)} arrive", self.layer.message.place("bottom")
            )
        return self.blobs[0]

    def one_or_two(self) -> tuple[Blob, Blob | None]:
        """The blob that it reads, and a second one where there is one. Raises SpecError."""
        if len(self.blobs) > 2:
            place = self.layer.message.place("bottom")
            raise self.refused(f"it reads one blob or two, and {len(self.blobs)} arrive", place)
        return self.blobs[0], self.blobs[1] if len(self.blobs) == 2 else None

    def axis(self, blob: Blob, name: str = "axis", default: int = 1) -> int:
        """An axis of Caffe from a setting, counted from 0; one below 0 is counted from the end. Raises
        SpecError."""
        given = self.settings.number(name, default, -32)
        rank = len(blob.axes)
        if not -rank <= given < rank:
            raise self.refused(f"there is no axis {given} of {blob.text}", name)
        return given % rank

    def place(self, blob: Blob, axis: int) -> int:
        """Where an axis of Caffe stands in the spec. Raises SpecError for the batch."""
        at = blob.axes[axis]
        if at is None:
            raise self.refused("the axis of the batch is no axis of the network here", "axis")
        return at

    def map(self, blob: Blob) -> Blob:
        """The blob as ops read it: the channels, axis 1 of Caffe, behind the positions. Raises SpecError."""
        if blob.axes[0] is not None:
            raise self.refused(f"the batch is not the first axis of {blob.text}")
        rank = len(blob.axes)
        return self.arranged(blob, [*range(2, rank), 1])

    def plain(self, blob: Blob) -> Blob:
        """The blob with its axes in the spec as in Caffe. Raises SpecError."""
        return self.arranged(blob, [at for at, place in enumerate(blob.axes) if place is not None])

    def arranged(self, blob: Blob, order: Sequence[int]) -> Blob:
        """The blob with its axes in the spec in an order, written by axes of Caffe. Raises SpecError."""
        before = [at for at, _ in sorted(_placed(blob), key=lambda pair: pair[1])]
        if before == list(order):
            return blob
        left, right = [" ".join(_LETTERS[at] for at in one) for one in (before, order)]
        axes: list[int | None] = [None] * len(blob.axes)
        for place, at in enumerate(order):
            axes[at] = place
        return self.op("rearrange", blob, part="order", axes=tuple(axes), pattern=f"{left} -> {right}")

    # Writing -----------------------------------------------------------------------------------

    def op(
        self,
        word: str,
        *blobs: Blob,
        part: str = "",
        axes: tuple[int | None, ...] | None = None,
        like: Blob | None = None,
        **attributes: Any,
    ) -> Blob:
        """Write a layer of the spec; what goes on behind the last one of this call stands in its statement.

        Args:
            word: The word of the op.
            blobs: What it reads.
            part: What it is called behind the name of the layer; empty for the layer itself.
            axes: The axes of what it puts out; those of the first blob where they are not given.
            like: What another layer of this call put out, whose parameters it has.
            attributes: The arguments of the op.

        Returns:
            What it puts out.

        Raises:
            SpecError: Where the op refuses.
        """
        for blob in blobs:
            if blob.indices:
                raise self.refused("it reads the places of maxima, which only unpooling reads")
        layer, writer = self.layer, self._writer
        read = [blob.written for blob in blobs]
        weighted = registry()[word].weighted
        owner = None if like is None else like.written
        if weighted and self._owners is not None and owner is None:
            if len(self._weighted) >= len(self._owners):
                raise self.refused("the layer whose parameters it shares is of another kind")
            owner = self._owners[len(self._weighted)]
        goes_on = not part and len(read) == 1 and read[0].label == self._chained == writer.last
        if goes_on and not (weighted and self._weighted):
            made = writer.then(read[0], word, layer.span, like=owner, what=layer.name, **attributes)
        else:
            made = writer.layer(
                layer.name, word, read, layer.span, like=owner, kind=layer.word, part=part, **attributes
            )
            self._chained = made.label if not part else ""
        if weighted:
            self._weighted.append(made)
            if self._owners is None:
                self._shared.keep(layer, self._weighted)
        return Blob(made, blobs[0].axes if axes is None else axes)

    def sizes_of(self, word: str, blob: Blob, **attributes: Any) -> tuple[int, ...]:
        """The sizes that an op would put out. Raises SpecError."""
        return tuple(
            self._writer.sizes_of(word, [blob.written], self.layer.span, self.layer.name, **attributes)
        )

    def cropped(self, x: Blob, other: Blob, offsets: Sequence[int]) -> Blob:
        """Cut a map to the positions of another one. Raises SpecError."""
        return self.op("crop", x, size=SizeOf(other.written), offset=per_axis(offsets))

    def opaque(
        self, shape: Sequence[int], *blobs: Blob, operation: str = "", macs: int | None = None
    ) -> WrittenLayer:
        """Write a layer without a rule. Raises SpecError."""
        return self.op(
            "opaque", *blobs, operation=operation or self.layer.word, shape=Size(tuple(shape)), macs=macs
        ).written


def _placed(blob: Blob) -> list[tuple[int, int]]:
    return [(at, place) for at, place in enumerate(blob.axes) if place is not None]


def positions(shape: Shape) -> tuple[int, ...]:
    """Return the sizes of the positions of a map."""
    return tuple(shape)[:-1]


def per_axis(values: Sequence[int]) -> Any:
    """Return numbers of axes as an argument of an op: one for all where they are alike."""
    return values[0] if len(set(values)) == 1 else Size(tuple(values))
