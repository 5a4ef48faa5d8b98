"""Calls of blocks."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ..graph import Group, Layer
from ..ops.attributes import show
from .diagnostics import Diagnostic, Fault, did_you_mean, fault
from .frames import DEEPEST, BlockPlan, Callee, Frame, Here, State
from .naming import Scope
from .syntax import Argument, Block, Call, Definition, Literal, Reference, Value, all_calls
from .values import parameter_value


class Blocks(State):
    """The part of an expansion that calls blocks."""

    def block_plan(self, call: Call, block: Definition, positional: Iterable[Value],
                   named: Iterable[Argument]) -> BlockPlan:  # fmt: skip
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
                    "argument", f"`{block.name}` takes no further value", node,
                    "its parameters: " + (", ".join(names) or "none"),
                )  # fmt: skip
            plan.arguments[rest.pop(0)] = node
        for argument in named:
            if argument.name not in names:
                help = did_you_mean(argument.name, names)
                help.append("its parameters: " + (", ".join(names) or "none"))
                raise fault(
                    "argument", f"`{block.name}` has no parameter `{argument.name}`", argument,
                    *help,
                )  # fmt: skip
            if argument.name in plan.arguments:
                raise fault("argument", f"`{argument.name}` is given twice", argument)
            plan.arguments[argument.name] = argument.value
        for parameter in block.parameters:
            if parameter.default is None and parameter.name not in plan.arguments:
                raise Fault(
                    Diagnostic(
                        "argument", f"`{block.name}` needs `{parameter.name}`", call.span,
                        others=[(parameter.span, "declared here")],
                    )
                )  # fmt: skip
        return plan

    def block(
        self, call: Call, block: Block, here: Here, current: Layer | None, sole: str | None
    ) -> Layer | None:
        """A call of a block."""
        plan = call.cache.get(block)
        if plan is None:
            plan = call.cache[block] = self.block_plan(call, block, call.positional, call.named)
        assert isinstance(plan, BlockPlan)
        frame = here.frame
        if frame.depth >= DEEPEST:
            raise Fault(
                Diagnostic("limit", f"blocks nested more than {DEEPEST} deep", call.span,
                           help="a block that calls itself never ends")
            )  # fmt: skip
        arguments = {n: parameter_value(v, here, current) for n, v in plan.arguments.items()}
        tensors = self.block_inputs(call, block, plan, here, current)
        inputs: dict[str, Layer | None] = dict(zip(block.inputs, tensors, strict=False))
        if not block.inputs:
            inputs["input"] = tensors[0]
        labelled = self.labelled(block, arguments)
        scope, own, repeated = here.scope, None, here.repeated
        if labelled and sole is None and not self.only_call(call, block, here):
            prefix = scope.number_block(block.name)
            scope = own = Scope(prefix + ".", None, self.names)
            repeated = False
        elif labelled and scope.open:
            scope.taken.update(block.body.labels)
        path = (*frame.path, (block.name, sole))
        inner_frame = Frame(
            self, block, {}, inputs, scope.prefix, frame, call, path, frame.asserts, frame.is_part
        )
        group = Group("block", own.prefix[:-1] if own is not None else None)
        inner = Here(inner_frame, scope, group, [], repeated)
        start = tensors[0]
        self.bind(block, arguments, inner, start)
        group.text = block_text(block.name, plan, arguments, inner_frame.env, block)
        inner.push(start)
        result = self.statements(block.body, inner, start)
        if own is not None:
            own.close()
            here.scope.absorb(own, here.repeated)
        if group.members:
            here.group.members.append(group)
            here.group.text = here.group.text or (group.text if sole is not None else "")
        if len(block.inputs) > 1:
            here.push(result)
        return result

    def bind(
        self, block: Definition, arguments: dict[str, Any], here: Here, start: Layer | None
    ) -> None:
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
                raise Fault(
                    Diagnostic(
                        "argument", f"`{block.name}` takes {wanted} "
                        f"{'tensor' if wanted == 1 else 'tensors'}, not {len(plan.references)}",
                        plan.references[-1].span,
                        help=["its inputs: " + ", ".join(block.inputs)] if block.inputs else (),
                    )
                )  # fmt: skip
            return [here.frame.tensor(reference) for reference in plan.references]
        if wanted == 1:
            return [current]
        history = here.history
        latest = [current] if not history or history[-1] is not current else []
        latest += reversed(history)
        if len(latest) < wanted:
            raise Fault(
                Diagnostic(
                    "argument",
                    f"`{block.name}` takes the last {wanted} tensors of the path; "
                    f"there {'is' if len(latest) == 1 else 'are'} {len(latest)}",
                    call.span, help=f"name them, as in `{block.name} … @a @b`",
                )
            )  # fmt: skip
        return list(latest[:wanted])

    def labelled(self, block: Block, arguments: dict[str, Any]) -> bool:
        """Whether a block gives labels, itself or in the unlabelled blocks that it calls."""
        bound = tuple((k, v) for k, v in arguments.items() if isinstance(v, Callee))
        key = (block, bound)
        if key not in self.labelled_blocks:
            self.labelled_blocks[key] = False  # for a block that calls itself
            assert block.file is not None
            found = bool(block.body.labels)
            for name in block.body.call_counts():
                if found:
                    break
                if name in ("shortcut", "use"):
                    found = True
                    break
                callee = arguments.get(name)
                inner = (
                    callee.block if isinstance(callee, Callee)
                    else block.file.blocks.get(name)
                    or (self.library.block(name) if name not in self.ops else None)
                )  # fmt: skip
                found = inner is not None and self.labelled(inner, {})
            self.labelled_blocks[key] = found
        return self.labelled_blocks[key]

    def only_call(self, call: Call, block: Definition, here: Here) -> bool:
        """Whether this is the only call of a block in its labelled statement or body, and its
        labels are still free there."""
        if here.repeated:
            return False
        if here.statement is not None:
            chain = here.statement.chain
            count = sum(c.name == call.name for c in all_calls(chain))
        else:
            count = here.frame.definition.body.call_counts().get(call.name, 0)
        if count != 1:
            return False
        prefix, places = here.scope.prefix, self.places
        return not any(
            prefix + label in places or prefix + label in self.names for label in block.body.labels
        )


def alike(a: Any, b: Any) -> bool:
    return type(a) is type(b) and bool(a == b)


def block_text(
    name: str, plan: BlockPlan, arguments: dict[str, Any], env: dict[str, Any], block: Definition
) -> str:
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
