"""Layers of sequences: embeddings, and layers at each step."""

from __future__ import annotations

from .....ops.stated import format_tensors
from ..calls import Call, Value
from ..vocabulary import LayerClass


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
    at_each_step = True
    signature = "layer"

    def write(self, call: Call) -> Value | list[Value]:
        inner = call.settings.inner("layer")
        x = call.in_order(call.x)
        if x.rank < 3:
            raise call.refused("there are no steps: it reads an axis of steps, and what is at each")
        put_out = call.inner(inner, Value(x.written, steps=x.steps + 1))
        made = [call.in_order(one) for one in (put_out if isinstance(put_out, list) else [put_out])]
        ends = [Value(one.written, steps=x.steps) for one in made]
        return ends if len(ends) > 1 else ends[0]
