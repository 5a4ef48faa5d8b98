"""Operations that are written down whole where gradients are on: PyTorch then takes them apart before a
recorder sees them, convolutions and norms, linear layers and attention."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch

# Does an operator as a whole, by a function that takes it apart, and writes it down.
Whole = Callable[[Any, Callable[..., Any], Any, Any], Any]

_NAMES = (
    *("linear", "bilinear", "matmul", "einsum", "tensordot", "scaled_dot_product_attention"),
    *[f"conv{rank}d{padding}" for rank in (1, 2, 3) for padding in ("", ".padding")],
    *("conv_transpose1d", "conv_transpose2d.input", "conv_transpose3d.input"),
    *("batch_norm", "layer_norm", "group_norm", "instance_norm", "rms_norm"),
    *[f"{name}{kind}" for name in ("lstm", "gru", "rnn_tanh", "rnn_relu") for kind in (".input", ".data")],
    *("lstm_cell", "gru_cell", "rnn_tanh_cell", "rnn_relu_cell"),
    *("softmax.int", "log_softmax.int", "dropout", "feature_dropout", "alpha_dropout", "embedding_bag"),
    *("max_pool1d", "max_pool2d", "max_pool3d"),
    *("adaptive_avg_pool1d", "adaptive_avg_pool2d", "adaptive_avg_pool3d", "adaptive_max_pool1d"),
    *("upsample_nearest2d.vec", "upsample_bilinear2d.vec", "upsample_nearest1d.vec", "pad"),
)


@contextmanager
def operations_whole(device: torch.device, whole: Whole) -> Iterator[None]:
    """Let operators on a device be done whole where gradients are on, until the block ends.

    Args:
        device: The device.
        whole: Is called in place of an operator, with it, what takes it apart, and its arguments.
    """
    library: Any = torch.library.Library("aten", "IMPL")  # type: ignore[no-untyped-call]
    key = "AutogradMeta" if device.type == "meta" else "AutogradCPU"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that kernels are overridden is what is wanted
            for name in _NAMES:
                packet, _, overload = name.partition(".")
                operator = getattr(getattr(torch.ops.aten, packet), overload or "default")
                if _is_taken_apart(operator):
                    library.impl(name, _kernel(operator, whole), key, allow_override=True)
        yield
    finally:
        library._destroy()


def _is_taken_apart(operator: Any) -> bool:
    has = torch._C._dispatch_has_kernel_for_dispatch_key
    return has(operator.name(), "CompositeImplicitAutograd")


def _kernel(operator: Any, whole: Whole) -> Callable[..., Any]:
    def kernel(*args: Any, **kwargs: Any) -> Any:
        return whole(operator, operator.decompose, args, kwargs)

    return kernel
