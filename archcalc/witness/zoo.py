"""The whole zoo against PyTorch, a network after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from ..diagnostics import SpecError
from ..graph import Graph
from ..loading import LoadedNetwork, N
from .compare import Verification


class Verified(NamedTuple):
    """A network of the zoo, verified.

    name   its own
    found  what was compared
    until  the last layer that was: what follows has no counterpart in PyTorch; None: all of it
    """

    name: str
    found: Verification
    until: str | None


def able(network: N) -> tuple[N, str | None]:
    """A network as far as PyTorch has counterparts of its layers, and the last layer of that part;
    None for a network that has them all, or none: Verification then says why."""
    for layer in network.graph.main():
        if layer.op.torch_code(*[source.output for source in layer.inputs]) is None:
            if layer.inputs[0] in network.graph.inputs:
                break
            before = layer.inputs[0].name
            return network.until(before), before
    return network, None


def verified(
    networks: Iterable[tuple[str, LoadedNetwork]], device: str, check_memory: Callable[[Graph, str], None]
) -> Iterator[Verified]:
    """Each of the networks on a device, or on ``meta`` where it does not fit: where ``check_memory``, asked
    of a graph and the device, raises SpecError, or the device runs out of memory. Receptive fields
    are measured in real memory wherever that is."""
    for name, network in networks:
        part, until = able(network)
        try:
            check_memory(part.graph, device)
            found = Verification(part.graph, device=device)
        except SpecError:
            found = Verification(part.graph, device="meta")
        yield Verified(name, found, until)
