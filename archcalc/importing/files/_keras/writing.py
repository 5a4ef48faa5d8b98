"""The spec of a model of Keras: its calls in an order in which they can be computed, each a line or a few."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from ....diagnostics import SpecError
from ....ops import registry
from ....shape import Shape
from ....source import Source, Span
from .. import Request, SpecWriter, WrittenLayer, refused
from .description import KerasLayer, KerasModel, LayerCall, LayerOutput, tensors_in
from .inputs import input_sizes
from .settings import Settings, shown
from .vocabulary import LayerClass, nearest_class, vocabulary


class Value:
    """A tensor while the spec is written.

    Attributes:
        written: The layer that puts it out.
        channels_first: Whether Keras has the channels in front of the positions, and the spec behind them.
    """

    __slots__ = ("written", "channels_first")

    def __init__(self, written: WrittenLayer, channels_first: bool = False):
        self.written = written
        self.channels_first = channels_first

    @property
    def shape(self) -> Shape:
        """Its sizes in the spec."""
        return self.written.output

    @property
    def sizes(self) -> tuple[int, ...]:
        """Its sizes in Keras, without the batch."""
        shape = tuple(self.shape)
        return (shape[-1], *shape[:-1]) if self.channels_first else shape

    @property
    def rank(self) -> int:
        """How many axes Keras counts, the batch among them."""
        return len(self.shape) + 1


class Call:
    """A call of a layer, on its way into the spec.

    Attributes:
        layer: The layer.
        settings: Its settings.
        positional: What is given by position; each ``LayerOutput`` is a ``Value`` here.
        keywords: What is given by name.
        span: Where the call stands.
    """

    def __init__(
        self,
        writing: ModelWriting,
        layer: KerasLayer,
        known: LayerClass,
        positional: Sequence[Any],
        keywords: dict[str, Any],
        span: Span,
        frozen: bool,
    ):
        self.layer = layer
        self.settings = Settings(layer, known)
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
        where = f"{shown(self.layer.name)} ({shown(self.layer.class_name)}): "
        return refused(where + message, self.span, *help)

    def note(self, message: str, *help: str) -> None:
        """Keep something that the spec does not say."""
        self._writing.writer.note(f"{shown(self.layer.name)}: {message}", self.span, *help)

    @property
    def values(self) -> list[Value]:
        """All tensors that the call is given by position, in their order."""
        return [*_values(self.positional)]

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
            self._weights += 1
            if self._frozen or not self.layer.trainable:
                attributes["frozen"] = True
        goes_on = not part and len(read) == 1 and read[0].label == self._chained == writer.last
        if goes_on and not (weighted and self._weighted):
            made = writer.then(read[0], word, self.span, like=like, what=self._what, **attributes)
            self._weighted = self._weighted or weighted
        else:
            name = f"{self.layer.name}_{part}" if part else self.layer.name
            made = writer.layer(
                name,
                word,
                read,
                self.span,
                like=like,
                kind=self.layer.class_name,
                what=self._what,
                **attributes,
            )
            self._chained, self._weighted = made.label, weighted
        if weighted and not self._again:
            self._shared.append(made)
        if channels_first is None:
            channels_first = bool(values) and values[0].channels_first
        return Value(made, channels_first and len(made.output) > 1)

    @property
    def _what(self) -> str:
        return f"{shown(self.layer.name)} ({shown(self.layer.class_name)})"

    def in_order(self, value: Value) -> Value:
        """Return a tensor whose axes stand in the spec as in Keras."""
        if not value.channels_first:
            return value
        letters = "".join("abdefghijk"[: len(value.shape) - 1])
        pattern = f"{' '.join(letters)} c -> c {' '.join(letters)}"
        return self.op("rearrange", value, part="order", channels_first=False, pattern=pattern)

    def channels_last(self, value: Value, channels_first: bool) -> Value:
        """Return a tensor for a layer that has its channels in front, or behind: in the spec behind."""
        if value.channels_first == channels_first or len(value.shape) < 2:
            return value
        value = self.in_order(value)
        if not channels_first:
            return value
        letters = "".join("abdefghijk"[: len(value.shape) - 1])
        pattern = f"c {' '.join(letters)} -> {' '.join(letters)} c"
        return self.op("rearrange", value, part="turned", channels_first=True, pattern=pattern)

    def spec_axis(self, value: Value, axis: int) -> int:
        """Return where an axis of Keras, the batch counted, stands in the spec. Raises SpecError."""
        if axis == 0:
            raise self.refused("the axis 0 is that of the batch")
        at = axis - 1
        if value.channels_first:
            return len(value.shape) - 1 if at == 0 else at - 1
        return at

    def inner(self, layer: KerasLayer, *values: Value, **keywords: Any) -> Any:
        """Write what a layer within this one puts out. Raises SpecError."""
        return self._writing.call(
            layer, values, keywords, self.span, self._frozen or not self.layer.trainable
        )


class ModelWriting:
    """A model on its way into a spec.

    Args:
        writer: Where the spec is written.

    Attributes:
        weights: The layers of the spec that have the parameters of a layer, by its identity.
    """

    def __init__(self, writer: SpecWriter):
        self.writer = writer
        self.weights: dict[int, list[WrittenLayer]] = {}

    def model(self, model: KerasModel, inputs: Sequence[Value], frozen: bool) -> Any:
        """Write a model.

        Args:
            model: The model.
            inputs: The tensors that arrive, in the order of its inputs.
            frozen: Whether its parameters are not trained.

        Returns:
            What it puts out, in the form of ``model.outputs``.

        Raises:
            SpecError: For what the language has no word for.
        """
        names = {layer.name: layer for layer in model.layers}
        made: dict[tuple[str, int], Any] = {}
        for given, value in zip(tensors_in(model.inputs), inputs, strict=True):
            made[given.layer, given.call] = value

        def found(one: Any, span: Span) -> Any:
            if isinstance(one, LayerOutput):
                value = made[one.layer, one.call]
                several = value if isinstance(value, list) else [value]
                if one.output >= len(several):
                    raise refused(f"{shown(one.layer)} has no output {one.output}", span)
                return several[one.output]
            if isinstance(one, (list, tuple)):
                return [found(item, span) for item in one]
            if isinstance(one, dict):
                return {key: found(item, span) for key, item in one.items()}
            return one

        for layer, number, call in in_order(model):
            if (layer.name, number) in made:
                continue
            if layer.class_name == "InputLayer":
                raise refused(f"{shown(layer.name)} is no input of the model {shown(model.name)}", layer.span)
            positional = [found(one, call.span) for one in call.positional]
            keywords = {key: found(one, call.span) for key, one in call.keywords.items()}
            made[layer.name, number] = self.call(layer, positional, keywords, call.span, frozen)
        for output in tensors_in(model.outputs):
            if (output.layer, output.call) not in made:
                at = names[output.layer].span if output.layer in names else model.span
                raise refused(
                    f"the model {shown(model.name)} puts out {shown(output.layer)}, which it has not", at
                )
        return found(model.outputs, model.span)

    def call(
        self, layer: KerasLayer, positional: Sequence[Any], keywords: dict[str, Any], span: Span, frozen: bool
    ) -> Any:
        """Write a call of a layer, or of a model within the model. Raises SpecError."""
        if layer.model is not None:
            arriving = [*_values((*positional, keywords))]
            needed = [*tensors_in(layer.model.inputs)]
            if len(arriving) != len(needed):
                raise refused(
                    f"{shown(layer.name)} has {len(needed)} inputs, and is called on {len(arriving)}", span
                )
            put_out = self.model(layer.model, arriving, frozen or not layer.trainable)
            several = [*_values((put_out,))]
            return several[0] if len(several) == 1 else several
        known = vocabulary().get(layer.class_name)
        if known is None or layer.package:
            raise unknown(layer)
        return known.write(Call(self, layer, known, positional, keywords, span, frozen))


def unknown(layer: KerasLayer) -> SpecError:
    """Return the error for a class that is not known."""
    near = nearest_class(layer.class_name)
    kind = f"`{shown(layer.class_name)}`"
    message = f"{shown(layer.name)}: the layer {kind} is not known"
    hints = [f"did you mean `{near}`?"] if near and not layer.package else []
    if layer.package:
        message = f"{shown(layer.name)}: {kind} is somebody's own class, and no code is run"
    return refused(
        message,
        layer.span,
        *hints,
        "write its layers as a spec: `archcalc ops` lists what there is, `opaque` is a layer without a rule",
    )


def written(model: KerasModel, source: Source, request: Request) -> SpecWriter:
    """Write the spec of a model.

    Args:
        model: The model.
        source: The file that it is from, or its code.
        request: Sizes of inputs, where the caller gives them.

    Returns:
        The spec.

    Raises:
        SpecError: For what the language has no word for, or an input without a size.
    """
    writer = SpecWriter(source, model.name or "model", "Keras")
    inputs = []
    for given, (sizes, channels_first) in zip(
        tensors_in(model.inputs), input_sizes(model, request, writer), strict=True
    ):
        at = next((layer.span for layer in model.layers if layer.name == given.layer), model.span)
        made = writer.input(given.layer, sizes, at)
        inputs.append(Value(made, channels_first))
    put_out = [*_values((ModelWriting(writer).model(model, inputs, False),))]
    if not put_out:
        raise refused(f"the model {shown(model.name)} puts nothing out", model.span)
    writer.outputs([value.written for value in put_out], model.span)
    return writer


def in_order(model: KerasModel) -> Iterator[tuple[KerasLayer, int, LayerCall]]:
    """Yield the calls of a model in an order in which they can be computed, as near to its own as can be.

    Raises:
        SpecError: For a call that reads what is not there, or waits for itself.
    """
    calls: dict[tuple[str, int], tuple[KerasLayer, int, LayerCall]] = {}
    for layer in model.layers:
        for number, call in enumerate(layer.calls):
            calls[layer.name, number] = layer, number, call
    inputs = {(one.layer, one.call) for one in tensors_in(model.inputs)}
    done: set[tuple[str, int]] = set()
    begun: set[tuple[str, int]] = set()
    for first in calls:
        stack = [first]
        while stack:
            key = stack[-1]
            layer, number, call = calls[key]
            if key in done:
                stack.pop()
                continue
            waits = [] if key in inputs else [(one.layer, one.call) for one in call.reads()]
            waits = [one for one in waits if one not in done]
            if not waits:
                stack.pop()
                done.add(key)
                yield layer, number, call
                continue
            if key in begun:
                raise refused(f"{shown(layer.name)} reads what depends on it", call.span)
            begun.add(key)
            for other in waits:
                if other not in calls:
                    which = f"call {other[1] + 1} of " if other[1] else ""
                    raise refused(
                        f"{shown(layer.name)} reads {which}{shown(other[0])}, which the model has not",
                        call.span,
                    )
            stack += reversed(waits)


def _values(arguments: Any) -> Iterator[Value]:
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
