"""The classes of ``torch.nn`` that attend: each does what PyTorch does, operation by operation."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from .._source.values import EvaluationError
from .copying import copied
from .functional import functional
from .modules import CodeModule
from .tensors import CodeTensor
from .vocabulary import CLASSES, ModuleClass, layer


def made(m: CodeModule, name: str, *args: Any, **kwargs: Any) -> CodeModule:
    """Make a module of ``torch.nn`` that another holds."""
    kind = CLASSES[name]
    found = CodeModule(m.run, name, name, kind.defined)
    kind.made(found, args, kwargs)
    return found


def _ready_attention(m: CodeModule, a: dict[str, Any]) -> None:
    width, heads = a["embed_dim"], a["num_heads"]
    if heads < 1 or width % heads:
        raise EvaluationError(f"MultiheadAttention: {width} values do not part into {heads} heads")
    key, value = a["kdim"] or width, a["vdim"] or width
    if a["add_bias_kv"] or a["add_zero_attn"]:
        raise EvaluationError("`add_bias_kv` and `add_zero_attn` of MultiheadAttention cannot be read")
    bias = a["bias"]
    m.settings = {
        "embed_dim": width,
        "kdim": key,
        "vdim": value,
        "num_heads": heads,
        "dropout": a["dropout"],
        "batch_first": a["batch_first"],
        "head_dim": width // heads,
        "add_zero_attn": False,
    }
    m.plain.clear()
    if (key, value) == (width, width):
        m.parameter("in_proj_weight", 3 * width, width)
    else:
        m.parameter("q_proj_weight", width, width)
        m.parameter("k_proj_weight", width, key)
        m.parameter("v_proj_weight", width, value)
    m.parameter("in_proj_bias", 3 * width, present=bias)
    m.children["out_proj"] = made(m, "NonDynamicallyQuantizableLinear", width, width, bias=bias)


@layer(
    "MultiheadAttention",
    "activation",
    "embed_dim, num_heads, dropout=0.0, bias=True, add_bias_kv=False, add_zero_attn=False, kdim=None, "
    "vdim=None, batch_first=False, device=None, dtype=None",
    _ready_attention,
)
def _attend(
    m: CodeModule,
    query: CodeTensor,
    key: CodeTensor,
    value: CodeTensor,
    key_padding_mask: Any = None,
    need_weights: bool = True,
    attn_mask: Any = None,
    average_attn_weights: bool = True,
    is_causal: bool = False,
) -> Any:
    run = m.run
    if key_padding_mask is not None:
        raise EvaluationError("`key_padding_mask` of MultiheadAttention cannot be read")
    if "in_proj_weight" not in m.tensors:
        raise EvaluationError("MultiheadAttention with its own `kdim` or `vdim` cannot be read")
    if len(query.sizes) != 3:
        raise EvaluationError("MultiheadAttention without a batch cannot be read")

    def do(name: str, *args: Any, **kwargs: Any) -> Any:
        return run.do(name, *args, called="F.multi_head_attention_forward", **kwargs)

    alike = query is key and key is value
    if m.setting("batch_first"):
        first = run.do("transpose", query, 1, 0, called="Tensor.transpose")
        if alike:
            query = key = value = first
        else:
            others = [first if one is query else None for one in (key, value)]
            key, value = [
                found or run.do("transpose", one, 1, 0, called="Tensor.transpose")
                for found, one in zip(others, (key, value), strict=True)
            ]
            query = first
    weight, bias = m.tensors["in_proj_weight"], m.tensors.get("in_proj_bias")
    width, heads = m.setting("embed_dim"), m.setting("num_heads")
    length, batch = query.shape()[0], query.shape()[1]
    if alike:
        joined = do("linear", query, weight, bias)
        joined = do("unsqueeze", do("unflatten", joined, -1, (3, width)), 0)
        joined = do("contiguous", do("squeeze", do("transpose", joined, 0, -2), -2))
        q, k, v = [do("select", joined, 0, place) for place in range(3)]
    elif key is value:
        w = do("split_with_sizes", weight, (width, 2 * width))
        b = (None, None) if bias is None else do("split_with_sizes", bias, (width, 2 * width))
        q = do("linear", query, w[0], b[0])
        both = do("linear", key, w[1], b[1])
        both = do("unsqueeze", do("unflatten", both, -1, (2, width)), 0)
        both = do("contiguous", do("squeeze", do("transpose", both, 0, -2), -2))
        k, v = [do("select", both, 0, place) for place in range(2)]
    else:
        w = do("chunk", weight, 3)
        b = (None, None, None) if bias is None else do("chunk", bias, 3)
        q, k, v = [do("linear", one, w[at], b[at]) for at, one in enumerate((query, key, value))]
    size = width // heads

    def parted(one: CodeTensor) -> CodeTensor:
        long = one.shape()[0]
        found: CodeTensor = do("transpose", do("view", one, (long, batch * heads, size)), 0, 1)
        return found

    q, k, v = parted(q), parted(k), parted(v)
    length_of_keys = k.shape()[1]
    out = m.children["out_proj"]
    if need_weights:
        scaled = do("mul", q, math.sqrt(1.0 / float(size)))
        turned = do("transpose", k, -2, -1)
        if attn_mask is not None:
            scores = do("baddbmm", attn_mask, scaled, turned)
        else:
            scores = do("bmm", scaled, turned)
        scores = do("softmax", scores, -1)
        found = do("bmm", scores, v)
        found = do("reshape", do("transpose", found, 0, 1), (length * batch, width))
    else:
        q, k, v = [do("view", one, (batch, heads, one.shape()[1], size)) for one in (q, k, v)]
        causal = bool(is_causal) and attn_mask is None
        found = do("scaled_dot_product_attention", q, k, v, attn_mask, 0.0, causal)
        found = do("reshape", do("permute", found, (2, 0, 1, 3)), (length * batch, width))
    found = do("linear", found, out.tensors["weight"], out.tensors.get("bias"))
    found = do("view", found, (length, batch, width))
    weights = None
    if need_weights:
        weights = do("view", scores, (batch, heads, length, length_of_keys))
        if average_attn_weights:
            weights = do("mean", weights, (1,))
    if m.setting("batch_first"):
        found = run.do("transpose", found, 1, 0, called="Tensor.transpose")
    return found, weights


def _activation(m: CodeModule, x: CodeTensor) -> Any:
    name = m.plain["activation"]
    if isinstance(name, CodeModule):
        return m.run.call(name, [x], {})
    if callable(getattr(name, "call", None)):
        return name.call([x], {}, None)
    return functional(m.run, name, x)


def _ready_encoder_layer(m: CodeModule, a: dict[str, Any]) -> None:
    width, hidden, drop = a["d_model"], a["dim_feedforward"], a["dropout"]
    name = a["activation"]
    m.settings = {"norm_first": a["norm_first"]}
    if name in ("relu", "gelu"):
        m.settings["activation_relu_or_gelu"] = 1 if name == "relu" else 2
    else:
        m.settings["activation_relu_or_gelu"] = 0
    m.plain = {"activation": name}
    bias = a["bias"]
    attention = {"dropout": drop, "bias": bias, "batch_first": a["batch_first"]}
    m.children["self_attn"] = made(m, "MultiheadAttention", width, a["nhead"], **attention)
    decoder = m.base == "TransformerDecoderLayer"
    if decoder:
        m.settings.pop("activation_relu_or_gelu")
        m.children["multihead_attn"] = made(m, "MultiheadAttention", width, a["nhead"], **attention)
    m.children["linear1"] = made(m, "Linear", width, hidden, bias=bias)
    m.children["dropout"] = made(m, "Dropout", drop)
    m.children["linear2"] = made(m, "Linear", hidden, width, bias=bias)
    count = 3 if decoder else 2
    for place in range(1, count + 1):
        m.children[f"norm{place}"] = made(m, "LayerNorm", width, a["layer_norm_eps"], bias=bias)
    for place in range(1, count + 1):
        m.children[f"dropout{place}"] = made(m, "Dropout", drop)


_LAYER = (
    "d_model, nhead, dim_feedforward=2048, dropout=0.1, activation='relu', layer_norm_eps=1e-05, "
    "batch_first=False, norm_first=False, bias=True, device=None, dtype=None"
)


def _blocks(
    m: CodeModule, x: CodeTensor, parts: list[tuple[str, Callable[[CodeTensor], CodeTensor]]]
) -> CodeTensor:
    """Add what each part gives to what it was given, with a norm before or behind it."""

    def norm(name: str, value: CodeTensor) -> CodeTensor:
        return m.run.call(m.children[name], [value], {})  # type: ignore[no-any-return]

    def added(one: CodeTensor, other: CodeTensor) -> CodeTensor:
        return m.run.do("add", one, other, called="operator.add")  # type: ignore[no-any-return]

    for name, part in parts:
        if m.setting("norm_first"):
            x = added(x, part(norm(name, x)))
        else:
            x = norm(name, added(x, part(x)))
    return x


def _attended(
    m: CodeModule, name: str, drop: str, x: CodeTensor, memory: CodeTensor, mask: Any, causal: bool
) -> CodeTensor:
    call = m.run.call
    given = {"attn_mask": mask, "key_padding_mask": None, "is_causal": causal, "need_weights": False}
    found = call(m.children[name], [x, memory, memory], given)
    return call(m.children[drop], [found[0]], {})  # type: ignore[no-any-return]


def _fed(m: CodeModule, drop: str, x: CodeTensor) -> CodeTensor:
    call = m.run.call
    x = _activation(m, call(m.children["linear1"], [x], {}))
    x = call(m.children["linear2"], [call(m.children["dropout"], [x], {})], {})
    return call(m.children[drop], [x], {})  # type: ignore[no-any-return]


@layer("TransformerEncoderLayer", "transformer", _LAYER, _ready_encoder_layer)
def _encoder_layer(
    m: CodeModule,
    src: CodeTensor,
    src_mask: Any = None,
    src_key_padding_mask: Any = None,
    is_causal: bool = False,
) -> Any:
    if src_key_padding_mask is not None:
        raise EvaluationError("`src_key_padding_mask` cannot be read")
    return _blocks(
        m,
        src,
        [
            ("norm1", lambda x: _attended(m, "self_attn", "dropout1", x, x, src_mask, is_causal)),
            ("norm2", lambda x: _fed(m, "dropout2", x)),
        ],
    )


@layer("TransformerDecoderLayer", "transformer", _LAYER, _ready_encoder_layer)
def _decoder_layer(
    m: CodeModule,
    tgt: CodeTensor,
    memory: CodeTensor,
    tgt_mask: Any = None,
    memory_mask: Any = None,
    tgt_key_padding_mask: Any = None,
    memory_key_padding_mask: Any = None,
    tgt_is_causal: bool = False,
    memory_is_causal: bool = False,
) -> Any:
    if tgt_key_padding_mask is not None or memory_key_padding_mask is not None:
        raise EvaluationError("masks of padding cannot be read")
    return _blocks(
        m,
        tgt,
        [
            ("norm1", lambda x: _attended(m, "self_attn", "dropout1", x, x, tgt_mask, tgt_is_causal)),
            (
                "norm2",
                lambda x: _attended(
                    m, "multihead_attn", "dropout2", x, memory, memory_mask, memory_is_causal
                ),
            ),
            ("norm3", lambda x: _fed(m, "dropout3", x)),
        ],
    )


class _Stack(ModuleClass):
    """A class that holds copies of a layer."""

    def made(self, module: CodeModule, args: Any, kwargs: Any) -> None:
        """Make the copies. Raises EvaluationError."""
        from .modules import module_of
        from .vocabulary import bound

        given = bound(self.name, self.signature, args, kwargs)
        one = module_of(given[next(iter(given))])
        count = given["num_layers"]
        if one is None or not isinstance(count, int) or not 0 < count <= 1000:
            raise EvaluationError(f"{self.name} cannot be made of these")
        stack = made(module, "ModuleList", [copied(one) for _ in range(count)])
        module.settings = {"num_layers": count}
        if self.name == "TransformerEncoder":
            module.settings |= {"enable_nested_tensor": bool(given["enable_nested_tensor"])}
            module.settings |= {"use_nested_tensor": False, "mask_check": bool(given["mask_check"])}
        module.children["layers"] = stack
        norm = module_of(given["norm"])
        if norm is not None:
            module.children["norm"] = norm
        module.work = self.work


def _encode(
    m: CodeModule, src: CodeTensor, mask: Any = None, src_key_padding_mask: Any = None, is_causal: Any = None
) -> Any:
    for child in m.children["layers"].children.values():
        words = {"src_mask": mask, "is_causal": bool(is_causal), "src_key_padding_mask": src_key_padding_mask}
        src = m.run.call(child, [src], words)
    return m.run.call(m.children["norm"], [src], {}) if "norm" in m.children else src


def _decode(
    m: CodeModule, tgt: CodeTensor, memory: CodeTensor, tgt_mask: Any = None, memory_mask: Any = None
) -> Any:
    for child in m.children["layers"].children.values():
        tgt = m.run.call(child, [tgt, memory], {"tgt_mask": tgt_mask, "memory_mask": memory_mask})
    return m.run.call(m.children["norm"], [tgt], {}) if "norm" in m.children else tgt


CLASSES["TransformerEncoder"] = _Stack(
    "TransformerEncoder",
    "transformer",
    "encoder_layer, num_layers, norm=None, enable_nested_tensor=True, mask_check=True",
    None,
    _encode,
)
CLASSES["TransformerDecoder"] = _Stack(
    "TransformerDecoder", "transformer", "decoder_layer, num_layers, norm=None", None, _decode
)
