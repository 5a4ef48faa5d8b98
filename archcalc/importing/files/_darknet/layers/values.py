"""Layers of whole vectors, of recurrence, and those that work on each value.

Sources: src/connected_layer.c, rnn_layer.c, gru_layer.c, lstm_layer.c, normalization_layer.c, softmax_layer.c
and batchnorm_layer.c of darknet.
"""

from __future__ import annotations

from math import prod

from .....ops.attributes import Size, Word
from ... import WrittenLayer
from ..calls import DarknetCall
from ..vocabulary import SectionType


class Connected(SectionType):
    """A fully connected layer."""

    words = ("connected", "conn")
    label = "fc"

    def write(self, call: DarknetCall) -> WrittenLayer:
        norm = bool(call.section.number("batch_normalize", 0))
        made = call.op("fc", units=call.section.number("output", 1, 1), bias=not norm)
        return call.activated(call.normalised(made), "logistic")


class GatedSteps(SectionType):
    """Recurrent layers with gates: each of their maps, of input and of state, has a bias of its own."""

    words = ("lstm", "gru")

    def write(self, call: DarknetCall) -> WrittenLayer:
        word, units = call.section.word, call.section.number("output", 1, 1)
        if not call.section.number("batch_normalize", 0):
            x = call.op("flatten", part="values") if len(call.last.output) > 1 else call.last
            return call.op(word, x, units=units, biases=Word("two"))
        maps = 4 if word == "lstm" else 3
        return normalised_steps(
            call,
            [(f"map{at}", prod(call.last.output), units) for at in range(maps)]
            + [(f"state{at}", units, units) for at in range(maps)],
            units,
        )


class PlainSteps(SectionType):
    """A recurrent layer of three fully connected ones, each with its activation: of what arrives, of the
    state, and of what is put out."""

    words = ("rnn",)

    def write(self, call: DarknetCall) -> WrittenLayer:
        hidden, output = [call.section.number(key, 1, 1) for key in ("hidden", "output")]
        maps = [
            ("input", prod(call.last.output), hidden),
            ("self", hidden, hidden),
            ("output", hidden, output),
        ]
        return normalised_steps(call, maps, output)


def normalised_steps(call: DarknetCall, maps: list[tuple[str, int, int]], units: int) -> WrittenLayer:
    """Write a step whose recurrence no layer here has: its parameters and multiply-adds are stated.

    Args:
        call: The section.
        maps: The fully connected layers inside, each with its name, what it reads and what it puts out.
        units: What the step puts out.

    Returns:
        The layer.

    Raises:
        SpecError: Where sizes are no sizes.
    """
    norm = bool(call.section.number("batch_normalize", 0))
    learned = [f"{name}.weight={output}x{read}" for name, read, output in maps]
    learned += [f"{name}.bias={output}" for name, _, output in maps]
    held: list[str] = []
    if norm:
        learned += [f"{name}.scale={output}" for name, _, output in maps]
        held = [f"{name}.{kind}={output}" for name, _, output in maps for kind in ("mean", "variance")]
    call.writer.note(
        f"{call.label}: its parameters and multiply-adds are those of its {len(maps)} maps, and its other "
        "operations are not counted",
        call.section.span,
    )
    return call.op(
        "opaque",
        operation=call.section.word,
        shape=Size((units,)),
        macs=sum([read * output for _, read, output in maps]),
        tensors=" ".join(learned),
        buffers=" ".join(held) or None,
        reads=Word("everything"),
    )


class DarknetDropout(SectionType):
    """Dropout, which does nothing at inference."""

    words = ("dropout",)

    def write(self, call: DarknetCall) -> WrittenLayer:
        probability = call.section.decimal("probability", "0.5")
        if not 0 <= probability <= 1:
            text = call.section.text("probability", "")
            raise call.refused(f"a probability lies between 0 and 1: `{text[:40]}`", "probability")
        return call.op("dropout", p=probability)


class DarknetSoftmax(SectionType):
    """A softmax over all values, or over the channels of each position."""

    words = ("softmax", "soft")
    label = "softmax"

    def write(self, call: DarknetCall) -> WrittenLayer:
        section, shape = call.section, tuple(call.last.output)
        if section.number("groups", 1, 1) > 1 or section.text("tree", ""):
            key = "tree" if section.text("tree", "") else "groups"
            raise call.refused("a softmax over parts of the values is not read", key)
        if section.text("spatial", "0") in ("0", "0.0") and prod(shape[:-1]) > 1:
            return call.op("softmax", call.op("flatten", part="values"))
        return call.op("softmax")


class NormalisedChannels(SectionType):
    """Local response normalisation."""

    words = ("normalization", "lrn")
    label = "lrn"

    def write(self, call: DarknetCall) -> WrittenLayer:
        section = call.section
        size = section.number("size", 5, 1)
        # Its alpha is that of each square, and ours that of all of them together.
        return call.op(
            "lrn",
            size=size,
            alpha=section.decimal("alpha", "0.0001") * size,
            beta=section.decimal("beta", "0.75"),
            k=section.decimal("kappa", "1"),
        )


class DarknetBatchNorm(SectionType):
    """A batch norm by itself."""

    words = ("batchnorm",)
    label = "bn"

    def write(self, call: DarknetCall) -> WrittenLayer:
        return call.op("bn")


class DarknetActivation(SectionType):
    """An activation by itself."""

    words = ("activation",)

    def write(self, call: DarknetCall) -> WrittenLayer:
        return call.activated(call.op("identity"), "linear")


class NoLayer(SectionType):
    """What is no layer of inference; its number counts."""

    words = ("cost", "contrastive", "logistic", "logxent", "empty", "silence")

    def write(self, call: DarknetCall) -> WrittenLayer:
        word = call.section.word
        if word in ("logistic", "logxent"):
            return call.op("sigmoid")
        what = "it does nothing, and is" if word in ("empty", "silence") else "the loss of training is"
        call.writer.note(f"[{word}]: {what} no layer here", call.section.span)
        return call.last
