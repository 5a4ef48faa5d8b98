"""Caffe's networks, ``deploy.prototxt`` and ``train_val.prototxt``, in the old forms and the new.

Source: https://github.com/BVLC/caffe, src/caffe/proto/caffe.proto, whose defaults these are, and
https://caffe.berkeleyvision.org/tutorial/layers.html.
"""

from __future__ import annotations

import re

from . import FileFormat, GivenFile, Request, SpecWriter


class Format(FileFormat):
    """Caffe's networks."""

    tool = "Caffe"
    suffixes = (".prototxt",)

    def recognises(self, head: bytes) -> bool:
        """Tell by a layer with its type, or by the sizes of an input."""
        text = head.decode("utf-8", "replace")
        return re.search(r"(?:^|[\r\n])[ \t]*(?:layers?\s*\{|input_dim\s*:)", text) is not None

    def network(self, file: GivenFile, request: Request) -> SpecWriter:
        """Write the spec of a network."""
        from ._caffe.messages import parsed
        from ._caffe.network import CaffeWriting

        source = file.source()
        return CaffeWriting(source, parsed(source), request).spec()
