"""The counterpart of a lifted graph, with the values of its module: their outputs must agree."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import prod

import torch
from torch import Tensor, nn

from ..graph import Layer
from ..importing.operations.lifting.lifter import Lifter
from ..importing.operations.lifting.placements import BATCH, COPIES, Placement, has_batch
from ..importing.operations.recording import PARAMETER, Value
from .build import Built

# Products whose second factor is a weight with a row for each input, where a layer has one for each unit.
_ROWS_ARE_INPUTS = ("matmul", "mm", "addmm")


def load_values(built: Built, lifter: Lifter, values: Mapping[str, Tensor]) -> None:
    """Give each layer of a counterpart the values of the module that it was lifted from.

    Args:
        built: The counterpart of the graph.
        lifter: What made the graph.
        values: The parameters and buffers of the module, by all their names.
    """
    for made in lifter.made:
        module = built.module_of(made.layer)
        if module is None:
            continue
        left = [leaf for leaf in made.leaves if leaf.name in values]
        for name, tensor in [*module.named_parameters(), *module.named_buffers()]:
            if name.endswith("num_batches_tracked"):
                continue
            leaf = _matching(name, tensor, left)
            if leaf is not None:
                left.remove(leaf)
                value = leaf.of(values[leaf.name])
                if made.operation.name in _ROWS_ARE_INPUTS and value.dim() == 2 and tensor.dim() == 2:
                    value = value.t()
                tensor.data.copy_(value.reshape(tensor.shape))


def _matching(name: str, tensor: Tensor, leaves: Sequence[Value]) -> Value | None:
    """The tensor of the module that is meant: of the same name, else of the same size."""
    learned = isinstance(tensor, nn.Parameter)
    alike = [v for v in leaves if prod(v.sizes) == tensor.numel() and (v.kind == PARAMETER) == learned]
    named = [v for v in alike if v.name.rpartition(".")[2] == name.rpartition(".")[2]]
    return next(iter(named or alike), None)


def run_layers(built: Built, lifter: Lifter, given: Sequence[Tensor]) -> dict[Layer, Tensor]:
    """Run a counterpart on what the module is given, tensors in the order of its arguments.

    Returns:
        The output of each layer.
    """
    found: dict[Layer, Tensor] = {}
    inputs = [
        _arranged(tensor, lifter.placements[value.index])
        for tensor, value in zip(given, lifter.recording.inputs, strict=True)
    ]
    with torch.no_grad():
        built.run(inputs, lambda layer, output: found.__setitem__(layer, output.clone()))
    return found


def laid_out(output: Tensor, placement: Placement) -> Tensor:
    """The tensor that lies so over the output of a layer, which has the channels after the batch."""
    shape = placement.shape
    last = len(shape) - 1
    output = output.reshape(-1, shape[last], *shape[:last]).movedim(1, -1)
    batch = output.shape[0]
    # Each axis of the layer split into the parts that the tensor has of it, the outermost first.
    places = sorted(
        {a for dim in placement.dims for a in dim if a.axis >= 0}, key=lambda a: (a.axis, -a.step)
    )
    output = output.reshape(batch, *[a.size for a in places])
    order: list[int] = []
    sizes = []
    for dim in placement.dims:
        size = 1
        for atom in dim:
            if atom.axis == COPIES:
                output = output.unsqueeze(-1).expand(*output.shape, atom.size)
                order.append(output.dim() - 1)
                size *= atom.size
            elif atom.axis != BATCH:
                order.append(1 + places.index(atom))
                size *= atom.size
            elif 0 not in order:
                order.append(0)
                size *= batch
        sizes.append(size)
    if 0 not in order:
        output = output[:1]
        order = [0, *order]
    return output.permute(order).reshape(sizes)


def _arranged(tensor: Tensor, placement: Placement) -> Tensor:
    """An input as the graph has it: the channels after the batch."""
    batch = next((n for n, dim in enumerate(placement.dims) if has_batch(dim)), None)
    rest = [dim for n, dim in enumerate(placement.dims) if n != batch]
    tensor = tensor[None] if batch is None else tensor.movedim(batch, 0)
    shape = placement.shape
    axes = {dim[0].axis: n + 1 for n, dim in enumerate(rest) if dim}
    missing = iter([n + 1 for n in range(len(rest)) if n + 1 not in axes.values()])
    order = [axes[axis] if axis in axes else next(missing, None) for axis in range(len(shape))]
    if any(place is None for place in order):
        return tensor.reshape(tensor.shape[0], shape[-1], *shape[:-1])
    found = [place for place in order if place is not None]
    return tensor.permute(0, found[-1], *found[:-1])
