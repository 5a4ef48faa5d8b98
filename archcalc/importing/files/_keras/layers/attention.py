"""Attention: with heads and linear maps of their own, and with scores of vectors as they arrive."""

from __future__ import annotations

from fractions import Fraction
from math import sqrt
from typing import Any, ClassVar

from .....ops.attributes import Size, Word
from ..calls import Call, Value
from ..vocabulary import LayerClass

_REST = (
    "kernel_initializer='glorot_uniform', bias_initializer='zeros', kernel_regularizer=None, "
    "bias_regularizer=None, activity_regularizer=None, kernel_constraint=None, bias_constraint=None"
)


class _Heads:
    """Attention with heads: its tensors, and the sizes of its linear maps."""

    def __init__(self, call: Call, heads: int, pairs: int, key: int, value: int):
        self.call = call
        self.heads, self.pairs, self.key, self.value = heads, pairs, key, value
        self.query, self.values, self.keys = _tensors(call)
        self.bias = call.settings.flag("use_bias")
        self.causal = bool(call.keywords.get("use_causal_mask"))
        self.masks = [*_masks(call)]
        self.width = self.query.shape[-1]
        self.window: Any = None

    def write(self) -> Value | list[Value]:
        """Write the attention. Raises SpecError."""
        call = self.call
        sliding = call.settings.value("sliding_window") is not None
        gated = call.settings.flag("use_gate")
        scores = bool(call.keywords.get("return_attention_scores"))
        one_memory = self.keys.written is self.values.written
        plain = one_memory and not (sliding or gated or scores or self.masks or self.window)
        if plain and self.width == self.query.shape[-1] and not (self.causal and not self.is_of_itself):
            return self.plain()
        q = self.mapped(self.query, "query", self.heads * self.key)
        k = self.mapped(self.keys, "key", self.pairs * self.key)
        v = self.mapped(self.values, "value", self.pairs * self.value)
        weights = None
        if scores or self.masks:
            joined, weights = self.by_scores(q, k, v)
        else:
            joined = call.op(
                "sdpa",
                q,
                k,
                v,
                part="heads",
                heads=self.heads,
                kv=None if self.pairs == self.heads else self.pairs,
                causal=self.causal or None,
                bias=sliding or None,
                window=self.window,
            )
        if gated:
            gate = self.mapped(self.query, "gate", self.heads * self.value)
            gate = call.op("sigmoid", gate)
            joined = call.op("mul", joined, gate, part="gated")
        put_out = call.op("linear", joined, units=self.width, bias=self.bias)
        return [put_out, weights] if scores and weights is not None else put_out

    @property
    def is_of_itself(self) -> bool:
        """Whether queries, keys and values are of one tensor."""
        return self.query.written is self.values.written

    def plain(self) -> Value:
        """Attention whose keys and values are of one tensor, without a mask."""
        equal = self.key * self.heads == self.query.shape[-1]
        memory = () if self.is_of_itself else (self.values,)
        return self.call.op(
            "attention",
            self.query,
            *memory,
            heads=self.heads,
            kv=None if self.pairs == self.heads else self.pairs,
            key=None if equal else self.key,
            value=None if self.value == self.key else self.value,
            bias=self.bias,
            causal=self.causal or None,
        )

    def mapped(self, x: Value, part: str, units: int) -> Value:
        """A linear map of the channels."""
        return self.call.op("linear", x, part=part, units=units, bias=self.bias)

    def by_scores(self, q: Value, k: Value, v: Value) -> tuple[Value, Value]:
        """The heads' values side by side, and the weights that each head gives the positions."""
        call, times = self.call, self.heads // self.pairs
        if len(q.shape) != 2 or len(k.shape) != 2 or self.window is not None:
            raise call.refused("weights or a mask of attention over several axes are not read")
        if self.causal:
            call.note("the receptive field does not know that positions read none behind themselves")
        q = call.op("times", q, part="scaled", factor=Fraction(repr(1 / sqrt(self.key))))
        q = call.op("rearrange", q, part="queries", pattern=f"t (h={self.heads} d) -> h t d")
        k = call.op("rearrange", k, part="keys", pattern=f"s (h={self.pairs} d) -> h s d")
        v = call.op("rearrange", v, part="values", pattern=f"s (h={self.pairs} d) -> h s d")
        if times > 1:
            k = call.op("repeat", k, part="all_keys", times=times, mode=Word("each"))
            v = call.op("repeat", v, part="all_values", times=times, mode=Word("each"))
        scores = call.op("matmul", q, k, part="scores", transpose=True)
        for number, mask in enumerate(self.masks):
            scores = call.op("map", scores, mask, part=f"masked_{number + 1}", function="add")
        weights = call.op("softmax", scores, part="weights")
        joined = call.op("matmul", weights, v, part="sums")
        return call.op("rearrange", joined, part="heads", pattern="h t d -> t (h d)"), weights


def _tensors(call: Call) -> tuple[Value, Value, Value]:
    """Queries, values and keys, which are the values where none are given. Raises SpecError."""
    query, value = call.argument(0, "query"), call.argument(1, "value")
    key = call.argument(2, "key")
    if not isinstance(query, Value) or not isinstance(value, Value):
        raise call.refused("attention is called on queries and values")
    given = [call.in_order(one) for one in (query, value)]
    return given[0], given[1], call.in_order(key) if isinstance(key, Value) else given[1]


def _masks(call: Call) -> Any:
    """The masks that a call is given, as numbers that go together with the scores of a head."""
    names = {4: "key_mask", 5: "value_mask", 6: "attention_mask", 3: "query_mask"}
    for at, name in sorted(names.items()):
        mask = call.argument(at, name)
        if not isinstance(mask, Value):
            continue
        if name == "query_mask":
            shape = Size((mask.shape.values, 1))
            mask = call.op("reshape", mask, part="query_mask", shape=shape)
        elif len(mask.shape) == 4:
            raise call.refused("a mask has an axis of queries and one of keys")
        yield mask


class MultiHeadAttention(LayerClass):
    """Attention whose heads have equal lengths of keys, and of values."""

    names = ("MultiHeadAttention",)
    signature = (
        "num_heads, key_dim, value_dim=None, dropout=0.0, use_bias=True, output_shape=None, "
        "attention_axes=None, flash_attention=None, use_gate=False, sliding_window=None, " + _REST
    )

    def write(self, call: Call) -> Value | list[Value]:
        settings = call.settings
        heads, key = settings.count("num_heads"), settings.count("key_dim")
        value = key if settings.value("value_dim") is None else settings.count("value_dim")
        found = _Heads(call, heads, heads, key, value)
        sizes: tuple[int, ...] = ()
        if settings.value("output_shape") is not None:
            sizes = settings.numbers("output_shape", 1)
            found.width = 1
            for size in sizes:
                found.width *= size
        if settings.value("attention_axes") is not None:
            axes = settings.axes("attention_axes", found.query.rank)
            if 0 in axes or found.query.rank - 1 in axes:
                raise settings.wrong("attention_axes", "axes of positions")
            if len(axes) < found.query.rank - 2:
                if found.causal or found.masks:
                    raise settings.refused("attention_axes", "a mask along some axes is not read")
                positions = [*found.query.shape][:-1]
                found.window = Size(tuple([n if at + 1 in axes else 1 for at, n in enumerate(positions)]))
        put_out = found.write()
        if len(sizes) < 2:
            return put_out
        many = isinstance(put_out, list)
        first, *others = put_out if isinstance(put_out, list) else [put_out]
        first = call.op("reshape", first, shape=Size((*[*first.shape][:-1], *sizes)))
        return [first, *others] if many else first


class GroupedQueryAttention(LayerClass):
    """Attention with fewer heads of keys and values than of queries."""

    names = ("GroupedQueryAttention", "GroupQueryAttention")
    signature = (
        "head_dim, num_query_heads, num_key_value_heads, dropout=0.0, use_bias=True, sliding_window=None, "
        f"flash_attention=None, {_REST}, use_gate=False, seed=None"
    )

    def write(self, call: Call) -> Value | list[Value]:
        settings = call.settings
        heads, pairs = settings.count("num_query_heads"), settings.count("num_key_value_heads")
        if heads % pairs:
            raise settings.refused("num_key_value_heads", f"{heads} heads do not divide among {pairs}")
        length = settings.count("head_dim")
        return _Heads(call, heads, pairs, length, length).write()


class VectorAttention(LayerClass):
    """Attention without linear maps: by products of vectors, or by a sum behind tanh."""

    names = ("Attention", "AdditiveAttention", "BahdanauAttention", "LuongAttention")
    signature = "use_scale=False, score_mode='dot', dropout=0.0, seed=None"
    additive: ClassVar[str] = "AdditiveAttention"

    def write(self, call: Call) -> Value | list[Value]:
        given = [call.in_order(one) for one in call.values]
        if not 2 <= len(given) <= 3:
            raise call.refused("it is called on a list: queries, values, and perhaps keys")
        q, v, k = given[0], given[1], given[-1]
        if any(len(one.shape) != 2 for one in given):
            raise call.refused("it reads positions of vectors")
        settings, causal = call.settings, bool(call.keywords.get("use_causal_mask"))
        sums = call.layer.class_name == self.additive
        scaled = settings.flag("use_scale") if "use_scale" in settings or not sums else True
        both = bool(call.keywords.get("return_attention_scores"))
        masks = call.keywords.get("mask")
        masks = list(masks) if isinstance(masks, (list, tuple)) else []
        dots = not sums and settings.word("score_mode", ("dot", "concat")) == "dot"
        if dots and not scaled and not both and not any(isinstance(one, Value) for one in masks):
            return call.op("sdpa", q, k, v, heads=1, scale=False, causal=causal or None)
        if causal:
            call.note("the receptive field does not know that positions read none behind themselves")
        if dots:
            scores = call.op("matmul", q, k, part="scores", transpose=True)
            scores = call.op("scale", scores, part="scale", per="single") if scaled else scores
        else:
            q = call.op("rearrange", q, part="queries", pattern="t c -> t 1 c")
            k = call.op("rearrange", k, part="keys", pattern="s c -> 1 s c")
            pairs = call.op("map", q, k, part="pairs", function="add")
            if scaled and not sums:
                pairs = call.op("scale", pairs, part="scale", per="single")
            pairs = call.op("tanh", pairs, part="tanh")
            if scaled and sums:
                pairs = call.op("scale", pairs, part="scale")
            scores = call.op("reduce", pairs, part="scores", function="sum", axis=-1)
            if not sums:
                scores = call.op("scale", scores, part="weight", per="single")
        if len(masks) > 1 and isinstance(masks[1], Value):
            scores = call.op("map", scores, masks[1], part="masked", function="add")
        weights = call.op("softmax", scores, part="weights")
        put_out = call.op("matmul", weights, v)
        if masks and isinstance(masks[0], Value):
            rows = call.op("reshape", masks[0], part="mask", shape=Size((masks[0].shape.values, 1)))
            put_out = call.op("map", put_out, rows, part="shown", function="mul")
        return [put_out, weights] if both else put_out
