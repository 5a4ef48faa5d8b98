"""The spec of a model of Keras: its calls in an order in which they can be computed, each a line or a few."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from ....diagnostics import SpecError
from ....source import Source, Span
from .. import Request, SpecWriter, WrittenLayer, refused
from .calls import Around, Call, Value, values_in
from .description import KerasCall, KerasLayer, KerasModel, LayerOutput, tensors_in
from .inputs import input_sizes
from .listing import KerasListing
from .settings import shown
from .vocabulary import UNKNOWN, nearest_class, operations, vocabulary

# Models that are called in models come to no more calls of layers.
_MOST_CALLS = 20_000


class ModelWriting:
    """A model on its way into a spec.

    Args:
        writer: Where the spec is written.

    Attributes:
        weights: The layers of the spec that have the parameters of a layer, by its identity.
        listing: The layers as Keras lists them.
    """

    def __init__(self, writer: SpecWriter):
        self.writer = writer
        self.weights: dict[int, list[WrittenLayer]] = {}
        self._calls = 0
        self.listing = KerasListing()

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
            if given.layer in names:
                self.listing.put_out(names[given.layer], value)

        def found(one: Any, span: Span) -> Any:
            if isinstance(one, LayerOutput):
                value = made[one.layer, one.call]
                several = value if isinstance(value, list) else [value]
                if not 0 <= one.output < len(several):
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
            layer.at = number
            around, self.writer.listed = self.writer.listed, self.listing.layer(layer)
            made[layer.name, number] = self.call(layer, positional, keywords, call.span, frozen)
            self.writer.listed = around
            self.listing.put_out(layer, made[layer.name, number])
        for output in tensors_in(model.outputs):
            if (output.layer, output.call) not in made:
                at = names[output.layer].span if output.layer in names else model.span
                raise refused(
                    f"the model {shown(model.name)} puts out {shown(output.layer)}, which it has not", at
                )
        return found(model.outputs, model.span)

    def call(
        self,
        layer: KerasLayer,
        positional: Sequence[Any],
        keywords: dict[str, Any],
        span: Span,
        frozen: bool,
        around: Around | None = None,
    ) -> Any:
        """Write a call of a layer, or of a model within the model. Raises SpecError."""
        if layer.model is not None:
            self._calls += len(layer.model.layers)
            if self._calls > _MOST_CALLS:
                raise refused(f"models in this one come to more than {_MOST_CALLS:,} calls of layers", span)
            arriving = [*values_in((*positional, keywords))]
            needed = [*tensors_in(layer.model.inputs)]
            if len(arriving) != len(needed):
                raise refused(
                    f"{shown(layer.name)} has {len(needed)} inputs, and is called on {len(arriving)}", span
                )
            put_out = self.model(layer.model, arriving, frozen or not layer.trainable)
            several = [*values_in((put_out,))]
            return several[0] if len(several) == 1 else several
        known = (operations() if layer.operation else vocabulary()).get(layer.class_name)
        if layer.operation and known is None:
            known = operations()[UNKNOWN]
        if known is None or layer.package:
            raise unknown(layer)
        call = Call(self, layer, known.parameters, positional, keywords, span, frozen, around)
        if not known.at_each_step and any(value.steps for value in values_in((positional, keywords))):
            raise call.refused("it is not read at each step", "docs/keras.md lists what is")
        return known.write(call)


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
        "a live model opens its own classes: `archcalc summary mymodels.py:model`, which runs the file",
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
    writing = ModelWriting(writer)
    writing.listing.of(model)
    _note_other_weights(model, writer)
    inputs = []
    for given, (sizes, channels_first) in zip(
        tensors_in(model.inputs), input_sizes(model, request, writer), strict=True
    ):
        at = next((layer.span for layer in model.layers if layer.name == given.layer), model.span)
        made = writer.input(given.layer, sizes, at)
        inputs.append(Value(made, channels_first))
    put_out = [*values_in((writing.model(model, inputs, False),))]
    writer.keras = writing.listing.model(model)
    if not put_out:
        raise refused(f"the model {shown(model.name)} puts nothing out", model.span)
    if len(put_out) > 1:
        writer.note(
            f"of {len(put_out)} outputs the first is that of the network, and the others are side heads",
            model.span,
            "--with-heads counts the layers that only those need, as Keras does",
        )
    writer.outputs([value.written for value in put_out], model.span)
    return writer


def _note_other_weights(model: KerasModel, writer: SpecWriter) -> None:
    """Note weights that Keras keeps beside those of a layer: adapters of LoRA, scales of whole numbers."""
    adapted, quantised, kinds = [], [], set()
    waiting, seen = [model], {id(model)}
    while waiting:
        for layer in waiting.pop().layers:
            if layer.model is not None and id(layer.model) not in seen:
                seen.add(id(layer.model))
                waiting.append(layer.model)
            if layer.config.get("lora_rank"):
                adapted.append(layer)
            policy = layer.config.get("dtype")
            settings = policy.get("config") if isinstance(policy, dict) else None
            if isinstance(settings, dict) and isinstance(settings.get("mode"), str):
                quantised.append(layer)
                kinds.add(shown(settings["mode"]))
    if adapted:
        writer.note(
            f"adapters of LoRA are not counted ({_names(adapted)}): they are of training, and a file that "
            "Keras saves holds the kernel with its adapter",
            adapted[0].span,
        )
    if quantised:
        writer.note(
            f"weights are {', '.join(sorted(kinds))} ({_names(quantised)}): figures are those of "
            " the network with real numbers, and scales are no parameters",
            quantised[0].span,
            "--dtype int8 gives the bytes of whole numbers",
        )


def _names(layers: list[KerasLayer]) -> str:
    """The names of a few layers, and how many more there are."""
    text = ", ".join([shown(layer.name) for layer in layers[:3]])
    return text if len(layers) <= 3 else f"{text} and {len(layers) - 3} more"


def in_order(model: KerasModel) -> Iterator[tuple[KerasLayer, int, KerasCall]]:
    """Yield the calls of a model in an order in which they can be computed, as near to its own as can be.

    Raises:
        SpecError: For a call that reads what is not there, or waits for itself.
    """
    calls: dict[tuple[str, int], tuple[KerasLayer, int, KerasCall]] = {}
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
