"""One run of a module, watched: every operation on tensors is written down."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import CodeType
from typing import Any

import torch
from torch import nn
from torch.utils._python_dispatch import TorchDispatchMode

from ..operations.recording import CONSTANT, Operation, Value
from .module_calls import ModuleCalls
from .placing import Placing
from .schemas import PLAIN, OperatorPlan, word
from .sources import called_from
from .tensors import GivenValues, Tensors
from .trees import replaced, tensors_in

# Constants with more elements are not worked on in memory.
MOST_IN_MEMORY = 2**20


class Watcher(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Writes down what happens while it is on.

    Attributes:
        calls: The modules, and their calls.
        tensors: The tensors, and the operations on them.
        count: How many operations the module has done; those of the recorder's own are none of them.
        looked: Where a number was read out of a tensor that is no constant: file and line.
        left: Where such a tensor was read as an array or list, past all operations.
        sized: Where it depends on the values of such a tensor how many elements another has.
        at: Operator, file and line of what was done last; it tells where a run broke.
    """

    supports_higher_order_operators = True

    def __init__(self, module: nn.Module, outermost: CodeType, placing: Placing):
        super().__init__()  # type: ignore[no-untyped-call]
        self.calls = ModuleCalls(module)
        self.tensors = Tensors(self.calls, placing)
        self.count = 0
        self.looked: list[tuple[str, int] | None] = []
        self.left: list[tuple[str, int] | None] = []
        self.sized: list[tuple[str, int] | None] = []
        self.at: tuple[str, tuple[str, int] | None] | None = None
        self._placing = placing
        self._outermost = outermost
        self._plans: dict[Any, OperatorPlan] = {}
        self._inside = False
        self._inner: list[torch.Tensor] = []
        placing.read = self._read

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        plan = self._plan(func)
        if plan.idle:
            return func(*args, **(kwargs or {}))
        if self._inside:
            result = func(*args, **(kwargs or {}))
            self._inner += [tensor for _, tensor in tensors_in(result)]
            return result
        if plan.name == "higher_order.cond":
            return self._branch(*args)
        if plan.source_alone and self.tensors.same_place(args[0], args[1]):
            return args[0]  # `x[:2] += 1` ends with this
        given: GivenValues = []
        arguments = self._arguments(plan, given, args, kwargs)
        source = called_from(sys._getframe(1), self._outermost)
        self.at = (plan.target, source)
        self.count += 1
        # What kernels in Python do is nobody's business, and has its devices.
        with torch._C.DisableTorchFunction():
            if self.tensors.strays:
                result = self._with_replacements(func, plan, given, args, kwargs or {})
            else:
                result = func(*args, **kwargs) if kwargs else func(*args)
        operation = self._operation(plan, arguments, source)
        if plan.name == "linear" and args[0].dim() > 2:
            operation.contiguous = args[0].is_contiguous()
        return self._ended(plan, operation, given, args, kwargs, result)

    def whole(self, operator: Any, apart: Callable[..., Any], args: Any, kwargs: Any) -> Any:
        """Do an operator that arrives whole, by what takes it apart, and write it down as one operation."""
        if self._inside:
            return apart(*args, **kwargs)
        plan = self._plan(operator)
        given: GivenValues = []
        arguments = self._arguments(plan, given, args, kwargs)
        source = called_from(sys._getframe(1), self._outermost)
        self.at = (plan.target, source)
        self.count += 1
        self._inside = True
        try:
            if self.tensors.strays:
                result = self._with_replacements(apart, plan, given, args, kwargs)
            else:
                result = apart(*args, **kwargs)
            operation = self._operation(plan, arguments, source)
            result = self._ended(plan, operation, given, args, kwargs, result)
        finally:
            self._inside = False
            inner, self._inner = self._inner, []
        self.tensors.keep_inner(inner, operation)
        return result

    def _plan(self, operator: Any) -> OperatorPlan:
        plan = self._plans.get(operator)
        if plan is None:
            plan = self._plans[operator] = OperatorPlan(operator)
        return plan

    def _arguments(self, plan: OperatorPlan, given: GivenValues, args: Any, kwargs: Any) -> dict[str, Any]:
        """The arguments by their names in the schema; the tensors among them go to ``given``."""
        arguments = plan.defaults.copy()
        if plan.names:
            for name, argument in zip(plan.names, args):  # noqa: B905 — those left out have defaults
                arguments[name] = self._argument(argument, given)
        else:
            for place, argument in enumerate(args):
                arguments[str(place)] = self._argument(argument, given)
        if kwargs:
            for name, argument in kwargs.items():
                arguments[name] = self._argument(argument, given)
        return arguments

    def _operation(
        self, plan: OperatorPlan, arguments: dict[str, Any], source: tuple[str, int] | None
    ) -> Operation:
        called = self._placing.called
        return Operation(plan.target, plan.name, arguments, self.calls.current, source, called=called)

    def _branch(self, condition: Any, yes: Any, no: Any, operands: Any = ()) -> Any:
        """Take the branch of ``torch.cond`` that the condition's value says: the other one is not seen."""
        if isinstance(condition, torch.Tensor) and self.tensors.value_of(condition).kind != CONSTANT:
            self.looked.append(called_from(sys._getframe(1), self._outermost))
        taken = yes if bool(condition) else no
        with self:
            return taken(*operands)

    def _read(self, tensor: torch.Tensor) -> None:
        """A tensor is read past all operations."""
        if self.tensors.value_of(tensor).kind != CONSTANT:
            self.left.append(called_from(sys._getframe(1), self._outermost))

    def _with_replacements(
        self, func: Any, plan: OperatorPlan, given: GivenValues, args: Any, kwargs: Any
    ) -> Any:
        """Do an operation on tensors of which some are in memory though the run takes none. Where they meet
        others they are read without values; where others are written to them, nobody may look at them any
        more."""
        tensors = self.tensors
        without = [tensors.without_values(tensor) for tensor, _ in given]
        if not any(without):
            if plan.writes or all(tensor.numel() <= MOST_IN_MEMORY for tensor, _ in given):
                return func(*args, **kwargs)
        elif all(tensor.is_meta for tensor, _ in given):
            return func(*args, **kwargs)
        for tensor in self._targets(plan, args, kwargs) if plan.writes else ():
            if not tensor.is_meta:
                tensors.spoil(tensor)
        args, kwargs = replaced((args, kwargs), tensors.replacement)
        result = func(*args, **kwargs)
        return replaced(result, tensors.original) if plan.writes else result

    def _argument(self, argument: Any, given: GivenValues) -> Any:
        kind = type(argument)
        if kind in PLAIN:
            return argument
        if isinstance(argument, torch.Tensor):
            value = self.tensors.value_of(argument)
            given.append((argument, value))
            return value
        if kind is list or kind is tuple:
            return tuple([self._argument(part, given) for part in argument])
        return word(argument)

    def _ended(
        self,
        plan: OperatorPlan,
        operation: Operation,
        given: GivenValues,
        args: Any,
        kwargs: Any,
        result: Any,
    ) -> Any:
        """Write down an operation that is done, and return its result."""
        read: tuple[Value, ...] = tuple([value for _, value in given])
        if plan.unread:
            read = ()
        elif plan.first_alone:
            read = read[:1]
        elif plan.source_alone:
            read = read[1:]
        written = self._targets(plan, args, kwargs) if plan.writes else []
        outputs: list[Value] = []
        newer: list[tuple[torch.Tensor, Value]] = []
        returned: set[int] = set()

        def note(tensor: torch.Tensor) -> torch.Tensor:
            returned.add(id(tensor))
            if any(tensor is target for target in written):
                value = self.tensors.made(tensor, operation, read, self.tensors.memory_of(tensor))
                newer.append((tensor, value))
                outputs.append(value)
                return tensor
            if self.tensors.knows(tensor):
                # The same tensor comes back, as from dropout that does nothing: it is another value.
                tensor = torch.ops.aten.alias.default(tensor)
            outputs.append(self.tensors.output(tensor, operation, len(outputs), given, read))
            return tensor

        if isinstance(result, torch.Tensor):
            result = note(result)
        elif isinstance(result, (tuple, list)):
            result = type(result)([note(part) if isinstance(part, torch.Tensor) else part for part in result])
        elif result is not None and any(value.kind != CONSTANT for value in read):
            self.looked.append(operation.source)
        for tensor in written:
            if id(tensor) not in returned:
                value = self.tensors.made(tensor, operation, read, self.tensors.memory_of(tensor))
                newer.append((tensor, value))
                outputs.append(value)
        masked = plan.name == "index" and any(value.dtype == "bool" for value in read)
        if (plan.sized or masked) and any(value.depends for value in read):
            self.sized.append(operation.source)
        operation.outputs = tuple(outputs)
        operation.inplace = bool(newer)
        if outputs:
            self.tensors.operations.append(operation)
        for tensor, value in newer:
            self.tensors.written(tensor, value)
        return result

    def _targets(self, plan: OperatorPlan, args: Any, kwargs: Any) -> list[torch.Tensor]:
        """The tensors that an operation writes into."""
        found: list[torch.Tensor] = []
        for name in plan.writes:
            place = plan.names.index(name)
            argument = args[place] if place < len(args) else (kwargs or {}).get(name)
            found += [tensor for _, tensor in tensors_in(argument)]
        return found
