"""Values as a student reads and writes them."""

from __future__ import annotations

from typing import Any

from ..shape import Shape


def value_text(value: Any, layout: str = "hwc", grouped: bool = True) -> str:
    """``34,944``, ``55x55x96``; in the order of the layout, and digits in groups only where asked."""
    if isinstance(value, Shape) and layout == "chw":
        return "x".join(map(str, (value[-1], *value[:-1])))
    if isinstance(value, tuple):
        return "x".join(map(str, value))
    return f"{value:,}" if grouped and isinstance(value, int) else str(value)
