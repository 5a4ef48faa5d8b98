"""The classes of ``torch.nn``: for each its parameters in order, the tensors that it registers, its settings,
and what it does. A class is a function here that makes a module ready, and a function that it does."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

from .._source.values import EvaluationError, UnknownValue
from .functions import functional
from .modules import CodeModule
from .tensors import CodeTensor

Ready = Callable[[CodeModule, dict[str, Any]], None]
Work = Callable[..., Any]


class ModuleClass:
    """A class of ``torch.nn``.

    Attributes:
        name: Its name.
        file: The file of ``torch.nn.modules`` that defines it.
        signature: Its parameters with their defaults, as Python writes them.
        ready: Makes a module of it ready.
        work: What it does: takes the module and what that is given.
    """

    __slots__ = ("name", "file", "signature", "ready", "work")

    def __init__(self, name: str, file: str, signature: str, ready: Ready | None, work: Work | None):
        self.name = name
        self.file = file
        self.signature = signature
        self.ready = ready
        self.work = work

    @property
    def defined(self) -> str:
        """Its class, with the module of Python that defines it."""
        return f"torch.nn.modules.{self.file}.{self.name}"

    def made(self, module: CodeModule, args: Sequence[Any], kwargs: Mapping[str, Any]) -> None:
        """Make a module ready. Raises EvaluationError where the arguments do not fit."""
        given = bound(self.name, self.signature, args, kwargs)
        for key in ("device", "dtype"):
            given.pop(key, None)
        for key, value in given.items():
            if isinstance(value, UnknownValue):
                raise EvaluationError(
                    f"`{key}` of {self.name} is not known{f': {value.reason}' if value.reason else ''}",
                    value.node,
                    f"--set {value.name or key}=… gives its value",
                )
            value = given[key] = tuple(value) if isinstance(value, list) else value
            if _is_setting(value):
                module.settings[key] = value
            else:
                module.plain[key] = value
        module.work = self.work
        if self.ready is not None:
            try:
                self.ready(module, given)
            except (TypeError, ValueError, ZeroDivisionError) as error:
                raise EvaluationError(f"{self.name} does not take these arguments") from error


@cache
def _parameters(signature: str) -> tuple[tuple[str, Any], ...]:
    """The parameters of a signature, each with its default; ``...`` where it has none."""
    call = ast.parse(f"def f({signature}): 0").body[0]
    assert isinstance(call, ast.FunctionDef)
    names = [one.arg for one in call.args.args]
    defaults = [ast.literal_eval(one) for one in call.args.defaults]
    return tuple(zip(names, [*[...] * (len(names) - len(defaults)), *defaults], strict=True))


def bound(name: str, signature: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments of a call by name, with the defaults of a signature. Raises EvaluationError."""
    parameters = _parameters(signature)
    if len(args) > len(parameters):
        raise EvaluationError(f"{name} takes at most {len(parameters)} arguments, and {len(args)} are given")
    found = dict(parameters)
    found.update(zip(found, args, strict=False))
    for key, value in kwargs.items():
        if key not in found and key not in ("device", "dtype"):
            raise EvaluationError(f"{name} has no parameter `{key}`")
        found[key] = value
    for key, value in found.items():
        if value is ...:
            raise EvaluationError(f"{name} needs `{key}`")
    return found


def _is_setting(value: Any) -> bool:
    if isinstance(value, tuple):
        return all(type(part) is int for part in value)
    return type(value) in (int, float, bool, str)


CLASSES: dict[str, ModuleClass] = {}


def layer(names: str, file: str, signature: str = "", ready: Ready | None = None) -> Callable[[Work], Work]:
    """Enter classes of ``torch.nn`` that do what the decorated function does."""

    def enter(work: Work) -> Work:
        for name in names.split():
            CLASSES[name] = ModuleClass(name, file, signature, ready, work)
        return work

    return enter


def axes(value: Any, rank: int) -> tuple[int, ...]:
    """One number for each axis."""
    found = tuple(value) if isinstance(value, (tuple, list)) else (value,) * rank
    if len(found) != rank or any(not isinstance(one, int) or isinstance(one, bool) for one in found):
        raise ValueError
    return found


def _settled(module: CodeModule, **settings: Any) -> None:
    module.settings.update(settings)


def _forget(module: CodeModule, *names: str) -> None:
    for name in names:
        module.settings.pop(name, None)
        module.plain.pop(name, None)


# ---- windows


def _ready_conv(m: CodeModule, a: dict[str, Any]) -> None:
    kernel = axes(a["kernel_size"], m.rank)
    transposed = "Transpose" in m.base
    fan_in, fan_out, groups = a["in_channels"], a["out_channels"], a["groups"]
    if fan_in % groups or fan_out % groups or min(fan_in, fan_out, groups) < 1:
        raise EvaluationError(f"{m.base}: {fan_in} and {fan_out} channels do not part into {groups} groups")
    sizes = (fan_in, fan_out // groups) if transposed else (fan_out, fan_in // groups)
    padding = a["padding"] if isinstance(a["padding"], str) else axes(a["padding"], m.rank)
    bias = a["bias"]
    _forget(m, "bias")
    m.settings.clear()
    _settled(
        m,
        in_channels=fan_in,
        out_channels=fan_out,
        kernel_size=kernel,
        stride=axes(a["stride"], m.rank),
        padding=padding,
        dilation=axes(a["dilation"], m.rank),
        transposed=transposed,
        output_padding=axes(a.get("output_padding", 0), m.rank),
        groups=groups,
        padding_mode=a["padding_mode"],
    )
    m.parameter("weight", *sizes, *kernel)
    m.parameter("bias", fan_out, present=bias)


@layer(
    "Conv1d Conv2d Conv3d",
    "conv",
    "in_channels, out_channels, kernel_size, stride=1, padding=0, dilation=1, groups=1, bias=True, "
    "padding_mode='zeros', device=None, dtype=None",
    _ready_conv,
)
def _conv(m: CodeModule, input: CodeTensor) -> Any:
    padding = m.setting("padding")
    if m.setting("padding_mode") != "zeros":
        kernel, dilation = m.setting("kernel_size"), m.setting("dilation")
        if padding == "valid":
            padding = (0,) * m.rank
        if padding == "same":
            totals = [d * (k - 1) for d, k in zip(dilation, kernel, strict=True)]
            rims = [side for total in reversed(totals) for side in (total // 2, total - total // 2)]
        else:
            rims = [side for one in reversed(padding) for side in (one, one)]
        input = functional(m.run, "pad", input, tuple(rims), mode=m.setting("padding_mode"))
        padding = (0,) * m.rank
    return functional(
        m.run,
        f"conv{m.rank}d",
        input,
        m.tensors["weight"],
        m.tensors.get("bias"),
        m.setting("stride"),
        padding,
        m.setting("dilation"),
        m.setting("groups"),
    )


@layer(
    "ConvTranspose1d ConvTranspose2d ConvTranspose3d",
    "conv",
    "in_channels, out_channels, kernel_size, stride=1, padding=0, output_padding=0, groups=1, bias=True, "
    "dilation=1, padding_mode='zeros', device=None, dtype=None",
    _ready_conv,
)
def _conv_transpose(m: CodeModule, input: CodeTensor, output_size: Any = None) -> Any:
    more = m.setting("output_padding")
    if output_size is not None:
        wanted = tuple(output_size)[-m.rank :]
        words = ("kernel_size", "stride", "padding", "dilation")
        window = zip(*[m.setting(word) for word in words], strict=True)
        least = [
            (size - 1) * s - 2 * p + d * (k - 1) + 1
            for size, (k, s, p, d) in zip(input.sizes[2:], window, strict=True)
        ]
        more = tuple([int(one) - other for one, other in zip(wanted, least, strict=True)])
    return functional(
        m.run,
        f"conv_transpose{m.rank}d",
        input,
        m.tensors["weight"],
        m.tensors.get("bias"),
        m.setting("stride"),
        m.setting("padding"),
        more,
        m.setting("groups"),
        m.setting("dilation"),
    )


def _ready_max_pool(m: CodeModule, a: dict[str, Any]) -> None:
    if a["stride"] is None:
        m.plain.pop("stride", None)
        _settled(m, stride=a["kernel_size"])


@layer(
    "MaxPool1d MaxPool2d MaxPool3d",
    "pooling",
    "kernel_size, stride=None, padding=0, dilation=1, return_indices=False, ceil_mode=False",
    _ready_max_pool,
)
def _max_pool(m: CodeModule, input: CodeTensor) -> Any:
    words = ("kernel_size", "stride", "padding", "dilation", "ceil_mode", "return_indices")
    return functional(m.run, f"max_pool{m.rank}d", input, *[m.setting(word) for word in words])


def _ready_avg_pool(m: CodeModule, a: dict[str, Any]) -> None:
    stride = a["kernel_size"] if a["stride"] is None else a["stride"]
    m.plain.pop("stride", None)
    _settled(m, stride=stride)
    if m.rank == 1:
        _settled(m, **{word: axes(m.settings[word], 1) for word in ("kernel_size", "stride", "padding")})


@layer(
    "AvgPool1d",
    "pooling",
    "kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=True",
    _ready_avg_pool,
)
@layer(
    "AvgPool2d AvgPool3d",
    "pooling",
    "kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=True, divisor_override=None",
    _ready_avg_pool,
)
def _avg_pool(m: CodeModule, input: CodeTensor) -> Any:
    words = ("kernel_size", "stride", "padding", "ceil_mode", "count_include_pad")
    rest = [] if m.rank == 1 else [m.setting("divisor_override")]
    return functional(m.run, f"avg_pool{m.rank}d", input, *[m.setting(word) for word in words], *rest)


@layer("AdaptiveAvgPool1d AdaptiveAvgPool2d AdaptiveAvgPool3d", "pooling", "output_size")
def _adaptive_avg_pool(m: CodeModule, input: CodeTensor) -> Any:
    return functional(m.run, f"adaptive_avg_pool{m.rank}d", input, m.setting("output_size"))


@layer(
    "AdaptiveMaxPool1d AdaptiveMaxPool2d AdaptiveMaxPool3d", "pooling", "output_size, return_indices=False"
)
def _adaptive_max_pool(m: CodeModule, input: CodeTensor) -> Any:
    sizes = m.setting("output_size")
    return functional(m.run, f"adaptive_max_pool{m.rank}d", input, sizes, m.setting("return_indices"))


def _ready_upsample(m: CodeModule, a: dict[str, Any]) -> None:
    _settled(m, name=m.base)
    scale = a.get("scale_factor")
    if scale is not None:
        m.settings.pop("scale_factor", None)
        scale = tuple([float(one) for one in scale]) if isinstance(scale, tuple) else float(scale)
        m.plain["scale_factor"] = scale
        if isinstance(scale, float):
            _settled(m, scale_factor=scale)
    if "mode" not in a:
        _settled(m, mode="nearest" if "Nearest" in m.base else "bilinear")
        if "Bilinear" in m.base:
            _settled(m, align_corners=True)


@layer(
    "Upsample",
    "upsampling",
    "size=None, scale_factor=None, mode='nearest', align_corners=None, recompute_scale_factor=None",
    _ready_upsample,
)
@layer(
    "UpsamplingNearest2d UpsamplingBilinear2d", "upsampling", "size=None, scale_factor=None", _ready_upsample
)
def _upsample(m: CodeModule, input: CodeTensor) -> Any:
    words = ("size", "scale_factor", "mode", "align_corners")
    given = {word: m.plain.get(word, m.settings.get(word)) for word in words}
    return functional(m.run, "interpolate", input, **given)


def _ready_pad(m: CodeModule, a: dict[str, Any]) -> None:
    m.plain.pop("padding", None)
    _settled(m, padding=axes(a["padding"], 2 * m.rank))
    if "Zero" in m.base:
        _settled(m, value=0.0)


def _padder(mode: str) -> Work:
    def pad(m: CodeModule, input: CodeTensor) -> Any:
        value = m.settings.get("value") if mode == "constant" else None
        return functional(m.run, "pad", input, m.setting("padding"), mode, value)

    return pad


for _rank in "123":
    layer(f"ZeroPad{_rank}d", "padding", "padding", _ready_pad)(_padder("constant"))
    layer(f"ConstantPad{_rank}d", "padding", "padding, value", _ready_pad)(_padder("constant"))
    layer(f"ReflectionPad{_rank}d", "padding", "padding", _ready_pad)(_padder("reflect"))
    layer(f"ReplicationPad{_rank}d", "padding", "padding", _ready_pad)(_padder("replicate"))
    layer(f"CircularPad{_rank}d", "padding", "padding", _ready_pad)(_padder("circular"))


def _same_named(name: str, *words: str) -> Work:
    """A class that does the function of a name with some of its settings."""

    def work(m: CodeModule, input: CodeTensor) -> Any:
        return functional(m.run, name, input, *[m.setting(word) for word in words])

    return work


layer("PixelShuffle", "pixelshuffle", "upscale_factor")(_same_named("pixel_shuffle", "upscale_factor"))
layer("PixelUnshuffle", "pixelshuffle", "downscale_factor")(
    _same_named("pixel_unshuffle", "downscale_factor")
)
layer("ChannelShuffle", "channelshuffle", "groups")(_same_named("channel_shuffle", "groups"))
_FOLD = ("kernel_size", "dilation", "padding", "stride")
layer("Unfold", "fold", "kernel_size, dilation=1, padding=0, stride=1")(_same_named("unfold", *_FOLD))
layer("Fold", "fold", "output_size, kernel_size, dilation=1, padding=0, stride=1")(
    _same_named("fold", "output_size", *_FOLD)
)


# ---- products


def _ready_linear(m: CodeModule, a: dict[str, Any]) -> None:
    _forget(m, "bias")
    m.parameter("weight", a["out_features"], a["in_features"])
    m.parameter("bias", a["out_features"], present=a["bias"])


@layer(
    "Linear NonDynamicallyQuantizableLinear",
    "linear",
    "in_features, out_features, bias=True, device=None, dtype=None",
    _ready_linear,
)
def _linear(m: CodeModule, input: CodeTensor) -> Any:
    return functional(m.run, "linear", input, m.tensors["weight"], m.tensors.get("bias"))


def _ready_bilinear(m: CodeModule, a: dict[str, Any]) -> None:
    _forget(m, "bias")
    m.parameter("weight", a["out_features"], a["in1_features"], a["in2_features"])
    m.parameter("bias", a["out_features"], present=a["bias"])


@layer(
    "Bilinear",
    "linear",
    "in1_features, in2_features, out_features, bias=True, device=None, dtype=None",
    _ready_bilinear,
)
def _bilinear(m: CodeModule, input1: CodeTensor, input2: CodeTensor) -> Any:
    return functional(m.run, "bilinear", input1, input2, m.tensors["weight"], m.tensors.get("bias"))


def _ready_embedding(m: CodeModule, a: dict[str, Any]) -> None:
    if a["max_norm"] is not None:
        raise EvaluationError("`max_norm` of Embedding cannot be read")
    if a["padding_idx"] is not None:
        _settled(m, padding_idx=a["padding_idx"] % a["num_embeddings"])
    m.parameter("weight", a["num_embeddings"], a["embedding_dim"])


@layer(
    "Embedding",
    "sparse",
    "num_embeddings, embedding_dim, padding_idx=None, max_norm=None, norm_type=2.0, "
    "scale_grad_by_freq=False, sparse=False, device=None, dtype=None",
    _ready_embedding,
)
def _embedding(m: CodeModule, input: CodeTensor) -> Any:
    words = ("max_norm", "norm_type", "scale_grad_by_freq", "sparse")
    at = m.settings.get("padding_idx")
    return functional(
        m.run, "embedding", input, m.tensors["weight"], at, *[m.setting(word) for word in words]
    )


# ---- shapes


@layer("Identity", "linear")
def _identity(m: CodeModule, input: Any) -> Any:
    return input


def _ready_identity(m: CodeModule, a: dict[str, Any]) -> None:
    pass


@layer("Flatten", "flatten", "start_dim=1, end_dim=-1")
def _flatten(m: CodeModule, input: CodeTensor) -> Any:
    return m.run.do("flatten", input, m.setting("start_dim"), m.setting("end_dim"), called="Tensor.flatten")


@layer("Unflatten", "flatten", "dim, unflattened_size")
def _unflatten(m: CodeModule, input: CodeTensor) -> Any:
    sizes = m.setting("unflattened_size")
    return m.run.do("unflatten", input, m.setting("dim"), sizes, called="Tensor.unflatten")


# ---- norms


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
    _forget(m, "bias", "normalized_shape")
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
    _same_named("local_response_norm", "size", "alpha", "beta", "k")
)


# ---- activations

_INPLACE = "inplace=False"
for _names, _file, _signature, _function, _words in (
    ("ReLU", "activation", _INPLACE, "relu", "inplace"),
    ("SELU", "activation", _INPLACE, "selu", "inplace"),
    ("SiLU", "activation", _INPLACE, "silu", "inplace"),
    ("Mish", "activation", _INPLACE, "mish", "inplace"),
    ("Hardswish", "activation", _INPLACE, "hardswish", "inplace"),
    ("Hardsigmoid", "activation", _INPLACE, "hardsigmoid", "inplace"),
    ("LeakyReLU", "activation", "negative_slope=0.01, inplace=False", "leaky_relu", "negative_slope inplace"),
    ("ELU", "activation", "alpha=1.0, inplace=False", "elu", "alpha inplace"),
    ("CELU", "activation", "alpha=1.0, inplace=False", "celu", "alpha inplace"),
    (
        "Hardtanh",
        "activation",
        "min_val=-1.0, max_val=1.0, inplace=False",
        "hardtanh",
        "min_val max_val inplace",
    ),
    ("Threshold", "activation", "threshold, value, inplace=False", "threshold", "threshold value inplace"),
    ("Softplus", "activation", "beta=1.0, threshold=20.0", "softplus", "beta threshold"),
    ("Softshrink", "activation", "lambd=0.5", "softshrink", "lambd"),
    ("Hardshrink", "activation", "lambd=0.5", "hardshrink", "lambd"),
    ("LogSigmoid", "activation", "", "logsigmoid", ""),
    ("Softsign", "activation", "", "softsign", ""),
    ("Tanhshrink", "activation", "", "tanhshrink", ""),
    ("Softmin", "activation", "dim=None", "softmin", "dim"),
    ("LogSoftmax", "activation", "dim=None", "log_softmax", "dim"),
    ("Softmax", "activation", "dim=None", "softmax", "dim"),
    ("GLU", "activation", "dim=-1", "glu", "dim"),
):
    layer(_names, _file, _signature)(_same_named(_function, *_words.split()))


def _ready_relu6(m: CodeModule, a: dict[str, Any]) -> None:
    m.settings = {"min_val": 0.0, "max_val": 6.0, **m.settings}


@layer("ReLU6", "activation", _INPLACE, _ready_relu6)
def _relu6(m: CodeModule, input: CodeTensor) -> Any:
    return functional(m.run, "hardtanh", input, 0.0, 6.0, m.setting("inplace"))


@layer("Softmax2d", "activation")
def _softmax2d(m: CodeModule, input: CodeTensor) -> Any:
    return functional(m.run, "softmax", input, -3)


@layer("GELU", "activation", "approximate='none'")
def _gelu(m: CodeModule, input: CodeTensor) -> Any:
    return functional(m.run, "gelu", input, approximate=m.setting("approximate"))


@layer("Sigmoid", "activation")
def _sigmoid(m: CodeModule, input: CodeTensor) -> Any:
    return m.run.do("sigmoid", input, called="torch.sigmoid")


@layer("Tanh", "activation")
def _tanh(m: CodeModule, input: CodeTensor) -> Any:
    return m.run.do("tanh", input, called="torch.tanh")


def _ready_prelu(m: CodeModule, a: dict[str, Any]) -> None:
    m.parameter("weight", a["num_parameters"])


@layer("PReLU", "activation", "num_parameters=1, init=0.25, device=None, dtype=None", _ready_prelu)
def _prelu(m: CodeModule, input: CodeTensor) -> Any:
    return functional(m.run, "prelu", input, m.tensors["weight"])


def _dropout(function: str) -> Work:
    def work(m: CodeModule, input: CodeTensor) -> Any:
        return functional(m.run, function, input, m.setting("p"), False, m.setting("inplace"))

    return work


for _name, _function in {
    "Dropout": "dropout",
    "Dropout1d": "dropout1d",
    "Dropout2d": "dropout2d",
    "Dropout3d": "dropout3d",
    "AlphaDropout": "alpha_dropout",
    "FeatureAlphaDropout": "feature_alpha_dropout",
}.items():
    layer(_name, "dropout", "p=0.5, inplace=False")(_dropout(_function))


# ---- containers


def _ready_sequence(m: CodeModule, a: dict[str, Any]) -> None:
    pass


class _Holder(ModuleClass):
    """A class that holds modules: its arguments are these."""

    def made(self, module: CodeModule, args: Sequence[Any], kwargs: Mapping[str, Any]) -> None:
        """Register the modules that it is given. Raises EvaluationError."""
        module.work = self.work
        given = [*args, *kwargs.values()]
        if self.name == "Module" or not given:
            return
        lost = next((one for one in given if isinstance(one, UnknownValue)), None)
        if lost is not None:
            why = f": {lost.reason}" if lost.reason else ""
            raise EvaluationError(f"what {self.name} is given is not known{why}", lost.node)
        first = given[0]
        if isinstance(first, dict):
            for name, one in first.items():
                module.set_attribute(str(name), one) if self.name == "ParameterDict" else module.add(
                    str(name), one
                )
        elif self.name == "Sequential":
            for place, one in enumerate(given):
                module.add(str(place), one)
        else:
            parts = list(first.elements()) if isinstance(first, CodeModule) else first
            for place, one in enumerate(parts):
                if self.name == "ParameterList":
                    module.set_attribute(str(place), one)
                elif isinstance(one, (tuple, list)) and len(one) == 2:
                    module.add(str(one[0]), one[1])
                else:
                    module.add(str(place), one)


def _run_through(m: CodeModule, input: Any) -> Any:
    for child in m.children.values():
        input = m.run.call(child, [input], {})
    return input


for _name, _file, _work in (
    ("Sequential", "container", _run_through),
    ("ModuleList", "container", None),
    ("ModuleDict", "container", None),
    ("ParameterList", "container", None),
    ("ParameterDict", "container", None),
    ("Module", "module", None),
):
    CLASSES[_name] = _Holder(_name, _file, "", None, _work)
