"""Tensors that a spec states, because no rule gives them."""

from __future__ import annotations

import re
from collections.abc import Callable
from copy import copy
from functools import wraps
from typing import Any

from .attributes import Count, OpError, Text
from .facts import OperationCounts, Tensor

# A tensor as text has it: ``weight=64x3x7x7``; one of a single value that has no axes is its name alone.
_STATED = re.compile(r"([A-Za-z_][\w.\[\]-]*)(?:=(\d+(?:x\d+)*))?")


def stated_tensors(text: str | None) -> tuple[tuple[str, tuple[int, ...]], ...]:
    """Read tensors as a spec states them, the opposite of ``format_tensors``.

    Args:
        text: ``weight=64x3x7x7 bias=64 temperature``; None for no tensors.

    Returns:
        The name and the sizes of each, in PyTorch's layout; of a tensor without axes no sizes.

    Raises:
        ValueError: For what is no tensor, naming it.

    Example:
        >>> from archcalc.ops.stated import stated_tensors
        >>> stated_tensors("weight=64x3x7x7 temperature")
        (('weight', (64, 3, 7, 7)), ('temperature', ()))
    """
    found: dict[str, tuple[int, ...]] = {}
    for word in (text or "").split():
        match = _STATED.fullmatch(word)
        if match is None:
            raise ValueError(f"{word!r} is no tensor")
        name, sizes = match.groups()
        if name in found:
            raise ValueError(f"two tensors are called {name!r}")
        found[name] = tuple(map(int, sizes.split("x"))) if sizes else ()
    return tuple(found.items())


def format_tensors(tensors: dict[str, tuple[int, ...]]) -> str:
    """Write tensors as a spec states them.

    Args:
        tensors: The sizes of each by its name.

    Example:
        >>> from archcalc.ops.stated import format_tensors
        >>> format_tensors({"weight": (64, 3, 7, 7), "temperature": ()})
        'weight=64x3x7x7 temperature'
    """
    return " ".join(
        [f"{name}={'x'.join(map(str, sizes))}" if sizes else name for name, sizes in tensors.items()]
    )


class StatedTensors(Text):
    """Tensors with their sizes, in quotes."""

    kind = 'tensors in quotes, such as "weight=64x3x7x7 bias=64"'
    short = "tensors"

    def read(self, value: object) -> object:
        text = super().read(value)
        assert isinstance(text, str)
        try:
            stated_tensors(text)
        except ValueError as error:
            raise OpError("argument", f"`{self.name}`: {error}", self.name, help=self.kind) from None
        return text


# What every layer with parameters may hold besides: of weights that are made of others (weight normalisation,
# spectral normalisation, pruning), of tables of which it uses a part.
EXTRA = StatedTensors("learned tensors besides those of the rule, as PyTorch has them", rare=True)
EXTRA_BUFFERS = StatedTensors("stored tensors besides those of the rule, not learned", rare=True)
EXTRA.name = EXTRA.slot = "extra"
EXTRA_BUFFERS.name = EXTRA_BUFFERS.slot = "extra_buffers"

EXTRA_MACS = Count("multiply-adds on parameters alone, once for a batch of any size", rare=True)
EXTRA_MACS.name = EXTRA_MACS.slot = "extra_macs"

TensorRule = Callable[..., "tuple[Tensor, ...] | None"]


def with_extra(rule: TensorRule) -> TensorRule:
    """A rule of tensors that also gives those that the layer states besides."""

    @wraps(rule)
    def tensors(op: Any, *inputs: Any) -> tuple[Tensor, ...] | None:
        found = rule(op, *inputs)
        mine = op.__dict__
        if found is None or not (mine.get("extra") or mine.get("extra_buffers")):
            return found
        known = {tensor.name for tensor in found}
        more = [Tensor(name, sizes) for name, sizes in stated_tensors(mine.get("extra")) if name not in known]
        more += [
            Tensor(name, sizes, learned=False)
            for name, sizes in stated_tensors(mine.get("extra_buffers"))
            if name not in known
        ]
        return (*found, *more)

    return tensors


def stated_besides(op: Any, *inputs: Any) -> tuple[Tensor, ...]:
    """The tensors of a layer that are none of its rule: those that ``extra`` and ``extra_buffers`` state.

    Args:
        op: The op of the layer.
        inputs: The shapes that arrive.
    """
    if not (op.__dict__.get("extra") or op.__dict__.get("extra_buffers")):
        return ()
    plain = copy(op)
    plain.__dict__.update(extra=None, extra_buffers=None)
    ruled = {tensor.name for tensor in plain.tensors(*inputs) or ()}
    return tuple([tensor for tensor in op.tensors(*inputs) or () if tensor.name not in ruled])


OperationRule = Callable[..., "OperationCounts | None"]


def with_extra_macs(rule: OperationRule) -> OperationRule:
    """A rule of operations that also counts those on parameters alone, where the layer states them."""

    @wraps(rule)
    def operations(op: Any, *inputs: Any) -> OperationCounts | None:
        found = rule(op, *inputs)
        more = op.__dict__.get("extra_macs")
        if more is None or found is None or not (isinstance(found.once, int) and found.once == 0):
            return found  # nothing to add, or added already
        counts = {name: getattr(found, name) for name in found.__slots__}
        return OperationCounts(**{**counts, "mul_add": found.mul_add + more, "once": more})

    return operations


def without_extra(form: Callable[..., Any]) -> Callable[..., Any]:
    """A textbook form; a layer that states more than its rule has none, and the rule is shown."""

    @wraps(form)
    def textbook(op: Any, quantity: str, *inputs: Any) -> Any:
        mine = op.__dict__
        stated = mine.get("extra_macs") if quantity == "macs" else mine.get("extra")
        return None if stated is not None and quantity != "output" else form(op, quantity, *inputs)

    return textbook
