"""Merges of branches or named tensors, and the shortcut of residual units."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from ..graph import Group, Layer
from ..ops.attributes import OpError, Size
from ..ops.base import Op
from ..ops.merging import StridedIdentity
from .diagnostics import Diagnostic, PlacedError, UnknownSizeError
from .frames import Here, OpPlan
from .layers import Layers
from .naming import projection
from .syntax import Body, Call, shortcut_in
from .values import attribute_value


class Merges(Layers):
    """The part of an expansion that joins branches."""

    def merge(self, call: Call, plan: OpPlan, here: Here, current: Layer | None) -> Layer | None:
        """``add``, ``mul``, ``concat`` of branches or of named tensors."""
        before = [current] if plan.op.takes_arriving else []
        given = len(call.branches) + len(plan.references) + len(before)
        if given < 2 or (call.branches and plan.references):
            if call.branches and plan.references:
                message = f"`{call.name}` has branches and named tensors: give one or the other"
            elif given:
                message = f"`{call.name}` joins two or more, and gets one"
            else:
                message = f"`{call.name}` has nothing to join"
            help = "write branches indented below, each behind `|`, or name tensors: "
            raise PlacedError(
                Diagnostic("syntax", message, call.name_span, help=f"{help}`{call.name} @a @b`")
            )
        op, text = self.instance(call, plan, here, current)
        tensors: list[Layer | None]
        if plan.references:
            named = [here.frame.tensor(reference) for reference in plan.references]
            tensors = [*before, *named]
            spans = [call.name_span] * len(before) + [at.span for at in plan.references]
        else:
            tensors = self.branches(call, op, here, current)
            spans = [branch.span for branch in call.branches]
        if self.reached or any(tensor is None for tensor in tensors):
            here.scope.enter(type(op), None, here.repeated)
            if self.reached:
                return next((t for t in tensors if t is not None), current)
            # The others show what the shape would be, if they agree.
            known = {t.output: t for t in tensors if t is not None}
            return next(iter(known.values())) if len(known) == 1 and op.same_shape_as_widest else None
        inputs = tuple([t for t in tensors if t is not None])
        try:
            return self.layer(call, op, text, inputs, here, plan, spans)
        except PlacedError as error:
            self.report(error.diagnostic, here.frame)
            return inputs[0] if op.same_shape_as_widest else None

    def branches(self, call: Call, op: Op, here: Here, current: Layer | None) -> list[Layer | None]:
        """The branches of a merge; a ``shortcut`` among them is worked out after its siblings."""
        tensors: list[Layer | None] = [None] * len(call.branches)
        first = len(self.layers)
        later = []
        for index, branch in enumerate(call.branches):
            if op.takes_shortcut and shortcut_in(branch.body) is not None:
                later.append(index)
                continue
            inner = here.within(here.group, here.recent.copy())
            tensors[index] = self.statements(branch.body, inner, current)
        for index in later:
            sibling = next((i for i in range(len(tensors)) if i not in later), None)
            shortcut = shortcut_in(call.branches[index].body)
            assert shortcut is not None
            inner = here.within(here.group, here.recent.copy())
            try:
                if sibling is None:
                    raise PlacedError(
                        Diagnostic("syntax", "`shortcut` needs a sibling branch to follow", shortcut.span)
                    )
                tensors[index] = self.shortcut_branch(
                    shortcut, call.branches[index].body, inner, current, tensors[sibling], first
                )
            except PlacedError as error:
                self.report(error.diagnostic, here.frame)
            except UnknownSizeError:
                pass
        return tensors

    def shortcut_branch(
        self, call: Call, body: Body, here: Here, current: Layer | None, sibling: Layer | None, first: int
    ) -> Layer | None:
        """A branch that ends in ``shortcut``."""
        for statement in body.statements[:-1]:
            if self.reached:
                self.ghost_statement(statement, here)
            else:
                current = self.statement(statement, here, current)
        last = body.statements[-1]
        self.spend(last.span)
        holds = last.condition is None or self.holds(last.condition, here, current)
        if self.reached or not holds:
            for item in last.chain.items[:-1]:
                self.ghost(item, here)
            self.ghost_shortcut(here, last.label)
            if last.label is not None and not self.reached:
                self.place(last.label, here, current, len(self.layers))
            return current if holds is not None else None
        for item in last.chain.items[:-1]:
            current = self.item(item, here, current)
        result = self.shortcut(call, here, current, sibling, first, last.label)
        if result is not None:
            self.puts_out(last, result.output)
        return result

    def shortcut(
        self,
        call: Call,
        here: Here,
        arriving: Layer | None,
        sibling: Layer | None,
        before: int,
        label: str | None,
    ) -> Layer | None:
        """The skip of a residual unit: nothing, or a projection (see ops.merging.Shortcut).
        ``before`` layers stood there when the branches began."""
        op = self.ops["shortcut"]
        plan = call.cache.get(op)
        if plan is None:
            plan = call.cache[op] = self.op_plan(call, op)
        assert isinstance(plan, OpPlan)
        settings: Any = self.instance(call, plan, here, arriving)[0]
        scope = here.scope
        if label is None:
            label = self.shortcut_label(here)
        full = scope.prefix + label
        inner_scope = self.scope(full + ".", full)
        group = Group("statement", full)
        inner = Here(here.frame, inner_scope, group, here.recent, False, here.turn, here.statement)
        first = len(self.layers)
        result = arriving
        # Where not even the number of axes agrees, `add` says so.
        if arriving is not None and sibling is not None and (len(arriving.output) == len(sibling.output) > 1):
            wanted = sibling.output
            agree = arriving.output == wanted
            stride: Any = 1
            if not agree or settings.kind == "C":
                strides = _strides(sibling, before, len(wanted) - 1)
                if any(Fraction(step).denominator > 1 for step in strides):
                    raise PlacedError(
                        Diagnostic(
                            "shape",
                            f"`shortcut` cannot enlarge: {arriving.output} arrive, the "
                            f"sibling branch has {wanted}",
                            call.span,
                            help="write what enlarges instead, such as `tconv` or `upsample`",
                        )
                    )
                stride = strides[0] if len(set(strides)) == 1 else Size(strides)
            if not agree and settings.kind == "A":
                if wanted.channels < arriving.output.channels:
                    raise PlacedError(
                        Diagnostic(
                            "shape",
                            f"kind=A adds channels: {arriving.output.channels} arrive, "
                            f"the sibling branch has {wanted.channels}",
                            call.span,
                            help="kind=B projects where the shapes differ",
                        )
                    )
                values = {"stride": stride, "channels": wanted.channels}
                result = self._made(call, StridedIdentity, values, arriving, inner, plan)
                group.text = "shortcut kind=A"
            elif not agree or settings.kind == "C":
                values = {
                    "kernel": Size((1,) * (len(wanted) - 1)),
                    "filters": wanted.channels,
                    "stride": stride,
                    "bias": settings.bias,
                }
                result = self._made(call, self.ops["conv"], values, arriving, inner, plan)
                group.text = result.text
                if settings.norm:
                    norm = self.ops["bn"]
                    rules = {
                        name: attribute_value(argument.value, norm.attributes[name], inner, result)
                        for name, argument in call.defaults.get("bn", {}).items()
                        if name in norm.attributes
                    }
                    result = self._made(call, norm, {}, result, inner, plan, rules)
                    group.text += ", bn"
        inner_scope.close()
        self.place(label, here, result, first)
        if group.members:
            here.group.members.append(group)
        # By its text a shortcut may be a convolution, whatever the values make of it.
        scope.absorb(projection(), here.repeated)
        return result

    def _made(
        self,
        call: Call,
        op: type[Op],
        values: dict[str, Any],
        source: Layer,
        here: Here,
        plan: OpPlan,
        rules: dict[str, Any] | None = None,
    ) -> Layer:
        """A layer of a shortcut; ``rules`` are house rules, of which its text is silent."""
        self.spend(call.span)
        everything = {**(rules or {}), **values}
        key = ("made", op, tuple(everything.items()))
        instance = call.cache.get(key)
        if instance is None:
            try:
                instance = call.cache[key] = op(**everything)
            except OpError as problem:
                raise self.problem(problem, call, plan, [source]) from None
        assert isinstance(instance, Op)
        text = instance.describe([name for name in values if name != "bias"])
        return self.layer(call, instance, text, (source,), here, plan)


def _strides(layer: Layer, before: int, axes: int) -> tuple[int | Fraction, ...]:
    """The product of the strides on the way to a layer from what stood there before, an axis."""
    strides: list[int | Fraction] = [1] * axes
    while layer.index >= before and layer.inputs:
        windows = layer.facts.windows
        if isinstance(windows, tuple) and len(windows) == axes:
            strides = [s * w.slope for s, w in zip(strides, windows, strict=True)]
        layer = layer.inputs[0]
    return tuple([s.numerator if s.denominator == 1 else s for s in strides])
