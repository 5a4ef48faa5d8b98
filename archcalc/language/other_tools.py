"""Code and files of other tools, which are no specs: one message with the right words."""

from __future__ import annotations

import os
import re

from ..diagnostics import Diagnostic, SpecError, fail
from ..source import Source, Span

_CODE = re.compile(
    r"\b(?:nn|layers|keras|torch|tf|tensorflow|F)\.[A-Za-z]"
    r"|\b(?:Sequential|Conv[123][Dd]|Dense|Linear|Flatten|MaxPool(?:ing)?[123][Dd]|LSTM|Dropout"
    r"|Embedding|BatchNorm(?:alization|[123]d)) ?\("
    r"|^[ \t]*(?:import |from \w+ import|class \w+ ?[(:]|def \w+ ?\()"
    r"|\b(?:model|self)\.\w+ ?[(=]",
    re.MULTILINE,
)
_KERAS = re.compile(r"\b(?:keras|tensorflow|tf|layers|model\.add)\b|[123]D\b|\bDense\b")
# Files of other tools, by their suffix.
_FILES = {
    ".py": "Python code",
    ".ipynb": "a notebook",
    ".caffemodel": "weights of Caffe",
    ".onnx": "an ONNX file",
    ".h5": "a model of Keras",
    ".keras": "a model of Keras",
    ".hdf5": "a model of Keras",
    ".pb": "a graph of TensorFlow",
    ".tflite": "a model of TensorFlow Lite",
    ".pt": "a file of PyTorch",
    ".pth": "a file of PyTorch",
    ".safetensors": "a file of tensors",
}
_HELP = (
    "write the layers as a spec: `conv 3x3 64 pad=1 -> relu -> maxpool 2x2 -> fc 10`",
    "`archcalc ops` lists the layers, `archcalc show vgg16` shows a whole network",
)


def code(source: Source) -> SpecError | None:
    """Return the error for a text that is code of Keras or PyTorch; None for what is none."""
    found = _CODE.search(source.text)
    if found is None:
        return None
    tool = "Keras" if _KERAS.search(source.text) else "PyTorch"
    message = f"this is code for {tool}, which cannot be read yet"
    span = Span(source, found.start() + len(found[0]) - len(found[0].lstrip()), found.end())
    return SpecError([Diagnostic("target", message, span, help=_HELP)])


def file_of(target: str) -> SpecError | None:
    """Return the error for a target that is a file of another tool; None for another."""
    path = target.partition(":")[0]
    suffix = os.path.splitext(path)[1].lower()
    kind = _FILES.get(suffix)
    if kind is None:
        return None
    if suffix == ".py":
        return fail(
            "target", f"{path} is {kind}: say what in it makes the module", f"as in {path}:Net", *_HELP
        )
    return fail("target", f"{path} is {kind}, which cannot be read yet", *_HELP)
