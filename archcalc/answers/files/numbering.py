"""Numbers of lists, which programs count and do not write down: 3., c), iii."""

from __future__ import annotations


class Counter:
    """Counts the items of lists, level by level."""

    def __init__(self) -> None:
        self._numbers: dict[str, list[int]] = {}

    def next(self, name: str, level: int, start: int = 1) -> list[int]:
        """The numbers of the next item: those of the levels above it, and its own."""
        level = min(max(level, 0), 8)
        numbers = self._numbers.setdefault(name, [])
        del numbers[level + 1 :]
        while len(numbers) < level:
            numbers.append(1)
        if len(numbers) == level:
            numbers.append(start - 1)
        numbers[level] += 1
        return numbers


# How HTML and OpenDocument call the forms of numbers.
FORMS = {"a": "lowerLetter", "A": "upperLetter", "i": "lowerRoman", "I": "upperRoman"}
_ROMAN = tuple(zip((10, 9, 5, 4, 1), ("x", "ix", "v", "iv", "i"), strict=True))


def number_label(number: int, form: str) -> str:
    """A number as a list shows it: `decimal`, `lowerLetter`, `upperLetter`, `lowerRoman`, `upperRoman`."""
    kind = form.lower()
    if "letter" in kind and 0 < number <= 26:
        letter = chr(ord("a") + number - 1)
        return letter.upper() if form.startswith("upper") else letter
    if "roman" in kind and 0 < number < 40:
        found, rest = "", number
        for value, sign in _ROMAN:
            while rest >= value:
                found, rest = found + sign, rest - value
        return found.upper() if form.startswith("upper") else found
    return str(number)
