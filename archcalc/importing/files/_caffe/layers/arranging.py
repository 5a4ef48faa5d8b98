"""Layers that put values together, take them apart, and give them other shapes.

Sources: the layers of these names in src/caffe/layers/ of https://github.com/BVLC/caffe.
"""

from __future__ import annotations

from fractions import Fraction
from math import prod

from .....ops.attributes import Size, Word
from ..blobs import Blob
from ..calls import CaffeCall
from ..messages import decimals
from ..vocabulary import LayerType


def in_one_order(call: CaffeCall, blobs: list[Blob]) -> list[Blob]:
    """Return blobs whose axes stand in the spec as those of the first. Raises SpecError."""
    first = blobs[0]
    if len({len(blob.axes) for blob in blobs}) > 1 or len({blob.axes.index(None) for blob in blobs}) > 1:
        raise call.refused(f"blobs of other axes: {', '.join(blob.text for blob in blobs[:6])}")
    if len({blob.axes for blob in blobs}) > 1:
        return [call.map(blob) if first.axes[0] is None else call.plain(blob) for blob in blobs]
    return blobs


class Concatenation(LayerType):
    """Blobs side by side along an axis."""

    types = ("Concat",)
    param = "concat_param"

    def write(self, call: CaffeCall) -> Blob:
        blobs = in_one_order(call, call.blobs)
        name = "concat_dim" if call.settings.all("concat_dim") else "axis"
        at = call.place(blobs[0], call.axis(blobs[0], name))
        if len(blobs) == 1:
            return call.op("identity", blobs[0])
        return call.op("concat", *blobs, axis=None if at == len(blobs[0].written.output) - 1 else at)


class Slices(LayerType):
    """A blob taken apart along an axis: at given points, or in equal parts."""

    types = ("Slice",)
    param = "slice_param"

    def write(self, call: CaffeCall) -> list[Blob]:
        settings, x, tops = call.settings, call.x, call.layer.tops
        axis = call.axis(x, "slice_dim" if settings.all("slice_dim") else "axis")
        at = call.place(x, axis)
        whole = x.written.output[at]
        what = "channels" if axis == 1 else f"positions of axis {axis}"
        points = settings.numbers("slice_point", 1)
        if not points:
            if whole % len(tops):
                raise call.refused(f"{whole} {what} make no {len(tops)} equal parts")
            points = [whole // len(tops) * part for part in range(1, len(tops))]
        edges = [0, *points, whole]
        if len(edges) != len(tops) + 1 or sorted(set(edges)) != edges:
            raise call.refused(
                f"{len(tops)} tops of {whole} {what} have the slice points {points}", "slice_point"
            )
        made = []
        for top, begin, end in zip(tops, edges, edges[1:], strict=False):
            part = "" if len(tops) == 1 else top
            if at == len(x.written.output) - 1:
                made.append(call.op("take", x, part=part, channels=end - begin, offset=begin))
            else:
                made.append(call.op("slice", x, part=part, start=begin, stop=end, axis=at))
        return made


class Split(LayerType):
    """The same blob several times: no layer of its own."""

    types = ("Split",)

    def write(self, call: CaffeCall) -> list[Blob]:
        return [call.x for _ in call.layer.tops]


class ElementwiseSum(LayerType):
    """Sums with factors, products and the largest of several blobs, value by value."""

    types = ("Eltwise",)
    param = "eltwise_param"

    def write(self, call: CaffeCall) -> Blob:
        kind = call.settings.word("operation", ("PROD", "SUM", "MAX"), "SUM")
        if len(call.blobs) < 2:
            raise call.refused(
                "it reads two blobs or more, and one arrives", call.layer.message.place("bottom")
            )
        blobs = in_one_order(call, call.blobs)
        if len({blob.sizes for blob in blobs}) > 1:
            message = f"blobs of several sizes: {', '.join(blob.text for blob in blobs[:6])}"
            raise call.refused(message, call.layer.message.place("bottom"))
        if kind == "MAX":
            made = blobs[0]
            for number, blob in enumerate(blobs[1:], start=2):
                made = call.op(
                    "map", made, blob, part="" if number == len(blobs) else f"{number}", function=Word("max")
                )
            return made
        if kind == "PROD":
            return call.op("mul", *blobs)
        factors = decimals(call.settings, "coeff") or [Fraction(1)] * len(blobs)
        if len(factors) != len(blobs):
            raise call.refused(f"{len(blobs)} blobs have {len(factors)} factors", "coeff")
        if factors == [1, -1]:
            return call.op("map", *blobs, function=Word("sub"))
        weighted = [
            blob if factor == 1 else call.op("times", blob, part=f"times{number}", factor=factor)
            for number, (blob, factor) in enumerate(zip(blobs, factors, strict=True), 1)
        ]
        return call.op("add", *weighted)


class Flattening(LayerType):
    """Several axes, one after the other, as one."""

    types = ("Flatten",)
    param = "flatten_param"

    def write(self, call: CaffeCall) -> Blob:
        x = call.x
        first, last = call.axis(x), call.axis(x, "end_axis", -1)
        if first > last:
            raise call.refused(f"`end_axis` {last} lies before `axis` {first}", "end_axis")
        if first == last:
            return call.op("identity", x)
        if None in x.axes[first : last + 1]:
            raise call.refused("the batch is put together with other axes", "axis")
        inside = len(x.written.output)
        usual = x.axes == (None, inside - 1, *range(inside - 1))
        if usual and first == 1 and last == len(x.axes) - 1:
            return call.op("flatten", x, axes=(None, 0))
        x = call.plain(x)
        names = [f"a{at}" for at in range(len(x.axes))]
        left = [name for name, place in zip(names, x.axes, strict=True) if place is not None]
        together = f"({' '.join(names[first : last + 1])})"
        right = [
            *[name for name in left if name in names[:first]],
            together,
            *[name for name in left if name in names[last + 1 :]],
        ]
        return call.op(
            "rearrange",
            x,
            axes=_behind_batch(x.axes.index(None), len(x.axes) - (last - first)),
            pattern=f"{' '.join(left)} -> {' '.join(right)}",
        )


def _behind_batch(batch: int, rank: int) -> tuple[int | None, ...]:
    """Axes in Caffe's order, the batch at a place."""
    return tuple([None if at == batch else at - (at > batch) for at in range(rank)])


class Reshaping(LayerType):
    """The same values in other sizes: 0 is a size that stays, and -1 the one that is left."""

    types = ("Reshape",)
    param = "reshape_param"

    def write(self, call: CaffeCall) -> Blob:
        x, settings = call.x, call.settings
        dims = settings.message("shape").numbers("dim", -1)
        if not dims:
            raise call.refused("it has no shape", settings.span)
        if dims.count(-1) > 1:
            raise call.refused("more than one size is left open", settings.message("shape").place("dim"))
        first = settings.number("axis", 0, -32)
        first += len(x.axes) + 1 if first < 0 else 0
        count = settings.number("num_axes", -1, -1)
        end = len(x.axes) if count == -1 else first + count
        if not 0 <= first <= end <= len(x.axes):
            raise call.refused(f"{x.text} has no such axes", "axis")
        place = settings.message("shape").place("dim")
        wanted: list[int | None] = [*x.sizes[:first]]
        for at, dim in enumerate(dims):
            if dim == 0 and first + at >= len(x.axes):
                raise call.refused(f"{x.text} has no axis {first + at} to keep the size of", place)
            wanted.append(x.sizes[first + at] if dim == 0 else dim)
        wanted += x.sizes[end:]
        batch = x.axes.index(None)
        apart = f"{x.text} cannot take the sizes {dims[:20]} without taking the batch apart"
        if None not in wanted:
            # The batch is what is left open, or it has the size that the inputs state.
            if batch >= len(wanted) or wanted[batch] not in (-1, call.batch):
                raise call.refused(apart, place)
            wanted[batch] = None
        if wanted.index(None) != batch or wanted[:batch] != [*x.sizes[:batch]]:
            raise call.refused(apart, place)
        values = x.written.output.values
        known = prod(size for size in wanted if size is not None and size != -1)
        if -1 in wanted:
            if values % known:
                raise call.refused(f"{values:,} values make no whole number of {known:,}", place)
            wanted[wanted.index(-1)] = values // known
        elif known != values:
            raise call.refused(f"{values:,} values cannot take the sizes {dims[:20]}", place)
        return _reshaped(call, x, [size for size in wanted if size is not None], batch)


def _reshaped(call: CaffeCall, x: Blob, sizes: list[int], batch: int) -> Blob:
    inside = len(x.written.output)
    if len(sizes) == 1 and x.axes == (None, inside - 1, *range(inside - 1)):
        return call.op("flatten", x, axes=(None, 0)) if inside > 1 else call.op("identity", x)
    x = call.plain(x)
    if batch == 0 and inside == 1 and len(sizes) > 2:
        # A vector becomes a map, its channels behind as ops read it.
        names = [f"{'abcdefgh'[at]}={size}" for at, size in enumerate(sizes)]
        plain = [name[0] for name in names]
        pattern = f"({' '.join(names)}) -> {' '.join([*plain[1:], plain[0]])}"
        return call.op("rearrange", x, axes=(None, len(sizes) - 1, *range(len(sizes) - 1)), pattern=pattern)
    return call.op("reshape", x, axes=_behind_batch(batch, len(sizes) + 1), shape=Size(tuple(sizes)))


class Permutation(LayerType):
    """Axes in another order: the values stay where they are until a layer needs them otherwise."""

    types = ("Permute",)
    param = "permute_param"

    def write(self, call: CaffeCall) -> Blob:
        x = call.x
        order = call.settings.numbers("order", 0)
        order += [at for at in range(len(x.axes)) if at not in order]
        if sorted(order) != [*range(len(x.axes))]:
            raise call.refused(f"{order} is no order of the axes of {x.text}", "order")
        return call.op("identity", x, axes=tuple([x.axes[at] for at in order]))


class Cropping(LayerType):
    """A part as large as a second blob, from an axis on."""

    types = ("Crop",)
    param = "crop_param"

    def write(self, call: CaffeCall) -> Blob:
        if len(call.blobs) != 2:
            raise call.refused(f"it reads two blobs, and {len(call.blobs)} arrive")
        x, other = call.map(call.blobs[0]), call.map(call.blobs[1])
        if len(x.axes) != len(other.axes):
            raise call.refused(f"{x.text} is cut to {other.text}, which has other axes")
        first = call.axis(x, "axis", 2)
        axes = range(max(first, 1), len(x.axes))
        given = call.settings.numbers("offset", 0) or [0]
        if len(given) not in (1, len(x.axes) - first):
            raise call.refused(f"{len(given)} offsets for {len(x.axes) - first} axes", "offset")
        offsets = dict(
            zip(range(first, len(x.axes)), given * (len(x.axes) if len(given) == 1 else 1), strict=False)
        )
        for axis in axes:
            size, wanted = x.sizes[axis] or 0, other.sizes[axis] or 0
            if offsets[axis] + wanted > size:
                raise call.refused(
                    f"{wanted} of {size} positions of axis {axis} from {offsets[axis]} on are not there",
                    "offset",
                )
        if 2 in axes:
            places = [offsets[axis] for axis in range(2, len(x.axes)) if axis in axes]
            if len(places) == len(x.axes) - 2:
                x = call.cropped(x, other, places)
                axes = range(first, min(2, len(x.axes))) if first == 1 else range(0)
        for axis in axes:
            if x.sizes[axis] != other.sizes[axis]:
                begin, size = offsets[axis], other.sizes[axis] or 0
                x = call.op("slice", x, part="", start=begin, stop=begin + size, axis=call.place(x, axis))
        return x if x.written is not call.blobs[0].written else call.op("identity", x)


class Tiling(LayerType):
    """A blob several times along an axis."""

    types = ("Tile",)
    param = "tile_param"

    def write(self, call: CaffeCall) -> Blob:
        times = call.settings.number("tiles", 0)
        if not times:
            raise call.refused("it has no tiles", call.settings.span)
        return call.op("repeat", call.x, times=times, axis=call.place(call.x, call.axis(call.x)))


class ShuffledChannels(LayerType):
    """Channels exchanged between groups, as ShuffleNet has them."""

    types = ("ShuffleChannel",)
    param = "shuffle_channel_param"

    def write(self, call: CaffeCall) -> Blob:
        return call.op("channel_shuffle", call.map(call.x), groups=call.settings.number("group", 1, 1))
