"""Receptive fields behind reductions of traced modules, held against gradients of the modules themselves."""

from __future__ import annotations

from collections.abc import Callable

import pytest

torch = pytest.importorskip("torch", reason="PyTorch is not installed")

from lifted import Lifted  # noqa: E402
from torch import Tensor, nn  # noqa: E402

from archcalc.analysis.pixels import Pixels  # noqa: E402


class Reduced(nn.Module):
    """A map, reduced along one axis, and a convolution over what is left."""

    def __init__(self, dim: int, channels: int, kernel: tuple[int, int]):
        super().__init__()
        self.dim = dim
        self.conv = nn.Conv2d(channels, 3, kernel)
        for parameter in self.parameters():
            nn.init.uniform_(parameter, 0.5, 1.5)

    def forward(self, x: Tensor) -> Tensor:
        return self.conv(x.mean(self.dim, keepdim=True))  # type: ignore[no-any-return]


class Profile(nn.Module):
    """A map times its mean along one axis."""

    def __init__(self, dim: int):
        super().__init__()
        self.dim = dim

    def forward(self, x: Tensor) -> Tensor:
        return x * x.mean(self.dim, keepdim=True)


@pytest.mark.parametrize(
    "make",
    [
        lambda: Reduced(1, 1, (3, 3)),
        lambda: Reduced(2, 4, (1, 3)),
        lambda: Reduced(3, 4, (3, 1)),
        lambda: Profile(2),
        lambda: Profile(-1),
    ],
    ids=["channels", "rows", "columns", "times rows", "times columns"],
)
def test_fields_are_what_gradients_say(make: Callable[[], nn.Module]) -> None:
    """Defeats positions that stand as channels behind a reduction: as those they would read everything."""
    torch.manual_seed(0)
    module = make().double().eval()
    x = torch.rand(1, 4, 8, 6, dtype=torch.float64)
    lifted = Lifted(module, x.clone())
    layer = lifted.graph.output
    pixels = Pixels(lifted.graph)
    x.requires_grad_()
    made = module(x)
    height, width = made.shape[2:]
    assert tuple(layer.output.spatial) == (height, width)
    for unit in ((0, 0), (height - 1, width - 1), (height // 2, width // 2)):
        value = made[0, :, unit[0], unit[1]].sum()
        (gradient,) = torch.autograd.grad(value, x, retain_graph=True)
        read = (gradient != 0).any(1)[0]
        places = [read.any(1 - axis).nonzero().flatten().tolist() for axis in (0, 1)]
        found = pixels.of_unit(layer, unit)
        assert found is not None
        assert found[lifted.graph.inputs[0]] == tuple([(at[0], at[-1]) for at in places])
