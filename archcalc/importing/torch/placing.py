"""Where the tensors of a run are made: without memory on the higher rungs of the ladder, wherever the module
says that it wants them."""

from __future__ import annotations

from typing import Any

import torch
from torch.overrides import TorchFunctionMode
from torch.utils._device import _device_constructors

# What makes a tensor of numbers that are given.
_OF_NUMBERS = (torch.tensor, torch.as_tensor, torch.scalar_tensor)
_HERE = ("cpu", "meta")


class Placing(TorchFunctionMode):
    """While it is on, what makes tensors makes them on one device, and what moves them to a device that this
    run is not on leaves them.

    Attributes:
        numbers: Tensors of one number that were made of it, by ``id``, each with the number.
    """

    def __init__(self, device: torch.device) -> None:
        super().__init__()
        self.device = device
        self.numbers: dict[int, tuple[torch.Tensor, int | float | bool]] = {}
        self._makers = _device_constructors()

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if func in self._makers:
            kwargs = dict(kwargs or {})
            told = kwargs.get("device")
            if told is None or _elsewhere(told):
                kwargs["device"] = self.device
            made = func(*args, **kwargs)
            if func in _OF_NUMBERS:
                number = args[0] if args else kwargs.get("data", kwargs.get("s"))
                while isinstance(number, (list, tuple)) and len(number) == 1:
                    number = number[0]
                if isinstance(number, (int, float)):
                    self.numbers[id(made)] = (made, number)
            return made
        if func is torch.Tensor.cuda:
            return args[0].to(self.device)
        if func is torch.Tensor.to:
            args = tuple([self.device if _elsewhere(a) else a for a in args])
            if kwargs and _elsewhere(kwargs.get("device")):
                kwargs = {**kwargs, "device": self.device}
        elif func is torch.Tensor.cpu and args[0].is_meta:
            return args[0].to(self.device)
        return func(*args, **(kwargs or {}))


def _elsewhere(told: Any) -> bool:
    """Whether an argument is a device that the run is not on."""
    if type(told) is str:
        return told.partition(":")[0] in ("cuda", "mps", "xpu", "hpu", "npu")
    return isinstance(told, torch.device) and told.type not in _HERE
