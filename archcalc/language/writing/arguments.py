"""The arguments of a layer, read from its op: what has to be written, and how."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ...graph import Layer
from ...ops.attributes import Axes, Count, OpError, Padding, Size, Word
from ...ops.base import Op
from .items import Slot, SlotValue

HALF = Word("half")
NOTHING: Mapping[str, Mapping[str, Any]] = {}


def arguments(layer: Layer, rules: Mapping[str, Mapping[str, Any]] = NOTHING) -> dict[str, SlotValue]:
    """The arguments of a layer; ``rules`` are the defaults of the file, by op and attribute."""
    op = layer.op
    arriving = int(layer.inputs[0].output.channels) if layer.inputs else 0
    found: dict[str, SlotValue] = {}
    for name, attribute in op.attributes.items():
        value = plain(op, name)
        if name == "frozen" and layer.frozen and not op.held_fixed:
            value = _frozen(layer)
        if value is not None and attribute.default is None and not attribute.required and _follows(op, name):
            value = None
        default = rules.get(op.name, {}).get(name, attribute.default)
        required = attribute.required and default is None
        if isinstance(attribute, Padding) and default == HALF and value == 0 and _one(op):
            value = HALF
        axes = len(layer.inputs[0].output) - 1 if layer.inputs else 1
        if name in ("kernel", "size") and isinstance(attribute, Axes) and type(value) is int and axes > 1:
            value = Size((value,) * axes)
        found[name] = Slot(name, value, arriving, isinstance(attribute, Count), None if required else default)
    return found


def plain(op: Op, name: str) -> Any:
    """The value of an attribute, written the usual way: ``half`` for the padding that it is, one number
    where all axes have the same one."""
    value = op.argument(name)
    attribute = op.attributes[name]
    if isinstance(attribute, (Axes, Padding)) and isinstance(value, tuple):
        value = Size(value)
        if name not in op.positional and len(set(value)) == 1:
            value = value[0]
    if isinstance(attribute, Padding) and name not in op.positional and op.weighted:
        if value == HALF and _one(op):
            return 0
        if _is_half(op, value):
            return HALF
    return value


def _frozen(layer: Layer) -> Any:
    """What says that the parameters of a layer are not trained: their names where ``frozen=yes`` would make
    buffers of them."""
    op = layer.op
    held = type(op)(**_others(op, "frozen"), frozen=True).facts(
        tuple([source.output for source in layer.inputs])
    )
    if held.params == layer.facts.params:
        return True
    return " ".join([tensor.name for tensor in layer.facts.tensors or () if tensor.learned])


def _others(op: Op, name: str) -> dict[str, Any]:
    """The arguments of an op but one, as far as they are given."""
    values = {other: op.argument(other) for other in op.attributes if other != name}
    return {other: value for other, value in values.items() if value is not None}


def _follows(op: Op, name: str) -> bool:
    """Whether an attribute is what it is where it is not given: the stride of a pooling."""
    try:
        return bool(type(op)(**_others(op, name)).argument(name) == op.argument(name))
    except OpError:
        return False


def house_rules(layers: Iterable[Layer]) -> dict[str, dict[str, Any]]:
    """The defaults that make a text shorter: paddings of half the kernel, convolutions without bias."""
    found: dict[str, dict[str, Any]] = {}
    everywhere = [layer.op for layer in layers if layer.op.name in ("conv", "dwconv")]
    least = sum([plain(op, "pad") == HALF for op in everywhere])
    for name in ("conv", "dwconv"):
        ops = [op for op in everywhere if op.name == name]
        rules: dict[str, Any] = {}
        larger = [op for op in ops if not _one(op)]
        biases = sum([getattr(op, "bias", True) for op in ops])
        halves = sum([plain(op, "pad") == HALF for op in larger])
        others = sum([plain(op, "pad") not in (HALF, 0) or plain(op, "pad") == 0 for op in ops]) - (
            len(ops) - len(larger)
        )
        if halves > others and least > 1:
            rules["pad"] = HALF
        if len(ops) - biases > max(1, biases):
            rules["bias"] = False
        if rules:
            found[name] = rules
    return found


def _one(op: Op) -> bool:
    """Whether the kernel is of one position."""
    kernel = getattr(op, "kernel", 1)
    return set(kernel if isinstance(kernel, tuple) else (kernel,)) == {1}


def _is_half(op: Op, pad: Any) -> bool:
    """Whether a padding is half of the dilated kernel on all sides, and is something."""
    if isinstance(pad, str):
        return pad == HALF and not _one(op)
    kernel, dilation = getattr(op, "kernel", None), getattr(op, "dilation", 1)
    if kernel is None or pad == 0:
        return False
    kernels = kernel if isinstance(kernel, tuple) else (kernel,)
    dilations = dilation if isinstance(dilation, tuple) else (dilation,) * len(kernels)
    wanted = tuple([((k - 1) * d + 1) // 2 for k, d in zip(kernels, dilations, strict=False)])
    pads = pad if isinstance(pad, tuple) else (pad,) * len(kernels)
    return wanted == tuple(pads)
