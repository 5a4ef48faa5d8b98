"""Caffe's networks, ``deploy.prototxt`` and ``train_val.prototxt``, in the old form (``layers``) and the new.

Source: https://github.com/BVLC/caffe, src/caffe/proto/caffe.proto, whose defaults these are, and
https://caffe.berkeleyvision.org/tutorial/layers.html.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable

from ...diagnostics import nearest
from ...source import Source, Span
from . import FileFormat, GivenFile, Request, SpecWriter, identifier, refused
from ._caffe_fields import decimal, kernel, window, zero
from ._text_messages import Message, parsed

# The old form has words of its own.
_OLD_WORDS = {
    "INNER_PRODUCT": "InnerProduct",
    "TANH": "TanH",
    "LRN": "LRN",
    "RELU": "ReLU",
    "PRELU": "PReLU",
    "ELU": "ELU",
    "SOFTMAX_LOSS": "SoftmaxWithLoss",
    "HDF5_DATA": "HDF5Data",
    "ABSVAL": "AbsVal",
}
# What reads data that a file beside the network describes, and what only training or a count of errors needs.
_DATA = ("Data", "ImageData", "HDF5Data", "MemoryData", "WindowData", "DummyData")
_TRAINING = (
    "Accuracy",
    "SoftmaxWithLoss",
    "SigmoidCrossEntropyLoss",
    "EuclideanLoss",
    "HingeLoss",
    "ContrastiveLoss",
    "InfogainLoss",
    "MultinomialLogisticLoss",
    "HDF5Output",
    "Silence",
)
_FUNCTIONS = {"AbsVal": "map abs", "BNLL": "softplus", "Log": "map log", "Exp": "map exp"}


class Format(FileFormat):
    """Caffe's networks."""

    tool = "Caffe"
    suffixes = (".prototxt",)

    def recognises(self, head: bytes) -> bool:
        """Tell by a layer with its type, or by the sizes of an input."""
        text = head.decode("utf-8", "replace")
        return re.search(r"^\s*layers?\s*\{|^\s*input_dim\s*:", text, re.MULTILINE) is not None

    def network(self, file: GivenFile, request: Request) -> SpecWriter:
        """Write the spec of a network."""
        source = file.source()
        return CaffeTranslation(source).of(parsed(source))


class CaffeTranslation:
    """A network on its way into a spec."""

    def __init__(self, source: Source):
        self.source = source
        stem = os.path.splitext(os.path.basename(source.name))[0]
        self.writer = SpecWriter(source, stem, "Caffe")
        self.blobs: dict[str, str] = {}  # blob to the label of what wrote it last
        self.channels: dict[str, int] = {}  # of labels, where a layer needs them
        self.labels: set[str] = set()
        self.owners: dict[str, str] = {}  # the name of shared parameters to the layer that has them
        self.last = ""
        self.layers = 0

    def of(self, network: Message) -> SpecWriter:
        """Write all layers. Raises SpecError."""
        layers = [layer for layer in network.messages("layer", "layers") if _is_inference(layer)]
        if not layers:
            raise refused("there are no layers: it is no network of Caffe", network.span)
        self._old_inputs(network)
        for layer in layers:
            word = _word(layer)
            if word == "Input" or word in _DATA:
                self._input(layer, word)
        for layer in layers:
            word = _word(layer)
            if word == "Input" or word in _DATA:
                continue
            if word in _TRAINING:
                self.writer.note(
                    f"{layer.text('name') or word}: {word} is of training, and no layer", layer.span
                )
                continue
            self._layer(layer, word)
        if not self.layers:
            raise refused("the network has no layers besides its data and losses", network.span)
        return self.writer

    # Inputs ----------------------------------------------------------------------------------

    def _old_inputs(self, network: Message) -> None:
        """``input: "data"`` with four ``input_dim``, or with an ``input_shape``, at the head of a file."""
        names = network.texts("input")
        shapes = [message.numbers("dim", 1) for message in network.messages("input_shape")]
        dims = network.numbers("input_dim", 1)
        shapes = shapes or [dims[at : at + 4] for at in range(0, len(dims), 4)]
        if len(names) != len(shapes):
            raise refused(f"{len(names)} inputs have {len(shapes)} shapes", network.place("input"))
        for name, shape in zip(names, shapes, strict=True):
            self._written_input(name, shape, network.place("input"))

    def _input(self, layer: Message, word: str) -> None:
        tops = layer.texts("top")
        if word == "Input":
            shapes = [message.numbers("dim", 1) for message in layer.message("input_param").messages("shape")]
            if len(shapes) == 1:
                shapes *= len(tops)
            if not tops or len(shapes) != len(tops):
                raise refused(f"{len(tops)} inputs have {len(shapes)} shapes", layer.span)
            for top, shape in zip(tops, shapes, strict=True):
                self._written_input(top, shape, layer.span)
            return
        crop = layer.message("transform_param").number("crop_size", 0)
        crop = crop or layer.message(f"{word.lower()}_param").number("crop_size", 0)
        if not crop or not tops:
            raise refused(
                f"a layer of {word} does not say how large its images are",
                layer.span,
                "the file that Caffe calls deploy has an Input with its sizes",
            )
        self.writer.note(f"the images of {tops[0]} are taken for {crop}x{crop} of 3 channels", layer.span)
        self._written_input(tops[0], [1, 3, crop, crop], layer.span)

    def _written_input(self, name: str, shape: list[int], span: Span) -> None:
        if not 2 <= len(shape) <= 5:
            raise refused(f"an input of {len(shape)} axes is not read", span)
        channels, *positions = shape[1:]
        label = self._free(name)
        self.writer.line(f"input {label}: {'x'.join(map(str, [*positions, channels]))}", span)
        self.blobs[name] = self.last = label
        self.channels[label] = channels

    # Layers ----------------------------------------------------------------------------------

    def _layer(self, layer: Message, word: str) -> None:
        write = _LAYERS.get(word)
        name = layer.text("name") or word
        if write is None:
            near = nearest(word, _LAYERS)
            hints = [f"did you mean {near}?"] if near else [f"what is read: {', '.join(_LAYERS)}"]
            raise refused(f"{name}: a layer {word} of Caffe is not read", layer.place("type"), *hints)
        bottoms, tops = layer.texts("bottom"), layer.texts("top")
        for bottom in bottoms:
            if bottom not in self.blobs:
                raise refused(f"nothing before {name} writes `{bottom[:60]}`", layer.place("bottom"))
        if not bottoms or not tops:
            raise refused(f"{name} has no {'bottom' if not bottoms else 'top'}", layer.span)
        write(self, layer, name, [self.blobs[bottom] for bottom in bottoms], tops)
        self.layers += 1

    def _free(self, name: str) -> str:
        """A label that is not taken, as like the name as can be."""
        label, number = identifier(name), 2
        while label in self.labels:
            label, number = f"{identifier(name)}_{number}", number + 1
        self.labels.add(label)
        return label

    def statement(
        self, layer: Message, name: str, source: str, text: str, top: str, channels: int | None = None
    ) -> str:
        """Write a layer of one blob. Returns its label."""
        label = self._free(name)
        start = "" if source == self.last else f"@{source} -> "
        self.writer.line(f"{label}: {start}{text}", layer.span, name, _word(layer))
        self.blobs[top] = self.last = label
        kept = self.channels.get(source) if channels is None else channels
        if kept:
            self.channels[label] = kept
        return label

    def merge(
        self, layer: Message, name: str, sources: list[str], text: str, top: str, channels: int
    ) -> None:
        """Write a layer of several blobs."""
        label = self._free(name)
        self.writer.line(
            f"{label}: {text} {' '.join(f'@{source}' for source in sources)}", layer.span, name, _word(layer)
        )
        self.blobs[top] = self.last = label
        if channels:
            self.channels[label] = channels

    def shared(self, layer: Message, name: str) -> str:
        """``like=`` for a layer whose parameters have the names of another's."""
        names = [text for param in _params(layer) for text in param.texts("name")]
        names += [one.value for one in layer.all("param") if isinstance(one.value, str)]
        if not names:
            return ""
        owner = self.owners.setdefault(names[0], identifier(name))
        return "" if owner == identifier(name) else f" like={owner}"

    def convolution(self, layer: Message, name: str, sources: list[str], tops: list[str]) -> None:
        word = _word(layer)
        param = layer.message("convolution_param")
        filters = param.number("num_output", 0)
        if not filters:
            raise refused(f"{name} has no num_output", param.span)
        text = f"{'tconv' if word == 'Deconvolution' else 'conv'} {kernel(param, name)} {filters}"
        text += window(param, word)
        group = param.number("group", 1, 1)
        text += f" groups={group}" if group > 1 else ""
        text += "" if param.true("bias_term", True) else " bias=no"
        text += self.shared(layer, name)
        for source, top in zip(sources, tops, strict=False):
            self.statement(layer, name, source, text, top, filters)

    def pooling(self, layer: Message, name: str, sources: list[str], tops: list[str]) -> None:
        param = layer.message("pooling_param")
        kind = param.text("pool", "MAX").upper()
        if kind not in ("MAX", "AVE", "0", "1"):
            raise refused(f"{name}: pooling {kind} is not read", param.place("pool"))
        average = kind in ("AVE", "1")
        if param.true("global_pooling", False):
            text = f"adaptive_{'avgpool' if average else 'maxpool'} 1x1"
        else:
            rounding = "floor" if param.text("round_mode").upper() in ("FLOOR", "1") else "ceil"
            text = f"{'avgpool' if average else 'maxpool'} {kernel(param, name)}{window(param, 'Pooling')}"
            text += f" round={rounding}"
        self.statement(layer, name, sources[0], text, tops[0])

    def inner_product(self, layer: Message, name: str, sources: list[str], tops: list[str]) -> None:
        param = layer.message("inner_product_param")
        output = param.number("num_output", 0)
        if not output:
            raise refused(f"{name} has no num_output", param.span)
        if param.number("axis", 1, -10) != 1:
            raise refused(f"{name}: an axis other than 1 is not read", param.place("axis"))
        text = f"fc {output}" + ("" if param.true("bias_term", True) else " bias=no")
        self.statement(layer, name, sources[0], text + self.shared(layer, name), tops[0], output)

    def lrn(self, layer: Message, name: str, sources: list[str], tops: list[str]) -> None:
        param = layer.message("lrn_param")
        within = param.text("norm_region", "ACROSS_CHANNELS").upper() in ("WITHIN_CHANNEL", "1")
        text = f"lrn {param.number('local_size', 5, 1)}" + (" across=positions" if within else "")
        self.statement(layer, name, sources[0], text, tops[0])

    def plain(self, layer: Message, name: str, sources: list[str], tops: list[str]) -> None:
        word = _word(layer)
        negative = layer.message("relu_param").text("negative_slope", "0")
        if word == "ReLU":
            text = "relu" if zero(negative) else f"leaky_relu slope={decimal(negative, layer)}"
        elif word == "PReLU":
            text = "prelu"
        elif word == "Dropout":
            ratio = layer.message("dropout_param").text("dropout_ratio", "0.5")
            text = f"dropout {decimal(ratio, layer)}"
        elif word == "Softmax":
            text = "softmax"
        elif word == "Flatten":
            text = "flatten"
        else:
            text = {"Sigmoid": "sigmoid", "TanH": "tanh", "ELU": "elu", **_FUNCTIONS}[word]
        self.statement(layer, name, sources[0], text, tops[0])

    def batch_norm(self, layer: Message, name: str, sources: list[str], tops: list[str]) -> None:
        self.statement(layer, name, sources[0], "bn scale=no shift=no", tops[0])

    def scale(self, layer: Message, name: str, sources: list[str], tops: list[str]) -> None:
        param = layer.message("scale_param")
        if len(sources) > 1:
            raise refused(f"{name}: a Scale of two blobs is not read", layer.place("bottom"))
        text = "scale" + (" shift=yes" if param.true("bias_term", False) else "")
        self.statement(layer, name, sources[0], text, tops[0])

    def bias(self, layer: Message, name: str, sources: list[str], tops: list[str]) -> None:
        self.statement(layer, name, sources[0], "bias", tops[0])

    def concat(self, layer: Message, name: str, sources: list[str], tops: list[str]) -> None:
        param = layer.message("concat_param")
        if param.number("axis", 1) != 1 or param.number("concat_dim", 1) != 1:
            raise refused(f"{name}: only channels are put side by side", param.span)
        known = [self.channels.get(source, 0) for source in sources]
        if len(sources) == 1:
            self.statement(layer, name, sources[0], "identity", tops[0])
            return
        self.merge(layer, name, sources, "concat", tops[0], sum(known) if all(known) else 0)

    def eltwise(self, layer: Message, name: str, sources: list[str], tops: list[str]) -> None:
        kind = layer.message("eltwise_param").text("operation", "SUM").upper()
        words = {"SUM": "add", "1": "add", "PROD": "mul", "0": "mul", "MAX": "map max", "2": "map max"}
        if kind not in words:
            raise refused(f"{name}: an operation {kind} is not known", layer.span)
        if kind in ("MAX", "2") and len(sources) > 2:
            raise refused(f"{name}: the largest of more than two blobs is not read", layer.span)
        self.merge(layer, name, sources, words[kind], tops[0], self.channels.get(sources[0], 0))

    def split(self, layer: Message, name: str, sources: list[str], tops: list[str]) -> None:
        for top in tops:
            self.blobs[top] = sources[0]

    def slices(self, layer: Message, name: str, sources: list[str], tops: list[str]) -> None:
        param = layer.message("slice_param")
        if param.number("axis", 1) != 1 or param.number("slice_dim", 1) != 1:
            raise refused(f"{name}: only channels are taken apart", param.span)
        whole = self.channels.get(sources[0])
        points = param.numbers("slice_point", 1)
        if whole is None:
            raise refused(f"{name}: how many channels arrive is not known", layer.span)
        if not points:
            if whole % len(tops):
                raise refused(f"{name}: {whole} channels make no {len(tops)} equal parts", layer.span)
            points = [whole // len(tops) * at for at in range(1, len(tops))]
        edges = [0, *points, whole]
        if len(edges) != len(tops) + 1 or sorted(set(edges)) != edges:
            raise refused(f"{name}: {len(tops)} tops have the slice points {points}", param.span)
        for top, begin, end in zip(tops, edges, edges[1:], strict=False):
            text = f"take {end - begin}" + (f" offset={begin}" if begin else "")
            label = name if len(tops) == 1 else f"{name}_{top}"
            self.statement(layer, label, sources[0], text, top, end - begin)

    def crop(self, layer: Message, name: str, sources: list[str], tops: list[str]) -> None:
        param = layer.message("crop_param")
        if len(sources) != 2 or param.number("axis", 2) != 2:
            raise refused(f"{name}: a crop is of height and width, to those of a second blob", layer.span)
        offset = param.number("offset", 0)
        text = f"crop @{sources[1]}" + (f" offset={offset}" if offset else "")
        self.statement(layer, name, sources[0], text, tops[0])

    def reshape(self, layer: Message, name: str, sources: list[str], tops: list[str]) -> None:
        dims = layer.message("reshape_param").message("shape").numbers("dim", -1)
        if len(dims) != 2 or dims[1] != -1:
            raise refused(f"{name}: a Reshape is read where it makes a vector", layer.span)
        self.statement(layer, name, sources[0], "flatten", tops[0])


def _is_inference(layer: Message) -> bool:
    """Whether a layer stands in the network that is run, and not in that which is trained alone."""
    included = [rule.text("phase").upper() for rule in layer.messages("include")]
    excluded = [rule.text("phase").upper() for rule in layer.messages("exclude")]
    test = ("TEST", "1", "")
    if included:
        return any(phase in test for phase in included)
    return not any(phase in ("TEST", "1") for phase in excluded)


def _word(layer: Message) -> str:
    """The type of a layer; of the old form in the new one's words."""
    word = layer.text("type")
    if not word:
        raise refused(f"{layer.text('name') or 'a layer'} has no type", layer.span)
    if word.isupper() and word not in _LAYERS:
        word = _OLD_WORDS.get(word) or "".join(part.capitalize() for part in word.split("_"))
    return word


def _params(layer: Message) -> list[Message]:
    return [one.value for one in layer.all("param") if isinstance(one.value, Message)]


_LAYERS: dict[str, Callable[[CaffeTranslation, Message, str, list[str], list[str]], None]] = {
    "Convolution": CaffeTranslation.convolution,
    "Deconvolution": CaffeTranslation.convolution,
    "Pooling": CaffeTranslation.pooling,
    "InnerProduct": CaffeTranslation.inner_product,
    "LRN": CaffeTranslation.lrn,
    "BatchNorm": CaffeTranslation.batch_norm,
    "Scale": CaffeTranslation.scale,
    "Bias": CaffeTranslation.bias,
    "Concat": CaffeTranslation.concat,
    "Eltwise": CaffeTranslation.eltwise,
    "Split": CaffeTranslation.split,
    "Slice": CaffeTranslation.slices,
    "Crop": CaffeTranslation.crop,
    "Reshape": CaffeTranslation.reshape,
    **dict.fromkeys(
        ["ReLU", "PReLU", "ELU", "Sigmoid", "TanH", "Dropout", "Softmax", "Flatten", *_FUNCTIONS],
        CaffeTranslation.plain,
    ),
}
