"""What newcomers write, and what it can only mean: other tools' names of layers and settings,
values in another order, an activation in the place of an arrow."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable
from functools import lru_cache

from ..diagnostics import NOTE, Diagnostic
from ..ops import Op, registry
from ..ops.attributes import Attribute, Axes, Count, Flag, Size, worded
from ..shape import Shape
from .syntax import Argument, Call, Literal, Name, Value
from .zoo_path import normal

# What other tools call settings, without underscores.
_SETTINGS = {
    "kernel": ("kernelsize", "poolsize", "ksize", "window", "windowsize"),
    "filters": ("outchannels", "numoutput", "numfilters"),
    "stride": ("strides", "s"),
    "pad": ("padding", "p"),
    "output_pad": ("outputpadding",),
    "dilation": ("dilationrate", "dilations", "d"),
    "groups": ("group", "numgroups"),
    "bias": ("usebias", "biasterm"),
    "multiplier": ("depthmultiplier", "channelmultiplier"),
    "units": ("outfeatures", "hiddensize", "numoutput", "hidden", "neurons", "hiddenunits"),
    "heads": ("numheads", "nhead"),
    "vocabulary": ("numembeddings", "inputdim", "vocabsize"),
    "size": ("embeddingdim", "outputdim", "outputsize"),
    "factor": ("scalefactor", "upscalefactor"),
    "p": ("rate", "prob"),
    "pieces": ("numpieces",),
}
LAYERS_LISTED = "`archcalc ops` lists the layers, `archcalc show NAME` shows a network"
# What other tools call the function behind a layer.
ACTIVATIONS = ("activation", "act", "nonlinearity")


@lru_cache(maxsize=1)
def _by_name(ops: tuple[type[Op], ...]) -> dict[str, tuple[type[Op], ...]]:
    """Return plain names to the ops that they may mean."""
    found: dict[str, tuple[type[Op], ...]] = {}
    for op in ops:
        for synonym in op.synonyms:
            found[synonym] = (*found.get(synonym, ()), op)
    for op in ops:
        found.setdefault(normal(op.name), (op,))
    return found


def ops_called(word: str) -> tuple[type[Op], ...]:
    """Return the ops that a word means: the one of this name, else those that other tools call so. Several
    where the shape that arrives decides."""
    ops = registry()
    exact = ops.get(word)
    return (exact,) if exact is not None else _by_name(tuple(ops.values())).get(normal(word), ())


def suiting(ops: tuple[type[Op], ...], shape: Shape | None) -> type[Op]:
    """Return the one that is meant where this shape arrives."""
    if shape is None:
        return ops[0]
    return next((op for op in ops if op.suits(shape)), ops[0])


def apart(word: str, near: str) -> str:
    """Return what an unknown word may mean, a size that was written together with it apart: `conv3x3`."""
    sizes = re.fullmatch(r"[A-Za-z_]+?([0-9]+(?:x[0-9]+)+)", word)
    return f"{near} {sizes[1]}" if sizes is not None else near


def doubt_of(call: Call, called: tuple[type[Op], ...], meant: type[Op], shape: Shape) -> Diagnostic | None:
    """Return what to say of a synonym: an error where its number of axes is another, a note where the
    shape that arrives decided what it means."""
    axes = re.search(r"([123])d", normal(call.name))
    if axes is not None and len(shape) > 1 and int(axes[1]) != len(shape) - 1:
        found = "1 axis" if len(shape) == 2 else f"{len(shape) - 1} axes"
        return Diagnostic(
            "shape",
            f"`{call.name}` is for {axes[1]} {'axis' if axes[1] == '1' else 'axes'}, and "
            f"{shape} has {found} and channels",
            call.name_span,
            help=f"`{meant.name}` goes by what arrives",
        )
    if len(called) > 1 and len(shape) > 1:
        other = next(op for op in called if op is not meant)
        return Diagnostic(
            "reading",
            f"`{call.name}` is read as `{meant.name}`, as {shape} arrives",
            call.name_span,
            severity=NOTE,
            help=f"write `{meant.name}` or `{other.name}`",
        )
    return None


def attribute_called(op: type[Op], word: str) -> Attribute | None:
    """Return the attribute that a word names, also as other tools do."""
    found = op.attributes.get(word)
    if found is not None:
        return found
    plain = normal(word)
    for name, attribute in op.attributes.items():
        if normal(name) == plain or plain in _SETTINGS.get(name, ()):
            return attribute
    return None


def renamed(op: type[Op], arguments: Iterable[Argument]) -> tuple[Argument, ...]:
    """Return arguments under the names that the op has for them. `bias=no` of a layer that may have
    several bias vectors means none; Keras' `return_sequences` is `returns`."""
    found = []
    for argument in arguments:
        if (
            "biases" in op.attributes
            and normal(argument.name) in ("bias", *_SETTINGS["bias"])
            and (_is_no(argument.value))
        ):
            none = Name(argument.value.span, ("none",))
            argument = Argument(argument.span, "biases", none)
        if "returns" in op.attributes and normal(argument.name) == "returnsequences":
            which = "last" if _is_no(argument.value) else "sequence"
            argument = Argument(argument.span, "returns", Name(argument.value.span, (which,)))
        attribute = attribute_called(op, argument.name)
        if attribute is not None and attribute.name != argument.name:
            argument = Argument(argument.span, attribute.name, argument.value)
        found.append(argument)
    return tuple(found)


def _is_no(value: Value) -> bool:
    if isinstance(value, Literal):
        return value.value is False
    return isinstance(value, Name) and value.text.lower() == "false"


def activation_of(op: type[Op], argument: Argument) -> str | None:
    """Return the layer that `activation=relu` means behind an op; None for another argument."""
    if normal(argument.name) not in ACTIVATIONS or attribute_called(op, argument.name) is not None:
        return None
    value = argument.value
    word = value.text if isinstance(value, Name) else (value.value if isinstance(value, Literal) else "")
    meant = ops_called(word) if isinstance(word, str) else ()
    return meant[0].name if meant and meant[0].group == "activation" else None


def function_called(layer: str, word: str) -> str | None:
    """Return the layer that `Activation relu` means; None for what is none."""
    meant = ops_called(word) if normal(layer) in ACTIVATIONS else ()
    return meant[0].name if meant and meant[0].group == "activation" else None


def arranged(op: type[Op], values: tuple[Value, ...]) -> tuple[tuple[Value, ...], str | None]:
    """Return values without a name in the op's order, and what to say of it: `32 3x3`, filters first, can
    only be `3x3 32`, and `3 3 32` is it too."""
    attributes = [op.attributes[name] for name in op.positional]
    if not values or not isinstance(attributes[0] if attributes else None, Axes):
        return values, None
    literals = [v.value if isinstance(v, Literal) else None for v in values]
    sized = isinstance(literals[-1], Size)
    if len(values) == 2 == len(attributes) and isinstance(attributes[1], Count) and sized:
        return (values[1], values[0]) if not isinstance(literals[0], Size) else values, None
    if len(values) == len(attributes) + 1 and literals[0] == literals[1] and (type(literals[0]) is int):
        first = Literal(values[0].span.to(values[1].span), Size((literals[0], literals[1])))
        return (first, *values[2:]), f"a kernel of two sizes is written {first.value}"
    return values, None


def is_flag(op: type[Op], word: str) -> bool:
    """Tell whether a word is the name of a setting that is `yes` or `no`."""
    return isinstance(op.attributes.get(word), Flag)


def setting_of(op: type[Op], word: str) -> str | None:
    """Return the setting that a word among the values of an op can only be: `same` is `pad=same`, `causal`
    is `causal=yes`."""
    if is_flag(op, word):
        return word
    found = [name for name, attribute in op.attributes.items() if worded(word, attribute.words)]
    return found[0] if len(found) == 1 and found[0] not in op.positional else None


def behind_is_layer(op: type[Op], word: str, taken: Container[str]) -> bool:
    """Tell whether a word among the values of an op begins another layer: an arrow was left out."""
    if word in taken or word in op.attributes:
        return False
    if any(worded(word, attribute.words) for attribute in op.attributes.values()):
        return False
    meant = ops_called(word)
    return bool(meant) and not meant[0].merge and not meant[0].expanded
