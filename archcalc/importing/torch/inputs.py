"""The arguments that a module is run with: as somebody gave them, by the names of ``forward``; else as the
module tells."""

from __future__ import annotations

import inspect
from collections.abc import Collection, Iterator, Mapping
from functools import partial
from math import prod
from typing import Any

import torch
from torch import Tensor, nn

from ...diagnostics import did_you_mean, fail
from .guessing import Guess, guesses
from .signatures import forward_signature
from .sizes import GivenTensor, nested, read_tensor
from .trees import replaced, tensors_in

# Channels of pictures and films.
_CHANNELS = (1, 2, 3, 4)
# The orders of a sequence: the batch N, its channels C, its positions T.
CHANNELS_FIRST, BATCH_FIRST, POSITIONS_FIRST = "NCT", "NTC", "TNC"
# Names of inputs that may be left out, in a message.
MOST_NAMES = 6


class Arguments:
    """Arguments of ``forward``.

    Attributes:
        args: Those by position.
        kwargs: Those by name.
        note: What was taken because nobody said it; empty where all was said.
    """

    __slots__ = ("args", "kwargs", "note")

    def __init__(self, args: tuple[Any, ...], kwargs: dict[str, Any], note: str = ""):
        self.args = args
        self.kwargs = kwargs
        self.note = note

    def __str__(self) -> str:
        """The sizes of the tensors, by position and by name."""
        named = [("", value) for value in self.args] + [(f"{word}=", at) for word, at in self.kwargs.items()]
        return ", ".join([f"{word}{_told_of(value)}" for word, value in named]) or "nothing"


def _told_of(value: Any) -> str:
    if isinstance(value, Tensor):
        sizes = "x".join(map(str, value.shape)) or "one value"
        return f"{sizes} {str(value.dtype).removeprefix('torch.')}"
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(map(_told_of, value))}]"
    if isinstance(value, dict):
        return f"{{{', '.join([f'{key}: {_told_of(at)}' for key, at in value.items()])}}}"
    return repr(value)[:40]


def arguments(
    module: nn.Module,
    given: Any = None,
    layout: str = "hwc",
    example: tuple[Any, Any] | None = None,
    others: Mapping[str, GivenTensor] | None = None,
) -> Iterator[Arguments]:
    """Yield arguments to run a module with, the likeliest first.

    More than one is yielded where what was said can be meant in several ways: sizes for an embedding are
    those of word indices, and a sequence may have its channels last.

    Args:
        module: The module.
        given: None; the sizes of the only input; or values by the names of ``forward``: sizes as
            ``224x224x3`` or (224, 224, 3), without batch, ``GivenTensor`` objects, tensors, and whatever else
            ``forward`` takes.
        layout: The order of the axes in sizes: ``hwc``, channels last, or ``chw``.
        example: Arguments that the module is known to take, by position and by name.
        others: The inputs of a network that it stands beside, for what is not given: by name where
            ``forward`` has all these names, else in order.

    Yields:
        Arguments whose tensors have no values, but for those that were given.

    Raises:
        SpecError: For names that ``forward`` has not, for inputs that are missing, and where nothing can be
            known of them.
    """
    if given is None and not others and example is not None:
        args, kwargs = example
        exported = Arguments(tuple(args), dict(kwargs or {}))
        exported.note = f"no input was given: {exported} is taken, with which it was exported"
        yield exported
        return
    signature = _Signature(module)
    if given is None and not others:
        yield from _guessed(module, signature)
        return
    if given is None or isinstance(given, Mapping):
        named = dict(given or {})
    else:
        named = {signature.first(): given}
    named.update(signature.left_for(others or {}, named))
    read = {name: read_tensor(value) for name, value in named.items()}
    values = nested(read)
    signature.check(values)
    floats = torch_dtype(module)
    for indices, order in _readings(module, values):
        notes: list[str] = []
        reading = _Reading(layout, floats, indices, order, notes)
        args, kwargs = signature.placed({name: reading.of(name, value) for name, value in values.items()})
        yield Arguments(args, kwargs, "; ".join(notes))


def _guessed(module: nn.Module, signature: _Signature) -> Iterator[Arguments]:
    """What the module tells of its inputs."""
    for guess in guesses(module, signature.names):
        tensors = {name: _of_guess(value) for name, value in guess.inputs.items()}
        if not signature.lacking(tensors):
            args, kwargs = signature.placed(tensors)
            yield Arguments(args, kwargs, _taken(guess))
            return  # who tells less surely would not know better
    if not signature.takes_any:
        raise fail("argument", "its forward takes no input: nothing arrives that layers could work on")
    names = signature.needed or signature.names[:1]
    example_options = " ".join(
        f"--input {name}={'224x224x3' if n == 0 else '…'}" for n, name in enumerate(names)
    )
    raise fail(
        "argument",
        "the sizes of the inputs are not known: the module does not tell them",
        f"as in {example_options or '--input 224x224x3'}",
        f"its forward takes {signature.text}",
    )


def _taken(guess: Guess) -> str:
    sizes = " ".join(f"{name}={_shown(value)}" for name, value in guess.inputs.items())
    return f"no input was given: {sizes} is taken, from {guess.source}"


def _shown(value: GivenTensor | list[GivenTensor]) -> str:
    """A tensor as ``--input`` has it where it can, channels last."""
    if isinstance(value, list):
        return f"[{', '.join(map(_shown, value))}]"
    batch, *rest = value.sizes
    plain = len(rest) == 1 or value.integers or (len(rest) > 2 and rest[0] in _CHANNELS)
    if batch != 1 or not plain:
        return f"{'x'.join(map(str, value.sizes))} (exactly)"
    if value.integers or len(rest) < 3:
        return "x".join(map(str, rest)) + (f":{value.dtype}" if value.integers else "")
    return "x".join(map(str, (*rest[1:], rest[0])))


def _of_guess(value: GivenTensor | list[GivenTensor]) -> Any:
    if isinstance(value, list):
        return [_of_guess(at) for at in value]
    return torch.empty(value.sizes, dtype=getattr(torch, value.dtype), device="meta")


class _Signature:
    """The names that a module's ``forward`` takes."""

    def __init__(self, module: nn.Module):
        self._whole = forward_signature(module)
        self._parameters = list(self._whole.parameters.values())
        several = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
        self._several = [one for one in self._parameters if one.kind is inspect.Parameter.VAR_POSITIONAL]
        self._any_name = any(one.kind is inspect.Parameter.VAR_KEYWORD for one in self._parameters)
        self.names = [one.name for one in self._parameters if one.kind not in several]
        self.needed = [
            one.name for one in self._parameters if one.kind not in several and one.default is one.empty
        ]

    @property
    def takes_any(self) -> bool:
        """Whether there is anything that it can be given."""
        return bool(self._parameters)

    @property
    def text(self) -> str:
        """The names, in words."""
        if not self._parameters:
            return "nothing"
        needed = [name for name in self.names if name in self.needed]
        needed += [f"*{one.name}" for one in self._several]
        others = [name for name in self.names if name not in self.needed]
        more = len(others) - MOST_NAMES
        shown = ", ".join(others[:MOST_NAMES]) + (f" and {more} more" if more > 0 else "")
        if not needed:
            return shown
        return ", ".join(needed) + (f"; may be left out: {shown}" if others else "")

    def first(self) -> str:
        """The name of what a size without a name is for. Raises SpecError."""
        if len(self.needed) > 1:
            example_options = " ".join(f"--input {name}=…" for name in self.needed)
            raise fail(
                "argument",
                f"forward needs {', '.join(self.needed)}: give them by name",
                f"as in {example_options}",
            )
        if self.names:
            return (self.needed or self.names)[0]
        if self._several:
            return f"{self._several[0].name}.0"
        raise fail("argument", f"its forward takes {self.text}")

    def left_for(self, others: Mapping[str, GivenTensor], given: Collection[str]) -> dict[str, GivenTensor]:
        """The inputs of another network under the names that they have here: the same where all are known,
        else in order those that are not given; beside some that are given only those that are needed. Raises
        SpecError where there are more than names."""
        first = {name.partition(".")[0] for name in given}
        if all(name in self.names for name in others):
            return {name: value for name, value in others.items() if name not in first}
        left = [name for name in (self.needed if given else self.names) if name not in first]
        if self._several and not given:
            left += [f"{self._several[0].name}.{number}" for number in range(len(others) - len(left))]
        if len(left) < len(others) and not given:
            raise fail(
                "argument",
                f"there are {len(others)} inputs, and its forward takes {self.text}",
                "--input and --tensor say what each is given, by name",
            )
        return dict(zip(left, others.values(), strict=False))

    def check(self, values: Mapping[str, Any]) -> None:
        """Refuse names that there are not, and a call that lacks some. Raises SpecError."""
        listed = [one.name for one in self._several]
        for name in values:
            if name not in self.names and name not in listed and not self._any_name:
                known = [*self.names, *listed]
                raise fail(
                    "argument",
                    f"forward has no input `{name}`",
                    *did_you_mean(name, known),
                    f"it takes {self.text}",
                )
        lacking = self.lacking(values)
        if lacking:
            example_options = " ".join(f"--input {name}=…" for name in lacking)
            raise fail("argument", f"forward also needs {', '.join(lacking)}", f"as in {example_options}")

    def lacking(self, values: Mapping[str, Any]) -> list[str]:
        """The names that are needed and not given."""
        return [name for name in self.needed if name not in values]

    def placed(self, values: Mapping[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """The values as a call has them: by position what has to be, and what comes before it."""
        rest = dict(values)
        args: list[Any] = []
        by_name = False
        for one in self._parameters:
            if one.kind is one.VAR_POSITIONAL:
                listed = rest.pop(one.name, [])
                if listed:
                    args.extend(listed if isinstance(listed, list) else [listed])
            elif one.kind in (one.POSITIONAL_ONLY, one.POSITIONAL_OR_KEYWORD) and one.name in rest:
                if not by_name:
                    args.append(rest.pop(one.name))
            elif one.kind is not one.VAR_KEYWORD:
                by_name = True  # what follows a gap is given by name
        return tuple(args), rest


def torch_dtype(module: nn.Module) -> torch.dtype:
    """The type of a module's floating parameters: of the first there is."""
    for tensor in (*module.parameters(), *module.buffers()):
        if tensor.is_floating_point():
            return tensor.dtype
    return torch.get_default_dtype()


def _readings(module: nn.Module, values: Mapping[str, Any]) -> list[tuple[bool, str]]:
    """The ways in which sizes can be read, the likeliest first: whether they are of word indices, and the
    order of the axes of a sequence."""
    plain = [value for value in _given(values) if not value.exact]
    indices, likely = _reads_indices(module), _order(module)
    orders: list[str] = []
    if any(len(value.sizes) == 2 and not value.integers for value in plain):
        orders = [CHANNELS_FIRST, BATCH_FIRST, POSITIONS_FIRST]
    elif any(len(value.sizes) == 1 for value in plain) and _takes_positions_first(module):
        orders = [BATCH_FIRST, POSITIONS_FIRST]
    found = [(indices, order) for order in sorted({likely, *orders}, key=[likely, *orders].index)]
    if any(len(value.sizes) <= 2 and not value.dtype for value in plain):
        found.append((not indices, likely))
    return found


def _given(value: Any) -> Iterator[GivenTensor]:
    if isinstance(value, GivenTensor):
        yield value
    elif isinstance(value, (Mapping, list)):
        for at in value.values() if isinstance(value, Mapping) else value:
            yield from _given(at)


class _Reading:
    """One way to read sizes; what was decided is noted."""

    def __init__(self, layout: str, floats: torch.dtype, indices: bool, order: str, notes: list[str]):
        self._layout = layout
        self._floats = floats
        self._indices = indices
        self._order = order
        self._notes = notes

    def of(self, name: str, value: Any) -> Any:
        """The argument: tensors without values in the place of sizes."""
        if isinstance(value, GivenTensor):
            return self._tensor(name, value)
        if isinstance(value, dict):
            return {key: self.of(f"{name}.{key}", at) for key, at in value.items()}
        if isinstance(value, list):
            return [self.of(f"{name}.{number}", at) for number, at in enumerate(value)]
        return value

    def _tensor(self, name: str, value: GivenTensor) -> Tensor:
        dtype = getattr(torch, value.dtype) if value.dtype else self._floats
        sizes = value.sizes
        shown = "x".join(map(str, sizes))
        if value.exact:
            return _made(value, dtype)
        positions_first = self._order == POSITIONS_FIRST
        goes = ""
        if not value.dtype and len(sizes) <= 2 and self._indices:
            self._notes.append(f"{name}={shown} is read as word indices, {shown}:int64")
            dtype = torch.int64
        made = _made(value, dtype)
        turned = made
        if not value.integers and dtype.is_floating_point and len(sizes) > 1:
            if self._layout == "hwc" and (len(sizes) > 2 or self._order == CHANNELS_FIRST):
                turned = made.movedim(-1, 0)
            elif self._layout == "chw" and len(sizes) == 2 and self._order != CHANNELS_FIRST:
                turned = made.movedim(0, -1)
            turned = turned.contiguous().unsqueeze(1 if positions_first and len(sizes) == 2 else 0)
            goes = "x".join(map(str, turned.shape)) if len(sizes) == 2 else ""
        elif positions_first and len(sizes) == 1 and not dtype.is_floating_point:
            turned = made.unsqueeze(1)
            goes = f"{shown}x1"
        else:
            turned = made.unsqueeze(0)
        if goes:
            self._notes.append(f"the sequence {name}={shown} goes in as {goes}; --tensor says it exactly")
        return turned


def _made(value: GivenTensor, dtype: torch.dtype) -> Tensor:
    """The tensor, with values where they were given."""
    if not value.values:
        return torch.empty(value.sizes, dtype=dtype, device="meta")
    numbers = value.values * (prod(value.sizes) if len(value.values) == 1 else 1)
    return torch.tensor(numbers, dtype=dtype, device="cpu").reshape(value.sizes)


def one_of_batch(module: nn.Module, given: Arguments) -> Iterator[tuple[Arguments, int]]:
    """Yield the arguments for one element of a batch, where all tensors may have one: along their first axis,
    or along the second where a layer reads positions before it. Tensors in lists have none.

    Args:
        module: The module.
        given: Its arguments.

    Yields:
        The arguments cut to the first element, and how many elements the batch has.
    """
    found = [tensor for _, tensor in (*tensors_in(given.args), *tensors_in(given.kwargs))]
    axes = [1, 0] if _order(module) == POSITIONS_FIRST else [0, 1] if _takes_positions_first(module) else [0]
    if any(isinstance(value, (list, tuple)) for value in (*given.args, *given.kwargs.values())):
        return
    if any(tensor.dim() <= axis or tensor.shape[axis] == 1 for tensor in found for axis in axes[:1]):
        return
    if any(tensor.dim() > axis and tensor.shape[axis] == 1 for tensor in found for axis in axes):
        return  # that is the batch
    shown = " ".join([f"{name}={'x'.join(map(str, t.shape))}" for name, t in _named(module, given)])
    for axis in axes:
        counts = {tensor.shape[axis] if tensor.dim() > axis else 1 for tensor in found}
        if len(counts) != 1 or 1 in counts:
            continue
        count = counts.pop()
        cut = partial(_first_along, axis)
        one = Arguments(replaced(given.args, cut), replaced(given.kwargs, cut))
        note = f"{shown} is a batch of {count:,}: the figures are for one element, --batch {count} counts all"
        one.note = "; ".join([text for text in (given.note, note) if text])
        yield one, count


def _first_along(axis: int, tensor: Tensor) -> Tensor:
    return tensor.narrow(axis, 0, 1).clone()


def _named(module: nn.Module, given: Arguments) -> Iterator[tuple[str, Tensor]]:
    names = _Signature(module).names
    for number, value in enumerate(given.args):
        yield from tensors_in(value, names[number] if number < len(names) else str(number))
    yield from tensors_in(given.kwargs)


def _first_weighted(module: nn.Module) -> nn.Module | None:
    for part in module.modules():
        if any(True for _ in part.parameters(recurse=False)):
            return part
    return None


def _reads_indices(module: nn.Module) -> bool:
    """Whether a size without a type is likely to be one of word indices."""
    return isinstance(_first_weighted(module), (nn.Embedding, nn.EmbeddingBag))


# Layers that slide over positions, or have statistics for each channel: they want the channels first.
_CHANNELS_FIRST = (
    *(nn.Conv1d, nn.Conv2d, nn.Conv3d, nn.ConvTranspose1d, nn.ConvTranspose2d, nn.ConvTranspose3d),
    *(nn.BatchNorm1d, nn.InstanceNorm1d, nn.GroupNorm),
)


def _order(module: nn.Module) -> str:
    """How the first layer that has an order of its own lays out a sequence."""
    for part in module.modules():
        if isinstance(getattr(part, "batch_first", None), bool):
            return BATCH_FIRST if part.batch_first else POSITIONS_FIRST
        if isinstance(part, _CHANNELS_FIRST):
            return CHANNELS_FIRST
        if isinstance(part, (nn.Linear, nn.LayerNorm)):
            return BATCH_FIRST
    return BATCH_FIRST


def _takes_positions_first(module: nn.Module) -> bool:
    """Whether some layer has the positions before the batch."""
    return any(getattr(part, "batch_first", None) is False for part in module.modules())
