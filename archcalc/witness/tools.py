"""Other tools' counters, run on a module: the one that `archcalc export` writes, or one that was traced."""

from __future__ import annotations

import contextlib
import io
import warnings
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import torch

from ..counters import count, profile
from ..diagnostics import did_you_mean, fail
from ..export.source import Export
from ..graph import Graph
from ..importing.torch import Trace
from ..importing.torch.finding import with_operators
from ..importing.torch.isolation import Isolated
from ..packages import needed
from .build import random_inputs
from .watched import own_module


class ToolRun(NamedTuple):
    """What a tool printed of a module when it was run.

    counter     the name of its profile
    version     that of the package; empty where it has none
    figure      what it printed
    by_profile  what its profile says
    layers      how many layers were compared
    differing   the layers of which they differ: name, what was printed, what the profile says
    """

    counter: str
    version: str
    figure: int
    by_profile: int
    layers: int
    differing: tuple[tuple[str, int, int], ...]


# The whole figure, and those of modules by their dotted names where the tool tells them.
Measured = tuple[int, Mapping[str, int]]


def _imported(module: str, tool: str) -> Any:
    """A tool's module. Some import torchvision, which may lack its own operators. Raises SpecError."""
    return with_operators(lambda: needed(module, f"`--with {tool}`"))


def _fvcore(module: Any, args: tuple[Any, ...]) -> Measured:
    analysis = _imported("fvcore.nn", "fvcore").FlopCountAnalysis(module, args)
    analysis.unsupported_ops_warnings(False).uncalled_modules_warnings(False)
    return int(analysis.total()), analysis.by_module()


def _flopcounter(module: Any, args: tuple[Any, ...]) -> Measured:
    from torch.utils.flop_counter import FlopCounterMode

    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        module(*args)
    by_module = {
        name.partition(".")[2]: sum(counts.values()) for name, counts in counter.get_flop_counts().items()
    }
    return int(counter.get_total_flops()), by_module


def _ptflops(backend: str) -> Callable[[Any, tuple[Any, ...]], Measured]:
    def run(module: Any, args: tuple[Any, ...]) -> Measured:
        ptflops = _imported("ptflops", "ptflops")
        macs, _ = ptflops.get_model_complexity_info(
            module,
            tuple(args[0].shape[1:]),
            as_strings=False,
            print_per_layer_stat=False,
            verbose=False,
            backend=backend,
        )
        return int(macs), {}

    return run


def _thop(module: Any, args: tuple[Any, ...]) -> Measured:
    macs, _ = _imported("thop", "thop").profile(module, inputs=args, verbose=False)
    return int(macs), {}


def _torchinfo(module: Any, args: tuple[Any, ...]) -> Measured:
    summary = _imported("torchinfo", "torchinfo").summary(module, input_data=list(args), verbose=0)
    return int(summary.total_mult_adds), {}


def _torchscan(total: str) -> Callable[[Any, tuple[Any, ...]], Measured]:
    def run(module: Any, args: tuple[Any, ...]) -> Measured:
        found = _imported("torchscan", "torchscan").crawl_module(module, tuple(args[0].shape[1:]))
        return int(found["totals"][total]["known_value"]), {}

    return run


def _calflops(place: int) -> Callable[[Any, tuple[Any, ...]], Measured]:
    def run(module: Any, args: tuple[Any, ...]) -> Measured:
        calculate = _imported("calflops", "calflops").calculate_flops
        shape = tuple(args[0].shape)
        found = calculate(module, input_shape=shape, print_results=False, output_as_string=False)
        return int(found[place]), {}

    return run


def _deepspeed(macs: bool) -> Callable[[Any, tuple[Any, ...]], Measured]:
    def run(module: Any, args: tuple[Any, ...]) -> Measured:
        profiling = _imported("deepspeed.profiling.flops_profiler", "deepspeed")
        profiler = profiling.FlopsProfiler(module)
        profiler.start_profile()
        module(*args)
        found = profiler.get_total_macs() if macs else profiler.get_total_flops()
        profiler.end_profile()
        return int(found), {}

    return run


TOOLS: dict[str, Callable[[Any, tuple[Any, ...]], Measured]] = {
    "fvcore": _fvcore,
    "flopcounter": _flopcounter,
    "ptflops": _ptflops("pytorch"),
    "ptflops-aten": _ptflops("aten"),
    "thop": _thop,
    "torchinfo": _torchinfo,
    "torchscan": _torchscan("module_flops"),
    "torchscan-macs": _torchscan("macs"),
    "calflops": _calflops(0),
    "calflops-macs": _calflops(1),
    "deepspeed": _deepspeed(macs=False),
    "deepspeed-macs": _deepspeed(macs=True),
}


def run_tool(name: str, graph: Graph, trace: Trace | None = None) -> ToolRun:
    """Run a tool on a network's module, and compare it with its profile.

    Args:
        name: One of TOOLS.
        graph: The network.
        trace: How it was traced, where it is a module; else the module that is exported is run.

    Returns:
        What the tool printed, and where its profile says something else.

    Raises:
        SpecError: For a tool that cannot be run, is not installed, or fails.

    Example:
        >>> from archcalc.witness.tools import run_tool
        >>> run_tool("flopcounter", archcalc.load("lenet5_modern").graph).figure
        833040
    """
    run = TOOLS.get(name)
    if run is None:
        raise fail(
            "argument", f"`{name}` cannot be run", *did_you_mean(name, TOOLS), f"there are {', '.join(TOOLS)}"
        )
    module, args, paths = _exported(graph) if trace is None else _traced(trace)
    with Isolated(), warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        try:
            figure, by_module = run(module, args)
        except Exception as error:
            if type(error).__name__ == "SpecError":
                raise
            reason = str(error).strip().partition("\n")[0]
            raise fail("tool", f"{name} fails on this module: {type(error).__name__}: {reason}") from None
    counted = count(profile(name), graph)
    compared = [
        (layer.name, int(by_module[paths[layer.name]]), layer.figure)
        for layer in counted.layers
        if paths.get(layer.name) in by_module
    ]
    differing = tuple([one for one in compared if one[1] != one[2]])
    return ToolRun(name, _version(name), figure, counted.figure, len(compared), differing)


def _version(name: str) -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("torch" if name == "flopcounter" else name.partition("-")[0])
    except PackageNotFoundError:
        return ""


def _exported(graph: Graph) -> tuple[Any, tuple[Any, ...], Mapping[str, str]]:
    """The module that is exported, what it is given, and where its layers are."""
    export = Export(graph)
    space: dict[str, Any] = {"__name__": "exported"}
    exec(compile(export.text, "exported.py", "exec"), space)
    made = export.text.rpartition('if __name__ == "__main__":')[2].split("net = ")[1].split("(")[0]
    return space[made]().eval(), tuple(random_inputs(graph, 1)), export.paths


def _traced(trace: Trace) -> tuple[Any, tuple[Any, ...], Mapping[str, str]]:
    """The module that was traced, with values."""
    found = own_module(trace, "cpu")
    args, _, _ = found.arguments()
    paths = {layer.name: layer.origin.module for layer in trace.graph.layers if layer.origin is not None}
    # What a module does beside its parts has no name of its own.
    several = Counter(paths.values())
    paths = {name: path for name, path in paths.items() if path and several[path] == 1}
    return found.module, tuple(args), paths
