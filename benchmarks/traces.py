"""What tracing a module costs: beside one forward pass without values, and beside import and building."""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

# One of each kind: convolutions, many branches, attention, windows of attention.
MODULES = ("resnet50", "densenet121", "googlenet", "mobilenet_v3_large", "vit_b_16", "swin_t")

# Builds ResNet-50 on meta, as archcalc does, and nothing more.
BUILT = """
from archcalc.importing.torch.building import build
from archcalc.importing.torch.finding import find
from archcalc.importing.torch.targets import ModuleTarget
build(find(ModuleTarget.read("torchvision.models:resnet50")))
"""
FROM_IMPORT = (
    [sys.executable, "-c", BUILT],
    [sys.executable, "-m", "archcalc", "summary", "torchvision.models:resnet50"],
)


class Traces:
    """Modules of torchvision on meta, with what is measured of them."""

    def __init__(self) -> None:
        import torch

        from archcalc.importing.torch.finding import imported

        self._torch = torch
        models = imported("torchvision.models")
        with torch.device("meta"):
            self.modules = {name: getattr(models, name)(weights=None).eval() for name in MODULES}
            self._x = torch.empty(1, 3, 224, 224)

    def forward(self, name: str) -> None:
        """One forward pass with a hook on every module, as a tool that only lists modules makes it."""
        seen: list[Any] = []
        module = self.modules[name]
        handles = [
            part.register_forward_hook(lambda one, given, made: seen.append((one, made)))
            for part in module.modules()
        ]
        with self._torch.inference_mode():
            module(self._x)
        for handle in handles:
            handle.remove()

    def trace(self, name: str) -> None:
        """Recorded, lifted and grouped."""
        from archcalc.importing.operations.lifting import lift
        from archcalc.importing.torch.recorder import record

        lift(record(self.modules[name], (self._x,), fresh=True))


def ratios(runs: int) -> list[tuple[str, float, float, float]]:
    """CPU seconds of a trace and of a forward pass by module: medians of runs in turn, and of ratios."""
    traces = Traces()

    def cpu(act: Callable[[str], None], name: str) -> float:
        start = time.process_time()
        act(name)
        return time.process_time() - start

    found = []
    for name in traces.modules:
        traces.trace(name)
        pairs = [(cpu(traces.trace, name), cpu(traces.forward, name)) for _ in range(runs)]
        medians = [statistics.median(column) for column in zip(*pairs, strict=True)]
        found.append((name, medians[0], medians[1], statistics.median(a / b for a, b in pairs)))
    return found
