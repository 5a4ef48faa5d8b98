"""Totals of a network: the counts of its layers, added up."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from ...arithmetic import Expression, Number, product, symbol, total
from ..working import Working, WorkingLine, lifted
from .base import Method
from .counts import CountMethod


class Addend(NamedTuple):
    """The part of a sum that one layer adds. ``kind`` is ``conv``, ``fc``, ``norm``, ``input`` or
    ``other``."""

    name: str
    kind: str
    method: CountMethod


class Sum(Method):
    """The sum over layers.

    times      numbers that multiply the whole
    batch      whether the first of these is the number of images
    elsewhere  what may be added by mistake: pooling layers, or the volumes of all layers where some
               live at once
    shared     layers whose parameters are another's, and so counted there
    learned    of memory: the parameters of the layers, in bytes
    """

    def __init__(
        self,
        quantity: str,
        parts: Sequence[Addend],
        times: Sequence[Number] = (),
        elsewhere: Sequence[Addend] = (),
    ):
        self.elsewhere = tuple(elsewhere)
        self.batch = False
        self.shared: tuple[Addend, ...] = ()
        self.learned: tuple[Addend, ...] = ()
        self.quantity = quantity
        self.times = tuple(times)
        self._parts: tuple[Addend, ...] | None = tuple(parts)
        # The sum that this one was made of, and by what each of its counts was replaced: the parts
        # themselves are made when somebody looks at them.
        self._from: tuple[Sum, dict[int, CountMethod]] | None = None
        self._groups: list[tuple[CountMethod, int]] | None = None

    @property
    def parts(self) -> tuple[Addend, ...]:
        """The values that the layers add, in their order."""
        if self._parts is None:
            assert self._from is not None
            before, by = self._from
            self._parts = tuple([part._replace(method=by[id(part.method)]) for part in before.parts])
        return self._parts

    def but(self, **changes: Any) -> Sum:
        """A copy with other values of some fields, ``parts`` among them."""
        if "parts" in changes:
            parts = tuple(changes.pop("parts"))
            changes = {**changes, "_parts": parts, "_from": None, "_groups": None}
        return super().but(**changes)

    @property
    def groups(self) -> list[tuple[CountMethod, int]]:
        """The counts, each with the number of layers that have it: those of layers that are alike
        are one and the same."""
        if self._groups is None:
            found: dict[int, tuple[CountMethod, int]] = {}
            for part in self.parts:
                count, number = found.get(id(part.method), (part.method, 0))
                found[id(part.method)] = count, number + 1
            self._groups = list(found.values())
        return self._groups

    def each(self, change: Callable[[CountMethod], CountMethod | None]) -> Sum | None:
        """Every count changed to which the change applies; None where it does to none."""
        by: dict[int, CountMethod] = {}
        groups, changed = [], False
        for old, number in self.groups:
            count = change(old)
            if count is None or count.value is None:
                count = old
            changed = changed or count is not old
            by[id(old)] = count
            groups.append((count, number))
        return self.but(_parts=None, _from=(self, by), _groups=groups) if changed else None

    def keeping(self, keep: Callable[[Addend], bool]) -> Sum | None:
        """Only some parts; None where that is all or none."""
        parts = tuple([part for part in self.parts if keep(part)])
        return self.but(parts=parts) if 0 < len(parts) < len(self.parts) else None

    def multiplied(self, number: Number) -> Sum:
        """The sum, ``times`` times."""
        return self.but(times=(number, *self.times))

    @property
    def value(self) -> int | None:
        values = [(count.value or 0) * number for count, number in self.groups]
        found = int(product([sum(values), *[_plain(n) for n in self.times]]))
        return found if found > 0 else None

    @property
    def working(self) -> Working:
        values = {id(count): count.value or 0 for count, _ in self.groups}
        terms = [symbol(part.name, values[id(part.method)]) for part in self.parts]
        made = lifted(total([term for term in terms if term.value]))
        return Working([WorkingLine("", lifted(product([*self.times, made])))], self.value)


def _plain(number: Number) -> int:
    return int(number.value if isinstance(number, Expression) else number)
