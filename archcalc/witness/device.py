"""The devices of PyTorch: whether there is one, and how much memory is free on it."""

from __future__ import annotations

import os

import torch


def has_cuda() -> bool:
    """Whether PyTorch sees a CUDA device here."""
    return torch.cuda.is_available()


def free_bytes(device: str) -> int | None:
    """Bytes of memory at hand on ``cpu`` or ``cuda``; None where the system does not say."""
    if device == "cuda":
        torch.cuda.empty_cache()  # what the last network left is free
        return int(torch.cuda.mem_get_info()[0])
    try:
        with open("/proc/meminfo", encoding="ascii") as file:
            for line in file:
                if line.startswith("MemAvailable:"):
                    return int(line.split()[1]) * 1024
        return os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, AttributeError):
        return None
