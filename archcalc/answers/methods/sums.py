"""Totals of a network: a count a layer, added up."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from ...arithmetic import Expression, Number, product, symbol, total
from ..working import Line, Working, lifted
from .base import Method
from .counts import Count


class Part(NamedTuple):
    """What one layer adds. ``kind`` is ``conv``, ``fc``, ``norm``, ``input`` or ``other``."""

    name: str
    kind: str
    method: Count


class Sum(Method):
    """The sum over layers.

    times      multiply the whole; with ``batch`` the first of them is the number of images
    elsewhere  what may be added by mistake: pooling layers, or the volumes of all layers where some
               live at once
    shared     layers whose parameters are another's, and so counted there
    learned    of memory: the parameters of the layers, in bytes
    """

    __slots__ = ("quantity", "parts", "times", "elsewhere", "batch", "shared", "learned")

    def __init__(
        self, quantity: str, parts: Sequence[Part], times: Sequence[Number] = (),
        elsewhere: Sequence[Part] = (),
    ):  # fmt: skip
        self.elsewhere = tuple(elsewhere)
        self.batch = False
        self.shared: tuple[Part, ...] = ()
        self.learned: tuple[Part, ...] = ()
        self.quantity = quantity
        self.parts = tuple(parts)
        self.times = tuple(times)

    def each(self, change: Callable[[Count], Count | None]) -> Sum | None:
        """Every count changed to which the change applies; None where it does to none."""
        parts, changed = [], False
        for part in self.parts:
            count = change(part.method)
            if count is not None and count.value is None:
                count = None
            changed = changed or count is not None
            parts.append(part if count is None else part._replace(method=count))
        return self.but(parts=tuple(parts)) if changed else None

    def keeping(self, keep: Callable[[Part], bool]) -> Sum | None:
        """Only some parts; None where that is all or none."""
        parts = tuple([part for part in self.parts if keep(part)])
        return self.but(parts=parts) if 0 < len(parts) < len(self.parts) else None

    def multiplied(self, number: Number) -> Sum:
        """So many times the whole."""
        return self.but(times=(number, *self.times))

    @property
    def value(self) -> int | None:
        values = [part.method.value or 0 for part in self.parts]
        found = int(product([sum(values), *[_plain(n) for n in self.times]]))
        return found if found > 0 else None

    @property
    def working(self) -> Working:
        terms = [symbol(part.name, part.method.value or 0) for part in self.parts]
        made = lifted(total([term for term in terms if term.value]))
        return Working([Line("", lifted(product([*self.times, made])))], self.value)


def _plain(number: Number) -> int:
    return int(number.value if isinstance(number, Expression) else number)
