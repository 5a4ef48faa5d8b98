"""From a graph to a module of PyTorch, through each op's own code."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any, cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812

from ..analysis.memory import Memory
from ..graph import Graph, Layer
from ..ops.torch_code import TorchCode
from ..torch_code import torch_code_of as torch_code_of
from .inputs import Plan, input_plan
from .modules import defined

# What the PyTorch code of an op may name.
NAMES: dict[str, Any] = {"torch": torch, "nn": nn, "F": F, **defined()}

Apply = Callable[[Any, Any], Tensor]


@lru_cache(maxsize=4096)
def compiled(source: str, arguments: str = "") -> Callable[..., Any]:
    """The function that this code of an op is; layers that are alike share it."""
    return cast("Callable[..., Any]", eval(f"lambda {arguments}: {source}", NAMES))


def stored_code_of(layer: Layer, memory: Memory, training: bool) -> TorchCode:
    """The PyTorch code of a layer whose output goes where ``memory`` has it: over the input, or into
    a storage of its own."""
    torch_code = torch_code_of(layer)
    inplace = memory.training.inplace if training else memory.inplace
    if layer in inplace:
        if torch_code.inplace is not None or layer.op.group != "activation":
            # No other may claim to write in place what PyTorch does not.
            return torch_code.inplace or torch_code
        if training:
            return torch_code  # what is written over is not what backward keeps
        # Where PyTorch has no form in place: by way of a copy that nobody keeps.
        return TorchCode(torch_code.module, f"x.copy_({torch_code.apply})")
    if training and layer.op.whole_statistics and torch_code.apply == "m(x)":
        # PyTorch 2.13 ends with a segmentation fault in the backward pass of a group norm whose
        # input takes no gradient and is not contiguous.
        return TorchCode(torch_code.module, "m(x if x.requires_grad else x.contiguous())")
    return torch_code


def reads_several(layer: Layer) -> bool:
    """Whether its code is applied to a list of tensors."""
    return layer.op.merge or len(layer.inputs) > 1


class Built(nn.Module):
    """A network as a module: one submodule per layer that has one, under the layer's own name.

    Layers that share their parameters share the module, or where it depends on the input's size
    (SAME padding) its parameters; the parameters of frozen ones take no gradient.
    """

    def __init__(
        self, graph: Graph, layers: Sequence[Layer], memory: Memory, training: bool, ends: Sequence[Layer]
    ):
        super().__init__()
        self.graph = graph
        self.steps: list[tuple[Layer, nn.Module | None, Apply]] = []
        made: dict[tuple[Layer, str], nn.Module] = {}
        readers: dict[Layer, int] = {}
        for layer in layers:
            torch_code = stored_code_of(layer, memory, training)
            module = None
            if torch_code.module is not None:
                module = made.get((layer.owner, torch_code.module))
                if module is None:
                    module = made[layer.owner, torch_code.module] = self._make(layer, torch_code.module)
            apply = compiled(torch_code.apply, "m, xs" if reads_several(layer) else "m, x")
            self.steps.append((layer, module, apply))
            for source in layer.inputs:
                readers[source] = readers.get(source, 0) + 1
        self._readers = readers
        self._kept = set(ends)

    def _make(self, layer: Layer, source: str) -> nn.Module:
        """The module of a layer, under the name of the one whose parameters it uses."""
        module = compiled(source)()
        assert isinstance(module, nn.Module)
        owner = self.module_of(layer)
        # Not add_module: names of layers have dots, and may be anything else.
        self._modules[layer.owner.name if owner is None else layer.name] = module
        if owner is not None:
            for mine, its in zip(module.modules(), owner.modules(), strict=True):
                # What a layer has none of, a bias, stays away.
                for name in [name for name, value in mine._parameters.items() if value is not None]:
                    mine._parameters[name] = its._parameters[name]
                for name in [name for name, value in mine._buffers.items() if value is not None]:
                    mine._buffers[name] = its._buffers[name]
        elif layer.held:
            module.requires_grad_(False)
        return module

    def module_of(self, layer: Layer) -> nn.Module | None:
        """The module with a layer's parameters."""
        return self._modules.get(layer.owner.name)

    def forward(
        self, *inputs: Tensor, seen: Callable[[Layer, Tensor], None] | None = None
    ) -> dict[str, Tensor]:
        """The outputs by name: ``main`` and the side heads that were built.

        Each tensor is let go of behind its last reader. ``seen`` is called with every layer and
        its output while what the layer read is still outputs.
        """
        return self.run(list(inputs), seen)

    def run(
        self, inputs: list[Tensor], seen: Callable[[Layer, Tensor], None] | None = None
    ) -> dict[str, Tensor]:
        """As ``forward``, but takes the inputs out of the list, so that they too are let go of."""
        pending = dict(self._readers)
        outputs: dict[Layer, Tensor] = dict(zip(self.graph.inputs, inputs, strict=True))
        inputs.clear()
        for source in self.graph.inputs:
            if source not in pending and source not in self._kept:
                del outputs[source]  # nobody reads it
        for layer, module, apply in self.steps:
            if reads_several(layer):
                outputs[layer] = apply(module, [outputs[source] for source in layer.inputs])
            else:
                outputs[layer] = apply(module, outputs[layer.inputs[0]])
            if seen is not None:
                seen(layer, outputs[layer])
            for source in layer.inputs:
                pending[source] -= 1
                if not pending[source] and source not in self._kept:
                    del outputs[source]
        ends = {"main": self.graph.output, **self.graph.heads}
        return {name: outputs[end] for name, end in ends.items() if end in self._kept}


def build(
    graph: Graph,
    layers: Sequence[Layer] | None = None,
    *,
    ends: Sequence[Layer] | None = None,
    device: str = "cpu",
    training: bool = False,
) -> Built:
    """The module of some layers of a graph, by default of those that the main output needs.

    ``ends`` are what it puts out and the caller keeps, by default the main output and all side
    heads among the layers. ``training`` writes in place where a backward pass allows it, otherwise
    where inference does. Raises SpecError for an op without a counterpart.
    """
    chosen = graph.main() if layers is None else list(layers)
    if ends is None:
        present = {*graph.inputs, *chosen}
        ends = [end for end in (graph.output, *graph.heads.values()) if end in present]
    memory = Memory(graph, chosen, ends, views=True)
    with torch.device(device):
        built = Built(graph, chosen, memory, training, ends)
    return built.train(training)


def random_inputs(graph: Graph, batch: int, device: str = "cpu") -> list[Tensor]:
    """Tensors for the inputs: normal values, or word indices for what only word tables read."""
    return random_tensors(input_plan(graph, batch), device)


def random_tensors(plan: Sequence[Plan], device: str = "cpu") -> list[Tensor]:
    """Tensors of these sizes: normal values, or integers below what is given."""
    found = []
    for sizes, below in plan:
        if below is None:
            found.append(torch.randn(sizes, device=device))
        else:
            # As wide as any other value of an input.
            found.append(torch.randint(0, below, sizes, dtype=torch.int32, device=device))
    return found
