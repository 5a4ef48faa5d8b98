"""Lifting: recorded operations become layers that count, and compute, what the module does."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

torch = pytest.importorskip("torch")

from lifted import Lifted  # noqa: E402
from torch import Tensor, nn  # noqa: E402
from torch.nn import functional as F  # noqa: E402, N812
from torch.utils.flop_counter import FlopCounterMode  # noqa: E402

import archcalc  # noqa: E402
from archcalc.analysis.summary import Summary  # noqa: E402
from archcalc.diagnostics import SpecError  # noqa: E402
from archcalc.importing.operations.lifting.patterns import in_order, written  # noqa: E402
from archcalc.importing.operations.lifting.placements import ONE_BATCH, Atom, merged, refined, regrouped  # noqa: E402
from archcalc.importing.torch.finding import imported  # noqa: E402
from archcalc.shape import Shape  # noqa: E402


def flops(module: nn.Module, *args: Tensor) -> int:
    """Multiply-adds as PyTorch's own counter has them."""
    counter = FlopCounterMode(display=False)
    with counter, torch.no_grad():
        module(*args)
    return int(counter.get_total_flops()) // 2


class Calls(nn.Module):
    """A module from a function of its parts."""

    def __init__(self, forward: Callable[..., Any], **parts: nn.Module | nn.Parameter):
        super().__init__()
        self._forward = forward
        for name, part in parts.items():
            setattr(self, name, part)

    def forward(self, *args: Tensor) -> Tensor:
        return self._forward(self, *args)


def shuffled(module: nn.Module, x: Tensor) -> Tensor:
    n, c, h, w = x.shape
    return module.conv(x.view(n, 2, c // 2, h, w).transpose(1, 2).reshape(n, c, h, w))


def gated(module: nn.Module, x: Tensor) -> Tensor:
    gate = torch.sigmoid(module.up(F.relu(module.down(x.mean((2, 3), keepdim=True)))))
    return x * gate


def channels_last(module: nn.Module, x: Tensor) -> Tensor:
    y = module.norm(x.permute(0, 2, 3, 1))
    return x + module.scale * module.fc(y).permute(0, 3, 1, 2)


def flattened(module: nn.Module, x: Tensor) -> Tensor:
    return module.fc(torch.flatten(module.conv(x), 1))


def split(module: nn.Module, x: Tensor) -> Tensor:
    one, two = x.chunk(2, dim=1)
    return torch.cat([two, module.conv(one)], dim=1)


def written_over(module: nn.Module, x: Tensor) -> Tensor:
    y = module.conv(x)
    y += x
    y.relu_()
    return y * 2


def twice(module: nn.Module, x: Tensor) -> Tensor:
    return module.conv(F.relu(module.conv(x)))


IMAGE = (1, 4, 6, 6)
# Of each what it computes, what arrives, and the ops that it comes to. They defeat a lifting
# that takes any view for a layer, loses an axis, or counts a call twice.
MODULES: dict[str, tuple[Callable[[], nn.Module], tuple[int, ...], str]] = {
    "conv": (lambda: nn.Conv2d(4, 6, 3, 2, 1), IMAGE, "conv"),
    "depthwise": (lambda: nn.Conv2d(4, 8, 3, groups=4), IMAGE, "dwconv"),
    "grouped": (lambda: nn.Conv2d(4, 8, 3, groups=2, bias=False), IMAGE, "conv"),
    "same": (lambda: nn.Conv2d(4, 8, 4, padding="same"), IMAGE, "conv"),
    "transposed": (lambda: nn.ConvTranspose2d(4, 6, 3, 2, 1, output_padding=1), IMAGE, "tconv"),
    "signal": (
        lambda: nn.Sequential(nn.Conv1d(4, 6, 3), nn.BatchNorm1d(6), nn.ReLU()),
        (1, 4, 9),
        "conv bn relu",
    ),
    "volume": (lambda: nn.Sequential(nn.Conv3d(4, 6, 3), nn.MaxPool3d(2)), (1, 4, 6, 6, 6), "conv maxpool"),
    "pools": (
        lambda: nn.Sequential(nn.MaxPool2d(3, 2, 1), nn.AvgPool2d(2), nn.AdaptiveAvgPool2d(1), nn.Flatten()),
        (1, 4, 16, 16),
        "maxpool avgpool gap",
    ),
    "flattened": (lambda: Calls(flattened, conv=nn.Conv2d(4, 3, 3), fc=nn.Linear(48, 5)), IMAGE, "conv fc"),
    "shuffled": (lambda: Calls(shuffled, conv=nn.Conv2d(4, 4, 1)), IMAGE, "channel_shuffle conv"),
    "gated": (
        lambda: Calls(gated, down=nn.Conv2d(4, 2, 1), up=nn.Conv2d(2, 4, 1)),
        IMAGE,
        "gap fc relu fc sigmoid mul",
    ),
    "channels last": (
        lambda: Calls(
            channels_last, norm=nn.LayerNorm(4), fc=nn.Linear(4, 4), scale=nn.Parameter(torch.rand(4, 1, 1))
        ),
        IMAGE,
        "layernorm linear scale add",
    ),
    "split": (lambda: Calls(split, conv=nn.Conv2d(2, 2, 3, padding=1)), IMAGE, "take conv take concat"),
    "written over": (
        lambda: Calls(written_over, conv=nn.Conv2d(4, 4, 3, padding=1)),
        IMAGE,
        "conv add relu times",
    ),
    "called twice": (lambda: Calls(twice, conv=nn.Conv2d(4, 4, 1)), IMAGE, "conv relu conv"),
}


@pytest.mark.parametrize("name", [name for name, (_, _, ops) in MODULES.items() if ops])
def test_small_modules(name: str) -> None:
    make, sizes, ops = MODULES[name]
    torch.manual_seed(1)
    module = make()
    lifted = Lifted(module, torch.randn(sizes))
    assert not lifted.opaque
    assert sorted(layer.op.name for layer in lifted.graph.layers) == sorted(ops.split())
    assert lifted.params() == sum([p.numel() for p in module.parameters()])
    assert Summary(lifted.graph).totals["macs"] == flops(module, torch.randn(sizes))
    assert not lifted.differences()


def test_prepared_weights_belong_to_their_layer() -> None:
    """Defeats a norm of weights as a layer of its own, one that loses what the weights are made of, and a
    layer that is named by what makes its weights."""
    module = nn.Sequential(nn.utils.parametrizations.weight_norm(nn.Conv2d(4, 6, 3)), nn.ReLU())
    lifted = Lifted(module, torch.randn(IMAGE))
    assert [layer.op.name for layer in lifted.graph.layers] == ["conv", "relu"]
    assert lifted.graph.layers[0].name == "0"
    assert lifted.params() == sum([p.numel() for p in module.parameters()])
    assert lifted.graph.layers[0].facts.macs == flops(module, torch.randn(IMAGE))


def test_a_module_is_told_as_a_whole() -> None:
    """Defeats the name of a module for one of its layers: MultiheadAttention reads the weights of a part that
    it never calls, and the name alone would stand for the first of its products."""
    net = archcalc.trace(nn.TransformerEncoderLayer(8, 2, 16, batch_first=True), torch.randn(1, 5, 8))
    names = [layer.name for layer in net.graph.layers]
    assert "self_attn" not in names
    assert {"self_attn.linear", "self_attn.sdpa", "self_attn.out_proj"} <= set(names)
    assert f"{5 * 8 * (3 * 8 + 8) + 2 * 5 * 5 * 8:,}" in str(net.explain("self_attn", "macs"))


def test_a_layer_without_parameters_of_its_own_says_whose_it_uses() -> None:
    """Defeats a convolution without parameters and without a reason, and the name of one that is left out."""
    conv = nn.Conv2d(4, 4, 1)
    net = archcalc.trace(Calls(twice, conv=conv), torch.randn(IMAGE))
    assert [layer.text for layer in net.graph.layers if layer.shared] == ["conv 1x1 4 like=conv"]

    def dropped(self: Any, x: Tensor) -> Tensor:
        self.conv(x)
        y: Tensor = self.conv(self.conv(x * 2))
        return y

    net = archcalc.trace(Calls(dropped, conv=conv), torch.randn(IMAGE))
    assert [layer.text for layer in net.graph.layers if layer.shared] == ["conv 1x1 4 like=conv#2"]


def test_outputs_without_names_are_told_by_their_numbers() -> None:
    """Defeats a foot that reads "1 0 parameters"."""

    def both(self: Any, x: Tensor) -> tuple[Tensor, Tensor]:
        y = self.conv(x)
        return y.relu(), y

    net = archcalc.trace(Calls(both, conv=nn.Conv2d(4, 4, 1)), torch.randn(IMAGE))
    assert "output 1: 0 parameters, 0 MACs" in str(net.summary())


def test_a_signal_whose_channels_come_first() -> None:
    """Defeats a look at nothing but what reads the input itself: a causal convolution pads it before."""

    def causal(self: Any, x: Tensor) -> Tensor:
        y: Tensor = self.conv(F.pad(x * 2 - 1, (4, 0)))
        return y

    module = Calls(causal, conv=nn.Conv1d(4, 6, 3, dilation=2))
    lifted = Lifted(module, torch.randn(1, 4, 20))
    assert list(lifted.graph.inputs[0].output) == [20, 4]
    assert "rearrange" not in [layer.op.name for layer in lifted.graph.layers]
    fields = archcalc.trace(module, torch.randn(1, 4, 20)).receptive_field().to_dict()
    assert fields["layers"][-1]["rf"]["size"] == [5]
    assert not lifted.differences()


def test_a_buffer_that_two_layers_read_counts_once() -> None:
    """Defeats buffers that count again with every layer whose constants are made of them."""

    class Placed(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.register_buffer("places", torch.arange(6))
            self.register_buffer("kinds", torch.zeros(6, dtype=torch.int64))
            self.place, self.kind = nn.Embedding(6, 4), nn.Embedding(2, 4)

        def forward(self, x: Tensor) -> Tensor:
            kind = self.kind(self.kinds.gather(0, self.places))
            return torch.logcumsumexp(x + kind + self.place(self.places), 1) + self.places[:4]

    lifted = Lifted(Placed(), torch.randn(1, 6, 4))
    assert Summary(lifted.graph).totals["buffers"] == 12


def test_what_has_no_rule_is_opaque() -> None:
    """Defeats an unknown operation that counts nothing, and one that loses its parameters."""

    class Odd(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.weight = nn.Parameter(torch.rand(4))

        def forward(self, x: Tensor) -> Tensor:
            return torch.logcumsumexp(x * self.weight[:, None, None], 1)

    lifted = Lifted(Odd(), torch.randn(IMAGE))
    assert lifted.opaque == ["aten.logcumsumexp.default"]
    assert lifted.params() == 4
    assert Summary(lifted.graph).uncounted


def test_views_of_the_same_values() -> None:
    """Defeats a split that starts at the inner end of an axis, and one that goes unevenly."""
    whole = (Atom(0, 1, 12),)
    assert regrouped([whole], [3, 4]) == [(Atom(0, 4, 3),), (Atom(0, 1, 4),)]
    assert regrouped([(ONE_BATCH,), whole], [1, 12]) == [(ONE_BATCH,), whole]
    assert regrouped([whole, (Atom(1, 1, 2),)], [6, 4]) == [(Atom(0, 2, 6),), (Atom(0, 1, 2), Atom(1, 1, 2))]
    assert regrouped([whole], [5, 2]) is None
    assert merged([Atom(0, 4, 3), Atom(0, 1, 4)]) == whole
    one, two = refined([whole], [(Atom(1, 1, 3), Atom(0, 1, 4))]) or ([], [])
    assert one == [(Atom(0, 4, 3), Atom(0, 1, 4))]
    assert two == [(Atom(1, 1, 3), Atom(0, 1, 4))]


def test_patterns() -> None:
    """Defeats a pattern of values that are moved, taken for a reshape, and the other way round."""
    shape = Shape([4, 6, 3])
    h, w, c = Atom(0, 1, 4), Atom(1, 1, 6), Atom(2, 1, 3)
    assert in_order(shape, [(h, w), (c,)])
    assert not in_order(shape, [(c,), (h, w)])
    assert written(shape, [(c,), (h, w)]) == "h w c -> c (h w)"
    assert written(shape, [(Atom(0, 2, 2), Atom(1, 3, 2)), (Atom(0, 1, 2), Atom(1, 1, 3)), (c,)]) == (
        "(h1 h2=2) (w1 w2=3) c -> (h1 w1) (h2 w2) c"
    )
    assert written(shape, [(h, w)]) is None


def with_values(name: str) -> nn.Module:
    """A classifier with values that let every layer matter, and the eps that specs have."""
    module: nn.Module = partial(imported("torchvision.models").get_model, name, weights=None)()
    torch.manual_seed(3)
    for part in module.modules():
        if hasattr(part, "eps"):
            part.eps = 1e-5
    for parameter in module.parameters():
        nn.init.uniform_(parameter, 0.5, 1) if parameter.ndim == 1 else nn.init.kaiming_normal_(parameter)
    return module.eval()


@pytest.mark.slow
@pytest.mark.parametrize(
    "name",
    [
        "resnet18",
        "densenet121",
        "mobilenet_v3_small",
        "shufflenet_v2_x0_5",
        "convnext_tiny",
        "googlenet",
        "regnet_x_400mf",
    ],
)
def test_classifiers_compute_the_same(name: str) -> None:
    """Defeats values that are moved to other places on the way, which no count shows."""
    assert not Lifted(with_values(name), torch.randn(1, 3, 64, 64)).differences()


def test_a_batch_that_is_mixed_is_not_multiplied() -> None:
    """Defeats counts of a batch that are N times those of one image, where images meet one another."""

    class Centred(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return x - x.mean(0, keepdim=True)

    graph = Lifted(Centred(), torch.randn(1, 8)).graph
    assert Summary(graph).totals["macs"] == 0
    with pytest.raises(SpecError, match="mean in Centred works across the batch"):
        Summary(graph, batch=2)


def test_a_part_that_is_written_over() -> None:
    """Defeats a tensor that forgets what was written into a view of it."""

    class Masked(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            y = x * 2
            y[:, 1:3] += x[:, 0:1]
            y[:, :, 2] = x[:, :, 0]
            return torch.relu(y)

    lifted = Lifted(Masked(), torch.randn(IMAGE))
    assert not lifted.opaque
    assert not lifted.differences()


def test_work_on_parameters_is_done_once() -> None:
    """Defeats products of parameters that are counted for each image of a batch, or not at all."""

    class Biased(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.register_buffer("coordinates", torch.rand(9, 2))
            self.table = nn.Linear(2, 4, bias=False)

        def forward(self, x: Tensor) -> Tensor:
            return x + self.table(self.coordinates)

    module = Biased()
    graph = Lifted(module, torch.randn(1, 9, 4)).graph
    assert flops(module, torch.randn(1, 9, 4)) == 72
    for batch in (1, 5):
        summary = Summary(graph, batch=batch)
        assert summary.totals["macs"] == 72
        assert sum([row.macs or 0 for row in summary.rows]) == 72
    assert Summary(graph).totals["params"] == 8


def test_a_traced_module_is_exported() -> None:
    """Defeats attributes called like numbered modules, which Python refuses, and blocks that are lost."""
    module = nn.Sequential(*[nn.Sequential(nn.Conv2d(4, 4, 3, padding=1), nn.ReLU()) for _ in range(3)])
    text = archcalc.trace(module, torch.randn(IMAGE)).export()
    space: dict[str, object] = {}
    exec(compile(text, "exported", "exec"), space)
    made = [made for made in space.values() if isinstance(made, type) and issubclass(made, nn.Module)][-1]
    exported = made()
    assert sum([p.numel() for p in exported.parameters()]) == sum([p.numel() for p in module.parameters()])
    assert exported(torch.randn(IMAGE)).shape == IMAGE
