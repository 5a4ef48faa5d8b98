"""How code calls a function of PyTorch: tools that count operations replace some spellings and not others."""

from __future__ import annotations

from dis import opname
from functools import lru_cache
from types import CodeType, FrameType
from typing import Any

_METHODS = ("TensorBase", "Tensor")


def spelled(function: Any, frame: FrameType) -> str:
    """Return how code calls a function.

    Args:
        function: The function, as a mode of PyTorch is told of it.
        frame: What called it.

    Returns:
        ``F.softmax`` for a function of ``torch.nn.functional``, ``Tensor.softmax`` for a method,
        ``torch.softmax`` for any other function, and ``operator.matmul`` where the code says ``a @ b``.
    """
    group, name, method = _named(function)
    if method and opname[_instructions(frame.f_code)[frame.f_lasti]].startswith(("BINARY_", "INPLACE_")):
        group = "operator"
    return f"{group}.{name}"


@lru_cache(maxsize=1024)
def _named(function: Any) -> tuple[str, str, bool]:
    name = getattr(function, "__name__", "")
    owner = getattr(function, "__qualname__", "").rpartition(".")[0]
    if owner in _METHODS:
        return "Tensor", name, True
    return ("F" if getattr(function, "__module__", "") == "torch.nn.functional" else "torch"), name, False


@lru_cache(maxsize=1024)
def _instructions(code: CodeType) -> bytes:
    return code.co_code
