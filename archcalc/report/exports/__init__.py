"""What a network is exported to: one file per tool, found by being in this folder.

A file holds a class ``Format``. The name of the file is what ``--to`` of `archcalc export` takes, with a
hyphen for each underline.
"""

from __future__ import annotations

import os
from importlib import import_module
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from ...graph import Graph

# What is written where nothing else is wanted.
USUAL = "torch"


class ToolSettings(NamedTuple):
    """How a network is exported. A format takes some of it, and None is what it does by itself.

    Attributes:
        with_heads: Whether side heads are part of it. All formats take this.
        batch: Elements of a batch.
        weights: What stands for the values of weights.
        opset: The version of the operators of ONNX.
        layout: The order of the axes in shapes that are shown, ``hwc`` or ``chw``.
    """

    with_heads: bool = False
    batch: int | None = None
    weights: str | None = None
    opset: int | None = None
    layout: str = "hwc"


class ExportFormat:
    """A tool for which networks are written.

    what      what is written, as messages call it
    suffixes  ends of the names of files that are this format; the first is that of an example
    inside    what the name of a file has inside without which the tool does not open it
    settings  what of the settings it takes, besides heads
    source    it is source, which every format of answers shows
    """

    what = ""
    suffixes: tuple[str, ...] = ()
    inside = ""
    settings: tuple[str, ...] = ()
    source = False

    def content(self, graph: Graph, settings: ToolSettings) -> str | bytes:
        """The text or the bytes of the file. Raises SpecError, and ValueError for settings that are none."""
        raise NotImplementedError


def names() -> list[str]:
    """The names of the formats: the usual one, then the others."""
    found = {
        name.removesuffix(".py").replace("_", "-")
        for place in __path__
        for name in os.listdir(place)
        if name.endswith(".py") and not name.startswith("_")
    }
    return sorted(found, key=lambda name: (name != USUAL, name))


def named(name: str) -> ExportFormat:
    """A format by its name, which is one of ``names()``."""
    found: ExportFormat = import_module(f"{__name__}.{name.replace('-', '_')}").Format()
    return found


def of_file(path: str | None) -> str:
    """The format that a file of this name is; the usual one where the name does not tell."""
    if path is None:
        return USUAL
    return next((name for name in names() if path.lower().endswith(named(name).suffixes)), USUAL)


def taking(setting: str) -> list[str]:
    """The formats that take a setting."""
    return [name for name in names() if setting in named(name).settings]
