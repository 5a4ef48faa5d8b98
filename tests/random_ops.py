"""Random ops with random attributes, on inputs that they take, for property tests."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

from hypothesis import assume
from hypothesis import strategies as st

from archcalc.ops import registry
from archcalc.ops.attributes import (
    Attribute,
    Axes,
    AxisPosition,
    Choice,
    Count,
    Flag,
    OpError,
    Padding,
    Real,
    Size,
    Text,
    Word,
)
from archcalc.ops.base import Op
from archcalc.ops.functions import NUMBER, ONE, THREE, TWO
from archcalc.ops.merging import StridedIdentity
from archcalc.ops.stated import StatedTensors, format_tensors
from archcalc.shape import Shape

# Every op that computes; what the language expands computes as what it comes to.
COMPUTING = {name: op for name, op in registry().items() if not op.expanded}
COMPUTING["shortcut"] = StridedIdentity


def values(attribute: Attribute, axes: int) -> st.SearchStrategy[Any]:
    """What a spec may give for an attribute."""
    if isinstance(attribute, Axes):
        number = st.integers(max(attribute.least, -6), 6)
        return number | st.tuples(*[number] * axes).map(Size) if axes else number
    if isinstance(attribute, AxisPosition):
        return st.integers(-1 - axes, axes + 1)
    if isinstance(attribute, Padding):
        number = st.integers(0, 3)
        given: st.SearchStrategy[Any] = number | st.sampled_from(attribute.words).map(Word)
        for count in (axes, 2 * axes) if axes else ():
            given |= st.tuples(*[number] * count).map(Size)
        return given
    if isinstance(attribute, Count):
        return st.integers(attribute.least, 12)
    if isinstance(attribute, Flag):  # names of frozen tensors change no rule
        return st.booleans()
    if isinstance(attribute, Choice):
        return st.sampled_from(attribute.words).map(Word)
    if isinstance(attribute, Real):
        return st.fractions(0, Fraction(9, 10), max_denominator=10)
    if isinstance(attribute, StatedTensors):
        names = ["gate", "scale"] if attribute.name == "buffers" else ["weight", "bias"]
        stated = st.lists(st.tuples(st.sampled_from(names), st.lists(st.integers(1, 5), max_size=3)))
        return stated.map(lambda pairs: format_tensors({name: tuple(sizes) for name, sizes in pairs}))
    assert isinstance(attribute, Text), f"no strategy for {type(attribute).__name__}"
    return st.just("aten.unknown" if attribute.required else attribute.default)


@st.composite
def layers(draw: Any, op: type[Op]) -> tuple[Op, tuple[Shape, ...]]:
    """An op with attributes, and input shapes that it takes."""
    axes = draw(st.integers(0, 3))
    sizes = tuple(draw(st.integers(1, 20)) for _ in range(axes))
    channels = draw(st.sampled_from([1, 2, 4, 6, 12]))
    given = {}
    for name, attribute in op.attributes.items():
        if attribute.required or (not attribute.rare and draw(st.booleans())):
            given[name] = draw(values(attribute, axes))
    if op.name == "conv" and draw(st.integers(0, 4)) == 0:
        given["connect"], given["groups"] = draw(tables(channels, given["filters"])), 1
    if op.name == "reshape":  # hardly any other shape would do
        shapes = [(*sizes, channels), (math.prod(sizes), channels), (*sizes[::-1], channels)]
        given["shape"] = draw(st.sampled_from([math.prod(sizes) * channels, *map(Size, shapes)]))
    if op.name == "rearrange":
        given["pattern"] = draw(patterns((*sizes, channels)))
    inputs = [Shape((*sizes, channels))]
    if op.name == "sdpa":
        inputs = draw(attended(given, sizes))
    elif op.name == "matmul":
        inputs = draw(multiplied(bool(given.get("transpose"))))
    elif op.name == "reduce":
        axes = draw(st.lists(st.integers(0, len(sizes)), min_size=1, max_size=len(sizes) + 1, unique=True))
        given["axis"] = axes[0] if len(axes) == 1 else Size(axes)
    elif op.name == "map":
        given, inputs = draw(mapped([*sizes, channels]))
    elif op.name in ("add", "mul") and draw(st.booleans()):
        inputs = draw(spread([*sizes, channels], draw(st.integers(2, 4))))
    elif op.name == "einsum":
        given["equation"], inputs = draw(summed())
    elif op.merge:
        vectors = axes and op.same_shape_as_widest
        for _ in range(draw(st.integers(1, 3))):
            other = [*sizes, channels]
            if op.name == "concat":
                other[given.get("axis", -1) % (axes + 1)] = draw(st.integers(1, 12))
            inputs.append(Shape((channels,) if vectors and draw(st.booleans()) else other))
    if op.name == "affine_grid":
        count = draw(st.integers(2, 3))
        one = draw(st.booleans())
        given["size"] = 5 if one else Size([draw(st.integers(1, 6)) for _ in range(count)])
        both = [Shape((count * (count + 1),)), Shape((count, count + 1))]
        inputs = [draw(st.sampled_from(both))]
    if op.name == "grid_sample" and axes:
        inputs.append(Shape((*[draw(st.integers(1, 6)) for _ in range(axes)], axes)))
    if op.name.endswith("_cell") and draw(st.booleans()):
        inputs = [Shape((channels,))]
        inputs += [Shape((given["units"],))] * (1 + (op.name == "lstm_cell"))
    try:
        made = op(**given)
        made.facts(tuple(inputs))
    except OpError:
        assume(False)
    return made, tuple(inputs)


@st.composite
def patterns(draw: Any, sizes: tuple[int, ...]) -> str:
    """A pattern of axes: each split into two parts or not, these in any order, and merged again."""
    before, names = [], []
    for number, n in enumerate(sizes):
        outer, inner = f"a{number}", f"b{number}"
        if draw(st.booleans()):
            part = draw(st.sampled_from([d for d in range(1, n + 1) if n % d == 0]))
            split = f"({outer} {inner}={part})", f"({outer}={n // part} {inner})"
            before.append(draw(st.sampled_from(split)))
            names += [outer, inner]
        elif n == 1 and draw(st.booleans()):
            before.append("1")
        else:
            before.append(outer)
            names.append(outer)
    after: list[list[str]] = [[]]
    for name in draw(st.permutations(names)):
        if after[-1] and draw(st.booleans()):
            after.append([])
        after[-1].append(name)
    words = [axis[0] if len(axis) == 1 else f"({' '.join(axis)})" for axis in after]
    return f"{' '.join(before)} -> {' '.join(words)}"


@st.composite
def attended(draw: Any, given: dict[str, Any], sizes: tuple[int, ...]) -> list[Shape]:
    """Tensors for heads of queries, keys and values: three, two, or one that holds them all. Puts in
    ``given`` settings that fit them."""
    groups, each = draw(st.integers(1, 2)), draw(st.integers(1, 3))
    given["heads"] = heads = groups * each
    given.pop("kv", None)
    if draw(st.booleans()):
        given["kv"] = groups
    kv = given.get("kv", heads)
    length = draw(st.integers(1, 3))
    for name in ("window", "grid"):
        if name in given:
            fitting = [draw(st.sampled_from([d for d in range(1, n + 1) if n % d == 0])) for n in sizes]
            given[name] = Size(fitting) if sizes else 1
    count = draw(st.integers(1, 3))
    if count == 1:
        return [Shape((*sizes, (heads + 2 * kv) * length))]
    value = draw(st.integers(1, 3))
    other = sizes
    if sizes and not {"window", "grid"} & given.keys():
        other = tuple(draw(st.integers(1, 6)) for _ in range(draw(st.integers(1, 2))))
    widths = [kv * length, kv * value] if count == 3 else [kv * (length + value)]
    return [Shape((*sizes, heads * length)), *[Shape((*other, width)) for width in widths]]


@st.composite
def mapped(draw: Any, sizes: list[int]) -> tuple[dict[str, Any], list[Shape]]:
    """A function, and as many numbers and tensors as it takes."""
    tables = [(1, 0, ONE), (1, 1, NUMBER), (2, 0, TWO), (3, 0, THREE)]
    tensors, numbers, table = draw(st.sampled_from(tables))
    given = {"function": Word(draw(st.sampled_from(sorted(table))))}
    if (given["function"], tensors) == ("lerp", 2):
        numbers = 1
    if numbers:
        given["a"] = draw(st.fractions(0, 3, max_denominator=4))
        if draw(st.integers(0, 4)) == 0:
            given = {"function": Word("clamp"), "a": given["a"], "b": given["a"] + 1}
            tensors = 1
    return given, draw(spread(sizes, tensors))


@st.composite
def spread(draw: Any, sizes: list[int], count: int) -> list[Shape]:
    """Shapes that go together: some axes of one position, some axes in front left out."""
    found = []
    for _ in range(count):
        shape = [draw(st.sampled_from([n, n, 1])) for n in sizes]
        found.append(Shape(shape[draw(st.integers(0, len(sizes) - 1)) if draw(st.booleans()) else 0 :]))
    return found


@st.composite
def multiplied(draw: Any, transpose: bool) -> list[Shape]:
    """Two tensors whose last two axes are matrices that can be multiplied."""
    n, k, m, h = (draw(st.integers(1, 5)) for _ in range(4))
    fronts: list[tuple[int, ...]] = [(), (h,), (1,), (2, h), (2, 1), (1, h)]
    a, b = (draw(st.sampled_from(fronts)) for _ in range(2))
    return [Shape((*a, n, k)), Shape((*b, m, k) if transpose else (*b, k, m))]


@st.composite
def summed(draw: Any) -> tuple[str, list[Shape]]:
    """An equation, and tensors that it fits, some of them with axes of one position."""
    sizes = {letter: draw(st.integers(1, 4)) for letter in "abcde"}
    rows = [draw(st.permutations("abcde"))[: draw(st.integers(1, 4))] for _ in range(draw(st.integers(1, 3)))]
    every = draw(st.permutations(sorted({letter for row in rows for letter in row})))
    made = every[: draw(st.integers(1, min(4, len(every))))]
    equation = ",".join(map("".join, rows)) + "->" + "".join(made)
    return equation, [Shape([draw(st.sampled_from([sizes[at], sizes[at], 1])) for at in row]) for row in rows]


def tables(maps: int, filters: int) -> st.SearchStrategy[str]:
    """A connection table."""
    row = st.text("01", min_size=filters, max_size=filters)
    return st.lists(row, min_size=maps, max_size=maps).map(" ".join).filter(lambda t: "1" in t)
