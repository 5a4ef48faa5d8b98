"""Source of a PyTorch module."""

from __future__ import annotations

from ...graph import Graph
from . import ExportFormat, ToolSettings


class Format(ExportFormat):
    """``--to torch``: PyTorch source."""

    what = "PyTorch source"
    suffixes = (".py",)
    source = True

    def content(self, graph: Graph, settings: ToolSettings) -> str:
        """The source. Raises SpecError for layers that PyTorch has no counterpart of."""
        from ...loading.module_runs import exported

        return exported(graph, settings.with_heads).text
