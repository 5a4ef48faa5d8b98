"""The modules of a network and their calls: of a module that was traced, or of the one that is exported."""

from __future__ import annotations

from ..export.run import run_of
from ..export.source import Export
from ..graph import Graph
from ..language.writing import write
from ..module_run import ModuleRun
from . import LoadedNetwork


def exported(graph: Graph, with_heads: bool = False) -> Export:
    """Return a network as the source of a PyTorch module.

    Args:
        graph: The network. One that was traced goes by way of its spec, whose blocks and labels are what
            classes and attributes are made of.
        with_heads: Whether side heads are part of it.

    Raises:
        SpecError: For a layer that PyTorch has no counterpart of.
    """
    return Export(_as_spec(graph), with_heads)


def module_run(graph: Graph, with_heads: bool = False) -> ModuleRun:
    """Return what the modules of a network do when it runs in PyTorch.

    Args:
        graph: The network. One that was traced whole has the modules that were traced; any other those of
            its export.
        with_heads: Whether side heads are part of it.

    Raises:
        SpecError: For a layer that PyTorch has no counterpart of.

    Example:
        >>> from archcalc.loading.module_runs import module_run
        >>> run = module_run(archcalc.load("32x32x3 -> conv 5x5 10 pad=2").graph)
        >>> [call.module.kind for call in run.calls]
        ['Net', 'Conv2d']
    """
    run = _traced_run(graph)
    if run is not None:
        return run.frozen(_frozen_modules(graph))
    graph = _as_spec(graph)
    return run_of(Export(graph, with_heads), graph.inputs)


def of_tracing(graph: Graph) -> bool:
    """Whether the modules of a network are those that were traced."""
    return _traced_run(graph) is not None


def _traced_run(graph: Graph) -> ModuleRun | None:
    traced = graph.metadata.traced
    return None if traced is None or graph.changed else traced.run


def _as_spec(graph: Graph) -> Graph:
    if graph.metadata.traced is None:
        return graph
    return LoadedNetwork.of("-", stdin=write(graph)).graph


def _frozen_modules(graph: Graph) -> set[str]:
    """The paths of the modules whose layers with parameters are all frozen."""
    frozen: dict[str, bool] = {}
    for layer in graph.layers:
        if layer.origin is not None and layer.facts.tensors:
            path = layer.origin.module
            frozen[path] = frozen.get(path, True) and layer.frozen
    return {path for path, held in frozen.items() if held}
