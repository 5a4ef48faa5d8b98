"""The sizes of a model's inputs: from the model, or from whoever asks where it leaves them open."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .. import Request, SpecWriter, refused
from .description import KerasLayer, KerasModel, tensors_in
from .settings import shown

_LARGEST = 10**12


def input_sizes(
    model: KerasModel, request: Request, writer: SpecWriter
) -> Iterator[tuple[tuple[int, ...], bool]]:
    """Yield the sizes of each input as the spec has them, and whether Keras has its channels in front.

    Raises:
        SpecError: Where a size is open and nobody gives it.
    """
    layers = {layer.name: layer for layer in model.layers}
    names = [given.layer for given in tensors_in(model.inputs)]
    for name in names:
        layer = layers.get(name)
        if layer is None:
            raise refused(f"the model {shown(model.name)} reads {shown(name)}, which it has not", model.span)
        first = _channels_first(model, name)
        sizes = request.sizes(name, len(names))
        if sizes is None:
            sizes = _declared(layer, _help(model, names))
            if first and len(sizes) > 1:
                sizes = (*sizes[1:], sizes[0])
                writer.note(
                    f"{shown(name)}: its channels stand in front in Keras (channels_first), and behind the "
                    "positions here",
                    layer.span,
                )
        yield sizes, first and len(sizes) > 1


def _help(model: KerasModel, names: list[str]) -> str:
    """How the sizes of all inputs that the model leaves open are given, of as many axes as each has."""
    layers = {layer.name: layer for layer in model.layers}
    words = []
    for name in names:
        example = _example(layers[name], _channels_first(model, name)) if name in layers else None
        if example is not None:
            words.append(f"--input {example if len(names) == 1 else f'{shown(name)}={example}'}")
    return f"give its size, for example `{' '.join(words[:5])}`"


def _example(layer: KerasLayer, channels_first: bool) -> str | None:
    """Sizes of an input as somebody may give them; None of one whose sizes the model states."""
    shape = _shape(layer)
    if shape is None:
        return "224x224x3"
    if not isinstance(shape, (list, tuple)) or None not in shape[1:]:
        return None
    sizes = list(shape[1:])
    if channels_first:
        sizes = [*sizes[1:], sizes[0]]
    open_size = 224 if len(sizes) == 3 else 100
    last = 3 if len(sizes) > 1 else open_size
    filled = [*(open_size if size is None else size for size in sizes[:-1]), sizes[-1] or last]
    return "x".join(map(shown, filled))


def _shape(layer: KerasLayer) -> Any:
    """The shape that an input declares, with the batch; None of one that declares nothing."""
    shape = layer.config.get("batch_shape")
    if shape is None and layer.config.get("shape") is not None:
        rest = layer.config["shape"]
        return [None, *(rest if isinstance(rest, (list, tuple)) else [rest])]
    return shape


def _declared(layer: KerasLayer, help: str) -> tuple[int, ...]:
    """The sizes that a model declares, without the batch. Raises SpecError."""
    shape = _shape(layer)
    if shape is None:
        raise refused(f"the model does not say how large its input {shown(layer.name)} is", layer.span, help)
    if not isinstance(shape, (list, tuple)) or not 1 <= len(shape) <= 10:
        raise refused(
            f"{shown(layer.name)}: `batch_shape` is a list of sizes, and not {shown(shape)}", layer.span
        )
    for size in shape[1:]:
        if size is None:
            raise refused(
                f"the input {shown(layer.name)} has open sizes: ({', '.join(map(shown, shape))})",
                layer.span,
                help,
            )
        if isinstance(size, bool) or not isinstance(size, int) or not 1 <= size <= _LARGEST:
            raise refused(f"{shown(layer.name)}: {shown(size)} is no size of an input", layer.span)
    return tuple(shape[1:]) or (1,)


def _channels_first(model: KerasModel, name: str) -> bool:
    """Whether the layers that an input comes to have their channels in front of the positions."""
    readers: dict[str, list[KerasLayer]] = {}
    for layer in model.layers:
        for call in layer.calls:
            for read in call.reads():
                readers.setdefault(read.layer, []).append(layer)
    waiting, seen = [name], {name}
    while waiting:
        for layer in readers.get(waiting.pop(), ()):
            layout = _layout(layer)
            if layout:
                return bool(layout == "channels_first")
            if layer.name not in seen:
                seen.add(layer.name)
                waiting.append(layer.name)
    return False


def _layout(layer: KerasLayer) -> Any:
    """The order of axes that a layer has, or the first layer in it that has one."""
    waiting: list[Any] = [layer]
    while waiting:
        one = waiting.pop()
        if isinstance(one, KerasLayer):
            found = one.config.get("data_format")
            if isinstance(found, str):
                return found
            waiting += reversed([*one.config.values(), *(one.model.layers if one.model else ())])
        elif isinstance(one, Mapping):
            waiting += reversed([*one.values()])
        elif isinstance(one, (list, tuple)):
            waiting += reversed(one)
    return None
