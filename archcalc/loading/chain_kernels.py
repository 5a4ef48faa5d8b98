"""The kernels of a chain: which layer each goes to, and how many filters that makes where none are stated."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from ..arithmetic import value_of
from ..diagnostics import Collector, SpecError, fail
from ..language.expand import Expansion
from ..language.library import Library
from ..language.one_line import one_line
from ..language.spelling import ops_called
from ..language.syntax import Argument, Body, Call, Chain, Item, Literal, Repeat
from .targets import find

if TYPE_CHECKING:
    from ..graph import Graph, Layer


class GivenMatrix(NamedTuple):
    """A kernel, a bias or a statistic as it was given: for which layer ("" where none is named), and its
    values as ``matrices.read_matrix`` reads them."""

    layer: str
    values: Any


class ChainKernels:
    """A chain whose numbers of filters follow from the kernels.

    Args:
        text: The chain, behind the size of its input.
        kernels: What was given.
        library: Where blocks are from.
    """

    def __init__(self, text: str, kernels: Sequence[GivenMatrix], library: Library):
        self._kernels = kernels
        self._library = library
        self._net = find(text, library)
        # Tensors that were given by their names, as attention1.in_proj_weight.
        self.tensors: dict[str, Any] = {}
        self._defaults = {id(call): call.defaults for call in _calls(self._net.body)}

    def graph(self) -> tuple[Graph, dict[str, Any]]:
        """The layers, and the weights by their names. Raises SpecError."""
        filled = [call for call in _calls(self._net.body) if self._fill(call, 1, None)]
        graph, calls = self._expanded()
        given = self._shared_out(graph, [calls[layer.index] in filled for layer in graph.layers])
        again = False
        for layer in graph.layers:
            call = calls[layer.index]
            kernels = given.get(layer)
            if call in filled and kernels:
                again = self._fill(call, _filters_in(kernels, layer), kernels[0]) or again
        if again:
            graph, _ = self._expanded()
            given = {graph.layers[layer.index]: kernels for layer, kernels in given.items()}
        weights = {layer.name: _weight(layer, kernels) for layer, kernels in given.items()}
        return graph, {**weights, **self.tensors}

    def _fill(self, call: Call, filters: int, kernel: Any) -> bool:
        """State what a call leaves out; whether it leaves anything out."""
        span = call.name_span
        before = self._defaults[id(call)]
        added = False
        for op in ops_called(call.name):
            names = list(op.positional)
            count = next((name for name in ("filters", "units") if name in names), None)
            if count is None or not op.weighted or len(call.positional) >= len(names):
                continue
            missing = [
                name
                for name in names[len(call.positional) :]
                if op.attributes[name].required and all(at.name != name for at in call.named)
            ]
            rule = dict(before.get(op.name, {}))
            if count in missing:
                literal = Literal(span, max(filters, _groups(call)))
                rule[count] = Argument(span, count, literal)
                added = True
            if "kernel" in missing:
                size = (
                    kernel.shape[-2:]
                    if kernel is not None and kernel.ndim == 4
                    else (kernel.shape[:2] if kernel is not None else (1, 1))
                )
                axes = size if len(self._net.inputs[0].sizes) > 2 else size[1:]
                value: Any = _size(axes)
                rule["kernel"] = Argument(span, "kernel", Literal(span, value))
                added = True
            call.defaults = {**before, op.name: rule}
            call.cache.clear()
        return added

    def _expanded(self) -> tuple[Graph, list[Call]]:
        diagnostics = Collector()
        expansion = Expansion(self._library, diagnostics)
        graph = expansion.network(self._net)
        graph.metadata.name = one_line(self._net)
        return graph, list(expansion.builder.calls)

    def _shared_out(self, graph: Graph, open_counts: Sequence[bool]) -> dict[Layer, list[Any]]:
        """The kernels of each layer. Raises SpecError where it is not clear which are meant."""
        from ..values.given import layer_and_tensor

        taking = [layer for layer in graph.layers if _takes_kernels(layer)]
        named: dict[Layer, list[Any]] = {}
        bare: list[Any] = []
        for name, values in self._kernels:
            if not name:
                bare.append(values)
                continue
            layer = graph.layer(name)
            if layer is None and layer_and_tensor(graph, name)[0] is not None:
                self.tensors[name] = _plain(values)
                continue
            if layer is None or not _takes_kernels(layer):
                known = " or ".join(at.name for at in taking)
                what = "no layer is called" if layer is None else "there is no kernel in"
                raise fail("name", f"{what} `{name}`", *([f"a kernel goes to {known}"] if known else []))
            named.setdefault(layer, []).append(values)
        rest = [layer for layer in taking if layer not in named]
        if not bare:
            return named
        if not rest:
            raise fail("argument", "a kernel is given, and no layer takes one")
        if len(rest) == 1:
            named[rest[0]] = bare
            return named
        wants = [1 if open_counts[layer.index] else _count(layer) for layer in rest]
        if sum(wants) != len(bare):
            help = f"say which: --kernel {rest[0].name}=…"
            names = ", ".join(layer.name for layer in rest)
            raise fail("argument", f"{len(bare)} kernels for {len(rest)} layers: {names}", help)
        for layer, count in zip(rest, wants, strict=True):
            named[layer], bare = bare[:count], bare[count:]
        return named


def _calls(body: Body) -> Iterator[Call]:
    """The calls of a body, those in branches of merges included."""
    stack: list[Item] = [statement.chain for statement in reversed(body.statements)]
    while stack:
        item = stack.pop()
        if isinstance(item, Chain):
            stack.extend(reversed(item.items))
        elif isinstance(item, Repeat):
            stack.append(item.item)
        elif isinstance(item, Call):
            yield item
            for branch in reversed(item.branches):
                stack.extend(statement.chain for statement in reversed(branch.body.statements))


def _plain(values: Any) -> Any:
    """A tensor as it was given: a matrix, or one row as a vector."""
    if values.ndim != 3 or values.shape[-1] != 1:
        return values
    return values[:, :, 0] if values.shape[0] > 1 else values[0, :, 0]


def _groups(call: Call) -> int:
    for argument in call.named:
        if argument.name == "groups" and isinstance(argument.value, Literal):
            value = argument.value.value
            return value if isinstance(value, int) else 1
    return 1


def _size(axes: Sequence[int]) -> Any:
    from ..ops.attributes import Size

    return Size(axes) if len(axes) > 1 else axes[0]


def _takes_kernels(layer: Layer) -> bool:
    if layer.shared or layer.op.is_norm:
        return False
    from ..values.given import tensors_of

    return any(not tensor.is_bias and tensor.learned for tensor in tensors_of(layer))


def _count(layer: Layer) -> int:
    """How many kernels a layer has: one for each channel that it puts out."""
    return int(value_of(layer.output.channels))


def _filters_in(kernels: Sequence[Any], layer: Layer) -> int:
    """How many filters the kernels of a layer make."""
    if len(kernels) == 1 and kernels[0].ndim == 4:
        if layer.op.weight_by_input:  # PyTorch's layout: channels x filters of a group
            return int(kernels[0].shape[1]) * int(getattr(layer.op, "groups", 1))
        return int(kernels[0].shape[0])
    if layer.op.is_convolution:
        return len(kernels)
    return sum(kernel.shape[0] for kernel in kernels)


def _weight(layer: Layer, kernels: Sequence[Any]) -> Any:
    """The weight of a layer in PyTorch's layout. Raises SpecError where it has another size."""
    import numpy as np

    from ..values.given import tensors_of

    tensor = next(t for t in tensors_of(layer) if not t.is_bias)
    wanted = tuple(int(value_of(n)) for n in tensor.shape)
    if len(kernels) == 1 and kernels[0].ndim == 4:
        made = kernels[0]
        if layer.op.weight_by_input and made.ndim == len(wanted):
            # As PyTorch has it: with as many channels as filters, a guess would turn some of them round.
            if made.shape != wanted:
                raise _misfit(layer, wanted, made.shape)
            return made
    elif not layer.op.is_convolution:
        if any(kernel.ndim != 3 or kernel.shape[-1] != 1 for kernel in kernels):
            raise fail("matrix", f"the weights of {layer.name} have a row for each unit, and no channels")
        if len({kernel.shape[1] for kernel in kernels}) > 1:
            raise fail("matrix", f"the rows of the weights of {layer.name} differ in length")
        made = np.concatenate([kernel[:, :, 0] for kernel in kernels])
    else:
        sizes = {kernel.shape for kernel in kernels}
        if len(sizes) > 1:
            shown = " and ".join(sorted("x".join(map(str, size)) for size in sizes))
            raise fail("matrix", f"the kernels of {layer.name} differ in size: {shown}")
        made = np.stack([np.moveaxis(kernel, -1, 0) for kernel in kernels])
    if made.ndim == 4 and len(wanted) == 3 and made.shape[1] == 1 and made[:, 0].shape == wanted:
        made = made[:, 0]  # filters x channels x positions
    if made.ndim == 4 and len(wanted) == 3 and made.shape[2] == 1:
        made = made[:, :, 0]
    if made.ndim != len(wanted) and _without_ones(made.shape) == _without_ones(wanted):
        return made.reshape(wanted)
    if made.shape != wanted and made.ndim > 2:
        depthwise = made.swapaxes(0, 1)
        if depthwise.shape == wanted:
            return depthwise
    if layer.op.weight_by_input and made.ndim > 2:
        made = made.swapaxes(0, 1)
    if made.shape != wanted:
        raise _misfit(layer, wanted, made.shape)
    return made


def _without_ones(shape: tuple[int, ...]) -> tuple[int, ...]:
    return tuple([n for n in shape if n != 1])


def _misfit(layer: Layer, wanted: tuple[int, ...], found: tuple[int, ...]) -> SpecError:
    """The error for kernels of another size."""
    help = []
    if len(wanted) > 2 and len(found) > 2:
        filters, channels = (1, 0) if layer.op.weight_by_input else (0, 1)
        if found[channels] != wanted[channels] and found[2:] == wanted[2:]:
            help.append(f"a kernel has {wanted[channels]} channels here: part them by `|`")
        if found[2:] != wanted[2:]:
            shown = ["x".join(map(str, shape[2:])) for shape in (wanted, found)]
            help.append(f"`{layer.text}` has a kernel of {shown[0]}, this one is {shown[1]}")
        if found[filters] != wanted[filters]:
            help.append(f"it has {wanted[filters]} filters, {found[filters]} kernels are given")
    weights = [one.name for one in layer.facts.tensors or () if not one.is_bias]
    if len(weights) > 1:
        help.append(f"it has {len(weights)} weights, each by its name: --kernel {layer.name}.{weights[-1]}=…")
    shapes = ["x".join(map(str, shape)) for shape in (wanted, found)]
    return fail("matrix", f"{layer.name} has weights of {shapes[0]}, these are {shapes[1]}", *help)
