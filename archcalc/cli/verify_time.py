"""`archcalc verify --time`: how long the network takes where it is built, beside the bound of a device."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..analysis.summary import Summary
from ..diagnostics import WARNING, Diagnostic, fail
from ..packages import needed
from ..report.answer import Answer
from ..report.words import amount
from .answer import report_diagnostics, write_answer
from .options import CountedOptions
from .target import load_network, remarks

if TYPE_CHECKING:
    from ..graph import Graph


class TimedOptions(CountedOptions):
    """On which device times are measured, and beside which they are set."""

    device: str | None
    on: str
    with_heads: bool


def measured(target: str, options: TimedOptions) -> int:
    """Measure a network, and write what its layers take beside the least that they can take. Raises
    SpecError."""
    if not options.on:
        raise fail(
            "usage",
            "--time goes with --on DEVICE: the device that it runs on",
            "as in --on h200, or a TOML file",
        )
    if options.device == "meta":
        raise fail(
            "usage", "nothing is computed on meta: there is no time to measure", "--device cpu or cuda"
        )
    device = options.device or "cpu"
    network = load_network(target, options)
    needed("torch", "`verify`", "torch")
    from ..report.records.roofline import measured_record
    from ..report.screens.time import measured_sheets, time_table
    from ..report.terminal import Waiting
    from ..witness.timing import TORCH_DTYPES, timed
    from ..witness.zoo import able

    if options.dtype not in TORCH_DTYPES:
        raise fail(
            "usage", f"PyTorch runs no network in {options.dtype}", f"--dtype {', '.join(TORCH_DTYPES)}"
        )
    network, until = able(network)
    try:
        report = network.time(
            options.on, batch=options.batch, dtype=options.dtype, with_heads=options.with_heads
        )
    except ValueError as error:
        raise fail("usage", str(error)) from None
    _require_memory(network.graph, device, options)
    with Waiting(f"measuring {target}"):
        timing = timed(
            network.graph, report.scope.layers, device=device, batch=options.batch, dtype=options.dtype
        )
    report.measured = max(timing.whole, 1)
    report.measured_layers = timing.layers
    answer = Answer(
        lambda: measured_record(report, device, timing),
        lambda: time_table(report),
        lambda space: measured_sheets(report, device, timing, space),
    )
    write_answer(answer, options)
    words = f"as far as {until}: what follows has no counterpart in PyTorch"
    cut = [Diagnostic("torch", words, severity=WARNING)] if until is not None else []
    report_diagnostics(remarks(network, target, options.verbose, cut), options.diagnostics_format)
    return 0


def _require_memory(graph: Graph, device: str, options: TimedOptions) -> None:
    """Raise SpecError where the device is missing, or the memory at hand too small."""
    from ..witness.device import free_bytes
    from .device_check import require_device

    require_device(device)
    free = free_bytes(device)
    need = Summary(
        graph, batch=options.batch, dtype=options.dtype, with_heads=options.with_heads
    ).inference_bytes()
    if free is not None and need > free:
        raise fail("torch", f"the network takes at least {amount(need)}, and {amount(free)} are free")
