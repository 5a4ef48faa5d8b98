"""How many positions and channels a layer puts out, by the formula of a textbook."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ...analysis.formula import Reader
from ...arithmetic import Expression, Number, product, value_of
from ...ops.attributes import OpError
from ...ops.base import Op
from ...ops.tracing import AXES, trace
from ...ops.volume import Volume
from ...ops.window import Window
from ...shape import Shape
from ..working import Named, Working, WorkingLine, lifted, unnamed
from .base import Method


class VolumeMethod(Volume, Method):
    """The output of a layer as the op states it, so that it can be changed and written down.

    pools   the layer pools
    stride_stated  the stride is not just the size of the window, as that of a pool is by default
    states  it is the states of all steps of a recurrent layer
    tokens  the axes of the sequence that the layer flattens
    """

    pools = False
    stride_stated = True
    states = False
    tokens: tuple[Window, ...] = ()

    @classmethod
    def of(cls, stated: Volume, **changes: Any) -> VolumeMethod:
        """The method for the volume that an op states, with some fields changed."""
        method = object.__new__(cls)
        method.__dict__.update(stated.__dict__, **changes)
        return method

    def flattened(self, flat: Sequence[Number]) -> VolumeMethod:
        """The volume with other factors of what is flattened."""
        return self.but(flat=tuple(flat), channels=product(flat))

    @property
    def stepped(self) -> bool:
        """Whether a window moves by more than one position."""
        return any(value_of(window.stride) != 1 for window in self.windows)

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
        for letter, size in zip(_letters(len(self.windows)), self.sizes, strict=True):
            made = lifted(size)
            if any(line.made.numbers == made.numbers for line in lines):
                continue
            lines.append(WorkingLine(f"{letter}o", made))
        if len(lines) == 1:
            lines = [WorkingLine("", lines[0].made)]
        lines.append(WorkingLine("channels" if self.windows else "", lifted(self.channels)))
        return Working(lines, self.value)


def volume_of(
    op: Op, inputs: Sequence[Shape], named: Named = unnamed, lettered: Lettered | None = None
) -> VolumeMethod | None:
    """The method for the output of a layer; None where the op states none. ``lettered`` is the layer with
    names, where it is there already."""
    try:
        stated = op.facts(tuple(inputs)).volume
    except OpError:  # shapes that a student believes in, and the op refuses
        try:
            stated = op.volume(*inputs)
        except OpError:
            return None  # shapes of which nothing comes at all
    if stated is None:
        return None
    windows, lost = stated.windows, stated.lost
    own_size = op.pools and stated.slides and all(w.stride == w.kernel for w in windows)
    if named is unnamed:
        made = tuple([window.textbook for window in windows])
        return VolumeMethod.of(stated, windows=made, pools=op.pools, stride_stated=not own_size)
    volume = _volume(op, lettered or letter(op, inputs, named))
    letters = _letters(max(len(windows), len(lost)))
    pairs = zip(windows, volume.windows, letters, strict=False)
    return VolumeMethod.of(
        volume,
        windows=tuple([(w if w.has_kernel else made).lettered(named, axis) for w, made, axis in pairs]),
        lost=tuple([w.lettered(named, axis) for w, axis in zip(lost, letters, strict=False)]),
        pools=op.pools,
        stride_stated=not own_size,
    )


# An op and the shapes that arrive, their numbers with names.
Lettered = tuple[Op, tuple[Shape, ...]]


def letter(op: Op, inputs: Sequence[Shape], named: Named) -> Lettered:
    """Give the numbers of a layer names, one for all axes."""

    def name(letter: str, number: int) -> Number:
        bare = letter.rstrip("0123456789")
        return named(letter if len(inputs) > 1 and bare == "C" else bare, number)

    return trace(op, tuple(inputs), name)


def _volume(op: Op, lettered: Lettered) -> Volume:
    """Return the volume that an op states for numbers with names. Options that are left alone are no part
    of it."""
    traced, shapes = lettered
    made = traced.volume(*shapes)
    assert made is not None
    if not isinstance(made.channels, Expression):
        return made
    options = op.attributes.items()
    alone = [option.symbol or key for key, option in options if op.argument(key) == option.default]
    return made.but(channels=Reader({}, alone)(made.channels))


def _letters(count: int) -> tuple[str, ...]:
    """Names of the sizes along ``count`` axes."""
    return AXES.get(count, tuple([f"N{axis}" for axis in range(1, count + 1)]))
