"""Layers of Keras beside Keras itself: what each learns and stores, and what a model puts out."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from forking import keras_process

from archcalc import SpecError, load
from archcalc.importing.files._keras.vocabulary import vocabulary

pytestmark = pytest.mark.skipif(find_spec("keras") is None, reason="Keras is the witness")

# The inputs a, b, c, and what is made of them.
ATTENTION = {
    "mha": ([(10, 8)], "layers.MultiHeadAttention(2, 4)(a, a)"),
    "mha key dim": ([(10, 8)], "layers.MultiHeadAttention(3, 5, value_dim=7)(a, a, use_causal_mask=True)"),
    "mha cross": ([(10, 8), (6, 12)], "layers.MultiHeadAttention(2, 5, use_bias=False)(a, b)"),
    "mha three": ([(10, 8), (6, 12), (6, 4)], "layers.MultiHeadAttention(2, 5, value_dim=3)(a, b, c)"),
    "mha output": ([(10, 8)], "layers.MultiHeadAttention(2, 4, output_shape=20)(a, a)"),
    "mha output axes": ([(10, 8)], "layers.MultiHeadAttention(2, 4, output_shape=(3, 5))(a, a)"),
    "mha map": ([(4, 5, 8)], "layers.MultiHeadAttention(2, 4)(a, a)"),
    "mha axes": ([(4, 5, 8)], "layers.MultiHeadAttention(2, 4, attention_axes=(2,))(a, a)"),
    "mha mask": ([(10, 8), (10, 10)], "layers.MultiHeadAttention(2, 4)(a, a, attention_mask=b)"),
    "mha scores": ([(10, 8), (10, 8)], "layers.MultiHeadAttention(2, 4)(a, b, return_attention_scores=True)"),
    "mha gate": ([(10, 8)], "layers.MultiHeadAttention(2, 4, use_gate=True)(a, a)"),
    "mha window": ([(10, 8)], "layers.MultiHeadAttention(2, 4, sliding_window=3)(a, a)"),
    "gqa": ([(10, 8)], "layers.GroupQueryAttention(5, 4, 2)(a, a, use_causal_mask=True)"),
    "gqa cross": ([(10, 8), (6, 8)], "layers.GroupQueryAttention(5, 4, 1, use_gate=True)(a, b)"),
    "gqa scores": (
        [(10, 8), (6, 8)],
        "layers.GroupQueryAttention(5, 4, 2)(a, b, return_attention_scores=True)",
    ),
    "attention": ([(10, 8), (6, 8)], "layers.Attention()([a, b])"),
    "attention scale": ([(10, 8), (6, 8)], "layers.Attention(use_scale=True)([a, b])"),
    "attention concat": (
        [(10, 8), (6, 8)],
        "layers.Attention(use_scale=True, score_mode='concat')([a, b], return_attention_scores=True)",
    ),
    "attention values": ([(10, 8), (6, 5), (6, 8)], "layers.Attention()([a, b, c])"),
    "additive": ([(10, 8), (6, 8)], "layers.AdditiveAttention()([a, b])"),
    "additive plain": ([(10, 8), (6, 8)], "layers.AdditiveAttention(use_scale=False)([a, b])"),
}
PRODUCTS = {
    "dot vectors": ([(8,), (8,)], "layers.Dot(1)([a, b])"),
    "dot unit": ([(8,), (8,)], "layers.Dot(-1, normalize=True)([a, b])"),
    "dot axes": ([(10, 8), (6, 10)], "layers.Dot((1, 2))([a, b])"),
    "dot one": ([(10, 8), (8,)], "layers.Dot((2, 1))([a, b])"),
    "dot maps": ([(3, 4, 5), (6, 4)], "layers.Dot((2, 2))([a, b])"),
    "einsum dense": ([(10, 8)], "layers.EinsumDense('abc,cd->abd', (None, 6), bias_axes='d')(a)"),
    "einsum heads": ([(10, 8)], "layers.EinsumDense('abc,cde->abde', (None, 2, 6), bias_axes='de')(a)"),
    "einsum back": ([(10, 2, 8)], "layers.EinsumDense('abcd,cde->abe', (None, 6), activation='relu')(a)"),
    "einsum elided": ([(4, 4, 8)], "layers.EinsumDense('...x,xy->...y', 6, bias_axes='y')(a)"),
    "einsum right": ([(3, 10, 8)], "layers.EinsumDense('ab...,bc->ac...', 6, bias_axes='c')(a)"),
    "einsum mixed": ([(10, 8)], "layers.EinsumDense('abc,bd->adc', (7, 8), bias_axes='d')(a)"),
    "einsum shared": ([(10, 8)], "layers.EinsumDense('abc,bcd->abd', (10, 7), bias_axes='bd')(a)"),
}
NORMS = {
    "ln axes": ([(4, 5, 6)], "layers.LayerNormalization(axis=(2, 3))(a)"),
    "ln all": ([(4, 5, 6)], "layers.LayerNormalization(axis=(1, 2, 3), center=False)(a)"),
    "ln front": ([(4, 5, 6)], "layers.LayerNormalization(axis=1)(a)"),
    "ln middle": ([(4, 5, 6)], "layers.LayerNormalization(axis=2, scale=False)(a)"),
    "ln apart": ([(4, 5, 6)], "layers.LayerNormalization(axis=(1, 3))(a)"),
    "ln rms": ([(4, 6)], "layers.LayerNormalization(rms_scaling=True)(a)"),
    "rms": ([(4, 5, 6)], "layers.RMSNormalization(axis=-2)(a)"),
    "bn middle": ([(4, 5, 6)], "layers.BatchNormalization(axis=2)(a)"),
    "bn front": ([(4, 5, 6)], "layers.BatchNormalization(axis=1, scale=False)(a)"),
    "gn": ([(4, 5, 6)], "layers.GroupNormalization(3, scale=False)(a)"),
    "gn middle": ([(4, 6, 5)], "layers.GroupNormalization(-1, axis=2)(a)"),
    "unit": ([(4, 5, 6)], "layers.UnitNormalization()(a)"),
    "unit axes": ([(4, 5, 6)], "layers.UnitNormalization(axis=(1, 2))(a)"),
    "spectral": ([(8, 9, 3)], "layers.SpectralNormalization(layers.Conv2D(6, 3, activation='relu'))(a)"),
    "spectral dense": ([(8,)], "layers.SpectralNormalization(layers.Dense(6))(a)"),
    "spectral transpose": ([(8, 9, 3)], "layers.SpectralNormalization(layers.Conv2DTranspose(6, 3))(a)"),
    "spectral table": ([(8,)], "layers.SpectralNormalization(layers.Embedding(10, 4))(a)"),
    "normalization": ([(4, 5, 6)], "layers.Normalization(axis=(1, 3))(a)"),
    "normalization one": ([(4, 5, 6)], "layers.Normalization(axis=None)(a)"),
}
OPERATIONS = {
    "op numbers": ([(10, 8)], "2 * (1 - a) / 3 + (a ** 2) % 5 - abs(-a)"),
    "op pairs": ([(10, 8), (1, 8)], "ops.maximum(a - b, a * b) + ops.power(a, b) / b"),
    "op compare": ([(10, 8), (10, 8)], "ops.where(a > b, a, 0.0) + ops.cast(a <= 3, 'float32')"),
    "op constant": ([(10, 8)], "a + np.ones((1, 10, 8), 'float32') * np.ones((8,), 'float32')"),
    "op functions": ([(10, 8)], "ops.exp(ops.log(a)) + ops.sqrt(ops.square(a)) + ops.erf(a) + ops.sign(a)"),
    "op activations": (
        [(10, 8)],
        "ops.relu(a) + ops.gelu(a) + ops.sigmoid(a) + ops.silu(a) + ops.softmax(a, axis=1) + ops.elu(a, 2.0)",
    ),
    "op leaky": ([(10, 8)], "ops.leaky_relu(a, 0.1) + ops.hard_tanh(a) + ops.threshold(a, 0.5, 1.0)"),
    "op clip": ([(10, 8)], "ops.clip(a, -1, 1)"),
    "op reduce": (
        [(4, 5, 8)],
        "[ops.mean(a, axis=(1, 2)), ops.max(a, -1), ops.sum(a, (1, 3), keepdims=True), ops.std(a, axis=2),"
        " ops.argmax(a, axis=1), ops.logsumexp(a, axis=3)]",
    ),
    "op reshape": ([(4, 5, 8)], "[ops.reshape(a, (-1, 20, 8)), ops.reshape(a, (-1, 4, 40))]"),
    "op axes": (
        [(4, 5, 8)],
        "[ops.transpose(a, (0, 3, 1, 2)), ops.swapaxes(a, 1, 3), ops.moveaxis(a, 1, -1),"
        " ops.moveaxis(a, -1, 1)]",
    ),
    "op more axes": (
        [(5, 8)],
        "[ops.expand_dims(a, 1), ops.expand_dims(a, -1), ops.squeeze(ops.expand_dims(a, 2), 2)]",
    ),
    "op join": (
        [(4, 5, 8), (4, 5, 8)],
        "[ops.concatenate([a, b], -1), ops.concatenate([a, b], axis=1), ops.stack([a, b], axis=1),"
        " ops.stack([a, b], -1)]",
    ),
    "op split": (
        [(4, 6, 8)],
        "[*ops.split(a, 2, axis=-1), *ops.split(a, [1, 3], axis=2), *ops.unstack(a, 4, axis=1)]",
    ),
    "op item": (
        [(4, 6, 8)],
        "[a[:, 0], a[:, -1], a[:, 1:3], a[..., 2], a[:, ::2, 1:, :4], a[:, None], a[..., None],"
        " a[:, :, 0, 3]]",
    ),
    "op repeat": (
        [(4, 6)],
        "[ops.repeat(a, 3, axis=1), ops.tile(a, (1, 2, 3)), ops.flip(a, 1), ops.roll(a, 2, axis=1)]",
    ),
    "op take": ([(4, 6)], "[ops.take(a, 1, axis=1), ops.take(a, np.array([0, 2, 2]), axis=2)]"),
    "op pad": (
        [(4, 5, 6)],
        "[ops.pad(a, ((0, 0), (1, 2), (0, 3), (0, 0))), ops.pad(a, ((0, 0), (0, 0), (0, 0), (1, 2))),"
        " ops.pad(a, ((0, 0), (1, 1), (2, 2), (0, 0)), mode='reflect')]",
    ),
    "op matmul": ([(3, 4, 5), (3, 5, 6)], "[ops.matmul(a, b), a @ np.ones((5, 7), 'float32')]"),
    "op einsum": ([(4, 5), (6, 5)], "ops.einsum('bqd,bkd->bqk', a, b)"),
    "op attention": ([(7, 4, 5), (6, 2, 5), (6, 2, 5)], "ops.dot_product_attention(a, b, c)"),
    "op pools": ([(8, 9, 3)], "[ops.max_pool(a, 2), ops.average_pool(a, 3, 2, padding='same')]"),
    "op resize": (
        [(8, 9, 3)],
        "[ops.image.resize(a, (16, 5)), ops.normalize(a, axis=-1), ops.cumsum(a, axis=1)]",
    ),
    "op unknown": ([(8, 4)], "ops.sort(a, axis=1) + ops.median(a, axis=1, keepdims=True)"),
    "op like": ([(8, 4)], "a + ops.zeros_like(a)"),
}
# Networks as people write them.
NETWORKS = {
    "vit": (
        [(32, 32, 3)],
        "x = layers.Conv2D(16, 8, strides=8)(a); x = layers.Reshape((16, 16))(x); "
        "h = layers.LayerNormalization(epsilon=1e-6)(x); x = x + layers.MultiHeadAttention(4, 4)(h, h); "
        "h = layers.Dense(32, activation='gelu')(layers.LayerNormalization()(x)); "
        "x = x + layers.Dense(16)(h); layers.Dense(10)(ops.mean(layers.LayerNormalization()(x), axis=1))",
    ),
    "bert": (
        [(12,), (12,)],
        "x = layers.Embedding(50, 16)(a) + layers.Embedding(2, 16)(b); x = layers.LayerNormalization()(x); "
        "x = layers.LayerNormalization()(x + layers.MultiHeadAttention(2, 8)(x, x)); "
        "h = layers.Dense(16)(ops.gelu(layers.Dense(32)(x))); x = layers.LayerNormalization()(x + h); "
        "layers.Dense(16, activation='tanh')(x[:, 0])",
    ),
    "gpt": (
        [(12,)],
        "x = layers.Embedding(50, 16)(a); h = layers.LayerNormalization()(x); "
        "x = x + layers.MultiHeadAttention(2, 8)(h, h, use_causal_mask=True); "
        "x = x + layers.Dense(16)(layers.Dense(64, activation='gelu')(layers.LayerNormalization()(x))); "
        "layers.Dense(50, use_bias=False)(x)",
    ),
    "convnext": (
        [(16, 16, 3)],
        "x = layers.LayerNormalization()(layers.Conv2D(8, 4, strides=4)(a)); "
        "h = layers.LayerNormalization(epsilon=1e-6)(layers.DepthwiseConv2D(7, padding='same')(x)); "
        "h = layers.Dense(8)(layers.Activation('gelu')(layers.Dense(32)(h))); x = x + h; "
        "layers.Dense(10)(layers.GlobalAveragePooling2D()(x))",
    ),
    "squeeze": (
        [(16, 16, 8)],
        "x = layers.Conv2D(32, 1, use_bias=False)(a); x = ops.silu(layers.BatchNormalization()(x)); "
        "s = ops.mean(x, axis=(1, 2), keepdims=True); s = layers.Conv2D(4, 1, activation='silu')(s); "
        "x = x * layers.Conv2D(32, 1, activation='sigmoid')(s); layers.Conv2D(8, 1)(x) + a",
    ),
}
RECURRENT = {
    "lstm states": ([(10, 8)], "layers.LSTM(4, return_state=True)(a)"),
    "lstm all": ([(10, 8)], "layers.LSTM(4, return_sequences=True, return_state=True)(a)"),
    "gru states": ([(10, 8)], "layers.GRU(4, return_sequences=True, return_state=True)(a)"),
    "rnn backwards": ([(10, 8)], "layers.SimpleRNN(4, go_backwards=True, return_state=True)(a)"),
    "lstm given": ([(10, 8), (4,), (4,)], "layers.LSTM(4)(a, initial_state=[b, c])"),
    "gru given": ([(10, 8), (4,)], "layers.GRU(4, return_sequences=True)(a, initial_state=b)"),
    "seq2seq": (
        [(10, 8), (6, 5)],
        "e = layers.LSTM(4, return_state=True)(a); "
        "d = layers.LSTM(4, return_sequences=True, return_state=True)(b, initial_state=e[1:]); "
        "layers.Dense(5, activation='softmax')(d[0])",
    ),
    "lstm relu": ([(10, 8)], "layers.LSTM(4, activation='relu', return_sequences=True)(a)"),
    "lstm hard": ([(10, 8)], "layers.LSTM(4, recurrent_activation='hard_sigmoid', use_bias=False)(a)"),
    "gru linear": ([(10, 8)], "layers.GRU(4, activation='linear')(a)"),
    "cell": ([(10, 8)], "layers.RNN(layers.LSTMCell(4), return_sequences=True)(a)"),
    "cells": (
        [(10, 8)],
        "layers.RNN([layers.LSTMCell(4), layers.GRUCell(5), layers.SimpleRNNCell(3)], return_state=True)(a)",
    ),
    "stacked": (
        [(10, 8)],
        "layers.RNN(layers.StackedRNNCells([layers.GRUCell(4, reset_after=False), layers.GRUCell(5)]))(a)",
    ),
    **{
        f"both {mode}": ([(10, 8)], f"layers.Bidirectional(layers.{kind}, merge_mode={mode!r})(a)")
        for mode, kind in (
            ("sum", "LSTM(4)"),
            ("mul", "GRU(4, return_sequences=True)"),
            ("ave", "SimpleRNN(4)"),
            (None, "LSTM(4, return_sequences=True)"),
        )
    },
    "both states": ([(10, 8)], "layers.Bidirectional(layers.LSTM(4, return_state=True))(a)"),
    "both all": (
        [(10, 8)],
        "layers.Bidirectional(layers.GRU(4, return_state=True, return_sequences=True), merge_mode='sum')(a)",
    ),
    "both given": ([(10, 8), (4,), (4,)], "layers.Bidirectional(layers.GRU(4))(a, initial_state=[b, c])"),
    "both cells": (
        [(10, 8)],
        "layers.Bidirectional(layers.RNN([layers.LSTMCell(4), layers.GRUCell(5)], return_sequences=True))(a)",
    ),
    "both two": (
        [(10, 8)],
        "layers.Bidirectional(layers.LSTM(4), backward_layer=layers.GRU(4, go_backwards=True))(a)",
    ),
    "both relu": ([(10, 8)], "layers.Bidirectional(layers.LSTM(4, activation='relu'))(a)"),
    "convlstm": ([(5, 8, 9, 3)], "layers.ConvLSTM2D(4, 3, padding='same', return_sequences=True)(a)"),
    "convlstm valid": ([(5, 8, 9, 3)], "layers.ConvLSTM2D(4, (3, 2), strides=2, use_bias=False)(a)"),
    "convlstm 1": ([(5, 8, 3)], "layers.ConvLSTM1D(4, 3, dilation_rate=2)(a)"),
    "convlstm 3": ([(2, 4, 4, 4, 1)], "layers.ConvLSTM3D(2, 2)(a)"),
    "convlstm both": (
        [(5, 8, 9, 3)],
        "layers.Bidirectional(layers.ConvLSTM2D(4, 3, return_sequences=True))(a)",
    ),
}
EACH_STEP = {
    f"each {number}": ([(3, 8, 9, 4)], f"layers.TimeDistributed({layer})(a)")
    for number, layer in enumerate(
        (
            "layers.Conv2D(5, (3, 2), strides=2, padding='same', activation='relu')",
            "layers.Conv2D(6, 3, groups=2, dilation_rate=2, use_bias=False)",
            "layers.DepthwiseConv2D(3, depth_multiplier=2)",
            "layers.SeparableConv2D(6, 3, padding='same')",
            "layers.MaxPooling2D()",
            "layers.AveragePooling2D(3, 2, padding='same')",
            "layers.GlobalAveragePooling2D()",
            "layers.GlobalMaxPooling2D(keepdims=True)",
            "layers.BatchNormalization()",
            "layers.LayerNormalization(axis=(1, 2, 3))",
            "layers.Flatten()",
            "layers.Reshape((-1, 4))",
            "layers.ZeroPadding2D(((1, 2), (0, 3)))",
            "layers.Cropping2D(2)",
            "layers.Dense(5)",
            "layers.Softmax(axis=1)",
            "layers.Conv2DTranspose(5, (3, 2), strides=2, padding='same', activation='relu')",
            "layers.Conv2DTranspose(5, 3, strides=(2, 3), output_padding=1)",
        )
    )
}
EACH_STEP["each model"] = (
    [(3, 16, 16, 3)],
    "i = keras.Input((16, 16, 3)); x = layers.Conv2D(4, 3, padding='same', activation='relu')(i); "
    "y = layers.BatchNormalization()(x) + x; y = layers.Flatten()(layers.MaxPooling2D()(y)); "
    "m = keras.Model(i, layers.Dense(6)(y)); layers.LSTM(5)(layers.TimeDistributed(m)(a))",
)
EACH_STEP["each causal"] = (
    [(3, 8, 4)],
    "layers.TimeDistributed(layers.Conv1D(5, 3, padding='causal', dilation_rate=2))(a)",
)
EACH_STEP["each of each"] = (
    [(3, 5, 8, 4)],
    "layers.TimeDistributed(layers.TimeDistributed(layers.Conv1D(5, 3)))(a)",
)
OTHERS = {
    "masking": ([(10, 8)], "layers.LSTM(4)(layers.Masking(-1.0)(a))"),
    "lambda shape": (
        [(10, 8)],
        "x = layers.Lambda(lambda t: t[:, 0], output_shape=(8,))(a); layers.Dense(2)(x)",
    ),
    "lambda read": ([(10, 8)], "layers.Dense(2)(layers.Lambda(lambda t: t * 2)(a))"),
    "categories": ([(1,)], "layers.CategoryEncoding(5, output_mode='one_hot')(a)"),
    "categories many": ([(7,)], "layers.CategoryEncoding(5)(a)"),
    "bins": ([(7,)], "layers.Discretization([0.0, 1.0, 2.0])(a)"),
    "crop": ([(8, 9, 3)], "layers.RandomCrop(4, 5)(a)"),
    "contrast": ([(8, 9, 3)], "layers.AutoContrast()(a)"),
    "mel": ([(16000,)], "layers.MelSpectrogram(num_mel_bins=64, sequence_stride=256)(a)"),
    "stft": ([(1000, 1)], "ops.relu(layers.STFTSpectrogram(frame_length=100, frame_step=50)(a))"),
    "reversible": (
        [(7,)],
        "e = layers.ReversibleEmbedding(50, 8); x = e(a); e(layers.Dense(8)(x), reverse=True)",
    ),
    "pipeline": ([(8, 9, 3)], "layers.Pipeline([layers.Rescaling(2.0), layers.RandomFlip()])(a)"),
}
CASES = {**EACH_STEP, **RECURRENT, **OTHERS, **NETWORKS, **ATTENTION, **PRODUCTS, **NORMS, **OPERATIONS}
# Run with Keras: it builds each model, and says what it counts and puts out.
SCRIPT = """\
import json, math, sys
import keras
from keras import layers, ops
import numpy as np
def sizes(weights):
    return sum(math.prod(weight.shape) for weight in weights if "seed_generator" not in weight.path)
def built(shapes, code):
    keras.backend.clear_session()
    inputs = [keras.Input(tuple(shape), name="abcd"[at]) for at, shape in enumerate(shapes)]
    made = dict(zip("abcd", inputs))
    lines = code.split("; ")
    for line in lines[:-1]:
        exec(line, globals(), made)
    model = keras.Model(inputs, eval(lines[-1], {**globals(), **made}))
    counts = {}
    for layer in model.layers:
        counts[layer.name] = [sizes(layer.trainable_weights), sizes(layer.non_trainable_weights)]
    return [model.to_json(), counts, [list(one.shape[1:]) or [1] for one in model.outputs]]
found = {}
with open("cases.json") as file:
    cases = json.load(file)
for name, (shapes, code) in cases.items():
    try:
        found[name] = built(shapes, code)
    except Exception as error:
        found[name] = repr(error)
print(json.dumps(found))
"""


def witnessed(cases: dict[str, tuple[list[tuple[int, ...]], str]]) -> dict[str, Any]:
    """What Keras says of models: the configuration, what each layer counts, and the outputs."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "cases.json").write_text(json.dumps(cases), "utf-8")
        found: dict[str, Any] = keras_process().printed(SCRIPT, Path(folder))
    return found


def compared(
    text: str, counts: dict[str, list[int]], outputs: list[list[int]], path: Path, turned: bool
) -> None:
    """Hold what is read of a configuration against what Keras counts and puts out.

    With ``turned`` Keras has the channels in front, and the spec behind.
    """
    path.write_text(text)
    network = load(str(path))
    found: dict[str, list[int]] = {}
    for layer in network.summary(with_heads=True).to_dict()["layers"]:
        # Keras counts a model at each step as one layer.
        name = layer["module"] if layer["module"] in counts else "time_distributed"
        mine = found.setdefault(name, [0, 0])
        mine[0] += layer["trainable"]
        mine[1] += layer["params"] - layer["trainable"] + layer["buffers"]
    assert {one: both for one, both in found.items() if any(both)} == {
        one: both for one, both in counts.items() if any(both)
    }
    graph = network.graph
    ends = [[int(n) for n in layer.output] for layer in (graph.output, *graph.heads.values())]
    if len(ends) < len(outputs):  # the end of a sequence is the state too, and is one tensor here
        outputs = outputs[1:] if outputs[0] == outputs[1] else outputs[:-1]
    for mine, theirs in zip(ends, outputs, strict=True):
        if turned:
            mine = [mine[-1], *mine[:-1]]
        # Keras leaves sizes open that a layer states as None.
        assert mine == [n if n is not None else m for n, m in zip(theirs, mine, strict=True)]


@pytest.fixture(scope="module")
def models() -> dict[str, Any]:
    """The models, each built once."""
    return witnessed(CASES)


@pytest.mark.parametrize("name", CASES)
def test_layers(name: str, models: dict[str, Any], tmp_path: Path) -> None:
    """Defeats: an equal share of the channels where a head has a length of its own, a bias that is left out,
    a norm over the channels where other axes are meant, a stored vector that is not counted."""
    assert isinstance(models[name], list), models[name]
    turned = "front" in name or "channels_first" in CASES[name][1]
    compared(*models[name], tmp_path / "model.json", turned)


def older(*layers: tuple[str, dict[str, Any], list[Any]]) -> str:
    """A model as Keras 2 with TensorFlow writes it, of layers with their calls."""
    first = {
        "class_name": "InputLayer",
        "config": {"batch_input_shape": [None, 4, 6], "name": "a"},
        "name": "a",
    }
    found = [{**first, "inbound_nodes": []}]
    for number, (kind, config, nodes) in enumerate(layers):
        name = f"l{number}"
        found.append(
            {"class_name": kind, "name": name, "config": {"name": name, **config}, "inbound_nodes": nodes}
        )
    ends = {"input_layers": [["a", 0, 0]], "output_layers": [[f"l{len(layers) - 1}", 0, 0]]}
    return json.dumps({"class_name": "Functional", "config": {"name": "m", "layers": found, **ends}})


@pytest.mark.parametrize(
    ("layers", "output"),
    [
        ([("TFOpLambda", {"function": "math.add"}, [["a", 0, 0, {"y": 2.0, "name": None}]])], [4, 6]),
        ([("TFOpLambda", {"function": "__operators__.add"}, [["a", 0, 0, {"y": ["a", 0, 0]}]])], [4, 6]),
        (
            [
                (
                    "TFOpLambda",
                    {"function": "math.reduce_mean"},
                    [["a", 0, 0, {"axis": [1], "keepdims": False}]],
                )
            ],
            [6],
        ),
        ([("TFOpLambda", {"function": "reshape"}, [["a", 0, 0, {"shape": [-1, 24]}]])], [24]),
        (
            [
                (
                    "TFOpLambda",
                    {"function": "concat"},
                    [[["a", 0, 0, {"axis": -1}], ["a", 0, 0, {"axis": -1}]]],
                )
            ],
            [4, 12],
        ),
        (
            [
                (
                    "TFOpLambda",
                    {"function": "linalg.matmul"},
                    [["a", 0, 0, {"b": ["a", 0, 0], "transpose_b": True}]],
                )
            ],
            [4, 4],
        ),
        ([("TFOpLambda", {"function": "compat.v1.transpose"}, [["a", 0, 0, {"perm": [0, 2, 1]}]])], [6, 4]),
        (
            [
                (
                    "SlicingOpLambda",
                    {"function": "__operators__.getitem"},
                    [["a", 0, 0, {"slice_spec": [{"start": None, "stop": None, "step": None}, 0]}]],
                )
            ],
            [6],
        ),
        ([("TFOpLambda", {"function": "nn.leaky_relu"}, [["a", 0, 0, {"alpha": 0.2}]])], [4, 6]),
    ],
)
def test_functions_of_tensorflow(layers: list[Any], output: list[int], tmp_path: Path) -> None:
    """Defeats: an argument of TensorFlow that is passed over, as another name has its value in Keras 3."""
    path = tmp_path / "model.json"
    path.write_text(older(*layers))
    assert list(load(str(path)).graph.output.output) == output


@pytest.mark.parametrize(
    ("layer", "config", "output"),
    [
        ("Hashing", {"num_bins": 10}, [4, 6]),
        ("Hashing", {"num_bins": 10, "output_mode": "one_hot"}, [4, 6, 10]),
        ("StringLookup", {"vocabulary": ["x", "y"], "output_mode": "multi_hot"}, [4, 3]),
        ("IntegerLookup", {"max_tokens": 20, "pad_to_max_tokens": True, "output_mode": "count"}, [4, 20]),
        ("TextVectorization", {"output_sequence_length": 30}, [30]),
        ("LocallyConnected1D", {"filters": 3, "kernel_size": [2]}, [3, 3]),
    ],
)
def test_layers_that_need_tensorflow(
    layer: str, config: dict[str, Any], output: list[int], tmp_path: Path
) -> None:
    """Layers of which TensorFlow alone makes a model; the sizes are those of their documentation."""
    path = tmp_path / "model.json"
    path.write_text(older((layer, config, [["a", 0, 0, {}]])))
    assert list(load(str(path)).graph.output.output) == output


CLASSES = """\
import inspect, json
from keras import layers
found = [getattr(layers, name) for name in dir(layers)]
classes = [one for one in found if inspect.isclass(one) and issubclass(one, layers.Layer)]
print(json.dumps(sorted({one.__name__ for one in classes})))
"""


def test_every_class_of_keras_is_read_or_refused(tmp_path: Path) -> None:
    """A class that is new in Keras fails here by its name, until it is read or refused with a reason."""
    names = keras_process().printed(CLASSES, tmp_path)
    assert len(names) > 140
    assert [name for name in names if name not in vocabulary() and name != "InputLayer"] == []


@pytest.mark.parametrize(
    ("layer", "reason"),
    [
        ("layers.TorchModuleWrapper(None)", "module of PyTorch"),
        ("layers.LSTMCell(4)", "a cell by itself"),
        ("layers.TextVectorization()", "depends on the texts"),
        ("layers.StringLookup(output_mode='one_hot')", "depends on a vocabulary"),
    ],
)
def test_a_refusal_has_its_reason(layer: str, reason: str, tmp_path: Path) -> None:
    """Defeats: a layer that is passed over, or refused as if its class did not exist."""
    path = tmp_path / "net.py"
    path.write_text(
        f"import keras\nfrom keras import layers\ni = keras.Input((10,))\nkeras.Model(i, {layer}(i))\n"
    )
    with pytest.raises(SpecError, match=reason):
        load(str(path))


def test_the_page_on_layers_is_that_of_the_classes() -> None:
    """docs/keras_layers.md is what its script writes."""
    script = Path(__file__).parent.parent / "docs" / "keras_layers.py"
    subprocess.run([sys.executable, str(script), "--check"], check=True)


@pytest.mark.parametrize(
    "node",
    [
        {"args": [[1, 2]], "kwargs": {}},
        {"args": [[]], "kwargs": {}},
        {"args": [-1, -1], "kwargs": {}},
        {"args": [], "kwargs": {}},
    ],
)
@pytest.mark.parametrize("kind", ["Stack", "Concatenate", "Matmul", "Add", "Where", "Einsum"])
def test_operations_on_nothing_are_refused(kind: str, node: dict[str, Any], tmp_path: Path) -> None:
    """Defeats: an error of Python for an operation that no tensor arrives at."""
    found = json.loads(older((kind, {"axis": -1, "subscripts": "ab,ab->ab"}, [node])))
    found["config"]["layers"][1]["module"] = "keras.src.ops.numpy"
    path = tmp_path / "model.json"
    path.write_text(json.dumps(found))
    with pytest.raises(SpecError):
        load(str(path))
