"""Networks of ONNX: a graph of operations, whose weights are never read."""

from __future__ import annotations

import os

from ...diagnostics import fail
from . import FileFormat, GivenFile, ImportedGraph, Request, identifier


class Format(FileFormat):
    """``.onnx``."""

    tool = "ONNX"
    suffixes = (".onnx",)

    def recognises(self, head: bytes) -> bool:
        # The version of the format, and then the name of the tool that wrote it, or of a later field.
        return len(head) > 3 and head[0] == 0x08 and head[1] < 32 and head[2] in (0x12, 0x1A, 0x3A, 0x42)

    def network(self, file: GivenFile, request: Request) -> ImportedGraph:
        if file.path is None:
            raise fail(
                "file", "a model of ONNX is no text, and cannot be read from standard input", "name its file"
            )
        from ..operations.lifting import graph_of, lifted
        from ..operations.lifting.given import UnliftedError
        from ._onnx.container import model_of
        from ._onnx.entering import Entering
        from ._onnx.walk import NodeWalk

        model = model_of(file.path)
        entering = Entering(file.name, model.graph, request.inputs, request.layout)
        reader = NodeWalk(file.name, model, entering)
        recording = reader.recording()
        name = identifier(os.path.splitext(os.path.basename(file.name))[0])
        try:
            graph = graph_of(lifted(recording), name)
        except UnliftedError as error:
            report = "this is a fault of archcalc: please report it, with the file"
            raise fail(
                "internal", f"{file.name} was read, and no graph came of it: {error}", report
            ) from None
        return ImportedGraph(graph)
