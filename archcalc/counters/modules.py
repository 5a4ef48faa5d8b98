"""How a layer is written where its code is a module of its own."""

from __future__ import annotations

from ..code_form import MODULE, CodeForm
from ..graph import Layer

_WHOLE_POOLS = {"gap": "Avg", "gmp": "Max"}


def as_module(layer: Layer) -> CodeForm | None:
    """The module of PyTorch that a layer may be which is exported as a function; None for others."""
    if layer.op.name == "attention":
        return CodeForm(MODULE, "MultiheadAttention")
    kind = _WHOLE_POOLS.get(layer.op.name)
    if kind is not None:
        return CodeForm(MODULE, f"Adaptive{kind}Pool{max(1, len(layer.inputs[0].output) - 1)}d")
    module = getattr(layer.op, "module", None)
    if layer.op.group != "activation" or not isinstance(module, str) or not module:
        return None
    return CodeForm(MODULE, module.removeprefix("nn."))
