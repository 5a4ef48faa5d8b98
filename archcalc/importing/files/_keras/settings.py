"""The settings of a layer, each checked as it is read; a refusal names the layer and the setting."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Any

from ....diagnostics import SpecError
from .. import refused
from .description import KerasLayer

_LARGEST = 10**12
# So much of a value is shown in a message.
_SHOWN = 60


def shown(value: Any) -> str:
    """A value as a message shows it, on one short line. Of one that is nested deep only the beginning is."""
    if isinstance(value, KerasLayer):
        return f"the layer {shown(value.class_name)}"
    if isinstance(value, (list, tuple)):
        if len(value) > 8 or any(isinstance(one, (list, tuple, dict)) for one in value):
            return f"a list of {len(value)}"
        return f"[{', '.join(map(shown, value))}]"
    if isinstance(value, dict):
        return "a dictionary"
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) > 10**40:
        return "a number of more than 40 digits"
    text = "".join(one if one.isprintable() else " " for one in str(value)[: _SHOWN + 1])
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


class Settings:
    """The settings of a layer.

    Args:
        layer: The layer.
        defaults: The defaults of its class, by name; ``...`` for one without.
    """

    def __init__(self, layer: KerasLayer, defaults: Mapping[str, Any]):
        self.layer = layer
        self.defaults = defaults

    def __contains__(self, name: str) -> bool:
        return name in self.layer.config

    def value(self, name: str) -> Any:
        """Return a setting as it is given, else its default. Raises SpecError where it has none."""
        if name in self.layer.config:
            return self.layer.config[name]
        default = self.defaults.get(name, ...)
        if default is ...:
            raise self.refused(name, f"`{name}` is missing")
        return default

    def refused(self, name: str, message: str, *help: str) -> SpecError:
        """Return the error about a setting."""
        layer = self.layer
        where = f"{shown(layer.name)} ({shown(layer.class_name)}): "
        return refused(where + message, layer.place(name), *help)

    def wrong(self, name: str, expected: str) -> SpecError:
        """Return the error for a value of another kind."""
        value = self.value(name)
        given = f'"{shown(value)}"' if isinstance(value, str) else shown(value)
        return self.refused(name, f"`{name}` is {expected}, and not {given}")

    # Kinds of values ---------------------------------------------------------------------------

    def whole(self, name: str, least: int = 0) -> int:
        """Return a whole number. Raises SpecError."""
        return self._whole(name, self.value(name), least)

    def _whole(self, name: str, value: Any, least: int) -> int:
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if not isinstance(value, int) or isinstance(value, bool):
            raise self.wrong(name, "a whole number")
        if not least <= value <= _LARGEST:
            raise self.refused(name, f"`{name}` is {shown(value)}, and not between {least} and {_LARGEST:,}")
        return value

    def count(self, name: str) -> int:
        """Return a whole number that is not 0. Raises SpecError."""
        return self.whole(name, 1)

    def sizes(self, name: str, axes: int, least: int = 1) -> tuple[int, ...]:
        """Return a number for each axis; one number stands for all. Raises SpecError."""
        value = self.value(name)
        if isinstance(value, (list, tuple)):
            if len(value) != axes:
                expected = "one number" if axes == 1 else f"{axes} numbers"
                raise self.wrong(name, f"{expected}, one for each axis")
            return tuple([self._whole(name, one, least) for one in value])
        return (self._whole(name, value, least),) * axes

    def numbers(self, name: str, least: int = 0) -> tuple[int, ...]:
        """Return whole numbers, as many as there are; one alone is one. Raises SpecError."""
        value = self.value(name)
        if not isinstance(value, (list, tuple)):
            value = [value]
        return tuple([self._whole(name, one, least) for one in value])

    def flag(self, name: str) -> bool:
        """Return true or false. Raises SpecError."""
        value = self.value(name)
        if isinstance(value, int) and value in (0, 1):  # bools too
            return bool(value)
        raise self.wrong(name, "true or false")

    def word(self, name: str, choices: Iterable[str]) -> str:
        """Return one of several words, in small letters. Raises SpecError."""
        value = self.value(name)
        if isinstance(value, str) and value.lower() in choices:
            return value.lower()
        raise self.wrong(name, f"one of {', '.join(choices)}")

    def real(self, name: str) -> Fraction:
        """Return a number as it is written: 0.1 is a tenth. Raises SpecError."""
        value = self.value(name)
        if isinstance(value, bool) or not isinstance(value, (int, float, Fraction)):
            raise self.wrong(name, "a number")
        if isinstance(value, float) and not math.isfinite(value):
            raise self.wrong(name, "a finite number")
        if not -_LARGEST <= value <= _LARGEST:
            raise self.wrong(name, f"a number below {_LARGEST:,}")
        return Fraction(repr(value)) if isinstance(value, float) else Fraction(value)

    def axis(self, name: str, rank: int) -> int:
        """Return an axis, counted from 0 with the batch. Raises SpecError."""
        return self._axis(name, self.value(name), rank)

    def axis_of(self, name: str, value: Any, rank: int) -> int:
        """Return an axis that is one of several in a setting. Raises SpecError."""
        return self._axis(name, value, rank)

    def axes(self, name: str, rank: int) -> tuple[int, ...]:
        """Return axes, counted from 0 with the batch, in ascending order. Raises SpecError."""
        value = self.value(name)
        values = value if isinstance(value, (list, tuple)) else [value]
        found = sorted([self._axis(name, one, rank) for one in values])
        if not found:
            raise self.refused(name, f"`{name}` names no axis")
        if len(set(found)) != len(found):
            raise self.refused(name, f"`{name}` names an axis twice: {shown(value)}")
        return tuple(found)

    def _axis(self, name: str, value: Any, rank: int) -> int:
        at = self._whole(name, value, -_LARGEST)
        if not -rank <= at < rank:
            raise self.refused(name, f"`{name}` is {shown(at)}, and what arrives has {rank} axes")
        return at % rank

    def inner(self, name: str) -> KerasLayer:
        """Return the layer that a setting holds. Raises SpecError."""
        value = self.value(name)
        if not isinstance(value, KerasLayer):
            raise self.wrong(name, "a layer")
        return value

    def inner_layers(self, name: str) -> list[KerasLayer]:
        """Return the layers that a setting holds. Raises SpecError."""
        value = self.value(name)
        if not isinstance(value, (list, tuple)) or not all(isinstance(one, KerasLayer) for one in value):
            raise self.wrong(name, "a list of layers")
        return list(value)

    def channels_first(self) -> bool:
        """Whether the channels stand in front of the positions. Raises SpecError."""
        if self.value("data_format") is None:
            return False
        return self.word("data_format", ("channels_last", "channels_first")) == "channels_first"
