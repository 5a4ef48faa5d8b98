"""Norms."""

from __future__ import annotations

from typing import Any

from ..functional import functional
from ..modules import CodeModule
from ..tensors import CodeTensor
from ..vocabulary import forget, layer, same_named


def _ready_batch_norm(m: CodeModule, a: dict[str, Any]) -> None:
    count = a["num_features"]
    m.parameter("weight", count, present=a["affine"])
    m.parameter("bias", count, present=a["affine"])
    m.buffer("running_mean", count, present=a["track_running_stats"])
    m.buffer("running_var", count, present=a["track_running_stats"])


@layer(
    "BatchNorm1d BatchNorm2d BatchNorm3d SyncBatchNorm",
    "batchnorm",
    "num_features, eps=1e-05, momentum=0.1, affine=True, track_running_stats=True, device=None, dtype=None",
    _ready_batch_norm,
)
def _batch_norm(m: CodeModule, input: CodeTensor) -> Any:
    stored = "running_mean" in m.tensors
    momentum = m.setting("momentum")
    return functional(
        m.run,
        "batch_norm",
        input,
        m.tensors.get("running_mean"),
        m.tensors.get("running_var"),
        m.tensors.get("weight"),
        m.tensors.get("bias"),
        not stored,
        0.0 if momentum is None else momentum,
        m.setting("eps"),
    )


@layer(
    "InstanceNorm1d InstanceNorm2d InstanceNorm3d",
    "instancenorm",
    "num_features, eps=1e-05, momentum=0.1, affine=False, track_running_stats=False, device=None, dtype=None",
    _ready_batch_norm,
)
def _instance_norm(m: CodeModule, input: CodeTensor) -> Any:
    stored = "running_mean" in m.tensors
    tensors = [m.tensors.get(name) for name in ("running_mean", "running_var", "weight", "bias")]
    return functional(
        m.run, "instance_norm", input, *tensors, not stored, m.setting("momentum"), m.setting("eps")
    )


def _ready_group_norm(m: CodeModule, a: dict[str, Any]) -> None:
    m.parameter("weight", a["num_channels"], present=a["affine"])
    m.parameter("bias", a["num_channels"], present=a["affine"])


@layer(
    "GroupNorm",
    "normalization",
    "num_groups, num_channels, eps=1e-05, affine=True, device=None, dtype=None",
    _ready_group_norm,
)
def _group_norm(m: CodeModule, input: CodeTensor) -> Any:
    weight, bias = m.tensors.get("weight"), m.tensors.get("bias")
    return functional(m.run, "group_norm", input, m.setting("num_groups"), weight, bias, m.setting("eps"))


def _ready_layer_norm(m: CodeModule, a: dict[str, Any]) -> None:
    shape = a["normalized_shape"]
    shape = tuple(shape) if isinstance(shape, tuple) else (shape,)
    forget(m, "bias", "normalized_shape")
    m.settings = {"normalized_shape": shape, **m.settings}
    m.parameter("weight", *shape, present=a["elementwise_affine"])
    m.parameter("bias", *shape, present=a["elementwise_affine"] and a.get("bias", False))


@layer(
    "LayerNorm",
    "normalization",
    "normalized_shape, eps=1e-05, elementwise_affine=True, bias=True, device=None, dtype=None",
    _ready_layer_norm,
)
def _layer_norm(m: CodeModule, input: CodeTensor) -> Any:
    shape, eps = m.setting("normalized_shape"), m.setting("eps")
    return functional(m.run, "layer_norm", input, shape, m.tensors.get("weight"), m.tensors.get("bias"), eps)


@layer(
    "RMSNorm",
    "normalization",
    "normalized_shape, eps=None, elementwise_affine=True, device=None, dtype=None",
    _ready_layer_norm,
)
def _rms_norm(m: CodeModule, input: CodeTensor) -> Any:
    shape, eps = m.setting("normalized_shape"), m.setting("eps")
    return m.run.do("rms_norm", input, shape, m.tensors.get("weight"), eps, called="F.rms_norm")


layer("LocalResponseNorm", "normalization", "size, alpha=0.0001, beta=0.75, k=1.0")(
    same_named("local_response_norm", "size", "alpha", "beta", "k")
)
