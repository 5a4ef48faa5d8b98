"""The rows of torchinfo: the modules that hooks see, in the order of their calls, each with its numbers.

A module that is never called has no row; a container whose parts are called from outside, as a ModuleList,
has one in front of them. A module has the depth and the name of the last place where it is registered.
"""

from __future__ import annotations

from collections.abc import Iterable
from math import prod

from ...module_run import Module, ModuleRun, RunCall


class ModulePlace:
    """Where a module is registered: by which name, how deep, inside what."""

    def __init__(self, module: Module, name: str, depth: int, around: ModulePlace | None):
        self.module = module
        self.name = name
        self.depth = depth
        self.around = around


class TorchinfoRow:
    """A row of torchinfo's table: a module, at one of its calls.

    index         its number among the rows of its depth
    again         it was called before: what stands there is ``(recursive)``
    leaf          it has no module inside
    params        its parameters, with those inside; ``trained`` those that take a gradient
    direct, trained_direct
                  those of no row below that tells of them
    param_bytes   of ``params``
    takes, gives  sizes of its first input and output; empty where there are none
    bytes         those of what it gives
    mult_adds     as torchinfo counts them; of a module with others inside no figure of its own
    inside        those of the leaves in the rows below it
    """

    def __init__(self, place: ModulePlace, again: bool, width: int):
        module = place.module
        self.place = place
        self.again = again
        self.index = 0
        self.leaf = not module.children
        parameters = list(module.named_parameters())
        sizes = [prod(parameter.sizes) for parameter in parameters]
        self.params = sum(sizes)
        self.trained = sum([n for n, p in zip(sizes, parameters, strict=True) if p.trains])
        self.param_bytes = sum([n * (p.bytes or width) for n, p in zip(sizes, parameters, strict=True)])
        self.direct, self.trained_direct = self.params, self.trained
        self.takes: tuple[int, ...] = ()
        self.gives: tuple[int, ...] = ()
        self.bytes = self.mult_adds = self.inside = 0

    def run(self, call: RunCall, batch: int, width: int, every_position: bool) -> None:
        """What the call came to."""
        self.takes = () if call.takes is None else call.takes.at(batch)
        self.gives = () if call.gives is None else call.gives.at(batch)
        self.bytes = prod(self.gives) * (call.bytes or width) if self.gives else 0
        if self.gives:
            named = [(p.name, prod(p.sizes)) for p in self.place.module.named_parameters()]
            self.mult_adds = sum([self._mult_adds(name, size, every_position) for name, size in named])

    def _mult_adds(self, name: str, values: int, every_position: bool) -> int:
        """torchinfo's multiply-adds of a parameter, which it knows by its name: those of a convolution at
        each position, those of another layer once for each element of the batch, what merely has such a
        word in its name at each step. ``every_position``: those of a linear map at each position."""
        kind, gives = self.place.module.kind, self.gives
        if name in ("weight", "bias"):
            if "Conv" in kind:
                return values * prod((*gives[:1], *gives[2:]))
            if every_position and "Linear" in kind:
                return values * prod(gives[:-1])
            return values * gives[0]
        return values * prod(gives[:2]) if "weight" in name or "bias" in name else 0


def rows_of(run: ModuleRun, batch: int, width: int, every_position: bool) -> list[TorchinfoRow]:
    """Return the rows of a network, the one of the network first.

    Args:
        run: Its modules and calls.
        batch: Elements of the batch.
        width: Bytes of a value.
        every_position: Whether a linear map is counted at each position, as torchinfo does since 1.8.0.
    """
    places: dict[Module, ModulePlace] = {}
    _register(ModulePlace(run.root, run.root.kind, 0, None), places)
    found: list[TorchinfoRow] = []
    ran: set[Module] = set()
    called = {call.module for call in run.calls}
    containers: dict[Module, TorchinfoRow] = {}
    # The rows that the next one may stand inside, by their depth.
    shown: dict[int, Module] = {}
    for call in run.calls:
        place = places.get(call.module)
        if place is None:
            continue  # it is registered nowhere, and no hook sees it
        for around in _missing(place, shown):
            # torchinfo has one row for it, however often it stands there: its number is the last one.
            container = containers.get(around.module)
            if container is None:
                container = TorchinfoRow(around, around.module in called, width)
                containers[around.module] = container
            else:
                container.again = True
            found.append(container)
            shown[around.depth] = around.module
        row = TorchinfoRow(place, place.module in ran, width)
        row.run(call, batch, width, every_position)
        found.append(row)
        ran.add(place.module)
        shown = {depth: module for depth, module in shown.items() if depth < place.depth}
        shown[place.depth] = place.module
    _number(found)
    _sum(found)
    return found


def _register(place: ModulePlace, places: dict[Module, ModulePlace]) -> None:
    places[place.module] = place
    for name, module in place.module.children:
        _register(ModulePlace(module, name, place.depth + 1, place), places)


def _missing(place: ModulePlace, shown: dict[int, Module]) -> Iterable[ModulePlace]:
    """The places around one that have no row yet, from outside to inside."""
    around = []
    at = place.around
    while at is not None and at.depth > 0:
        around.append(at)
        at = at.around
    return [at for at in reversed(around) if shown.get(at.depth) is not at.module]


def _number(rows: list[TorchinfoRow]) -> None:
    often: dict[int, int] = {}
    for row in rows:
        depth = row.place.depth
        row.index = often[depth] = often.get(depth, 0) + 1


def _sum(rows: list[TorchinfoRow]) -> None:
    """What each module has besides what the rows below it tell of, and their multiply-adds."""
    done: set[TorchinfoRow] = set()
    for at in range(len(rows) - 1, -1, -1):
        row = rows[at]
        if row in done:
            continue
        done.add(row)
        for below in rows[at + 1 :]:
            if below.place.depth <= row.place.depth:
                break
            if below.leaf:
                row.inside += below.mult_adds
            if not below.again:
                row.direct -= below.params if below.leaf else below.direct
                row.trained_direct -= below.trained if below.leaf else below.trained_direct
