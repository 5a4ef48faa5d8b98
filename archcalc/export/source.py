"""The file: what it is, what it needs, its classes, and a first run."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..graph import Graph, Layer
from ..shape import Shape
from ..torch_code import lacking_modules
from .classes import Class, Classes
from .cutting import Cutting
from .identifiers import Names, net_name
from .layout import STEP, Bracket, lines
from .writing import Writing


class Export:
    """A network as Python source for PyTorch. Raises SpecError for a layer that has none.

    text   the file
    paths  where the module of each layer with parameters or buffers is, by the layer's name:
           ``conv2.0.conv1`` for ``conv2_1.conv1``
    network, instances, written
           the region of all layers, the classes that the regions became, and these as source
    """

    def __init__(self, graph: Graph, with_heads: bool = False):
        heads = graph.heads if with_heads else {}
        layers = graph.select(with_heads)
        ends = [graph.output, *heads.values()]
        cutting = Cutting(graph, layers, ends)
        helpers = lacking_modules()
        names = Names(*helpers)
        name = names.free(net_name(graph.metadata))
        classes = Classes(cutting.regions, cutting.network, names)
        classes.network.name = name
        written: dict[Class, Writing] = {}
        for cls in [*classes.list, classes.network]:
            written[cls] = Writing(cls, classes.instances, written)
        net = written[classes.network]
        self.network, self.instances, self.written = cutting.network, classes.instances, written
        self.paths = {
            found.name: path for found, path in net.places(cutting.network) if isinstance(found, Layer)
        }
        body: list[str] = []
        for writing in written.values():
            body += ["", "", *writing.lines()]
        text = "\n".join([*body, "", "", *_first_run(name, graph, with_heads)])
        needed = list(_needed(text, helpers))
        text = "\n\n\n".join(["", *[helpers[each] for each in needed]]) + "\n" + text + "\n"
        self.text = "\n".join([*_docstring(graph, heads), "", *_imports(text)]) + text


# What archcalc brings -------------------------------------------------------------------------


def _needed(text: str, helpers: dict[str, str]) -> Iterator[str]:
    """Return those that a text calls, and those that they are made of."""
    words = set(re.findall(r"(?<![\w.])[A-Za-z]\w*(?=\()", text))
    found = set()
    for name in reversed(helpers):
        if name in words:
            found.add(name)
            words |= set(re.findall(r"\w+", helpers[name]))
    return (name for name in helpers if name in found)


def _imports(text: str) -> list[str]:
    """Return the imports that a text needs."""
    words = set(re.findall(r"(?<![\w.])[A-Za-z]\w*", text))
    found = []
    if "math" in words:
        found.append("import math")
    if "Sequence" in words:
        found.append("from collections.abc import Sequence")
    if "Any" in words:
        found.append("from typing import Any")
    found += [""] * bool(found) + ["import torch"]
    if "F" in words:
        found.append("import torch.nn.functional as F")
    return [*found, f"from torch import {'Tensor, ' if 'Tensor' in words else ''}nn"]


# What it says ---------------------------------------------------------------------------------


def _docstring(graph: Graph, heads: dict[str, Layer]) -> list[str]:
    metadata = graph.metadata
    named = metadata.name.isidentifier()
    found = [*_filled(f"{metadata.title or (metadata.name if named else 'A chain of layers')}."), ""]
    sentence = f"Written by archcalc from {'its spec of ' if named else ''}{metadata.name}"
    if metadata.parameters:
        values = ", ".join(f"{name}={value}" for name, value in metadata.parameters.items())
        sentence += f" with {values}"
    found += _filled(f"{sentence}.")
    if metadata.papers:
        found += _filled(f"After {'; '.join(metadata.papers)}.")
    takes = [
        _sizes(layer.output) + (f" ({layer.name})" if len(graph.inputs) > 1 else "") for layer in graph.inputs
    ]
    gives = [
        _sizes(layer.output) + (f" ({name})" if heads else "")
        for name, layer in {"main": graph.output, **heads}.items()
    ]
    found += ["", *_filled(f"Takes {' and '.join(takes)}; gives {', '.join(gives)}.")]
    return [f'"""{found[0]}', *found[1:], '"""']


def _sizes(shape: Shape) -> str:
    """``N x 3 x 224 x 224``"""
    return " x ".join(["N", str(shape[-1]), *map(str, shape[:-1])])


def _filled(text: str) -> list[str]:
    """Return a paragraph, as lines of a docstring."""
    import textwrap

    return textwrap.wrap(_safe(text), 96, break_long_words=True, break_on_hyphens=False)


def _safe(text: str) -> str:
    """Return a text that can stand in a docstring."""
    shown = "".join(c if c.isprintable() else " " for c in text)
    return shown.replace("\\", "\\\\").replace('"""', "'''").replace('"', "'")


def _first_run(name: str, graph: Graph, with_heads: bool) -> list[str]:
    """One image through the network, and how many parameters it has."""
    inputs = []
    for layer in graph.inputs:
        sizes = ", ".join(map(str, (1, layer.output[-1], *layer.output[:-1])))
        readers = [at.op for at in graph.layers if layer in at.inputs]
        words = readers and all(op.indices_below is not None for op in readers)
        inputs.append(f"torch.zeros({sizes}{', dtype=torch.long' if words else ''})")
    several = with_heads and len(graph.heads) > 0
    inner = STEP * 2
    found = ['if __name__ == "__main__":', f"{STEP}net = {name}().eval()", f"{STEP}with torch.no_grad():"]
    found += lines(Bracket("net(", inputs), inner, "outputs = " if several else "output = ")
    if several:
        found.append(f"{STEP}for output in outputs:")
        found.append(f"{inner}print(tuple(output.shape))")
    else:
        found.append(f"{STEP}print(tuple(output.shape))")
    found.append(f'{STEP}print(f"{{sum(p.numel() for p in net.parameters()):,}} parameters")')
    return found
