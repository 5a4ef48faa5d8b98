"""Layers that are applied to a matrix that somebody types: which shape it has, how many filters there are,
and which kernel goes to which layer."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from ..arithmetic import value_of
from ..diagnostics import Collector, SpecError, fail
from ..language.expand import Expansion
from ..language.lexer import ARROW
from ..language.library import Library
from ..language.spelling import ops_called
from ..language.syntax import Argument, Body, Call, Chain, Item, Literal, Repeat
from ..shape import Shape
from . import with_all_ops
from .targets import find

if TYPE_CHECKING:
    from ..graph import Graph, Layer
    from ..values import LayerValues

# Values that all layers together may put out, and multiplications that they may take.
MOST_VALUES = 50_000_000
MOST_PRODUCTS = 5_000_000_000

_HEAD = re.compile(r"\s*(\d+(?:\s*[x×*]\s*\d+)*)\s*(?:" + ARROW.pattern + ")")


class GivenMatrix(NamedTuple):
    """A kernel, a bias or a statistic as it was given: for which layer ("" where none is named), and its
    values as ``matrices.read_matrix`` reads them."""

    layer: str
    values: Any


class Applied(NamedTuple):
    """Layers that were applied to a matrix.

    Attributes:
        graph: The layers.
        input: The matrix, in the shape in which the layers read it.
        values: What each layer puts out.
        sequence: Whether arrays of two axes are sequences, a row for each position; else each is a signal,
            a row for each channel.
    """

    graph: Graph
    input: Any
    values: list[LayerValues]
    sequence: bool = False


def apply_layers(
    layers: str,
    matrix: Any,
    kernels: Sequence[GivenMatrix] = (),
    biases: Sequence[GivenMatrix] = (),
    statistics: Sequence[GivenMatrix] = (),
    *,
    flip: bool = False,
    library: Library | None = None,
) -> Applied:
    """Apply layers to a matrix.

    Args:
        layers: A layer or a chain, as in the language; the number of filters may be left out, and of a
            single convolution the size of its kernel too.
        matrix: An array of rows x columns x channels, as ``matrices.read_matrix`` gives it.
        kernels: A kernel for each filter: rows x columns x channels. Without the name of a layer they go to
            the layers in their order.
        biases: Numbers, one for all filters or one for each.
        statistics: What normalisations are given; ``layer`` is the name of the statistic, behind that of the
            layer and a point where there are several: ``bn2.mean``.
        flip: Whether kernels are turned round first: the convolution of mathematics.
        library: Where blocks are from.

    Returns:
        The layers with what they put out.

    Raises:
        SpecError: For layers that have faults, and for numbers that are missing or too many.

    Example:
        >>> from archcalc.loading.applying import GivenMatrix, apply_layers
        >>> from archcalc.loading.matrices import read_matrix
        >>> image, kernel = read_matrix("0 1 2;3 4 5;6 7 8"), read_matrix("0 1;2 3")
        >>> apply_layers("conv 2x2", image, [GivenMatrix("", kernel)]).values[-1].output[..., 0].tolist()
        [[19, 25], [37, 43]]
    """
    from ..values import run

    known = library or Library()
    graph, source, weights = with_all_ops(lambda: _fitting(layers, matrix, kernels, known))
    _within_limits(graph)
    values = run(graph, source, weights, _biases(graph, biases), _statistics(statistics), flip=flip)
    return Applied(graph, source, values, source.ndim != 2 or matrix.shape[0] > 1)


def composed(kernels: Sequence[Any], *, library: Library | None = None) -> Applied:
    """Make one kernel of several that follow each other, with stride 1: their convolution, of full size.

    Args:
        kernels: Arrays of rows x columns x 1, two or more.
        library: Where blocks are from.

    Returns:
        The last step; its output is the kernel.

    Raises:
        SpecError: For fewer than two kernels, and for kernels of several channels.

    Example:
        >>> from archcalc.loading.applying import composed
        >>> from archcalc.loading.matrices import read_matrix
        >>> composed([read_matrix("1;3;2"), read_matrix("3 0 1")]).values[-1].output[..., 0].tolist()
        [[3, 0, 1], [9, 0, 3], [6, 0, 2]]
    """
    if len(kernels) < 2:
        raise fail("usage", "--compose takes two kernels or more", "as in --compose '1;3;2' '3 0 1'")
    for kernel in kernels:
        if kernel.ndim != 3 or kernel.shape[-1] != 1:
            raise fail("matrix", "--compose takes kernels of one channel")
    found, *rest = kernels
    for kernel in rest:
        height, width, _ = kernel.shape
        layer = f"conv {height}x{width} pad={height - 1}x{width - 1}"
        applied = apply_layers(layer, found, [GivenMatrix("", kernel)], flip=True, library=library)
        found = applied.values[-1].output
    return applied


# The shape of the matrix --------------------------------------------------------------------------


def _fitting(
    layers: str, matrix: Any, kernels: Sequence[GivenMatrix], library: Library
) -> tuple[Graph, Any, dict[str, Any]]:
    """The layers on the first reading of the matrix that they take. Raises SpecError: that of the first."""
    head = _HEAD.match(layers)
    stated = Shape(int(n) for n in re.findall(r"\d+", head[1])) if head is not None else None
    body = layers[head.end() :] if head is not None else layers
    if not body.strip():
        raise fail("usage", "LAYERS is empty", 'as in archcalc apply "conv 3x3" "1 2 0;0 1 1;2 1 0" …')
    readings = list(_readings(body, matrix))
    if stated is not None:
        readings = [reading for reading in readings if reading.shape == stated]
        if not readings:
            size = "x".join(map(str, matrix.shape))
            raise fail("shape", f"the matrix is {size}, the layers begin with {stated}")
    first: SpecError | None = None
    for reading in readings:
        text = f"{'x'.join(map(str, reading.shape))} -> {body.strip()}"
        try:
            graph, weights = _Filters(text, kernels, library).graph()
            return graph, reading, weights
        except SpecError as error:
            first = first or error
    assert first is not None
    raise first


def _readings(layers: str, matrix: Any) -> Iterator[Any]:
    """The matrix in the shapes in which layers may read it, the likeliest first.

    A row is a vector to what reads vectors, and to windows a map of height 1, or a signal. The rows of a
    matrix are the positions of a sequence to what works on each of them.
    """
    if matrix.ndim != 3:
        raise fail("matrix", f"MATRIX has {matrix.ndim} axes: it is rows x columns x channels")
    height, _, channels = matrix.shape
    kind = _first_that_decides(layers)
    row = height == 1
    if row and channels == 1 and kind != "windows":
        yield matrix[0, :, 0]
    if channels == 1 and kind == "rows":
        yield matrix[:, :, 0]
    yield matrix
    if row:
        yield matrix[0]
    if row and channels == 1 and kind == "windows":
        yield matrix[0, :, 0]


def _first_that_decides(layers: str) -> str:
    """How the first layer that is no activation reads a matrix: ``windows`` over it, its ``rows``, or ""."""
    for word in re.findall(r"(?:^|->|\()\s*(?:\w+\s*:\s*)?([A-Za-z_]\w*)", ARROW.sub("->", layers)):
        for op in ops_called(word):
            if "kernel" in op.attributes or "factor" in op.attributes:
                return "windows"
            if op.rows_are_positions or op.holds_states:
                return "rows"
            if not op.by_value:
                return ""
    return ""


# Filters ------------------------------------------------------------------------------------------


class _Filters:
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
    return any(not tensor.is_bias and tensor.learned for tensor in layer.facts.tensors or ())


def _count(layer: Layer) -> int:
    """How many kernels a layer has: one for each channel that it puts out."""
    return int(value_of(layer.output.channels))


def _filters_in(kernels: Sequence[Any], layer: Layer) -> int:
    """How many filters the kernels of a layer make."""
    if len(kernels) == 1 and kernels[0].ndim == 4:
        return int(kernels[0].shape[0])
    if layer.op.is_convolution:
        return len(kernels)
    return sum(kernel.shape[0] for kernel in kernels)


def _weight(layer: Layer, kernels: Sequence[Any]) -> Any:
    """The weight of a layer in PyTorch's layout. Raises SpecError where it has another size."""
    import numpy as np

    tensor = next(t for t in layer.facts.tensors or () if not t.is_bias)
    wanted = tuple(int(value_of(n)) for n in tensor.shape)
    if len(kernels) == 1 and kernels[0].ndim == 4:
        made = kernels[0]
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
    if made.ndim == 4 and len(wanted) == 3 and made.shape[2] == 1:
        made = made[:, :, 0]
    if made.shape != wanted and made.ndim > 2:
        depthwise = made.swapaxes(0, 1)
        if depthwise.shape == wanted:
            return depthwise
    if layer.op.name == "tconv" and made.ndim > 2:
        made = made.swapaxes(0, 1)
    if made.shape != wanted:
        raise _misfit(layer, wanted, made.shape)
    return made


def _misfit(layer: Layer, wanted: tuple[int, ...], found: tuple[int, ...]) -> SpecError:
    """The error for kernels of another size."""
    help = []
    if len(wanted) > 2 and len(found) > 2:
        if found[1] != wanted[1] and found[2:] == wanted[2:]:
            help.append(f"a kernel has {wanted[1]} channels here: part them by `|`")
        if found[2:] != wanted[2:]:
            shown = ["x".join(map(str, shape[2:])) for shape in (wanted, found)]
            help.append(f"`{layer.text}` has a kernel of {shown[0]}, this one is {shown[1]}")
        if found[0] != wanted[0]:
            help.append(f"it has {wanted[0]} filters, {found[0]} kernels are given")
    shapes = ["x".join(map(str, shape)) for shape in (wanted, found)]
    return fail("matrix", f"{layer.name} has weights of {shapes[0]}, these are {shapes[1]}", *help)


# Biases and statistics ----------------------------------------------------------------------------


def _biases(graph: Graph, biases: Sequence[GivenMatrix]) -> dict[str, Any]:
    """The biases by layer: a number for all filters, or one for each. Raises SpecError."""
    import numpy as np

    found: dict[str, list[Any]] = {}
    for name, values in biases:
        found.setdefault(name, []).append(values.ravel())
    made = {}
    for name, parts in found.items():
        numbers = np.concatenate(parts)
        made[name] = numbers.reshape(()) if numbers.size == 1 else numbers
    return made


def _statistics(statistics: Sequence[GivenMatrix]) -> dict[str, dict[str, Any]]:
    """The statistics by layer and name."""
    found: dict[str, dict[str, Any]] = {}
    for path, values in statistics:
        layer, _, name = path.rpartition(".")
        numbers = values.ravel()
        single = name in ("eps", "epsilon")
        if single and numbers.size != 1:
            raise fail("matrix", f"--statistics {path} is one number, not {numbers.size}")
        found.setdefault(layer, {})[name] = numbers.item() if single else numbers
    return found


def _within_limits(graph: Graph) -> None:
    """Refuse what would take for ever. Raises SpecError."""
    values = products = 0
    for layer in graph.layers:
        values += int(value_of(layer.output.values))
        counts = layer.facts.operations
        products += 0 if counts is None else int(value_of(counts.mul_add))
        if values > MOST_VALUES:
            raise fail("limit", f"{layer.name} puts out {layer.output}: more than {MOST_VALUES:,} values")
        if products > MOST_PRODUCTS:
            raise fail("limit", f"up to {layer.name} there are more than {MOST_PRODUCTS:,} multiplications")
