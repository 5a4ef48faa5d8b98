"""`archcalc apply`."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import click

from ..diagnostics import fail
from ..report.answer import Answer, Page, Pieces
from .answer import reported, write_answer
from .given_matrices import StandardInput, bias_option, flip_option, given_matrices, kernel_option
from .help import Command
from .options import (
    OutputOptions,
    answer_options,
    apart,
    first_given,
    layout_option,
    not_in_format,
    ops_option,
)

if TYPE_CHECKING:
    from ..loading.applying import Applied, Composition
    from ..report.flat import FlatTable
    from ..report.screens.apply import LayerView
    from ..report.sheet import Sheet, Space
    from ..values.steps import CellStep

PICTURES = ("svg", "png", "gif")
# Cells that --steps writes out, at most.
MOST_STEPS = 10_000


class ApplyOptions(OutputOptions):
    """The words and options of `archcalc apply`."""

    words: tuple[str, ...]
    kernels: tuple[str, ...]
    biases: tuple[str, ...]
    statistics: tuple[str, ...]
    flip: bool
    at: str | None
    steps: bool
    compose: bool
    as_matrix: bool
    animate: bool
    layout: str = "hwc"


class _Numbers(Command):
    """A command whose words may begin with a minus and a digit, as `-1 0 1;2 1 0` does."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        # A space in front is nothing in a matrix, and no option begins with one.
        return super().parse_args(ctx, [f" {word}" if _negative(word) else word for word in args])


def _negative(word: str) -> bool:
    return len(word) > 1 and word[0] in "-−" and (word[1].isdigit() or word[1] in ". ")


@click.command("apply", cls=_Numbers)
@click.argument("words", metavar="LAYERS MATRIX | --compose KERNEL KERNEL…", nargs=-1)
@kernel_option
@bias_option
@click.option(
    "--statistics",
    multiple=True,
    metavar="[LAYER.]NAME=NUMBERS",
    help="What a normalisation is given: mean, var, gamma, beta, eps.",
)
@flip_option
@click.option("--at", metavar="Y,X", help="One cell of the result: its sum is written out.")
@click.option("--steps", is_flag=True, help="Every cell written out.")
@click.option("--as-matrix", is_flag=True, help="The layer as a matrix, times its input as a vector.")
@click.option("--compose", is_flag=True, help="The words are kernels: as one kernel that does the same.")
@click.option("--animate", is_flag=True, help="An svg in which the window moves; gif does so anyway.")
@layout_option
@ops_option
@answer_options("npy", "svg", "png", "gif")
@reported(ApplyOptions)
def command(options: ApplyOptions) -> int:
    """Layers on a small matrix, step by step.

    LAYERS is a layer or a chain: "conv 3x3 -> relu -> maxpool 2x2"; the number of filters may be
    left out. MATRIX has its rows parted by `;` and its channels by `|`: "1 0 2;3 1 1". It may be a file,
    a table of numbers, .npy or an image, and - for standard input. Whole numbers, fractions (1/9) and
    decimals stay exact. A single row is a vector for softmax, fc, norms and flatten, else a map of
    height 1.

    With --compose, the words are the kernels of layers that follow each other: channels parted by `|`,
    filters by `||`.

    csv, plain and npy are the rows of the result. svg and png draw the window of one cell of the last
    layer, gif the window as it moves.
    """
    if options.animate and options.format not in ("svg", "gif"):
        raise not_in_format("--animate", options, "a picture that moves is an svg or a gif")
    if options.compose:
        kernels = _kernels(options)
        from ..loading.applying import composed

        write_answer(_composed_answer(composed(kernels), options), options)
        return 0
    applied = _applied(options)
    answer = _matrix_answer(applied, options) if options.as_matrix else None
    write_answer(answer or _answer(applied, _steps(applied, options), options), options)
    return 0


def _kernels(options: ApplyOptions) -> list[Any]:
    """The kernels of --compose. Raises SpecError."""
    from ..loading.matrices import read_filters

    other = first_given(
        kernel=options.kernels,
        bias=options.biases,
        statistics=options.statistics,
        flip=options.flip,
        as_matrix=options.as_matrix,
    )
    if other is not None:
        raise apart("--compose", other, "all words of --compose are kernels")
    read_once = StandardInput()
    return [read_filters(text, "KERNEL", options.layout, read_once) for text in options.words]


def _applied(options: ApplyOptions) -> Applied:
    """The layers, applied. Raises SpecError."""
    from ..loading.applying import apply_layers
    from ..loading.matrices import read_matrix

    if len(options.words) != 2:
        message = "LAYERS and MATRIX are needed" if len(options.words) < 2 else "there is a word too many"
        raise fail("usage", message, 'as in archcalc apply "maxpool 2x2" "1 2 7 3;9 4 6 1"', "quote both")
    if options.at is not None and options.steps:
        raise fail("usage", "--at and --steps do not go together", "--steps writes every cell out")
    layers, text = options.words
    read_once = StandardInput()

    return apply_layers(
        layers,
        read_matrix(text, "MATRIX", options.layout, read_once),
        given_matrices(options.kernels, "--kernel", options.layout, read_once),
        given_matrices(options.biases, "--bias", options.layout, read_once),
        given_matrices(options.statistics, "--statistics", options.layout, read_once),
        flip=options.flip,
    )


def _steps(applied: Applied, options: ApplyOptions) -> list[list[CellStep]]:
    """The cells of each layer that are written out: all, the one that --at names, or the first. Raises
    SpecError."""
    from ..values.chosen_steps import first_steps, steps_at

    if options.steps:
        cells = sum(values.output.size for values in applied.values)
        if cells > MOST_STEPS:
            raise fail("limit", f"--steps would write {cells:,} cells out", "--at writes one")
        return [list(values.steps) for values in applied.values]
    if options.at is None:
        return first_steps(applied.values)
    last = applied.values[-1]
    return [*([] for _ in applied.values[:-1]), steps_at(last, _position(options.at, last.output))]


def _position(text: str, output: Any) -> tuple[int, ...]:
    """The cell that --at names, without its channel; of a vector the number of a value. Raises SpecError."""
    sizes = output.shape[:-1] or output.shape
    try:
        unit = tuple(int(part) for part in text.split(","))
    except ValueError:
        raise fail("argument", f"`--at {text}` is no position", "as in --at 1,2") from None
    if len(unit) == 2 and len(sizes) == 1 and unit[0] == 0:
        unit = unit[1:]
    if len(unit) != len(sizes):
        raise fail("argument", f"the result has {len(sizes)} axes, `--at {text}` {len(unit)}")
    if not all(0 <= at < n for at, n in zip(unit, sizes, strict=True)):
        shown = "x".join(map(str, sizes))
        raise fail("argument", f"`--at {text}` lies outside {shown}", "positions are counted from 0")
    return unit


def _answer(applied: Applied, steps: Sequence[Sequence[CellStep]], options: ApplyOptions) -> Answer:
    """What layers do."""
    from ..report.records.applying import apply_record

    def sheets(space: Space) -> list[Sheet]:
        from ..report.screens.apply import apply_sheets

        return apply_sheets(_views(applied, steps, options), options.flip)

    output = applied.values[-1].output
    answer = _numbers_answer(lambda: apply_record(applied, steps), output, applied.sequence, sheets, options)
    pictures = dict.fromkeys(PICTURES, lambda page: _picture(applied, steps, options))
    return answer._replace(special_formats={**answer.special_formats, **pictures})


def _composed_answer(made: Composition, options: ApplyOptions) -> Answer:
    """The kernel that others make. Raises SpecError."""
    from ..report.records.applying import composed_record

    if not made.single and (options.at is not None or options.steps):
        raise apart("kernels of several channels", "--at" if options.at is not None else "--steps")
    steps: list[list[list[CellStep]]]
    steps = [_steps(applied, options) if made.single else [[]] for applied in made.steps]

    def sheets(space: Space) -> list[Sheet]:
        from ..report.screens.linear_layers import channels_sheets, composed_sheets

        if not made.single:
            return channels_sheets(made)
        view = _views(made.steps[0], steps[0], options)[-1]
        return composed_sheets([kernels[0, :, :, 0] for kernels in made.kernels], view)

    numbers = made.output[0] if made.single else made.output
    return _numbers_answer(lambda: composed_record(made, steps), numbers, True, sheets, options)


def _picture(applied: Applied, steps: Sequence[Sequence[CellStep]], options: ApplyOptions) -> bytes:
    """The window of the last layer, or the window as it moves. Raises SpecError."""
    from ..report.pictures.moving_window import MOST_FRAMES, moving_drawing, moving_window, window_picture

    if options.format != "svg" and options.output is None and sys.stdout.isatty():
        raise fail(
            "usage", f"a {options.format.upper()} is not for the terminal", f"--output FILE.{options.format}"
        )
    view = _views(applied, steps, options)[-1]
    if options.format != "gif" and not options.animate:
        return window_picture(view, options.format)
    values = view.values
    units = [step[:-1] for step in _cells(values.output.shape)][: MOST_FRAMES + 1]
    channels = range(min(values.output.shape[-1], 4))
    frames = []
    for unit in units:
        shown = [values.steps.at((*unit, channel)) for channel in channels]
        frames.append(view._replace(unit=unit or None, steps=shown))
    return moving_drawing(frames) if options.format == "svg" else moving_window(frames)


def _cells(shape: tuple[int, ...]) -> list[tuple[int, ...]]:
    """The positions of an output, the first channel alone."""
    from itertools import islice, product

    return list(islice(product(*map(range, shape[:-1]), [0]), 1000))


def _matrix_answer(applied: Applied, options: ApplyOptions) -> Answer:
    """The last layer as a matrix. Raises SpecError."""
    from ..report.records.applying import apply_record, matrix_record
    from ..values.as_matrix import layer_matrix

    if len(applied.values) > 1:
        raise fail("usage", "--as-matrix is for one layer", "apply the layers one after the other")
    if options.at is not None or options.steps:
        raise apart("--as-matrix", "--at" if options.at is not None else "--steps")
    made = layer_matrix(applied.values[0])

    def sheets(space: Space) -> list[Sheet]:
        from ..report.screens.linear_layers import matrix_sheets

        return matrix_sheets(applied, made)

    def record() -> dict[str, Any]:
        return {**apply_record(applied, [[]]), **matrix_record(made)}

    return _numbers_answer(record, made.matrix, True, sheets, options)


def _numbers_answer(
    record: Callable[[], Any],
    numbers: Any,
    sequence: bool,
    sheets: Callable[[Space], list[Sheet]],
    options: ApplyOptions,
) -> Answer:
    """An answer whose table is a matrix: rows of numbers, without heads."""
    from ..report.records.applying import number_rows

    def table() -> FlatTable:
        first, *rest = number_rows(numbers, sequence)
        return first, iter(rest)

    def rows(between: str) -> Callable[[Page], Pieces]:
        return lambda page: [between.join(row) + "\n" for row in number_rows(numbers, sequence)]

    formats = {"csv": rows(","), "plain": rows("\t"), "npy": lambda page: _npy(numbers, options)}
    return Answer(record, table, sheets, formats)


def _views(applied: Applied, steps: Sequence[Sequence[CellStep]], options: ApplyOptions) -> list[LayerView]:
    from ..report.screens.apply import views

    return views(applied.values, steps, options.at is not None or options.steps, applied.sequence)


def _npy(output: Any, options: ApplyOptions) -> bytes:
    """The result as a file of numpy: whole numbers where all are, else floats. Raises SpecError."""
    import io

    import numpy as np

    from ..arrays.exact import floats, integers

    if options.output is None and sys.stdout.isatty():
        raise fail("usage", "a file of numpy is not for the terminal", "--output FILE.npy")
    whole = integers(output)
    numbers = floats(output) if whole is None or whole[1] > 1 else whole[0]
    if numbers.ndim == 3:
        numbers = numbers[:, :, 0] if numbers.shape[2] == 1 else numbers
        if numbers.ndim == 3 and options.layout == "chw":
            numbers = np.moveaxis(numbers, -1, 0)
    if numbers.ndim == 4:  # kernels, as PyTorch has them
        numbers = np.moveaxis(numbers, -1, 1)
    file = io.BytesIO()
    np.save(file, numbers, allow_pickle=False)
    return file.getvalue()
