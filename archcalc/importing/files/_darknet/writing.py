"""A configuration of Darknet on its way into a spec."""

from __future__ import annotations

import os
from collections.abc import Iterator

from ....diagnostics import SpecError, nearest
from ....source import Source, Span
from .. import Request, SpecWriter, WrittenLayer, refused
from .calls import BoxHeads, DarknetCall
from .sections import Section
from .vocabulary import section_types

# Sections that cannot be read, and why.
_REFUSED = {
    "conv_lstm": "its state comes from the image before",
    "history": "it puts images of several steps together",
    "crnn": "its state comes from the image before",
    "reorg3d": "its channels stand in an order that no layer here has",
    "iseg": "what it puts out depends on the values",
    "l2norm": "it divides all values by their length, and not those of a position",
}


class DarknetWriting:
    """Writes the spec of a configuration.

    Args:
        source: The file.
        head: Its first section.
        request: What the caller wants besides.
    """

    def __init__(self, source: Source, head: Section, request: Request):
        stem = os.path.splitext(os.path.basename(source.name))[0]
        self.writer = SpecWriter(source, stem, "Darknet")
        self.outputs: list[WrittenLayer] = []
        self.weights: dict[int, tuple[WrittenLayer, bool]] = {}
        self.last = self._input(head, request)

    def _input(self, head: Section, request: Request) -> WrittenLayer:
        """Write the input. Raises SpecError."""
        given = request.sizes("input", 1)
        height, width = head.number("height", 0), head.number("width", 0)
        channels, inputs = head.number("channels", 0), head.number("inputs", 0)
        if height and width and channels:
            return self.writer.input("input", given or (height, width, channels), head.place("height"))
        if inputs:
            if head.number("time_steps", 1, 1) > 1:
                self.writer.note("the figures are those of one step of a sequence", head.place("time_steps"))
            return self.writer.input("input", given or (inputs,), head.place("inputs"))
        if given:
            return self.writer.input("input", given, head.span)
        raise refused("the input needs `height`, `width` and `channels`, or `inputs`", head.span)

    def spec(self, read: Iterator[Section]) -> SpecWriter:
        """Write all layers. Raises SpecError."""
        layers = list(read)
        if not layers:
            raise refused("the network has no layers", Span(self.writer.source, 0, 0))
        known = section_types()
        boxed = [section for section in layers if section.word in ("yolo", "gaussian_yolo")]
        heads = BoxHeads(len(boxed))
        for number, section in enumerate(layers):
            found = known.get(section.word)
            if found is None:
                raise _unknown(section)
            label = f"{found.label or section.word}{number}"
            call = DarknetCall(
                self.writer, section, number, label, self.outputs, self.last, self.weights, heads
            )
            self.last = found.write(call)
            self.outputs.append(self.last)
            for name, near in section.misspelled():
                self.writer.note(
                    f"{label}: `{name[:40]}` is not read", section.place(name), f"did you mean `{near}`?"
                )
        if heads.boxes:
            span = layers[-1].span
            if len(heads.boxes) > 1:
                self.writer.layer("boxes", "concat", heads.boxes, span, axis=0)
            else:
                self.writer.layer("boxes", "identity", heads.boxes, span)
        elif self.last.label != self.writer.last:
            self.writer.outputs([self.last], layers[-1].span)
        return self.writer


def _unknown(section: Section) -> SpecError:
    """The error for a section that is not read."""
    message = f"a section [{section.word}] of Darknet is not read"
    if section.word in _REFUSED:
        return refused(f"{message}: {_REFUSED[section.word]}", section.span)
    known = section_types()
    near = nearest(section.word, known)
    hint = f"did you mean [{near}]?" if near else f"what is read: {', '.join(f'[{word}]' for word in known)}"
    return refused(message, section.span, hint)
