"""How many positions and channels a layer puts out, by the formula of a textbook."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from ...analysis.formula import Reader, symbols
from ...arithmetic import Expression, Number, product, symbol, value_of
from ...ops.attributes import Size
from ...ops.base import Op
from ...ops.volume import VolumeMethod as Volume
from ...ops.window import Window
from ...shape import Shape
from ..working import Named, Working, WorkingLine, lifted, unnamed
from .base import Method

_LETTERS = {1: ("W",), 2: ("H", "W"), 3: ("T", "H", "W")}


class VolumeMethod(Volume, Method):
    """The output of a layer as the op states it, so that it can be changed and written down.

    pools   the layer pools
    given   the stride is not just the window's own size, as that of a pool is by default
    states  it is the states of all steps of a recurrent layer
    tokens  the axes of the sequence that the layer flattens
    """

    pools = False
    given = True
    states = False
    tokens: tuple[Window, ...] = ()

    @classmethod
    def of(cls, stated: Volume, **changes: Any) -> VolumeMethod:
        """What an op states, with some fields changed."""
        method = object.__new__(cls)
        method.__dict__.update(stated.__dict__, **changes)
        return method

    def flattened(self, flat: Sequence[Number]) -> VolumeMethod:
        """With other factors of what is flattened."""
        return self.but(flat=tuple(flat), channels=product(flat))

    @property
    def value(self) -> Shape | None:
        sizes = [*self.sizes, self.channels]
        if any(size is None or value_of(size) < 1 for size in sizes):
            return None
        return Shape([int(value_of(size)) for size in sizes])

    @property
    def working(self) -> Working:
        lines: list[WorkingLine] = []
        if any(size is None for size in self.sizes):
            return Working([], None)
        for letter, size in zip(_LETTERS.get(len(self.windows), ()), self.sizes, strict=False):
            made = lifted(size)
            if any(line.made.numbers == made.numbers for line in lines):
                continue
            lines.append(WorkingLine(f"{letter}o", made))
        if len(lines) == 1:
            lines = [WorkingLine("", lines[0].made)]
        lines.append(WorkingLine("channels" if self.windows else "", lifted(self.channels)))
        return Working(lines, self.value)


def volume_of(op: Op, inputs: Sequence[Shape], named: Named = unnamed) -> VolumeMethod | None:
    """The method for the output of a layer; None where the op states none."""
    stated = op.volume(*inputs)
    if stated is None:
        return None
    windows, lost = stated.windows, stated.lost
    pooled = op.pools and all(w.slides and w.stride == w.kernel for w in windows)
    if named is not unnamed:
        lettered = _lettered(op, inputs, named)
        pairs = zip(windows, lettered.windows, strict=True)
        windows, stated = tuple([w if w.has_kernel else made for w, made in pairs]), lettered
    letters = _letters(max(len(windows), len(lost)))
    return VolumeMethod.of(
        stated,
        windows=tuple([w.lettered(named, letter) for w, letter in zip(windows, letters, strict=False)]),
        lost=tuple([w.lettered(named, letter) for w, letter in zip(lost, letters, strict=False)]),
        pools=op.pools,
        given=not (pooled and windows),
    )


def _lettered(op: Op, inputs: Sequence[Shape], named: Named) -> Volume:
    """What the op states of numbers with names."""
    _, used = _stated_of(op, inputs, symbol, None)
    made, _ = _stated_of(op, inputs, named, used)
    return made.but(channels=Reader({})(made.channels)) if isinstance(made.channels, Expression) else made


def _stated_of(
    op: Op, inputs: Sequence[Shape], named: Named, used: Collection[str] | None
) -> tuple[Volume, Collection[str]]:
    """What the op states of named numbers: those that arrive, and those of its options that are not
    left alone and are ``used``; and the names that it uses."""
    values: dict[str, Number] = {}
    for name, attribute in op.attributes.items():
        value, letter = getattr(op, name), attribute.symbol or name
        if isinstance(value, (bool, str)) or value is None or value == attribute.default:
            continue
        if used is None or letter in used:
            several = isinstance(value, Size)
            values[name] = Size([named(letter, n) for n in value]) if several else named(letter, value)
    shapes = []
    for number, x in enumerate(inputs, 1):
        sizes = [named(letter, n) for letter, n in zip(_letters(len(x) - 1), x.spatial, strict=True)]
        shapes.append(Shape([*sizes, named(f"C{number}" if len(inputs) > 1 else "C", x.channels)]))
    made = op.with_attributes(**values).volume(*shapes)
    assert made is not None
    numbers = [made.channels, *(size for w in made.windows if not w.has_kernel for size in (w.output,))]
    return made, {name for n in numbers if isinstance(n, Expression) for name in symbols(n)}


def _letters(count: int) -> tuple[str, ...]:
    """Names of the sizes along so many axes."""
    return _LETTERS.get(count, tuple([f"N{axis}" for axis in range(1, count + 1)]))
