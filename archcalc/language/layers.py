"""Makes the layers of a network."""

from __future__ import annotations

from ..diagnostics import NOTE, Diagnostic
from ..graph import Layer
from ..ops.attributes import OpError
from ..ops.base import Facts, Op
from ..ops.sliding import format_misfits
from ..source import Span
from .building import GraphBuilder
from .frames import Here
from .layer_calls import LayerCall
from .problems import Budget, Problems
from .sharing import SharedParameters


class LayerMaker:
    """Makes layers of ops and what arrives at them."""

    def __init__(self, builder: GraphBuilder, sharing: SharedParameters, budget: Budget, problems: Problems):
        self._builder = builder
        self._sharing = sharing
        self._budget = budget
        self._problems = problems
        self._noted: set[tuple[int, int]] = set()  # misfits that were reported, by call and facts

    def make(
        self,
        plan: LayerCall,
        op: Op,
        text: str,
        inputs: tuple[Layer, ...],
        here: Here,
        spans: list[Span] | None = None,
    ) -> Layer:
        """Return a layer; ``text`` is what reports call it, ``spans`` say where its inputs stand. Raises
        PlacedError if the op refuses its inputs."""
        try:
            facts = op.facts(tuple([layer.facts.output for layer in inputs]))
        except OpError as problem:
            found = plan.refusal(problem, list(inputs), spans)
            if problem.code != "fit":
                here.scope.enter(type(op), None, here.repeated)
                raise found from None
            # Refused under round=exact: report it, and go on as floor would.
            self._problems.report(found.diagnostic, here.frame)
            op = op.with_attributes(round="floor")
            facts = op.facts(tuple([layer.facts.output for layer in inputs]))
        else:
            if self._problems.notes and facts.misfits:
                self._note_misfit(plan, facts, inputs[0], here)
        call = plan.call
        self._budget.check_layers(len(self._builder.layers), call.span, here.frame)
        layer = Layer("", op, inputs, facts, here.frame.path, text)
        self._builder.add(layer, call)
        here.scope.enter(op.__class__, layer, here.repeated)
        here.group.members.append(layer)
        if plan.like is not None:
            self._sharing.share(layer, plan.like, here)
        return layer

    def _note_misfit(self, plan: LayerCall, facts: Facts, layer: Layer, here: Here) -> None:
        key = (id(plan.call), id(facts))
        if key in self._noted:
            return
        self._noted.add(key)
        message, notes, help = format_misfits(facts.misfits)
        outputs = [str(window.output) for _, window in facts.misfits]
        taken = outputs[0] if len(set(outputs)) == 1 else "x".join(outputs)
        span = plan.call.span
        if "stride" in plan.spans and not plan.spans["stride"][1]:
            span = plan.spans["stride"][0]
        self._problems.report(
            Diagnostic(
                "fit",
                f"{message}, taken as {taken}",
                span,
                severity=NOTE,
                label=f"on {layer.output}",
                notes=notes,
                help=[*help, "round=exact makes this an error"],
            ),
            here.frame,
        )
