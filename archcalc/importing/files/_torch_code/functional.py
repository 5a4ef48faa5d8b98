"""What the functions of ``torch.nn.functional`` do, in the operations of PyTorch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .._source.values import EvaluationError
from .tensors import CodeRun, CodeTensor

TorchFunction = Callable[..., Any]
# The functions of torch.nn.functional that do more than the operation of their name.
FUNCTIONAL: dict[str, TorchFunction] = {}
# Those that are no functions of Python but operators: what a module calls is then `torch.gelu`.
_BUILTIN = frozenset(
    (
        *("adaptive_avg_pool1d", "avg_pool1d", "avg_pool2d", "avg_pool3d", "bilinear", "channel_shuffle"),
        *("conv1d", "conv2d", "conv3d", "conv_transpose1d", "conv_transpose2d", "conv_transpose3d"),
        *("cosine_similarity", "gelu", "hardshrink", "linear", "logsigmoid", "one_hot", "pairwise_distance"),
        *(
            "pixel_shuffle",
            "pixel_unshuffle",
            "prelu",
            "scaled_dot_product_attention",
            "softplus",
            "softshrink",
        ),
    )
)


def functional(run: CodeRun, name: str, *args: Any, **kwargs: Any) -> Any:
    """Do a function of ``torch.nn.functional``.

    Args:
        run: Where it is done.
        name: Its name.
        args: Its arguments by place.
        kwargs: Its arguments by name.

    Returns:
        What it gives.

    Raises:
        EvaluationError: It cannot be read.
    """
    plain = name.removesuffix("_")
    called = f"torch.{name}" if name in _BUILTIN else f"F.{name}"
    called = f"Tensor.{name}" if name in ("sigmoid", "tanh") else called
    known = FUNCTIONAL.get(plain)
    if name.endswith("_"):
        kwargs["inplace"] = True
    kwargs.pop("_stacklevel", None)

    def do(operation: str, *given: Any, **words: Any) -> Any:
        return run.do(operation, *given, called=called, **words)

    if known is not None:
        try:
            return known(do, *args, **kwargs)
        except TypeError as error:
            raise EvaluationError(f"`F.{name}` does not take these arguments") from error
    inplace = "_" if kwargs.pop("inplace", False) else ""
    if "input" in kwargs:
        args = (kwargs.pop("input"), *args)
    return do(plain + inplace, *args, **kwargs)


def _function(*names: str) -> Callable[[TorchFunction], TorchFunction]:
    def enter(function: TorchFunction) -> TorchFunction:
        for name in names:
            FUNCTIONAL[name] = function
        return function

    return enter


def _pointwise(name: str, *defaults: tuple[str, Any]) -> TorchFunction:
    words = [word for word, _ in defaults]

    def function(
        do: TorchFunction, input: CodeTensor, *args: Any, inplace: bool = False, **kwargs: Any
    ) -> Any:
        given = dict(defaults)
        rest = list(args)
        for word in words:
            if rest:
                given[word] = rest.pop(0)
        inplace = bool(rest.pop(0)) if rest else inplace
        if rest or kwargs.keys() - given.keys():
            raise TypeError(name)
        given.update(kwargs)
        return do(name + ("_" if inplace else ""), input, *[given[word] for word in words])

    return function


for _name in ("relu", "hardswish", "silu", "mish", "selu", "hardsigmoid", "sigmoid", "tanh"):
    FUNCTIONAL[_name] = _pointwise(_name)
FUNCTIONAL["leaky_relu"] = _pointwise("leaky_relu", ("negative_slope", 0.01))
FUNCTIONAL["elu"] = _pointwise("elu", ("alpha", 1.0))
FUNCTIONAL["celu"] = _pointwise("celu", ("alpha", 1.0))
FUNCTIONAL["hardtanh"] = _pointwise("hardtanh", ("min_val", -1.0), ("max_val", 1.0))
FUNCTIONAL["threshold"] = _pointwise("threshold", ("threshold", 0), ("value", 0))


@_function("relu6")
def _relu6(do: TorchFunction, input: CodeTensor, inplace: bool = False) -> Any:
    return do("hardtanh_" if inplace else "hardtanh", input, 0.0, 6.0)


@_function("gelu")
def _gelu(do: TorchFunction, input: CodeTensor, *, approximate: str = "none") -> Any:
    return do("gelu", input, approximate=approximate)


@_function("softplus")
def _softplus(do: TorchFunction, input: CodeTensor, *args: Any, **kwargs: Any) -> Any:
    return do("softplus", input, *args, **kwargs)


@_function("logsigmoid")
def _logsigmoid(do: TorchFunction, input: CodeTensor) -> Any:
    return do("log_sigmoid", input)


@_function("softsign")
def _softsign(do: TorchFunction, input: CodeTensor) -> Any:
    return do("div", input, do("add", do("abs", input), 1))


@_function("tanhshrink")
def _tanhshrink(do: TorchFunction, input: CodeTensor) -> Any:
    return do("sub", input, do("tanh", input))


def _softmaxed(name: str) -> TorchFunction:
    def function(do: TorchFunction, input: CodeTensor, dim: int | None = None, dtype: Any = None) -> Any:
        if dim is None:
            dim = 0 if len(input.sizes) in (0, 1, 3) else 1
        return do(name, input, dim, *([] if dtype is None else [dtype]))

    return function


FUNCTIONAL["softmax"] = _softmaxed("softmax")
FUNCTIONAL["log_softmax"] = _softmaxed("log_softmax")


@_function("softmin")
def _softmin(do: TorchFunction, input: CodeTensor, dim: int = 1) -> Any:
    return do("softmax", do("neg", input), dim)


def _dropped(name: str) -> TorchFunction:
    def function(
        do: TorchFunction, input: CodeTensor, p: float = 0.5, training: bool = True, inplace: bool = False
    ) -> Any:
        return do(name + ("_" if inplace else ""), input, p, bool(training))

    return function


for _name, _operation in {
    "dropout": "dropout",
    "dropout1d": "feature_dropout",
    "dropout2d": "feature_dropout",
    "dropout3d": "feature_dropout",
    "alpha_dropout": "alpha_dropout",
    "feature_alpha_dropout": "feature_alpha_dropout",
}.items():
    FUNCTIONAL[_name] = _dropped(_operation)


def _max_pooled(rank: int) -> TorchFunction:
    def function(
        do: TorchFunction,
        input: CodeTensor,
        kernel_size: Any,
        stride: Any = None,
        padding: Any = 0,
        dilation: Any = 1,
        ceil_mode: bool = False,
        return_indices: bool = False,
    ) -> Any:
        with_indices = "_with_indices" if return_indices else ""
        return do(
            f"max_pool{rank}d{with_indices}",
            input,
            kernel_size,
            () if stride is None else stride,
            padding,
            dilation,
            ceil_mode,
        )

    return function


def _avg_pooled(rank: int) -> TorchFunction:
    def function(
        do: TorchFunction,
        input: CodeTensor,
        kernel_size: Any,
        stride: Any = None,
        padding: Any = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
        divisor_override: Any = None,
    ) -> Any:
        rest = [] if rank == 1 else [divisor_override]
        stride = () if stride is None else stride
        return do(
            f"avg_pool{rank}d", input, kernel_size, stride, padding, ceil_mode, count_include_pad, *rest
        )

    return function


def _adaptive_max_pooled(rank: int) -> TorchFunction:
    def function(do: TorchFunction, input: CodeTensor, output_size: Any, return_indices: bool = False) -> Any:
        found = do(f"adaptive_max_pool{rank}d", input, _of_input(input, output_size, rank))
        return found if return_indices else found[0]

    return function


def _adaptive_avg_pooled(rank: int) -> TorchFunction:
    def function(do: TorchFunction, input: CodeTensor, output_size: Any) -> Any:
        return do(f"adaptive_avg_pool{rank}d", input, _of_input(input, output_size, rank))

    return function


def _of_input(input: CodeTensor, sizes: Any, rank: int) -> Any:
    """Sizes for pooling: None leaves an axis as it is."""
    if isinstance(sizes, (tuple, list)) and len(sizes) == rank:
        shape = input.shape()[-rank:]
        return tuple([was if size is None else size for size, was in zip(sizes, shape, strict=True)])
    return sizes


for _rank in (1, 2, 3):
    FUNCTIONAL[f"max_pool{_rank}d"] = _max_pooled(_rank)
    FUNCTIONAL[f"avg_pool{_rank}d"] = _avg_pooled(_rank)
    FUNCTIONAL[f"adaptive_max_pool{_rank}d"] = _adaptive_max_pooled(_rank)
    FUNCTIONAL[f"adaptive_avg_pool{_rank}d"] = _adaptive_avg_pooled(_rank)


@_function("batch_norm")
def _batch_norm(
    do: TorchFunction,
    input: CodeTensor,
    running_mean: Any,
    running_var: Any,
    weight: Any = None,
    bias: Any = None,
    training: bool = False,
    momentum: float = 0.1,
    eps: float = 1e-05,
) -> Any:
    return do(
        "batch_norm", input, weight, bias, running_mean, running_var, bool(training), momentum, eps, True
    )


@_function("instance_norm")
def _instance_norm(
    do: TorchFunction,
    input: CodeTensor,
    running_mean: Any = None,
    running_var: Any = None,
    weight: Any = None,
    bias: Any = None,
    use_input_stats: bool = True,
    momentum: float = 0.1,
    eps: float = 1e-05,
) -> Any:
    return do(
        "instance_norm", input, weight, bias, running_mean, running_var, use_input_stats, momentum, eps, True
    )


@_function("layer_norm")
def _layer_norm(
    do: TorchFunction,
    input: CodeTensor,
    normalized_shape: Any,
    weight: Any = None,
    bias: Any = None,
    eps: float = 1e-05,
) -> Any:
    shape = tuple(normalized_shape) if isinstance(normalized_shape, (list, tuple)) else (normalized_shape,)
    return do("layer_norm", input, shape, weight, bias, eps)


@_function("group_norm")
def _group_norm(
    do: TorchFunction,
    input: CodeTensor,
    num_groups: int,
    weight: Any = None,
    bias: Any = None,
    eps: float = 1e-05,
) -> Any:
    return do("group_norm", input, num_groups, weight, bias, eps)


@_function("embedding")
def _embedding(
    do: TorchFunction,
    input: CodeTensor,
    weight: CodeTensor,
    padding_idx: int | None = None,
    max_norm: Any = None,
    norm_type: float = 2.0,
    scale_grad_by_freq: bool = False,
    sparse: bool = False,
) -> Any:
    at = -1 if padding_idx is None else padding_idx % max(weight.sizes[0], 1)
    return do("embedding", weight, input, at, scale_grad_by_freq, sparse)


@_function("normalize")
def _normalize(do: TorchFunction, input: CodeTensor, p: float = 2.0, dim: int = 1, eps: float = 1e-12) -> Any:
    norm = do("linalg_vector_norm", input, float(p), (dim,), True)
    return do("div", input, do("expand_as", do("clamp_min", norm, eps), input))


@_function("local_response_norm")
def _local_response_norm(
    do: TorchFunction, input: CodeTensor, size: int, alpha: float = 1e-4, beta: float = 0.75, k: float = 1.0
) -> Any:
    sizes = input.shape()
    squares = do("mul", input, input)
    if len(sizes) == 3:
        squares = do("pad", do("unsqueeze", squares, 1), (0, 0, size // 2, (size - 1) // 2))
        mean = do("squeeze", do("avg_pool2d", squares, (size, 1), 1), 1)
    else:
        squares = do("view", squares, (sizes[0], 1, sizes[1], sizes[2], -1))
        squares = do("pad", squares, (0, 0, 0, 0, size // 2, (size - 1) // 2))
        mean = do("view", do("squeeze", do("avg_pool3d", squares, (size, 1, 1), 1), 1), sizes)
    divisor = do("pow", do("add", do("mul", mean, alpha), k), beta)
    return do("div", input, divisor)


@_function("interpolate", "upsample")
def _interpolate(
    do: TorchFunction,
    input: CodeTensor,
    size: Any = None,
    scale_factor: Any = None,
    mode: str = "nearest",
    align_corners: bool | None = None,
    recompute_scale_factor: bool | None = None,
    antialias: bool = False,
) -> Any:
    rank = len(input.sizes) - 2
    sizes = None if size is None else tuple(size) if isinstance(size, (list, tuple)) else (size,) * rank
    scales = (
        None
        if scale_factor is None
        else tuple([float(s) for s in scale_factor])
        if isinstance(scale_factor, (list, tuple))
        else (float(scale_factor),) * rank
    )
    if antialias or recompute_scale_factor:
        raise EvaluationError("antialias and recompute_scale_factor of `F.interpolate` cannot be read")
    names = {
        ("nearest", 1): "upsample_nearest1d",
        ("nearest", 2): "upsample_nearest2d",
        ("nearest", 3): "upsample_nearest3d",
        ("linear", 1): "upsample_linear1d",
        ("bilinear", 2): "upsample_bilinear2d",
        ("bicubic", 2): "upsample_bicubic2d",
        ("trilinear", 3): "upsample_trilinear3d",
    }
    name = names.get((mode, rank))
    if name is None:
        raise EvaluationError(f"`F.interpolate` with mode={mode!r} cannot be read for {rank + 2} axes")
    corners = [] if mode == "nearest" else [bool(align_corners)]
    return do(f"{name}.vec", input, sizes, *corners, scales)


@_function("pad")
def _pad(do: TorchFunction, input: CodeTensor, pad: Any, mode: str = "constant", value: Any = None) -> Any:
    return do("pad", input, pad, mode, None if value is None else float(value))


@_function("glu")
def _glu(do: TorchFunction, input: CodeTensor, dim: int = -1) -> Any:
    return do("glu", input, dim)


@_function("unfold")
def _unfold(
    do: TorchFunction,
    input: CodeTensor,
    kernel_size: Any,
    dilation: Any = 1,
    padding: Any = 0,
    stride: Any = 1,
) -> Any:
    return do("im2col", input, kernel_size, dilation, padding, stride)


@_function("fold")
def _fold(
    do: TorchFunction,
    input: CodeTensor,
    output_size: Any,
    kernel_size: Any,
    dilation: Any = 1,
    padding: Any = 0,
    stride: Any = 1,
) -> Any:
    return do("col2im", input, output_size, kernel_size, dilation, padding, stride)
