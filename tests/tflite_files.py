"""Writes files of TensorFlow Lite for tests, with the accessors of the tflite package."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import flatbuffers
import numpy as np
import tflite

TYPES = {"float32": np.float32, "int32": np.int32, "int64": np.int64, "int8": np.int8, "bool": np.bool_}


class ModelFile:
    """A model on its way into a file."""

    def __init__(self) -> None:
        self.tensors: list[dict[str, Any]] = []
        self.operators: list[dict[str, Any]] = []

    def tensor(
        self,
        sizes: Sequence[int],
        data: Any = None,
        *,
        dtype: str = "float32",
        name: str = "",
        signature: Sequence[int] = (),
        steps: bool = False,
        stored: bool = False,
    ) -> int:
        """Enter a tensor, and return its number. With ``stored`` the file holds zeros for it."""
        if stored:
            data = np.zeros(sizes, TYPES[dtype])
        if data is not None and not isinstance(data, bytes):
            data = np.asarray(data, TYPES[dtype]).tobytes()
        self.tensors.append(
            {
                "sizes": [*sizes],
                "data": data,
                "dtype": dtype,
                "name": name or f"t{len(self.tensors)}",
                "signature": [*signature],
                "steps": steps,
            }
        )
        return len(self.tensors) - 1

    def numbers(self, *values: int) -> int:
        """Enter whole numbers as a tensor."""
        return self.tensor((len(values),), values, dtype="int32")

    def operator(
        self, word: str, inputs: Sequence[int], outputs: Sequence[int], kind: str = "", /, **options: Any
    ) -> None:
        """Enter an operator; one that the format does not know is ``CUSTOM:NAME``."""
        given = {"word": word, "inputs": [*inputs], "outputs": [*outputs], "kind": kind, "options": options}
        self.operators.append(given)

    def data(self, inputs: Sequence[int], outputs: Sequence[int]) -> bytes:
        """Return the file."""
        builder = flatbuffers.Builder(1024)
        words = [*dict.fromkeys(one["word"] for one in self.operators)]
        codes = [_code(builder, word) for word in words]
        buffers = [_buffer(builder, None)]
        tensors = []
        for one in self.tensors:
            number = 0
            if one["data"] is not None:
                number = len(buffers)
                buffers.append(_buffer(builder, one["data"]))
            tensors.append(_tensor(builder, one, number))
        operators = [_operator(builder, one, words.index(one["word"])) for one in self.operators]
        fields = {
            "Tensors": _offsets(builder, tensors),
            "Inputs": _ints(builder, inputs),
            "Outputs": _ints(builder, outputs),
            "Operators": _offsets(builder, operators),
        }
        graphs = _offsets(builder, [_table(builder, "SubGraph", fields)])
        fields = {
            "OperatorCodes": _offsets(builder, codes),
            "Subgraphs": graphs,
            "Buffers": _offsets(builder, buffers),
        }
        builder.Finish(_table(builder, "Model", {"Version": 3, **fields}), b"TFL3")
        return bytes(builder.Output())


def _table(builder: Any, kind: str, fields: Mapping[str, Any]) -> int:
    getattr(tflite, f"{kind}Start")(builder)
    for name, value in fields.items():
        getattr(tflite, f"{kind}Add{name}")(builder, value)
    return int(getattr(tflite, f"{kind}End")(builder))


def _ints(builder: Any, values: Sequence[int]) -> int:
    return int(builder.CreateNumpyVector(np.asarray(values, np.int32)))


def _offsets(builder: Any, values: Sequence[int]) -> int:
    builder.StartVector(4, len(values), 4)
    for value in reversed(values):
        builder.PrependUOffsetTRelative(value)
    return int(builder.EndVector())


def _code(builder: Any, word: str) -> int:
    known, _, custom = word.partition(":")
    number = getattr(tflite.BuiltinOperator, known)
    fields = {"DeprecatedBuiltinCode": min(number, 127), "BuiltinCode": number, "Version": 1}
    if custom:
        fields["CustomCode"] = builder.CreateString(custom)
    return _table(builder, "OperatorCode", fields)


def _buffer(builder: Any, data: bytes | None) -> int:
    fields = {} if data is None else {"Data": builder.CreateByteVector(data)}
    return _table(builder, "Buffer", fields)


def _tensor(builder: Any, one: Mapping[str, Any], number: int) -> int:
    fields = {"Shape": _ints(builder, one["sizes"]), "Name": builder.CreateString(one["name"])}
    if one["signature"]:
        fields["ShapeSignature"] = _ints(builder, one["signature"])
    if one["steps"]:
        scale = builder.CreateNumpyVector(np.asarray([0.5], np.float32))
        fields["Quantization"] = _table(builder, "QuantizationParameters", {"Scale": scale})
    fields |= {"Type": getattr(tflite.TensorType, one["dtype"].upper()), "Buffer": number}
    return _table(builder, "Tensor", fields)


def _operator(builder: Any, one: Mapping[str, Any], code: int) -> int:
    fields = {"OpcodeIndex": code, "Inputs": _ints(builder, one["inputs"])}
    fields["Outputs"] = _ints(builder, one["outputs"])
    if "custom" in one["options"]:
        fields["CustomOptions"] = builder.CreateByteVector(one["options"]["custom"])
    if one["kind"]:
        given = {
            k: _ints(builder, v) if isinstance(v, (list, tuple)) else v for k, v in one["options"].items()
        }
        fields["BuiltinOptions"] = _table(builder, one["kind"], given)
        fields["BuiltinOptionsType"] = getattr(tflite.BuiltinOptions, one["kind"])
    return _table(builder, "Operator", fields)
