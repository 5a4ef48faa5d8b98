"""The peers: torchinfo, fvcore and PyTorch's FlopCounterMode on torchvision's modules."""

from __future__ import annotations

import sys
import warnings
from typing import Any


def models() -> Any:
    """torchvision.models. A torchvision beside a CPU-only torch lacks its own operators; it
    imports once they are declared."""
    import torch

    try:
        import torchvision.models
    except RuntimeError:
        for name in [name for name in sys.modules if name.startswith("torchvision")]:
            del sys.modules[name]
        library = torch.library.Library("torchvision", "DEF")
        library.define("nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
        library.define("qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
        _KEPT.append(library)
        import torchvision.models
    return torchvision.models


_KEPT: list[Any] = []


def torchinfo_vgg16() -> None:
    """What a user of torchinfo runs for VGG-16."""
    import torchinfo

    print(torchinfo.summary(models().vgg16(), (1, 3, 224, 224), verbose=0))


def torchinfo_resnet152() -> None:
    """ResNet-152 built on the meta device and summarised there."""
    import torch
    import torchinfo

    with torch.device("meta"):
        model = models().resnet152()
        torchinfo.summary(model, (1, 3, 224, 224), verbose=0, device="meta")


def fvcore_resnet152() -> None:
    """ResNet-152 built and counted by fvcore, which traces a real forward pass."""
    import torch
    from fvcore.nn import FlopCountAnalysis

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = models().resnet152().eval()
        count = FlopCountAnalysis(model, torch.zeros(1, 3, 224, 224))
        count.unsupported_ops_warnings(False).uncalled_modules_warnings(False).total()


def flop_counter_resnet152() -> None:
    """ResNet-152 built on the meta device and run under FlopCounterMode."""
    import torch
    from torch.utils.flop_counter import FlopCounterMode

    with torch.device("meta"), FlopCounterMode(display=False) as counter:
        models().resnet152().eval()(torch.zeros(1, 3, 224, 224))
    counter.get_total_flops()


if __name__ == "__main__":
    {"torchinfo-vgg16": torchinfo_vgg16}[sys.argv[1]]()
