"""The textbook forms of the ops are the rules, written as the field writes them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from random_ops import COMPUTING, layers

from archcalc.arithmetic import total, value_of
from archcalc.ops.base import Op
from archcalc.ops.tracing import trace
from archcalc.shape import Shape


def computed(op: Op, inputs: tuple[Shape, ...], quantity: str) -> Any:
    """What the rule says."""
    if quantity == "output":
        return tuple(op.output(*inputs).spatial)
    if quantity == "params":
        tensors = op.tensors(*inputs)
        return None if tensors is None else total(t.size for t in tensors if t.learned)
    operations = op.operations(*inputs)
    return None if operations is None else operations.mul_add


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(COMPUTING))
@given(st.data())
@settings(max_examples=60, suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow])
def test_textbook_forms_are_the_rules(name: str, data: st.DataObject) -> None:
    """On symbols and on plain numbers. Defeats: a form that forgets groups, holes, one-sided
    padding, ceil's last window, or a multiplier."""
    op, inputs = data.draw(layers(COMPUTING[name]))
    traced, shapes = trace(op, inputs)
    for quantity in ("output", "params", "macs"):
        for at, sizes in ((traced, shapes), (op, inputs)):
            form = at.textbook(quantity, *sizes)
            if form is None:
                continue
            values = value_of(form)
            if quantity == "output":
                assert isinstance(form, tuple)
                values = tuple([value_of(number) for number in form])
            assert values == computed(op, inputs, quantity), quantity
        assert all(isinstance(shown, str) for shown in op.remarks(quantity, *inputs))


def test_the_field_s_letters() -> None:
    """As CS231n and Dumoulin and Visin write them."""
    op, inputs = COMPUTING["conv"](kernel=5, filters=10, pad=2), (Shape((32, 32, 3)),)
    traced, shapes = trace(op, inputs)
    sizes, params = traced.textbook("output", *shapes), traced.textbook("params", *shapes)
    assert isinstance(sizes, tuple)
    assert sizes[1].text == "(W - F + 2*P) // S + 1"
    assert params.text == "(F*F*C + 1)*K"
    plain, (x,) = trace(COMPUTING["fc"](units=10), (Shape((7, 7, 512)),))
    assert plain.textbook("params", x).text == "(H*W*C + 1)*K"
