"""Calls of blocks."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ..graph import Called, Group, Layer
from ..ops.attributes import show
from .definitions import Block, Definition, File
from .diagnostics import Diagnostic, PlacedError, did_you_mean, fault
from .frames import BlockPlan, Callee, Frame, Here, Recent, State
from .naming import Scope
from .syntax import Argument, Call, Literal, Name, Reference, Turns, Value, all_calls
from .values import parameter_value


class Blocks(State):
    """The part of an expansion that calls blocks."""

    def block(
        self, call: Call, block: Block, here: Here, current: Layer | None, sole: str | None
    ) -> Layer | None:
        """A call of a block."""
        like, named = self.split_like(call.named, block)
        plan = call.cache.get(block)
        if plan is None:
            plan = call.cache[block] = self.block_plan(call, block, call.positional, named)
        assert isinstance(plan, BlockPlan)
        frame = here.frame
        if self.depth > 20:
            self.check_recursion(call, block, frame)
        arguments = {n: parameter_value(v, here, current) for n, v in plan.arguments.items()}
        tensors = self.block_inputs(call, block, plan, here, current)
        inputs: dict[str, Layer | None] = dict(zip(block.inputs, tensors, strict=False))
        if not block.inputs:
            inputs["input"] = tensors[0]
        start = tensors[0]
        path = (*frame.path, (block.name, sole))
        inner_frame = Frame(self, block, {}, inputs, frame, call, path, frame.asserts, frame.is_part)
        group = Group("block", called=called(inner_frame))
        inner = Here(inner_frame, here.scope, group, Recent())
        self.bind(block, arguments, inner, start)
        own = self.block_scope(call, block, inner, here, sole)
        if own is not None:
            group.name = own.prefix[:-1]
        group.text = block_text(block.name, arguments, block)
        inner.recent.push(start)
        first = len(self.layers)
        result = self.statements(block.body, inner, start)
        if own is not None:
            own.close()
            here.scope.absorb(own, here.repeated)
        if like is not None and result is not None and not self.reached:
            group.text += self.share_all(first, like, here)
        if group.members:
            here.group.members.append(group)
            here.group.text = here.group.text or (group.text if sole is not None else "")
        if len(block.inputs) > 1:
            here.recent.push(result)
        return result

    def block_scope(
        self, call: Call, block: Definition, inner: Here, here: Here, sole: str | None
    ) -> Scope | None:
        """Put the names of a block's layers where they belong: with those of its call, or in a
        scope of its own, which is returned."""
        frame = inner.frame
        scope, own = here.scope, None
        inner.repeated = here.repeated
        if self.labelled(block, frame.env):
            if sole is None and not self.only_call(call, block, here):
                full = scope.number_block(block.name)
                self.bounded(full, call.span, here.frame)
                scope = own = self.scope(full + ".")
                inner.repeated = False
            scope.taken.update(block.body.labels)
        inner.scope = scope
        frame.prefix = scope.prefix
        return own

    @staticmethod
    def split_like(named: Iterable[Argument], block: Definition) -> tuple[Argument | None, list[Argument]]:
        """``like=`` and the other named arguments; a parameter of that name comes first."""
        others = list(named)
        if all(parameter.name != "like" for parameter in block.parameters):
            for argument in others:
                if argument.name == "like":
                    return argument, [a for a in others if a is not argument]
        return None, others

    def block_plan(
        self, call: Call, block: Definition, positional: Iterable[Value], named: Iterable[Argument]
    ) -> BlockPlan:
        """Match the arguments of a call with a block's parameters. Raises Fault."""
        plan = BlockPlan(block)
        names = [p.name for p in block.parameters]
        rest = list(names)
        for node in positional:
            if isinstance(node, Reference):
                plan.references.append(node)
                continue
            if not rest:
                raise fault(
                    "argument",
                    f"`{block.name}` takes no further value",
                    node,
                    "its parameters: " + (", ".join(names) or "none"),
                )
            plan.arguments[rest.pop(0)] = node
        for argument in named:
            if argument.name not in names:
                help = did_you_mean(argument.name, names)
                help.append("its parameters: " + (", ".join(names) or "none"))
                raise fault("argument", f"`{block.name}` has no parameter `{argument.name}`", argument, *help)
            if argument.name in plan.arguments:
                raise PlacedError(
                    Diagnostic(
                        "argument",
                        f"`{argument.name}` is given twice",
                        argument.span,
                        label="here again",
                        others=[(plan.arguments[argument.name].span, "first here, by its place")],
                    )
                )
            plan.arguments[argument.name] = argument.value
        for parameter in block.parameters:
            if parameter.default is None and parameter.name not in plan.arguments:
                raise PlacedError(
                    Diagnostic(
                        "argument",
                        f"`{block.name}` needs `{parameter.name}`",
                        call.span,
                        others=[(parameter.span, "declared here")],
                    )
                )
        return plan

    def check_recursion(self, call: Call, block: Block, frame: Frame) -> None:
        """Say it where a block, deep down, turns out to call itself."""
        at: Frame | None = frame
        while at is not None:
            if at.definition is block and call.name not in frame.env and self.reaches(block):
                raise self.give_up(
                    Diagnostic(
                        "limit",
                        f"`{block.name}` calls itself",
                        call.name_span,
                        help="a spec has no recursion",
                    ),
                    frame,
                )
            at = at.trail

    def reaches(self, block: Block) -> bool:
        """Whether the text of a block leads to itself, through calls that no parameter decides."""
        seen: set[Definition] = set()
        stack: list[Block] = [block]
        while stack:
            at = stack.pop()
            assert at.file is not None
            own = {p.name for p in at.parameters}
            for name in at.body.call_counts():
                found = self.lookup(name, at.file) if name not in own else None
                if found is None or found.block is None:
                    continue
                if found.block is block:
                    return True
                if found.block not in seen:
                    seen.add(found.block)
                    stack.append(found.block)
        return False

    def bind(self, block: Definition, arguments: dict[str, Any], here: Here, start: Layer | None) -> None:
        """Put the values of the parameters into the environment of a block."""
        env = here.frame.env
        for parameter in block.parameters:
            if parameter.name in arguments:
                env[parameter.name] = arguments[parameter.name]
            elif parameter.default is not None:
                env[parameter.name] = parameter_value(parameter.default, here, start)

    def block_inputs(
        self, call: Call, block: Block, plan: BlockPlan, here: Here, current: Layer | None
    ) -> list[Layer | None]:
        """The tensors a block starts from: those given, else the last ones of the main path."""
        wanted = max(1, len(block.inputs))
        if plan.references:
            if len(plan.references) != wanted:
                at = plan.references[min(wanted, len(plan.references) - 1)]
                raise fault(
                    "argument",
                    f"`{block.name}` takes {wanted} "
                    f"{'tensor' if wanted == 1 else 'tensors'}, not {len(plan.references)}",
                    at,
                    *(["its inputs: " + ", ".join(block.inputs)] if block.inputs else []),
                )
            return [here.frame.tensor(reference) for reference in plan.references]
        if wanted == 1:
            return [current]
        latest = here.recent.take(current, wanted)
        if len(latest) < wanted:
            raise PlacedError(
                Diagnostic(
                    "argument",
                    f"`{block.name}` takes the last {wanted} tensors of the path; "
                    f"there {'is' if len(latest) == 1 else 'are'} {len(latest)}",
                    call.span,
                    help=f"name them, as in `{block.name} … @a @b`",
                )
            )
        return latest

    # What can be told from the text alone ----------------------------------------------------

    def labelled(self, block: Definition, env: dict[str, Any], depth: int = 0) -> bool:
        """Whether a block gives labels, itself or in the unlabelled blocks that it calls.
        ``env`` says which blocks its parameters are."""
        bound = tuple([item for item in env.items() if isinstance(item[1], Callee)])
        key = (block, bound)
        found = self.labelled_blocks.get(key)
        if found is None:
            self.labelled_blocks[key] = False  # for a block that calls itself
            found = depth < 64 and self._labelled(block, dict(bound), depth)
            self.labelled_blocks[key] = found
        return found

    def _labelled(self, block: Definition, env: dict[str, Callee], depth: int) -> bool:
        if block.body.labels:
            return True
        assert block.file is not None
        for statement in block.body.statements:
            for call in all_calls(statement.chain):
                if call.name in ("shortcut", "use"):
                    return True
                callee = env.get(call.name) or self.lookup(call.name, block.file)
                if callee is None or callee.block is None:
                    continue
                inner = self.bound_blocks(call.positional, call.named, callee.block, env, block.file)
                if self.labelled(callee.block, inner, depth + 1):
                    return True
        return False

    def bound_blocks(
        self,
        positional: Iterable[Value],
        named_arguments: Iterable[Argument],
        block: Definition,
        env: dict[str, Any],
        file: File,
    ) -> dict[str, Callee]:
        """Which parameters of a block are blocks or layers in a call, from the text alone."""
        nodes = [node for node in positional if not isinstance(node, Reference)]
        named = {argument.name: argument.value for argument in named_arguments}
        found: dict[str, Callee] = {}
        assert block.file is not None
        for index, parameter in enumerate(block.parameters):
            node = nodes[index] if index < len(nodes) else named.get(parameter.name)
            if node is not None:
                callee = self._word(node, env, file)
            else:
                callee = self._word(parameter.default, found, block.file)
            if callee is not None:
                found[parameter.name] = callee
        return found

    def _word(self, node: Value | None, env: dict[str, Any], file: File) -> Callee | None:
        if isinstance(node, Turns):
            node = node.values[0]
        if not isinstance(node, Name) or len(node.path) != 1:
            return None
        value = env.get(node.path[0])
        if value is None and node.path[0] not in env:
            value = self.lookup(node.path[0], file)
        return value if isinstance(value, Callee) else None

    def only_call(self, call: Call, block: Definition, here: Here) -> bool:
        """Whether this is the only call of a block in its labelled statement or body, and its
        labels are still free there."""
        if here.repeated:
            return False
        counts = (here.statement or here.frame.definition.body).call_counts()
        if counts.get(call.name, 0) != 1:
            return False
        return all(here.scope.free(label) for label in block.body.labels)


def called(frame: Frame) -> Called:
    """What the graph knows of the call whose body is a frame's."""
    inputs = {name: tensor for name, tensor in frame.inputs.items() if tensor is not None}
    return Called(frame.definition.name, frame.env, inputs)


def alike(a: Any, b: Any) -> bool:
    """Equal, and of one kind: 1 and yes are equal to Python, but not to a spec."""
    return type(a) is type(b) and bool(a == b)


def block_text(name: str, arguments: dict[str, Any], block: Definition) -> str:
    """A call of a block with its values: ``bottleneck 128 stride=2``."""
    words = [name]
    for parameter in block.parameters:
        if parameter.name not in arguments:
            continue
        value = show(arguments[parameter.name])
        if parameter.default is None:
            words.append(value)
        elif not (
            isinstance(parameter.default, Literal)
            and alike(parameter.default.value, arguments[parameter.name])
        ):
            words.append(f"{parameter.name}={value}")
    return " ".join(words)
