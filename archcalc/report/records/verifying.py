"""Records of networks verified against PyTorch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ...analysis.summary import laid_out
from . import headed

if TYPE_CHECKING:
    from ...witness.against import Comparison
    from ...witness.compare import Verification
    from ...witness.own import OwnVerification
    from ...witness.zoo import Verified


def verification_record(found: OwnVerification | Verification) -> dict[str, Any]:
    """`verify`: the rules against the network built in PyTorch, quantity by quantity."""
    inputs = {at.name: laid_out(at.output, "hwc") for at in found.graph.inputs}
    return headed(
        {
            "name": found.graph.metadata.name,
            "torch": found.torch,
            "device": found.device,
            "batch": found.batch,
            "input": next(iter(inputs.values())) if len(inputs) == 1 else inputs,
            "agrees": found.agrees,
            "checks": [check.to_dict() for check in found.checks],
        }
    )


def against_record(found: Comparison) -> dict[str, Any]:
    """`verify --against`: the rules against somebody else's module."""
    return headed(
        {
            "name": found.graph.metadata.name,
            "torch": found.torch,
            "against": found.target,
            "agrees": found.agrees,
            "reordered": found.reordered,
            "checks": [check.to_dict() for check in found.checks],
        }
    )


def zoo_verified_record(found: Sequence[Verified]) -> list[dict[str, Any]]:
    """`verify --all`: one record per network, and how far it was verified."""
    return [{**verification_record(one.found), "until": one.until} for one in found]
