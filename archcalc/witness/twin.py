"""A layer's counterpart in PyTorch, as source: what needs no torch."""

from __future__ import annotations

from ..graph import Layer
from ..language.diagnostics import fail
from ..ops.twins import Twin


def twin_of(layer: Layer) -> Twin:
    """A layer's source in PyTorch. Raises SpecError where its op has none."""
    twin = layer.op.twin(*[source.output for source in layer.inputs])
    if twin is None:
        why = layer.op.untwinned or "PyTorch's layers have three axes at most"
        raise fail(
            "torch",
            f"{layer.name}: `{layer.op.name}` has no counterpart in PyTorch: {why}",
            "--until takes the part before it",
        )
    return twin
