"""The bodies of blocks: what is around them while they are expanded."""

from __future__ import annotations

from typing import Any, NamedTuple

from ..diagnostics import Diagnostic
from ..graph import Group, Layer
from .block_calls import BlockCall, split_like
from .block_texts import BlockTexts
from .building import GraphBuilder
from .definitions import BlockDefinition, Definition
from .frames import Frame, Here, Recent
from .naming import NameScope
from .problems import Budget, Problems
from .sharing import SharedParameters
from .syntax import Argument, Call
from .until import Until
from .values import parameter_value


class OpenBody(NamedTuple):
    """The body of a called block or network while it is expanded.

    definition  whose body it is
    caller      where the call stands
    inner       where the body begins
    start       the tensor it starts from
    first       number of layers when it began
    scope       the scope of its own that gives its names, if it has one
    like        the argument ``like=`` of the call
    sole        the label of the statement or turn that consists of the call alone
    """

    definition: Definition
    caller: Here
    inner: Here
    start: Layer | None
    first: int
    scope: NameScope | None
    like: Argument | None
    sole: str | None


class BlockCalls(NamedTuple):
    """Enters and leaves the bodies of blocks."""

    builder: GraphBuilder
    texts: BlockTexts
    sharing: SharedParameters
    until: Until
    budget: Budget
    problems: Problems

    def enter(
        self, call: Call, block: BlockDefinition, here: Here, current: Layer | None, sole: str | None
    ) -> OpenBody:
        """Start the body of a block. Raises PlacedError where the call does not fit it."""
        like, named = split_like(call.named, block)
        plan = BlockCall.of(call, block, call.positional, named)
        if self.budget.depth > 20:
            self._check_recursion(call, block, here.frame)
        arguments = plan.values(here, current)
        tensors = plan.tensors(block, here, current)
        inputs: dict[str, Layer | None] = dict(zip(block.inputs, tensors, strict=False))
        if not block.inputs:
            inputs["input"] = tensors[0]
        frame = here.frame.inner(block, inputs, call, sole)
        inner = Here(frame, here.scope, Group("block", called=frame.called), Recent())
        bind(block, arguments, inner, tensors[0])
        scope = self.scope(call, block, inner, here, sole)
        return self.open(plan, arguments, here, inner, tensors[0], scope, like, sole)

    def open(
        self,
        plan: BlockCall,
        arguments: dict[str, Any],
        here: Here,
        inner: Here,
        start: Layer | None,
        scope: NameScope | None,
        like: Argument | None,
        sole: str | None,
    ) -> OpenBody:
        """Return the body whose parameters and names are settled."""
        if scope is not None:
            inner.group.name = scope.prefix[:-1]
        inner.group.text = plan.text(arguments)
        inner.recent.push(start)
        return OpenBody(plan.definition, here, inner, start, len(self.builder.layers), scope, like, sole)

    def leave(self, body: OpenBody, result: Layer | None) -> Layer | None:
        """End the body of a block, which put out ``result``."""
        self.close_scope(body)
        self.enter_group(body, body.inner.group, result)
        assert isinstance(body.definition, BlockDefinition)
        if len(body.definition.inputs) > 1:
            body.caller.recent.push(result)
        return result

    @staticmethod
    def close_scope(body: OpenBody) -> None:
        """Give the names of a body."""
        if body.scope is not None:
            body.scope.close()
            body.caller.scope.absorb(body.scope, body.caller.repeated)

    def enter_group(self, body: OpenBody, group: Group, result: Layer | None) -> None:
        """Enter the layers of a body where its call stands. Raises PlacedError."""
        here = body.caller
        if body.like is not None and result is not None and not self.until.reached:
            group.text += self.sharing.share_all(body.first, body.like, here)
        if group.members:
            here.group.members.append(group)
            here.group.text = here.group.text or (group.text if body.sole is not None else "")

    def scope(
        self, call: Call, definition: Definition, inner: Here, here: Here, sole: str | None
    ) -> NameScope | None:
        """Put the names of a body's layers where they belong: with those of its call, or in a
        scope of its own, which is returned."""
        frame = inner.frame
        scope, numbered = here.scope, None
        inner.repeated = here.repeated
        if self.texts.labelled(definition, frame.env):
            if sole is None and not _only_call(call, definition, here):
                full = scope.number_block(definition.name)
                self.budget.check_name(full, call.span, here.frame)
                scope = numbered = self.builder.scope(full + ".")
                inner.repeated = False
            scope.taken.update(definition.body.labels)
        inner.scope = scope
        frame.prefix = scope.prefix
        return numbered

    def _check_recursion(self, call: Call, block: BlockDefinition, frame: Frame) -> None:
        """Raise TooManyProblemsError where a block, deep down, turns out to call itself."""
        at: Frame | None = frame
        while at is not None:
            if at.definition is block and call.name not in frame.env and self.texts.reaches_itself(block):
                message, help = f"`{block.name}` calls itself", "a spec has no recursion"
                raise self.problems.give_up(Diagnostic("limit", message, call.name_span, help=help), frame)
            at = at.trail


def bind(definition: Definition, arguments: dict[str, Any], here: Here, start: Layer | None) -> None:
    """Put the values of the parameters into the environment of a body."""
    env = here.frame.env
    for parameter in definition.parameters:
        if parameter.name in arguments:
            env[parameter.name] = arguments[parameter.name]
        elif parameter.default is not None:
            env[parameter.name] = parameter_value(parameter.default, here, start)


def _only_call(call: Call, definition: Definition, here: Here) -> bool:
    """Tell whether this is the only call of a block in its labelled statement or body, and its labels
    are still free there."""
    if here.repeated or here.call_counts().get(call.name, 0) != 1:
        return False
    return all(here.scope.free(label) for label in definition.body.labels)
