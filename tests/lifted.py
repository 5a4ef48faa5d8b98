"""A lifted module, built anew from its graph with the module's values: the witness that lifting keeps what a
module computes, and not only its counts."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any

import torch
from torch import Tensor, nn

from archcalc.graph import Graph
from archcalc.importing.torch.lifting import graph_of, lifted
from archcalc.importing.torch.lifting.placements import BATCH, Placement
from archcalc.importing.torch.recorder import record
from archcalc.importing.torch.recording import PARAMETER, Value
from archcalc.witness.build import Built, build


class Lifted:
    """A module, recorded and lifted, and the graph built in PyTorch with the values of the module."""

    def __init__(self, module: nn.Module, *args: Tensor, **kwargs: Tensor):
        self.module = module.eval()
        self.args, self.kwargs = args, kwargs
        self.kept = [tensor.clone() for tensor in tensors_of((list(args), kwargs))]
        self.recording = record(self.module, args, kwargs, target="a module")
        self.lifter = lifted(self.recording)
        self.graph = graph_of(self.lifter)

    @property
    def opaque(self) -> list[str]:
        """What has no layer of its own."""
        return [layer.op.argument("operation") for layer in self.graph.layers if layer.op.name == "opaque"]

    def params(self) -> int:
        """Learned values of the graph, each once."""
        return sum([layer.facts.params or 0 for layer in self.graph.layers if layer.owner is layer])

    def differences(self) -> list[str]:
        """Where outputs of the graph are not those of the module, for these inputs."""
        with torch.no_grad():
            given_again = [tensor.clone() for tensor in self.kept]
            args = given_again[: len(self.args)]
            kwargs = dict(zip(self.kwargs, given_again[len(self.args) :], strict=True))
            wanted = tensors_of(self.module(*args, **kwargs))
            built = self.built()
            given = {v.name: t for v, t in zip(self.recording.inputs, self.inputs(), strict=True)}
            placed = [
                moved(given[layer.name], self.lifter.placements[value.index])
                for layer, value in zip(self.graph.inputs, self.recording.inputs, strict=True)
            ]
            seen: dict[Any, Tensor] = {}
            built.run(placed, lambda layer, output: seen.__setitem__(layer, output.clone()))
        found = []
        for (name, value), tensor in zip(self.recording.outputs, wanted, strict=True):
            placement = self.lifter.placements.get(value.index)
            if placement is None:
                continue
            layer = self.lifter.forced(placement.source)
            if layer in self.graph.inputs:
                continue
            made = laid_out(seen[layer], placement)
            if made.shape != tensor.shape or not torch.allclose(
                made.float(), tensor.float(), atol=1e-4, rtol=1e-4, equal_nan=True
            ):
                found.append(f"{name}: {tuple(made.shape)} for {tuple(tensor.shape)}")
        return found

    def inputs(self) -> list[Tensor]:
        """The tensors that the module was given, in order."""
        return self.kept

    def built(self) -> Built:
        """The graph in PyTorch, with the values of the module."""
        values = {
            **dict(self.module.named_parameters(remove_duplicate=False)),
            **dict(self.module.named_buffers(remove_duplicate=False)),
        }
        built = build(self.graph, self.graph.select(with_heads=True))
        for made in self.lifter.made:
            module = built.module_of(made.layer)
            if module is None:
                continue
            mine = dict([*module.named_parameters(), *module.named_buffers()])
            left = [leaf for leaf in made.leaves if leaf.name in values]
            for name, tensor in mine.items():
                if name.endswith("num_batches_tracked"):
                    continue
                leaf = matching(name, tensor, left, isinstance(tensor, nn.Parameter))
                if leaf is not None:
                    left.remove(leaf)
                    tensor.data.copy_(values[leaf.name].reshape(tensor.shape))
        return built.eval()


def matching(name: str, tensor: Tensor, leaves: Sequence[Value], learned: bool) -> Value | None:
    """The tensor of the module that is meant: of the same name, else of the same size."""
    alike = [v for v in leaves if prod(v.sizes) == tensor.numel() and (v.kind == PARAMETER) == learned]
    named = [v for v in alike if v.name.rpartition(".")[2] == name.rpartition(".")[2]]
    return (named or alike or [None])[0]


def tensors_of(found: Any) -> list[Tensor]:
    """The tensors in what a module was given, or gave."""
    if isinstance(found, Tensor):
        return [found]
    if isinstance(found, dict):
        return [t for part in found.values() for t in tensors_of(part)]
    if isinstance(found, (list, tuple)):
        return [t for part in found for t in tensors_of(part)]
    return []


def laid_out(output: Tensor, placement: Placement) -> Tensor:
    """The tensor that lies so over the output of a layer, which has the channels after the batch."""
    shape = placement.shape
    last = len(shape) - 1
    output = output.reshape(-1, shape[last], *shape[:last]).movedim(1, -1)
    batch = output.shape[0]
    if isinstance(placement.source, object) and any(d.axis == -2 for dim in placement.dims for d in dim):
        raise AssertionError("copies in an output")
    # Each axis of the layer split into the parts that the tensor has of it, the outermost first.
    parts = sorted({a for dim in placement.dims for a in dim if a.axis >= 0}, key=lambda a: (a.axis, -a.step))
    output = output.reshape(batch, *[a.size for a in parts])
    order, sizes = [], []
    for dim in placement.dims:
        size = 1
        for atom in dim:
            place = 0 if atom.axis == BATCH else 1 + parts.index(atom)
            order.append(place)
            size *= batch if atom.axis == BATCH else atom.size
        sizes.append(size)
    if 0 not in order:
        output = output[:1]
        order = [0, *order]
    return output.permute(order).reshape(sizes)


def moved(tensor: Tensor, placement: Placement) -> Tensor:
    """An input as the graph has it: the channels after the batch."""
    batched = bool(placement.dims) and any(a.axis == BATCH for a in placement.dims[0])
    rest = placement.dims[1:] if batched else placement.dims
    tensor = tensor if batched else tensor[None]
    shape = placement.shape
    axes = {dim[0].axis: n + 1 for n, dim in enumerate(rest) if dim}
    missing = iter([n + 1 for n in range(len(rest)) if n + 1 not in axes.values()])
    order = [axes[axis] if axis in axes else next(missing, None) for axis in range(len(shape))]
    if None in order:
        return tensor.reshape(tensor.shape[0], *shape)
    return tensor.permute(0, order[-1], *order[:-1])


def graph_alone(module: nn.Module, *args: Tensor) -> Graph:
    """The graph of a module."""
    return Lifted(module, *args).graph
