"""Normalisations."""

from __future__ import annotations

from fractions import Fraction

from ..recording import Operation, Value
from .given import UnliftedError
from .lifter import Lifter, first, rule
from .placements import Placement, without_batch


@rule(
    "batch_norm",
    "native_batch_norm",
    "cudnn_batch_norm",
    "_native_batch_norm_legit",
    "_native_batch_norm_legit_no_training",
)
def batch_norm(lifter: Lifter, operation: Operation) -> list[Placement | None]:
    given = operation.arguments
    layer, placed = lifter.with_channels(lifter.view(given["input"]), 1)
    weight, bias, mean, variance = (
        given.get("weight"),
        given.get("bias"),
        given.get("running_mean"),
        given.get("running_var"),
    )
    made = lifter.layer(
        "bn",
        [layer],
        (weight, bias, mean, variance),
        scale=weight is not None,
        shift=bias is not None,
        running=mean is not None,
        **({"statistics": "batch"} if given.get("training") else {}),
    )
    return [placed.on(made), *[None] * (len(operation.outputs) - 1)]


def parts(weight: Value | None, bias: Value | None) -> dict[str, bool]:
    """Which of scale and shift a norm has, as far as that is not both."""
    found = {"scale": weight is not None, "shift": bias is not None}
    if not any(found.values()):
        return {"affine": False}
    return {} if all(found.values()) else found


@rule("layer_norm", "native_layer_norm")
def layer_norm(lifter: Lifter, operation: Operation) -> Placement:
    given = operation.arguments
    view = lifter.view(given["input"])
    weight, bias = given.get("weight"), given.get("bias")
    axes = len(given["normalized_shape"])
    if axes == 1:
        layer, placed = lifter.with_channels(view, -1)
        made = lifter.layer("layernorm", [layer], (weight, bias), **parts(weight, bias))
        return placed.on(made)
    # Over the last axes together: a norm of one group, whose scale is per value.
    rest = view.dims[: len(view.dims) - axes]
    if any(without_batch(dim) for dim in rest):
        raise UnliftedError("a layer norm over several axes, of several maps")
    layer, placed, _ = lifter.in_order(view)
    made = lifter.layer("layernorm", [layer], (weight, bias), across="all", **parts(weight, bias))
    return placed.on(made)


@rule("group_norm", "native_group_norm")
def group_norm(lifter: Lifter, operation: Operation) -> list[Placement | None]:
    given = operation.arguments
    groups = given.get("num_groups", given.get("group"))
    layer, placed = lifter.with_channels(lifter.view(given["input"]), 1)
    weight, bias = given.get("weight"), given.get("bias")
    made = lifter.layer("groupnorm", [layer], (weight, bias), groups=groups, **parts(weight, bias))
    return [placed.on(made), *[None] * (len(operation.outputs) - 1)]


@rule("instance_norm")
def instance_norm(lifter: Lifter, operation: Operation) -> Placement:
    given = operation.arguments
    layer, placed = lifter.with_channels(lifter.view(given["input"]), 1)
    weight, bias, mean = given.get("weight"), given.get("bias"), given.get("running_mean")
    if mean is not None and not given.get("use_input_stats", True):
        made = lifter.layer(
            "bn",
            [layer],
            (weight, bias, mean, given.get("running_var")),
            scale=weight is not None,
            shift=bias is not None,
        )
        return placed.on(made)
    kept = {"running": True} if mean is not None else {}
    made = lifter.layer(
        "instancenorm",
        [layer],
        (weight, bias, mean, given.get("running_var")),
        **{"affine": True, **parts(weight, bias), **kept},
    )
    return placed.on(made)


@rule("rms_norm", "_fused_rms_norm")
def rms_norm(lifter: Lifter, operation: Operation) -> list[Placement | None]:
    given = operation.arguments
    if len(given["normalized_shape"]) != 1:
        raise UnliftedError("an RMS norm over several axes")
    layer, placed = lifter.with_channels(lifter.view(first(operation)), -1)
    weight = given.get("weight")
    made = lifter.layer("rmsnorm", [layer], (weight,), scale=weight is not None)
    return [placed.on(made), *[None] * (len(operation.outputs) - 1)]


@rule("onnx.LRN")
def local_response_norm(lifter: Lifter, operation: Operation) -> Placement:
    given = operation.arguments
    layer, placed = lifter.with_channels(lifter.view(given["inputs"][0]), 1)
    # A file has 32 bits for each factor: what is written is the shortest number that they stand for.
    alpha, beta, k = (Fraction(f"{given[word]:.7g}") for word in ("alpha", "beta", "bias"))
    made = lifter.layer("lrn", [layer], size=given["size"], alpha=alpha, beta=beta, k=k)
    return placed.on(made)
