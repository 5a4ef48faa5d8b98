"""A section of Darknet on its way into the spec."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from ....diagnostics import SpecError
from ....ops.attributes import Size, Word
from .. import SpecWriter, WrittenLayer, refused
from .sections import Section

# Darknet's words for activations, and ours; None for those that leave values as they are.
_ACTIVATIONS: dict[str, tuple[str, dict[str, Any]] | None] = {
    "linear": None,
    "leaky": ("leaky_relu", {}),
    "relu": ("relu", {}),
    "relu6": ("relu6", {}),
    "logistic": ("sigmoid", {}),
    "tanh": ("tanh", {}),
    "elu": ("elu", {}),
    "selu": ("selu", {}),
    "gelu": ("gelu", {"approximate": Word("tanh")}),
    "mish": ("mish", {}),
    "swish": ("silu", {}),
    "hardtan": ("map", {"function": Word("clamp"), "a": -1, "b": 1}),
}


class BoxHeads:
    """The layers that read boxes off a map.

    Attributes:
        count: How many of them each put out boxes of their own.
        boxes: What those put out that are written.
    """

    def __init__(self, count: int):
        self.count = count
        self.boxes: list[WrittenLayer] = []


class DarknetCall:
    """A section, with what lies before it.

    Attributes:
        section: The section.
        number: Its number among the layers.
        label: What its layer is called.
        last: What the layer before it puts out.
        heads: The layers that read boxes.
        writer: Where the spec is written.
    """

    def __init__(
        self,
        writer: SpecWriter,
        section: Section,
        number: int,
        label: str,
        outputs: Sequence[WrittenLayer],
        last: WrittenLayer,
        weights: dict[int, tuple[WrittenLayer, bool]],
        heads: BoxHeads,
    ):
        self.writer = writer
        self.section = section
        self.number = number
        self.label = label
        self.last = last
        self.heads = heads
        self._outputs = outputs
        self._weights = weights

    def refused(self, message: str, key: str = "", *help: str) -> SpecError:
        """Return the error about the section, or about one of its settings."""
        return refused(message, self.section.place(key) if key else self.section.span, *help)

    @property
    def map(self) -> tuple[int, int, int]:
        """The height, width and channels that arrive. Raises SpecError for a vector."""
        sizes = tuple(self.last.output)
        if len(sizes) != 3:
            raise self.refused(f"[{self.section.word}] reads a map, and {self.last.output} arrives")
        return sizes[0], sizes[1], sizes[2]

    # Other layers --------------------------------------------------------------------------------

    def index(self, text: str, key: str) -> int:
        """The number of a layer that a setting names: from the first one on, or backwards below 0.

        Raises:
            SpecError: Where it names none before this one.
        """
        if not re.fullmatch(r"[+-]?[0-9]{1,6}", text):
            raise self.refused(f"`{key}` names layers by numbers, and not by `{text[:40]}`", key)
        at = int(text) if int(text) >= 0 else self.number + int(text)
        if not 0 <= at < self.number:
            raise self.refused(f"there is no layer {text} before this one, which is layer {self.number}", key)
        return at

    def earlier(self, key: str) -> list[WrittenLayer]:
        """The layers that a setting names. Raises SpecError."""
        text = self.section.text(key, "")
        if not text:
            raise self.refused(f"[{self.section.word}] needs `{key}`")
        return [self._outputs[self.index(part, key)] for part in text.rstrip(",").split(",")]

    def weights_of(self, at: int, key: str, norm: bool) -> WrittenLayer:
        """The layer whose weights another one has, with a batch norm or without. Raises SpecError."""
        if at not in self._weights:
            raise self.refused(f"layer {at} has no weights of a convolution", key)
        made, normalised = self._weights[at]
        if norm is not normalised:
            raise self.refused(f"of layers that share weights one alone has batch_normalize: layer {at}", key)
        return made

    def keep_weights(self, made: WrittenLayer, norm: bool) -> None:
        """Keep the layer that has the weights of this section, and whether it has a batch norm."""
        self._weights[self.number] = made, norm

    # Writing -------------------------------------------------------------------------------------

    def op(
        self,
        word: str,
        *inputs: WrittenLayer,
        part: str = "",
        like: WrittenLayer | None = None,
        **attributes: Any,
    ) -> WrittenLayer:
        """Write a layer of the spec.

        Args:
            word: The word of the op.
            inputs: What it reads; the layer before where nothing is given.
            part: What it is called behind the label of the section; empty for the layer itself.
            like: The layer whose parameters it has.
            attributes: The arguments of the op.

        Returns:
            What it puts out.

        Raises:
            SpecError: Where the op refuses.
        """
        return self.writer.layer(
            self.label,
            word,
            inputs or [self.last],
            self.section.span,
            like=like,
            kind=self.section.word,
            part=part,
            **attributes,
        )

    def then(
        self, before: WrittenLayer, word: str, like: WrittenLayer | None = None, **attributes: Any
    ) -> WrittenLayer:
        """Write a layer behind the one that was written last. Raises SpecError."""
        return self.writer.then(before, word, self.section.span, like=like, **attributes)

    def normalised(self, made: WrittenLayer, like: WrittenLayer | None = None) -> WrittenLayer:
        """Write the batch norm of a layer of weights, which takes the place of its bias; that of another
        layer where it has its weights. Raises SpecError."""
        if not self.section.number("batch_normalize", 0):
            return made
        norm = None if like is None else WrittenLayer(f"{like.label}.bn", like.output)
        return self.then(made, "bn", like=norm)

    def activated(self, made: WrittenLayer, default: str) -> WrittenLayer:
        """Write the activation behind a layer. Raises SpecError."""
        word = self.section.text("activation", default).lower()
        if word not in _ACTIVATIONS:
            message = f"the activation `{word[:40]}` is not known"
            raise self.refused(message, "activation", f"known: {', '.join(_ACTIVATIONS)}")
        ours = _ACTIVATIONS[word]
        return self.then(made, ours[0], **ours[1]) if ours else made

    def blurred(self, made: WrittenLayer, strides: tuple[int, int]) -> WrittenLayer:
        """Write the fixed blur that steps where a layer has ``antialiasing``. Raises SpecError."""
        kind = self.section.number("antialiasing", 0)
        if not kind:
            return made
        return self.writer.layer(
            self.label,
            "dwconv",
            [made],
            self.section.span,
            kind=self.section.word,
            part="blur",
            kernel=Size((2, 2)) if kind == 2 else Size((3, 3)),
            stride=one_or_size(strides),
            pad=0 if kind == 2 else 1,
            fixed=True,
            bias=False,
        )

    def strides(self) -> tuple[int, int]:
        """The step down and across: ``stride_y`` and ``stride_x``, or ``stride``. Raises SpecError."""
        stride = self.section.number("stride", 1, 1)
        return self.section.number("stride_y", stride, 1), self.section.number("stride_x", stride, 1)


def one_or_size(values: Sequence[int]) -> Any:
    """Return numbers for each axis as an argument of an op: one where they are alike."""
    return values[0] if len(set(values)) == 1 else Size(tuple(values))
