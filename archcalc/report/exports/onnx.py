"""A file of ONNX."""

from __future__ import annotations

from ...graph import Graph
from . import ExportFormat, ToolSettings


class Format(ExportFormat):
    """``--to onnx``: an ONNX file, which Netron shows and onnxruntime runs."""

    what = "an ONNX file"
    suffixes = (".onnx",)
    settings = ("weights", "batch", "opset")

    def content(self, graph: Graph, settings: ToolSettings) -> bytes:
        """The bytes of the file. Raises SpecError for layers that ONNX has no operators for."""
        from ...export.onnx_file import WEIGHTS, onnx_file

        weights = "none" if settings.weights is None else settings.weights
        if weights not in WEIGHTS:
            raise ValueError(f"{weights!r} is not none or random")
        return onnx_file(
            graph, weights=weights, batch=settings.batch, opset=settings.opset, with_heads=settings.with_heads
        )
