"""What Keras 1 and 2 write in another way than Keras 3: settings, merges, and the numbers of calls."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from .description import KerasCall, KerasLayer, LayerOutput, tensors_in

# The sizes of a kernel of Keras 1, one by one.
_KERNELS = (("nb_row", "nb_col"), ("kernel_dim1", "kernel_dim2", "kernel_dim3"))
_ORDERS = {"tf": "channels_last", "th": "channels_first", "default": None}
_MERGES = {"sum": "Add", "mul": "Multiply", "concat": "Concatenate", "ave": "Average", "max": "Maximum"}


def modern(class_name: str, config: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """Return the class and the settings of a layer of any version by the words of Keras 3.

    Args:
        class_name: The name of the class in the file.
        config: The settings there.

    Example:
        >>> from archcalc.importing.files._keras.older import modern
        >>> modern("Merge", {"mode": "concat", "concat_axis": 1})
        ('Concatenate', {'mode': 'concat', 'axis': 1})
        >>> modern("Convolution2D", {"nb_row": 3, "nb_col": 5, "dim_ordering": "th"})
        ('Convolution2D', {'data_format': 'channels_first', 'kernel_size': [3, 5]})
    """
    config = dict(config)
    order = config.pop("dim_ordering", ...)
    if order is not ...:
        known = isinstance(order, str) and order in _ORDERS
        config.setdefault("data_format", _ORDERS[order] if known else order)
    for names in _KERNELS:
        if all(name in config for name in names):
            config.setdefault("kernel_size", [config.pop(name) for name in names])
    if "filter_length" in config:
        config.setdefault("kernel_size", config.pop("filter_length"))
    if class_name == "GRU":
        config.setdefault("reset_after", False)  # what there is of a GRU before files say it
    mode = config.get("mode")
    if class_name == "Merge" and isinstance(mode, str) and mode in _MERGES:
        class_name = _MERGES[mode]
        if "concat_axis" in config:
            config["axis"] = config.pop("concat_axis")
    return class_name, config


def count_from_zero(layers: Iterable[KerasLayer], *ends: Any) -> tuple[Any, ...]:
    """Let the calls of models within a model count from 0, as those of layers do.

    Keras 1 and 2 take what a model computes of its own inputs for its call 0, which no file has: the first
    call in a file is number 1.

    Args:
        layers: The layers; their calls are changed in place.
        ends: What the model begins and ends with.

    Returns:
        What the model begins and ends with, counted from 0.
    """
    layers = list(layers)
    last: dict[str, int] = {}
    for one in tensors_in([*ends, *[list(call.reads()) for layer in layers for call in layer.calls]]):
        last[one.layer] = max(one.call, last.get(one.layer, 0))
    shifted = {
        layer.name
        for layer in layers
        if layer.model is not None and layer.calls and last.get(layer.name) == len(layer.calls)
    }
    if not shifted:
        return ends

    def counted(value: Any) -> Any:
        if isinstance(value, LayerOutput):
            return value._replace(call=value.call - 1) if value.layer in shifted else value
        if isinstance(value, (list, tuple)):
            return type(value)([counted(one) for one in value])
        if isinstance(value, dict):
            return {key: counted(one) for key, one in value.items()}
        return value

    for layer in layers:
        layer.calls = [
            KerasCall(counted(call.positional), counted(call.keywords), call.span) for call in layer.calls
        ]
    return tuple([counted(end) for end in ends])
