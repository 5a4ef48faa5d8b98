"""Activations, dropout, and what changes only the form of a tensor."""

from __future__ import annotations

from typing import Any

from ..functional import functional
from ..modules import CodeModule
from ..tensors import CodeTensor
from ..vocabulary import Work, layer, same_named


@layer("Identity", "linear")
def _identity(m: CodeModule, input: Any) -> Any:
    return input


@layer("Flatten", "flatten", "start_dim=1, end_dim=-1")
def _flatten(m: CodeModule, input: CodeTensor) -> Any:
    return m.run.do("flatten", input, m.setting("start_dim"), m.setting("end_dim"), called="Tensor.flatten")


@layer("Unflatten", "flatten", "dim, unflattened_size")
def _unflatten(m: CodeModule, input: CodeTensor) -> Any:
    sizes = m.setting("unflattened_size")
    return m.run.do("unflatten", input, m.setting("dim"), sizes, called="Tensor.unflatten")


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
    layer(_names, _file, _signature)(same_named(_function, *_words.split()))


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
