"""The tensors of the layers, as they are given: checked, and with the names and shapes of the ops' rules."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ..diagnostics import Diagnostic, SpecError
from ..graph import Graph, Layer
from ..ops.facts import Tensor
from ..source import Span

# How users name the statistics of a normalisation, and how PyTorch does.
NAMES = {
    "mean": "running_mean",
    "var": "running_var",
    "variance": "running_var",
    "gamma": "weight",
    "scale": "weight",
    "beta": "bias",
    "shift": "bias",
    "epsilon": "eps",
}

# The kinds of things that are given, as messages call them.
INPUT, KERNEL, BIAS, STATISTICS = "input", "kernel", "bias", "statistics"

ValuesByLayer = Mapping[str, Any]
TextPlaces = Mapping[tuple[str, str], Span]


class GivenTensors:
    """The tensors that a call gives, by layer.

    Args:
        graph: The network.
        kernels: The weights by layer.
        biases: The biases by layer.
        statistics: What normalisations are given, by layer: each a mapping by name.
        places: Where each stands in the text: by kind and key.
    """

    def __init__(
        self,
        graph: Graph,
        kernels: ValuesByLayer,
        biases: ValuesByLayer,
        statistics: ValuesByLayer,
        places: TextPlaces | None = None,
    ):
        self._graph = graph
        self._places = places or {}
        # By layer and the name of the tensor: the kind and the key it was given by, and the values.
        self._found: dict[tuple[Layer, str], tuple[str, str, Any]] = {}
        for key, values in kernels.items():
            self._take(KERNEL, key, values)
        for key, values in biases.items():
            self._take(BIAS, key, values)
        for key, values in statistics.items():
            self._take(STATISTICS, key, values)

    def error(
        self, kind: str, key: str, message: str, *, code: str = "values", help: Iterable[str] = ()
    ) -> SpecError:
        """Return an error that points at the place of what was given."""
        return SpecError([Diagnostic(code, message, self._places.get((kind, key)), help=help)])

    def tensors(self, layer: Layer) -> tuple[dict[str, Any], tuple[str, ...]]:
        """Return the tensors of a layer by name, and the names of those that were assumed.

        A bias that is not given is 0, the scale of a normalisation 1. Anything else has to be given.

        Raises:
            SpecError: For tensors that are missing or have another size.
        """
        owner = layer.owner
        found: dict[str, Any] = {}
        assumed = []
        for tensor in tensors_of(owner):
            given = self._found.get((owner, tensor.name))
            if given is not None:
                found[tensor.name] = self._fitted(owner, tensor, *given)
            else:
                found[tensor.name] = self._assumed(owner, tensor)
                assumed.append(tensor.name)
        return found, tuple(assumed)

    def epsilon(self, layer: Layer) -> Any:
        """Return what a normalisation adds to a variance: what PyTorch adds where nothing is given."""
        from ..arrays.exact import exact_number

        given = self._found.get((layer.owner, "eps"))
        if given is None:
            return layer.op.epsilon
        kind, key, value = given
        if getattr(value, "ndim", 0):  # as what stands in a matrix
            if value.size != 1:
                raise self.error(kind, key, f"{layer.name} has one eps, these are {value.size}")
            value = value.item()
        return exact_number(value)

    def _take(self, kind: str, key: str, values: Any) -> None:
        layer, name = self._target(kind, key)
        if isinstance(values, Mapping):
            parts: dict[str, Any] = {NAMES.get(str(part), str(part)): value for part, value in values.items()}
        else:
            parts = {name or self._usual(kind, key, layer): values}
        names = [tensor.name for tensor in tensors_of(layer.owner)]
        for part, value in parts.items():
            if part not in names and part != "eps":
                raise self._nothing(kind, key, layer, part, names)
            self._found[layer.owner, part] = kind, key, value

    def _target(self, kind: str, key: str) -> tuple[Layer, str]:
        """The layer, and the tensor where the key names one: ``attention1.in_proj_weight``."""
        if not key:
            layers = [layer for layer in self._graph.layers if self._takes(kind, layer)]
            if len(layers) == 1:
                return layers[0], ""
            message = f"no layer takes {kind}" if kind == STATISTICS else f"no layer has a {kind}"
            if layers:
                message = f"{len(layers)} layers have a {kind}: {', '.join(at.name for at in layers)}"
            raise self.error(
                kind, key, message, help=[f"say which: --{kind} {layers[0].name}=…"] if layers else ()
            )
        layer = self._graph.layer(key)
        if layer is not None:
            return layer, ""
        layer, tensor = layer_and_tensor(self._graph, key)
        if layer is None:
            known = [at.name for at in self._graph.layers if self._takes(kind, at)]
            raise self.error(
                kind,
                key,
                f"no layer is called `{key}`",
                help=[f"a {kind} goes to {' or '.join(known)}"] if known else (),
            )
        return layer, NAMES.get(tensor, tensor)

    @staticmethod
    def _takes(kind: str, layer: Layer) -> bool:
        if layer.shared:
            return False
        tensors = tensors_of(layer)
        if kind == STATISTICS:
            return layer.op.is_norm and bool(tensors)
        return any(tensor.is_bias == (kind == BIAS) for tensor in tensors) and not layer.op.is_norm

    def _usual(self, kind: str, key: str, layer: Layer) -> str:
        """The tensor that a kind means where it is not named."""
        tensors = [t for t in tensors_of(layer.owner) if t.is_bias == (kind == BIAS)]
        if not tensors:
            raise self.error(kind, key, f"`{layer.text or layer.name}` has no {kind}")
        return tensors[0].name

    def _nothing(self, kind: str, key: str, layer: Layer, part: str, names: list[str]) -> SpecError:
        if kind == STATISTICS and layer.op.is_norm:
            short = [next((usual for usual, full in NAMES.items() if full == name), name) for name in names]
            known = f"it takes {', '.join([*short, 'eps'])}"
        else:
            known = f"it has {', '.join(names)}" if names else "it has no tensors"
        return self.error(kind, key, f"`{layer.text or layer.name}` has no `{part}`", help=[known])

    def _fitted(self, layer: Layer, tensor: Tensor, kind: str, key: str, values: Any) -> Any:
        from ..arrays.exact import array_of

        try:
            array = array_of(values)
        except (TypeError, ValueError) as error:
            raise self.error(kind, key, f"the {kind} of `{layer.name}` cannot be read: {error}") from None
        shape = tuple(tensor.shape)
        if array.shape in spellings(shape):
            return array.reshape(shape)
        if array.ndim == 0 and tensor.is_bias:
            return array_of([array.item()] * tensor.size).reshape(shape)
        raise self.error(
            kind,
            key,
            f"{layer.name} has a {tensor.name} of {sizes(shape)}, this one is {sizes(array.shape)}",
            help=[f"`{layer.text}` on {layer.inputs[0].output}" if layer.inputs else layer.text],
        )

    def _assumed(self, layer: Layer, tensor: Tensor) -> Any:
        from ..arrays.exact import array_of

        # What something else computes is not guessed.
        if tensor.is_bias and tensor in (layer.facts.tensors or ()):
            return array_of([0] * tensor.size).reshape(tuple(tensor.shape))
        if layer.op.is_norm and tensor.name == "weight":
            return array_of([1] * tensor.size).reshape(tuple(tensor.shape))
        kind = STATISTICS if layer.op.is_norm else BIAS if tensor.is_bias else KERNEL
        raise self.error(
            kind,
            layer.name,
            f"{layer.name} needs its {tensor.name}: {sizes(tuple(tensor.shape))} values",
            help=[f"--{kind} {self._called(layer, tensor)}=…"],
        )

    def _called(self, layer: Layer, tensor: Tensor) -> str:
        """How the option that gives a tensor names it: by the layer alone where that means it."""
        if layer.op.is_norm:
            usual = next((usual for usual, full in NAMES.items() if full == tensor.name), tensor.name)
            norms = [at for at in self._graph.layers if self._takes(STATISTICS, at)]
            return usual if len(norms) == 1 else f"{layer.name}.{usual}"
        alike = [one for one in tensors_of(layer) if one.is_bias == tensor.is_bias]
        return layer.name if alike[0] is tensor else f"{layer.name}.{tensor.name}"


def tensors_of(layer: Layer) -> tuple[Tensor, ...]:
    """The tensors that a layer has, and those that it is given because something else computes them."""
    computed = layer.op.computed(*[source.output for source in layer.inputs])
    return (*(layer.facts.tensors or ()), *computed)


def layer_and_tensor(graph: Graph, key: str) -> tuple[Layer | None, str]:
    """Return the layer and the tensor that a name means: both have points in their names,
    ``attention1.out_proj.weight``. The longest name of a layer counts."""
    for at in range(len(key) - 1, 0, -1):
        layer = graph.layer(key[:at]) if key[at] == "." else None
        if layer is not None:
            return layer, key[at + 1 :]
    return None, ""


def sizes(shape: tuple[int, ...]) -> str:
    """Sizes as messages write them: ``2x3x3``."""
    return "x".join(map(str, shape)) or "one number"


def spellings(shape: tuple[int, ...]) -> set[tuple[int, ...]]:
    """The shapes in which a tensor may be given: as PyTorch lays it out, or without the axes of filters and
    of channels where these have one position. A kernel of 3x1 is no 1x3."""
    found = {shape}
    for axis in (1, 0):
        found |= {
            (*each[:axis], *each[axis + 1 :])
            for each in found
            if len(each) > axis + 1 and each[axis] == 1 and len(shape) > 2
        }
    if len(shape) == 2 and shape[0] == 1:
        found.add(shape[1:])
    if shape == (1,):
        found.add(())
    return found
