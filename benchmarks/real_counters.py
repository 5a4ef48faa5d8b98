"""What other tools print for a network: each is run, as its users run it, in a process of its own.

The figures are of a CPU, in evaluation mode, for one picture. They are measurements, and never the truth of a
count.
"""

from __future__ import annotations

import contextlib
import importlib
import io
import multiprocessing
import subprocess
import sys
import tarfile
import tempfile
import types
import warnings
from collections.abc import Callable, Iterator
from importlib.machinery import ModuleSpec
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, NamedTuple

Figures = dict[str, int]

# Tools whose packages are large, or want a GPU: the version, and the one file that counts.
SOURCES = {
    "deepspeed": ("0.19.8", "deepspeed/profiling/flops_profiler/profiler.py"),
    "mmcv": ("1.7.2", "mmcv/cnn/utils/flops_counter.py"),
}


# ---- the tools, each by the names of the profiles whose figures it prints


def fvcore(module: Any, picture: Any) -> Figures:
    """fvcore's "flops"."""
    from fvcore.nn import FlopCountAnalysis

    analysis = FlopCountAnalysis(module, picture)
    analysis.unsupported_ops_warnings(False).uncalled_modules_warnings(False)
    return {"fvcore": int(analysis.total())}


def ptflops_backend(backend: str) -> Callable[[Any, Any], Figures]:
    """ptflops' "macs" by one of its backends."""

    def run(module: Any, picture: Any) -> Figures:
        from ptflops import get_model_complexity_info

        sizes = tuple(picture.shape[1:])
        macs, _ = get_model_complexity_info(
            module, sizes, as_strings=False, print_per_layer_stat=False, verbose=False, backend=backend
        )
        return {"ptflops" if backend == "pytorch" else "ptflops-aten": int(macs)}

    return run


def thop(module: Any, picture: Any) -> Figures:
    """thop's "macs"."""
    from thop import profile

    macs, _ = profile(module, inputs=(picture,), verbose=False)
    return {"thop": int(macs)}


def torchinfo(module: Any, picture: Any) -> Figures:
    """torchinfo's multiply-adds."""
    from torchinfo import summary

    return {"torchinfo": int(summary(module, input_data=picture, verbose=0).total_mult_adds)}


def torchscan(module: Any, picture: Any) -> Figures:
    """The totals of torchscan's table, FLOPs and MACs, of all layers that it knows."""
    from torchscan import crawl_module

    totals = crawl_module(module, tuple(picture.shape[1:]))["totals"]
    flops, macs = totals["module_flops"], totals["macs"]
    return {"torchscan": int(flops["known_value"]), "torchscan-macs": int(macs["known_value"])}


def deepspeed(module: Any, picture: Any) -> Figures:
    """The FLOPs and MACs of DeepSpeed's flops profiler."""
    profiler = importlib.import_module("deepspeed_profiler").FlopsProfiler(module)
    profiler.start_profile()
    module(picture)
    found = {"deepspeed": int(profiler.get_total_flops()), "deepspeed-macs": int(profiler.get_total_macs())}
    profiler.end_profile()
    return found


def mmcv(module: Any, picture: Any) -> Figures:
    """The "Flops" of mmcv, which mmclassification and mmdetection print."""
    count = importlib.import_module("mmcv_profiler").get_model_complexity_info
    flops, _ = count(module, tuple(picture.shape[1:]), print_per_layer_stat=False, as_strings=False)
    return {"mmcv": int(flops)}


def calflops(module: Any, picture: Any) -> Figures:
    """The FLOPs and MACs of calflops."""
    from calflops import calculate_flops

    flops, macs, _ = calculate_flops(
        module, input_shape=tuple(picture.shape), print_results=False, output_as_string=False
    )
    return {"calflops": int(flops), "calflops-macs": int(macs)}


def flopcounter(module: Any, picture: Any) -> Figures:
    """The FLOPs of PyTorch's FlopCounterMode."""
    import torch
    from torch.utils.flop_counter import FlopCounterMode

    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        module(picture)
    return {"flopcounter": int(counter.get_total_flops())}


class Tool(NamedTuple):
    """A tool: its package, the profiles whose figures it prints, and how it is run."""

    package: str
    prints: tuple[str, ...]
    run: Callable[[Any, Any], Figures]


TOOLS = (
    Tool("fvcore", ("fvcore",), fvcore),
    Tool("ptflops", ("ptflops",), ptflops_backend("pytorch")),
    Tool("ptflops", ("ptflops-aten",), ptflops_backend("aten")),
    Tool("thop", ("thop",), thop),
    Tool("torchinfo", ("torchinfo",), torchinfo),
    Tool("torchscan", ("torchscan", "torchscan-macs"), torchscan),
    Tool("deepspeed", ("deepspeed", "deepspeed-macs"), deepspeed),
    Tool("mmcv", ("mmcv",), mmcv),
    Tool("calflops", ("calflops", "calflops-macs"), calflops),
    Tool("torch", ("flopcounter",), flopcounter),
)


# ---- how they are imported


class Anything(type):
    """Classes that nothing is an instance of, and that have every method."""

    def __getattr__(cls, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return lambda *args, **kwargs: None


class Absent(types.ModuleType):
    """A module that a tool imports and does not need for its counts. Whatever is read of it is such a
    class."""

    def __init__(self, name: str):
        super().__init__(name)
        self.__path__: list[str] = []
        self.__spec__ = ModuleSpec(name, None)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return Anything(name, (), {})


def stand_in(*names: str) -> None:
    """Put a stand-in in the place of each module whose package is not installed."""
    for name in names:
        package = name.partition(".")[0]
        imported = sys.modules.get(package)
        if isinstance(imported, Absent) or (imported is None and find_spec(package) is None):
            sys.modules[name] = Absent(name)


def prepare_calflops(folder: Path) -> None:
    """calflops imports packages for models of the Hugging Face hub, which are not needed here."""
    stand_in("accelerate", "accelerate.commands", "accelerate.commands.utils", "accelerate.utils")
    stand_in("huggingface_hub", "huggingface_hub.utils")


def source_of(package: str, folder: Path) -> str:
    """The text of the file that counts, out of a package's source archive, which pip downloads into a folder
    unless it is there.

    Raises:
        ImportError: if it cannot be had.
    """
    version, path = SOURCES[package]
    if not list(folder.glob(f"{package}-{version}.tar.gz")):
        folder.mkdir(parents=True, exist_ok=True)
        options = ["--quiet", "--no-deps", "--no-binary", ":all:", "--no-build-isolation", "-d", str(folder)]
        subprocess.run([sys.executable, "-m", "pip", "download", *options, f"{package}=={version}"])
    for place in folder.glob(f"{package}-{version}.tar.gz"):
        with tarfile.open(place) as archive:
            for member in archive:
                file = archive.extractfile(member) if member.name.endswith(path) else None
                if file is not None:
                    return file.read().decode()
    raise ImportError(f"{package}=={version} could not be downloaded")


def run_source(package: str, folder: Path) -> None:
    """Make the file that counts a module of its own."""
    source = source_of(package, folder)
    module = types.ModuleType(f"{package}_profiler")
    module.__file__ = SOURCES[package][1]
    sys.modules[module.__name__] = module
    exec(compile(source, module.__file__, "exec"), module.__dict__)


def prepare_deepspeed(folder: Path) -> None:
    """DeepSpeed's profiler, with stand-ins for the rest of the package: its layers for mixtures of experts,
    its timers and its choice of a device."""
    stand_in("deepspeed", "deepspeed.accelerator", "deepspeed.utils", "deepspeed.utils.timer")
    stand_in("deepspeed.utils.torch", "deepspeed.moe", "deepspeed.moe.layer", "einops")
    sys.modules["deepspeed.utils.torch"].required_torch_version = lambda **limits: True  # type: ignore[attr-defined]
    device = types.SimpleNamespace(synchronize=lambda: None)
    sys.modules["deepspeed.accelerator"].get_accelerator = lambda: device  # type: ignore[attr-defined]
    run_source("deepspeed", folder)


def prepare_mmcv(folder: Path) -> None:
    """mmcv's counter, with stand-ins for the layers that mmcv itself has."""
    stand_in("mmcv")
    sys.modules["mmcv"].cnn = types.SimpleNamespace(bricks=Absent("mmcv.cnn.bricks"))  # type: ignore[attr-defined]
    run_source("mmcv", folder)


PREPARED = {"deepspeed": prepare_deepspeed, "mmcv": prepare_mmcv, "calflops": prepare_calflops}


def prepared(tool: Tool, folder: Path) -> str:
    """Import a tool; the reason where it cannot be imported, else nothing."""
    try:
        if tool.package in PREPARED:
            PREPARED[tool.package](folder)
        if tool.package not in SOURCES:
            importlib.import_module(tool.package)
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return ""


def versions() -> dict[str, str]:
    """The version of each package whose figures were measured."""
    found = {}
    for package in ("torch", "torchvision", "timm", *[tool.package for tool in TOOLS]):
        with contextlib.suppress(PackageNotFoundError):
            found[package] = version(package)
    return found | {package: number for package, (number, _) in SOURCES.items()}


# ---- networks


def built(corpus: str, name: str) -> tuple[Any, Any]:
    """A network in evaluation mode, with one picture of the size that it takes."""
    import torch

    from .peers import models

    side = 224
    if corpus == "torchvision":
        side = 299 if name == "inception_v3" else 224
        sizes: tuple[int, ...] = (3, side, side)
        unbuilt = {"init_weights": False} if name in ("googlenet", "inception_v3") else {}
        module = models().get_model(name, **unbuilt)
    else:
        models()
        timm = importlib.import_module("timm")
        module = timm.create_model(name)
        sizes = module.default_cfg.get("input_size", (3, side, side))
    return module.eval(), torch.zeros(1, *sizes)


# ---- processes


def apart(run: Callable[[], Any]) -> Any:
    """What a function gives, run in a process of its own, a copy of this one; as text why it does not.

    What a tool leaves behind in PyTorch, such as functions that it has replaced, then reaches no other.
    """
    context = multiprocessing.get_context("fork")
    ours, theirs = context.Pipe(duplex=False)

    def work(connection: Connection) -> None:
        try:
            with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
                found = run()
        except BaseException as error:
            found = f"{type(error).__name__}: {error}"
        connection.send(found)

    process = context.Process(target=work, args=(theirs,))
    process.start()
    theirs.close()
    try:
        return ours.recv()
    except EOFError:
        return "its process died"
    finally:
        process.join()


def figures(corpus: str, name: str, ready: dict[Tool, str]) -> dict[str, int | str]:
    """What the tools print for a network; as text why one prints nothing."""

    def measure() -> dict[str, int | str]:
        module, picture = built(corpus, name)
        found: dict[str, int | str] = {}
        for tool in TOOLS:
            result = ready[tool] or apart(lambda tool=tool: tool.run(module, picture))  # type: ignore[misc]
            found |= dict.fromkeys(tool.prints, result) if isinstance(result, str) else result
        return found

    measured = apart(measure)
    if isinstance(measured, str):
        return {figure: measured for tool in TOOLS for figure in tool.prints}
    return dict(measured)


def measured(asked: list[tuple[str, str]], folder: Path | None) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """What all tools print for each of the networks, one after the other.

    Args:
        asked: The corpus and the name of each.
        folder: Where source archives are, or are downloaded to; a temporary folder by default.
    """
    warnings.filterwarnings("ignore")
    import torch

    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as temporary:
        from .peers import models

        models()
        ready = {tool: prepared(tool, folder or Path(temporary)) for tool in TOOLS}
        for tool, reason in ready.items():
            if reason:
                print(f"{tool.package} is left out: {reason}", file=sys.stderr)
        for corpus, name in asked:
            yield corpus, name, figures(corpus, name, ready)
