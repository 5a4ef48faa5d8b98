"""Settings that a sheet repeats of a layer: a column ``stride``, or ``96 11x11 filters at stride 4,
pad 0`` behind its name. They are no answers: where they are the network's they are read, and else
it is said that they are not."""

from __future__ import annotations

import re
from math import prod
from typing import TYPE_CHECKING, Any

from ...graph import Graph
from ..wording import normalised
from .names import bare

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...graph import Layer

INPUT = "input"
# How columns and texts call the settings of layers.
_CALLED = {
    **dict.fromkeys(
        ("in", "input", "inputs", "inputsize", "inputshape", "inputvolume", "inchannels", "inputchannels"),
        INPUT,
    ),
    **dict.fromkeys(
        (
            "kernel",
            "kernels",
            "kernelsize",
            "filtersize",
            "window",
            "windowsize",
            "receptivefieldofthefilter",
            "k",
            "f",
        ),
        "kernel",
    ),
    **dict.fromkeys(("stride", "strides", "s"), "stride"),
    **dict.fromkeys(("pad", "padding", "p"), "pad"),
    **dict.fromkeys(("dilation", "dilations", "rate"), "dilation"),
    **dict.fromkeys(("groups", "group"), "groups"),
    **dict.fromkeys(
        (
            "filters",
            "filter",
            "noffilters",
            "numberoffilters",
            "offilters",
            "maps",
            "channels",
            "outchannels",
            "featuremaps",
            "neurons",
            "units",
            "outputs",
            "classes",
        ),
        "filters",
    ),
}
_TOKEN = re.compile(r"\d+(?:x\d+)*|[a-z]+")
_NUMBER = re.compile(r"\d+")
_NONE = ("", "-", "n/a", "none", "0")
# A kernel is called by what it is a size of.
_OF = ("filter", "filters", "kernel", "kernels", "conv", "convolution", "convolutions", "window")


def setting_called(head: str) -> str:
    """The setting that a column's head names; empty for none."""
    return _CALLED.get(bare(head.lstrip("# ")), "")


def disagreement(text: str, setting: str, graph: Graph, name: str) -> str:
    """Why a cell of settings is not what the layer has; empty where it is, or says nothing."""
    plain = normalised(text[:300])
    layer = graph.layer(name)
    if plain in _NONE or layer is None:
        return ""
    numbers = [int(number) for number in _NUMBER.findall(plain) if len(number) < 19]
    return _unlike(setting, numbers, text, layer)


def unlike(text: str, graph: Graph, name: str) -> Iterator[str]:
    """Yield what a description claims that does not hold for a layer, or that is not understood."""
    plain = normalised(text)
    layer = graph.layer(name)
    words = _TOKEN.findall(plain)
    for at, word in enumerate(words):
        if not word[0].isdigit():
            continue
        numbers = [int(number) for number in word.split("x") if len(number) < 19]
        setting = _meant(words, at)
        why = (
            _unlike(setting, numbers, word, layer)
            if setting and layer is not None
            else (f"`{word}` is not read")
        )
        if why:
            yield why


def _meant(words: list[str], at: int) -> str:
    """The setting whose value a number of a description is."""
    if "x" in words[at]:
        return "kernel"
    before = _CALLED.get(words[at - 1], "") if at else ""
    if before in ("stride", "pad", "dilation", "groups"):
        return before
    behind = words[at + 1 : at + 3]
    if behind[:1] and "x" in behind[0] and behind[0][0].isdigit() and behind[1:2] and (behind[1] in _OF):
        return "filters"
    return "filters" if behind[:1] and _CALLED.get(behind[0]) in ("filters", "kernel") else ""


def _unlike(setting: str, numbers: list[int], text: str, layer: Layer) -> str:
    has = _value(setting, layer)
    if has is None or not numbers:
        return f"`{text}` is not read: {layer.name} has no {setting}"
    whole = list(has)
    if numbers == whole or (len(set(whole)) == 1 and set(numbers) == {whole[0]}):
        return ""
    if setting == INPUT and numbers in (whole[-1:], whole[:-1], [prod(whole)]):
        return ""  # its channels, its size, or how many values it has
    actual = "x".join(map(str, whole if len(set(whole)) > 1 or setting == INPUT else whole[:1]))
    return f"{setting} {text}, where {layer.name} has {actual}"


def _value(setting: str, layer: Layer) -> tuple[int, ...] | None:
    """A setting of a layer as numbers; None where it has none."""
    if setting == INPUT:
        return tuple(layer.inputs[0].output) if len(layer.inputs) == 1 else None
    names = ("filters", "units") if setting == "filters" else (setting,)
    found: Any = next((layer.op.argument(name) for name in names if name in layer.op.attributes), None)
    if isinstance(found, int):
        return (found,)
    if isinstance(found, tuple) and found and all(isinstance(one, int) for one in found):
        return found
    return None
