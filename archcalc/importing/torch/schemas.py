"""What an operator's schema says: the names of its arguments, their defaults, what it writes into."""

from __future__ import annotations

from typing import Any

import torch

from ..operations.kinds import FIRST_ALONE, UNREAD

# Operators that give more or fewer elements as the values are.
SIZED = frozenset(
    (
        *(
            "nonzero",
            "nonzero_numpy",
            "argwhere",
            "masked_select",
            "unique",
            "_unique",
            "_unique2",
            "bincount",
        ),
        *("unique_dim", "unique_consecutive", "unique_dim_consecutive", "nms"),
    )
)

# Other spellings of an operator: what a module holds that was traced to TorchScript, or was never rewritten
# for the operator as it is today. Their arguments have the same names.
SPELLINGS = {"_convolution": "convolution", "_convolution_mode": "convolution"}

# Operators that change what PyTorch notes about a tensor, and no value.
NOTHING_DONE = frozenset(("detach_", "lift_fresh", "requires_grad_", "retain_grad"))


class OperatorPlan:
    """An operator as the recorder needs it.

    Attributes:
        target: Its name with its overload, ``aten.add_.Tensor``.
        name: Its plain name, ``add``.
        names: The names of its arguments in order.
        defaults: All names, each with its default; None where there is none.
        writes: The names of the arguments that it writes into.
        unread: Whether it reads no value of any tensor: only sizes and types.
        first_alone: Whether it reads values of its first tensor alone.
        source_alone: Whether what it writes depends on its second argument alone (``copy_``).
        idle: Whether it does nothing to values.
        sized: Whether the values decide how many elements it gives.
    """

    __slots__ = (
        *("target", "name", "names", "defaults", "writes"),
        *("unread", "first_alone", "source_alone", "idle", "sized"),
    )

    def __init__(self, operator: Any):
        schema = getattr(operator, "_schema", None)
        if schema is None:  # a higher-order operator: its arguments have no names
            self.target = (
                f"higher_order.{operator.__name__}" if hasattr(operator, "__name__") else str(operator)
            )
            self.name = self.target
            self.names: tuple[str, ...] = ()
            self.defaults: dict[str, Any] = {}
            self.writes: tuple[str, ...] = ()
            self.unread = self.first_alone = self.source_alone = self.idle = self.sized = False
            return
        space, _, plain = schema.name.partition("::")
        self.target = f"{space}.{plain}.{schema.overload_name or 'default'}"
        bare = plain
        if bare.endswith("_") and not bare.endswith("__"):
            bare = bare[:-1]
        self.name = SPELLINGS.get(bare, bare) if space == "aten" else f"{space}.{bare}"
        self.names = tuple([argument.name for argument in schema.arguments])
        self.defaults = {a.name: word(a.default_value) for a in schema.arguments}
        self.writes = tuple(
            [a.name for a in schema.arguments if a.alias_info is not None and a.alias_info.is_write]
        )
        self.unread = bare in UNREAD or (plain == "fill_" and schema.overload_name == "Scalar")
        self.first_alone = bare in FIRST_ALONE or self.target == "aten.to.other"
        self.source_alone = plain == "copy_"
        self.sized = bare in SIZED or self.target in ("aten.repeat_interleave.Tensor", "aten.where.default")
        self.idle = plain in NOTHING_DONE


def word(value: Any) -> Any:
    """Return an argument that is no tensor without any torch object: types and devices as words."""
    kind = type(value)
    if kind in PLAIN:
        return value
    if kind in (list, tuple, torch.Size):
        return tuple([word(part) for part in value])
    if isinstance(value, torch.dtype):
        return dtype_word(value)
    if isinstance(value, (torch.device, torch.layout, torch.memory_format)):
        return str(value).removeprefix("torch.")
    if isinstance(value, dict):
        return {str(key): word(part) for key, part in value.items()}
    if isinstance(value, bool | int | float | complex | str):
        return value
    return kind.__name__


PLAIN = frozenset((int, float, bool, str, type(None), complex))
_DTYPES: dict[torch.dtype, str] = {}


def dtype_word(dtype: torch.dtype) -> str:
    """Return ``float32`` for ``torch.float32``."""
    found = _DTYPES.get(dtype)
    if found is None:
        found = _DTYPES[dtype] = str(dtype).removeprefix("torch.")
    return found
