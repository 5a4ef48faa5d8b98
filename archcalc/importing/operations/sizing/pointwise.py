"""Sizes of what treats every value by itself, and of values that meet."""

from __future__ import annotations

from typing import Any

from .tensors import OperationError, RuleArguments, Shaped, axis, broadcast, sizes_of, written

_ORDER = (
    *("bool", "uint8", "int8", "uint16", "int16", "uint32", "int32", "uint64", "int64"),
    *("float16", "bfloat16", "float32", "float64"),
)


def _rank(dtype: str) -> int:
    if dtype.startswith("complex"):
        return 3
    return 0 if dtype == "bool" else 2 if "float" in dtype else 1


def promoted(given: list[Any]) -> str:
    """The type of what tensors and numbers come to: among tensors with axes the widest of the highest kind;
    numbers, and tensors of one value without axes, count by their kind alone."""
    levels = [
        [one.dtype for one in given if isinstance(one, Shaped) and one.sizes],
        [one.dtype for one in given if isinstance(one, Shaped) and not one.sizes],
        [_of_number(one) for one in given if isinstance(one, (bool, int, float, complex))],
    ]
    found = ""
    for types in levels:
        if types:
            widest = _widest(types)
            if not found or _rank(widest) > _rank(found):
                found = widest
    return found or "float32"


def _of_number(number: Any) -> str:
    if isinstance(number, bool):
        return "bool"
    return "int64" if isinstance(number, int) else "float32" if isinstance(number, float) else "complex64"


def _widest(types: list[str]) -> str:
    if any(one.startswith("complex") for one in types):
        return "complex128" if "complex128" in types or "float64" in types else "complex64"
    found = set(types)
    if {"float16", "bfloat16"} <= found:
        found.add("float32")
    if "uint8" in found and found & {"int8"}:
        found.add("int16")
    return max(found, key=_ORDER.index)


def floating(dtype: str) -> str:
    """The type of a result with a decimal point."""
    return dtype if _rank(dtype) > 1 else "float32"


_EACH = (
    *("relu", "relu6", "selu", "silu", "hardswish", "hardsigmoid", "mish", "softsign", "gelu", "leaky_relu"),
    *("elu", "celu", "softplus", "dropout", "feature_dropout", "alpha_dropout", "hardtanh", "neg", "abs"),
    *("floor", "ceil", "round", "sign", "square", "trunc", "frac", "threshold", "hardshrink", "softshrink"),
    *("feature_alpha_dropout", "log_sigmoid", "tril", "triu"),
)


@sizes_of(*_EACH)
def each(name: str, given: RuleArguments) -> Shaped:
    x = _first(given)
    if name.endswith("dropout") and not (given.get("train") and given.get("p")):
        return x.seen(x.sizes, x.strides)
    return x.like()


def _first(given: RuleArguments) -> Shaped:
    found: Shaped = next(iter(given.values()))
    return found


@sizes_of(
    *("sigmoid", "tanh", "exp", "log", "log1p", "log2", "log10", "sqrt", "rsqrt", "sin", "cos", "tan", "erf"),
    *("reciprocal", "expm1", "exp2", "asin", "acos", "atan", "sinh", "cosh", "sinc", "erfinv", "lgamma"),
    *("asinh", "acosh", "atanh", "erfc", "digamma", "special_expit", "special_erf"),
)
def each_floating(name: str, given: RuleArguments) -> Shaped:
    x = _first(given)
    return x.like(dtype=floating(x.dtype))


@sizes_of("logical_not", "isnan", "isinf", "isfinite", "signbit")
def each_truth(name: str, given: RuleArguments) -> Shaped:
    return _first(given).like(dtype="bool")


def _met(given: list[Any], dtype: str) -> Shaped:
    return Shaped(broadcast([one.sizes for one in given if isinstance(one, Shaped)]), dtype)


@sizes_of(
    *("add", "mul", "sub", "rsub", "pow", "maximum", "minimum", "remainder", "fmod", "floor_divide"),
    *("bitwise_and", "bitwise_or", "multiply", "subtract", "fmax", "fmin", "bitwise_xor"),
)
def of_two(name: str, given: RuleArguments) -> Shaped:
    pair = list(given.values())[:2]
    dtype = promoted(pair)
    truths = [one for one in pair if isinstance(one, Shaped) and one.dtype == "bool"]
    if truths and (name in ("sub", "subtract", "rsub") or (name == "pow" and dtype == "bool")):
        raise OperationError("truth values have no difference and no powers")
    return _met(pair, dtype)


@sizes_of("div", "true_divide", "atan2", "divide")
def quotient(name: str, given: RuleArguments) -> Shaped:
    pair = list(given.values())[:2]
    dtype = promoted(pair)
    return _met(pair, dtype if given.get("rounding_mode") else floating(dtype))


@sizes_of("eq", "ne", "lt", "le", "gt", "ge", "logical_and", "logical_or", "logical_xor")
def truth(name: str, given: RuleArguments) -> Shaped:
    return _met(list(given.values())[:2], "bool")


@sizes_of("prelu", "_prelu_kernel")
def prelu(name: str, given: RuleArguments) -> Shaped:
    x: Shaped = given["self"]
    weight: Shaped = given["weight"]
    channels = x.sizes[1] if len(x.sizes) > 1 else 1
    if name == "prelu" and weight.values not in (1, channels):
        raise OperationError(f"it is made for {weight.values} channels, and is given {channels}")
    return x.like()


@sizes_of("softmax", "_softmax", "log_softmax", "_log_softmax")
def softmax(name: str, given: RuleArguments) -> Shaped:
    x: Shaped = given["self"]
    axis(given["dim"], len(x.sizes))
    return x.like(dtype=given.get("dtype") or "")


@sizes_of("glu")
def glu(name: str, given: RuleArguments) -> Shaped:
    x: Shaped = given["self"]
    at = axis(given["dim"], len(x.sizes))
    if not x.sizes or x.sizes[at] % 2:
        raise OperationError(f"{written(x.sizes)} is not divided in two along axis {at}")
    return x.like((*x.sizes[:at], x.sizes[at] // 2, *x.sizes[at + 1 :]))


@sizes_of("native_dropout")
def dropout_and_mask(name: str, given: RuleArguments) -> list[Shaped]:
    x: Shaped = given["input"]
    return [x.like(), x.like(dtype="bool")]


@sizes_of("where")
def where(name: str, given: RuleArguments) -> Shaped:
    if "self" not in given:
        raise OperationError("how many places it finds depends on values")
    pair = [given["self"], given["other"]]
    return _met([given["condition"], *pair], promoted(pair))


@sizes_of("masked_fill")
def masked_fill(name: str, given: RuleArguments) -> Shaped:
    x: Shaped = given["self"]
    return _met([x, given["mask"]], x.dtype)


@sizes_of("addcmul", "addcdiv")
def with_product(name: str, given: RuleArguments) -> Shaped:
    three = [given["self"], given["tensor1"], given["tensor2"]]
    dtype = promoted(three)
    return _met(three, floating(dtype) if name == "addcdiv" else dtype)


@sizes_of("clamp", "clamp_min", "clamp_max")
def clamp(name: str, given: RuleArguments) -> Shaped:
    bounds = [bound for bound in list(given.values())[1:] if bound is not None]
    if not bounds:
        raise OperationError("it has neither a least nor a highest value")
    every = [given["self"], *bounds]
    return _met(every, promoted(every))
