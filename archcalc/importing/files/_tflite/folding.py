"""Computes what an operator puts out whose inputs are known: shapes, indices, numbers; with numpy."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache, reduce
from typing import TYPE_CHECKING, Any

from .._known import MOST_VALUES, KnownValues, product
from .description import FileTensor
from .nodes import TfliteOperator
from .slicing import strided

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]

# Computes an operator from the arrays that it reads.
ArrayRule = Callable[["TfliteOperator", "list[Array]"], "Array | Sequence[Array]"]


class _TooLargeError(Exception):
    """What an operator puts out has more values than are computed with."""


def held(tensor: FileTensor) -> KnownValues | None:
    """Return what a tensor of the file holds, where that is few values; None otherwise."""
    if tensor.data is None:
        return None
    import numpy as np

    kind = tensor.dtype if tensor.dtype != "bfloat16" else "uint16"
    found = np.frombuffer(tensor.data, np.dtype(kind).newbyteorder("<")).reshape(tensor.sizes)
    if tensor.dtype == "bfloat16":
        found = (found.astype(np.uint32) << 16).view(np.float32)
    return KnownValues(found)


def folded(node: TfliteOperator) -> list[KnownValues] | None:
    """Return what an operator puts out, where it only concerns sizes or all that it reads is known; None
    otherwise. Raises SpecError."""
    import numpy as np

    if node.word in ("SHAPE", "RANK"):
        tensor = node.tensor(0)
        ones, twos = (np.asarray(sizes, np.int64) for sizes in (tensor.sizes, tensor.at_two))
        if node.word == "RANK":
            ones = twos = np.asarray(len(tensor.sizes), np.int64)
        return [KnownValues(ones, twos)]
    function = _folds().get(node.word)
    if function is None or not node.inputs or not all(node.has(at) for at in range(len(node.inputs))):
        return None
    tensors = [node.tensor(at) for at in range(len(node.inputs))]
    if any(tensor.known is None or tensor.stated.is_weight for tensor in tensors):
        return None
    known = [tensor.known for tensor in tensors if tensor.known is not None]
    try:
        with np.errstate(all="ignore"):
            both = [
                _several(function(node, [getattr(one, word) for one in known])) for word in ("one", "two")
            ]
    except _TooLargeError:
        return None
    except MemoryError:
        raise node.error("it cannot be computed") from None
    if any(array.size > MOST_VALUES for array in (*both[0], *both[1])):
        return None
    return [KnownValues(one, two) for one, two in zip(*both, strict=True)]


def _several(found: Array | Sequence[Array]) -> list[Array]:
    import numpy as np

    return [np.asarray(one) for one in found] if isinstance(found, (list, tuple)) else [np.asarray(found)]


def _small(sizes: Sequence[int]) -> tuple[int, ...]:
    """Sizes of what is computed. Raises _TooLargeError where that is much."""
    found = tuple([int(size) for size in sizes])
    if any(size < 0 for size in found):
        raise ValueError("a size is negative")
    if product(found) > MOST_VALUES or len(found) > 16:
        raise _TooLargeError
    return found


@cache
def _folds() -> dict[str, ArrayRule]:
    """How operators are computed."""
    import numpy as np

    def of_two(function: Any) -> ArrayRule:
        def computed(node: TfliteOperator, given: list[Array]) -> Array:
            _small(np.broadcast_shapes(*[one.shape for one in given]))
            return function(*given)  # type: ignore[no-any-return]

        return computed

    def divided(one: Any, other: Any) -> Any:
        whole = np.issubdtype(np.asarray(one).dtype, np.integer)
        return (
            np.trunc(np.divide(one, other)).astype(np.asarray(one).dtype) if whole else np.divide(one, other)
        )

    def axes_of(array: Array) -> tuple[int, ...]:
        return tuple([int(axis) for axis in array.reshape(-1)])

    def reduced(function: Any) -> ArrayRule:
        def computed(node: TfliteOperator, given: list[Array]) -> Array:
            keep = bool(node.options("ReducerOptions").KeepDims())
            return function(given[0], axis=axes_of(given[1]), keepdims=keep)  # type: ignore[no-any-return]

        return computed

    def ranged(node: TfliteOperator, given: list[Array]) -> Array:
        first, last, step = (one.reshape(-1)[0] for one in given)
        if not step or abs((float(last) - float(first)) / float(step)) > MOST_VALUES:
            raise _TooLargeError
        return np.arange(first, last, step, dtype=given[0].dtype)

    def part(node: TfliteOperator, given: list[Array]) -> Array:
        found = given[0]
        for axis, (start, count) in enumerate(zip(axes_of(given[1]), axes_of(given[2]), strict=True)):
            end = found.shape[axis] if count == -1 else start + count
            found = found.take(range(start, end), axis)
        return found

    def packed(node: TfliteOperator, given: list[Array]) -> Array:
        return np.stack(given, node.options("PackOptions").Axis())

    def unpacked(node: TfliteOperator, given: list[Array]) -> list[Array]:
        axis = node.options("UnpackOptions").Axis()
        return [given[0].take(n, axis) for n in range(given[0].shape[axis])]

    def gathered(node: TfliteOperator, given: list[Array]) -> Array:
        options = node.options("GatherOptions")
        if options.BatchDims():
            raise _TooLargeError
        return given[0].take(given[1].astype(np.int64), options.Axis())

    def cast(node: TfliteOperator, given: list[Array]) -> Array:
        kind = node.reader.graph.tensors[node.outputs[0]].dtype
        return given[0].astype(kind if kind in ("int32", "int64", "float32", "bool", "float64") else "int64")

    def squeezed(node: TfliteOperator, given: list[Array]) -> Array:
        return np.squeeze(given[0], node.list_of(node.options("SqueezeOptions"), "SqueezeDims") or None)

    def joined(node: TfliteOperator, given: list[Array]) -> Array:
        return np.concatenate(given, node.options("ConcatenationOptions").Axis())

    def tiled(node: TfliteOperator, given: list[Array]) -> Array:
        times = axes_of(given[1])
        _small([n * size for n, size in zip(times, given[0].shape, strict=True)])
        return np.tile(given[0], times)

    def shaped(node: TfliteOperator, given: list[Array]) -> Array:
        target = axes_of(given[1]) if len(given) > 1 else ()
        return given[0].reshape(target or node.list_of(node.options("ReshapeOptions"), "NewShape"))

    return {
        "ABS": of_two(np.abs),
        "ADD": of_two(np.add),
        "BROADCAST_ARGS": lambda node, given: np.asarray(
            np.broadcast_shapes(*[_small(one) for one in given]), np.int64
        ),
        "BROADCAST_TO": lambda node, given: np.broadcast_to(given[0], _small(given[1])),
        "CAST": cast,
        "CONCATENATION": joined,
        "DIV": of_two(divided),
        "EQUAL": of_two(np.equal),
        "EXPAND_DIMS": lambda node, given: np.expand_dims(given[0], int(given[1].reshape(-1)[0])),
        "FILL": lambda node, given: np.full(_small(given[0]), given[1].reshape(-1)[0]),
        "FLOOR_DIV": of_two(np.floor_divide),
        "FLOOR_MOD": of_two(np.mod),
        "GATHER": gathered,
        "GREATER": of_two(np.greater),
        "GREATER_EQUAL": of_two(np.greater_equal),
        "LESS": of_two(np.less),
        "LESS_EQUAL": of_two(np.less_equal),
        "LOGICAL_AND": of_two(np.logical_and),
        "LOGICAL_NOT": of_two(np.logical_not),
        "LOGICAL_OR": of_two(np.logical_or),
        "MAXIMUM": of_two(np.maximum),
        "MINIMUM": of_two(np.minimum),
        "MUL": of_two(np.multiply),
        "NEG": of_two(np.negative),
        "NOT_EQUAL": of_two(np.not_equal),
        "PACK": packed,
        "RANGE": ranged,
        "REDUCE_MAX": reduced(np.max),
        "REDUCE_MIN": reduced(np.min),
        "REDUCE_PROD": reduced(np.prod),
        "RESHAPE": shaped,
        "SELECT": of_two(np.where),
        "SELECT_V2": of_two(np.where),
        "SLICE": part,
        "SQUEEZE": squeezed,
        "STRIDED_SLICE": lambda node, given: strided(node, given[0].shape, *map(axes_of, given[1:])).of(
            given[0]
        ),
        "SUB": of_two(np.subtract),
        "SUM": reduced(np.sum),
        "TILE": tiled,
        "TRANSPOSE": lambda node, given: np.transpose(given[0], axes_of(given[1])),
        "UNPACK": unpacked,
        "ZEROS_LIKE": lambda node, given: reduce(np.multiply, [given[0], 0]),
    }
