"""Memory: where outputs are stored, what lives at the same time, what training keeps.

Counted in values of one element of the batch, so that any batch and dtype follow; in bytes where
a width is given.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from ..arithmetic import largest, maximum
from ..graph import Graph, Layer
from ..ops.arrangement import FIRST
from ..ops.traits import INPLACE, VIEW
from ..shape import Shape


class Memory:
    """The storages of a forward pass over some layers of a graph, in the order of the text.

    A layer that may write over its input, or view it, does so where it is the input's only reader,
    unless the values of a view have to be laid out anew; every other makes a new storage. ``ends``
    are the layers whose outputs a caller keeps. With ``views``, as PyTorch has it: a view of what
    others read too makes no storage either, and nobody writes over what it shares.

    new          values of the storage that a layer makes; 0 for one that uses its input's
    inplace      the layers that write over their input
    activations  those of the inputs and of all new storages together
    live         the sum of live storages after each layer, when what it reads and what it wrote are
                 both there
    peak         the largest of these
    """

    def __init__(self, graph: Graph, layers: Sequence[Layer], ends: Iterable[Layer], views: bool = False):
        self._layers = layers
        self._views = views
        self._inputs = graph.inputs
        self._ends = tuple(dict.fromkeys(ends))
        self._readers = readers_of(layers, self._ends)
        self.new: dict[Layer, int] = {}
        self.inplace: set[Layer] = set()
        self._home: dict[Layer, Layer] = {}  # to the layer that made the storage
        self.live: list[int] = [live for _, live in self._live()]
        self.peak: int = largest([0, *self.live])
        self.activations = sum(self.new.values())
        self._training: Training | None = None

    def _live(self) -> Iterator[tuple[Layer, int]]:
        """Live values after each layer."""
        readers, home, new = self._readers, self._home, self.new
        pending: dict[Layer, int] = {}  # reads still to come of each storage
        lying = Lying()
        # Of these some tensor has several readers, and views of them may be about.
        shared = {at for at in self._inputs if self._views and readers.get(at, 0) > 1}
        live = 0
        for source in self._inputs:
            home[source] = source
            pending[source] = readers.get(source, 0)
            new[source] = source.output.values
            live += new[source] if pending[source] else 0
        for layer in self._layers:
            inputs = layer.inputs
            op, place = layer.op, home[inputs[0]]
            alone = readers[inputs[0]] == 1
            view = (op.storage == VIEW or op.idle) and not lying.copies(layer)
            view = view and (alone or self._views)
            inplace = op.storage == INPLACE and alone and place not in shared
            lying.put(layer, inplace or op.idle)
            if view or inplace:
                if not view:
                    self.inplace.add(layer)
                home[layer] = place
                new[layer] = 0
                pending[place] += readers.get(layer, 0)
            else:
                home[layer] = layer
                new[layer] = layer.output.values
                pending[layer] = readers.get(layer, 0)
                live += new[layer]
            if readers.get(layer, 0) > 1 and self._views:
                shared.add(home[layer])
            yield layer, live
            for source in inputs:
                place = home[source]
                pending[place] -= 1
                if not pending[place]:
                    live -= new[place]

    def alive(self) -> list[Layer]:
        """The layers and inputs whose storages live at the peak, in the order of the text."""
        if self.at is None:
            return []
        now = self.at.index
        last: dict[Layer, float] = {}  # who reads a storage last; the layer at the peak still does
        for layer in self._layers:
            for source in layer.inputs:
                last[self._home[source]] = layer.index
        for end in self._ends:
            last[self._home[end]] = float("inf")
        made = [at for at in (*self._inputs, *self._layers) if self._home.get(at) is at]
        return [at for at in made if at.index <= now and (at is self.at or last.get(at, -2) >= now)]

    @property
    def at(self) -> Layer | None:
        """The first layer behind which the peak is reached; None where nothing lives."""
        if not self.peak:
            return None
        reached = zip(self._layers, self.live, strict=True)
        return next(layer for layer, live in reached if live == self.peak)

    @property
    def training(self) -> Training:
        """The storages that are saved for the backward pass."""
        if self._training is None:
            self._training = Training(self._layers, self._readers, self._ends)
        return self._training


def readers_of(layers: Sequence[Layer], ends: Sequence[Layer]) -> dict[Layer, int]:
    """How often each tensor is read, by layers and by the caller."""
    readers: dict[Layer, int] = dict.fromkeys(ends, 1)
    for layer in layers:
        for source in layer.inputs:
            readers[source] = readers.get(source, 0) + 1
    return readers


class Lying:
    """How each tensor lies in memory (:mod:`~archcalc.ops.arrangement`), layer by layer."""

    def __init__(self) -> None:
        self._known: dict[Layer, str] = {}

    def _of(self, layer: Layer) -> tuple[tuple[str, ...], list[Shape]]:
        sources = layer.inputs
        return (
            tuple([self._known.get(source, FIRST) for source in sources]),
            [source.output for source in sources],
        )

    def copies(self, layer: Layer) -> bool:
        """Whether a layer lays its input out anew before it reads it."""
        arrangements, shapes = self._of(layer)
        return layer.op.copies(arrangements, *shapes)

    def put(self, layer: Layer, inplace: bool) -> None:
        """Take in a layer, which may be written over its input."""
        arrangements, shapes = self._of(layer)
        self._known[layer] = arrangements[0] if inplace else layer.op.arranges(arrangements, *shapes)


class Training:
    """The tensors that a forward pass saves for the backward pass, as PyTorch's eager mode does it.

    Each storage is counted once, with the layer that is the first to keep it. A layer through
    which no gradient has to go keeps nothing. Layers write in place where nothing that is kept, or
    still to be read, is lost by it; a view never makes a storage.

    uncounted  layers without a rule
    blocked    the outputs, where no gradient goes back through any of them although something is
               trained: training needs other outputs, and what comes of these is not known
    inplace    layers that write over their input
    """

    def __init__(self, layers: Sequence[Layer], readers: dict[Layer, int], ends: Sequence[Layer]):
        self._layers = layers
        self._readers = readers
        self._ends = ends
        home: dict[Layer, Layer] = {}  # to the layer that made the storage
        self._home = home
        self._holds: dict[Layer, list[Layer]] = {}  # the storages that a layer keeps
        self.uncounted: list[Layer] = []
        self.inplace: set[Layer] = set()
        self._first_saved: dict[Layer, int] = {}  # values of the storages that a layer is the first to keep
        self._copied: dict[Layer, int] = {}  # values of inputs that were laid out anew to be kept
        lying = Lying()
        self._gradients: set[Layer] = set()  # layers whose outputs have one
        saved: set[Layer] = set()  # storages
        shared: set[Layer] = set()  # storages of which a tensor has several readers
        shared.update(at for at, count in readers.items() if not at.inputs and count > 1)
        for layer in layers:
            rule = layer.saved
            inputs = layer.inputs
            for source in inputs:
                home.setdefault(source, source)
            place = home[inputs[0]]
            inplace = (
                layer.op.storage == INPLACE
                and rule is not None
                and not rule.inputs
                and place not in saved
                and place not in shared
                and readers[inputs[0]] == 1
            )
            copies = lying.copies(layer)
            lying.put(layer, inplace)
            view = layer.op.storage == VIEW and not copies
            home[layer] = place if inplace or view else layer
            if inplace:
                self.inplace.add(layer)
            if readers.get(layer, 0) > 1:
                shared.add(home[layer])
            if layer.op.stops_gradient:
                continue
            trained = layer.trains_weights
            if not layer.trainable and not any(source in self._gradients for source in inputs):
                continue
            self._gradients.add(layer)
            if rule is None:
                self.uncounted.append(layer)
                continue
            which = zip(inputs, rule.saved_inputs(trained, inplace, self._taking(layer)), strict=True)
            wanted = [home[source] for source, is_saved in which if is_saved]
            if copies and wanted:
                wanted = []
                self._copied[layer] = sum([source.output.values for source in inputs])
            if rule.output or (rule.in_place and inplace):
                wanted.append(home[layer])
            self._holds[layer] = wanted = list(dict.fromkeys(wanted))
            fresh = [storage for storage in wanted if storage not in saved]
            saved.update(fresh)
            self._first_saved[layer] = sum([storage.output.values for storage in fresh])
        reached = not self._gradients or self._gradients.intersection(ends)
        self.blocked = [] if reached else list(ends)

    @property
    def at_least(self) -> bool:
        """Whether the sums are lower bounds."""
        return bool(self.uncounted or self.blocked)

    def total(self, batch: int, width: int, cuda: bool = False) -> int:
        """Bytes that all layers with a rule keep; ``cuda``: as CUDA's kernels keep them."""
        return sum([self.saved(layer, batch, width, cuda) or 0 for layer in self._first_saved])

    def saved(self, layer: Layer, batch: int, width: int, cuda: bool = False) -> int | None:
        """Bytes that a layer is the first to keep; None if it has no rule."""
        if layer not in self._gradients:
            return 0
        rule = layer.saved
        if rule is None:
            return None
        return self._first_saved[layer] * batch * width + self._extras(layer, batch, width, cuda)

    def _taking(self, layer: Layer) -> list[bool]:
        """Which inputs of a layer take a gradient."""
        return [source in self._gradients for source in layer.inputs]

    def _extras(self, layer: Layer, batch: int, width: int, cuda: bool) -> int:
        rule = layer.saved
        if rule is None:
            return 0
        copied = self._copied.get(layer, 0) * batch * width
        if not rule.extras:
            return copied
        fused = cuda and layer not in self.inplace
        wanted = rule.saved_extras(layer.trains_weights, self._taking(layer))
        kept: int = sum([extra.bytes(batch, width, fused) for extra in wanted])
        return copied + kept

    def step(self, batch: int, width: int, cuda: bool = False) -> int:
        """The most bytes that live at a time in a forward and a backward pass, the gradients of the
        parameters among them, parameters, buffers and the library's workspace apart.
        """
        found: int = maximum(self._forward(batch, width, cuda), self._backward(batch, width, cuda))
        return found

    def _forward(self, batch: int, width: int, cuda: bool) -> int:
        """The most behind a layer of the forward pass: what is kept so far, and what is still to be
        read."""
        pending: dict[Layer, int] = {}
        for tensor, home in self._home.items():
            pending[home] = pending.get(home, 0) + self._readers.get(tensor, 0)
        saved: set[Layer] = set()
        given = set(self._home.values()).difference(self._layers)
        live = sum([at.output.values for at in given if pending[at]]) * batch * width
        peak: int = live
        for layer in self._layers:
            if self._home[layer] is layer:
                live += layer.output.values * batch * width
            live += self._extras(layer, batch, width, cuda) if layer in self._gradients else 0
            saved.update(self._holds.get(layer, ()))
            peak = maximum(peak, live)
            for source in layer.inputs:
                home = self._home[source]
                pending[home] -= 1
                if not pending[home] and home not in saved:
                    live -= home.output.values * batch * width
        return peak

    def _backward(self, batch: int, width: int, cuda: bool) -> int:
        """The most in the backward pass.

        What is kept is let go of behind the last backward pass that reads it. A backward pass makes
        a gradient for each input that has one; that of a view is a view, a sum passes its own on,
        and a concatenation gives parts of it. Where several come together they are added up.
        """
        holders: dict[Layer, int] = {}
        for wanted in self._holds.values():
            for storage in wanted:
                holders[storage] = holders.get(storage, 0) + 1
        live = self.total(batch, width, cuda)
        gradients: dict[Layer, _Gradient] = {}
        for end in self._ends:
            # Its output, which the caller holds, and the gradient that it hands in.
            live += end.output.values * batch * width
            if end not in self._gradients:
                continue
            live += end.output.values * batch * width
            gradients[end] = given = _Gradient(end.output.values * batch * width)
            given.users += 1  # the caller's own
        peak: int = live
        trained: set[Layer] = set()  # owners of the parameters that have a gradient
        for layer in reversed(self._layers):
            mine = gradients.pop(layer, None)
            if mine is None or layer not in self._gradients:
                continue
            shapes = [source.output for source in layer.inputs]
            for source in dict.fromkeys(layer.inputs):
                if source not in self._gradients:
                    continue
                size = source.output.values * batch * width
                view = layer.op.storage == VIEW
                passes = view or layer.op.passes(layer.inputs.index(source), *shapes)
                if passes and source.output.values <= layer.output.values:
                    made = mine
                    mine.users += 1
                else:
                    made = _Gradient(size)
                    live += size
                peak = maximum(peak, live)
                known = gradients.get(source)
                if known is not None and known.users > 1:
                    # Somebody else still reads it: the sum is a third one.
                    live += size
                    peak = maximum(peak, live)
                    live -= known.release()
                    live -= made.release()
                    made = _Gradient(size)
                elif known is not None:
                    live -= made.release()
                    made = known
                gradients[source] = made
            if layer.owner not in trained:
                # The first of those that share them, on the way back, makes it.
                trained.add(layer.owner)
                live += (layer.trainable or 0) * width
                peak = maximum(peak, live)
            live -= mine.release()
            for storage in self._holds.get(layer, ()):
                holders[storage] -= 1
                if not holders[storage]:
                    live -= storage.output.values * batch * width
            live -= self._extras(layer, batch, width, cuda)
        return peak


class _Gradient:
    """The storage of a gradient, and how many tensors share it."""

    __slots__ = ("size", "users")

    def __init__(self, size: int):
        self.size = size
        self.users = 1

    def release(self) -> int:
        """Bytes that are free when one user less has it."""
        self.users -= 1
        return 0 if self.users else self.size
