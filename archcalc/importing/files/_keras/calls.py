"""The calls of layers while the spec of a model is written, and the tensors between them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from ....diagnostics import SpecError
from ....ops import registry
from ....ops.attributes import Size
from ....ops.stated import format_tensors
from ....shape import Shape
from ....source import Span
from .. import SpecWriter, WrittenLayer, refused
from .description import KerasLayer
from .settings import Settings, shown


def per_axis(values: Sequence[int]) -> Any:
    """Return a number for each axis as an argument of an op."""
    return values[0] if len(values) == 1 else Size(tuple(values))


class CallWriting(Protocol):
    """The model that calls are of, on its way into a spec.

    Attributes:
        writer: Where the spec is written.
        weights: The layers of the spec that have the parameters of a layer, by its identity.
    """

    writer: SpecWriter
    weights: dict[int, list[WrittenLayer]]

    def call(
        self,
        layer: KerasLayer,
        positional: Sequence[Any],
        keywords: dict[str, Any],
        span: Span,
        frozen: bool,
        around: Around | None = None,
    ) -> Any:
        """Write a call of a layer. Raises SpecError."""


class Around(NamedTuple):
    """What a layer around another one gives it.

    Attributes:
        name: What the spec calls the layer.
        stored: Tensors that are stored beside its own, by name.
    """

    name: str
    stored: Mapping[str, tuple[int, ...]]


class Value:
    """A tensor while the spec is written.

    Attributes:
        written: The layer that puts it out.
        channels_first: Whether Keras has the channels in front of the positions, and the spec behind them.
        steps: How many axes in front are steps, at each of which the layer works by itself. Keras has them in
            the batch.
    """

    __slots__ = ("written", "channels_first", "steps")

    def __init__(self, written: WrittenLayer, channels_first: bool = False, steps: int = 0):
        self.written = written
        self.channels_first = channels_first
        self.steps = steps

    @property
    def shape(self) -> Shape:
        """Its sizes in the spec."""
        return self.written.output

    @property
    def sizes(self) -> tuple[int, ...]:
        """Its sizes in Keras, without the batch and the steps."""
        shape = tuple(self.shape)[self.steps :]
        return (shape[-1], *shape[:-1]) if self.channels_first else shape

    @property
    def rank(self) -> int:
        """How many axes Keras counts, the batch among them."""
        return len(self.shape) + 1 - self.steps


class Call:
    """A call of a layer, on its way into the spec.

    Attributes:
        layer: The layer.
        name: What the spec calls it.
        settings: Its settings.
        positional: What is given by position; each ``LayerOutput`` is a ``Value`` here.
        keywords: What is given by name.
        span: Where the call stands.
    """

    def __init__(
        self,
        writing: CallWriting,
        layer: KerasLayer,
        defaults: Mapping[str, Any],
        positional: Sequence[Any],
        keywords: dict[str, Any],
        span: Span,
        frozen: bool,
        around: Around | None = None,
    ):
        self.layer = layer
        self.name = around.name if around else layer.name
        self._stored = around.stored if around else {}
        self.settings = Settings(layer, defaults)
        self.positional = tuple(positional)
        self.keywords = keywords
        self.span = span
        self._writing = writing
        self._frozen = frozen
        self._shared = writing.weights.setdefault(id(layer), [])
        self._again = bool(self._shared)
        self._weights = 0
        self._chained = ""  # the label of the statement that may go on
        self._weighted = False  # whether that statement has a layer with parameters
        self._named = False

    def refused(self, message: str, *help: str) -> SpecError:
        """Return the error about the call."""
        where = f"{shown(self.name)} ({shown(self.layer.class_name)}): "
        return refused(where + message, self.span, *help)

    def note(self, message: str, *help: str) -> None:
        """Keep something that the spec does not say."""
        self._writing.writer.note(f"{shown(self.name)}: {message}", self.span, *help)

    @property
    def values(self) -> list[Value]:
        """All tensors that the call is given by position, in their order."""
        return [*values_in(self.positional)]

    @property
    def x(self) -> Value:
        """The tensor that the layer reads. Raises SpecError where it reads none."""
        found = self.values
        if not found:
            raise self.refused("nothing arrives here")
        return found[0]

    def argument(self, at: int, name: str, default: Any = None) -> Any:
        """Return an argument of the call, given by position or by name."""
        if at < len(self.positional):
            return self.positional[at]
        return self.keywords.get(name, default)

    # Writing -----------------------------------------------------------------------------------

    def op(
        self, word: str, *values: Value, part: str = "", channels_first: bool | None = None, **attributes: Any
    ) -> Value:
        """Write a layer of the spec.

        What goes on directly behind the layer that this call has written last stands in the same statement.

        Args:
            word: The word of the op.
            values: What it reads.
            part: What it is called, behind the name of the layer; empty for the layer itself.
            channels_first: Whether Keras has the channels of the output in front; as in the first value read,
                where nothing is given.
            attributes: The arguments of the op.

        Returns:
            What it puts out.

        Raises:
            SpecError: Where the op refuses.
        """
        writer = self._writing.writer
        read = [value.written for value in values]
        like = None
        weighted = registry()[word].weighted
        if weighted:
            if self._again and self._weights < len(self._shared):
                like = self._shared[self._weights]
            if self._stored and not self._weights:
                attributes["extra_buffers"] = format_tensors(dict(self._stored))
            self._weights += 1
            if self._frozen or not self.layer.trainable:
                attributes["frozen"] = True
        goes_on = not part and len(read) == 1 and read[0].label == self._chained == writer.last
        if goes_on and not (weighted and self._weighted):
            made = writer.then(read[0], word, self.span, like=like, what=self._what, **attributes)
            self._weighted = self._weighted or weighted
        else:
            made = writer.layer(
                self.name,
                word,
                read,
                self.span,
                like=like,
                kind=self.layer.class_name,
                what=self._what,
                part=part,
                **attributes,
            )
            self._chained, self._weighted = made.label, weighted
        if weighted and not self._again:
            self._shared.append(made)
        if channels_first is None:
            channels_first = bool(values) and values[0].channels_first
        steps = max([value.steps for value in values], default=0)
        return Value(made, channels_first and len(made.output) > steps + 1, steps)

    @property
    def _what(self) -> str:
        return f"{shown(self.name)} ({shown(self.layer.class_name)})"

    def in_order(self, value: Value) -> Value:
        """Return a tensor whose axes stand in the spec as in Keras."""
        if not value.channels_first:
            return value
        steps, letters = _letters(value)
        pattern = f"{steps}{letters} c -> {steps}c {letters}"
        return self.op("rearrange", value, part="order", channels_first=False, pattern=pattern)

    def channels_last(self, value: Value, channels_first: bool) -> Value:
        """Return a tensor for a layer that has its channels in front, or behind: in the spec behind."""
        if value.channels_first == channels_first or value.rank < 3:
            return value
        value = self.in_order(value)
        if not channels_first:
            return value
        steps, letters = _letters(value)
        pattern = f"{steps}c {letters} -> {steps}{letters} c"
        return self.op("rearrange", value, part="turned", channels_first=True, pattern=pattern)

    def spec_axis(self, value: Value, axis: int) -> int:
        """Return where an axis of Keras, the batch counted, stands in the spec. Raises SpecError."""
        if axis == 0:
            raise self.refused("the axis 0 is that of the batch")
        at = axis - 1
        if value.channels_first:
            return len(value.shape) - 1 if at == 0 else value.steps + at - 1
        return value.steps + at

    def stated_outputs(self, name: str, why: str, *help: str, **attributes: Any) -> Any:
        """Write a layer without a rule, whose outputs are those that the file states.

        Args:
            name: What it is called in the spec.
            why: Why it has no rule.
            help: Ways out, where nothing states its output.
            attributes: What else is known of it.

        Returns:
            What it puts out.

        Raises:
            SpecError: Where nothing states its output.
        """
        layer = self.layer
        shapes = {out: sizes[1:] for (at, out), sizes in layer.shapes.items() if at == layer.at}
        read = [self.in_order(value) for value in values_in((self.positional, self.keywords))]
        known = [shapes.get(at) for at in range(len(shapes))]
        if not known or any(
            one is None or not all(isinstance(n, int) and n > 0 for n in one) for one in known
        ):
            raise self.refused(
                f"{why}, and the model does not say what it puts out",
                *help,
                "write it as a spec: `archcalc ops` lists what there is, `opaque` is a layer without a rule",
            )
        self.note(f"{why}: its operations are not known, and its sizes are those of the model")
        made = []
        for number, sizes in enumerate(known):
            shape = per_axis(sizes or (1,))
            part = "" if number == 0 else f"{number + 1}"
            made.append(
                self.op(
                    "opaque",
                    *read,
                    part=part,
                    channels_first=False,
                    operation=name,
                    shape=shape,
                    **attributes,
                )
            )
        return made if len(made) > 1 else made[0]

    def inner(
        self,
        layer: KerasLayer,
        *values: Value,
        stored: Mapping[str, tuple[int, ...]] | None = None,
        **keywords: Any,
    ) -> Any:
        """Write what a layer within this one puts out; it has the name of this one.

        Args:
            layer: The layer.
            values: What it is called on.
            stored: Tensors that are stored beside its own, by name.
            keywords: What is given by name.

        Returns:
            What it puts out.

        Raises:
            SpecError: For what the language has no word for.
        """
        frozen = self._frozen or not self.layer.trainable
        around = Around(self.name, stored or {})
        return self._writing.call(layer, values, keywords, self.span, frozen, around)


def _letters(value: Value) -> tuple[str, str]:
    """The axes of steps and of positions in a pattern."""
    steps = "".join([f"{one} " for one in "stuv"[: value.steps]])
    return steps, " ".join("abdefghijk"[: value.rank - 2])


def values_in(arguments: Any) -> Iterator[Value]:
    """The tensors within lists, tuples and dictionaries."""
    waiting = [arguments]
    while waiting:
        one = waiting.pop()
        if isinstance(one, Value):
            yield one
        elif isinstance(one, (list, tuple)):
            waiting += reversed(one)
        elif isinstance(one, dict):
            waiting += reversed(one.values())
