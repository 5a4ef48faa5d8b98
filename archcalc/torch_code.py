"""A layer's counterpart in PyTorch, as source: what needs no torch."""

from __future__ import annotations

from .diagnostics import fail
from .graph import Layer
from .ops.base import Op
from .ops.torch_code import TorchCode


def torch_code_of(layer: Layer) -> TorchCode:
    """A layer's source in PyTorch. Raises SpecError where its op has none."""
    torch_code = layer.op.torch_code(*[source.output for source in layer.inputs])
    if torch_code is None:
        why = "PyTorch's layers have three axes at most"
        if type(layer.op).torch_code is Op.torch_code:
            why = "its class states no `torch_code`"
        why = layer.op.no_torch_reason or why
        raise fail(
            "torch",
            f"{layer.name}: `{layer.op.name}` has no counterpart in PyTorch: {why}",
            "--until takes the part before it",
        )
    return torch_code
