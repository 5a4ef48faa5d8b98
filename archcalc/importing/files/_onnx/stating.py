"""What a file states of the shapes of its tensors: a witness for the sizes that are worked out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...operations.builder import TwoSizes
from .container import TYPES

if TYPE_CHECKING:
    from .tensors import OnnxTensor

_Shape = tuple[tuple[int | None, ...], str]
# Operators that put out as much as there is of something: a first axis without a number is no batch.
COUNTED = frozenset(("Compress", "NonMaxSuppression", "NonZero", "Range", "StringSplit", "Unique"))
# So many differences are told of by name.
_MOST = 3


class Declared:
    """The shapes that a file states.

    Args:
        model: The model.
        batch: The batch that it states.
    """

    def __init__(self, model: Any, batch: int):
        self._batch = batch
        self._stated: dict[str, _Shape] = {}
        self._inferred = False
        self._enter(model.graph)
        self._differences: list[str] = []

    def _enter(self, graph: Any) -> None:
        for one in (*graph.value_info, *graph.output):
            if one.type.HasField("tensor_type") and one.type.tensor_type.HasField("shape"):
                kind = one.type.tensor_type
                dims = [dim.dim_value if dim.HasField("dim_value") else None for dim in kind.shape.dim]
                self._stated.setdefault(one.name, (tuple(dims), TYPES.get(kind.elem_type, "float32")))

    def of(self, name: str, model: Any, operator: str = "") -> tuple[tuple[int, ...], str] | None:
        """Return sizes and type of a tensor, the batch as ``TwoSizes``: as the file states them, or as ONNX
        infers them. None where neither tells.

        Args:
            name: The tensor.
            model: The model.
            operator: The operator that puts it out.
        """
        found = self._complete(name, operator)
        if found is None and not self._inferred:
            self._inferred = True
            from onnx import shape_inference

            try:
                self._enter(shape_inference.infer_shapes(model).graph)
            except Exception:  # whatever is wrong with the model, its shapes are not known
                return None
            found = self._complete(name, operator)
        return found

    def _complete(self, name: str, operator: str) -> tuple[tuple[int, ...], str] | None:
        dims, dtype = self._stated.get(name, ((None, None), ""))
        if any(size is None or size < 0 for size in dims[1:]):
            return None
        if operator in COUNTED:
            return (tuple([size or 0 for size in dims]), dtype) if dtype and None not in dims[:1] else None
        sizes: list[int] = [int(size or 0) for size in dims]
        if dims and (dims[0] is None or dims[0] == self._batch):
            sizes[0] = TwoSizes(1, 2)
        return tuple(sizes), dtype

    def compare(self, who: str, name: str, tensor: OnnxTensor) -> None:
        """Hold the sizes of a tensor against those that the file states.

        Args:
            who: What messages call the node that puts it out.
            name: Its name.
            tensor: The tensor.
        """
        stated = self._stated.get(name)
        if stated is None:
            return
        alike = len(stated[0]) == len(tensor.sizes) and all(
            size is None or size in (one, one + (self._batch - 1) * (two - one))
            for size, one, two in zip(stated[0], tensor.sizes, tensor.at_two, strict=True)
        )
        if not alike:
            mine, theirs = ("x".join(map(str, sizes)) for sizes in (tensor.sizes, stated[0]))
            self._differences.append(f"{name} of {who} is {mine}, not {theirs} as stated")

    def notes(self) -> list[str]:
        """Return what is to be said of tensors that have other sizes than the file states."""
        found = self._differences[:_MOST]
        more = len(self._differences) - len(found)
        return [*found, *([f"{more} more tensors have other sizes than the file states"] if more else [])]
