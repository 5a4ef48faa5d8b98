"""Recurrent layers, whole or of cells, in one direction or both, with states that come and go."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any, ClassVar

from .....ops.attributes import Size, Word
from .....ops.stated import format_tensors
from ..calls import Call, Value, per_axis
from ..description import KerasLayer
from ..settings import Settings, shown
from ..vocabulary import LayerClass

_WORDS = {
    **{"LSTM": "lstm", "LSTMCell": "lstm", "CuDNNLSTM": "lstm"},
    **{"GRU": "gru", "GRUCell": "gru", "CuDNNGRU": "gru"},
    **{"SimpleRNN": "rnn", "SimpleRNNCell": "rnn"},
}
_MAPS = {"lstm": 4, "gru": 3, "rnn": 1}
_CELL = (
    "units, activation='tanh', recurrent_activation='sigmoid', use_bias=True, "
    "kernel_initializer='glorot_uniform', recurrent_initializer='orthogonal', bias_initializer='zeros', "
    "unit_forget_bias=True, kernel_regularizer=None, recurrent_regularizer=None, bias_regularizer=None, "
    "activity_regularizer=None, kernel_constraint=None, recurrent_constraint=None, bias_constraint=None, "
    "dropout=0.0, recurrent_dropout=0.0, seed=None"
)
_LAYER = (
    "return_sequences=False, return_state=False, go_backwards=False, stateful=False, unroll=False, "
    "reset_after=True"
)


class Recurrent(LayerClass):
    """LSTM, GRU and plain recurrent layers."""

    names = ("LSTM", "GRU", "SimpleRNN", "CuDNNLSTM", "CuDNNGRU")
    signature = f"{_CELL}, {_LAYER}"
    renamed: ClassVar[dict[str, str]] = {"output_dim": "units", "inner_activation": "recurrent_activation"}

    def write(self, call: Call) -> Value | list[Value]:
        return several(direction(call, call.layer, [call.layer]))


class CellsLayer(LayerClass):
    """A recurrent layer of cells: one cell, or several of which each reads the states of the one before."""

    names = ("RNN",)
    signature = "cell, return_sequences=False, return_state=False, go_backwards=False, stateful=False"

    def write(self, call: Call) -> Value | list[Value]:
        return several(direction(call, call.layer, cells_of(call.settings)))


class Cell(LayerClass):
    """A step of a recurrent layer, which ``RNN`` repeats."""

    names = ("LSTMCell", "GRUCell", "SimpleRNNCell")
    signature = f"{_CELL}, reset_after=True"
    renamed = Recurrent.renamed

    def write(self, call: Call) -> Value:
        raise call.refused("a cell by itself is not read", "`RNN(cell)` reads a sequence with it")


class CellStack(LayerClass):
    """Several cells, each of which reads the states of the one before."""

    names = ("StackedRNNCells",)
    signature = "cells"

    def write(self, call: Call) -> Value:
        raise call.refused("cells by themselves are not read", "`RNN(cells)` reads a sequence with them")


def several(values: list[Value]) -> Value | list[Value]:
    """A value alone, or all of several."""
    return values if len(values) > 1 else values[0]


def cells_of(settings: Settings) -> list[KerasLayer]:
    """Return the cells of a recurrent layer, each of which has parameters. Raises SpecError."""
    cell = settings.value("cell")
    waiting = list(cell) if isinstance(cell, (list, tuple)) else [cell]
    found: list[KerasLayer] = []
    while waiting:
        one = waiting.pop(0)
        if isinstance(one, KerasLayer) and one.class_name == "StackedRNNCells":
            waiting = Settings(one, {}).inner_layers("cells") + waiting
            continue
        if not isinstance(one, KerasLayer) or one.class_name not in _WORDS or one.package:
            raise settings.refused(
                "cell",
                f"the cell {shown(one)} is not read",
                "LSTMCell, GRUCell, SimpleRNNCell and StackedRNNCells are",
            )
        found.append(one)
    if not found:
        raise settings.refused("cell", "there is no cell")
    return found


def direction(
    call: Call, layer: KerasLayer, cells: Sequence[KerasLayer], given: Sequence[Value] | None = None
) -> list[Value]:
    """Write a recurrent layer in its direction.

    Args:
        call: The call.
        layer: The layer with the settings of sequences and states.
        cells: What has the parameters, from the first that reads what arrives.
        given: The states before the first step; those of the call by default.

    Returns:
        What it puts out: the sequence or its end, and the states where they are wanted.

    Raises:
        SpecError: For what the language has no word for.
    """
    settings = Settings(layer, Recurrent().parameters)
    x = call.in_order(call.x)
    if len(x.shape) != 2:
        raise call.refused(f"it reads steps of vectors, and {'x'.join(map(str, x.sizes))} arrives")
    states = states_given(call) if given is None else list(given)
    sequences, shown_states = settings.flag("return_sequences"), settings.flag("return_state")
    if settings.flag("go_backwards"):
        x = call.op("flip", x, part="backwards")
    ends: list[Value] = []
    for number, cell in enumerate(cells):
        last = number == len(cells) - 1
        count = 2 if _WORDS[cell.class_name] == "lstm" else 1
        first, states = states[:count], states[count:]
        part = "" if len(cells) == 1 else f"{number + 1}"
        x, made = one_cell(call, cell, x, first, sequences or not last, shown_states, part)
        ends += made
    return [x, *ends]


def states_given(call: Call) -> list[Value]:
    """The states before the first step that a call gives."""
    found = call.keywords.get("initial_state")
    listed: list[Any] = list(found) if isinstance(found, (list, tuple)) else [found]
    if found is None:
        listed = call.values[1:]
    return [one for one in listed if isinstance(one, Value)]


def one_cell(
    call: Call,
    cell: KerasLayer,
    x: Value,
    first: Sequence[Value],
    sequences: bool,
    shown_states: bool,
    part: str,
) -> tuple[Value, list[Value]]:
    """Write the steps of one cell. Returns the sequence or its end, and the states where they are wanted."""
    settings = Settings(cell, Recurrent().parameters)
    word, units = _WORDS[cell.class_name], settings.count("units")
    steps = int(x.shape[0])
    attributes: dict[str, Any] = {"units": units, "biases": Word(biases_of(settings))}
    other = other_functions(settings, word)
    if other:
        if shown_states:
            raise settings.refused("activation", f"{other}: its states are not read")
        return without_rule(call, settings, word, x, sequences, other, part), []
    if word == "rnn":
        attributes["nonlinearity"] = Word(settings.value("activation"))
    if not shown_states:
        returns = None if sequences else Word("last")
        made = call.op(word, x, *first, part=part, channels_first=False, returns=returns, **attributes)
        return made, []
    returns = Word("all" if sequences else "states")
    made = call.op(word, x, *first, part=part, channels_first=False, returns=returns, **attributes)
    begin = steps if sequences else 0
    count = 2 if word == "lstm" else 1
    names = ("state", "cell")
    states = [call.op("select", made, part=f"{part}{names[at]}", index=begin + at) for at in range(count)]
    if not sequences:
        return states[0], states
    return call.op("slice", made, part=f"{part}sequence", start=0, stop=steps), states


def biases_of(settings: Settings) -> str:
    """How many bias vectors a gate has: cuDNN's form of a GRU, which is the default, has two."""
    kind = settings.layer.class_name
    if kind.startswith("CuDNN"):
        return "two"
    if not settings.flag("use_bias"):
        return "none"
    return "two" if kind.startswith("GRU") and settings.flag("reset_after") else "one"


def other_functions(settings: Settings, word: str) -> str:
    """What a cell computes with besides the functions that the rules know; empty where it does not."""
    activation, gates = settings.value("activation"), settings.value("recurrent_activation")
    if activation not in (("tanh", "relu") if word == "rnn" else ("tanh",)):
        return f"the activation {shown(activation)}"
    return "" if word == "rnn" or gates == "sigmoid" else f"gates of {shown(gates)}"


def without_rule(
    call: Call, settings: Settings, word: str, x: Value, sequences: bool, other: str, part: str
) -> Value:
    """Write a recurrent layer with other functions: its parameters and multiply-adds are known."""
    steps, channels, units = int(x.shape[0]), int(x.shape[1]), settings.count("units")
    rows = _MAPS[word] * units
    tensors: dict[str, tuple[int, ...]] = {"kernel": (channels, rows), "recurrent_kernel": (units, rows)}
    biases = biases_of(settings)
    if biases != "none":
        tensors["bias"] = (2, rows) if biases == "two" else (rows,)
    call.note(f"{other}: of its operations only the multiply-adds are counted")
    return call.op(
        "opaque",
        x,
        part=part,
        operation=settings.layer.class_name,
        shape=per_axis((steps, units) if sequences else (units,)),
        macs=steps * rows * (channels + units),
        tensors=format_tensors(tensors),
        reads=Word("everything"),
    )


class Bidirectional(LayerClass):
    """A recurrent layer in both directions, whose states are joined."""

    names = ("Bidirectional",)
    signature = "layer, merge_mode='concat', weights=None, backward_layer=None"

    def write(self, call: Call) -> Value | list[Value]:
        settings = call.settings
        forward, backward = settings.inner("layer"), self.backward(call)
        mode = settings.value("merge_mode")
        if mode not in ("concat", "sum", "mul", "ave", None):
            raise settings.wrong("merge_mode", "concat, sum, mul, ave or None")
        inside = Settings(forward, Recurrent().parameters)
        sequences, shown_states = inside.flag("return_sequences"), inside.flag("return_state")
        plain = self.alike(forward, backward) and not states_given(call)
        if plain and not shown_states and not call.x.channels_first and len(call.x.shape) == 2:
            return self.merged(call, mode, *self.together(call, forward, sequences, mode))
        given = states_given(call)
        half = len(given) // 2
        first_way = self.one_way(call, forward, given[:half])
        other_way = self.one_way(call, backward, given[half:])
        if sequences:
            other_way[0] = call.op("flip", other_way[0], part="in_order")
        put_out = self.merged(call, mode, first_way[0], other_way[0])
        first = put_out if isinstance(put_out, list) else [put_out]
        return several([*first, *first_way[1:], *other_way[1:]])

    def backward(self, call: Call) -> KerasLayer:
        """The layer that reads the steps from the last to the first."""
        config = call.layer.config
        found = config.get("backward_layer")
        if isinstance(found, KerasLayer):
            return found
        inner = call.settings.inner("layer")
        backwards = not inner.config.get("go_backwards")
        made = replace(inner, config={**inner.config, "go_backwards": backwards}, calls=[])
        if isinstance(inner.config.get("cell"), KerasLayer):
            made.config["cell"] = _copied(inner.config["cell"])
        config["backward_layer"] = made
        return made

    def alike(self, forward: KerasLayer, backward: KerasLayer) -> bool:
        """Whether both directions are one layer of the language."""
        if forward.class_name not in _WORDS or forward.class_name != backward.class_name:
            return False
        one, other = [Settings(layer, Recurrent().parameters) for layer in (forward, backward)]
        word = _WORDS[forward.class_name]
        same = ("units", "use_bias", "activation", "recurrent_activation", "reset_after", "return_sequences")
        return (
            all(one.value(name) == other.value(name) for name in same)
            and not one.flag("go_backwards")
            and not other_functions(one, word)
            and forward.trainable == backward.trainable
        )

    def together(self, call: Call, layer: KerasLayer, sequences: bool, mode: Any) -> list[Value]:
        """Both directions as one layer: its output side by side, or as two halves."""
        settings = Settings(layer, Recurrent().parameters)
        word, units = _WORDS[layer.class_name], settings.count("units")
        made = call.op(
            word,
            call.x,
            channels_first=False,
            units=units,
            biases=Word(biases_of(settings)),
            returns=None if sequences else Word("last"),
            bidirectional=True,
            nonlinearity=Word(settings.value("activation")) if word == "rnn" else None,
            frozen=None if layer.trainable else True,
        )
        if mode == "concat":
            return [made]
        return [
            call.op("take", made, part="forward", channels=units),
            call.op("take", made, part="backward", channels=units, offset=units),
        ]

    def one_way(self, call: Call, layer: KerasLayer, states: Sequence[Value]) -> list[Value]:
        """One direction by itself."""
        put_out = call.inner(layer, call.x, initial_state=list(states) or None)
        return put_out if isinstance(put_out, list) else [put_out]

    def merged(self, call: Call, mode: Any, *parts: Value) -> Value | list[Value]:
        """What both directions come to."""
        if len(parts) == 1:
            return parts[0]
        if mode is None:
            return list(parts)
        if mode == "concat":
            return call.op("concat", *parts)
        put_out = call.op("mul" if mode == "mul" else "add", *parts)
        return call.op("times", put_out, factor=Fraction(1, 2)) if mode == "ave" else put_out


def _copied(cell: KerasLayer) -> KerasLayer:
    """A cell with parameters of its own."""
    cells = cell.config.get("cells")
    config = dict(cell.config)
    if isinstance(cells, (list, tuple)):
        config["cells"] = [_copied(one) if isinstance(one, KerasLayer) else one for one in cells]
    return replace(cell, config=config, calls=[])


class ConvolutionalLSTM(LayerClass):
    """An LSTM whose maps are convolutions."""

    names = ("ConvLSTM1D", "ConvLSTM2D", "ConvLSTM3D")
    signature = (
        "filters, kernel_size, strides=1, padding='valid', data_format=None, dilation_rate=1, "
        "activation='tanh', recurrent_activation='sigmoid', use_bias=True, return_sequences=False, "
        "return_state=False, go_backwards=False, stateful=False"
    )

    def write(self, call: Call) -> Value:
        settings, axes = call.settings, int(call.layer.class_name[-2])
        x, first = call.in_order(call.x), settings.channels_first()
        if len(x.shape) != axes + 2:
            raise call.refused(
                f"it reads steps of maps over {axes} axes, and {'x'.join(map(str, x.sizes))} arrives"
            )
        if settings.flag("return_state") or states_given(call):
            raise call.refused("states that are given or returned are not read")
        letters = " ".join("hwd"[:axes])
        if first:
            x = call.op("rearrange", x, part="axes", pattern=f"t c {letters} -> t {letters} c")
        steps, *positions, channels = [int(n) for n in x.shape]
        kernel, strides = settings.sizes("kernel_size", axes), settings.sizes("strides", axes)
        dilation = settings.sizes("dilation_rate", axes)
        same = settings.word("padding", ("valid", "same")) == "same"
        made = []
        for n, size, stride, step in zip(positions, kernel, strides, dilation, strict=True):
            extent = 1 if same else (size - 1) * step + 1
            made.append(-(-(n - extent + 1) // stride))
        if min(made) < 1:
            raise settings.refused("kernel_size", "the kernel is larger than the map")
        filters = settings.count("filters")
        tensors: dict[str, tuple[int, ...]] = {
            "kernel": (*kernel, channels, 4 * filters),
            "recurrent_kernel": (*kernel, filters, 4 * filters),
        }
        if settings.flag("use_bias"):
            tensors["bias"] = (4 * filters,)
        window, places = 1, steps
        for size, n in zip(kernel, made, strict=True):
            window, places = window * size, places * n
        call.note("an LSTM of convolutions has no rule: of its operations only the multiply-adds are counted")
        sequences = settings.flag("return_sequences")
        put_out = call.op(
            "opaque",
            x,
            operation=call.layer.class_name,
            shape=Size((steps, *made, filters) if sequences else (*made, filters)),
            macs=places * window * 4 * filters * (channels + filters),
            tensors=format_tensors(tensors),
            reads=Word("everything"),
        )
        if not first:
            return put_out
        front = "t " if sequences else ""
        return call.op("rearrange", put_out, pattern=f"{front}{letters} c -> {front}c {letters}")
