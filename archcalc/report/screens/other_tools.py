"""Summaries as other tools print them: which tools there are."""

from __future__ import annotations

from ...analysis.summary import Summary
from .tool_table import OtherToolTable

# What --like takes.
TOOLS = ("keras", "torchinfo")


def as_other_tool(summary: Summary, tool: str) -> OtherToolTable:
    """Return the summary of a tool, one of TOOLS, for a network. Raises ValueError for any other."""
    if tool == "keras":
        from .like_keras import Keras

        return Keras(summary)
    if tool == "torchinfo":
        from .like_torchinfo import Torchinfo

        return Torchinfo(summary)
    raise ValueError(f"no tool {tool!r}; there are {', '.join(TOOLS)}")
