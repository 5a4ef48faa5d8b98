"""Operations that make one value of all along axes, and running sums."""

from __future__ import annotations

from ..calls import Call, Value, per_axis
from ..vocabulary import OperationClass

_REDUCED = {
    **{"Mean": "mean", "Sum": "sum", "Max": "max", "Min": "min", "Amax": "amax", "Amin": "amin"},
    **{"Prod": "prod", "Std": "std", "Var": "var", "All": "all", "Any": "any", "Argmax": "argmax"},
    **{"Argmin": "argmin", "Logsumexp": "logsumexp"},
}


class ReducedOperation(OperationClass):
    """One value of all along axes."""

    names = tuple(_REDUCED)
    signature = "axis=None, keepdims=False"

    def write(self, call: Call) -> Value:
        settings, x = call.settings, call.in_order(call.x)
        if settings.value("axis") is None:
            raise settings.refused("axis", "one value of the whole batch is no output for one image")
        axes = [call.spec_axis(x, axis) for axis in settings.axes("axis", x.rank)]
        function, keep = _REDUCED[call.layer.class_name], settings.flag("keepdims")
        if function == "mean" and not keep and len(axes) > 1 and axes == [*range(len(x.shape) - 1)]:
            return call.op("gap", x)
        return call.op(
            "reduce",
            x,
            function=function,
            axis=per_axis(axes),
            keep=keep or len(axes) == len(x.shape) or None,
            correction=0 if function in ("std", "var") else None,
        )


class RunningOperation(OperationClass):
    """Running sums along an axis."""

    names = ("Cumsum",)
    signature = "axis=None, dtype=None"

    def write(self, call: Call) -> Value:
        settings, x = call.settings, call.in_order(call.x)
        if settings.value("axis") is None:
            raise settings.refused("axis", "running sums over the batch are not read")
        return call.op("cumsum", x, axis=call.spec_axis(x, settings.axis("axis", x.rank)))
