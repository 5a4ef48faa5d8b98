"""Fields of Caffe's layers as arguments of the language: windows, strides, rims, decimal numbers."""

from __future__ import annotations

import re

from . import refused
from ._text_messages import Message


def kernel(param: Message, name: str) -> str:
    """The size of a window. Raises SpecError where it has none."""
    sizes = param.numbers("kernel_size", 1)
    if not sizes:
        sizes = param.numbers("kernel_h", 1) + param.numbers("kernel_w", 1)
        if len(sizes) != 2:
            raise refused(f"{name} has no kernel_size", param.span)
    return "x".join(map(str, sizes * 2 if len(sizes) == 1 else sizes))


def window(param: Message, word: str) -> str:
    """Stride, pad and dilation of a window."""
    text = ""
    for key, ours, usual in (("stride", "stride", 1), ("pad", "pad", 0), ("dilation", "dilation", 1)):
        values = param.numbers(key, min(usual, 1))
        values = values or param.numbers(f"{key}_h") + param.numbers(f"{key}_w")
        if len(values) > 1 and len(set(values)) > 1:
            text += f" {ours}={'x'.join(map(str, values))}"
        elif word == "Pooling" and key == "stride":
            text += f" stride={values[0] if values else 1}"  # ours is as wide as the window
        elif values and values[0] != usual:
            text += f" {ours}={values[0]}"
    return text


def decimal(text: str, layer: Message) -> str:
    """A decimal number as the language writes it. Raises SpecError."""
    if not re.fullmatch(r"-?\d{0,9}\.?\d{1,12}", text):
        raise refused(f"`{text[:40]}` is no number", layer.span)
    sign, digits = ("-", text[1:]) if text.startswith("-") else ("", text)
    whole = f"{sign}{'0' if digits.startswith('.') else ''}{digits}"
    return f"({whole})" if sign else whole


def zero(text: str) -> bool:
    """Whether a number is 0."""
    return set(text) <= {"0", "."}
