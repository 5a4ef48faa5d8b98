"""Layers of sequences: embeddings, and layers at each step."""

from __future__ import annotations

from .....ops.stated import format_tensors
from ..calls import Call, Value
from ..settings import shown
from ..vocabulary import LayerClass

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
        if settings.flag("mask_zero"):
            call.note("`mask_zero`: what the mask of the steps costs is not counted")
        return call.op(
            "embedding",
            call.x,
            channels_first=False,
            vocabulary=settings.count("input_dim"),
            size=settings.count("output_dim"),
        )


class ReversibleEmbedding(LayerClass):
    """A table of vectors that also gives a score for each of its rows."""

    names = ("ReversibleEmbedding",)
    signature = (
        "input_dim, output_dim, tie_weights=True, embeddings_initializer='uniform', "
        "embeddings_regularizer=None, embeddings_constraint=None, mask_zero=False, reverse_dtype=None, "
        "logit_soft_cap=None"
    )

    def write(self, call: Call) -> Value:
        settings = call.settings
        words, size = settings.count("input_dim"), settings.count("output_dim")
        tied = settings.flag("tie_weights")
        reverse = call.argument(1, "reverse")
        if not reverse:
            more = None if tied else format_tensors({"reverse_embeddings": (size, words)})
            return call.op("embedding", call.x, channels_first=False, vocabulary=words, size=size, extra=more)
        if not tied:
            raise settings.refused("tie_weights", "scores with a table of their own are not read")
        put_out = call.op("linear", call.x, units=words, bias=False)
        if settings.value("logit_soft_cap") is None:
            return put_out
        cap = settings.real("logit_soft_cap")
        shared = call.op("tanh", call.op("times", put_out, factor=1 / cap))
        return call.op("times", shared, factor=cap)


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
