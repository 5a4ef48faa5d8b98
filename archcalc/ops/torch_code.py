"""What a layer is in PyTorch, as source: a module is built from it, and a person can read it."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from ..arithmetic import Number
from ..shape import Shape
from .attributes import Size


class TorchCode:
    """A layer in PyTorch, as Python expressions over ``torch``, ``nn``, ``F`` and the modules of
    ``archcalc.witness.modules``.

    Tensors are batch first and channels first, ``N, C, H, W``; a vector is ``N, C``, a sequence
    ``N, C, T``.

    module      the module, ``nn.Conv2d(3, 96, 11, stride=4)``; None where a function does
    apply       the output, from ``m``, the module, and ``x``, the input; of a merge from ``xs``
    inplace     the same layer, written over its input; None where PyTorch has no such form
    aliases     the output may be the input itself, or a view of it
    whole       what the module puts out, channels last, where ``apply`` takes a part of it
    no_flops_reason  why FlopCounterMode, which goes by shapes, does not count the op's products
    """

    __slots__ = ("module", "apply", "inplace", "aliases", "whole", "no_flops_reason")

    def __init__(
        self,
        module: str | None,
        apply: str = "m(x)",
        inplace: TorchCode | None = None,
        *,
        aliases: bool = False,
        whole: Shape | None = None,
        no_flops_reason: str = "",
    ):
        self.module = module
        self.apply = apply
        self.inplace = inplace
        self.aliases = aliases
        self.whole = whole
        self.no_flops_reason = no_flops_reason

    def __repr__(self) -> str:
        return f"<TorchCode {self.module}: {self.apply}>"


def literal(value: object) -> str:
    """A number, a size or a word as Python source; equal numbers for all axes as one."""
    if isinstance(value, (tuple, Size)):
        if len(set(value)) == 1:
            return literal(value[0])
        return "(" + ", ".join(map(literal, value)) + ",)"[len(value) > 1 :]
    if isinstance(value, SourceCall):
        return value
    if isinstance(value, Fraction):
        return repr(float(value))
    return f'"{value}"' if isinstance(value, str) else repr(value)


class SourceCall(str):
    """Source of a call, which also knows what it is made of.

    function   what is called
    arguments  of each its keyword or None, its value, and PyTorch's default or None, as source; a
               value may be a call itself
    """

    function: str
    arguments: tuple[tuple[str | None, str, str | None], ...]


def call(name: str, *arguments: object, **options: tuple[object, object]) -> SourceCall:
    """Source of a call: ``call("nn.Conv2d", 3, 96, 11, stride=(4, 1))``.

    An option is its value and PyTorch's default, and is left out where they are equal.
    """
    words: list[tuple[str | None, str, str | None]] = [(None, literal(value), None) for value in arguments]
    words += [(key, literal(value), literal(usual)) for key, (value, usual) in options.items()]
    shown = [f"{key}={value}" if key else value for key, value, usual in words if value != usual]
    found = SourceCall(f"{name}({', '.join(shown)})")
    found.function, found.arguments = name, tuple(words)
    return found


def at_each_position(x: Shape) -> str:
    """How a module that works on the last axis is applied to the channels."""
    return "m(x)" if len(x) == 1 else "m(x.movedim(1, -1)).movedim(-1, 1)"


def padded(source: str, sides: Sequence[tuple[Number, Number]], value: str = "", mode: str = "") -> str:
    """A tensor with so much before and behind each axis, zeros or what ``value`` is; less than 0
    cuts off. With a ``mode`` the rim is made of the tensor. The tensor itself where that is nothing."""
    if not any(map(any, sides)):
        return source
    numbers = [n for pair in reversed(sides) for n in pair]  # F.pad takes the last axis first
    made = f', mode="{mode}"' if mode else ""
    return f"F.pad({source}, {numbers}{', value=' if value else ''}{value}{made})"
