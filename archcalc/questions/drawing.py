"""Draws that are the same on every machine and every version of Python: SHA-256 of a seed and a counter."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from typing import TypeVar

T = TypeVar("T")

# Bits of one number.
BITS = 64


class SeededStream:
    """Numbers that are drawn from a text, its seed.

    The n-th number is the first 64 bits, the highest first, of the SHA-256 of ``SEED:n`` in UTF-8, n from 0.

    Example:
        >>> from archcalc.questions.drawing import SeededStream
        >>> stream = SeededStream("7")
        >>> [stream.below(10) for _ in range(5)]
        [9, 7, 0, 9, 7]
    """

    def __init__(self, seed: str):
        self.seed = seed
        self.drawn = 0

    def number(self) -> int:
        """The next number, of 64 bits."""
        made = sha256(f"{self.seed}:{self.drawn}".encode()).digest()
        self.drawn += 1
        return int.from_bytes(made[: BITS // 8], "big")

    def below(self, count: int) -> int:
        """A number from 0 up to ``count``, without it; each as likely as any other."""
        words = -(-count.bit_length() // BITS) or 1
        most = (1 << BITS * words) // count * count  # what is drawn beyond would favour small ones
        while (number := self._joined(words)) >= most:
            pass
        return number % count

    def _joined(self, words: int) -> int:
        """So many numbers as the digits of one, the highest first."""
        number = 0
        for _ in range(words):
            number = number << BITS | self.number()
        return number

    def shuffled(self, items: Sequence[T]) -> list[T]:
        """The items in a drawn order (Fisher and Yates, from the end)."""
        found = list(items)
        for last in range(len(found) - 1, 0, -1):
            other = self.below(last + 1)
            found[last], found[other] = found[other], found[last]
        return found


def variant_seed(seed: int, number: int) -> int:
    """The seed of a variant of a quiz, of 48 bits, so that every reader of JSON has it exactly."""
    return SeededStream(f"variant {seed} {number}").number() >> 16
