"""Tensors of an ONNX file: values of the recording, and what those hold that are sizes and indices."""

from __future__ import annotations

from collections.abc import Sequence

from ...operations.recording import PREPARED, Value
from .._known import MOST_VALUES, KnownValues, pairs

__all__ = ["MOST_VALUES", "KnownValues", "OnnxTensor", "pairs"]


class OnnxTensor:
    """A tensor of the file.

    Attributes:
        name: Its name.
        sizes: Its sizes with a batch of one.
        at_two: Its sizes with a batch of two.
        dtype: Its type, ``float32``.
        known: What it holds; None where that is not known or too much.
        value: What stands for it in the recording; None as long as no operation has read it.
        stated: Whether it is stored in the file as a weight may be: an initializer, or filled by a node from
            nothing but a shape. One that is written out in a node is a number of the code.
        zeros: Whether all that it holds is known to be 0, as states before a first step are, though it may be
            too much to compute with.
        parts: The tensors that it holds, where it is a list of tensors.
        filled: Whether a node fills it with one number.
    """

    __slots__ = ("name", "sizes", "at_two", "dtype", "known", "value", "stated", "zeros", "parts", "filled")

    def __init__(
        self,
        name: str,
        sizes: tuple[int, ...],
        at_two: tuple[int, ...],
        dtype: str,
        known: KnownValues | None = None,
        value: Value | None = None,
        stated: bool = False,
        zeros: bool = False,
    ):
        self.zeros = zeros or (known is not None and not known.one.any() and not known.two.any())
        self.parts: tuple[OnnxTensor, ...] | None = None
        self.filled = False
        self.name = name
        self.sizes = sizes
        self.at_two = at_two
        self.dtype = dtype
        self.known = known
        self.value = value
        self.stated = stated

    @classmethod
    def of(cls, name: str, value: Value) -> OnnxTensor:
        """Return the tensor that a value of the recording is."""
        return cls(name, value.sizes, value.at_two or value.sizes, value.dtype, None, value)

    @classmethod
    def list_of(cls, parts: Sequence[OnnxTensor]) -> OnnxTensor:
        """Return a list of tensors."""
        found = cls("", (), (), "")
        found.parts = tuple(parts)
        return found

    def renamed(self, name: str) -> OnnxTensor:
        """Return it as the tensor of another name that a node puts out."""
        found = OnnxTensor(
            name, self.sizes, self.at_two, self.dtype, self.known, self.value, self.stated, self.zeros
        )
        found.parts, found.filled = self.parts, self.filled
        return found

    @property
    def is_weight(self) -> bool:
        """Whether it may be a weight: several numbers with a decimal point that the file stores."""
        floating = self.dtype.startswith(("float", "bfloat"))
        return self.stated and floating and any(size > 1 for size in self.sizes)

    @property
    def is_learned(self) -> bool:
        """Whether it is stored in the file, or is made of such tensors alone, as a transposed weight is."""
        return self.stated or (self.value is not None and self.value.kind == PREPARED)

    @property
    def depends(self) -> bool:
        """Whether it was computed from an input of the network, and is not known."""
        return self.value is not None and self.value.depends and self.known is None
