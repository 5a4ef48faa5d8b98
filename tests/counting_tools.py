"""The real tools that count operations, run on a module: each prints the figure of a profile."""

from __future__ import annotations

import contextlib
import functools
import importlib
import importlib.util
import io
import logging
import os
import sys
import types
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from archcalc.importing.torch.finding import imported

# What each profile's figure needs: a package, as it is imported.
PACKAGES = {
    "flopcounter": "torch",
    "flopcounter-gradients": "torch",
    "fvcore": "fvcore",
    "ptflops": "ptflops",
    "ptflops-aten": "ptflops",
    "thop": "thop",
    "torchinfo": "torchinfo",
    "torchscan": "torchscan",
    "torchscan-macs": "torchscan",
    "calflops": "calflops",
    "calflops-macs": "calflops",
    "deepspeed": "deepspeed",
    "deepspeed-macs": "deepspeed",
}
# A folder with the source archive of DeepSpeed, whose one file that counts is run: the package is large.
SOURCES = Path(os.environ.get("ARCHCALC_SOURCES", "."))


@functools.cache
def missing(name: str) -> str:
    """Why the tool of a profile cannot run; empty where it can."""
    package = PACKAGES[name]
    try:
        with _quiet():
            imported("torchvision")  # ptflops looks at its operators
    except ImportError:
        pass
    try:
        with _quiet():
            _PREPARED.get(package, lambda: importlib.import_module(package))()
    except Exception as error:
        return f"{package} does not run here: {type(error).__name__}"
    return ""


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        with (
            warnings.catch_warnings(),
            contextlib.redirect_stdout(io.StringIO()),
            contextlib.redirect_stderr(io.StringIO()),
        ):
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(before)


def _flopcounter(module: Any, x: Any) -> int:
    import torch
    from torch.utils.flop_counter import FlopCounterMode

    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        module(x)
    return int(counter.get_total_flops())


def _flopcounter_gradients(module: Any, x: Any) -> int:
    from torch.utils.flop_counter import FlopCounterMode

    with FlopCounterMode(display=False) as counter:
        module(x)
    return int(counter.get_total_flops())


def _fvcore(module: Any, x: Any) -> int:
    from fvcore.nn import FlopCountAnalysis

    return int(FlopCountAnalysis(module, x).total())


def _ptflops(backend: str) -> Callable[[Any, Any], int]:
    def run(module: Any, x: Any) -> int:
        from ptflops import get_model_complexity_info

        found, _ = get_model_complexity_info(
            module,
            tuple(x.shape[1:]),
            as_strings=False,
            print_per_layer_stat=False,
            backend=backend,
            input_constructor=lambda _: _Arguments(x),
        )
        return int(found)

    return run


class _Arguments(dict):  # type: ignore[type-arg]
    """What ptflops gives to a module by name: the one input, under the name that ``forward`` has."""

    def __init__(self, x: Any):
        super().__init__(x=x)


def _thop(module: Any, x: Any) -> int:
    import thop

    found, _ = thop.profile(module, inputs=(x,), verbose=False)
    return int(found)


def _torchinfo(module: Any, x: Any) -> int:
    import torchinfo

    return int(torchinfo.summary(module, input_data=x, verbose=0).total_mult_adds)


def _torchscan(metric: str) -> Callable[[Any, Any], int]:
    def run(module: Any, x: Any) -> int:
        from torchscan.crawler import crawl_module

        report = crawl_module(module, args=(x,))
        return int(sum(at["metrics"].get(metric, {}).get("value") or 0 for at in report["layers"]))

    return run


def _calculate_flops() -> Any:
    """What counts in calflops, without its ``__init__``, which wants packages for estimates of memory."""
    if "calflops" not in sys.modules:
        place = importlib.util.find_spec("calflops")
        assert place is not None
        package = types.ModuleType("calflops")
        package.__path__ = list(place.submodule_search_locations or ())
        sys.modules["calflops"] = package
    return importlib.import_module("calflops.flops_counter").calculate_flops


@functools.cache
def _deepspeed_profiler() -> Any:
    """DeepSpeed's profiler, with stand-ins for the rest of the package."""
    from benchmarks.real_counters import prepare_deepspeed

    if not list(SOURCES.glob("deepspeed-*.tar.gz")):
        raise ImportError("ARCHCALC_SOURCES names no folder with the source archive of deepspeed")
    prepare_deepspeed(SOURCES)
    return sys.modules["deepspeed_profiler"]


def _deepspeed(module: Any, x: Any) -> Any:
    profiler = _deepspeed_profiler().FlopsProfiler(module)
    profiler.start_profile()
    try:
        module(x)
        return profiler.get_total_flops(), profiler.get_total_macs()
    finally:
        profiler.end_profile()


def _calflops(place: int) -> Callable[[Any, Any], int]:
    def run(module: Any, x: Any) -> int:
        found = _calculate_flops()(
            module, args=[x], print_results=False, print_detailed=False, output_as_string=False
        )
        return int(found[place])

    return run


_PREPARED: dict[str, Callable[[], Any]] = {"calflops": _calculate_flops, "deepspeed": _deepspeed_profiler}
TOOLS: dict[str, Callable[[Any, Any], int]] = {
    "flopcounter": _flopcounter,
    "flopcounter-gradients": _flopcounter_gradients,
    "fvcore": _fvcore,
    "ptflops": _ptflops("pytorch"),
    "ptflops-aten": _ptflops("aten"),
    "thop": _thop,
    "torchinfo": _torchinfo,
    "torchscan": _torchscan("module_flops"),
    "torchscan-macs": _torchscan("macs"),
    "calflops": _calflops(0),
    "calflops-macs": _calflops(1),
    "deepspeed": lambda module, x: int(_deepspeed(module, x)[0]),
    "deepspeed-macs": lambda module, x: int(_deepspeed(module, x)[1]),
}


def printed(name: str, module: Any, x: Any) -> int:
    """The figure that a tool prints of a module on an input."""
    with _quiet():
        return TOOLS[name](module, x)


def _main(name: str, first: str, last: str) -> None:
    """Print what a tool prints of random modules, as JSON: for tools that leave their patches in place."""
    import json

    from random_code import MAKERS

    seeds = range(int(first), int(last))
    print(json.dumps({kind: [printed(name, *make(seed)) for seed in seeds] for kind, make in MAKERS.items()}))


if __name__ == "__main__":
    _main(*sys.argv[1:])
