"""The record of a file that holds tensors and no network."""

from __future__ import annotations

from typing import Any

from ...importing.parameters import ParameterTree
from . import headed


def parameters_record(tree: ParameterTree) -> dict[str, Any]:
    """`summary FILE`: its tensors, and their sums."""
    return headed(
        {
            "file": tree.path,
            "kind": tree.kind,
            "tensors": [
                {
                    "name": tensor.name,
                    "shape": list(tensor.shape),
                    "dtype": tensor.dtype,
                    "values": tensor.values,
                    "bytes": tensor.bytes,
                    "learned": tensor.learned,
                }
                for tensor in tree.tensors
            ],
            "totals": {"params": tree.params, "buffers": tree.buffers, "bytes": tree.bytes},
        }
    )
