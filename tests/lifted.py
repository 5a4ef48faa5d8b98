"""A lifted module, built anew from its graph with the module's values: the witness that lifting keeps what a
module computes, and not only its counts."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from archcalc.graph import Graph
from archcalc.importing.operations.lifting import graph_of, lifted
from archcalc.importing.torch.recorder import record
from archcalc.witness.build import Built, build
from archcalc.witness.loaded import laid_out, load_values, run_layers


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
            seen = run_layers(built, self.lifter, self.inputs())
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
        load_values(built, self.lifter, values)
        return built.eval()


def tensors_of(found: Any) -> list[Tensor]:
    """The tensors in what a module was given, or gave."""
    if isinstance(found, Tensor):
        return [found]
    if isinstance(found, dict):
        return [t for part in found.values() for t in tensors_of(part)]
    if isinstance(found, (list, tuple)):
        return [t for part in found for t in tensors_of(part)]
    return []


def graph_alone(module: nn.Module, *args: Tensor) -> Graph:
    """The graph of a module."""
    return Lifted(module, *args).graph
