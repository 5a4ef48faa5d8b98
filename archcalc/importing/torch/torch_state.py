"""The settings of PyTorch that hold for a whole process."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch.nn.modules import module as hooks

# Hooks that every module runs, by the names of the dictionaries that hold them.
_HOOKS = tuple([name for name in vars(hooks) if name.startswith("_global_") and name.endswith("_hooks")])
_FLAGS = (
    (torch.backends.cudnn, ("enabled", "benchmark", "deterministic", "allow_tf32")),
    (torch.backends.cuda.matmul, ("allow_tf32",)),
)


def keep() -> Callable[[], None]:
    """Remember the settings.

    Returns:
        What puts them back.
    """
    seeds = torch.random.get_rng_state()
    on_gpu = torch.cuda.get_rng_state_all() if torch.cuda.is_initialized() else None  # type: ignore[no-untyped-call]
    dtype, device = torch.get_default_dtype(), _device()
    gradients, anomaly = torch.is_grad_enabled(), torch.is_anomaly_enabled()
    deterministic = torch.are_deterministic_algorithms_enabled()
    warn_only = torch.is_deterministic_algorithms_warn_only_enabled()
    precision, threads = torch.get_float32_matmul_precision(), torch.get_num_threads()
    always = torch.is_warn_always_enabled()
    registered: dict[str, dict[Any, Any]] = {name: dict(_dictionary(name)) for name in _HOOKS}
    flags = [(of, name, getattr(of, name)) for of, names in _FLAGS for name in names]

    def back() -> None:
        torch.random.set_rng_state(seeds)
        if on_gpu is not None:
            torch.cuda.set_rng_state_all(on_gpu)
        torch.set_default_dtype(dtype)
        if _device() != device:
            torch.set_default_device(device)
        torch.set_grad_enabled(gradients)
        torch.autograd.set_detect_anomaly(anomaly)
        torch.use_deterministic_algorithms(deterministic, warn_only=warn_only)
        if torch.get_float32_matmul_precision() != precision:
            torch.set_float32_matmul_precision(precision)
        if torch.get_num_threads() != threads:
            torch.set_num_threads(threads)
        torch.set_warn_always(always)
        for name, content in registered.items():
            of_name = _dictionary(name)
            if of_name != content:
                of_name.clear()
                of_name.update(content)
        for of, name, value in flags:
            if getattr(of, name) != value:
                setattr(of, name, value)

    return back


def _dictionary(name: str) -> dict[Any, Any]:
    found: dict[Any, Any] = getattr(hooks, name)
    return found


def _device() -> Any:
    """The device of ``torch.set_default_device``; None where nobody called it."""
    context = torch._GLOBAL_DEVICE_CONTEXT
    mode = getattr(context, "device_context", None)
    return None if mode is None else mode.device
