"""Where the tensors of a run are made, wherever the module says that it wants them.

In a run without memory small constants have some all the same, so that a module may look at them: at a mask,
say, whether it hides anything. What is larger, or of random numbers, has none.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import torch
from torch.overrides import TorchFunctionMode
from torch.utils._device import _device_constructors

from .aliasing import memory_key
from .spelling import spelled

# What makes a tensor of what it is given.
_OF_DATA = (torch.tensor, torch.as_tensor)
# What makes a tensor of sizes, with values that follow from its arguments.
_CONSTANT = frozenset(
    (
        *(torch.zeros, torch.ones, torch.full, torch.arange, torch.linspace, torch.logspace, torch.eye),
        *(torch.range, torch.tril_indices, torch.triu_indices, torch.scalar_tensor),
        *(torch.hann_window, torch.hamming_window, torch.blackman_window, torch.bartlett_window),
    )
)
# What reads the memory of a tensor past all operations.
_READS = (torch.Tensor.tolist, torch.Tensor.numpy, torch.Tensor.__array__)
_HERE = ("cpu", "meta")
# Constants with more elements have no memory.
MOST_IN_MEMORY = 2**20


class Placing(TorchFunctionMode):
    """While it is on, what makes tensors makes them on one device, and what moves them to a device that this
    run is not on leaves them.

    Attributes:
        spoiled: Memory whose values are wrong, by ``memory_key``.
        read: Is told of tensors that are read past all operations, as by ``numpy()``.
        called: The outermost function of PyTorch that runs, as code spells it; empty where none does.
    """

    def __init__(self, device: torch.device) -> None:
        super().__init__()
        self.device = device
        self.spoiled: set[int] = set()
        self.read: Callable[[torch.Tensor], None] = lambda tensor: None
        self.called = ""
        self._without = device.type == "meta"
        self._makers = _device_constructors()

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        outer, self.called = self.called, self.called or spelled(func, sys._getframe(1))
        try:
            return self._run(func, args, kwargs or {})
        finally:
            self.called = outer

    def _run(self, func: Any, args: Any, kwargs: dict[str, Any]) -> Any:
        """What a function gives, run where this run wants its tensors."""
        if func in self._makers:
            return self._made(func, args, dict(kwargs))
        if func is torch.Tensor.to:
            args, kwargs = self._moved(args, kwargs)
        elif func is torch.Tensor.cuda or (func is torch.Tensor.cpu and args[0].is_meta):
            return args[0].to(self.device)
        elif func in _READS:
            if self._without and memory_key(args[0]) in self.spoiled:
                raise NotImplementedError("Cannot copy out of meta tensor; no data!")
            self.read(args[0])
        return func(*args, **kwargs)

    def _made(self, func: Any, args: Any, kwargs: dict[str, Any]) -> Any:
        """What a call that makes a tensor gives, made where this run wants it."""
        device = kwargs.get("device")
        if self._without and func in _OF_DATA:
            data = args[0] if args else kwargs.get("data")
            kwargs["device"] = data.device if isinstance(data, torch.Tensor) else "cpu"
            return func(*args, **kwargs)
        if device is None or self._without or _elsewhere(device):
            kwargs["device"] = self.device
        if self._without and func in _CONSTANT and _size(func, args, kwargs) <= MOST_IN_MEMORY:
            kwargs["device"] = "cpu"
        return func(*args, **kwargs)

    def _moved(self, args: Any, kwargs: Any) -> tuple[Any, Any]:
        """The arguments of ``Tensor.to``, with the device that the tensor is on in place of another."""
        here = args[0].device if self._without else self.device
        args = tuple([here if self._is_other(argument) else argument for argument in args])
        if self._is_other(kwargs.get("device")):
            kwargs = {**kwargs, "device": here}
        return args, kwargs

    def _is_other(self, device: Any) -> bool:
        """Whether an argument is a device that a tensor of this run shall not move to."""
        if self._without:
            return isinstance(device, torch.device) or (type(device) is str and _is_device(device))
        return _elsewhere(device)


def _size(func: Any, args: Any, kwargs: Any) -> int:
    """How many elements a call makes, found without memory and without anybody's noticing."""
    with torch._C._DisableTorchDispatch():
        return int(func(*args, **kwargs).numel())


def _is_device(device: str) -> bool:
    return device.partition(":")[0] in (*_HERE, "cuda", "mps", "xpu", "hpu", "npu")


def _elsewhere(device: Any) -> bool:
    """Whether an argument is a device that no run is on."""
    if type(device) is str:
        return _is_device(device) and device not in _HERE
    return isinstance(device, torch.device) and device.type not in _HERE
