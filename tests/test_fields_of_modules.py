"""Receptive fields of traced modules, held against gradients of the modules themselves.

Each docstring or comment names the wrong algorithm that a test defeats.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

torch = pytest.importorskip("torch", reason="PyTorch is not installed")

from torch import Tensor, nn  # noqa: E402
from torch.nn import functional  # noqa: E402

import archcalc  # noqa: E402
from archcalc.analysis.pixels import Pixels  # noqa: E402
from archcalc.graph import Layer  # noqa: E402
from archcalc.importing.torch.finding import imported  # noqa: E402

# First and last pixel that is read, an axis; None where nothing is.
Block = tuple[tuple[int, int] | None, ...]


def weights_drawn(module: nn.Module) -> nn.Module:
    """The module in double precision with weights above zero, so that nothing cancels and every ReLU lets
    through; norms do next to nothing."""
    torch.manual_seed(5)
    module = module.double().eval()
    with torch.no_grad():
        for part in module.modules():
            for name, tensor in part.named_parameters(recurse=False):
                if tensor.dim() > 1:
                    tensor.uniform_(0.5, 1.5).div_(max(1, tensor[0].numel()))
                elif name == "bias":
                    tensor.zero_()
                else:
                    tensor.uniform_(0.5, 1.5)
    return module


def averaged(patch: pytest.MonkeyPatch) -> None:
    """Let maxima be means over the same windows: of a maximum one position at a time has a gradient."""

    def mean(
        x: Tensor,
        kernel: Any,
        stride: Any = None,
        padding: Any = 0,
        dilation: Any = 1,
        ceil_mode: bool = False,
        return_indices: bool = False,
    ) -> Tensor:
        assert dilation in (1, (1, 1))
        return functional.avg_pool2d(x, kernel, stride, padding, ceil_mode)

    patch.setattr(functional, "max_pool2d", mean)


def without_gates(module: nn.Module) -> None:
    """Let gates be constants: a field counts what is gated, and not what opens the gate."""
    for part in module.modules():
        if type(part).__name__ in ("SqueezeExcitation", "SqueezeExcite"):
            part.register_forward_hook(lambda one, given, made: given[0] * (made / given[0]).detach())


def blocks_read(
    module: nn.Module, part: str, x: Tensor, units: list[tuple[int, ...]], channels_last: bool
) -> list[Block]:
    """The pixels of which units of a part have a gradient."""
    kept: list[Tensor] = []
    handle = module.get_submodule(part).register_forward_hook(lambda one, given, made: kept.append(made))
    x.requires_grad_()
    module(x)
    handle.remove()
    made = kept[0]
    found = []
    for unit in units:
        place = (0, *unit) if channels_last else (0, slice(None), *unit)
        value = made[place]
        (gradient,) = torch.autograd.grad((value * torch.rand_like(value)).sum(), x, retain_graph=True)
        read = (gradient != 0).any(1)[0]
        places = [read.any(1 - axis).nonzero().flatten().tolist() for axis in (0, 1)]
        found.append(tuple([(at[0], at[-1]) if at else None for at in places]))
    return found


def corners(layer: Layer) -> list[tuple[int, ...]]:
    """The first unit, the last, one in the middle and one beside it, and one at a border."""
    height, width = layer.output.spatial
    found = [
        (0, 0),
        (height - 1, width - 1),
        (height // 2, width // 2),
        (height // 2 - 1, width // 2),
        (0, width // 3),
    ]
    return list(dict.fromkeys([unit for unit in found if min(unit) >= 0]))


class Dilated(nn.Sequential):
    """Windows with holes."""

    def __init__(self) -> None:
        layers = [nn.Conv2d(3 if n == 0 else 4, 4, 3, padding=2**n, dilation=2**n) for n in range(4)]
        super().__init__(*layers, nn.ConvTranspose2d(4, 2, 3, stride=2, padding=1))


class SpaceToDepth(nn.Module):
    """Positions into channels, by hand, as YOLO's focus layer does it."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(12, 4, 3, padding=1)
        self.unshuffle = nn.PixelUnshuffle(2)
        self.last = nn.Conv2d(16, 4, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        x = torch.cat([x[..., ::2, ::2], x[..., 1::2, ::2], x[..., ::2, 1::2], x[..., 1::2, 1::2]], 1)
        return self.last(self.unshuffle(self.conv(x)))


class Upsampler(nn.Sequential):
    """Channels into positions, as networks for super-resolution do it."""

    def __init__(self) -> None:
        layers = nn.Conv2d(3, 8, 3, padding=1), nn.Conv2d(8, 36, 3, padding=1)
        super().__init__(*layers, nn.PixelShuffle(3), nn.Conv2d(4, 4, 3, padding=1))


class UNet(nn.Module):
    """Down and up again, with what was there before laid beside."""

    def __init__(self) -> None:
        super().__init__()
        self.one = nn.Sequential(nn.Conv2d(3, 4, 3, padding=1), nn.ReLU())
        self.two = nn.Sequential(nn.MaxPool2d(2), nn.Conv2d(4, 8, 3, padding=1), nn.ReLU())
        self.three = nn.Sequential(nn.MaxPool2d(2), nn.Conv2d(8, 8, 3, padding=1), nn.ReLU())
        self.up = nn.ConvTranspose2d(8, 8, 2, stride=2)
        self.four = nn.Conv2d(16, 4, 3, padding=1)
        self.five = nn.Conv2d(8, 4, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        one = self.one(x)
        two = self.two(one)
        up = self.up(self.three(two))
        four = self.four(torch.cat([up, two], 1))
        four = functional.interpolate(four, scale_factor=2.0, mode="nearest")
        return self.five(torch.cat([four, one], 1))


class Case:
    """A module, the size of its picture, its parts, and whether these have their channels last."""

    def __init__(
        self,
        make: Callable[[], nn.Module],
        size: tuple[int, int],
        parts: str,
        last: bool = False,
        quick: bool = False,
    ):
        self.make = make
        self.size = size
        self.parts = parts.split()
        self.last = last
        self.quick = quick


def theirs(name: str, **settings: Any) -> Callable[[], nn.Module]:
    """What makes one of torchvision's modules."""
    return lambda: getattr(imported("torchvision.models"), name)(weights=None, **settings)


def of_timm(name: str, **settings: Any) -> Callable[[], nn.Module]:
    """What makes one of timm's modules."""
    return lambda: imported("timm").create_model(name, **settings)


def small_maxvit() -> nn.Module:
    """MaxViT with windows and grids of 4, of two blocks."""
    maxvit = imported("torchvision.models.maxvit").MaxVit
    widths = {"block_channels": [8, 16], "block_layers": [1, 1], "head_dim": 4}
    return maxvit((64, 64), 8, 4, stochastic_depth_prob=0.0, **widths)  # type: ignore[no-any-return]


CASES = {
    "resnet18": Case(theirs("resnet18"), (64, 96), "maxpool layer1 layer2 layer3 layer4"),
    "vgg11": Case(theirs("vgg11", num_classes=2), (64, 64), "features.2 features.8 features.15 features.20"),
    "densenet121": Case(
        theirs("densenet121"),
        (64, 64),
        "features.denseblock1.denselayer3.conv2 features.transition1 features.transition2",
    ),
    "mobilenet_v2": Case(theirs("mobilenet_v2"), (64, 64), "features.3 features.6 features.13 features.18"),
    "shufflenet": Case(theirs("shufflenet_v2_x0_5"), (64, 64), "stage2.0 stage2.3 stage3.2 stage4"),
    "convnext": Case(
        theirs("convnext_tiny"), (64, 64), "features.0 features.1.0 features.1 features.2 features.3.0"
    ),
    "swin": Case(
        theirs("swin_t", num_classes=2),
        (128, 96),
        "features.0 features.1.0 features.1.1 features.2 features.3.0",
        True,
    ),
    "swin, odd": Case(
        theirs("swin_t", num_classes=2),
        (100, 76),
        "features.0 features.1.0 features.1.1 features.2 features.3.0",
        True,
    ),
    "maxvit": Case(
        small_maxvit,
        (64, 64),
        "stem blocks.0.layers.0.layers.MBconv blocks.0.layers.0.layers.window_attention"
        " blocks.0.layers.0.layers.grid_attention blocks.1.layers.0.layers.MBconv",
    ),
    "mobilenet_v3": Case(theirs("mobilenet_v3_small"), (64, 64), "features.1 features.4 features.8"),
    "efficientnet": Case(theirs("efficientnet_b0"), (64, 64), "features.2 features.4"),
    "mobilevit": Case(of_timm("mobilevit_xxs"), (64, 64), "stages.0 stages.1"),
    "ghostnet": Case(of_timm("ghostnet_100"), (64, 64), "blocks.1 blocks.3"),
    "inception": Case(
        theirs("googlenet", aux_logits=False, init_weights=False), (64, 64), "inception3a inception4b"
    ),
    "mnasnet": Case(theirs("mnasnet0_5"), (64, 64), "layers.8 layers.10"),
    "convmixer": Case(of_timm("convmixer_768_32"), (64, 64), "blocks.0 blocks.3"),
    "segmentation": Case(
        lambda: imported("torchvision.models.segmentation").fcn_resnet50(weights=None, weights_backbone=None),
        (64, 64),
        "backbone.layer2 backbone.layer3 backbone.layer4 classifier",
    ),
    "dilated": Case(Dilated, (40, 41), "0 1 2 3 4", quick=True),
    "space to depth": Case(SpaceToDepth, (32, 24), "conv unshuffle last", quick=True),
    "upsampler": Case(Upsampler, (13, 12), "1 2 3", quick=True),
    "unet": Case(UNet, (32, 40), "one two three up four five", quick=True),
    "regnet": Case(theirs("regnet_x_400mf"), (64, 64), "trunk_output.block1 trunk_output.block2"),
    "hrnet": Case(
        of_timm("hrnet_w18_small"), (64, 64), "layer1 stage2.0.fuse_layers.1.0 stage3.0.fuse_layers.0.2"
    ),
    "dla": Case(of_timm("dla34"), (64, 64), "level2 level3"),
}


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=() if case.quick else pytest.mark.slow) for name, case in CASES.items()]
)
def test_fields_are_what_gradients_say(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """First and last pixel of several units of several parts, to the pixel. Defeats fields that take the
    axes of a rearranged tensor for one another, windows that do not wrap, and ``all`` for what is known."""
    case = CASES[name]
    try:
        module = weights_drawn(case.make())
    except ImportError as error:
        pytest.skip(f"{error.name} is not installed")
    graph = archcalc.trace(module, torch.empty(1, 3, *case.size, dtype=torch.float64)).graph
    pixels = Pixels(graph)
    averaged(monkeypatch)
    without_gates(module)
    x = torch.rand(1, 3, *case.size, dtype=torch.float64)
    wrong = []
    for part in case.parts:
        layer = graph.labels[part].tensor
        if len(layer.output.spatial) != 2:
            wrong.append(f"{part}: {layer} has no map")
            continue
        units = corners(layer)
        measured = blocks_read(module, part, x, units, case.last)
        for unit, block in zip(units, measured, strict=True):
            found = pixels.of_unit(layer, unit)
            ours = None if found is None else found.get(graph.inputs[0])
            if ours != block:
                wrong.append(f"{part} {unit}: gradients {block}, {ours} here")
    assert not wrong, "\n".join(wrong)
