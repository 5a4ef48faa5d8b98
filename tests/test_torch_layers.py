"""Every op against PyTorch: output shape, and the tensors it owns by name and shape.

Nothing of the ops' own PyTorch code is used.
"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from random_ops import COMPUTING, layers
from torch_layers import TORCH, WITHOUT

from archcalc.shape import Shape


def test_every_op_stands_beside_pytorch() -> None:
    """A new op needs a layer of PyTorch, or a reason why there is none.

    Defeats an op that nobody compared.
    """
    assert set(TORCH) | set(WITHOUT) == set(COMPUTING)
    assert not set(TORCH) & set(WITHOUT)
    assert all(WITHOUT.values())


def through(torch_layer: Any, inputs: tuple[Shape, ...]) -> tuple[Shape, Any]:
    """The output's shape, channels last, and the module that owns the tensors."""
    torch = pytest.importorskip("torch", reason="PyTorch is not installed")
    module = torch_layer[1] if isinstance(torch_layer, tuple) else torch_layer
    module.eval()
    values = [torch.zeros(1, *shape[-1:], *shape[:-1]) for shape in inputs]
    y = torch_layer[0](module, *values) if isinstance(torch_layer, tuple) else module(*values)
    batch, channels, *spatial = y.shape
    assert batch == 1
    return Shape((*spatial, channels)), module


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(TORCH))
@given(st.data())
@settings(max_examples=30, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
def test_shapes_and_tensors(name: str, data: st.DataObject) -> None:
    """With all attributes, on vectors, signals, images and volumes.

    Defeats: an axis or a group counted twice, begin and end of a rim exchanged, a tensor that is
    not there with an option, a buffer counted as learned.
    """
    torch = pytest.importorskip("torch", reason="PyTorch is not installed")
    op, inputs = data.draw(layers(COMPUTING[name]))
    facts = op.facts(inputs)
    assume(facts.output.values < 1 << 20)
    with torch.device("meta"), torch.no_grad():
        torch_layer = TORCH[name](op, inputs)
        try:
            output, module = through(torch_layer, inputs)
        except ValueError as error:
            if "Expected more than 1" not in str(error):
                raise
            return  # a norm of one value, which PyTorch refuses
    assert facts.output == output
    state = {key: tuple(value.shape) for key, value in module.state_dict().items()}
    state.pop("num_batches_tracked", None)
    assert {tensor.name: tensor.shape for tensor in facts.tensors} == state
    learned = sum(parameter.numel() for parameter in module.parameters())
    assert facts.params == learned
