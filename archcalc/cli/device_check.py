"""Whether a network can be built and run where it is to be, before anything is tried."""

from __future__ import annotations

from ..analysis.summary import Summary
from ..diagnostics import fail
from ..graph import Graph
from ..report.words import amount


def require_device(device: str) -> None:
    """Raises SpecError where the device is missing."""
    from ..witness.device import has_cuda

    if device == "cuda" and not has_cuda():
        raise fail("torch", "PyTorch sees no CUDA device here", "--device cpu, or meta")


def require_memory(graph: Graph, device: str) -> None:
    """Raises SpecError where the device is missing, or the memory at hand too small."""
    from ..witness.device import free_bytes

    require_device(device)
    if device == "meta":
        return
    free = free_bytes(device)
    summary = Summary(graph, batch=2)
    stored = (summary.counts.params + summary.counts.buffers) * 4
    need = stored + max(summary.step_bytes, summary.scaled(summary.memory.peak))
    if free is not None and need > free:
        raise fail(
            "torch",
            f"the network takes at least {amount(need)}, and {amount(free)} are free",
            "--device meta takes none: it has shapes and storages but no values",
        )
