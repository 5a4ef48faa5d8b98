"""Operations that arrange values anew: other axes, parts of tensors, tensors side by side."""

from __future__ import annotations

import itertools
from math import prod
from typing import Any

from .....ops.attributes import Size, Word
from ..calls import Call, Value, per_axis
from ..description import ConstantTensor
from ..layers.norms import unit_length
from ..operands import literal_sizes, operand, permuted, reshaped, tensor
from ..settings import shown
from ..vocabulary import OperationClass


class ReshapeOperation(OperationClass):
    """The same values with other axes."""

    names = ("Reshape",)
    signature = "newshape"

    def write(self, call: Call) -> Value:
        settings, x = call.settings, call.in_order(call.x)
        given = settings.value("newshape")
        sizes = list(given) if isinstance(given, (list, tuple)) else [given]
        values = int(x.shape.values)
        open_sizes = [at for at, size in enumerate(sizes) if size in (None, -1)]
        if not sizes or any(
            at not in open_sizes and (isinstance(size, bool) or not isinstance(size, int) or size < 1)
            for at, size in enumerate(sizes)
        ):
            raise settings.wrong("newshape", "sizes, with that of the batch in front")
        rest = sizes[1:]
        known = prod([size for size in rest if size not in (None, -1)])
        missing = [at for at, size in enumerate(rest) if size in (None, -1)]
        if len(missing) == 1 and values % known == 0:
            rest[missing[0]] = values // known
        if missing[1:] or prod([size or 0 for size in rest]) != values:
            raise settings.refused(
                "newshape",
                f"{shown(given)} of {values:,} values for each image moves positions into the batch",
                "a layer `TimeDistributed`, or an axis of its own, keeps them apart",
            )
        return reshaped(call, x, rest)


class AxesOperation(OperationClass):
    """The axes in another order."""

    names = ("Transpose", "Swapaxes", "Moveaxis")
    signature = "axes=None, axis1=0, axis2=0, source=0, destination=0"

    def write(self, call: Call) -> Value:
        settings, x = call.settings, call.in_order(call.x)
        order = [*range(x.rank)]
        if call.layer.class_name == "Transpose":
            given = settings.value("axes")
            if not isinstance(given, (list, tuple)):
                raise settings.refused("axes", "all axes turned round, the batch too, is not read")
            order = [settings.axis_of("axes", one, x.rank) for one in given]
        elif call.layer.class_name == "Swapaxes":
            one, other = settings.axis("axis1", x.rank), settings.axis("axis2", x.rank)
            order[one], order[other] = order[other], order[one]
        else:
            source, target = [_listed(settings.value(name)) for name in ("source", "destination")]
            pairs = sorted(
                [
                    (settings.axis_of("destination", to, x.rank), settings.axis_of("source", at, x.rank))
                    for at, to in zip(source, target, strict=False)
                ]
            )
            moved = {at for _, at in pairs}
            order = [at for at in order if at not in moved]
            for to, at in pairs:
                order.insert(to, at)
        if sorted(order) != [*range(x.rank)] or order[0] != 0:
            raise call.refused("the axis of the batch stays in front, and each axis stands once")
        return permuted(call, x, [at - 1 for at in order[1:]])


def _listed(value: Any) -> list[Any]:
    return list(value) if isinstance(value, (list, tuple)) else [value]


class MoreAxesOperation(OperationClass):
    """Axes of one position that come or go."""

    names = ("ExpandDims", "Squeeze")
    signature = "axis=None"

    def write(self, call: Call) -> Value:
        settings, x = call.settings, call.in_order(call.x)
        sizes = [int(n) for n in x.shape]
        given = settings.value("axis")
        if call.layer.class_name == "ExpandDims":
            axes = _listed(given)
            rank = x.rank + len(axes)
            for at in sorted([settings.axis_of("axis", one, rank) for one in axes]):
                if at == 0:
                    raise settings.refused("axis", "an axis in front of the batch is not read")
                sizes.insert(at - 1, 1)
            return reshaped(call, x, sizes)
        if given is None:
            return reshaped(call, x, [n for n in sizes if n != 1])
        gone = {call.spec_axis(x, settings.axis_of("axis", one, x.rank)) for one in _listed(given)}
        if any(sizes[at] != 1 for at in gone):
            raise settings.refused("axis", "an axis of more than one position does not go")
        return reshaped(call, x, [n for at, n in enumerate(sizes) if at not in gone])


class JoinedOperation(OperationClass):
    """Tensors side by side, along an axis or a new one."""

    names = ("Concatenate", "Stack", "Hstack", "Vstack", "Append")
    signature = "axis=None"

    def write(self, call: Call) -> Value:
        kind, settings = call.layer.class_name, call.settings
        given = (
            call.positional[0] if call.positional and isinstance(call.positional[0], (list, tuple)) else None
        )
        parts = list(given) if given is not None else list(call.positional)
        rank = max([one.rank for one in parts if isinstance(one, Value)], default=2)
        values = [tensor(call, one, rank) for one in parts]
        if kind in ("Hstack", "Vstack") or (kind == "Append" and settings.value("axis") is None):
            if kind != "Hstack" or rank < 2:
                raise call.refused("tensors behind one another along the batch are not read")
            axis = 1
        else:
            more = 1 if kind == "Stack" else 0
            default = 0 if kind == "Stack" else -1
            chosen = default if settings.value("axis") is None else settings.value("axis")
            axis = settings.axis_of("axis", chosen, rank + more)
        if axis == 0:
            raise settings.refused("axis", "the axis 0 is that of the batch")
        if not values:
            raise call.refused("no tensor arrives here")
        if len(values) == 1:
            return values[0] if kind != "Stack" else self.stacked_alone(call, values[0], axis)
        if kind == "Stack":
            return call.op("stack", *values, axis=axis - 1)
        return call.op("concat", *values, axis=-1 if axis == rank - 1 else axis - 1)

    def stacked_alone(self, call: Call, x: Value, axis: int) -> Value:
        """A new axis of one tensor alone."""
        sizes = [int(n) for n in x.shape]
        sizes.insert(axis - 1, 1)
        return reshaped(call, x, sizes)


def part_of(call: Call, x: Value, axis: int, start: int, stop: int, step: int = 1, part: str = "") -> Value:
    """Write some positions of an axis of the spec."""
    if (start, stop, step) == (0, int(x.shape[axis]), 1):
        return x
    if axis == len(x.shape) - 1 and step == 1:
        return call.op("take", x, part=part, channels=stop - start, offset=start or None)
    return call.op(
        "slice", x, part=part, start=start, stop=stop, step=None if step == 1 else step, axis=axis or None
    )


class SplitOperation(OperationClass):
    """Parts of a tensor along an axis."""

    names = ("Split", "ArraySplit", "Unstack")
    signature = "indices_or_sections=None, axis=0, num=None"

    def write(self, call: Call) -> list[Value]:
        settings, x = call.settings, call.in_order(call.x)
        axis = call.spec_axis(x, settings.axis("axis", x.rank))
        count = int(x.shape[axis])
        if call.layer.class_name == "Unstack":
            if count > 1000:
                raise call.refused(f"{count:,} tensors are not read")
            if len(x.shape) == 1:
                return [part_of(call, x, 0, at, at + 1, part=f"{at + 1}") for at in range(count)]
            return [call.op("select", x, part=f"{at + 1}", index=at, axis=axis) for at in range(count)]
        given = settings.value("indices_or_sections")
        if isinstance(given, (list, tuple)):
            cuts = [0, *settings.numbers("indices_or_sections"), count]
        else:
            parts = settings.count("indices_or_sections")
            if count % parts or parts > 1000:
                raise settings.refused(
                    "indices_or_sections", f"{count} positions make no {parts} equal parts"
                )
            cuts = [*range(0, count + 1, count // parts)]
        if sorted(set(cuts)) != cuts:
            raise settings.wrong("indices_or_sections", "ascending positions within the axis")
        return [
            part_of(call, x, axis, start, stop, part=f"{number + 1}")
            for number, (start, stop) in enumerate(itertools.pairwise(cuts))
        ]


class ItemOperation(OperationClass):
    """What stands in brackets behind a tensor: single positions, some in their order, new axes."""

    names = ("GetItem",)

    def write(self, call: Call) -> Value:
        x = call.in_order(call.x)
        key = call.positional[1] if len(call.positional) > 1 else call.keywords.get("key")
        keys = list(key) if isinstance(key, (list, tuple)) else [key]
        counted = len([one for one in keys if one is not None and one is not ...])
        if keys.count(...) > 1 or counted > x.rank or any(isinstance(one, Value) for one in keys):
            raise call.refused("positions that the data chooses are not read")
        if ... in keys:
            at = keys.index(...)
            keys[at : at + 1] = [slice(None)] * (x.rank - counted)
        if not keys or keys[0] != slice(None):
            raise call.refused("the first axis is that of the batch, and is whole")
        axis = 0  # of what is left
        for one in keys[1:]:
            if one is None:
                sizes = [int(n) for n in x.shape]
                sizes.insert(axis, 1)
                x = reshaped(call, x, sizes, part="")
                axis += 1
                continue
            count = int(x.shape[axis])
            if isinstance(one, slice):
                bounds = (one.start, one.stop, one.step)
                if any(
                    each is not None and (isinstance(each, bool) or not isinstance(each, int))
                    for each in bounds
                ):
                    raise call.refused("a slice has whole numbers")
                if one.step is not None and one.step < 1:
                    if bounds != (None, None, -1):
                        raise call.refused("a slice backwards is of the whole axis")
                    x = call.op("flip", x, axis=axis)
                else:
                    start, stop, step = one.indices(count)
                    if start >= stop:
                        raise call.refused("nothing is left of an axis")
                    x = part_of(call, x, axis, start, stop, step)
                axis += 1
            elif isinstance(one, int) and not isinstance(one, bool):
                if not -count <= one < count:
                    raise call.refused(f"there is no position {one} of {count}")
                if len(x.shape) == 1:
                    x = part_of(call, x, 0, one % count, one % count + 1)
                else:
                    x = call.op("select", x, index=one, axis=axis or None)
            else:
                raise call.refused(f"{shown(one)} in brackets is not read")
        return x


class TakenOperation(OperationClass):
    """Positions of an axis by their numbers."""

    names = ("Take",)
    signature = "axis=None"

    def write(self, call: Call) -> Value:
        settings, x = call.settings, call.in_order(call.x)
        if settings.value("axis") is None:
            raise settings.refused("axis", "positions of the whole batch are not read")
        axis = call.spec_axis(x, settings.axis("axis", x.rank))
        index = call.argument(1, "indices")
        index = int(index.value) if isinstance(index, ConstantTensor) and index.value is not None else index
        if isinstance(index, int) and not isinstance(index, bool):
            if len(x.shape) == 1:
                return part_of(call, x, 0, index % int(x.shape[0]), index % int(x.shape[0]) + 1)
            return call.op("select", x, index=index, axis=axis)
        sizes = literal_sizes(index)
        if len(sizes) != 1:
            raise call.refused("positions that the data chooses are not read")
        return call.op("gather", x, count=sizes[0], axis=axis)


class RepeatedOperation(OperationClass):
    """Axes several times."""

    names = ("Repeat", "Tile", "BroadcastTo")
    signature = "repeats=None, axis=None, shape=None"

    def write(self, call: Call) -> Value:
        settings, x = call.settings, call.in_order(call.x)
        kind = call.layer.class_name
        if kind == "Repeat":
            axis = call.spec_axis(x, settings.axis("axis", x.rank))
            times = settings.count("repeats")
            return x if times == 1 else call.op("repeat", x, times=times, axis=axis, mode=Word("each"))
        if kind == "Tile":
            times_each = list(settings.numbers("repeats", 1))
            times_each = [1] * (x.rank - len(times_each)) + times_each
            if len(times_each) > x.rank:
                raise settings.wrong("repeats", f"{x.rank} numbers, one for each axis")
        else:
            given = settings.value("shape")
            target = [*given][1:] if isinstance(given, (list, tuple)) else []
            if len(target) != len(x.shape):
                raise settings.wrong("shape", "as many sizes as arrive, with the batch")
            times_each = [1]
            for size, n in zip(target, x.shape, strict=True):
                if size in (None, -1) or size == n:
                    times_each.append(1)
                elif isinstance(size, int) and n == 1:
                    times_each.append(size)
                else:
                    raise settings.wrong("shape", "as what arrives, besides axes of one position")
        if times_each[0] != 1:
            raise settings.refused("repeats", "the batch several times is not read")
        for axis, times in enumerate(times_each[1:]):
            if times > 1:
                x = call.op("repeat", x, times=times, axis=axis)
        return x


class PaddedOperation(OperationClass):
    """A rim round the axes."""

    names = ("Pad",)
    signature = "pad_width, mode='constant'"

    def write(self, call: Call) -> Value:
        settings, x = call.settings, call.in_order(call.x)
        given = settings.value("pad_width")
        rims = [_listed(one) for one in given] if isinstance(given, (list, tuple)) else []
        rims = [one * 2 if len(one) == 1 else one for one in rims]
        if len(rims) == 1:
            rims = rims * x.rank
        if len(rims) != x.rank or any(
            len(one) != 2 or any(isinstance(n, bool) or not isinstance(n, int) or n < 0 for n in one)
            for one in rims
        ):
            raise settings.wrong("pad_width", f"{x.rank} pairs, one for each axis")
        if any(rims[0]):
            raise settings.refused("pad_width", "a rim of the batch is not read")
        mode = settings.word("mode", ("constant", "reflect", "edge", "symmetric", "wrap"))
        words = {
            "constant": "zeropad",
            "reflect": "reflectpad",
            "edge": "replicatepad",
            "wrap": "circularpad",
        }
        if mode not in words:
            raise settings.refused("mode", f"{mode} is not read", f"{', '.join(words)} are")
        rims = rims[1:]
        if not any(map(any, rims)):
            return x
        letters = " ".join("abcdefghijk"[: len(x.shape)])
        turned = any(rims[-1]) or len(rims) == 1
        if turned:
            x = call.op("rearrange", x, part="axes", pattern=f"{letters} -> {letters} 1")
        else:
            rims = rims[:-1]
        attributes: dict[str, Any] = {}
        value = call.argument(1, "constant_values")
        if mode == "constant" and value is not None:
            attributes["value"] = operand(call, value)
        sides = [side for pair in rims for side in pair]
        pad = sides[0] if len(set(sides)) == 1 else Size(tuple(sides))
        put_out = call.op(words[mode], x, pad=pad, **attributes)
        return call.op("rearrange", put_out, pattern=f"{letters} 1 -> {letters}") if turned else put_out


class MovedOperation(OperationClass):
    """Positions moved on, or in the opposite order."""

    names = ("Roll", "Flip")
    signature = "shift=0, axis=None"

    def write(self, call: Call) -> Value:
        settings, x = call.settings, call.in_order(call.x)
        if settings.value("axis") is None:
            raise settings.refused("axis", "all axes, the batch too, are not read")
        axes = [
            call.spec_axis(x, settings.axis_of("axis", one, x.rank))
            for one in _listed(settings.value("axis"))
        ]
        if call.layer.class_name == "Flip":
            for axis in axes:
                x = call.op("flip", x, axis=axis)
            return x
        shifts = _listed(settings.value("shift"))
        if len(shifts) == 1:
            shifts = shifts * len(axes)
        if len(shifts) != len(axes) or any(isinstance(n, bool) or not isinstance(n, int) for n in shifts):
            raise settings.wrong("shift", "a number for each axis")
        if len(x.shape) - 1 in axes:
            raise settings.refused("axis", "channels that are moved on are not read")
        each = [0] * (len(x.shape) - 1)
        for axis, shift in zip(axes, shifts, strict=True):
            each[axis] += shift
        return call.op("roll", x, shift=each[0] if len(set(each)) == 1 else Size(tuple(each)))


class WindowsOperation(OperationClass):
    """Pools over windows."""

    names = ("MaxPool", "AveragePool")
    signature = "pool_size, strides=None, padding='valid', data_format=None"

    def write(self, call: Call) -> Value:
        settings = call.settings
        x = call.channels_last(call.x, settings.channels_first())
        axes = len(x.shape) - 1
        kernel = settings.sizes("pool_size", axes)
        strides = kernel if settings.value("strides") is None else settings.sizes("strides", axes)
        same = settings.word("padding", ("valid", "same")) == "same"
        average = call.layer.class_name == "AveragePool"
        return call.op(
            "avgpool" if average else "maxpool",
            x,
            kernel=per_axis(kernel),
            stride=None if strides == kernel else per_axis(strides),
            pad=Word("same") if same else None,
            count_pad=False if same and average else None,
        )


class UnitLengthOperation(OperationClass):
    """Vectors that are divided by their lengths."""

    names = ("Normalize",)
    signature = "axis=-1, order=2, epsilon=None"

    def write(self, call: Call) -> Value:
        settings, x = call.settings, call.in_order(call.x)
        if settings.value("order") != 2:
            raise settings.refused("order", "a length of another order than 2 is not read")
        axes = [settings.axis_of("axis", one, x.rank) for one in _listed(settings.value("axis"))]
        return unit_length(call, x, sorted([call.spec_axis(x, axis) for axis in axes]))
