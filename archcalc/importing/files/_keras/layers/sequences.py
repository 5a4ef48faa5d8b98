"""Layers of sequences: embeddings, recurrent layers, and layers around other layers."""

from __future__ import annotations

from typing import Any, ClassVar

from .....ops.attributes import Word
from ..calls import Call, Value
from ..description import KerasLayer
from ..settings import Settings, shown
from ..vocabulary import LayerClass

_RECURRENT = {"LSTM": "lstm", "GRU": "gru", "SimpleRNN": "rnn"}
# What works on the last axis alone, or on each value, and so at each step of a sequence.
_AT_EACH_STEP = (
    "Dense",
    "Activation",
    "ReLU",
    "LeakyReLU",
    "ELU",
    "Dropout",
    "LayerNormalization",
    "Identity",
)


class Embedding(LayerClass):
    """A learned vector for each number."""

    names = ("Embedding",)
    signature = (
        "input_dim, output_dim, embeddings_initializer='uniform', embeddings_regularizer=None, "
        "embeddings_constraint=None, mask_zero=False, weights=None, lora_rank=None, lora_alpha=None"
    )

    def write(self, call: Call) -> Value:
        settings = call.settings
        return call.op(
            "embedding",
            call.x,
            channels_first=False,
            vocabulary=settings.count("input_dim"),
            size=settings.count("output_dim"),
        )


class Recurrent(LayerClass):
    """LSTM, GRU and plain recurrent layers."""

    names = ("LSTM", "GRU", "SimpleRNN")
    signature = (
        "units, activation='tanh', recurrent_activation='sigmoid', use_bias=True, "
        "kernel_initializer='glorot_uniform', recurrent_initializer='orthogonal', bias_initializer='zeros', "
        "unit_forget_bias=True, kernel_regularizer=None, recurrent_regularizer=None, bias_regularizer=None, "
        "activity_regularizer=None, kernel_constraint=None, recurrent_constraint=None, bias_constraint=None, "
        "dropout=0.0, recurrent_dropout=0.0, seed=None, return_sequences=False, return_state=False, "
        "go_backwards=False, stateful=False, unroll=False, reset_after=True"
    )
    renamed: ClassVar[dict[str, str]] = {"output_dim": "units", "inner_activation": "recurrent_activation"}

    def write(self, call: Call) -> Value:
        word = _RECURRENT[call.layer.class_name]
        return call.op(word, _sequence(call), channels_first=False, **recurrence(call.layer, call.settings))


def recurrence(layer: KerasLayer, settings: Settings) -> dict[str, Any]:
    """Return the arguments of a recurrent layer. Raises SpecError."""
    if settings.flag("return_state"):
        raise settings.refused("return_state", "the states beside the sequence are not read")
    biases = "none"
    if settings.flag("use_bias"):
        # cuDNN's form of a GRU, which is the default, has biases of the input and of the state.
        biases = "two" if layer.class_name == "GRU" and settings.flag("reset_after") else "one"
    attributes: dict[str, Any] = {"units": settings.count("units"), "biases": Word(biases)}
    if not settings.flag("return_sequences"):
        attributes["returns"] = Word("last")
    if layer.class_name == "SimpleRNN":
        kind = settings.value("activation")
        if kind not in ("tanh", "relu"):
            raise settings.refused("activation", f"a recurrent layer with {shown(kind)} is not read")
        attributes["nonlinearity"] = Word(kind)
    elif settings.value("activation") != "tanh":
        raise settings.refused("activation", "an activation other than tanh is not read here")
    return attributes


def _sequence(call: Call) -> Value:
    if len(call.x.shape) != 2:
        raise call.refused(f"it reads steps of vectors, and {'x'.join(map(str, call.x.sizes))} arrives")
    if len(call.values) > 1 or call.keywords.get("initial_state") is not None:
        raise call.refused("a state that is given is not read")
    return call.x


class Bidirectional(LayerClass):
    """A recurrent layer in both directions."""

    names = ("Bidirectional",)
    signature = "layer, merge_mode='concat', weights=None, backward_layer=None"

    def write(self, call: Call) -> Value:
        settings = call.settings
        inner = settings.inner("layer")
        word = _RECURRENT.get(inner.class_name)
        if word is None:
            raise settings.refused("layer", f"{shown(inner.class_name)} in both directions is not read")
        if settings.value("merge_mode") != "concat":
            raise settings.refused("merge_mode", "both directions are read side by side (concat) alone")
        other = settings.value("backward_layer")
        if isinstance(other, KerasLayer):
            same = ("units", "use_bias", "reset_after", "activation")
            if other.class_name != inner.class_name or any(
                other.config.get(name) != inner.config.get(name) for name in same
            ):
                raise settings.refused("backward_layer", "directions of two kinds are not read")
        inside = Settings(inner, Recurrent().parameters)
        return call.op(
            word, _sequence(call), channels_first=False, bidirectional=True, **recurrence(inner, inside)
        )


class TimeDistributed(LayerClass):
    """A layer at each step of a sequence."""

    names = ("TimeDistributed",)
    signature = "layer"

    def write(self, call: Call) -> Value:
        inner = call.settings.inner("layer")
        if inner.class_name not in _AT_EACH_STEP:
            raise call.settings.refused(
                "layer",
                f"{shown(inner.class_name)} at each step is not read",
                f"what is read at each step: {', '.join(_AT_EACH_STEP)}",
            )
        put_out = call.inner(inner, call.in_order(call.x))
        assert isinstance(put_out, Value)
        return put_out
