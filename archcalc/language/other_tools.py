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
# Files of other tools that are not read, by their suffix: what they are, and the way out.
_FILES = {
    ".caffemodel": ("weights of Caffe", "the file deploy.prototxt beside it holds the layers, and is read"),
    ".engine": ("an engine of TensorRT", "the ONNX file that it was made of is read"),
    ".mlmodel": ("a model of Core ML", "the model that it was made of is read, or that as an ONNX file"),
    ".pb": (
        "a graph of TensorFlow",
        "`keras.models.load_model(FOLDER).save('net.keras')` or tf2onnx writes a file that is read",
    ),
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
    message = f"this is code for {tool}, which is read from a .py file or standard input alone"
    span = Span(source, found.start() + len(found[0]) - len(found[0].lstrip()), found.end())
    return SpecError([Diagnostic("target", message, span, help=_HELP)])


def saved_model(path: str) -> SpecError | None:
    """Return the error for a SavedModel of TensorFlow, a folder or the file in it; None for what is none."""
    name = "saved_model.pb"
    folder = os.path.dirname(path) if os.path.basename(path) == name else path
    if not os.path.isfile(os.path.join(folder, name)):
        return None
    shown = folder or "."
    return fail(
        "target",
        f"{shown} is a SavedModel of TensorFlow, which is not read",
        f"`tf.lite.TFLiteConverter.from_saved_model({shown!r}).convert()` is a .tflite file, which is read",
        f"`python -m tf2onnx.convert --saved-model {shown} --output net.onnx` writes an ONNX file",
    )


def file_of(target: str) -> SpecError | None:
    """Return the error for a target that is a file of another tool; None for another."""
    path = target.partition(":")[0]
    suffix = os.path.splitext(path)[1].lower()
    found = _FILES.get(suffix)
    if found is None:
        return None
    kind, way_out = found
    return fail("target", f"{path} is {kind}, which is not read", way_out, *_HELP)
