"""A module as far as it runs: what is complete before an error is a network."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from calling import call

torch = pytest.importorskip("torch", reason="PyTorch is not installed")

from torch import nn  # noqa: E402
from torch.utils.flop_counter import FlopCounterMode  # noqa: E402

import archcalc  # noqa: E402
from archcalc.diagnostics import SpecError  # noqa: E402
from archcalc.importing.torch.finding import imported  # noqa: E402
from archcalc.importing.torch.recorder import record  # noqa: E402

# torchvision's detectors: the part before their boxes depend on values, and arguments that make them small.
DETECTORS = {
    "fasterrcnn_resnet50_fpn": ("rpn.head", {"min_size": 64, "max_size": 64}),
    "fasterrcnn_mobilenet_v3_large_fpn": ("rpn.head", {"min_size": 64, "max_size": 64}),
    "fasterrcnn_resnet50_fpn_v2": ("rpn.head", {"min_size": 64, "max_size": 64}),
    "maskrcnn_resnet50_fpn": ("rpn.head", {"min_size": 64, "max_size": 64}),
    "keypointrcnn_resnet50_fpn": ("rpn.head", {"min_size": 64, "max_size": 64}),
    "retinanet_resnet50_fpn": ("head", {"min_size": 64, "max_size": 64}),
    "retinanet_resnet50_fpn_v2": ("head", {"min_size": 64, "max_size": 64}),
    "fcos_resnet50_fpn": ("head", {"min_size": 64, "max_size": 64}),
    "ssd300_vgg16": ("head", {}),
    "ssdlite320_mobilenet_v3_large": ("head", {}),
}
QUICK = ("fasterrcnn_mobilenet_v3_large_fpn",)


class Stops(nn.Module):
    """Two layers, the head of which is followed by what fails."""

    def __init__(self, ends: Any = None):
        super().__init__()
        self.body = nn.Conv2d(3, 4, 3)
        self.head = nn.ModuleList([nn.Conv2d(4, 2, 1), nn.Conv2d(4, 5, 1)])
        self.last = nn.Linear(9, 9)
        self.ends = ends

    def forward(self, x: Any) -> Any:
        x = self.body(x).relu()
        found = [head(x) for head in self.head]
        if self.ends is None:
            raise ValueError("no boxes")
        return self.ends(*found)


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=() if name in QUICK else pytest.mark.slow) for name in DETECTORS]
)
def test_detectors_as_far_as_their_boxes(name: str) -> None:
    """Their multiply-adds and parameters up to there, to the unit. Defeats a cut that loses a level of the
    pyramid or a head, and one that counts parameters behind it."""
    try:
        detection = imported("torchvision.models.detection")
    except ImportError:
        pytest.skip("torchvision is not installed")
    until, settings = DETECTORS[name]
    module = getattr(detection, name)(weights=None, weights_backbone=None, **settings).eval()
    x = torch.rand(3, 64, 64)
    network = archcalc.load(module, {"images": [x]}, until=until)
    traced = network.graph.metadata.traced
    assert traced is not None
    assert (traced.until, traced.rung) == (until, "meta")
    assert [d.severity for d in network.diagnostics if "this is the part up to" in d.message] == ["warning"]
    counter = FlopCounterMode(display=False)
    called: list[nn.Module] = []
    for part in module.modules():
        part.register_forward_hook(lambda one, given, made: called.append(one))
    no_operators = RuntimeError, NotImplementedError  # where this torchvision has none of its own
    with torch.no_grad(), counter, suppress(*no_operators):
        module([x])
    totals = network.summary(with_heads=True).totals
    flops = counter.get_flop_counts()
    parts = [at for at in flops if at.split(".")[-1] in ("backbone", "head") or at.endswith("rpn.head")]
    assert 2 * totals["macs"] == sum([sum(flops[at].values()) for at in parts])
    learned = {id(p): p.numel() for one in called for p in one.parameters(recurse=False)}
    behind = {id(p) for at, p in module.named_parameters() if at.startswith("roi_heads")}
    assert totals["params"] == sum([n for one, n in learned.items() if one not in behind])


def test_what_follows_may_fail() -> None:
    """Defeats a cut of a graph that is never made, and `unused` of what nobody has reached."""
    network = archcalc.load(Stops(), "8x8x3", until="body")
    assert [layer.op.name for layer in network.graph.layers] == ["conv"]
    assert network.graph.metadata.traced is not None
    assert network.graph.metadata.traced.unused == ()
    (warning,) = [d for d in network.diagnostics if d.severity == "warning"]
    assert warning.message == "this is the part up to body: behind it Stops raised ValueError: no boxes"


def test_a_list_of_modules_is_a_part() -> None:
    """Defeats names of modules that are called as the only ones: nobody calls a list."""
    network = archcalc.load(Stops(), "8x8x3", until="head")
    assert network.graph.output.output == (6, 6, 2)
    assert [layer.output for layer in network.graph.heads.values()] == [(6, 6, 5)]


def test_a_layer_inside_a_part() -> None:
    """Defeats a part that must have the name itself."""
    module = Stops()
    module.body = nn.Sequential(nn.Conv2d(3, 4, 3), nn.Identity())
    assert archcalc.load(module, "8x8x3", until="body.0").graph.output.output == (6, 6, 4)


def test_an_error_says_as_far_as_what() -> None:
    """The last part that ended, the outermost of those. Defeats the part that began last."""
    with pytest.raises(SpecError) as caught:
        archcalc.load(Stops(), "8x8x3")
    assert "it came as far as head.1: --until head.1 takes the part up to there" in str(
        caught.value.diagnostics[0].help
    )


def test_a_part_that_is_not_reached() -> None:
    """Defeats a network that ends somewhere else than asked for."""
    with pytest.raises(SpecError, match="raised ValueError: no boxes") as caught:
        archcalc.load(Stops(), "8x8x3", until="last")
    assert "head.1" in str(caught.value.diagnostics[0].help)


def test_outputs_that_depend_on_no_input() -> None:
    """Defeats an error without a way on: there are layers, behind which all is lost."""
    nothing = Stops(lambda *found: torch.zeros(0, 4))
    with pytest.raises(SpecError, match=r"no output of .* depends on its input") as caught:
        archcalc.load(nothing, "8x8x3")
    assert "it came as far as head.1" in str(caught.value.diagnostics[0].help)
    network = archcalc.load(nothing, "8x8x3", until="head")
    assert network.summary(with_heads=True).totals["params"] == 4 * 28 + 2 * 5 + 5 * 5


def test_a_module_that_runs_is_cut_as_a_spec_is() -> None:
    """Defeats a warning, and another network, where nothing fails."""
    network = archcalc.load(Stops(lambda a, b: a.sum() + b.sum()), "8x8x3", until="body")
    assert [layer.op.name for layer in network.graph.layers] == ["conv"]
    assert not [d for d in network.diagnostics if d.severity == "warning"]


def test_the_second_call() -> None:
    """Defeats the first call of a module for every call of it."""
    layer = nn.Conv2d(3, 3, 3)

    class Twice(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layer = layer

        def forward(self, x: Any) -> Any:
            self.layer(self.layer(x))
            raise ValueError

    recording = record(Twice(), (torch.empty(1, 3, 9, 9),), until="layer#2")
    assert [value.sizes for _, value in recording.outputs] == [(1, 3, 5, 5)]
    with pytest.raises(SpecError) as caught:
        record(Twice(), (torch.empty(1, 3, 9, 9),))
    assert "--until layer#2" in str(caught.value.diagnostics[0].help)


def test_the_command_line() -> None:
    """The whole way from words to the answer, exit codes included."""
    words = ["summary", f"{__file__}:Stops", "--input", "8x8x3"]
    failed = call(*words)
    assert failed.code == 2
    assert "--until head.1" in failed.err
    answer = call(*words, "--until", "head")
    assert answer.code == 0
    assert "up to head: behind it" in answer.err


def test_a_single_image_is_a_map() -> None:
    """Detectors take images without a batch, and lay them into a larger batch. Defeats its colours as rows,
    and a batch whose only image is no layer that is known."""

    class Batched(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv = nn.Conv2d(3, 4, 3)

        def forward(self, image: Any) -> Any:
            image = (image - 0.5) / 2
            batch = image.new_full((1, *image.shape), 0)
            batch[0, :, : image.shape[1]].copy_(image)
            return self.conv(batch)

    graph = archcalc.trace(Batched(), torch.empty(3, 8, 9)).graph
    assert graph.inputs[0].output == (8, 9, 3)
    assert [layer.op.name for layer in graph.layers][-1] == "conv"
    assert not [layer for layer in graph.layers if layer.op.name in ("opaque", "rearrange")]
    assert graph.output.output == (6, 7, 4)
