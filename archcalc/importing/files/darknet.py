"""Darknet's configurations, ``yolov3.cfg``: sections in square brackets, each a layer, in their order.

Source: https://pjreddie.com/darknet and the public source of darknet, src/parser.c and the file of each layer
(convolutional_layer.c, maxpool_layer.c, local_layer.c …), whose defaults and size rules these are; and those
of https://github.com/AlexeyAB/darknet.
"""

from __future__ import annotations

import re

from ...source import Span
from . import FileFormat, GivenFile, Request, SpecWriter, refused

# Sections that begin the file: the sizes of the input stand there.
_HEADS = ("net", "network")


class Format(FileFormat):
    """Darknet's configurations."""

    tool = "Darknet"
    suffixes = (".cfg",)

    def recognises(self, head: bytes) -> bool:
        """Tell by the first section: other tools have files in this form too."""
        text = head.decode("utf-8", "replace")
        found = re.search(r"(?:^|[\r\n])[ \t]*\[([^\]\r\n]{1,60})\]", text)
        return found is not None and found[1].strip().lower() in _HEADS

    def network(self, file: GivenFile, request: Request) -> SpecWriter:
        """Write the spec of a configuration."""
        from ._darknet.sections import sections
        from ._darknet.writing import DarknetWriting

        source = file.source()
        read = sections(source)
        head = next(read, None)
        if head is None:
            raise refused(f"{source.name} has no sections: it is no file of Darknet", Span(source, 0, 0))
        if head.word not in _HEADS:
            raise refused(f"a file of Darknet begins with [net], and not with [{head.word}]", head.span)
        return DarknetWriting(source, head, request).spec(read)
