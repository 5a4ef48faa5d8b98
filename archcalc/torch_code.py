"""A layer's counterpart in PyTorch, as source: what needs no torch."""

from __future__ import annotations

from .diagnostics import fail
from .graph import Layer
from .ops.torch_code import TorchCode


def torch_code_of(layer: Layer) -> TorchCode:
    """A layer's source in PyTorch. Raises SpecError where its op has none."""
    torch_code = layer.op.torch_code(*[source.output for source in layer.inputs])
    if torch_code is None:
        why = layer.op.no_torch_reason or "PyTorch's layers have three axes at most"
        raise fail(
            "torch",
            f"{layer.name}: `{layer.op.name}` has no counterpart in PyTorch: {why}",
            "--until takes the part before it",
        )
    return torch_code
