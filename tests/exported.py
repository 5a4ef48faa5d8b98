"""An exported network beside the module that the witness builds: the same weights in both."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import nn

from archcalc.export.source import Export
from archcalc.graph import Graph
from archcalc.witness.build import build, random_inputs
from archcalc.witness.inputs import channels_first


def executed(text: str) -> nn.Module:
    """The network that a file holds: what its last lines run."""
    space: dict[str, Any] = {"__name__": "exported"}
    exec(compile(text, "exported.py", "exec"), space)
    made = text.rpartition('if __name__ == "__main__":')[2].split("net = ")[1].split("(")[0]
    module = space[made]()
    assert isinstance(module, nn.Module)
    return module


def expected_tensors(graph: Graph, export: Export, with_heads: bool) -> dict[str, tuple[int, ...]]:
    """The parameters and buffers that an exported network must have, by name."""
    found = {}
    for layer in graph.select(with_heads):
        if layer.name in export.paths:
            for tensor in layer.facts.tensors or ():
                found[f"{export.paths[layer.name]}.{tensor.name}"] = tuple(tensor.shape)
    return found


def tensors_of(module: nn.Module) -> dict[str, tuple[int, ...]]:
    """Those that a module has, each once, less the counters of batches."""
    seen = set()
    found = {}
    for name, tensor in module.state_dict(keep_vars=True).items():
        if id(tensor) not in seen and not name.endswith("num_batches_tracked"):
            seen.add(id(tensor))
            found[name] = tuple(tensor.shape)
    return found


def check_shapes(graph: Graph, with_heads: bool = False) -> None:
    """Compile it, and compare outputs and tensors by shape, without a value."""
    export = Export(graph, with_heads)
    with torch.device("meta"):
        module = executed(export.text).eval()
        outputs = module(*random_inputs(graph, 2, "meta"))
    ends = [graph.output, *(graph.heads.values() if with_heads else ())]
    found = outputs if isinstance(outputs, tuple) else (outputs,)
    assert [tuple(each.shape) for each in found] == [channels_first(end.output, 2) for end in ends]
    assert tensors_of(module) == expected_tensors(graph, export, with_heads)


def check_values(graph: Graph, with_heads: bool = False, finite: bool = True) -> str:
    """Compare outputs value by value in double precision; the source. ``finite`` says that all of
    them must be finite, else infinities and NaN must be in the same places."""
    torch.manual_seed(0)
    export = Export(graph, with_heads)
    try:
        module = executed(export.text).double().eval()
    except Exception as error:
        raise AssertionError(export.text) from error
    built = build(graph, graph.select(with_heads)).double().eval()
    for tensor in built.state_dict().values():
        # Values that neither die out nor blow up: what is infinite equals everything infinite.
        if tensor.dim() > 1:
            tensor.uniform_(-1, 1).mul_(math.sqrt(3 * len(tensor) / tensor.numel()))
        elif tensor.is_floating_point():
            tensor.uniform_(0.5, 1.5)
    owners = {layer.owner.name: layer.name for layer in reversed(graph.select(with_heads))}
    for owner, name in owners.items():
        mine = built._modules.get(owner)
        if mine is not None and mine.state_dict():
            path = export.paths.get(owner) or export.paths[name]
            module.get_submodule(path).load_state_dict(mine.state_dict())
    inputs = random_inputs(graph, 2)
    inputs = [each.double() if each.is_floating_point() else each for each in inputs]
    with torch.no_grad():
        wanted = list(built(*[each.clone() for each in inputs]).values())
        found = module(*inputs)
    for one, other in zip(found if isinstance(found, tuple) else (found,), wanted, strict=True):
        assert one.shape == other.shape, export.text
        assert not finite or torch.isfinite(other).all(), export.text
        assert torch.allclose(one, other, rtol=1e-9, atol=1e-12, equal_nan=True), export.text
    fixed = {name for name, p in module.named_parameters() if not p.requires_grad}
    wanted_fixed = {
        f"{export.paths[layer.name]}.{tensor.name}"
        for layer in graph.select(with_heads)
        if layer.name in export.paths and (layer.owner.frozen or layer.op.held_fixed)
        for tensor in layer.facts.tensors or ()
        if tensor.learned
    }
    assert fixed == wanted_fixed, export.text
    return export.text
