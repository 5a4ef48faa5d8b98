"""Pasted code, read from its syntax tree and never run: PyTorch or Keras, as its imports and calls tell."""

from __future__ import annotations

import ast
import re

from . import FileFormat, GivenFile, ImportedGraph, Request, SpecWriter
from ._source.python_file import Listing

_CODE = re.compile(
    rb"^[ \t]*(?:import|from)[ \t]+(?:torch|keras|tensorflow|tf_keras)\b|\bclass \w{1,99} ?\((?:torch\.)?nn\."
    rb"|\bnn\.(?:Sequential|Module|Conv\dd|Linear)\b|\b(?:keras|layers|models)\.[A-Z]\w{0,99} ?\("
    rb"|\b(?:Sequential|Conv\dD|Dense) ?\(|\"cell_type\"",
    re.MULTILINE,
)
_KERAS = ("keras", "tensorflow", "tf_keras", "keras_core", "tf")
_KERAS_NAMES = ("Dense", "Conv1D", "Conv2D", "MaxPooling2D", "MaxPool2D", "Convolution2D", "InputLayer")


class Format(FileFormat):
    """``.py``, ``.ipynb``."""

    tool = "Python code"
    suffixes = (".py", ".ipynb")

    def recognises(self, head: bytes) -> bool:
        return _CODE.search(head) is not None

    def network(self, file: GivenFile, request: Request) -> SpecWriter | ImportedGraph:
        listing = Listing(file)
        if is_keras(listing.tree):
            from ._source.keras_code import keras_network

            return keras_network(listing, request)
        from ._torch_code.reading import torch_network

        return torch_network(listing, request)


def is_keras(tree: ast.Module) -> bool:
    """Tell whether code is for Keras, and not for PyTorch: by its imports, else by the names that it uses."""
    torch = keras = 0
    names: list[str] = []
    for node in ast.walk(tree):
        paths: list[str] = []
        if isinstance(node, ast.Import):
            paths = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            paths = [node.module or ""]
        elif isinstance(node, ast.Name):
            names.append(node.id)
        elif isinstance(node, ast.Attribute):
            names.append(node.attr)
        for path in paths:
            root = path.partition(".")[0]
            keras += root in _KERAS
            torch += root in ("torch", "torchvision")
    if bool(keras) != bool(torch):
        return bool(keras)
    if keras:  # both, as Keras on PyTorch: whose layers are they?
        return any(name in _KERAS_NAMES for name in names) and "Module" not in names
    return "nn" not in names and "torch" not in names
