"""Random modules are lifted: the graph computes what the module does, and has its parameters."""

from __future__ import annotations

from math import prod

import pytest

torch = pytest.importorskip("torch")

from lifted import Lifted  # noqa: E402
from random_modules import RandomModule  # noqa: E402

from archcalc.diagnostics import SpecError  # noqa: E402
from archcalc.importing.torch.recorder import record  # noqa: E402

QUICK = 40


def check(seed: int) -> None:
    """Hold a random module beside its graph."""
    torch.manual_seed(seed)
    module = RandomModule(seed, 6 + seed % 20).eval()
    args = torch.randn(1, 4, 4), torch.randn(1, 4, 4)
    if not any(value.depends for _, value in record(module, args).outputs):
        with pytest.raises(SpecError, match="depends on its input"):
            Lifted(module, *args)
        return
    lifted = Lifted(module, *args)
    faults = [reason for reason in lifted.lifter.reasons if "a fault of its rule" in reason]
    assert not faults
    # What an output is made of that no input reaches stands in no layer.
    apart = {leaf for _, value in lifted.recording.outputs for leaf in value.leaves if not value.depends}
    spent = {*lifted.recording.unused, *apart}
    used = sum([prod(v.sizes) for v in lifted.recording.parameters() if v not in spent])
    inside = {leaf for made in lifted.lifter.made for leaf in made.leaves}
    used += sum([prod(v.sizes) for v in lifted.recording.parameters() if v in inside & apart])
    assert lifted.params() == used
    fixed = [layer for layer in lifted.graph.layers if layer.op.__dict__.get("fixed")]
    if not lifted.opaque and not fixed:
        assert lifted.differences() == []


@pytest.mark.parametrize("seed", range(QUICK))
def test_random_modules(seed: int) -> None:
    """Defeats: a view that is taken for another, a write that only one of two views sees, a call that counts
    its parameters twice, and a rule that breaks on sizes which it did not think of."""
    check(seed)


@pytest.mark.slow
def test_many_random_modules() -> None:
    for seed in range(QUICK, QUICK + 400):
        check(seed)
