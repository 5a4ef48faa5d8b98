"""Linear layers and embeddings."""

from __future__ import annotations

from typing import Any

from ..._source.values import EvaluationError
from ..functional import functional
from ..modules import CodeModule
from ..tensors import CodeTensor
from ..vocabulary import forget, layer, settled


def _ready_linear(m: CodeModule, a: dict[str, Any]) -> None:
    forget(m, "bias")
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
    forget(m, "bias")
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
        settled(m, padding_idx=a["padding_idx"] % a["num_embeddings"])
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
