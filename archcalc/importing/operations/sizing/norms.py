"""Sizes of normalisations."""

from __future__ import annotations

from math import prod

from .tensors import OperationError, RuleArguments, Shaped, listed, sizes_of, written


@sizes_of(
    "batch_norm",
    "native_batch_norm",
    "cudnn_batch_norm",
    "_native_batch_norm_legit",
    "_native_batch_norm_legit_no_training",
)
def batch_norm(name: str, given: RuleArguments) -> Shaped | list[Shaped]:
    x: Shaped = given["input"]
    if len(x.sizes) < 2:
        raise OperationError(f"it works on the channels behind the batch, and is given {written(x.sizes)}")
    _per_channel(x, [given.get(word) for word in ("weight", "bias", "running_mean", "running_var")])
    if name == "batch_norm":
        return x.like()
    training = given.get("training", False)
    kept = x.like((x.sizes[1] if training else 0,))
    reserved = [x.like((0,), "uint8")] if name.startswith("cudnn") else []
    return [x.like(), kept, kept, *reserved]


def _per_channel(x: Shaped, vectors: list[Shaped | None]) -> None:
    channels = x.sizes[1]
    for vector in vectors:
        if vector is not None and vector.values != channels:
            raise OperationError(f"it is made for {vector.values} channels, and is given {channels}")


@sizes_of("instance_norm")
def instance_norm(name: str, given: RuleArguments) -> Shaped:
    x: Shaped = given["input"]
    if len(x.sizes) < 2:
        raise OperationError(f"it works on the channels behind the batch, and is given {written(x.sizes)}")
    _per_channel(x, [given.get(word) for word in ("weight", "bias", "running_mean", "running_var")])
    return x.like()


def _over_last(x: Shaped, given: RuleArguments) -> int:
    """How many axes a norm works over: the last ones. Raises OperationError where it is made for others."""
    wanted = tuple(listed(given["normalized_shape"]))
    if not wanted or x.sizes[-len(wanted) :] != wanted:
        raise OperationError(f"it is made for {written(wanted)}, and is given {written(x.sizes)}")
    for word in ("weight", "bias"):
        vector = given.get(word)
        if vector is not None and vector.sizes != wanted:
            raise OperationError(f"its {word} has the sizes {written(vector.sizes)}, for {written(wanted)}")
    return len(wanted)


@sizes_of("layer_norm", "native_layer_norm", "rms_norm", "_fused_rms_norm")
def layer_norm(name: str, given: RuleArguments) -> Shaped | list[Shaped]:
    x: Shaped = given["input"]
    axes = _over_last(x, given)
    kept = x.like((*x.sizes[: len(x.sizes) - axes], *[1] * axes))
    if name in ("layer_norm", "rms_norm"):
        return x.like()
    return [x.like(), *[kept] * (2 if name == "native_layer_norm" else 1)]


@sizes_of("group_norm", "native_group_norm")
def group_norm(name: str, given: RuleArguments) -> Shaped | list[Shaped]:
    x: Shaped = given["input"]
    groups = given["num_groups"] if "num_groups" in given else given["group"]
    if len(x.sizes) < 2:
        raise OperationError(f"it works on the channels behind the batch, and is given {written(x.sizes)}")
    if groups < 1 or x.sizes[1] % groups:
        raise OperationError(f"{x.sizes[1]} channels are not divided by {groups} groups")
    _per_channel(x, [given.get("weight"), given.get("bias")])
    if name == "group_norm":
        return x.like()
    if (given["N"], given["C"]) != x.sizes[:2] or given["HxW"] != prod(x.sizes[2:]):
        raise OperationError(f"it is made for other sizes than {written(x.sizes)}")
    return [x.like(), *[x.like((x.sizes[0], groups))] * 2]
