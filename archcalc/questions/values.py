"""The values of a template: what may be drawn for each name, and what follows from it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

from .formulas import TemplateFormula, TemplateFormulaError

_RANGE = re.compile(r"\s*(-?\d{1,18})\s*\.\.\s*(-?\d{1,18})\s*(?::\s*(\d{1,18})\s*)?")
_MATRIX = re.compile(r"\s*(\d{1,2})\s*[x×]\s*(\d{1,2})\s+of\s+(-?\d{1,6}\s*\.\.\s*-?\d{1,6}\s*)")
_NAME = re.compile(r"[^\W\d]\w*")
# Braces of a text, with the formula in them; `{{` and `}}` are braces that stay.
_BRACES = re.compile(r"\{\{|\}\}|\{([^{}]*)\}")
# The choices of a name at most.
MOST_CHOICES = 100_000
# Rows and columns of a drawn matrix, and different numbers in it, at most.
MOST_SIDE, MOST_NUMBERS = 9, 100
KEYWORDS = ("and", "or", "not")


class TemplateValues:
    """What may be drawn for some names.

    choices   the choices of each name, in the order of the file
    derived  the formulas of names that follow from others, in the order in which they are worked out
    matrices  the names of matrices, each with the names of its rows, which are drawn one by one
    """

    def __init__(self, table: Mapping[str, Any], known: Sequence[str] = ()):
        """``known`` are names that have values already. Raises TemplateFormulaError."""
        self.choices: dict[str, Sequence[Any]] = {}
        self.derived: dict[str, TemplateFormula] = {}
        self.matrices: dict[str, list[str]] = {}
        for name, given in table.items():
            if not _NAME.fullmatch(name) or name in KEYWORDS:
                raise TemplateFormulaError(f"`{name}` is no name: a letter, then letters and digits")
            if name in known:
                raise TemplateFormulaError(f"`{name}` has values already, which all questions share")
            if isinstance(given, str) and (matrix := _MATRIX.fullmatch(given)):
                self._draw_matrix(name, matrix)
            elif isinstance(given, str) and not _RANGE.fullmatch(given):
                self.derived[name] = TemplateFormula(given)
            else:
                self.choices[name] = _choices(name, given)
        self._order({*known, *self.choices, *self.matrices})
        self.size = 1
        for several in self.choices.values():
            self.size *= len(several)

    def _draw_matrix(self, name: str, given: re.Match[str]) -> None:
        """A matrix whose numbers are drawn: ``3x3 of -2..5``. Raises TemplateFormulaError."""
        numbers = _choices(name, given[3])
        if len(numbers) > MOST_NUMBERS:
            raise TemplateFormulaError(f"`{name}` is of {len(numbers):,} numbers: at most {MOST_NUMBERS}")
        rows, columns = int(given[1]), int(given[2])
        if not rows or not columns or max(rows, columns) > MOST_SIDE:
            raise TemplateFormulaError(f"`{name}` is a matrix of 1 to {MOST_SIDE} rows and columns")
        # No name of a file has a space in it.
        self.matrices[name] = [f"{name} {row}" for row in range(rows)]
        for row in self.matrices[name]:
            self.choices[row] = DrawnRow(numbers, columns)

    def _order(self, known: set[str]) -> None:
        """Bring formulas into an order in which each has its names before it."""
        waiting, self.derived = self.derived, {}
        while waiting:
            ready = [name for name, made in waiting.items() if made.names <= known]
            if not ready:
                name, made = next(iter(waiting.items()))
                lacking = sorted(made.names - known)[0]
                raise TemplateFormulaError(
                    f"`{name} = {made.text}` needs `{lacking}`, which has no value before it"
                )
            for name in ready:
                self.derived[name] = waiting.pop(name)
                known.add(name)

    @property
    def names(self) -> list[str]:
        """All names."""
        drawn = [name for name in self.choices if " " not in name]
        return [*drawn, *self.matrices, *self.derived]

    def assigned(self, number: int, known: Mapping[str, Any]) -> dict[str, Any]:
        """The values of draw ``number`` of ``size`` ones. Raises TemplateFormulaError."""
        found = dict(known)
        for name, several in self.choices.items():
            number, at = divmod(number, len(several))
            found[name] = several[at]
        for name, rows in self.matrices.items():
            found[name] = "; ".join([found.pop(row) for row in rows])
        for name, formula in self.derived.items():
            found[name] = formula.value(found)
        return found


class DrawnRow(Sequence[str]):
    """The rows that so many numbers make, each of these a choice of its own."""

    def __init__(self, numbers: Sequence[Any], columns: int):
        self._numbers = numbers
        self._columns = columns

    def __len__(self) -> int:
        return int(len(self._numbers) ** self._columns)

    def __getitem__(self, number: Any) -> Any:
        cells = []
        for _ in range(self._columns):
            number, at = divmod(number, len(self._numbers))
            cells.append(str(self._numbers[at]))
        return " ".join(cells)


def _choices(name: str, given: Any) -> Sequence[Any]:
    if isinstance(given, str):
        match = _RANGE.fullmatch(given)
        assert match is not None
        low, high, step = int(match[1]), int(match[2]), int(match[3] or 1)
        if not step or high < low:
            raise TemplateFormulaError(f"`{name} = {given}` is no range: it is LOW..HIGH or LOW..HIGH:STEP")
        found: Sequence[Any] = range(low, high + 1, step)
    else:
        found = given if isinstance(given, list) else [given]
    if not found or len(found) > MOST_CHOICES:
        raise TemplateFormulaError(f"`{name}` has {len(found):,} choices: it needs 1 to {MOST_CHOICES:,}")
    if isinstance(found, list):
        for one in found:
            if isinstance(one, bool) or not isinstance(one, (int, str, Fraction)):
                raise TemplateFormulaError(f"a value of `{name}` is a number or a text")
    return found


class TemplateText:
    """A text with formulas between braces."""

    def __init__(self, text: str):
        """Raises TemplateFormulaError."""
        self.text = text
        self.parts = list(_parts(text))
        self.names = {name for part in self.parts if not isinstance(part, str) for name in part.names}

    def filled(self, values: Mapping[str, Any]) -> str:
        """The text with values. Raises TemplateFormulaError."""
        return "".join([part if isinstance(part, str) else _shown(part, values) for part in self.parts])


class FilledValue:
    """A value of a file whose texts have formulas between braces: a text, or texts in lists and tables."""

    def __init__(self, value: Any):
        """Raises TemplateFormulaError."""
        self.names: set[str] = set()
        self._made = self._read(value)

    def filled(self, values: Mapping[str, Any]) -> Any:
        """The value with all texts filled. Raises TemplateFormulaError."""
        return self._made(values)

    def _read(self, value: Any) -> Callable[[Mapping[str, Any]], Any]:
        if isinstance(value, str) and ("{" in value or "}" in value):
            text = TemplateText(value)
            self.names |= text.names
            return text.filled
        if isinstance(value, list):
            items = [self._read(one) for one in value]
            return lambda values: [made(values) for made in items]
        if isinstance(value, dict):
            table = {key: self._read(one) for key, one in value.items()}
            return lambda values: {key: made(values) for key, made in table.items()}
        return lambda values: value


def _parts(text: str) -> Iterator[str | TemplateFormula]:
    at = 0
    for match in _BRACES.finditer(text):
        yield text[at : match.start()]
        at = match.end()
        if match[0] in ("{{", "}}"):
            yield match[0][0]
        else:
            yield TemplateFormula(match[1])
    yield text[at:]


def _shown(formula: TemplateFormula, values: Mapping[str, Any]) -> str:
    value = formula.value(values)
    if isinstance(value, bool):
        raise TemplateFormulaError(f"`{formula.text}` is a condition, and no value")
    if isinstance(value, Fraction):
        raise TemplateFormulaError(f"`{formula.text}` comes to {value}, which is no whole number")
    return str(value)
