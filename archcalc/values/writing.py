"""Records of values, written out as a person would by hand."""

from __future__ import annotations

from typing import Any

# How tightly a text binds.
_SUM, _PRODUCT, _ATOM = range(3)


def written_number(value: Any) -> str:
    """Return a number as text: ints and fractions in full, floats with six significant digits."""
    text = f"{value:.6g}" if isinstance(value, float) else str(value)
    return text.replace("-", "−")


def written_record(number: Any) -> str:
    """Return a recorded number as a calculation: ``max(3, 5)``, ``(1 + 2 + 3 + 4)/4``."""
    return _written(number)[0]


def _written(number: Any) -> tuple[str, int]:
    from ..arrays.recorded import ARRIVED, DIFFERENCE, PADDING, POWER, PRODUCT, QUOTIENT, SUM, RecordedNumber

    if not isinstance(number, RecordedNumber):
        text = written_number(number)
        return text, _SUM if text[0] == "−" else _PRODUCT if "/" in text else _ATOM
    kind = number.kind
    if kind in (ARRIVED, PADDING):
        return _written(number.value)
    if kind == SUM:
        return _sum(number.parts), _SUM
    if kind == DIFFERENCE:
        left, right = number.parts
        return f"{_within(left, _SUM)} − {_within(right, _PRODUCT)}", _SUM
    if kind == PRODUCT:
        return "·".join(
            [_within(part, _ATOM if i else _PRODUCT) for i, part in enumerate(number.parts)]
        ), _PRODUCT
    if kind == QUOTIENT:
        above, below = number.parts
        return f"{_within(above, _PRODUCT)}/{_within(below, _ATOM)}", _PRODUCT
    if kind == POWER:
        base, exponent = number.parts
        return f"{_within(base, _ATOM)}^{_within(exponent, _ATOM)}", _PRODUCT
    return f"{kind}({', '.join([_written(part)[0] for part in number.parts])})", _ATOM


def _sum(parts: tuple[Any, ...]) -> str:
    words = []
    for i, part in enumerate(parts):
        text, binds = _written(part)
        if i and text.startswith("−") and binds == _SUM:
            text = f"({text})"
        words.append(text)
    return " + ".join(words)


def _within(part: Any, least: int) -> str:
    """A part in brackets, where it binds less tightly than its place asks for."""
    text, binds = _written(part)
    return text if binds >= least else f"({text})"
