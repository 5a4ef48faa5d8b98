"""The options that commands share, and what does not go together."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TypeVar

import click
from click.core import ParameterSource

from ..amounts import BYTE_SIZES, DURATIONS
from ..analysis.totals import DTYPES
from ..diagnostics import SpecError, fail
from ..report.formats import named, names, of_suffix
from ..report.lines import MOST, NARROWEST
from .completion import counters, file_formats, layers

F = TypeVar("F", bound=Callable[..., object])

# What --batch takes: as large as any other number of the language.
BATCHES = click.IntRange(1, 10**12)
# Digits of a figure in bytes.
_LONGEST_FIGURE = 40


class Options:
    """The options of a call: an attribute for each option of its command. A command declares those that
    it has; what it has not keeps the value given here.

    format              that of the answer
    diagnostics_format  the one that somebody asked for by name; nothing is the screen
    """

    format: str = ""
    diagnostics_format: str = ""
    output: str | None = None
    verbose: bool = False

    def __init__(self, **given: object):
        self.__dict__.update(given)
        self.diagnostics_format = self.format or ""


class OutputOptions(Options):
    """How and where to write the answer.

    width    columns of the screen, where they were asked for
    columns  names of the columns of a table, where they were asked for
    """

    width: int | None = None
    columns: str | None = None


class NetworkOptions(OutputOptions):
    """Which network is meant."""

    inputs: tuple[str, ...] = ()
    tensors: tuple[str, ...] = ()
    train: bool = False
    settings: tuple[str, ...] = ()
    until: str | None = None
    freeze: str | None = None
    whole_norms: bool = False
    counter: str | None = None
    without_faults: bool = False
    budget: int | None = None
    layout: str = "hwc"
    file_format: str = ""


class CountedOptions(NetworkOptions):
    """For which batch it is counted, in which type of values."""

    batch: int = 1
    dtype: str = "fp32"


class FoldedOptions(NetworkOptions):
    """How far a network is opened on the screen."""

    depth: int | None = None
    all_layers: bool = False


# What several commands have, each with a place of its own in the help.
columns_option = click.option("--columns", metavar="NAMES", help="With --format plain or csv: the columns.")
layout_option = click.option(
    "--layout",
    type=click.Choice(["hwc", "chw"]),
    default="hwc",
    help="Order of the axes in shapes, read and printed.  [default: hwc]",
)


def input_option(help: str) -> Callable[[F], F]:
    """``--input``."""
    return click.option("--input", "inputs", multiple=True, metavar="HxWxC", help=help)


def module_options(function: F) -> F:
    """``--tensor`` and ``--train``, of targets that are PyTorch modules."""
    function = click.option("--train", is_flag=True, help="A PyTorch module in training mode.")(function)
    return click.option(
        "--tensor",
        "tensors",
        multiple=True,
        metavar="NAME=SIZES",
        help="An input of a PyTorch module exactly, batch included: ids=1x16:int64, or with values: "
        "lengths=4:int64=5,3,2,1.",
    )(function)


def set_option(help: str) -> Callable[[F], F]:
    """``--set``."""
    return click.option("--set", "settings", multiple=True, metavar="NAME=VALUE", help=help)


def budget_option(what: str = "network") -> Callable[[F], F]:
    """``--budget``."""
    help = f"The most layers a {what} may have.  [default: 50,000]"
    return click.option("--budget", type=click.IntRange(1, 10_000_000), metavar="N", help=help)


def counted_options(function: F) -> F:
    """``--batch`` and ``--dtype``."""
    dtypes = click.Choice(list(DTYPES))
    function = click.option("--dtype", type=dtypes, default="fp32", help="Type of the values.")(function)
    return click.option("--batch", type=BATCHES, default=1, metavar="N", help="Batch size.")(function)


def counter_options(function: F) -> F:
    """``--counter`` and ``--without-faults``."""
    function = click.option(
        "--without-faults", is_flag=True, help="With --counter: what the tool means to count."
    )(function)
    return click.option(
        "--counter",
        metavar="NAME",
        shell_complete=counters,
        help="Figures as another tool counts them: fvcore, ptflops, thop …, or a TOML file of one's own.",
    )(function)


def folding_options(help: str = "Every layer on a row of its own.") -> Callable[[F], F]:
    """``--depth`` and ``--all``."""

    def add(function: F) -> F:
        function = click.option("--all", "all_layers", is_flag=True, help=help)(function)
        depth = click.IntRange(1)
        return click.option("--depth", type=depth, metavar="N", help="How far blocks are opened.")(function)

    return add


def answer_options(*more: str) -> Callable[[F], F]:
    """``--format``, ``--output`` and ``--width``."""
    return lambda function: format_option(*more)(output_options(function))


def table_options(*more: str) -> Callable[[F], F]:
    """``--columns`` in front of these."""
    return lambda function: columns_option(answer_options(*more)(function))


def format_option(*more: str) -> Callable[[F], F]:
    """``--format``: the formats that there are, and those that only this command has. ARCHCALC_FORMAT
    sets it for good, for the commands that have it."""
    known = tuple(dict.fromkeys((*names(), *more)))

    def usual() -> str:
        form = os.environ.get("ARCHCALC_FORMAT") or "table"
        if form not in known:
            raise fail(
                "usage", f"ARCHCALC_FORMAT is `{form}`, which is no format", f"there are {', '.join(known)}"
            )
        return form

    return click.option(
        "--format",
        type=click.Choice(known),
        default=usual,
        show_default=False,
        help="How to write the answer; ARCHCALC_FORMAT sets it for good.  [default: table]",
    )


def format_of(asked: str, output: str | None) -> str:
    """The format of a command that is running: the one asked for, or else the one that the name of
    the file asks for, if the command writes that."""
    suffix = os.path.splitext(output or "")[1].lower()
    if not suffix or format_is_stated():
        return asked
    context = click.get_current_context()
    option = next((param for param in context.command.params if param.name == "format"), None)
    known = getattr(option and option.type, "choices", ())
    meant = of_suffix(suffix) or suffix[1:]  # a picture's suffix is the name of its format
    return meant if meant in known else asked


def format_is_stated() -> bool:
    """Whether the call that is running says its ``--format``."""
    return click.get_current_context().get_parameter_source("format") is ParameterSource.COMMANDLINE


def output_options(function: F) -> F:
    """``--output`` and ``--width``."""
    return output_option(width_option("by default those of COLUMNS, of the terminal, or 80")(function))


def width_option(usual: str) -> Callable[[F], F]:
    """``--width``. ``usual`` says how many columns there are without it."""
    return click.option(
        "--width", type=click.IntRange(NARROWEST, MOST), metavar="N", help=f"Columns of the screen; {usual}."
    )


def path_option(kinds: str) -> Callable[[F], F]:
    """``--output`` of a command that writes a file or a folder. ``kinds`` says which of them when."""
    return click.option(
        "--output",
        "-o",
        metavar="PATH",
        type=click.Path(),
        callback=standard_output,
        help=f"Write to {kinds}: the whole of it or nothing; - is standard output.",
    )


def output_path(context: click.Context, parameter: click.Parameter, path: str | None) -> str | None:
    """A file's name; None for ``-``, which is standard output. Raises SpecError for what cannot be
    the name of a file."""
    path = standard_output(context, parameter, path)
    if path is not None:
        no_folder(path)
    return path


def standard_output(context: click.Context, parameter: click.Parameter, path: str | None) -> str | None:
    """A path; None for ``-``, which is standard output."""
    return None if path == "-" else path


def no_folder(path: str) -> None:
    """Refuse what cannot be the name of a file. Raises SpecError."""
    if not path or path.endswith(("/", os.sep)):
        raise fail("usage", f"`--output {path}` is no name of a file")


def output_option(function: F) -> F:
    """``--output`` alone."""
    return click.option(
        "--output",
        "-o",
        metavar="FILE",
        type=click.Path(dir_okay=False),
        callback=output_path,
        help="Write to a file: the whole of it or nothing; its suffix may say the format; - is "
        "standard output.",
    )(function)


def _run_ops(context: click.Context, parameter: click.Parameter, paths: tuple[str, ...]) -> None:
    """Run the files of ``--ops``, but not for somebody who only asks what can follow on the line."""
    if paths and not context.resilient_parsing:
        from ..loading.own_ops import load_ops

        for path in paths:
            load_ops(path)


def ops_option(function: F) -> F:
    """``--ops``."""
    return click.option(
        "--ops",
        multiple=True,
        metavar="FILE.py",
        callback=_run_ops,
        expose_value=False,
        help="Layers of your own: a Python file that defines them; it is run.",
    )(function)


def from_option(function: F) -> F:
    """``--from``."""
    return click.option(
        "--from",
        "file_format",
        metavar="FORMAT",
        default="",
        shell_complete=file_formats,
        help="The format of a file whose name and content do not tell it: keras, onnx, tflite, darknet, "
        "caffe, source, torch; arch is our own.",
    )(function)


def network_options(function: F) -> F:
    """The options that say which network is meant."""
    options = [
        input_option("Another input size; NAME=HxWxC where there are several inputs."),
        module_options,
        set_option("Another value for a parameter, as in classes=10."),
        click.option(
            "--until",
            metavar="LAYER",
            shell_complete=layers,
            help="Only up to and including this layer or label.",
        ),
        click.option(
            "--freeze",
            metavar="LAYER",
            shell_complete=layers,
            help="Hold the parameters up to and including this layer fixed.",
        ),
        click.option(
            "--whole-norms",
            is_flag=True,
            help="Receptive fields: group and instance norm read the whole map.",
        ),
        from_option,
        budget_option(),
        layout_option,
        click.option("-v", "--verbose", is_flag=True, help="Say more: notes, all published figures."),
    ]
    for option in reversed([*options, ops_option]):
        function = option(function)
    return function


def size(text: str) -> int:
    """Bytes of a size: ``24GiB``, ``1.5 GB``, ``4096B``; not 24G, which may mean either of two.
    Raises SpecError."""
    text = text.strip()
    if sum(map(str.isdigit, text)) > _LONGEST_FIGURE:
        raise fail("limit", "a size in bytes with too many digits", "as in 24GiB or 24GB")
    amount = BYTE_SIZES.read(text)
    if amount is None or not amount.scale:
        message = f"`{text}` is no size in bytes"
        bare = text.replace("_", "").replace(",", "")
        figure, unit = bare[:-1].strip(), bare[-1:].upper()
        if unit in ("K", "M", "G", "T") and BYTE_SIZES.read(figure) is not None:
            message = f"`{text}` has two readings: {figure}{unit}iB, powers of 1024, or {figure}{unit}B"
        raise fail("argument", message, "as in 24GiB or 24GB")
    return int(amount.number * BYTE_SIZES.scales[amount.scale])


def duration(text: str) -> int:
    """Picoseconds of a duration: ``4.2ms``, ``850 us``, ``1.5s``. Raises SpecError."""
    text = text.strip()
    if sum(map(str.isdigit, text)) > _LONGEST_FIGURE:
        raise fail("limit", "a duration with too many digits", "as in 4.2ms")
    amount = DURATIONS.read(text.replace("µ", "u").replace("μ", "u"))
    if amount is None or not amount.scale or amount.number <= 0:
        raise fail("argument", f"`{text}` is no duration", "as in 4.2ms, 850us or 1.5s")
    return max(int(amount.number * DURATIONS.scales[amount.scale]), 1)


def apart(one: str, other: str, *help: str) -> SpecError:
    """The error for two options of which one leaves no place for the other."""
    return fail("usage", f"{one} and {other} do not go together", *help)


def not_in_format(option: str, options: Options, *help: str, because: str = "") -> SpecError:
    """The error for an option that has no meaning in the format asked for."""
    return fail("usage", f"{option} does not go with --format {options.format}{because}", *help)


def first_given(**options: object) -> str | None:
    """The first of some options that was given, as it is typed."""
    given = (name for name, value in options.items() if value not in (None, False, ()))
    return next((f"--{name.replace('_', '-')}" for name in given), None)


def no_columns(options: OutputOptions) -> None:
    """Refuse ``--columns`` where the format has none to choose. Raises SpecError."""
    if options.columns is not None and not has_columns(options.format):
        able = [name for name in names() if has_columns(name)]
        help = f"--format {' and '.join(sorted(able, reverse=True))} have columns to choose"
        raise not_in_format("--columns", options, help)


def has_columns(form: str) -> bool:
    """Whether a format writes flat tables, of which columns can be chosen."""
    return form in names() and named(form).columns


def writes_sheets(form: str) -> bool:
    """Whether a format writes what is on a screen."""
    return form in names() and named(form).sheets


def one_depth(options: FoldedOptions) -> None:
    """Refuse ``--depth`` beside ``--all``. Raises SpecError."""
    if options.all_layers and options.depth is not None:
        raise apart("--all", "--depth", "--all shows every layer, --depth folds blocks")
