"""Whether a network can be built and run where it is to be, before anything is tried."""

from __future__ import annotations

import os

from ..analysis.summary import Summary
from ..diagnostics import fail
from ..graph import Graph
from ..report.words import amount


def require_device(device: str) -> None:
    """Raises SpecError where the device is missing."""
    import torch

    if device == "cuda" and not torch.cuda.is_available():
        raise fail("torch", "PyTorch sees no CUDA device here", "--device cpu, or meta")


def require_memory(graph: Graph, device: str) -> None:
    """Raises SpecError where the device is missing, or the memory at hand too small."""
    import torch

    require_device(device)
    if device == "meta":
        return
    if device == "cuda":
        torch.cuda.empty_cache()  # what the last network left is free
    free = torch.cuda.mem_get_info()[0] if device == "cuda" else _free()
    summary = Summary(graph, batch=2)
    stored = (summary.counts.params + summary.counts.buffers) * 4
    need = stored + max(summary.step_bytes, summary.scaled(summary.memory.peak))
    if free is not None and need > free:
        raise fail(
            "torch",
            f"the network takes at least {amount(need)}, and {amount(free)} are free",
            "--device meta takes none: it has shapes and storages but no values",
        )


def _free() -> int | None:
    """Bytes of memory at hand; None where the system does not say."""
    try:
        with open("/proc/meminfo", encoding="ascii") as file:
            for line in file:
                if line.startswith("MemAvailable:"):
                    return int(line.split()[1]) * 1024
        return os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, AttributeError):
        return None
