"""Darknet's configurations, ``yolov3.cfg``: sections in square brackets, each a layer, in their order.

Source: https://pjreddie.com/darknet and the public source of darknet, src/parser.c and the file of each layer
(convolutional_layer.c, maxpool_layer.c, local_layer.c …), whose defaults and size rules these are.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from ...diagnostics import nearest
from ...source import Source, Span
from . import FileFormat, GivenFile, Request, SpecWriter, refused
from ._darknet_sections import Section, sections

# Sections that begin the file: the sizes of the input stand there.
_HEADS = ("net", "network")
# Darknet's words for activations, and ours; None for those that leave values as they are.
_ACTIVATIONS = {
    "linear": None,
    "leaky": "leaky_relu",
    "relu": "relu",
    "relu6": "relu6",
    "logistic": "sigmoid",
    "tanh": "tanh",
    "elu": "elu",
    "selu": "selu",
    "gelu": "gelu",
    "mish": "mish",
    "swish": "silu",
}


class FeatureMap(NamedTuple):
    """What a layer puts out for the input that the file declares: its label, its channels and its width; a
    vector has the width 1."""

    label: str
    channels: int
    width: int


class Format(FileFormat):
    """Darknet's configurations."""

    tool = "Darknet"
    suffixes = (".cfg",)

    def recognises(self, head: bytes) -> bool:
        """Tell by the first section: other tools have files in this form too."""
        text = head.decode("utf-8", "replace")
        found = re.search(r"^\s*\[([^\]\n]{1,60})\]", text, re.MULTILINE)
        return found is not None and found[1].strip().lower() in _HEADS

    def network(self, file: GivenFile, request: Request) -> SpecWriter:
        """Write the spec of a configuration."""
        source = file.source()
        read = sections(source)
        head = next(read, None)
        if head is None:
            raise refused(f"{source.name} has no sections: it is no file of Darknet", Span(source, 0, 0))
        if head.word not in _HEADS:
            raise refused(f"a file of Darknet begins with [net], and not with [{head.word}]", head.span)
        return DarknetTranslation(source, head).of(read)


class DarknetTranslation:
    """A configuration on its way into a spec."""

    def __init__(self, source: Source, head: Section):
        stem = os.path.splitext(os.path.basename(source.name))[0]
        self.writer = SpecWriter(source, stem, "Darknet")
        self.maps: list[FeatureMap] = []
        self.last = self._input(head)
        self.heads = 0
        self.boxes: list[FeatureMap] = []

    def _input(self, head: Section) -> FeatureMap:
        """Write the input. Raises SpecError."""
        height, width = head.number("height", 0), head.number("width", 0)
        channels, inputs = head.number("channels", 0), head.number("inputs", 0)
        if height and width and channels:
            span = head.place("height")
            self.writer.line(f"input {height}x{width}x{channels}", span)
            return FeatureMap("input", channels, width)
        if inputs:
            self.writer.line(f"input {inputs}", head.place("inputs"))
            return FeatureMap("input", inputs, 1)
        raise refused("the input needs `height`, `width` and `channels`, or `inputs`", head.span)

    def of(self, read: Iterator[Section]) -> SpecWriter:
        """Write all layers. Raises SpecError."""
        layers = list(read)
        if not layers:
            raise refused("the network has no layers", Span(self.writer.source, 0, 0))
        self.heads = len([section for section in layers if section.word == "yolo"])
        for number, section in enumerate(layers):
            write = _LAYERS.get(section.word)
            if write is None:
                known = ", ".join(f"[{word}]" for word in _LAYERS)
                near = nearest(section.word, _LAYERS)
                hints = [f"did you mean [{near}]?"] if near else []
                raise refused(
                    f"a section [{section.word}] of Darknet is not read",
                    section.span,
                    *(hints or [f"what is read: {known}"]),
                )
            write(self, section, f"{_LABELS.get(section.word, section.word)}{number}", number)
            self.maps.append(self.last)
            follows = layers[number + 1].word if number + 1 < len(layers) else "route"
            if self.boxes and section.word == "yolo" and follows not in ("route", "yolo"):
                self.writer.line(f"@{self.last.label}", section.span)  # on from the map, not from its boxes
        if self.boxes:
            names = " ".join(f"@{head.label}" for head in self.boxes)
            self.writer.line(f"boxes: concat {names} axis=0", layers[-1].span)
        return self.writer

    def statement(
        self, section: Section, label: str, text: str, channels: int, width: int | None = None
    ) -> None:
        """Write a layer that goes on from the last one, as wide by default."""
        self.writer.line(f"{label}: {text}", section.span, label, section.word)
        self.last = FeatureMap(label, channels, self.last.width if width is None else max(width, 1))

    def activated(self, section: Section, default: str) -> str:
        """What stands behind a layer for its activation. Raises SpecError."""
        word = section.text("activation", default).lower()
        if word not in _ACTIVATIONS:
            raise refused(
                f"the activation `{word[:40]}` is not known",
                section.place("activation"),
                f"known: {', '.join(_ACTIVATIONS)}",
            )
        ours = _ACTIVATIONS[word]
        return f" -> {ours}" if ours else ""

    def normalised(self, section: Section, text: str) -> str:
        """A layer of weights with its batch norm: Darknet's takes the place of the bias."""
        return f"{text} bias=no -> bn" if section.number("batch_normalize", 0) else text

    def earlier(self, section: Section, key: str, number: int) -> list[FeatureMap]:
        """The layers that a setting names: from the first one on, or backwards where it is negative."""
        text, span = section.text(key, ""), section.place(key)
        if not text:
            raise refused(f"[{section.word}] needs `{key}`", section.span)
        found = []
        for part in text.rstrip(",").split(","):
            if not re.fullmatch(r"[+-]?\d{1,6}", part):
                raise refused(f"`{key}` names layers by numbers, and not by `{part[:40]}`", span)
            at = int(part) if int(part) >= 0 else number + int(part)
            if not 0 <= at < number:
                raise refused(f"there is no layer {part} before this one, which is layer {number}", span)
            found.append(self.maps[at])
        return found

    # The layers ------------------------------------------------------------------------------

    def convolutional(self, section: Section, label: str, number: int) -> None:
        filters, size = section.number("filters", 1, 1), section.number("size", 1, 1)
        pad = size // 2 if section.number("pad", 0) else section.number("padding", 0)
        text = f"conv {size}x{size} {filters}"
        strides = section.number("stride", 1, 1)
        down = section.number("stride_y", strides, 1)
        across = section.number("stride_x", strides, 1)
        if down != across:
            text += f" stride={down}x{across}"
        elif down > 1:
            text += f" stride={down}"
        text += f" pad={pad}" if pad else ""
        dilation, groups = section.number("dilation", 1, 1), section.number("groups", 1, 1)
        text += f" dilation={dilation}" if dilation > 1 else ""
        text += f" groups={groups}" if groups > 1 else ""
        text = self.normalised(section, text) + self.activated(section, "logistic")
        width = (self.last.width + 2 * pad - (size - 1) * dilation - 1) // across + 1
        self.statement(section, label, text, filters, width)

    def maxpool(self, section: Section, label: str, number: int) -> None:
        stride = section.number("stride", 1, 1)
        size = section.number("size", stride, 1)
        rim = section.number("padding", size - 1)
        text = f"maxpool {size}x{size}" + (f" stride={stride}" if stride != size else "")
        if size == 2 and rim == 1:
            text += " pad=same"  # a rim of one position at the end, where the window reaches it
        elif rim:
            before, behind = rim // 2, rim - rim // 2
            text += f" pad={before}x{behind}x{before}x{behind}"
        width = (self.last.width + rim - size) // stride + 1
        self.statement(section, label, text, self.last.channels, width)

    def avgpool(self, section: Section, label: str, number: int) -> None:
        self.statement(section, label, "adaptive_avgpool 1x1", self.last.channels, 1)

    def local(self, section: Section, label: str, number: int) -> None:
        filters, size = section.number("filters", 1, 1), section.number("size", 1, 1)
        stride = section.number("stride", 1, 1)
        pad = section.number("pad", 0)
        if pad and size != 3:
            raise refused(
                "Darknet pads local layers by one position, whatever their size", section.place("pad")
            )
        text = f"local {size}x{size} {filters}" + (f" stride={stride}" if stride > 1 else "")
        text += " pad=1" if pad else ""
        width = (self.last.width - (1 if pad else size)) // stride + 1
        self.statement(section, label, text + self.activated(section, "logistic"), filters, width)

    def connected(self, section: Section, label: str, number: int) -> None:
        output = section.number("output", 1, 1)
        text = self.normalised(section, f"fc {output}") + self.activated(section, "logistic")
        self.statement(section, label, text, output, 1)

    def dropout(self, section: Section, label: str, number: int) -> None:
        text = section.text("probability", "0.5")
        if not re.fullmatch(r"0?\.\d{1,12}|0|1|0\.|1\.0{0,9}", text):
            raise refused(f"a probability lies between 0 and 1: `{text[:40]}`", section.place("probability"))
        text = f"0{text}" if text.startswith(".") else text.rstrip(".")
        self.statement(section, label, f"dropout {text}", self.last.channels)

    def softmax(self, section: Section, label: str, number: int) -> None:
        self.statement(section, label, "softmax", self.last.channels)

    def crop(self, section: Section, label: str, number: int) -> None:
        height = section.number("crop_height", 1, 1)
        width = section.number("crop_width", 1, 1)
        self.statement(section, label, f"crop {height}x{width}", self.last.channels, width)

    def upsample(self, section: Section, label: str, number: int) -> None:
        stride = section.number("stride", 2, 1)
        text = f"upsample {stride}"
        self.statement(section, label, text, self.last.channels, self.last.width * stride)

    def reorg(self, section: Section, label: str, number: int) -> None:
        stride = section.number("stride", 1, 1)
        if section.number("reverse", 0):
            raise refused("`reverse` of a reorg layer is not read", section.place("reverse"))
        channels = self.last.channels * stride**2
        width = self.last.width // stride
        self.statement(section, label, f"pixel_unshuffle {stride}", channels, width)

    def route(self, section: Section, label: str, number: int) -> None:
        parts = self.earlier(section, "layers", number)
        groups, chosen = section.number("groups", 1, 1), section.number("group_id", 0)
        if groups > 1:
            chosen_parts = []
            for at, part in enumerate(parts, start=1):
                if part.channels % groups or chosen >= groups:
                    raise refused(f"{part.label} has no group {chosen} of {groups}", section.place("groups"))
                size = part.channels // groups
                name = f"{label}_{at}" if len(parts) > 1 else label
                self.writer.line(f"{name}: @{part.label} -> take {size} offset={size * chosen}", section.span)
                chosen_parts.append(FeatureMap(name, size, part.width))
            parts = chosen_parts
        channels, width = sum([part.channels for part in parts]), parts[0].width
        if len(parts) > 1:
            text = f"concat {' '.join(f'@{part.label}' for part in parts)}"
            self.statement(section, label, text, channels, width)
        elif groups > 1:
            self.last = FeatureMap(label, channels, width)
        else:
            self.statement(section, label, f"@{parts[0].label}", channels, width)

    def shortcut(self, section: Section, label: str, number: int) -> None:
        others = self.earlier(section, "from", number)
        mine = self.last
        names = [mine.label, *[self.fitting(section, mine, other, label) for other in others]]
        rest = ""
        shared = min([other.channels for other in others])
        if shared < mine.channels:
            # The channels that the others have are added, and the rest of this map stays as it is.
            self.writer.line(f"{label}_same: @{mine.label} -> take {shared}", section.span)
            self.writer.line(
                f"{label}_rest: @{mine.label} -> take {mine.channels - shared} offset={shared}", section.span
            )
            names[0], rest = f"{label}_same", f"{label}_rest"
        text = f"add {' '.join(f'@{name}' for name in names)}"
        if rest:
            self.writer.line(f"{label}_sum: {text}", section.span)
            text = f"concat @{label}_sum @{rest}"
        self.statement(section, label, text + self.activated(section, "linear"), mine.channels)

    def fitting(self, section: Section, mine: FeatureMap, other: FeatureMap, label: str) -> str:
        """The label of a map that is added, with no more channels or positions than this one: of one that is
        wider Darknet takes every so many. Raises SpecError."""
        place = section.place("from")
        if other.channels < mine.channels and "," in section.text("from", "").rstrip(","):
            raise refused("maps of several widths are added to one", place)
        if other.width < mine.width:
            raise refused(f"layer {other.label} is smaller than the map that it is added to", place)
        steps = []
        if other.width >= 2 * mine.width:
            steps.append(f"maxpool 1x1 stride={other.width // mine.width}")
        if other.channels > mine.channels:
            steps.append(f"take {mine.channels}")
        if not steps:
            return other.label
        name = f"{label}_{other.label}"
        self.writer.line(f"{name}: @{other.label} -> {' -> '.join(steps)}", section.span)
        return name

    def head(self, section: Section, label: str, number: int) -> None:
        """A layer that reads boxes off a map. Of several the boxes are read together, as darknet's
        ``get_network_boxes`` does: they are the output of the network, a row a box."""
        if section.word != "yolo" or self.heads == 1:
            self.statement(section, label, "identity", self.last.channels)
            return
        before = self.last
        boxes = len([part for part in section.text("mask", "").split(",") if part])
        boxes = boxes or section.number("num", 1, 1)
        if before.channels % boxes:
            message = (
                f"{before.channels} channels are no {boxes} boxes: {before.channels} / {boxes} is not whole"
            )
            raise refused(message, section.place("mask"))
        text = f'@{before.label} -> rearrange "h w (box={boxes} c) -> (h w box) c"'
        self.writer.line(f"{label}: {text}", section.span, label, section.word)
        self.boxes.append(FeatureMap(label, before.channels // boxes, 1))
        if len({head.channels for head in self.boxes}) > 1:
            raise refused("the boxes of the yolo layers have values of different numbers", section.span)

    def cost(self, section: Section, label: str, number: int) -> None:
        """The loss, which is no layer of inference; its number counts."""
        self.writer.note("the loss of training is no layer here", section.span)


_LAYERS: dict[str, Callable[[DarknetTranslation, Section, str, int], None]] = {
    "convolutional": DarknetTranslation.convolutional,
    "conv": DarknetTranslation.convolutional,
    "maxpool": DarknetTranslation.maxpool,
    "max": DarknetTranslation.maxpool,
    "avgpool": DarknetTranslation.avgpool,
    "avg": DarknetTranslation.avgpool,
    "local": DarknetTranslation.local,
    "connected": DarknetTranslation.connected,
    "conn": DarknetTranslation.connected,
    "dropout": DarknetTranslation.dropout,
    "softmax": DarknetTranslation.softmax,
    "soft": DarknetTranslation.softmax,
    "crop": DarknetTranslation.crop,
    "upsample": DarknetTranslation.upsample,
    "reorg": DarknetTranslation.reorg,
    "route": DarknetTranslation.route,
    "shortcut": DarknetTranslation.shortcut,
    "yolo": DarknetTranslation.head,
    "region": DarknetTranslation.head,
    "detection": DarknetTranslation.head,
    "cost": DarknetTranslation.cost,
}
# What a layer is called: Darknet's own word for it, and its number.
_LABELS = {
    "convolutional": "conv",
    "max": "maxpool",
    "avg": "avgpool",
    "connected": "fc",
    "conn": "fc",
    "soft": "softmax",
}
