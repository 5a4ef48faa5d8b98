"""The activations of Keras, as words of the language."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from .calls import Call, Value
from .description import KerasLayer
from .settings import shown

# Names of activations: the op, and its arguments. None for those that leave values as they are.
ACTIVATIONS: dict[str, tuple[str, dict[str, Any]] | None] = {
    "linear": None,
    "relu": ("relu", {}),
    "relu6": ("relu6", {}),
    "leaky_relu": ("leaky_relu", {"slope": Fraction(1, 5)}),
    "elu": ("elu", {}),
    "selu": ("selu", {}),
    "celu": ("celu", {}),
    "gelu": ("gelu", {}),
    "silu": ("silu", {}),
    "swish": ("silu", {}),
    "sigmoid": ("sigmoid", {}),
    "hard_sigmoid": ("hardsigmoid", {}),
    "hard_silu": ("hardswish", {}),
    "hard_swish": ("hardswish", {}),
    "log_sigmoid": ("logsigmoid", {}),
    "softmax": ("softmax", {}),
    "log_softmax": ("log_softmax", {}),
    "softplus": ("softplus", {}),
    "softsign": ("softsign", {}),
    "soft_shrink": ("softshrink", {}),
    "hard_shrink": ("hardshrink", {}),
    "tanh": ("tanh", {}),
    "tanh_shrink": ("tanhshrink", {}),
    "mish": ("mish", {}),
    "exponential": ("map", {"function": "exp"}),
    "glu": ("glu", {}),
}


def activated(call: Call, x: Value, setting: str = "activation") -> Value:
    """Write the activation that a setting names, behind what a layer puts out. Raises SpecError."""
    value = call.settings.value(setting)
    if value is None:
        return x
    if isinstance(value, KerasLayer):
        put_out = call.inner(value, x)
        if isinstance(put_out, Value):
            return put_out
    if not isinstance(value, str) or value not in ACTIVATIONS:
        raise call.settings.refused(
            setting, f"the activation `{shown(value)}` is not known", f"known: {', '.join(ACTIVATIONS)}"
        )
    found = ACTIVATIONS[value]
    if found is None:
        return x
    word, attributes = found
    if word in ("softmax", "log_softmax", "glu"):
        attributes = {**attributes, "axis": call.spec_axis(x, x.rank - 1)} if x.channels_first else attributes
    return call.op(word, x, **attributes)
