"""Data of which code states the shape: arrays of NumPy, and the data sets that Keras gives to lectures.

The values are not known, and nothing is loaded.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence
from math import prod
from typing import Any

from .values import UnknownValue

ArraySizes = tuple[int | None, ...]

# The data sets of Keras: how many examples there are to learn from and to test on, the sizes of one, and how
# many classes there are; None of those that are numbers.
_SETS: Mapping[str, tuple[int, int, ArraySizes, int | None]] = {
    "mnist": (60_000, 10_000, (28, 28), 10),
    "fashion_mnist": (60_000, 10_000, (28, 28), 10),
    "cifar10": (50_000, 10_000, (32, 32, 3), 10),
    "cifar100": (50_000, 10_000, (32, 32, 3), 100),
    "boston_housing": (404, 102, (13,), None),
    "california_housing": (16_512, 4_128, (8,), None),
    "imdb": (25_000, 25_000, (), 2),
    "reuters": (8_982, 2_246, (), 46),
}
# NumPy has no array of more axes.
_MOST_AXES = 64
# Labels that are a column, and not a row.
_COLUMNS = ("cifar10", "cifar100")


class ArrayValue(UnknownValue):
    """An array whose values are not known, and whose sizes are.

    Attributes:
        sizes: Its sizes; None for one that is not known.
        classes: How many different values there are, of labels; None where that is not known.
    """

    described = "an array"

    def __init__(self, node: ast.AST | None, sizes: ArraySizes, classes: int | None = None, name: str = ""):
        super().__init__(node, "it is data", name)
        self.sizes = sizes
        self.classes = classes

    def like(self, sizes: ArraySizes) -> ArrayValue:
        """Return an array of other sizes."""
        return ArrayValue(self.node, sizes, self.classes, self.name)

    def named(self, name: str) -> ArrayValue:
        """Return the same array, with the name that the code gives it."""
        return ArrayValue(self.node, self.sizes, self.classes, name)

    def length(self) -> Any:
        """Return its first size."""
        return self._size(self.sizes[0]) if self.sizes else UnknownValue(self.node, self.reason, self.name)

    def _size(self, size: int | None) -> Any:
        return UnknownValue(self.node, self.reason, self.name) if size is None else size

    def attribute(self, name: str) -> Any:
        """Return an attribute; a value that is not known for most."""
        if name == "shape":
            return tuple([self._size(one) for one in self.sizes])
        if name == "ndim":
            return len(self.sizes)
        if name == "size" and None not in self.sizes:
            return prod([one or 0 for one in self.sizes])
        if name == "T":
            return self.like(self.sizes[::-1])
        if name in _METHODS:
            return _Method(self, _METHODS[name])
        return UnknownValue(self.node, self.reason, self.name)

    def call(self, positional: Sequence[Any], keywords: Mapping[str, Any], node: ast.AST) -> Any:
        """An array is not called."""
        return UnknownValue(node, self.reason)

    def item(self, index: Any) -> Any:
        """Return a part of it; a value that is not known where that is a number, or hard to tell."""
        unknown = UnknownValue(self.node, self.reason, self.name)
        parts = list(index) if isinstance(index, tuple) else [index]
        named = [one for one in parts if one is not None and one is not ... and not _is_new_axis(one)]
        rest = len(self.sizes) - len(named)
        if rest < 0 or parts.count(...) > 1 or sum(isinstance(one, ArrayValue) for one in parts) > 1:
            return unknown
        if ... not in parts:
            parts.append(...)
        found: list[int | None] = []
        at = 0
        for one in parts:
            if one is ...:
                found += self.sizes[at : at + rest]
                at += rest
            elif one is None or _is_new_axis(one):
                found.append(1)
            else:
                size = self.sizes[at]
                at += 1
                if isinstance(one, slice):
                    found.append(_sliced(size, one))
                elif isinstance(one, (list, UnknownValue)):
                    if isinstance(one, UnknownValue) and not isinstance(one, ArrayValue):
                        return unknown  # a number, or an index of many
                    found.append(None)
        return self.like(tuple(found)) if 0 < len(found) <= _MOST_AXES else unknown

    def operator(self, symbol: str, other: Any, reflected: bool, node: ast.AST) -> Any:
        """Return an array of the same sizes, as far as that is known."""
        if symbol == "@" or (isinstance(other, UnknownValue) and not isinstance(other, ArrayValue)):
            return UnknownValue(node, self.reason)
        if isinstance(other, ArrayValue) and other.sizes != self.sizes:
            longer = max(self.sizes, other.sizes, key=len)
            shorter = min(self.sizes, other.sizes, key=len)
            if not all(one in (1, two) for one, two in zip(shorter[::-1], longer[::-1], strict=False)):
                return UnknownValue(node, self.reason)
            return self.like(longer)
        return self.like(self.sizes)


class DataValue(UnknownValue):
    """What another library gives, as ``pd.read_csv`` does: of what it reshapes, the sizes are known."""

    def named(self, name: str) -> DataValue:
        """Return the same value, with the name that the code gives it."""
        return DataValue(self.node, self.reason, name)

    def attribute(self, name: str) -> Any:
        """Return an attribute, which is not known either; or a method that gives sizes."""
        return _Method(ArrayValue(self.node, (None,)), _reshaped) if name == "reshape" else self

    def call(self, positional: Sequence[Any], keywords: Mapping[str, Any], node: ast.AST) -> Any:
        """Return a value that is not known either."""
        return DataValue(node, self.reason)

    def operator(self, symbol: str, other: Any, reflected: bool, node: ast.AST) -> Any:
        """Return a value that is not known either."""
        return DataValue(self.node, self.reason, self.name)


class _DataSplit(DataValue):
    """``train_test_split``: of each array two parts, of how many examples is not known."""

    def call(self, positional: Sequence[Any], keywords: Mapping[str, Any], node: ast.AST) -> Any:
        """Return the parts."""
        parts: list[Any] = []
        for one in positional:
            part = (
                one.like((None, *one.sizes[1:]))
                if isinstance(one, ArrayValue)
                else DataValue(node, self.reason)
            )
            parts += [part, part]
        return tuple(parts)


def split_of_data(path: str, node: ast.AST) -> UnknownValue:
    """Return what an import of a library gives that is not read."""
    kind = _DataSplit if path.endswith(".train_test_split") else DataValue
    return kind(node, f"it is from {path}")


class _Method(UnknownValue):
    """A method of an array."""

    def __init__(self, of: ArrayValue, work: Callable[[ArrayValue, list[Any], dict[str, Any]], Any]):
        super().__init__(of.node, of.reason, of.name)
        self.of = of
        self.work = work

    def call(self, positional: Sequence[Any], keywords: Mapping[str, Any], node: ast.AST) -> Any:
        """Return what it gives."""
        found = self.work(self.of, list(positional), dict(keywords))
        return UnknownValue(node, self.of.reason, self.of.name) if found is None else found


def data_set(name: str, node: ast.AST) -> Any:
    """Return what ``load_data`` gives: two pairs of examples and labels."""
    known = _SETS.get(name)
    if known is None:
        return UnknownValue(node, f"it is from keras.datasets.{name}")
    learned, tested, sizes, classes = known
    column: ArraySizes = (1,) if name in _COLUMNS else ()
    return tuple(
        [
            (ArrayValue(node, (count, *sizes)), ArrayValue(node, (count, *column), classes))
            for count in (learned, tested)
        ]
    )


def made_array(path: str, positional: Sequence[Any], keywords: Mapping[str, Any], node: ast.AST) -> Any:
    """Return the array that a function of NumPy, TensorFlow or Keras makes; a value that is not known where
    its sizes are not."""
    word = path.rpartition(".")[2]
    given = [*positional]
    named = dict(keywords)
    found = None
    if word == "reshape" and given and isinstance(given[0], DataValue):
        given[0] = ArrayValue(given[0].node, (None,))
    if word in _OF_ARRAYS and given and isinstance(given[0], ArrayValue):
        found = _OF_ARRAYS[word](given[0], given[1:], named)
    elif word in _MAKES:
        found = _MAKES[word](given, named, node)
    return DataValue(node, f"it is from {path}") if found is None else found


def _is_new_axis(one: Any) -> bool:
    return getattr(one, "path", "").endswith("newaxis")


def _sizes(value: Any) -> ArraySizes | None:
    """ArraySizes that code gives: a number or a tuple; None where they are none."""
    if isinstance(value, int) and not isinstance(value, bool):
        value = (value,)
    if not isinstance(value, (list, tuple)) or len(value) > 16:
        return None
    if not all(isinstance(one, (int, UnknownValue)) and not isinstance(one, bool) for one in value):
        return None
    return tuple([one if isinstance(one, int) else None for one in value])


def _sliced(size: int | None, part: slice) -> int | None:
    if any(isinstance(one, UnknownValue) for one in (part.start, part.stop, part.step)):
        return None
    if (part.start, part.stop, part.step) == (None, None, None):
        return size
    try:
        return None if size is None else len(range(*part.indices(size)))
    except (TypeError, ValueError):
        return None


def _reshaped(array: ArrayValue, given: list[Any], named: dict[str, Any]) -> Any:
    shape = named.get("shape", named.get("newshape", given[0] if len(given) == 1 else tuple(given)))
    sizes = _sizes(shape)
    if sizes is None:
        return None
    if sizes.count(-1) == 1:
        others = [one for one in sizes if one != -1]
        rest = None
        whole = [*array.sizes]
        for one in others:  # the same size on both sides needs not be known
            if one in whole:
                whole.remove(one)
            elif None in others:
                whole.append(None)
        left = [one for one in others if one not in array.sizes]
        if None not in array.sizes and None not in others:
            known = prod([one or 0 for one in array.sizes])
            step = prod([one or 0 for one in others])
            rest = known // step if step and known % step == 0 else None
        elif not left and None not in whole:
            rest = prod([one or 0 for one in whole])
        sizes = tuple([rest if one == -1 else one for one in sizes])
    return array.like(sizes)


def _widened(array: ArrayValue, given: list[Any], named: dict[str, Any]) -> Any:
    axis = named.get("axis", given[0] if given else None)
    count = len(array.sizes) + 1
    if not isinstance(axis, int) or not -count <= axis < count or count > _MOST_AXES:
        return None
    sizes = list(array.sizes)
    sizes.insert(axis % count, 1)
    return array.like(tuple(sizes))


def _same(array: ArrayValue, given: list[Any], named: dict[str, Any]) -> Any:
    return array


def _flat(array: ArrayValue, given: list[Any], named: dict[str, Any]) -> Any:
    return _reshaped(array, [-1], {})


def _squeezed(array: ArrayValue, given: list[Any], named: dict[str, Any]) -> Any:
    axis = named.get("axis", given[0] if given else None)
    if axis is None:
        return None if None in array.sizes else array.like(tuple([one for one in array.sizes if one != 1]))
    if not isinstance(axis, int) or not -len(array.sizes) <= axis < len(array.sizes):
        return None
    at = axis % len(array.sizes)
    return array.like(array.sizes[:at] + array.sizes[at + 1 :])


def _turned(array: ArrayValue, given: list[Any], named: dict[str, Any]) -> Any:
    order = named.get("axes", given[0] if len(given) == 1 else tuple(given) or None)
    axes = range(len(array.sizes))[::-1] if order is None else order
    if not isinstance(axes, (list, tuple, range)) or sorted(map(str, axes)) != sorted(
        map(str, range(len(array.sizes)))
    ):
        return None
    return array.like(tuple([array.sizes[at] for at in axes]))


def _columns(array: ArrayValue, given: list[Any], named: dict[str, Any]) -> Any:
    classes = named.get("num_classes", given[0] if given else array.classes)
    sizes = array.sizes[:-1] if array.sizes[-1:] == (1,) else array.sizes
    return array.like((*sizes, classes if isinstance(classes, int) else None))


def _resized(array: ArrayValue, given: list[Any], named: dict[str, Any]) -> Any:
    size = _sizes(named.get("size", given[0] if given else None))
    if size is None or len(size) != 2 or len(array.sizes) not in (3, 4):
        return None
    return array.like((*array.sizes[:-3], *size, array.sizes[-1]))


def _in_three_colours(array: ArrayValue, given: list[Any], named: dict[str, Any]) -> Any:
    return array.like((*array.sizes[:-1], 3))


def _different(array: ArrayValue, given: list[Any], named: dict[str, Any]) -> Any:
    return None if array.classes is None or named else array.like((array.classes,))


def _repeated(array: ArrayValue, given: list[Any], named: dict[str, Any]) -> Any:
    times, axis = given[0] if given else named.get("repeats"), named.get("axis", (given + [None] * 2)[1])
    if (
        not isinstance(times, int)
        or not isinstance(axis, int)
        or not -len(array.sizes) <= axis < len(array.sizes)
    ):
        return None
    sizes = list(array.sizes)
    one = sizes[axis]
    sizes[axis] = None if one is None else one * times
    return array.like(tuple(sizes))


_OF_ARRAYS: Mapping[str, Callable[[ArrayValue, list[Any], dict[str, Any]], Any]] = {
    "reshape": _reshaped,
    "expand_dims": _widened,
    "squeeze": _squeezed,
    "transpose": _turned,
    "to_categorical": _columns,
    "one_hot": _columns,
    "resize": _resized,
    "grayscale_to_rgb": _in_three_colours,
    "unique": _different,
    "repeat": _repeated,
    "ravel": _flat,
    **dict.fromkeys(
        ("array", "asarray", "copy", "float32", "cast", "constant", "convert_to_tensor", "normalize", "clip"),
        _same,
    ),
    **dict.fromkeys(("abs", "sqrt", "log", "exp", "log1p", "square", "zeros_like", "ones_like"), _same),
}
_METHODS: Mapping[str, Callable[[ArrayValue, list[Any], dict[str, Any]], Any]] = {
    "reshape": _reshaped,
    "astype": _same,
    "copy": _same,
    "flatten": _flat,
    "ravel": _flat,
    "squeeze": _squeezed,
    "transpose": _turned,
}


def _of_shape(given: list[Any], named: dict[str, Any], node: ast.AST) -> Any:
    sizes = _sizes(named.get("shape", named.get("size", given[0] if given else None)))
    return None if sizes is None else ArrayValue(node, sizes)


def _of_sizes(given: list[Any], named: dict[str, Any], node: ast.AST) -> Any:
    sizes = _sizes(tuple(given))
    return ArrayValue(node, sizes) if sizes else None


def _drawn(at: int) -> Callable[[list[Any], dict[str, Any], ast.AST], Any]:
    def made(given: list[Any], named: dict[str, Any], node: ast.AST) -> Any:
        sizes = _sizes(named.get("size", given[at] if len(given) > at else None))
        return None if sizes is None else ArrayValue(node, sizes)

    return made


_MAKES: Mapping[str, Callable[[list[Any], dict[str, Any], ast.AST], Any]] = {
    **dict.fromkeys(("zeros", "ones", "empty", "full", "random", "random_sample"), _of_shape),
    **dict.fromkeys(("rand", "randn"), _of_sizes),
    **dict.fromkeys(("randint", "normal", "uniform", "integers"), _drawn(2)),
}
