"""`archcalc time`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ..analysis.totals import DTYPES
from ..diagnostics import fail
from ..report.answer import Answer, Page, Pieces
from .answer import no_png_for_a_terminal, report_diagnostics, reported, write_answer
from .completion import device_names, targets
from .help import Command
from .options import (
    BATCHES,
    FoldedOptions,
    apart,
    duration,
    first_given,
    folding_options,
    network_options,
    no_columns,
    not_in_format,
    one_depth,
    table_options,
)
from .target import load_network, one_target, remarks

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ..api.times import TimeReport

PICTURES = ("svg", "png", "pdf", "tikz")
# The most batches of a range.
MOST_BATCHES = 10_000


class TimeOptions(FoldedOptions):
    """The words and options of `archcalc time`."""

    words: tuple[str, ...]
    on: str
    batch: str
    dtype: str
    fused: bool
    measured: str | None
    with_heads: bool
    plot: bool


@click.command("time", cls=Command)
@click.argument("words", metavar="TARGET", nargs=-1, shell_complete=targets)
@network_options
@click.option(
    "--on",
    metavar="DEVICE",
    default="",
    shell_complete=device_names,
    help="The device: h100, a100, t4, orin, cpu …, or a TOML file of one's own.",
)
@click.option(
    "--batch",
    default="1",
    metavar="N",
    help="Batch size; 1..256 doubles from 1 to 256, 1..256:32 takes steps of 32.  [default: 1]",
)
@click.option("--dtype", type=click.Choice(list(DTYPES)), default="fp32", help="Type of the values.")
@click.option(
    "--fused", is_flag=True, help="Activations and norms are computed with the product before them."
)
@click.option("--measured", metavar="TIME", help="What a run took, as in 4.2ms: how near it is to the bound.")
@click.option("--with-heads", is_flag=True, help="Side heads too.")
@click.option("--plot", is_flag=True, help="A picture, svg, png, pdf or tikz: the layers under the roof.")
@folding_options()
@table_options(*PICTURES)
@reported(TimeOptions)
def command(options: TimeOptions) -> int:
    """How long a forward pass takes at least on a device, and what bounds each layer: memory or computing.

    A roofline. A layer moves its inputs, its parameters and its output, and does its operations; the
    slower of the two bounds its time. All layers one after the other take the sum. It is a bound and no
    forecast: a real run is slower, by as much as --measured shows.
    With several batches, --batch 1..256: where the bound turns from memory to computing.
    """
    (target,) = one_target(options.words)
    one_depth(options)
    options.format = _format(options)
    no_columns(options)
    if not options.on:
        from ..devices import devices

        known = ", ".join([device.name for device in devices()])
        raise fail(
            "usage", "--on DEVICE is missing: a time is one on a device", f"there are {known}; or a TOML file"
        )
    batches = _batches(options.batch)
    network = load_network(target, options)
    measured = None if options.measured is None else duration(options.measured)
    try:
        report = network.time(
            options.on,
            batch=batches[0],
            dtype=options.dtype,
            fused=options.fused,
            measured=measured,
            with_heads=options.with_heads,
            layout=options.layout,
        )
    except ValueError as error:
        raise fail("usage", str(error)) from None
    write_answer(_one(report, options) if len(batches) == 1 else _several(report, batches, options), options)
    report_diagnostics(remarks(network, target, options.verbose), options.diagnostics_format)
    return 0


def _one(report: TimeReport, options: TimeOptions) -> Answer:
    """The layers, for one batch."""
    from ..report.screens.time import time_sheets

    return Answer(
        report.to_dict,
        report._flat_table,
        lambda space: time_sheets(report, space, options.depth, options.all_layers),
        _drawn(lambda form: report.plot(form), options),
    )


def _drawn(draw: Callable[[str], bytes], options: TimeOptions) -> dict[str, Callable[[Page], Pieces]]:
    """The formats of pictures. Raises SpecError."""

    def drawn(page: Page) -> Pieces:
        no_png_for_a_terminal(options)
        return draw(options.format)

    return dict.fromkeys(PICTURES, drawn)


def _format(options: TimeOptions) -> str:
    """The format; of a plot one of pictures. Raises SpecError."""
    form = "svg" if options.plot and options.format == "table" else options.format
    if options.plot and form not in PICTURES:
        raise not_in_format("--plot", options, f"a plot is a picture: --format {', '.join(PICTURES)}")
    given = first_given(depth=options.depth, all=options.all_layers)
    if form in PICTURES and given is not None:
        raise apart("--plot", given, "a picture has every layer")
    return form


def _several(report: TimeReport, batches: Sequence[int], options: TimeOptions) -> Answer:
    """The sums, for each batch. Raises SpecError."""
    from ..report.pictures.roofline import batches_picture
    from ..report.records.roofline import batches_record
    from ..report.screens.time_batches import batches_sheets, batches_table

    given = first_given(measured=options.measured, depth=options.depth, all=options.all_layers)
    if given is not None:
        raise fail("usage", f"{given} does not go with several batches", f"as in --batch {batches[0]}")
    traced = report.scope.graph.metadata.traced
    if traced is not None and traced.mixed:
        raise fail(
            "argument",
            f"{traced.target} counts for a batch of one alone: {traced.mixed} works across the batch",
        )
    return Answer(
        lambda: batches_record(report, batches),
        lambda: batches_table(report, batches),
        lambda space: batches_sheets(report, batches, space),
        _drawn(lambda form: batches_picture(report, batches, form), options),
    )


def _batches(text: str) -> list[int]:
    """The batches that ``--batch`` names: ``8``, ``1..256`` doubled from the first to the last, ``1..256:32``
    in steps. Raises SpecError."""
    first, dots, rest = text.partition("..")
    last, colon, step = rest.partition(":")
    parts = [first, *([last] if dots else []), *([step] if colon else [])]
    if not all(part.isascii() and part.isdecimal() and len(part) < 20 for part in parts):
        raise fail("argument", f"`--batch {text}` is no batch", "as in --batch 8, 1..256 or 1..256:32")
    numbers = [int(part) for part in parts]
    if not all(1 <= number <= (BATCHES.max or 0) for number in numbers):
        raise fail("argument", f"`--batch {text}` is not within 1..{BATCHES.max:,}")
    start, end = numbers[0], numbers[1] if dots else numbers[0]
    if end < start:
        raise fail("argument", f"`--batch {text}` runs backwards", f"as in --batch {end}..{start}")
    if colon:
        count = (end - start) // numbers[2] + 1
        if count > MOST_BATCHES:
            raise fail("limit", f"`--batch {text}` is {count:,} batches", f"{MOST_BATCHES:,} at most")
        return list(range(start, end + 1, numbers[2]))
    found = [start]
    while 2 * found[-1] <= end:
        found.append(2 * found[-1])
    return found if found[-1] == end else [*found, end]
