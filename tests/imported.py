"""What tests of readers share: networks that were read from files of other tools."""

from __future__ import annotations

from typing import Any

from archcalc.network import Network

# What a layer says of where it is from.
ORIGIN = ("module", "source", "kind", "class", "written")


def figures(network: Network) -> dict[str, Any]:
    """The summary of a network, without where its layers are from: equal for a file and its spec."""
    record = network.summary().to_dict()
    record["layers"] = [
        {key: value for key, value in layer.items() if key not in ORIGIN} for layer in record["layers"]
    ]
    return record
