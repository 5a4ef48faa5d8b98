"""Modules in training mode, as ``--train`` asks for it: the figures are those of the module, norms take the
statistics of their batch, and dropout is there."""

from __future__ import annotations

from typing import Any

import pytest

torch = pytest.importorskip("torch", reason="PyTorch is not installed")

from torch import nn  # noqa: E402
from torch.utils.flop_counter import FlopCounterMode  # noqa: E402

import archcalc  # noqa: E402
from archcalc.diagnostics import SpecError  # noqa: E402
from archcalc.importing.torch.finding import imported  # noqa: E402

OF_TORCHVISION = (
    "alexnet vgg11_bn resnet18 resnext50_32x4d densenet121 googlenet mobilenet_v2 mobilenet_v3_small "
    "efficientnet_b0 efficientnet_v2_s mnasnet0_5 shufflenet_v2_x0_5 squeezenet1_0 regnet_y_400mf "
    "convnext_tiny vit_b_16 swin_t"
).split()
OF_TIMM = (
    "resnet18d efficientnet_lite0 deit_tiny_patch16_224 mixer_s16_224 convnext_atto mobilenetv3_small_050 "
    "regnetx_002 ghostnet_050"
).split()


def made(library: str, name: str) -> nn.Module:
    """A classifier; skips the test where its library is not installed."""
    try:
        if library == "timm":
            return imported("timm").create_model(name).to("meta")  # type: ignore[no-any-return]
        return getattr(imported("torchvision.models"), name)(weights=None).to("meta")  # type: ignore[no-any-return]
    except ImportError as error:
        pytest.skip(f"{error.name} is not installed")


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    ("library", "name"),
    [*[("torchvision", name) for name in OF_TORCHVISION], *[("timm", name) for name in OF_TIMM]],
)
def test_classifiers(library: str, name: str) -> None:
    """Defeats work that is left out because it does nothing in eval mode, and heads for training that count
    twice or not at all."""
    module = made(library, name)
    network = archcalc.load(module, "224x224x3", training=True)
    totals = network.summary(with_heads=True).totals
    assert totals["params"] == sum([p.numel() for p in module.parameters()])
    counter = FlopCounterMode(display=False)
    with counter, torch.no_grad():
        module.train()(torch.empty(2, 3, 224, 224, device="meta"))
    assert totals["macs"] == counter.get_total_flops() // 4
    layers = network.graph.layers
    norms = [layer for layer in layers if layer.op.name == "bn"]
    of_batch = [part for part in module.modules() if isinstance(part, nn.modules.batchnorm._BatchNorm)]
    assert [layer.op.argument("statistics") for layer in norms] == ["batch"] * len(of_batch)
    drops = [part for part in module.modules() if isinstance(part, nn.Dropout) and part.p]
    assert len([layer for layer in layers if layer.op.name == "dropout"]) >= len(drops)


class Dropped(nn.Module):
    """A norm, and both kinds of dropout."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3, bias=False)
        self.norm = nn.BatchNorm2d(4)
        self.drop = nn.Dropout(0.25)

    def forward(self, x: Any) -> Any:
        return self.drop(self.norm(self.conv(x)))


def test_dropout_and_statistics() -> None:
    """Defeats one graph for both modes, and a module whose mode is not put back."""
    module = Dropped().eval()
    trained = archcalc.load(module, "8x8x3", training=True).graph
    assert [layer.op.name for layer in trained.layers] == ["conv", "bn", "dropout"]
    assert str(trained.layers[1].op.argument("statistics")) == "batch"
    assert not module.training
    assert module.norm.num_batches_tracked == 0
    evaluated = archcalc.load(module, "8x8x3").graph
    assert str(evaluated.layers[1].op.argument("statistics")) != "batch"


def test_a_batch_of_one_value() -> None:
    """One value a channel has no variance: a batch of two, said exactly, is the way. Defeats a traceback."""
    module = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4))
    with pytest.raises(SpecError, match="Expected more than 1 value per channel"):
        archcalc.load(module, "3x3x3", training=True)
    given = {"input": torch.empty(2, 3, 3, 3)}
    assert archcalc.load(module, given, training=True).summary().totals["params"] == 112 + 8


def test_lazy_tensors_stand_on_no_device() -> None:
    """Defeats a move that takes what has no size yet for a tensor of no values: it ran in memory then."""
    network = archcalc.load("torch.nn:LazyConv2d(4, 3)", "9x9x3")
    assert network.graph.metadata.traced is not None
    assert network.graph.metadata.traced.rung == "meta"
    assert network.summary().totals["params"] == 4 * 28
