"""What PyTorch itself says of a built network: shapes, tensors, operations, bytes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.flop_counter import FlopCounterMode

from ..graph import Layer
from ..shape import Shape
from .build import Built


def channels_last(tensor: Tensor) -> Shape:
    """The shape of an output, channels last and without the batch."""
    _, channels, *spatial = tensor.shape
    return Shape((*spatial, channels))


def shapes(built: Built, inputs: list[Tensor]) -> dict[Layer, Shape]:
    """The shape that every layer puts out."""
    found: dict[Layer, Shape] = {}

    def seen(layer: Layer, output: Tensor) -> None:
        found[layer] = channels_last(output)

    with torch.no_grad():
        built(*inputs, seen=seen)
    return found


def macs(built: Built, inputs: list[Tensor]) -> dict[Layer, int]:
    """Multiply-adds of every layer, for the whole batch: half of what FlopCounterMode counts while
    the layer runs."""
    found: dict[Layer, int] = {}
    counter = FlopCounterMode(display=False)
    before = 0

    def seen(layer: Layer, output: Tensor) -> None:
        nonlocal before
        now = counter.get_total_flops()
        found[layer] = (now - before) // 2
        before = now

    with torch.no_grad(), counter:
        built(*inputs, seen=seen)
    return found


def tensors(built: Built, layer: Layer) -> dict[str, tuple[tuple[int, ...], str]]:
    """The named tensors of a layer's module: their sizes, and whether they are ``learned``,
    ``frozen`` or a ``buffer``. The batch counter of batch norm is left out."""
    module = built.module_of(layer)
    if module is None:
        return {}
    found = {}
    for name, value in module.named_parameters():
        found[name] = tuple(value.shape), "learned" if value.requires_grad else "frozen"
    for name, buffer in module.named_buffers():
        if not name.endswith("num_batches_tracked"):
            found[name] = tuple(buffer.shape), "buffer"
    return found


def _own(built: Built) -> set[int]:
    """The storages of parameters and buffers."""
    held: Iterable[Tensor] = (*built.parameters(), *built.buffers())
    return {_storage(tensor) for tensor in held}


def _storage(tensor: Tensor) -> int:
    # Its address tells a storage from others on any device, meta included, as long as it lives.
    return int(tensor.untyped_storage()._cdata)


def saved_bytes(built: Built, inputs: list[Tensor]) -> int:
    """Bytes that a forward pass in training keeps for the backward pass, each storage once,
    parameters and buffers left out (torch.autograd.graph.saved_tensors_hooks)."""
    own = _own(built)
    kept: dict[int, Tensor] = {}

    def pack(tensor: Tensor) -> Tensor:
        if _storage(tensor) not in own:
            # Held, so that no later storage gets its address.
            kept.setdefault(_storage(tensor), tensor.detach())
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        ends = built(*inputs)
    total = sum(tensor.untyped_storage().nbytes() for tensor in kept.values())
    del ends
    return total


class _Births(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Remembers every storage that an operation makes, without holding it."""

    def __init__(self, own: set[int]):
        super().__init__()  # type: ignore[no-untyped-call]
        self.own = own
        self.known: dict[int, tuple[Any, int]] = {}

    def __torch_dispatch__(
        self, func: Any, types: Any, args: Any = (), kwargs: Any = None
    ) -> Any:
        result = func(*args, **(kwargs or {}))
        for value in result if isinstance(result, (tuple, list)) else (result,):
            if isinstance(value, Tensor):
                self.note(value)
        return result

    def note(self, tensor: Tensor) -> None:
        from torch.multiprocessing.reductions import StorageWeakRef

        key = _storage(tensor)
        if key not in self.own and (key not in self.known or self.known[key][0].expired()):
            storage = tensor.untyped_storage()
            weak = StorageWeakRef(storage)  # type: ignore[no-untyped-call]
            self.known[key] = weak, storage.nbytes()

    @property
    def live(self) -> int:
        """Bytes of the storages that still live."""
        gone = [key for key, (storage, _) in self.known.items() if storage.expired()]
        for key in gone:
            del self.known[key]
        return sum(size for _, size in self.known.values())


def peak_bytes(built: Built, inputs: list[Tensor]) -> tuple[int, str | None]:
    """The largest sum of live storages behind a layer of an inference pass, parameters and buffers
    left out, and the first layer behind which it is reached. ``inputs`` is emptied: a caller that
    kept them would keep them alive."""
    births = _Births(_own(built))
    for tensor in inputs:
        births.note(tensor)
        del tensor  # or the last would be kept by this name
    peak, at = 0, None

    def seen(layer: Layer, output: Tensor) -> None:
        nonlocal peak, at
        live = births.live
        if live > peak:
            peak, at = live, layer.name

    with torch.no_grad(), births:
        built.run(inputs, seen)
    return peak, at


class _Highest(_Births):  # type: ignore[no-untyped-call]
    """Remembers the largest sum of live storages behind any operation."""

    peak = 0

    def __torch_dispatch__(
        self, func: Any, types: Any, args: Any = (), kwargs: Any = None
    ) -> Any:
        result = super().__torch_dispatch__(func, types, args, kwargs)
        # Gradients that come together are added in place, but not while somebody looks on.
        if func is not torch.ops.aten.add.Tensor:
            self.peak = max(self.peak, self.live)
        return result


def step_bytes(built: Built, inputs: list[Tensor]) -> int:
    """The largest sum of live storages behind an operation of a forward and a backward pass, the
    gradients of the parameters among them, parameters and buffers left out. ``inputs`` is
    emptied."""
    births = _Highest(_own(built))
    for tensor in inputs:
        births.note(tensor)
        del tensor
    with births:
        outputs = list(built.run(inputs).values())
        # A forward pass may hold more than it keeps, but what it holds then goes before the end.
        torch.autograd.backward(outputs, [torch.ones_like(output) for output in outputs])
    return births.peak
