"""Arithmetic along whole axes: sums, means, products of matrices, shares, orders, and moves."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from .exact import Array, UnfitValueError, filled, ratio, root_of, sums_of_products
from .recorded import plain
from .single_values import SingleValues

ONE = filled([1], (1,))


class WholeAxes(SingleValues):
    """What is computed along axes as a whole."""

    # The layer's tensors by name, in PyTorch's layout.
    tensors: Mapping[str, Array]
    # What a normalisation adds to a variance.
    epsilon: Any

    # Sums and extremes ------------------------------------------------------------------------

    def total(self, x: Array, axis: int, keep: bool = False) -> Array:
        """Return the sums along an axis; with ``keep`` that stays, of one position."""
        found = sums_of_products(lambda values, one: values.sum(axis, keepdims=True), x, ONE, x.shape[axis])
        return found if keep else found.squeeze(axis)

    def mean(self, x: Array, axis: int, keep: bool = False) -> Array:
        """Return the means along an axis."""
        return self.quotient(self.total(x, axis, keep), x.shape[axis])

    def reduced(self, name: str, sets: Array, exponent: Any = 2, correction: int = 1) -> Array:
        """Return one number of each row, as the functions of `reduce` make it.

        Args:
            name: The function.
            sets: A row for each number that is made.
            exponent: The exponent of ``norm``.
            correction: What ``var`` and ``std`` take off the number of values by which they divide.
        """
        count = sets.shape[1]
        if name in ("sum", "mean"):
            return self.total(sets, 1) if name == "sum" else self.mean(sets, 1)
        if name in ("max", "min", "amax", "amin"):
            return self.extreme(sets, 1, largest=name.endswith("max"))
        if name in ("argmax", "argmin"):
            best = [line.index(max(line) if name == "argmax" else min(line)) for line in sets.tolist()]
            return filled(best, (len(best),))
        if name in ("any", "all"):
            whether = any if name == "any" else all
            return filled(
                [int(whether(plain(at) != 0 for at in line)) for line in sets.tolist()], (len(sets),)
            )
        if name == "prod":
            return np.multiply.reduce(sets, 1)
        if name == "norm":
            powers = self.power(self.function("abs", sets), exponent)
            return self.power(self.total(powers, 1), ratio(1, exponent))
        if name == "logsumexp":
            shift = sets.max(1, keepdims=True)
            sums = self.total(self.function("exp", sets - shift), 1)
            return self.function("log", sums) + shift[:, 0]
        apart = sets - self.mean(sets, 1, keep=True)
        variance = self.quotient(self.total(apart * apart, 1), max(count - correction, 0))
        return variance if name == "var" else self.function("root", variance)

    def extreme(self, x: Array, axis: int, largest: bool = True) -> Array:
        """Return the largest, or the smallest, along an axis."""
        choose = self.maximum if largest else self.minimum
        lines = np.moveaxis(x, axis, 0)
        found = lines[0]
        for line in lines[1:]:
            found = choose(found, line)
        return found

    def accumulated(self, x: Array, axis: int) -> Array:
        """Return the running sums along an axis."""
        return np.add.accumulate(x, axis)

    def ordered(self, x: Array, axis: int) -> tuple[Array, Array]:
        """Return the values along an axis in ascending order, and the places where they stood."""
        places = np.argsort(x, axis, kind="stable")
        return np.take_along_axis(x, places, axis), places.astype(object)

    # Products ---------------------------------------------------------------------------------

    def matmul(self, a: Array, b: Array) -> Array:
        """Return the matrix product."""
        return sums_of_products(np.matmul, a, b, a.shape[-1])

    def linear(self, x: Array, weight: str = "weight", bias: str = "bias") -> Array:
        """Return a linear map of the last axis, with the tensors of these names."""
        return sums_of_products(np.matmul, x, self.tensors[weight].T, x.shape[-1], self.tensors.get(bias))

    def einsum(self, operands: Sequence[str], made: str, inputs: Sequence[Array]) -> Array:
        """Return products of arrays, summed over the axes that the output has not.

        Args:
            operands: The letters of the axes of each array.
            made: Those of the output.
            inputs: The arrays.
        """
        letters = made + "".join(sorted({at for axes in operands for at in axes} - set(made)))
        found: Array = None
        for axes, x in zip(operands, inputs, strict=True):
            order = sorted(range(len(axes)), key=lambda at, axes=axes: letters.index(axes[at]))  # type: ignore[misc]
            sizes = [x.shape[axes.index(letter)] if letter in axes else 1 for letter in letters]
            spread = x.transpose(order).reshape(sizes)
            found = spread if found is None else found * spread
        for _ in range(len(letters) - len(made)):
            found = found.sum(-1)
        return found

    def softmax(self, x: Array, axis: int) -> Array:
        """Return shares that sum to 1 along an axis."""
        powers = self.function("exp", x - self._shift(x, axis))
        return self.quotient(powers, powers.sum(axis, keepdims=True))

    def log_softmax(self, x: Array, axis: int) -> Array:
        """Return the logarithms of the softmax along an axis."""
        moved = x - self._shift(x, axis)
        sums = self.function("exp", moved).sum(axis, keepdims=True)
        return moved - self.function("log", sums)

    def _shift(self, x: Array, axis: int) -> Array:
        """The largest value, which takes nothing from shares but keeps powers small. A record does without,
        as textbooks do, where the powers are small anyway."""
        largest = x.max(axis, keepdims=True)
        small = self.recording and max([abs(plain(v)) for v in largest.ravel().tolist()]) < 500
        return 0 if small else largest

    def attended(
        self,
        parts: Sequence[Array],
        heads: tuple[int, int],
        factor: Any,
        hidden: Iterable[tuple[int, int]] = (),
    ) -> Array:
        """Return scaled dot-product attention, the heads side by side.

        Args:
            parts: Queries, keys and values: a row per token.
            heads: Heads of queries, and of keys and values: neighbouring heads of queries share one.
            factor: What the scores are multiplied by.
            hidden: Pairs of a query and a key that do not meet.
        """
        many, kv = heads
        queries, keys, values = parts
        rows, columns = [list(at) for at in zip(*hidden, strict=True)] or [[], []]
        found = []
        for head in range(many):
            group = head // (many // kv)
            q = np.split(queries, many, 1)[head]
            k, v = (np.split(x, kv, 1)[group] for x in (keys, values))
            scores = self.matmul(q, k.T) * factor
            if rows:
                scores = scores.astype(object)
                scores[rows, columns] = -math.inf
            found.append(self.matmul(self.softmax(scores, 1), v))
        return self.joined(found, 1)

    @staticmethod
    def root_share(number: int) -> Any:
        """Return one over the square root of a number."""
        return ratio(1, root_of(number))

    # Normalisation ----------------------------------------------------------------------------

    def standardised(self, x: Array, axes: Iterable[int]) -> Array:
        """Return values less their mean along some axes, divided by their deviation."""
        along = tuple(axes)
        count = math.prod([x.shape[axis] for axis in along])

        def mean(values: Array) -> Array:
            sums = sums_of_products(lambda v, one: v.sum(along, keepdims=True), values, ONE, count)
            return self.quotient(sums, count)

        apart = x - mean(x)
        return self.quotient(apart, self.function("root", mean(apart * apart) + self.epsilon))

    def standardised_by(self, x: Array, mean: Array, variance: Array) -> Array:
        """Return values less a mean that is given, divided by the root of a variance that is."""
        if any(plain(value) < 0 for value in variance.ravel().tolist()):
            raise UnfitValueError("a variance is 0 or more")
        return self.quotient(x - mean, self.function("root", variance + self.epsilon))

    def scaled(self, x: Array, channels_first: bool = False) -> Array:
        """Return values times the layer's weight, and its bias added, where it has them.

        Args:
            x: The values.
            channels_first: Whether the tensors have all axes, the channels first.
        """
        weight, bias = [
            np.moveaxis(values, 0, -1) if channels_first and values is not None else values
            for values in (self.tensors.get("weight"), self.tensors.get("bias"))
        ]
        found = x if weight is None or (weight == 1).all() else x * weight
        return found if bias is None else found + bias

    # Moves ------------------------------------------------------------------------------------

    @staticmethod
    def part(x: Array, axis: int, start: int | None, stop: int | None, step: int = 1) -> Array:
        """Return positions of an axis."""
        return x[(slice(None),) * axis + (slice(start, stop, step),)]

    @staticmethod
    def flat(x: Array) -> Array:
        """Return all values as one vector, channel by channel: PyTorch's order."""
        return np.moveaxis(x, -1, 0).reshape(-1)

    @staticmethod
    def joined(arrays: Sequence[Array], axis: int) -> Array:
        """Return arrays one behind the other along an axis."""
        return np.concatenate(arrays, axis)

    @staticmethod
    def stacked(arrays: Sequence[Array], axis: int) -> Array:
        """Return arrays one behind the other along a new axis."""
        return np.stack(arrays, axis)

    @staticmethod
    def shares(x: Array, sizes: Sequence[int]) -> list[Array]:
        """Return parts of these sizes along the first axis."""
        return list(np.split(x, np.cumsum(sizes)[:-1]))

    @staticmethod
    def rolled(x: Array, shifts: Sequence[int]) -> Array:
        """Return the positions moved on along the first axes, round the end."""
        return np.roll(x, tuple(shifts), tuple(range(len(shifts))))

    @staticmethod
    def with_channels(x: Array, channels: int) -> Array:
        """Return a map with channels of zeros behind its own, up to so many."""
        zeros = filled([0], (1,)) * np.ones((*x.shape[:-1], channels - x.shape[-1]), dtype=object)
        return np.concatenate([x, zeros], -1)

    @staticmethod
    def placed(kernels: Array, pairs: Sequence[bool], sizes: Sequence[int]) -> Array:
        """Return a weight of ``sizes`` and the kernels' own axes: a kernel for each true pair, else zeros."""
        made = np.zeros((len(pairs), *kernels.shape[1:]), dtype=object)
        made[np.array(pairs)] = kernels
        return made.reshape(*sizes, *kernels.shape[1:])

    @staticmethod
    def moved(x: Array, axis: int, to: int) -> Array:
        """Return an array with one axis at another place."""
        return np.moveaxis(x, axis, to)

    @staticmethod
    def constant(value: Any, count: int) -> Array:
        """Return a vector of one exact number, so many times."""
        return filled([value] * count, (count,))

    @staticmethod
    def order(values: Array, largest_first: bool = False) -> list[int]:
        """Return the places of a vector in the order of its values; those alike stay in their order."""
        numbers = [plain(value) for value in values.tolist()]
        return sorted(range(len(numbers)), key=lambda at: -numbers[at] if largest_first else numbers[at])

    @staticmethod
    def whole(value: Any) -> int:
        """Return a number as an int.

        Raises:
            UnfitValueError: Where it is none.
        """
        number = plain(value)
        if number != number or abs(number) == math.inf or number != int(number):
            raise UnfitValueError(f"{number} is no whole number")
        return int(number)

    @staticmethod
    def rows(table: Array, indices: Array) -> Array:
        """Return the rows of a table that the indices name.

        Raises:
            UnfitValueError: For an index that the table has not.
        """
        found = []
        for index in indices.ravel().tolist():
            value = WholeAxes.whole(index)
            if not 0 <= value < len(table):
                raise UnfitValueError(f"the table has the rows 0 to {len(table) - 1}, and no row {value}")
            found.append(table[value])
        return np.array(found)
