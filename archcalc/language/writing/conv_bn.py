"""A convolution without a bias and the norm behind it, as the library's block ``conv_bn``."""

from __future__ import annotations

from collections.abc import Iterable

from ...graph import Layer
from .arguments import HALF, plain
from .items import CallItem, LayerItem, Slot, SlotValue, SpecBlock, SpecItem

# The block of the library, and the argument of ``conv`` that each of its parameters is.
CONV_BN = SpecBlock("conv_bn", (), [])
CONV_BN.parameters = {"k": None, "c": None, "stride": 1, "pad": HALF, "dilation": 1, "groups": 1}
_WORDS = dict(
    zip(CONV_BN.parameters, ("kernel", "filters", "stride", "pad", "dilation", "groups"), strict=True)
)


def pays(layers: Iterable[Layer]) -> bool:
    """Whether most convolutions without a bias have a norm behind them."""
    without = [layer for layer in layers if layer.op.name == "conv" and not getattr(layer.op, "bias", True)]
    behind = {layer.inputs[0] for layer in layers if layer.op.name == "bn"}
    return len(without) > 2 and sum([layer in behind for layer in without]) > 0.8 * len(without)


def with_conv_bn(items: list[SpecItem]) -> list[SpecItem]:
    """Items in which each pair of convolution and norm is a call of ``conv_bn``."""
    found: list[SpecItem] = []
    for item in items:
        if found and isinstance(item, LayerItem) and isinstance(found[-1], LayerItem):
            call = _call(found[-1], item)
            if call is not None:
                found[-1] = call
                continue
        found.append(item)
    return found


def _call(conv: LayerItem, norm: LayerItem) -> CallItem | None:
    if conv.op.name != "conv" or norm.op.name != "bn" or conv.like is not None or norm.like is not None:
        return None
    if any(norm.op.argument(name) != attribute.default for name, attribute in norm.op.attributes.items()):
        return None
    if any(isinstance(a, Slot) and a.word == "frozen" and a.value for a in norm.arguments.values()):
        return None
    for name, held in conv.arguments.items():
        usual = False if name == "bias" else conv.op.attributes[name].default
        if name not in _WORDS.values() and not (isinstance(held, Slot) and held.value == usual):
            return None
    arguments: dict[str, SlotValue] = {}
    for name, word in _WORDS.items():
        held = conv.arguments[word]
        if not isinstance(held, Slot):
            return None
        value = held.value
        if word == "pad" and plain(conv.op, "pad") in (0, HALF) and _of_one(conv):
            value = HALF
        arguments[name] = Slot(word, value, held.arriving, held.whole, CONV_BN.parameters[name])
    return CallItem(CONV_BN, arguments, ())


def _of_one(conv: LayerItem) -> bool:
    kernel = getattr(conv.op, "kernel", 0)
    return set(kernel if isinstance(kernel, tuple) else (kernel,)) == {1}
