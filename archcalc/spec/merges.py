"""Merges of branches or named tensors, and the shortcut of residual units."""

from __future__ import annotations

from typing import Any

from ..graph import Group, Layer
from ..ops.attributes import Problem
from ..ops.base import Op
from .diagnostics import Diagnostic, Fault
from .frames import DEEPEST, Here, OpPlan
from .layers import Layers
from .naming import Scope
from .source import Span
from .syntax import Body, Call, all_calls


class Merges(Layers):
    """The part of an expansion that joins branches."""

    def merge(
        self, call: Call, plan: OpPlan, here: Here, current: Layer | None
    ) -> Layer | None:
        """``add``, ``mul``, ``concat`` of branches or of named tensors."""
        if bool(call.branches) == bool(plan.references):
            message = (
                f"`{call.name}` has branches and named tensors: give one or the other"
                if call.branches else f"`{call.name}` has nothing to join"
            )  # fmt: skip
            raise Fault(
                Diagnostic("syntax", message, call.name_span,
                           help=f"write branches indented below, each behind `|`, or "
                                f"`{call.name} @a @b`")
            )  # fmt: skip
        op, text = self.instance(call, plan, here, current)
        tensors: list[Layer | None]
        if plan.references:
            tensors = [here.frame.tensor(reference) for reference in plan.references]
            spans = [reference.span for reference in plan.references]
        else:
            tensors, spans = self.branches(call, here, current)
        if any(tensor is None for tensor in tensors):
            here.scope.enter(type(op), None, here.repeated)
            # The others show what the shape would be, if they agree.
            known = {t.output: t for t in tensors if t is not None}
            return next(iter(known.values())) if len(known) == 1 and op.name != "concat" else None
        inputs = tuple([t for t in tensors if t is not None])
        try:
            return self.layer(call, op, text, inputs, here, plan, spans)
        except Fault as error:
            self.report(error.diagnostic, here.frame)
            return inputs[0] if op.name != "concat" else None

    def branches(
        self, call: Call, here: Here, current: Layer | None
    ) -> tuple[list[Layer | None], list[Span]]:
        """The branches of a merge; a ``shortcut`` among them is worked out after its siblings."""
        frame = here.frame
        frame.depth += 1
        if frame.depth > DEEPEST:
            raise Fault(Diagnostic("limit", f"nested more than {DEEPEST} deep", call.span))
        tensors: list[Layer | None] = [None] * len(call.branches)
        later = []
        for index, branch in enumerate(call.branches):
            if call.name == "add" and _shortcut_in(branch.body) is not None:
                later.append(index)
                continue
            inner = here.within(here.group)
            inner.history = list(here.history)
            tensors[index] = self.statements(branch.body, inner, current)
        for index in later:
            body = call.branches[index].body
            sibling = next((i for i in range(len(tensors)) if i not in later), None)
            shortcut = _shortcut_in(body)
            assert shortcut is not None
            if sibling is None:
                raise Fault(
                    Diagnostic("syntax", "`shortcut` needs a sibling branch to follow",
                               shortcut.span)
                )  # fmt: skip
            inner = here.within(here.group)
            inner.history = list(here.history)
            arriving = current
            for statement in body.statements[:-1]:
                arriving = self.statement(statement, inner, arriving)
            last = body.statements[-1]
            for item in last.chain.items[:-1]:
                arriving = self.item(item, inner, arriving)
            try:
                tensors[index] = self.shortcut(
                    shortcut, inner, arriving, tensors[sibling], current, last.label
                )
            except Fault as error:
                self.report(error.diagnostic, frame)
        frame.depth -= 1
        return tensors, [branch.span for branch in call.branches]

    def shortcut(
        self,
        call: Call,
        here: Here,
        arriving: Layer | None,
        sibling: Layer | None,
        start: Layer | None,
        label: str | None,
    ) -> Layer | None:
        """The skip of a residual unit: nothing, or a projection (see ops.merging.Shortcut)."""
        op = self.ops["shortcut"]
        plan = call.cache.get(op)
        if plan is None:
            plan = call.cache[op] = self.op_plan(call, op)
        assert isinstance(plan, OpPlan)
        settings: Any = self.instance(call, plan, here, arriving)[0]
        scope = here.scope
        if label is None:
            label = self._shortcut_label(here)
        full = scope.prefix + label
        inner_scope = Scope(full + ".", full, self.names)
        group = Group("statement", full)
        inner = Here(
            here.frame, inner_scope, group, here.history, False, here.turn, here.statement
        )
        first = len(self.layers)
        result = arriving
        convolution, norm = self.ops["conv"], self.ops["bn"]
        if arriving is not None and sibling is not None:
            wanted = sibling.output
            agree = arriving.output == wanted
            strides = _strides(sibling, start, len(wanted) - 1)
            stride: Any = strides[0] if len(set(strides)) == 1 else strides
            if not agree and settings.kind == "A":
                values = {"kind": settings.kind, "stride": stride, "channels": wanted.channels}
                result = self._made(call, op, values, arriving, inner, plan)
                text = "shortcut kind=A"
            elif not agree or settings.kind == "C":
                values = {
                    "kernel": 1, "filters": wanted.channels, "stride": stride,
                    "bias": settings.bias,
                }  # fmt: skip
                result = self._made(call, convolution, values, arriving, inner, plan)
                text = result.text
                if settings.norm:
                    result = self._made(call, norm, {}, result, inner, plan)
                    text += ", bn"
            group.text = text if group.members else ""
        inner_scope.close()
        self.place(label, here, result, first)
        if group.members:
            here.group.members.append(group)
        # By its text a shortcut may be a convolution, whatever the values make of it.
        scope.absorb(_projection(), here.repeated)
        return result

    def _shortcut_label(self, here: Here) -> str:
        """``shortcut``, or ``shortcut2`` where the body has several."""
        body = here.statement.chain if here.statement is not None else None
        count = (
            sum(c.name == "shortcut" for c in all_calls(body)) if body is not None
            else here.frame.definition.body.call_counts().get("shortcut", 1)
        )  # fmt: skip
        if count <= 1 and not here.repeated and here.scope.prefix + "shortcut" not in self.places:
            return "shortcut"
        return here.scope.number_block("shortcut")[len(here.scope.prefix) :]

    def _made(
        self, call: Call, op: type[Op], values: dict[str, Any], source: Layer, here: Here,
        plan: OpPlan,
    ) -> Layer:  # fmt: skip
        """A layer of a shortcut."""
        key = ("made", op, tuple(values.items()))
        instance = call.cache.get(key)
        if instance is None:
            try:
                instance = call.cache[key] = op(**values)
            except Problem as problem:
                raise self.problem(problem, call, plan, [source]) from None
        assert isinstance(instance, Op)
        return self.layer(call, instance, instance.describe(values), (source,), here, plan)


def _shortcut_in(body: Body) -> Call | None:
    """The ``shortcut`` that ends a branch."""
    if not body.statements:
        return None
    last = body.statements[-1].chain.items[-1]
    return last if isinstance(last, Call) and last.name == "shortcut" else None


def _strides(layer: Layer, start: Layer | None, axes: int) -> tuple[int, ...]:
    """The product of the strides on the way from a tensor to a layer, an axis."""
    strides = [1] * axes
    while layer is not start and layer.inputs:
        windows = layer.facts.windows
        if isinstance(windows, tuple) and len(windows) == axes:
            strides = [s * w.stride for s, w in zip(strides, windows, strict=True)]
        layer = layer.inputs[0]
    return tuple(strides)


def _projection() -> Scope:
    scope = Scope("", None, {})
    scope.total = 2
    scope.weighted = 1
    return scope
