"""Measurements of a built network by PyTorch itself: shapes, tensors, operations, bytes."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Container, Iterable
from itertools import islice
from typing import Any, NamedTuple

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


def owned(built: Built) -> dict[int, int]:
    """Bytes of the storages of parameters, buffers and constants."""
    parts = [vars(part).values() for part in built.modules()]
    constants = [value for values in parts for value in values if isinstance(value, Tensor)]
    return held((*built.parameters(), *built.buffers(), *constants))


def held(tensors: Iterable[Tensor]) -> dict[int, int]:
    """Bytes of the storages of tensors."""
    return {_storage(tensor): tensor.untyped_storage().nbytes() for tensor in tensors}


def _storage(tensor: Tensor) -> int:
    # Its address tells a storage from others on any device, meta included, as long as it lives.
    return int(tensor.untyped_storage()._cdata)


def saved(built: Built, inputs: list[Tensor]) -> dict[Layer, int]:
    """Bytes that a forward pass in training keeps for the backward pass, each storage once, with
    the layer that is the first to keep it; parameters and buffers left out
    (torch.autograd.graph.saved_tensors_hooks)."""
    mine = owned(built)
    saved_tensors: dict[int, Tensor] = {}
    found: dict[Layer, int] = {}
    before = 0

    def seen(layer: Layer, output: Tensor) -> None:
        nonlocal before
        fresh = islice(saved_tensors.values(), before, None)
        found[layer] = sum([tensor.untyped_storage().nbytes() for tensor in fresh])
        before = len(saved_tensors)

    def pack(tensor: Tensor) -> Tensor:
        if _storage(tensor) not in mine:
            # Held, so that no later storage gets its address.
            saved_tensors.setdefault(_storage(tensor), tensor.detach())
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        built(*inputs, seen=seen)
    return found


class Births(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Remembers every storage that an operation makes, without holding it; not those in ``owned``.

    live   bytes of the storages that still live
    sizes  of each of them, by its address
    """

    def __init__(self, owned: Container[int]):
        super().__init__()  # type: ignore[no-untyped-call]
        self.owned = owned
        self.live = 0
        self.sizes: dict[int, int] = {}
        self._references: dict[int, weakref.ref[torch.UntypedStorage]] = {}

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        result = func(*args, **(kwargs or {}))
        self._note(result)
        return result

    def _note(self, result: object) -> None:
        if isinstance(result, Tensor):
            self.note(result)
        elif isinstance(result, (tuple, list)):
            # Lists stand in tuples too: cuDNN's recurrent layers give the gradients of weights so.
            for part in result:
                self._note(part)

    def note(self, tensor: Tensor) -> None:
        """Remember a storage until it dies."""
        key = _storage(tensor)
        if key in self.owned or key in self.sizes:
            return

        def died(_: object) -> None:
            self.live -= self.sizes.pop(key)
            del self._references[key]

        storage = tensor.untyped_storage()
        self.sizes[key] = storage.nbytes()
        self.live += self.sizes[key]
        # PyTorch keeps the Python object of a storage as long as the storage itself lives.
        self._references[key] = weakref.ref(storage, died)

    def watch(self, tensors: list[Tensor]) -> None:
        """Remember storages that are there already."""
        for tensor in tensors:
            self.note(tensor)


class Most(Births):  # type: ignore[no-untyped-call]
    """Remembers the largest sum of live storages behind any operation."""

    most = 0

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        result = super().__torch_dispatch__(func, types, args, kwargs)
        self.most = max(self.most, self.live)
        return result


class Inference(NamedTuple):
    """What a forward pass without gradients shows.

    shapes    the shape that every layer puts out
    products  the multiply-adds of every layer for the whole batch: half of what FlopCounterMode counts
              while the layer runs; of inputs that have no values only
    peak      the largest sum of live storages behind a layer, parameters and buffers left out
    at        the first layer behind which it is reached
    """

    shapes: dict[Layer, Shape]
    products: dict[Layer, int]
    peak: int
    at: str | None


def inference(built: Built, inputs: list[Tensor]) -> Inference:
    """Run a forward pass and measure it. ``inputs`` is emptied: a caller that kept them would keep them
    alive. Products are counted where nothing has values: the fused kernels of real devices are not
    all known to the counter."""
    # Inputs of its own: kernels on meta are Python, and what they leave behind may hold what they were given.
    of_its_own = [torch.empty_like(x) for x in inputs if x.is_meta]
    products = multiply_adds(built, of_its_own) if len(of_its_own) == len(inputs) else {}
    births = Births(owned(built))
    births.watch(inputs)
    found: dict[Layer, Shape] = {}
    peak, at = 0, None

    def seen(layer: Layer, output: Tensor) -> None:
        nonlocal peak, at
        found[layer] = channels_last(output)
        if births.live > peak:
            peak, at = births.live, layer.name

    with births:
        infer(built, inputs, seen)
    return Inference(found, products, peak, at)


def multiply_adds(built: Built, inputs: list[Tensor]) -> dict[Layer, int]:
    """The multiply-adds of every layer for the whole batch. A pass of its own: what the counter takes
    apart makes tensors that the network does not."""
    counter = FlopCounterMode(display=False)
    found: dict[Layer, int] = {}
    before = 0

    def seen(layer: Layer, output: Tensor) -> None:
        nonlocal before
        now = counter.get_total_flops()
        found[layer] = (now - before) // 2
        before = now

    with counter:
        infer(built, inputs, seen)
    return found


class Peak(Births):  # type: ignore[no-untyped-call]
    """Remembers the largest sum of live storages: behind each layer of the forward pass, for which
    ``seen`` has to be called, and behind each operation of the backward pass."""

    def __init__(self, built: Built):
        super().__init__(owned(built))
        self.peak = 0
        self.left = len(built.steps)

    def seen(self, layer: Layer, output: Tensor) -> None:
        """A layer is done."""
        self.peak = max(self.peak, self.live)
        self.left -= 1

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        result = super().__torch_dispatch__(func, types, args, kwargs)
        if not self.left and self.counts(func):
            self.peak = max(self.peak, self.live)
        return result

    def counts(self, func: Any) -> bool:
        """Whether an operation is one of the network's. Gradients that come together are added in
        place, but not while somebody looks on."""
        return self.left > 0 or func is not torch.ops.aten.add.Tensor


def step_bytes(built: Built, inputs: list[Tensor]) -> int:
    """The largest sum of live storages behind a layer of a forward pass or an operation of the
    backward pass, the gradients of the parameters among them, parameters and buffers left out.
    ``inputs`` is emptied."""
    births = Peak(built)
    births.watch(inputs)
    with births:
        train(built, inputs, births.seen)
    return births.peak


def infer(built: Built, inputs: list[Tensor], seen: Callable[[Layer, Tensor], None] | None = None) -> None:
    """A forward pass without gradients. ``inputs`` is emptied."""
    with torch.no_grad():
        built.run(inputs, seen)


def train(built: Built, inputs: list[Tensor], seen: Callable[[Layer, Tensor], None] | None = None) -> None:
    """A forward and a backward pass, from gradients of ones. ``inputs`` is emptied. Of a network in
    which nothing is trained there is no backward pass."""
    outputs = list(built.run(inputs, seen).values())
    ends = [output for output in outputs if output.requires_grad]
    if ends:
        torch.autograd.backward(ends, [torch.ones_like(end) for end in ends])
