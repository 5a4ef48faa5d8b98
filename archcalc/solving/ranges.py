"""Values that are given for what is asked for: ``--set width=0.25..1:0.05``, ``--set filters={8, 16}``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from ..diagnostics import fail
from ..language.definitions import Net
from ..language.syntax import Literal
from ..language.unknowns import INPUT, Query, Unknown, of_parameter
from ..sweeping.values import is_many, read_values
from .input_sizes import MOST


class AskedSettings:
    """The settings of a call: those with one value, and those that are asked for.

    fixed   those with one value
    asked   those that are asked for, in their order
    written  all of them, as they were given
    """

    def __init__(self, given: Mapping[str, Any]):
        self.written = dict(given)
        self._values = {
            name: read_values(name, text)
            for name, text in given.items()
            if isinstance(text, str) and is_many(text)
        }
        self.asked = [name for name, value in given.items() if name in self._values or value == "?"]
        self.fixed = {name: value for name, value in given.items() if name not in self.asked}

    def for_a_module(self) -> dict[str, Any]:
        """All settings, with a ``?`` for what is asked for."""
        return {**self.written, **dict.fromkeys(self.asked, "?")}

    def narrow(self, unknowns: Sequence[Unknown], query: Query | None = None) -> None:
        """Look at the values that are given for some unknowns, and at no others; those are settled then."""
        for unknown in unknowns:
            called = [unknown.name, query.full_names.get(unknown.name, "") if query is not None else ""]
            name = next((name for name in called if name in self.asked), None)
            if name is None:
                continue
            self._settle(name)
            if name in self._values:
                unknown.values = _nearest_first(self._values[name], unknown.values[0])
                unknown.growing, unknown.step = False, None

    def of_net(self, net: Net, up_to: int | None) -> list[Unknown]:
        """What is asked for of a network. Raises SpecError."""
        return [self._parameter(net, name, up_to) for name in self.asked]

    def _parameter(self, net: Net, name: str, up_to: int | None) -> Unknown:
        found = next((p for p in net.parameters if p.name == name), None)
        if name not in self._values or found is None:
            return of_parameter(net, name, up_to)
        default = found.default.value if isinstance(found.default, Literal) else None
        return Unknown(name, _nearest_first(self._values[name], default), False, None, None)

    def input_of(self, net: Net, given: Any, up_to: int | None) -> tuple[str, list[int]] | None:
        """How the input is written where its height and width are asked for by its name, and the sizes
        that are looked at, those first that are nearest to the declared one; else None. Raises SpecError."""
        if INPUT not in self.asked or any(p.name == INPUT for p in net.parameters):
            return None
        head = net.inputs[0]
        if given is not None or len(net.inputs) != 1 or len(head.sizes) < 2:
            raise fail("argument", f"`{INPUT}` is the height and width of one input", 'as in --input "?x?x3"')
        self._settle(INPUT)
        sizes = list(self._values.get(INPUT, range(1, (up_to or MOST) + 1)))
        wrong = [size for size in sizes if type(size) is not int or size < 1]
        if wrong:
            raise fail("argument", f"`{INPUT}` is a height and width, not {wrong[0]}")
        written = "x".join(["?"] * (len(head.sizes) - 1) + [str(head.sizes[-1])])
        return written, _nearest_first(sizes, head.sizes[0])

    def _settle(self, name: str) -> None:
        self.asked.remove(name)
        del self.written[name]


def _nearest_first(values: Sequence[Any], middle: Any) -> list[Any]:
    """Numbers by their distance from the usual one, then what is no number, as it was given."""
    numbers = [value for value in values if _is_number(value)]
    others = [value for value in values if not _is_number(value)]
    if _is_number(middle):
        numbers.sort(key=lambda value: (abs(value - middle), value))
    return [*numbers, *others]


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, Fraction)) and not isinstance(value, bool)
