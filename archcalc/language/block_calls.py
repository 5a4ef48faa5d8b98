"""How a call of a block or network is read: its arguments, and the tensors that it starts from."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ..arithmetic import RuleNumber, certainly
from ..diagnostics import did_you_mean, fault
from ..graph import Layer
from ..ops.attributes import show
from .definitions import BlockDefinition, Definition
from .frames import Here
from .syntax import Argument, Call, Literal, Reference, Value
from .values import parameter_value


class BlockCall:
    """A call of a block or network, matched with its parameters once and used for every expansion.

    arguments   what is given, by the names of the parameters
    references  the tensors that are named
    """

    __slots__ = ("call", "definition", "arguments", "references")

    def __init__(
        self, call: Call, definition: Definition, positional: Iterable[Value], named: Iterable[Argument]
    ):
        """Raises PlacedError where the arguments do not fit the parameters."""
        self.call = call
        self.definition = definition
        self.arguments: dict[str, Value] = {}
        self.references: list[Reference] = []
        name, names = definition.name, [p.name for p in definition.parameters]
        listed = "its parameters: " + (", ".join(names) or "none")
        rest = list(names)
        for node in positional:
            if isinstance(node, Reference):
                self.references.append(node)
                continue
            if not rest:
                raise fault("argument", f"`{name}` takes no further value", node, listed)
            self.arguments[rest.pop(0)] = node
        for argument in named:
            if argument.name not in names:
                help = [*did_you_mean(argument.name, names), listed]
                raise fault("argument", f"`{name}` has no parameter `{argument.name}`", argument, *help)
            if argument.name in self.arguments:
                raise fault(
                    "argument",
                    f"`{argument.name}` is given twice",
                    argument,
                    label="here again",
                    others=[(self.arguments[argument.name].span, "first here, by its place")],
                )
            self.arguments[argument.name] = argument.value
        for parameter in definition.parameters:
            if parameter.default is None and parameter.name not in self.arguments:
                raise fault(
                    "argument",
                    f"`{name}` needs `{parameter.name}`",
                    call,
                    others=[(parameter.span, "declared here")],
                )

    @classmethod
    def of(
        cls, call: Call, definition: Definition, positional: Iterable[Value], named: Iterable[Argument]
    ) -> BlockCall:
        """Return the call as read before, else read now. Raises PlacedError."""
        found = call.cache.get(definition)
        if found is None:
            found = call.cache[definition] = cls(call, definition, positional, named)
        assert isinstance(found, BlockCall)
        return found

    def values(self, here: Here, current: Layer | None) -> dict[str, Any]:
        """Return the values of the arguments. Raises PlacedError."""
        return {name: parameter_value(node, here, current) for name, node in self.arguments.items()}

    def tensors(self, block: BlockDefinition, here: Here, current: Layer | None) -> list[Layer | None]:
        """Return the tensors a block starts from: those given, else the last ones of the main path. Raises
        PlacedError where there are too few or too many."""
        wanted = max(1, len(block.inputs))
        if self.references:
            if len(self.references) != wanted:
                at = self.references[min(wanted, len(self.references) - 1)]
                raise fault(
                    "argument",
                    f"`{block.name}` takes {wanted} "
                    f"{'tensor' if wanted == 1 else 'tensors'}, not {len(self.references)}",
                    at,
                    *(["its inputs: " + ", ".join(block.inputs)] if block.inputs else []),
                )
            return [here.frame.tensor(reference) for reference in self.references]
        if wanted == 1:
            return [current]
        latest = here.recent.take(current, wanted)
        if len(latest) < wanted:
            raise fault(
                "argument",
                f"`{block.name}` takes the last {wanted} tensors of the path; "
                f"there {'is' if len(latest) == 1 else 'are'} {len(latest)}",
                self.call,
                f"name them, as in `{block.name} … @a @b`",
            )
        return latest

    def text(self, values: dict[str, Any]) -> str:
        """Return the call with its values: ``bottleneck 128 stride=2``."""
        words = [self.definition.name]
        for parameter in self.definition.parameters:
            if parameter.name not in values:
                continue
            value, default = values[parameter.name], parameter.default
            if default is None:
                words.append(show(value))
            elif not (isinstance(default, Literal) and alike(default.value, value)):
                words.append(f"{parameter.name}={show(value)}")
        return " ".join(words)


def split_like(named: Iterable[Argument], definition: Definition) -> tuple[Argument | None, list[Argument]]:
    """``like=`` and the other named arguments; a parameter of that name comes first."""
    others = list(named)
    if all(parameter.name != "like" for parameter in definition.parameters):
        for argument in others:
            if argument.name == "like":
                return argument, [a for a in others if a is not argument]
    return None, others


def alike(a: Any, b: Any) -> bool:
    """Tell whether two values are equal and of one kind: 1 and yes are equal to Python, but not to a
    spec. Values of many designs are equal where those of each design are."""
    if isinstance(a, tuple) and isinstance(b, tuple):
        return len(a) == len(b) and all(map(alike, a, b))
    if isinstance(a, RuleNumber) or isinstance(b, RuleNumber):
        return certainly(a == b)
    return type(a) is type(b) and bool(a == b)
