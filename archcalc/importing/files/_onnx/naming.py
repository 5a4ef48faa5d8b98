"""Which module a node stands in: from the names that exporters give to nodes and weights."""

from __future__ import annotations

import ast
import re
from typing import Any

from ...operations.recording import BUFFER, CONSTANT, PARAMETER

# What the exporter of PyTorch writes beside each node, and how long such a list may be.
_SCOPES, _CLASSES = "pkg.torch.onnx.name_scopes", "pkg.torch.onnx.class_hierarchy"
_LONGEST = 1 << 11
# And beside each tensor that the module holds.
_KIND = "pkg.torch.export.graph_signature.InputSpec.kind"
_STORED = {"PARAMETER": PARAMETER, "BUFFER": BUFFER, "CONSTANT_TENSOR": CONSTANT}
_ROLES = "weight|bias|running_mean|running_var|in_proj_weight|in_proj_bias|gamma|beta|kernel"
# ``layer1.0.conv1.weight``; ``conv1/7x7_s2_w_0``; ``model/conv1/Conv2D/ReadVariableOp:0``.
_DOTTED = re.compile(rf"((?:[A-Za-z0-9_-]{{1,80}}\.){{0,24}}[A-Za-z0-9_-]{{1,80}})\.(?:{_ROLES})")
_UNDERSCORED = re.compile(r"(.{1,200}?)_(?:w|b|s|scale|bias|riv|rm|gamma|beta)_\d{1,3}")


class NodePlace:
    """Where a node stands.

    Attributes:
        path: The dotted name of the innermost module; empty for none.
        kinds: The names of the classes of the modules, from the outermost one inside the network on, where
            the file states them.
        kind: The name of the class of the whole network; empty where the file does not state it.
    """

    __slots__ = ("path", "kinds", "kind")

    def __init__(self, path: str, kinds: tuple[tuple[str, str], ...] = (), kind: str = ""):
        self.path = path
        self.kinds = kinds
        self.kind = kind


def kinds_of(graph: Any) -> dict[str, str]:
    """Return which stored tensors are parameters, buffers or constants, where the exporter wrote it down.

    Args:
        graph: The graph.
    """
    found = {}
    for one in (*graph.value_info, *graph.input, *graph.initializer):
        for entry in one.metadata_props:
            if entry.key == _KIND and entry.value in _STORED:
                found[one.name] = _STORED[entry.value]
    return found


def place_of(proto: Any) -> NodePlace:
    """Return the module that a node stands in, as its exporter wrote it down.

    Args:
        proto: The node.
    """
    notes = {one.key: one.value for one in proto.metadata_props}
    scopes, classes = _list(notes.get(_SCOPES, "")), _list(notes.get(_CLASSES, ""))
    if len(scopes) > 1 and len(scopes) == len(classes):
        kinds = [(scope, name.rpartition(".")[2]) for scope, name in zip(scopes, classes, strict=True)]
        inside = [(scope, kind) for scope, kind in kinds[1:-1] if scope]
        return NodePlace(inside[-1][0] if inside else "", tuple(inside), kinds[0][1])
    return NodePlace(of_node_name(proto.name, proto.op_type))


def of_node_name(name: str, operator: str) -> str:
    """Return the dotted name of the module that the name of a node states.

    Args:
        name: ``/layer1/layer1.0/conv1/Conv``.
        operator: What it does, ``Conv``: the last part of the name is not that of a module.

    Returns:
        ``layer1.0.conv1``; empty where the name states none.
    """
    parts = [part for part in name[:1000].split("/") if part]
    if "/" not in name or not parts:
        return ""
    found: list[str] = []
    for part in parts[:-1]:
        if found and part.startswith(f"{found[-1]}."):
            found.pop()
        found.append(part)
    return ".".join([re.sub(r"[^\w.-]", "_", part).strip(".") or "_" for part in found[:24]])


def of_weight_name(name: str) -> str:
    """Return the dotted name of the module that the name of a weight states; empty where it states none.

    Args:
        name: ``layer1.0.conv1.weight``, or ``gpu_0/conv1_w_0``.
    """
    match = _DOTTED.fullmatch(name)
    if match:
        return match[1]
    match = _UNDERSCORED.fullmatch(name)
    if match is None:
        return ""
    parts = [re.sub(r"\W", "_", part) for part in match[1].removeprefix("gpu_0/").split("/")]
    return ".".join([part for part in parts[:24] if part])


def of_weight(name: str) -> str:
    """Return the name of a weight as one word of a module: its last part where that is a word."""
    return re.sub(r"\W+", "_", name.rpartition("/")[2])[-80:].strip("_") or "tensor"


def _list(text: str) -> list[str]:
    """A list of texts, as Python writes it; an empty one for anything else."""
    if not 2 < len(text) <= _LONGEST or not text.startswith("["):
        return []
    try:
        found = ast.literal_eval(text)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return []
    plain = isinstance(found, list) and all(isinstance(one, str) and _is_path(one) for one in found)
    return found if plain else []


def _is_path(text: str) -> bool:
    return len(text) < 400 and all(part for part in text.split(".")) if text else True
