"""A module of somebody's own while it runs: each operation with its sizes and its multiply-adds."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from difflib import SequenceMatcher
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.flop_counter import FlopCounterMode

from ..importing.operations.recording import ModuleCall
from ..importing.torch import Trace
from ..importing.torch.copies import copied_with_values, copied_without_memory, with_values, without_memory
from ..importing.torch.recorder import CPU, META, plain_attention
from ..importing.torch.trees import replaced, tensors_in
from . import measure

# A module and the number of its call.
CallKey = tuple[str, int]


def call_key(call: ModuleCall) -> CallKey:
    """What tells a call from others."""
    return call.path, call.number


class SeenOperation:
    """An operation that was seen: its operator, the sizes of what it gave, and its multiply-adds.

    macs    half of what FlopCounterMode counts; None where that raises
    """

    __slots__ = ("target", "sizes", "macs")

    def __init__(self, target: str, sizes: tuple[tuple[int, ...], ...], macs: int | None):
        self.target = target
        self.sizes = sizes
        self.macs = macs


class OperationLog(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Writes down every operation, by the call of the module that it happens in.

    calls   the operations of each call, in order
    """

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.calls: dict[CallKey, list[SeenOperation]] = {}
        self._inside: list[CallKey] = []
        self._counts: dict[str, int] = {}
        self._flops: dict[str, int | None] = {}

    @contextmanager
    def hooked(self, module: nn.Module) -> Iterator[None]:
        """Follow the calls of the modules of a module, until the block ends."""
        handles: list[Any] = []
        for path, part in module.named_modules():

            def before(_: nn.Module, args: Any, path: str = path) -> None:
                self._counts[path] = self._counts.get(path, 0) + 1
                self._inside.append((path, self._counts[path]))

            def behind(_: nn.Module, args: Any, result: Any) -> None:
                self._inside.pop()

            handles += [part.register_forward_pre_hook(before), part.register_forward_hook(behind)]
        try:
            yield
        finally:
            for handle in handles:
                handle.remove()

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        macs = self._macs(func, args, kwargs or {})
        result = func(*args, **(kwargs or {}))
        sizes = tuple([tuple(tensor.shape) for _, tensor in tensors_in(result)])
        key = self._inside[-1] if self._inside else ("", 1)
        self.calls.setdefault(key, []).append(SeenOperation(str(func), sizes, macs))
        return result

    def _macs(self, func: Any, args: Any, kwargs: Any) -> int | None:
        """What FlopCounterMode counts of an operation by itself, where nothing has values."""
        plain = replaced([args, kwargs], lambda tensor: without_memory(tensor.detach()))
        known = f"{func} {replaced([args, kwargs], _described)}"
        if known not in self._flops:
            counter = FlopCounterMode(display=False)
            try:
                with counter:
                    func(*plain[0], **plain[1])
                self._flops[known] = counter.get_total_flops() // 2
            except Exception:
                self._flops[known] = None
        return self._flops[known]


def _described(tensor: Tensor) -> Any:
    return f"{tuple(tensor.shape)} {tensor.dtype}"


class OwnModule:
    """The module that was traced, and what it is given, on the device that it is measured on.

    values   whether it has values
    """

    def __init__(self, trace: Trace, device: str):
        self.trace = trace
        self.values = device != "meta" or trace.recording.rung == CPU
        self.device = torch.device(device if self.values and device != "meta" else "cpu")
        if not self.values:
            self.device = torch.device("meta")
        module = trace.built.module
        if not self.values:
            self.module = copied_without_memory(module)
        else:
            real = trace.built.real() if trace.built.fresh else module
            self.module = copied_with_values(real).to(self.device)
        self.module.train(trace.recording.training)
        self._named = dict([*_named(trace)])

    def arguments(self) -> tuple[Any, Any, list[Tensor]]:
        """Clones of the arguments, and the tensors among them in the order of the recorded inputs."""
        made: dict[int, Tensor] = {}

        def placed(tensor: Tensor) -> Tensor:
            if id(tensor) not in made:
                if self.values:
                    made[id(tensor)] = with_values(tensor, self._named.get(id(tensor), "")).to(self.device)
                else:
                    made[id(tensor)] = without_memory(tensor)
            return made[id(tensor)]

        args, kwargs = replaced(self.trace.given.args, placed), replaced(self.trace.given.kwargs, placed)
        return args, kwargs, list(made.values())

    def run(self, args: Any, kwargs: Any, gradients: bool = False) -> list[Tensor]:
        """Run it; the tensors that it returns."""
        grad = torch.enable_grad() if gradients or self._asks_for_gradients else torch.no_grad()
        with grad, self.device, plain_attention():
            return [tensor for _, tensor in tensors_in(self.module(*args, **kwargs))]

    @property
    def _asks_for_gradients(self) -> bool:
        return self.trace.recording.rung not in (META, CPU)

    def log(self) -> OperationLog:
        """Every operation of a run."""
        found = OperationLog()
        args, kwargs, _ = self.arguments()
        grad = torch.enable_grad() if self._asks_for_gradients else torch.inference_mode()
        with grad, found.hooked(self.module), self.device, plain_attention(), found:
            self.module(*args, **kwargs)
        return found

    def peak(self) -> int:
        """The most bytes that live between two operations, parameters and buffers apart."""
        births = measure.Most(measure.held((*self.module.parameters(), *self.module.buffers())))
        args, kwargs, given = self.arguments()
        births.watch(given)
        del given
        with births:
            self.run(args, kwargs)
        return births.most

    def kept(self) -> int:
        """Bytes that a forward pass keeps for the backward pass, each storage once, parameters and buffers
        left out."""
        mine = measure.held((*self.module.parameters(), *self.module.buffers()))
        found: dict[int, Tensor] = {}

        def pack(tensor: Tensor) -> Tensor:
            for key in measure.held([tensor]):
                if key not in mine:
                    found.setdefault(key, tensor.detach())
            return tensor

        args, kwargs, _ = self.arguments()
        with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
            self.run(args, kwargs, gradients=True)
        return sum(measure.held(found.values()).values())

    def reached(self) -> set[str]:
        """The learned tensors that gradients of the outputs reach, by name."""
        args, kwargs, _ = self.arguments()
        outputs = self.run(args, kwargs, gradients=True)
        waiting = [output.grad_fn for output in outputs if output.grad_fn is not None]
        met, variables = set(waiting), {id(output) for output in outputs}
        while waiting:
            node = waiting.pop()
            variable = getattr(node, "variable", None)
            if variable is not None:
                variables.add(id(variable))
            for other, _ in node.next_functions:
                if other is not None and other not in met:
                    met.add(other)
                    waiting.append(other)
        return {name for name, tensor in self.module.named_parameters() if id(tensor) in variables}


def _named(trace: Trace) -> Iterator[tuple[int, str]]:
    """The names of the tensors among the arguments, which say whether one is a mask."""
    for name, tensor in tensors_in(trace.given.kwargs):
        yield id(tensor), name


def paired(
    recorded: Sequence[Any], seen: Sequence[SeenOperation], sizes: Callable[[Any], Any]
) -> list[SeenOperation | None]:
    """For each recorded operation the one that was seen for it: in order, of the same operator, and of
    several the one whose sizes are those that are expected."""
    found: list[SeenOperation | None] = [None] * len(recorded)
    mine, theirs = list(range(len(recorded))), list(range(len(seen)))
    for exact in (True, False):
        left = [(recorded[i].target, sizes(recorded[i]) if exact else None) for i in mine]
        right = [(seen[j].target, seen[j].sizes[:1] if exact else None) for j in theirs]
        taken = []
        for block in SequenceMatcher(None, left, right, autojunk=False).get_matching_blocks():
            taken += [(block.a + step, block.b + step) for step in range(block.size)]
        for a, b in taken:
            found[mine[a]] = seen[theirs[b]]
        mine = [i for n, i in enumerate(mine) if n not in {a for a, _ in taken}]
        theirs = [j for n, j in enumerate(theirs) if n not in {b for _, b in taken}]
    return found


def own_module(trace: Trace, device: str) -> OwnModule:
    """The module where it can be measured: in memory, where it does not run without values."""
    found = OwnModule(trace, device)
    if not found.values:
        try:
            args, kwargs, _ = found.arguments()
            found.run(args, kwargs)
        except Exception:
            return OwnModule(trace, "cpu")
    return found
