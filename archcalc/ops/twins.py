"""What a layer is in PyTorch, as source: a module is built from it, and a person can read it."""

from __future__ import annotations

from collections.abc import Sequence

from .attributes import Size


class Twin:
    """A layer in PyTorch, as Python expressions over ``torch``, ``nn``, ``F`` and the modules of
    ``archcalc.witness.modules``.

    Tensors are batch first and channels first, ``N, C, H, W``; a vector is ``N, C``, a sequence
    ``N, C, T``.

    module  the module, ``nn.Conv2d(3, 96, 11, stride=4)``; None where a function does
    apply   the output, from ``m``, the module, and ``x``, the input; of a merge from ``xs``, all
    over    the same layer written over its input; None where PyTorch has no such form
    """

    __slots__ = ("module", "apply", "over")

    def __init__(self, module: str | None, apply: str = "m(x)", over: Twin | None = None):
        self.module = module
        self.apply = apply
        self.over = over

    def __repr__(self) -> str:
        return f"<Twin {self.module}: {self.apply}>"


def literal(value: object) -> str:
    """A number, a size or a word as Python source; equal numbers an axis as one."""
    if isinstance(value, (tuple, Size)):
        if len(set(value)) == 1:
            return literal(value[0])
        return "(" + ", ".join(map(literal, value)) + ",)"[len(value) > 1 :]
    return repr(value)


def call(name: str, *arguments: object, **options: tuple[object, object]) -> str:
    """Source of a call: ``call("nn.Conv2d", 3, 96, 11, stride=(4, 1))``.

    An option is its value and PyTorch's default, and is left out where they are equal.
    """
    words = [literal(value) for value in arguments]
    words += [
        f"{key}={literal(value)}" for key, (value, usual) in options.items()
        if literal(value) != literal(usual)
    ]  # fmt: skip
    return f"{name}({', '.join(words)})"


def padding(sides: Sequence[tuple[int, int]]) -> str:
    """What F.pad takes for the zeros before and behind each axis: the last axis first."""
    return literal([n for pair in reversed(sides) for n in pair])
