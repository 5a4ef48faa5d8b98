"""Networks of TensorFlow Lite: a graph of operators with the channels last, whose weights are never read.

Source: https://www.tensorflow.org/mlir/tfl_ops and the schema of the format, schema.fbs.
"""

from __future__ import annotations

import os

from ...diagnostics import fail
from . import FileFormat, GivenFile, ImportedGraph, Request, identifier
from ._tflite.magic import MAGIC, MAGIC_AT


class Format(FileFormat):
    """``.tflite``."""

    tool = "TensorFlow Lite"
    suffixes = (".tflite",)

    def recognises(self, head: bytes) -> bool:
        """Tell by the name of the format behind the first four bytes."""
        return head[MAGIC_AT : MAGIC_AT + len(MAGIC)] == MAGIC

    def network(self, file: GivenFile, request: Request) -> ImportedGraph:
        """Make the graph of the main subgraph, or of the one that ``--set net=`` names."""
        if file.path is None:
            raise fail(
                "file",
                "a model of TensorFlow Lite is no text, and cannot be read from standard input",
                "name its file",
            )
        from ..operations.lifting import graph_of, lifted
        from ..operations.lifting.given import UnliftedError
        from ._tflite.container import opened
        from ._tflite.walk import OperatorWalk

        with opened(file.path) as model:
            walk = OperatorWalk(model, request)
            recording = walk.recording()
        name = identifier(os.path.splitext(os.path.basename(file.name))[0])
        try:
            graph = graph_of(lifted(recording), name)
        except UnliftedError as error:
            report = "this is a fault of archcalc: please report it, with the file"
            raise fail(
                "internal", f"{file.name} was read, and no graph came of it: {error}", report
            ) from None
        return ImportedGraph(graph, [*model.notes, *walk.notes])
