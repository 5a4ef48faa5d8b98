"""Weights whose values an exporter left out (``export_params=False``): their names and sizes are there."""

from __future__ import annotations

from typing import Any

from .container import TYPES
from .naming import kinds_of, of_weight_name
from .tensors import OnnxTensor


def weights_left_out(graph: Any) -> dict[str, OnnxTensor]:
    """Return the weights that a graph names without their values.

    PyTorch's older exporter makes inputs of them, the newer one only states their sizes. An input is a weight
    by its name, ``conv1.weight``, where there is another input that is none.

    Args:
        graph: The graph.
    """
    held = {one.name for one in graph.initializer}
    kinds = kinds_of(graph)
    inputs = [one for one in graph.input if one.name not in held]
    named = [one for one in inputs if of_weight_name(one.name)]
    found = named if len(named) < len(inputs) else []
    entered = {one.name for one in inputs}
    found += [one for one in graph.value_info if one.name in kinds and one.name not in held | entered]
    made = {name for node in graph.node for name in node.output}
    tensors = {}
    for one in found:
        kind = one.type.tensor_type
        sizes = tuple([dim.dim_value for dim in kind.shape.dim])
        stated = kind.HasField("shape") and all(dim.HasField("dim_value") for dim in kind.shape.dim)
        if stated and min(sizes, default=0) >= 0 and one.name not in made:
            dtype = TYPES.get(kind.elem_type, "float32")
            tensors[one.name] = OnnxTensor(one.name, sizes, sizes, dtype, stated=True)
    return tensors
