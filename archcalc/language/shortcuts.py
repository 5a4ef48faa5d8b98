"""The shortcut of residual units: nothing, or a projection where the shapes differ."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from ..arithmetic import key_of
from ..diagnostics import fault
from ..graph import Group, Layer
from ..ops.attributes import OpError, Size, whole
from ..ops.base import Op
from ..ops.merging import StridedIdentity
from ..shape import Shape
from .building import GraphBuilder
from .frames import Here
from .layer_calls import LayerCall
from .layers import LayerMaker
from .naming import projection
from .problems import Budget
from .syntax import Call
from .values import attribute_value
from .words import Words


class Shortcuts:
    """Expands ``shortcut``; see ``ops.merging.Shortcut``."""

    def __init__(self, builder: GraphBuilder, words: Words, layers: LayerMaker, budget: Budget):
        self._builder = builder
        self._ops = words.ops
        self._layers = layers
        self._budget = budget

    def expand(
        self,
        call: Call,
        here: Here,
        arriving: Layer | None,
        sibling: Layer | None,
        before: int,
        label: str | None,
    ) -> Layer | None:
        """Return what a shortcut puts out beside a sibling branch, None if that cannot be known. ``before``
        layers stood there when the branches began. Raises PlacedError where nothing fits."""
        plan = LayerCall.of(call, self._ops["shortcut"])
        settings: Any = plan.instance(here, arriving)[0]
        if label is None:
            label = here.shortcut_label()
        full = here.scope.prefix + label
        scope = self._builder.scope(full + ".", full)
        group = Group("statement", full)
        inner = Here(here.frame, scope, group, here.recent, False, here.turn, here.statement)
        first = len(self._builder.layers)
        result = arriving
        # Where not even the number of axes agrees, `add` says so.
        if arriving is not None and sibling is not None and (len(arriving.output) == len(sibling.output) > 1):
            agree = arriving.output == sibling.output
            stride = 1
            if not agree or settings.kind == "C":
                stride = _stride(call, arriving, sibling, before)
            if not agree and settings.kind == "A":
                result = self._padded(plan, stride, arriving, sibling.output, inner)
            elif not agree or settings.kind == "C":
                result = self._projected(plan, settings, stride, arriving, sibling.output, inner)
        scope.close()
        here.place(label, result, first)
        if group.members:
            here.group.members.append(group)
        # By its text a shortcut may be a convolution, whatever the values make of it.
        here.scope.absorb(projection(), here.repeated)
        return result

    def _padded(self, plan: LayerCall, stride: Any, arriving: Layer, wanted: Shape, here: Here) -> Layer:
        """Option A: the positions at the stride, with channels of zeros."""
        if wanted.channels < arriving.output.channels:
            raise fault(
                "shape",
                f"kind=A adds channels: {arriving.output.channels} arrive, "
                f"the sibling branch has {wanted.channels}",
                plan.call,
                "kind=B projects where the shapes differ",
            )
        values = {"stride": stride, "channels": wanted.channels}
        result = self._layer(plan, StridedIdentity, values, arriving, here)
        here.group.text = "shortcut kind=A"
        return result

    def _projected(
        self, plan: LayerCall, settings: Any, stride: Any, arriving: Layer, wanted: Shape, here: Here
    ) -> Layer:
        """Options B and C: a 1x1 convolution, and the norm behind it."""
        values = {
            "kernel": Size((1,) * (len(wanted) - 1)),
            "filters": wanted.channels,
            "stride": stride,
            "bias": settings.bias,
        }
        result = self._layer(plan, self._ops["conv"], values, arriving, here)
        here.group.text = result.text
        if settings.norm:
            norm = self._ops["bn"]
            rules = {
                name: attribute_value(argument.value, norm.attributes[name], here, result)
                for name, argument in plan.call.defaults.get("bn", {}).items()
                if name in norm.attributes
            }
            result = self._layer(plan, norm, {}, result, here, rules)
            here.group.text += ", bn"
        return result

    def _layer(
        self,
        plan: LayerCall,
        op: type[Op],
        values: dict[str, Any],
        source: Layer,
        here: Here,
        rules: dict[str, Any] | None = None,
    ) -> Layer:
        """Return a layer of a shortcut; ``rules`` are house rules, of which its text is silent."""
        call = plan.call
        self._budget.spend(call.span)
        everything = {**(rules or {}), **values}
        key = ("made", op, key_of(tuple(everything.items())))
        instance = plan.kept(key)
        if instance is None:
            try:
                instance = op(**everything)
            except OpError as problem:
                raise plan.refusal(problem, [source]) from None
            plan.keep(key, instance, everything, here)
        text = instance.describe([name for name in values if name != "bias"])
        return self._layers.make(plan, instance, text, (source,), here)


def _stride(call: Call, arriving: Layer, sibling: Layer, before: int) -> Any:
    """Return the stride of a projection. Raises PlacedError where the sibling branch enlarges."""
    strides = _strides(sibling, before, len(sibling.output) - 1)
    if any(whole(step) is None for step in strides):
        raise fault(
            "shape",
            f"`shortcut` cannot enlarge: {arriving.output} arrive, the sibling branch has {sibling.output}",
            call,
            "write what enlarges instead, such as `tconv` or `upsample`",
        )
    return strides[0] if len(set(strides)) == 1 else Size(strides)


def _strides(layer: Layer, before: int, axes: int) -> tuple[int | Fraction, ...]:
    """Return the product of the strides per axis on the way to a layer from what stood there before."""
    strides: list[int | Fraction] = [1] * axes
    while layer.index >= before and layer.inputs:
        windows = layer.facts.windows
        if isinstance(windows, tuple) and len(windows) == axes:
            strides = [s * w.slope for s, w in zip(strides, windows, strict=True)]
        layer = layer.inputs[0]
    return tuple([s if (number := whole(s)) is None else number for s in strides])
