"""What methods of tensors and functions of torch do, in the operations of PyTorch."""

from __future__ import annotations

import itertools
import math
import struct
from collections.abc import Callable, Sequence
from typing import Any

from ...operations.builder import OperationError
from .._source.values import EvaluationError
from .numbers import MOST_NUMBERS, Numbers, flat, rounded, spaced
from .tensors import CodeRun, CodeTensor, TypeWord

# Methods whose sizes stand as arguments or in a list.
_LISTED = frozenset(("view", "reshape", "permute", "repeat", "expand", "tile", "flip"))
# What changes nothing that is counted.
_SAME = frozenset(("cuda", "cpu", "requires_grad_", "retain_grad", "clone", "numpy", "pin_memory"))


def tensor_method(of: CodeTensor, name: str, args: list[Any], kwargs: dict[str, Any]) -> Any:
    """Do a method of a tensor. Raises EvaluationError where it cannot be read."""
    run = of.run
    called = f"Tensor.{name}"
    if name == "size":
        dim = args[0] if args else kwargs.get("dim")
        shape = of.shape()
        if dim is None:
            return shape
        if not isinstance(dim, int) or not -len(shape) <= dim < len(shape):
            raise EvaluationError(f"this tensor has no axis {dim}: it has {len(shape)}")
        return shape[dim]
    if name in ("dim", "ndimension"):
        return len(of.sizes)
    if name in ("numel", "nelement"):
        return math.prod(of.shape()) if of.sizes else 1
    if name == "astype":
        word = getattr(args[0], "path", getattr(args[0], "word", "")).rpartition(".")[2] if args else ""
        return tensor_method(of, "to", [TypeWord(word)], {}) if word in _TYPES else of
    if name in ("cuda", "cpu", "requires_grad_", "pin_memory", "normal_", "uniform_", "fill_", "zero_"):
        return of
    if name == "to" and not any(isinstance(at, CodeTensor) for at in args):
        types = [at for at in (*args, *kwargs.values()) if isinstance(at, TypeWord) and at.word in _TYPES]
        return run.do("to", of, types[0], called=called) if types and types[0].word != of.value.dtype else of
    if name in ("float", "long", "int", "half", "double", "bool"):
        word = {"float": "float32", "long": "int64", "int": "int32", "half": "float16", "double": "float64"}
        if word.get(name, name) == of.value.dtype:
            return of
        return run.do("to", of, word.get(name, name), called=called)
    if name == "contiguous":
        return run.do("contiguous", of, called=called)
    if name in ("item", "tolist"):
        return of.held()
    if name == "numpy":
        raise EvaluationError(f"`{name}` looks at the values of a tensor, and there are none")
    if name.endswith("_") and not run.tracing:
        of.numbers = None  # how a parameter begins says nothing of a figure
        return of
    if name in _LISTED:
        sizes = kwargs.pop("size", kwargs.pop("shape", kwargs.pop("dims", None)))
        if sizes is None:
            sizes = args[0] if len(args) == 1 and isinstance(args[0], (tuple, list)) else args
        return run.do(name, of, tuple(sizes), called=called)
    if name == "unflatten":
        dim, sizes = [*args, *kwargs.values()][:2]
        return run.do("unflatten", of, dim, sizes, called=called)
    if name == "softmax" or name == "log_softmax":
        return run.do(name, of, *args, called=called, **kwargs)
    return torch_function(run, name, [of, *args], kwargs, called)


_TYPES = frozenset(
    ("float32", "float64", "float16", "bfloat16", "int64", "int32", "bool", "int8", "uint8", "int16")
)
# Words of functions that say nothing of sizes.
_UNREAD_WORDS = ("device", "requires_grad", "out", "generator", "pin_memory", "layout")


def torch_function(run: CodeRun, name: str, args: list[Any], kwargs: dict[str, Any], called: str = "") -> Any:
    """Do a function of ``torch``. Raises EvaluationError where it cannot be read."""
    called = called or f"torch.{name}"
    for word in _UNREAD_WORDS:
        kwargs.pop(word, None)
    if name in MAKERS:
        return MAKERS[name](run, name, args, kwargs)
    if "input" in kwargs:
        args = [kwargs.pop("input"), *args]
    if "dim" in kwargs and name in ("cat", "concat", "stack", "concatenate") and not args:
        args = [kwargs.pop("tensors")]
    if name in ("permute", "reshape") and len(args) > 1:
        return run.do(name, args[0], tuple(args[1]), called=called)
    if name == "norm":
        return run.do("linalg_vector_norm", *args, called=called, **kwargs)
    if name in ("max", "min") and len(args) == 2 and isinstance(args[1], CodeTensor):
        return run.do(f"{name}imum", *args, called=called)
    if name == "split" and len(args) > 1 and isinstance(args[1], (list, tuple)):
        return run.do("split.sizes", args[0], tuple(args[1]), *args[2:], called=called, **kwargs)
    if name == "einsum":
        operands = args[1] if len(args) == 2 and isinstance(args[1], (list, tuple)) else args[1:]
        return run.do("einsum", args[0], tuple(operands), called=called)
    if name == "meshgrid":
        return _grid(run, args, kwargs, called)
    if name in ("mean", "sum", "std", "var", "amax", "amin") and "axis" in kwargs:
        kwargs["dim"] = kwargs.pop("axis")
    return run.do(name, *args, called=called, **kwargs)


def _grid(run: CodeRun, args: list[Any], kwargs: dict[str, Any], called: str) -> Any:
    """``torch.meshgrid``: each tensor along its own axis, repeated along the others."""
    lines = list(args[0]) if len(args) == 1 and isinstance(args[0], (list, tuple)) else args
    crossed = kwargs.get("indexing", "ij") == "xy" and len(lines) > 1
    if crossed:
        lines[:2] = lines[1::-1]
    shape = tuple([math.prod(line.shape()) for line in lines])
    found = []
    for at, line in enumerate(lines):
        place = tuple([-1 if other == at else 1 for other in range(len(lines))])
        found.append(run.do("expand", run.do("view", line, place, called=called), shape, called=called))
    if crossed:
        found = [run.do("transpose", one, 0, 1, called=called) for one in found]
        found[:2] = found[1::-1]
    return tuple(found)


def _sizes(args: Sequence[Any], kwargs: dict[str, Any]) -> tuple[Any, ...]:
    sizes = kwargs.pop("size", None)
    if sizes is None:
        sizes = args[0] if len(args) == 1 and isinstance(args[0], (tuple, list)) else args
    return tuple(sizes)


def _made(
    run: CodeRun, sizes: Sequence[Any], dtype: Any, number: Any = None, numbers: Numbers | None = None
) -> CodeTensor:
    word = dtype.word if isinstance(dtype, TypeWord) else "float32"
    if any(not isinstance(size, int) or isinstance(size, bool) or size < 0 for size in sizes):
        raise EvaluationError("these are no sizes of a tensor")
    try:
        made = CodeTensor(run, run.builder.constant(tuple(sizes), number if not sizes else None, word))
        if numbers is not None and len(numbers) == math.prod(sizes):
            made.numbers = tuple([rounded(one, word) for one in numbers])
    except (OperationError, ArithmeticError, ValueError, struct.error) as error:
        raise EvaluationError(f"this tensor cannot be read: {error}") from None
    return made


def _filled(run: CodeRun, name: str, args: list[Any], kwargs: dict[str, Any]) -> CodeTensor:
    return _made(run, _sizes(args, kwargs), kwargs.get("dtype"))


def _full(run: CodeRun, name: str, args: list[Any], kwargs: dict[str, Any]) -> CodeTensor:
    return _made(run, tuple(args[0] if args else kwargs["size"]), kwargs.get("dtype"))


def _arange(run: CodeRun, name: str, args: list[Any], kwargs: dict[str, Any]) -> CodeTensor:
    start, stop, step = (0, args[0], 1) if len(args) == 1 else (*args, 1)[:3]
    step = kwargs.get("step", step)
    kinds = (start, stop, step)
    if any(not isinstance(one, (int, float)) for one in kinds) or not step:
        raise EvaluationError("`torch.arange` of these cannot be read")
    count = max(math.ceil((stop - start) / step), 0)
    whole = all(isinstance(one, int) for one in kinds)
    numbers = tuple([start + step * at for at in range(count)]) if count <= MOST_NUMBERS else None
    kind = kwargs.get("dtype") or TypeWord("int64" if whole else "float32")
    return _made(run, (count,), kind, numbers=numbers)


def _tensor(run: CodeRun, name: str, args: list[Any], kwargs: dict[str, Any]) -> CodeTensor:
    sizes, at = [], args[0]
    if isinstance(at, CodeTensor):
        return at
    while isinstance(at, (list, tuple)):
        sizes.append(len(at))
        at = at[0] if at else 0
    if not isinstance(at, (int, float, bool)):
        raise EvaluationError("this tensor cannot be read")
    kind = "bool" if isinstance(at, bool) else "int64" if isinstance(at, int) else "float32"
    return _made(run, sizes, kwargs.get("dtype") or TypeWord(kind), at, flat(args[0]))


def _linspace(run: CodeRun, name: str, args: list[Any], kwargs: dict[str, Any]) -> CodeTensor:
    start, end, steps = (*args, *[kwargs[word] for word in ("start", "end", "steps") if word in kwargs])[:3]
    known = isinstance(steps, int) and 0 < steps <= MOST_NUMBERS
    return _made(run, (steps,), kwargs.get("dtype"), numbers=spaced(start, end, steps) if known else None)


def _differences(run: CodeRun, name: str, args: list[Any], kwargs: dict[str, Any]) -> CodeTensor:
    of = args[0]
    if len(args) > 1 or kwargs or not isinstance(of, CodeTensor) or len(of.sizes) != 1 or of.numbers is None:
        raise EvaluationError("`torch.diff` of this cannot be read")
    found = tuple([after - before for before, after in itertools.pairwise(of.numbers)])
    return _made(run, (len(found),), TypeWord(of.dtype), numbers=found)


def _eye(run: CodeRun, name: str, args: list[Any], kwargs: dict[str, Any]) -> CodeTensor:
    rows = args[0] if args else kwargs["n"]
    columns = args[1] if len(args) > 1 else kwargs.get("m", rows)
    return _made(run, (rows, columns), kwargs.get("dtype"))


def _like(run: CodeRun, name: str, args: list[Any], kwargs: dict[str, Any]) -> CodeTensor:
    return _made(run, args[0].shape(), kwargs.get("dtype") or TypeWord(args[0].value.dtype))


MAKERS: dict[str, Callable[[CodeRun, str, list[Any], dict[str, Any]], CodeTensor]] = {
    **dict.fromkeys(("zeros", "ones", "empty", "randn", "rand", "Tensor", "FloatTensor"), _filled),
    **dict.fromkeys(("full",), _full),
    **dict.fromkeys(("eye",), _eye),
    **dict.fromkeys(("arange",), _arange),
    **dict.fromkeys(("tensor", "as_tensor"), _tensor),
    **dict.fromkeys(("linspace",), _linspace),
    **dict.fromkeys(("diff",), _differences),
    **dict.fromkeys(("zeros_like", "ones_like", "empty_like", "randn_like", "rand_like"), _like),
}
