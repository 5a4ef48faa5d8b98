"""What a network that is read from code is given: as somebody says, as its code says, or as its first layer
tells."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ....diagnostics import fail
from ...torch.sizes import GivenTensor, read_tensor
from .._source.values import PythonFunction
from .modules import CodeModule, NetworkRun
from .tensors import CodeTensor

# Sizes of pictures, the likeliest first, and of other things.
PICTURES = (224, 32, 28, 64, 96, 128, 227, 256, 299, 512, 572)
SIGNAL, FRAMES, WORDS = 224, 16, 16


class GivenInputs:
    """What ``forward`` is given.

    Attributes:
        sizes: Of each tensor its sizes with a batch of one, its type, and which axis is the batch.
        values: Other arguments.
        note: What was taken because nobody said it; empty where all was said.
    """

    __slots__ = ("sizes", "values", "note")

    def __init__(
        self, sizes: dict[str, tuple[tuple[int, ...], str, int]], values: dict[str, Any], note: str = ""
    ):
        self.sizes = sizes
        self.values = values
        self.note = note

    def arguments(self, run: NetworkRun) -> dict[str, Any]:
        """Register the tensors as inputs, and return all arguments by name."""
        found: dict[str, Any] = {}
        for name, (sizes, dtype, batch) in self.sizes.items():
            found[name] = CodeTensor(run, run.builder.input(name, sizes, dtype, batch=batch))
        return {**found, **self.values}


def parameters_of(module: CodeModule) -> list[tuple[str, bool]]:
    """The names that ``forward`` takes, each with whether it can be left out."""
    forward = module.made_of.of.find("forward") if module.made_of is not None else None
    if not isinstance(forward, PythonFunction):
        two = module.base in ("TransformerDecoderLayer", "TransformerDecoder")
        return [("tgt", False), ("memory", False)] if two else [("input", False)]
    arguments = forward.node.args
    names = [one.arg for one in (*arguments.posonlyargs, *arguments.args)][1:]
    count = len(names) - len(forward.defaults)
    named = [(one.arg, one.arg in forward.by_name) for one in arguments.kwonlyargs]
    return [(name, place >= count) for place, name in enumerate(names)] + named


def first_layer(module: CodeModule) -> tuple[str, CodeModule] | None:
    """The first layer with weights, in the order in which they are registered, and its name."""
    for path, part in module.all_modules():
        if part.base and part.made_of is None and any(tensor.learned for tensor in part.tensors.values()):
            return path, part
    return None


def ways(
    module: CodeModule, given: Any, layout: str, examples: list[tuple[int, ...]]
) -> Iterator[GivenInputs]:
    """Yield what a network may be given, the likeliest first.

    Args:
        module: The network.
        given: As in ``Request.inputs``.
        layout: The order of the axes: ``hwc`` or ``chw``.
        examples: Sizes that the code itself has used, without the batch.

    Raises:
        SpecError: For names that ``forward`` has not, and where nothing can be known.
    """
    names = parameters_of(module)
    needed = [name for name, optional in names if not optional]
    first = first_layer(module)
    if given is None:
        yield from _guessed(module, needed, first, examples)
        return
    if not isinstance(given, Mapping):
        if not names:
            raise fail("argument", f"{module.kind} takes no input")
        given = {names[0][0]: given}
    known = [name for name, _ in names]
    sizes: dict[str, tuple[tuple[int, ...], str, int]] = {}
    values: dict[str, Any] = {}
    for name, value in given.items():
        if name not in known:
            raise fail(
                "argument", f"{module.kind} has no input `{name}`", f"there are {', '.join(known) or 'none'}"
            )
        read = read_tensor(value)
        if isinstance(read, GivenTensor):
            sizes[name] = _placed(read, first, layout)
        else:
            values[name] = read
    missing = [name for name in needed if name not in given]
    if missing:
        raise fail(
            "argument",
            f"{module.kind} needs {', '.join(missing)} besides",
            f"--input {missing[0]}=… gives the size",
        )
    yield GivenInputs(sizes, values)


def _placed(
    given: GivenTensor, first: tuple[str, CodeModule] | None, layout: str
) -> tuple[tuple[int, ...], str, int]:
    """Sizes as PyTorch has them, the type, and which axis is the batch."""
    sizes, kind = given.sizes, first[1].base if first else ""
    dtype = given.dtype or (
        "int64" if kind in ("Embedding", "EmbeddingBag") and len(sizes) < 3 else "float32"
    )
    if given.exact:
        return sizes, dtype, 0
    if given.integers or dtype == "int64" or len(sizes) == 1:
        return (1, *sizes), dtype, 0
    in_steps = len(sizes) == 2 and first is not None and kind in _POSITIONS_FIRST
    if in_steps and first is not None and not first[1].settings.get("batch_first"):
        return (sizes[0], 1, sizes[1]), dtype, 1
    flipped = layout == "hwc" and (len(sizes) > 2 or kind in ("Conv1d", "BatchNorm1d"))
    return (1, sizes[-1], *sizes[:-1]) if flipped else (1, *sizes), dtype, 0


_POSITIONS_FIRST = ("LSTM", "GRU", "RNN", "MultiheadAttention")


def _guessed(
    module: CodeModule,
    needed: list[str],
    first: tuple[str, CodeModule] | None,
    examples: list[tuple[int, ...]],
) -> Iterator[GivenInputs]:
    """What the code or its first layer tells."""
    for example in examples:
        if len(needed) == 1:
            note = f"no input was given: {_shown(example)} is taken, which the code itself uses"
            yield GivenInputs({needed[0]: ((1, *example), _type_for(first), 0)}, {}, note)
            return
    found = None if first is None else _first_sizes(first[1])
    if not needed or len(needed) > 1 or found is None:
        names = ", ".join(needed) or "no input"
        example_name = needed[0] if needed else "x"
        raise fail(
            "argument",
            f"nobody has said which sizes {module.kind} is given: its forward takes {names}",
            f"--input {example_name}=224x224x3 gives the size of a picture, {example_name}=16:int64 words",
        )
    assert first is not None
    where = f"its first layer, {first[0] + ': ' if first[0] else ''}{first[1].base}"
    for number, (sizes, dtype, batch) in enumerate(found):
        source = where if number == 0 else f"{where}, with the first usual size that its layers take"
        note = f"no input was given: {_shown(sizes)} is taken, from {source}"
        yield GivenInputs({needed[0]: (sizes, dtype, batch)}, {}, note)


def _shown(sizes: tuple[int, ...]) -> str:
    return "x".join(map(str, sizes))


def _type_for(first: tuple[str, CodeModule] | None) -> str:
    return "int64" if first is not None and first[1].base in ("Embedding", "EmbeddingBag") else "float32"


def _first_sizes(layer: CodeModule) -> list[tuple[tuple[int, ...], str, int]] | None:
    """What a first layer tells of its input."""
    at, base = layer.settings, layer.base

    def count(name: str) -> int:
        value = at[name]
        assert isinstance(value, int)
        return value

    if base == "Conv2d":
        return [((1, count("in_channels"), side, side), "float32", 0) for side in PICTURES]
    if base == "BatchNorm2d":
        return [((1, count("num_features"), side, side), "float32", 0) for side in PICTURES]
    single: tuple[tuple[int, ...], str, int] | None = None
    if base in ("Embedding", "EmbeddingBag"):
        single = ((1, WORDS), "int64", 0)
    elif base == "Conv1d":
        single = ((1, count("in_channels"), SIGNAL), "float32", 0)
    elif base == "Conv3d":
        single = ((1, count("in_channels"), FRAMES, 112, 112), "float32", 0)
    elif base.startswith("ConvTranspose"):
        sides = {1: (16,), 2: (8, 8), 3: (8, 8, 8)}[layer.rank]
        return [
            ((1, count("in_channels"), *sides), "float32", 0),
            ((1, count("in_channels"), *[1] * layer.rank), "float32", 0),
        ]
    elif base == "Linear":
        single = ((1, count("in_features")), "float32", 0)
    elif base in ("LSTM", "GRU", "RNN", "MultiheadAttention"):
        width = count("embed_dim" if base == "MultiheadAttention" else "input_size")
        first = at.get("batch_first")
        single = ((1, 16, width), "float32", 0) if first else ((16, 1, width), "float32", 1)
    elif base in ("LSTMCell", "GRUCell", "RNNCell"):
        single = ((1, count("input_size")), "float32", 0)
    elif base == "LayerNorm":
        shape = at["normalized_shape"]
        single = ((1, *shape), "float32", 0) if isinstance(shape, tuple) else None
    return None if single is None else [single]
