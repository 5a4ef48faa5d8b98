"""The inputs of a network of Caffe: stated at the head of the file, by layers, or by how images are read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ....source import Span
from .. import Request, SpecWriter, refused
from .blobs import Blob
from .forms import CaffeLayer
from .messages import Message

# Layers that read data which a file beside the network describes; the second top is what is to be learned.
DATA = (
    "Data",
    "ImageData",
    "HDF5Data",
    "MemoryData",
    "WindowData",
    "DummyData",
    "AnnotatedData",
    "ImageSegData",
    "ImageLabelData",
    "DenseImageData",
)
# Layers that put out data.
SOURCES = ("Input", *DATA)


class DeclaredInput:
    """An input, as the file states it.

    Attributes:
        name: The blob.
        shape: Its sizes in Caffe, the batch first; empty where the file does not state them.
        span: Where it stands.
        note: What is to be known of its sizes.
    """

    __slots__ = ("name", "shape", "span", "note")

    def __init__(self, name: str, shape: Sequence[int], span: Span, note: str = ""):
        self.name = name
        self.shape = list(shape)
        self.span = span
        self.note = note


def declared(network: Message, layers: Sequence[CaffeLayer]) -> Iterator[DeclaredInput]:
    """Yield the inputs of a network. Raises SpecError."""
    yield from _at_the_head(network)
    for layer in layers:
        if layer.word in SOURCES:
            if not layer.tops:
                raise refused(f"{layer.name} has no top", layer.span)
            yield from _of_shapes(layer) if layer.word in ("Input", "DummyData") else _of_images(layer)


def _at_the_head(network: Message) -> Iterator[DeclaredInput]:
    """``input: "data"`` with four ``input_dim``, or with an ``input_shape``."""
    names = network.texts("input")
    shapes = [message.numbers("dim", 1) for message in network.messages("input_shape")]
    dims = network.numbers("input_dim", 1)
    shapes = shapes or [dims[at : at + 4] for at in range(0, len(dims), 4)]
    if len(names) != len(shapes):
        raise refused(f"{len(names)} inputs have {len(shapes)} shapes", network.place("input"))
    for name, shape in zip(names, shapes, strict=True):
        yield DeclaredInput(name, shape, network.place("input"))


def _of_shapes(layer: CaffeLayer) -> Iterator[DeclaredInput]:
    """A layer that states a shape for each top, or one for all."""
    param = layer.message.message("input_param" if layer.word == "Input" else "dummy_data_param")
    shapes = [message.numbers("dim", 1) for message in param.messages("shape")]
    if not shapes and param.all("channels"):
        fields = [param.numbers(name, 1) for name in ("num", "channels", "height", "width")]
        shapes = [list(one) for one in zip(*fields, strict=False)]
    if len(shapes) == 1:
        shapes *= len(layer.tops)
    if len(shapes) != len(layer.tops):
        raise refused(f"{len(layer.tops)} inputs have {len(shapes)} shapes", layer.span)
    for top, shape in zip(layer.tops, shapes, strict=True):
        yield DeclaredInput(top, shape, layer.span)


def _of_images(layer: CaffeLayer) -> Iterator[DeclaredInput]:
    """A layer that reads images, or whatever a file holds: as large as they are cut out."""
    word = {"HDF5Data": "hdf5_data"}.get(layer.word) or "".join(
        f"_{sign.lower()}" if sign.isupper() else sign for sign in layer.word
    ).strip("_")
    param, transform = layer.message.message(f"{word}_param"), layer.message.message("transform_param")
    top = layer.tops[0]
    if layer.word == "MemoryData":
        sizes = [param.number(name, 0) for name in ("channels", "height", "width")]
        yield DeclaredInput(top, [param.number("batch_size", 1, 1), *sizes] if all(sizes) else [], layer.span)
        return
    crop = transform.number("crop_size", 0) or param.number("crop_size", 0)
    sizes = [crop, crop] if crop else [param.number("new_height", 0), param.number("new_width", 0)]
    resized = transform.message("resize_param")
    if not all(sizes) and resized.all("height"):
        sizes = [resized.number("height", 0), resized.number("width", 0)]
    color = param.true("is_color", True) and not transform.true("force_gray", False)
    channels = 3 if color else 1
    note = f"the images of {top} are taken for {sizes[0]}x{sizes[1]} of {channels} channel{'s' * color}"
    if layer.word == "HDF5Data" or not all(sizes):
        yield DeclaredInput(top, [], layer.span)
    else:
        yield DeclaredInput(top, [1, channels, *sizes], layer.span, note)


def written_input(
    writer: SpecWriter, one: DeclaredInput, count: int, request: Request, batch_axis: int
) -> Blob:
    """Write an input.

    Args:
        writer: Where the spec is written.
        one: The input.
        count: How many inputs the network has.
        request: Sizes of inputs, where the caller gives them.
        batch_axis: Which axis is the batch.

    Returns:
        The blob.

    Raises:
        SpecError: Where nobody says how large it is.
    """
    given = request.sizes(one.name, count)
    rank = len(one.shape) or (len(given) + 1 if given else 0)
    if not rank:
        raise refused(
            f"the file does not say how large its input {one.name} is",
            one.span,
            f"give it, for example `--input {'' if count == 1 else f'{one.name}='}224x224x3`",
            "the file that Caffe calls deploy has an Input with its sizes",
        )
    if not 2 <= rank <= 6:
        raise refused(f"an input of {rank} axes is not read", one.span)
    rest = [size for axis, size in enumerate(one.shape) if axis != batch_axis]
    sizes = given or tuple([*rest[1:], rest[0]] if batch_axis == 0 else rest)
    if one.note and not given:
        writer.note(one.note, one.span)
    made = writer.input(one.name, sizes, one.span)
    if batch_axis == 0:
        return Blob.channels_last(made)
    return Blob(made, (0, None, *range(1, len(sizes))))
