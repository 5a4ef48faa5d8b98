"""Sizes of parts of tensors, of copies, and of tensors side by side."""

from __future__ import annotations

from itertools import pairwise
from math import ceil

from .pointwise import promoted
from .tensors import OperationError, RuleArguments, Shaped, axis, broadcast, listed, sizes_of, written


@sizes_of("cat", "concat", "concatenate")
def joined(name: str, given: RuleArguments) -> Shaped:
    # A tensor of no values along its one axis goes with any others.
    tensors: list[Shaped] = [t for t in given["tensors"] if t.sizes != (0,)]
    if not given["tensors"]:
        raise OperationError("there are no tensors to join")
    dtype = promoted([*given["tensors"]])
    if not tensors:
        return Shaped((0,), dtype)
    first = tensors[0]
    at = axis(given["dim"], len(first.sizes))
    if not first.sizes:
        raise OperationError("tensors without axes are joined by stack")
    for other in tensors[1:]:
        both = f"{written(first.sizes)} and {written(other.sizes)}"
        if len(other.sizes) != len(first.sizes):
            raise OperationError(f"{both} have not as many axes")
        for n, (mine, its) in enumerate(zip(first.sizes, other.sizes, strict=True)):
            if n != at and mine != its:
                raise OperationError(
                    f"{both} cannot be joined along axis {at}: axis {n} has {mine} and {its} positions"
                )
    total = sum([t.sizes[at] for t in tensors])
    return Shaped((*first.sizes[:at], total, *first.sizes[at + 1 :]), dtype)


@sizes_of("stack")
def stacked(name: str, given: RuleArguments) -> Shaped:
    tensors: list[Shaped] = list(given["tensors"])
    if not tensors:
        raise OperationError("there are no tensors to join")
    first = tensors[0].sizes
    for other in tensors[1:]:
        if other.sizes != first:
            raise OperationError(f"{written(first)} and {written(other.sizes)} cannot be stacked")
    at = axis(given["dim"], len(first) + 1)
    return Shaped((*first[:at], len(tensors), *first[at:]), promoted(tensors))


def _with(x: Shaped, at: int, size: int) -> Shaped:
    """A part along an axis."""
    return x.seen((*x.sizes[:at], size, *x.sizes[at + 1 :]), x.strides)


def _without(x: Shaped, at: int) -> Shaped:
    """One position along an axis, which goes away."""
    return x.seen((*x.sizes[:at], *x.sizes[at + 1 :]), (*x.strides[:at], *x.strides[at + 1 :]))


def _has_axes(x: Shaped) -> None:
    if not x.sizes:
        raise OperationError("a tensor of one value without axes has no parts")


def _position(index: int, size: int) -> int:
    if not -size <= index < size:
        raise OperationError(f"there is no position {index}: there are {size}")
    return index % size


@sizes_of("select")
def selected(name: str, given: RuleArguments) -> Shaped:
    x: Shaped = given["self"]
    _has_axes(x)
    at = axis(given["dim"], len(x.sizes))
    _position(given["index"], x.sizes[at])
    return _without(x, at)


@sizes_of("slice")
def sliced(name: str, given: RuleArguments) -> Shaped:
    x: Shaped = given["self"]
    _has_axes(x)
    at = axis(given["dim"], len(x.sizes))
    size, step = x.sizes[at], given["step"]
    if step < 1:
        raise OperationError(f"a step of {step} is none: PyTorch goes forwards alone")
    start, stop, _ = slice(given["start"], given["end"]).indices(size)
    count = max(0, -((start - stop) // step))
    found = _with(x, at, count)
    found.strides = tuple([step * s if n == at else s for n, s in enumerate(x.strides)])
    return found


@sizes_of("narrow")
def narrowed(name: str, given: RuleArguments) -> Shaped:
    x: Shaped = given["self"]
    _has_axes(x)
    at = axis(given["dim"], len(x.sizes))
    start, length, size = given["start"], given["length"], x.sizes[at]
    start = start + size if start < 0 else start
    if not 0 <= start <= start + length <= size:
        raise OperationError(f"{length} positions from {start} are not among {size}")
    return _with(x, at, length)


@sizes_of("chunk", "unsafe_chunk")
def chunked(name: str, given: RuleArguments) -> list[Shaped]:
    x: Shaped = given["self"]
    _has_axes(x)
    at = axis(given["dim"], len(x.sizes))
    chunks, size = given["chunks"], x.sizes[at]
    if chunks < 1:
        raise OperationError(f"{chunks} parts are none")
    each = -(-size // chunks)
    sizes = _in_steps(size, each) if each else [0] * chunks
    return _parts(x, at, sizes)


# Parts of a tensor are no more than that.
MOST_PARTS = 10_000


def _in_steps(size: int, each: int) -> list[int]:
    """Parts of so many positions, the last one of what is left. Raises OperationError where they are many."""
    if size > each * MOST_PARTS:
        raise OperationError(f"{size:,} positions in parts of {each:,} are more than {MOST_PARTS:,} parts")
    return [min(each, size - start) for start in range(0, size, each)] or [0]


def _parts(x: Shaped, at: int, sizes: list[int]) -> list[Shaped]:
    return [_with(x, at, size) for size in sizes]


@sizes_of("split", "split_with_sizes", "unsafe_split")
def split(name: str, given: RuleArguments) -> list[Shaped]:
    x: Shaped = given["self"]
    _has_axes(x)
    at = axis(given["dim"], len(x.sizes))
    wanted = given["split_size"] if "split_size" in given else given["split_sizes"]
    size = x.sizes[at]
    if isinstance(wanted, int):
        if wanted < 1 and (wanted or size):
            raise OperationError(f"parts of {wanted} positions are none")
        return _parts(x, at, _in_steps(size, wanted) if wanted else [0])
    if sum(wanted) != size or min(wanted, default=0) < 0:
        parts = " + ".join(map(str, wanted))
        raise OperationError(f"the parts {parts} are {sum(wanted)} positions, and there are {size}")
    return _parts(x, at, list(wanted))


@sizes_of("tensor_split")
def split_evenly(name: str, given: RuleArguments) -> list[Shaped]:
    x: Shaped = given["self"]
    _has_axes(x)
    at = axis(given["dim"], len(x.sizes))
    size = x.sizes[at]
    if "sections" in given:
        sections = given["sections"]
        if not 1 <= sections <= MOST_PARTS:
            raise OperationError(f"{sections} parts are not between 1 and {MOST_PARTS:,}")
        return _parts(x, at, [size // sections + (n < size % sections) for n in range(sections)])
    if "indices" not in given:
        raise OperationError("where it splits depends on values")
    ends = [0, *given["indices"], size]
    return _parts(x, at, [len(range(*slice(a, b).indices(size))) for a, b in pairwise(ends)])


@sizes_of("unbind")
def unbound(name: str, given: RuleArguments) -> list[Shaped]:
    x: Shaped = given["self"]
    _has_axes(x)
    at = axis(given["dim"], len(x.sizes))
    if x.sizes[at] > MOST_PARTS:
        raise OperationError(f"{x.sizes[at]:,} parts are more than {MOST_PARTS:,}")
    return [_without(x, at)] * x.sizes[at]


@sizes_of("expand", "broadcast_to")
def expanded(name: str, given: RuleArguments) -> Shaped:
    x: Shaped = given["self"]
    return _expanded(x, listed(given["size"]))


@sizes_of("expand_as")
def expanded_as(name: str, given: RuleArguments) -> Shaped:
    return _expanded(given["self"], list(given["other"].sizes))


def _expanded(x: Shaped, wanted: list[int]) -> Shaped:
    new = len(wanted) - len(x.sizes)
    if new < 0:
        raise OperationError(f"{written(x.sizes)} has more axes than {written(wanted)}")
    sizes, strides = [], []
    for place, size in enumerate(wanted):
        mine, apart = (x.sizes[place - new], x.strides[place - new]) if place >= new else (1, 0)
        if size == -1 and place >= new:
            size = mine
        if size < 0 or mine not in (1, size):
            raise OperationError(f"{written(x.sizes)} does not spread to {written(wanted)}")
        sizes.append(size)
        if place < new:
            # An axis in front of all lies as if it were one of the tensor, where it has one position.
            apart = 0 if size != 1 else (x.sizes[0] * x.strides[0] if x.sizes else 1)
        strides.append(0 if mine == 1 != size else apart)
    return x.seen(sizes, strides)


@sizes_of("repeat", "tile")
def repeated(name: str, given: RuleArguments) -> Shaped:
    x: Shaped = given["self"]
    times = listed(given["repeats"] if "repeats" in given else given["dims"])
    if name == "tile":
        times = [1] * (len(x.sizes) - len(times)) + times
    if len(times) < len(x.sizes):
        raise OperationError(f"{len(times)} numbers of copies are fewer than the axes of {written(x.sizes)}")
    if min(times, default=0) < 0:
        raise OperationError(f"{min(times)} copies are none")
    sizes = (1,) * (len(times) - len(x.sizes)) + x.sizes
    return x.like([n * size for n, size in zip(times, sizes, strict=True)])


@sizes_of("repeat_interleave")
def interleaved(name: str, given: RuleArguments) -> Shaped:
    times, dim = given["repeats"], given.get("dim")
    if not isinstance(times, int):
        raise OperationError("how many copies it makes depends on values")
    if times < 0:
        raise OperationError(f"{times} copies are none")
    x: Shaped = given["self"]
    if dim is None:
        return x.like((x.values * times,))
    at = axis(dim, len(x.sizes))
    return x.like((*x.sizes[:at], x.sizes[at] * times, *x.sizes[at + 1 :]))


@sizes_of("roll")
def rolled(name: str, given: RuleArguments) -> Shaped:
    x: Shaped = given["self"]
    shifts, dims = listed(given["shifts"]), listed(given["dims"])
    for dim in dims:
        axis(dim, len(x.sizes))
    if len(shifts) != len(dims) and not (len(shifts) == 1 and not dims):
        raise OperationError(f"{len(shifts)} shifts do not go along {len(dims)} axes")
    return x.like()


@sizes_of("flip")
def flipped(name: str, given: RuleArguments) -> Shaped:
    x: Shaped = given["self"]
    dims = [axis(dim, len(x.sizes)) for dim in listed(given["dims"])]
    if len(set(dims)) < len(dims):
        raise OperationError("an axis is named twice")
    return x.like()


@sizes_of("index_select")
def at_positions(name: str, given: RuleArguments) -> Shaped:
    x: Shaped = given["self"]
    index: Shaped = given["index"]
    if len(index.sizes) > 1:
        raise OperationError(f"its positions are one list, and not {written(index.sizes)}")
    at = axis(given["dim"], len(x.sizes))
    return x.like((*x.sizes[:at], index.values, *x.sizes[at + 1 :])) if x.sizes else x.like()


@sizes_of("gather")
def gathered(name: str, given: RuleArguments) -> Shaped:
    x: Shaped = given["self"]
    index: Shaped = given["index"]
    at = axis(given["dim"], len(x.sizes))
    _within(x, index, at)
    return x.like(index.sizes)


def _within(x: Shaped, index: Shaped, at: int) -> None:
    if len(index.sizes) != len(x.sizes):
        raise OperationError(f"{written(x.sizes)} and {written(index.sizes)} have not as many axes")
    for n, (size, wanted) in enumerate(zip(x.sizes, index.sizes, strict=True)):
        if n != at and wanted > size:
            raise OperationError(f"axis {n} has {size} positions, and {wanted} are asked for")


@sizes_of("take_along_dim")
def taken_along(name: str, given: RuleArguments) -> Shaped:
    x: Shaped = given["self"]
    index: Shaped = given["indices"]
    if given.get("dim") is None:
        return x.like((index.values,))
    at = axis(given["dim"], len(x.sizes))
    if len(index.sizes) != len(x.sizes):
        raise OperationError(f"{written(x.sizes)} and {written(index.sizes)} have not as many axes")
    mine = [1 if n == at else size for n, size in enumerate(x.sizes)]
    its = [1 if n == at else size for n, size in enumerate(index.sizes)]
    sizes = list(broadcast([mine, its]))
    sizes[at] = index.sizes[at]
    return x.like(sizes)


@sizes_of("index")
def indexed(name: str, given: RuleArguments) -> Shaped:
    x: Shaped = given["self"]
    indices = list(given["indices"])
    if any(index is not None and index.dtype in ("bool", "uint8") for index in indices):
        raise OperationError("how many values a mask leaves depends on values")
    if len(indices) > len(x.sizes):
        raise OperationError(f"{len(indices)} positions are more than the axes of {written(x.sizes)}")
    places = [n for n, index in enumerate(indices) if index is not None]
    if not places:
        return x.seen(x.sizes, x.strides)
    met = broadcast([indices[n].sizes for n in places])
    rest = [size for n, size in enumerate(x.sizes) if n not in places]
    together = places == list(range(places[0], places[-1] + 1))
    front = places[0] if together else 0
    return x.like((*rest[:front], *met, *rest[front:]))


@sizes_of("unfold")
def unfolded(name: str, given: RuleArguments) -> Shaped:
    x: Shaped = given["self"]
    at = axis(given["dimension"], len(x.sizes))
    size, step = given["size"], given["step"]
    if not x.sizes:
        raise OperationError("a tensor of one value without axes has no windows")
    if step < 1 or not 0 <= size <= x.sizes[at]:
        raise OperationError(
            f"windows of {size} positions, {step} apart, do not fit: there are {x.sizes[at]}"
        )
    count = (x.sizes[at] - size) // step + 1
    strides = [step * s if n == at else s for n, s in enumerate(x.strides)]
    return x.seen((*x.sizes[:at], count, *x.sizes[at + 1 :], size), (*strides, x.strides[at]))


@sizes_of("copy")
def copied(name: str, given: RuleArguments) -> Shaped:
    x: Shaped = given["self"]
    if broadcast([x.sizes, given["src"].sizes]) != x.sizes:
        raise OperationError(f"{written(given['src'].sizes)} does not go into {written(x.sizes)}")
    return x.like()


@sizes_of("ones_like", "zeros_like", "full_like", "empty_like", "rand_like", "randn_like")
def made_alike(name: str, given: RuleArguments) -> Shaped:
    x: Shaped = given["self"]
    return x.like(dtype=given.get("dtype") or "")


@sizes_of("new_zeros", "new_ones", "new_full", "new_empty")
def made_of_type(name: str, given: RuleArguments) -> Shaped:
    x: Shaped = given["self"]
    return x.like(listed(given["size"]), dtype=given.get("dtype") or "")


@sizes_of("pixel_shuffle")
def pixels_shuffled(name: str, given: RuleArguments) -> Shaped:
    x: Shaped = given["self"]
    factor = given["upscale_factor"]
    *front, channels, rows, columns = _map(x)
    if factor < 1 or channels % (factor * factor):
        raise OperationError(f"{channels} channels are not divided by {factor}*{factor}")
    return x.like((*front, channels // factor**2, rows * factor, columns * factor))


@sizes_of("pixel_unshuffle")
def pixels_unshuffled(name: str, given: RuleArguments) -> Shaped:
    x: Shaped = given["self"]
    factor = given["downscale_factor"]
    *front, channels, rows, columns = _map(x)
    if factor < 1 or rows % factor or columns % factor:
        raise OperationError(f"{rows}x{columns} positions are not divided by {factor}")
    return x.like((*front, channels * factor**2, rows // factor, columns // factor))


def _map(x: Shaped) -> tuple[int, ...]:
    if len(x.sizes) < 3:
        raise OperationError(f"it works on channels and two axes, and is given {written(x.sizes)}")
    return x.sizes


@sizes_of("channel_shuffle")
def channels_shuffled(name: str, given: RuleArguments) -> Shaped:
    x: Shaped = given["self"]
    groups = given["groups"]
    if len(x.sizes) < 3:
        raise OperationError(f"it works on channels behind the batch, and is given {written(x.sizes)}")
    if groups < 1 or x.sizes[1] % groups:
        raise OperationError(f"{x.sizes[1]} channels are not divided by {groups} groups")
    return x.like()


@sizes_of("zeros", "ones", "full", "empty", "rand", "randn")
def made(name: str, given: RuleArguments) -> Shaped:
    return Shaped(listed(given["size"]), _type(given, given.get("fill_value", 0.0)))


@sizes_of("scalar_tensor")
def made_of_number(name: str, given: RuleArguments) -> Shaped:
    return Shaped((), given.get("dtype") or "float32")


@sizes_of("arange")
def counted(name: str, given: RuleArguments) -> Shaped:
    start, end, step = given.get("start", 0), given["end"], given.get("step", 1)
    if not step or (end - start) * step < 0:
        raise OperationError(f"from {start} to {end} there are no steps of {step}")
    whole = all(isinstance(n, int) for n in (start, end, step))
    count = -((start - end) // step) if whole else ceil((end - start) / step)
    return Shaped((int(count),), _type(given, 0 if whole else 0.0))


def _type(given: RuleArguments, number: object) -> str:
    """The type that is asked for, else that of a number."""
    plain = "bool" if isinstance(number, bool) else "int64" if isinstance(number, int) else "float32"
    return given.get("dtype") or plain


@sizes_of("zero", "fill")
def overwritten(name: str, given: RuleArguments) -> Shaped:
    x: Shaped = given["self"]
    return x.like()
