"""`archcalc export`."""

from __future__ import annotations

import os
import sys

import click

from ..diagnostics import fail
from ..network import Network
from ..report.answer import Answer, Page, Pieces
from ..report.exports import USUAL, ExportFormat, ToolSettings, named, of_file, taking
from ..report.exports import names as export_formats
from ..report.formats import names
from .answer import report_diagnostics, reported, write, write_answer
from .completion import targets
from .help import Command
from .options import NetworkOptions, format_is_stated, network_options, output_option
from .target import load_network, one_target, remarks


class ExportOptions(NetworkOptions):
    """The words and options of `archcalc export`."""

    words: tuple[str, ...]
    to: str | None
    with_heads: bool
    weights: str | None
    batch: int | None
    opset: int | None


@click.command("export", cls=Command)
@click.argument("words", metavar="TARGET", nargs=-1, shell_complete=targets)
@network_options
@click.option(
    "--to",
    type=click.Choice(export_formats()),
    help=f"What it is written for.  [default: what the name of the file says, else {USUAL}]",
)
@click.option(
    "--with-heads", is_flag=True, help="Side heads too: forward returns a tuple, a file has more outputs."
)
@click.option(
    "--weights",
    type=click.Choice(["none", "random"]),
    help="ONNX: names and sizes alone, each tensor full of one number, or random values.  [default: none]",
)
@click.option(
    "--batch",
    type=click.IntRange(1, 2**31 - 1),
    metavar="N",
    help="Elements of a batch. ONNX: by default any number of them; graphs with figures: 1.",
)
@click.option(
    "--opset", type=click.IntRange(1), metavar="N", help="ONNX: the version of its operators.  [default: 21]"
)
@click.option(
    "--format",
    type=click.Choice(names()),
    default="table",
    show_default=False,
    help="How to write source: plain is the source as it is.  [default: plain]",
)
@output_option
@reported(ExportOptions)
def command(options: ExportOptions) -> int:
    """The network for another tool: PyTorch source, an ONNX file, a graph with figures.

    The source builds the network without archcalc: blocks become classes, repeats loops, labels
    attributes, and `python FILE` runs it once. In an ONNX file (`-o net.onnx`) tensors, weights and nodes
    have the names of the layers; Netron shows it and onnxruntime runs it. PyTorch is needed for
    neither; the file needs the onnx package. TensorBoard (`-o net.tfevents`) and Model Explorer show the
    graph by its blocks, with the figures of each layer.
    """
    (target,) = one_target(options.words)
    to = options.to or of_file(options.output)
    format = named(to)
    _refuse_unfit(to, format, options)
    network = load_network(target, options)
    settings = ToolSettings(options.with_heads, options.batch, options.weights, options.opset, options.layout)
    content = format.content(network.graph, settings)
    if format.source and isinstance(content, str):
        _write_source(network, to, content, options)
    else:
        write(content if isinstance(content, bytes) else [content], options.output)
    report_diagnostics(remarks(network, target, options.verbose), options.diagnostics_format)
    return 0


def _refuse_unfit(to: str, format: ExportFormat, options: ExportOptions) -> None:
    """Refuse options that are for another tool, a format of answers for what has one form, bytes where nobody
    could read them, and a name that the tool would not open. Raises SpecError."""
    for name in ("weights", "batch", "opset"):
        if getattr(options, name) is not None and name not in format.settings:
            takers = taking(name)
            help = f"-o net{named(takers[0]).suffixes[0]} writes {named(takers[0]).what}"
            raise fail("usage", f"--{name} is for --to {' or '.join(takers)}", help)
    if format.source:
        return
    if format_is_stated():
        raise fail("usage", f"--format is for source, and {format.what} has one form", "leave it out")
    example = f"--output FILE{format.suffixes[0]}"
    if options.output is None and format.inside != ".json" and sys.stdout.isatty():
        raise fail("usage", f"{format.what} is not for the terminal", example)
    if options.output is not None and format.inside not in os.path.basename(options.output).lower():
        message = f"--to {to} needs a file with `{format.inside}` in its name: the tool opens no other one"
        raise fail("usage", message, example)


def _write_source(network: Network, tool: str, source: str, options: ExportOptions) -> None:
    """Write source in any format of answers."""
    from ..report.records.networks import source_record
    from ..report.screens.export import export_sheets, export_table

    def text(page: Page) -> Pieces:
        return [source]

    answer = Answer(
        lambda: source_record(network.graph, tool, source),
        lambda: export_table(source),
        lambda space: export_sheets(network.graph, tool, source),
        {"plain": text, "table": text},
    )
    write_answer(answer, options)
