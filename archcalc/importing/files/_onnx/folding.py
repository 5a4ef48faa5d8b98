"""Computes what a node puts out whose inputs are known: shapes, indices, numbers. Small arrays of numpy."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import reduce
from typing import TYPE_CHECKING, Any

from .container import TYPES, array_of
from .nodes import OnnxNode
from .tensors import MOST_VALUES, KnownValues, OnnxTensor

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]

FoldingRule = Callable[["OnnxNode", "list[Array | None]"], "Array | Sequence[Array]"]
_FOLDS: dict[str, FoldingRule] = {}


class _TooLargeError(Exception):
    """What a node puts out has more values than are computed with."""


def fold(*operators: str) -> Callable[[FoldingRule], FoldingRule]:
    """Make a function what computes operators: of a node and its inputs, None for one that is left out."""

    def enter(function: FoldingRule) -> FoldingRule:
        for operator in operators:
            _FOLDS[operator] = function
        return function

    return enter


def folded(node: OnnxNode) -> list[OnnxTensor | None] | None:
    """Return what a node puts out, where its operator only concerns sizes or all that it reads is known; None
    otherwise. Raises SpecError."""
    if node.domain:
        return None
    if node.operator == "Constant":
        return [_constant(node)]
    if node.operator in ("Shape", "Size"):
        return [_sizes(node)]
    if node.operator == "ConstantOfShape":
        return [_filled(node)]
    function = _FOLDS.get(node.operator)
    if function is None or not node.inputs:
        return None
    given = [node.known(at) for at in range(len(node.inputs))]
    if any(node.has(at) and given[at] is None for at in range(len(given))):
        return None
    if any(node.has(at) and node.tensor(at).is_weight for at in range(len(given))):
        return None
    both = [[None if one is None else getattr(one, word) for one in given] for word in ("one", "two")]
    import numpy as np

    try:
        with np.errstate(all="ignore"):
            ones, twos = (_several(function(node, arrays)) for arrays in both)
    except _TooLargeError:
        return None
    except AttributeError:  # of an array that is None
        raise node.error("it cannot be computed: an input is left out") from None
    except (ValueError, TypeError, LookupError, ArithmeticError, MemoryError) as error:
        raise node.error(f"it cannot be computed: {str(error).partition(chr(10))[0][:120]}") from None
    if any(array.size > MOST_VALUES for array in (*ones, *twos)):
        return None
    return [
        OnnxTensor(name, one.shape, two.shape, str(one.dtype), KnownValues(one, two))
        for name, one, two in zip(node.outputs, ones, twos, strict=False)
    ]


def _several(found: Array | Sequence[Array]) -> list[Array]:
    import numpy as np

    return [np.asarray(one) for one in found] if isinstance(found, (list, tuple)) else [np.asarray(found)]


def _constant(node: OnnxNode) -> OnnxTensor:
    import numpy as np

    name = node.outputs[0] if node.outputs else ""
    proto = node.attribute("value", (4,), None)
    if proto is not None:
        return node.reader.held(proto, name, False)
    for word, kinds in (
        ("value_int", (2,)),
        ("value_float", (1,)),
        ("value_ints", (7,)),
        ("value_floats", (6,)),
    ):
        if node.says(word):
            value = node.attribute(word, kinds, None)
            array = np.asarray(value if isinstance(value, (int, float)) else list(value))
            array = array.astype(np.int64 if "int" in word else np.float32)
            known = KnownValues(array) if array.size <= MOST_VALUES else None
            return OnnxTensor(name, array.shape, array.shape, str(array.dtype), known)
    for word, sizes in (("value_string", ()), ("value_strings", (len(node.texts("value_strings")),))):
        if node.says(word):
            return OnnxTensor(name, sizes, sizes, "string")
    sparse = node.attribute("sparse_value", (11,), None) if node.says("sparse_value") else None
    if sparse is None:
        node.refuse("it holds no value")
    sizes = tuple(sparse.dims)
    return OnnxTensor(name, sizes, sizes, TYPES.get(sparse.values.data_type, "float32"))


def _sizes(node: OnnxNode) -> OnnxTensor:
    import numpy as np

    tensor = node.tensor(0)
    found = []
    for sizes in (tensor.sizes, tensor.at_two):
        if node.operator == "Size":
            count = 1
            for size in sizes:
                count *= size
            found.append(np.asarray(count, dtype=np.int64))
        else:
            end = node.int("end") if node.says("end") else None
            found.append(np.asarray(sizes[node.int("start") : end], dtype=np.int64))
    return OnnxTensor(node.outputs[0], found[0].shape, found[1].shape, "int64", KnownValues(*found))


def _filled(node: OnnxNode) -> OnnxTensor:
    """A tensor of one number of a shape. One of numbers with a decimal point may be a weight."""
    import numpy as np

    one, two = node.pair(0)
    if any(size < 0 for size in (*one, *two)):
        node.refuse("a size is negative")
    proto = node.attribute("value", (4,), None)
    value = np.zeros(1, np.float32) if proto is None else array_of(proto, node.reader.folder, 1)
    dtype = TYPES.get(proto.data_type, "float32") if proto is not None else "float32"
    known = None
    small = MOST_VALUES if not dtype.startswith("float") else 1
    if value is not None and value.size == 1 and max(_count(one), _count(two)) <= small:
        known = KnownValues(np.full(one, value.reshape(-1)[0]), np.full(two, value.reshape(-1)[0]))
    stated = one == two and dtype.startswith(("float", "bfloat"))
    zeros = value is not None and not value.any()
    found = OnnxTensor(node.outputs[0], one, two, dtype, known, stated=stated, zeros=zeros)
    found.filled = True
    return found


def _count(sizes: Sequence[int]) -> int:
    found = 1
    for size in sizes:
        found *= size
    return found


def _bounded(count: float) -> None:
    if count > MOST_VALUES:
        raise _TooLargeError


# ---- operators of shapes and indices


@fold("Identity", "Dropout", "Cast", "CastLike")
def _same(node: OnnxNode, given: list[Any]) -> Any:
    import numpy as np

    array = given[0]
    word = TYPES.get(node.int("to"), "") if node.operator == "Cast" else ""
    if node.operator == "CastLike":
        return array.astype(given[1].dtype)
    return array.astype(word) if word and hasattr(np, word) else array


def _elementwise(function: Callable[..., Any]) -> FoldingRule:
    def computed(node: OnnxNode, given: list[Any]) -> Any:
        import numpy as np

        _bounded(_broadcast(given))
        found = function(np, *given)
        return found.astype(given[0].dtype) if found.dtype != bool and found.dtype.kind != "f" else found

    return computed


def _broadcast(given: list[Any]) -> int:
    import numpy as np

    return _count(np.broadcast_shapes(*[array.shape for array in given]))


def _div(np: Any, a: Any, b: Any) -> Any:
    if a.dtype.kind in "iu":
        if (b == 0).any():
            raise ValueError("a division by zero")
        return (np.sign(a) * np.sign(b)) * (np.abs(a) // np.abs(b))
    return a / b


def _power(np: Any, a: Any, b: Any) -> Any:
    found = np.power(a.astype(np.float64), b.astype(np.float64))
    return found if a.dtype.kind == "f" else np.where(np.isfinite(found), found, 0).astype(a.dtype)


_EACH: dict[str, Callable[..., Any]] = {
    "Add": lambda np, a, b: a + b,
    "Sub": lambda np, a, b: a - b,
    "Mul": lambda np, a, b: a * b,
    "Div": _div,
    "Pow": _power,
    "Max": lambda np, *all: reduce(np.maximum, all),
    "Min": lambda np, *all: reduce(np.minimum, all),
    "Neg": lambda np, a: -a,
    "Abs": lambda np, a: np.abs(a),
    "Floor": lambda np, a: np.floor(a),
    "Ceil": lambda np, a: np.ceil(a),
    "Round": lambda np, a: np.round(a),
    "Sqrt": lambda np, a: np.sqrt(a),
    "Reciprocal": lambda np, a: 1 / a,
    "Not": lambda np, a: ~a.astype(bool),
    "And": lambda np, a, b: a.astype(bool) & b.astype(bool),
    "Or": lambda np, a, b: a.astype(bool) | b.astype(bool),
    "Xor": lambda np, a, b: a.astype(bool) ^ b.astype(bool),
    "Equal": lambda np, a, b: a == b,
    "Less": lambda np, a, b: a < b,
    "LessOrEqual": lambda np, a, b: a <= b,
    "Greater": lambda np, a, b: a > b,
    "GreaterOrEqual": lambda np, a, b: a >= b,
}
for _name, _function in _EACH.items():
    _FOLDS[_name] = _elementwise(_function)


@fold("Mod")
def _mod(node: OnnxNode, given: list[Any]) -> Any:
    import numpy as np

    _bounded(_broadcast(given))
    if given[0].dtype.kind in "iu" and (given[1] == 0).any():
        raise ValueError("a division by zero")
    return np.fmod(*given) if node.int("fmod") else np.mod(*given)


@fold("Where")
def _where(node: OnnxNode, given: list[Any]) -> Any:
    import numpy as np

    _bounded(_broadcast(given))
    return np.where(given[0].astype(bool), given[1], given[2])


@fold("Gather")
def _gather(node: OnnxNode, given: list[Any]) -> Any:
    import numpy as np

    _bounded(given[0].size * max(given[1].size, 1))
    return np.take(given[0], given[1].astype(np.int64), axis=node.int("axis"))


@fold("Concat")
def _concat(node: OnnxNode, given: list[Any]) -> Any:
    import numpy as np

    return np.concatenate(given, axis=node.int("axis"))


@fold("Squeeze")
def _squeeze(node: OnnxNode, given: list[Any]) -> Any:
    import numpy as np

    axes = _axes(node, given)
    return np.squeeze(given[0], axis=tuple(axes) if axes is not None else None)


@fold("Unsqueeze")
def _unsqueeze(node: OnnxNode, given: list[Any]) -> Any:
    import numpy as np

    return np.expand_dims(given[0], tuple(_axes(node, given) or ()))


def _axes(node: OnnxNode, given: list[Any]) -> list[int] | None:
    if len(given) > 1 and given[1] is not None:
        return [int(n) for n in given[1].reshape(-1)]
    return list(node.ints("axes")) if node.says("axes") else None


@fold("Reshape")
def _reshape(node: OnnxNode, given: list[Any]) -> Any:
    target = node.ints("shape") if len(given) < 2 else [int(n) for n in given[1].reshape(-1)]
    sizes = given[0].shape
    if not node.int("allowzero"):
        target = [sizes[n] if size == 0 else size for n, size in enumerate(target)]
    return given[0].reshape(tuple(target))


@fold("Flatten")
def _flatten(node: OnnxNode, given: list[Any]) -> Any:
    axis = node.int("axis", 1) % (given[0].ndim + 1)
    return given[0].reshape(_count(given[0].shape[:axis]), -1)


@fold("Transpose")
def _transpose(node: OnnxNode, given: list[Any]) -> Any:
    return given[0].transpose(node.ints("perm") or None)


@fold("Slice")
def _slice(node: OnnxNode, given: list[Any]) -> Any:
    def numbers(at: int, word: str) -> list[int]:
        if len(given) > at and given[at] is not None:
            return [int(n) for n in given[at].reshape(-1)]
        return list(node.ints(word))

    starts, ends = numbers(1, "starts"), numbers(2, "ends")
    axes, steps = numbers(3, "axes") or list(range(len(starts))), numbers(4, "steps") or [1] * len(starts)
    array = given[0]
    parts = [slice(None)] * array.ndim
    for start, end, axis, step in zip(starts, ends, axes, steps, strict=True):
        size = array.shape[axis]
        parts[axis] = slice(start, None if step < 0 and end < -size else end, step)
    return array[tuple(parts)]


@fold("Range")
def _range(node: OnnxNode, given: list[Any]) -> Any:
    import numpy as np

    start, limit, step = [array.reshape(-1)[0] for array in given]
    _bounded(abs(float(limit) - float(start)) / abs(float(step)))
    return np.arange(start, limit, step, dtype=given[0].dtype)


@fold("Expand")
def _expand(node: OnnxNode, given: list[Any]) -> Any:
    import numpy as np

    target = [int(n) for n in given[1].reshape(-1)]
    shape = np.broadcast_shapes(given[0].shape, tuple(target))
    _bounded(_count(shape))
    return np.broadcast_to(given[0], shape)


@fold("Tile")
def _tile(node: OnnxNode, given: list[Any]) -> Any:
    import numpy as np

    times = [int(n) for n in given[1].reshape(-1)]
    _bounded(_count(times) * given[0].size)
    return np.tile(given[0], times)


@fold("Split")
def _split(node: OnnxNode, given: list[Any]) -> Any:
    import numpy as np

    axis = node.int("axis")
    parts = node.ints("split")
    if len(given) > 1 and given[1] is not None:
        parts = tuple([int(n) for n in given[1].reshape(-1)])
    if parts:
        return np.split(given[0], np.cumsum(parts)[:-1], axis=axis)
    each = -(-given[0].shape[axis] // max(len(node.outputs), 1))
    return [
        np.take(given[0], range(n * each, min((n + 1) * each, given[0].shape[axis])), axis=axis)
        for n in range(len(node.outputs))
    ]


@fold("GatherElements")
def _gather_elements(node: OnnxNode, given: list[Any]) -> Any:
    import numpy as np

    return np.take_along_axis(given[0], given[1].astype(np.int64), axis=node.int("axis"))


@fold("GatherND")
def _gather_nd(node: OnnxNode, given: list[Any]) -> Any:
    import numpy as np

    data, indices = given[0], given[1].astype(np.int64)
    if node.int("batch_dims") or not indices.ndim:
        raise _TooLargeError
    _bounded(_count(indices.shape[:-1]) * _count(data.shape[indices.shape[-1] :]))
    return data[tuple(np.moveaxis(indices, -1, 0))]


@fold("CumSum")
def _running_sum(node: OnnxNode, given: list[Any]) -> Any:
    import numpy as np

    if node.int("exclusive") or node.int("reverse"):
        raise _TooLargeError
    return np.cumsum(given[0], axis=int(given[1].reshape(-1)[0]), dtype=given[0].dtype)


@fold("Trilu")
def _triangle(node: OnnxNode, given: list[Any]) -> Any:
    import numpy as np

    shift = int(given[1].reshape(-1)[0]) if len(given) > 1 and given[1] is not None else 0
    return (np.triu if node.int("upper", 1) else np.tril)(given[0], shift)


@fold("ReduceProd", "ReduceSum", "ReduceMax", "ReduceMin")
def _reduction(node: OnnxNode, given: list[Any]) -> Any:
    import numpy as np

    axes = _axes(node, given)
    function: Any = {"ReduceProd": np.prod, "ReduceSum": np.sum, "ReduceMax": np.max, "ReduceMin": np.min}
    kept = bool(node.int("keepdims", 1))
    found = function[node.operator](given[0], axis=None if not axes else tuple(axes), keepdims=kept)
    return np.asarray(found).astype(given[0].dtype)
