"""Names that are given once each."""

from __future__ import annotations

from collections.abc import Iterable


class FreeNames:
    """Names, each of which is given once: to the second that asks for one a number is added.

    However many ask for the same name, each finds its number at once.

    >>> names = FreeNames(["input"])
    >>> [names.take(name) for name in ("conv", "conv", "input", "conv")]
    ['conv', 'conv_2', 'input_2', 'conv_3']

    Args:
        taken: The names that are taken already.
    """

    def __init__(self, taken: Iterable[str] = ()):
        self._numbers = dict.fromkeys(taken, 1)

    def take(self, name: str) -> str:
        """Return a name that nobody has, and give it away: the name itself, or with a number.

        Args:
            name: The name that is wanted.
        """
        found, number = name, self._numbers.get(name, 1)
        while found in self._numbers:
            number += 1
            found = f"{name}_{number}"
        self._numbers[name] = number
        self._numbers.setdefault(found, 1)
        return found
