"""An ONNX file as the model that it holds, without its weights."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from typing import Any

from ....diagnostics import SpecError, fail
from ....packages import needed
from .._mapped import mapped
from .wire import Limits, WireError, lean

# Types of tensors as the format numbers them.
TYPES = {
    **{1: "float32", 2: "uint8", 3: "int8", 4: "uint16", 5: "int16", 6: "int32", 7: "int64", 8: "string"},
    **{9: "bool", 10: "float16", 11: "float64", 12: "uint32", 13: "uint64", 14: "complex64"},
    **{15: "complex128", 16: "bfloat16", 17: "float8_e4m3fn", 18: "float8_e4m3fnuz", 19: "float8_e5m2"},
    **{20: "float8_e5m2fnuz", 21: "uint4", 22: "int4", 23: "float4_e2m1", 24: "float8_e8m0"},
    **{25: "uint2", 26: "int2"},
}
# So many bytes of a tensor beside the file are read, where it may be a shape or indices.
_MOST_BESIDE = 1 << 16


def is_broken(name: str, why: str) -> SpecError:
    """Return the error for a file that is no model."""
    return fail(
        "file",
        f"{name} is no ONNX model that can be read: {why}",
        "`onnx.checker.check_model(path)` looks a file over",
    )


def model_of(path: str, limits: Limits | None = None) -> Any:
    """Read the model of a file; values of large tensors are left where they are.

    Args:
        path: The file.
        limits: How large it may be without them.

    Returns:
        The ``ModelProto``.

    Raises:
        SpecError: Where there is no such file, it holds something else, or the onnx package is missing.
    """
    onnx = needed("onnx", path)
    try:
        with mapped(path, is_broken) as data:
            left = lean(data, limits or Limits())
    except WireError as error:
        raise is_broken(path, str(error)) from None
    try:
        model = onnx.ModelProto.FromString(left)
    except Exception as error:  # each implementation of protobuf has errors of its own
        raise is_broken(path, f"it is no message of protobuf ({type(error).__name__})") from None
    if not model.HasField("graph") or not model.graph.node:
        raise is_broken(path, "it holds no nodes")
    nodes = [node for function in model.functions for node in function.node]
    if not all(isinstance(name, str) for name in _names([model.graph], nodes)):
        raise is_broken(path, "a name in it is no text in UTF-8")
    return model


def _names(graphs: list[Any], nodes: list[Any]) -> Iterator[Any]:
    """The names of all that graphs and nodes hold; of what is no text its bytes."""
    while graphs or nodes:
        while graphs:
            graph = graphs.pop()
            nodes += graph.node
            yield graph.name
            yield from [one.name for one in (*graph.initializer, *graph.value_info)]
            for one in (*graph.input, *graph.output):
                yield one.name
                yield from [dim.dim_param for dim in one.type.tensor_type.shape.dim]
        while nodes:
            node = nodes.pop()
            yield from (node.name, node.op_type, node.domain, *node.input, *node.output)
            for entry in node.metadata_props:
                yield from (entry.key, entry.value)
            for attribute in node.attribute:
                yield from (attribute.name, attribute.ref_attr_name)
                graphs += [*([attribute.g] if attribute.HasField("g") else []), *attribute.graphs]


def written_by(model: Any) -> str:
    """Return which version of ONNX a model is in, and what wrote it: ``ONNX opset 17, by pytorch 2.13.0``.

    Args:
        model: The model.
    """
    versions = [one.version for one in model.opset_import if one.domain in ("", "ai.onnx")]
    found = f"ONNX opset {versions[0]}" if versions else "ONNX"
    producer = " ".join(f"{model.producer_name} {model.producer_version}".split())[:60]
    return f"{found}, by {producer}" if producer else found


def array_of(proto: Any, folder: str, most: int) -> Any | None:
    """Return the values of a tensor of a file as an array of numpy; None where there are more than so many,
    or they were left out.

    Args:
        proto: The ``TensorProto``.
        folder: Where the file lies, for tensors in a file beside it.
        most: How many values it may have.
    """
    import numpy as np

    helper = needed("onnx.numpy_helper", "an ONNX file")
    count = 1
    for size in proto.dims:
        count *= size
    if count > most or count < 0 or proto.data_type in (0, 8):
        return None
    if proto.data_location == 1:
        data = _beside(proto, folder)
        if data is None:
            return None
        copied = type(proto)()
        copied.CopyFrom(proto)
        copied.data_location = 0
        del copied.external_data[:]
        copied.raw_data = data
        proto = copied
    try:
        found = np.asarray(helper.to_array(proto))
    except Exception:  # left out, or too few: then they are not known
        return None
    return found if found.size == count else None


def _beside(proto: Any, folder: str) -> bytes | None:
    """The bytes of a small tensor that lies in a file beside the model; None where there is no such file."""
    entries = {one.key: one.value for one in proto.external_data}
    place = os.path.realpath(os.path.join(folder, entries.get("location", "")))
    inside = os.path.realpath(folder or ".")
    try:
        offset, length = int(entries.get("offset", 0)), int(entries.get("length", -1))
        if os.path.commonpath([inside, place]) != inside or not 0 < length <= _MOST_BESIDE or offset < 0:
            return None
        if not stat.S_ISREG(os.stat(place).st_mode):
            return None
        with open(place, "rb") as file:
            file.seek(offset)
            return file.read(length)
    except (OSError, ValueError, OverflowError):
        return None
